//! The ledger beside a bundle.

use super::super::archive::Walked;
use super::super::statement::Evidence;
use super::super::verification::{Check, Subject};
use super::Request;

pub(super) fn check(walked: &Walked, evidence: &Evidence, request: &Request<'_>) -> Check {
    let Some(entries) = request.ledger else {
        let summary = match &evidence.ledger {
            Some(place) => format!(
                "it is entry {} of a ledger: give that with --ledger to see whether audits are missing",
                place.sequence
            ),
            None => "it was made without a ledger: that no audit is missing does not show".to_owned(),
        };
        return Check::not_checked(Subject::Ledger, summary);
    };
    let organization = evidence.run.organization.as_deref();
    let mut defects = entries.chain_defects();
    defects.extend(entries.against(evidence.ledger.as_ref(), &walked.whole, organization));
    if let Some(longest) = request.max_age {
        defects.extend(entries.gaps(longest, request.now));
    }
    if defects.is_empty() {
        let place = evidence.ledger.as_ref().map_or(0, |place| place.sequence);
        let note = match request.max_age {
            Some(_) => Vec::new(),
            None => vec!["With --max-age DAYS, times without an audit show.".to_owned()],
        };
        let summary = format!("entry {place} of {}, all of them in order", entries.len());
        return Check::verified(Subject::Ledger, summary).noting(note);
    }
    let problems = defects.iter().map(ToString::to_string).collect();
    Check::failed(Subject::Ledger, "audits are missing, or the ledger was changed", problems)
}
