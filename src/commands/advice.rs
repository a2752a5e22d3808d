//! What to do about an error, by the flags and commands of this program: the library says what is wrong, and knows
//! neither.

use super::error::Error;
use crate::attestation::AttestationError;
use crate::collect::archive::ArchiveError;
use crate::collect::{CollectError, Remedy};
use crate::deliver::{DeliverError, Refusal};
use crate::evaluate::CheckError;
use crate::evidence::export::ExportError;
use crate::evidence::key::KeyError;
use crate::evidence::redact::RedactError;
use crate::evidence::{EvidenceError, RunError};
use crate::guardrails::explain::ExplainError;
use crate::model::GapReason;
use crate::plan::{SelectionError, Setting};
use crate::printer::Printer;
use crate::settings::ObjectUri;
use crate::settings::config::ConfigError;
use crate::snapshot::SnapshotError;
use crate::waivers::WaiverError;

const OTHER_CREDENTIALS: &str =
    "Sign in (aws sso login, aws login), or choose other credentials with AWS_PROFILE";
const NETWORK: &str = "Check the network, the proxy (HTTPS_PROXY), the region and the endpoint";
const ENDPOINT: &str = "Check the endpoint and the proxy";
const ANOTHER_PROFILE: &str = "Choose another with --profile or AWS_PROFILE";

/// Shows what went wrong, and what to do about it, on standard error.
pub(super) fn show(error: &Error, printer: &Printer) {
    let color = printer.colors_errors();
    match error {
        Error::Config(error @ ConfigError::Invalid { .. }) => printer.drawn_error(&error.render(color)),
        Error::Waivers(WaiverError::Invalid(problems)) => printer.drawn_error(&problems.render(color)),
        Error::Rules(errors) => printer.drawn_error(&errors.render(color)),
        Error::Check(CheckError::Evaluate(error)) => printer.drawn_error(&error.errors.render(color)),
        _ => printer.error(&text(error)),
    }
}

fn text(error: &Error) -> String {
    match error {
        Error::Collect(error) | Error::Archive(ArchiveError::Collect(error)) => of_collecting(error),
        Error::Archive(error) => of_archive(error),
        Error::Deliver(error) => of_delivering(error),
        Error::Attestation(error) => of_attestation(error),
        Error::Evidence(error) => of_evidence(error),
        Error::Check(CheckError::Snapshot(error)) | Error::Explain(ExplainError::Snapshot(error)) => {
            of_snapshot(error)
        }
        _ => error.to_string(),
    }
}

fn of_collecting(error: &CollectError) -> String {
    let way_out = match error {
        CollectError::NoCredentials { remedy, .. } => {
            format!("{}. To see what comes out without any: trailproof demo", of_credentials(remedy))
        }
        CollectError::CredentialsExpired { .. } => {
            "Sign in again, then repeat the command with --resume".to_owned()
        }
        CollectError::NoOrganization { account_id } => format!(
            "Use credentials of the management account or a delegated administrator, or scan this account alone with \
             --accounts {account_id}"
        ),
        CollectError::CannotReach { .. } => {
            "Check the network, the proxy (HTTPS_PROXY), --region and --endpoint-url".to_owned()
        }
        CollectError::NotAws { .. } => "Check --endpoint-url and the proxy".to_owned(),
        CollectError::WrongRegion { .. } => "Choose another with --region or AWS_REGION".to_owned(),
        CollectError::OtherCaller { .. } => {
            "Use credentials of that account, or make a new plan: trailproof shard plan".to_owned()
        }
        CollectError::Certificates { .. } => "Check --ca-bundle and AWS_CA_BUNDLE".to_owned(),
        CollectError::Interrupted { .. } => "Go on with --resume".to_owned(),
        CollectError::Setting { setting, value, detail } => {
            return format!("{} is {value}: {detail}", flag(*setting));
        }
        CollectError::Selection(error) => return of_selection(error),
        CollectError::Snapshot(error) => return of_snapshot(error),
        CollectError::InterruptedEarly | CollectError::Mfa { .. } | CollectError::ProfileRole { .. } => {
            return error.to_string();
        }
    };
    format!("{error}. {way_out}")
}

/// The flag that a setting is given by.
fn flag(setting: Setting) -> &'static str {
    match setting {
        Setting::MaxConcurrency => "--max-concurrency",
        Setting::MaxAttempts => "--max-attempts",
        Setting::SessionName => "--session-name",
        Setting::SessionDuration => "--session-duration",
    }
}

fn of_credentials(remedy: &Remedy) -> String {
    match remedy {
        Remedy::SignInToIdentityCenter(profile) => format!("aws sso login --profile {profile}"),
        Remedy::SignIn(profile) => format!("aws login --profile {profile}"),
        Remedy::SignInOrChoose => {
            "Sign in (aws sso login, aws login), or choose others with --profile or AWS_PROFILE".to_owned()
        }
        Remedy::ChooseOthers => "Choose others with --profile or AWS_PROFILE".to_owned(),
        Remedy::ChooseProfile => ANOTHER_PROFILE.to_owned(),
        Remedy::Correct => "Correct the file".to_owned(),
        Remedy::SaveAsUtf8 => "Save it as UTF-8".to_owned(),
    }
}

fn of_selection(error: &SelectionError) -> String {
    match error {
        SelectionError::Inactive { .. } => format!("{error}. Leave it out of --accounts"),
        SelectionError::TreeUnknown { detail } => format!(
            "--ous and --exclude-ous need the organization's tree, which could not be read ({detail}). Use credentials \
             of the management account or a delegated administrator, or select by --accounts"
        ),
        SelectionError::TagsUnknown { detail } => format!(
            "--account-tag, --exclude-account-tag and --read-account-tags need the accounts' tags, which could not be \
             read ({detail}). Allow organizations:ListTagsForResource with credentials of the management account or a \
             delegated administrator, or do without them"
        ),
        SelectionError::Nothing => {
            format!("{error}: --accounts and --ous select none that --exclude-* does not take away")
        }
        SelectionError::NoRegionLeft => {
            format!("{error}: --exclude-regions takes away all that --regions selects")
        }
        _ => error.to_string(),
    }
}

fn of_snapshot(error: &SnapshotError) -> String {
    let way_out = match error {
        SnapshotError::Malformed { .. } => "Collect it again: trailproof collect -o FILE",
        SnapshotError::CutOff { .. } => "Resume it with trailproof collect --resume, or collect again",
        SnapshotError::PartialKept { .. } => "Go on with --resume, or remove it to start anew",
        SnapshotError::NothingToResume { .. } => "Leave out --resume to collect it anew",
        _ => return error.to_string(),
    };
    format!("{error}. {way_out}")
}

fn of_archive(error: &ArchiveError) -> String {
    match error {
        ArchiveError::NoTrail { .. } | ArchiveError::UnreadTrail { .. } => {
            format!("{error}. Name its bucket instead, with --bucket and --prefix")
        }
        ArchiveError::NoTrails { .. } => {
            format!("{error}. Name one with --trail-arn, or a bucket with --bucket")
        }
        ArchiveError::CannotEnter { .. } => format!(
            "{error}. Name its role with --role-name; trailproof iam-policy --archive prints what the role needs"
        ),
        ArchiveError::CannotList { .. } => {
            format!("{error}; trailproof iam-policy --archive prints what is needed")
        }
        ArchiveError::Nothing { .. } => {
            format!("{error}. Check the bucket, --prefix, --accounts and --regions")
        }
        ArchiveError::Interrupted { state: Some(_) } => format!("{error}. Repeat the command to go on"),
        ArchiveError::Interrupted { state: None } => {
            format!("{error}. With --state FILE a run can be gone on with")
        }
        _ => error.to_string(),
    }
}

/// Why a report is not where it was to go, and what to do about it.
pub(super) fn of_delivering(error: &DeliverError) -> String {
    let way_out = match error {
        DeliverError::Object { uri, refusal: Some(refusal), .. } => of_object(uri, refusal),
        DeliverError::Object { refusal: None, .. } => {
            "Check --profile, --region, --endpoint-url and --ca-bundle".to_owned()
        }
        DeliverError::SecurityHubSetup { caller_is_unknown: true, .. } => {
            "Sign in (aws sso login, aws login), or choose credentials with --profile or AWS_PROFILE"
                .to_owned()
        }
        DeliverError::SecurityHub { region, account_id, action, refusal, .. } => {
            of_security_hub(region, account_id, action, refusal)
        }
        _ => return error.to_string(),
    };
    format!("{error}. {way_out}")
}

fn of_object(ObjectUri { bucket, key }: &ObjectUri, refusal: &Refusal) -> String {
    match (refusal.code.as_deref(), refusal.reason) {
        (Some("NoSuchBucket"), _) => "Make the bucket, or check its name".to_owned(),
        (Some("PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed"), _) => {
            "The bucket is in another region: name it with --region or AWS_REGION".to_owned()
        }
        (Some("InvalidRequest"), _) => {
            "See that the bucket takes what PutObject sends: a SHA-256 checksum, no ACL, no retention"
                .to_owned()
        }
        (_, GapReason::AccessDenied) => format!(
            "Let the caller do s3:PutObject on {bucket}/{key}, and kms:GenerateDataKey on the key where the bucket is \
             encrypted with one; see that no bucket policy or guardrail denies it"
        ),
        (_, GapReason::CredentialsRejected) => OTHER_CREDENTIALS.to_owned(),
        (_, GapReason::Unreachable | GapReason::Timeout) => NETWORK.to_owned(),
        (_, GapReason::Throttled | GapReason::ServerError) => "Try again later".to_owned(),
        (_, GapReason::MalformedResponse) => ENDPOINT.to_owned(),
        _ => "Write to a file instead, and copy that: aws s3 cp".to_owned(),
    }
}

fn of_security_hub(region: &str, account_id: &str, action: &str, refusal: &Refusal) -> String {
    match (refusal.code.as_deref(), refusal.reason) {
        (Some("InvalidAccessException"), _) => format!(
            "Enable Security Hub in {region} of account {account_id}, or name another region with --security-hub-region"
        ),
        (_, GapReason::AccessDenied) => format!(
            "Let the caller do {action} (trailproof iam-policy --security-hub prints all that is needed), and see \
             that no guardrail denies it"
        ),
        (_, GapReason::CredentialsRejected) => OTHER_CREDENTIALS.to_owned(),
        (_, GapReason::Unreachable | GapReason::Timeout) => NETWORK.to_owned(),
        (_, GapReason::Throttled | GapReason::ServerError) => {
            "Try again later: what was sent is not sent twice".to_owned()
        }
        (_, GapReason::MalformedResponse) => ENDPOINT.to_owned(),
        _ => "Write --format asff=FILE instead, and import that".to_owned(),
    }
}

fn of_attestation(error: &AttestationError) -> String {
    match error {
        AttestationError::Malformed { .. } => {
            format!("{error}. trailproof verify-logs --attestation FILE writes one")
        }
        AttestationError::Read { .. } => error.to_string(),
    }
}

fn of_evidence(error: &EvidenceError) -> String {
    match error {
        EvidenceError::Key(KeyError::Encrypted { .. }) => format!("{error}, or sign with --kms-key"),
        EvidenceError::NoSigner => format!("{error}: give --key or --kms-key"),
        EvidenceError::Export(ExportError::Redact(RedactError::Verdicts { .. })) => {
            format!("{error}. Export without --redact, or with --redact=names")
        }
        EvidenceError::Export(
            ExportError::Snapshot(error)
            | ExportError::Run(RunError::Check(CheckError::Snapshot(error)))
            | ExportError::Redact(RedactError::Snapshot(error)),
        ) => of_snapshot(error),
        EvidenceError::Export(ExportError::Attestation(error)) => of_attestation(error),
        _ => error.to_string(),
    }
}
