//! How fast calls may follow each other, and how many may be in flight: [`super::call`] keeps to it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::DefaultDirectRateLimiter;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::locking::lock;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Limits and counts that all accounts share.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(super) permits: Semaphore,
    pub(super) max_attempts: u32,
    pub(super) time_limit: Duration,
    pub(super) made: AtomicU64,
    pub(super) throttled: AtomicU64,
}

impl Calls {
    pub(crate) fn new(max_concurrency: usize, max_attempts: u32, time_limit: Duration) -> Self {
        Self {
            permits: Semaphore::new(max_concurrency),
            max_attempts,
            time_limit,
            made: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
        }
    }

    /// Calls so far, retries among them.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Calls so far that AWS refused for their rate.
    pub(crate) fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }
}

/// The pace of one kind of call in one region of one account.
#[derive(Debug)]
pub(super) struct RateLimit {
    pub(super) tokens: DefaultDirectRateLimiter,
    /// After a refusal for the rate, all calls of the kind wait, not only the refused one.
    pub(super) closed_until: Mutex<Option<Instant>>,
}

impl RateLimit {
    /// Waits until a call may be made.
    pub(super) async fn wait(&self) {
        loop {
            let wait = *lock(&self.closed_until);
            match wait {
                Some(instant) if instant > Instant::now() => tokio::time::sleep_until(instant).await,
                _ => break,
            }
        }
        self.tokens.until_ready().await;
    }
}

/// Doubles with each attempt; by chance up to half of it less, so that accounts do not come back in step.
pub(crate) fn pause_after(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
    longest.mul_f64(1.0 - fastrand::f64() / 2.0)
}
