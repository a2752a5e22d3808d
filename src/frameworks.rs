//! Frameworks: which rules tell of which control of a standard. One file each in `rules/frameworks/`.
//!
//! The files hold identifiers and topics in words of this program; the standards' texts are their publishers'. Read by
//! [`crate::rules`] together with the rules that they name; [`crate::report`] joins them with the verdicts.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said wherever controls are shown.
pub const PART: &str = "Of each framework only the controls about logging and auditing are listed, and not all of those are \
                        covered: this is no statement that a framework is met.";

/// The part of a standard that is about logging and auditing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framework {
    /// The file's name: `cis-aws-foundations-7.0`.
    pub id: String,
    /// The standard's name: `CIS AWS Foundations Benchmark`.
    pub name: String,
    /// Its version: `7.0`.
    pub version: String,
    /// Its controls about logging and auditing, in its order. It has others.
    pub controls: Vec<Control>,
}

/// A control of a standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// As the standard numbers it: `4.1`.
    pub id: String,
    /// What it is about, in words of this program.
    pub topic: String,
    /// The rules that tell whether it holds; none where this program cannot tell.
    pub rules: Vec<String>,
    /// What the rules leave open.
    pub note: Option<String>,
}

/// A control that a rule tells about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleControl {
    /// The framework's id: `cis-aws-foundations-7.0`.
    pub framework: String,
    /// The standard's name.
    pub name: String,
    /// The standard's version.
    pub version: String,
    /// The control's id: `4.1`.
    pub control: String,
}

/// What the rules of a control say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlVerdict {
    /// All its rules ran, and hold wherever they apply.
    Pass,
    /// A rule fails somewhere, under a waiver or not.
    Fail,
    /// No rule fails, and what decides could not be read somewhere.
    Unknown,
    /// This program has no rule for it, not all its rules ran, or there was nothing to check.
    NotCovered,
}

impl ControlVerdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Fail, Self::Unknown, Self::NotCovered];

    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotCovered => "not_covered",
        }
    }
}

impl fmt::Display for ControlVerdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Framework {
    /// How many of the listed controls this program has rules for.
    pub fn covered(&self) -> usize {
        self.controls.iter().filter(|control| !control.rules.is_empty()).count()
    }

    /// The controls that a rule tells about.
    pub fn controls_of(&self, rule: &str) -> impl Iterator<Item = RuleControl> {
        let of_rule = move |control: &&Control| control.rules.iter().any(|named| named == rule);
        self.controls.iter().filter(of_rule).map(|control| RuleControl {
            framework: self.id.clone(),
            name: self.name.clone(),
            version: self.version.clone(),
            control: control.id.clone(),
        })
    }
}
