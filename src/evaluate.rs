//! Asks every rule about every subject of a snapshot.
//!
//! Accounts stream past: what is kept is findings and gaps. Findings are sorted by rule and subject, so that the same
//! snapshot, rules and settings give the same result on any number of processors. Reads [`crate::facts`] and
//! [`crate::rules`]; read by `report`.

mod coverage;
mod evidence;
mod groups;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::attestation::Attestation;
use crate::facts::{self, Facts, SubjectFacts, SubjectKind, guardrail};
use crate::finding::{Evidence, Finding, Findings, Gathering, Verdict};
use crate::model::{Expectations, Gap, GapId, GapReason};
use crate::rules::{Decision, Rule, RuleErrors, RuleSet};
use crate::snapshot::{Group, Header, Record, SnapshotError, Source, Survey, Undecoded, Wanted};

pub use coverage::Coverage;
use evidence::Gathered;
use groups::Groups;
pub use reach::{LogReach, Places};

/// A rule that cannot be evaluated for a subject, though its facts are there. It is no verdict: the rule is wrong.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{errors}")]
pub struct EvaluateError {
    /// The rule's id.
    pub rule_id: String,
    /// The subject's id.
    pub subject_id: String,
    /// What is wrong, with the rule's source and a caret.
    pub errors: RuleErrors,
}

/// Why a snapshot could not be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It could not be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A rule is wrong.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// What the rules say of a snapshot.
#[derive(Debug)]
pub struct Evaluation {
    /// The snapshot's header; of several shards, the first one's, with the scope of all.
    pub header: Header,
    /// By rule, then by subject.
    pub findings: Findings,
    /// Everything that could not be read, sorted, each call once.
    pub gaps: Vec<Gap>,
    /// What was read.
    pub coverage: Coverage,
}

/// Builds the facts of a snapshot and asks every rule about every subject.
pub fn check(source: &Source, expectations: Expectations, rules: &RuleSet) -> Result<Evaluation, CheckError> {
    check_with(source, expectations, &[], rules)
}

/// As [`check`], with what was verified elsewhere.
pub fn check_with(
    source: &Source,
    expectations: Expectations,
    attestations: &[Attestation],
    rules: &RuleSet,
) -> Result<Evaluation, CheckError> {
    Basis::of(source, expectations, attestations, rules)?.check(rules)
}

/// What has to be known of a snapshot before its records are judged one by one.
#[derive(Debug)]
pub struct Basis {
    /// What was seen of every line.
    pub survey: Survey,
    /// The accounts that nothing tells apart, as far as these rules and settings go.
    pub alike: Vec<Group>,
    /// What accounts know of each other.
    pub facts: Facts,
}

impl Basis {
    /// Makes the first passes, for what is asked by these rules.
    pub fn of(
        source: &Source,
        expectations: Expectations,
        attestations: &[Attestation],
        rules: &RuleSet,
    ) -> Result<Self, CheckError> {
        let mut survey = source.survey()?;
        let alike = groups::of(&mut survey, &expectations, attestations, rules);
        let facts = Facts::build_with(&survey, expectations, attestations, &alike)?;
        Ok(Self { survey, alike, facts })
    }

    /// Asks every rule about every subject.
    pub fn check(&self, rules: &RuleSet) -> Result<Evaluation, CheckError> {
        let Self { survey, alike, facts } = self;
        let missing = facts::missing_subjects(facts);
        let mut sum = Sum::of(rules, alike.clone());
        sum.gaps.clone_from(&facts.index.gaps);
        sum.gaps.extend(facts.index.header.gaps.iter().cloned());
        sum.coverage =
            Coverage { reach: LogReach::of(&missing), ..Coverage::of_organization(&facts.index.header) };
        for subjects in [&facts::organization_subjects(facts), &missing] {
            sum.add(Part { findings: evaluate_subjects(rules, subjects)?, ..Part::default() });
        }
        let sum = read_all(survey, facts, rules, sum);
        let Sum { findings, mut gaps, coverage, errors, groups: _ } = sum;
        // Which record fails first depends on the threads; which error is reported must not.
        if let Some(error) = errors.into_iter().min_by_key(CheckError::order) {
            return Err(error);
        }
        let found = findings.finish();
        gaps.extend([Gap::not_collected(), Gap::without_effect()]);
        gaps.extend(guardrail::own_gaps());
        drop_needless(&mut gaps, &found);
        name_all(&mut gaps, &found);
        gaps.sort_unstable();
        gaps.dedup();
        Ok(Evaluation { header: facts.index.header.clone(), findings: found, gaps, coverage })
    }
}

/// Judges all records. Of a group of alike accounts the first and the last are judged; the others with them if what is said of
/// the two is the same, else each by itself, in a further pass.
fn read_all(survey: &Survey, facts: &Facts, rules: &RuleSet, mut sum: Sum) -> Sum {
    let left_out = sum.groups.left_out();
    let mut wanted = Wanted::AllBut(&left_out);
    let mut differing;
    loop {
        // Reading and evaluating overlap: one thread reads while others decode and evaluate. Each part is taken in as it
        // comes, so that no more than one for each thread is held besides.
        let shared = Mutex::new(sum);
        let read = |record: Result<Undecoded, SnapshotError>| part_of(record?, facts, rules);
        survey.records(wanted).par_bridge().map(read).for_each(|part| {
            let mut sum = shared.lock().unwrap_or_else(PoisonError::into_inner);
            match part {
                Ok(part) => sum.add(part),
                Err(error) => sum.errors.push(error),
            }
        });
        sum = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        differing = sum.groups.take_differing();
        if differing.is_empty() || !sum.errors.is_empty() {
            return sum;
        }
        wanted = Wanted::Only(&differing);
    }
}

/// What one record gives.
fn part_of(record: Undecoded, facts: &Facts, rules: &RuleSet) -> Result<Part, CheckError> {
    Ok(match record.decode()? {
        Some(Record::Account(record)) => {
            let subjects = facts::account_subjects(facts, &record);
            Part {
                findings: evaluate_subjects(rules, &subjects)?,
                coverage: Coverage { reach: LogReach::of(&subjects), ..Coverage::of_account(&record) },
                gaps: [facts::account_gaps(facts, &record), record.gaps].concat(),
                account: Some(Arc::from(record.id)),
            }
        }
        Some(Record::Stores(record)) => Part {
            findings: evaluate_subjects(rules, &facts::store_subjects(facts, &record))?,
            gaps: record.gaps,
            ..Part::default()
        },
        Some(Record::Header(_) | Record::End(_)) | None => Part::default(),
    })
}

/// What a policy leaves open, and what nobody set out to ask, is a gap only to a rule that depends on it: another fact
/// may decide them all.
fn drop_needless(gaps: &mut Vec<Gap>, findings: &Findings) {
    let conditional = |gap: &Gap| matches!(gap.reason, GapReason::Undecided | GapReason::NotCollected);
    if !gaps.iter().any(conditional) {
        return;
    }
    let named: HashSet<&GapId> = findings.gaps().collect();
    gaps.retain(|gap| !conditional(gap) || named.contains(&gap.id));
}

/// A record may have lost its list of gaps: what a finding names is there nevertheless.
fn name_all(gaps: &mut Vec<Gap>, findings: &Findings) {
    let known: HashSet<GapId> = gaps.iter().map(|gap| gap.id.clone()).collect();
    let lost: BTreeSet<&GapId> = findings.gaps().filter(|id| !known.contains(*id)).collect();
    gaps.extend(lost.into_iter().map(|id| Gap { id: id.clone(), ..Gap::not_collected() }));
}

impl CheckError {
    fn order(&self) -> (String, String) {
        match self {
            Self::Snapshot(_) => (String::new(), String::new()),
            Self::Evaluate(error) => (error.rule_id.clone(), error.subject_id.clone()),
        }
    }
}

/// What one record gives.
#[derive(Debug, Clone, Default)]
struct Part {
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
    coverage: Coverage,
    /// Whose record it is, of an account.
    account: Option<Arc<str>>,
}

/// What all records gave so far.
struct Sum {
    findings: Gathering,
    gaps: Vec<Gap>,
    coverage: Coverage,
    errors: Vec<CheckError>,
    groups: Groups,
}

impl Sum {
    fn of(rules: &RuleSet, groups: Vec<Group>) -> Self {
        let kinds = SubjectKind::ALL.iter().copied();
        let numbers = kinds.flat_map(|kind| rules.about(kind).map(move |(number, _)| (kind, number)));
        Self {
            findings: Gathering::new(numbers),
            gaps: Vec::new(),
            coverage: Coverage::default(),
            errors: Vec::new(),
            groups: Groups::new(groups),
        }
    }

    fn add(&mut self, part: Part) {
        let Some((part, others)) = self.groups.hold(part) else { return };
        for part in part {
            let Part { findings, mut gaps, coverage, account } = part;
            let rows = self.findings.add(findings);
            self.gaps.append(&mut gaps);
            for other in others.iter().filter(|other| account.as_ref() == Some(&other.own)) {
                self.findings.add_alike(&rows, other.clone());
                self.coverage.add(coverage.clone());
            }
            self.coverage.add(coverage);
        }
    }
}

/// Asks every rule about each of these subjects. Findings are in the order of the subjects, and of rules by id for
/// each.
pub fn evaluate_subjects(rules: &RuleSet, subjects: &[SubjectFacts]) -> Result<Vec<Finding>, EvaluateError> {
    let mut findings = Vec::new();
    let mut shared = Shared::default();
    for subject in subjects {
        for (number, rule) in rules.about(subject.subject.kind) {
            findings.push(finding(number, rule, subject, &mut shared)?);
        }
    }
    Ok(findings)
}

/// What was seen before: the regions and log groups of an account mostly say the same, and so do rules of them.
#[derive(Default)]
struct Shared {
    evidence: HashMap<Arc<[Evidence]>, usize>,
    /// By the rule's number and the evidence's, where that is all that the rule can see.
    verdicts: HashMap<(u32, usize), Verdict>,
}

impl Shared {
    /// The evidence, and its number.
    fn keep(&mut self, evidence: Vec<Evidence>) -> (Arc<[Evidence]>, usize) {
        if let Some((known, number)) = self.evidence.get_key_value(evidence.as_slice()) {
            return (Arc::clone(known), *number);
        }
        let (evidence, number): (Arc<[Evidence]>, usize) = (evidence.into(), self.evidence.len());
        self.evidence.insert(Arc::clone(&evidence), number);
        (evidence, number)
    }
}

fn finding(
    number: u32,
    rule: &Rule,
    subject: &SubjectFacts,
    shared: &mut Shared,
) -> Result<Finding, EvaluateError> {
    let found = |verdict, message: Option<String>, evidence: Arc<[Evidence]>, gaps| Finding {
        rule: number,
        subject: subject.subject.clone(),
        verdict,
        message: message.map(Arc::from),
        evidence,
        gaps,
        waiver: None,
    };
    if let Some(gaps) = &subject.unlisted {
        let why = if &*subject.subject.id == "*" {
            format!("{} could not be listed", subject.subject.kind.unlisted())
        } else {
            "it was not found, or nobody could be asked about it".to_owned()
        };
        let message = format!("cannot be decided: {} ({why})", rule.title);
        let (none, _) = shared.keep(Vec::new());
        return Ok(found(Verdict::Unknown, Some(message), none, gaps.as_slice().into()));
    }
    let Gathered { evidence, is_whole } = evidence::gather(rule, subject);
    let (evidence, seen) = shared.keep(evidence);
    let decision = match shared.verdicts.get(&(number, seen)) {
        Some(verdict) if is_whole => Decision::from(*verdict),
        _ => rule.decide(subject).map_err(|errors| EvaluateError {
            rule_id: rule.id.to_string(),
            subject_id: subject.subject.id.to_string(),
            errors,
        })?,
    };
    if is_whole && decision.gaps.is_empty() {
        shared.verdicts.entry((number, seen)).or_insert(decision.verdict);
    }
    let message = match decision.verdict {
        Verdict::Pass | Verdict::NotApplicable => None,
        Verdict::Fail => Some(rule.message.render(&rule.parameters, Some(subject))),
        Verdict::Unknown => Some(evidence::why_unknown(&rule.title, &evidence)),
    };
    Ok(found(decision.verdict, message, evidence, decision.gaps.into_iter().collect()))
}
