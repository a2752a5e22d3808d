//! Refuses calls that come faster than a rate: a token bucket for each API in each region of the account whose
//! credentials call, which is how AWS counts. A bucket holds the tokens of one second.

use std::collections::HashMap;
use std::time::Instant;

use super::recording::CallKey;

/// Calls per second of a service's operation, if they are limited.
pub type Rate = Box<dyn Fn(&str, &str) -> Option<u32> + Send>;

#[derive(Default)]
pub struct Throttle {
    rate: Option<Rate>,
    buckets: HashMap<(String, String, String, String), Bucket>,
    refused: usize,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    pub fn set(&mut self, rate: Rate) {
        *self = Self { rate: Some(rate), ..Self::default() };
    }

    /// Calls that were refused.
    pub fn refused(&self) -> usize {
        self.refused
    }

    /// Whether this call of an account comes too soon.
    pub fn refuses(&mut self, caller: &str, key: &CallKey) -> bool {
        let rate = self.rate.as_ref().and_then(|rate| rate(&key.service, &key.operation));
        let Some(rate) = rate.map(f64::from) else { return false };
        let now = Instant::now();
        let place = (caller.to_owned(), key.region.clone(), key.service.clone(), key.operation.clone());
        let bucket = self.buckets.entry(place).or_insert(Bucket { tokens: rate, filled: now });
        let refilled = now.duration_since(bucket.filled).as_secs_f64() * rate;
        (bucket.tokens, bucket.filled) = ((bucket.tokens + refilled).min(rate), now);
        if bucket.tokens < 1.0 {
            self.refused += 1;
            return true;
        }
        bucket.tokens -= 1.0;
        false
    }
}
