//! Answers: what policies say of one action on one resource, as far as they could be read. See [`super`].

use std::collections::BTreeMap;

use super::ground::Ground;
use super::statements;
use crate::facts::derived::join;
use crate::facts::view::Derived;
use crate::model::{Gap, GapPlace, GapReason, Gaps};
use crate::policy::{
    DefaultCaller, ExemptionAtom, ExemptionKind, Proof, Requirement, Unbound, Verdict, reference,
};

/// How far an action is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// To everyone whom guardrails bind.
    Denied,
    /// To everyone but those who meet the exemption; whoever has no special role, tag or factor is denied. Protection
    /// only where that is not self-service.
    Exempting {
        /// Who gets through.
        exemption: String,
        /// How that can be had.
        kind: ExemptionKind,
    },
    /// An ordinary caller gets through.
    Open {
        /// Who does, where not all do.
        exemption: Option<String>,
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
            Self::Exempting { kind, .. } => *kind > ExemptionKind::SelfService,
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
                unbound: Some(Unbound::ManagementAccount),
                decided_by: Vec::new(),
                levels: Vec::new(),
            },
            standing: Ok(Standing::Open { exemption: None }),
            exemptions: Ok(()),
            denied_by: Vec::new(),
            how: Vec::new(),
        }
    }

    /// Whether statements may exempt somebody from denying this on some of the resources.
    pub(super) fn may_exempt(&self) -> bool {
        match &self.proof.verdict {
            Verdict::NotDenied => false,
            Verdict::DeniedExcept { exemption } => exemption.atoms().iter().any(|atom| !is_ordinary(atom)),
            Verdict::DeniedForAll { .. } | Verdict::Unknown { .. } => true,
        }
    }

    /// Whether statements may exempt others than designated roles from denying this on some of the resources.
    pub(super) fn may_exempt_others(&self) -> bool {
        match &self.proof.verdict {
            Verdict::NotDenied | Verdict::DeniedForAll { .. } => false,
            Verdict::DeniedExcept { exemption } => exemption
                .atoms()
                .iter()
                .any(|atom| !is_ordinary(atom) && atom.kind < ExemptionKind::Designated),
            Verdict::Unknown { .. } => true,
        }
    }

    pub(super) fn of(ground: &Ground, proof: Proof, gaps: &BTreeMap<String, Gaps>) -> Self {
        let denied = proof.default_caller == DefaultCaller::Denied;
        let mut exemptions = Ok(());
        let standing = match &proof.verdict {
            Verdict::DeniedForAll { .. } => Ok(Standing::Denied),
            Verdict::NotDenied => Ok(Standing::Open { exemption: None }),
            Verdict::DeniedExcept { exemption } if denied => {
                Ok(Standing::Exempting { exemption: exemption.to_string(), kind: exemption.kind() })
            }
            Verdict::DeniedExcept { exemption } => {
                let plain = |atoms: Vec<&ExemptionAtom>| atoms.into_iter().all(is_ordinary);
                // Where every ordinary request passes, further ways are not worth telling.
                let telling = !plain(exemption.atoms()) && !exemption.default_way().is_some_and(plain);
                Ok(Standing::Open { exemption: telling.then(|| exemption.to_string()) })
            }
            // What was read denies already; the rest can only deny more. Whether it closes an easy way is not known.
            Verdict::Unknown { at_most: Some(exemption), .. }
                if denied && exemption.kind() > ExemptionKind::SelfService =>
            {
                let kind = exemption.kind();
                if kind < ExemptionKind::Designated {
                    exemptions = Err(unknown(&proof, gaps));
                }
                match kind {
                    ExemptionKind::Unattainable => Ok(Standing::Denied),
                    kind => Ok(Standing::Exempting { exemption: exemption.to_string(), kind }),
                }
            }
            Verdict::Unknown { .. } => {
                exemptions = Err(unknown(&proof, gaps));
                Err(unknown(&proof, gaps))
            }
        };
        let denied_by = match &standing {
            Ok(standing) if standing.denies() => statements::denied_by(ground, &proof),
            _ => Vec::new(),
        };
        Self { proof, standing, exemptions, denied_by, how: Vec::new() }
    }
}

/// Every ordinary request meets it: a statement about other resources says nothing of this one, and requests use TLS.
fn is_ordinary(atom: &ExemptionAtom) -> bool {
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
pub(super) fn unknown_binding() -> Gap {
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
pub(super) fn undecidable() -> Gap {
    Gap::new(
        place("all of them together"),
        GapReason::Undecided,
        "the policies are too intricate, or exempt too many roles, users and tags, to be decided for every caller",
    )
}
