//! The facts of an event data store of CloudTrail Lake. See [`super`].

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::in_region::{InRegion, Thing};
use super::kind::{Kind, Listed};
use super::view::{Derived, Prose, Says, facts};
use super::words::{days, problems};
use super::{Index, SubjectFacts, SubjectKind, derived};
use crate::model::region::event_data_store::EVENT_DATA_STORE_STATUS;
use crate::model::{EventDataStore, EventDataStoreSettings, Observed};
use crate::policy::Arn;

facts! {
    /// An event data store of CloudTrail Lake.
    pub struct EventDataStoreFacts as "event_data_store" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// `CREATED`, `ENABLED`, `PENDING_DELETION` ...
        status: Derived<String> = EVENT_DATA_STORE_STATUS,
        /// It cannot be deleted before this is taken off.
        termination_protection: Derived<bool>,
        /// It takes in events of every region, not of its own alone.
        multi_region: Derived<bool>,
        /// It takes in events of every account of the organization.
        organization: Derived<bool>,
        /// It can be made to: the organization's management account owns it.
        can_be_of_organization: Derived<bool>,
        /// The customer's key that encrypts it; null for one of AWS's own.
        kms_key_id: Derived<Option<String>>,
        /// Days that it keeps events.
        retention_days: Derived<i64>,
        /// What keeps its events less safe than they could be, and how long they are kept, in clauses.
        protection: Derived<Option<String>> => PROTECTION,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "event_data_store",
    variable: "event_data_store",
    unlisted: "the event data stores of the account",
    service: "cloudtrail",
    ocsf: "AWS::CloudTrail::EventDataStore",
    asff: "Other",
    schema: EventDataStoreFacts::schema,
    more: &[],
    listed: Listed::Region(subjects),
    missing: None,
    undecided: None,
};

fn subjects(within: &InRegion<'_>) -> Vec<SubjectFacts> {
    let InRegion { facts, record, region, .. } = within;
    let index = &facts.index;
    let stores = region.event_data_stores.clone().map(|stores| {
        let here = |store: &EventDataStore| {
            store.settings != Observed::Absent && !is_listed_by_owner(index, &record.id, store)
        };
        stores.into_iter().filter(here).collect::<Vec<_>>()
    });
    within.subjects(SubjectKind::EventDataStore, &stores, |store| Thing {
        name: &store.name,
        arn: &store.arn,
        facts: Arc::new(derive(index, store)),
    })
}

/// Those of the organization are in its management account, whoever made them, and no other account can have one turned into
/// one of the organization ("Understanding organization event data stores",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-lake-organizations.html>, read 2026-11-29).
fn owner(store: &EventDataStore) -> &str {
    Arn::parse(&store.arn).map_or("", |arn| arn.account_id)
}

/// Administrators that the management account named may see its own, too.
fn is_listed_by_owner(index: &Index, account: &str, store: &EventDataStore) -> bool {
    owner(store) != account && index.recorded_accounts.contains(owner(store))
}

fn derive(index: &Index, store: &EventDataStore) -> EventDataStoreFacts {
    let settings = settings(store);
    let ask = |question: fn(&EventDataStoreSettings) -> bool| settings.clone().map(question);
    let status = settings.clone().map(|it| it.status.clone());
    let termination_protection = ask(|it| it.termination_protection);
    let multi_region = ask(|it| it.multi_region);
    let organization = ask(|it| it.organization);
    let can_be_of_organization = index
        .header
        .organization
        .get()
        .map(|it| it.is_some_and(|it| it.management_account_id == owner(store)));
    let kms_key_id = settings.clone().and_then(|it| Ok(it.kms_key_id.get()?.cloned()));
    let retention_days = settings.map(|it| it.retention_days);
    EventDataStoreFacts {
        name: store.name.clone(),
        arn: store.arn.clone(),
        protection: protection(&Asked {
            status: status.clone(),
            termination_protection: termination_protection.clone(),
            multi_region: multi_region.clone(),
            organization: organization.clone(),
            can_be_of_organization: can_be_of_organization.clone(),
            kms_key_id: kms_key_id.clone(),
            retention_days: retention_days.clone(),
        }),
        status,
        termination_protection,
        multi_region,
        organization,
        can_be_of_organization,
        kms_key_id,
        retention_days,
    }
}

fn settings(store: &EventDataStore) -> Derived<&EventDataStoreSettings> {
    static NONE: EventDataStoreSettings = EventDataStoreSettings {
        status: String::new(),
        termination_protection: false,
        multi_region: false,
        organization: false,
        retention_days: 0,
        kms_key_id: Observed::Absent,
    };
    // One that is gone is no subject.
    Ok(store.settings.get()?.unwrap_or(&NONE))
}

/// The facts that [`EventDataStoreFacts::protection`] puts into words.
struct Asked {
    status: Derived<String>,
    termination_protection: Derived<bool>,
    multi_region: Derived<bool>,
    organization: Derived<bool>,
    can_be_of_organization: Derived<bool>,
    kms_key_id: Derived<Option<String>>,
    retention_days: Derived<i64>,
}

fn protection(asked: &Asked) -> Derived<Option<String>> {
    let unless =
        |fact: &Derived<bool>, text: &str| fact.clone().map(|holds| (!holds).then(|| text.to_owned()));
    let alone =
        derived::all([asked.organization.clone().map(|holds| !holds), asked.can_be_of_organization.clone()]);
    problems([
        asked
            .status
            .clone()
            .map(|status| (status == "PENDING_DELETION").then(|| "it is about to be deleted".to_owned())),
        unless(&asked.termination_protection, "no termination protection keeps it from being deleted"),
        unless(&asked.multi_region, "it takes in events of its own region alone"),
        unless(&alone.map(|alone| !alone), "it takes in events of its own account alone"),
        unless(&asked.kms_key_id.clone().map(|key| key.is_some()), "it is encrypted with a key of AWS's own"),
        asked.retention_days.clone().map(|kept| Some(format!("it keeps events {}", days(kept)))),
    ])
}

const PROTECTION: Prose = Prose {
    from: &[
        "status",
        "termination_protection",
        "multi_region",
        "organization",
        "can_be_of_organization",
        "kms_key_id",
        "retention_days",
    ],
    says: Says::Text(|facts| {
        protection(&Asked {
            status: facts.word("status"),
            termination_protection: facts.truth("termination_protection"),
            multi_region: facts.truth("multi_region"),
            organization: facts.truth("organization"),
            can_be_of_organization: facts.truth("can_be_of_organization"),
            kms_key_id: facts.text("kms_key_id"),
            retention_days: facts.number("retention_days").map(Option::unwrap_or_default),
        })
    }),
};
