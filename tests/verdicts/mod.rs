//! What the rules say of a snapshot, and what may become of it where something could not be read: an unknown, and
//! nothing else.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use trailproof::evaluate;
use trailproof::exit::{Exit, Gate};
use trailproof::facts::Subject;
use trailproof::finding::Verdict;
use trailproof::model::{Expectations, Gap};
use trailproof::report::Report;
use trailproof::rules::RuleSet;
use trailproof::snapshot::Source;

/// A rule's question about a subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Question {
    rule: Arc<str>,
    subject: Arc<Subject>,
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subject { account_id, region, id, .. } = self.subject.as_ref();
        let place = [account_id, region].into_iter().flatten().map(AsRef::as_ref);
        write!(formatter, "{} of {id} ({})", self.rule, place.collect::<Vec<&str>>().join(" "))
    }
}

/// All verdicts over one snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Verdicts {
    of: BTreeMap<Question, (Verdict, BTreeSet<String>)>,
    /// What is said more than once.
    twice: Vec<String>,
    pub(crate) gaps: Vec<Gap>,
    /// The report says that everything was read.
    pub(crate) complete: bool,
}

impl Verdicts {
    pub(crate) fn over(source: &Source, rules: &RuleSet) -> Self {
        let evaluation = evaluate::check(source, Expectations::default(), rules).unwrap();
        let report = Report::of(evaluation, rules);
        let mut of = BTreeMap::new();
        let mut twice = Vec::new();
        for (_, finding) in report.findings() {
            let rule = Arc::clone(&rules.rule(finding.rule).unwrap().id);
            let question = Question { rule, subject: Arc::clone(&finding.subject) };
            let gaps = finding.gaps.iter().map(|gap| gap.as_str().to_owned()).collect();
            if of.insert(question.clone(), (finding.verdict, gaps)).is_some() {
                twice.push(format!("{question}: twice"));
            }
        }
        let gate = Gate { fail_on: None, allow_incomplete: false };
        Self { of, twice, gaps: report.gaps().to_vec(), complete: gate.judge(&report) == Exit::Complete }
    }

    /// How many of each verdict.
    pub(crate) fn count(&self) -> BTreeMap<&'static str, usize> {
        let mut count = BTreeMap::new();
        for (verdict, _) in self.of.values() {
            *count.entry(verdict.as_str()).or_default() += 1;
        }
        count
    }

    pub(crate) fn len(&self) -> usize {
        self.of.len()
    }

    /// How many are unknown here that were not there.
    pub(crate) fn newly_unknown(&self, before: &Self) -> usize {
        let known = |question: &Question| {
            before.of.get(question).is_none_or(|(verdict, _)| *verdict != Verdict::Unknown)
        };
        self.of
            .iter()
            .filter(|(question, (verdict, _))| *verdict == Verdict::Unknown && known(question))
            .count()
    }

    /// What is said here, where less was read than `there`, and is not said there: everything must be said of both, or
    /// be unknown here. An unknown that stands for subjects which were not listed is of the asked account or of `asked`,
    /// whose answer would have named them.
    pub(crate) fn untrue_beside(&self, there: &Self, asked: Option<&str>) -> Vec<String> {
        self.untrue(there, asked, true)
    }

    /// The same where something else was answered `there`. What nobody can know there contradicts nothing here.
    pub(crate) fn untrue_where(&self, there: &Self, asked: Option<&str>) -> Vec<String> {
        self.untrue(there, asked, false)
    }

    fn untrue(&self, there: &Self, asked: Option<&str>, as_little: bool) -> Vec<String> {
        let mut untrue = self.twice.clone();
        for (question, (wanted, _)) in &there.of {
            match self.find(question) {
                Some(found) if found == *wanted || found == Verdict::Unknown => {}
                Some(_) if *wanted == Verdict::Unknown && !as_little => {}
                Some(found) => {
                    untrue.push(format!("{question}: {}, not {}", found.as_str(), wanted.as_str()));
                }
                None if self.stands_in(question, asked) => {}
                None => untrue.push(format!("{question}: gone, not {}", wanted.as_str())),
            }
        }
        for (question, (found, _)) in &self.of {
            if *found != Verdict::Unknown && !there.of.keys().any(|other| question.may_be(other)) {
                untrue.push(format!("{question}: {}, though there is no such subject", found.as_str()));
            }
        }
        untrue
    }

    fn find(&self, question: &Question) -> Option<Verdict> {
        let whole = self.of.get(question).map(|(verdict, _)| *verdict);
        whole.or_else(|| {
            let mut same = self.of.iter().filter(|(here, _)| here.may_be(question));
            same.next().map(|(_, (verdict, _))| *verdict)
        })
    }

    /// An unknown says that there may be more subjects.
    fn stands_in(&self, question: &Question, asked: Option<&str>) -> bool {
        let wanted = &question.subject;
        self.of.iter().any(|(here, (verdict, _))| {
            let subject = &here.subject;
            let account = subject.account_id.as_deref();
            *verdict == Verdict::Unknown
                && here.rule == question.rule
                && subject.kind == wanted.kind
                && &*subject.id == "*"
                && (account.is_none() || account == wanted.account_id.as_deref() || account == asked)
                && (subject.region == wanted.region || subject.region.is_none())
        })
    }
}

impl Question {
    /// The same question, of a subject whose account or region is not known.
    fn may_be(&self, other: &Self) -> bool {
        let (one, another) = (&self.subject, &other.subject);
        self.rule == other.rule
            && (one.kind, &one.id) == (another.kind, &another.id)
            && (one.account_id.is_none() || one.account_id == another.account_id)
            && (one.region.is_none() || one.region == another.region)
    }
}

/// The kinds of the untrue: the rule and what became of what, with how often and an example of each.
pub(crate) fn kinds(untrue: &[(String, String)]) -> BTreeMap<String, (usize, String)> {
    let mut kinds = BTreeMap::new();
    for (kind, example) in untrue {
        kinds.entry(kind.clone()).or_insert((0, example.clone())).0 += 1;
    }
    kinds
}
