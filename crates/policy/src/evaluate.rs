//! Evaluation: whether a statement applies to a request, and what a document decides.
//!
//! Follows "Policy evaluation logic" of the IAM User Guide: an applicable `Deny` wins, then an applicable `Allow`,
//! and what nothing allows is denied.

use std::borrow::Cow;

use super::arn::{account_of, name_of, segment};
use super::condition::Condition;
use super::document::{ActionPattern, Document, Effect, PrincipalPattern, Statement, StatementId};
use super::glob::Glob;
use super::pattern::{Lookup, Pattern, covers_arn};
use super::request::{Principal, Request, Target, names_principal};
use super::truth::Truth;

/// What a document decides about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A `Deny` applies.
    ExplicitlyDenied,
    /// An `Allow` applies and no `Deny` can.
    Allowed,
    /// Neither can apply.
    ImplicitlyDenied,
    /// It depends on what is not known of the request.
    Unknown,
}

/// The outcome and the statements that decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub outcome: Outcome,
    /// Whether the request gets through; certain in some cases where the outcome is not, since a request that
    /// nothing allows is denied whether or not a `Deny` applies.
    pub allowed: Truth,
    /// The statements that decide; where the outcome is unknown, those that may apply.
    pub statements: Vec<StatementId>,
}

/// A request as statements look at it: with the action in lower case, and whatever follows from the circumstances
/// filled in by the lookup.
pub(super) struct View<'a> {
    action: Folded<'a>,
    pub(super) principal: &'a Principal,
    pub(super) resource: &'a Target,
    pub(super) lookup: &'a Lookup<'a>,
    reading: Option<Reading>,
}

/// How a policy variable is read that stands where AWS supports none: its pattern may match nothing, or what it would with
/// the variable's value, or the whole statement may be invalid, whatever other resources it lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Denials are about as little as they may be, allowances about as much.
    Weakest,
    /// The other way round.
    Strongest,
}

impl Reading {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Weakest => Self::Strongest,
            Self::Strongest => Self::Weakest,
        }
    }
}

enum Folded<'a> {
    Exact(Cow<'a, str>),
    AnyOf(Glob),
}

impl<'a> Folded<'a> {
    fn new(action: &'a Target) -> Self {
        match action {
            Target::Exact(action) => Self::Exact(lowercase(action)),
            Target::AnyOf(glob) => Self::AnyOf(glob.lowercase()),
        }
    }
}

fn lowercase(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

impl<'a> View<'a> {
    pub(super) fn new(
        action: &'a Target,
        principal: &'a Principal,
        resource: &'a Target,
        lookup: &'a Lookup<'a>,
    ) -> Self {
        Self { action: Folded::new(action), principal, resource, lookup, reading: None }
    }

    /// The same, with misplaced variables read in this way; without, what they come to is unknown.
    pub(super) fn read_as(self, reading: Reading) -> Self {
        Self { reading: Some(reading), ..self }
    }
}

impl Document {
    /// Judges a request by this document alone.
    pub fn evaluate(&self, request: &Request) -> Decision {
        let lookup: &Lookup<'_> = &|key| request.lookup(key);
        let view = View::new(&request.action, &request.principal, &request.resource, lookup);
        let applying = |effect: Effect| -> Vec<(Truth, &Statement)> {
            self.statements
                .iter()
                .filter(|statement| statement.effect == effect)
                .map(|statement| (statement.applies_to(&view), statement))
                .filter(|(truth, _)| !truth.is_false())
                .collect()
        };
        let denies = applying(Effect::Deny);
        let allows = applying(Effect::Allow);
        let refused = Truth::any(denies.iter().map(|(truth, _)| *truth));
        let permitted = Truth::any(allows.iter().map(|(truth, _)| *truth));
        let named = |statements: &[(Truth, &Statement)], at_least: Truth| -> Vec<StatementId> {
            statements
                .iter()
                .filter(|(truth, _)| *truth >= at_least)
                .map(|(_, statement)| statement.id.clone())
                .collect()
        };
        let (outcome, statements) = match (refused, permitted) {
            (Truth::True, _) => (Outcome::ExplicitlyDenied, named(&denies, Truth::True)),
            (Truth::False, Truth::True) => (Outcome::Allowed, named(&allows, Truth::True)),
            (Truth::False, Truth::False) => (Outcome::ImplicitlyDenied, Vec::new()),
            _ => {
                let mut statements = named(&denies, Truth::Unknown);
                statements.extend(named(&allows, Truth::Unknown));
                (Outcome::Unknown, statements)
            }
        };
        Decision { outcome, allowed: permitted.and(!refused), statements }
    }

    /// The statements with this effect.
    pub fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| statement.effect == effect)
    }
}

impl Statement {
    /// Whether the statement applies to the request.
    pub fn applies(&self, request: &Request) -> Truth {
        let lookup: &Lookup<'_> = &|key| request.lookup(key);
        self.applies_to(&View::new(&request.action, &request.principal, &request.resource, lookup))
    }

    pub(super) fn applies_to(&self, view: &View<'_>) -> Truth {
        let about = self.is_about(view);
        if about.is_false() {
            return Truth::False;
        }
        about.and(Truth::all(self.conditions.iter().map(|condition| condition.holds(view.lookup))))
    }

    /// Whether the statement is about the action, the principal and the resource.
    fn is_about(&self, view: &View<'_>) -> Truth {
        // The cheap tests first: most statements are about another action.
        let action = self.lists(&view.action);
        if action.is_false() {
            return Truth::False;
        }
        let about = action.and(self.covers_principal(view.principal));
        if about.is_false() {
            return Truth::False;
        }
        about.and(self.covers_view(view))
    }

    /// Whether the statement is about the resource, under the view's reading of misplaced variables.
    pub(super) fn covers_view(&self, view: &View<'_>) -> Truth {
        let Some(reading) = view.reading.filter(|_| self.misplaced_variable().is_some()) else {
            return self.covers_target(view.resource, view.lookup);
        };
        let Some(element) = &self.resource else { return Truth::True };
        let broadest = (reading == Reading::Weakest) == (self.effect == Effect::Allow);
        if !broadest {
            return Truth::False;
        }
        let sound = || element.patterns.iter().filter(|pattern| pattern.misplaced_variable().is_none());
        let patterns: Vec<Pattern> = if element.negated {
            sound().cloned().collect()
        } else {
            element.patterns.iter().map(Pattern::as_if_supported).collect()
        };
        let listed = covers_arn(&patterns, view.resource.subject(), view.lookup);
        if element.negated { !listed } else { listed }
    }

    /// Whether a condition or a resource looks at one of these keys.
    pub(super) fn looks_at(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        let resources = self.resource.iter().flat_map(|element| &element.patterns);
        let values = self.conditions.iter().flat_map(Condition::values);
        self.conditions.iter().any(|condition| is_meant(condition.lowercase_key()))
            || resources.chain(values).flat_map(Pattern::variables).any(is_meant)
    }

    /// A variable that stands where AWS supports none, with its pattern.
    pub(super) fn misplaced_variable(&self) -> Option<(&Pattern, &str)> {
        let mut patterns = self.resource.iter().flat_map(|element| &element.patterns);
        patterns.find_map(|pattern| Some((pattern, pattern.misplaced_variable()?)))
    }

    /// Whether the statement is about the action.
    pub fn covers_action(&self, action: &Target) -> Truth {
        self.lists(&Folded::new(action))
    }

    pub(super) fn lists_action(&self, view: &View<'_>) -> Truth {
        self.lists(&view.action)
    }

    fn lists(&self, action: &Folded<'_>) -> Truth {
        let mut globs = self.action.patterns.iter().map(ActionPattern::glob);
        let listed = match action {
            Folded::Exact(action) => Truth::from(globs.any(|glob| glob.matches(action))),
            Folded::AnyOf(actions) => actions.covered_by(&globs.collect::<Vec<_>>()),
        };
        if self.action.negated { !listed } else { listed }
    }

    /// Whether the statement is about the request's resource; one without the element is about any.
    pub fn covers_resource(&self, request: &Request) -> Truth {
        self.covers_target(&request.resource, &|key| request.lookup(key))
    }

    pub(super) fn covers_target(&self, resource: &Target, lookup: &Lookup<'_>) -> Truth {
        let Some(element) = &self.resource else { return Truth::True };
        let listed = covers_arn(&element.patterns, resource.subject(), lookup);
        let covered = if element.negated { !listed } else { listed };
        // A misplaced variable may make the statement invalid, with all else that it lists.
        if self.misplaced_variable().is_some() { covered.min(Truth::Unknown) } else { covered }
    }

    /// Whether the statement is about the principal; one without the element is about any.
    pub fn covers_principal(&self, principal: &Principal) -> Truth {
        let Some(element) = &self.principal else { return Truth::True };
        if element.negated {
            all_but(&element.patterns, principal)
        } else {
            names(&element.patterns, principal)
        }
    }

    /// Whether all conditions hold.
    pub fn conditions_hold(&self, request: &Request) -> Truth {
        let lookup: &Lookup<'_> = &|key| request.lookup(key);
        Truth::all(self.conditions.iter().map(|condition| condition.holds(lookup)))
    }
}

fn names(patterns: &[PrincipalPattern], principal: &Principal) -> Truth {
    Truth::any(patterns.iter().map(|pattern| pattern.names(principal)))
}

/// `NotPrincipal`. AWS demands that an exempted user or role be listed together with its account, and leaves open
/// what one of them alone exempts.
fn all_but(patterns: &[PrincipalPattern], principal: &Principal) -> Truth {
    let listed = names(patterns, principal);
    let Principal::AwsAccountPrincipal { arn, .. } = principal else {
        return match (principal, listed) {
            (Principal::AnyOfAccount(_), Truth::True) => Truth::Unknown,
            _ => !listed,
        };
    };
    let itself = patterns.iter().any(|pattern| match pattern {
        PrincipalPattern::Everyone => true,
        PrincipalPattern::Arn(named) => names_principal(named, arn),
        PrincipalPattern::Account(account) => arn.ends_with(":root") && account_of(arn) == Some(account),
        _ => false,
    });
    let its_account = patterns.iter().any(|pattern| match pattern {
        PrincipalPattern::Everyone => true,
        PrincipalPattern::Account(account) => account_of(arn) == Some(account),
        _ => false,
    });
    match (itself, its_account) {
        (true, true) => Truth::False,
        (false, false) => !listed,
        _ => Truth::Unknown,
    }
}

impl PrincipalPattern {
    /// Whether the entry names the principal, by itself or by its account.
    pub fn names(&self, principal: &Principal) -> Truth {
        match (self, principal) {
            (Self::Everyone, _) => Truth::True,
            (
                Self::Account(named),
                Principal::AwsAccountPrincipal { account, .. } | Principal::AnyOfAccount(account),
            ) => Truth::from(named == account),
            (Self::Arn(named), Principal::AwsAccountPrincipal { arn, .. }) => {
                if names_principal(named, arn) {
                    Truth::True
                } else if named.contains(['*', '?']) && Glob::arn(named).matches(arn) {
                    // AWS takes no wildcards inside a principal; who stored this one may think otherwise.
                    Truth::Unknown
                } else {
                    session_of(named, arn)
                }
            }
            (Self::Arn(named), Principal::AnyOfAccount(account)) => {
                let members = Glob::arn(&format!("arn:*:*:*:{account}:*"));
                let overlap = members.covered_by(&[&Glob::arn(named)]);
                if overlap.is_false() { Truth::False } else { Truth::Unknown }
            }
            (Self::Service(named), Principal::Service(name)) => {
                Truth::from(named == "*" || named.eq_ignore_ascii_case(name))
            }
            (Self::Federated(named), Principal::Federated(name)) => {
                Truth::from(named == "*" || named == name)
            }
            (Self::CanonicalUser(named), Principal::CanonicalUser(id)) => Truth::from(named == id),
            // Which account is behind a canonical user id, the policy does not tell.
            (_, Principal::Any)
            | (Self::CanonicalUser(_), Principal::AwsAccountPrincipal { .. } | Principal::AnyOfAccount(_))
            | (Self::Account(_) | Self::Arn(_), Principal::CanonicalUser(_)) => Truth::Unknown,
            _ => Truth::False,
        }
    }
}

/// A policy that names one session of a role may or may not be met by the role's caller.
fn session_of(named: &str, arn: &str) -> Truth {
    let Some(session) = segment(named, 5).and_then(|part| part.strip_prefix("assumed-role/")) else {
        return Truth::False;
    };
    let role = session.split('/').next();
    let caller = segment(arn, 5).and_then(|part| part.strip_prefix("role/"));
    if account_of(named) == account_of(arn) && caller.map(name_of) == role && role.is_some() {
        Truth::Unknown
    } else {
        Truth::False
    }
}

#[cfg(test)]
mod tests;
