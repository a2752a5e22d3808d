use super::AccountTrails;
use crate::facts::samples::{
    ARCHIVE_BUCKET, MANAGEMENT, REGION, Sample, WORKLOAD, denied, gaps, organization_trail, own_trail,
    region, settings, shadow, status,
};
use crate::facts::view::Derived;
use crate::model::{
    AccountRecord, AdvancedSelector, BasicSelector, EventSelectors, FieldSelector, Observed, Trail,
};

const ELSEWHERE: &str = "us-east-1";

fn shared(sample: &mut Sample) -> &mut Trail {
    match &mut sample.accounts[0].trails {
        Observed::Known(trails) => &mut trails[0],
        _ => panic!("the sample has an organization trail"),
    }
}

fn workload(sample: &mut Sample) -> &mut AccountRecord {
    sample.accounts.iter_mut().find(|record| record.id == WORKLOAD).unwrap()
}

fn with_trails<T>(sample: &Sample, ask: impl FnOnce(&AccountTrails<'_>) -> T) -> T {
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == WORKLOAD).unwrap();
    ask(&AccountTrails::of(&facts.index, record))
}

fn covered(sample: &Sample, region: &str) -> Derived<bool> {
    with_trails(sample, |trails| trails.coverage(region).covered)
}

fn why_not(sample: &Sample) -> String {
    with_trails(sample, |trails| trails.coverage(REGION).why_not.unwrap().unwrap())
}

#[test]
fn the_organization_trail_covers_members_that_show_it() {
    let mut sample = Sample::new();
    assert_eq!(covered(&sample, ELSEWHERE), Ok(true));
    let arn = shared(&mut sample).arn.clone();
    assert_eq!(with_trails(&sample, |trails| trails.coverage(REGION).covered_by), Ok(Some(arn)));
    assert_eq!(with_trails(&sample, |trails| trails.coverage(REGION).why_not), Ok(None));
}

#[test]
fn what_the_owner_says_of_the_organization_trail_is_no_word_of_the_member() {
    let mut unread = Sample::new();
    workload(&mut unread).trails = denied("DescribeTrails");
    workload(&mut unread).shadow_trails = denied("DescribeTrails");
    assert_eq!(covered(&unread, REGION), Err(gaps("DescribeTrails")));
    workload(&mut unread).trails = Observed::Known(vec![own_trail("own")]);
    assert_eq!(covered(&unread, REGION), Ok(true), "the account's own trail decides");

    let mut missing = Sample::new();
    workload(&mut missing).shadow_trails = Observed::Known(Vec::new());
    assert_eq!(covered(&missing, REGION), Ok(false));
    assert_eq!(why_not(&missing), "organization is not among the trails of this account");
    assert!(!with_trails(&missing, |trails| trails.global_service_events() == Ok(true)));
    // A region that did not answer may show it.
    let Observed::Unavailable(gap) = denied::<()>("DescribeTrails") else { unreachable!() };
    workload(&mut missing).unseen_trails = Some(vec![gap]);
    assert_eq!(covered(&missing, REGION), Err(gaps("DescribeTrails")));
    // One that was not asked shows a trail of its own region alone.
    workload(&mut missing).unseen_trails = Some(Vec::new());
    workload(&mut missing).enabled_regions = Observed::Known([REGION, ELSEWHERE].map(str::to_owned).to_vec());
    let records = |sample: &mut Sample| {
        let trail = shared(sample).clone();
        super::records_member(&sample.facts().index, WORKLOAD, &trail)
    };
    assert_eq!(records(&mut missing), Ok(false));
    settings(shared(&mut missing)).multi_region = Observed::Known(false);
    assert!(records(&mut missing).is_err());

    // The owner needs no copy of its own trail.
    let mut owner = Sample::new();
    owner.accounts[0].shadow_trails = Observed::Known(Vec::new());
    let facts = owner.facts();
    assert_eq!(AccountTrails::of(&facts.index, &owner.accounts[0]).coverage(REGION).covered, Ok(true));
}

#[test]
fn without_trusted_access_an_organization_trail_records_no_member() {
    let mut sample = Sample::new();
    sample.organization().trusted_services = Observed::Known(vec!["config.amazonaws.com".to_owned()]);
    assert_eq!(covered(&sample, REGION), Ok(false));
    assert_eq!(
        why_not(&sample),
        "organization records no member account while CloudTrail lacks trusted access"
    );
    let facts = sample.facts();
    assert_eq!(AccountTrails::of(&facts.index, &sample.accounts[0]).coverage(REGION).covered, Ok(true));
    sample.organization().trusted_services = denied("ListAWSServiceAccessForOrganization");
    assert_eq!(covered(&sample, REGION), Err(gaps("ListAWSServiceAccessForOrganization")));
}

#[test]
fn one_unreadable_trail_leaves_the_others_as_they_are() {
    let mut sample = Sample::new();
    shared(&mut sample).status = denied("GetTrailStatus");
    assert_eq!(covered(&sample, REGION), Err(gaps("GetTrailStatus")));
    let mut broken = own_trail("a-broken");
    broken.settings = denied("DescribeTrails");
    broken.status = denied("GetTrailStatus");
    broken.event_selectors = denied("GetEventSelectors");
    workload(&mut sample).trails = Observed::Known(vec![broken.clone(), own_trail("b-whole")]);
    assert_eq!(covered(&sample, REGION), Ok(true));
    workload(&mut sample).trails = Observed::Known(vec![own_trail("b-whole"), broken]);
    assert_eq!(covered(&sample, REGION), Ok(true));
}

#[test]
fn a_trail_that_does_not_log_does_not_cover_whatever_else_is_unknown_of_it() {
    let mut sample = Sample::new();
    let trail = shared(&mut sample);
    status(trail).is_logging = false;
    trail.event_selectors = denied("GetEventSelectors");
    assert_eq!(covered(&sample, REGION), Ok(false));
    assert_eq!(why_not(&sample), "organization does not log");
}

#[test]
fn a_single_region_trail_covers_its_home_alone() {
    let mut sample = Sample::new();
    settings(shared(&mut sample)).multi_region = Observed::Known(false);
    assert_eq!(covered(&sample, REGION), Ok(true));
    assert_eq!(covered(&sample, ELSEWHERE), Ok(false));
    let why = with_trails(&sample, |trails| trails.coverage(ELSEWHERE).why_not.unwrap().unwrap());
    assert_eq!(why, "organization is set to record eu-central-1 alone");
}

#[test]
fn excluded_sources_are_named() {
    let mut sample = Sample::new();
    shared(&mut sample).event_selectors = Observed::Known(EventSelectors::Basic(vec![BasicSelector {
        read_write_type: "All".to_owned(),
        include_management_events: true,
        excluded_management_event_sources: vec!["kms.amazonaws.com".to_owned()],
        data_resources: Vec::new(),
    }]));
    assert_eq!(covered(&sample, REGION), Ok(false));
    assert_eq!(why_not(&sample), "organization leaves out events of kms.amazonaws.com");
    let field = |field: &str, equals: &[&str], not_equals: &[&str]| FieldSelector {
        field: field.to_owned(),
        equals: equals.iter().map(|it| (*it).to_owned()).collect(),
        not_equals: not_equals.iter().map(|it| (*it).to_owned()).collect(),
        ..FieldSelector::default()
    };
    shared(&mut sample).event_selectors = Observed::Known(EventSelectors::Advanced(vec![AdvancedSelector {
        name: None,
        field_selectors: vec![
            field("eventCategory", &["Management"], &[]),
            field("eventSource", &[], &["rdsdata.amazonaws.com"]),
        ],
    }]));
    assert_eq!(why_not(&sample), "organization leaves out events of rdsdata.amazonaws.com");
}

fn basic(read_write_type: &str, excluded: &[&str]) -> Observed<EventSelectors> {
    Observed::Known(EventSelectors::Basic(vec![BasicSelector {
        read_write_type: read_write_type.to_owned(),
        include_management_events: true,
        excluded_management_event_sources: excluded.iter().map(|it| (*it).to_owned()).collect(),
        data_resources: Vec::new(),
    }]))
}

fn advanced(fields: &[(&str, &[&str], &[&str])]) -> Observed<EventSelectors> {
    let own = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect();
    let fields = fields.iter().map(|(field, equals, not_equals)| FieldSelector {
        field: (*field).to_owned(),
        equals: own(equals),
        not_equals: own(not_equals),
        ..FieldSelector::default()
    });
    let selector = AdvancedSelector { name: None, field_selectors: fields.collect() };
    Observed::Known(EventSelectors::Advanced(vec![selector]))
}

/// The organization trail, and another one of the organization, with these selectors.
fn two(one: Observed<EventSelectors>, other: Observed<EventSelectors>) -> Sample {
    let mut sample = Sample::new();
    shared(&mut sample).event_selectors = one;
    let mut second = organization_trail();
    second.name = "second".to_owned();
    second.arn = second.arn.replace("/organization", "/second");
    second.event_selectors = other;
    for record in &mut sample.accounts[1..] {
        record.shadow_trails = Observed::Known(vec![shadow(&organization_trail()), shadow(&second)]);
    }
    if let Observed::Known(trails) = &mut sample.accounts[0].trails {
        trails.push(second);
    }
    sample
}

fn second(sample: &mut Sample) -> &mut Trail {
    match &mut sample.accounts[0].trails {
        Observed::Known(trails) => &mut trails[1],
        _ => panic!("two trails"),
    }
}

#[test]
fn trails_that_complement_each_other_cover_together() {
    const KMS: &str = "kms.amazonaws.com";
    const RDS: &str = "rdsdata.amazonaws.com";
    let management: (&str, &[&str], &[&str]) = ("eventCategory", &["Management"], &[]);
    for (one, other, together) in [
        (basic("ReadOnly", &[]), basic("WriteOnly", &[]), true),
        (basic("ReadOnly", &[]), basic("ReadOnly", &[]), false),
        (basic("All", &[KMS]), basic("All", &[RDS]), true),
        (basic("All", &[KMS]), basic("All", &[KMS, RDS]), false),
        (basic("All", &[KMS]), advanced(&[management, ("eventSource", &[KMS], &[])]), true),
        (
            basic("All", &[KMS]),
            advanced(&[management, ("eventSource", &[KMS], &[]), ("readOnly", &["true"], &[])]),
            false,
        ),
        (advanced(&[management, ("readOnly", &["true"], &[])]), basic("WriteOnly", &[]), true),
        (advanced(&[management, ("eventSource", &[], &[KMS])]), basic("ReadOnly", &[]), false),
    ] {
        let sample = two(one.clone(), other.clone());
        assert_eq!(covered(&sample, ELSEWHERE), Ok(together), "{one:?} {other:?}");
        let by = with_trails(&sample, |trails| trails.coverage(ELSEWHERE).covered_by).unwrap();
        assert_eq!(
            by.is_some_and(|by| by.contains("/organization and ") && by.contains("/second")),
            together
        );
        assert_eq!(with_trails(&sample, |trails| trails.complemented(&organization_trail())), Ok(together));
    }
}

#[test]
fn what_does_not_log_or_goes_elsewhere_complements_nothing() {
    let sample = || two(basic("ReadOnly", &[]), basic("WriteOnly", &[]));
    let mut stopped = sample();
    status(second(&mut stopped)).is_logging = false;
    assert_eq!(covered(&stopped, REGION), Ok(false));
    let mut elsewhere = sample();
    settings(second(&mut elsewhere)).bucket_name = "elsewhere".to_owned();
    assert_eq!(covered(&elsewhere, REGION), Ok(false));
    let mut single = sample();
    settings(second(&mut single)).multi_region = Observed::Known(false);
    assert_eq!((covered(&single, REGION), covered(&single, ELSEWHERE)), (Ok(true), Ok(false)));
    assert_eq!(with_trails(&single, |trails| trails.complemented(&organization_trail())), Ok(false));
    let mut unread = sample();
    second(&mut unread).event_selectors = denied("GetEventSelectors");
    assert_eq!(covered(&unread, REGION), Err(gaps("GetEventSelectors")));
    // The account's own trail complements the organization's in that account, but not for the others.
    let mut own = Sample::new();
    shared(&mut own).event_selectors = basic("ReadOnly", &[]);
    let mut writes = own_trail("writes");
    writes.event_selectors = basic("WriteOnly", &[]);
    workload(&mut own).trails = Observed::Known(vec![writes.clone()]);
    assert_eq!(covered(&own, ELSEWHERE), Ok(true));
    assert_eq!(with_trails(&own, |trails| trails.complemented(&writes)), Ok(true));
    assert_eq!(with_trails(&own, |trails| trails.complemented(&organization_trail())), Ok(false));
}

#[test]
fn logs_that_stay_elsewhere_do_not_cover_and_the_central_bucket_of_another_account_does() {
    let mut sample = Sample::new();
    status(shared(&mut sample)).is_logging = false;
    let mut own = own_trail("own");
    workload(&mut sample).trails = Observed::Known(vec![own.clone()]);
    assert_eq!(covered(&sample, REGION), Ok(true), "the archive belongs to another account, which is right");
    settings(&mut own).bucket_name = "own-logs".to_owned();
    workload(&mut sample).trails = Observed::Known(vec![own]);
    assert_eq!(covered(&sample, REGION), Ok(false));
    assert_eq!(
        why_not(&sample),
        "organization does not log; own is set to deliver to own-logs instead of the archive"
    );
}

#[test]
fn a_management_account_that_was_not_scanned_leaves_coverage_unknown() {
    let mut sample = Sample::new();
    sample.accounts.remove(0);
    sample.header.accounts.remove(0);
    sample.expectations.archive_bucket = Some(ARCHIVE_BUCKET.to_owned());
    let facts = sample.facts();
    let gap = facts.index.gaps.iter().find(|gap| gap.operation == "DescribeTrails").unwrap();
    assert_eq!(gap.account_id.as_deref(), Some(MANAGEMENT));
    assert_eq!(covered(&sample, REGION), Err(gap.id.clone().into()));
    workload(&mut sample).trails = Observed::Known(vec![own_trail("own")]);
    assert_eq!(covered(&sample, REGION), Ok(true), "the account's own trail decides");
}

#[test]
fn an_account_without_an_organization_is_covered_by_its_own_trail_or_not_at_all() {
    let mut sample = Sample::new();
    sample.header.organization = Observed::Absent;
    sample.accounts.retain(|record| record.id == WORKLOAD);
    sample.header.accounts = vec![WORKLOAD.to_owned()];
    sample.expectations.archive_bucket = Some(ARCHIVE_BUCKET.to_owned());
    assert_eq!(covered(&sample, REGION), Ok(false));
    assert_eq!(why_not(&sample), "no trail records it");
    workload(&mut sample).trails = Observed::Known(vec![own_trail("own")]);
    assert_eq!(covered(&sample, REGION), Ok(true));
    sample.header.organization = denied("DescribeOrganization");
    assert_eq!(covered(&sample, REGION), Ok(true));
    workload(&mut sample).trails = Observed::Known(Vec::new());
    assert_eq!(covered(&sample, REGION), Err(gaps("DescribeOrganization")));
}

#[test]
fn global_events_are_asked_of_the_account_once() {
    let mut sample = Sample::new();
    let recorded = |sample: &Sample, expected: Derived<bool>| {
        assert!(with_trails(sample, |trails| trails.global_service_events() == expected), "{expected:?}");
    };
    recorded(&sample, Ok(true));
    settings(shared(&mut sample)).include_global_service_events = Observed::Known(false);
    recorded(&sample, Ok(false));
    workload(&mut sample).trails = denied("ListTrails");
    recorded(&sample, Err(gaps("ListTrails")));
}

fn object_writes() -> Observed<EventSelectors> {
    Observed::Known(EventSelectors::Basic(vec![BasicSelector {
        read_write_type: "WriteOnly".to_owned(),
        include_management_events: false,
        excluded_management_event_sources: Vec::new(),
        data_resources: vec![crate::model::DataResource {
            resource_type: "AWS::S3::Object".to_owned(),
            values: vec!["arn:aws:s3".to_owned()],
        }],
    }]))
}

fn data_events(sample: &Sample) -> Vec<(String, Derived<bool>)> {
    with_trails(sample, |trails| trails.data_events().into_iter().map(|it| (it.kind, it.recorded)).collect())
}

#[test]
fn data_events_are_recorded_where_some_trail_selects_them_in_every_region() {
    let mut sample = Sample::new();
    assert_eq!(data_events(&sample), [("*".to_owned(), Ok(false))]);
    shared(&mut sample).event_selectors = object_writes();
    let expected = |reads, writes, others| {
        [
            ("AWS::S3::Object read".to_owned(), reads),
            ("AWS::S3::Object write".to_owned(), writes),
            ("*".to_owned(), others),
        ]
    };
    assert_eq!(data_events(&sample), expected(Ok(false), Ok(true), Ok(false)));
    settings(shared(&mut sample)).multi_region = Observed::Known(false);
    assert_eq!(data_events(&sample), expected(Ok(false), Ok(true), Ok(false)), "its only region");
    workload(&mut sample).regions.push(region(ELSEWHERE));
    assert_eq!(data_events(&sample), expected(Ok(false), Ok(false), Ok(false)));
    let mut second = own_trail("second");
    ELSEWHERE.clone_into(&mut second.home_region);
    settings(&mut second).multi_region = Observed::Known(false);
    second.event_selectors = object_writes();
    workload(&mut sample).trails = Observed::Known(vec![second.clone()]);
    assert_eq!(data_events(&sample), expected(Ok(false), Ok(true), Ok(false)), "two trails together");
    second.event_selectors = denied("GetEventSelectors");
    workload(&mut sample).trails = Observed::Known(vec![second]);
    let unknown = || Err(gaps("GetEventSelectors"));
    // The first trail is known to leave reads and other kinds out of its own region.
    assert_eq!(data_events(&sample), expected(Ok(false), unknown(), Ok(false)));
}

#[test]
fn events_of_global_services_are_recorded_by_those_that_include_them() {
    let selectors = |kind: &str| {
        Observed::Known(EventSelectors::Basic(vec![BasicSelector {
            read_write_type: kind.to_owned(),
            include_management_events: true,
            excluded_management_event_sources: Vec::new(),
            data_resources: Vec::new(),
        }]))
    };
    let own = |home: &str, global: bool| {
        let mut trail = own_trail("own");
        trail.home_region = home.to_owned();
        trail.event_selectors = selectors("WriteOnly");
        settings(&mut trail).multi_region = Observed::Known(false);
        settings(&mut trail).include_global_service_events = Observed::Known(global);
        trail
    };
    let mut sample = Sample::new();
    shared(&mut sample).event_selectors = selectors("ReadOnly");
    let of = |sample: &mut Sample, trail: Trail| {
        workload(sample).trails = Observed::Known(vec![trail]);
        with_trails(sample, |trails| (trails.coverage(ELSEWHERE).covered, trails.global_service_events()))
    };
    assert_eq!(of(&mut sample, own(ELSEWHERE, true)), (Ok(true), Ok(true)), "each has its part");
    assert_eq!(
        of(&mut sample, own(ELSEWHERE, false)),
        (Ok(false), Ok(false)),
        "nobody writes down what IAM changes"
    );
    let why = with_trails(&sample, |trails| trails.coverage(ELSEWHERE).why_not.unwrap().unwrap());
    assert!(why.contains("own leaves out read events and leaves out events of global services"), "{why}");
    assert_eq!(of(&mut sample, own(REGION, true)).1, Ok(false), "they are not recorded there");
    let mut hidden = own(ELSEWHERE, true);
    settings(&mut hidden).include_global_service_events = denied("DescribeTrails");
    let unknown = Err(gaps("DescribeTrails"));
    assert_eq!(of(&mut sample, hidden), (unknown.clone(), unknown));
    // Other regions have none of them.
    assert_eq!(of(&mut sample, own(REGION, false)).1, Ok(false));
    assert_eq!(covered(&sample, REGION), Ok(true));
    // One trail alone.
    shared(&mut sample).event_selectors = selectors("All");
    settings(shared(&mut sample)).include_global_service_events = Observed::Known(false);
    workload(&mut sample).trails = Observed::Known(Vec::new());
    assert_eq!((covered(&sample, ELSEWHERE), covered(&sample, REGION)), (Ok(false), Ok(true)));
}
