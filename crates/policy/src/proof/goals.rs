//! What would have to be obtained first, and whether it can be had: names of roles and users, and tags. See
//! [`super::attainability`].
//!
//! For each goal the guardrails leave certain ways, which may need other goals in turn. What can be had is the least
//! fixpoint: at first nothing is, and a goal is had once one of its ways needs only what is had already. So a role that
//! only itself may create is no way to itself, however long the chain. The ways of a goal are worked out once, by
//! [`super::ways`]. Since that asks for goals in turn, it comes in as a function, and this file knows none of its callers.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::noted::Noted;
use super::{Callers, Question};
use crate::exemption::{Exemption, ExemptionKind, Passes, Requirement};
use crate::glob::Glob;
use crate::hierarchy::Guardrails;
use crate::truth::Truth;
use crate::undecided::Undecided;

/// Statements that are looked at for all goals of one question; what lies beyond them is not known. An organization may
/// have thousands of exempt roles before that.
pub(super) const WORK_LIMIT: usize = 2_000_000;

/// What a way takes, all of it.
pub(super) type Way = Vec<Arc<Passes>>;

/// What it takes to meet a requirement: the easiest of these ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Means {
    /// How hard the easiest way is that depends on nothing else.
    pub(super) known: Option<ExemptionKind>,
    /// What could be obtained instead.
    pub(super) goals: Vec<usize>,
}

impl Means {
    /// One way, that depends on nothing else.
    pub(super) fn of(kind: ExemptionKind) -> Self {
        Self { known: Some(kind), goals: Vec::new() }
    }

    /// Another way, that depends on nothing else.
    pub(super) fn add(&mut self, kind: ExemptionKind) {
        self.known = Some(self.known.map_or(kind, |known| known.min(kind)));
    }
}

/// Something that an account's administrators may be able to give themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// To act as a role of this ARN, or of this pattern.
    Role(String),
    /// To act as such a user.
    User(String),
    /// To act as a role or user that is there already, whichever it is.
    Existing {
        /// A role, and no user.
        role: bool,
    },
    /// To have a tag.
    Tag {
        /// Its key.
        tag: String,
        /// Its values as the policy has them.
        texts: Vec<String>,
        /// What they describe; `None` if that depends on other keys.
        values: Option<Vec<Glob>>,
    },
}

impl Goal {
    fn name(&self) -> String {
        match self {
            Self::Role(arn) | Self::User(arn) => arn.clone(),
            Self::Existing { role } => if *role { "a role" } else { "a user" }.to_owned(),
            Self::Tag { tag, texts, .. } => format!("tag {} {}", tag.to_lowercase(), texts.join("|")),
        }
    }
}

/// Works out the ways to a goal, each as if all goals were had.
pub(super) type FindWays = fn(&Goals<'_>, &Goal) -> Vec<Way>;

/// The goals of one question.
pub(super) struct Goals<'a> {
    pub(super) guardrails: Guardrails<'a>,
    pub(super) callers: &'a Callers,
    pub(super) designated: &'a [Glob],
    state: RefCell<State>,
    /// Ways are being worked out: each goal then counts as had, and what an atom needs is noted.
    collecting: Cell<bool>,
    work: Cell<usize>,
    limit: usize,
    /// How hard what lies beyond the limit is taken to be.
    beyond: ExemptionKind,
    /// Works out the ways to a goal.
    find_ways: FindWays,
    /// What came up of the question, and of what is being worked out for it.
    noted: RefCell<Vec<Noted>>,
}

/// What was worked out of goals: it is the same for all questions of the same callers under the same policies.
#[derive(Debug, Default)]
pub(super) struct State {
    numbers: BTreeMap<String, usize>,
    /// Goals whose ways are not worked out yet.
    waiting: Vec<(usize, Goal)>,
    /// The ways to each goal, as if all goals were had; one suffices.
    ways: Vec<Vec<Way>>,
    had: Vec<bool>,
    /// What came up while the ways to each goal were worked out.
    noted: Vec<Noted>,
    /// Statements that were looked at for all of this.
    work: usize,
    /// What a requirement needs, where that is goals.
    needs: BTreeMap<Requirement, Means>,
    /// By the statements that speak of an action, and how far.
    shared: HashMap<Vec<(usize, Truth)>, Found>,
}

/// What passes, and what came up meanwhile.
type Found = (Arc<Passes>, Arc<Noted>);

impl<'a> Goals<'a> {
    pub(super) fn new(
        guardrails: &Guardrails<'a>,
        question: &Question<'a>,
        limit: usize,
        beyond: ExemptionKind,
        find_ways: FindWays,
        known: State,
    ) -> Self {
        Self {
            // Policies of the resource at hand have no say about roles.
            guardrails: Guardrails { resource_policy: None, resource_account: None, ..guardrails.clone() },
            callers: question.callers,
            designated: question.designated,
            state: RefCell::new(known),
            collecting: Cell::new(false),
            work: Cell::new(0),
            limit,
            beyond,
            find_ways,
            noted: RefCell::new(vec![Noted::default()]),
        }
    }

    /// What is known of the goals now.
    pub(super) fn into_known(self) -> State {
        self.state.into_inner()
    }

    /// How hard it is taken to be to meet what the policies alone do not settle.
    pub(super) fn undecided(&self, why: Undecided) -> ExemptionKind {
        self.note(|noted| noted.undecided.extend([why]));
        self.beyond
    }

    fn note(&self, note: impl FnOnce(&mut Noted)) {
        if let Some(noted) = self.noted.borrow_mut().last_mut() {
            note(noted);
        }
    }

    /// What came up of the question so far, and of all goals that it led to.
    pub(super) fn noted_so_far(&self) -> (Vec<Undecided>, bool) {
        Noted::all(&self.noted.borrow(), &self.state.borrow().noted)
    }

    /// Works something out, and gives what came up meanwhile besides.
    fn noting<T>(&self, find: impl FnOnce() -> T) -> (T, Noted) {
        self.noted.borrow_mut().push(Noted::default());
        let found = find();
        (found, self.noted.borrow_mut().pop().unwrap_or_default())
    }

    pub(super) fn organization_id(&self) -> Option<&str> {
        self.guardrails.organization.id.as_deref()
    }

    /// So many more statements were looked at.
    pub(super) fn spend(&self, statements: usize) {
        self.work.set(self.work.get() + statements);
        self.state.borrow_mut().work += statements;
    }

    /// What an action asks about which these statements speak in this way, worked out once.
    pub(super) fn shared(&self, about: Vec<(usize, Truth)>, find: impl FnOnce() -> Passes) -> Arc<Passes> {
        let known = self.state.borrow().shared.get(&about).cloned();
        let (passes, noted) = known.unwrap_or_else(|| {
            let (passes, noted) = self.noting(find);
            let found = (Arc::new(passes), Arc::new(noted));
            self.state.borrow_mut().shared.insert(about, found.clone());
            found
        });
        self.note(|so_far| so_far.parts.push(noted));
        passes
    }

    /// The number of a goal; what it is taken for where there is more to look at than is looked at.
    pub(super) fn number(&self, goal: Goal) -> Result<usize, ExemptionKind> {
        if self.work.get() > self.limit {
            self.note(|noted| noted.is_cut = true);
            return Err(self.beyond);
        }
        let number = self.state.borrow_mut().number(goal);
        self.note(|noted| noted.goals.extend([number]));
        Ok(number)
    }

    /// How hard the easiest of the means is.
    pub(super) fn kind(&self, requirement: &Requirement, means: &Means) -> ExemptionKind {
        if means.goals.is_empty() {
            return means.known.unwrap_or(ExemptionKind::SelfService);
        }
        if self.collecting.get() {
            self.state.borrow_mut().needs.insert(requirement.clone(), means.clone());
            return ExemptionKind::SelfService;
        }
        self.settle();
        let state = self.state.borrow();
        let had = means.goals.iter().any(|goal| state.had.get(*goal) != Some(&false));
        let of_goals = if had { ExemptionKind::SelfService } else { ExemptionKind::External };
        means.known.map_or(of_goals, |known| known.min(of_goals))
    }

    /// Works out the ways to all goals, and which of them can be had.
    fn settle(&self) {
        let mut is_new = false;
        self.collecting.set(true);
        loop {
            let next = self.state.borrow_mut().waiting.pop();
            let Some((number, goal)) = next else { break };
            is_new = true;
            let (ways, noted) = self.noting(|| (self.find_ways)(self, &goal));
            self.state.borrow_mut().keep(number, ways, noted);
        }
        self.collecting.set(false);
        if is_new {
            self.state.borrow_mut().find_had();
        }
    }
}

impl State {
    /// How many statements were looked at.
    #[cfg(test)]
    pub(super) fn work(&self) -> usize {
        self.work
    }

    fn number(&mut self, goal: Goal) -> usize {
        let name = goal.name();
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = self.had.len();
        self.numbers.insert(name, number);
        self.had.push(false);
        self.ways.push(Vec::new());
        self.noted.push(Noted::default());
        self.waiting.push((number, goal));
        number
    }

    fn keep(&mut self, goal: usize, ways: Vec<Way>, noted: Noted) {
        if let (Some(place), Some(note)) = (self.ways.get_mut(goal), self.noted.get_mut(goal)) {
            (*place, *note) = (ways, noted);
        }
    }

    /// The least fixpoint.
    fn find_had(&mut self) {
        loop {
            let found: Vec<usize> = self
                .ways
                .iter()
                .enumerate()
                .filter(|(goal, ways)| {
                    self.had.get(*goal) == Some(&false)
                        && ways.iter().any(|way| way.iter().all(|part| self.is_open(part)))
                })
                .map(|(goal, _)| goal)
                .collect();
            if found.is_empty() {
                return;
            }
            for goal in found {
                if let Some(had) = self.had.get_mut(goal) {
                    *had = true;
                }
            }
        }
    }

    fn is_open(&self, way: &Passes) -> bool {
        match way {
            Passes::Always => true,
            Passes::If(exemption) => self.is_met(exemption),
            Passes::Never => false,
        }
    }

    /// Whether the administrators can meet it with what they can have so far.
    fn is_met(&self, exemption: &Exemption) -> bool {
        match exemption {
            Exemption::Any(ways) => ways.iter().any(|way| self.is_met(way)),
            Exemption::All(parts) => parts.iter().all(|part| self.is_met(part)),
            Exemption::Atom(atom) => match self.needs.get(&atom.requirement) {
                Some(means) => {
                    means.known == Some(ExemptionKind::SelfService)
                        || means.goals.iter().any(|goal| self.had.get(*goal) == Some(&true))
                }
                None => atom.kind == ExemptionKind::SelfService,
            },
        }
    }
}
