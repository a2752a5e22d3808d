//! Differences for people.

use std::io::{self, Write};

use super::{Change, Diff};
use crate::report::table::{Layout, Paint, Tone, at_most, pairs, paragraph};
use crate::report::text::{fit, grouped};

/// Rows of one list.
const ROWS: usize = 40;

pub(super) fn render(diff: &Diff, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(layout.color);
    let counts: Vec<String> = diff
        .lists()
        .iter()
        .map(|(name, _, list)| format!("{} {}", grouped(list.len()), name.to_lowercase()))
        .collect();
    writeln!(out, "{}", paint.text(Tone::Bold, &format!("Differences: {}", counts.join(", "))))?;
    paragraph(layout, &diff.runs.line()).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out, "  Failures and unknowns that stayed as they were: {}", grouped(diff.unchanged))?;
    if !diff.not_compared.is_empty() {
        let names: Vec<&str> = diff.not_compared.iter().map(|rule| &**rule).collect();
        let text = format!("Not compared, since they ran only once: {}", fit(&names.join(", "), 1_000));
        paragraph(layout, &text).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    if let Some(scopes) = &diff.scopes {
        for (when, scope) in [("before", &scopes.before), ("now", &scopes.now)] {
            let text = format!("Scope {when}: {}", scope.lines().join("; "));
            paragraph(layout, &text).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    for (name, meaning, list) in diff.lists() {
        if list.is_empty() {
            continue;
        }
        writeln!(
            out,
            "\n{}  {}",
            paint.text(tone(name), &name.to_uppercase()),
            paint.text(Tone::Bold, &format!("{}, {meaning}", grouped(list.len())))
        )?;
        let mut rows: Vec<[String; 2]> = list.iter().take(ROWS).map(row).collect();
        if list.len() > ROWS {
            let more = format!("and {} more", grouped(list.len() - ROWS));
            rows.push([more, "all of them: --format json".to_owned()]);
        }
        pairs(layout, at_most(layout, 45), rows).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

fn tone(name: &str) -> Tone {
    match name {
        "Appeared" => Tone::Bad,
        "Newly unknown" | "No longer looked at" | "Looked at for the first time" => Tone::Warning,
        "Gone" => Tone::Good,
        _ => Tone::Bold,
    }
}

fn row(change: &Change) -> [String; 2] {
    let subject = &change.subject;
    let own = subject.name.as_deref().unwrap_or(&subject.id);
    let place = [subject.account_id.as_deref(), subject.region.as_deref().filter(|region| *region != own)];
    let place: Vec<String> = place.into_iter().flatten().map(|part| fit(part, 24)).collect();
    let waiver = change.waiver.as_deref().map(|waiver| format!(" (waiver {})", fit(waiver, 40)));
    [
        format!("{}  {}\n{}", change.severity, fit(&change.rule_id, 48), change.verdicts()),
        format!(
            "{} {}\n{}{}",
            fit(own, 64),
            place.join(" "),
            fit(&change.message, 300),
            waiver.unwrap_or_default()
        ),
    ]
}
