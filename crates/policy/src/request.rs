//! A request as policies see it: who asks to do what to which resource, and what is known of its context.

use std::borrow::Cow;

use super::arn::{Arn, account_of, has_segments, is_account_id, name_of, segment};
use super::condition_keys::is_name;
use super::context::{Context, ContextValue};
use super::glob::{Glob, Language};
use super::pattern::Subject;

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// Anyone at all: all that is said must hold of every caller.
    Any,
    /// A caller without credentials.
    Anonymous,
    /// A user, role, role session, federated session or root user of an account.
    AwsAccountPrincipal {
        /// The ARN as `aws:PrincipalArn` has it, or that of the assumed-role session.
        arn: String,
        /// The account, twelve digits.
        account: String,
    },
    /// Some principal of this account: all that is said must hold of each of them.
    AnyOfAccount(
        /// The account, twelve digits.
        String,
    ),
    /// An AWS service, by its service principal (`cloudtrail.amazonaws.com`).
    Service(String),
    /// A web identity or SAML provider, by the name or ARN that a trust policy gives it.
    Federated(String),
    /// An account or a distribution's identity by its canonical user id.
    CanonicalUser(String),
}

/// The action or the resource of a request: one, or any of those that a pattern describes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// One action or resource; wildcards in it are ordinary characters.
    Exact(String),
    /// Any that matches: what is said must hold of each of them.
    AnyOf(Glob),
}

impl Target {
    /// One action or resource.
    pub fn exact(text: impl Into<String>) -> Self {
        Self::Exact(text.into())
    }

    /// Every action that matches the pattern (`s3:*`).
    pub fn actions(pattern: &str) -> Self {
        let glob = Glob::wildcard(pattern).lowercase();
        match glob.as_literal() {
            Some(action) => Self::Exact(action),
            None => Self::AnyOf(glob),
        }
    }

    /// Every resource that matches the ARN pattern (`arn:aws:s3:::bucket/*`).
    pub fn resources(pattern: &str) -> Self {
        let glob = Glob::arn(pattern);
        match glob.as_literal() {
            Some(arn) => Self::Exact(arn),
            None => Self::AnyOf(glob),
        }
    }

    /// What an action without resource-level permissions is asked on: only patterns that match the text `*`, such
    /// as `*` itself, are about it.
    pub fn no_resource() -> Self {
        Self::Exact("*".to_owned())
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Exact(text) => Subject::Text(text),
            Self::AnyOf(glob) => Subject::AnyOf(glob),
        }
    }
}

/// A request to be judged by policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// What is asked for.
    pub action: Target,
    /// On what.
    pub resource: Target,
    /// The condition keys.
    pub context: Context,
}

impl Request {
    /// A request for one action on one resource.
    pub fn new(principal: Principal, action: &str, resource: &str, context: Context) -> Self {
        Self { principal, action: Target::exact(action), resource: Target::exact(resource), context }
    }

    /// What is known of a condition key: what the context says, or else what follows from the principal
    /// ("AWS global condition context keys", IAM User Guide), or else the context's default.
    pub(super) fn lookup(&self, lowercase_key: &str) -> Cow<'_, ContextValue> {
        self.given_or_derived(lowercase_key).unwrap_or(Cow::Borrowed(self.context.others()))
    }

    /// [`Self::lookup`] without the default.
    pub(super) fn given_or_derived(&self, lowercase_key: &str) -> Option<Cow<'_, ContextValue>> {
        if let Some(value) = self.context.mentioned(lowercase_key) {
            return Some(Cow::Borrowed(value));
        }
        // A variable such as `${Region}` can never have a value.
        if !is_name(lowercase_key) {
            return Some(Cow::Owned(ContextValue::Absent));
        }
        self.principal.derived(lowercase_key).map(Cow::Owned)
    }
}

impl Principal {
    /// The principal behind an ARN of IAM or STS, or an AWS service by its service principal; `None` for other texts.
    pub fn of_arn(text: &str) -> Option<Self> {
        if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") {
            return Some(Self::Service(text.to_owned()));
        }
        let arn = Arn::parse(text).filter(|arn| is_account_id(arn.account_id))?;
        let of_identities = matches!(arn.service, "iam" | "sts");
        let known = principal_type(arn.resource).is_some();
        (of_identities && known)
            .then(|| Self::AwsAccountPrincipal { arn: text.to_owned(), account: arn.account_id.to_owned() })
    }

    /// The identity provider of an account, by its ARN: SAML or `OpenID` Connect.
    pub fn of_identity_provider(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| is_account_id(arn.account_id))?;
        let known = arn.resource.starts_with("oidc-provider/") || arn.resource.starts_with("saml-provider/");
        (arn.service == "iam" && known).then(|| Self::Federated(text.to_owned()))
    }

    /// The ARN of a user, role or session.
    pub(super) fn arn(&self) -> Option<&str> {
        match self {
            Self::AwsAccountPrincipal { arn, .. } => Some(arn),
            _ => None,
        }
    }

    /// The account, where the principal is of one.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::AwsAccountPrincipal { account, .. } | Self::AnyOfAccount(account) => Some(account),
            _ => None,
        }
    }

    /// What is known of the key from the principal alone.
    pub(super) fn derived(&self, key: &str) -> Option<ContextValue> {
        match self {
            Self::Any | Self::Federated(_) | Self::CanonicalUser(_) => None,
            Self::Anonymous => anonymous(key),
            Self::AwsAccountPrincipal { arn, account } => identified(key, arn, account),
            Self::AnyOfAccount(account) => match key {
                "aws:principalarn" => Some(ContextValue::like(Glob::arn(&format!("arn:*:*::{account}:*")))),
                _ => of_account(key, account),
            },
            Self::Service(name) => service(key, name),
        }
    }
}

fn anonymous(key: &str) -> Option<ContextValue> {
    match key {
        "aws:principalaccount" | "aws:userid" => Some(ContextValue::one("anonymous")),
        "aws:principaltype" => Some(ContextValue::one("Anonymous")),
        "aws:principalarn"
        | "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:principalisawsservice"
        | "aws:principalservicename"
        | "aws:principalservicenameslist"
        | "aws:username"
        | "aws:multifactorauthpresent"
        | "aws:multifactorauthage"
        | "aws:tokenissuetime"
        | "kms:calleraccount" => Some(ContextValue::Absent),
        _ if key.starts_with("aws:principaltag/") => Some(ContextValue::Absent),
        _ => None,
    }
}

fn of_account(key: &str, account: &str) -> Option<ContextValue> {
    match key {
        "aws:principalaccount" | "kms:calleraccount" => Some(ContextValue::one(account)),
        "aws:principalisawsservice" => Some(ContextValue::one("false")),
        "aws:principalservicename" | "aws:principalservicenameslist" => Some(ContextValue::Absent),
        _ => None,
    }
}

fn identified(key: &str, arn: &str, account: &str) -> Option<ContextValue> {
    let resource = segment(arn, 5).unwrap_or_default();
    match key {
        "aws:principalarn" => Some(principal_arn(arn, resource)),
        // Which type the sessions of `AssumeRoot` have is not said.
        "aws:principaltype" if resource == ASSUMED_ROOT => Some(ContextValue::Unknown),
        "aws:principaltype" => principal_type(resource).map(ContextValue::one),
        // Sessions alone carry it, since they have temporary credentials.
        "aws:tokenissuetime" if is_session(resource) => Some(ContextValue::present()),
        "aws:username" => Some(match resource.strip_prefix("user/") {
            Some(path) => ContextValue::one(name_of(path)),
            None => ContextValue::Absent,
        }),
        _ => of_account(key, account),
    }
}

/// A role session carries the ARN of its role, with a path that the session's own ARN does not tell.
fn principal_arn(arn: &str, resource: &str) -> ContextValue {
    let (Some(partition), Some(account)) = (segment(arn, 1), account_of(arn)) else {
        return ContextValue::one(arn);
    };
    if resource == ASSUMED_ROOT {
        // The guide's examples for root users are to bind such sessions too, by the one ARN or by the other.
        let either = ["iam::{account}:root", "sts::{account}:assumed-root"]
            .map(|rest| Glob::literal(&format!("arn:{partition}:{}", rest.replace("{account}", account))));
        return ContextValue::Like(Language::any_of(either.into()));
    }
    match resource.strip_prefix("assumed-role/").and_then(|session| session.split_once('/')) {
        Some((role, _)) => {
            ContextValue::like(Glob::arn(&format!("arn:{partition}:iam::{account}:role/*{role}")))
        }
        None => ContextValue::one(arn),
    }
}

fn is_session(resource: &str) -> bool {
    resource == ASSUMED_ROOT
        || ["assumed-role/", "federated-user/"].iter().any(|start| resource.starts_with(start))
}

/// The resource part of a session for a privileged task on a member account (`AssumeRoot`, AWS STS API Reference).
const ASSUMED_ROOT: &str = "assumed-root";

fn principal_type(resource: &str) -> Option<&'static str> {
    if resource == "root" || resource == ASSUMED_ROOT {
        Some("Account")
    } else if resource.starts_with("user/") {
        Some("User")
    } else if resource.starts_with("role/") || resource.starts_with("assumed-role/") {
        Some("AssumedRole")
    } else if resource.starts_with("federated-user/") {
        Some("FederatedUser")
    } else {
        None
    }
}

fn service(key: &str, name: &str) -> Option<ContextValue> {
    match key {
        "aws:principalisawsservice" => Some(ContextValue::one("true")),
        "aws:principalservicename" => Some(ContextValue::one(name)),
        "aws:principalorgid" | "aws:principalorgpaths" | "aws:username" => Some(ContextValue::Absent),
        _ if key.starts_with("aws:principaltag/") => Some(ContextValue::Absent),
        _ => None,
    }
}

/// Whether a principal ARN of a policy names the caller: the ARN itself, or the role of a session.
pub(super) fn names_principal(pattern: &str, arn: &str) -> bool {
    if pattern == arn {
        return true;
    }
    let session = segment(arn, 5).and_then(|resource| resource.strip_prefix("assumed-role/"));
    let role = session.and_then(|session| session.split_once('/')).map(|(role, _)| role);
    let named = segment(pattern, 5).and_then(|resource| resource.strip_prefix("role/"));
    // Names of roles are unique in an account, whatever the path.
    match (role, named) {
        (Some(role), Some(named)) => {
            has_segments(pattern) && account_of(pattern) == account_of(arn) && name_of(named) == role
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
