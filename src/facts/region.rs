//! The facts of one region of an account. See [`super`].

use std::sync::Arc;

use super::view::{Derived, facts};
use super::{AccountFacts, Facts, SubjectFacts, account, destination, log_group};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, RegionRecord};

facts! {
    /// A region of an account.
    pub struct RegionFacts as "region" {
        /// `eu-central-1`.
        name: String,
        /// Log groups are here whose only copy would be here, by the configuration.
        has_log_groups_to_centralize: Derived<bool>,
        /// The archive account or a security account offers a destination for log groups here.
        central_destination: Derived<bool>,
    }
}

/// The regions of an account, and what each holds. Where enabled regions could not be listed, opted-in ones stay
/// unknown beside the default ones that were read.
pub(super) fn subjects(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
) -> Vec<SubjectFacts> {
    let mut subjects = Vec::new();
    for region in &record.regions {
        let view = Arc::new(derive(facts, record, region));
        subjects.push(SubjectFacts {
            subject: Arc::new(Subject {
                kind: SubjectKind::Region,
                account_id: Some(Arc::from(record.id.as_str())),
                region: Some(Arc::from(region.name.as_str())),
                id: Arc::from(region.name.as_str()),
                arn: None,
                name: None,
            }),
            variables: vec![
                ("organization", facts.organization.clone()),
                ("account", account.clone()),
                ("region", view.clone()),
            ],
            unlisted: None,
        });
        subjects.extend(log_group::subjects(facts, record, account, region, &view));
        subjects.extend(destination::subjects(facts, record, account, region, &view));
    }
    if let Err(gaps) = record.enabled_regions.get() {
        for kind in [SubjectKind::Region, SubjectKind::LogGroup, SubjectKind::Destination] {
            subjects.push(account::unlisted(kind, &record.id, None, gaps.clone()));
        }
    }
    subjects
}

fn derive(facts: &Facts, _record: &AccountRecord, region: &RegionRecord) -> RegionFacts {
    RegionFacts {
        name: region.name.clone(),
        has_log_groups_to_centralize: log_group::must_centralize(facts, region),
        central_destination: destination::central_in_region(facts, &region.name),
    }
}
