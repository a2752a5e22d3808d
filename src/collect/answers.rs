//! Whether an answer is whole, and whether it holds what nobody declared.
//!
//! The SDK reads what its own models know and drops the rest without a word, and it takes XML that ends early for whole.
//! A dropped element may be one that narrows what is read: a filter that leaves objects out, a selector's new condition.
//! So each answer is walked once more, beside the shapes of the newest service models (`shapes.txt`, made by
//! `scripts/known-elements`). What they do not know makes the call's fact unknown, under a gap that names the element.
//! What they know and no collector reads is harmless, unless the script's list says that it narrows. Of an enumeration's
//! member that some collector reads, a value that the models do not have is such an element, too.

mod json;
mod shapes;
mod xml;

#[cfg(test)]
mod tests;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::failure::{Stopped, is_web_page};
use shapes::{Below, Protocol};

/// Elements of one answer that the collector must not pass over, by their paths: `Rule[0].Filter.Not`, `Status "Paused"`.
pub(crate) type Elements = Vec<String>;

/// More would not be read by anybody.
const MOST_ELEMENTS: usize = 16;

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("the answer is cut or not well formed")]
    Cut,
    #[error("the answer has no {0}")]
    Missing(String),
    #[error("the answer has {0} twice")]
    Twice(String),
    #[error("nothing is known of such answers")]
    Unknown,
}

/// What a walk through an answer has met.
#[derive(Debug, Default)]
struct Walk {
    elements: Elements,
    flaw: Option<Flaw>,
}

impl Walk {
    fn element(&mut self, path: String) {
        if self.elements.len() < MOST_ELEMENTS {
            self.elements.push(path);
        }
    }

    /// A value that no model knows is told with what holds it.
    fn value(&mut self, below: Below, path: &str, value: &str) {
        if let Below::Word(known) = below
            && !known.contains(&value)
        {
            self.element(format!("{path} {value:?}"));
        }
    }

    fn flaw(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
    }
}

/// Looks through an answer that the SDK has read. Objects that stream past are looked at by who reads them.
pub(crate) fn inspect(service: &str, operation: &str, response: &HttpResponse) -> Result<Elements, Stopped> {
    let Some(body) = response.body().bytes() else { return Ok(Elements::new()) };
    if response.status().is_success() {
        return elements(service, operation, body).map_err(|flaw| stopped(&flaw));
    }
    // A refusal says that there is none, so it must be whole, too. What is no document has no code to be misread.
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let protocol = match start {
        Some(b'<') if !is_web_page(body) => Protocol::Xml,
        Some(b'{') => Protocol::Json,
        _ => return Ok(Elements::new()),
    };
    walk(protocol, Below::Anything, operation, body).map_err(|flaw| stopped(&flaw))?;
    Ok(Elements::new())
}

fn stopped(flaw: &Flaw) -> Stopped {
    Stopped::Flawed(flaw.to_string())
}

/// The elements of an answer's document that must not be passed over.
fn elements(service: &str, operation: &str, body: &[u8]) -> Result<Elements, Flaw> {
    let (protocol, below) = shapes::of(service, operation).ok_or(Flaw::Unknown)?;
    walk(protocol, below, operation, body)
}

fn walk(protocol: Protocol, below: Below, operation: &str, body: &[u8]) -> Result<Elements, Flaw> {
    let mut walk = Walk::default();
    match protocol {
        Protocol::Json => json::walk(below, body, &mut walk)?,
        Protocol::Xml => xml::walk(below, None, body, &mut walk)?,
        Protocol::Query => xml::walk(below, Some(operation), body, &mut walk)?,
        Protocol::Raw => {}
    }
    match walk.flaw {
        Some(flaw) => Err(flaw),
        None => Ok(walk.elements),
    }
}
