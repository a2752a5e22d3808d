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

/// Whom and what it is about. Policies are told apart by where they are kept: a memory goes with the guardrails that it is
/// used with, and outlives none of their hierarchies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subject {
    callers: Callers,
    designated: Vec<Glob>,
    organization: Organization,
    resource_controlled: Vec<String>,
    service_control: Option<usize>,
    resource_control: Option<usize>,
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
        let address = |hierarchy: Option<&Hierarchy>| hierarchy.map(|it| std::ptr::from_ref(it).addr());
        let subject = Subject {
            callers: question.callers.clone(),
            designated: question.designated.to_vec(),
            organization: guardrails.organization.clone(),
            resource_controlled: guardrails.resource_controlled.to_vec(),
            service_control: address(guardrails.service_control),
            resource_control: address(guardrails.resource_control),
        };
        match self.known.iter().position(|(known, _)| *known == subject) {
            Some(place) => self.known.swap_remove(place),
            None => (subject, Known::default()),
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
