//! Choosing accounts by their tags in the organization.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::model::glob;

/// A tag that an account must carry: `environment=production`, `team=*`, or `team` for any value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSelector {
    key: String,
    value: String,
}

impl TagSelector {
    /// Whether one of the tags is meant. Keys and values are case-sensitive, as in AWS; `*` and `?` in the value are
    /// wildcards.
    pub fn selects(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(&self.key).is_some_and(|value| glob(&self.value, value))
    }
}

impl FromStr for TagSelector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').unwrap_or((text, "*"));
        if key.is_empty() {
            return Err("a tag is KEY or KEY=VALUE, and the key is missing");
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned() })
    }
}

impl fmt::Display for TagSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.key, self.value)
    }
}
