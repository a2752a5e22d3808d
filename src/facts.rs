//! Facts: what rules may ask. An index over a snapshot, and what is derived from it, as typed views.
//!
//! Two passes over the snapshot: the first builds an [`Index`] of what accounts know of each other (archive,
//! organization trail, stores, central destinations), the second derives each account's facts against it, so that
//! 10,000 accounts stream through. Reads [`crate::snapshot`] and [`crate::policy`]; read by [`crate::rules`] through
//! [`view::View`], which knows nothing of the expression language.

pub mod view;

mod account;
mod alike;
mod bucket;
mod coverage;
mod delivery_stream;
mod derived;
mod derived_gaps;
mod destination;
mod event_data_store;
mod excess_grants;
pub mod guardrail;
mod in_region;
mod in_store;
mod index;
mod key;
mod kind;
mod log_group;
mod noted_gaps;
mod organization;
mod placeholder;
mod policy;
mod region;
#[cfg(test)]
mod samples;
mod stream;
mod subject;
mod subjects;
mod trail;
mod trust;
mod unrecorded;
mod words;

use std::sync::Arc;

pub use account::{AccountFacts, AccountLoggingFacts};
pub use bucket::BucketFacts;
pub use coverage::EventKindFacts;
pub use delivery_stream::DeliveryStreamFacts;
pub use destination::DestinationFacts;
pub use event_data_store::EventDataStoreFacts;
use guardrail::Guardrails;
pub use index::{Archive, DataEventTrails, Index, OwnedTrail};
pub use key::KeyFacts;
use kind::kinds;
pub use log_group::LogGroupFacts;
pub use organization::{DelegationFacts, OrganizationFacts};
pub use policy::PolicyFacts;
pub use region::{DeliverySourceFacts, RegionFacts};
pub use stream::StreamFacts;
pub use subject::{ANY_ID, ListedBy, Subject};
pub use subjects::{
    account_gaps, account_subjects, missing_subjects, organization_subjects, store_subjects, variables,
};
use trail::Attested;
pub use trail::TrailFacts;
use view::View;

use crate::attestation::Attestation;
use crate::model::{Expectations, Gaps, Observed, Organization};
use crate::snapshot::{Group, SnapshotError, Source, Survey};

kinds! {
    /// The organization.
    Organization = organization::KIND;
    /// The root or an organizational unit.
    OrganizationalUnit = guardrail::UNIT;
    /// A service control or resource control policy.
    Policy = policy::KIND;
    /// An account.
    Account = subjects::ACCOUNT;
    /// A region of an account.
    Region = region::KIND;
    /// A CloudTrail trail.
    Trail = trail::KIND;
    /// A bucket that receives logs.
    Bucket = bucket::KIND;
    /// A KMS key that encrypts logs.
    Key = key::KIND;
    /// A Kinesis data stream that log events go to.
    Stream = stream::KIND;
    /// A Firehose delivery stream that log events go to.
    DeliveryStream = delivery_stream::KIND;
    /// A CloudWatch Logs log group.
    LogGroup = log_group::KIND;
    /// A CloudWatch Logs destination.
    Destination = destination::KIND;
    /// A CloudTrail Lake event data store.
    EventDataStore = event_data_store::KIND;
}

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
    /// Policies of log groups that let in nobody from outside the organization.
    harmless_log_policies: alike::Harmless,
}

impl Facts {
    /// Makes the first pass.
    pub fn build(source: &Source, expectations: Expectations) -> Result<Self, SnapshotError> {
        Self::build_with(&source.survey()?, expectations, &[], &[])
    }

    /// Makes the first pass, and takes in what was verified elsewhere. `alike` are accounts that the survey found to be.
    pub fn build_with(
        survey: &Survey,
        expectations: Expectations,
        attestations: &[Attestation],
        alike: &[Group],
    ) -> Result<Self, SnapshotError> {
        let mut index = Index::build(survey, expectations, alike)?;
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
        let harmless_log_policies = alike::Harmless::default();
        let mut facts = Self { index, organization, guardrails, trust, harmless_log_policies };
        gaps.extend(derived_gaps::all(&facts));
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
