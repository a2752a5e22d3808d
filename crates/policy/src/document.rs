//! A policy document: its statements and their elements, as parsed.

use std::fmt;

use super::condition::Condition;
use super::glob::Glob;
use super::pattern::Pattern;

/// A policy of any kind: identity, resource, trust, service control or resource control policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The version of the policy language; policy variables exist only in the newer one.
    pub version: Version,
    /// The policy's own id, if it has one.
    pub id: Option<String>,
    /// The statements in order.
    pub statements: Vec<Statement>,
}

/// A version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also where the element is missing.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What a statement does to the requests that it applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows them.
    Allow,
    /// It denies them, whatever else allows them.
    Deny,
}

/// Which statement of a document: its place, counted from 1, and its `Sid`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId {
    /// The place in the document, counted from 1.
    pub number: usize,
    /// The statement's own id, if it has one.
    pub sid: Option<String>,
}

impl fmt::Display for StatementId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) if !sid.is_empty() => write!(formatter, "statement {} ({sid})", self.number),
            _ => write!(formatter, "statement {}", self.number),
        }
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands.
    pub id: StatementId,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whom it is about; identity and service control policies have no such element.
    pub principal: Option<Element<PrincipalPattern>>,
    /// What it is about.
    pub action: Element<ActionPattern>,
    /// On what; trust policies have no such element.
    pub resource: Option<Element<Pattern>>,
    /// When: all of them must hold.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// Why AWS stores it in no resource control policy, as far as the actions go ("RCP syntax", AWS Organizations User
    /// Guide, read 2026-11-28).
    pub fn refused_in_resource_control(&self) -> Option<&'static str> {
        if self.action.negated {
            return Some("a resource control policy has no `NotAction`");
        }
        // RCPFullAWSAccess is the one that allows, and AWS's own.
        let denies_all = self.effect == Effect::Deny
            && self.action.patterns.iter().any(|action| matches!(action.text(), "*" | "*:*"));
        denies_all.then_some(
            "a resource control policy names services: \"*\" alone is refused as `Action`, where \"s3:*\" is not",
        )
    }
}

/// `Principal`, `Action` or `Resource`, or its `Not` form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<T> {
    /// The `Not` form: all but these.
    pub negated: bool,
    /// What is listed.
    pub patterns: Vec<T>,
}

/// An entry of a `Principal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalPattern {
    /// `"*"` or `{"AWS": "*"}`: everyone, without credentials too.
    Everyone,
    /// A whole account, by its id or the ARN of its root.
    Account(String),
    /// A user, role, or session by its ARN.
    Arn(String),
    /// The unique id (`AROA...`) that AWS leaves in place of a deleted user or role.
    UniqueId(String),
    /// An AWS service.
    Service(String),
    /// A web identity or SAML provider.
    Federated(String),
    /// A canonical user id.
    CanonicalUser(String),
}

impl fmt::Display for PrincipalPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => formatter.write_str("*"),
            Self::Account(account) => write!(formatter, "account {account}"),
            Self::Arn(text)
            | Self::UniqueId(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text) => formatter.write_str(text),
        }
    }
}

/// An entry of an `Action` element: `service:Action` with wildcards, in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionPattern {
    text: String,
    glob: Glob,
}

impl ActionPattern {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), glob: Glob::wildcard(text).lowercase() }
    }

    /// The text as the policy has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is everything, or names its service: AWS stores no `*:Stop*` ("Action vendors must not contain
    /// wildcards") and no `s3*` ("Actions/Conditions must be prefaced by a vendor").
    pub fn names_its_service(&self) -> bool {
        match self.text.split_once(':') {
            Some((service, name)) => !service.contains(['*', '?']) || (service, name) == ("*", "*"),
            None => !self.text.is_empty() && self.text.bytes().all(|byte| byte == b'*'),
        }
    }

    /// The automaton over lower-case text.
    pub(super) fn glob(&self) -> &Glob {
        &self.glob
    }
}
