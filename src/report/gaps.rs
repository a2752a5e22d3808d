//! What could not be read, in words.

use super::{Report, text};
use crate::finding::Finding;
use crate::model::{Gap, GapId};

impl Report {
    /// The gap of this identity.
    pub(super) fn gap(&self, id: &GapId) -> Option<&Gap> {
        let place = self.gaps.binary_search_by(|gap| gap.id.cmp(id)).ok()?;
        self.gaps.get(place)
    }
}

/// A gap as a sentence.
pub(super) fn sentence(gap: &Gap) -> String {
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
pub(super) fn in_words(report: &Report, finding: &Finding, most: usize) -> Option<String> {
    let mut lines: Vec<String> =
        finding.gaps.iter().take(most).filter_map(|id| report.gap(id)).map(sentence).collect();
    if finding.gaps.len() > most {
        lines.push(format!("and {} more", text::grouped(finding.gaps.len() - most)));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
