//! The request context: what is known of each condition key when a statement is evaluated.

use std::collections::BTreeMap;

use super::glob::{Glob, Language};

/// What is known of one condition key in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// The request carries exactly these values; none at all is the same as `Absent`.
    Known(Vec<String>),
    /// The request does not carry the key.
    Absent,
    /// Anything is possible, absence too.
    Unknown,
    /// The request carries one value, of which only this is known ("a principal of this account").
    Like(Language),
}

impl ContextValue {
    /// One known value.
    pub fn one(value: impl Into<String>) -> Self {
        Self::Known(vec![value.into()])
    }

    /// One value of which nothing is known but that it is there.
    pub fn present() -> Self {
        Self::like(Glob::wildcard("*"))
    }

    /// One value that the pattern describes.
    pub fn like(glob: Glob) -> Self {
        Self::Like(glob.into())
    }
}

/// The condition keys of a request. Names of keys are case-insensitive, values are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, ContextValue>,
    others: ContextValue,
}

impl Context {
    /// A real request: it carries the keys that are given, and no others.
    pub fn concrete() -> Self {
        Self { values: BTreeMap::new(), others: ContextValue::Absent }
    }

    /// A request of which only the given keys are known.
    pub fn open() -> Self {
        Self { values: BTreeMap::new(), others: ContextValue::Unknown }
    }

    /// The same context with this key set.
    #[must_use]
    pub fn with(mut self, key: &str, value: ContextValue) -> Self {
        self.set(key, value);
        self
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let value = match value {
            ContextValue::Known(values) if values.is_empty() => ContextValue::Absent,
            value => value,
        };
        self.values.insert(key.to_ascii_lowercase(), value);
    }

    /// The keys that were set, in lower case, with what was said of them.
    pub(super) fn given(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// What was said of the key itself, in lower case; `None` where only the default applies.
    pub(super) fn mentioned(&self, lowercase_key: &str) -> Option<&ContextValue> {
        self.values.get(lowercase_key)
    }

    /// What holds of every key that was not set.
    pub(super) fn others(&self) -> &ContextValue {
        &self.others
    }
}
