//! Flags of the commands about evidence.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};

use super::reporting::{OUTPUT_HELP, format_help};
use super::{ConnectionArgs, EvidenceArgs, FormatArg, RuleArgs};
use crate::evidence::redact::Redaction;
use crate::evidence::verification::VerificationFormat;

/// `evidence`
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Put a snapshot, its report and all that it rests on into one signed file
    Export(Box<EvidenceExportArgs>),
    /// Verify such a file, without a network
    Verify(EvidenceVerifyArgs),
}

/// `evidence export`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("signer").required(true).args(["key", "kms_key"]))]
pub struct EvidenceExportArgs {
    /// The snapshot, or the shards of one
    #[arg(required = true, value_name = "SNAPSHOT", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// The bundle to write, a .tar.zst; one that is there is never replaced
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Leave out names and addresses of mail, or identities too: docs/evidence.md says exactly what
    #[arg(long, value_name = "WHAT", value_enum, num_args = 0..=1, default_missing_value = "names")]
    #[arg(require_equals = true)]
    pub redact: Option<RedactArg>,
    /// Sign with this private key: Ed25519 or ECDSA P-256, PKCS#8 in PEM form
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Signature")]
    pub key: Option<PathBuf>,
    /// Sign with this key of AWS KMS.
    #[arg(help = "Sign with this key of AWS KMS: ECC_NIST_P256 for SIGN_VERIFY")]
    #[arg(long, value_name = "ARN", help_heading = "Signature")]
    pub kms_key: Option<String>,
    /// Have the signature time-stamped by this authority (RFC 3161)
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = "Signature")]
    pub timestamp_url: Option<String>,
    /// Enter the bundle into this ledger, so that a missing audit shows
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Signature")]
    pub ledger: Option<PathBuf>,
    /// Accepted risks, in TOML or YAML, as they were in force on the day of the snapshot
    #[arg(long, value_name = "FILE", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub waivers: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What is taken in.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// How to reach AWS, for --kms-key.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `evidence verify`
#[derive(Debug, Args)]
pub struct EvidenceVerifyArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE", value_hint = ValueHint::FilePath)]
    pub bundle: PathBuf,
    /// The public key of whoever signs, in PEM form; several where keys changed
    #[arg(long, required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub public_key: Vec<PathBuf>,
    /// The ledger that the bundle was entered into
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ledger: Option<PathBuf>,
    /// The longest time between two audits of the ledger, and since the last one
    #[arg(long, value_name = "DAYS", requires = "ledger")]
    pub max_age: Option<NonZeroU32>,
    /// Certificates of the authorities whose time stamps count, in a PEM file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub tsa_ca: Option<PathBuf>,
    /// A format, and where it goes.
    #[arg(long, value_name = "KIND[=FILE]", value_delimiter = ',', help = format_help::<VerificationFormat>())]
    #[arg(help_heading = "Output")]
    pub format: Vec<FormatArg<VerificationFormat>>,
    /// Where the one format goes.
    #[arg(help = OUTPUT_HELP, help_heading = "Output")]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// What is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedactArg(pub Redaction);

const REDACTIONS: [RedactArg; 2] = [RedactArg(Redaction::Names), RedactArg(Redaction::Identities)];

impl ValueEnum for RedactArg {
    fn value_variants<'a>() -> &'a [Self] {
        &REDACTIONS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self.0 {
            Redaction::Names => "Names of accounts, units and policies, addresses of mail, words of errors",
            Redaction::Identities => "These, and the numbers of accounts and the organization's identities",
        };
        Some(PossibleValue::new(self.0.as_str()).help(help))
    }
}
