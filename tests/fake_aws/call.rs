//! From an HTTP request to a call: who, where, which service, which operation, with what.

use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::{Map, Value, json};

use super::encoding::{form_fields, percent_decode};
use super::protocol::Failure;
use super::recording::CallKey;
use super::s3;

/// The name of every service that the fake does not have.
const UNKNOWN: &str = "unknown";

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub user_id: String,
}

/// What is called, before the caller is known to be genuine.
#[derive(Debug)]
pub struct Request {
    pub service: &'static str,
    pub operation: String,
    pub parameters: Value,
    pub region: String,
    pub access_key_id: Option<String>,
    pub session_token: Option<String>,
    /// What is uploaded.
    pub body: Bytes,
}

/// A call by a known caller.
#[derive(Clone, Debug)]
pub struct Call {
    pub key: CallKey,
    pub caller: Caller,
    pub access_key_id: String,
    pub parameters: Value,
    /// What is uploaded.
    pub body: Bytes,
}

impl Call {
    /// A string parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).and_then(Value::as_str)
    }

    /// A string parameter without which the service refuses.
    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::new(400, "ValidationException", format!("{name} is missing")))
    }

    /// A number, given as a number or (in forms and queries) as text.
    pub fn number(&self, name: &str) -> Option<usize> {
        let value = self.parameters.get(name)?;
        match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|number| usize::try_from(number).ok()),
        }
    }

    /// A list of strings; `None` when it is absent or empty, which AWS takes as "all".
    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let items = self.parameters.get(name)?.as_array()?;
        (!items.is_empty()).then(|| items.iter().filter_map(Value::as_str).collect())
    }
}

/// Reads the request; an unreadable one gives the failure to answer.
pub fn read(parts: &Parts, bytes: Bytes) -> Result<Request, Failure> {
    let body: &[u8] = &bytes;
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let scope = header("authorization").and_then(credential_scope);
    let path = percent_decode(parts.uri.path());
    let scope_service = scope.as_ref().map(|scope| scope.service.as_str()).unwrap_or_default();
    let method_and_path = || format!("{} {path}", parts.method);
    let (service, operation, parameters) = if let Some(target) = header("x-amz-target") {
        match target.rsplit_once('.').and_then(|(prefix, operation)| Some((json_service(prefix)?, operation)))
        {
            Some((service, operation)) => (service, operation.to_owned(), json_body(body)?),
            None => (UNKNOWN, target.to_owned(), Value::Null),
        }
    } else if header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    {
        let fields = form_fields(&String::from_utf8_lossy(body));
        let service = match fields.get("Version").and_then(Value::as_str) {
            Some("2010-05-08") => "iam",
            Some("2011-06-15") => "sts",
            _ => UNKNOWN,
        };
        let operation = fields.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
        (service, operation, Value::Object(fields))
    } else if path.starts_with("/v20180820/") {
        let read = parts.method == "GET" && path == "/v20180820/configuration/publicAccessBlock";
        let operation = if read { "GetPublicAccessBlock".to_owned() } else { method_and_path() };
        ("s3control", operation, json!({ "AccountId": header("x-amz-account-id") }))
    } else if scope_service == "account" {
        let list = parts.method == "POST" && path == "/listRegions";
        let operation = if list { "ListRegions".to_owned() } else { method_and_path() };
        ("account", operation, json_body(body)?)
    } else if scope_service == "observabilityadmin" {
        let operation = match (parts.method.as_str(), path.as_str()) {
            ("POST", "/ListCentralizationRulesForOrganization" | "/GetCentralizationRuleForOrganization") => {
                path.trim_start_matches('/').to_owned()
            }
            _ => method_and_path(),
        };
        ("observabilityadmin", operation, json_body(body)?)
    } else if scope_service == "securityhub" {
        let operation = match (parts.method.as_str(), path.as_str()) {
            ("POST", "/findings/import") => "BatchImportFindings".to_owned(),
            ("POST", "/findings") => "GetFindings".to_owned(),
            ("PATCH", "/findings/batchupdate") => "BatchUpdateFindings".to_owned(),
            _ => method_and_path(),
        };
        ("securityhub", operation, json_body(body)?)
    } else if ["", "s3"].contains(&scope_service) {
        let mut parameters = s3::parameters(&path, parts.uri.query().unwrap_or_default());
        let named = [
            ("ExpectedBucketOwner", "x-amz-expected-bucket-owner"),
            ("ChecksumSHA256", "x-amz-checksum-sha256"),
            ("ContentType", "content-type"),
            ("IfMatch", "if-match"),
            ("IfNoneMatch", "if-none-match"),
            ("ContentEncoding", "content-encoding"),
        ];
        for (name, of) in named {
            if let (Value::Object(map), Some(value)) = (&mut parameters, header(of)) {
                map.insert(name.to_owned(), json!(value));
            }
        }
        ("s3", s3::operation(parts.method.as_str(), &path, &parameters), parameters)
    } else {
        (UNKNOWN, format!("{scope_service} {}", method_and_path()), Value::Null)
    };
    let (region, access_key_id) = match scope {
        Some(scope) => (scope.region, Some(scope.access_key_id)),
        None => (String::new(), None),
    };
    let session_token = header("x-amz-security-token").map(str::to_owned);
    Ok(Request { service, operation, parameters, region, access_key_id, session_token, body: bytes })
}

struct Scope {
    access_key_id: String,
    region: String,
    service: String,
}

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`: the signature itself is not checked.
fn credential_scope(authorization: &str) -> Option<Scope> {
    let credential = authorization.split_once("Credential=")?.1.split(',').next()?;
    let mut parts = credential.split('/');
    let access_key_id = parts.next()?.to_owned();
    let _date = parts.next()?;
    Some(Scope { access_key_id, region: parts.next()?.to_owned(), service: parts.next()?.to_owned() })
}

fn json_service(target_prefix: &str) -> Option<&'static str> {
    match target_prefix.rsplit('.').next()? {
        "CloudTrail_20131101" => Some("cloudtrail"),
        "AWSOrganizationsV20161128" => Some("organizations"),
        "StarlingDoveService" => Some("config"),
        "Logs_20140328" => Some("logs"),
        "TrentService" => Some("kms"),
        "Kinesis_20131202" => Some("kinesis"),
        "Firehose_20150804" => Some("firehose"),
        _ => None,
    }
}

fn json_body(body: &[u8]) -> Result<Value, Failure> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body)
        .map_err(|error| Failure::new(400, "SerializationException", format!("the body is no JSON: {error}")))
}
