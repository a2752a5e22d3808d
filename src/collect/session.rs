//! A session in an account: the audit role under the session policy, or the caller itself in its own account.
//!
//! In its own account the caller keeps its credentials: a session policy can only be laid over a session when it is
//! begun, and the role that could be assumed there may not exist (AWS makes none in a management account). There the
//! table itself is the limit: [`super::guard`] lets no other call out.

use std::sync::{Arc, LazyLock, Mutex};

use aws_config::identity::IdentityCache;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_s3::config::ResponseChecksumValidation;
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};
use aws_sdk_sts::operation::get_caller_identity::{GetCallerIdentityError, GetCallerIdentityOutput};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_types::retry::RetryConfig;

use super::Run;
use super::call::{ApiCaller, CallTarget};
use super::convert::Arn;
use super::failure::{Failure, Retry};
use super::guard::Guard;
use super::locking::lock;
use super::permissions::session_policy;
use super::table::{ASSUME_ROLE, Call, GET_CALLER_IDENTITY};
use crate::aws::{self, signed};
use crate::model::{Gap, GapPlace, GapReason};
use crate::plan::RoleSettings;

static SESSION_POLICY: LazyLock<Arc<str>> = LazyLock::new(|| session_policy().into());

/// Clients of one account, and the caller that its calls go through.
#[derive(Debug)]
pub(crate) struct Session {
    /// The account.
    pub(crate) account_id: String,
    /// The region for calls that have none of their own.
    pub(crate) region: String,
    /// The only way to send what the clients below make up.
    pub(crate) api: ApiCaller,
    config: SdkConfig,
    guard: Guard,
}

/// Why there is no session.
#[derive(Debug)]
pub(crate) enum Refused {
    /// This account cannot be entered.
    Account(Gap),
    /// The caller's own credentials are no longer good: no account can be entered.
    Caller(String),
}

macro_rules! clients {
    ($($name:ident: $module:ident),*) => {
        $(pub(crate) fn $name(&self, region: &str) -> $module::Client {
            let config = $module::config::Builder::from(&self.config)
                .region(Region::new(region.to_owned()))
                .interceptor(self.guard);
            $module::Client::from_conf(config.build())
        })*
    };
}

impl Session {
    /// A session with the configuration's own credentials.
    pub(crate) fn own(run: &Run, account_id: &str) -> Self {
        Self {
            account_id: account_id.to_owned(),
            region: run.region.clone(),
            api: ApiCaller::new(
                Arc::clone(&run.calls),
                Some(account_id.to_owned()),
                Some(run.settings.account_time_limit),
            ),
            config: run.config.clone(),
            guard: Guard::Scan,
        }
    }

    /// Enters an account to scan it.
    pub(crate) async fn enter(run: &Run, account_id: &str) -> Result<Self, Refused> {
        Self::enter_under(run, account_id, Arc::clone(&SESSION_POLICY)).await
    }

    /// The same session, for reading the archive: its calls are allowed, and no time limit ends it.
    #[must_use]
    pub(crate) fn into_archive(self, run: &Run) -> Self {
        let api = ApiCaller::new(Arc::clone(&run.calls), Some(self.account_id.clone()), None);
        Self { api, guard: Guard::Archive, ..self }
    }

    /// Enters an account under this session policy.
    pub(crate) async fn enter_under(run: &Run, account_id: &str, policy: Arc<str>) -> Result<Self, Refused> {
        let session = Self::own(run, account_id);
        if account_id == run.identity.account_id {
            return Ok(session);
        }
        let role_arn = run.settings.role.arn(&run.identity.partition, account_id);
        let at = CallTarget::resource(&role_arn);
        let mut role = AuditRole {
            sts: sts(&run.config, RetryConfig::disabled()),
            role_arn: role_arn.clone(),
            role: run.settings.role.clone(),
            policy,
            first: Mutex::new(None),
        };
        let malformed = |what| Failure::new(GapReason::MalformedResponse, Retry::Never, what);
        let answer = session.api.attempt(&ASSUME_ROLE, at, || role.assume()).await;
        let first = answer
            .and_then(|answer| handed_out(answer, account_id).map_err(malformed))
            .map_err(|failure| refused(account_id, &role_arn, failure))?;
        let first = aws::credentials(first, "AuditRole");
        let answer = session.api.attempt(&GET_CALLER_IDENTITY, at, || role.whose(&first)).await;
        answer
            .and_then(|answer| of_account(&answer, account_id).map_err(malformed))
            .map_err(|failure| Refused::Account(gap(&GET_CALLER_IDENTITY, account_id, &role_arn, failure)))?;
        *lock(&role.first) = Some(first);
        // Renewal happens inside another call, which the caller already counts among those in flight.
        role.sts = sts(&run.config, RetryConfig::standard().with_max_attempts(run.settings.max_attempts));
        let config = run
            .config
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(role))
            // A cache of its own ends with the session; a shared one would grow with every account.
            .identity_cache(IdentityCache::lazy().load_timeout(run.settings.call_time_limit).build())
            .build();
        Ok(Self { config, ..session })
    }

    clients! {
        cloudtrail: aws_sdk_cloudtrail,
        config: aws_sdk_config,
        iam: aws_sdk_iam,
        kms: aws_sdk_kms,
        logs: aws_sdk_cloudwatchlogs,
        organizations: aws_sdk_organizations,
        s3control: aws_sdk_s3control,
        sts: aws_sdk_sts
    }

    /// A service that is asked without a crate of its own, in a region.
    pub(crate) fn signed(&self, service: signed::Service, region: &str) -> signed::Client {
        signed::Client::new(service, &self.config, region).interceptor(SharedInterceptor::new(self.guard))
    }

    /// S3 in a region.
    pub(crate) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws::s3(&self.config, region)
            // Digests are what says whether an object is whole; S3's checksums would be a second pass over it.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .interceptor(self.guard);
        aws_sdk_s3::Client::from_conf(config.build())
    }
}

fn sts(config: &SdkConfig, retries: RetryConfig) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::config::Builder::from(config).retry_config(retries).interceptor(Guard::Scan);
    aws_sdk_sts::Client::from_conf(config.build())
}

/// The credentials of a session, if it is in this account: what another one answers would be taken for its facts.
fn handed_out(
    answer: AssumeRoleOutput,
    account_id: &str,
) -> Result<aws_sdk_sts::types::Credentials, &'static str> {
    let user = answer.assumed_role_user.ok_or("the answer has no AssumedRoleUser")?;
    if Arn::parse(&user.arn).is_none_or(|arn| arn.account_id != account_id) {
        return Err("the session is in another account than the role");
    }
    answer.credentials.ok_or("the answer has no credentials")
}

/// Whether the credentials are the account's by STS's own word: the role that `AssumeRole` names does not show it.
fn of_account(answer: &GetCallerIdentityOutput, account_id: &str) -> Result<(), &'static str> {
    if answer.account() == Some(account_id) {
        return Ok(());
    }
    Err("the credentials of the session are another account's than the role's")
}

fn refused(account_id: &str, role_arn: &str, failure: Failure) -> Refused {
    if failure.reason == GapReason::CredentialsRejected {
        return Refused::Caller(failure.detail);
    }
    Refused::Account(gap(&ASSUME_ROLE, account_id, role_arn, failure))
}

/// Why an account was not entered.
fn gap(call: &Call, account_id: &str, role_arn: &str, failure: Failure) -> Gap {
    let reason = match failure.reason {
        reason @ (GapReason::Throttled
        | GapReason::Timeout
        | GapReason::Unreachable
        | GapReason::ServerError
        | GapReason::MalformedResponse
        | GapReason::Interrupted) => reason,
        _ => GapReason::RoleNotAssumable,
    };
    let place = GapPlace {
        account_id: Some(account_id),
        region: None,
        service: call.service,
        operation: call.operation,
        resource: Some(role_arn),
    };
    Gap::new(place, reason, failure.detail)
}

/// Credentials of an account's audit role, assumed anew before they run out.
#[derive(Debug)]
struct AuditRole {
    sts: aws_sdk_sts::Client,
    role_arn: String,
    role: RoleSettings,
    policy: Arc<str>,
    first: Mutex<Option<Credentials>>,
}

impl AuditRole {
    fn assume(&self) -> impl Future<Output = Result<AssumeRoleOutput, SdkError<AssumeRoleError>>> + use<> {
        let seconds = i32::try_from(self.role.session_duration.as_secs()).unwrap_or(i32::MAX);
        self.sts
            .assume_role()
            .role_arn(&self.role_arn)
            .role_session_name(&self.role.session_name)
            .duration_seconds(seconds)
            .set_external_id(self.role.external_id.as_ref().map(|id| id.reveal().to_owned()))
            .policy(&*self.policy)
            .send()
    }

    /// Asks whose these credentials are. AWS answers whatever a policy denies.
    fn whose(
        &self,
        credentials: &Credentials,
    ) -> impl Future<Output = Result<GetCallerIdentityOutput, SdkError<GetCallerIdentityError>>> + use<> {
        let theirs = aws_sdk_sts::config::Builder::new().credentials_provider(credentials.clone());
        self.sts.get_caller_identity().customize().config_override(theirs).send()
    }
}

impl ProvideCredentials for AuditRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        if let Some(first) = lock(&self.first).take() {
            return future::ProvideCredentials::ready(Ok(first));
        }
        future::ProvideCredentials::new(async move {
            let answer = self
                .assume()
                .await
                .map_err(|error| CredentialsError::provider_error(Failure::from_sdk(&error).detail))?;
            let account_id = Arn::parse(&self.role_arn).map_or("", |arn| arn.account_id);
            let session = handed_out(answer, account_id).map_err(CredentialsError::provider_error)?;
            let session = aws::credentials(session, "AuditRole");
            let answer = self
                .whose(&session)
                .await
                .map_err(|error| CredentialsError::provider_error(Failure::from_sdk(&error).detail))?;
            of_account(&answer, account_id).map_err(CredentialsError::provider_error)?;
            Ok(session)
        })
    }
}
