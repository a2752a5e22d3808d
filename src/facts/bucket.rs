//! The facts of a bucket that receives logs. See [`super`].

use std::sync::Arc;

use super::view::facts;
use super::{Facts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{Bucket, StoresRecord};

facts! {
    /// A bucket that receives logs.
    pub struct BucketFacts as "bucket" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    }
}

pub(super) fn subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive_by_id(facts, &record.account_id));
    record
        .buckets
        .iter()
        .map(|bucket| SubjectFacts {
            subject: subject(facts, bucket),
            variables: vec![
                ("organization", facts.organization.clone()),
                ("account", account.clone()),
                ("bucket", Arc::new(derive(facts, bucket))),
            ],
            unlisted: None,
        })
        .collect()
}

fn arn(facts: &Facts, name: &str) -> String {
    format!("arn:{}:s3:::{name}", facts.index.header.partition)
}

fn subject(facts: &Facts, bucket: &Bucket) -> Arc<Subject> {
    Arc::new(Subject {
        kind: SubjectKind::Bucket,
        account_id: Some(Arc::from(bucket.account_id.as_str())),
        region: bucket.region.get().ok().flatten().map(|region| Arc::from(region.as_str())),
        id: Arc::from(bucket.name.as_str()),
        arn: Some(Arc::from(arn(facts, &bucket.name))),
        name: Some(Arc::from(bucket.name.as_str())),
    })
}

/// Buckets that logs go to, of which nobody could say whether an account of the organization owns them. One that
/// certainly belongs to nobody here is the failure of the trail that names it, not a subject.
pub(super) fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let Err(gaps) = &facts.index.inventories else { return Vec::new() };
    let names = facts.index.log_kinds.keys().filter(|name| !facts.index.buckets.contains_key(*name));
    names
        .map(|name| SubjectFacts {
            subject: Arc::new(Subject {
                kind: SubjectKind::Bucket,
                account_id: None,
                region: None,
                id: Arc::from(name.as_str()),
                arn: Some(Arc::from(arn(facts, name))),
                name: Some(Arc::from(name.as_str())),
            }),
            variables: Vec::new(),
            unlisted: Some(gaps.clone()),
        })
        .collect()
}

fn derive(facts: &Facts, bucket: &Bucket) -> BucketFacts {
    BucketFacts { name: bucket.name.clone(), arn: arn(facts, &bucket.name) }
}
