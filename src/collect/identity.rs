//! Who calls: the account and the partition that everything else follows from, and what to say when nobody answers.

use super::CollectError;
use super::Run;
use super::call::CallTarget;
use super::failure::Failure;
use super::session::Session;
use super::table::GET_CALLER_IDENTITY;
use crate::aws::profiles::{Remedy, why_no_credentials};
use crate::aws::{MfaError, SetupError};
use crate::model::{GapReason, partition_of_region};
use crate::plan::nearest_region;
use crate::policy::Arn;

/// The caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    /// Twelve digits.
    pub(crate) account_id: String,
    /// `aws`, `aws-us-gov`, `aws-cn`, ...
    pub(crate) partition: String,
}

/// Asks STS who calls.
pub(crate) async fn identify(run: &Run) -> Result<Identity, CollectError> {
    let session = Session::own(run, "");
    let sts = session.sts(&run.region);
    let asked = session
        .api
        .attempt(&GET_CALLER_IDENTITY, CallTarget::default(), || sts.get_caller_identity().send())
        .await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(failure) => return Err(explain(run, failure).await),
    };
    let missing = || CollectError::NotAws {
        endpoint: endpoint(run),
        detail: "the caller's identity has no account".to_owned(),
    };
    let arn = answer.arn.ok_or_else(missing)?;
    let caller = Arn::parse(&arn).filter(|caller| !caller.partition.is_empty()).ok_or_else(missing)?;
    let account_id = answer.account.ok_or_else(missing)?;
    Ok(Identity { partition: caller.partition.to_owned(), account_id })
}

fn endpoint(run: &Run) -> String {
    run.config.endpoint_url().map_or_else(|| format!("AWS STS in {}", run.region), str::to_owned)
}

async fn explain(run: &Run, failure: Failure) -> CollectError {
    let detail = failure.detail;
    match failure.reason {
        GapReason::MalformedResponse => CollectError::NotAws { endpoint: endpoint(run), detail },
        GapReason::Unreachable | GapReason::Timeout | GapReason::ServerError | GapReason::Throttled => {
            if run.config.endpoint_url().is_none() && partition_of_region(&run.region).is_none() {
                let detail = match nearest_region(&run.region) {
                    Some(name) => format!("it does not answer ({detail}); did you mean {name}?"),
                    None => format!("it does not answer ({detail})"),
                };
                return CollectError::WrongRegion { region: run.region.clone(), detail };
            }
            CollectError::CannotReach { endpoint: endpoint(run), detail }
        }
        _ if failure.code.as_deref().is_some_and(is_expiry) => CollectError::CredentialsExpired { detail },
        // With a code it is AWS that refuses them; without, the chain found none.
        _ if failure.code.is_some() => {
            let detail = format!("AWS refuses them: {}", detail.trim_end_matches('.'));
            CollectError::NoCredentials { detail, remedy: Remedy::ChooseOthers }
        }
        _ => {
            let (detail, remedy) = why_no_credentials(&run.settings, &detail).await;
            CollectError::NoCredentials { detail, remedy }
        }
    }
}

/// The error code says that credentials were good once.
fn is_expiry(code: &str) -> bool {
    matches!(code, "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired")
}

impl From<SetupError> for CollectError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Http(error) => Self::Certificates { path: error.path, detail: error.detail },
            SetupError::Mfa(MfaError::Token { serial, detail }) => {
                Self::Mfa { serial, detail: super::failure::scrub(&detail) }
            }
            SetupError::Mfa(MfaError::Role { role_arn, detail }) => {
                Self::ProfileRole { role_arn, detail: super::failure::scrub(&detail) }
            }
        }
    }
}
