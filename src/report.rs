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
use crate::finding::{Finding, Severity, Verdict, fingerprint};
use crate::frameworks::Framework;
use crate::model::{Gap, Observed, Organization};
use crate::rules::RuleSet;
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
    pub findings: Vec<Finding>,
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
    findings: Vec<Finding>,
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
        let Contents { header, rules, frameworks, mut findings, mut gaps, accounts, regions, reach, scope } =
            contents;
        let order = |a: &Finding, b: &Finding| (a.rule, &a.subject).cmp(&(b.rule, &b.subject));
        if !findings.is_sorted_by(|a, b| order(a, b).is_le()) {
            findings.sort_by(order);
        }
        gaps.sort_by(|a, b| a.id.cmp(&b.id));
        gaps.dedup_by(|a, b| a.id == b.id);
        let mut rules: Vec<(ReportedRule, VerdictCounts)> =
            rules.into_iter().map(|rule| (rule, VerdictCounts::default())).collect();
        let mut waived = vec![0; rules.len()];
        for finding in &findings {
            if let Some((_, counts)) = rules.get_mut(finding.rule as usize) {
                counts.add(finding.verdict);
            }
            if finding.waiver.is_some()
                && let Some(waived) = waived.get_mut(finding.rule as usize)
            {
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
            gaps,
            scope_line: scope.line(),
            scope,
            summary,
        }
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
    pub fn findings(&self) -> impl Iterator<Item = (&ReportedRule, &Finding)> {
        self.findings.iter().filter_map(|finding| Some((&self.rules.get(finding.rule as usize)?.0, finding)))
    }

    /// The finding with this fingerprint, or with the only fingerprint that begins so.
    pub fn find(&self, wanted: &str) -> Option<(&ReportedRule, &Finding)> {
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
        for (place, finding) in (0..).zip(&self.findings) {
            let Some((rule, _)) = self.rules.get(finding.rule as usize) else { continue };
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

    /// The findings of one rule, by its place.
    fn findings_of(&self, rule: u32) -> &[Finding] {
        let first = self.findings.partition_point(|finding| finding.rule < rule);
        let after = self.findings.partition_point(|finding| finding.rule <= rule);
        self.findings.get(first..after).unwrap_or_default()
    }

    fn finding(&self, place: u32) -> Option<(&ReportedRule, &Finding)> {
        let finding = self.findings.get(place as usize)?;
        Some((&self.rules.get(finding.rule as usize)?.0, finding))
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
