//! Rule files as they are written: TOML, one rule a file.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::facts::SubjectKind;
use crate::severity::Severity;

/// A rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) severity: Severity,
    pub(super) subject: SubjectKind,
    pub(super) since: Spanned<String>,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
    pub(super) when: Option<Spanned<String>>,
    pub(super) pass: Spanned<String>,
    pub(super) message: Spanned<String>,
    pub(super) rationale: Spanned<String>,
    pub(super) remediation: RemediationFile,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, ParameterFile>,
    pub(super) references: Vec<Spanned<String>>,
}

/// What to do about a failure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RemediationFile {
    pub(super) text: Spanned<String>,
    pub(super) cli: Option<Spanned<String>>,
    pub(super) terraform: Option<Spanned<String>>,
    /// Why there is no command and no setting.
    pub(super) by_hand: Option<Spanned<String>>,
}

/// A parameter that an organization may set otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterFile {
    pub(super) default: Spanned<toml::Value>,
    pub(super) doc: Spanned<String>,
    /// The least number that makes sense.
    pub(super) min: Option<i64>,
    /// The greatest.
    pub(super) max: Option<i64>,
}

/// What the folder of a family puts before the names of its files.
const PREFIXES: [(&str, &str); 2] = [("organization", "org"), ("keys", "kms")];

/// The start of the ids of a family.
pub(super) fn prefix(family: &str) -> &str {
    PREFIXES.iter().find(|(folder, _)| *folder == family).map_or(family, |(_, prefix)| prefix)
}
