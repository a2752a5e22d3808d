//! How each service words its answers and its errors on the wire.

use std::borrow::Cow;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::encoding::xml_document;

const REQUEST_ID: &str = "5e1f7a2b-0000-4000-8000-00000000fa4e";
const S3_NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// An HTTP answer.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: String,
    /// An object instead of the body.
    pub content: Option<Content>,
}

/// An object's content on its way.
#[derive(Clone)]
pub struct Content {
    pub bytes: Bytes,
    /// Only half of it comes.
    pub cut: bool,
    /// It comes slowly.
    pub pause: Option<Duration>,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![
            ("content-type".into(), content_type.to_owned()),
            ("x-amzn-requestid".into(), REQUEST_ID.to_owned()),
            ("x-amz-request-id".into(), REQUEST_ID.to_owned()),
        ];
        Self { status, headers, body, content: None }
    }
}

/// What a service answers when it succeeds.
pub enum Answer {
    /// The JSON body, or the members of an awsQuery result.
    Members(Value),
    /// A REST-XML document and its root element.
    Document(&'static str, Value),
    /// A body as it is, e.g. a bucket policy.
    Raw(&'static str, String),
    /// An object with its headers.
    Object(Vec<(String, String)>, Content),
    /// Headers alone.
    Headers(Vec<(&'static str, String)>),
}

/// What a service answers when it refuses.
#[derive(Debug)]
pub struct Failure {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Further elements of an S3 error, e.g. the right region.
    pub details: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl Failure {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: json!({}),
            headers: Vec::new(),
        }
    }

    /// Not authorized, with the message that every service builds from caller and action.
    pub fn access_denied(protocol: Protocol, action: &str, caller_arn: &str) -> Self {
        let message = format!("User: {caller_arn} is not authorized to perform: {action}");
        match protocol {
            Protocol::Json => Self::new(400, "AccessDeniedException", message),
            Protocol::RestJson => Self::new(403, "AccessDeniedException", message),
            Protocol::Query(_) | Protocol::S3 | Protocol::S3Control => {
                Self::new(403, "AccessDenied", message)
            }
        }
    }

    /// The access key is unknown, or its token is wrong, or the region is not enabled.
    pub fn unrecognized_client(protocol: Protocol) -> Self {
        let message = "The security token included in the request is invalid.";
        match protocol {
            Protocol::Json => Self::new(400, "UnrecognizedClientException", message),
            Protocol::RestJson => Self::new(403, "UnrecognizedClientException", message),
            Protocol::Query(_) => Self::new(403, "InvalidClientTokenId", message),
            Protocol::S3 | Protocol::S3Control => Self::new(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
        }
    }

    /// The signature is missing.
    pub fn unsigned(protocol: Protocol) -> Self {
        let code = if protocol == Protocol::Json {
            "MissingAuthenticationTokenException"
        } else {
            "MissingAuthenticationToken"
        };
        Self::new(403, code, "Request is missing Authentication Token")
    }

    /// The fake does not know the operation.
    pub fn not_implemented(service: &str, operation: &str) -> Self {
        Self::new(501, "NotImplemented", format!("the fake has no {service}:{operation}"))
    }

    #[must_use]
    pub fn detail(mut self, name: &str, value: &str) -> Self {
        if let Value::Object(details) = &mut self.details {
            details.insert(name.to_owned(), Value::String(value.to_owned()));
        }
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// The wire protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson1.1: the operation in `X-Amz-Target`.
    Json,
    /// REST with JSON bodies.
    RestJson,
    /// awsQuery with this XML namespace.
    Query(&'static str),
    /// REST-XML with a bare `Error`.
    S3,
    /// REST-XML with an `ErrorResponse`.
    S3Control,
}

impl Protocol {
    pub fn of(service: &str) -> Self {
        match service {
            "s3" => Self::S3,
            "s3control" => Self::S3Control,
            "sts" => Self::Query("https://sts.amazonaws.com/doc/2011-06-15/"),
            "iam" => Self::Query("https://iam.amazonaws.com/doc/2010-05-08/"),
            "account" | "observabilityadmin" | "securityhub" => Self::RestJson,
            _ => Self::Json,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/x-amz-json-1.1",
            Self::RestJson => "application/json",
            Self::Query(_) => "text/xml",
            Self::S3 | Self::S3Control => "application/xml",
        }
    }

    pub fn success(self, operation: &str, answer: Answer) -> Reply {
        let content_type = self.content_type();
        match (self, answer) {
            (Self::Query(namespace), Answer::Members(result)) => {
                let document = json!({
                    format!("{operation}Result"): result,
                    "ResponseMetadata": { "RequestId": REQUEST_ID },
                });
                Reply::new(
                    200,
                    content_type,
                    xml_document(&format!("{operation}Response"), namespace, &document),
                )
            }
            (_, Answer::Members(body)) => Reply::new(200, content_type, body.to_string()),
            (Self::S3Control, Answer::Document(root, document)) => Reply::new(
                200,
                content_type,
                xml_document(root, "http://awss3control.amazonaws.com/doc/2018-08-20/", &document),
            ),
            (_, Answer::Document(root, document)) => {
                Reply::new(200, content_type, xml_document(root, S3_NAMESPACE, &document))
            }
            (_, Answer::Raw(content_type, body)) => Reply::new(200, content_type, body),
            (_, Answer::Object(headers, content)) => {
                let mut reply = Reply::new(200, "application/json", String::new());
                reply.headers.extend(headers.into_iter().map(|(name, value)| (name.into(), value)));
                reply.content = Some(content);
                reply
            }
            (_, Answer::Headers(headers)) => {
                let mut reply = Reply::new(200, content_type, String::new());
                reply.headers.extend(headers.into_iter().map(|(name, value)| (name.into(), value)));
                reply
            }
        }
    }

    pub fn failure(self, failure: &Failure) -> Reply {
        let Failure { code, message, .. } = failure;
        let body = match self {
            Self::Json => json!({ "__type": code, "message": message }).to_string(),
            Self::RestJson => json!({ "message": message }).to_string(),
            Self::Query(namespace) => {
                let kind = if failure.status < 500 { "Sender" } else { "Receiver" };
                let error = json!({ "Type": kind, "Code": code, "Message": message });
                let document = json!({ "Error": error, "RequestId": REQUEST_ID });
                xml_document("ErrorResponse", namespace, &document)
            }
            Self::S3 | Self::S3Control => {
                let mut error = json!({ "Code": code, "Message": message });
                if let (Value::Object(error), Value::Object(details)) = (&mut error, &failure.details) {
                    error.extend(details.clone());
                }
                if self == Self::S3 {
                    error["RequestId"] = json!(REQUEST_ID);
                    xml_document("Error", "", &error)
                } else {
                    xml_document("ErrorResponse", "", &json!({ "Error": error, "RequestId": REQUEST_ID }))
                }
            }
        };
        let mut reply = Reply::new(failure.status, self.content_type(), body);
        if self == Self::RestJson {
            reply.headers.push(("x-amzn-errortype".into(), code.clone()));
        }
        reply.headers.extend(failure.headers.iter().map(|(name, value)| ((*name).into(), value.clone())));
        reply
    }
}
