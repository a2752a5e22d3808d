//! What a bundle is made of, and the run that both export and verification make of it: the same code, so that the same
//! findings come out.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::attestation::Attestation;
use crate::evaluate::{self, CheckError};
use crate::frameworks::Framework;
use crate::model::Expectations;
use crate::report::{Report, html, json, oscal};
use crate::rules::{ParameterValue, RuleChoice, RuleErrors, RuleOverrides, RuleSet, RuleText};
use crate::severity::Severity;
use crate::snapshot::Source;
use crate::waivers::{WaiverError, Waivers};

/// The folder of snapshots: one, or the shards of one in order.
pub(super) const SNAPSHOTS: &str = "snapshot/";
/// The folder of rules, by family.
pub(super) const RULES: &str = "rules/";
/// The folder of attestations.
pub(super) const ATTESTATIONS: &str = "attestations/";
/// The folder of waivers.
pub(super) const WAIVERS: &str = "waivers/";
/// What the rules were told.
pub(super) const SETTINGS: &str = "settings.json";
/// The files of the bundle.
pub(super) const MANIFEST: &str = "manifest.json";
/// Findings are compared with this report's.
pub(super) const REPORT: &str = "reports/report.json";
/// The signed statement.
pub(super) const STATEMENT: &str = "statement.dsse.json";
/// The authority's answer, as `openssl ts` reads it.
pub(super) const TIMESTAMP: &str = "timestamp.tsr";
/// The signed statement about that answer.
pub(super) const TIMESTAMP_STATEMENT: &str = "timestamp.dsse.json";

/// Writes a report in one format.
pub(super) type Render = fn(&Report, &mut dyn Write) -> io::Result<()>;

/// The reports in a bundle.
pub(super) const REPORTS: &[(&str, Render)] = &[
    (REPORT, json::render),
    ("reports/report.html", html::render),
    ("reports/report.oscal.json", oscal::render),
];

const SETTINGS_VERSION: &str = "1.0";

/// `settings.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    schema_version: String,
    /// Which places, principals and names are the intended ones.
    pub(super) organization: Expectations,
    /// The rules that ran, as they were set.
    pub(super) rules: BTreeMap<String, RuleSettings>,
    /// The frameworks whose controls the reports tell about.
    pub(super) frameworks: Vec<Framework>,
    /// They were asked for, and the rules are those that they name.
    frameworks_asked: bool,
    /// Which rules were left out, and by what.
    #[serde(default, skip_serializing_if = "RuleChoice::is_all")]
    choice: RuleChoice,
    /// The day on which waivers are held to be in force or expired.
    pub(super) waivers_on: NaiveDate,
}

/// How a rule was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSettings {
    pub(super) severity: Severity,
    pub(super) parameters: BTreeMap<String, Parameter>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Parameter {
    Bool(bool),
    Int(i64),
    Text(String),
    Texts(Vec<String>),
}

impl From<&ParameterValue> for Parameter {
    fn from(value: &ParameterValue) -> Self {
        match value {
            ParameterValue::Bool(value) => Self::Bool(*value),
            ParameterValue::Int(value) => Self::Int(*value),
            ParameterValue::Text(value) => Self::Text(value.clone()),
            ParameterValue::Texts(values) => Self::Texts(values.clone()),
        }
    }
}

impl From<&Parameter> for toml::Value {
    fn from(value: &Parameter) -> Self {
        match value {
            Parameter::Bool(value) => (*value).into(),
            Parameter::Int(value) => (*value).into(),
            Parameter::Text(value) => value.clone().into(),
            Parameter::Texts(values) => values.clone().into(),
        }
    }
}

impl Settings {
    /// The settings of a run by these rules.
    pub(super) fn of(rules: &RuleSet, organization: Expectations, waivers_on: NaiveDate) -> Self {
        let frameworks = rules.frameworks().to_vec();
        let frameworks_asked = rules.frameworks_asked();
        let choice = rules.choice().clone();
        let rules = rules.rules().iter().map(|rule| {
            let parameters =
                rule.parameters.iter().map(|(name, parameter)| (name.clone(), (&parameter.value).into()));
            let settings = RuleSettings { severity: rule.severity, parameters: parameters.collect() };
            (rule.id.to_string(), settings)
        });
        Self {
            schema_version: SETTINGS_VERSION.to_owned(),
            organization,
            rules: rules.collect(),
            frameworks,
            frameworks_asked,
            choice,
            waivers_on,
        }
    }

    fn overrides(&self) -> RuleOverrides {
        let mut overrides = RuleOverrides::default();
        for (id, settings) in &self.rules {
            overrides.severity.insert(id.clone(), settings.severity);
            let parameters = settings.parameters.iter().map(|(name, value)| (name.clone(), value.into()));
            overrides.parameters.insert(id.clone(), parameters.collect());
        }
        overrides
    }
}

/// Everything that decides what is found.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) snapshot: Source,
    pub(super) rules: Vec<RuleText>,
    pub(super) settings: Settings,
    pub(super) attestations: Vec<Attestation>,
    /// Files of waivers, which were checked when they were first used.
    pub(super) waivers: Vec<PathBuf>,
}

/// Why the rules could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A rule.
    #[error(transparent)]
    Rules(#[from] RuleErrors),
    /// Waivers.
    #[error(transparent)]
    Waivers(#[from] WaiverError),
    /// The snapshot, or a rule that cannot be evaluated.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl Inputs {
    /// The rules as they are set.
    pub(super) fn rule_set(&self) -> Result<RuleSet, RuleErrors> {
        let frameworks = self.settings.frameworks.clone();
        let asked = self.settings.frameworks_asked;
        let rules =
            RuleSet::of_texts(self.rules.iter().cloned(), frameworks, asked, &self.settings.overrides())?;
        Ok(rules.left_by(self.settings.choice.clone()))
    }

    /// Runs the rules.
    pub(super) fn report(&self) -> Result<Report, RunError> {
        let rules = self.rule_set()?;
        let expectations = self.settings.organization.clone();
        let waivers = Waivers::load_recorded(&self.waivers)?;
        let mut evaluation = evaluate::check_with(&self.snapshot, expectations, &self.attestations, &rules)?;
        // What is to be said of waivers is said by `check`.
        waivers.apply(&mut evaluation, &rules, self.settings.waivers_on);
        Ok(Report::of(evaluation, &rules))
    }
}
