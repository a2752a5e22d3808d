//! Reading a report in JSON, one finding after the other.

mod folded;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

use self::folded::PassesIn;
use super::{Detail, Entry, SavedReport, SavedReportError, SavedSubject};
use crate::finding::Verdict;
use crate::report::Scope;
use crate::severity::Severity;
use crate::snapshot::begins_snapshot;

/// How a file under zstd begins.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Bytes of the longest text that a report has.
const LONGEST_TEXT: usize = 1 << 20;
/// Elements of the longest list: more findings than any organization has.
const MOST: usize = 20_000_000;

/// The file is a snapshot, by how it begins.
pub fn is_snapshot(path: &Path) -> Result<bool, SavedReportError> {
    let cannot = |source| SavedReportError::Read { path: path.to_owned(), source };
    let begin = |file: &mut dyn Read| {
        let mut start = Vec::new();
        file.take(16).read_to_end(&mut start).map(|_| start)
    };
    let start = File::open(path).and_then(|mut file| begin(&mut file)).map_err(cannot)?;
    if !start.starts_with(&ZSTD) {
        return Ok(begins_snapshot(&start));
    }
    // Snapshots of early releases, and reports that are packed, begin alike. What cannot be unpacked its reader tells of.
    let inner = File::open(path).and_then(zstd::stream::read::Decoder::new);
    let start = inner.and_then(|mut file| begin(&mut file));
    Ok(start.is_ok_and(|start| begins_snapshot(&start)))
}

/// Reads a report in JSON.
pub fn read(path: &Path) -> Result<SavedReport, SavedReportError> {
    let report: ReportIn = json(path, "report")?;
    if report.schema_version.split('.').next() != Some("1") {
        return Err(SavedReportError::Version { path: path.to_owned(), version: report.schema_version });
    }
    let Some(snapshot) = report.snapshot else {
        let detail = "it does not say of which snapshot it is".to_owned();
        return Err(SavedReportError::Invalid { path: path.to_owned(), what: "report", detail });
    };
    let mut findings = report.findings.0;
    if let Some(passes) = report.passes {
        let subjects = report.subjects.map(|subjects| subjects.0).unwrap_or_default();
        folded::unfold(&passes.0, &subjects, &report.rules.0, &mut findings)
            .map_err(|detail| SavedReportError::Invalid { path: path.to_owned(), what: "report", detail })?;
    }
    Ok(SavedReport {
        taken_at: snapshot.taken_at,
        organization_id: report.organization.map(|organization| organization.id),
        rules: report.rules.0.into_iter().map(|rule| rule.id).collect(),
        findings,
        gaps: report.gaps.0.into_iter().map(|gap| gap.id).collect(),
        scope: report.scope.unwrap_or_default(),
    })
}

/// Reads JSON in which no text and no list is longer than a report's.
pub(crate) fn json<T: for<'de> Deserialize<'de>>(
    path: &Path,
    what: &'static str,
) -> Result<T, SavedReportError> {
    let cannot = |source| SavedReportError::Read { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(cannot)?);
    let is_packed = file.fill_buf().map_err(cannot)?.starts_with(&ZSTD);
    let text: Box<dyn Read> = if is_packed {
        Box::new(zstd::stream::read::Decoder::with_buffer(file).map_err(cannot)?)
    } else {
        Box::new(file)
    };
    let file = BufReader::new(Bounded::new(text));
    let mut deserializer = serde_json::Deserializer::from_reader(file);
    let value = T::deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| SavedReportError::Invalid {
        path: path.to_owned(),
        what,
        detail: error.to_string(),
    })
}

/// Ends reading inside of a text that is too long for a report.
struct Bounded<R> {
    inner: R,
    in_text: bool,
    escaped: bool,
    length: usize,
}

impl<R> Bounded<R> {
    fn new(inner: R) -> Self {
        Self { inner, in_text: false, escaped: false, length: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in buffer.iter().take(read) {
            if !self.in_text {
                self.in_text = *byte == b'"';
                self.length = 0;
                continue;
            }
            self.length += 1;
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            if self.length > LONGEST_TEXT {
                return Err(io::Error::other("it holds a text longer than any report has"));
            }
        }
        Ok(read)
    }
}

#[derive(Deserialize)]
struct ReportIn {
    schema_version: String,
    snapshot: Option<SnapshotIn>,
    organization: Option<Named>,
    scope: Option<Scope>,
    rules: List<RuleIn>,
    findings: FindingsIn,
    subjects: Option<List<SavedSubject>>,
    passes: Option<List<PassesIn>>,
    gaps: List<Named>,
}

#[derive(Deserialize)]
struct SnapshotIn {
    taken_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct RuleIn {
    id: Arc<str>,
    severity: Option<Severity>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// A list that ends before it fills the memory.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = List<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element()? {
                    if list.len() == MOST {
                        return Err(A::Error::custom("a list is longer than in any report"));
                    }
                    list.push(element);
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_seq(Elements(std::marker::PhantomData))
    }
}

struct FindingsIn(BTreeMap<super::Fingerprint, Entry>);

impl<'de> Deserialize<'de> for FindingsIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Findings;
        impl<'de> Visitor<'de> for Findings {
            type Value = FindingsIn;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("findings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
                let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
                let mut findings = BTreeMap::new();
                while let Some(finding) = elements.next_element::<FindingIn>()? {
                    let fingerprint = finding.fingerprint.parse().map_err(A::Error::custom)?;
                    let known = names.get(finding.rule_id.as_str()).map(Arc::clone);
                    let rule = known.unwrap_or_else(|| {
                        let rule: Arc<str> = finding.rule_id.as_str().into();
                        names.insert(Arc::clone(&rule));
                        rule
                    });
                    let (verdict, severity) = (finding.verdict, finding.severity);
                    let detail = match verdict {
                        Verdict::Fail | Verdict::Unknown => finding.detail().map(Box::new),
                        Verdict::Pass | Verdict::NotApplicable => None,
                    };
                    if findings.insert(fingerprint, Entry { verdict, severity, rule, detail }).is_some() {
                        return Err(A::Error::custom(format!("the finding {fingerprint} is in it twice")));
                    }
                    if findings.len() > MOST {
                        return Err(A::Error::custom("there are more findings than in any report"));
                    }
                }
                Ok(FindingsIn(findings))
            }
        }
        deserializer.deserialize_seq(Findings)
    }
}

/// A finding in JSON.
#[derive(Deserialize)]
pub(super) struct FindingIn {
    rule_id: String,
    severity: Severity,
    verdict: Verdict,
    subject: SavedSubject,
    message: String,
    evidence: Hashed,
    waiver: Option<WaiverIn>,
    fingerprint: String,
}

#[derive(Deserialize)]
struct WaiverIn {
    id: String,
}

impl FindingIn {
    pub(super) fn detail(self) -> Option<Detail> {
        let evidence = self.evidence.0.finalize();
        Some(Detail {
            subject: self.subject,
            message: self.message,
            evidence: evidence.get(..16)?.try_into().ok()?,
            waiver: self.waiver.map(|waiver| waiver.id),
        })
    }
}

/// A value that is not kept: a digest tells whether two are the same.
struct Hashed(Sha256);

impl<'de> Deserialize<'de> for Hashed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut digest = Sha256::new();
        Taken(&mut digest).deserialize(deserializer)?;
        Ok(Self(digest))
    }
}

/// Takes a value into a digest, each part with a sign of its kind and its length.
struct Taken<'a>(&'a mut Sha256);

impl Taken<'_> {
    fn part(self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}

impl<'de> DeserializeSeed<'de> for Taken<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Taken<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.part(b'n', &[]);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.part(b'b', &[u8::from(value)]);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.part(b'i', value.to_string().as_bytes());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.part(b'i', value.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.part(b'f', &value.to_be_bytes());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.part(b's', value.as_bytes());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.0.update(b"[");
        while elements.next_element_seed(Taken(&mut *self.0))?.is_some() {}
        self.0.update(b"]");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        // The order of an object's names says nothing, and tools change it.
        let mut parts = Vec::new();
        loop {
            let mut part = Sha256::new();
            if entries.next_key_seed(Taken(&mut part))?.is_none() {
                break;
            }
            entries.next_value_seed(Taken(&mut part))?;
            parts.push(part.finalize());
        }
        parts.sort_unstable();
        self.0.update(b"{");
        for part in parts {
            self.0.update(part);
        }
        self.0.update(b"}");
        Ok(())
    }
}

#[cfg(test)]
pub(super) fn digest_of(text: &str) -> Vec<u8> {
    serde_json::from_str::<Hashed>(text).unwrap().0.finalize().to_vec()
}

#[cfg(test)]
pub(super) fn bounded(text: &[u8]) -> io::Result<usize> {
    io::copy(&mut Bounded::new(text), &mut io::sink()).map(|length| usize::try_from(length).unwrap())
}
