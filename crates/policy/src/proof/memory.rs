//! What proofs have in common: whether names and tags can be had is the same for every action that is asked about of the
//! same callers under the same policies, and is worked out once for all of them. See [`super::goals`].

use std::collections::HashMap;

use super::goals::State;
use super::{Callers, Question};
use crate::exemption::Exemption;
use crate::glob::Glob;
use crate::hierarchy::{Guardrails, Hierarchy, Organization};

/// What was worked out for questions before. Answers are the same with it as without.
#[derive(Debug, Default)]
pub struct Memory {
    known: Vec<(Subject, Known)>,
}

/// Whom and what it is about, policies with all that they say: what is kept where others were is not taken for them.
#[derive(Debug)]
pub(super) struct Subject {
    callers: Callers,
    designated: Vec<Glob>,
    organization: Organization,
    resource_controlled: Vec<String>,
    service_control: Option<Hierarchy>,
    resource_control: Option<Hierarchy>,
}

impl Subject {
    fn of(guardrails: &Guardrails<'_>, question: &Question<'_>) -> Self {
        Self {
            callers: question.callers.clone(),
            designated: question.designated.to_vec(),
            organization: guardrails.organization.clone(),
            resource_controlled: guardrails.resource_controlled.to_vec(),
            service_control: guardrails.service_control.cloned(),
            resource_control: guardrails.resource_control.cloned(),
        }
    }

    fn is(&self, guardrails: &Guardrails<'_>, question: &Question<'_>) -> bool {
        self.callers == *question.callers
            && self.designated == question.designated
            && self.organization == guardrails.organization
            && self.resource_controlled == guardrails.resource_controlled
            && self.service_control.as_ref() == guardrails.service_control
            && self.resource_control.as_ref() == guardrails.resource_control
    }
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Of goals, where what is not known is easy to have.
    pub(super) easiest: State,
    /// Of goals, where it is hard to have.
    pub(super) hardest: State,
    /// How actions on roles and users are open, by action and name.
    pub(super) open: HashMap<(String, String), Option<Open>>,
}

/// How an action is open to the account's administrators.
#[derive(Debug, Clone)]
pub(super) enum Open {
    ToAll,
    If(Exemption),
}

impl Memory {
    /// Takes out what is known of the question's callers under these policies.
    pub(super) fn take(&mut self, guardrails: &Guardrails<'_>, question: &Question<'_>) -> (Subject, Known) {
        match self.known.iter().position(|(subject, _)| subject.is(guardrails, question)) {
            Some(place) => self.known.swap_remove(place),
            None => (Subject::of(guardrails, question), Known::default()),
        }
    }

    /// How many statements were looked at for all of it.
    #[cfg(test)]
    pub(super) fn work(&self) -> usize {
        self.known.iter().map(|(_, known)| known.easiest.work() + known.hardest.work()).sum()
    }

    /// Puts it back.
    pub(super) fn put(&mut self, known: (Subject, Known)) {
        self.known.push(known);
    }
}
