//! Answers a case by the evaluator of [`crate::policy`].

use std::fmt;

use serde::Serialize;

use super::super::named_action;
use super::case::{Case, CaseLevel};
use super::case_error::CaseError;
use super::fields::is_account_id;
use super::refusal::{empty_exemptions, is_about_unknown_binding, misplaced, unsettled};
use crate::policy::{
    Arn, AttachedPolicy, Callers, Context, ContextValue, Deciding, DefaultCaller, Guardrails, Hierarchy,
    Level, Organization, Outcome, PolicyKind, Principal, Question, Request, Target, Unbound, Verdict,
};

/// What a case comes to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    effective: &'static str,
    decided_by: Vec<Decider>,
    #[serde(flatten)]
    proof: Option<StaticAnswer>,
    /// Why the policies do not bind the principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// What decides. A level that allows nothing decides as a whole.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decider {
    level: String,
    policy: Option<Place>,
    statement: Option<Place>,
    /// Named where it is a resource control policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_type: Option<&'static str>,
}

/// A name, or a place in the case's array, from 0.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Place {
    Name(String),
    Index(usize),
}

/// What holds of every caller of the account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StaticAnswer {
    #[serde(rename = "static")]
    verdict: &'static str,
    exemption: Option<String>,
    exemption_kind: Option<&'static str>,
    /// Why it is not known how hard the exemption is to have, or why what looks like an exemption is none.
    #[serde(skip)]
    note: Option<String>,
    default_caller: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(formatter, "{name:?}"),
            Self::Index(index) => write!(formatter, "[{index}]"),
        }
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(statement) = &self.statement {
            write!(formatter, "statement {statement} of ")?;
        }
        if let Some(policy) = &self.policy {
            write!(formatter, "policy {policy} at ")?;
        }
        write!(formatter, "level {:?}", self.level)
    }
}

impl Case {
    /// The answer; with `prove` also what holds of every caller. `resource_controlled` are the prefixes of services that
    /// resource control policies bind besides those of AWS's list.
    pub(super) fn answer(&self, prove: bool, resource_controlled: &[String]) -> Result<Answer, CaseError> {
        let (service_control, resource_control) =
            (self.hierarchy.as_deref().map(hierarchy), self.rcp_hierarchy.as_deref().map(hierarchy));
        let guardrails = Guardrails {
            organization: Organization {
                id: self.organization_id.clone(),
                management_account: self.management_account_id.clone(),
            },
            service_control: service_control.as_ref(),
            resource_control: resource_control.as_ref(),
            resource_policy: None,
            resource_account: self.resource_account.clone(),
            resource_controlled,
        };
        let principal = principal(&self.principal)?;
        let context = self.request_context();
        let stated_arn = match self.context.get("aws:principalarn").map(Vec::as_slice) {
            Some([arn]) => Some(arn.as_str()),
            _ => None,
        };
        let unbound = guardrails.unbound(&principal, stated_arn);
        let request = Request::new(principal.clone(), &self.action, &self.resource, context);
        if let Some(contradiction) = guardrails.contradiction(&request) {
            return Err(CaseError(contradiction.to_string()));
        }
        let is_bound = !guardrails.is_resource_bound(&Target::exact(self.resource.as_str())).is_false();
        let unbound_resource = self.rcp_hierarchy.as_deref().filter(|_| !is_bound).map(|levels| {
            let last = levels.last().map_or("?", |level| level.id.as_str());
            format!(
                "the resource is of the management account, or of another than the last level of `rcpHierarchy`, {last}, so \
                 that these resource control policies do not bind it"
            )
        });
        let proof = if prove { Some(self.prove(&guardrails, &principal)?) } else { None };
        self.own.check(&principal, &self.principal, &self.resource, &guardrails)?;
        let binding = guardrails.resource_control_binding(&self.action);
        let access = self.own.access(guardrails);
        let decision = access.evaluate(&request);
        let effective = match decision.outcome {
            Outcome::Allowed => "Allowed",
            Outcome::ExplicitlyDenied => "ExplicitlyDenied",
            Outcome::ImplicitlyDenied => "ImplicitlyDenied",
            Outcome::Unknown if is_about_unknown_binding(binding, &decision.decided_by) => {
                return Err(self.binding_unknown());
            }
            Outcome::Unknown => return Err(self.undecided(&decision)),
        };
        Ok(Answer {
            effective,
            decided_by: decision.decided_by.iter().map(|deciding| self.decider(deciding)).collect(),
            note: self.notes(unbound, unbound_resource, proof.as_ref().and_then(|proof| proof.note.clone())),
            proof,
        })
    }

    fn request_context(&self) -> Context {
        let mut context = Context::concrete();
        for (key, values) in &self.context {
            context.set(key, ContextValue::Known(values.clone()));
        }
        context
    }

    fn prove(&self, guardrails: &Guardrails<'_>, principal: &Principal) -> Result<StaticAnswer, CaseError> {
        let callers = match principal {
            Principal::AwsAccountPrincipal { arn, account } => {
                let partition = Arn::parse(arn).map_or("aws", |arn| arn.partition);
                Callers { partition: partition.to_owned(), ..Callers::of_account(account) }
            }
            _ => match guardrails.service_control.and_then(Hierarchy::account) {
                Some(account) => Callers::of_account(account),
                None => Callers { account: None, ..Callers::of_account("") },
            },
        };
        // A request of days gone by is none of which the clock tells anything, and one that carries what only a service's own
        // calls do is none of an ordinary caller.
        let told = UNCOMMON.into_iter().filter(|key| self.context.contains_key(*key));
        let facts = told.map(|key| (key.to_owned(), ContextValue::Unknown)).collect();
        let callers = Callers { facts, ..callers };
        let resource = match self.resource.as_str() {
            "*" => Target::no_resource(),
            pattern => Target::resources(pattern),
        };
        let question =
            Question { callers: &callers, action: &self.action, resource: &resource, designated: &[] };
        let proof = guardrails.prove(&question);
        let (mut is_unsettled, mut note) = (false, None);
        let (verdict, exemption) = match proof.verdict {
            Verdict::DeniedForAll { unattainable } => {
                note = empty_exemptions(guardrails, &proof.decided_by);
                ("DeniedForAll", unattainable)
            }
            Verdict::DeniedExcept { exemption } => ("DeniedExcept", Some(exemption)),
            Verdict::NotDenied => ("NotDenied", None),
            Verdict::Unknown { .. } if proof.levels.iter().any(|level| level.binding_unknown) => {
                return Err(self.binding_unknown());
            }
            Verdict::Unknown { misplaced: patterns, .. } if !patterns.is_empty() => {
                return Err(misplaced(&patterns.join("`, `"), "..."));
            }
            // Who passes is known, and only how hard that is to be is not.
            Verdict::Unknown { undecided, unfinished, at_most: Some(exemption), .. }
                if unfinished || !undecided.is_empty() =>
            {
                (is_unsettled, note) = (true, Some(unsettled(&undecided)));
                ("DeniedExcept", Some(exemption))
            }
            Verdict::Unknown { .. } => {
                return Err(CaseError(
                    "the policies' patterns are too entangled to prove anything of them".to_owned(),
                ));
            }
        };
        Ok(StaticAnswer {
            verdict,
            exemption_kind: exemption
                .as_ref()
                .map(|exemption| if is_unsettled { "unknown" } else { exemption.kind().name() }),
            note,
            exemption: exemption.map(|exemption| exemption.to_string()),
            default_caller: match proof.default_caller {
                DefaultCaller::Denied => "Denied",
                // Where what decides is not known, there is no answer above.
                DefaultCaller::Allowed | DefaultCaller::Unknown => "Allowed",
            },
        })
    }

    pub(super) fn decider(&self, deciding: &Deciding) -> Decider {
        let attached = |levels: &Option<Vec<CaseLevel>>, index: usize| {
            let level = levels.iter().flatten().find(|level| level.id == deciding.level)?;
            level.policies.get(index)?.name.clone()
        };
        let index: Option<usize> = deciding.policy.as_ref().and_then(|policy| policy.parse().ok());
        let name = index.and_then(|index| match deciding.kind {
            PolicyKind::ServiceControl => attached(&self.hierarchy, index),
            PolicyKind::ResourceControl => attached(&self.rcp_hierarchy, index),
            own => self.own.name(own, index).map(str::to_owned),
        });
        let sid = |id: &crate::policy::StatementId| id.sid.clone().filter(|sid| !sid.is_empty());
        Decider {
            level: deciding.level.clone(),
            policy: name.map(Place::Name).or(index.map(Place::Index)),
            statement: deciding
                .statement
                .as_ref()
                .map(|id| sid(id).map_or(Place::Index(id.number.saturating_sub(1)), Place::Name)),
            policy_type: (deciding.kind == PolicyKind::ResourceControl).then_some("RESOURCE_CONTROL_POLICY"),
        }
    }

    fn notes(
        &self,
        unbound: Option<Unbound>,
        unbound_resource: Option<String>,
        of_proof: Option<String>,
    ) -> Option<String> {
        let unbound = unbound.filter(|_| self.hierarchy.is_some()).map(|it| self.note(it));
        let resource = named_action::resource_note(&self.action, &self.resource);
        let notes: Vec<String> = [unbound, unbound_resource, self.action_note.clone(), resource, of_proof]
            .into_iter()
            .flatten()
            .collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    fn note(&self, unbound: Unbound) -> String {
        match unbound {
            Unbound::ManagementAccount => {
                "service control policies never bind principals of the management account".to_owned()
            }
            Unbound::ServiceLinkedRole => {
                "service control policies do not bind service-linked roles".to_owned()
            }
            Unbound::OtherAccount => {
                let last = self.hierarchy.as_deref().and_then(<[CaseLevel]>::last);
                format!(
                    "the principal is of another account than the last level, {}, so that these service control \
                     policies do not bind it",
                    last.map_or("?", |level| level.id.as_str())
                )
            }
            Unbound::AwsService => "service control policies do not bind AWS services".to_owned(),
            Unbound::NoAccount => "service control policies bind principals of accounts only".to_owned(),
        }
    }
}

/// Condition keys of which more is known of every request than that a case may tell another value.
const UNCOMMON: [&str; 6] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Policies go by their places, since two of them may have one name.
fn hierarchy(levels: &[CaseLevel]) -> Hierarchy {
    let level = |level: &CaseLevel| Level {
        id: level.id.clone(),
        policies: level
            .policies
            .iter()
            .enumerate()
            .map(|(at, policy)| AttachedPolicy { id: at.to_string(), document: policy.document.clone() })
            .collect(),
        unread: false,
    };
    Hierarchy { levels: levels.iter().map(level).collect() }
}

/// Who asks.
fn principal(text: &str) -> Result<Principal, CaseError> {
    if text == "*" {
        return Ok(Principal::Anonymous);
    }
    match Principal::of_arn(text) {
        Some(Principal::AwsAccountPrincipal { account, .. }) if !is_account_id(&account) => {}
        Some(principal) => return Ok(principal),
        None => {
            if let Some(provider) = Principal::of_identity_provider(text) {
                return Ok(provider);
            }
        }
    }
    Err(CaseError(format!(
        "`principal` is {text:?}; it must be the ARN of a role, role session, user or root user, such as \
         arn:aws:iam::111122223333:role/Admin or arn:aws:iam::111122223333:root, a service such as \
         cloudtrail.amazonaws.com, the ARN of a SAML or OIDC provider, or * for a caller without credentials"
    )))
}
