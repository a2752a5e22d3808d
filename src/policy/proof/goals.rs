//! What would have to be obtained first, and whether it can be: names of roles and users, and tags. See
//! [`super::obtaining`].
//!
//! For each goal the guardrails leave certain ways, which may need other goals in turn. What can be had is the least
//! fixpoint: at first nothing is, and a goal is had once one of its ways needs only what is had already. So a role that
//! only itself may create is no way to itself, however long the chain. The ways of a goal are worked out once; goals
//! about which the same statements speak in the same way share them, so that the work grows with the number of goals
//! and of statements, not with their chains.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::obtaining::{Means, Obtaining};
use super::{Callers, Question};
use crate::policy::context::ContextValue;
use crate::policy::escape::{Escape, EscapeKind, Passes, Requirement};
use crate::policy::glob::{Glob, Language};
use crate::policy::hierarchy::Guardrails;
use crate::policy::request::Target;
use crate::policy::truth::Truth;
use crate::policy::undecided::Undecided;

/// Statements that are looked at for all goals of one question; what lies beyond them is not known. An organization may
/// have thousands of exempt roles before that.
pub(super) const WORK_LIMIT: usize = 2_000_000;

/// Giving any of these to a role lets one act as it.
pub(super) const ROLE_ACTIONS: &[&str] = &["iam:CreateRole", "iam:UpdateAssumeRolePolicy"];

/// Any of these lets one act as a user.
pub(super) const USER_ACTIONS: &[&str] = &[
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    RENAME_USER,
];

/// Gives a user another name or path, and is asked on the old ARN and on the new one ("`UpdateUser`", IAM API Reference,
/// read 2026-11-28). Roles keep their names.
pub(super) const RENAME_USER: &str = "iam:UpdateUser";

/// What a way takes, all of it.
type Way = Vec<Rc<Passes>>;

/// Giving any of these lets one act as a role that is there already, and as a user.
const CHANGE_ROLE: &[&str] = &["iam:UpdateAssumeRolePolicy"];
const CHANGE_USER: &[&str] = &["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

/// Giving a tag to a role or user, or passing it with a session of a role or of a federated user.
const TAG_ACTIONS: &[(&str, &str)] =
    &[("iam:TagRole", ANY_ROLE), ("iam:TagUser", "user/*"), ("sts:TagSession", ANY_ROLE), OF_FEDERATED_USERS];

/// What a user asks for a session under another name.
const OF_FEDERATED_USERS: (&str, &str) = ("sts:TagSession", "user/*");

/// The roles of an account.
pub(super) const ANY_ROLE: &str = "role/*";

/// Whoever a role trusts acts as it by one of these.
const ASSUME_ACTIONS: &[&str] =
    &["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// How the tags begin that services pass to sessions by themselves, with values that administrators choose: IAM Roles
/// Anywhere those of a certificate, EKS Pod Identity those of a pod (IAM Roles Anywhere User Guide, "Trust model"; Amazon EKS
/// User Guide, "Grant Pods access to AWS resources based on tags", read 2026-11-29). Resource control policies that keep
/// others out spare services as a rule.
const SERVICE_TAGS: [&str; 5] = ["eks-cluster-", "kubernetes-", "x509issuer/", "x509san/", "x509subject/"];

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

/// The goals of one question.
pub(super) struct Goals<'a> {
    guardrails: Guardrails<'a>,
    callers: &'a Callers,
    designated: &'a [Glob],
    state: RefCell<State>,
    /// Ways are being worked out: each goal then counts as had, and what an atom needs is noted.
    collecting: Cell<bool>,
    work: Cell<usize>,
    limit: usize,
    /// How hard what lies beyond the limit is taken to be.
    beyond: EscapeKind,
    cut: Cell<bool>,
    /// What the policies alone do not settle.
    undecided: RefCell<BTreeSet<Undecided>>,
}

#[derive(Default)]
struct State {
    numbers: BTreeMap<String, usize>,
    /// Goals whose ways are not worked out yet.
    waiting: Vec<(usize, Goal)>,
    /// The ways to each goal, as if all goals were had; one suffices.
    ways: Vec<Vec<Way>>,
    had: Vec<bool>,
    /// What a requirement needs, where that is goals.
    needs: BTreeMap<Requirement, Means>,
    /// By the statements that speak of an action, and how far.
    shared: HashMap<Vec<(usize, Truth)>, Rc<Passes>>,
}

impl<'a> Goals<'a> {
    pub(super) fn new(
        guardrails: &Guardrails<'a>,
        question: &Question<'a>,
        limit: usize,
        beyond: EscapeKind,
    ) -> Self {
        Self {
            // Policies of the resource at hand have no say about roles.
            guardrails: Guardrails { resource_policy: None, resource_account: None, ..guardrails.clone() },
            callers: question.callers,
            designated: question.designated,
            state: RefCell::default(),
            collecting: Cell::new(false),
            work: Cell::new(0),
            limit,
            beyond,
            cut: Cell::new(false),
            undecided: RefCell::default(),
        }
    }

    /// How hard it is taken to be to meet what the policies alone do not settle.
    pub(super) fn undecided(&self, why: Undecided) -> EscapeKind {
        self.undecided.borrow_mut().insert(why);
        self.beyond
    }

    /// What they did not settle so far.
    pub(super) fn undecided_so_far(&self) -> Vec<Undecided> {
        self.undecided.borrow().iter().cloned().collect()
    }

    /// Something lies beyond the limit.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    pub(super) fn organization_id(&self) -> Option<&str> {
        self.guardrails.organization.id.as_deref()
    }

    /// The number of a goal; what it is taken for where there is more to look at than is looked at.
    pub(super) fn number(&self, goal: Goal) -> Result<usize, EscapeKind> {
        if self.work.get() > self.limit {
            self.cut.set(true);
            return Err(self.beyond);
        }
        let mut state = self.state.borrow_mut();
        let name = goal.name();
        if let Some(number) = state.numbers.get(&name) {
            return Ok(*number);
        }
        let number = state.had.len();
        state.numbers.insert(name, number);
        state.had.push(false);
        state.ways.push(Vec::new());
        state.waiting.push((number, goal));
        Ok(number)
    }

    /// How hard the easiest of the means is.
    pub(super) fn kind(&self, requirement: &Requirement, means: &Means) -> EscapeKind {
        if means.goals.is_empty() {
            return means.known.unwrap_or(EscapeKind::SelfService);
        }
        if self.collecting.get() {
            self.state.borrow_mut().needs.insert(requirement.clone(), means.clone());
            return EscapeKind::SelfService;
        }
        self.settle();
        let state = self.state.borrow();
        let had = means.goals.iter().any(|goal| state.had.get(*goal) != Some(&false));
        let of_goals = if had { EscapeKind::SelfService } else { EscapeKind::External };
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
            let ways = self.ways(&goal);
            if let Some(place) = self.state.borrow_mut().ways.get_mut(number) {
                *place = ways;
            }
        }
        self.collecting.set(false);
        if is_new {
            self.state.borrow_mut().find_had();
        }
    }

    fn ways(&self, goal: &Goal) -> Vec<Way> {
        let callers = self.callers;
        let account = callers.account.as_deref().unwrap_or_default();
        match goal {
            Goal::Role(arn) | Goal::User(arn) => {
                let actions = if matches!(goal, Goal::Role(_)) { ROLE_ACTIONS } else { USER_ACTIONS };
                let target = Target::resources(arn);
                let way = |action: &&str| {
                    let mut way = vec![self.way(action, &target, callers)];
                    if *action == RENAME_USER {
                        let any = format!("arn:{}:iam::{account}:user/*", callers.partition);
                        way.push(self.way(action, &Target::resources(&any), callers));
                    }
                    way
                };
                actions.iter().map(way).collect()
            }
            Goal::Existing { role } => {
                let (actions, kind) = if *role { (CHANGE_ROLE, "role") } else { (CHANGE_USER, "user") };
                let target = Target::resources(&format!("arn:{}:iam::{account}:{kind}/*", callers.partition));
                actions.iter().map(|action| vec![self.way(action, &target, callers)]).collect()
            }
            Goal::Tag { tag, values, .. } => {
                let wanted = match values {
                    Some(values) => ContextValue::Like(Language::any_of(values.clone())),
                    None => ContextValue::Unknown,
                };
                // Alone, and together with a tag that no policy names.
                let keys = [vec![tag.clone()], vec![tag.clone(), "\u{0}".to_owned()]];
                let tagging = keys.map(|keys| {
                    let mut tagging = callers.clone();
                    tagging.facts.push((format!("aws:RequestTag/{tag}"), wanted.clone()));
                    tagging.facts.push(("aws:TagKeys".to_owned(), ContextValue::Known(keys)));
                    tagging
                });
                let target = |resource: &str| {
                    Target::resources(&format!("arn:{}:iam::{account}:{resource}", callers.partition))
                };
                let asked = TAG_ACTIONS.iter().flat_map(|asked| tagging.iter().map(move |by| (asked, by)));
                let way = |((action, on), by): (&(&str, &str), &Callers)| {
                    let mut way = vec![self.way(action, &target(on), by)];
                    if (*action, *on) == OF_FEDERATED_USERS {
                        way.push(self.way("sts:GetFederationToken", &target(on), by));
                    }
                    way
                };
                let mut ways: Vec<Way> = asked.map(way).collect();
                if tagging.iter().any(|tagging| self.outsiders_may_tag(tag, tagging)) {
                    let roles = target(ANY_ROLE);
                    ways.extend(ROLE_ACTIONS.iter().map(|action| vec![self.way(action, &roles, callers)]));
                }
                ways
            }
        }
    }

    /// Whether an outsider may pass the tag to a session of a role of the account that trusts it: a principal of an account
    /// elsewhere, or whoever an identity provider vouches for. Service control policies do not bind them, resource control
    /// policies do, which are asked about `sts:TagSession` on the role, too ("Permissions required to add session tags" in
    /// "Pass session tags in AWS STS", IAM User Guide, read 2026-11-29).
    fn outsiders_may_tag(&self, tag: &str, tagging: &Callers) -> bool {
        let folded = tag.to_ascii_lowercase();
        if SERVICE_TAGS.iter().any(|prefix| folded.starts_with(prefix)) {
            return true;
        }
        let account = tagging.account.as_deref().unwrap_or_default();
        let roles = Target::resources(&format!("arn:{}:iam::{account}:{ANY_ROLE}", tagging.partition));
        let outsiders = Callers { account: None, organization_path: None, ..tagging.clone() };
        let guardrails = Guardrails { service_control: None, ..self.guardrails.clone() };
        let looked_at: usize = guardrails.documents().map(|document| document.statements.len()).sum();
        let is_open = |action: &&str| {
            self.work.set(self.work.get() + looked_at);
            let question =
                Question { callers: &outsiders, action, resource: &roles, designated: self.designated };
            let (passes, unread) = guardrails.passes_or_unread(&question, Obtaining::new(&question, self));
            let open = passes.kind().is_none_or(|kind| kind == EscapeKind::SelfService);
            if open && unread {
                let kind = self.undecided(Undecided::SessionTag { tag: tag.to_owned() });
                return kind == EscapeKind::SelfService;
            }
            open
        };
        is_open(&"sts:TagSession") && ASSUME_ACTIONS.iter().any(is_open)
    }

    /// What the guardrails ask of the action.
    fn way(&self, action: &str, target: &Target, callers: &Callers) -> Rc<Passes> {
        let question = Question { callers, action, resource: target, designated: self.designated };
        let signature = self.guardrails.signature(&question);
        self.work.set(self.work.get() + signature.work);
        if let Some(known) = self.state.borrow().shared.get(&signature.about).filter(|_| !signature.of_tags) {
            return Rc::clone(known);
        }
        let asked = Obtaining::new(&question, self);
        let passes = Rc::new(self.guardrails.passes(&question, asked));
        if !signature.of_tags {
            self.state.borrow_mut().shared.insert(signature.about, Rc::clone(&passes));
        }
        passes
    }
}

impl State {
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
            Passes::If(escape) => self.is_met(escape),
            Passes::Never => false,
        }
    }

    /// Whether the administrators can meet it with what they can have so far.
    fn is_met(&self, escape: &Escape) -> bool {
        match escape {
            Escape::Any(ways) => ways.iter().any(|way| self.is_met(way)),
            Escape::All(parts) => parts.iter().all(|part| self.is_met(part)),
            Escape::Atom(atom) => match self.needs.get(&atom.requirement) {
                Some(means) => {
                    means.known == Some(EscapeKind::SelfService)
                        || means.goals.iter().any(|goal| self.had.get(*goal) == Some(&true))
                }
                None => atom.kind == EscapeKind::SelfService,
            },
        }
    }
}
