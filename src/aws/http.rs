//! The HTTP client: rustls, the proxy of the environment, a certificate bundle, and names of this machine.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// How long a connection waits for a further call: there are hosts for each service in each region, and each of these
/// connections keeps a socket.
const LONGEST_IDLE: Duration = Duration::from_secs(10);

/// Why there is no HTTP client.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", path.display())]
pub(crate) struct HttpError {
    pub(crate) path: PathBuf,
    pub(crate) detail: String,
}

/// The client that all services share.
pub(super) fn client(ca_bundle: Option<&Path>) -> Result<SharedHttpClient, HttpError> {
    let context = context(ca_bundle)?;
    Ok(Builder::new()
        .build_with_connector_fn(move |settings, components| build(context.clone(), settings, components)))
}

/// For a single call to somebody else than AWS.
pub(super) fn connector(ca_bundle: Option<&Path>) -> Result<Connector, HttpError> {
    Ok(build(context(ca_bundle)?, None, None))
}

fn build(
    context: TlsContext,
    settings: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
) -> Connector {
    let mut connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .proxy_config(ProxyConfig::from_env());
    connector.set_connector_settings(settings.cloned());
    connector.set_pool_idle_timeout(Some(Some(LONGEST_IDLE)));
    if let Some(components) = components {
        connector.set_sleep_impl(components.sleep_impl());
    }
    connector.build_with_resolver(Resolver)
}

fn context(ca_bundle: Option<&Path>) -> Result<TlsContext, HttpError> {
    let from_environment =
        std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
    match ca_bundle.map(Path::to_owned).or(from_environment) {
        Some(path) => trust(&path),
        None => Ok(TlsContext::default()),
    }
}

/// Trusts the certificates of the file alone, as other AWS tools do with `AWS_CA_BUNDLE`.
fn trust(path: &Path) -> Result<TlsContext, HttpError> {
    let failed = |detail: String| HttpError { path: path.to_owned(), detail };
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
        return Err(failed("it holds no certificate in PEM form".to_owned()));
    }
    let store = TrustStore::empty().with_native_roots(false).with_pem_certificate(pem);
    TlsContext::builder().with_trust_store(store).build().map_err(|error| failed(error.to_string()))
}

/// The system's resolver, but for `<account>.localhost` and `<account>.127.0.0.1`: S3 Control puts the account before
/// the host, and an emulator's host on this machine has no such name.
#[derive(Debug, Clone)]
struct Resolver;

fn is_account_on_this_machine(name: &str) -> bool {
    name.split_once('.').is_some_and(|(account, host)| {
        account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && matches!(host, "localhost" | "127.0.0.1")
    })
}

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        if is_account_on_this_machine(name) {
            return DnsFuture::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]));
        }
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_before_this_machines_names_are_answered_here() {
        assert!(is_account_on_this_machine("123456789012.localhost"));
        assert!(is_account_on_this_machine("123456789012.127.0.0.1"));
        assert!(!is_account_on_this_machine("localhost"));
        assert!(!is_account_on_this_machine("123456789012.s3-control.eu-west-1.amazonaws.com"));
        assert!(!is_account_on_this_machine("12345678901x.localhost"));
    }

    #[test]
    fn a_bundle_without_a_certificate_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hello").unwrap();
        let error = client(Some(file.path())).unwrap_err();
        assert!(error.to_string().contains("no certificate"), "{error}");
        assert!(client(Some(Path::new("/nonexistent/ca.pem"))).is_err());
    }
}
