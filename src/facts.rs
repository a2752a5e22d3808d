//! Facts: what rules may ask. An index over a snapshot, and what is derived from it, as typed views.
//!
//! Two passes over the snapshot: the first builds an [`Index`] of what accounts know of each other (archive,
//! organization trail, stores, central destinations), the second derives each account's facts against it, so that
//! 10,000 accounts stream through. Reads [`crate::snapshot`] and [`crate::policy`]; read by [`crate::rules`] through
//! [`view::View`], which knows nothing of the expression language.

pub mod view;

mod account;
mod bucket;
mod coverage;
mod derived;
mod destination;
pub mod guardrail;
mod index;
mod key;
mod log_group;
mod organization;
mod policy;
mod region;
#[cfg(test)]
mod samples;
mod suspects;
mod trail;
mod trust;
mod undecided;
mod words;

use std::sync::Arc;

pub use account::{AccountFacts, AccountLoggingFacts};
pub use bucket::BucketFacts;
use coverage::AccountTrails;
pub use coverage::EventKindFacts;
pub use destination::DestinationFacts;
use guardrail::{AccountGuardrailFacts, Guardrails, UnitFacts};
pub use index::{Archive, DataEventTrails, Index, OwnedTrail};
pub use key::KeyFacts;
pub use log_group::LogGroupFacts;
pub use organization::{DelegationFacts, OrganizationFacts};
pub use policy::PolicyFacts;
pub use region::RegionFacts;
use trail::Attested;
pub use trail::TrailFacts;
use view::{Schema, View};

use crate::attestation::Attestation;
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, Expectations, Gaps, Observed, Organization, StoresRecord};
use crate::snapshot::{SnapshotError, Source};

/// The first pass over a snapshot, and the organization's facts, which every subject shares.
#[derive(Debug)]
pub struct Facts {
    /// What accounts know of each other.
    pub index: Index,
    /// The facts of the organization.
    pub organization: Arc<OrganizationFacts>,
    /// What the organization's policies deny in which account.
    pub guardrails: Guardrails,
    trust: trust::Trust,
}

impl Facts {
    /// Makes the first pass.
    pub fn build(source: &Source, expectations: Expectations) -> Result<Self, SnapshotError> {
        Self::build_with(source, expectations, &[])
    }

    /// Makes the first pass, and takes in what was verified elsewhere.
    pub fn build_with(
        source: &Source,
        expectations: Expectations,
        attestations: &[Attestation],
    ) -> Result<Self, SnapshotError> {
        let mut index = Index::build(source, expectations)?;
        index.attested = Attested::new(attestations);
        let gaps = trail::chain_gaps(&index);
        index.gaps.extend(gaps);
        Ok(Self::over(index))
    }

    /// The same snapshot with another organization: what would hold if its policies were changed.
    #[must_use]
    pub fn with_organization(self, organization: Organization) -> Self {
        let mut index = self.index;
        index.header.organization = Observed::Known(organization);
        Self::over(index)
    }

    fn over(index: Index) -> Self {
        let organization = Arc::new(organization::derive(&index));
        let trust = trust::Trust::new(&index);
        let mut gaps = Vec::new();
        let guardrails = Guardrails::new(&index, &mut gaps);
        let mut facts = Self { index, organization, guardrails, trust };
        gaps.extend(undecided::all(&facts));
        facts.index.gaps.extend(gaps);
        facts.index.gaps.sort_unstable();
        facts.index.gaps.dedup();
        facts
    }
}

/// A subject and the facts that a rule about it may ask for.
#[derive(Debug, Clone)]
pub struct SubjectFacts {
    /// The subject.
    pub subject: Arc<Subject>,
    /// Its facts, and those of the things around it, by the name that rules use: see [`variables`].
    pub variables: Vec<(&'static str, Arc<dyn View>)>,
    /// The subjects of this kind could not be listed here: every rule about them is Unknown.
    pub unlisted: Option<Gaps>,
}

/// The names that a rule about this kind of subject may use, with their schemas.
pub fn variables(kind: SubjectKind) -> Vec<(&'static str, &'static Schema)> {
    let organization = ("organization", OrganizationFacts::schema());
    let account = ("account", AccountFacts::schema());
    let region = ("region", RegionFacts::schema());
    match kind {
        SubjectKind::Organization => vec![organization],
        SubjectKind::Policy => vec![organization, ("policy", PolicyFacts::schema())],
        SubjectKind::OrganizationalUnit => vec![organization, ("unit", UnitFacts::schema())],
        SubjectKind::Account => vec![
            organization,
            account,
            ("logging", AccountLoggingFacts::schema()),
            ("guardrails", AccountGuardrailFacts::schema()),
        ],
        SubjectKind::Region => vec![organization, account, region],
        SubjectKind::Trail => vec![organization, account, ("trail", TrailFacts::schema())],
        SubjectKind::Bucket => vec![organization, account, ("bucket", BucketFacts::schema())],
        SubjectKind::Key => vec![organization, account, ("key", KeyFacts::schema())],
        SubjectKind::LogGroup => vec![organization, account, region, ("log_group", LogGroupFacts::schema())],
        SubjectKind::Destination => {
            vec![organization, account, region, ("destination", DestinationFacts::schema())]
        }
    }
}

/// The subjects of the organization as a whole: itself, its units and its policies.
pub fn organization_subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let mut subjects = organization::subjects(facts);
    subjects.extend(guardrail::unit_subjects(facts));
    subjects.extend(policy::subjects(facts));
    subjects
}

/// The subjects of one account: itself, its regions, trails, log groups and destinations.
pub fn account_subjects(facts: &Facts, record: &AccountRecord) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive(facts, record));
    let trails = AccountTrails::of(&facts.index, record);
    let mut subjects = vec![account::subject(facts, record, &account, &trails)];
    subjects.extend(trail::subjects(facts, record, &account, &trails));
    subjects.extend(region::subjects(facts, record, &account, &trails));
    subjects
}

/// The subjects among one owner's stores of logs: buckets and keys.
pub fn store_subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let mut subjects = bucket::subjects(facts, record);
    subjects.extend(key::subjects(facts, record));
    subjects
}

/// Subjects that no record answers for: accounts in scope without a record, buckets and keys that logs go to but that
/// no scanned account could be asked about, and those that only a refused answer would have named.
pub fn missing_subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let mut subjects = account::missing(facts);
    subjects.extend(bucket::missing(facts));
    subjects.extend(key::missing(facts));
    subjects.extend(log_group::missing(facts));
    subjects
}
