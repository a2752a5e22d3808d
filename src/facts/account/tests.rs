use super::{AccountFacts, AccountLoggingFacts, derive, derive_by_id, logging};
use crate::facts::coverage::AccountTrails;
use crate::facts::samples::{ARCHIVE, MANAGEMENT, Sample, WORKLOAD, denied, gaps};
use crate::facts::view::Derived;
use crate::facts::{SubjectFacts, SubjectKind, missing_subjects};
use crate::model::{LogGroup, Observed, OrganizationalUnit};

fn of(sample: &Sample, id: &str) -> AccountFacts {
    derive(&sample.facts(), sample.accounts.iter().find(|record| record.id == id).unwrap())
}

#[test]
fn accounts_know_what_they_are() {
    let sample = Sample::new();
    let told = |id| {
        let account = of(&sample, id);
        (account.is_management, account.is_archive)
    };
    assert_eq!(told(MANAGEMENT), (Ok(true), Ok(false)));
    assert_eq!(told(ARCHIVE), (Ok(false), Ok(true)));
    assert_eq!(told(WORKLOAD), (Ok(false), Ok(false)));
    let by_id = derive_by_id(&sample.facts(), ARCHIVE);
    assert_eq!((by_id.is_archive, by_id.name.as_deref()), (Ok(true), Some("account 222222222222")));
}

#[test]
fn an_account_that_lists_its_buckets_knows_whether_it_is_the_archive() {
    let mut sample = Sample::new();
    sample.stores.clear();
    sample.accounts[3].buckets = denied("ListBuckets");
    assert_eq!(of(&sample, ARCHIVE).is_archive, Ok(true));
    assert_eq!(of(&sample, MANAGEMENT).is_archive, Ok(false));
    let unknown = of(&sample, WORKLOAD).is_archive.unwrap_err();
    assert!(unknown.as_slice().contains(&gaps("ListBuckets").as_slice()[0]));
    assert_eq!(unknown.as_slice().len(), 2, "and nothing is known of the archive that is listed");
}

#[test]
fn an_organizational_unit_is_told_by_its_path() {
    let mut sample = Sample::new();
    assert_eq!(of(&sample, WORKLOAD).in_organizational_unit, Ok(false));
    assert_eq!(of(&sample, WORKLOAD).organizational_unit_path, Ok(None));
    let unit = |id: &str, name: &str, parent: &str| OrganizationalUnit {
        id: id.to_owned(),
        name: name.to_owned(),
        parent_id: parent.to_owned(),
    };
    let organization = sample.organization();
    organization.organizational_units =
        Observed::Known(vec![unit("ou-1", "Workloads", "r-root"), unit("ou-2", "Production", "ou-1")]);
    let Observed::Known(accounts) = &mut organization.accounts else { panic!() };
    accounts[3].parent_id = Observed::Known("ou-2".to_owned());
    let account = of(&sample, WORKLOAD);
    assert_eq!(account.in_organizational_unit, Ok(true));
    assert_eq!(account.organizational_unit_path, Ok(Some("Workloads/Production".to_owned())));

    sample.organization().organizational_units = denied("ListOrganizationalUnits");
    let account = of(&sample, WORKLOAD);
    assert_eq!(account.in_organizational_unit, Ok(true), "the name of the unit does not decide");
    assert_eq!(account.organizational_unit_path, Err(gaps("ListOrganizationalUnits")));
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(of(&sample, WORKLOAD).in_organizational_unit, Err(gaps("ListAccounts")));
}

fn logging_of(sample: &Sample, id: &str) -> AccountLoggingFacts {
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == id).unwrap();
    let trails = AccountTrails::of(&facts.index, record);
    logging::derive(&facts.index, record, &derive(&facts, record), &trails)
}

fn workload_log_groups(sample: &Sample, id: &str) -> Derived<Vec<String>> {
    logging_of(sample, id).workload_log_groups
}

#[test]
fn workloads_in_the_archive_account_show_by_their_log_groups() {
    let group = |name: &str| LogGroup {
        name: name.to_owned(),
        arn: String::new(),
        class: Observed::Absent,
        retention_days: Observed::Absent,
        retention_policy: Observed::Absent,
        kms_key_id: Observed::Absent,
        deletion_protection: Observed::Absent,
        ..LogGroup::default()
    };
    let mut sample = Sample::new();
    let groups = ["/aws/rds/instance/shop/error", "/aws/lambda/aws-controltower-NotificationForwarder"];
    for account in [ARCHIVE, WORKLOAD] {
        sample.region(account).log_groups = Observed::Known(groups.map(group).to_vec());
    }
    let found = Ok(vec!["eu-central-1:/aws/rds/instance/shop/error".to_owned()]);
    assert_eq!(workload_log_groups(&sample, ARCHIVE), found);
    let text = "runs workloads, which log to eu-central-1:/aws/rds/instance/shop/error";
    assert_eq!(logging_of(&sample, ARCHIVE).other_duties, Ok(Some(text.to_owned())));
    assert_eq!(logging_of(&sample, WORKLOAD).other_duties, Ok(None));
    assert_eq!(workload_log_groups(&sample, WORKLOAD), Ok(Vec::new()), "not asked of other accounts");
    sample.region(ARCHIVE).log_groups = denied("DescribeLogGroups");
    assert_eq!(workload_log_groups(&sample, ARCHIVE), Err(gaps("DescribeLogGroups")));
}

#[test]
fn an_account_without_a_record_is_unknown_in_every_kind_once() {
    let mut sample = Sample::new();
    sample.accounts.remove(0);
    let facts = sample.facts();
    let mut subjects = missing_subjects(&facts);
    let named = |subject: &SubjectFacts| &*subject.subject.id != "*";
    let names: Vec<String> =
        subjects.extract_if(.., |it| named(it)).map(|it| it.subject.id.to_string()).collect();
    assert_eq!(names, ["example-access-logs"], "the account may own what nobody else does");
    let of_nobody = subjects.extract_if(.., |it| it.subject.account_id.is_none());
    let of_nobody: Vec<SubjectKind> = of_nobody.map(|it| it.subject.kind).collect();
    assert_eq!(of_nobody, [SubjectKind::Bucket, SubjectKind::Key], "what that bucket leads to");
    let kinds: Vec<SubjectKind> = subjects.iter().map(|subject| subject.subject.kind).collect();
    assert_eq!(
        kinds,
        [
            SubjectKind::Account,
            SubjectKind::Region,
            SubjectKind::Trail,
            SubjectKind::LogGroup,
            SubjectKind::Destination,
            SubjectKind::EventDataStore,
            SubjectKind::Bucket,
            SubjectKind::Key,
            SubjectKind::Stream,
            SubjectKind::DeliveryStream,
        ]
    );
    for subject in subjects {
        assert_eq!(subject.subject.account_id.as_deref(), Some(MANAGEMENT));
        let gaps = subject.unlisted.unwrap();
        assert!(facts.index.gaps.iter().any(|gap| gaps.as_slice() == [gap.id.clone()]), "told in the report");
    }
}
