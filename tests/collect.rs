//! Collecting from the fake AWS, through the library's front door: what a good organization yields, and what every
//! kind of failure leaves behind.

mod collect_support;
mod fake_aws;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use collect_support::{Collected, HOME, MFA_DEVICE, REGIONS, clean, collected, settings, try_collect};
use fake_aws::healthy::{
    ACCESS_LOG_BUCKET, ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, ORGANIZATION_ID, REPLICA_BUCKET, SECURITY,
    workload,
};
use fake_aws::{FakeAws, Fault, Matcher, World};
use serde_json::{Value, json};
use trailproof::collect::{CollectError, Event, TABLE, collect};
use trailproof::model::{GapReason, Observed};
use trailproof::plan::{MfaTokenSource, Secret, Selection};

/// Tests that run in a process of their own, with the fake's credentials in its AWS configuration.
macro_rules! isolated {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {
        $($(#[$attribute])* #[test] fn $name() {
            if collect_support::is_isolated(stringify!($name)) $body
        })*
    };
}

/// A small good organization in which every call of the table has something to read.
fn world() -> World {
    let mut world = World::healthy(5, &REGIONS);
    let managed = format!("arn:aws:iam::{MANAGEMENT}:policy/Extra");
    let management = world.account_mut(MANAGEMENT);
    management.managed_policies.insert(managed.clone(), json!({ "Version": "2012-10-17", "Statement": [] }));
    for role in management.roles.values_mut() {
        role.attached_policies.push(managed.clone());
    }
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
        assert!(settings.organization_trail && settings.multi_region && settings.log_file_validation);
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
        assert_eq!(names, [ACCESS_LOG_BUCKET, ARCHIVE_BUCKET, REPLICA_BUCKET]);
        let archive = &stores.buckets[1];
        assert_eq!(archive.object_lock.get().unwrap().unwrap().default_retention.as_ref().unwrap().days, 400);
        assert!(archive.replication.get().unwrap().unwrap().rules[0].owner_override);
        assert!(archive.policy.get().unwrap().unwrap().contains("TrailWrite"));
        assert_eq!(stores.buckets[2].region, Observed::Known("us-east-1".to_owned()));
        assert_eq!(stores.buckets[2].replication, Observed::Absent);
        assert!(stores.public_access_block.get().unwrap().unwrap().is_complete());
        assert_eq!(stores.keys.len(), 3, "trail, log groups at home, replica: {:?}", stores.keys);
        assert!(stores.keys.iter().all(|key| key.description.get().unwrap().unwrap().state == "Enabled"));
    }

    fn every_session_is_under_the_read_only_policy() {
        let fake = FakeAws::start(world());
        collected(&fake, &settings(&fake, MANAGEMENT));
        let sessions = fake.sessions();
        assert!(sessions.len() >= 4);
        for session in sessions {
            let policy = session.policy.expect("a session policy");
            assert!(policy.len() <= 2048 && policy.contains("cloudtrail:ListTrails"));
            assert_eq!(session.name, "trailproof");
        }
    }

    fn each_call_that_is_denied_leaves_its_own_facts_unknown_and_no_others() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        // A real account has all default regions, which are read where it does not say; this one has two. Where these are
        // named, nobody needs to ask for them.
        settings.selection.regions = list(&REGIONS);
        let good = collected(&fake, &settings);
        let asked: BTreeSet<_> = fake.counts().into_keys().map(|key| (key.service, key.operation)).collect();
        let mut unasked = Vec::new();
        for call in TABLE {
            let service = if call.operation == "GetPublicAccessBlock" && call.actions == ["s3:GetAccountPublicAccessBlock"] {
                "s3control"
            } else {
                call.service
            };
            if !asked.contains(&(service.to_owned(), call.operation.to_owned())) {
                unasked.push(call.operation);
                continue;
            }
            fake.fault(Matcher::operation(service, call.operation), Fault::AccessDenied);
            let result = try_collect(&settings);
            fake.clear_faults();
            if call.operation == "GetCallerIdentity" {
                assert!(matches!(result, Err(CollectError::NoCredentials { .. })), "{result:?}");
                continue;
            }
            let denied = result.unwrap();
            let gaps = denied.gaps();
            assert!(!gaps.is_empty(), "{} was denied and nothing says so", call.operation);
            let wanted = if call.operation == "AssumeRole" { GapReason::RoleNotAssumable } else { GapReason::AccessDenied };
            // Where nothing is in scope but the own account, keys of others are not either.
            let own = gaps.iter().filter(|gap| gap.reason != GapReason::NotCollected);
            for gap in own {
                assert_eq!((gap.operation.as_str(), gap.reason), (call.operation, wanted), "{gap:?}");
            }
            let ids: BTreeSet<String> = gaps.iter().map(|gap| gap.id.to_string()).collect();
            let mut differences = Vec::new();
            compare("", &good.facts(), &denied.facts(), &ids, &mut differences);
            differences.retain(|path| !follows(call.operation, path));
            assert_eq!(differences, Vec::<String>::new(), "{} was denied", call.operation);
        }
        assert_eq!(unasked, ["GetSessionToken", "ListAccounts", "ListTagsForResource", "ListRegions", "GetBucketLocation"], "calls for special cases");
    }
}

/// What a denial hides besides the facts of its own call: what could only be found through it.
fn follows(operation: &str, path: &str) -> bool {
    let hides: &[&str] = match operation {
        // Without trails and channels nobody names the buckets and keys; without inventories they have no owner.
        "ListTrails"
        | "DescribeTrails"
        | "DescribeDeliveryChannels"
        | "ListBuckets"
        | "DescribeLogGroups"
        // Buckets lead to further ones, and to keys.
        | "GetBucketLogging"
        | "GetBucketReplication"
        | "GetBucketEncryption" => &["/stores"],
        "AssumeRole" => &["/accounts", "/stores"],
        "DescribeOrganization" => &["/header", "/accounts", "/stores"],
        // Without the root there is no tree to walk.
        "ListRoots" => {
            &["/header/organization/known/organizational_units", "/header/organization/known/accounts"]
        }
        "ListOrganizationalUnitsForParent" => &["/header/organization/known/accounts"],
        "ListDelegatedAdministrators" => &["/accounts"],
        _ => &[],
    };
    hides.iter().any(|start| path.starts_with(start))
}

/// Collects the paths at which the second value differs from the first by anything but an admitted gap.
fn compare(path: &str, good: &Value, other: &Value, gaps: &BTreeSet<String>, differences: &mut Vec<String>) {
    if good == other {
        return;
    }
    if let Some(gap) = other.get("unavailable").and_then(Value::as_str) {
        assert!(gaps.contains(gap), "{path} points to the gap {gap}, which is not in the snapshot");
        return;
    }
    match (good, other) {
        (Value::Object(one), Value::Object(two)) if one.keys().eq(two.keys()) => {
            for (key, value) in one {
                compare(&format!("{path}/{key}"), value, &two[key], gaps, differences);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (index, (one, two)) in one.iter().zip(two).enumerate() {
                compare(&format!("{path}/{index}"), one, two, gaps, differences);
            }
        }
        _ => differences.push(path.to_owned()),
    }
}

isolated! {
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

    fn empty_answers_of_stores_are_no_facts() {
        let fake = FakeAws::start(World::healthy(3, &[HOME]));
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection.accounts = vec![MANAGEMENT.to_owned(), ARCHIVE.to_owned()];
        collected(&fake, &settings);
        let asked: BTreeSet<_> = fake.counts().into_keys().map(|key| (key.service, key.operation)).collect();
        for fault in [Fault::EmptyBody, Fault::Html, Fault::MalformedBody] {
            for (service, operation) in asked.iter().filter(|(service, _)| ["s3", "s3control", "kms"].contains(&service.as_str())) {
                fake.fault(Matcher::operation(service, operation), fault);
                let found = try_collect(&settings).unwrap();
                fake.clear_faults();
                let gaps = found.gaps();
                assert!(!gaps.is_empty(), "{fault:?} of {service} {operation} was taken for an answer");
                assert!(gaps.iter().all(|gap| gap.reason == GapReason::MalformedResponse), "{gaps:?}");
            }
        }
    }

    fn throttled_calls_are_tried_again() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_attempts = 4;
        for (service, operation) in
            [("cloudtrail", "ListTrails"), ("s3", "GetBucketPolicy"), ("sts", "AssumeRole"), ("organizations", "ListRoots")]
        {
            fake.fault(Matcher::operation(service, operation), Fault::Throttle { times: 2 });
        }
        fake.fault(Matcher::operation("logs", "DescribeLogGroups"), Fault::ServerError { times: 2 });
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        assert_eq!(found.outcome.throttled, 8);
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

    fn an_account_that_takes_too_long_keeps_what_was_read() {
        let fake = FakeAws::start(world());
        fake.fault(Matcher::operation("logs", "DescribeLogGroups").account(&workload(0)), Fault::Hang);
        let mut settings = settings(&fake, MANAGEMENT);
        settings.account_time_limit = Duration::from_secs(3);
        settings.call_time_limit = Duration::from_mins(1);
        let found = collected(&fake, &settings);
        let slow = found.account(&workload(0));
        assert!(slow.gaps.iter().all(|gap| gap.reason == GapReason::Timeout), "{:?}", slow.gaps);
        assert!(matches!(slow.regions[0].log_groups, Observed::Unavailable(_)));
        assert_eq!(slow.regions[0].recorders.list().unwrap().len(), 1);
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
        assert_eq!(found.account(&workload(0)).regions.len(), 1);
    }

    fn keys_outside_the_scope_are_known_to_be_unknown() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection.accounts = vec![MANAGEMENT.to_owned()];
        let found = collected(&fake, &settings);
        let stores = found.stores(ARCHIVE);
        assert!(stores.buckets.is_empty() && !stores.keys.is_empty());
        assert_eq!(stores.gaps[0].reason, GapReason::NotCollected);
        assert!(stores.keys.iter().all(|key| matches!(key.description, Observed::Unavailable(_))));
    }

    fn nothing_secret_is_stored_and_the_file_is_the_owners_alone() {
        let fake = FakeAws::start(world());
        fake.update(|world| world.external_id = Some("hush-external-id".to_owned()));
        // What is refused is quoted in gaps, and must not carry the session along.
        fake.fault(Matcher::operation("kms", "GetKeyPolicy"), Fault::AccessDenied);
        let mut settings = settings(&fake, MANAGEMENT);
        settings.role.external_id = Some(Secret::new("hush-external-id"));
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshot");
        collect(&settings, &target, false, &|_| {}).unwrap();
        let text = String::from_utf8(zstd::decode_all(std::fs::File::open(&target).unwrap()).unwrap()).unwrap();
        for secret in ["hush-external-id", "secret-of-", "session-token-of-", "AKIA", "ASIA"] {
            assert!(!text.contains(secret), "{secret}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(!folder.path().join("snapshot.partial").exists());
    }

    fn two_runs_differ_in_their_time_alone() {
        let fake = FakeAws::start(world());
        fake.fault(Matcher::operation("kms", "GetKeyPolicy"), Fault::AccessDenied);
        fake.fault(Matcher::operation("logs", "DescribeDestinations"), Fault::CutConnection);
        let settings = settings(&fake, MANAGEMENT);
        let (one, two) = (collected(&fake, &settings), collected(&fake, &settings));
        assert_eq!(one.text(), two.text());
    }

    fn a_session_that_ends_is_renewed() {
        let fake = FakeAws::start(World::healthy(4, &REGIONS));
        let settings = settings(&fake, MANAGEMENT);
        let whole = collected(&fake, &settings);
        let entered = Matcher::operation("sts", "AssumeRole").account(&workload(0));
        assert_eq!(fake.calls(&entered), 1);

        fake.reset_recording();
        fake.update(|world| world.session_lifetime = Some(Duration::from_millis(500)));
        fake.latency(Duration::from_millis(60));
        let renewed = collected(&fake, &settings);
        assert_eq!(renewed.gaps(), Vec::new());
        assert_eq!(renewed.text(), whole.text());
        assert!(fake.calls(&entered) > 1, "half a second is not enough for one session");
    }

    fn an_expired_caller_ends_the_run_and_a_resumed_one_goes_on() {
        let fake = FakeAws::start(World::healthy(12, &REGIONS));
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_concurrency = 2;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshot");
        fake.fault(Matcher::operation("sts", "AssumeRole").account(&workload(5)), Fault::ExpiredToken);
        let error = collect(&settings, &target, false, &|_| {}).unwrap_err();
        assert!(matches!(error, CollectError::CredentialsExpired { .. }), "{error}");
        assert!(!target.exists());
        fake.clear_faults();
        fake.reset_recording();

        let resumed = Mutex::new(0);
        let outcome = collect(&settings, &target, true, &|event| {
            if let Event::Discovered { resumed: count, .. } = event {
                *resumed.lock().unwrap() = count;
            }
        })
        .unwrap();
        assert!(*resumed.lock().unwrap() >= 5, "{resumed:?}");
        assert_eq!(fake.calls(&Matcher::operation("cloudtrail", "ListTrails").account(&workload(0))), 0);
        assert_eq!(outcome.accounts, 12);
        let whole = collected(&fake, &settings);
        assert_eq!(Collected::read(&target).text(), whole.text());
    }

    fn a_partial_file_of_another_scope_is_not_resumed() {
        let fake = FakeAws::start(World::healthy(8, &REGIONS));
        let mut settings = settings(&fake, MANAGEMENT);
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshot");
        fake.fault(Matcher::operation("sts", "AssumeRole").account(&workload(3)), Fault::ExpiredToken);
        collect(&settings, &target, false, &|_| {}).unwrap_err();
        fake.clear_faults();
        settings.selection.exclude_accounts = vec![workload(0)];
        let error = collect(&settings, &target, true, &|_| {}).unwrap_err().to_string();
        assert!(error.contains("begun with other settings"), "{error}");
    }

    fn two_hundred_accounts_are_read_at_once_and_within_the_limit() {
        let fake = FakeAws::start(World::healthy(200, &REGIONS));
        fake.latency(Duration::from_millis(5));
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_concurrency = 16;
        settings.call_time_limit = Duration::from_mins(1);
        let found = collected(&fake, &settings);
        assert_eq!(found.accounts.len(), 200);
        assert_eq!(found.gaps(), Vec::new());
        assert!((8..=16).contains(&fake.max_concurrency()), "{}", fake.max_concurrency());
    }

    fn what_cannot_work_at_all_is_one_clear_error() {
        let fake = FakeAws::start(world());
        let base = settings(&fake, MANAGEMENT);
        let with = |fault| {
            fake.fault(Matcher::operation("sts", "GetCallerIdentity"), fault);
            let error = try_collect(&base).unwrap_err();
            fake.clear_faults();
            error
        };
        assert!(matches!(with(Fault::Html), CollectError::NotAws { .. }));
        assert!(matches!(with(Fault::ExpiredToken), CollectError::CredentialsExpired { .. }));
        assert!(matches!(with(Fault::UnrecognizedClient), CollectError::NoCredentials { .. }));
        assert!(matches!(with(Fault::CutConnection), CollectError::CannotReach { .. }));
        let mut nobody = base.clone();
        nobody.profile = Some("no-such-profile".to_owned());
        let error = try_collect(&nobody).unwrap_err();
        assert!(matches!(error, CollectError::NoCredentials { .. }), "{error}");
        let mut closed = base.clone();
        closed.endpoint_url = Some("http://127.0.0.1:9".to_owned());
        let error = try_collect(&closed).unwrap_err();
        assert!(matches!(error, CollectError::CannotReach { .. }), "{error}");
        let mut short = base;
        short.role.session_duration = Duration::from_mins(1);
        assert!(try_collect(&short).unwrap_err().to_string().contains("--session-duration"));
    }

    fn the_mfa_device_of_a_profile_is_honoured() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, "mfa");
        let error = try_collect(&settings).unwrap_err();
        assert!(matches!(&error, CollectError::Mfa { serial, .. } if serial == MFA_DEVICE), "{error}");
        settings.mfa_token = Some(MfaTokenSource::new(|_| Ok("12345".to_owned())));
        assert!(try_collect(&settings).unwrap_err().to_string().contains("six digits"));
        settings.mfa_token = Some(MfaTokenSource::new(|serial| {
            assert_eq!(serial, MFA_DEVICE);
            Ok("123456\n".to_owned())
        }));
        settings.selection.accounts = vec![MANAGEMENT.to_owned()];
        let found = collected(&fake, &settings);
        assert_eq!(found.header.caller_account_id, MANAGEMENT);
        let requests = fake.requests();
        let first = requests.iter().find(|request| request.key.operation == "AssumeRole").unwrap();
        assert_eq!(first.parameters["SerialNumber"], MFA_DEVICE);
        assert_eq!(first.parameters["TokenCode"], "123456");
        assert_eq!(first.parameters["ExternalId"], "of-the-profile");
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

    fn a_bucket_is_found_where_the_listing_does_not_say() {
        let fake = FakeAws::start(world());
        fake.update(|world| world.hides_bucket_regions = true);
        let mut settings = settings(&fake, MANAGEMENT);
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        let replica = &found.stores(ARCHIVE).buckets[2];
        assert_eq!(replica.region, Observed::Known("us-east-1".to_owned()));
        assert_eq!(replica.versioning.get().unwrap().unwrap().status.as_deref(), Some("Enabled"));

        settings.selection.accounts = vec![MANAGEMENT.to_owned(), ARCHIVE.to_owned()];
        fake.fault(Matcher::operation("s3", "GetBucketLocation"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        let archive = &found.stores(ARCHIVE).buckets[1];
        assert!(matches!(archive.region, Observed::Unavailable(_)));
        assert!(archive.versioning.get().is_ok(), "it is in the region that is asked first");
    }

    fn a_bucket_behind_a_redirect_is_read_where_it_is() {
        let fake = FakeAws::start(world());
        fake.update(|world| world.hides_bucket_regions = true);
        fake.fault(Matcher::operation("s3", "GetBucketLocation"), Fault::AccessDenied);
        let mut settings = settings(&fake, MANAGEMENT);
        // From the first region S3 answers 301, from any other 400; both name the bucket's region.
        for (region, bucket, place) in [("us-east-1", 1, HOME), (HOME, 2, "us-east-1")] {
            settings.region = Some(region.to_owned());
            let found = collected(&fake, &settings);
            let read = &found.stores(ARCHIVE).buckets[bucket];
            assert_eq!(read.region, Observed::Known(place.to_owned()));
            assert_eq!(read.versioning.get().unwrap().unwrap().status.as_deref(), Some("Enabled"));
            let gaps = found.gaps();
            assert!(gaps.iter().all(|gap| gap.resource.as_deref() != Some(read.name.as_str())), "{gaps:?}");
        }
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
