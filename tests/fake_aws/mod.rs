//! A fake AWS on loopback: answers the real wire protocols of the services that Trailproof reads, from a
//! [`World`] held in memory, and misbehaves on demand.
//!
//! `world` holds the state, `healthy` fills it with a good organization, `server` speaks HTTP, `call` says who
//! calls what, `protocol` words the answers, `faults` and `recording` are for the tests; the other modules are
//! one AWS service each. A test crate includes all of it with `mod fake_aws;`, a bench with `#[path]`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a fake stops at the first surprise; an absent member of a JSON value reads as null"
)]
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test crate uses a part of the fake")]

mod account;
mod call;
mod cloudtrail;
mod config;
mod encoding;
mod faults;
pub mod healthy;
mod iam;
mod kms;
pub mod logs;
pub mod objects;
pub mod observabilityadmin;
mod organizations;
mod protocol;
mod recording;
mod s3;
pub mod securityhub;
mod server;
mod session_policy;
pub mod streams;
mod sts;
mod tamper;
mod template;
mod throttle;
pub mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use call::Call;
pub use faults::{Fault, Matcher, Misbehaviour};
pub use protocol::{Protocol, Reply};
pub use recording::{CallKey, Recorded};
pub use sts::{Credentials, Session};
pub use tamper::{Exchange, Tamper};
pub use world::World;

use server::Shared;

/// A running fake, on its own thread and runtime; it ends when dropped.
pub struct FakeAws {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeAws {
    /// Serves `world` on a free loopback port.
    pub fn start(world: World) -> Self {
        let shared = Arc::new(Shared::new(world));
        let (address, stop, thread) = server::spawn(Arc::clone(&shared));
        Self { address, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// For `endpoint_url` or `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port alone, for `http://localhost:PORT`: S3 Control puts the account id before the host name, and the
    /// client must resolve `<account>.localhost` or `<account>.127.0.0.1` to loopback itself.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Long-lived keys of an administrator of the account.
    pub fn credentials(account: &str) -> Credentials {
        sts::user_credentials(account)
    }

    /// The environment that points the AWS SDK of a child process here, as an administrator of the account.
    pub fn environment(&self, account: &str, region: &str) -> Vec<(&'static str, String)> {
        let keys = Self::credentials(account);
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_REGION", region.to_owned()),
            ("AWS_ACCESS_KEY_ID", keys.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ]
    }

    /// Changes the world while it is served.
    pub fn update(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.world_mut());
    }

    /// Adds a fault; the first one that matches a call, and is not used up, decides its answer.
    pub fn fault(&self, matcher: Matcher, fault: Fault) {
        self.shared.faults().add(matcher, fault);
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// Puts every answer into these hands before it leaves, from now on.
    pub fn tamper(&self, tamper: impl Fn(&Exchange<'_>) -> Option<Misbehaviour> + Send + Sync + 'static) {
        self.shared.set_tamper(Arc::new(tamper));
    }

    /// Delays every answer from now on.
    pub fn latency(&self, latency: Duration) {
        self.shared.set_latency(latency);
    }

    /// Refuses calls that come faster than so many a second for each service and operation, from now on.
    pub fn throttle(&self, rate: impl Fn(&str, &str) -> Option<u32> + Send + 'static) {
        self.shared.throttle().set(Box::new(rate));
    }

    /// Calls that were refused for that.
    pub fn throttled(&self) -> usize {
        self.shared.throttle().refused()
    }

    /// Every object that was uploaded.
    pub fn uploads(&self) -> objects::Uploads {
        self.shared.uploads().clone()
    }

    /// Cuts an object that was uploaded in half.
    pub fn spoil(&self, bucket: &str, key: &str) {
        let mut uploads = self.shared.uploads();
        let object = uploads.get_mut(&(bucket.to_owned(), key.to_owned())).expect("it was uploaded");
        object.body = object.body.slice(..object.body.len() / 2);
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recording().requests.clone()
    }

    /// How many calls the matcher fits.
    pub fn calls(&self, matcher: &Matcher) -> usize {
        self.shared.recording().requests.iter().filter(|request| matcher.fits(&request.key)).count()
    }

    /// Calls per account, region, service and operation.
    pub fn counts(&self) -> BTreeMap<CallKey, usize> {
        let mut counts = BTreeMap::new();
        for request in &self.shared.recording().requests {
            *counts.entry(request.key.clone()).or_insert(0) += 1;
        }
        counts
    }

    /// The distinct operations called, as `service:Operation`.
    pub fn operations(&self) -> BTreeSet<String> {
        let recording = self.shared.recording();
        recording.requests.iter().map(|r| format!("{}:{}", r.key.service, r.key.operation)).collect()
    }

    /// Requests that the fake has no answer for; empty in a good run.
    pub fn unexpected(&self) -> Vec<String> {
        self.shared.recording().unexpected.clone()
    }

    /// IAM actions that a session policy refused, with the account: permissions missing from the policy.
    pub fn refused_actions(&self) -> BTreeSet<(String, String)> {
        self.shared.recording().refused_actions.clone()
    }

    /// The most requests that were in progress at one time.
    pub fn max_concurrency(&self) -> usize {
        self.shared.recording().max_in_progress
    }

    /// Security Hub of an account in a region.
    pub fn security_hub<T>(&self, use_it: impl FnOnce(&mut securityhub::Hubs) -> T) -> T {
        use_it(&mut self.shared.hubs())
    }

    /// Forgets requests and counts; sessions, faults and the world stay.
    pub fn reset_recording(&self) {
        self.shared.recording().reset();
    }

    /// Sessions given out by `AssumeRole`, with their session policies.
    pub fn sessions(&self) -> Vec<Session> {
        self.shared.sessions().list()
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only if the server thread already ended.
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
