//! The findings of a report that was written before, by fingerprint, to be compared with those of another run.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::finding::{Verdict, fingerprint};
use crate::report::Report;

/// What is compared of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) waived: bool,
}

/// Findings by fingerprint. Of a million, 32 bytes are kept for each.
pub(super) type Outcomes = BTreeMap<u128, Outcome>;

/// How the findings of two runs differ.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// Found now, but not in the report.
    pub(super) appeared: Vec<u128>,
    /// In the report, but not found now.
    pub(super) gone: Vec<u128>,
    /// With another verdict.
    pub(super) changed: Vec<(u128, Outcome, Outcome)>,
}

impl Differences {
    pub(super) fn are_none(&self) -> bool {
        self.appeared.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

/// The findings of a report.
pub(super) fn of_report(report: &Report) -> Outcomes {
    let outcome = |(rule, finding): (&crate::report::ReportedRule, crate::finding::Finding)| {
        let number = number(&fingerprint(&rule.id, &finding.subject))?;
        Some((number, Outcome { verdict: finding.verdict, waived: finding.waiver.is_some() }))
    };
    report.findings().filter_map(outcome).collect()
}

/// The findings of a report in JSON.
pub(super) fn of_json(text: impl Read) -> serde_json::Result<Outcomes> {
    #[derive(Deserialize)]
    struct Written {
        findings: Findings,
    }
    serde_json::from_reader::<_, Written>(text).map(|written| written.findings.0)
}

fn number(fingerprint: &str) -> Option<u128> {
    u128::from_str_radix(fingerprint, 16).ok()
}

/// One after the other, since all of them as JSON would not fit.
struct Findings(Outcomes);

#[derive(Deserialize)]
struct Finding {
    verdict: Verdict,
    fingerprint: String,
    waiver: Option<IgnoredAny>,
}

impl<'de> Deserialize<'de> for Findings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Findings;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of findings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Findings, A::Error> {
                let mut outcomes = Outcomes::new();
                while let Some(finding) = list.next_element::<Finding>()? {
                    let number = number(&finding.fingerprint)
                        .ok_or_else(|| serde::de::Error::custom("a fingerprint is no hexadecimal number"))?;
                    let waived = finding.waiver.is_some();
                    outcomes.insert(number, Outcome { verdict: finding.verdict, waived });
                }
                Ok(Findings(outcomes))
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

/// Compares what a report says with what is found now.
pub(super) fn compare(written: &Outcomes, now: &Outcomes) -> Differences {
    let mut differences = Differences::default();
    for (number, outcome) in now {
        match written.get(number) {
            None => differences.appeared.push(*number),
            Some(before) if before != outcome => differences.changed.push((*number, *before, *outcome)),
            Some(_) => {}
        }
    }
    differences.gone.extend(written.keys().filter(|number| !now.contains_key(number)));
    differences
}
