//! What a call's error says: which [`GapReason`] it is, whether trying again may help, and a detail that is the same
//! in every run and holds no secret.

#[cfg(test)]
mod tests;

use std::error::Error;
use std::sync::LazyLock;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use regex::Regex;

use crate::model::GapReason;

/// The longest detail, in characters.
const LONGEST_DETAIL: usize = 400;

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
];
const CREDENTIALS: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
];
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
];
const TIMED_OUT: &[&str] = &["RequestTimeout", "RequestTimeoutException"];
const UNSUPPORTED: &[&str] = &[
    "InvalidAction",
    "MethodNotAllowed",
    "NotImplemented",
    "NotImplementedException",
    "OperationNotSupportedException",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
];

/// Why a call was stopped on this side of the wire.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("{service} {operation} is not in the table of calls")]
    NotInTable { service: String, operation: String },
    #[error("the answer is empty")]
    EmptyAnswer,
    #[error("{0}")]
    Flawed(String),
}

impl Stopped {
    /// A success without a single byte: a reader of JSON takes it for `{}`.
    pub(crate) fn if_empty(response: &HttpResponse) -> Result<(), Self> {
        let empty = response.body().bytes().is_some_and(<[u8]>::is_empty);
        if response.status().is_success() && empty { Err(Self::EmptyAnswer) } else { Ok(()) }
    }
}

/// Whether and how a call may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    Soon,
    /// After holding back all calls of the kind.
    Slower,
}

/// A call's failure, freed from the SDK's types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: GapReason,
    pub(crate) retry: Retry,
    /// AWS's error code, where it gave one.
    pub(crate) code: Option<String>,
    /// The HTTP status beside the code.
    pub(crate) status: Option<u16>,
    /// The bucket that S3's refusal names.
    pub(crate) bucket: Option<String>,
    pub(crate) detail: String,
    /// The region that S3 says the bucket is in.
    pub(crate) bucket_region: Option<String>,
}

impl Failure {
    pub(crate) fn new(reason: GapReason, retry: Retry, detail: &str) -> Self {
        Self {
            reason,
            retry,
            code: None,
            status: None,
            bucket: None,
            detail: scrub(detail),
            bucket_region: None,
        }
    }

    /// Thin, as it is compiled anew for every error of the SDK.
    pub(crate) fn from_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let source = error.source();
        match error {
            SdkError::TimeoutError(_) => Self::new(GapReason::Timeout, Retry::Soon, "no answer in time"),
            SdkError::DispatchFailure(failure) => Self::from_dispatch(failure),
            SdkError::ResponseError(response) => Self::from_response(response.raw(), source),
            SdkError::ServiceError(service) => {
                Self::from_service(service.err().meta(), service.err(), service.raw())
            }
            _ => Self::from_construction(source),
        }
    }

    /// The answer did not come.
    fn from_dispatch(failure: &DispatchFailure) -> Self {
        let source = failure.as_connector_error().map(|error| error as &(dyn Error + 'static));
        if let Some(refused) = source.and_then(find::<CredentialsError>) {
            return Self::new(GapReason::CredentialsRejected, Retry::Never, &innermost(refused));
        }
        if failure.is_timeout() {
            return Self::new(GapReason::Timeout, Retry::Soon, "no connection in time");
        }
        let detail = source.map_or_else(|| "no connection".to_owned(), innermost);
        Self::new(GapReason::Unreachable, Retry::Soon, &detail)
    }

    /// The answer could not be read.
    fn from_response(response: &HttpResponse, source: Option<&(dyn Error + 'static)>) -> Self {
        if response.body().bytes().is_none() {
            return Self::new(GapReason::Unreachable, Retry::Soon, "the connection was cut");
        }
        let detail = source.map_or_else(|| "no reason given".to_owned(), innermost);
        Self::malformed(response, &detail)
    }

    /// The call was not made.
    fn from_construction(source: Option<&(dyn Error + 'static)>) -> Self {
        let stopped = source.and_then(find::<Stopped>).map(Stopped::to_string);
        let detail = stopped.or_else(|| source.map(innermost));
        let detail = detail.unwrap_or_else(|| "the call could not be made".to_owned());
        Self::new(GapReason::Other, Retry::Never, &detail)
    }

    fn malformed(response: &HttpResponse, detail: &str) -> Self {
        let status = response.status().as_u16();
        let retry = if status >= 500 { Retry::Soon } else { Retry::Never };
        let page = response.body().bytes().is_some_and(is_web_page);
        let what = if page { "a web page" } else { detail };
        Self::new(GapReason::MalformedResponse, retry, &format!("HTTP {status}: {what}"))
    }

    /// The service refused, or what answered was not the service.
    fn from_service(
        metadata: &ErrorMetadata,
        error: &(dyn Error + 'static),
        response: &HttpResponse,
    ) -> Self {
        let status = response.status().as_u16();
        let bucket_region = response.headers().get("x-amz-bucket-region").map(str::to_owned);
        let Some(code) = metadata.code() else {
            let body = response.body().bytes().unwrap_or_default();
            return match status {
                _ if status < 400 || is_web_page(body) => Self::malformed(response, &innermost(error)),
                401 | 403 => Self::new(GapReason::AccessDenied, Retry::Never, &format!("HTTP {status}")),
                429 => Self::new(GapReason::Throttled, Retry::Slower, "HTTP 429"),
                501 => Self::new(GapReason::Unsupported, Retry::Never, "HTTP 501"),
                500.. => Self::new(GapReason::ServerError, Retry::Soon, &format!("HTTP {status}")),
                _ => Self::new(GapReason::Other, Retry::Never, &format!("HTTP {status}")),
            };
        };
        let (reason, retry) = if THROTTLED.contains(&code) || status == 429 {
            (GapReason::Throttled, Retry::Slower)
        } else if CREDENTIALS.contains(&code) {
            (GapReason::CredentialsRejected, Retry::Never)
        } else if DENIED.contains(&code) || matches!(status, 401 | 403) {
            (GapReason::AccessDenied, Retry::Never)
        } else if TIMED_OUT.contains(&code) {
            (GapReason::Timeout, Retry::Soon)
        } else if UNSUPPORTED.contains(&code) || status == 501 {
            (GapReason::Unsupported, Retry::Never)
        } else if status >= 500 {
            (GapReason::ServerError, Retry::Soon)
        } else {
            (GapReason::Other, Retry::Never)
        };
        let detail = match metadata.message().map(str::trim) {
            None | Some("") => code.to_owned(),
            Some(message) => format!("{code}: {message}"),
        };
        Self {
            reason,
            retry,
            code: Some(code.to_owned()),
            status: Some(status),
            bucket: response.body().bytes().and_then(bucket_named),
            detail: scrub(&detail),
            bucket_region,
        }
    }
}

/// The bucket that an error in XML is about.
fn bucket_named(body: &[u8]) -> Option<String> {
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("<BucketName>")?;
    rest.split_once("</BucketName>").map(|(name, _)| name.to_owned())
}

pub(crate) fn is_web_page(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..256).unwrap_or(body)).to_lowercase();
    start.contains("<!doctype html") || start.contains("<html")
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The text of the error at the root: the outer ones only say where it passed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

static VARIABLE_PARTS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"(arn:[^:\s]*:sts::\d{12}:assumed-role/[^/\s]+/)[^\s,;)]+", "${1}*"),
        (r"(arn:[^:\s]*:sts::\d{12}:federated-user/)[^\s,;)]+", "${1}*"),
        (r"(?i)[\s(,;]*(?:request|host) ?id:? *[0-9a-z+/=-]+\)?", ""),
        (r"(?i)\s*encoded authorization failure message:?.*", ""),
        (r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}\b", "*"),
        // AWS quotes what it signed where a signature is wrong: the request, its headers, and so the session's token.
        // All that follows is part of it.
        (r"(?is)\s*(?:The )?(?:canonical string|canonical request|string[- ]to[- ]sign)\b.*", ""),
        (
            r"(?i)\b(x-amz-security-token|x-amz-signature|signature|session[ _-]?token|secret(?:[ _-]?access)?[ _-]?key|authorization|credential|password|token)([\x22']?\s*[=:]\s*[\x22']?)[^\s\x22'&,;<>]+",
            "${1}${2}*",
        ),
        // Tokens, secret keys and signatures: long runs without the dashes and colons that names have.
        (r"[A-Za-z0-9+/]{64,}[A-Za-z0-9+/_=-]*", "*"),
        (r"(^|[\s\x22'(<=])[A-Za-z0-9+/]{40}([\s\x22')>,.;]|$)", "${1}*${2}"),
        (r"\b[0-9a-f]{64}\b", "*"),
        // Not behind a slash: there it is the name of a key.
        (r"(^|[^/0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\b", "${1}*"),
        (r"\b\d{8}T\d{6}Z\b", "*"),
    ]
    .into_iter()
    .filter_map(|(pattern, put)| Some((Regex::new(pattern).ok()?, put)))
    .collect()
});

/// Takes out what differs from run to run or must not be stored, and what is too long to read.
pub(crate) fn scrub(text: &str) -> String {
    // Bounded before the patterns see it: the text is whatever the other side sent.
    let whole = text;
    let mut text: String = whole.chars().take(8 * LONGEST_DETAIL).collect();
    if text.len() < whole.len() {
        // What is cut in the middle would no longer look like what it is.
        text.truncate(text.rfind(char::is_whitespace).unwrap_or(0));
    }
    for (pattern, put) in VARIABLE_PARTS.iter() {
        text = pattern.replace_all(&text, *put).into_owned();
    }
    if text.chars().count() > LONGEST_DETAIL {
        text = text.chars().take(LONGEST_DETAIL).chain(['…']).collect();
    }
    text
}
