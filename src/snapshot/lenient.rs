//! Records of other versions of the format. A field that a record lacks, or a value that this version has no word for, was
//! *not collected*: it makes unknown what holds it, and is no damage.
//!
//! [`crate::model::Observed`] fields take care of themselves. Where a plain field is missing, the nearest value around it
//! that could be unknown becomes so; without one, the nearest element of a list is left out, as if nobody had read it.

use super::Record;
use crate::model::Gap;

/// Repairs of one record: far more than any version of the format needs.
const MOST_REPAIRS: usize = 10_000;

/// Decodes a line; `None` where it is of a kind that this version does not know, or does not say whose it is.
pub(super) fn decode(line: &[u8]) -> serde_json::Result<Option<Record>> {
    let line = line.trim_ascii_end();
    let mut error = match serde_json::from_slice(line) {
        Ok(record) => return Ok(Some(record)),
        Err(error) => error,
    };
    let mut line = line.to_vec();
    for _ in 0..MOST_REPAIRS {
        if !is_of_another_version(&error) {
            break;
        }
        // The parser's column is how many bytes of the line it had taken.
        let Some(around) = around(&line, error.column().saturating_sub(1)) else {
            return if line.starts_with(b"{\"header\"") { Err(error) } else { Ok(None) };
        };
        match around {
            Around::Known(from, to) => {
                let unknown = format!("{{\"unavailable\":\"{}\"}}", Gap::not_collected().id);
                line.splice(from..to, unknown.into_bytes());
            }
            Around::Element(from, to) => drop(line.drain(from..to)),
        }
        error = match serde_json::from_slice(&line) {
            Ok(record) => return Ok(Some(record)),
            Err(error) => error,
        };
    }
    Err(error)
}

/// As serde says it: the texts of `missing_field` and `unknown_variant` of `serde::de::Error`.
fn is_of_another_version(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    error.is_data() && (text.starts_with("missing field") || text.starts_with("unknown variant"))
}

/// From where to where something is.
#[derive(Debug, PartialEq, Eq)]
enum Around {
    /// The nearest `{"known":…}`.
    Known(usize, usize),
    /// The nearest element of a list, with the comma that parts it from its neighbour.
    Element(usize, usize),
}

/// What is open at a place.
struct Open {
    from: usize,
    is_list: bool,
    /// Of a list: where its current element begins.
    element: usize,
}

/// What stands around a place of a line.
fn around(line: &[u8], at: usize) -> Option<Around> {
    let mut open: Vec<Open> = Vec::new();
    let mut wanted: Option<(usize, bool)> = None;
    let (mut in_text, mut escaped) = (false, false);
    for (place, byte) in line.iter().enumerate() {
        let before = open.len();
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => open.push(Open { from: place, is_list: *byte == b'[', element: place + 1 }),
            b',' if wanted.is_none() => {
                if let Some(list) = open.last_mut().filter(|open| open.is_list) {
                    list.element = place + 1;
                }
            }
            _ => {}
        }
        if place == at {
            let known = open.iter().rposition(|open| !open.is_list && begins_known(line, open.from));
            let list = open.iter().rposition(|open| open.is_list);
            wanted = match (known, list) {
                (Some(known), _) => Some((known, true)),
                (None, Some(list)) => Some((list, false)),
                (None, None) => return None,
            };
        }
        if let Some((depth, is_known)) = wanted {
            let closes = !in_text && matches!(byte, b'}' | b']');
            let found = open.get(depth)?;
            if is_known && closes && before == depth + 1 {
                return Some(Around::Known(found.from, place + 1));
            }
            let comma = !in_text && *byte == b',' && before == depth + 1 && place > at;
            if !is_known && comma {
                return Some(Around::Element(found.element, place + 1));
            }
            if !is_known && closes && before == depth + 1 {
                // The last element goes with the comma before it.
                let first = found.element == found.from + 1;
                return Some(Around::Element(found.element - usize::from(!first), place));
            }
        }
        if !in_text && matches!(byte, b'}' | b']') {
            open.pop();
        }
    }
    None
}

fn begins_known(line: &[u8], from: usize) -> bool {
    let after = line.get(from + 1..).unwrap_or_default().trim_ascii_start();
    after.strip_prefix(b"\"known\"").is_some_and(|after| after.trim_ascii_start().first() == Some(&b':'))
}

#[cfg(test)]
mod tests {
    use super::{Around, around};

    #[test]
    fn what_stands_around_a_place_is_found() {
        let line = br#"{"a":{"known":[{"b":"}]{"},{"c":1}]},"d":[{"e":[1,2]}, {"f":{}}],"g":[3]}"#;
        let at = |text: &str| std::str::from_utf8(line).unwrap().find(text).unwrap();
        let text = |found: Option<Around>| match found.unwrap() {
            Around::Known(from, to) => format!("known {}", std::str::from_utf8(&line[from..to]).unwrap()),
            Around::Element(from, to) => format!("element {}", std::str::from_utf8(&line[from..to]).unwrap()),
        };
        assert_eq!(text(around(line, at("},{"))), r#"known {"known":[{"b":"}]{"},{"c":1}]}"#);
        assert_eq!(text(around(line, at("}, {"))), r#"element {"e":[1,2]},"#);
        assert_eq!(text(around(line, at(r#""f""#))), r#"element , {"f":{}}"#);
        assert_eq!(text(around(line, at("3]"))), "element 3");
        assert_eq!(around(line, at("\"g\"")), None);
    }
}
