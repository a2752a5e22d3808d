//! Many findings that say the same become one row.

use std::collections::{BTreeMap, BTreeSet};

use super::super::text::{count, fit, grouped};
use super::super::{Report, ReportedRule};
use super::account::account;
use crate::facts::{Subject, SubjectKind};
use crate::finding::Finding;

/// Subjects that a row names.
const NAMED: usize = 4;
/// Regions that a row names of one subject.
const NAMED_REGIONS: usize = 4;
/// The widest name of a subject, in columns.
const WIDEST_NAME: usize = 48;
/// The longest message of a row, in columns: some lines, not a page.
const WIDEST_MESSAGE: usize = 400;

/// Findings of one rule that say the same of different subjects.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) message: String,
    pub(super) findings: Vec<Finding>,
}

/// Groups by message, the largest group first.
pub(super) fn groups(rule: &ReportedRule, findings: impl Iterator<Item = Finding>) -> Vec<Group> {
    let mut by_text: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        let message = Report::message(rule, &finding);
        by_text.entry(without_subject(message, &finding.subject)).or_default().push(finding);
    }
    let mut groups: Vec<Group> = by_text
        .into_iter()
        .map(|(shared, findings)| {
            let own = match findings.as_slice() {
                [only] => Report::message(rule, only),
                _ => &shared,
            };
            Group { message: fit(own, WIDEST_MESSAGE), findings }
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.findings.len()));
    groups
}

impl Group {
    /// How many accounts and regions, and the first few subjects by name.
    pub(super) fn places(&self, report: &Report) -> String {
        let subjects: Vec<&Subject> = self.findings.iter().map(|finding| &*finding.subject).collect();
        let mut places: Vec<(String, Vec<&str>)> = Vec::new();
        let mut known: BTreeMap<(Option<&str>, &str), usize> = BTreeMap::new();
        for subject in &subjects {
            let own = if subject.kind == SubjectKind::Region { "" } else { own_name(subject) };
            let place = *known.entry((subject.account_id.as_deref(), own)).or_insert_with(|| {
                places.push((label(report, subject), Vec::new()));
                places.len() - 1
            });
            if let Some((_, regions)) = places.get_mut(place) {
                regions.extend(subject.region.as_deref());
            }
        }
        let mut lines: Vec<String> =
            places.iter().take(NAMED).map(|(label, regions)| line(label, regions)).collect();
        let rest = places.len().saturating_sub(NAMED);
        if rest > 0 {
            let regions_alone = subjects.iter().all(|subject| subject.kind == SubjectKind::Region);
            lines.push(if regions_alone {
                format!("and {}", count(rest, "more account"))
            } else {
                format!("and {} more", grouped(rest))
            });
        }
        if subjects.len() > 1 {
            lines.splice(0..0, extent(&subjects));
        }
        lines.join("\n")
    }
}

/// `in 12 accounts, 4 regions:`
fn extent(subjects: &[&Subject]) -> Option<String> {
    let distinct = |of: fn(&Subject) -> Option<&str>| -> usize {
        subjects.iter().filter_map(|subject| of(subject)).collect::<BTreeSet<_>>().len()
    };
    let accounts = distinct(|subject| subject.account_id.as_deref());
    let regions = distinct(|subject| subject.region.as_deref());
    let parts: Vec<String> = [(accounts, "account"), (regions, "region")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(number, noun))
        .collect();
    (!parts.is_empty()).then(|| format!("in {}:", parts.join(", ")))
}

fn line(label: &str, regions: &[&str]) -> String {
    match regions {
        [] => label.to_owned(),
        [only] => format!("{label} {}", fit(only, 24)),
        several => format!("{label}: {}", first_few(several, NAMED_REGIONS)),
    }
}

fn first_few(names: &[&str], limit: usize) -> String {
    let shown: Vec<String> = names.iter().take(limit).map(|name| fit(name, 24)).collect();
    let rest = names.len().saturating_sub(limit);
    if rest == 0 { shown.join(", ") } else { format!("{} and {} more", shown.join(", "), grouped(rest)) }
}

fn own_name(subject: &Subject) -> &str {
    subject.name.as_deref().unwrap_or(&subject.id)
}

/// A subject without its region, as a row names it.
fn label(report: &Report, subject: &Subject) -> String {
    let own = || match &*subject.id {
        "*" => format!("every {}", subject.kind.as_str().replace('_', " ")),
        _ => fit(own_name(subject), WIDEST_NAME),
    };
    match (subject.kind, subject.account_id.as_deref()) {
        (SubjectKind::Account | SubjectKind::Region, Some(id)) => account(report, id),
        (kind, _) if kind.is_organizational() => own(),
        (_, None) => own(),
        (_, Some(id)) => format!("{} in {}", own(), account(report, id)),
    }
}

/// The message with what names the subject itself replaced, so that equal ones meet.
fn without_subject(message: &str, subject: &Subject) -> String {
    let mut text = message.to_owned();
    let region = (subject.region.as_deref(), "<region>");
    let own = [
        if subject.kind == SubjectKind::Region { region } else { (None, "") },
        (subject.arn.as_deref(), "<arn>"),
        (subject.name.as_deref(), "<name>"),
        (Some(&*subject.id), "<name>"),
        (subject.account_id.as_deref(), "<account>"),
        region,
    ];
    for (value, placeholder) in own {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text = replace_word(&text, value, placeholder);
        }
    }
    text
}

/// Replaces `word` where it is not part of a longer one: a trail named `log` must not eat into `logging`.
fn replace_word(text: &str, word: &str, replacement: &str) -> String {
    let inside = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() || matches!(character, '-' | '_' | '<'))
    };
    let mut result = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once(word) {
        let left = head.chars().next_back().or(before);
        result.push_str(head);
        result.push_str(if inside(left) || inside(tail.chars().next()) { word } else { replacement });
        before = word.chars().next_back();
        rest = tail;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::replace_word;

    #[test]
    fn only_whole_words_are_replaced() {
        assert_eq!(
            replace_word("log is not logging to log.", "log", "<name>"),
            "<name> is not logging to <name>."
        );
        assert_eq!(replace_word("a-log log-b", "log", "<name>"), "a-log log-b");
        assert_eq!(replace_word("", "log", "<name>"), "");
    }
}
