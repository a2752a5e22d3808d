//! What several formats say in the same words: gaps, accepted risks, controls, remediation.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Report, ReportedRule, text};
use crate::finding::{Finding, Waiver};
use crate::frameworks::RuleControl;
use crate::model::{Gap, GapId};

impl Report {
    /// The gap of this identity.
    pub(super) fn gap(&self, id: &GapId) -> Option<&Gap> {
        let place = self.gaps.binary_search_by(|gap| gap.id.cmp(id)).ok()?;
        self.gaps.get(place)
    }
}

/// A gap as a sentence.
pub(super) fn gap(gap: &Gap) -> String {
    let place = match (&gap.account_id, &gap.region) {
        (Some(account), Some(region)) => format!("account {account}, {region}"),
        (Some(account), None) => format!("account {account}"),
        (None, Some(region)) => format!("the organization, {region}"),
        (None, None) => "the organization".to_owned(),
    };
    let resource = gap.resource.as_deref().map(|resource| format!(" of {resource}")).unwrap_or_default();
    format!("{}:{}{resource} did not answer in {place}: {}", gap.service, gap.operation, gap.detail)
}

/// The first gaps of a finding as sentences, a line each; `None` where it has none.
pub(super) fn gaps(report: &Report, finding: &Finding, most: usize) -> Option<String> {
    let mut lines: Vec<String> =
        finding.gaps.iter().take(most).filter_map(|id| report.gap(id)).map(gap).collect();
    if finding.gaps.len() > most {
        lines.push(format!("and {} more", text::grouped(finding.gaps.len() - most)));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// An accepted risk as a sentence.
pub(super) fn waiver(waiver: &Waiver) -> String {
    let Waiver { id, reason, owner, expires, ticket } = waiver;
    let ticket = ticket.as_deref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
    format!("Accepted until {expires} by {owner} as {id}{ticket}: {reason}")
}

/// A control with its framework: `CIS AWS Foundations Benchmark 7.0/4.1`.
pub(super) fn requirement(control: &RuleControl) -> String {
    let RuleControl { name, version, control, .. } = control;
    format!("{}/{control}", standard(name, version))
}

/// `CIS AWS Foundations Benchmark 7.0`; some standards have no version.
pub(super) fn standard(name: &str, version: &str) -> String {
    if version.is_empty() { name.to_owned() } else { format!("{name} {version}") }
}

/// What to do, with the commands that do it.
pub(super) fn remediation(rule: &ReportedRule) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(rule.remediation.as_str());
    for (name, command) in [("AWS CLI", &rule.cli), ("Terraform", &rule.terraform)] {
        if let Some(command) = command {
            // Writing into a string cannot fail.
            let _ = write!(text.to_mut(), "\n\n{name}: {command}");
        }
    }
    text
}
