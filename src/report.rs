//! The report: what every format renders. Made of what [`crate::evaluate`] concluded; the formats are below.
//!
//! Findings are held once, as the evaluation made them, and rendered one after the other: a report over 10,000
//! accounts has more than a million.

pub mod asff;
pub mod csv;
pub mod dto;
pub mod frameworks;
pub mod github;
pub mod html;
pub mod integrity;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ocsf;
pub mod oscal;
pub mod sarif;
pub mod scope;
pub mod table;
pub(crate) mod text;

mod format;
mod remedy;
mod rule;
mod summary;
mod tree;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use self::scope::Scope;
use self::tree::Tree;
pub use format::{Format, FormatKind};
pub use frameworks::{ControlResult, FrameworkResult};
pub use rule::ReportedRule;
pub use summary::{AccountCounts, LogTypeCoverage, SeverityCounts, Summary, VerdictCounts};

use crate::evaluate::{Evaluation, LogReach};
use crate::finding::{Finding, Findings, Verdict, fingerprint};
use crate::frameworks::Framework;
use crate::model::{Gap, Observed, Organization};
use crate::rules::RuleSet;
use crate::severity::Severity;
use crate::snapshot::Header;

/// What a report is made of.
#[derive(Debug)]
pub struct Contents {
    /// The snapshot's first line.
    pub header: Header,
    /// The rules that ran, by id: [`Finding::rule`] is a place in this list.
    pub rules: Vec<ReportedRule>,
    /// The frameworks that are shown.
    pub frameworks: Vec<Framework>,
    /// What they found, by rule and subject.
    pub findings: Findings,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// How far the snapshot reaches.
    pub accounts: AccountCounts,
    /// Regions that answered, each counted once however many accounts use it.
    pub regions: usize,
    /// How far each type of log reaches the archive.
    pub reach: LogReach,
    /// What was looked at, and what was not.
    pub scope: Scope,
}

/// Everything that a format renders, in a fixed order.
#[derive(Debug)]
pub struct Report {
    taken_at: DateTime<Utc>,
    partition: String,
    caller_account_id: String,
    format_version: u32,
    organization: Option<(String, String)>,
    account_names: BTreeMap<String, String>,
    tree: Tree,
    rules: Vec<(ReportedRule, VerdictCounts)>,
    /// Failures under a waiver, for each of the rules.
    waived: Vec<usize>,
    frameworks: Vec<FrameworkResult>,
    frameworks_asked: bool,
    findings: Findings,
    /// JSON names what passes by rule, not each finding.
    passes_folded: bool,
    gaps: Vec<Gap>,
    scope: Scope,
    /// What was left out, for formats with a line for it; `None` where nothing was.
    scope_line: Option<String>,
    summary: Summary,
}

impl Report {
    /// The report of an evaluation by these rules.
    pub fn of(evaluation: Evaluation, rules: &RuleSet) -> Self {
        let Evaluation { header, findings, gaps, coverage } = evaluation;
        let with_controls = |rule| {
            let mut rule = ReportedRule::from(rule);
            rule.controls = rules.frameworks().iter().flat_map(|each| each.controls_of(&rule.id)).collect();
            rule
        };
        let scope = Scope::of(&header, &coverage, rules.choice(), rules.rules().len());
        let report = Self::new(Contents {
            header,
            rules: rules.rules().iter().map(with_controls).collect(),
            frameworks: rules.frameworks().to_vec(),
            findings,
            gaps,
            accounts: AccountCounts {
                in_organization: coverage.accounts_in_organization,
                in_scope: coverage.accounts_in_scope,
                read: coverage.accounts_read,
                suspended: coverage.accounts_suspended,
            },
            regions: coverage.regions.len(),
            reach: coverage.reach,
            scope,
        });
        Self { frameworks_asked: rules.frameworks_asked(), ..report }
    }

    /// Counts and sorts what was found.
    pub fn new(contents: Contents) -> Self {
        let Contents { header, rules, frameworks, findings, mut gaps, accounts, regions, reach, scope } =
            contents;
        gaps.sort_by(|a, b| a.id.cmp(&b.id));
        gaps.dedup_by(|a, b| a.id == b.id);
        let counted = |(number, rule)| {
            let mut counts = VerdictCounts::default();
            findings.verdicts_of(number).for_each(|verdict| counts.add(verdict));
            (rule, counts)
        };
        let rules: Vec<(ReportedRule, VerdictCounts)> = (0..).zip(rules).map(counted).collect();
        let mut waived = vec![0; rules.len()];
        for (rule, _) in findings.waivers() {
            if let Some(waived) = waived.get_mut(rule as usize) {
                *waived += 1;
            }
        }
        let mut waived_by_severity = SeverityCounts::default();
        for ((rule, _), waived) in rules.iter().zip(&waived) {
            waived_by_severity.add(rule.severity, *waived);
        }
        let summary = Summary::of(&rules, waived_by_severity, &gaps, accounts, regions, &reach);
        let frameworks = frameworks::results(frameworks, &rules, &waived);
        let known = match &header.organization {
            Observed::Known(organization) => Some(organization),
            Observed::Absent | Observed::Unavailable(_) => None,
        };
        Self {
            taken_at: header.taken_at,
            partition: header.partition,
            caller_account_id: header.caller_account_id,
            format_version: header.format_version,
            organization: known
                .map(|organization| (organization.id.clone(), organization.management_account_id.clone())),
            account_names: known.map(account_names).unwrap_or_default(),
            tree: Tree::of(&header.organization),
            rules,
            waived,
            frameworks,
            frameworks_asked: false,
            findings,
            passes_folded: false,
            gaps,
            scope_line: scope.line(),
            scope,
            summary,
        }
    }

    /// The same report, in whose JSON passes and what does not apply are folded, or not.
    #[must_use]
    pub fn with_passes_folded(self, passes_folded: bool) -> Self {
        Self { passes_folded, ..self }
    }

    /// Nothing in scope is undecided. Only then is the absence of failures good news. A call that did not answer, but on
    /// which no verdict of the rules in this run hangs, is told and keeps nothing from being complete.
    pub fn complete(&self) -> bool {
        self.summary.by_verdict.unknown == 0 && !self.gaps.iter().any(hides_scope)
    }

    /// The worst severity that failed under no waiver, if any did.
    pub fn worst_failure(&self) -> Option<Severity> {
        let Summary { failed_by_severity, waived_by_severity, .. } = &self.summary;
        let open = |severity: Severity| failed_by_severity.of(severity) > waived_by_severity.of(severity);
        Severity::ALL.into_iter().rev().find(|severity| open(*severity))
    }

    /// When collecting began.
    pub fn taken_at(&self) -> DateTime<Utc> {
        self.taken_at
    }

    /// The organization's identity; `None` for an account that is in none, or where it could not be read.
    pub fn organization_id(&self) -> Option<&str> {
        self.organization.as_ref().map(|(id, _)| id.as_str())
    }

    /// The organization's accounts are known, and this is none of them.
    pub fn has_left(&self, account_id: &str) -> bool {
        !self.account_names.is_empty() && !self.account_names.contains_key(account_id)
    }

    /// What was looked at, and what was not.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The counts.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The rules that ran, by id.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &ReportedRule> {
        self.rules.iter().map(|(rule, _)| rule)
    }

    /// The frameworks that were asked for, else all, with what the rules say of their controls.
    pub fn frameworks(&self) -> &[FrameworkResult] {
        &self.frameworks
    }

    /// [Frameworks](Self::frameworks) were asked for, and the rules are those that these name.
    pub fn frameworks_asked(&self) -> bool {
        self.frameworks_asked
    }

    /// What could not be read, by identity.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Every finding with its rule, by rule and subject.
    pub fn findings(&self) -> impl Iterator<Item = (&ReportedRule, Finding)> {
        self.findings.iter().filter_map(|finding| Some((self.rule(&finding)?, finding)))
    }

    /// Those of them that fail or are unknown.
    pub fn failures_and_unknowns(&self) -> impl Iterator<Item = (&ReportedRule, Finding)> {
        self.findings.open().filter_map(|(_, finding)| Some((self.rule(&finding)?, finding)))
    }

    fn rule(&self, finding: &Finding) -> Option<&ReportedRule> {
        Some(&self.rules.get(finding.rule as usize)?.0)
    }

    /// The finding with this fingerprint, or with the only fingerprint that begins so.
    pub fn find(&self, wanted: &str) -> Option<(&ReportedRule, Finding)> {
        let wanted = wanted.to_ascii_lowercase();
        let mut found = self
            .findings()
            .filter(|(rule, finding)| fingerprint(&rule.id, &finding.subject).starts_with(&wanted));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// An account's name, where the organization says it.
    pub fn account_name(&self, account_id: &str) -> Option<&str> {
        self.account_names.get(account_id).map(String::as_str)
    }

    /// The finding's message; where the rule passes or does not apply, its title says it.
    pub fn message<'a>(rule: &'a ReportedRule, finding: &'a Finding) -> &'a str {
        finding.message.as_deref().unwrap_or(&rule.title)
    }

    /// What to do about a finding, with the commands that do it and the names that the finding knows.
    pub fn remedy(&self, rule: &ReportedRule, finding: &Finding) -> String {
        remedy::Remedy::of(self, rule, finding).whole().into_owned()
    }

    /// Failures and unknowns, worst first: failures by severity, then unknowns by severity, then failures that a waiver
    /// covers, each by rule and subject.
    fn open_findings(&self) -> Vec<u32> {
        let mut open: Vec<(u8, std::cmp::Reverse<Severity>, u32)> = Vec::new();
        for (place, finding) in self.findings.open() {
            let Some(rule) = self.rule(&finding) else { continue };
            match finding.verdict {
                Verdict::Fail if finding.waiver.is_some() => {
                    open.push((2, std::cmp::Reverse(rule.severity), place));
                }
                Verdict::Fail => open.push((0, std::cmp::Reverse(rule.severity), place)),
                Verdict::Unknown => open.push((1, std::cmp::Reverse(rule.severity), place)),
                Verdict::Pass | Verdict::NotApplicable => {}
            }
        }
        open.sort_unstable();
        open.into_iter().map(|(_, _, place)| place).collect()
    }

    /// Failures under a waiver, of all rules.
    pub fn waived(&self) -> usize {
        self.waived.iter().sum()
    }

    fn finding(&self, place: u32) -> Option<(&ReportedRule, Finding)> {
        let finding = self.findings.get(place)?;
        Some((self.rule(&finding)?, finding))
    }
}

fn account_names(organization: &Organization) -> BTreeMap<String, String> {
    match &organization.accounts {
        Observed::Known(accounts) => {
            accounts.iter().map(|account| (account.id.clone(), account.name.clone())).collect()
        }
        Observed::Absent | Observed::Unavailable(_) => BTreeMap::new(),
    }
}

/// Such a gap may hide accounts or regions altogether, which then have no finding to be undecided.
fn hides_scope(gap: &Gap) -> bool {
    gap.account_id.is_none()
        || matches!(gap.operation.as_str(), "AssumeRole" | "GetCallerIdentity" | "ListRegions")
}
