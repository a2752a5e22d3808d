//! A question to an authority that is not AWS: one POST, through the same client, proxy and certificates.

use std::path::Path;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::http;

const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Far above any time stamp, in bytes.
const LARGEST_ANSWER: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error(transparent)]
    Http(#[from] http::HttpError),
    #[error("no address that can be asked: it must begin with https:// or http://")]
    Address,
    #[error("no connection: {0}")]
    Connection(String),
    #[error("no answer within {} seconds", TIME_LIMIT.as_secs())]
    Timeout,
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("an answer of another kind: {0}")]
    Kind(String),
    #[error("the answer is too long")]
    TooLong,
}

/// Sends a body and returns the answer's, which must be of the kind that is expected.
pub(crate) async fn post(
    url: &str,
    kind: &'static str,
    body: &[u8],
    expected: &str,
    ca_bundle: Option<&Path>,
) -> Result<Vec<u8>, PostError> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(PostError::Address);
    }
    let connector = http::connector(ca_bundle)?;
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").map_err(|_| PostError::Address)?;
    request.set_uri(url).map_err(|_| PostError::Address)?;
    request.headers_mut().insert("content-type", kind);
    request.headers_mut().insert("content-length", body.len().to_string());
    let exchange = async {
        let response = connector.call(request).await.map_err(|error| PostError::Connection(words(&error)))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(PostError::Status(status));
        }
        let found = response.headers().get("content-type").unwrap_or("none").to_owned();
        if !found.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(expected)) {
            return Err(PostError::Kind(found));
        }
        let mut body = ByteStream::new(response.into_body());
        let mut answer = Vec::new();
        while let Some(piece) = body.next().await {
            answer.extend(piece.map_err(|error| PostError::Connection(words(&error)))?);
            if answer.len() > LARGEST_ANSWER {
                return Err(PostError::TooLong);
            }
        }
        Ok(answer)
    };
    tokio::time::timeout(TIME_LIMIT, exchange).await.unwrap_or(Err(PostError::Timeout))
}

/// The innermost error says what happened.
fn words(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
