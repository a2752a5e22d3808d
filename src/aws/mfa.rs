//! Credentials that need an MFA device's digits. The SDK passes over `mfa_serial` in a profile; here it is honoured, as
//! in the AWS CLI: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html>.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::{self, Profile, ProfileFileCredentialsProvider};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_sts::types::Credentials as Session;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::os_shim_internal::{Env, Fs};

use crate::plan::{CollectSettings, MfaTokenSource};

/// Why there are no credentials behind the MFA device.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MfaError {
    #[error("{detail}")]
    Token { serial: String, detail: String },
    #[error("{detail}")]
    Role { role_arn: String, detail: String },
}

/// The provider that asks for digits, where the settings or the profile name a device; `None` otherwise.
pub(super) async fn provider(
    settings: &CollectSettings,
    config: &SdkConfig,
) -> Result<Option<SharedCredentialsProvider>, MfaError> {
    let profiles = profile::load(
        &Fs::real(),
        &Env::real(),
        &EnvConfigFiles::default(),
        settings.profile.clone().map(Cow::Owned),
    )
    .await
    .ok();
    // As in the AWS CLI: keys in the environment go before a profile that nobody chose.
    let profile_is_used = settings.profile.is_some() || std::env::var_os("AWS_ACCESS_KEY_ID").is_none();
    let profile = profiles
        .as_ref()
        .filter(|_| profile_is_used)
        .and_then(|profiles| profiles.get_profile(profiles.selected_profile()));
    let of_profile = |key: &str| profile.and_then(|profile| profile.get(key)).map(str::to_owned);
    let Some(serial) = settings.mfa_serial.clone().or_else(|| of_profile("mfa_serial")) else {
        return Ok(None);
    };
    let role = of_profile("role_arn").map(|arn| ProfileRole {
        arn,
        external_id: of_profile("external_id"),
        session_name: of_profile("role_session_name").unwrap_or_else(|| settings.role.session_name.clone()),
        duration_seconds: of_profile("duration_seconds").and_then(|seconds| seconds.parse().ok()),
    });
    let base = match (&role, profile) {
        (Some(_), Some(profile)) => source(profile, config),
        _ => config.credentials_provider(),
    };
    let mut with_base = config.to_builder();
    with_base.set_credentials_provider(base);
    let device = Device {
        sts: aws_sdk_sts::Client::new(&with_base.build()),
        serial,
        token: settings.mfa_token.clone(),
        role,
    };
    let first = device.credentials().await?;
    let provider = MfaProvider { device: Arc::new(device), first: Mutex::new(Some(first)) };
    Ok(Some(SharedCredentialsProvider::new(provider)))
}

/// The credentials that a profile's role is assumed with.
fn source(profile: &Profile, config: &SdkConfig) -> Option<SharedCredentialsProvider> {
    let environment = super::provider_config(config);
    if let Some(name) = profile.get("source_profile") {
        // A role that names its own profile as the source means the keys beside it.
        if let (true, Some(key), Some(secret)) =
            (name == profile.name(), profile.get("aws_access_key_id"), profile.get("aws_secret_access_key"))
        {
            let token = profile.get("aws_session_token").map(str::to_owned);
            let keys = Credentials::new(key, secret, token, None, "profile");
            return Some(SharedCredentialsProvider::new(keys));
        }
        let provider =
            ProfileFileCredentialsProvider::builder().configure(&environment).profile_name(name).build();
        return Some(SharedCredentialsProvider::new(provider));
    }
    match profile.get("credential_source")? {
        "Environment" => Some(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())),
        "Ec2InstanceMetadata" => Some(SharedCredentialsProvider::new(
            ImdsCredentialsProvider::builder().configure(&environment).build(),
        )),
        "EcsContainer" => Some(SharedCredentialsProvider::new(
            EcsCredentialsProvider::builder().configure(&environment).build(),
        )),
        _ => None,
    }
}

#[derive(Debug)]
struct ProfileRole {
    arn: String,
    external_id: Option<String>,
    session_name: String,
    duration_seconds: Option<i32>,
}

/// A device, and what its digits open: the profile's role, or a session of the caller itself.
#[derive(Debug)]
struct Device {
    sts: aws_sdk_sts::Client,
    serial: String,
    token: Option<MfaTokenSource>,
    role: Option<ProfileRole>,
}

impl Device {
    async fn digits(&self) -> Result<String, MfaError> {
        let failed = |detail: String| MfaError::Token { serial: self.serial.clone(), detail };
        let Some(token) = self.token.clone() else {
            return Err(failed("there is nobody to ask. Run it on a terminal".to_owned()));
        };
        let serial = self.serial.clone();
        let asked = tokio::task::spawn_blocking(move || token.ask(&serial)).await;
        let digits = asked
            .map_err(|_| failed("asking for them was broken off".to_owned()))?
            .map_err(|error| failed(error.to_string()))?;
        let digits = digits.trim();
        if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            Ok(digits.to_owned())
        } else {
            Err(failed("six digits are expected".to_owned()))
        }
    }

    async fn credentials(&self) -> Result<Credentials, MfaError> {
        let digits = self.digits().await?;
        let session = if let Some(role) = &self.role {
            self.assume(role, digits).await?
        } else {
            let answer =
                self.sts.get_session_token().serial_number(&self.serial).token_code(digits).send().await;
            let failed = |error| MfaError::Token {
                serial: self.serial.clone(),
                detail: DisplayErrorContext(error).to_string(),
            };
            answer.map_err(failed)?.credentials
        };
        let session = session.ok_or_else(|| MfaError::Token {
            serial: self.serial.clone(),
            detail: "the answer has no credentials".to_owned(),
        })?;
        Ok(credentials(session, "mfa"))
    }

    async fn assume(&self, role: &ProfileRole, digits: String) -> Result<Option<Session>, MfaError> {
        let answer = self
            .sts
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(&role.session_name)
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration_seconds)
            .serial_number(&self.serial)
            .token_code(digits)
            .send()
            .await;
        let answer = answer.map_err(|error| MfaError::Role {
            role_arn: role.arn.clone(),
            detail: DisplayErrorContext(error).to_string(),
        })?;
        Ok(answer.credentials)
    }
}

/// The SDK's credentials from what STS hands out.
pub(crate) fn credentials(session: Session, provider: &'static str) -> Credentials {
    let expiration = SystemTime::try_from(session.expiration).ok();
    Credentials::new(
        session.access_key_id,
        session.secret_access_key,
        Some(session.session_token),
        expiration,
        provider,
    )
}

#[derive(Debug)]
struct MfaProvider {
    device: Arc<Device>,
    /// Asked for at the start, so that a wrong token ends the run before it begins.
    first: Mutex<Option<Credentials>>,
}

impl ProvideCredentials for MfaProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            return future::ProvideCredentials::ready(Ok(first));
        }
        future::ProvideCredentials::new(async move {
            self.device.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}
