//! How AWS is reached: credentials as every AWS tool takes them, one HTTP client, endpoints, limits.
//!
//! Used by [`crate::collect`], which reads, by [`crate::deliver`], for which `upload` and `security_hub` write, by
//! `crate::shard`, for which `objects` fetches and puts, and by the commands of evidence, for which `kms` signs and `post`
//! asks for timestamps. What the SDK leaves to its users is here: MFA in profiles, a certificate bundle, and addresses of
//! emulators on this machine. What is asynchronous is run by others: `waiter` is how the synchronous ones have it run.

pub(crate) mod failure;
mod http;
pub(crate) mod kms;
mod mfa;
pub(crate) mod objects;
pub(crate) mod post;
pub(crate) mod profiles;
pub(crate) mod security_hub;
pub(crate) mod signed;
pub(crate) mod upload;
pub(crate) mod waiter;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

pub(crate) use mfa::{MfaError, credentials};

use crate::plan::CollectSettings;

/// What can be wrong before the first call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error(transparent)]
    Http(#[from] http::HttpError),
    #[error(transparent)]
    Mfa(#[from] MfaError),
}

/// A process or a browser behind the credentials may ask a person.
const SIGN_IN_TIME_LIMIT: Duration = Duration::from_mins(2);

/// The caller's configuration: the usual chain with the settings over it.
pub(crate) async fn configure(settings: &CollectSettings) -> Result<SdkConfig, SetupError> {
    let client = http::client(settings.ca_bundle.as_deref())?;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(settings.call_time_limit.min(Duration::from_secs(10)))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client)
        .timeout_config(timeouts)
        .identity_cache(IdentityCache::lazy().load_timeout(SIGN_IN_TIME_LIMIT).build())
        .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts));
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &settings.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if settings.use_fips {
        loader = loader.use_fips(true);
    }
    if settings.use_dualstack {
        loader = loader.use_dual_stack(true);
    }
    let mut config = loader.load().await;
    if config.region().is_none() {
        config = config.into_builder().region(Region::new("us-east-1")).build();
    }
    if let Some(profile) = &settings.profile {
        // As in the AWS CLI: a profile that is asked for goes before keys in the environment.
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&provider_config(&config))
            .profile_name(profile)
            .build();
        config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
    }
    if let Some(provider) = mfa::provider(settings, &config).await? {
        config = config.into_builder().credentials_provider(provider).build();
    }
    // Collecting tries again itself: only so does it know every attempt, and hold back a kind of call as a whole.
    Ok(config.into_builder().retry_config(RetryConfig::disabled()).build())
}

/// S3, by path where the endpoint is a custom one: its certificate and its name know no buckets.
pub(crate) fn s3(config: &SdkConfig, region: &str) -> aws_sdk_s3::config::Builder {
    let custom = config.endpoint_url().is_some()
        || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some_and(|url| !url.is_empty());
    aws_sdk_s3::config::Builder::from(config).region(Region::new(region.to_owned())).force_path_style(custom)
}

/// What to say of the endpoints that are asked without TLS: the one of all services, and those of single ones, which the
/// environment names (`AWS_ENDPOINT_URL_S3`).
pub(crate) fn endpoints_in_the_clear(config: &SdkConfig) -> Vec<String> {
    // A variable that is no text is no address, and reading it as one would end the program.
    let texts =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    in_the_clear_among(config.endpoint_url(), std::env::vars_os().filter_map(texts))
}

fn in_the_clear_among(
    of_all: Option<&str>,
    environment: impl Iterator<Item = (String, String)>,
) -> Vec<String> {
    let of_services = environment.filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL_"));
    let endpoints = of_all.map(str::to_owned).into_iter().chain(of_services.map(|(_, endpoint)| endpoint));
    let warnings: BTreeSet<String> = endpoints.filter_map(|endpoint| in_the_clear(&endpoint)).collect();
    warnings.into_iter().collect()
}

/// What to say of an endpoint that is asked without TLS, unless it is on this machine.
fn in_the_clear(endpoint: &str) -> Option<String> {
    let plain = endpoint.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"));
    let authority = endpoint.get(7..)?.split(['/', '?', '#']).next()?;
    // Behind a name and a password.
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host.split(':').next()?,
    };
    let is_here = host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    (plain && !is_here).then(|| {
        format!(
            "{host} is asked without TLS: whoever is on the way reads the answers and can change them, and so the \
             verdicts. Use https"
        )
    })
}

/// What providers of credentials need to make calls of their own.
fn provider_config(config: &SdkConfig) -> ProviderConfig {
    let environment = ProviderConfig::without_region().with_region(config.region().cloned());
    match config.http_client() {
        Some(client) => environment.with_http_client(client),
        None => environment,
    }
}

#[cfg(test)]
mod tests {
    use super::{in_the_clear, in_the_clear_among};

    #[test]
    fn only_what_leaves_this_machine_without_tls_is_warned_of() {
        for here in [
            "http://localhost:4566",
            "http://127.0.0.1/x",
            "http://[::1]:80",
            "http://1.localhost:1",
            "https://aws.example",
        ] {
            assert_eq!(in_the_clear(here), None, "{here}");
        }
        for away in [
            "http://aws.example:8080/a",
            "HTTP://10.0.0.1",
            "http://localhost.example",
            "http://[2001:db8::1]/",
        ] {
            assert!(in_the_clear(away).is_some(), "{away}");
        }
        let warning = in_the_clear("http://localhost:secret@aws.example").unwrap();
        assert!(warning.starts_with("aws.example is") && !warning.contains("secret"), "{warning}");
    }

    #[test]
    fn endpoints_of_single_services_are_looked_at_too() {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = [
            variable("AWS_ENDPOINT_URL_S3", "http://store.example:9000"),
            variable("AWS_ENDPOINT_URL_KMS", "https://keys.example"),
            variable("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:4000"),
            variable("HTTP_PROXY", "http://proxy.example"),
        ];
        let warnings = in_the_clear_among(Some("http://all.example"), environment.into_iter());
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0].starts_with("all.example") && warnings[1].starts_with("store.example"),
            "{warnings:?}"
        );
    }
}
