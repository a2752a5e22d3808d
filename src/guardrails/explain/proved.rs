//! What is proved of one resource, in the shape of the JSON. See [`super`].

use serde::Serialize;
use serde_json::Value;

use super::Asked;
use crate::facts::Facts;
use crate::facts::guardrail::{Answer, Binding, Standing, own_gaps};
use crate::model::{GapId, Gaps, Observed};
use crate::policy::{
    Callers, DefaultCaller, Effect, ExemptionKind, Guardrails, LevelProof, Passes, Question, StatementProof,
    Target, Verdict,
};

/// What is proved about one resource.
#[derive(Debug, Serialize)]
pub(super) struct ResourceProof {
    /// An ARN, a pattern of ARNs, or `*`.
    pub(super) resource: String,
    /// `denied`, `denied_except`, `not_denied` or `unknown`.
    pub(super) verdict: ProvedVerdict,
    /// Who gets through where not all do.
    pub(super) exemption: Option<String>,
    /// How that can be had.
    pub(super) exemption_kind: Option<&'static str>,
    /// The steps by which administrators of the account come by a self-service exemption, the easiest way.
    pub(super) exemption_steps: Vec<String>,
    /// Exempt roles that nobody in the account may make or change, but that `iam:PassRole` may pass to a service.
    pub(super) passable_roles: Vec<String>,
    /// `denied` or `allowed`; of a fresh role without tags and MFA, from a public address.
    pub(super) default_caller: &'static str,
    /// Why the default caller passes, where not everybody does; null where it is denied or nothing special is needed.
    pub(super) default_caller_passes: Option<String>,
    /// Identities of the gaps that keep the verdict from being known.
    pub(super) gaps: Vec<String>,
    /// What these gaps say, for people.
    #[serde(skip)]
    pub(super) why: Vec<String>,
    /// The levels, the root first.
    pub(super) levels: Vec<ProvedLevel>,
    /// The smallest statement of a service control policy that closes what is open.
    pub(super) closing_statement: Option<Value>,
}

/// What holds of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProvedVerdict {
    NotDenied,
    Unknown,
    DeniedExcept,
    Denied,
}

/// What a level says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ProvedLevel {
    /// `SCP` or `RCP`.
    pub(super) policy_type: String,
    pub(super) level: String,
    pub(super) name: String,
    /// Not all of its policies could be read.
    pub(super) unread: bool,
    /// Whether it binds the action's service is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) binding_unknown: bool,
    pub(super) statements: Vec<ProvedStatement>,
    #[serde(flatten)]
    pub(super) passes: ProvedPasses,
}

/// What a statement says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ProvedStatement {
    pub(super) policy: String,
    pub(super) policy_name: String,
    pub(super) statement: usize,
    pub(super) sid: Option<String>,
    /// `allow` or `deny`.
    pub(super) effect: &'static str,
    #[serde(flatten)]
    pub(super) passes: ProvedPasses,
}

/// Which requests get through.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ProvedPasses {
    /// `always`, `if` or `never`.
    pub(super) passes: &'static str,
    /// What must be met.
    pub(super) condition: Option<String>,
}

/// Asks the evaluator for what the answer does not hold.
fn ask<T>(
    facts: &Facts,
    account: &str,
    action: &str,
    resource: &str,
    ask: impl Fn(&Guardrails<'_>, &Question<'_>) -> Option<T>,
) -> Option<T> {
    let Ok(Binding::Member(set)) = facts.guardrails.binding(account) else { return None };
    let callers = Callers {
        organization_path: set.organization_path().map(str::to_owned),
        partition: facts.guardrails.ground().partition().to_owned(),
        ..Callers::of_account(set.account())
    };
    let guardrails = Guardrails {
        organization: facts.guardrails.ground().organization().clone(),
        service_control: set.service_control(),
        resource_control: set.resource_control().filter(|_| set.owns(resource)),
        resource_account: Some(set.account().to_owned()),
        resource_controlled: facts.guardrails.ground().resource_controlled(),
        ..Guardrails::default()
    };
    let resource = match resource {
        "*" => Target::no_resource(),
        resource => Target::resources(&resource.replace(account, set.account())),
    };
    let designated = facts.guardrails.ground().designated();
    ask(&guardrails, &Question { callers: &callers, action, resource: &resource, designated })
}

/// The smallest statement that closes it, which the evaluator has proved.
fn closing(facts: &Facts, account: &str, action: &str, resource: &str) -> Option<Value> {
    let Ok(Binding::Member(set)) = facts.guardrails.binding(account) else { return None };
    let closing =
        |guardrails: &Guardrails<'_>, question: &Question<'_>| guardrails.closing_statement(question);
    let statement = ask(facts, account, action, resource, closing)?;
    // The evaluator was asked about the account that stands for this one.
    serde_json::from_str(&statement.to_string().replace(set.account(), account)).ok()
}

/// What gaps say.
fn reasons(facts: &Facts, gaps: &[GapId]) -> Vec<String> {
    let own = own_gaps();
    let reason = |id: &GapId| {
        let gap = facts.index.gaps.iter().chain(&own).find(|gap| gap.id == *id);
        gap.map_or_else(|| id.to_string(), |gap| format!("{} ({id})", gap.detail))
    };
    gaps.iter().map(reason).collect()
}

/// Why the default caller passes.
fn by_default(answer: &Answer) -> Option<String> {
    let (Verdict::DeniedExcept { exemption } | Verdict::Unknown { at_most: Some(exemption), .. }) =
        &answer.proof.verdict
    else {
        return None;
    };
    if answer.proof.default_caller != DefaultCaller::Allowed {
        return None;
    }
    let Some(way) = exemption.default_way() else {
        return Some("whether it meets what is asked cannot be told".to_owned());
    };
    let parts: Vec<String> = way.into_iter().map(|atom| atom.requirement.to_string()).collect();
    Some(parts.join(" and "))
}

impl ResourceProof {
    /// Proves it.
    pub(super) fn of(facts: &Facts, account: &str, action: &str, asked: &Asked) -> Self {
        let answer = &asked.answer;
        let (verdict, exemption, kind) = match &answer.standing {
            Ok(Standing::Denied) => (ProvedVerdict::Denied, None, None),
            Ok(Standing::Exempting { exemption, kind }) => {
                let verdict = match kind {
                    ExemptionKind::Unattainable => ProvedVerdict::Denied,
                    _ => ProvedVerdict::DeniedExcept,
                };
                (verdict, Some(exemption.clone()), Some(kind.name()))
            }
            Ok(Standing::Open { exemption }) => (ProvedVerdict::NotDenied, exemption.clone(), None),
            Err(_) => (ProvedVerdict::Unknown, None, None),
        };
        let gaps = answer.standing.as_ref().err().map_or(&[][..], Gaps::as_slice);
        let passable_roles = match &answer.proof.verdict {
            Verdict::DeniedExcept { exemption: exempt } if kind.is_some() => {
                let passable = |guardrails: &Guardrails<'_>, question: &Question<'_>| {
                    Some(guardrails.passable_roles(question, exempt))
                };
                ask(facts, account, action, &asked.resource, passable).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Self {
            resource: asked.resource.clone(),
            verdict,
            exemption,
            exemption_kind: kind,
            exemption_steps: answer.how.clone(),
            passable_roles,
            default_caller_passes: by_default(answer),
            default_caller: match answer.proof.default_caller {
                DefaultCaller::Denied => "denied",
                DefaultCaller::Allowed => "allowed",
                DefaultCaller::Unknown => "unknown",
            },
            gaps: gaps.iter().map(ToString::to_string).collect(),
            why: reasons(facts, gaps),
            levels: answer.proof.levels.iter().map(|level| ProvedLevel::of(facts, account, level)).collect(),
            closing_statement: (!answer.standing.as_ref().is_ok_and(Standing::protects)
                && verdict != ProvedVerdict::Unknown)
                .then(|| closing(facts, account, action, &asked.resource))
                .flatten(),
        }
    }

    /// The same proof, but for the resource.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let parts =
            |proof: &Self| (proof.verdict, proof.exemption.clone(), proof.gaps.clone(), proof.default_caller);
        parts(self) == parts(other)
            && self.levels == other.levels
            && self.closing_statement.is_none()
            && other.closing_statement.is_none()
    }

    /// Nothing can be said.
    pub(super) fn unknown(facts: &Facts, resource: &str, gaps: &Gaps) -> Self {
        Self {
            resource: resource.to_owned(),
            verdict: ProvedVerdict::Unknown,
            exemption: None,
            exemption_kind: None,
            exemption_steps: Vec::new(),
            passable_roles: Vec::new(),
            default_caller: "unknown",
            default_caller_passes: None,
            gaps: gaps.as_slice().iter().map(ToString::to_string).collect(),
            why: reasons(facts, gaps.as_slice()),
            levels: Vec::new(),
            closing_statement: None,
        }
    }
}

impl ProvedLevel {
    fn of(facts: &Facts, account: &str, level: &LevelProof) -> Self {
        // The last level is that of the account that stands for all with the same policies.
        let is_account = level.level.len() == 12 && level.level.bytes().all(|byte| byte.is_ascii_digit());
        let id = if is_account { account } else { &level.level };
        let name = if is_account {
            account_name(facts, account).unwrap_or(account).to_owned()
        } else if id.starts_with("r-") {
            "Root".to_owned()
        } else {
            facts.guardrails.ground().name(id).to_owned()
        };
        Self {
            policy_type: level.kind.to_string(),
            level: id.to_owned(),
            name,
            unread: level.unread,
            binding_unknown: level.binding_unknown,
            statements: level
                .statements
                .iter()
                .map(|statement| ProvedStatement::of(facts, statement))
                .collect(),
            passes: ProvedPasses::of(&level.passes),
        }
    }
}

fn account_name<'a>(facts: &'a Facts, account: &str) -> Option<&'a str> {
    let Observed::Known(organization) = &facts.index.header.organization else { return None };
    let accounts = organization.accounts.list().ok()?;
    accounts.iter().find(|listed| listed.id == account).map(|listed| listed.name.as_str())
}

impl ProvedStatement {
    fn of(facts: &Facts, statement: &StatementProof) -> Self {
        Self {
            policy: statement.policy.clone(),
            policy_name: facts.guardrails.ground().name(&statement.policy).to_owned(),
            statement: statement.statement.number,
            sid: statement.statement.sid.clone(),
            effect: match statement.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            },
            passes: ProvedPasses::of(&statement.passes),
        }
    }
}

impl ProvedPasses {
    fn of(passes: &Passes) -> Self {
        let (passes, condition) = match passes {
            Passes::Always => ("always", None),
            Passes::If(exemption) => ("if", Some(exemption.to_string())),
            Passes::Never => ("never", None),
        };
        Self { passes, condition }
    }
}
