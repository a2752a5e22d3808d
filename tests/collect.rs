//! Collecting from the fake AWS, through the library's front door: what a good organization yields, and what every
//! kind of failure leaves behind.

mod collect_support;
mod fake_aws;

use std::sync::Mutex;
use std::time::Duration;

use collect_support::{Collected, HOME, REGIONS, clean, collect, collected, settings, try_collect};
use fake_aws::healthy::{
    ACCESS_LOG_BUCKET, ARCHIVE, ARCHIVE_BUCKET, CONFIG_BUCKET, MANAGEMENT, ORGANIZATION_ID, REPLICA_BUCKET,
    SECURITY, workload,
};
use fake_aws::{FakeAws, Fault, Matcher, Misbehaviour, World, observabilityadmin};
use serde_json::json;
use trailproof::collect::{CollectError, Event};
use trailproof::model::{GapReason, Observed};
use trailproof::plan::Selection;

/// Tests that run in a process of their own, with the fake's credentials in its AWS configuration.
macro_rules! isolated {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {
        $($(#[$attribute])* #[test] fn $name() {
            if crate::collect_support::is_isolated(concat!(module_path!(), "::", stringify!($name))) $body
        })*
    };
}

#[path = "collect/centralization.rs"]
mod centralization;
#[path = "collect/denied.rs"]
mod denied;
#[path = "collect/gainsaid.rs"]
mod gainsaid;
#[path = "collect/policies.rs"]
mod policies;
#[path = "collect/rates.rs"]
mod rates;
#[path = "collect/runs.rs"]
mod runs;
#[path = "collect/stores.rs"]
mod stores;
#[path = "collect/unasked.rs"]
mod unasked;

/// A small good organization in which every call of the table has something to read.
fn world() -> World {
    let mut world = World::healthy(5, &REGIONS);
    let managed = format!("arn:aws:iam::{MANAGEMENT}:policy/Extra");
    let management = world.account_mut(MANAGEMENT);
    management.managed_policies.insert(managed.clone(), json!({ "Version": "2012-10-17", "Statement": [] }));
    for role in management.roles.values_mut() {
        role.attached_policies.push(managed.clone());
    }
    observabilityadmin::centralize(&mut world, "all", &REGIONS, REGIONS[1]);
    world
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

isolated! {
    fn a_good_organization_is_collected_whole() {
        let fake = FakeAws::start(world());
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert_eq!(fake.unexpected(), Vec::<String>::new());
        assert!(fake.refused_actions().is_empty(), "{:?}", fake.refused_actions());
        assert_eq!(found.gaps(), Vec::new());

        let Observed::Known(organization) = &found.header.organization else { panic!("no organization") };
        assert_eq!(organization.id, ORGANIZATION_ID);
        assert_eq!(organization.accounts.list().unwrap().len(), 5);
        assert_eq!(organization.organizational_units.list().unwrap().len(), 7);
        assert!(organization.service_control_policies.list().unwrap().iter().any(|policy| {
            policy.name == "ProtectLogging" && policy.targets.list().unwrap().len() == 1
        }));
        assert_eq!(organization.delegated_administrators.list().unwrap()[0].account_id, SECURITY);

        let management = found.account(MANAGEMENT);
        let trail = &management.trails.list().unwrap()[0];
        let settings = trail.settings.get().unwrap().unwrap();
        for switch in [&settings.organization_trail, &settings.multi_region, &settings.log_file_validation] {
            assert_eq!(*switch, Observed::Known(true));
        }
        assert!(trail.status.get().unwrap().unwrap().is_logging);
        assert_eq!(trail.insight_types.list().unwrap().len(), 2);
        let role = trail.log_group_role.get().unwrap().unwrap();
        assert!(role.trust_policy.get().unwrap().unwrap().contains("cloudtrail.amazonaws.com"));
        assert_eq!(role.inline_policies.list().unwrap().len(), 1);
        assert_eq!(role.attached_policies.list().unwrap().len(), 1);

        let member = found.account(&workload(0));
        assert!(member.trails.list().unwrap().is_empty());
        assert_eq!(member.shadow_trails.list().unwrap().len(), 1);
        assert_eq!(member.enabled_regions, Observed::Known(list(&[HOME, "us-east-1"])));
        let region = &member.regions[0];
        assert!(region.recorders.list().unwrap()[0].status.get().unwrap().unwrap().recording);
        assert!(region.delivery_channels.list().unwrap()[0].status.get().unwrap().is_some());
        assert_eq!(region.config_retention_days, Observed::Known(2557));
        assert_eq!(region.aggregators, None);
        let asked: Vec<bool> = region
            .log_groups
            .list()
            .unwrap()
            .iter()
            .map(|group| group.subscription_filters.is_some())
            .collect();
        assert_eq!(asked, [true, false, true], "only groups that must be centralized cost a call");
        let security = found.account(SECURITY);
        assert_eq!(security.regions[0].aggregators.as_ref().unwrap().list().unwrap().len(), 1);
        assert_eq!(found.account(ARCHIVE).regions[1].destinations.list().unwrap().len(), 1);

        let stores = found.stores(ARCHIVE);
        let names: Vec<&str> = stores.buckets.iter().map(|bucket| bucket.name.as_str()).collect();
        assert_eq!(names, [ACCESS_LOG_BUCKET, CONFIG_BUCKET, ARCHIVE_BUCKET, REPLICA_BUCKET]);
        let archive = &stores.buckets[2];
        assert_eq!(archive.object_lock.get().unwrap().unwrap().default_retention.as_ref().unwrap().days, 400);
        assert!(archive.replication.get().unwrap().unwrap().rules[0].owner_override);
        assert!(archive.policy.get().unwrap().unwrap().contains("TrailWrite"));
        assert_eq!(stores.buckets[3].region, Observed::Known("us-east-1".to_owned()));
        assert_eq!(stores.buckets[3].replication, Observed::Absent);
        assert!(stores.public_access_block.get().unwrap().unwrap().is_complete());
        assert_eq!(stores.keys.len(), 3, "trail, log groups at home, replica: {:?}", stores.keys);
        assert!(stores.keys.iter().all(|key| key.description.get().unwrap().unwrap().state == "Enabled"));
    }

    fn trouble_on_the_wire_is_a_gap_of_its_kind() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        settings.call_time_limit = Duration::from_millis(400);
        settings.selection.accounts = vec![MANAGEMENT.to_owned()];
        let cases = [
            (Fault::Hang, GapReason::Timeout),
            (Fault::CutConnection, GapReason::Unreachable),
            (Fault::Html, GapReason::MalformedResponse),
            (Fault::MalformedBody, GapReason::MalformedResponse),
            (Fault::EmptyBody, GapReason::MalformedResponse),
            (Fault::ServerError { times: usize::MAX }, GapReason::ServerError),
            (Fault::Throttle { times: usize::MAX }, GapReason::Throttled),
            (Fault::ExpiredToken, GapReason::CredentialsRejected),
            (Fault::UnrecognizedClient, GapReason::CredentialsRejected),
        ];
        let calls = [
            ("cloudtrail", "GetTrailStatus"),
            ("config", "DescribeConfigurationRecorders"),
            ("logs", "DescribeLogGroups"),
            ("iam", "GetRole"),
            ("account", "ListRegions"),
            ("s3", "ListBuckets"),
            ("organizations", "ListPolicies"),
        ];
        for (fault, reason) in cases {
            for (service, operation) in calls {
                fake.fault(Matcher::operation(service, operation), fault);
            }
            let found = try_collect(&settings).unwrap();
            fake.clear_faults();
            for (_, operation) in calls {
                let gaps = found.gaps();
                let gap = gaps.iter().find(|gap| gap.operation == operation);
                let gap = gap.unwrap_or_else(|| panic!("{fault:?} of {operation} left no gap"));
                assert_eq!(gap.reason, reason, "{fault:?} of {operation}: {}", gap.detail);
            }
        }
    }

    fn throttled_calls_are_tried_again() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_attempts = 4;
        for (service, operation) in
            [("cloudtrail", "DescribeTrails"), ("s3", "GetBucketPolicy"), ("sts", "AssumeRole"), ("organizations", "ListRoots")]
        {
            fake.fault(Matcher::operation(service, operation), Fault::Throttle { times: 2 });
        }
        fake.fault(Matcher::operation("logs", "DescribeLogGroups"), Fault::ServerError { times: 2 });
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        assert_eq!(found.outcome.throttled, 8);
    }

    fn groups_that_can_have_no_subscription_are_not_asked_for_one() {
        let filters = Matcher::operation("logs", "DescribeSubscriptionFilters");
        let scan = |class: &'static str| {
            let fake = FakeAws::start(world());
            fake.tamper(move |exchange| {
                (exchange.call.key.operation == "DescribeLogGroups" && exchange.reply.status == 200).then(|| {
                    let mut reply = exchange.reply.clone();
                    reply.body = reply.body.replace("STANDARD", class);
                    Misbehaviour::Answer(reply)
                })
            });
            let found = collected(&fake, &settings(&fake, MANAGEMENT));
            assert_eq!(found.gaps(), Vec::new(), "{class}");
            fake.calls(&filters)
        };
        assert!(scan("STANDARD") > 0);
        for class in ["INFREQUENT_ACCESS", "DELIVERY"] {
            assert_eq!(scan(class), 0, "{class}");
        }
    }

    fn one_account_that_cannot_be_entered_does_not_stop_the_others() {
        let fake = FakeAws::start(world());
        fake.update(|world| world.account_mut(&workload(0)).assumable = false);
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        let closed = found.account(&workload(0));
        assert_eq!(closed.gaps[0].reason, GapReason::RoleNotAssumable);
        assert!(matches!(closed.trails, Observed::Unavailable(_)));
        assert!(closed.gaps[0].resource.as_ref().unwrap().ends_with("role/OrganizationAccountAccessRole"));
        assert_eq!(found.gaps().len(), 1);
        assert_eq!(found.account(&workload(1)).gaps, Vec::new());
    }

    fn a_member_without_rights_scans_itself_and_says_so() {
        let fake = FakeAws::start(world());
        let warnings = Mutex::new(Vec::new());
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshot");
        let member = workload(0);
        let settings = settings(&fake, &member);
        collect(&settings, &target, false, &|event| {
            if let Event::Warning(text) = event {
                warnings.lock().unwrap().push(text);
            }
        })
        .unwrap();
        assert!(warnings.lock().unwrap()[0].contains(&member));
        let found = Collected::read(&target);
        assert_eq!(found.header.accounts, [member]);
        assert!(!found.header.gaps.is_empty());
        assert!(found.accounts[0].trails.list().unwrap().is_empty());
    }

    fn a_delegated_administrator_reads_the_organization_and_its_trail() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, SECURITY);
        settings.selection.exclude_accounts = vec![MANAGEMENT.to_owned()];
        let found = collected(&fake, &settings);
        assert_eq!(found.header.accounts.len(), 4);
        assert!(matches!(found.header.organization, Observed::Known(_)));
        assert_eq!(found.account(SECURITY).trails.list().unwrap().len(), 1);
    }

    fn outside_an_organization_the_own_account_can_be_scanned_by_name_alone() {
        let fake = FakeAws::start(World::standalone(MANAGEMENT, &REGIONS));
        let mut settings = settings(&fake, MANAGEMENT);
        let error = try_collect(&settings).unwrap_err();
        assert!(matches!(error, CollectError::NoOrganization { .. }), "{error}");
        settings.selection.accounts = vec![MANAGEMENT.to_owned()];
        let found = collected(&fake, &settings);
        assert_eq!(found.header.organization, Observed::Absent);
        assert_eq!(found.gaps(), Vec::new());
    }

    fn selections_are_checked_before_anything_is_read() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection = Selection { ous: list(&["Workload"]), ..Selection::default() };
        let error = try_collect(&settings).unwrap_err().to_string();
        assert!(error.contains("did you mean \"Workloads\"?"), "{error}");
        settings.selection = Selection { regions: list(&["eu-west-11"]), ..Selection::default() };
        let error = try_collect(&settings).unwrap_err().to_string();
        assert!(error.contains("did you mean \"eu-west-1\"?"), "{error}");
        settings.selection = Selection { ous: list(&["Workloads"]), regions: list(&[HOME]), ..Selection::default() };
        let found = collected(&fake, &settings);
        assert_eq!(found.header.accounts, [workload(0), workload(1)]);
        let account = found.account(&workload(0));
        assert_eq!(account.regions.len(), 1);
        // The choice is the operator's, and what is enabled is what AWS says.
        assert_eq!(account.enabled_regions, Observed::Known(list(&REGIONS)));
        let Observed::Known(scope) = &found.header.scope else { panic!("no scope") };
        let choices: Vec<_> = scope.choices().collect();
        assert_eq!(choices, [("--ous", &list(&["Workloads"])[..]), ("--regions", &list(&[HOME])[..])]);
        assert!(scope.settings["--role-path/--role-name"].ends_with("OrganizationAccountAccessRole"));
        settings.selection = Selection { exclude_regions: list(&[HOME]), ..Selection::default() };
        let found = collected(&fake, &settings);
        let account = found.account(&workload(0));
        assert_eq!(account.enabled_regions, Observed::Known(list(&REGIONS)));
        assert!(account.regions.iter().all(|region| region.name != HOME));
    }

    fn where_the_tree_is_closed_the_flat_list_still_names_every_account() {
        let fake = FakeAws::start(world());
        let settings = settings(&fake, MANAGEMENT);
        fake.fault(Matcher::operation("organizations", "ListOrganizationalUnitsForParent"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        assert_eq!(found.accounts.len(), 5);
        let Observed::Known(organization) = &found.header.organization else { panic!("no organization") };
        let accounts = organization.accounts.list().unwrap();
        assert_eq!(accounts.iter().filter(|account| account.parent_id.get().is_err()).count(), 4);

        fake.fault(Matcher::operation("organizations", "ListAccounts"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        assert_eq!(found.header.accounts, [MANAGEMENT], "nobody can name the others");
        let mut settings = settings;
        settings.selection.ous = list(&["Workloads"]);
        let error = try_collect(&settings).unwrap_err();
        assert!(matches!(error, CollectError::Selection(_)), "{error}");
        settings.selection = Selection { accounts: vec![workload(0), ARCHIVE.to_owned()], ..Selection::default() };
        let found = collected(&fake, &settings);
        assert_eq!(found.header.accounts, [ARCHIVE.to_owned(), workload(0)]);
        assert!(found.account(&workload(0)).gaps.is_empty());
    }

    fn accounts_are_chosen_by_their_tags_or_not_at_all() {
        let fake = FakeAws::start(world());
        fake.update(|world| {
            // More than a page, and the one that counts is last.
            let many = (0..150).map(|number| (format!("tag-{number}"), String::new()));
            world.account_mut(&workload(0)).tags = many.chain([("team".into(), "orders".into())]).collect();
            world.account_mut(ARCHIVE).tags = vec![("team".into(), "Orders".into())];
        });
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection.account_tags = vec!["team=orders".parse().unwrap()];
        let found = collected(&fake, &settings);
        assert_eq!(found.header.accounts, [workload(0)]);
        settings.selection.exclude_account_tags = std::mem::take(&mut settings.selection.account_tags);
        let found = collected(&fake, &settings);
        assert!(found.header.accounts.contains(&ARCHIVE.to_owned()));
        assert!(!found.header.accounts.contains(&workload(0)));

        fake.fault(Matcher::operation("organizations", "ListTagsForResource"), Fault::AccessDenied);
        let error = try_collect(&settings).unwrap_err();
        assert!(error.to_string().contains("organizations:ListTagsForResource"), "{error}");
    }

    fn hostile_names_and_empty_pages_are_data() {
        let hostile = "<script>\u{1b}[31m\u{202e}\"\\';--";
        let fake = FakeAws::start(world());
        fake.update(|world| {
            world.empty_first_pages = true;
            hostile.clone_into(&mut world.account_mut(&workload(0)).name);
        });
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert_eq!(found.account(&workload(0)).name.as_deref(), Some(hostile));
        assert_eq!(clean(&found.gaps()), Vec::<String>::new());
        assert_eq!(found.accounts.len(), 5);
    }
}
