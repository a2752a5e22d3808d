//! What several formats say in the same words: gaps, accepted risks, controls, what a resource is called.

use std::borrow::Cow;

use super::{Report, text};
use crate::facts::{Subject, SubjectKind};
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

/// What AWS calls a resource: its ARN. An account, a region of one, and what could not be listed in one are the
/// account, as Security Hub names it; a bare name would be one resource for all accounts.
pub(super) fn resource(subject: &Subject) -> Cow<'_, str> {
    if let Some(arn) = &subject.arn {
        return Cow::Borrowed(arn);
    }
    let account = subject.account_id.as_deref();
    let of_account = matches!(subject.kind, SubjectKind::Account | SubjectKind::Region);
    match account {
        Some(account) if of_account || &*subject.id == "*" => format!("AWS::::Account:{account}").into(),
        Some(account) => {
            let region = subject.region.as_deref().unwrap_or_default();
            format!("{}:{region}:{account}:{}", subject.kind.service(), subject.id).into()
        }
        None => Cow::Borrowed(&subject.id),
    }
}
