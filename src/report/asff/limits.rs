//! Text within what Security Hub takes: not empty, no longer than it says, nothing hidden in it.

use crate::report::text;

/// The text with its hostile characters made visible, in at most `longest` UTF-16 units, its end as `…` where it is
/// cut; never blank.
pub(super) fn limited(value: &str, longest: usize) -> String {
    // Escaping makes longer, never shorter: what is cut here would be cut anyway.
    let start: String = value.chars().take(longest + 1).collect();
    let escaped = text::escape(&start);
    let length: usize = escaped.chars().map(char::len_utf16).sum();
    if length <= longest && !escaped.trim().is_empty() {
        return escaped.into_owned();
    }
    if escaped.trim().is_empty() {
        return "-".to_owned();
    }
    let mut used = 1;
    let mut cut: String = escaped
        .chars()
        .take_while(|character| {
            used += character.len_utf16();
            used <= longest
        })
        .collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::limited;

    #[test]
    fn text_is_never_blank_and_never_too_long() {
        assert_eq!(limited("", 10), "-");
        assert_eq!(limited(" \u{a0} ", 10), "-");
        assert_eq!(limited("abc", 3), "abc");
        assert_eq!(limited("abcd", 3), "ab…");
        assert_eq!(limited("a\u{1b}b", 10), "a\\u{1b}b");
        for text in ["🙂".repeat(5_000), "\u{202e}".repeat(5_000), "x".repeat(5_000)] {
            let limited = limited(&text, 256);
            assert!((250..=256).contains(&limited.encode_utf16().count()), "{limited}");
        }
    }
}
