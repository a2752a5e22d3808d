//! Misbehaviour on demand. `server` asks here before it lets a service answer.

use std::fmt::Write;

use super::protocol::{Failure, Protocol, Reply};
use super::recording::CallKey;

/// Which calls a fault or a count is about; `None` fits all.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    /// The account called; for `AssumeRole` the account of the role.
    pub account: Option<String>,
    /// The region that the request is signed for.
    pub region: Option<String>,
    /// `account`, `cloudtrail`, `config`, `iam`, `kms`, `logs`, `organizations`, `s3`, `s3control`, `sts`.
    pub service: Option<String>,
    /// As in the SDK: `GetObjectLockConfiguration`.
    pub operation: Option<String>,
}

impl Matcher {
    /// Fits every call.
    pub fn any() -> Self {
        Self::default()
    }

    /// Fits the calls of a service.
    pub fn service(service: &str) -> Self {
        Self { service: Some(service.to_owned()), ..Self::default() }
    }

    /// Fits the calls of one operation.
    pub fn operation(service: &str, operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::service(service) }
    }

    /// Narrows to an account.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Narrows to a region.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Whether the call is one of these.
    pub fn fits(&self, call: &CallKey) -> bool {
        fn same(wanted: Option<&String>, found: &str) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        same(self.account.as_ref(), &call.account)
            && same(self.region.as_ref(), &call.region)
            && same(self.service.as_ref(), &call.service)
            && same(self.operation.as_ref(), &call.operation)
    }
}

/// What happens instead of the answer. `times` counts down; `usize::MAX` is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused, in the service's own words.
    AccessDenied,
    /// The same after so many good answers.
    DeniedAfter { answers: usize },
    /// Too many requests, in the service's own words and status.
    Throttle { times: usize },
    /// No answer, ever; the connection stays open.
    Hang,
    /// The answer, once the fault is gone.
    Hold,
    /// The connection closes without an answer.
    CutConnection,
    /// Status 200 and the first half of a JSON or XML body.
    MalformedBody,
    /// Status 200 and a web page, as a captive portal or a proxy answers.
    Html,
    /// Status 500, internal failure.
    ServerError { times: usize },
    /// Status 409, as S3 answers a conditional write while another is under way.
    Conflict { times: usize },
    /// The session is over.
    ExpiredToken,
    /// The key is not known: also what a region that is not enabled answers.
    UnrecognizedClient,
    /// Status 200 and nothing.
    EmptyBody,
}

/// What the server does for a fault.
pub enum Misbehaviour {
    Answer(Reply),
    Hang,
    CutConnection,
    /// The connection ends after so many bytes of the whole answer, status line and headers first.
    CutAnswer {
        reply: Reply,
        bytes: usize,
    },
    /// The connection ends after so many bytes of the body, which is sent in chunks or with its length before it.
    CutBody {
        reply: Reply,
        bytes: usize,
        chunked: bool,
    },
}

#[derive(Default)]
pub struct Faults(Vec<(Matcher, Fault)>);

impl Faults {
    pub fn add(&mut self, matcher: Matcher, fault: Fault) {
        self.0.push((matcher, fault));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The answer to this call is to wait.
    pub fn hold(&self, call: &CallKey) -> bool {
        self.0.iter().any(|(matcher, fault)| *fault == Fault::Hold && matcher.fits(call))
    }

    /// The fault for this call, if any; uses up one of its times.
    pub fn take(&mut self, call: &CallKey) -> Option<Fault> {
        for (matcher, fault) in &mut self.0 {
            if !matcher.fits(call) || *fault == Fault::Hold {
                continue;
            }
            if let Fault::DeniedAfter { answers } = fault
                && *answers > 0
            {
                *answers -= 1;
                continue;
            }
            if let Fault::Throttle { times } | Fault::ServerError { times } | Fault::Conflict { times } =
                fault
            {
                if *times == 0 {
                    continue;
                }
                *times = if *times == usize::MAX { *times } else { *times - 1 };
            }
            return Some(*fault);
        }
        None
    }
}

/// Words the fault as the called service does.
pub fn misbehave(fault: Fault, call: &CallKey, action: &str, caller_arn: &str) -> Misbehaviour {
    let protocol = Protocol::of(&call.service);
    let failure = match fault {
        Fault::Hang | Fault::Hold => return Misbehaviour::Hang,
        Fault::CutConnection => return Misbehaviour::CutConnection,
        Fault::MalformedBody => return Misbehaviour::Answer(malformed(protocol)),
        Fault::EmptyBody => {
            return Misbehaviour::Answer(Reply::new(200, protocol.content_type(), String::new()));
        }
        Fault::Html => return Misbehaviour::Answer(html()),
        Fault::AccessDenied | Fault::DeniedAfter { .. } => {
            Failure::access_denied(protocol, action, caller_arn)
        }
        Fault::Throttle { .. } => throttled(&call.service),
        Fault::ServerError { .. } if protocol == Protocol::S3 || protocol == Protocol::S3Control => {
            Failure::new(500, "InternalError", "We encountered an internal error. Please try again.")
        }
        Fault::ServerError { .. } => Failure::new(500, "InternalFailure", "An internal failure occurred."),
        Fault::Conflict { .. } => Failure::new(
            409,
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
        ),
        Fault::ExpiredToken => expired(protocol),
        Fault::UnrecognizedClient => Failure::unrecognized_client(protocol),
    };
    Misbehaviour::Answer(protocol.failure(&failure))
}

/// See "Error responses" of each service's API reference.
pub fn throttled(service: &str) -> Failure {
    match service {
        "s3" | "s3control" => Failure::new(503, "SlowDown", "Please reduce your request rate."),
        "organizations" => Failure::new(
            400,
            "TooManyRequestsException",
            "You have sent too many requests in too short a period.",
        ),
        "account" | "securityhub" => Failure::new(429, "TooManyRequestsException", "Rate exceeded"),
        "sts" | "iam" => Failure::new(400, "Throttling", "Rate exceeded"),
        _ => Failure::new(400, "ThrottlingException", "Rate exceeded"),
    }
}

pub fn expired(protocol: Protocol) -> Failure {
    match protocol {
        Protocol::S3 | Protocol::S3Control => {
            Failure::new(400, "ExpiredToken", "The provided token has expired.")
        }
        Protocol::Query(_) => {
            Failure::new(403, "ExpiredToken", "The security token included in the request is expired")
        }
        Protocol::Json | Protocol::RestJson => Failure::new(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
    }
}

fn malformed(protocol: Protocol) -> Reply {
    let body = match protocol {
        Protocol::Json | Protocol::RestJson => r#"{"Accounts": [{"Id": "1000"#,
        _ => r#"<?xml version="1.0" encoding="UTF-8"?><Result><Status>Ena"#,
    };
    Reply::new(200, protocol.content_type(), body.to_owned())
}

fn html() -> Reply {
    let mut body = String::from("<!DOCTYPE html><html><head><title>Sign in</title></head><body>");
    for line in 0..20 {
        writeln!(body, "<p>Please sign in to the network to go on ({line}).</p>")
            .expect("a string takes all that is written");
    }
    body.push_str("</body></html>");
    Reply::new(200, "text/html; charset=utf-8", body)
}
