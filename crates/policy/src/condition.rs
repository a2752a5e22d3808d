//! Conditions: one operator, one key and its values.
//!
//! Follows "IAM JSON policy elements: Condition operators" and "Multivalued context keys" of the IAM User Guide.

use super::condition_keys::{is_clock, is_multivalued, is_path, is_public_address};
use super::context::ContextValue;
use super::glob::Glob;
use super::pattern::{Lookup, Pattern, Style, Subject, covers, covers_arn};
use super::reference;
use super::truth::Truth;

pub(super) mod compare;

/// One key of a `Condition` block with the values that the policy compares it with. The conditions of a statement
/// must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    operator: Operator,
    key: String,
    lowercase_key: String,
    values: Vec<Pattern>,
}

/// A condition operator as written, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    name: String,
    meaning: Option<Meaning>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Meaning {
    quantifier: Option<Quantifier>,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    ForAllValues,
    ForAnyValue,
}

/// What a positive operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    BinaryEquals,
    IpAddress,
    Arn,
    Null,
}

/// The relation of the request's value to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Reads an operator's name, in any case. A name that no AWS operator has is kept, and is never true or false.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), meaning: Meaning::parse(name) }
    }

    /// The name as the policy has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is an operator of the policy language.
    pub fn is_known(&self) -> bool {
        self.meaning.is_some()
    }

    fn style(&self) -> (Style, bool) {
        match self.meaning.map(|meaning| meaning.comparison) {
            Some(Comparison::StringLike) => (Style::Wildcard, false),
            Some(Comparison::Arn) => (Style::Arn, false),
            Some(Comparison::StringEqualsIgnoreCase) => (Style::Literal, true),
            _ => (Style::Literal, false),
        }
    }

    /// Policy variables are replaced in the values of string and ARN operators only.
    fn takes_variables(&self) -> bool {
        self.meaning.is_some_and(|meaning| meaning.comparison.is_textual())
    }
}

impl Comparison {
    fn is_textual(self) -> bool {
        matches!(self, Self::StringEquals | Self::StringEqualsIgnoreCase | Self::StringLike | Self::Arn)
    }
}

impl Meaning {
    fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = name.strip_prefix("forallvalues:") {
            (Some(Quantifier::ForAllValues), rest)
        } else if let Some(rest) = name.strip_prefix("foranyvalue:") {
            (Some(Quantifier::ForAnyValue), rest)
        } else {
            (None, name.as_str())
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (comparison, negated) = comparison(base)?;
        if comparison == Comparison::Null && (if_exists || quantifier.is_some()) {
            return None;
        }
        Some(Self { quantifier, comparison, negated, if_exists })
    }
}

fn comparison(name: &str) -> Option<(Comparison, bool)> {
    Some(match name {
        "stringequals" => (Comparison::StringEquals, false),
        "stringnotequals" => (Comparison::StringEquals, true),
        "stringequalsignorecase" => (Comparison::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Comparison::StringEqualsIgnoreCase, true),
        "stringlike" => (Comparison::StringLike, false),
        "stringnotlike" => (Comparison::StringLike, true),
        "numericequals" => (Comparison::Numeric(Order::Equal), false),
        "numericnotequals" => (Comparison::Numeric(Order::Equal), true),
        "numericlessthan" => (Comparison::Numeric(Order::Less), false),
        "numericlessthanequals" => (Comparison::Numeric(Order::LessOrEqual), false),
        "numericgreaterthan" => (Comparison::Numeric(Order::Greater), false),
        "numericgreaterthanequals" => (Comparison::Numeric(Order::GreaterOrEqual), false),
        "dateequals" => (Comparison::Date(Order::Equal), false),
        "datenotequals" => (Comparison::Date(Order::Equal), true),
        "datelessthan" => (Comparison::Date(Order::Less), false),
        "datelessthanequals" => (Comparison::Date(Order::LessOrEqual), false),
        "dategreaterthan" => (Comparison::Date(Order::Greater), false),
        "dategreaterthanequals" => (Comparison::Date(Order::GreaterOrEqual), false),
        "bool" => (Comparison::Bool, false),
        "binaryequals" => (Comparison::BinaryEquals, false),
        "ipaddress" => (Comparison::IpAddress, false),
        "notipaddress" => (Comparison::IpAddress, true),
        "arnequals" | "arnlike" => (Comparison::Arn, false),
        "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
        "null" => (Comparison::Null, false),
        _ => return None,
    })
}

impl Condition {
    pub(super) fn new(operator: Operator, key: &str, values: &[String], variables: bool) -> Self {
        let (style, ignore_case) = operator.style();
        let variables = variables && operator.takes_variables();
        let values = values.iter().map(|value| Pattern::new(value, style, ignore_case, variables)).collect();
        Self { operator, key: key.to_owned(), lowercase_key: key.to_ascii_lowercase(), values }
    }

    /// The operator.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The condition key as the policy has it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The condition key in lower case, for comparisons.
    pub fn lowercase_key(&self) -> &str {
        &self.lowercase_key
    }

    /// The values that the key is compared with.
    pub fn values(&self) -> &[Pattern] {
        &self.values
    }

    /// Whether the operator compares addresses with CIDR ranges.
    pub(super) fn compares_addresses(&self) -> bool {
        self.operator.meaning.is_some_and(|meaning| meaning.comparison == Comparison::IpAddress)
    }

    /// Whether the operator itself is a negative one.
    pub(super) fn is_negated(&self) -> bool {
        self.operator.meaning.is_some_and(|meaning| meaning.negated)
    }

    /// Whether the values are texts or ARNs.
    pub(super) fn is_textual(&self) -> bool {
        self.operator.meaning.is_some_and(|meaning| meaning.comparison.is_textual())
    }

    /// Whether only the key's presence is tested.
    pub(super) fn is_presence(&self) -> bool {
        self.operator.meaning.is_some_and(|meaning| meaning.comparison == Comparison::Null)
    }

    /// Whether one value of the request at a time, exactly as it is, decides.
    pub(super) fn is_plain(&self) -> bool {
        self.operator.meaning.is_some_and(|meaning| {
            meaning.quantifier.is_none() && meaning.comparison != Comparison::StringEqualsIgnoreCase
        })
    }

    /// Whether it compares the one value that a request carries, and no set of values.
    pub(super) fn is_for_one_value(&self) -> bool {
        let one = |meaning: Meaning| meaning.quantifier.is_none() && meaning.comparison != Comparison::Null;
        self.operator.meaning.is_some_and(one)
    }

    /// Whether a value is of the operator's type.
    pub(super) fn is_comparable(&self, value: &Pattern) -> bool {
        self.operator.meaning.is_none_or(|meaning| compare::is_of_type(meaning.comparison, value.text()))
    }

    /// A value that is not of the operator's type.
    pub(super) fn malformed_value(&self) -> Option<&Pattern> {
        self.values.iter().find(|value| !self.is_comparable(value))
    }

    /// Whether the values are numbers.
    pub(super) fn compares_numbers(&self) -> bool {
        self.operator.meaning.is_some_and(|meaning| matches!(meaning.comparison, Comparison::Numeric(_)))
    }

    pub(super) fn holds(&self, lookup: &Lookup<'_>) -> Truth {
        let Some(meaning) = self.operator.meaning else { return Truth::Unknown };
        let value = lookup(&self.lowercase_key);
        if meaning.comparison == Comparison::Null {
            return self.tests_absence(&value);
        }
        // What comes of several values under an operator for one is not said, nor that one of such a key is another matter.
        let several = self.is_for_one_value() && is_multivalued(&self.lowercase_key);
        match value.as_ref() {
            ContextValue::Absent => absent(meaning),
            _ if several => Truth::Unknown,
            ContextValue::Known(values) => meaning.judge(values, |value| self.one(meaning, value, lookup)),
            ContextValue::Like(language) if meaning.comparison.is_textual() => {
                self.covers(meaning, Subject::Among(language), lookup)
            }
            ContextValue::Like(_) if is_clock(&self.lowercase_key) => {
                self.holds_since(reference::date_of_actions())
            }
            ContextValue::Like(_) => Truth::Unknown,
            ContextValue::Unknown => self.unknown(meaning, lookup),
        }
    }

    /// Whatever value the request carries, `*` is like it, and nothing is like a pattern whose variable has no value.
    fn unknown(&self, meaning: Meaning, lookup: &Lookup<'_>) -> Truth {
        if meaning.comparison == Comparison::IpAddress && is_public_address(&self.lowercase_key) {
            return self.public_address(meaning);
        }
        if !meaning.comparison.is_textual() {
            return Truth::Unknown;
        }
        let anything = Glob::wildcard(if is_path(&self.lowercase_key) { ORGANIZATION_PATHS } else { "*" });
        let listed = match covers(&self.values, Subject::AnyOf(&anything), lookup) {
            Truth::True if meaning.comparison == Comparison::StringLike => Truth::True,
            Truth::False => Truth::False,
            _ => return Truth::Unknown,
        };
        let present = if meaning.negated { !listed } else { listed };
        present.either(absent(meaning))
    }

    /// No public address is in a private range.
    fn public_address(&self, meaning: Meaning) -> Truth {
        let is_private =
            |value: &Pattern| compare::Range::parse(value.text()).is_some_and(compare::Range::is_private);
        if !self.values.iter().all(is_private) {
            return Truth::Unknown;
        }
        Truth::from(meaning.negated).either(absent(meaning))
    }

    /// Whether the time of the request meets the condition, whenever from that instant on it comes. For the guardrails that
    /// is the day of the lists that this program was made with: what lies before is past.
    pub(super) fn holds_since(&self, start: &str) -> Truth {
        let Some(meaning) = self.operator.meaning else { return Truth::Unknown };
        let values = self.values.iter();
        let matched = Truth::any(values.map(|value| compare::after(meaning.comparison, start, value.text())));
        if meaning.negated { !matched } else { matched }
    }

    fn one(&self, meaning: Meaning, value: &str, lookup: &Lookup<'_>) -> Truth {
        if meaning.comparison.is_textual() {
            return self.covers(meaning, Subject::Text(value), lookup);
        }
        let comparisons =
            self.values.iter().map(|pattern| compare::matches(meaning.comparison, value, pattern.text()));
        let matched = Truth::any(comparisons);
        if meaning.negated { !matched } else { matched }
    }

    fn covers(&self, meaning: Meaning, subject: Subject<'_>, lookup: &Lookup<'_>) -> Truth {
        let listed = covers_arn(&self.values, subject, lookup);
        if meaning.negated { !listed } else { listed }
    }

    fn tests_absence(&self, value: &ContextValue) -> Truth {
        let absent = match value {
            ContextValue::Absent => Truth::True,
            ContextValue::Known(_) | ContextValue::Like(_) => Truth::False,
            ContextValue::Unknown => Truth::Unknown,
        };
        Truth::any(self.values.iter().map(|pattern| match compare::boolean(pattern.text()) {
            Some(true) => absent,
            Some(false) => !absent,
            None => Truth::Unknown,
        }))
    }
}

impl Meaning {
    fn judge(self, values: &[String], one: impl Fn(&str) -> Truth) -> Truth {
        // "A null data set, such as an empty string" is no value to a set operator.
        let set = || values.iter().filter(|value| !value.is_empty()).map(|value| one(value));
        match self.quantifier {
            Some(Quantifier::ForAllValues) => Truth::all(set()),
            Some(Quantifier::ForAnyValue) => Truth::any(set()),
            // AWS leaves open what a plain operator makes of several values, so they must agree.
            None => {
                values.iter().map(|value| one(value)).reduce(Truth::either).unwrap_or_else(|| absent(self))
            }
        }
    }
}

/// What the paths of accounts are like: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`, with a slash at the end
/// (`aws:PrincipalOrgPaths` in "AWS global condition context keys", IAM User Guide, read 2026-11-29).
const ORGANIZATION_PATHS: &str = "o-*/*/";

/// [`ORGANIZATION_PATHS`] of one organization.
pub(super) fn paths_of(organization: &str) -> String {
    ORGANIZATION_PATHS.replacen("o-*", organization, 1)
}

/// The key is not in the request. `ForAnyValue` says no, `IfExists` says yes, and AWS does not say which one wins.
fn absent(meaning: Meaning) -> Truth {
    match meaning.quantifier {
        Some(Quantifier::ForAnyValue) if meaning.if_exists => Truth::Unknown,
        Some(Quantifier::ForAnyValue) => Truth::False,
        Some(Quantifier::ForAllValues) => Truth::True,
        None => Truth::from(meaning.if_exists || meaning.negated),
    }
}

#[cfg(test)]
mod tests;
