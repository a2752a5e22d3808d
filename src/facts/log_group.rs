//! The facts of a CloudWatch Logs log group. See [`super`].

use std::sync::Arc;

use super::view::facts;
use super::{AccountFacts, Facts, RegionFacts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, LogGroup, RegionRecord};

facts! {
    /// A CloudWatch Logs log group.
    pub struct LogGroupFacts as "log_group" {
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
    let subject = |log_group: &LogGroup| SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::LogGroup,
            account_id: Some(Arc::from(record.id.as_str())),
            region: Some(Arc::from(region.name.as_str())),
            id: Arc::from(log_group.name.as_str()),
            arn: Some(Arc::from(log_group.arn.as_str())),
            name: Some(Arc::from(log_group.name.as_str())),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("region", region_facts.clone()),
            ("log_group", Arc::new(derive(facts, log_group))),
        ],
        unlisted: None,
    };
    match region.log_groups.list() {
        Ok(log_groups) => log_groups.iter().map(subject).collect(),
        Err(gaps) => vec![account::unlisted(SubjectKind::LogGroup, &record.id, Some(&region.name), gaps)],
    }
}

fn derive(_facts: &Facts, log_group: &LogGroup) -> LogGroupFacts {
    LogGroupFacts { name: log_group.name.clone(), arn: log_group.arn.clone() }
}
