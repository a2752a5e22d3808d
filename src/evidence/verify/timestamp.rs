//! The time stamp of a bundle.

use super::super::archive::Walked;
use super::super::contents::{STATEMENT, TIMESTAMP, TIMESTAMP_STATEMENT};
use super::super::digest::FileDigest;
use super::super::dsse::{Envelope, IN_TOTO};
use super::super::statement::{self, Evidence, Statement};
use super::super::timestamp::Token;
use super::super::verification::{Check, Subject};
use super::{Request, appendix};

pub(super) fn check(walked: &Walked, evidence: &Evidence, request: &Request<'_>) -> Check {
    let answer = appendix(walked, TIMESTAMP);
    let about = appendix(walked, TIMESTAMP_STATEMENT);
    let Some(url) = &evidence.timestamp_authority else {
        return match (answer, about) {
            (None, None) => Check::not_checked(Subject::Timestamp, "none was asked for"),
            _ => failed("a time stamp was added, though none was asked for".to_owned()),
        };
    };
    let (Some(answer), Some(about), Some(statement)) = (answer, about, appendix(walked, STATEMENT)) else {
        return failed(format!("the time stamp of {url} is missing"));
    };
    if let Err(problem) = signed(about, answer, statement, request) {
        return failed(problem);
    }
    let token = match Token::parse(answer, statement) {
        Ok(token) => token,
        Err(error) => return failed(error.to_string()),
    };
    let stated = format!("{url} states {}", token.time().format("%Y-%m-%d %H:%M:%S UTC"));
    if request.authorities.is_empty() {
        let summary = format!(
            "{stated}, which is not verified against an authority: give its certificate with --tsa-ca"
        );
        return Check::not_checked(Subject::Timestamp, summary);
    }
    match token.verify(request.authorities) {
        Ok(()) => Check::verified(Subject::Timestamp, stated),
        Err(error) => failed(error.to_string()),
    }
}

fn failed(problem: String) -> Check {
    Check::failed(Subject::Timestamp, "the time stamp is not that of this bundle", vec![problem])
}

/// The signer's own statement about the answer, without which bits that the authority did not sign could change.
fn signed(about: &[u8], answer: &[u8], statement: &[u8], request: &Request<'_>) -> Result<(), String> {
    let envelope = Envelope::parse(about).map_err(|error| format!("{TIMESTAMP_STATEMENT}: {error}"))?;
    envelope.verify(IN_TOTO, request.keys).map_err(|error| format!("{TIMESTAMP_STATEMENT}: {error}"))?;
    let found: Statement<statement::Timestamp> = Statement::parse(&envelope.payload, statement::TIMESTAMP)
        .map_err(|error| format!("{TIMESTAMP_STATEMENT}: {error}"))?;
    let files = found.files().map_err(|error| format!("{TIMESTAMP_STATEMENT}: {error}"))?;
    for (name, content) in [(TIMESTAMP, answer), (STATEMENT, statement)] {
        if files.get(name) != Some(&FileDigest::of(content)) {
            return Err(format!("{name} is not the one that the time stamp is of"));
        }
    }
    Ok(())
}
