//! JSON that stands inside a `<script>` element: nothing in it ends the element or opens a comment, and what steers or
//! hides text is spelled out, so that the page shows it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::report::text::is_hostile;

pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = out;
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, InScript))?;
    Ok(())
}

struct InScript;

impl Formatter for InScript {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let special = |character: char| matches!(character, '<' | '>' | '&') || is_hostile(character);
        let mut rest = fragment;
        while let Some((at, found)) = rest.char_indices().find(|(_, character)| special(*character)) {
            let (plain, tail) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            if is_hostile(found) {
                write!(out, "\\\\u{{{:x}}}", u32::from(found))?;
            } else {
                write!(out, "\\u{:04x}", u32::from(found))?;
            }
            rest = tail.get(found.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_element_and_everything_can_be_read_back() {
        let mut out = Vec::new();
        write(&["</script><!--<script>&amp;", "a\"b\\c\n", "\u{202e}gnp\u{9b}"], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(['<', '>', '&', '\u{202e}']), "{text}");
        let back: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, ["</script><!--<script>&amp;", "a\"b\\c\n", "\\u{202e}gnp\\u{9b}"]);
    }
}
