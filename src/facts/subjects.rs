//! Every subject with its facts, and those of the things around it: what the rooms derive, put together. See [`super`].

use std::sync::Arc;

use super::coverage::AccountTrails;
use super::guardrail::{AccountGuardrailFacts, UnitFacts};
use super::view::Schema;
use super::{
    AccountFacts, AccountLoggingFacts, BucketFacts, DeliveryStreamFacts, DestinationFacts,
    EventDataStoreFacts, Facts, KeyFacts, LogGroupFacts, OrganizationFacts, PolicyFacts, RegionFacts,
    StreamFacts, SubjectFacts, TrailFacts, account, bucket, delivery_stream, guardrail, key, log_group,
    organization, policy, region, stream, trail,
};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, Gap, StoresRecord};

/// The names that a rule about this kind of subject may use, with their schemas.
pub fn variables(kind: SubjectKind) -> Vec<(&'static str, &'static Schema)> {
    let organization = ("organization", OrganizationFacts::schema());
    let account = ("account", AccountFacts::schema());
    let region = ("region", RegionFacts::schema());
    let (own, around): (&Schema, &[_]) = match kind {
        SubjectKind::Organization => return vec![organization],
        SubjectKind::Policy => (PolicyFacts::schema(), &[organization]),
        SubjectKind::OrganizationalUnit => (UnitFacts::schema(), &[organization]),
        SubjectKind::Account => {
            let logging = ("logging", AccountLoggingFacts::schema());
            return vec![organization, account, logging, ("guardrails", AccountGuardrailFacts::schema())];
        }
        SubjectKind::Region => (RegionFacts::schema(), &[organization, account]),
        SubjectKind::Trail => (TrailFacts::schema(), &[organization, account]),
        SubjectKind::Bucket => (BucketFacts::schema(), &[organization, account]),
        SubjectKind::Key => (KeyFacts::schema(), &[organization, account]),
        SubjectKind::Stream => (StreamFacts::schema(), &[organization, account]),
        SubjectKind::DeliveryStream => (DeliveryStreamFacts::schema(), &[organization, account]),
        SubjectKind::LogGroup => (LogGroupFacts::schema(), &[organization, account, region]),
        SubjectKind::Destination => (DestinationFacts::schema(), &[organization, account, region]),
        SubjectKind::EventDataStore => (EventDataStoreFacts::schema(), &[organization, account, region]),
    };
    [around, &[(kind.variable(), own)]].concat()
}

/// The subjects of the organization as a whole: itself, its units and its policies.
pub fn organization_subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let mut subjects = organization::subjects(facts);
    subjects.extend(guardrail::unit_subjects(facts));
    subjects.extend(policy::subjects(facts));
    subjects
}

/// The subjects of one account: itself, its trails, its regions, and what is listed in those.
pub fn account_subjects(facts: &Facts, record: &AccountRecord) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive(facts, record));
    let trails = AccountTrails::of(&facts.index, record);
    let mut subjects = vec![account_subject(facts, record, &account, &trails)];
    subjects.extend(trail::subjects(facts, record, &account, &trails));
    subjects.extend(region::subjects(facts, record, &account, &trails));
    subjects
}

/// What was read of one account but cannot be decided, where the first pass keeps too little of it to say so.
pub fn account_gaps(facts: &Facts, record: &AccountRecord) -> Vec<Gap> {
    region::undecided_gaps(facts, record)
}

/// The subjects among one owner's stores of logs: buckets, keys and streams.
pub fn store_subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let mut subjects = bucket::subjects(facts, record);
    subjects.extend(key::subjects(facts, record));
    subjects.extend(stream::subjects(facts, record));
    subjects.extend(delivery_stream::subjects(facts, record));
    subjects
}

/// Subjects that no record answers for: accounts in scope without a record, buckets and keys that logs go to but that
/// no scanned account could be asked about, and those that only a refused answer would have named.
pub fn missing_subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let mut subjects = account::missing(facts);
    subjects.extend(bucket::missing(facts));
    subjects.extend(key::missing(facts));
    subjects.extend(stream::missing(facts));
    subjects.extend(delivery_stream::missing(facts));
    subjects.extend(log_group::missing(facts));
    subjects
}

/// The account as a subject.
fn account_subject(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
    trails: &AccountTrails<'_>,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Account,
            account_id: Some(Arc::from(record.id.as_str())),
            region: None,
            id: Arc::from(record.id.as_str()),
            arn: None,
            name: record.name.as_deref().map(Arc::from),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("logging", Arc::new(account::derive_logging(&facts.index, record, account, trails))),
            ("guardrails", Arc::new(guardrail::derive(facts, record, account))),
        ],
        unlisted: None,
    }
}
