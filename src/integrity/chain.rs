//! The digests of one stream in the order of time: each against the next one's word, and the time between them.

use chrono::{DateTime, TimeDelta, Utc};

use super::defect::{Defect, DefectKind, Unverifiable, UnverifiableReason};
use super::digest::{Body, CheckedDigest, DigestReading, Previous};
use super::name::DigestName;
use super::range::TimeRange;
use super::result::Counts;
use crate::model::hexadecimal;

/// CloudTrail writes a digest an hour, also when there was nothing to log.
const CADENCE: TimeDelta = TimeDelta::hours(1);

/// What is asked of a stream.
pub(super) struct Asked<'a> {
    pub(super) bucket: &'a str,
    /// What the user asked for, up to now.
    pub(super) range: TimeRange,
    /// Up to when a digest must have been delivered.
    pub(super) due: DateTime<Utc>,
    /// Not all digests could be listed: what is not there may be there.
    pub(super) partial: bool,
}

/// A digest of the stream, and what became of it.
pub(super) struct Node {
    name: DigestName,
    key: String,
    reading: DigestReading,
    /// What it covers, or by its name must cover if its content cannot be relied upon.
    pub(super) range: TimeRange,
    /// Its signature is good and it stands where it belongs: its word on others counts.
    sound: bool,
    /// A later digest contradicts it.
    contradicted: bool,
}

/// Logging stopped, and began again with a digest that follows none.
pub(super) struct Stop {
    pub(super) range: TimeRange,
    /// The last digest before it ended before its hour was over, as the last one before a stop does.
    pub(super) last_stands: bool,
}

/// What the stream says.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) defects: Vec<Defect>,
    pub(super) counts: Counts,
    pub(super) covered: Vec<TimeRange>,
    pub(super) missing: Vec<TimeRange>,
    pub(super) invalid: Vec<TimeRange>,
    pub(super) unverifiable: Vec<TimeRange>,
    pub(super) stops: Vec<Stop>,
    /// Key and content hash of valid digests.
    pub(super) verified: Vec<(String, String)>,
}

impl Node {
    pub(super) fn new(name: DigestName, reading: DigestReading) -> Self {
        let nominal = TimeRange { from: name.end - CADENCE, to: name.end };
        let (mut sound, mut range) = (false, nominal);
        if let DigestReading::Read(CheckedDigest { body: Some(body), signed, moved: false, .. }) = &reading {
            sound = *signed;
            // What is not signed may claim any time, to cover what was taken away.
            range.from =
                if sound { body.range.from } else { body.range.from.clamp(nominal.from, nominal.to) };
        }
        Self { key: name.key(), name, reading, range, sound, contradicted: false }
    }

    pub(super) fn end(&self) -> DateTime<Utc> {
        self.name.end
    }

    /// What it lists is CloudTrail's word.
    pub(super) fn speaks_for_logs(&self) -> bool {
        matches!(&self.reading, DigestReading::Read(CheckedDigest { signed: true, .. })) && !self.contradicted
    }

    fn checked(&self) -> Option<&CheckedDigest> {
        match &self.reading {
            DigestReading::Read(checked) => Some(checked),
            DigestReading::Missing | DigestReading::Unverifiable(_) => None,
        }
    }

    fn body(&self) -> Option<&Body> {
        self.checked().filter(|checked| !checked.moved)?.body.as_deref()
    }
}

/// Goes through a stream's digests, which are sorted by their end. `continuous` is false for backfill digests, which
/// come when they are needed.
pub(super) fn examine(asked: &Asked<'_>, nodes: &mut [Node], continuous: bool) -> Findings {
    let mut findings = Findings::default();
    contradict(asked, nodes, &mut findings);
    for node in &*nodes {
        count(asked, node, &mut findings);
    }
    let mut before: Option<&Node> = None;
    for node in &*nodes {
        link(asked, nodes, before, node, continuous, &mut findings);
        before = Some(node);
    }
    if continuous && !asked.partial {
        ends(asked, nodes, &mut findings);
    }
    findings
}

/// Compares what sound digests say of the ones that they follow with what stands there.
fn contradict(asked: &Asked<'_>, nodes: &mut [Node], findings: &mut Findings) {
    let mut contradictions = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        let Some(previous) = node.body().filter(|_| node.sound).and_then(|body| body.previous.as_ref())
        else {
            continue;
        };
        let named = position(asked, nodes, node, previous);
        if let Named::Here(index) = named
            && let Some(target) = nodes.get(index)
            && let Some(checked) = target.checked()
        {
            contradictions.extend(compare(node, previous, checked).map(|defect| (index, defect)));
        }
        let after = match named {
            Named::Here(index) => index + 1,
            Named::Absent(end) => nodes.partition_point(|other| other.end() <= end),
            Named::Before | Named::Elsewhere => continue,
        };
        let passed_over = if node.name.backfill { place..place } else { after..place };
        for index in passed_over {
            let defect = Defect::new(
                DefectKind::ChainHashMismatch,
                format!("the next digest, {}, follows another one", node.key),
            );
            contradictions.push((index, defect.between(&previous.object, "a digest that nothing follows")));
        }
    }
    for (index, defect) in contradictions {
        if let Some(node) = nodes.get_mut(index) {
            node.contradicted = true;
            if node.range.intersection(asked.range).is_some() {
                findings.defects.push(defect.at(asked.bucket, &node.key).during(node.range));
            }
        }
    }
}

fn compare(node: &Node, previous: &Previous, target: &CheckedDigest) -> impl Iterator<Item = Defect> + use<> {
    let hash = target.sha256.filter(|found| *found != previous.sha256).map(|found| {
        let detail = format!("its content is not what the next digest, {}, says", node.key);
        Defect::new(DefectKind::ChainHashMismatch, detail)
            .between(hexadecimal(&previous.sha256), hexadecimal(&found))
    });
    let found = target.signature.as_ref();
    let signature = found.filter(|found| !found.eq_ignore_ascii_case(&previous.signature)).map(|found| {
        let detail = format!("its signature is not what the next digest, {}, says", node.key);
        Defect::new(DefectKind::ChainSignatureMismatch, detail).between(&previous.signature, found)
    });
    hash.into_iter().chain(signature)
}

/// Where the digest stands that another one follows.
enum Named {
    Here(usize),
    /// It should stand here, with this end.
    Absent(DateTime<Utc>),
    /// It ends before what was asked.
    Before,
    Elsewhere,
}

fn position(asked: &Asked<'_>, nodes: &[Node], node: &Node, previous: &Previous) -> Named {
    let backfill = node.name.backfill;
    let Some(name) = DigestName::parse(&previous.object).ok().filter(|name| {
        let node = &node.name;
        let same_place = DigestName { end: node.end, backfill, ..name.clone() } == *node;
        // Backfill digests follow each other as they were made, not by the hours that they are of.
        let in_order = backfill || name.backfill || name.end < node.end;
        previous.bucket == asked.bucket && same_place && in_order && *name != *node
    }) else {
        return Named::Elsewhere;
    };
    // What one of the other sort says is left to the digests of its own sort.
    if name.end <= asked.range.from || name.backfill != backfill {
        return Named::Before;
    }
    match nodes.binary_search_by(|other| other.end().cmp(&name.end)) {
        Ok(index) => Named::Here(index),
        Err(_) => Named::Absent(name.end),
    }
}

/// A digest by itself.
fn count(asked: &Asked<'_>, node: &Node, findings: &mut Findings) {
    let Some(covered) = node.range.intersection(asked.range) else { return };
    let mut push = |defect: Defect| {
        findings.defects.push(defect.at(asked.bucket, &node.key).during(node.range));
    };
    let unverifiable = match &node.reading {
        DigestReading::Missing => {
            push(Defect::new(DefectKind::DigestMissing, "it was deleted while the chain was verified"));
            findings.counts.missing += 1;
            findings.missing.push(covered);
            return;
        }
        DigestReading::Unverifiable(why) => Some(why),
        DigestReading::Read(checked) => {
            checked.defects.iter().cloned().for_each(&mut push);
            checked.unverifiable.as_ref()
        }
    };
    if let Some(why) = unverifiable {
        push(Defect::new(DefectKind::Unverifiable, &why.detail));
    }
    if node.contradicted || node.checked().is_some_and(|checked| !checked.defects.is_empty()) {
        findings.counts.invalid += 1;
        findings.invalid.push(covered);
    } else if unverifiable.is_some() {
        findings.counts.unverifiable += 1;
        findings.unverifiable.push(covered);
    } else {
        findings.counts.valid += 1;
        findings.covered.push(covered);
        if let Some(sha256) = node.checked().and_then(|checked| checked.sha256) {
            findings.verified.push((node.key.clone(), hexadecimal(&sha256)));
        }
    }
}

/// The time between a digest and the one before it.
fn link(
    asked: &Asked<'_>,
    nodes: &[Node],
    before: Option<&Node>,
    node: &Node,
    continuous: bool,
    findings: &mut Findings,
) {
    let covered_to = before.map(Node::end);
    let gap = TimeRange { from: covered_to.unwrap_or(asked.range.from), to: node.range.from };
    let mut time = Time { asked, continuous, findings };
    let previous = match node.body() {
        Some(body) => body.previous.as_ref(),
        None => return time.uncovered(covered_to, gap),
    };
    let Some(previous) = previous else {
        return match before {
            Some(before) if node.sound => time.stopped(before, gap),
            _ => time.uncovered(covered_to, gap),
        };
    };
    match position(asked, nodes, node, previous) {
        Named::Here(index) => {
            let followed = nodes.get(index).map_or(gap.from, Node::end);
            time.uncovered(covered_to, TimeRange { from: gap.from.max(followed), ..gap });
        }
        // A digest that is not sound may name what never was, but only where there is room for it.
        Named::Absent(end) if node.sound || (gap.from < end && end <= gap.to) => {
            let missing = TimeRange { from: (end - CADENCE).max(gap.from).min(end), to: end };
            time.missing(&previous.object, &node.key, missing);
            time.uncovered(covered_to, TimeRange { to: missing.from, ..gap });
            time.uncovered(Some(end), TimeRange { from: end.max(gap.from), ..gap });
        }
        Named::Elsewhere if node.sound => time.elsewhere(previous, gap),
        // The chain reaches back beyond what was asked, so that this is within it.
        Named::Before if node.sound => time.uncovered(covered_to.or(Some(gap.from)), gap),
        Named::Absent(_) | Named::Before | Named::Elsewhere => time.uncovered(covered_to, gap),
    }
}

/// Says what time without a digest means.
struct Time<'a, 'b> {
    asked: &'a Asked<'b>,
    continuous: bool,
    findings: &'a mut Findings,
}

impl Time<'_, '_> {
    /// Nothing covers this, after a digest or from the beginning.
    fn uncovered(&mut self, after: Option<DateTime<Utc>>, gap: TimeRange) {
        let Some(gap) = gap.intersection(self.asked.range).filter(|_| self.continuous) else { return };
        if self.asked.partial {
            self.findings.unverifiable.push(gap);
            return;
        }
        let defect = match after {
            Some(_) => Defect::new(DefectKind::Hole, "no digest covers this time, within a chain"),
            None => Defect::new(
                DefectKind::HeadMissing,
                "the first digest begins later: the trail did not log yet, or earlier digests were deleted",
            ),
        };
        self.findings.missing.push(gap);
        self.findings.defects.push(defect.during(gap));
    }

    fn stopped(&mut self, before: &Node, gap: TimeRange) {
        let Some(range) = gap.intersection(self.asked.range).filter(|_| self.continuous) else { return };
        if self.asked.partial {
            self.findings.unverifiable.push(range);
            return;
        }
        let intact = before.checked().is_some_and(|checked| checked.defects.is_empty());
        let early = before.range.to - before.range.from < CADENCE;
        let last_stands = before.sound && intact && !before.contradicted && early;
        self.findings.stops.push(Stop { range, last_stands });
    }

    fn missing(&mut self, key: &str, named_by: &str, range: TimeRange) {
        let Some(range) = range.intersection(self.asked.range) else { return };
        let defect = if self.asked.partial {
            self.findings.counts.unverifiable += 1;
            self.findings.unverifiable.push(range);
            Defect::new(
                DefectKind::Unverifiable,
                "not all digests could be listed, and it is not among the listed",
            )
        } else {
            self.findings.counts.missing += 1;
            self.findings.missing.push(range);
            Defect::new(DefectKind::DigestMissing, format!("the next digest, {named_by}, names it"))
        };
        self.findings.defects.push(defect.at(self.asked.bucket, key).during(range));
    }

    /// The chain came from another bucket or prefix: what stands there was not asked for.
    fn elsewhere(&mut self, previous: &Previous, gap: TimeRange) {
        let Some(gap) = gap.intersection(self.asked.range) else { return };
        let why = Unverifiable::new(
            UnverifiableReason::OtherPlace,
            "the chain comes from another bucket or prefix: verify that one too",
        );
        self.findings.unverifiable.push(gap);
        self.findings.counts.unverifiable += 1;
        self.findings.defects.push(
            Defect::new(DefectKind::Unverifiable, why.detail)
                .at(&previous.bucket, &previous.object)
                .during(gap),
        );
    }
}

/// The end of what was asked, and whether there is anything at all.
fn ends(asked: &Asked<'_>, nodes: &[Node], findings: &mut Findings) {
    let due = TimeRange { from: asked.range.from, to: asked.due };
    if due.is_empty() {
        return;
    }
    let any = nodes.iter().any(|node| node.range.intersection(asked.range).is_some());
    let (defect, missing) = if any {
        let covered_to = nodes.last().map_or(due.from, Node::end);
        let defect = Defect::new(
            DefectKind::TailMissing,
            "the newest digests were deleted, or the trail no longer logs",
        );
        (defect, TimeRange { from: covered_to, to: due.to })
    } else {
        // What the first digest after the range says of the time before it is not yet a finding of its own.
        findings.missing.clear();
        let of_time = [DefectKind::HeadMissing, DefectKind::Hole];
        findings.defects.retain(|defect| !of_time.contains(&defect.kind));
        (Defect::new(DefectKind::NoDigests, "not one digest covers any of this time"), due)
    };
    if !missing.is_empty() {
        findings.missing.push(missing);
        findings.defects.push(defect.during(missing));
    }
}
