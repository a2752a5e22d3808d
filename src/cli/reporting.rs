//! Flags of the commands that check and report.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum, ValueHint};

use crate::report::{Format, FormatKind};
use crate::severity::Severity;

/// Which rules.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Only these rules, by id or glob; a folder of rules (`./mine/`) is added, and overrides rules of the same id
    #[arg(long, value_name = "RULE|DIR", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// Not these rules, by id or glob
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub skip_rules: Vec<String>,
    /// Only rules of these families: organization, trail, bucket, replication, config, logs, keys
    #[arg(long, value_name = "FAMILY", value_delimiter = ',')]
    pub family: Vec<String>,
    /// Only rules that tell of controls of these frameworks, by id or glob, and reports on these frameworks
    #[arg(long, value_name = "FRAMEWORK", value_delimiter = ',')]
    pub framework: Vec<String>,
    /// No rules milder than this
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub severity: Option<SeverityArg>,
}

/// What was found out elsewhere and is taken in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rules")]
pub struct EvidenceArgs {
    /// What trailproof verify-logs --attestation wrote, for the rule trail-digest-chain
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub attestation: Vec<PathBuf>,
}

/// What comes out.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// A format, and where it goes.
    #[arg(long, value_name = "KIND[=FILE]", value_delimiter = ',', help = format_help::<FormatKind>())]
    pub format: Vec<FormatArg>,
    /// Where the one format goes.
    #[arg(help = OUTPUT_HELP)]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// How JSON lists what passes: each finding, or by rule and subject, which large organizations can use [default: full]
    #[arg(long, value_name = "FORM", value_enum)]
    pub passes: Option<PassesArg>,
    /// The mildest failure that makes the exit code 1 [default: high]
    #[arg(long, value_name = "LEVEL", value_enum, env = "TRAILPROOF_FAIL_ON", hide_env_values = true)]
    pub fail_on: Option<ThresholdArg>,
    /// Exit with 0 even if something in scope could not be read
    #[arg(long)]
    pub allow_incomplete: bool,
}

/// Where findings are sent.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct SecurityHubArgs {
    /// Import failures and undecided checks into AWS Security Hub, with the caller's own credentials
    #[arg(long)]
    pub send_to_security_hub: bool,
    /// The region of that Security Hub [default: the caller's]
    #[arg(long, value_name = "REGION", requires = "send_to_security_hub")]
    pub security_hub_region: Option<String>,
}

/// What `--format` says of itself: the formats are listed where they are defined.
pub(super) fn format_help<K: Format>() -> String {
    let kinds: Vec<&str> = K::ALL.iter().map(|kind| kind.as_str()).collect();
    format!(
        "A format, and the file or s3://BUCKET/KEY that it goes to: {}; json=report.json [default: table]",
        kinds.join(", ")
    )
}

/// What `--output` says of itself.
pub(super) const OUTPUT_HELP: &str = "The file or s3://BUCKET/KEY that the one format goes to; its ending says which where --format does not [default: standard output]";

/// `json` or `json=report.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatArg<K = FormatKind> {
    /// The format.
    pub kind: K,
    /// Where it goes; `None` for standard output.
    pub path: Option<PathBuf>,
}

impl<K: Format> FromStr for FormatArg<K> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, path) = match text.split_once('=') {
            Some((kind, path)) => (kind, Some(path)),
            None => (text, None),
        };
        let found = K::ALL.iter().copied().find(|known| known.as_str() == kind).ok_or_else(|| {
            let known: Vec<&str> = K::ALL.iter().map(|known| known.as_str()).collect();
            format!("there is no format {kind:?}; there are {}", known.join(", "))
        })?;
        let path = match path {
            Some("") => return Err("the file's name is missing after `=`".to_owned()),
            Some("-") | None => None,
            Some(path) => Some(PathBuf::from(path)),
        };
        Ok(Self { kind: found, path })
    }
}

/// How what passes is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PassesArg {
    /// Each finding, with its evidence.
    Full,
    /// By rule, and each subject once.
    Folded,
}

impl OutputArgs {
    /// Passes are to be folded.
    pub fn folds_passes(&self) -> bool {
        self.passes == Some(PassesArg::Folded)
    }
}

/// A severity on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeverityArg(pub Severity);

const SEVERITIES: [SeverityArg; 5] = [
    SeverityArg(Severity::Critical),
    SeverityArg(Severity::High),
    SeverityArg(Severity::Medium),
    SeverityArg(Severity::Low),
    SeverityArg(Severity::Info),
];

impl ValueEnum for SeverityArg {
    fn value_variants<'a>() -> &'a [Self] {
        &SEVERITIES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.as_str()))
    }
}

/// A threshold on the command line: a severity, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThresholdArg(pub Option<Severity>);

const THRESHOLDS: [ThresholdArg; 6] = [
    ThresholdArg(Some(Severity::Critical)),
    ThresholdArg(Some(Severity::High)),
    ThresholdArg(Some(Severity::Medium)),
    ThresholdArg(Some(Severity::Low)),
    ThresholdArg(Some(Severity::Info)),
    ThresholdArg(None),
];

impl ValueEnum for ThresholdArg {
    fn value_variants<'a>() -> &'a [Self] {
        &THRESHOLDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.map_or("never", Severity::as_str)))
    }
}
