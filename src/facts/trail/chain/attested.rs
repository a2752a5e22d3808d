//! Results of verifying, by what they verified. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::attestation::{Attestation, AttestedChain, AttestedTime, LogsRead};

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

/// The time that a chain's verified digests cover, from the first one's beginning to the last one's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// The result is of a release that did not say.
    NotTold,
    /// No digest was verified.
    Nothing,
    /// This time.
    Time(AttestedTime),
}

impl Span {
    /// Of what was still to come when it was verified, nothing is covered.
    fn of(chain: &AttestedChain, verified_at: DateTime<Utc>) -> Self {
        let Some(covered) = &chain.covered else { return Self::NotTold };
        let (Some(first), Some(last)) = (covered.first(), covered.last()) else { return Self::Nothing };
        let span = AttestedTime { from: first.from, to: last.to.min(verified_at) };
        if span.from < span.to { Self::Time(span) } else { Self::Nothing }
    }
}

/// What is said of one chain.
#[derive(Debug)]
struct Said {
    name: Name,
    valid: bool,
    span: Span,
}

/// One result, as far as it is about one place.
#[derive(Debug)]
struct Part {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    verified_at: DateTime<Utc>,
    logs_read: LogsRead,
    complete: bool,
    /// What is said of each chain, by account and region.
    chains: BTreeMap<(String, String), Vec<Said>>,
}

/// Results by place.
#[derive(Debug, Default)]
pub(in crate::facts) struct Attested {
    parts: BTreeMap<Place, Vec<Part>>,
    is_any: bool,
    tells_spans: bool,
}

/// What the newest results say of a trail: those of the same time count as one.
#[derive(Debug)]
pub(super) struct Newest<'a> {
    /// It is about a trail of the organization.
    pub(super) of_organization: bool,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    pub(super) logs_read: LogsRead,
    /// Nothing was left that could not be found or read.
    pub(super) complete: bool,
    pub(super) chains: usize,
    pub(super) broken: usize,
    /// The regions of each account in which there is a chain.
    pub(super) covered: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// What each chain covers, with its account and region.
    pub(super) spans: Vec<(&'a str, &'a str, Span)>,
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
                let span = Span::of(chain, attestation.verified_at);
                part.chains.entry(place).or_default().push(Said { name, valid: chain.valid, span });
            }
            for (place, part) in found {
                parts.entry(place).or_default().push(part);
            }
        }
        for parts in parts.values_mut() {
            parts.sort_by_key(|part| part.verified_at);
        }
        let tells_spans = attestations
            .iter()
            .flat_map(|attestation| &attestation.chains)
            .all(|chain| chain.covered.is_some());
        Self { parts, is_any: !attestations.is_empty(), tells_spans }
    }

    /// Each of them tells what its chains cover.
    pub(super) fn tells_spans(&self) -> bool {
        self.tells_spans
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
        let about = parts.iter().filter(|part| part.chains.values().flatten().any(|said| is_its(&said.name)));
        let newest = about.max_by_key(|part| (part.to, std::cmp::Reverse(part.from)))?;
        let same: Vec<&Part> =
            parts.iter().filter(|part| (part.from, part.to) == (newest.from, newest.to)).collect();
        // A folder without any digest names no trail: it may be this one's. What was verified later counts.
        let mut chains: BTreeMap<(&str, &str), (Vec<&Said>, LogsRead)> = BTreeMap::new();
        for part in &same {
            for ((account, region), found) in &part.chains {
                let its: Vec<&Said> =
                    found.iter().filter(|said| said.name.is_none() || is_its(&said.name)).collect();
                if !its.is_empty() {
                    chains.insert((account, region), (its, part.logs_read));
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
        let said = || chains.values().flat_map(|(said, _)| said);
        let spans = chains
            .iter()
            .flat_map(|((account, region), (said, _))| said.iter().map(|said| (*account, *region, said.span)))
            .collect();
        Some(Newest {
            of_organization: matches!(place.owner, Owner::Organization(_)),
            from: newest.from,
            to: newest.to,
            logs_read: chains.values().map(|(_, read)| *read).max_by_key(|read| unread(*read))?,
            complete,
            chains: said().count(),
            broken: said().filter(|said| !said.valid).count(),
            covered,
            spans,
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
