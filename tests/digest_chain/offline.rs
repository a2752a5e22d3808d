//! Verifies an archive that is held in memory, as the command does with one in S3.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use trailproof::integrity::{
    DigestMetadata, DigestObject, DigestReading, Folder, FolderRequest, FolderVerification, GzipError,
    KeyRing, LogChecks, LogDigest, LogHasher, LogReading, TimeRange, Unverifiable, Verification,
};

use super::{Archive, keys};

/// How to verify.
pub struct Offline {
    pub range: TimeRange,
    pub now: DateTime<Utc>,
    pub logs: LogChecks,
    /// Objects that cannot be read.
    pub unreadable: BTreeMap<String, Unverifiable>,
    /// How many bytes arrive at a time.
    pub chunk: usize,
}

impl Offline {
    /// All of an archive, long after its end.
    pub fn all(archive: &Archive) -> Self {
        Self {
            range: archive.range(),
            now: archive.end() + chrono::TimeDelta::days(1),
            logs: LogChecks::All,
            unreadable: BTreeMap::new(),
            chunk: 1000,
        }
    }

    pub fn verify(&self, archive: &Archive) -> Verification {
        let plan = &archive.plan;
        let mut chains = Vec::new();
        for account_id in &plan.accounts {
            for region in &plan.regions {
                let mut ring = KeyRing::new();
                let key = keys::of_region(region);
                ring.add(&key.value, Some(&key.fingerprint())).expect("a good key");
                chains.extend(self.folder(archive, archive.folder(account_id, region), &ring).finish());
            }
        }
        Verification::new(self.range, chains, Vec::new())
    }

    /// A folder with everything listed and read.
    pub fn folder(&self, archive: &Archive, folder: Folder, keys: &KeyRing) -> FolderVerification {
        let bucket = folder.bucket.clone();
        let request = FolderRequest { range: self.range, now: self.now, trail: None, logs: self.logs };
        let mut run = FolderVerification::new(folder, request);
        let (digests, logs) = (run.digest_listing(), run.log_listing());
        for key in archive.objects.keys() {
            if digests.contains(key) {
                run.list_digest(key);
            }
            if logs.contains(key) {
                run.list_log(key);
            }
        }
        for key in run.digests_to_read() {
            let reading = match (self.unreadable.get(&key), archive.objects.get(&key)) {
                (Some(why), _) => DigestReading::Unverifiable(why.clone()),
                (None, None) => DigestReading::Missing,
                (None, Some(object)) => {
                    let pairs = object.metadata.iter().map(|(name, value)| (&**name, &**value));
                    let metadata = DigestMetadata::from_pairs(pairs);
                    DigestReading::Read(
                        DigestObject::read(&bucket, &key, &object.body, &metadata).check(keys),
                    )
                }
            };
            run.add_digest(&key, reading);
        }
        for log in run.logs_to_read() {
            let reading = match (self.unreadable.get(&log.key), archive.objects.get(&log.key)) {
                (Some(why), _) => LogReading::Unverifiable(why.clone()),
                (None, None) => LogReading::Missing,
                (None, Some(object)) => LogReading::Read(hash(&object.body, self.chunk)),
            };
            run.add_log(&log.bucket, &log.key, reading);
        }
        run
    }
}

/// Hashes an object as it arrives, `chunk` bytes at a time.
pub fn hash(body: &[u8], chunk: usize) -> Result<LogDigest, GzipError> {
    let mut hasher = LogHasher::new();
    for bytes in body.chunks(chunk) {
        hasher.push(bytes)?;
    }
    hasher.finish()
}
