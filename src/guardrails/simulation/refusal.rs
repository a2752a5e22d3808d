//! What is said of a case that cannot be decided: what is missing, or what AWS does not say.

use super::case::Case;
use super::case_error::CaseError;
use crate::policy::reference::{self, ResourceControl};
use crate::policy::{Deciding, GuardrailDecision, Guardrails, Open, PolicyKind, Statement, Undecided};

impl Case {
    pub(super) fn binding_unknown(&self) -> CaseError {
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
             list of {}, nor in `resource_controlled_services` of a configuration that --config names. Without \
             `rcpHierarchy`, the rest is answered",
            reference::date_of_resource_control()
        ))
    }

    pub(super) fn undecided(&self, decision: &GuardrailDecision) -> CaseError {
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
        let mut reasons = reasons(&decision.open);
        if own {
            let whole = "a resource policy names a principal whole, by the ARN of the user, role or session that asks";
            reasons.push(whole.to_owned());
        }
        CaseError(format!(
            "cannot be decided, since AWS leaves open what it makes of {}{}{}",
            places.join("; "),
            if reasons.is_empty() { "" } else { ": " },
            reasons.join("; ")
        ))
    }
}

/// Whether what is undecided is only whether resource control policies bind the service.
pub(super) fn is_about_unknown_binding(binding: ResourceControl, deciding: &[Deciding]) -> bool {
    let is_of_one = |one: &Deciding| one.kind == PolicyKind::ResourceControl;
    binding == ResourceControl::Unknown && deciding.iter().any(is_of_one)
}

/// What AWS does not say of the conditions, each by its key.
fn reasons(open: &Open) -> Vec<String> {
    let of_policies = open.undecided.iter().map(Undecided::to_string);
    let of_request = open.uncompared.iter().map(|(operator, key)| {
        format!("`{operator}` takes one value of its type, which that of `{key}` in `context` is not")
    });
    of_policies.chain(of_request).collect()
}

pub(super) fn misplaced(pattern: &str, variable: &str) -> CaseError {
    CaseError(format!(
        "cannot be decided: AWS supports policy variables in the resource part of an ARN only, and does not say what it \
         makes of `{pattern}`, where ${{{variable}}} stands before the fifth colon"
    ))
}

/// Why it is not known how hard an exemption is to have.
pub(super) fn unsettled(undecided: &[Undecided]) -> String {
    if undecided.is_empty() {
        return "the policies exempt so many roles, users and tags that which of them can be had was not followed to the end"
            .to_owned();
    }
    undecided.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What exempts nobody, beside a denial of everyone: whoever wrote it meant somebody.
pub(super) fn empty_exemptions(guardrails: &Guardrails<'_>, deciding: &[Deciding]) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    for one in deciding {
        let (Some(policy), Some(id)) = (&one.policy, &one.statement) else { continue };
        let levels = match one.kind {
            PolicyKind::ServiceControl => guardrails.service_control,
            PolicyKind::ResourceControl => guardrails.resource_control,
            _ => None,
        };
        let attached = levels.into_iter().flat_map(crate::policy::Hierarchy::documents);
        let of_level = attached.filter(|(level, attached)| level.id == one.level && attached.id == *policy);
        let statements = of_level.flat_map(|(_, attached)| &attached.document.statements);
        let mistakes = statements.filter(|it| it.id == *id).flat_map(Statement::empty_exemptions);
        found.extend(mistakes.map(|mistake| format!("{mistake}, so that it exempts nobody")));
    }
    found.dedup();
    (!found.is_empty()).then(|| found.join("; "))
}
