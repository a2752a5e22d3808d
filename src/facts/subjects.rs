//! Every subject with its facts, and those of the things around it: what the kinds say, put together. See [`super`].

use std::sync::Arc;

use super::coverage::AccountTrails;
use super::guardrail::AccountGuardrailFacts;
use super::kind::{InAccount, Kind, Listed, OfRegion};
use super::view::Schema;
use super::{
    AccountFacts, AccountLoggingFacts, Facts, OrganizationFacts, RegionFacts, Subject, SubjectFacts,
    SubjectKind, account, guardrail, kind, region,
};
use crate::model::{AccountRecord, Gap, StoresRecord};

/// The names that a rule about this kind of subject may use, with their schemas.
pub fn variables(subject: SubjectKind) -> Vec<(&'static str, &'static Schema)> {
    let mut variables = vec![("organization", OrganizationFacts::schema())];
    let kind = subject.said();
    match kind.listed {
        Listed::Organization(_) => {}
        Listed::Account(_) | Listed::Owner(_) => variables.push(("account", AccountFacts::schema())),
        Listed::Region(_) => {
            variables.extend([("account", AccountFacts::schema()), ("region", RegionFacts::schema())]);
        }
    }
    if variables.iter().all(|(name, _)| *name != subject.variable()) {
        variables.push((subject.variable(), (kind.schema)()));
    }
    variables.extend(kind.more.iter().map(|(name, schema)| (*name, schema())));
    variables
}

/// The subjects of the organization as a whole: itself, its units and its policies.
pub fn organization_subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let of_kind = |listed| match listed {
        Listed::Organization(subjects) => subjects(facts),
        Listed::Account(_) | Listed::Region(_) | Listed::Owner(_) => Vec::new(),
    };
    kind::all().flat_map(|kind| of_kind(kind.listed)).collect()
}

/// The subjects of one account: itself, its trails, its regions, and what is listed in those.
pub fn account_subjects(facts: &Facts, record: &AccountRecord) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive(facts, record));
    let trails = AccountTrails::of(&facts.index, record);
    let of_regions: Vec<(SubjectKind, OfRegion)> = SubjectKind::ALL
        .iter()
        .filter_map(|kind| match kind.said().listed {
            Listed::Region(subjects) => Some((*kind, subjects)),
            Listed::Organization(_) | Listed::Account(_) | Listed::Owner(_) => None,
        })
        .collect();
    let within =
        InAccount { facts, record, account: &account, trails: &trails, of_regions: of_regions.as_slice() };
    let of_kind = |listed| match listed {
        Listed::Account(subjects) => subjects(&within),
        Listed::Organization(_) | Listed::Region(_) | Listed::Owner(_) => Vec::new(),
    };
    kind::all().flat_map(|kind| of_kind(kind.listed)).collect()
}

/// What was read of one account but cannot be decided, where the first pass keeps too little of it to say so.
pub fn account_gaps(facts: &Facts, record: &AccountRecord) -> Vec<Gap> {
    region::undecided_gaps(facts, record)
}

/// The subjects among one owner's stores of logs: buckets, keys and streams.
pub fn store_subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let of_kind = |listed| match listed {
        Listed::Owner(subjects) => subjects(facts, record),
        Listed::Organization(_) | Listed::Account(_) | Listed::Region(_) => Vec::new(),
    };
    kind::all().flat_map(|kind| of_kind(kind.listed)).collect()
}

/// Subjects that no record answers for: accounts in scope without a record, buckets and keys that logs go to but that
/// no scanned account could be asked about, and those that only a refused answer would have named.
pub fn missing_subjects(facts: &Facts) -> Vec<SubjectFacts> {
    kind::all().filter_map(|kind| kind.missing).flat_map(|missing| missing(facts)).collect()
}

/// Accounts: their facts come of several rooms.
pub(super) const ACCOUNT: Kind = Kind {
    word: "account",
    variable: "account",
    unlisted: "the account",
    service: "organizations",
    ocsf: "AWS::Organizations::Account",
    asff: "AwsAccount",
    schema: AccountFacts::schema,
    more: &[("logging", AccountLoggingFacts::schema), ("guardrails", AccountGuardrailFacts::schema)],
    listed: Listed::Account(|within| vec![account_subject(within)]),
    missing: Some(account::missing),
    undecided: None,
};

/// The account as a subject.
fn account_subject(within: &InAccount<'_>) -> SubjectFacts {
    let InAccount { facts, record, account, trails, .. } = *within;
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
