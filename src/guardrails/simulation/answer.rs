//! Answers a case by the evaluator of [`crate::policy`].

use std::fmt;

use serde::Serialize;

use super::super::named_action;
use super::case::{Case, CaseError, CaseLevel, is_account_id};
use crate::policy::{
    AttachedPolicy, Callers, Context, ContextValue, Deciding, DefaultCaller, Exemption, GuardrailDecision,
    Guardrails, Hierarchy, Level, Organization, Outcome, PolicyKind, Principal, Question, Request, Target,
    Undecided, Verdict,
    reference::{self, ResourceControl},
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
struct Decider {
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
    escape: Option<String>,
    escape_kind: Option<&'static str>,
    /// Why it is not known how hard the escape is to have.
    #[serde(skip)]
    unsettled: Option<String>,
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
    /// The answer; with `prove` also what holds of every caller.
    pub(super) fn answer(&self, prove: bool) -> Result<Answer, CaseError> {
        let (service_control, resource_control) =
            (self.hierarchy.as_deref().map(hierarchy), self.rcp_hierarchy.as_deref().map(hierarchy));
        let guardrails = Guardrails {
            organization: Organization {
                id: self.organization_id.clone(),
                management_account: self.management_account_id.clone(),
            },
            service_control: service_control.as_ref(),
            resource_control: resource_control.as_ref(),
            resource_account: self.resource_account.clone(),
            ..Guardrails::default()
        };
        let principal = principal(&self.principal)?;
        let context = self.request_context();
        let stated_arn = match self.context.get("aws:principalarn").map(Vec::as_slice) {
            Some([arn]) => Some(arn.as_str()),
            _ => None,
        };
        let exemption = guardrails.exemption(&principal, stated_arn);
        let request = Request::new(principal.clone(), &self.action, &self.resource, context);
        if let Some(contradiction) = guardrails.contradiction(&request) {
            return Err(CaseError(contradiction.to_string()));
        }
        let is_bound = guardrails.is_resource_bound(&Target::exact(self.resource.as_str()));
        let unbound = self.rcp_hierarchy.as_deref().filter(|_| !is_bound).map(|levels| {
            let last = levels.last().map_or("?", |level| level.id.as_str());
            format!(
                "the resource is of the management account, or of another than the last level of `rcpHierarchy`, {last}, so \
                 that these resource control policies do not bind it"
            )
        });
        let proof = if prove { Some(self.prove(&guardrails, &principal)?) } else { None };
        self.own.check(&principal, &self.principal, &self.resource, &guardrails)?;
        let access = self.own.access(guardrails);
        let decision = access.evaluate(&request);
        let effective = match decision.outcome {
            Outcome::Allowed => "Allowed",
            Outcome::ExplicitlyDenied => "ExplicitlyDenied",
            Outcome::ImplicitlyDenied => "ImplicitlyDenied",
            Outcome::Unknown if self.is_about_unknown_binding(&decision.decided_by) => {
                return Err(self.binding_unknown());
            }
            Outcome::Unknown => return Err(self.undecided(&decision)),
        };
        Ok(Answer {
            effective,
            decided_by: decision.decided_by.iter().map(|deciding| self.decider(deciding)).collect(),
            note: self.notes(exemption, unbound, proof.as_ref().and_then(|proof| proof.unsettled.clone())),
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
                let partition = arn.split(':').nth(1).unwrap_or("aws");
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
        let mut unsettled = None;
        let (verdict, escape) = match proof.verdict {
            Verdict::DeniedForAll { unattainable } => ("DeniedForAll", unattainable),
            Verdict::DeniedExcept { escape } => ("DeniedExcept", Some(escape)),
            Verdict::NotDenied => ("NotDenied", None),
            Verdict::Unknown { .. } if proof.levels.iter().any(|level| level.binding_unknown) => {
                return Err(self.binding_unknown());
            }
            Verdict::Unknown { misplaced: patterns, .. } if !patterns.is_empty() => {
                return Err(misplaced(&patterns.join("`, `"), "..."));
            }
            // Who passes is known, and only how hard that is to be is not.
            Verdict::Unknown { undecided, unfinished, at_most: Some(escape), .. }
                if unfinished || !undecided.is_empty() =>
            {
                unsettled = Some(self::unsettled(&undecided));
                ("DeniedExcept", Some(escape))
            }
            Verdict::Unknown { .. } => {
                return Err(CaseError(
                    "the policies' patterns are too entangled to prove anything of them".to_owned(),
                ));
            }
        };
        Ok(StaticAnswer {
            verdict,
            escape_kind: escape
                .as_ref()
                .map(|escape| if unsettled.is_some() { "unknown" } else { escape.kind().name() }),
            unsettled,
            escape: escape.map(|escape| escape.to_string()),
            default_caller: match proof.default_caller {
                DefaultCaller::Denied => "Denied",
                // Where what decides is not known, there is no answer above.
                DefaultCaller::Allowed | DefaultCaller::Unknown => "Allowed",
            },
        })
    }

    fn decider(&self, deciding: &Deciding) -> Decider {
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

    /// Whether what is undecided is only whether resource control policies bind the service.
    fn is_about_unknown_binding(&self, deciding: &[Deciding]) -> bool {
        let bound = Guardrails::default().resource_control_binding(&self.action);
        bound == ResourceControl::Unknown
            && deciding.iter().any(|one| one.kind == PolicyKind::ResourceControl)
    }

    fn binding_unknown(&self) -> CaseError {
        if reference::takes_no_resource(&self.action) {
            return CaseError(format!(
                "cannot be decided: resource control policies bind resources, and AWS does not say whether they bind {} \
                 too, which is asked on none. Without `rcpHierarchy`, the rest is answered",
                self.action
            ));
        }
        let service = self.action.split(':').next().unwrap_or_default();
        CaseError(format!(
            "cannot be decided: whether resource control policies bind {service} is not known, which is in neither \
             list of {}. Without `rcpHierarchy`, the rest is answered",
            reference::date_of_resource_control()
        ))
    }

    fn undecided(&self, decision: &GuardrailDecision) -> CaseError {
        if let Some((pattern, variable)) = decision.open.misplaced.first() {
            return misplaced(pattern, variable);
        }
        if let Some((operator, value)) = decision.open.unfilled.first() {
            return CaseError(format!(
                "cannot be decided: AWS fills policy variables into the values of string and ARN operators alone, and \
                 does not say what {operator} makes of `{value}`"
            ));
        }
        let keys: Vec<&str> = decision.open.keys.iter().map(String::as_str).collect();
        if !keys.is_empty() {
            return CaseError(format!(
                "it depends on {}, which the case does not tell: give it in `context`, where [] says that the request \
                 does not carry the key{}",
                keys.join(", "),
                if keys.iter().any(|key| key.eq_ignore_ascii_case("aws:PrincipalArn")) {
                    "; the ARN of a session does not show the path of its role"
                } else {
                    ""
                }
            ));
        }
        let deciding = &decision.decided_by;
        let places: Vec<String> = deciding.iter().map(|one| self.decider(one).to_string()).collect();
        let own = deciding.iter().any(|one| one.kind == PolicyKind::ResourceBased);
        CaseError(format!(
            "cannot be decided, since AWS leaves open what it makes of {}. A key with several values needs \
             ForAnyValue or ForAllValues, and a value must be of the operator's type{}",
            places.join("; "),
            if own {
                "; a resource policy names a principal whole, by the ARN of the user, role or session that asks"
            } else {
                ""
            }
        ))
    }

    fn notes(
        &self,
        exemption: Option<Exemption>,
        unbound: Option<String>,
        unsettled: Option<String>,
    ) -> Option<String> {
        let exemption = exemption.filter(|_| self.hierarchy.is_some()).map(|it| self.note(it));
        let resource = named_action::resource_note(&self.action, &self.resource);
        let notes: Vec<String> = [exemption, unbound, self.action_note.clone(), resource, unsettled]
            .into_iter()
            .flatten()
            .collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    fn note(&self, exemption: Exemption) -> String {
        match exemption {
            Exemption::ManagementAccount => {
                "service control policies never bind principals of the management account".to_owned()
            }
            Exemption::ServiceLinkedRole => {
                "service control policies do not bind service-linked roles".to_owned()
            }
            Exemption::OtherAccount => {
                let last = self.hierarchy.as_deref().and_then(<[CaseLevel]>::last);
                format!(
                    "the principal is of another account than the last level, {}, so that these service control \
                     policies do not bind it",
                    last.map_or("?", |level| level.id.as_str())
                )
            }
            Exemption::AwsService => "service control policies do not bind AWS services".to_owned(),
            Exemption::NoAccount => "service control policies bind principals of accounts only".to_owned(),
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

/// Why it is not known how hard an escape is to have.
fn unsettled(undecided: &[Undecided]) -> String {
    if undecided.is_empty() {
        return "the policies exempt so many roles, users and tags that which of them can be had was not followed to the end"
            .to_owned();
    }
    undecided.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn misplaced(pattern: &str, variable: &str) -> CaseError {
    CaseError(format!(
        "cannot be decided: AWS supports policy variables in the resource part of an ARN only, and does not say what it \
         makes of `{pattern}`, where ${{{variable}}} stands before the fifth colon"
    ))
}

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
