//! What a folder says in the end: each trail's chain, the logs, and what concerns both.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Folder, FolderVerification, LogChecks};
use crate::integrity::chain::{Asked, Findings, Node, examine};
use crate::integrity::defect::{Defect, DefectKind, Unverifiable, UnverifiableReason};
use crate::integrity::digest::DigestReading;
use crate::integrity::logs::{Claim, Judged, LogReading, Place};
use crate::integrity::name::LogName;
use crate::integrity::range::{TimeRange, merge, subtract};
use crate::integrity::result::{ChainResult, Counts, RootHash};
use crate::integrity::stream::{Stream, TrailName};
use crate::severity::Severity;

/// How many logs without a digest are named in a chain; the rest is counted.
const UNLISTED_NAMED: usize = 1000;

/// The digests of each stream, by time.
type Nodes = BTreeMap<Arc<Stream>, Vec<Node>>;
/// By trail; without one for what no digest says the trail of.
type Chains = BTreeMap<Option<TrailName>, Chain>;

impl FolderVerification {
    /// What the folder says: a result for each trail, by name.
    pub fn finish(mut self) -> Vec<ChainResult> {
        let mut chains = Chains::new();
        if let Some(trail) = self.trail.clone() {
            chains.entry(Some(trail)).or_default();
        }
        let mut nodes = Nodes::new();
        for (stream, readings) in std::mem::take(&mut self.streams) {
            let stream_nodes = readings.into_iter().map(|(end, reading)| {
                let reading = reading.unwrap_or_else(|| {
                    let detail = "it was not read before the run ended";
                    DigestReading::Unverifiable(Unverifiable::new(UnverifiableReason::Interrupted, detail))
                });
                Node::new(self.name(&stream, end), reading)
            });
            chains.entry(Some(stream.trail.clone())).or_default();
            nodes.insert(Arc::clone(&stream), stream_nodes.collect());
        }
        if chains.is_empty() {
            chains.entry(None).or_default();
        }
        for (trail, chain) in &mut chains {
            for backfill in [false, true] {
                let stream = trail.clone().map(|trail| Stream { trail, backfill });
                let mut none = Vec::new();
                let nodes = stream.and_then(|stream| nodes.get_mut(&stream)).unwrap_or(&mut none);
                let findings = examine(&self.asked(), nodes, !backfill);
                chain.absorb(findings, backfill);
            }
        }
        self.judge_logs(&nodes, &mut chains);
        let unlisted = self.unlisted(&nodes);
        judge_stops(&mut chains, &unlisted);
        self.place_unlisted(&mut chains, &nodes, &unlisted);
        self.place_failed_listings(&mut chains);
        chains.into_iter().map(|(trail, chain)| chain.result(&self.folder, trail)).collect()
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            bucket: &self.bucket,
            range: self.range,
            due: self.due,
            partial: self.digests_unlisted.is_some(),
        }
    }

    fn judge_logs(&mut self, nodes: &Nodes, chains: &mut Chains) {
        let node = |stream: &Stream, end: DateTime<Utc>| {
            let nodes = nodes.get(stream)?;
            nodes.binary_search_by(|node| node.end().cmp(&end)).ok().and_then(|index| nodes.get(index))
        };
        let trusted = |claim: &Claim| node(&claim.stream, claim.end).is_some_and(Node::speaks_for_logs);
        let (listing, account) = (self.log_listing(), self.account_folder());
        let mut presumed = Vec::new();
        for (place, entry) in &self.logs.entries {
            if self.proven_missing(&listing, place) {
                presumed.push((place.clone(), LogReading::Missing));
            } else if !entry.readable(place, &self.bucket, &account) {
                let detail =
                    "only a digest without a good signature lists it, in a place that is not its own";
                let why = Unverifiable::new(UnverifiableReason::OtherPlace, detail);
                presumed.push((place.clone(), LogReading::Unverifiable(why)));
            }
        }
        for (place, reading) in presumed {
            self.logs.read(&place.bucket, &place.key, reading);
        }
        for (place, entry) in &self.logs.entries {
            let concerning = || {
                entry.claims.iter().filter_map(|claim| {
                    let range = node(&claim.stream, claim.end)?.range;
                    range.intersection(self.range).map(|_| (claim, range))
                })
            };
            let Some((claim, range)) =
                concerning().find(|(claim, _)| trusted(claim)).or_else(|| concerning().next())
            else {
                continue;
            };
            let Some(chain) = chains.get_mut(&Some(claim.stream.trail.clone())) else { continue };
            if self.checks == LogChecks::None {
                chain.not_sampled += 1;
                continue;
            }
            let (judged, defect) = entry.judge(place, claim, range, trusted);
            match judged {
                Judged::Valid => chain.logs.valid += 1,
                Judged::Invalid => chain.logs.invalid += 1,
                Judged::Missing => chain.logs.missing += 1,
                Judged::Unverifiable => chain.logs.unverifiable += 1,
                Judged::NotSampled => chain.not_sampled += 1,
            }
            chain.findings.defects.extend(defect);
        }
    }

    /// The logs that no digest lists, with their time, by name.
    fn unlisted(&self, nodes: &Nodes) -> Vec<(&str, DateTime<Utc>)> {
        // Where nothing of the digests is known, nothing is known of what they list.
        if self.checks == LogChecks::None || (self.digests_unlisted.is_some() && nodes.is_empty()) {
            return Vec::new();
        }
        let bucket = &self.bucket;
        let listed = |key: &str| {
            let place = Place { bucket: Arc::clone(bucket), key: Box::from(key) };
            self.logs.entries.contains_key(&place)
        };
        self.listed_logs
            .iter()
            .filter_map(|key| {
                let time = LogName::parse(key).ok()?.time;
                (self.range.contains(time) && !listed(key)).then_some((&**key, time))
            })
            .collect()
    }

    fn place_unlisted(&self, chains: &mut Chains, nodes: &Nodes, unlisted: &[(&str, DateTime<Utc>)]) {
        if unlisted.is_empty() {
            return;
        }
        let delivered = nodes.values().flatten().map(Node::end).max();
        let covered: Vec<TimeRange> =
            merge(chains.values().flat_map(|chain| chain.findings.covered.iter().copied()).collect());
        let only = if chains.len() == 1 { chains.keys().next().cloned().flatten() } else { None };
        let chain = chains.entry(only).or_default();
        for (key, time) in unlisted.iter().take(UNLISTED_NAMED) {
            let detail = if delivered.is_none_or(|delivered| delivered <= *time) {
                "no digest was delivered for its time yet"
            } else if covered.iter().any(|range| range.contains(*time)) {
                "the digests of its time are there and do not list it: it is forged, comes late, or is of a trail \
                 without log file validation"
            } else {
                "the digest of its time is not there or not valid"
            };
            chain.findings.defects.push(
                Defect::new(DefectKind::LogUnlisted, detail)
                    .at(&self.bucket, key)
                    .during(TimeRange { from: *time, to: *time + TimeDelta::minutes(1) }),
            );
        }
        if let Some(rest) = unlisted.len().checked_sub(UNLISTED_NAMED).filter(|rest| *rest > 0) {
            let detail = format!("and {rest} more logs that no digest lists");
            chain.findings.defects.push(Defect::new(DefectKind::LogUnlisted, detail).during(self.range));
        }
    }

    fn place_failed_listings(&self, chains: &mut Chains) {
        let digests = self.digests_unlisted.as_ref().map(|why| (self.digest_listing().prefix, why));
        let logs = self.logs_unlisted.as_ref().map(|why| (self.log_listing().prefix, why));
        for chain in chains.values_mut().filter(|_| digests.is_some()) {
            let findings = &mut chain.findings;
            let known = merge(findings.covered.iter().chain(&findings.invalid).copied().collect());
            findings.unverifiable.extend(subtract(self.range, &known));
        }
        let Some(chain) = chains.values_mut().next() else { return };
        for (prefix, why) in digests.into_iter().chain(logs) {
            let defect = Defect::new(
                DefectKind::Unverifiable,
                format!("not all of it could be listed: {}", why.detail),
            );
            chain.findings.defects.push(defect.at(&self.bucket, &prefix).during(self.range));
        }
    }
}

/// A stop is for the record if the last digest before it stands. If that one were gone, the logs that it listed
/// would be without a digest, and the one before it would have ended with its hour.
fn judge_stops(chains: &mut Chains, unlisted: &[(&str, DateTime<Utc>)]) {
    for chain in chains.values_mut() {
        for stop in std::mem::take(&mut chain.findings.stops) {
            let logs = unlisted.iter().filter(|(_, time)| stop.range.contains(*time)).count();
            let (severity, detail) = match (logs, stop.last_stands) {
                (0, true) => (Severity::Info, "logging was stopped and started again".to_owned()),
                (0, false) => (
                    Severity::High,
                    "logging was stopped and started again, and nothing shows that the last digest before it \
                     stands: compare with the StopLogging event"
                        .to_owned(),
                ),
                (logs, _) => (
                    Severity::High,
                    format!(
                        "a chain ended and another began, with {logs} logs between that no digest lists: digests \
                         were deleted, or log file validation was off while logging went on"
                    ),
                ),
            };
            let mut defect = Defect::new(DefectKind::Stop, detail).during(stop.range);
            defect.severity = severity;
            chain.findings.defects.push(defect);
            chain.stopped.push(stop.range);
        }
    }
}

/// A trail's chain while it is put together.
#[derive(Default)]
struct Chain {
    findings: Findings,
    backfill_digests: u64,
    logs: Counts,
    not_sampled: u64,
    stopped: Vec<TimeRange>,
}

impl Chain {
    fn absorb(&mut self, findings: Findings, backfill: bool) {
        let own = &mut self.findings;
        own.counts.add(findings.counts);
        own.defects.extend(findings.defects);
        own.stops.extend(findings.stops);
        own.verified.extend(findings.verified);
        if backfill {
            self.backfill_digests = findings.counts.total();
        } else {
            own.covered = findings.covered;
            own.missing = findings.missing;
            own.invalid = findings.invalid;
            own.unverifiable = findings.unverifiable;
        }
    }

    fn result(self, folder: &Folder, trail: Option<TrailName>) -> ChainResult {
        let Findings { mut defects, counts, covered, missing, invalid, unverifiable, mut verified, .. } =
            self.findings;
        defects.sort_by(|one, other| {
            (one.from, one.to, one.kind, &one.object).cmp(&(other.from, other.to, other.kind, &other.object))
        });
        verified.sort_unstable();
        let mut root = RootHash::default();
        for (key, hash) in &verified {
            root.add([&**key, &**hash]);
        }
        let (name, home_region) = trail.map(|trail| (trail.name, trail.home_region)).unzip();
        ChainResult {
            account_id: folder.account_id.clone(),
            region: folder.region.clone(),
            trail: name,
            home_region,
            bucket: folder.bucket.clone(),
            prefix: folder.prefix.clone(),
            organization_id: folder.organization_id.clone(),
            digests: counts,
            backfill_digests: self.backfill_digests,
            logs: self.logs,
            logs_not_sampled: self.not_sampled,
            covered: merge(covered),
            stopped: merge(self.stopped),
            missing: merge(missing),
            invalid: merge(invalid),
            unverifiable: merge(unverifiable),
            defects,
            root_hash: root.finish(),
        }
    }
}
