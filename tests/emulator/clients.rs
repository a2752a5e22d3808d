//! The AWS SDK's clients, pointed at the emulator: one session per account, as a person's own tools would have.

use std::net::Ipv4Addr;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;

/// Credentials that the emulator takes for its first account's, until it is told to look closer.
pub(crate) const ANY_KEY: (&str, &str) = ("testing", "testing");

/// One account's credentials, from which clients for any region are made.
#[derive(Clone)]
pub(crate) struct Session {
    endpoint: String,
    http: SharedHttpClient,
    credentials: Credentials,
}

/// Every name is this machine, as `<account>.localhost` has to be for S3 Control.
#[derive(Debug, Clone)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _name: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![Ipv4Addr::LOCALHOST.into()]))
    }
}

impl Session {
    /// The emulator's first account, which becomes the management account.
    pub(crate) fn first(endpoint: String) -> Self {
        let http =
            Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_with_resolver(Loopback);
        let credentials = Credentials::new(ANY_KEY.0, ANY_KEY.1, None, None, "emulator");
        Self { endpoint, http, credentials }
    }

    /// A session in another account of the organization, by the role that Organizations makes in each.
    pub(crate) async fn enter(&self, account: &str) -> Self {
        let reply = aws_sdk_sts::Client::new(&self.config("us-east-1"))
            .assume_role()
            .role_arn(format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole"))
            .role_session_name("fill")
            .send()
            .await
            .expect("the emulator lets everyone in");
        let keys = reply.credentials().expect("a session has credentials");
        let credentials = Credentials::new(
            keys.access_key_id(),
            keys.secret_access_key(),
            Some(keys.session_token().to_owned()),
            None,
            "emulator",
        );
        Self { credentials, ..self.clone() }
    }

    /// Key, secret and token, which is empty where there is none.
    pub(crate) fn keys(&self) -> [&str; 3] {
        let credentials = &self.credentials;
        let token = credentials.session_token().unwrap_or_default();
        [credentials.access_key_id(), credentials.secret_access_key(), token]
    }

    fn config(&self, region: &str) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .region(Region::new(region.to_owned()))
            .endpoint_url(&self.endpoint)
            // The emulator answers what it does not know like a server error: again would not help.
            .retry_config(RetryConfig::disabled())
            .build()
    }

    pub(crate) fn organizations(&self) -> aws_sdk_organizations::Client {
        aws_sdk_organizations::Client::new(&self.config("us-east-1"))
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config("us-east-1"))
    }

    pub(crate) fn cloudtrail(&self, region: &str) -> aws_sdk_cloudtrail::Client {
        aws_sdk_cloudtrail::Client::new(&self.config(region))
    }

    pub(crate) fn config_service(&self, region: &str) -> aws_sdk_config::Client {
        aws_sdk_config::Client::new(&self.config(region))
    }

    pub(crate) fn logs(&self, region: &str) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config(region))
    }

    pub(crate) fn kms(&self, region: &str) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&self.config(region))
    }

    pub(crate) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config(region)).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    pub(crate) fn s3_control(&self, region: &str) -> aws_sdk_s3control::Client {
        aws_sdk_s3control::Client::new(&self.config(region))
    }
}
