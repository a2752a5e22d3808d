//! Log groups and their ways out, and what each fact says and needs.

use super::{LogGroupFacts, derive};
use crate::facts::destination::central_in_region;
use crate::facts::samples::{
    ARCHIVE, REGION, SECURITY, STRANGER, Sample, WORKLOAD, denied, destination, destination_arn, gaps,
    log_group, stream, unavailable,
};
use crate::model::{AccountSubscriptionPolicy, GapReason, Observed, StoresRecord, SubscriptionFilter};

pub(super) const NAME: &str = "/aws/rds/instance/orders/audit";

pub(super) fn filter(destination_arn: String, pattern: &str) -> SubscriptionFilter {
    SubscriptionFilter {
        name: "central".to_owned(),
        destination_arn,
        pattern: pattern.to_owned(),
        field_selection: Observed::Absent,
        transformed: Observed::Known(false),
        ..SubscriptionFilter::default()
    }
}

fn account_policy(owner: &str, pattern: &str) -> AccountSubscriptionPolicy {
    AccountSubscriptionPolicy {
        name: "all".to_owned(),
        destination_arn: destination_arn(owner),
        pattern: pattern.to_owned(),
        field_selection: Observed::Absent,
        transformed: Observed::Known(false),
        ..AccountSubscriptionPolicy::default()
    }
}

/// A workload with one log group, and a destination in the archive account and in the security account.
pub(super) fn sample() -> Sample {
    let mut sample = Sample::new();
    for owner in [ARCHIVE, SECURITY] {
        sample.region(owner).destinations = Observed::Known(vec![destination(owner)]);
    }
    sample.region(WORKLOAD).log_groups = Observed::Known(vec![log_group(NAME)]);
    sample.stores.push(StoresRecord {
        account_id: SECURITY.to_owned(),
        streams: vec![stream(SECURITY)],
        ..StoresRecord::default()
    });
    sample
}

pub(super) fn subscribe(sample: &mut Sample, filters: Observed<Vec<SubscriptionFilter>>) {
    let mut group = log_group(NAME);
    group.subscription_filters = Some(filters);
    sample.region(WORKLOAD).log_groups = Observed::Known(vec![group]);
}

pub(super) fn facts_of(sample: &Sample) -> LogGroupFacts {
    let record = &sample.accounts[3];
    let region = &record.regions[0];
    let group = &region.log_groups.list().unwrap()[0];
    derive(&sample.facts(), &record.id, region, group)
}

/// Whoever owns the stream behind a destination has the events, whoever offers the destination.
#[test]
fn a_destination_that_hands_on_to_a_stream_of_somebody_else_is_not_central() {
    let target = |owner: &str, service: &str| {
        let mut sample = sample();
        let mut handed_on = destination(ARCHIVE);
        handed_on.target_arn = format!("arn:aws:{service}:{REGION}:{owner}:stream/logs");
        sample.region(ARCHIVE).destinations = Observed::Known(vec![handed_on]);
        sample.region(SECURITY).destinations = Observed::Known(Vec::new());
        subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(ARCHIVE), "")]));
        let group = facts_of(&sample);
        assert_eq!(central_in_region(&sample.facts(), REGION), group.centralized);
        (group.centralized, group.subscription.unwrap())
    };
    assert_eq!(target(ARCHIVE, "kinesis").0, Ok(true));
    assert_eq!(target(SECURITY, "firehose").0, Ok(true));
    for (owner, service) in [(STRANGER, "kinesis"), (STRANGER, "firehose"), (WORKLOAD, "kinesis")] {
        let (central, said) = target(owner, service);
        assert_eq!(central, Ok(false), "{owner}");
        let onward = format!(", which hands it on to arn:aws:{service}:{REGION}:{owner}:stream/logs");
        assert!(said.ends_with(&onward), "{said}");
    }
    assert!(!target(SECURITY, "kinesis").1.contains("hands it on"));
}

#[test]
fn a_filter_of_its_own_leads_to_a_central_account_or_not() {
    for (owner, central) in [(ARCHIVE, true), (SECURITY, true), (WORKLOAD, false), (STRANGER, false)] {
        let mut sample = sample();
        subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(owner), "")]));
        assert_eq!(facts_of(&sample).centralized, Ok(central), "{owner}");
        assert_eq!(facts_of(&sample).forwards_everything, Ok(central), "{owner}");
    }
    let mut sample = sample();
    let stream = format!("arn:aws:kinesis:{REGION}:{ARCHIVE}:stream/logs");
    subscribe(&mut sample, Observed::Known(vec![filter(stream, "")]));
    assert_eq!(facts_of(&sample).centralized, Ok(true));
}

#[test]
fn a_destination_that_was_deleted_forwards_nothing() {
    let mut sample = sample();
    subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(ARCHIVE), "")]));
    sample.region(ARCHIVE).destinations = Observed::Known(Vec::new());
    assert_eq!(facts_of(&sample).centralized, Ok(false));
    let text = format!("forwards everything to {}, which does not exist", destination_arn(ARCHIVE));
    assert_eq!(facts_of(&sample).subscription, Ok(text));
    sample.region(ARCHIVE).destinations = denied("DescribeDestinations");
    assert_eq!(facts_of(&sample).centralized, Err(gaps("DescribeDestinations")));
}

#[test]
fn the_accounts_policy_subscribes_all_groups_but_those_it_leaves_out() {
    let mut sample = sample();
    assert_eq!(facts_of(&sample).centralized, Ok(false));
    assert_eq!(facts_of(&sample).subscription, Ok("has no subscription".to_owned()));
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![account_policy(ARCHIVE, "")]);
    assert_eq!(facts_of(&sample).centralized, Ok(true));
    let mut leaving_out = account_policy(ARCHIVE, "");
    leaving_out.excluded_log_groups = vec![NAME.to_owned()];
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![leaving_out]);
    assert_eq!(facts_of(&sample).centralized, Ok(false));
}

#[test]
fn a_selection_that_cannot_be_read_leaves_it_unknown_and_is_reported() {
    let mut sample = sample();
    let mut odd = account_policy(ARCHIVE, "");
    odd.unrecognized_selection = Some("LogGroupNamePrefix IN [\"/aws\"]".to_owned());
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![odd]);
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!(gap.reason, GapReason::Undecided);
    assert!(gap.detail.contains("LogGroupNamePrefix"));
    assert_eq!(facts_of(&sample).centralized, Err(gap.id.clone().into()));
    // A filter of its own decides all the same.
    subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(ARCHIVE), "")]));
    assert_eq!(facts_of(&sample).centralized, Ok(true));
}

#[test]
fn a_pattern_leaves_events_out() {
    let mut sample = sample();
    subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(ARCHIVE), "ERROR")]));
    let group = facts_of(&sample);
    assert_eq!((group.centralized, group.forwards_everything), (Ok(true), Ok(false)));
    assert!(group.subscription.unwrap().starts_with("forwards what matches 'ERROR'"));
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![account_policy(SECURITY, "")]);
    assert_eq!(facts_of(&sample).forwards_everything, Ok(true), "the account's policy forwards the rest");
}

#[test]
fn criteria_over_fields_leave_out_the_groups_own_events_or_not() {
    let selecting = |criteria: Observed<&str>, of_policy: bool| {
        let mut sample = sample();
        let criteria = criteria.map(str::to_owned);
        if of_policy {
            let policy =
                AccountSubscriptionPolicy { field_selection: criteria, ..account_policy(ARCHIVE, "") };
            sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![policy]);
        } else {
            let filter =
                SubscriptionFilter { field_selection: criteria, ..filter(destination_arn(ARCHIVE), "") };
            subscribe(&mut sample, Observed::Known(vec![filter]));
        }
        sample
    };
    let own = format!("@aws.account = \"{WORKLOAD}\"");
    let elsewhere = "@aws.region IN [\"us-east-1\"]";
    for of_policy in [false, true] {
        for (criteria, forwards) in
            [("@aws.account = \"999999999999\"", false), (own.as_str(), true), (elsewhere, false)]
        {
            let group = facts_of(&selecting(Observed::Known(criteria), of_policy));
            assert_eq!(
                (group.centralized, group.forwards_everything),
                (Ok(forwards), Ok(forwards)),
                "{criteria}"
            );
            assert!(group.subscription.unwrap().contains(criteria));
        }
        let sample = selecting(Observed::Known("@aws.account LIKE \"4%\""), of_policy);
        let facts = sample.facts();
        let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
        assert_eq!(facts_of(&sample).centralized, Err(gap.id.clone().into()));
        // A snapshot of an earlier release does not say.
        let group = facts_of(&selecting(denied("not collected"), of_policy));
        assert_eq!(
            (group.centralized, group.forwards_everything),
            (Err(gaps("not collected")), Err(gaps("not collected")))
        );
    }
}

#[test]
fn what_a_transformer_made_of_events_may_not_be_all_of_them() {
    let mut sample = sample();
    let filter =
        SubscriptionFilter { transformed: Observed::Known(true), ..filter(destination_arn(ARCHIVE), "") };
    subscribe(&mut sample, Observed::Known(vec![filter]));
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    let group = facts_of(&sample);
    assert_eq!((group.centralized, group.forwards_everything), (Ok(true), Err(gap.id.clone().into())));
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![account_policy(SECURITY, "")]);
    assert_eq!(facts_of(&sample).forwards_everything, Ok(true), "the account's policy forwards the rest");
}

#[test]
fn each_denied_call_takes_only_what_it_decides() {
    let subscription = ["centralized", "forwards_everything", "subscription"];
    let mut sample = sample();
    subscribe(&mut sample, denied("DescribeSubscriptionFilters"));
    assert_eq!(unavailable(&facts_of(&sample)), subscription);
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![account_policy(ARCHIVE, "")]);
    let group = facts_of(&sample);
    assert_eq!((group.centralized, group.forwards_everything), (Ok(true), Ok(true)), "the policy decides");
    subscribe(&mut sample, Observed::Known(Vec::new()));
    sample.region(WORKLOAD).subscription_policies = denied("DescribeAccountPolicies");
    assert_eq!(unavailable(&facts_of(&sample)), subscription);
}

#[test]
fn groups_that_need_no_subscription_are_not_asked_for_one() {
    let mut sample = sample();
    let mut group = log_group("/aws/lambda/hello");
    group.subscription_filters = None;
    sample.region(WORKLOAD).log_groups = Observed::Known(vec![group]);
    let group = facts_of(&sample);
    assert!(!group.must_centralize);
    assert_eq!(unavailable(&group), Vec::<&str>::new());
    assert_eq!(sample.facts().index.gaps, []);
    // The configuration may ask for more than it did when the snapshot was taken.
    sample.expectations.centralized_log_groups = vec!["/aws/lambda/*".to_owned()];
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!(gap.reason, GapReason::NotCollected);
    assert_eq!(facts_of(&sample).centralized, Err(gap.id.clone().into()));
}

fn of_class(class: &str, filters: Option<Observed<Vec<SubscriptionFilter>>>) -> Sample {
    let mut sample = sample();
    let mut group = log_group(NAME);
    group.class = Observed::Known(class.to_owned());
    group.subscription_filters = filters;
    sample.region(WORKLOAD).log_groups = Observed::Known(vec![group]);
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![account_policy(ARCHIVE, "")]);
    sample
}

#[test]
fn only_classes_known_to_take_no_subscription_are_said_to() {
    for class in ["INFREQUENT_ACCESS", "DELIVERY"] {
        // Nobody asks such groups for filters; an earlier release did, and was refused.
        for filters in [None, Some(denied("DescribeSubscriptionFilters")), Some(Observed::Known(Vec::new()))]
        {
            let sample = of_class(class, filters);
            let group = facts_of(&sample);
            assert_eq!((group.centralized, group.forwards_everything), (Ok(false), Ok(false)));
            assert_eq!(group.subscription, Ok(format!("has the class {class}, which takes no subscription")));
            assert_eq!(sample.facts().index.gaps, []);
        }
    }
}

#[test]
fn of_a_class_that_is_not_known_what_aws_lists_counts() {
    let central = || Observed::Known(vec![filter(destination_arn(ARCHIVE), "")]);
    // Of a class without a name here, the record's answer is unknown (`snapshot::settle`).
    let class = "ESSENTIALS";
    let group = facts_of(&of_class(class, Some(central())));
    assert_eq!((group.centralized, group.forwards_everything), (Ok(true), Ok(true)), "{class}");
    assert!(group.subscription.unwrap().starts_with("forwards everything"));
    // Whether the account's policy covers it is not known; without the policy there is certainly nothing.
    let mut sample = of_class(class, Some(Observed::Known(Vec::new())));
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!(facts_of(&sample).centralized, Err(gap.id.clone().into()));
    assert!(gap.detail.contains(class), "{gap:?}");
    sample.region(WORKLOAD).subscription_policies = Observed::Known(Vec::new());
    assert_eq!(facts_of(&sample).centralized, Ok(false));
    assert_eq!(facts_of(&sample).subscription, Ok("has no subscription".to_owned()));
    // Even of a known class AWS's own list goes before.
    let group = facts_of(&of_class("INFREQUENT_ACCESS", Some(central())));
    assert_eq!(group.centralized, Ok(true));
    assert!(!group.subscription.unwrap().contains("takes no subscription"));
}

#[test]
fn a_region_has_a_central_destination_or_not() {
    let mut sample = sample();
    assert_eq!(central_in_region(&sample.facts(), REGION), Ok(true));
    assert_eq!(central_in_region(&sample.facts(), "eu-west-3"), Ok(false));
    // Only the central accounts' destinations matter.
    sample.region(WORKLOAD).destinations = denied("DescribeDestinations");
    assert_eq!(central_in_region(&sample.facts(), "eu-west-3"), Ok(false));
    sample.region(ARCHIVE).destinations = denied("DescribeDestinations");
    assert_eq!(central_in_region(&sample.facts(), REGION), Ok(true), "the security account has one");
    sample.region(SECURITY).destinations = Observed::Known(Vec::new());
    assert_eq!(central_in_region(&sample.facts(), REGION), Err(gaps("DescribeDestinations")));
    assert_eq!(central_in_region(&sample.facts(), "eu-west-3"), Ok(false));
}

#[test]
fn a_region_that_was_read_is_decided_though_the_regions_could_not_be_listed() {
    let mut sample = sample();
    let archive = sample.accounts.iter_mut().find(|record| record.id == ARCHIVE).unwrap();
    archive.enabled_regions = denied("ListRegions");
    sample.region(ARCHIVE).destinations = Observed::Known(Vec::new());
    sample.region(SECURITY).destinations = Observed::Known(Vec::new());
    assert_eq!(central_in_region(&sample.facts(), REGION), Ok(false));
    assert_eq!(central_in_region(&sample.facts(), "eu-west-3"), Err(gaps("ListRegions")));
}

#[test]
fn a_central_account_outside_the_scan_leaves_its_destinations_unknown() {
    let mut sample = sample();
    sample.accounts.retain(|record| record.id != SECURITY);
    sample.header.accounts.retain(|account| account != SECURITY);
    sample.region(ARCHIVE).destinations = Observed::Known(Vec::new());
    let facts = sample.facts();
    let unknown = central_in_region(&facts, REGION).unwrap_err();
    let listed = |id| facts.index.gaps.iter().any(|gap| gap.id == id);
    assert!(unknown.as_slice().iter().cloned().all(listed), "{:?}", facts.index.gaps);
}

#[test]
fn an_account_level_policy_says_what_retention_counts() {
    let of = |days: Observed<i64>, policy: Observed<String>| {
        let mut sample = sample();
        let Observed::Known(groups) = &mut sample.region(WORKLOAD).log_groups else { unreachable!() };
        groups[0].retention_days = days;
        groups[0].retention_policy = policy;
        let found = facts_of(&sample);
        (found.retention_days, found.retention)
    };
    let policy = || Observed::Known("save-money".to_owned());
    let (days, words) = of(Observed::Known(90), policy());
    assert_eq!(days, Ok(Some(90)));
    let text = "90 days, which the account-level retention policy save-money sets whatever its own setting";
    assert_eq!(words, Ok(Some(text.to_owned())));
    assert_eq!(of(Observed::Absent, policy()), (Ok(None), Ok(None)), "the policy keeps events for ever");
    let plain = (Ok(Some(90)), Ok(Some("90 days".to_owned())));
    assert_eq!(of(Observed::Known(90), Observed::Absent), plain);
    assert_eq!(of(Observed::Known(90), Observed::not_collected()), plain, "an older snapshot");
}

#[test]
fn a_log_group_that_the_configuration_names_and_nobody_has_is_told() {
    let mut sample = sample();
    let told = |sample: &Sample| -> Vec<String> {
        let gaps = sample.facts().index.gaps;
        let about = gaps.into_iter().filter(|gap| gap.detail.contains("centralized_log_groups"));
        about.filter_map(|gap| gap.resource).collect()
    };
    sample.expectations.centralized_log_groups = vec![NAME.to_owned(), "/aws/rds/*/none".to_owned()];
    assert_eq!(told(&sample), [""; 0]);
    let mistyped = NAME.replace("orders", "odrers");
    sample.expectations.centralized_log_groups.push(mistyped.clone());
    assert_eq!(told(&sample), std::slice::from_ref(&mistyped));
    let subjects = crate::facts::missing_subjects(&sample.facts());
    let named: Vec<&str> = subjects.iter().filter_map(|it| it.subject.name.as_deref()).collect();
    assert_eq!(named, [mistyped]);
}
