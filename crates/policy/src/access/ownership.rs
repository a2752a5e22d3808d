//! What a request rests on: whose the resource is, and whether its policy must let the caller in.

use crate::arn::{Arn, is_account_id, segment};
use crate::hierarchy::Guardrails;
use crate::request::{Principal, Request, Target};

/// On what a request rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// The caller's account owns the resource: either side may allow.
    SameAccount,
    /// The same, but the resource's policy must let the caller in: key policies and the trust policies of roles.
    LetIn,
    /// Another account owns it: both sides must allow.
    CrossAccount,
    /// The caller is of no account, and the resource's policy alone allows.
    NoAccount,
}

/// The ownerships that the request may have; more than one where it cannot be told.
pub(super) fn ownerships(guardrails: &Guardrails<'_>, request: &Request) -> Vec<Ownership> {
    let (account, anyone) = match &request.principal {
        Principal::AwsAccountPrincipal { account, .. } | Principal::AnyOfAccount(account) => {
            (Some(account.as_str()), false)
        }
        Principal::Any => (None, true),
        _ => return vec![Ownership::NoAccount],
    };
    let owner = guardrails.resource_owner(&request.resource);
    let owner = owner.as_deref();
    let is_known = account.is_some() && owner.is_some();
    let mut ownerships = Vec::new();
    if account == owner || !is_known {
        match lets_in(request) {
            Some(true) => ownerships.push(Ownership::LetIn),
            Some(false) => ownerships.push(Ownership::SameAccount),
            None => ownerships.extend([Ownership::SameAccount, Ownership::LetIn]),
        }
    }
    if account != owner || !is_known {
        ownerships.push(Ownership::CrossAccount);
    }
    if anyone {
        ownerships.push(Ownership::NoAccount);
    }
    ownerships
}

/// "IAM role trust policies and KMS key policies are exceptions to this logic, because they must explicitly allow
/// access" (IAM User Guide, on requests within one account). `None` where the request does not tell.
fn lets_in(request: &Request) -> Option<bool> {
    let Target::Exact(action) = &request.action else { return None };
    let service = action.split(':').next().unwrap_or_default();
    if service.eq_ignore_ascii_case("kms") {
        return Some(true);
    }
    if !service.eq_ignore_ascii_case("sts") {
        return Some(false);
    }
    let Target::Exact(arn) = &request.resource else { return None };
    Some(segment(arn, 5).is_some_and(|resource| resource.starts_with("role/")))
}

impl Principal {
    pub(super) fn is_root_user(&self) -> bool {
        self.resource_part() == Some("root")
    }

    /// A session that `GetFederationToken` began; those of roles are not meant.
    pub fn is_session_of_federated_user(&self) -> bool {
        self.resource_part().is_some_and(|resource| resource.starts_with("federated-user/"))
    }

    /// A user or role, or a role's session: what may have a permissions boundary.
    pub fn is_user_or_role(&self) -> bool {
        let starts = ["user/", "role/", "assumed-role/"];
        self.resource_part().is_some_and(|resource| starts.iter().any(|start| resource.starts_with(start)))
    }

    /// An IAM user.
    pub fn is_user(&self) -> bool {
        self.resource_part().is_some_and(|resource| resource.starts_with("user/"))
    }

    fn resource_part(&self) -> Option<&str> {
        match self {
            Self::AwsAccountPrincipal { arn, .. } => {
                let arn = Arn::parse(arn).filter(|arn| is_account_id(arn.account_id));
                arn.map(|arn| arn.resource)
            }
            _ => None,
        }
    }
}
