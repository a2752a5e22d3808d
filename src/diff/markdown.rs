//! Differences in Markdown: for a comment on a change, or a job's summary.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Change, Diff};
use crate::report::text::{fit, grouped};

/// Rows of one list: GitHub cuts comments at 65,536 characters.
const ROWS: usize = 50;

pub(super) fn render(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Trailproof: differences\n\n{}\n", plain(&diff.runs.line(), 400))?;
    let lists = diff.lists();
    writeln!(out, "| {} | Unchanged |", lists.map(|(name, ..)| name).join(" | "))?;
    writeln!(out, "|{}", "---:|".repeat(lists.len() + 1))?;
    let counts = lists.map(|(_, _, list)| grouped(list.len()));
    writeln!(out, "| {} | {} |", counts.join(" | "), grouped(diff.unchanged))?;
    if !diff.not_compared.is_empty() {
        let names: Vec<String> = diff.not_compared.iter().map(|rule| plain(rule, 100)).collect();
        writeln!(out, "\nNot compared, since they ran only once: {}", names.join(", "))?;
    }
    if let Some(scopes) = &diff.scopes {
        for (when, scope) in [("before", &scopes.before), ("now", &scopes.now)] {
            writeln!(out, "\nScope {when}: {}", plain(&scope.lines().join("; "), 1_000))?;
        }
    }
    for (name, meaning, list) in lists {
        if list.is_empty() {
            continue;
        }
        writeln!(out, "\n### {name}: {meaning}\n")?;
        writeln!(out, "| Severity | Verdict | Rule | Where | What |\n|---|---|---|---|---|")?;
        list.iter().take(ROWS).try_for_each(|change| row(change, out))?;
        if list.len() > ROWS {
            writeln!(out, "\n…and {} more: `--format json` lists them all.", grouped(list.len() - ROWS))?;
        }
    }
    Ok(())
}

fn row(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let subject = &change.subject;
    let own = subject.name.as_deref().unwrap_or(&subject.id);
    let parts = [Some(own), subject.account_id.as_deref(), subject.region.as_deref()];
    let place: Vec<String> = parts.into_iter().flatten().map(|part| plain(part, 64)).collect();
    let waiver = change.waiver.as_deref().map(|waiver| format!(" (waiver {})", plain(waiver, 40)));
    writeln!(
        out,
        "| {} | {} | {} | {} | {}{} |",
        change.severity,
        plain(&change.verdicts(), 100),
        plain(&change.rule_id, 64),
        place.join(" "),
        plain(&change.message, 200),
        waiver.unwrap_or_default()
    )
}

/// Text that is nothing but text: every sign that Markdown, HTML or GitHub could read is a character reference, and what
/// looks like an address or a name of somebody is broken up by being in `code`.
fn plain(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if character.is_ascii_punctuation() && !matches!(character, '-' | ',' | ';' | '(' | ')') {
            // Writing into a string cannot fail.
            let _ = write!(safe, "&#{};", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    if text.contains(['@', ':', '#']) || text.to_ascii_lowercase().contains("www.") {
        format!("<code>{safe}</code>")
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_in_a_name_is_read_as_markdown() {
        assert_eq!(plain("log-archive (prod)", 100), "log-archive (prod)");
        assert_eq!(plain("a|b\n**c**", 100), "a&#124;b&#92;u&#123;a&#125;&#42;&#42;c&#42;&#42;");
        let hostile = plain("<img src=x> [x](https://example.com) @team #1 `rm`", 100);
        assert!(hostile.starts_with("<code>") && hostile.ends_with("</code>"), "{hostile}");
        let inside = &hostile[6..hostile.len() - 7];
        assert!(!inside.contains(['<', '>', '[', '`', '@', ':', '|', '*', '\\']), "{hostile}");
    }
}
