//! Requests as they leave, and answers as they come back, without a network.

use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, Deserialize)]
struct Answer {
    name: String,
}

fn answered(status: u16, body: &'static str) -> Result<Answer, OrchestratorError<Refusal>> {
    read(&Response::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body)))
}

#[test]
fn an_operation_is_named_as_its_protocol_does() {
    let body = json!({ "StreamName": "logs", "NextToken": null });
    let request = written("POST", Protocol::Json1_1("Kinesis_20131202"), "ListStreams", "/", &body).unwrap();
    assert_eq!(request.headers().get("x-amz-target"), Some("Kinesis_20131202.ListStreams"));
    assert_eq!(request.headers().get("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(request.body().bytes(), Some(&br#"{"StreamName":"logs"}"#[..]));
    let request = written("POST", Protocol::RestJson, "ListRegions", "/listRegions", &json!({})).unwrap();
    assert_eq!((request.uri(), request.headers().get("x-amz-target")), ("/listRegions", None));
}

#[test]
fn an_answer_is_read_or_is_none() {
    assert_eq!(answered(200, r#"{"name":"logs"}"#).unwrap().name, "logs");
    for nothing in ["", "{}", "[]", r#"{"name":"#, "<html>"] {
        assert!(answered(200, nothing).is_err_and(|error| error.as_operation_error().is_none()), "{nothing}");
    }
    assert!(answered(400, r#"{"name":"logs"}"#).is_err_and(|error| error.as_operation_error().is_some()));
}
