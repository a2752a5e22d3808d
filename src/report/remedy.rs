//! What to do about a finding: the rule's words and commands, with the names that the finding knows put in.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Report, ReportedRule};
use crate::facts::Subject;
use crate::finding::Finding;

/// What to do about one finding.
pub(super) struct Remedy<'a> {
    /// In words.
    pub(super) text: Cow<'a, str>,
    /// A command of the AWS CLI.
    pub(super) cli: Option<Cow<'a, str>>,
    /// The same in Terraform.
    pub(super) terraform: Option<Cow<'a, str>>,
}

impl<'a> Remedy<'a> {
    /// The rule's, for this finding.
    pub(super) fn of(report: &Report, rule: &'a ReportedRule, finding: &Finding) -> Self {
        let fill = |text: &'a String| filled(text, report, finding);
        Self {
            text: fill(&rule.remediation),
            cli: rule.cli.as_ref().map(fill),
            terraform: rule.terraform.as_ref().map(fill),
        }
    }

    /// The commands, each after its name.
    pub(super) fn commands(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = [("AWS CLI", &self.cli), ("Terraform", &self.terraform)];
        named.into_iter().filter_map(|(name, command)| Some((name, command.as_deref()?)))
    }

    /// Words and commands as one text.
    pub(super) fn whole(self) -> Cow<'a, str> {
        let mut more = String::new();
        for (name, command) in self.commands() {
            // Writing into a string cannot fail.
            let _ = write!(more, "\n\n{name}: {command}");
        }
        if more.is_empty() { self.text } else { Cow::Owned(format!("{}{more}", self.text)) }
    }
}

/// The text with each placeholder filled whose value the finding knows; the others stay to be filled by hand.
fn filled<'a>(text: &'a str, report: &Report, finding: &Finding) -> Cow<'a, str> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let end = from.find('}').map_or(from.len(), |end| end + 1);
        let (placeholder, after) = from.split_at(end);
        let path = placeholder.trim_start_matches('{').trim_end_matches('}');
        // `${name}` is Terraform's own.
        let value = if filled.ends_with('$') { None } else { value(path, report, finding) };
        if let Some(value) = value.filter(|value| is_plain(value)) {
            filled.push_str(&value);
            rest = after;
        } else {
            filled.push('{');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    if filled.is_empty() {
        return Cow::Borrowed(text);
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

/// What a path stands for, by the subject and by the facts that decided.
fn value(path: &str, report: &Report, finding: &Finding) -> Option<String> {
    let (variable, field) = path.split_once('.')?;
    let subject: &Subject = &finding.subject;
    let own = match (variable, field) {
        ("account", "id") => subject.account_id.as_deref(),
        ("region", "name") => subject.region.as_deref(),
        ("organization", "id") => report.organization_id(),
        // What could not be listed has no name.
        _ if &*subject.id == "*" => None,
        _ if variable != subject.kind.variable() => None,
        (_, "id") => Some(&*subject.id),
        (_, "arn") => subject.arn.as_deref(),
        (_, "name") => Some(subject.name.as_deref().unwrap_or(&subject.id)),
        _ => None,
    };
    let fact = || finding.evidence.iter().find(|evidence| *evidence.path == *path)?.value.as_ref()?.as_str();
    own.or_else(fact).map(str::to_owned)
}

/// Nothing that a shell or Terraform would read as more than a name: commands are copied as they are.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with('-')
        && value.chars().all(|it| it.is_ascii_alphanumeric() || "_./:@=+,-".contains(it))
}
