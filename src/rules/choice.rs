//! Which rules were left out, and by what: a report about some rules says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RuleOverrides;

/// The choice of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleChoice {
    /// What made it.
    pub flags: Vec<ScopeFlag>,
    /// The rules that did not run, by id.
    pub left_out: Vec<String>,
}

/// A flag that narrows a run, or the setting of the configuration that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ScopeFlag {
    /// `--regions`.
    pub flag: String,
    /// What it was given.
    pub values: Vec<String>,
}

impl ScopeFlag {
    /// A flag and what it was given.
    pub fn new(flag: &str, values: &[String]) -> Self {
        Self { flag: flag.to_owned(), values: values.to_vec() }
    }
}

impl RuleChoice {
    /// No choice: all rules run.
    pub fn is_all(&self) -> bool {
        self.flags.is_empty() && self.left_out.is_empty()
    }

    pub(super) fn of(overrides: &RuleOverrides, left_out: Vec<String>) -> Self {
        let severity: Vec<String> =
            overrides.minimum_severity.iter().map(|severity| severity.as_str().to_owned()).collect();
        let lists = [
            ("--rules", &overrides.enabled),
            ("--skip-rules", &overrides.disabled),
            ("--family", &overrides.families),
            ("--framework", &overrides.frameworks),
            ("--severity", &severity),
        ];
        let flags = lists.into_iter().filter(|(_, values)| !values.is_empty());
        Self { flags: flags.map(|(flag, values)| ScopeFlag::new(flag, values)).collect(), left_out }
    }
}
