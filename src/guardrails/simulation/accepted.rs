//! What AWS refuses when a policy is created, beyond what makes it no policy document at all.
//!
//! Follows "SCP syntax" and "RCP syntax" of the AWS Organizations User Guide.

use crate::policy::{Document, PolicyKind, PrincipalPattern, Statement};

/// Why AWS would not store the document as a policy of this kind.
pub(super) fn refusal(document: &Document, kind: PolicyKind) -> Option<String> {
    let reason = |statement: &Statement| {
        let reason = match kind {
            PolicyKind::ServiceControl => service_control(statement),
            PolicyKind::ResourceControl => resource_control(statement),
            PolicyKind::ResourceBased => None,
        };
        reason.or_else(|| common(statement)).map(|reason| format!("{}: {reason}", statement.id))
    };
    document.statements.iter().find_map(reason)
}

fn common(statement: &Statement) -> Option<String> {
    if statement.resource.is_none() {
        return Some("`Resource` is missing; \"*\" is all resources".to_owned());
    }
    let unknown = statement.conditions.iter().find(|condition| !condition.operator().is_known())?;
    Some(format!("`{}` is no condition operator", unknown.operator().name()))
}

fn service_control(statement: &Statement) -> Option<String> {
    statement.principal.as_ref()?;
    Some(
        "a service control policy has no `Principal`; it binds every principal of the accounts below, and \
         `Condition` on aws:PrincipalArn exempts some"
            .to_owned(),
    )
}

fn resource_control(statement: &Statement) -> Option<String> {
    let everyone = statement.principal.as_ref().is_some_and(|principal| {
        !principal.negated && principal.patterns.iter().all(|one| *one == PrincipalPattern::Everyone)
    });
    if !everyone {
        return Some(
            "a resource control policy has `\"Principal\": \"*\"`, and `Condition` for the rest".to_owned(),
        );
    }
    statement.action.negated.then(|| "a resource control policy has no `NotAction`".to_owned())
}
