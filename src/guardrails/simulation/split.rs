//! Cuts the input into cases without reading them: one object or several, over lines or one a line, or an array.
//!
//! Works on brackets and quotes alone, so that a broken case ends itself and no other, and keeps one case in memory.
//! A case ends where its brackets are closed; in lines also where a line ends inside a string, which JSON does not
//! have, and before a line that begins another case.

use std::io::{self, BufRead, BufReader, Read};

use super::case_error::CaseError;
use super::fields::FIELDS;

/// The longest case, in bytes: more than all the policies that AWS lets bind one account.
pub const CASE_LIMIT: usize = 4 * 1_024 * 1_024;

const BUFFER: usize = 1_024 * 1_024;

/// Where a case stands and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The line on which it begins, from 1.
    pub(super) line: usize,
    /// Its text, or why it has none.
    pub(super) text: Result<Vec<u8>, Broken>,
}

/// Why a piece of the input is no case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error(
        "the case is longer than {CASE_LIMIT} bytes. Split its policies, or leave out what cannot decide"
    )]
    TooLong,
    #[error("the case is cut off: a bracket or a quote is not closed")]
    CutOff,
    #[error("the array is not closed: put ] at the end")]
    ArrayCutOff,
    #[error("text between two cases of an array: put one comma between cases, and nothing after the last ]")]
    Between,
}

impl From<&Broken> for CaseError {
    fn from(broken: &Broken) -> Self {
        Self(broken.to_string())
    }
}

/// The cases of an input, one after the other.
pub(super) struct Pieces<R> {
    input: BufReader<R>,
    line: usize,
    form: Form,
    /// The line that ended the case before it, with its number.
    pending: Option<(usize, Vec<u8>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Undecided,
    Lines,
    Array,
    Ended,
}

impl<R: Read> Pieces<R> {
    pub(super) fn new(input: R) -> Self {
        let input = BufReader::with_capacity(BUFFER, input);
        Self { input, line: 1, form: Form::Undecided, pending: None }
    }

    /// More of the input is here already.
    pub(super) fn has_arrived(&self) -> bool {
        self.pending.is_some() || !self.input.buffer().is_empty()
    }

    /// The next case; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        if self.form == Form::Undecided {
            self.form = match self.skip_space()? {
                Some(b'[') => {
                    self.input.consume(1);
                    Form::Array
                }
                Some(_) => Form::Lines,
                None => Form::Ended,
            };
        }
        match self.form {
            Form::Lines => self.next_in_lines(),
            Form::Array => self.next_in_array(),
            Form::Undecided | Form::Ended => Ok(None),
        }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The byte-order mark that some editors write is space too.
    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' | 0xef | 0xbb | 0xbf => {}
                _ => return Ok(Some(byte)),
            }
            self.input.consume(1);
        }
        Ok(None)
    }

    fn next_in_lines(&mut self) -> io::Result<Option<Piece>> {
        let pending = self.pending.take();
        let (began, mut text) = if let Some(pending) = pending {
            pending
        } else {
            if self.skip_space()?.is_none() {
                self.form = Form::Ended;
                return Ok(None);
            }
            let began = self.line;
            match self.read_line(CASE_LIMIT)? {
                Some(line) => (began, line),
                None => return Ok(Some(Piece { line: began, text: Err(Broken::TooLong) })),
            }
        };
        let mut nesting = Nesting::default();
        let mut seen = 0;
        loop {
            for byte in text.iter().skip(seen) {
                nesting.take(*byte);
            }
            seen = text.len();
            // Whatever is wrong inside a case whose brackets are closed, the parser of JSON says it best.
            if nesting.depth <= 0 || nesting.in_string {
                return Ok(Some(Piece { line: began, text: Ok(text) }));
            }
            if self.peek()?.is_none() {
                self.form = Form::Ended;
                return Ok(Some(Piece { line: began, text: Err(Broken::CutOff) }));
            }
            let number = self.line;
            match self.read_line(CASE_LIMIT - text.len().min(CASE_LIMIT))? {
                None => return Ok(Some(Piece { line: began, text: Err(Broken::TooLong) })),
                Some(line) if begins_case(&line) => {
                    self.pending = Some((number, line));
                    return Ok(Some(Piece { line: began, text: Err(Broken::CutOff) }));
                }
                Some(line) => text.extend(line),
            }
        }
    }

    /// The rest of the line with its end, or `None` if it is longer than the limit.
    fn read_line(&mut self, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut too_long = false;
        while self.peek()?.is_some() {
            let buffer = self.input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(buffer.len());
            too_long |= line.len() + taken > limit;
            if !too_long {
                line.extend(buffer.iter().take(taken));
            }
            self.input.consume(taken);
            if end.is_some() {
                self.line += 1;
                break;
            }
        }
        Ok((!too_long).then_some(line))
    }

    fn next_in_array(&mut self) -> io::Result<Option<Piece>> {
        let Some(first) = self.skip_space()? else {
            self.form = Form::Ended;
            return Ok(Some(Piece { line: self.line, text: Err(Broken::ArrayCutOff) }));
        };
        let began = self.line;
        match first {
            b']' => {
                self.input.consume(1);
                self.form = Form::Ended;
                let trailing = self.skip_space()?.is_some();
                return Ok(trailing.then_some(Piece { line: self.line, text: Err(Broken::Between) }));
            }
            b',' => {
                self.input.consume(1);
                return Ok(Some(Piece { line: began, text: Err(Broken::Between) }));
            }
            _ => {}
        }
        let mut nesting = Nesting::default();
        let mut text = Vec::new();
        let mut too_long = false;
        loop {
            let Some(byte) = self.peek()? else {
                self.form = Form::Ended;
                return Ok(Some(Piece { line: began, text: Err(Broken::CutOff) }));
            };
            // The comma or bracket that ends the case; a comma is passed, the bracket is met again.
            if nesting.depth <= 0 && !nesting.in_string && matches!(byte, b',' | b']') {
                if byte == b',' {
                    self.input.consume(1);
                }
                let text = if too_long { Err(Broken::TooLong) } else { Ok(text) };
                return Ok(Some(Piece { line: began, text }));
            }
            self.input.consume(1);
            nesting.take(byte);
            if byte == b'\n' {
                self.line += 1;
                if nesting.in_string {
                    nesting = Nesting::default();
                }
            }
            too_long |= text.len() == CASE_LIMIT;
            if !too_long {
                text.push(byte);
            }
        }
    }
}

/// Where brackets and quotes stand; whether brackets match is for the parser to say.
#[derive(Default)]
struct Nesting {
    depth: i64,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    fn take(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
    }
}

/// The line begins with the brace of a case and one of its fields, which no other object of a case has.
fn begins_case(line: &[u8]) -> bool {
    let Some(member) = line.strip_prefix(b"{").and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\""))
    else {
        return false;
    };
    FIELDS
        .iter()
        .any(|field| member.strip_prefix(field.as_bytes()).is_some_and(|rest| rest.starts_with(b"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(usize, Result<String, Broken>)> {
        let mut pieces = Pieces::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(piece) = pieces.next().unwrap() {
            let text = piece.text.map(|text| String::from_utf8(text).unwrap().trim().to_owned());
            found.push((piece.line, text));
        }
        found
    }

    fn case(line: usize, text: &str) -> (usize, Result<String, Broken>) {
        (line, Ok(text.to_owned()))
    }

    #[test]
    fn an_object_over_lines_is_one_case() {
        let text = "\n{\n  \"hierarchy\": [\n{\"id\": \"}\"}\n]\n}\n";
        assert_eq!(pieces(text), [case(2, text.trim())]);
        assert_eq!(pieces(&text.repeat(2)).len(), 2);
        assert_eq!(pieces(" \n"), []);
    }

    #[test]
    fn each_line_is_a_case_and_a_broken_one_ends_itself_alone() {
        let text = "{\"action\":1}\nhello\n\n{\"action\":[\n{\"action\":2}\n{\"action\":\"open\n{\"action\":3}\n{\"id\":[";
        let expected = [
            case(1, "{\"action\":1}"),
            case(2, "hello"),
            (4, Err(Broken::CutOff)),
            case(5, "{\"action\":2}"),
            case(6, "{\"action\":\"open"),
            case(7, "{\"action\":3}"),
            (8, Err(Broken::CutOff)),
        ];
        assert_eq!(pieces(text), expected);
    }

    #[test]
    fn an_array_is_cut_at_its_commas() {
        let text = "[{\"a\":\"],\\\"\"},\n{\"b\":[1,2]} , 5]";
        let expected = [case(1, "{\"a\":\"],\\\"\"}"), case(2, "{\"b\":[1,2]}"), case(2, "5")];
        assert_eq!(pieces(text), expected);
        assert_eq!(pieces("[]"), []);
        assert_eq!(pieces("[1,\n2").last(), Some(&(2, Err(Broken::CutOff))));
        assert_eq!(pieces("[1,").last(), Some(&(1, Err(Broken::ArrayCutOff))));
        assert_eq!(pieces("[1]\n{}"), [case(1, "1"), (2, Err(Broken::Between))]);
    }

    #[test]
    fn a_case_that_is_too_long_is_passed_over() {
        let long = "x".repeat(CASE_LIMIT + 1);
        assert_eq!(pieces(&format!("{long}\n{{}}")), [(1, Err(Broken::TooLong)), case(2, "{}")]);
        assert_eq!(pieces(&format!("[{long},{{}}]")), [(1, Err(Broken::TooLong)), case(1, "{}")]);
    }
}
