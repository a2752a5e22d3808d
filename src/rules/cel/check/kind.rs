//! The types of the rule language. See [`super`].

use crate::facts::view::{FactType, Schema};
use crate::rules::parameter::ParameterValue;

/// A type.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool,
    Int,
    Text,
    /// `[]`, a list of whatever is wanted.
    EmptyList,
    List(Box<Kind>),
    Object(&'static Schema),
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Object(one), Self::Object(other)) => one.name == other.name,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl From<FactType> for Kind {
    fn from(kind: FactType) -> Self {
        match kind {
            FactType::Bool => Self::Bool,
            FactType::Int => Self::Int,
            FactType::Text => Self::Text,
            FactType::List(element) => Self::List(Box::new(Self::from(*element))),
            FactType::Object(schema) => Self::Object(schema()),
        }
    }
}

impl Kind {
    pub(super) fn of_parameter(value: &ParameterValue) -> Self {
        match value {
            ParameterValue::Bool(_) => Self::Bool,
            ParameterValue::Int(_) => Self::Int,
            ParameterValue::Text(_) => Self::Text,
            ParameterValue::Texts(_) => Self::List(Box::new(Self::Text)),
        }
    }

    /// For people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::EmptyList => "an empty list".to_owned(),
            Self::List(element) => format!("a list, each {}", element.words()),
            Self::Object(schema) => format!("a thing ({})", schema.name),
        }
    }
}

/// The type of an expression.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) kind: Kind,
    /// It may be null here.
    pub(super) nullable: bool,
    /// What it is called, if it has a name.
    pub(super) path: Option<String>,
    /// The texts that it, or an element of it, can be, where these are known.
    pub(super) values: Option<Vec<String>>,
    /// These are all written in the rule.
    pub(super) written: bool,
}

impl Typed {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, nullable: false, path: None, values: None, written: false }
    }

    /// A text that is written in the rule.
    pub(super) fn written(text: &str) -> Self {
        Self { values: Some(vec![text.to_owned()]), written: true, ..Self::of(Kind::Text) }
    }

    /// One of two things of this type.
    pub(super) fn either(kind: Kind, one: Self, other: Self) -> Self {
        let written = one.written && other.written;
        let values = one.values.zip(other.values).map(|(one, other)| [one, other].concat());
        Self { values, written, ..Self::of(kind) }
    }

    /// For people.
    pub(super) fn words(&self) -> String {
        if self.nullable { format!("{}, or null", self.kind.words()) } else { self.kind.words() }
    }
}
