//! What AWS refuses when a policy is created, beyond what makes it no policy document at all.
//!
//! Follows "SCP syntax" and "RCP syntax" of the AWS Organizations User Guide, and "AWS JSON policy elements" of the IAM
//! User Guide.

use crate::policy::{Document, Effect, PolicyKind, PrincipalPattern, Statement};

/// Why AWS would not store the document as a policy of this kind.
pub(super) fn refusal(document: &Document, kind: PolicyKind) -> Option<String> {
    let reason = |statement: &Statement| {
        let reason = match kind {
            PolicyKind::ServiceControl => service_control(statement),
            PolicyKind::ResourceControl => resource_control(statement),
            PolicyKind::ResourceBased => resource_based(statement),
            PolicyKind::IdentityBased | PolicyKind::PermissionsBoundary | PolicyKind::Session => {
                of_principal(statement)
            }
        };
        reason.or_else(|| common(statement, kind)).map(|reason| format!("{}: {reason}", statement.id))
    };
    document.statements.iter().find_map(reason)
}

fn common(statement: &Statement, kind: PolicyKind) -> Option<String> {
    if let Some(action) = statement.action.patterns.iter().find(|action| !action.names_its_service()) {
        return Some(format!(
            "{:?} does not name its service: AWS takes wildcards after the colon alone, as in cloudtrail:Stop*",
            action.text()
        ));
    }
    // The trust policy of a role is about that role, and has no such element.
    let trust = kind == PolicyKind::ResourceBased && is_about_sts(statement);
    if statement.resource.is_none() && !trust {
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

fn resource_based(statement: &Statement) -> Option<String> {
    let Some(principal) = &statement.principal else {
        return Some("a resource policy has a `Principal`; \"*\" is everyone".to_owned());
    };
    (principal.negated && statement.effect == Effect::Allow).then(|| {
        "AWS does not support `NotPrincipal` with `Allow`, which would let in everyone else".to_owned()
    })
}

fn is_about_sts(statement: &Statement) -> bool {
    let prefix = |action: &str| action.split(':').next().is_some_and(|it| it.eq_ignore_ascii_case("sts"));
    !statement.action.negated && statement.action.patterns.iter().all(|action| prefix(action.text()))
}

fn of_principal(statement: &Statement) -> Option<String> {
    statement.principal.as_ref()?;
    Some(
        "a policy of a user or role has no `Principal`, which is whom it is attached to; that of a resource has \
         one, and is given as `resourcePolicy`"
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
    statement.refused_in_resource_control().map(str::to_owned)
}
