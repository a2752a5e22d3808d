//! A grid of short words under headings, beside a column of labels that wrap. See [`super`].
//!
//! Laid out here rather than by a table, since words are coloured one by one.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::report::table::{Paint, Tone};

/// Columns between two columns.
const GAP: usize = 1;

/// A label and its words.
pub(super) struct GridRow {
    pub(super) label: String,
    pub(super) words: Vec<(String, Option<Tone>)>,
}

/// The widest label, however much room there is.
const WIDEST_LABEL: usize = 36;

/// Writes the grid. Headings break at their spaces; labels have what room is left in the width, but no less than
/// the narrowest, and wrap.
pub(super) fn render(
    headings: &[&str],
    rows: &[GridRow],
    narrowest_label: usize,
    width: usize,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| {
            let words = rows.iter().filter_map(|row| row.words.get(column)).map(|(word, _)| word.width());
            heading.split(' ').map(UnicodeWidthStr::width).chain(words).max().unwrap_or(0)
        })
        .collect();
    let taken: usize = 2 + widths.iter().map(|column| column + GAP).sum::<usize>();
    let label_width = width.saturating_sub(taken).min(WIDEST_LABEL).max(narrowest_label);
    let depth = headings.iter().map(|heading| heading.split(' ').count()).max().unwrap_or(0);
    for level in 0..depth {
        let mut line = " ".repeat(label_width + 2);
        for (heading, width) in headings.iter().zip(&widths) {
            let missing = depth - heading.split(' ').count();
            let word =
                level.checked_sub(missing).and_then(|at| heading.split(' ').nth(at)).unwrap_or_default();
            line.push_str(&padded(word, *width));
        }
        writeln!(out, "{}", paint.text(Tone::Bold, line.trim_end()))?;
    }
    for row in rows {
        for (number, label) in wrapped(&row.label, label_width).iter().enumerate() {
            write!(out, "  {label}")?;
            if number == 0 {
                write!(out, "{}", " ".repeat(label_width.saturating_sub(label.width())))?;
                let last = row.words.len().saturating_sub(1);
                for (column, ((word, tone), width)) in row.words.iter().zip(&widths).enumerate() {
                    let painted = tone.map_or_else(|| word.clone(), |tone| paint.text(tone, word));
                    let missing = if column == last { 0 } else { width.saturating_sub(word.width()) };
                    write!(out, "{}{painted}{}", " ".repeat(GAP), " ".repeat(missing))?;
                }
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn padded(word: &str, width: usize) -> String {
    format!("{}{word}{}", " ".repeat(GAP), " ".repeat(width.saturating_sub(word.width())))
}

/// Lines of at most `width` columns, broken at spaces where there are some; what follows the first is set in.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let fits = lines.last().is_some_and(|line| line.width() + 1 + word.width() <= width);
            if let (true, Some(line)) = (fits, lines.last_mut()) {
                line.push(' ');
                line.push_str(word);
                break;
            }
            let indent = if lines.is_empty() { "" } else { " " };
            if indent.width() + word.width() <= width {
                lines.push(format!("{indent}{word}"));
                break;
            }
            let mut used = indent.width();
            let end = word
                .char_indices()
                .find(|(_, character)| {
                    used += unicode_width::UnicodeWidthChar::width(*character).unwrap_or(0);
                    used > width
                })
                .map_or(word.len(), |(at, _)| at);
            let (head, tail) = word.split_at(end.max(word.chars().next().map_or(0, char::len_utf8)));
            lines.push(format!("{indent}{head}"));
            word = tail;
            if word.is_empty() {
                break;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_wrap_at_spaces_and_break_long_words() {
        assert_eq!(wrapped("Workloads / Production: shop", 14), ["Workloads /", " Production:", " shop"]);
        assert_eq!(wrapped("abcdefghijkl", 5), ["abcde", " fghi", " jkl"]);
    }

    #[test]
    fn words_stand_under_their_headings() {
        let row = |label: &str, words: [&str; 2]| GridRow {
            label: label.to_owned(),
            words: words.map(|word| (word.to_owned(), None)).to_vec(),
        };
        let rows = [row("one", ["OPEN", "denied"]), row("another place", ["-", "?"])];
        let mut out = Vec::new();
        render(&["leave org", "trails"], &rows, 8, 0, Paint(false), &mut out).unwrap();
        let expected = "           leave\n           org   trails\n  one      OPEN  denied\n  another  -     ?\n   place\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
