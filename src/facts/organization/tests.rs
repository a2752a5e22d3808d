use super::OrganizationFacts;
use crate::facts::samples::{
    ARCHIVE, MANAGEMENT, ORGANIZATION, REGION, SECURITY, Sample, WORKLOAD, denied, gaps, organization_trail,
    region, unavailable,
};
use crate::facts::view::Derived;
use crate::model::{
    Aggregator, BasicSelector, DataResource, DelegatedAdministrator, EventSelectors, Observed, Trail,
};

fn of(sample: &Sample) -> OrganizationFacts {
    OrganizationFacts::clone(&sample.facts().organization)
}

fn trail_mut(sample: &mut Sample) -> &mut Trail {
    match &mut sample.accounts[0].trails {
        Observed::Known(trails) => &mut trails[0],
        _ => panic!("the sample has an organization trail"),
    }
}

#[test]
fn each_denied_call_hides_its_own_facts_only() {
    assert!(unavailable(&of(&Sample::new())).is_empty());
    let hidden = |change: fn(&mut Sample)| {
        let mut sample = Sample::new();
        change(&mut sample);
        unavailable(&of(&sample))
    };
    assert_eq!(hidden(|it| it.organization().roots = denied("ListRoots")), ["enabled_policy_types"]);
    assert_eq!(
        hidden(|it| it.organization().trusted_services = denied("ListAWSServiceAccess")),
        [
            "trusted_services",
            "trusted_access",
            "centralizes_log_groups",
            "unhealthy_centralization_rules",
            "centralization_rules_without_encrypted",
            "not_centralized",
            "centralization_problem"
        ]
    );
    assert_eq!(
        hidden(|it| it.accounts[0].trails = denied("ListTrails")),
        [
            "archive_bucket_name",
            "archive_account_id",
            "has_organization_trail",
            "has_live_organization_trail",
            "organization_trail_problem",
            "archive_reads_recorded",
            "archive_writes_recorded",
            "archive_events_problem"
        ]
    );
    assert_eq!(
        hidden(|it| trail_mut(it).status = denied("GetTrailStatus")),
        ["has_live_organization_trail", "organization_trail_problem"]
    );
}

#[test]
fn an_organization_trail_must_log_everywhere() {
    let mut sample = Sample::new();
    let facts = of(&sample);
    assert_eq!((facts.has_organization_trail, facts.has_live_organization_trail), (Ok(true), Ok(true)));
    let Observed::Known(settings) = &mut trail_mut(&mut sample).settings else { panic!() };
    settings.multi_region = Observed::Known(false);
    let facts = of(&sample);
    assert_eq!((facts.has_organization_trail, facts.has_live_organization_trail), (Ok(true), Ok(false)));
    let text = "has no organization trail that logs in every region";
    assert_eq!(facts.organization_trail_problem, Ok(Some(text.to_owned())));
    sample.accounts[0].trails = Observed::Known(Vec::new());
    let facts = of(&sample);
    assert_eq!((facts.has_organization_trail, facts.archive_bucket_name), (Ok(false), Ok(None)));
    assert_eq!(facts.organization_trail_problem, Ok(Some("has no organization trail".to_owned())));
    let text = "has no log archive, so that no access to logs is recorded";
    assert_eq!(facts.archive_events_problem, Ok(Some(text.to_owned())));
}

#[test]
fn an_unreadable_trail_of_the_management_account_may_be_the_organizations() {
    let mut sample = Sample::new();
    trail_mut(&mut sample).settings = denied("DescribeTrails");
    let facts = of(&sample);
    assert_eq!(facts.has_organization_trail, Err(gaps("DescribeTrails")));
    assert_eq!(facts.archive_bucket_name, Err(gaps("DescribeTrails")));
}

fn administrators(sample: &mut Sample, list: &[(&str, &[&str])]) {
    let administrator = |(account, services): &(&str, &[&str])| DelegatedAdministrator {
        account_id: (*account).to_owned(),
        services: Observed::Known(services.iter().map(|it| format!("{it}.amazonaws.com")).collect()),
        ..DelegatedAdministrator::default()
    };
    sample.organization().delegated_administrators =
        Observed::Known(list.iter().map(administrator).collect());
}

fn designated(sample: &Sample, service: &str) -> Derived<bool> {
    let facts = of(sample);
    let name = format!("{service}.amazonaws.com");
    let found = facts.delegations.iter().find(|it| it.service == name);
    found.or(facts.delegations.iter().find(|it| it.service == "*")).unwrap().designated.clone()
}

#[test]
fn every_administrator_of_a_service_counts_not_the_last_one() {
    let mut sample = Sample::new();
    administrators(&mut sample, &[(SECURITY, &["config", "guardduty"]), (WORKLOAD, &["config"])]);
    assert_eq!(designated(&sample, "config"), Ok(false));
    assert_eq!(designated(&sample, "guardduty"), Ok(true));
    assert_eq!(designated(&sample, "detective"), Ok(false));
    assert_eq!(of(&sample).undesignated_services, ["config.amazonaws.com"]);
    administrators(&mut sample, &[(MANAGEMENT, &["guardduty"])]);
    assert_eq!(designated(&sample, "guardduty"), Ok(false));
}

#[test]
fn without_a_list_the_archive_or_one_account_for_all_is_designated() {
    let mut sample = Sample::new();
    sample.expectations.security_accounts.clear();
    administrators(&mut sample, &[(SECURITY, &["config", "guardduty"]), (ARCHIVE, &["cloudtrail"])]);
    for service in ["config", "guardduty", "cloudtrail"] {
        assert_eq!(designated(&sample, service), Ok(true), "{service}");
    }
    administrators(&mut sample, &[(SECURITY, &["config"]), (WORKLOAD, &["guardduty", "sso"])]);
    assert_eq!(designated(&sample, "config"), Ok(false), "two accounts, neither of them the archive");
    administrators(&mut sample, &[(SECURITY, &["config"]), (WORKLOAD, &["sso"])]);
    assert_eq!(designated(&sample, "config"), Ok(true), "who administers sign-in does not matter");
}

#[test]
fn an_administrator_too_many_is_the_fault_of_its_service_alone() {
    let mut sample = Sample::new();
    sample.expectations.security_accounts.clear();
    let all = ["config", "guardduty", "securityhub"];
    administrators(&mut sample, &[(SECURITY, &all), (WORKLOAD, &["guardduty"])]);
    assert_eq!(of(&sample).undesignated_services, ["guardduty.amazonaws.com"]);
    for service in ["config", "securityhub"] {
        assert_eq!(designated(&sample, service), Ok(true), "{service}");
    }
    administrators(&mut sample, &[(SECURITY, &["config", "securityhub"]), (WORKLOAD, &["guardduty"])]);
    assert_eq!(of(&sample).undesignated_services, ["guardduty.amazonaws.com"]);
    administrators(&mut sample, &[(SECURITY, &all), (ARCHIVE, &["guardduty"])]);
    assert_eq!(of(&sample).undesignated_services, Vec::<String>::new());

    administrators(&mut sample, &[(SECURITY, &["config"]), (WORKLOAD, &["guardduty"])]);
    let Observed::Known(list) = &mut sample.organization().delegated_administrators else { panic!() };
    list[0].services = denied("ListDelegatedServices");
    assert_eq!(designated(&sample, "guardduty"), Err(gaps("ListDelegatedServices")));
    administrators(&mut sample, &[(SECURITY, &["config"]), (WORKLOAD, &["config"]), (ARCHIVE, &[])]);
    let Observed::Known(list) = &mut sample.organization().delegated_administrators else { panic!() };
    list[2].services = denied("ListDelegatedServices");
    assert_eq!(designated(&sample, "config"), Ok(false), "two are one too many, whatever is hidden");
}

#[test]
fn an_administrator_whose_services_are_hidden_may_administer_any() {
    let mut sample = Sample::new();
    administrators(&mut sample, &[(SECURITY, &["config"]), (WORKLOAD, &["guardduty"])]);
    let Observed::Known(list) = &mut sample.organization().delegated_administrators else { panic!() };
    list.push(DelegatedAdministrator {
        account_id: ARCHIVE.to_owned(),
        services: denied("ListDelegatedServices"),
        ..DelegatedAdministrator::default()
    });
    let unknown = || Err(gaps("ListDelegatedServices"));
    assert_eq!(designated(&sample, "config"), unknown());
    assert_eq!(designated(&sample, "detective"), unknown());
    assert_eq!(designated(&sample, "guardduty"), Ok(false), "a wrong administrator is certain");
}

fn aggregator(change: fn(&mut Aggregator)) -> Observed<Vec<Aggregator>> {
    let mut aggregator = Aggregator {
        name: "main".to_owned(),
        arn: format!("arn:aws:config:{REGION}:{SECURITY}:config-aggregator/main"),
        organization: true,
        all_regions: true,
        ..Aggregator::default()
    };
    change(&mut aggregator);
    Observed::Known(vec![aggregator])
}

#[test]
fn an_aggregator_must_cover_every_account_and_region() {
    let administered = || {
        let mut sample = Sample::new();
        administrators(&mut sample, &[(SECURITY, &["config"])]);
        sample
    };
    let aggregated = |change: fn(&mut Aggregator)| {
        let mut sample = administered();
        sample.region(SECURITY).aggregators = Some(aggregator(change));
        of(&sample).config_aggregated
    };
    assert_eq!(of(&Sample::new()).config_aggregated, Ok(false));
    assert_eq!(of(&Sample::new()).config_aggregators, "there is no aggregator");
    let mut narrow = administered();
    narrow.region(SECURITY).aggregators = Some(aggregator(|it| it.all_regions = false));
    let text = format!("aggregator main of account {SECURITY} in {REGION} leaves out some regions");
    assert_eq!(of(&narrow).config_aggregators, text);
    assert_eq!(aggregated(|_| {}), Ok(true));
    assert_eq!(aggregated(|it| it.all_regions = false), Ok(false));
    assert_eq!(
        aggregated(|it| {
            it.all_regions = false;
            it.regions = vec![REGION.to_owned()];
        }),
        Ok(true),
        "the only region there is"
    );
    assert_eq!(
        aggregated(|it| {
            it.organization = false;
            it.account_ids = vec![MANAGEMENT.to_owned(), ARCHIVE.to_owned()];
        }),
        Ok(false)
    );
}

/// Whoever is neither may have the organization's aggregator still, and it shows nothing.
#[test]
fn an_aggregator_of_the_organization_is_for_those_whom_config_lets_aggregate() {
    let mut sample = Sample::new();
    sample.region(SECURITY).aggregators = Some(aggregator(|_| {}));
    assert_eq!(of(&sample).config_aggregated, Ok(false));
    let said = of(&sample).config_aggregators;
    assert!(
        said.contains("neither its management account nor a delegated administrator of Config"),
        "{said}"
    );
    administrators(&mut sample, &[(SECURITY, &["guardduty"]), (WORKLOAD, &["config"])]);
    assert_eq!(of(&sample).config_aggregated, Ok(false), "of another service, or another account");
    sample.organization().delegated_administrators = denied("ListDelegatedAdministrators");
    assert!(of(&sample).config_aggregated.is_err());
    let mut managed = Sample::new();
    managed.region(MANAGEMENT).aggregators = Some(aggregator(|_| {}));
    assert_eq!(of(&managed).config_aggregated, Ok(true));

    // Each account that an aggregator names has to authorize it.
    let mut named = Sample::new();
    administrators(&mut named, &[(SECURITY, &["config"])]);
    named.region(SECURITY).aggregators = Some(aggregator(|it| {
        it.organization = false;
        it.account_ids = [MANAGEMENT, ARCHIVE, SECURITY, WORKLOAD].map(str::to_owned).to_vec();
    }));
    let unknown = of(&named).config_aggregated.unwrap_err();
    let facts = named.facts();
    let gap = facts.index.gaps.iter().find(|gap| Some(&gap.id) == unknown.as_slice().first()).unwrap();
    assert_eq!(gap.operation, "DescribeConfigurationAggregatorSourcesStatus");
}

#[test]
fn a_place_that_may_hold_an_aggregator_and_was_not_read_leaves_it_unknown() {
    let mut sample = Sample::new();
    sample.region(MANAGEMENT).aggregators = Some(denied("DescribeConfigurationAggregators"));
    assert_eq!(of(&sample).config_aggregated, Err(gaps("DescribeConfigurationAggregators")));
    sample.region(SECURITY).aggregators = Some(aggregator(|_| {}));
    administrators(&mut sample, &[(SECURITY, &["config"])]);
    assert_eq!(of(&sample).config_aggregated, Ok(true), "one that covers everything decides");

    let mut sample = Sample::new();
    sample.region(WORKLOAD).aggregators = None;
    assert_eq!(of(&sample).config_aggregated, Ok(false), "a member cannot hold the organization's");
    administrators(&mut sample, &[(WORKLOAD, &["config"])]);
    let gap = sample.facts().index.gaps.iter().find(|gap| gap.service == "config").unwrap().id.clone();
    assert_eq!(of(&sample).config_aggregated, Err(gap.into()), "an administrator of Config can");

    let mut sample = Sample::new();
    sample.accounts[0].enabled_regions = denied("ListRegions");
    assert_eq!(of(&sample).config_aggregated, Err(gaps("ListRegions")));
}

#[test]
fn opted_in_regions_that_are_not_known_may_lack_in_an_aggregator() {
    let mut sample = Sample::new();
    administrators(&mut sample, &[(SECURITY, &["config"])]);
    sample.region(SECURITY).aggregators = Some(aggregator(|it| {
        it.all_regions = false;
        it.regions = vec![REGION.to_owned()];
    }));
    sample.accounts[3].enabled_regions = denied("ListRegions");
    assert_eq!(of(&sample).config_aggregated, Err(gaps("ListRegions")));
    sample.accounts[3].regions.push(region("us-east-1"));
    assert_eq!(of(&sample).config_aggregated, Ok(false));
}

fn object_events(read_write_type: &str, value: &str) -> Observed<EventSelectors> {
    Observed::Known(EventSelectors::Basic(vec![BasicSelector {
        read_write_type: read_write_type.to_owned(),
        include_management_events: true,
        excluded_management_event_sources: Vec::new(),
        data_resources: vec![DataResource {
            resource_type: "AWS::S3::Object".to_owned(),
            values: vec![value.to_owned()],
        }],
    }]))
}

fn archive_events(sample: &Sample) -> (Derived<bool>, Derived<bool>) {
    let facts = of(sample);
    (facts.archive_reads_recorded, facts.archive_writes_recorded)
}

#[test]
fn the_organization_trail_or_one_of_the_archive_account_watches_the_archive() {
    let mut sample = Sample::new();
    assert_eq!(archive_events(&sample), (Ok(false), Ok(false)));
    trail_mut(&mut sample).event_selectors = object_events("All", "arn:aws:s3:::example-archive/");
    assert_eq!(archive_events(&sample), (Ok(true), Ok(true)));
    trail_mut(&mut sample).event_selectors = object_events("WriteOnly", "arn:aws:s3");
    assert_eq!(archive_events(&sample), (Ok(false), Ok(true)));

    let mut own = organization_trail();
    own.arn = format!("arn:aws:cloudtrail:{REGION}:{ARCHIVE}:trail/own");
    let Observed::Known(settings) = &mut own.settings else { panic!() };
    settings.organization_trail = Observed::Known(false);
    settings.multi_region = Observed::Known(false);
    own.event_selectors = object_events("ReadOnly", "arn:aws:s3");
    sample.accounts[1].trails = Observed::Known(vec![own.clone()]);
    assert_eq!(archive_events(&sample), (Ok(true), Ok(true)), "two trails together");
    own.home_region = "us-east-1".to_owned();
    sample.accounts[1].trails = Observed::Known(vec![own.clone()]);
    assert_eq!(archive_events(&sample), (Ok(false), Ok(true)), "the bucket is in another region");
    sample.accounts[1].trails = Observed::Known(Vec::new());
    sample.accounts[3].trails = Observed::Known(vec![own]);
    assert_eq!(archive_events(&sample), (Ok(false), Ok(true)), "another account's trail does not see it");
}

#[test]
fn an_unreadable_trail_of_the_archive_account_may_watch_the_archive() {
    let mut sample = Sample::new();
    sample.accounts[1].trails = denied("ListTrails");
    let unknown = || Err(gaps("ListTrails"));
    assert_eq!(archive_events(&sample), (unknown(), unknown()));
    trail_mut(&mut sample).event_selectors = object_events("WriteOnly", "arn:aws:s3");
    assert_eq!(archive_events(&sample), (unknown(), Ok(true)));
    sample.accounts[1].trails = Observed::Known(Vec::new());
    sample.accounts[3].trails = denied("ListTrails");
    assert_eq!(archive_events(&sample), (Ok(false), Ok(true)), "what other accounts hide does not matter");
}

#[test]
fn an_account_without_an_organization_has_no_such_subject() {
    let mut sample = Sample::new();
    sample.header.organization = Observed::Absent;
    let facts = sample.facts();
    assert!(super::subjects(&facts).is_empty());
    assert_eq!(facts.organization.id, Ok(None));
    sample.header.organization = denied("DescribeOrganization");
    let facts = sample.facts();
    let subjects = super::subjects(&facts);
    assert_eq!(subjects[0].unlisted, Some(gaps("DescribeOrganization")));
    assert_eq!(facts.organization.management_account_id, Err(gaps("DescribeOrganization")));
    assert_ne!(ORGANIZATION, &*subjects[0].subject.id);
}
