use super::{EventDataStoreFacts, derive};
use crate::facts::samples::{KEY, MANAGEMENT, REGION, SECURITY, Sample, WORKLOAD, denied, gaps, unavailable};
use crate::facts::{SubjectFacts, SubjectKind, account_subjects};
use crate::model::{EventDataStore, EventDataStoreSettings, Observed};

fn store(owner: &str) -> EventDataStore {
    EventDataStore {
        name: "events".to_owned(),
        arn: format!(
            "arn:aws:cloudtrail:{REGION}:{owner}:eventdatastore/11111111-2222-3333-4444-555555555555"
        ),
        settings: Observed::Known(EventDataStoreSettings {
            status: "ENABLED".to_owned(),
            termination_protection: true,
            multi_region: true,
            organization: true,
            retention_days: 2557,
            kms_key_id: Observed::Known(KEY.to_owned()),
        }),
    }
}

fn of(sample: &Sample, owner: &str, change: impl FnOnce(&mut EventDataStoreSettings)) -> EventDataStoreFacts {
    let mut store = store(owner);
    let Observed::Known(settings) = &mut store.settings else { panic!("they are known") };
    change(settings);
    derive(&sample.facts().index, &store)
}

#[test]
fn what_is_missing_is_told_with_how_long_events_are_kept() {
    let sample = Sample::new();
    let told = of(&sample, MANAGEMENT, |_| {}).protection;
    assert_eq!(told, Ok(Some("it keeps events 2557 days".to_owned())));
    let told = of(&sample, MANAGEMENT, |it| {
        it.status = "PENDING_DELETION".to_owned();
        (it.termination_protection, it.multi_region, it.organization) = (false, false, false);
        it.retention_days = 7;
        it.kms_key_id = Observed::Absent;
    });
    let text = "it is about to be deleted, no termination protection keeps it from being deleted, it takes in events of \
                its own region alone, it takes in events of its own account alone, it is encrypted with a key of AWS's \
                own, and it keeps events 7 days";
    assert_eq!(told.protection, Ok(Some(text.to_owned())));
}

#[test]
fn only_one_of_the_management_account_can_be_the_organizations() {
    let mut sample = Sample::new();
    let can = |sample: &Sample, owner: &str| of(sample, owner, |_| {}).can_be_of_organization;
    assert_eq!((can(&sample, MANAGEMENT), can(&sample, SECURITY)), (Ok(true), Ok(false)));
    sample.header.organization = denied("DescribeOrganization");
    assert_eq!(can(&sample, MANAGEMENT), Err(gaps("DescribeOrganization")));
    sample.header.organization = Observed::Absent;
    assert_eq!(can(&sample, MANAGEMENT), Ok(false));
}

fn listed(sample: &Sample, account: &str) -> Vec<SubjectFacts> {
    let record = sample.accounts.iter().find(|record| record.id == account).unwrap();
    let mut subjects = account_subjects(&sample.facts(), record);
    subjects.retain(|subject| subject.subject.kind == SubjectKind::EventDataStore);
    subjects
}

#[test]
fn each_is_told_once_and_one_that_is_gone_not_at_all() {
    let mut sample = Sample::new();
    let gone = EventDataStore { settings: Observed::Absent, arn: "arn:gone".to_owned(), ..store(SECURITY) };
    sample.region(MANAGEMENT).event_data_stores = Observed::Known(vec![store(MANAGEMENT)]);
    sample.region(SECURITY).event_data_stores = Observed::Known(vec![gone, store(MANAGEMENT)]);
    assert_eq!(listed(&sample, MANAGEMENT).len(), 1);
    assert_eq!(listed(&sample, SECURITY).len(), 0);
    // Where the owner is not scanned, somebody must tell of it.
    sample.accounts.retain(|record| record.id != MANAGEMENT);
    assert_eq!(listed(&sample, SECURITY).len(), 1);
}

#[test]
fn what_was_refused_is_unknown() {
    let mut sample = Sample::new();
    sample.region(WORKLOAD).event_data_stores = denied("ListEventDataStores");
    let listed = listed(&sample, WORKLOAD);
    assert_eq!(listed[0].unlisted, Some(gaps("ListEventDataStores")));
    let unread = EventDataStore { settings: denied("GetEventDataStore"), ..store(WORKLOAD) };
    let facts = derive(&sample.facts().index, &unread);
    assert_eq!(
        unavailable(&facts),
        [
            "status",
            "termination_protection",
            "multi_region",
            "organization",
            "kms_key_id",
            "retention_days",
            "protection"
        ]
    );
}
