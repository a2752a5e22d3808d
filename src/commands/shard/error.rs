//! Why a step of a run on several machines was not taken, and what to do about it.

use crate::aws::failure::Failure;
use crate::exit::Exit;
use crate::model::GapReason;
use crate::shard::PlanError;
use crate::shard::store::StoreError;

/// Why a `shard` command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShardError {
    /// The place of the plan.
    #[error("{0}{way_out}", way_out = way_out(.0))]
    Store(StoreError),
    /// There is a plan already.
    #[error(
        "{place} is there: a plan is never changed. Give another place with --to, a new one for each run"
    )]
    PlanExists {
        /// The plan.
        place: String,
    },
    /// There is no plan.
    #[error("there is no plan {place}. Make it with trailproof shard plan --to, and give the same to --plan")]
    NoPlan {
        /// The plan.
        place: String,
    },
    /// A plan that cannot be carried out.
    #[error("{place}: {error}")]
    Plan {
        /// The plan.
        place: String,
        /// What is wrong with it.
        error: PlanError,
    },
    /// What stands in the shard's place changes time and again.
    #[error("shard {shard} was written by another run meanwhile, and is {trouble}. Run it again")]
    Contended {
        /// The shard.
        shard: usize,
        /// What is wrong with what is there.
        trouble: String,
    },
    /// A document that cannot be written as JSON.
    #[error("cannot write {place}: {detail}")]
    Document {
        /// The document.
        place: String,
        /// Why.
        detail: String,
    },
    /// Shards that are not done.
    #[error("{} of {shards} shards are not done:{troubles}\nRun them again: {indexes}. Or merge without them: --allow-missing", .count)]
    Undone {
        /// How many.
        count: usize,
        /// Of how many.
        shards: usize,
        /// Each with its accounts and what is wrong with it, a line each.
        troubles: String,
        /// Their numbers, with commas.
        indexes: String,
    },
    /// Ctrl-C or the engine's request to end.
    #[error("interrupted: nothing is written. Run it again")]
    Interrupted,
}

impl ShardError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::PlanExists { .. }
            | Self::NoPlan { .. }
            | Self::Plan { .. }
            | Self::Store(StoreError::Read { refusal: None, .. }) => Exit::Usage,
            Self::Undone { .. } => Exit::Incomplete,
            Self::Interrupted | Self::Store(StoreError::Interrupted) => Exit::Interrupted,
            Self::Store(StoreError::Setup(_) | StoreError::Read { refusal: Some(_), .. }) => Exit::NoAccess,
            Self::Store(StoreError::Write { .. } | StoreError::Temporary(_))
            | Self::Contended { .. }
            | Self::Document { .. } => Exit::NotWritten,
        }
    }
}

fn way_out(error: &StoreError) -> String {
    let (refusal, actions) = match error {
        StoreError::Read { refusal: Some(refusal), .. } => (
            refusal,
            "s3:GetObject, and s3:ListBucket so that what is not there is told from what is refused",
        ),
        StoreError::Write { refusal: Some(refusal), .. } => (refusal, "s3:PutObject and s3:GetObject"),
        StoreError::Interrupted => return ": nothing is written. Run it again".to_owned(),
        _ => return String::new(),
    };
    let Failure { code, reason, .. } = &**refusal;
    let way_out = match (code.as_deref(), reason) {
        (Some("NoSuchBucket"), _) => "Make the bucket, or check its name".to_owned(),
        (Some("ConditionalRequestConflict"), _) => "Run it again".to_owned(),
        (_, GapReason::AccessDenied) => format!("Let the caller do {actions}"),
        (_, GapReason::CredentialsRejected) => {
            "Sign in (aws sso login, aws login), or choose other credentials with AWS_PROFILE".to_owned()
        }
        (_, GapReason::Unreachable | GapReason::Timeout) => {
            "Check the network, the proxy (HTTPS_PROXY), --region and --endpoint-url".to_owned()
        }
        (_, GapReason::Throttled | GapReason::ServerError) => "Run it again later".to_owned(),
        _ => return String::new(),
    };
    format!(". {way_out}")
}
