//! Requests to services of which a call or two are made: signed and sent by what all crates of the SDK share, without the
//! service's own crate, which costs every build time and the program size. See [`super`].
//!
//! What such a crate would bring is here: where a service is ([`host`]), how its protocol names an operation, and what its
//! refusals look like.

mod host;
mod refusal;

use std::borrow::Cow;

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::Stopped;
pub(crate) use refusal::Refusal;

/// A service, as its model describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// As the SDK names it, and variables and profiles with an endpoint of its own.
    pub(crate) id: &'static str,
    /// The first part of its host's name.
    pub(crate) host: &'static str,
    /// What it is called in signatures.
    pub(crate) signing_name: &'static str,
    /// It stands in one region of each partition, whatever is asked about.
    pub(crate) is_global: bool,
    pub(crate) protocol: Protocol,
}

/// How a request says which operation it wants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    /// `awsJson1_1`: by a header, which this and the operation's name make up.
    Json1_1(&'static str),
    /// `restJson1`: by a path of its own.
    RestJson,
}

impl Service {
    /// A service with `awsJson1_1` in every region, signed for under its host's name.
    pub(crate) const fn json(id: &'static str, host: &'static str, target: &'static str) -> Self {
        Self { id, host, signing_name: host, is_global: false, protocol: Protocol::Json1_1(target) }
    }

    /// The same with `restJson1`.
    pub(crate) const fn rest(id: &'static str, host: &'static str) -> Self {
        Self { id, host, signing_name: host, is_global: false, protocol: Protocol::RestJson }
    }
}

/// A service in a region, by somebody's credentials.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    service: Service,
    region: String,
    config: SdkConfig,
    interceptor: Option<SharedInterceptor>,
}

impl Client {
    pub(crate) fn new(service: Service, config: &SdkConfig, region: &str) -> Self {
        let region = if service.is_global { host::global(region) } else { region };
        Self { service, region: region.to_owned(), config: config.clone(), interceptor: None }
    }

    /// With a look at each request and answer.
    #[must_use]
    pub(crate) fn interceptor(self, interceptor: SharedInterceptor) -> Self {
        Self { interceptor: Some(interceptor), ..self }
    }

    /// Makes a call of a service with `awsJson1_1`.
    pub(crate) async fn call<T>(
        &self,
        operation: &'static str,
        body: Value,
    ) -> Result<T, SdkError<Refusal, HttpResponse>>
    where
        T: DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
    {
        self.post(operation, "/", body).await
    }

    /// Posts to the path of an operation of a service with `restJson1`.
    pub(crate) async fn post<T>(
        &self,
        operation: &'static str,
        path: &'static str,
        body: Value,
    ) -> Result<T, SdkError<Refusal, HttpResponse>>
    where
        T: DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
    {
        self.request("POST", operation, path, body).await
    }

    /// The same with another method.
    pub(crate) async fn request<T>(
        &self,
        method: &'static str,
        operation: &'static str,
        path: &'static str,
        body: Value,
    ) -> Result<T, SdkError<Refusal, HttpResponse>>
    where
        T: DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
    {
        let endpoint =
            self.endpoint().map_err(|error| SdkError::construction_failure(BoxError::from(error)))?;
        let protocol = self.service.protocol;
        let mut builder = Operation::builder()
            .service_name(self.service.id)
            .operation_name(operation)
            .endpoint_url(&endpoint)
            .no_retry()
            .with_connection_poisoning()
            .interceptor(UserAgentInterceptor::new())
            .runtime_plugin(self.plugin());
        if let Some(interceptor) = &self.interceptor {
            builder = builder.interceptor(interceptor.clone());
        }
        if let Some(version) = self.config.behavior_version() {
            builder = builder.behavior_version(version);
        }
        if let Some(limits) = self.config.timeout_config() {
            builder = builder.timeout_config(limits.clone());
        }
        let operation = builder
            .serializer(move |body: Value| written(method, protocol, operation, path, &body))
            .deserializer(read::<T>)
            .build();
        operation.invoke(body).await
    }

    /// Who signs, for whom, and through which client it goes.
    fn plugin(&self) -> StaticRuntimePlugin {
        let mut settings = Layer::new("signed");
        settings.store_put(AuthSchemeOptionResolverParams::new(()));
        settings.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(aws_config::Region::new(self.region.clone()))),
            region_set: None,
            name: Some(SigningName::from_static(self.service.signing_name)),
            signing_options: SigningOptions::default(),
        });
        settings.store_put(ApiMetadata::new(self.service.host, env!("CARGO_PKG_VERSION")));
        let mut components = RuntimeComponentsBuilder::new("signed");
        components
            .set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
            .push_auth_scheme(SigV4AuthScheme::new())
            .set_http_client(self.config.http_client())
            .set_identity_cache(self.config.identity_cache())
            .set_sleep_impl(self.config.sleep_impl())
            .set_time_source(self.config.time_source());
        if let Some(credentials) = self.config.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, credentials);
        }
        StaticRuntimePlugin::new().with_config(settings.freeze()).with_runtime_components(components)
    }

    /// The address: as the settings say, else the service's own. In the order of the SDK's crates: what the program was told,
    /// what the environment or the profile says of the service, what they say of all.
    fn endpoint(&self) -> Result<Cow<'_, str>, host::HostError> {
        let config = &self.config;
        let of_all = config.endpoint_url().map(Cow::Borrowed);
        let told = if config.get_origin("endpoint_url").is_client_config() {
            of_all
        } else {
            self.configured().map(Cow::Owned).or(of_all)
        };
        if let Some(endpoint) = told {
            return Ok(endpoint);
        }
        let variant = host::Variant {
            fips: config.use_fips().unwrap_or_default(),
            dual_stack: config.use_dual_stack().unwrap_or_default(),
        };
        host::address(self.service.host, &self.region, variant).map(Cow::Owned)
    }

    /// An endpoint of this service alone.
    fn configured(&self) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(self.service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        self.config.service_config()?.load_config(key)
    }
}

/// A request on its way.
fn written(
    method: &str,
    protocol: Protocol,
    operation: &str,
    path: &str,
    body: &Value,
) -> Result<HttpRequest, BoxError> {
    let body = serde_json::to_vec(&without_nulls(body))?;
    let length = body.len();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method(method)?;
    request.set_uri(path)?;
    let headers = request.headers_mut();
    let kind = match protocol {
        Protocol::Json1_1(target) => {
            headers.try_insert("x-amz-target", format!("{target}.{operation}"))?;
            "application/x-amz-json-1.1"
        }
        Protocol::RestJson => "application/json",
    };
    headers.try_insert("content-type", kind)?;
    headers.try_insert("content-length", length.to_string())?;
    Ok(request)
}

/// What is not asked for is left out: a member without a value is another thing to some services.
fn without_nulls(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    body
}

/// An answer, or a refusal.
fn read<T: DeserializeOwned>(response: &HttpResponse) -> Result<T, OrchestratorError<Refusal>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(Refusal::read(response, body)));
    }
    Stopped::if_empty(response).map_err(OrchestratorError::other)?;
    serde_json::from_slice(body).map_err(OrchestratorError::other)
}

#[cfg(test)]
mod tests;
