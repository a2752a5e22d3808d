//! The effective policies of accounts that they cannot tell apart, and what they say, remembered. See [`super`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::actions::ACCOUNT;
use super::answer::{Answer, Standing};
use super::ground::Ground;
use super::kind::Guardrail;
use super::levels::{Misplaced, OWN_LEVEL};
use super::protection::Protection;
use super::tree::Path;
use super::{read, write};
use crate::model::Gaps;
use crate::policy::{
    Arn, Callers, ExemptionKind, Guardrails as Evaluator, Hierarchy, Level, Memory, Organization, Question,
    Target, Verdict,
};

type Answers = HashMap<String, HashMap<String, Arc<Answer>>>;

/// The most resources of which answers are remembered at a time. What many accounts have in common is few; where each calls its
/// log groups otherwise, answers that nobody asks for again would come to gigabytes.
const REMEMBERED: usize = 512;

/// The effective policies of a group of accounts that they cannot tell apart, with the answers so far.
#[derive(Debug)]
pub struct Effective {
    /// Stands for all accounts of the group.
    account: String,
    service_control: Option<Hierarchy>,
    resource_control: Option<Hierarchy>,
    gaps: BTreeMap<String, Gaps>,
    organization_path: Option<String>,
    /// By resource, with the account's number blanked out, and by action.
    answers: RwLock<Answers>,
    /// What answers have in common.
    memory: Mutex<Memory>,
    /// What is asked of every account alike, by guardrail.
    pub(super) universal: RwLock<HashMap<Guardrail, Arc<Protection>>>,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// Principals of the account itself.
    OfAccount,
    /// Principals of other accounts, whom resource control policies and the resource's own policy alone bind.
    Outsider,
}

/// The policy of a resource itself: its denies count besides those of the guardrails.
#[derive(Debug)]
pub(super) struct OwnPolicy {
    pub(super) level: Level,
    /// Why it could not be read.
    pub(super) unread: Option<Gaps>,
    /// Resources of which it is not known what they come to.
    pub(super) misplaced: Vec<Misplaced>,
}

impl OwnPolicy {
    fn gaps(&self) -> impl Iterator<Item = (String, Gaps)> {
        let unread = self.unread.clone().map(|unread| (self.level.id.clone(), unread));
        unread.into_iter().chain(self.misplaced.iter().cloned())
    }
}

impl Effective {
    pub(super) fn new(path: &Path, account: &str) -> Self {
        let mut gaps = path.gaps.clone();
        if let Some(own) = gaps.remove(OWN_LEVEL) {
            gaps.insert(account.to_owned(), own);
        }
        let of_account = |hierarchy: &Option<Hierarchy>| {
            let mut hierarchy = hierarchy.clone();
            if let Some(level) = hierarchy.as_mut().and_then(|hierarchy| hierarchy.levels.last_mut()) {
                account.clone_into(&mut level.id);
            }
            hierarchy
        };
        Self {
            account: account.to_owned(),
            service_control: of_account(&path.service_control),
            resource_control: of_account(&path.resource_control),
            gaps,
            organization_path: path.in_organization.clone(),
            answers: RwLock::default(),
            memory: Mutex::default(),
            universal: RwLock::default(),
        }
    }

    /// The account that stands for all of the group.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The service control policies, the root's first, the account's last; `None` where the type is not enabled.
    pub fn service_control(&self) -> Option<&Hierarchy> {
        self.service_control.as_ref()
    }

    /// The resource control policies in the same way.
    pub fn resource_control(&self) -> Option<&Hierarchy> {
        self.resource_control.as_ref()
    }

    /// The path of the group's accounts in the organization, where all of it is known.
    pub fn organization_path(&self) -> Option<&str> {
        self.organization_path.as_deref()
    }

    /// The answer for every account of the group; `canonical` is the resource with the account's number blanked out.
    pub(super) fn answer(&self, ground: &Ground, action: &str, canonical: &str) -> Arc<Answer> {
        if let Some(known) = read(&self.answers).get(canonical).and_then(|actions| actions.get(action)) {
            return Arc::clone(known);
        }
        let resource = canonical.replace(ACCOUNT, &self.account);
        let answer = Arc::new(self.evaluate(ground, Caller::OfAccount, action, &resource, None));
        let mut answers = write(&self.answers);
        if answers.len() >= REMEMBERED && !answers.contains_key(canonical) {
            answers.clear();
        }
        let of_resource = answers.entry(canonical.to_owned()).or_default();
        Arc::clone(of_resource.entry(action.to_owned()).or_insert(answer))
    }

    /// Resource control policies bind resources of their own account; an ARN without an account is taken as such.
    pub fn owns(&self, resource: &str) -> bool {
        let owner = Arn::parse(resource).map(|resource| resource.account_id);
        owner.is_none_or(|owner| owner.is_empty() || owner == self.account)
    }

    /// Evaluates anew.
    pub(super) fn evaluate(
        &self,
        ground: &Ground,
        caller: Caller,
        action: &str,
        resource: &str,
        own_policy: Option<&OwnPolicy>,
    ) -> Answer {
        let inside = caller == Caller::OfAccount;
        let mut gaps = self.gaps.clone();
        if let Some(policy) = own_policy {
            gaps.extend(policy.gaps());
        }
        let evaluator = Evaluator {
            organization: ground.organization().clone(),
            service_control: self.service_control.as_ref().filter(|_| inside),
            resource_control: self.resource_control.as_ref().filter(|_| self.owns(resource)),
            resource_policy: own_policy.map(|policy| &policy.level),
            resource_account: self.owns(resource).then(|| self.account.clone()),
            resource_controlled: ground.resource_controlled(),
        };
        let callers = Callers {
            account: inside.then(|| self.account.clone()),
            organization_path: self.organization_path.clone().filter(|_| inside),
            partition: ground.partition().to_owned(),
            facts: Vec::new(),
        };
        // Threads that ask at once would each work out the same.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        prove(ground, &evaluator, &callers, (action, resource), &gaps, &mut memory)
    }
}

/// What the resource's own policy alone denies, where no guardrail binds.
pub(super) fn by_own_policy(
    ground: &Ground,
    account: &str,
    caller: Caller,
    action: &str,
    resource: &str,
    own_policy: &OwnPolicy,
) -> Answer {
    let gaps = own_policy.gaps().collect();
    let evaluator = Evaluator {
        // Nobody is exempt from the policy of a resource.
        organization: Organization { management_account: None, ..ground.organization().clone() },
        service_control: None,
        resource_control: None,
        resource_policy: Some(&own_policy.level),
        resource_account: Some(account.to_owned()),
        resource_controlled: ground.resource_controlled(),
    };
    let callers = Callers {
        account: (caller == Caller::OfAccount).then(|| account.to_owned()),
        organization_path: None,
        partition: ground.partition().to_owned(),
        facts: Vec::new(),
    };
    prove(ground, &evaluator, &callers, (action, resource), &gaps, &mut Memory::default())
}

fn prove(
    ground: &Ground,
    evaluator: &Evaluator<'_>,
    callers: &Callers,
    (action, resource): (&str, &str),
    gaps: &BTreeMap<String, Gaps>,
    memory: &mut Memory,
) -> Answer {
    ground.count_evaluation();
    let target = if resource == "*" { Target::no_resource() } else { Target::resources(resource) };
    let question = Question { callers, action, resource: &target, designated: ground.designated() };
    let mut answer = Answer::of(ground, evaluator.prove_with(&question, memory), gaps);
    if let (
        Ok(Standing::Exempting { kind: ExemptionKind::SelfService, .. }),
        Verdict::DeniedExcept { exemption },
    ) = (&answer.standing, &answer.proof.verdict)
    {
        answer.how = evaluator.steps(&question, exemption, memory);
    }
    answer
}
