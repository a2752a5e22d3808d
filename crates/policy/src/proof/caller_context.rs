//! What is known of the condition keys: of every bound caller, and of the default caller. See [`super`].

use std::borrow::Cow;

use super::{Callers, Question};
use crate::condition::paths_of;
use crate::condition_keys::{OF_SERVICES, is_always_there, is_name, is_of_resource, regions};
use crate::context::ContextValue;
use crate::glob::{Glob, Language};
use crate::hierarchy::{Guardrails, Member, region_of};
use crate::reference;
use crate::request::Principal;

/// A globally reachable address that belongs to no customer: AS112 of RFC 7535.
const PUBLIC_ADDRESS: &str = "192.31.196.77";

/// A role that no policy names.
const FRESH_ROLE: &str = "role/fresh-5e0c7d31";

/// Keys that follow from whose the resource is, and where both accounts stand in the organization.
const DERIVED: [&str; 6] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceaccount",
    "s3:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
];

/// Condition keys with what is known of them.
pub(super) struct CallerContext {
    keys: Vec<(String, ContextValue)>,
    default_keys: Vec<(&'static str, ContextValue)>,
}

impl CallerContext {
    pub(super) fn new(guardrails: &Guardrails<'_>, question: &Question<'_>) -> Self {
        let callers = question.callers;
        let mut keys: Vec<(String, ContextValue)> =
            callers.facts.iter().map(|(key, value)| (key.to_ascii_lowercase(), value.clone())).collect();
        let mut add = |key: &str, value: ContextValue| {
            if !keys.iter().any(|(known, _)| known == key) {
                keys.push((key.to_owned(), value));
            }
        };
        add("aws:principalisawsservice", ContextValue::one("false"));
        add("aws:principalservicename", ContextValue::Absent);
        add("aws:principalservicenameslist", ContextValue::Absent);
        for key in OF_SERVICES {
            add(key, ContextValue::Absent);
        }
        add("aws:principalarn", ContextValue::Like(principals(callers)));
        if let Some(region) = reference::only_region(question.action, &callers.partition) {
            add("aws:requestedregion", ContextValue::one(region));
        }
        add("aws:requestedregion", ContextValue::Like(regions(&callers.partition)));
        // Callers of any account may be of any organization.
        let account = callers.account.as_deref();
        if let Some(account) = account {
            add("aws:principalaccount", ContextValue::one(account));
            add("kms:calleraccount", ContextValue::one(account));
        }
        let member = account.filter(|account| !guardrails.may_be_stranger(account));
        let member = member.map(|account| Member { account, path: callers.organization_path.as_deref() });
        for key in DERIVED {
            if let Some(value) = guardrails.derived(key, member, question.action, question.resource) {
                add(key, value);
            }
        }
        if member.is_some()
            && let Some(id) = &guardrails.organization.id
        {
            add("aws:principalorgpaths", ContextValue::like(Glob::wildcard(&paths_of(id))));
        }
        Self { keys, default_keys: default_keys(question) }
    }

    /// What is known of the key for every bound caller.
    pub(super) fn of_all(&self, key: &str) -> Cow<'_, ContextValue> {
        match self.keys.iter().find(|(known, _)| known == key) {
            Some((_, value)) => Cow::Borrowed(value),
            // A variable such as `${Region}` can never have a value.
            None if !is_name(key) => Cow::Owned(ContextValue::Absent),
            None if is_always_there(key) => Cow::Owned(ContextValue::present()),
            None => Cow::Owned(ContextValue::Unknown),
        }
    }

    /// What is known of the key for a fresh role without tags and MFA, from a public address, in the resource's region.
    pub(super) fn of_default(&self, key: &str) -> Cow<'_, ContextValue> {
        if let Some((_, value)) = self.default_keys.iter().find(|(known, _)| *known == key) {
            return Cow::Borrowed(value);
        }
        if let Some((_, value)) = self.keys.iter().find(|(known, _)| known == key) {
            return Cow::Borrowed(value);
        }
        // The resource's own properties, and the organization where it is not known, are not the caller's to choose.
        if is_of_resource(key) || key.starts_with("aws:principalorg") || key == "aws:principalaccount" {
            return Cow::Owned(ContextValue::Unknown);
        }
        if is_always_there(key) {
            return Cow::Owned(ContextValue::present());
        }
        Cow::Owned(ContextValue::Absent)
    }
}

/// The values of `aws:PrincipalArn` that bound callers have: all but those of service-linked roles.
pub(super) fn principals(callers: &Callers) -> Language {
    bound_principals(&callers.partition, callers.account.as_deref().unwrap_or("*"))
}

/// [`principals`] of an account in a partition, or of any (`*`).
pub(crate) fn bound_principals(partition: &str, account: &str) -> Language {
    let glob = |service: &str, rest: &str| Glob::arn(&format!("arn:{partition}:{service}::{account}:{rest}"));
    Language::any_of(vec![
        glob("iam", "root"),
        glob("iam", "user/*"),
        glob("iam", "role/*"),
        glob("sts", "federated-user/*"),
        glob("sts", "assumed-root"),
    ])
    .but_not(vec![glob("iam", "role/aws-service-role/*")])
}

/// Any principal that the question is about.
pub(super) fn any_principal(callers: &Callers) -> Principal {
    match &callers.account {
        Some(account) => Principal::AnyOfAccount(account.clone()),
        None => Principal::Any,
    }
}

/// A fresh role of the account.
pub(super) fn default_principal(callers: &Callers) -> Principal {
    match &callers.account {
        Some(account) => Principal::AwsAccountPrincipal {
            arn: format!("arn:{}:iam::{account}:{FRESH_ROLE}", callers.partition),
            account: account.clone(),
        },
        None => Principal::Any,
    }
}

fn default_keys(question: &Question<'_>) -> Vec<(&'static str, ContextValue)> {
    let callers = question.callers;
    let account = callers.account.as_deref();
    let arn = match account {
        Some(account) => ContextValue::one(format!("arn:{}:iam::{account}:{FRESH_ROLE}", callers.partition)),
        None => ContextValue::like(Glob::arn(&format!("arn:{}:iam::*:{FRESH_ROLE}", callers.partition))),
    };
    let only = reference::only_region(question.action, &callers.partition).map(str::to_owned);
    let region = match only.or_else(|| region_of(question.resource)) {
        Some(region) => ContextValue::one(region),
        None => ContextValue::Like(regions(&callers.partition)),
    };
    let mut keys = vec![
        ("aws:principalarn", arn),
        ("aws:principaltype", ContextValue::one("AssumedRole")),
        // The id of a role that no policy names.
        ("aws:userid", ContextValue::one("AROA5E0C7D31FRESHROLE:session")),
        // Credentials without a session do not even carry the key.
        ("aws:multifactorauthpresent", ContextValue::Absent),
        ("aws:securetransport", ContextValue::one("true")),
        ("aws:viaawsservice", ContextValue::one("false")),
        ("aws:sourceip", ContextValue::one(PUBLIC_ADDRESS)),
        ("aws:requestedregion", region),
        // A role acts by sessions.
        ("aws:tokenissuetime", ContextValue::present()),
    ];
    // What is true of every caller is true of this one.
    keys.retain(|(key, _)| !callers.facts.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)));
    keys
}
