//! Policies tried before they are attached: cases in, one answer a line out.
//!
//! Cases stream: memory holds a few of them, whatever the input's length, and a broken one is answered by an error
//! on its line while all others are answered as if it were not there.

mod accepted;
mod answer;
mod case;
mod case_error;
mod documents;
mod fields;
mod own;
mod policies;
mod refusal;
mod split;

use std::io::{self, Read, Write};

use rayon::prelude::*;
use serde::Serialize;

use self::case::Case;
use self::case_error::CaseError;
use self::policies::Policies;
use self::split::{Piece, Pieces};

pub use self::split::CASE_LIMIT;

/// Cases that are answered at a time.
const BATCH: usize = 1_024;
/// Bytes of cases that are held at a time.
const BATCH_BYTES: usize = 16 * 1_024 * 1_024;

/// How many cases there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub cases: usize,
    /// Those that could not be answered.
    pub broken: usize,
}

/// Why a simulation ended early.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The cases cannot be read.
    #[error("cannot read the cases: {0}")]
    Read(io::Error),
    /// The answers cannot be written.
    #[error("cannot write the answers: {0}")]
    Write(io::Error),
}

#[derive(Serialize)]
struct Refusal {
    error: String,
    line: usize,
}

/// Answers each case of the input by a line of JSON, in order. With `prove`, answers also say what holds of every
/// caller of the account. `resource_controlled` are the prefixes of services that resource control policies bind besides
/// those of AWS's list.
pub fn simulate(
    input: impl Read,
    prove: bool,
    resource_controlled: &[String],
    out: &mut dyn Write,
) -> Result<Tally, SimulationError> {
    let policies = Policies::new();
    let mut pieces = Pieces::new(input);
    let mut tally = Tally::default();
    loop {
        let batch = batch(&mut pieces).map_err(SimulationError::Read)?;
        if batch.is_empty() {
            return Ok(tally);
        }
        let answers: Vec<(String, bool)> =
            batch.par_iter().map(|piece| line(piece, prove, resource_controlled, &policies)).collect();
        tally.cases += answers.len();
        tally.broken += answers.iter().filter(|(_, answered)| !answered).count();
        let written = answers.iter().try_for_each(|(line, _)| writeln!(out, "{line}"));
        written.and_then(|()| out.flush()).map_err(SimulationError::Write)?;
    }
}

/// A few cases; only those that have arrived, so that whoever writes one can wait for its answer.
fn batch(pieces: &mut Pieces<impl Read>) -> io::Result<Vec<Piece>> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while batch.len() < BATCH && bytes < BATCH_BYTES && (batch.is_empty() || pieces.has_arrived()) {
        let Some(piece) = pieces.next()? else { break };
        bytes += piece.text.as_ref().map_or(0, Vec::len);
        batch.push(piece);
    }
    Ok(batch)
}

fn line(piece: &Piece, prove: bool, resource_controlled: &[String], policies: &Policies) -> (String, bool) {
    let answer = match &piece.text {
        Ok(text) => Case::read(text, policies).and_then(|case| case.answer(prove, resource_controlled)),
        Err(broken) => Err(CaseError::from(broken)),
    };
    let written = match &answer {
        Ok(answer) => serde_json::to_string(answer),
        Err(error) => serde_json::to_string(&Refusal {
            error: format!("the case of line {}: {error}", piece.line),
            line: piece.line,
        }),
    };
    match written {
        Ok(line) => (line, answer.is_ok()),
        Err(error) => {
            (serde_json::json!({"error": error.to_string(), "line": piece.line}).to_string(), false)
        }
    }
}
