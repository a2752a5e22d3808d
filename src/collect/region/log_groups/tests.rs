use proptest::prelude::*;

use super::*;

fn account_policy(document: &str, criterion: Option<&str>) -> sdk::AccountPolicy {
    sdk::AccountPolicy::builder()
        .policy_name("central")
        .policy_document(document)
        .set_selection_criteria(criterion.map(str::to_owned))
        .build()
}

const DOCUMENT: &str = r#"{"DestinationArn":"arn:aws:logs:eu-west-1:222222222222:destination:central","FilterPattern":"","Distribution":"Random"}"#;

#[test]
fn the_documented_exclusion_is_understood() {
    let read = policy(account_policy(DOCUMENT, Some(r#"LogGroupName NOT IN ["b", "a"]"#))).unwrap();
    assert_eq!(read.excluded_log_groups, ["a", "b"]);
    assert_eq!(read.unrecognized_selection, None);
    let read = policy(account_policy(DOCUMENT, None)).unwrap();
    assert_eq!((read.excluded_log_groups.len(), read.unrecognized_selection), (0, None));
}

#[test]
fn another_criterion_is_quoted_rather_than_taken_for_none() {
    for criterion in
        [r#"LogGroupNamePrefix IN ["/aws"]"#, "LogGroupName NOT IN [a]", "LogGroupName IN [\"a\"]"]
    {
        let read = policy(account_policy(DOCUMENT, Some(criterion))).unwrap();
        assert_eq!(read.unrecognized_selection.as_deref(), Some(criterion));
    }
}

#[test]
fn a_document_that_cannot_be_read_is_no_policy_without_destination() {
    assert!(policy(account_policy("{", None)).is_err());
    assert!(policy(account_policy("{}", None)).is_err());
}

#[test]
fn a_filter_without_a_pattern_is_not_one_that_forwards_everything() {
    let filter = sdk::SubscriptionFilter::builder().filter_name("central").destination_arn("arn:aws:logs:x");
    assert_eq!(subscription_filter(filter.clone().build()), Err("subscriptionFilters[].filterPattern"));
    assert_eq!(subscription_filter(filter.filter_pattern("").build()).unwrap().pattern, "");
    let without = DOCUMENT.replace(r#""FilterPattern":"","#, "");
    let missing = policy(account_policy(&without, None)).unwrap_err();
    assert_eq!(missing, "accountPolicies[].policyDocument.FilterPattern");
}

#[test]
fn what_narrows_a_subscription_is_kept() {
    let filter = sdk::SubscriptionFilter::builder()
        .filter_name("central")
        .destination_arn("arn:aws:logs:x")
        .filter_pattern("");
    let plain = subscription_filter(filter.clone().build()).unwrap();
    assert_eq!((plain.field_selection, plain.transformed), (Observed::Absent, Observed::Known(false)));
    let criteria = r#"@aws.account = "999999999999""#;
    let narrow = filter.field_selection_criteria(criteria).apply_on_transformed_logs(true);
    let narrow = subscription_filter(narrow.build()).unwrap();
    assert_eq!(narrow.field_selection, Observed::Known(criteria.to_owned()));
    assert_eq!(narrow.transformed, Observed::Known(true));
}

#[test]
fn an_account_policy_says_what_narrows_it_or_is_not_understood() {
    let with = |member: &str| DOCUMENT.replace("\"Distribution\"", &format!("{member},\"Distribution\""));
    let narrow = with(r#""FieldSelectionCriteria":"@aws.region = \"eu-west-1\"""#);
    let read = policy(account_policy(&narrow, None)).unwrap();
    assert_eq!(read.field_selection, Observed::Known(r#"@aws.region = "eu-west-1""#.to_owned()));
    let transformed = policy(account_policy(&with(r#""ApplyOnTransformedLogs":true"#), None)).unwrap();
    assert_eq!(transformed.transformed, Observed::Known(true));
    assert!(policy(account_policy(&with(r#""SampleRate":1"#), None)).is_err());
    let other = sdk::AccountPolicy::builder()
        .policy_name("central")
        .policy_document(DOCUMENT)
        .policy_type(PolicyType::TransformerPolicy);
    assert!(policy(other.build()).is_err());
}

#[test]
fn only_classes_that_are_known_to_take_no_subscription_are_not_asked() {
    let group = |class: &str| {
        let group = sdk::LogGroup::builder().log_group_name("/a").arn("arn:aws:logs:x");
        log_group(group.log_group_class(class.into()).build()).unwrap()
    };
    assert!(takes_no_subscription(&group("INFREQUENT_ACCESS")));
    assert!(takes_no_subscription(&group("DELIVERY")));
    for class in ["STANDARD", "ESSENTIALS", "OF_TOMORROW"] {
        assert!(!takes_no_subscription(&group(class)), "{class}");
    }
}

#[test]
fn the_star_behind_a_log_groups_arn_is_dropped() {
    let arn = "arn:aws:logs:eu-west-1:222222222222:log-group:/a";
    let group = sdk::LogGroup::builder().log_group_name("/a").arn(format!("{arn}:*")).build();
    assert_eq!(log_group(group).unwrap().arn, arn);
}

proptest! {
    #[test]
    fn any_names_come_back_sorted(names in proptest::collection::btree_set(".*", 0..5)) {
        let list = serde_json::to_string(&names).unwrap();
        let read = excluded_log_groups(&format!("LogGroupName NOT IN {list}"));
        prop_assert_eq!(read, Some(names.into_iter().collect::<Vec<_>>()));
    }

    #[test]
    fn no_criterion_panics(criterion in ".*") {
        let _ = excluded_log_groups(&criterion);
    }
}

#[test]
fn the_account_level_policy_that_sets_the_retention_is_kept() {
    let group = |policy: Option<&str>| {
        let group = sdk::LogGroup::builder()
            .log_group_name("a")
            .log_group_arn("arn:aws:logs:eu-west-1:111111111111:log-group:a")
            .retention_in_days(90)
            .set_retention_policy_name(policy.map(str::to_owned));
        let read = log_group(group.build()).unwrap();
        (read.retention_days, read.retention_policy)
    };
    let days = Observed::Known(90);
    assert_eq!(group(Some("baseline")), (days.clone(), Observed::Known("baseline".to_owned())));
    assert_eq!(group(None), (days, Observed::Absent));
}
