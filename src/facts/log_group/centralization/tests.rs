//! Which log groups a centralization rule copies, which it does not, and which nobody can tell.

use crate::facts::destination::central_in_region;
use crate::facts::log_group::tests::{NAME, facts_of, filter, sample, subscribe};
use crate::facts::log_group::{LogGroupFacts, need_destination};
use crate::facts::samples::{
    ARCHIVE, MANAGEMENT, ORGANIZATION, REGION, SECURITY, STRANGER, Sample, WORKLOAD, denied, destination_arn,
    gaps, log_group,
};
use crate::model::{
    CentralizationRule, CentralizationSettings, CentralizedEncryption, CentralizedLogs, Gap, Gaps, LogGroup,
    Observed, OrganizationalUnit,
};

fn known(text: &str) -> Observed<String> {
    Observed::Known(text.to_owned())
}

/// A rule that copies everything to the archive account.
fn rule() -> CentralizationRule {
    CentralizationRule {
        name: "all".to_owned(),
        arn: format!("arn:aws:observabilityadmin:{REGION}:{MANAGEMENT}:organization-centralization-rule/all"),
        settings: Observed::Known(CentralizationSettings {
            health: known("Healthy"),
            failure: Observed::Absent,
            scope: known(&format!("OrganizationId = '{ORGANIZATION}'")),
            regions: vec!["us-east-1".to_owned(), REGION.to_owned()],
            logs: Observed::Known(CentralizedLogs {
                groups: known("*"),
                data_sources: Observed::Absent,
                encrypted: "ALLOW".to_owned(),
                ..CentralizedLogs::default()
            }),
            copies_other_telemetry: Observed::Known(false),
            account_id: known(ARCHIVE),
            region: REGION.to_owned(),
            encryption: Observed::Absent,
            ..CentralizationSettings::default()
        }),
        ..CentralizationRule::default()
    }
}

fn changed(change: impl FnOnce(&mut CentralizationSettings)) -> CentralizationRule {
    let mut rule = rule();
    let Observed::Known(settings) = &mut rule.settings else { panic!("they are known") };
    change(settings);
    rule
}

fn with_logs(change: impl FnOnce(&mut CentralizedLogs)) -> CentralizationRule {
    changed(|settings| {
        let Observed::Known(logs) = &mut settings.logs else { panic!("they are known") };
        change(logs);
    })
}

fn under(rules: Observed<Vec<CentralizationRule>>) -> Sample {
    let mut sample = sample();
    subscribe(&mut sample, Observed::Known(Vec::new()));
    sample.organization().trusted_services =
        Observed::Known(vec!["observabilityadmin.amazonaws.com".to_owned()]);
    sample.organization().centralization_rules = rules;
    sample
}

/// Yes, no, or unknown under a gap that the report tells.
fn verdict(sample: &Sample) -> Option<bool> {
    let group: LogGroupFacts = facts_of(sample);
    assert_eq!(group.centralized, group.forwards_everything);
    match group.centralized {
        Ok(copied) => Some(copied),
        Err(named) => {
            let told = sample.facts().index.gaps.clone();
            let not_told: Vec<_> =
                named.as_slice().iter().filter(|id| told.iter().all(|gap| gap.id != **id)).collect();
            assert_eq!(not_told, Vec::<&_>::new(), "{told:?}");
            None
        }
    }
}

fn of_rule(rule: CentralizationRule) -> Option<bool> {
    verdict(&under(Observed::Known(vec![rule])))
}

#[test]
fn a_rule_that_copies_everything_to_a_central_account_is_as_good_as_a_subscription() {
    let sample = under(Observed::Known(vec![rule()]));
    assert_eq!(verdict(&sample), Some(true));
    let text = format!("is copied by the centralization rule all to account {ARCHIVE} in {REGION}");
    assert_eq!(facts_of(&sample).subscription, Ok(text));
    // Beside a filter that leaves events out, the rule copies the rest.
    let mut sample = under(Observed::Known(vec![rule()]));
    subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(ARCHIVE), "ERROR")]));
    assert_eq!(facts_of(&sample).forwards_everything, Ok(true));
}

#[test]
fn rules_that_are_not_read_may_copy_any_group_where_the_organization_trusts_cloudwatch() {
    let not_collected = Err(Gap::not_collected().id.into());
    let mut sample = under(Observed::not_collected());
    assert_eq!(facts_of(&sample).centralized, not_collected);
    sample.organization().centralization_rules = denied("ListCentralizationRulesForOrganization");
    assert_eq!(facts_of(&sample).centralized, Err(gaps("ListCentralizationRulesForOrganization")));
    subscribe(&mut sample, Observed::Known(vec![filter(destination_arn(ARCHIVE), "")]));
    assert_eq!(facts_of(&sample).centralized, Ok(true), "a subscription decides");
    subscribe(&mut sample, Observed::Known(Vec::new()));
    sample.organization().trusted_services = denied("ListAWSServiceAccess");
    assert_eq!(facts_of(&sample).centralized, Err(gaps("ListAWSServiceAccess")));
    // Without trust there is no copy, whatever rules there may be.
    sample.organization().trusted_services = Observed::Known(vec!["cloudtrail.amazonaws.com".to_owned()]);
    for rules in [Observed::not_collected(), Observed::Known(vec![rule()])] {
        sample.organization().centralization_rules = rules;
        assert_eq!(facts_of(&sample).centralized, Ok(false));
    }
    assert_eq!(verdict(&under(Observed::Known(Vec::new()))), Some(false));
}

#[test]
fn one_rule_that_copies_decides_whatever_is_not_known_of_others() {
    let unread = CentralizationRule { settings: denied("GetCentralizationRule"), ..rule() };
    let gone = CentralizationRule { settings: Observed::Absent, ..rule() };
    let copied = |rules: Vec<CentralizationRule>| facts_of(&under(Observed::Known(rules))).centralized;
    assert_eq!(copied(vec![unread.clone(), rule()]), Ok(true));
    assert_eq!(copied(vec![unread, gone.clone()]), Err(gaps("GetCentralizationRule")));
    assert_eq!(copied(vec![gone]), Ok(false));
}

#[test]
fn the_destination_must_be_a_central_account() {
    for (account, expected) in [
        (known(ARCHIVE), Some(true)),
        (known(SECURITY), Some(true)),
        (known(STRANGER), Some(false)),
        (Observed::Absent, None),
    ] {
        assert_eq!(
            of_rule(changed(|settings| settings.account_id = account.clone())),
            expected,
            "{account:?}"
        );
    }
    let sample = under(Observed::Known(vec![changed(|settings| settings.account_id = known(STRANGER))]));
    let text = facts_of(&sample).subscription.unwrap();
    assert!(text.contains(STRANGER), "{text}");
    // What is in the destination already: the pages do not say.
    assert_eq!(of_rule(changed(|settings| settings.account_id = known(WORKLOAD))), Some(false));
    let mut sample = under(Observed::Known(vec![changed(|settings| settings.account_id = known(WORKLOAD))]));
    sample.expectations.security_accounts = vec![WORKLOAD.to_owned()];
    assert_eq!(verdict(&sample), None);
    sample.organization().centralization_rules = Observed::Known(vec![changed(|settings| {
        settings.account_id = known(WORKLOAD);
        settings.region = "us-east-1".to_owned();
    })]);
    assert_eq!(verdict(&sample), Some(true));
}

#[test]
fn health_decides() {
    for (health, failure, expected) in [
        (known("Healthy"), Observed::Absent, Some(true)),
        (known("Unhealthy"), known("TRUSTED_ACCESS_NOT_ENABLED"), Some(false)),
        (known("Unhealthy"), known("DESTINATION_ACCOUNT_NOT_IN_ORGANIZATION"), Some(false)),
        (known("Unhealthy"), known("INTERNAL_SERVER_ERROR"), None),
        (known("Unhealthy"), Observed::Absent, None),
        (known("Provisioning"), Observed::Absent, None),
        (known("HEALTHY_OF_TOMORROW"), Observed::Absent, None),
        (Observed::Absent, Observed::Absent, None),
    ] {
        let rule =
            changed(|settings| (settings.health, settings.failure) = (health.clone(), failure.clone()));
        assert_eq!(of_rule(rule), expected, "{health:?} {failure:?}");
    }
}

#[test]
fn regions_are_listed() {
    for (regions, expected) in [
        (vec![REGION], Some(true)),
        (vec!["us-east-1"], Some(false)),
        (vec!["*"], None),
        (vec!["us-east-1", "ALL"], None),
        (vec![REGION, "*"], Some(true)),
    ] {
        let rule = changed(|settings| settings.regions = regions.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(of_rule(rule), expected, "{regions:?}");
    }
}

/// `r-root` / `ou-work` / `ou-prod`, where the workload is.
fn in_units(rule: CentralizationRule) -> Sample {
    let mut sample = under(Observed::Known(vec![rule]));
    let unit = |id: &str, parent: &str| OrganizationalUnit {
        id: id.to_owned(),
        name: id.to_owned(),
        parent_id: parent.to_owned(),
    };
    sample.organization().organizational_units = Observed::Known(vec![
        unit("ou-work", "r-root"),
        unit("ou-prod", "ou-work"),
        unit("ou-other", "r-root"),
    ]);
    place(&mut sample, known("ou-prod"));
    sample
}

fn place(sample: &mut Sample, parent: Observed<String>) {
    let Observed::Known(accounts) = &mut sample.organization().accounts else { panic!("they are known") };
    accounts.iter_mut().find(|account| account.id == WORKLOAD).unwrap().parent_id = parent;
}

#[test]
fn the_scope_names_accounts_units_or_the_organization() {
    let scoped = |scope: Observed<&str>| changed(|settings| settings.scope = scope.map(str::to_owned));
    for (scope, expected) in [
        ("*", Some(true)),
        ("OrganizationId = 'o-exampleorg1'", Some(true)),
        ("OrganizationId = 'o-anotherorg'", Some(false)),
        ("AccountId = '444444444444'", Some(true)),
        ("AccountId IN ('111111111111', '222222222222')", Some(false)),
        ("AccountId IN ('111111111111') OR AccountId = '444444444444'", Some(true)),
        ("OrganizationUnitId = 'ou-prod'", Some(true)),
        ("OrganizationUnitId IN ('ou-other', 'ou-prod')", Some(true)),
        ("OrganizationUnitId = 'ou-other'", Some(false)),
        // Whether the units below belong to it, the pages do not say.
        ("OrganizationUnitId = 'ou-work'", None),
        ("OrganizationUnitId = 'ou-work' OR AccountId = '444444444444'", Some(true)),
        ("AccountId != '111111111111'", None),
        ("AccountId NOT IN ('444444444444')", None),
        ("AccountTag = 'prod'", None),
        ("ALL ACCOUNTS", None),
    ] {
        assert_eq!(verdict(&in_units(scoped(Observed::Known(scope)))), expected, "{scope}");
    }
    assert_eq!(verdict(&in_units(scoped(Observed::Absent))), None);
    let mut sample = in_units(scoped(Observed::Known("OrganizationUnitId = 'ou-other'")));
    place(&mut sample, denied("ListAccountsForParent"));
    assert_eq!(facts_of(&sample).centralized, Err(gaps("ListAccountsForParent")));
    // Who is not in the organization is not copied.
    let Observed::Known(accounts) = &mut sample.organization().accounts else { panic!("they are known") };
    accounts.retain(|account| account.id != WORKLOAD);
    assert_eq!(facts_of(&sample).centralized, Ok(false));
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(facts_of(&sample).centralized, Err(gaps("ListAccounts")));
}

#[test]
fn log_groups_are_selected_by_name() {
    for (groups, expected) in [
        (known("*"), Some(true)),
        (known("LogGroupName LIKE '/aws/rds/%'"), Some(true)),
        (known("LogGroupName NOT LIKE '/aws/rds/%'"), Some(false)),
        (known("LogGroupName = '/aws/lambda/x' OR LogGroupName LIKE '/aws/r%'"), Some(true)),
        (known(&format!("LogGroupName NOT IN ('{NAME}')")), Some(false)),
        (known(&format!("LogGroupName != '{NAME}'")), Some(false)),
        (known("LogGroupNamePrefix = '/aws'"), None),
        (known("LogGroupName MATCHES '.*'"), None),
        (Observed::Absent, None),
    ] {
        assert_eq!(of_rule(with_logs(|logs| logs.groups = groups.clone())), expected, "{groups:?}");
    }
    for (sources, expected) in [(known("*"), Some(true)), (known("DataSourceName = 'aws_cloudtrail'"), None)]
    {
        assert_eq!(of_rule(with_logs(|logs| logs.data_sources = sources.clone())), expected, "{sources:?}");
    }
    // What certainly leaves the group out stands, whatever else is not understood.
    let rule = with_logs(|logs| {
        logs.groups = known("LogGroupName = 'x'");
        logs.data_sources = known("DataSourceName = 'aws_cloudtrail'");
    });
    assert_eq!(of_rule(rule), Some(false));
}

#[test]
fn a_rule_for_metrics_alone_copies_no_logs() {
    let without_logs = |other| {
        of_rule(changed(|settings| {
            settings.logs = Observed::Absent;
            settings.copies_other_telemetry = Observed::Known(other);
        }))
    };
    assert_eq!((without_logs(true), without_logs(false)), (Some(false), None));
}

#[test]
fn groups_with_keys_of_their_own_are_skipped_or_may_be() {
    let own_key = || LogGroup { kms_key_id: known("arn:aws:kms:key"), ..log_group(NAME) };
    let unread = || LogGroup { kms_key_id: denied("DescribeLogGroups"), ..log_group(NAME) };
    let without = || LogGroup { kms_key_id: Observed::Absent, ..log_group(NAME) };
    let owned = || {
        Observed::Known(CentralizedEncryption { strategy: "AWS_OWNED".to_owned(), scope: Observed::Absent })
    };
    let customers = |scope: Observed<String>| {
        Observed::Known(CentralizedEncryption { strategy: "CUSTOMER_MANAGED".to_owned(), scope })
    };
    let of = |group: LogGroup, encrypted: &str, encryption: Observed<CentralizedEncryption>| {
        let mut rule = with_logs(|logs| logs.encrypted = encrypted.to_owned());
        let Observed::Known(settings) = &mut rule.settings else { panic!("they are known") };
        settings.encryption = encryption;
        let mut sample = under(Observed::Known(vec![rule]));
        let group = LogGroup { subscription_filters: Some(Observed::Known(Vec::new())), ..group };
        sample.region(WORKLOAD).log_groups = Observed::Known(vec![group]);
        facts_of(&sample).centralized.ok()
    };
    for (encrypted, encryption, expected) in [
        ("ALLOW", Observed::Absent, [Some(true), Some(true), Some(true)]),
        ("ALLOW", owned(), [Some(true), Some(true), Some(true)]),
        ("SKIP", Observed::Absent, [Some(false), Some(true), None]),
        ("SKIP", customers(Observed::Absent), [Some(false), Some(true), None]),
        ("ALLOW", customers(Observed::Absent), [None, Some(true), None]),
        ("ALLOW", customers(known("ENCRYPTED_SOURCE_ONLY")), [None, Some(true), None]),
        ("ALLOW", customers(known("NEW_DESTINATION_LOG_GROUPS")), [None, None, None]),
        ("SKIP", customers(known("NEW_DESTINATION_LOG_GROUPS")), [Some(false), None, None]),
        ("ONLY", Observed::Absent, [None, None, None]),
    ] {
        let found = [own_key(), without(), unread()].map(|group| of(group, encrypted, encryption.clone()));
        assert_eq!(found, expected, "{encrypted} {encryption:?}");
    }
}

#[test]
fn of_classes_but_the_standard_one_nothing_is_said() {
    for (class, expected) in [("STANDARD", Some(true)), ("INFREQUENT_ACCESS", None), ("ESSENTIALS", None)] {
        let mut sample = under(Observed::Known(vec![rule()]));
        let group = LogGroup {
            class: known(class),
            subscription_filters: Some(Observed::Known(Vec::new())),
            ..log_group(NAME)
        };
        sample.region(WORKLOAD).log_groups = Observed::Known(vec![group]);
        assert_eq!(verdict(&sample), expected, "{class}");
    }
}

#[test]
fn where_a_rule_copies_all_groups_no_destination_is_needed() {
    let needed = |rules: Observed<Vec<CentralizationRule>>| {
        let sample = under(rules);
        let facts = sample.facts();
        assert_eq!(central_in_region(&facts, REGION), Ok(true));
        need_destination(&facts, WORKLOAD, &sample.accounts[3].regions[0])
    };
    assert_eq!(needed(Observed::Known(vec![rule()])), Ok(false));
    assert_eq!(needed(Observed::Known(Vec::new())), Ok(true));
    assert_eq!(
        needed(Observed::Known(vec![changed(|settings| settings.account_id = known(STRANGER))])),
        Ok(true)
    );
    let list = "ListCentralizationRulesForOrganization";
    assert_eq!(needed(denied(list)), Err(gaps(list)));
}

/// What the organization's facts say of its rules, with every gap that they name told in the report, but for answers that
/// the test refuses.
fn whole(sample: &Sample) -> (Result<bool, ()>, Result<Option<String>, ()>) {
    let facts = sample.facts();
    let (used, problem) =
        (&facts.organization.centralizes_log_groups, &facts.organization.centralization_problem);
    let calls = ["ListAccounts", "ListRegions", "GetCentralizationRule", "ListCentralizationRules"];
    let refused: Vec<_> = calls.iter().flat_map(|call| gaps(call).as_slice().to_vec()).collect();
    let named = [used.as_ref().err(), problem.as_ref().err()];
    for id in named.into_iter().flatten().flat_map(Gaps::as_slice) {
        let told = facts.index.gaps.iter().any(|gap| gap.id == *id);
        assert!(told || refused.contains(id), "{id:?} is not in the report");
    }
    (used.clone().map_err(drop), problem.clone().map_err(drop))
}

fn problem(rules: Vec<CentralizationRule>) -> Result<Option<String>, ()> {
    let (used, problem) = whole(&under(Observed::Known(rules)));
    assert_eq!(used, Ok(true));
    problem
}

#[test]
fn the_rules_together_are_healthy_and_leave_nothing_out() {
    assert_eq!(problem(vec![rule()]), Ok(None));
    let some = |text: &str| Ok(Some(text.to_owned()));
    let unhealthy = || {
        changed(|it| {
            it.health = known("Unhealthy");
            it.failure = known("INTERNAL_SERVER_ERROR");
        })
    };
    assert_eq!(problem(vec![unhealthy()]), some("AWS calls unhealthy all (INTERNAL_SERVER_ERROR)"));
    assert_eq!(problem(vec![changed(|it| it.health = known("Provisioning"))]), Err(()));
    let skipping = || with_logs(|it| "SKIP".clone_into(&mut it.encrypted));
    let text = "log groups with a key of their own are passed over by all";
    assert_eq!(problem(vec![skipping()]), some(text));
    assert_eq!(problem(vec![with_logs(|it| "NEW".clone_into(&mut it.encrypted))]), Err(()));
    let elsewhere = || changed(|it| it.regions = vec!["us-east-1".to_owned()]);
    assert_eq!(problem(vec![elsewhere()]), some(&format!("nothing is copied from {REGION}")));
    // What one leaves out another copies.
    assert_eq!(problem(vec![elsewhere(), rule()]), Ok(None));
    let of = |ids: &[&str]| {
        let list: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        changed(|it| it.scope = known(&format!("AccountId IN [{}]", list.join(", "))))
    };
    // The archive's own region is where the copies go.
    assert_eq!(problem(vec![of(&[MANAGEMENT, SECURITY, WORKLOAD])]), Ok(None));
    let text = format!("nothing is copied from {REGION} in {SECURITY}");
    assert_eq!(problem(vec![of(&[MANAGEMENT, WORKLOAD])]), some(&text));
    assert_eq!(problem(vec![of(&[MANAGEMENT, WORKLOAD]), of(&[SECURITY])]), Ok(None));
    assert_eq!(problem(vec![changed(|it| it.scope = known("Weather = 'fine'"))]), Err(()));
}

#[test]
fn where_nothing_is_centralized_by_rules_nothing_is_asked() {
    let none = |rules| whole(&under(rules));
    assert_eq!(none(Observed::Known(Vec::new())).0, Ok(false));
    assert_eq!(none(Observed::Absent).0, Ok(false));
    assert_eq!(none(denied("ListCentralizationRules")), (Err(()), Err(())));
    let metrics = changed(|it| {
        it.logs = Observed::Absent;
        it.copies_other_telemetry = Observed::Known(true);
        it.health = known("Unhealthy");
    });
    assert_eq!(none(Observed::Known(vec![metrics])).0, Ok(false));
    let unread = CentralizationRule { settings: denied("GetCentralizationRule"), ..rule() };
    assert_eq!(none(Observed::Known(vec![unread.clone()])), (Err(()), Err(())));
    // Another that copies everything does not tell how that one does.
    assert_eq!(none(Observed::Known(vec![unread, rule()])), (Ok(true), Err(())));
    let gone = CentralizationRule { settings: Observed::Absent, ..rule() };
    assert_eq!(none(Observed::Known(vec![gone])).0, Ok(false));
}

#[test]
fn regions_and_accounts_that_are_not_known_may_be_left_out() {
    let mut sample = under(Observed::Known(vec![rule()]));
    sample.accounts[3].enabled_regions = denied("ListRegions");
    assert_eq!(whole(&sample), (Ok(true), Err(())));
    let mut sample = under(Observed::Known(vec![rule()]));
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(whole(&sample), (Ok(true), Err(())));
    // A region that no rule names is left out, whoever is there.
    let elsewhere = changed(|it| it.regions = vec!["us-east-1".to_owned()]);
    sample.organization().centralization_rules = Observed::Known(vec![elsewhere]);
    assert_eq!(whole(&sample).1, Ok(Some(format!("nothing is copied from {REGION}"))));
}
