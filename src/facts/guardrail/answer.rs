//! Answers: what one account's effective policies say of one action on one resource. See [`super`].

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, RwLock};

use super::account::Protection;
use super::attached::Misplaced;
use super::tree::Path;
use super::{Guardrail, Guardrails, read, words, write};
use crate::facts::derived::join;
use crate::facts::view::Derived;
use crate::model::{Gap, GapPlace, GapReason, Gaps};
use crate::policy::{
    Callers, DefaultCaller, EscapeAtom, EscapeKind, Exemption, Guardrails as Evaluator, Hierarchy, Level,
    Organization, Proof, Question, Requirement, Target, Verdict, reference,
};

/// How far an action is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// To everyone whom guardrails bind.
    Denied,
    /// To everyone but those who meet the escape; whoever has no special role, tag or factor is denied. Protection
    /// only where that is not self-service.
    Exempting {
        /// Who gets through.
        escape: String,
        /// How that can be had.
        kind: EscapeKind,
    },
    /// An ordinary caller gets through.
    Open {
        /// Who does, where not all do.
        escape: Option<String>,
    },
}

impl Standing {
    /// An ordinary caller is denied.
    pub fn denies(&self) -> bool {
        matches!(self, Self::Denied | Self::Exempting { .. })
    }

    /// It counts as protection: whoever gets through needs more than the account's own administrators can arrange.
    pub fn protects(&self) -> bool {
        match self {
            Self::Denied => true,
            Self::Exempting { kind, .. } => *kind > EscapeKind::SelfService,
            Self::Open { .. } => false,
        }
    }
}

/// What guardrails say of an action on a resource.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The walk through the levels.
    pub proof: Proof,
    /// What follows from it; unknown where an unread level may decide.
    pub standing: Derived<Standing>,
    /// Who is exempt, where that alone is not known because of an unread level.
    pub exemptions: Derived<()>,
    /// The statements that deny, in words.
    pub denied_by: Vec<String>,
    /// How whoever administers the account gets through, step by step, where that is self-service.
    pub how: Vec<String>,
}

impl Answer {
    /// Where no guardrail binds.
    pub(super) fn unbound() -> Self {
        Self {
            proof: Proof {
                verdict: Verdict::NotDenied,
                default_caller: DefaultCaller::Allowed,
                exemption: Some(Exemption::ManagementAccount),
                decided_by: Vec::new(),
                levels: Vec::new(),
            },
            standing: Ok(Standing::Open { escape: None }),
            exemptions: Ok(()),
            denied_by: Vec::new(),
            how: Vec::new(),
        }
    }

    /// Whether statements may exempt somebody from denying this on some of the resources.
    pub(super) fn may_exempt(&self) -> bool {
        match &self.proof.verdict {
            Verdict::NotDenied => false,
            Verdict::DeniedExcept { escape } => escape.atoms().iter().any(|atom| !is_ordinary(atom)),
            Verdict::DeniedForAll { .. } | Verdict::Unknown { .. } => true,
        }
    }

    /// Whether statements may exempt others than designated roles from denying this on some of the resources.
    pub(super) fn may_exempt_others(&self) -> bool {
        match &self.proof.verdict {
            Verdict::NotDenied | Verdict::DeniedForAll { .. } => false,
            Verdict::DeniedExcept { escape } => {
                escape.atoms().iter().any(|atom| !is_ordinary(atom) && atom.kind < EscapeKind::Designated)
            }
            Verdict::Unknown { .. } => true,
        }
    }

    pub(super) fn of(guardrails: &Guardrails, proof: Proof, gaps: &BTreeMap<String, Gaps>) -> Self {
        let denied = proof.default_caller == DefaultCaller::Denied;
        let mut exemptions = Ok(());
        let standing = match &proof.verdict {
            Verdict::DeniedForAll { .. } => Ok(Standing::Denied),
            Verdict::NotDenied => Ok(Standing::Open { escape: None }),
            Verdict::DeniedExcept { escape } if denied => {
                Ok(Standing::Exempting { escape: escape.to_string(), kind: escape.kind() })
            }
            Verdict::DeniedExcept { escape } => {
                let plain = |atoms: Vec<&EscapeAtom>| atoms.into_iter().all(is_ordinary);
                // Where every ordinary request passes, further ways are not worth telling.
                let telling = !plain(escape.atoms()) && !escape.default_way().is_some_and(plain);
                Ok(Standing::Open { escape: telling.then(|| escape.to_string()) })
            }
            // What was read denies already; the rest can only deny more. Whether it closes an easy way is not known.
            Verdict::Unknown { at_most: Some(escape), .. }
                if denied && escape.kind() > EscapeKind::SelfService =>
            {
                let kind = escape.kind();
                if kind < EscapeKind::Designated {
                    exemptions = Err(unknown(&proof, gaps));
                }
                match kind {
                    EscapeKind::Unattainable => Ok(Standing::Denied),
                    kind => Ok(Standing::Exempting { escape: escape.to_string(), kind }),
                }
            }
            Verdict::Unknown { .. } => {
                exemptions = Err(unknown(&proof, gaps));
                Err(unknown(&proof, gaps))
            }
        };
        let denied_by = match &standing {
            Ok(standing) if standing.denies() => words::denied_by(guardrails, &proof),
            _ => Vec::new(),
        };
        Self { proof, standing, exemptions, denied_by, how: Vec::new() }
    }
}

/// Every ordinary request meets it: a statement about other resources says nothing of this one, and requests use TLS.
fn is_ordinary(atom: &EscapeAtom) -> bool {
    match &atom.requirement {
        Requirement::Resource { .. } => true,
        Requirement::Condition { key, .. } => key.eq_ignore_ascii_case("aws:SecureTransport"),
        Requirement::Principal { .. } => false,
    }
}

/// Why the levels are unknown, or what resources of policies come to. Where the evaluation itself gave up, that is the gap.
fn unknown(proof: &Proof, gaps: &BTreeMap<String, Gaps>) -> Gaps {
    let mut all = None;
    let (undecided, unfinished) = match &proof.verdict {
        Verdict::Unknown { misplaced, undecided, unfinished, .. } => {
            let undecided = undecided.iter().map(ToString::to_string);
            (misplaced.iter().cloned().chain(undecided).collect(), *unfinished)
        }
        _ => (Vec::new(), false),
    };
    let levels = &proof.levels;
    if unfinished {
        join(&mut all, &undecidable().id.into());
    }
    let unread = levels.iter().filter(|level| level.unread);
    unread.filter_map(|level| gaps.get(&level.level)).for_each(|gaps| join(&mut all, gaps));
    undecided.iter().filter_map(|text| gaps.get(text)).for_each(|gaps| join(&mut all, gaps));
    if levels.iter().any(|level| level.binding_unknown) {
        join(&mut all, &unknown_binding().id.into());
    }
    all.unwrap_or_else(|| undecidable().id.into())
}

/// The gap of a service that AWS has added after the list of those that resource control policies bind.
fn unknown_binding() -> Gap {
    let why = format!(
        "whether resource control policies bind the action is not known: its service is in neither list of {} (then \
         `resource_controlled_services` of the configuration says that they do), or it is asked on no resource, and AWS \
         does not say that they bind such",
        reference::date_of_resource_control()
    );
    Gap::new(place("resource control policies"), GapReason::Undecided, &why)
}

fn place(policies: &str) -> GapPlace<'_> {
    let resource = Some(policies);
    GapPlace { service: "organizations", operation: "DescribePolicy", resource, ..GapPlace::default() }
}

/// The gap of policies that are too intricate to decide, or that exempt more names and tags than are followed.
fn undecidable() -> Gap {
    Gap::new(
        place("all of them together"),
        GapReason::Undecided,
        "the policies are too intricate, or exempt too many roles, users and tags, to be decided for every caller",
    )
}

/// What evaluating guardrails itself leaves unknown, of no policy in particular. Nothing may name them.
pub fn own_gaps() -> [Gap; 3] {
    [unknown_binding(), undecidable(), super::resources::unseen_policies()]
}

type Answers = HashMap<String, HashMap<String, Arc<Answer>>>;

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
    pub(super) fn answer(&self, guardrails: &Guardrails, action: &str, canonical: &str) -> Arc<Answer> {
        if let Some(known) = read(&self.answers).get(canonical).and_then(|actions| actions.get(action)) {
            return Arc::clone(known);
        }
        let resource = canonical.replace(ACCOUNT, &self.account);
        let answer = Arc::new(self.evaluate(guardrails, Caller::OfAccount, action, &resource, None));
        let mut answers = write(&self.answers);
        let of_resource = answers.entry(canonical.to_owned()).or_default();
        Arc::clone(of_resource.entry(action.to_owned()).or_insert(answer))
    }

    /// Resource control policies bind resources of their own account; an ARN without an account is taken as such.
    pub fn owns(&self, resource: &str) -> bool {
        let owner = resource.split(':').nth(4);
        owner.is_none_or(|owner| owner.is_empty() || owner == self.account)
    }

    /// Evaluates anew.
    pub(super) fn evaluate(
        &self,
        guardrails: &Guardrails,
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
            organization: guardrails.organization.clone(),
            service_control: self.service_control.as_ref().filter(|_| inside),
            resource_control: self.resource_control.as_ref().filter(|_| self.owns(resource)),
            resource_policy: own_policy.map(|policy| &policy.level),
            resource_account: self.owns(resource).then(|| self.account.clone()),
            resource_controlled: &guardrails.resource_controlled,
        };
        let callers = Callers {
            account: inside.then(|| self.account.clone()),
            organization_path: self.organization_path.clone().filter(|_| inside),
            partition: guardrails.partition.clone(),
            facts: Vec::new(),
        };
        prove(guardrails, &evaluator, &callers, action, resource, &gaps)
    }
}

/// What the resource's own policy alone denies, where no guardrail binds.
pub(super) fn by_own_policy(
    guardrails: &Guardrails,
    account: &str,
    caller: Caller,
    action: &str,
    resource: &str,
    own_policy: &OwnPolicy,
) -> Answer {
    let gaps = own_policy.gaps().collect();
    let evaluator = Evaluator {
        // Nobody is exempt from the policy of a resource.
        organization: Organization { management_account: None, ..guardrails.organization.clone() },
        service_control: None,
        resource_control: None,
        resource_policy: Some(&own_policy.level),
        resource_account: Some(account.to_owned()),
        resource_controlled: &guardrails.resource_controlled,
    };
    let callers = Callers {
        account: (caller == Caller::OfAccount).then(|| account.to_owned()),
        organization_path: None,
        partition: guardrails.partition.clone(),
        facts: Vec::new(),
    };
    prove(guardrails, &evaluator, &callers, action, resource, &gaps)
}

fn prove(
    guardrails: &Guardrails,
    evaluator: &Evaluator<'_>,
    callers: &Callers,
    action: &str,
    resource: &str,
    gaps: &BTreeMap<String, Gaps>,
) -> Answer {
    guardrails.evaluations.fetch_add(1, Ordering::Relaxed);
    let target = if resource == "*" { Target::no_resource() } else { Target::resources(resource) };
    let question = Question { callers, action, resource: &target, designated: &guardrails.designated };
    let mut answer = Answer::of(guardrails, evaluator.prove(&question), gaps);
    if let (Ok(Standing::Exempting { kind: EscapeKind::SelfService, .. }), Verdict::DeniedExcept { escape }) =
        (&answer.standing, &answer.proof.verdict)
    {
        answer.how = evaluator.steps(&question, escape);
    }
    answer
}

/// What stands for the account's number in a canonical resource.
pub(super) const ACCOUNT: &str = "{account}";

/// The id of an account's own level in a path that many accounts share.
pub(super) const OWN_LEVEL: &str = "";
