//! The facts of a CloudWatch Logs destination, which other accounts subscribe their log groups to. See [`super`].

use std::sync::Arc;

use super::view::facts;
use super::{AccountFacts, Facts, RegionFacts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, Destination, RegionRecord};

facts! {
    /// A CloudWatch Logs destination, which other accounts subscribe their log groups to.
    pub struct DestinationFacts as "destination" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    }
}

pub(super) fn subjects(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
    region: &RegionRecord,
    region_facts: &Arc<RegionFacts>,
) -> Vec<SubjectFacts> {
    let subject = |destination: &Destination| SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Destination,
            account_id: Some(Arc::from(record.id.as_str())),
            region: Some(Arc::from(region.name.as_str())),
            id: Arc::from(destination.name.as_str()),
            arn: Some(Arc::from(destination.arn.as_str())),
            name: Some(Arc::from(destination.name.as_str())),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("region", region_facts.clone()),
            ("destination", Arc::new(derive(facts, destination))),
        ],
        unlisted: None,
    };
    match region.destinations.list() {
        Ok(destinations) => destinations.iter().map(subject).collect(),
        Err(gaps) => vec![account::unlisted(SubjectKind::Destination, &record.id, Some(&region.name), gaps)],
    }
}

fn derive(_facts: &Facts, destination: &Destination) -> DestinationFacts {
    DestinationFacts { name: destination.name.clone(), arn: destination.arn.clone() }
}
