//! A run as a whole: its sessions, its limits, what it stores, how it ends and how it is taken up again.

use std::sync::Mutex;
use std::time::Duration;

use trailproof::collect::{CollectError, Event};
use trailproof::model::{GapReason, Observed};
use trailproof::plan::{CollectSettings, MfaTokenSource, Secret};
use trailproof::snapshot::Partial;

use crate::collect_support::{
    Collected, HOME, MFA_DEVICE, REGIONS, collect, collected, settings, try_collect,
};
use crate::fake_aws::healthy::{MANAGEMENT, workload};
use crate::fake_aws::{FakeAws, Fault, Matcher, World};
use crate::world;

/// One setting, set otherwise.
type Change = fn(&mut CollectSettings);

isolated! {
    fn every_session_is_under_the_read_only_policy() {
        let fake = FakeAws::start(world());
        collected(&fake, &settings(&fake, MANAGEMENT));
        let sessions = fake.sessions();
        assert!(sessions.len() >= 4);
        for session in sessions {
            let policy = session.policy.expect("a session policy");
            assert!(policy.len() <= 2048 && policy.contains("cloudtrail:DescribeTrails"));
            assert_eq!(session.name, "trailproof");
        }
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
        fake.update(|world| world.session_lifetime = Some(Duration::from_secs(5)));
        fake.latency(Duration::from_millis(60));
        let renewed = collected(&fake, &settings);
        assert_eq!(renewed.gaps(), Vec::new());
        assert_eq!(renewed.text(), whole.text());
        assert!(fake.calls(&entered) > 1, "what ends so soon is renewed before it is used");
    }

    fn the_credentials_of_another_account_enter_none() {
        let fake = FakeAws::start(World::healthy(5, &REGIONS));
        let settings = settings(&fake, MANAGEMENT);
        let other = Matcher::any().account(&workload(1));
        let whole = collected(&fake, &settings);
        let asked = fake.calls(&other);

        fake.reset_recording();
        fake.update(|world| world.credentials_mixed_up = Some((workload(0), workload(1))));
        let found = collected(&fake, &settings);
        assert_eq!(fake.calls(&other), asked + 1, "the other account is asked who it is, and nothing more");
        assert_eq!(found.account(&workload(1)), whole.account(&workload(1)));
        let [gap] = found.account(&workload(0)).gaps.as_slice() else { panic!("{:?}", found.gaps()) };
        assert_eq!((gap.operation.as_str(), gap.reason), ("GetCallerIdentity", GapReason::MalformedResponse));
        assert!(gap.detail.contains("another account"), "{}", gap.detail);
        assert!(found.account(&workload(0)).enabled_regions.get().is_err());
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
        assert_eq!(fake.calls(&Matcher::operation("cloudtrail", "DescribeTrails").account(&workload(0))), 0);
        assert_eq!(outcome.accounts, 12);
        let whole = collected(&fake, &settings);
        assert_eq!(Collected::read(&target).text(), whole.text());
    }

    fn a_partial_file_of_another_scope_is_not_resumed() {
        let fake = FakeAws::start(World::healthy(8, &REGIONS));
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_concurrency = 2;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshot");
        fake.fault(Matcher::operation("sts", "AssumeRole").account(&workload(4)), Fault::ExpiredToken);
        collect(&settings, &target, false, &|_| {}).unwrap_err();
        fake.clear_faults();
        let kept = std::fs::read(Partial::path_of(&target)).unwrap();
        let changes: [(&str, Change); 6] = [
            ("--exclude-accounts", |it| it.selection.exclude_accounts = vec![workload(0)]),
            ("--regions", |it| it.selection.regions = vec![HOME.to_owned()]),
            ("--exclude-regions", |it| it.selection.exclude_regions = vec![HOME.to_owned()]),
            ("--role-name", |it| it.role.name = "Another".to_owned()),
            ("--read-account-tags", |it| it.read_account_tags = true),
            ("centralized_log_groups", |it| it.expectations.centralized_log_groups = Vec::new()),
        ];
        for (what, change) in changes {
            let mut other = settings.clone();
            change(&mut other);
            let error = collect(&other, &target, true, &|_| {}).unwrap_err().to_string();
            assert!(error.contains("begun otherwise") && error.contains(what), "{what}: {error}");
            assert_eq!(std::fs::read(Partial::path_of(&target)).unwrap(), kept, "{what}");
        }
        let error = collect(&settings, &target, false, &|_| {}).unwrap_err().to_string();
        assert!(error.contains("keeps") && error.contains("of an interrupted run"), "{error}");
        collect(&settings, &target, true, &|_| {}).unwrap();
        let finished = std::fs::read(&target).unwrap();
        let error = collect(&settings, &target, true, &|_| {}).unwrap_err().to_string();
        assert!(error.contains("nothing to resume"), "{error}");
        assert_eq!(std::fs::read(&target).unwrap(), finished);
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
        assert!(try_collect(&short).unwrap_err().to_string().contains("session_duration"));
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
}
