//! The organization's centralization rules: who asks for them, where, and when nobody does.

use serde_json::json;
use trailproof::model::{CentralizationRule, GapReason, Observed};

use crate::collect_support::{Collected, HOME, REGIONS, collected, settings, try_collect};
use crate::fake_aws::healthy::{ARCHIVE, MANAGEMENT, SECURITY, workload};
use crate::fake_aws::{FakeAws, Fault, Matcher, World, observabilityadmin};

const LIST: &str = "ListCentralizationRulesForOrganization";
const GET: &str = "GetCentralizationRuleForOrganization";

fn rules(found: &Collected) -> &Observed<Vec<CentralizationRule>> {
    &found.organization().centralization_rules
}

fn asked(fake: &FakeAws, operation: &str) -> Vec<(String, String)> {
    let counts = fake.counts();
    let calls = counts.into_keys().filter(|key| key.operation == operation);
    calls.map(|key| (key.account, key.region)).collect()
}

/// Two rules, made in different regions.
fn world() -> World {
    let mut world = World::healthy(4, &REGIONS);
    observabilityadmin::centralize(&mut world, "all", &REGIONS, REGIONS[1]);
    observabilityadmin::centralize(&mut world, "some", &[HOME], HOME);
    world.page_sizes.insert("observabilityadmin".to_owned(), 1);
    world
}

isolated! {
    fn one_list_tells_the_rules_of_all_regions_and_each_is_read_where_it_was_made() {
        let fake = FakeAws::start(world());
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert_eq!(found.gaps(), Vec::new());
        let list = rules(&found).list().unwrap();
        let names: Vec<&str> = list.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["some", "all"], "by ARN");
        let settings = list[1].settings.get().unwrap().unwrap();
        assert_eq!(settings.health, Observed::Known("Healthy".to_owned()));
        assert_eq!(settings.regions, REGIONS);
        assert_eq!((settings.account_id.clone(), settings.region.as_str()), (Observed::Known(ARCHIVE.to_owned()), REGIONS[1]));
        let logs = settings.logs.get().unwrap().unwrap();
        assert_eq!((logs.groups.clone(), logs.encrypted.as_str()), (Observed::Known("*".to_owned()), "ALLOW"));
        assert_eq!(asked(&fake, LIST), [(MANAGEMENT.to_owned(), HOME.to_owned())]);
        assert_eq!(asked(&fake, GET).len(), 2);
    }

    fn without_trust_nobody_is_asked() {
        let fake = FakeAws::start(World::healthy(4, &REGIONS));
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert_eq!(*rules(&found), Observed::Absent);
        fake.fault(Matcher::operation("organizations", "ListAWSServiceAccessForOrganization"), Fault::AccessDenied);
        assert!(matches!(rules(&collected(&fake, &settings(&fake, MANAGEMENT))), Observed::Unavailable(_)));
        assert_eq!((asked(&fake, LIST), asked(&fake, GET)), (Vec::new(), Vec::new()));
    }

    fn who_administers_cloudwatch_asks_or_the_management_account_is_entered() {
        let fake = FakeAws::start(world());
        // Administers other services, not this one.
        let found = collected(&fake, &settings(&fake, SECURITY));
        assert_eq!(rules(&found).list().unwrap().len(), 2);
        assert_eq!(asked(&fake, LIST), [(MANAGEMENT.to_owned(), HOME.to_owned())]);
        assert!(fake.refused_actions().is_empty(), "{:?}", fake.refused_actions());
        fake.reset_recording();
        fake.update(|world| {
            let service = "observabilityadmin.amazonaws.com".to_owned();
            world.organization_mut().delegated_administrators.get_mut(SECURITY).unwrap().insert(service);
        });
        let found = collected(&fake, &settings(&fake, SECURITY));
        assert_eq!(rules(&found).list().unwrap().len(), 2);
        assert_eq!(asked(&fake, LIST), [(SECURITY.to_owned(), HOME.to_owned())]);
    }

    fn an_account_outside_the_scope_is_not_entered_to_ask() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, SECURITY);
        settings.selection.accounts = vec![workload(0)];
        let found = try_collect(&settings).unwrap();
        let Observed::Unavailable(unread) = rules(&found) else { panic!("{:?}", rules(&found)) };
        let gaps = found.header.gaps.clone();
        let gap = gaps.iter().find(|gap| gap.id == *unread).unwrap();
        assert_eq!((gap.operation.as_str(), gap.reason), (LIST, GapReason::NotCollected));
        assert!(gap.detail.contains("management account"), "{}", gap.detail);
        assert_eq!(asked(&fake, LIST), []);
    }

    fn a_rule_that_refuses_is_unknown_and_the_others_are_read() {
        let fake = FakeAws::start(world());
        fake.fault(Matcher::operation("observabilityadmin", GET).region(HOME), Fault::AccessDenied);
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        let list = rules(&found).list().unwrap();
        assert!(matches!(list[0].settings, Observed::Unavailable(_)));
        assert!(list[1].settings.get().unwrap().is_some());
        fake.clear_faults();
        // What an answer lacks, or says otherwise than the list, is no answer.
        for (pointer, value) in [
            ("/CentralizationRule/Source/Regions", json!([])),
            ("/CentralizationRule/Destination/Region", json!("")),
            ("/CentralizationRule/Source/SourceLogsConfiguration/Narrowed", json!("x")),
            ("/RuleArn", json!("arn:aws:observabilityadmin:eu-west-1:100000000001:organization-centralization-rule/other")),
        ] {
            fake.tamper(move |exchange| {
                if exchange.call.key.operation != GET || exchange.call.key.region != HOME {
                    return None;
                }
                let mut reply = exchange.reply.clone();
                let mut body: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
                let (parent, member) = pointer.rsplit_once('/').unwrap();
                body.pointer_mut(parent).unwrap()[member] = value.clone();
                reply.body = body.to_string();
                Some(crate::fake_aws::Misbehaviour::Answer(reply))
            });
            let found = collected(&fake, &settings(&fake, MANAGEMENT));
            let list = rules(&found).list().unwrap();
            assert!(matches!(list[0].settings, Observed::Unavailable(_)), "{pointer}: {list:?}");
            assert_eq!(found.header.gaps.len(), 1, "{pointer}");
        }
    }
}
