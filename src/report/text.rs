//! Text from AWS is hostile: made safe for terminals, cut to a width. Used by the formats and by
//! [`crate::printer`].

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters that steer a terminal, hide text, or change its direction.
pub(crate) fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero widths and directional marks.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            // Line and paragraph separators, embeddings, overrides, isolates, word joiner, invisible operators.
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // Byte order mark, interlinear annotation, what is no character (XML refuses it), tags, private use.
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// The text with each hostile character as `\u{..}`; a line feed too, so that one name stays on one line.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hostile(character) {
            // Writing into a string cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// As [`escape`], but line feeds stay: for texts of this program that span lines.
pub(crate) fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// The text in at most `width` columns: what is too long loses its middle to `…`, since both ends of a name or an ARN
/// tell things apart.
pub(crate) fn shorten(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let room = width.saturating_sub(1);
    let tail_room = room / 2;
    let head = taken(text.chars(), room - tail_room);
    let tail: String = taken(text.chars().rev(), tail_room).chars().rev().collect();
    Cow::Owned(format!("{head}…{tail}"))
}

fn taken(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// Escaped, then cut to `width` columns.
pub(crate) fn fit(text: &str, width: usize) -> String {
    // Escaping a text of ten thousand characters to show forty of them is wasted work.
    shorten(&escape(&shorten(text, width.saturating_mul(4))), width).into_owned()
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 account`, `2 accounts`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steering_and_hidden_characters_become_visible() {
        assert_eq!(escape("a\u{1b}[31mb\u{202e}c\u{9b}\n"), "a\\u{1b}[31mb\\u{202e}c\\u{9b}\\u{a}");
        assert_eq!(escape("größe 日本"), "größe 日本");
        assert_eq!(escape_lines("a\nb\r"), "a\nb\\u{d}");
    }

    #[test]
    fn long_names_keep_both_ends_and_fit() {
        assert_eq!(shorten("abcdefghij", 7), "abc…hij");
        assert_eq!(shorten("abcdefghij", 10), "abcdefghij");
        assert_eq!(shorten("日本語日本語", 7).width(), 5);
        assert!(fit(&"\u{1b}".repeat(10_000), 40).width() <= 40);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(1_500_000), "1,500,000");
        assert_eq!(count(1, "account"), "1 account");
        assert_eq!(count(1000, "account"), "1,000 accounts");
    }
}
