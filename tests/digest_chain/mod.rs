//! An archive as CloudTrail writes it, made for a test: signed digests and the logs that they list, over accounts,
//! regions, trails and hours.
//!
//! [`Plan`] says what to make, [`Archive`] holds the objects of one bucket, `tamper` has an operation for every
//! kind of defect, `offline` verifies an archive without a server. Written from the format's specification and not
//! with the code under test, but for key names. A test crate includes all of it with `mod digest_chain;`, a bench with
//! `#[path]`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a generator stops at the first surprise; an absent member of a JSON value reads as null"
)]
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test crate uses a part of it")]

pub mod content;
pub mod gzip;
pub mod keys;
pub mod offline;
pub mod tamper;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use trailproof::integrity::{Folder, TimeRange};

use self::keys::SigningKey;

/// What to make.
#[derive(Debug, Clone)]
pub struct Plan {
    pub bucket: String,
    /// Without slashes at its ends; empty for none.
    pub prefix: String,
    /// The folder of an organization trail.
    pub organization_id: Option<String>,
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    /// All of them log every region of every account; their home is the first region.
    pub trails: Vec<String>,
    /// The beginning of the first digest.
    pub start: DateTime<Utc>,
    pub hours: u32,
    pub logs_per_hour: u32,
    /// The size of a log before compression, about.
    pub log_bytes: usize,
    /// Hours in which logging is stopped after 40 minutes, and how many hours later it starts again.
    pub stops: Vec<(u32, u32)>,
    /// Hours of which a log came late, in a backfill digest.
    pub backfills: Vec<u32>,
}

impl Default for Plan {
    /// An account and region with a day of two small logs an hour.
    fn default() -> Self {
        Self {
            bucket: "archive-logs".to_owned(),
            prefix: String::new(),
            organization_id: None,
            accounts: vec!["111122223333".to_owned()],
            regions: vec!["us-east-1".to_owned()],
            trails: vec!["management".to_owned()],
            start: time("2026-11-01T00:01:31Z"),
            hours: 24,
            logs_per_hour: 2,
            log_bytes: 2_000,
            stops: Vec::new(),
            backfills: Vec::new(),
        }
    }
}

pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// An object of the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub body: Vec<u8>,
    /// User metadata.
    pub metadata: BTreeMap<String, String>,
}

/// Which chain: account, region, trail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainName {
    pub account_id: String,
    pub region: String,
    pub trail: String,
}

/// What CloudTrail delivered to a bucket.
#[derive(Debug, Clone)]
pub struct Archive {
    pub plan: Plan,
    pub objects: BTreeMap<String, Object>,
    /// Keys of the digests of each chain by time, backfill digests apart.
    pub chains: BTreeMap<ChainName, Vec<String>>,
    /// Keys of the backfill digests.
    pub backfills: BTreeMap<ChainName, Vec<String>>,
}

/// The digest that another one follows, with what it says of it.
struct Link {
    key: String,
    sha256: String,
    signature: String,
}

impl Archive {
    pub fn generate(plan: Plan) -> Self {
        let mut archive =
            Self { objects: BTreeMap::new(), chains: BTreeMap::new(), backfills: BTreeMap::new(), plan };
        let plan = archive.plan.clone();
        for account_id in &plan.accounts {
            for region in &plan.regions {
                for trail in &plan.trails {
                    let (account_id, region, trail) = (account_id.clone(), region.clone(), trail.clone());
                    archive.generate_chain(&ChainName { account_id, region, trail });
                }
            }
        }
        archive
    }

    /// The end of the last digest.
    pub fn end(&self) -> DateTime<Utc> {
        self.plan.start + TimeDelta::hours(self.plan.hours.into())
    }

    pub fn range(&self) -> TimeRange {
        TimeRange { from: self.plan.start, to: self.end() }
    }

    pub fn folder(&self, account_id: &str, region: &str) -> Folder {
        Folder {
            bucket: self.plan.bucket.clone(),
            prefix: self.plan.prefix.clone(),
            organization_id: self.plan.organization_id.clone(),
            account_id: account_id.to_owned(),
            region: region.to_owned(),
        }
    }

    /// The keys of the logs that a digest lists.
    pub fn logs_of(&self, digest: &str) -> Vec<String> {
        let json = self.digest(digest);
        let logs = json["logFiles"].as_array().expect("a list").iter();
        logs.map(|log| log["s3Object"].as_str().expect("a key").to_owned()).collect()
    }

    /// A digest's content.
    pub fn digest(&self, key: &str) -> Value {
        serde_json::from_slice(&gzip::inflate(&self.objects[key].body)).expect("JSON")
    }

    /// Writes a digest, signed with its region's key.
    pub fn sign(&mut self, key: &str, json: &Value) {
        let region = key.split('/').rev().nth(4).expect("a region").to_owned();
        self.sign_with(key, json, &keys::of_region(&region));
    }

    /// Writes a digest, signed with a key.
    pub fn sign_with(&mut self, key: &str, json: &Value, signing: &SigningKey) {
        let body = json.to_string();
        let text = |name: &str| json[name].as_str().expect("a text");
        let signed = format!(
            "{}\n{}/{}\n{}\n{}",
            text("digestEndTime"),
            text("digestS3Bucket"),
            text("digestS3Object"),
            sha256(body.as_bytes()),
            json["previousDigestSignature"].as_str().unwrap_or("null"),
        );
        let mut metadata = BTreeMap::from([
            ("signature".to_owned(), signing.sign(signed.as_bytes())),
            ("signature-algorithm".to_owned(), "SHA256withRSA".to_owned()),
        ]);
        if key.ends_with("_backfill.json.gz") {
            metadata.insert("backfill-generation-timestamp".to_owned(), text("digestEndTime").to_owned());
        }
        self.objects.insert(key.to_owned(), Object { body: gzip::compress(body.as_bytes()), metadata });
    }

    /// Signs the digests of a chain again from one on, each following what now stands before it: what only somebody
    /// with CloudTrail's own key could do.
    pub fn sign_on(&mut self, chain: &ChainName, from: usize) {
        let keys = self.chains[chain].clone();
        for pair in keys.windows(2).skip(from.saturating_sub(1)) {
            let mut json = self.digest(&pair[1]);
            if json["previousDigestS3Object"].is_null() {
                continue;
            }
            let link = self.link(&pair[0]);
            json["previousDigestS3Object"] = json!(link.key);
            json["previousDigestHashValue"] = json!(link.sha256);
            json["previousDigestSignature"] = json!(link.signature);
            self.sign(&pair[1], &json);
        }
    }

    fn link(&self, key: &str) -> Link {
        let object = &self.objects[key];
        Link {
            key: key.to_owned(),
            sha256: sha256(&gzip::inflate(&object.body)),
            signature: object.metadata["signature"].clone(),
        }
    }

    fn generate_chain(&mut self, chain: &ChainName) {
        let plan = self.plan.clone();
        let mut previous: Option<Link> = None;
        let mut hour = 0;
        while hour < plan.hours {
            let from = plan.start + TimeDelta::hours(hour.into());
            let stop = plan.stops.iter().find(|(stop, _)| *stop == hour);
            let length = if stop.is_some() { TimeDelta::minutes(40) } else { TimeDelta::hours(1) };
            let range = TimeRange { from, to: from + length };
            let key = self.add_digest(chain, range, plan.logs_per_hour, previous.as_ref(), false);
            self.chains.entry(chain.clone()).or_default().push(key.clone());
            previous = stop.is_none().then(|| self.link(&key));
            hour += stop.map_or(1, |(_, hours)| hours + 1);
        }
        let mut previous: Option<Link> = None;
        for hour in &plan.backfills {
            let from = plan.start + TimeDelta::hours((*hour).into());
            let range = TimeRange { from, to: from + TimeDelta::hours(1) };
            let key = self.add_digest(chain, range, 1, previous.as_ref(), true);
            self.backfills.entry(chain.clone()).or_default().push(key.clone());
            previous = Some(self.link(&key));
        }
    }

    fn add_digest(
        &mut self,
        chain: &ChainName,
        range: TimeRange,
        logs: u32,
        previous: Option<&Link>,
        backfill: bool,
    ) -> String {
        let plan = &self.plan;
        let ChainName { account_id, region, trail } = chain;
        let (home, end) = (&plan.regions[0], range.to.format("%Y%m%dT%H%M%SZ"));
        let suffix = if backfill { "_backfill" } else { "" };
        let key = format!(
            "{}{}_CloudTrail-Digest_{region}_{trail}_{home}_{end}{suffix}.json.gz",
            self.day_folder(chain, "CloudTrail-Digest", range.to),
            account_id,
        );
        let signing = keys::of_region(region);
        let mut log_files = Vec::new();
        for log in 0..logs {
            let at = range.from + TimeDelta::minutes(5 + i64::from(log) * 35 / i64::from(logs.max(1)));
            let (log_key, sha256) = self.add_log(chain, at, &format!("{trail}{suffix}{log}"));
            log_files.push(json!({
                "s3Bucket": self.plan.bucket,
                "s3Object": log_key,
                "hashValue": sha256,
                "hashAlgorithm": "SHA-256",
                "newestEventTime": stamp(at),
                "oldestEventTime": stamp(at - TimeDelta::minutes(5)),
            }));
        }
        let json = json!({
            "awsAccountId": account_id,
            "digestStartTime": stamp(range.from),
            "digestEndTime": stamp(range.to),
            "digestS3Bucket": self.plan.bucket,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": signing.fingerprint(),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": stamp(range.to - TimeDelta::minutes(5)),
            "oldestEventTime": stamp(range.from),
            "previousDigestS3Bucket": previous.map(|_| &self.plan.bucket),
            "previousDigestS3Object": previous.map(|link| &link.key),
            "previousDigestHashValue": previous.map(|link| &link.sha256),
            "previousDigestHashAlgorithm": previous.map(|_| "SHA-256"),
            "previousDigestSignature": previous.map(|link| &link.signature),
            "logFiles": log_files,
        });
        self.sign_with(&key, &json, &signing);
        key
    }

    /// Adds a log that no digest lists yet; its key and the hash of its content.
    pub fn add_log(&mut self, chain: &ChainName, at: DateTime<Utc>, seed: &str) -> (String, String) {
        let ChainName { account_id, region, .. } = chain;
        let name = format!("{account_id}{region}{at}{seed}");
        let suffix: String = sha256(name.as_bytes()).chars().take(16).collect();
        let key = format!(
            "{}{account_id}_CloudTrail_{region}_{}_{suffix}.json.gz",
            self.day_folder(chain, "CloudTrail", at),
            at.format("%Y%m%dT%H%MZ"),
        );
        let content = content::records(self.plan.log_bytes, account_id, region, &suffix);
        let sha256 = sha256(&content);
        self.objects
            .insert(key.clone(), Object { body: gzip::compress(&content), metadata: BTreeMap::new() });
        (key, sha256)
    }

    fn day_folder(&self, chain: &ChainName, kind: &str, at: DateTime<Utc>) -> String {
        let mut folder = String::new();
        if !self.plan.prefix.is_empty() {
            folder = format!("{}/", self.plan.prefix);
        }
        folder.push_str("AWSLogs/");
        if let Some(organization_id) = &self.plan.organization_id {
            let _ = write!(folder, "{organization_id}/");
        }
        let ChainName { account_id, region, .. } = chain;
        let _ = write!(folder, "{account_id}/{kind}/{region}/{}/", at.format("%Y/%m/%d"));
        folder
    }
}

/// A time as digests have it.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
