//! `trailproof.toml`.

mod error;
mod intended;

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer};

pub use error::ConfigError;

use crate::cli::FormatArg;
use crate::model::Expectations;
use crate::plan::TagSelector;
use crate::report::{Format, FormatKind};
use crate::severity::Severity;

/// The file's name, in the working folder and in the configuration folder.
pub const FILE_NAME: &str = "trailproof.toml";

/// Settings that an organization keeps in a file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "trailproof.toml")]
pub struct ConfigFile {
    /// Which places, principals and names are the intended ones.
    #[serde(deserialize_with = "intended::read")]
    pub organization: Expectations,
    /// Rules, by id.
    pub rules: BTreeMap<String, RuleConfig>,
    /// What to collect.
    pub scan: ScanConfig,
    /// What comes out.
    pub output: OutputConfig,
    /// Accepted risks.
    pub waivers: WaiversConfig,
}

/// Accepted risks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WaiversConfig {
    /// Files of waivers, in TOML or YAML; relative to the working folder.
    pub files: Vec<PathBuf>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleConfig {
    /// Another severity than the rule's own.
    pub severity: Option<Severity>,
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// Other values than the rule's own.
    pub parameters: BTreeMap<String, ParameterConfig>,
}

/// The value of a rule's parameter.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub enum ParameterConfig {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

impl<'de> Deserialize<'de> for ParameterConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || {
            serde::de::Error::custom(
                "a parameter is true or false, a whole number, a text, or a list of texts",
            )
        };
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Boolean(value) => Ok(Self::Bool(value)),
            toml::Value::Integer(value) => Ok(Self::Int(value)),
            toml::Value::String(value) => Ok(Self::Text(value)),
            toml::Value::Array(values) => values
                .into_iter()
                .map(|value| if let toml::Value::String(text) = value { Ok(text) } else { Err(wrong()) })
                .collect::<Result<_, _>>()
                .map(Self::Texts),
            _ => Err(wrong()),
        }
    }
}

impl From<ParameterConfig> for toml::Value {
    fn from(value: ParameterConfig) -> Self {
        match value {
            ParameterConfig::Bool(value) => value.into(),
            ParameterConfig::Int(value) => value.into(),
            ParameterConfig::Text(value) => value.into(),
            ParameterConfig::Texts(values) => values.into(),
        }
    }
}

/// What to collect. The external id is a secret: it comes from `TRAILPROOF_EXTERNAL_ID`, never from a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScanConfig {
    /// Only these accounts, by number or name.
    pub accounts: Vec<String>,
    /// Not these accounts.
    pub exclude_accounts: Vec<String>,
    /// Only accounts of these organizational units and of those below, by id or name.
    pub ous: Vec<String>,
    /// Not accounts of these organizational units.
    pub exclude_ous: Vec<String>,
    /// Only accounts that have one of these tags in AWS Organizations: `environment=production`, `team`.
    #[serde(deserialize_with = "tags")]
    #[schemars(with = "Vec<String>")]
    pub account_tags: Vec<TagSelector>,
    /// Not accounts that have one of these tags.
    #[serde(deserialize_with = "tags")]
    #[schemars(with = "Vec<String>")]
    pub exclude_account_tags: Vec<TagSelector>,
    /// Read the tags of accounts, for waivers that select by them: a call for each account.
    pub read_account_tags: bool,
    /// Only these regions.
    pub regions: Vec<String>,
    /// Not these regions.
    pub exclude_regions: Vec<String>,
    /// The name of the audit role, the same in every account.
    pub role_name: Option<String>,
    /// The path of the audit role.
    pub role_path: Option<String>,
    /// The name of the sessions, as CloudTrail shows it.
    pub session_name: Option<String>,
    /// How long a session lasts before it is renewed, in seconds.
    #[serde(deserialize_with = "session_duration")]
    #[schemars(range(min = 900, max = 43_200))]
    pub session_duration: Option<u32>,
    /// The MFA device of the caller, by serial number or ARN.
    pub mfa_serial: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Region for calls that have none of their own.
    pub region: Option<String>,
    /// Calls in flight at the same time, over all accounts.
    pub max_concurrency: Option<NonZeroU16>,
    /// Attempts for each call.
    pub max_attempts: Option<NonZeroU32>,
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TagSelector>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

fn session_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let seconds = u32::deserialize(deserializer)?;
    if (900..=43_200).contains(&seconds) {
        Ok(Some(seconds))
    } else {
        Err(serde::de::Error::custom("a session lasts from 900 to 43200 seconds"))
    }
}

/// What comes out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutputConfig {
    /// Formats, each with the file it goes to: `"table"`, `"sarif=trailproof.sarif"`.
    #[serde(deserialize_with = "formats")]
    #[schemars(with = "Vec<String>", transform = known_formats)]
    pub format: Vec<FormatArg>,
    /// The mildest failure that makes the exit code 1.
    pub fail_on: Option<Threshold>,
    /// Exit with 0 even if something in scope could not be read.
    pub allow_incomplete: bool,
}

fn formats<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FormatArg>, D::Error> {
    let texts: Vec<String> = Vec::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

fn known_formats(schema: &mut Schema) {
    let kinds: Vec<&str> = FormatKind::ALL.iter().map(|kind| kind.as_str()).collect();
    if let Some(items) = schema.get_mut("items").and_then(serde_json::Value::as_object_mut) {
        items.insert("pattern".to_owned(), format!("^({})(=.+)?$", kinds.join("|")).into());
    }
}

/// The mildest failure that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// Critical failures only.
    Critical,
    /// High ones too.
    High,
    /// Medium ones too.
    Medium,
    /// Low ones too.
    Low,
    /// Every failure.
    Info,
    /// No failure.
    Never,
}

impl Threshold {
    /// The severity; `None` for no failure.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

impl ConfigFile {
    /// Reads the file that is named, else the one in the working folder, else the one in the configuration folder,
    /// else none. Returns where it was.
    pub fn load(named: Option<&Path>) -> Result<(Self, Option<PathBuf>), ConfigError> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => match found() {
                Some(path) => path,
                None => return Ok((Self::default(), None)),
            },
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        let file = Self::parse(&path, &text)?;
        Ok((file, Some(path)))
    }

    /// Reads the file's text.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError::invalid(path, text, &error))
    }

    /// The JSON Schema of the file.
    pub fn schema() -> Schema {
        schemars::SchemaGenerator::default().into_root_schema_for::<Self>()
    }
}

fn found() -> Option<PathBuf> {
    let here = PathBuf::from(FILE_NAME);
    if here.is_file() {
        return Some(here);
    }
    let folder = etcetera::choose_base_strategy().ok()?.config_dir();
    Some(folder.join("trailproof").join(FILE_NAME)).filter(|path| path.is_file())
}

#[cfg(test)]
mod tests;
