//! How fast calls may follow each other, and how many may be in flight: [`super::call`] keeps to it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use super::gate::Gate;
use super::locking::lock;
use super::sockets;
use super::table::Call;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Limits and counts that all accounts share.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(super) gate: Gate,
    /// Of calls that AWS counts for the caller, whatever account they are about.
    pub(super) of_caller: RateLimits,
    pub(super) max_attempts: u32,
    pub(super) time_limit: Duration,
    pub(super) made: AtomicU64,
    pub(super) throttled: AtomicU64,
}

impl Calls {
    /// At most `max_concurrency` in flight, and as many as there are sockets for.
    pub(crate) fn new(max_concurrency: usize, max_attempts: u32, time_limit: Duration) -> Self {
        Self {
            gate: Gate::new(max_concurrency.min(sockets::most_calls())),
            of_caller: RateLimits::default(),
            max_attempts,
            time_limit,
            made: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
        }
    }

    /// The most calls that will ever be in flight.
    pub(crate) fn most(&self) -> usize {
        self.gate.most()
    }

    /// Calls that may be in flight now.
    pub(crate) fn at_once(&self) -> usize {
        self.gate.size()
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

/// SDK service, operation, region.
type Kind = (&'static str, &'static str, Option<String>);

/// The pace of each kind of call of one account.
#[derive(Debug, Default)]
pub(super) struct RateLimits(Mutex<HashMap<Kind, Arc<RateLimit>>>);

impl RateLimits {
    pub(super) fn of(&self, call: &'static Call, region: Option<&str>) -> Arc<RateLimit> {
        let kind = (call.sdk_service, call.operation, region.map(str::to_owned));
        let mut limits = lock(&self.0);
        let limit = limits.entry(kind).or_insert_with(|| {
            let rate = NonZeroU32::new(call.per_second).unwrap_or(NonZeroU32::MIN);
            let tokens = RateLimiter::direct(Quota::per_second(rate));
            Arc::new(RateLimit { tokens, closed_until: Mutex::new(None) })
        });
        Arc::clone(limit)
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
