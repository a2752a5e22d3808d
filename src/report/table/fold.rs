//! Many findings that say the same become one row.

use std::collections::{BTreeMap, BTreeSet};

use super::super::text::{count, fit, grouped};
use super::super::{Report, ReportedRule};
use super::heading::account;
use crate::finding::{Finding, Subject, SubjectKind};

/// Subjects, or accounts, that a row names.
const NAMED: usize = 4;
/// Regions that a row names of one account.
const NAMED_REGIONS: usize = 4;
/// The widest name of a subject, in columns.
const WIDEST_NAME: usize = 48;
/// The longest message of a row, in columns: some lines, not a page.
const WIDEST_MESSAGE: usize = 400;

/// Findings of one rule that say the same of different subjects.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) message: String,
    pub(super) findings: Vec<&'a Finding>,
}

/// Groups by message, the largest group first.
pub(super) fn groups<'a>(
    rule: &'a ReportedRule,
    findings: impl Iterator<Item = &'a Finding>,
) -> Vec<Group<'a>> {
    let mut by_text: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let message = Report::message(rule, finding);
        by_text.entry(without_subject(message, &finding.subject)).or_default().push(finding);
    }
    let mut groups: Vec<Group<'_>> = by_text
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

impl Group<'_> {
    /// How many accounts and regions, and the first few subjects by name.
    pub(super) fn places(&self, report: &Report) -> String {
        let subjects: Vec<&Subject> = self.findings.iter().map(|finding| &*finding.subject).collect();
        match subjects.as_slice() {
            [only] => subject(report, only),
            _ if subjects.iter().all(|subject| subject.kind == SubjectKind::Region) => {
                let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for subject in &subjects {
                    let region = subject.region.as_deref().unwrap_or(&subject.id);
                    regions.entry(subject.account_id.as_deref().unwrap_or("?")).or_default().push(region);
                }
                let named = regions.iter().take(NAMED).map(|(id, regions)| {
                    format!("{}: {}", account(report, id), first_few(regions, NAMED_REGIONS))
                });
                listing(&subjects, regions.len(), named.collect(), "account")
            }
            _ => {
                let named = subjects.iter().take(NAMED).map(|it| subject(report, it)).collect();
                listing(&subjects, subjects.len(), named, "")
            }
        }
    }
}

fn listing(subjects: &[&Subject], total: usize, named: Vec<String>, noun: &str) -> String {
    let distinct = |of: fn(&Subject) -> Option<&str>| -> usize {
        subjects.iter().filter_map(|subject| of(subject)).collect::<BTreeSet<_>>().len()
    };
    let accounts = distinct(|subject| subject.account_id.as_deref());
    let regions = distinct(|subject| subject.region.as_deref());
    let mut places = Vec::new();
    if accounts > 0 {
        places.push(count(accounts, "account"));
    }
    if regions > 0 {
        places.push(count(regions, "region"));
    }
    let rest = total.saturating_sub(named.len());
    let more = match (rest, noun) {
        (0, _) => String::new(),
        (_, "") => format!("\nand {} more", grouped(rest)),
        _ => format!("\nand {}", count(rest, &format!("more {noun}"))),
    };
    let lead = if places.is_empty() { String::new() } else { format!("in {}:\n", places.join(", ")) };
    format!("{lead}{}{more}", named.join("\n"))
}

fn first_few(names: &[&str], limit: usize) -> String {
    let shown: Vec<String> = names.iter().take(limit).map(|name| fit(name, 24)).collect();
    let rest = names.len().saturating_sub(limit);
    if rest == 0 { shown.join(", ") } else { format!("{} and {} more", shown.join(", "), grouped(rest)) }
}

/// A subject, as a row names it.
fn subject(report: &Report, subject: &Subject) -> String {
    let owner = subject.account_id.as_deref().map(|id| account(report, id));
    let region = subject.region.as_deref().map(|region| fit(region, 24));
    let own = match subject.kind {
        SubjectKind::Account | SubjectKind::Region => None,
        _ if &*subject.id == "*" => Some(format!("every {}", subject.kind.as_str().replace('_', " "))),
        _ => Some(fit(subject.name.as_deref().unwrap_or(&subject.id), WIDEST_NAME)),
    };
    let place = match (owner, region) {
        (Some(owner), Some(region)) => format!("{owner} {region}"),
        (Some(owner), None) => owner,
        (None, Some(region)) => region,
        (None, None) => String::new(),
    };
    match (own, place.is_empty()) {
        (Some(own), true) => own,
        (Some(own), false) if matches!(subject.kind, SubjectKind::Organization | SubjectKind::Policy) => own,
        (Some(own), false) => format!("{own} in {place}"),
        (None, true) => fit(&subject.id, WIDEST_NAME),
        (None, false) => place,
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
