//! The parameters of rules: numbers and texts that an organization may set otherwise.

use std::borrow::Cow;
use std::fmt;

use crate::facts::view::Fact;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

/// A parameter of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What it decides.
    pub doc: String,
    /// Its value where nobody sets another.
    pub default: ParameterValue,
    /// Its value here.
    pub value: ParameterValue,
}

impl ParameterValue {
    /// Reads a TOML value; `None` for a type that parameters do not have.
    pub(super) fn from_toml(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::Boolean(truth) => Some(Self::Bool(*truth)),
            toml::Value::Integer(number) => Some(Self::Int(*number)),
            toml::Value::String(text) => Some(Self::Text(text.clone())),
            toml::Value::Array(elements) => elements
                .iter()
                .map(|element| element.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Self::Texts),
            _ => None,
        }
    }

    /// What type it has, for people.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Int(_) => "a whole number",
            Self::Text(_) => "a text",
            Self::Texts(_) => "a list of texts",
        }
    }

    pub(super) fn fact(&self) -> Fact<'_> {
        match self {
            Self::Bool(truth) => Fact::Bool(*truth),
            Self::Int(number) => Fact::Int(*number),
            Self::Text(text) => Fact::Text(Cow::Borrowed(text)),
            Self::Texts(texts) => {
                Fact::List(texts.iter().map(|text| Fact::Text(Cow::Borrowed(text.as_str()))).collect())
            }
        }
    }
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(truth) => write!(formatter, "{truth}"),
            Self::Int(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
            Self::Texts(texts) => formatter.write_str(&texts.join(", ")),
        }
    }
}
