//! CloudTrail's public keys: asked for once per region, or read from a file.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_smithy_types::{DateTime as SdkTime, base64};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::ArchiveError;
use crate::collect::Run;
use crate::collect::call::CallTarget;
use crate::collect::convert::each;
use crate::collect::locking::lock;
use crate::collect::session::Session;
use crate::collect::table::LIST_PUBLIC_KEYS;
use crate::integrity::{KeyNeeded, KeyRing, TimeRange, Unverifiable, UnverifiableReason};
use crate::model::{GapReason, Observed};

/// How far beyond the range keys are asked for: digests come later than what they cover.
const MARGIN: TimeDelta = TimeDelta::hours(2);
/// How far around its generation the key of a backfill digest is asked for.
const BACKFILL_MARGIN: TimeDelta = TimeDelta::hours(1);
/// The largest file of keys, in bytes: a region has a few keys a month.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// A region, and the hour for which a backfill digest needs a key.
type RingKey = (String, Option<DateTime<Utc>>);

/// A public key as `ListPublicKeys` tells it, and as it is kept in a copy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PublicKey {
    /// The region that it belongs to; `aws cloudtrail list-public-keys` does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    #[serde(default)]
    pub(super) fingerprint: Option<String>,
    /// The key, in base64.
    pub(super) value: String,
}

/// The file of keys.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyFile {
    pub(super) public_key_list: Vec<PublicKey>,
}

/// Where keys come from.
#[derive(Debug)]
pub(super) enum Keys {
    /// CloudTrail, asked by the caller.
    Caller(Box<Asked>),
    /// A file.
    File(Vec<PublicKey>, Mutex<BTreeMap<String, Arc<KeyRing>>>),
}

#[derive(Debug)]
pub(super) struct Asked {
    session: Session,
    range: TimeRange,
    rings: Mutex<HashMap<RingKey, Arc<OnceCell<Arc<KeyRing>>>>>,
}

impl Keys {
    pub(super) fn of_caller(run: &Run, range: TimeRange) -> Self {
        let session = Session::own(run, &run.identity.account_id).into_archive(run);
        Self::Caller(Box::new(Asked { session, range, rings: Mutex::default() }))
    }

    pub(super) fn from_file(path: &Path) -> Result<Self, ArchiveError> {
        let failed = |detail: String| ArchiveError::PublicKeys { path: path.to_owned(), detail };
        let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
        if size > LARGEST_FILE {
            return Err(failed(format!("it has {size} bytes, which no list of keys has")));
        }
        let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let file: KeyFile = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        for key in &file.public_key_list {
            let mut ring = KeyRing::new();
            add(&mut ring, key).map_err(failed)?;
        }
        Ok(Self::File(file.public_key_list, Mutex::default()))
    }

    /// The keys of a region; where a backfill digest needs an older one, those around its generation.
    pub(super) async fn ring(&self, region: &str, needed: Option<&KeyNeeded>) -> Arc<KeyRing> {
        match self {
            Self::Caller(asked) => {
                let ring = asked.ring(region, None).await;
                match needed.and_then(|needed| Some((needed, needed.generated_at?))) {
                    Some((needed, generated)) if !ring.contains(&needed.fingerprint) => {
                        asked.ring(region, Some(generated)).await
                    }
                    _ => ring,
                }
            }
            Self::File(keys, rings) => {
                let mut rings = lock(rings);
                let ring =
                    rings.entry(region.to_owned()).or_insert_with(|| Arc::new(of_region(keys, region)));
                Arc::clone(ring)
            }
        }
    }

    /// Every key of a region for the range, for a copy.
    pub(super) async fn list(&self, region: &str) -> Result<Vec<PublicKey>, String> {
        match self {
            Self::Caller(asked) => {
                asked.list(region, asked.range.from, asked.range.to).await.map_err(|it| it.detail)
            }
            Self::File(keys, _) => Ok(keys.clone()),
        }
    }
}

impl Asked {
    async fn ring(&self, region: &str, generated: Option<DateTime<Utc>>) -> Arc<KeyRing> {
        let cell = Arc::clone(lock(&self.rings).entry((region.to_owned(), generated)).or_default());
        let ring = cell.get_or_init(|| async move {
            let (from, to) = match generated {
                Some(generated) => (generated - BACKFILL_MARGIN, generated + BACKFILL_MARGIN),
                None => (self.range.from - MARGIN, self.range.to + MARGIN),
            };
            let mut ring = KeyRing::new();
            match self.list(region, from, to).await {
                Ok(keys) => {
                    for key in &keys {
                        if let Err(detail) = add(&mut ring, key) {
                            let reason = UnverifiableReason::KeysUnavailable;
                            ring.set_unavailable(Unverifiable { reason, detail });
                        }
                    }
                }
                Err(unverifiable) => ring.set_unavailable(unverifiable),
            }
            Arc::new(ring)
        });
        Arc::clone(ring.await)
    }

    async fn list(
        &self,
        region: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<PublicKey>, Unverifiable> {
        let client = self.session.cloudtrail(region);
        let (from, to) = (SdkTime::from_secs(from.timestamp()), SdkTime::from_secs(to.timestamp()));
        let keys = self.session.api.pages(
            &LIST_PUBLIC_KEYS,
            CallTarget::region(region),
            |token| client.list_public_keys().start_time(from).end_time(to).set_next_token(token).send(),
            |page| {
                let keys = each(page.public_key_list, "PublicKeyList", |key| {
                    Ok(PublicKey {
                        region: Some(region.to_owned()),
                        fingerprint: key.fingerprint,
                        value: base64::encode(key.value.ok_or("PublicKeyList[].Value")?),
                    })
                });
                Ok((keys?, page.next_token))
            },
        );
        match keys.await {
            Observed::Known(keys) => Ok(keys),
            Observed::Absent => Ok(Vec::new()),
            Observed::Unavailable(gap) => {
                let gap = self.session.api.gap_of(&gap);
                let denied = gap.as_ref().is_some_and(|gap| gap.reason == GapReason::AccessDenied);
                let detail = gap.map_or_else(|| "no answer".to_owned(), |gap| gap.detail);
                let way_out = if denied { "; allow cloudtrail:ListPublicKeys" } else { "" };
                Err(Unverifiable {
                    reason: UnverifiableReason::KeysUnavailable,
                    detail: format!(
                        "CloudTrail's public keys of {region} cannot be listed ({detail}){way_out}"
                    ),
                })
            }
        }
    }
}

fn add(ring: &mut KeyRing, key: &PublicKey) -> Result<(), String> {
    let name = key.fingerprint.as_deref().unwrap_or("without a fingerprint");
    let value = base64::decode(&key.value).map_err(|error| format!("the public key {name}: {error}"))?;
    ring.add(&value, key.fingerprint.as_deref()).map_err(|error| format!("the public key {name}: {error}"))
}

/// Keys of the region, and those that name none: fingerprints are unique over all regions.
fn of_region(keys: &[PublicKey], region: &str) -> KeyRing {
    let mut ring = KeyRing::new();
    for key in keys.iter().filter(|key| key.region.as_deref().is_none_or(|own| own == region)) {
        // Read once already, when the file was opened.
        if let Err(detail) = add(&mut ring, key) {
            ring.set_unavailable(Unverifiable { reason: UnverifiableReason::KeysUnavailable, detail });
        }
    }
    ring
}
