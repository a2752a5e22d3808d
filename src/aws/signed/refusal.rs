//! What a service with JSON says where it refuses. See [`super`].

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

/// A service's refusal: its code and message, where it gave them.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(ErrorMetadata);

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Refusal {
    /// The code stands in a header or in the body, there after a namespace, or before an address; the message is written with
    /// a small or a capital letter. <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>,
    /// read 2026-11-29.
    pub(super) fn read(response: &HttpResponse, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str());
        let code = response.headers().get("x-amzn-errortype").or_else(|| text(&["code", "__type"]));
        let mut metadata = ErrorMetadata::builder();
        if let Some(code) = code.map(plain).filter(|code| !code.is_empty()) {
            metadata = metadata.code(code);
        }
        if let Some(message) = text(&["message", "Message", "errorMessage"]) {
            metadata = metadata.message(message);
        }
        Self(metadata.build())
    }
}

/// The code without a namespace before it and an address after it.
fn plain(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::{Response, StatusCode};
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn refusal(header: Option<&'static str>, body: &'static str) -> (Option<String>, Option<String>) {
        let mut response = Response::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body));
        if let Some(header) = header {
            response.headers_mut().insert("x-amzn-errortype", header);
        }
        let refusal = Refusal::read(&response, body.as_bytes());
        (refusal.code().map(str::to_owned), refusal.message().map(str::to_owned))
    }

    #[test]
    fn the_code_is_found_wherever_services_put_it() {
        let some = |text: &str| Some(text.to_owned());
        let denied = (some("AccessDeniedException"), some("no"));
        assert_eq!(
            refusal(None, r#"{"__type":"com.amazon.example#AccessDeniedException","message":"no"}"#),
            denied
        );
        assert_eq!(refusal(Some("AccessDeniedException:http://example/"), r#"{"Message":"no"}"#), denied);
        assert_eq!(refusal(None, r#"{"code":"AccessDeniedException","errorMessage":"no"}"#), denied);
        assert_eq!(refusal(None, "<html>"), (None, None));
        assert_eq!(refusal(None, r#"{"__type":7}"#), (None, None));
    }
}
