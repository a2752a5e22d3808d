//! What of a condition the policies alone do not settle. Whoever relied on it could be wrong either way, so that it leaves
//! unknown what it decides.

use std::fmt;

use super::arn::segment;
use super::condition::Condition;
use super::condition_keys::{Endpoint, endpoint, is_known, is_multivalued};
use super::document::Document;
use super::pattern::Pattern;
use super::reference;

/// Why a condition, or one of its values, is not settled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undecided {
    /// Who gives the value of a key is not known, since it is in no list.
    Key {
        /// The key as the policy has it.
        key: String,
    },
    /// A key with several values under an operator for one. AWS asks for a set operator, and does not say what comes of it
    /// without ("Single-valued vs. multivalued context keys", IAM User Guide, read 2026-11-29).
    PlainOperator {
        /// The operator as the policy has it.
        operator: String,
        /// The key as the policy has it.
        key: String,
    },
    /// A value that is not of the operator's type: what AWS makes of it is not said.
    Value {
        /// The operator as the policy has it.
        operator: String,
        /// The key as the policy has it.
        key: String,
        /// The value as the policy has it.
        value: String,
    },
    /// A VPC or an endpoint by its id, which does not tell the account that it is of.
    Network {
        /// The key as the policy has it.
        key: String,
        /// The id, or the ARN without an account.
        id: String,
    },
    /// A role or user by the unique id that AWS gave it, which tells neither its account nor its name.
    UniqueId {
        /// The key as the policy has it.
        key: String,
        /// The id.
        id: String,
    },
    /// Whether resource control policies keep outsiders from passing a tag is not known, since not all could be read.
    SessionTag {
        /// The key of the tag.
        tag: String,
    },
}

impl fmt::Display for Undecided {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key } => write!(
                formatter,
                "the condition key `{key}` is in no list of {}: who gives its value is not known",
                reference::date_of_condition_keys()
            ),
            Self::PlainOperator { operator, key } => write!(
                formatter,
                "`{operator}` compares one value, and `{key}` may have several: AWS asks for ForAnyValue or ForAllValues, \
                 and does not say what comes of the condition without"
            ),
            Self::Value { operator, key, value } => write!(
                formatter,
                "`{value}` is no value that `{operator}` can compare `{key}` with: AWS does not say what comes of the \
                 condition"
            ),
            Self::Network { key, id } => write!(
                formatter,
                "which account `{id}` is of, the value of `{key}`, is not known: if administrators of the account can make \
                 or use it, they meet the condition"
            ),
            Self::UniqueId { key, id } => write!(
                formatter,
                "`{id}`, in the value of `{key}`, is the unique id of a role or user, which nobody can choose or make again: \
                 of which account it is, is not known, and whoever may change it there acts as it"
            ),
            Self::SessionTag { tag } => write!(
                formatter,
                "whether resource control policies keep outsiders from passing the tag `{tag}` to a session is not known: \
                 not all of them could be read"
            ),
        }
    }
}

impl Undecided {
    /// Why the condition as a whole is not settled, whatever its values are.
    pub(super) fn of_condition(condition: &Condition) -> Option<Self> {
        let key = || condition.key().to_owned();
        let operator = || condition.operator().name().to_owned();
        if !is_known(condition.lowercase_key()) {
            return Some(Self::Key { key: key() });
        }
        if needs_set_operator(condition) {
            return Some(Self::PlainOperator { operator: operator(), key: key() });
        }
        let value = condition.malformed_value()?.text().to_owned();
        Some(Self::Value { operator: operator(), key: key(), value })
    }

    /// Why it is not known how hard it is to have a value.
    pub(super) fn of_value(condition: &Condition, value: &Pattern) -> Option<Self> {
        let key = condition.lowercase_key();
        if !condition.is_textual() {
            return None;
        }
        if let Some(kind) = endpoint(key) {
            let id = value.text();
            return is_of_any_account(kind, value)
                .then(|| Self::Network { key: condition.key().to_owned(), id: id.to_owned() });
        }
        let id = unique_id(value.text()).filter(|_| key == "aws:userid")?;
        Some(Self::UniqueId { key: condition.key().to_owned(), id: id.to_owned() })
    }
}

/// Whether the value is one network's, and does not tell the account.
fn is_of_any_account(kind: Endpoint, value: &Pattern) -> bool {
    let is_open = |text: &str| !value.is_literal() && text.contains(['*', '?']);
    let text = value.text();
    if text.contains("${") {
        return false;
    }
    match kind {
        // AWS chooses the ids, and a pattern is met by trying.
        Endpoint::Id => !is_open(text),
        Endpoint::Arn => {
            is_open(segment(text, 4).unwrap_or("*")) && !is_open(segment(text, 5).unwrap_or("*"))
        }
        Endpoint::Account | Endpoint::Organization | Endpoint::Path => false,
    }
}

/// The unique id of a role (`AROA...`) or user (`AIDA...`) that a value of `aws:userid` begins with: "Unique identifiers"
/// ("IAM identifiers", IAM User Guide, read 2026-11-29).
pub(super) fn unique_id(text: &str) -> Option<&str> {
    let id = text.split(':').next()?;
    let is_whole = !id.contains(['*', '?', '$']);
    (is_whole && (is_of_role(id) || id.starts_with("AIDA"))).then_some(id)
}

/// Whether a unique id is that of a role.
pub(super) fn is_of_role(id: &str) -> bool {
    id.starts_with("AROA")
}

/// Whether a key that may have several values is compared by an operator for one.
pub(super) fn needs_set_operator(condition: &Condition) -> bool {
    condition.is_for_one_value() && is_multivalued(condition.lowercase_key())
}

impl Document {
    /// What of its conditions the policies alone do not settle.
    pub fn undecided(&self) -> Vec<Undecided> {
        let conditions = self.statements.iter().flat_map(|statement| &statement.conditions);
        let mut found: Vec<Undecided> = conditions
            .flat_map(|condition| {
                let values = condition.values().iter();
                let of_values = values.filter_map(|value| Undecided::of_value(condition, value));
                Undecided::of_condition(condition).into_iter().chain(of_values)
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
