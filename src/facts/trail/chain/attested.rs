//! Results of verifying, by what they verified. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::attestation::{Attestation, LogsRead};

/// Where chains stand, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) bucket: String,
    /// What stands before `AWSLogs`, without slashes at its ends.
    pub(super) prefix: String,
    pub(super) owner: Owner,
}

/// Of an organization's trail, or of one account's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Organization(String),
    Account(String),
}

/// The trail's name and home region; `None` where nothing was there to say it.
type Name = Option<(String, String)>;

/// One result, as far as it is about one place.
#[derive(Debug)]
struct Part {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    verified_at: DateTime<Utc>,
    logs_read: LogsRead,
    complete: bool,
    /// Whether each chain is valid, by account, region and trail.
    chains: BTreeMap<(String, String), Vec<(Name, bool)>>,
}

/// Results by place.
#[derive(Debug, Default)]
pub(in crate::facts) struct Attested {
    parts: BTreeMap<Place, Vec<Part>>,
    is_any: bool,
}

/// What the newest results say of a trail: those of the same time count as one.
#[derive(Debug)]
pub(super) struct Newest<'a> {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    pub(super) logs_read: LogsRead,
    /// Nothing was left that could not be found or read.
    pub(super) complete: bool,
    pub(super) chains: usize,
    pub(super) broken: usize,
    /// The regions of each account in which there is a chain.
    pub(super) covered: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl Attested {
    pub(in crate::facts) fn new(attestations: &[Attestation]) -> Self {
        let mut parts: BTreeMap<Place, Vec<Part>> = BTreeMap::new();
        for attestation in attestations {
            let mut found: BTreeMap<Place, Part> = BTreeMap::new();
            for chain in &attestation.chains {
                let place = Place {
                    bucket: chain.bucket.clone(),
                    prefix: chain.prefix.clone(),
                    owner: match &chain.organization_id {
                        Some(id) => Owner::Organization(id.clone()),
                        None => Owner::Account(chain.account_id.clone()),
                    },
                };
                let part = found.entry(place).or_insert_with(|| Part {
                    from: attestation.from,
                    // Of what was still to come, nothing was verified.
                    to: attestation.to.min(attestation.verified_at),
                    verified_at: attestation.verified_at,
                    logs_read: attestation.logs_read,
                    complete: attestation.complete,
                    chains: BTreeMap::new(),
                });
                let name = chain.trail.clone().zip(chain.home_region.clone());
                let place = (chain.account_id.clone(), chain.region.clone());
                part.chains.entry(place).or_default().push((name, chain.valid));
            }
            for (place, part) in found {
                parts.entry(place).or_default().push(part);
            }
        }
        for parts in parts.values_mut() {
            parts.sort_by_key(|part| part.verified_at);
        }
        Self { parts, is_any: !attestations.is_empty() }
    }

    /// Something was handed in.
    pub(in crate::facts) fn is_any(&self) -> bool {
        self.is_any
    }

    /// What was verified last of this trail in this place.
    pub(super) fn newest(&self, place: &Place, name: &str, home_region: &str) -> Option<Newest<'_>> {
        let is_its =
            |found: &Name| found.as_ref().is_some_and(|(trail, home)| trail == name && home == home_region);
        let parts = self.parts.get(place)?;
        let about =
            parts.iter().filter(|part| part.chains.values().flatten().any(|(found, _)| is_its(found)));
        let newest = about.max_by_key(|part| (part.to, std::cmp::Reverse(part.from)))?;
        let same: Vec<&Part> =
            parts.iter().filter(|part| (part.from, part.to) == (newest.from, newest.to)).collect();
        // A folder without any digest names no trail: it may be this one's. What was verified later counts.
        let mut chains: BTreeMap<(&str, &str), (Vec<bool>, LogsRead)> = BTreeMap::new();
        for part in &same {
            for ((account, region), found) in &part.chains {
                let its = found.iter().filter(|(found, _)| found.is_none() || is_its(found));
                let valid: Vec<bool> = its.map(|(_, valid)| *valid).collect();
                if !valid.is_empty() {
                    chains.insert((account, region), (valid, part.logs_read));
                }
            }
        }
        let complete = same.iter().enumerate().all(|(number, part)| {
            part.complete
                || same.iter().skip(number + 1).any(|later| {
                    later.complete && part.chains.keys().all(|place| later.chains.contains_key(place))
                })
        });
        let mut covered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (account, region) in chains.keys() {
            covered.entry(account).or_default().insert(region);
        }
        let valid = || chains.values().flat_map(|(valid, _)| valid);
        Some(Newest {
            from: newest.from,
            to: newest.to,
            logs_read: chains.values().map(|(_, read)| *read).max_by_key(|read| unread(*read))?,
            complete,
            chains: valid().count(),
            broken: valid().filter(|valid| !**valid).count(),
            covered,
        })
    }
}

/// How much was left out.
fn unread(read: LogsRead) -> u8 {
    match read {
        LogsRead::All => 0,
        LogsRead::Sample => 1,
        LogsRead::None => 2,
    }
}
