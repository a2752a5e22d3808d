//! The text of a rule file, and where in it the parts of its strings are.

use std::ops::Range;

use toml::Spanned;

/// A file of rules or of their tests.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// Where it is, for people.
    pub(super) path: String,
    /// What it says.
    pub(super) text: String,
}

impl SourceFile {
    /// Where a part of a TOML string stands in the file. `part` counts in bytes of the string's value, without quotes
    /// and with its escapes resolved.
    pub(super) fn place(&self, string: &Spanned<String>, part: &Range<usize>) -> Range<usize> {
        let token = string.span();
        let Some(raw) = self.text.get(token.clone()) else { return token };
        let start = token.start + raw_offset(raw, part.start);
        let start = start + continuation(raw, start - token.start);
        let end = token.start + raw_offset(raw, part.end);
        start..end.max(start)
    }
}

/// Where in a TOML string as written the byte `wanted` of its value is.
fn raw_offset(raw: &str, wanted: usize) -> usize {
    let (quotes, escapes) = match raw {
        _ if raw.starts_with("\"\"\"") => (3, true),
        _ if raw.starts_with("'''") => (3, false),
        _ if raw.starts_with('"') => (1, true),
        _ if raw.starts_with('\'') => (1, false),
        _ => (0, false),
    };
    let mut at = quotes;
    if quotes == 3 {
        let inside = raw.get(at..).unwrap_or_default();
        at += if inside.starts_with("\r\n") { 2 } else { usize::from(inside.starts_with('\n')) };
    }
    let mut value = 0;
    while value < wanted {
        let rest = raw.get(at..).unwrap_or_default();
        let mut characters = rest.chars();
        let (written, read) = match (characters.next(), characters.next()) {
            (None, _) => break,
            (Some('\\'), Some(escape)) if escapes => match escape {
                'x' => unicode(rest, 4),
                'u' => unicode(rest, 6),
                'U' => unicode(rest, 10),
                _ if escape.is_whitespace() => {
                    let after = rest.get(1..).unwrap_or_default();
                    (1 + after.len() - after.trim_start().len(), 0)
                }
                _ => (1 + escape.len_utf8(), 1),
            },
            (Some(character), _) => (character.len_utf8(), character.len_utf8()),
        };
        at += written;
        value += read;
    }
    at.min(raw.len())
}

/// The length of a backslash at the end of a line, and of the white space that it swallows.
fn continuation(raw: &str, at: usize) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    match rest.strip_prefix('\\') {
        Some(after) if raw.starts_with('"') && after.starts_with(char::is_whitespace) => {
            rest.len() - after.trim_start().len()
        }
        _ => 0,
    }
}

/// The lengths of an escape of `length` characters, as written and as read.
fn unicode(rest: &str, length: usize) -> (usize, usize) {
    let digits = rest.get(2..length).unwrap_or_default();
    let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    (length, character.map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::{continuation, raw_offset};

    #[test]
    fn offsets_are_found_in_every_kind_of_string() {
        let find = |raw: &str, wanted: usize| {
            let at = raw_offset(raw, wanted);
            raw[at + continuation(raw, at)..].chars().next().unwrap()
        };
        assert_eq!(find(r#""abc""#, 1), 'b');
        assert_eq!(find("'abc'", 2), 'c');
        assert_eq!(find(r#""a\"b""#, 2), 'b');
        assert_eq!(find(r#""a\u00e4b""#, 3), 'b');
        assert_eq!(find("\"\"\"\nab\ncd\"\"\"", 3), 'c');
        assert_eq!(find("'''\nab\ncd'''", 3), 'c');
        assert_eq!(find("\"\"\"a \\\n   b\"\"\"", 2), 'b');
        assert_eq!(find("'ü == x'", 3), '=');
    }
}
