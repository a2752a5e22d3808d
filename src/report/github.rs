//! The report as annotations of a GitHub workflow: the worst findings, as many as GitHub shows of a step, and a count
//! of the rest.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands> says how a command is
//! written. A step shows ten annotations of each level, and a job fifty.

use std::io::{self, Write};

use super::remedy::Remedy;
use super::sarif::location;
use super::text::{count, escape, grouped};
use super::{Report, ReportedRule};
use crate::finding::{Finding, Verdict, fingerprint};
use crate::severity::Severity;

/// Annotations of one level that a step shows.
const SHOWN: usize = 10;
/// The longest message, in characters: an annotation is a few lines.
const LONGEST_MESSAGE: usize = 1_000;

/// The levels of annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn of(severity: Severity, verdict: Verdict) -> Self {
        match (verdict, severity) {
            (Verdict::Unknown, _) | (_, Severity::Medium) => Self::Warning,
            (_, Severity::Critical | Severity::High) => Self::Error,
            (_, Severity::Low | Severity::Info) => Self::Notice,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// The last notice is kept for what is not shown.
    fn limit(self) -> usize {
        if self == Self::Notice { SHOWN - 1 } else { SHOWN }
    }
}

/// Writes the annotations.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut shown: [(Level, usize); 3] = [(Level::Error, 0), (Level::Warning, 0), (Level::Notice, 0)];
    let (mut failures, mut unknowns, mut waived) = (0, 0, 0);
    for (rule, finding) in report.open_findings().into_iter().filter_map(|place| report.finding(place)) {
        if finding.waiver.is_some() {
            waived += 1;
            continue;
        }
        let level = Level::of(rule.severity, finding.verdict);
        match shown.iter_mut().find(|(each, _)| *each == level) {
            Some((_, shown)) if *shown < level.limit() => {
                *shown += 1;
                annotation(report, rule, &finding, level, out)?;
            }
            _ if finding.verdict == Verdict::Unknown => unknowns += 1,
            _ => failures += 1,
        }
    }
    let mut rest = Vec::new();
    for (number, what) in [(failures, "failure"), (unknowns, "undecided finding"), (waived, "waived failure")]
    {
        if number > 0 {
            rest.push(count(number, what));
        }
    }
    if !report.gaps().is_empty() {
        rest.push(format!("the reasons of {}", count(report.gaps().len(), "gap")));
    }
    let mut texts = Vec::new();
    if !rest.is_empty() {
        let rest = rest.join(", ");
        texts.push(format!("Not shown here: {rest}. --format markdown and json show what GitHub does not"));
    }
    texts.extend(report.scope_line.as_ref().map(|scope| format!("Scope: {scope}")));
    if texts.is_empty() {
        return Ok(());
    }
    let text = texts.join(". ");
    writeln!(out, "::notice title={}::{}", property("Trailproof"), data(&text))
}

fn annotation(
    report: &Report,
    rule: &ReportedRule,
    finding: &Finding,
    level: Level,
    out: &mut dyn Write,
) -> io::Result<()> {
    let subject = &*finding.subject;
    let (word, remedy) = match finding.verdict {
        Verdict::Unknown => ("unknown".to_owned(), unread(finding)),
        _ => (rule.severity.to_string(), Remedy::of(report, rule, finding).text.into_owned()),
    };
    let account = subject.account_id.as_deref().map(|id| match report.account_name(id) {
        Some(name) => format!("account {id} ({name})"),
        None => format!("account {id}"),
    });
    let place: Vec<String> =
        [account, subject.region.as_deref().map(str::to_owned)].into_iter().flatten().collect();
    let lines = [
        Report::message(rule, finding).to_owned(),
        place.join(", "),
        remedy,
        format!("trailproof explain {}", rule.id),
        format!("fingerprint {}", fingerprint(&rule.id, subject)),
    ];
    let text: Vec<String> =
        lines.iter().filter(|line| !line.is_empty()).map(|line| shortened(&escape(line))).collect();
    writeln!(
        out,
        "::{} file={},line=1,title={}::{}",
        level.as_str(),
        property(&location::path(report, subject)),
        property(&format!("{word}: {}", escape(&rule.id))),
        data(&text.join("\n"))
    )
}

fn unread(finding: &Finding) -> String {
    match finding.gaps.as_ref() {
        [only] => format!("What decides could not be read: {}", only.as_str()),
        gaps => format!("What decides could not be read: {} gaps", grouped(gaps.len())),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What stands behind the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which commas and colons would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn a_value_can_neither_end_the_command_nor_begin_another() {
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a,title=b::c"), "a%2Ctitle=b%3A%3Ac");
    }
}
