//! At the rates of the APIs: a fake that refuses what comes faster hardly ever has to.

use std::time::{Duration, Instant};

use trailproof::collect::TABLE;

use crate::collect_support::{REGIONS, collected, settings};
use crate::fake_aws::healthy::MANAGEMENT;
use crate::fake_aws::{FakeAws, World};

/// Calls per second that the table gives, which the documentation lists.
fn documented(service: &str, operation: &str) -> Option<u32> {
    let mut calls =
        TABLE.iter().filter(|call| call.operation == operation && service.starts_with(call.service));
    calls.next().map(|call| call.per_second)
}

isolated! {
    fn accounts_are_entered_no_faster_than_sts_lets_the_caller() {
        let fake = FakeAws::start(World::healthy(80, &REGIONS[..1]));
        fake.throttle(documented);
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_attempts = 5;
        let begun = Instant::now();
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        assert_eq!(found.accounts.len(), 80);
        let calls = usize::try_from(found.outcome.calls).unwrap();
        assert!(fake.throttled() * 100 < calls, "{} of {calls} calls were refused", fake.throttled());
        // 79 accounts, the first 50 of them at once, and those again that own buckets and keys.
        assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
    }

    fn a_scan_slows_down_for_an_aws_that_is_slower_than_documented() {
        let fake = FakeAws::start(World::healthy(10, &REGIONS));
        fake.throttle(|service, operation| documented(service, operation).map(|rate| rate.div_ceil(3)));
        let mut settings = settings(&fake, MANAGEMENT);
        settings.max_attempts = 8;
        let found = collected(&fake, &settings);
        assert!(fake.throttled() > 0, "nothing was refused");
        assert_eq!(found.outcome.throttled, u64::try_from(fake.throttled()).unwrap());
        assert_eq!(found.gaps(), Vec::new());
    }
}
