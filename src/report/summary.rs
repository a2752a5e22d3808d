//! The counts that stand at the top of a report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::ReportedRule;
use crate::evaluate::{LogReach, Places};
use crate::finding::Verdict;
use crate::model::{Gap, GapReason};
use crate::severity::Severity;

/// Findings by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerdictCounts {
    /// The rule holds.
    pub pass: usize,
    /// The rule does not hold.
    pub fail: usize,
    /// What decides could not be read.
    pub unknown: usize,
    /// The rule does not concern the subject.
    pub not_applicable: usize,
}

impl VerdictCounts {
    pub(super) fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::NotApplicable => self.not_applicable += 1,
        }
    }
}

impl std::ops::AddAssign for VerdictCounts {
    fn add_assign(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
    }
}

/// Failures by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeverityCounts {
    /// Logs are missing, or can be lost or changed now.
    pub critical: usize,
    /// Logs can be lost or changed by one further mistake.
    pub high: usize,
    /// A protection is missing.
    pub medium: usize,
    /// A weakness behind other protections.
    pub low: usize,
    /// For the record.
    pub info: usize,
}

impl SeverityCounts {
    /// The count of one severity.
    pub fn of(&self, severity: Severity) -> usize {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    pub(super) fn add(&mut self, severity: Severity, failures: usize) {
        match severity {
            Severity::Critical => self.critical += failures,
            Severity::High => self.high += failures,
            Severity::Medium => self.medium += failures,
            Severity::Low => self.low += failures,
            Severity::Info => self.info += failures,
        }
    }
}

/// How many accounts the snapshot reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountCounts {
    /// Accounts that the organization lists; null where the list could not be read or there is no organization.
    pub in_organization: Option<usize>,
    /// Accounts that the scan set out to read.
    pub in_scope: usize,
    /// Accounts of which at least one call answered.
    pub read: usize,
    /// Accounts that are listed but closed: they cannot be scanned. Null where the list could not be read.
    pub suspended: Option<usize>,
}

/// How far one type of log reaches the archive, by the facts of each place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogTypeCoverage {
    /// The log type.
    pub log_type: &'static str,
    /// The rule whose findings name places.
    pub rule_id: &'static str,
    /// Places that are covered: regions of accounts, or log groups.
    pub covered: usize,
    /// Places that are not.
    pub not_covered: usize,
    /// Places of which it could not be read.
    pub unknown: usize,
}

/// A log type whose coverage is summed up.
pub(super) struct LogType {
    /// What it is called in data.
    pub(super) id: &'static str,
    /// What it is called for people.
    pub(super) name: &'static str,
    /// What is counted.
    pub(super) places: &'static str,
    /// The rule whose findings name places. It does not count them: a rule leaves out what it does not apply to.
    pub(super) rule: &'static str,
    count: fn(&LogReach) -> Places,
}

/// All of them.
pub(super) const LOG_TYPES: [LogType; 3] = [
    LogType {
        id: "cloudtrail_management_events",
        name: "CloudTrail management events",
        places: "regions of accounts",
        rule: "trail-coverage",
        count: |reach| reach.management_events,
    },
    LogType {
        id: "config_history",
        name: "Config history",
        places: "regions of accounts",
        rule: "config-delivery-central",
        count: |reach| reach.config_history,
    },
    LogType {
        id: "cloudwatch_log_groups",
        name: "CloudWatch log groups",
        places: "log groups",
        rule: "logs-subscription-filter",
        count: |reach| reach.log_groups,
    },
];

impl LogTypeCoverage {
    /// The log type.
    pub(super) fn of_type(&self) -> Option<&'static LogType> {
        LOG_TYPES.iter().find(|log_type| log_type.id == self.log_type)
    }
}

/// What a person wants to know first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Findings by verdict.
    pub by_verdict: VerdictCounts,
    /// Failures by severity, those under a waiver too.
    pub failed_by_severity: SeverityCounts,
    /// Those of the failures that a waiver covers.
    pub waived_by_severity: SeverityCounts,
    /// How many accounts the snapshot reaches.
    pub accounts: AccountCounts,
    /// Regions that answered, each counted once however many accounts use it.
    pub regions: usize,
    /// How far each log type reaches the archive, in all places that were looked at; only those whose rule ran.
    pub coverage: Vec<LogTypeCoverage>,
    /// Calls that did not answer, by reason.
    #[schemars(with = "BTreeMap<String, usize>")]
    pub gaps_by_reason: BTreeMap<GapReason, usize>,
}

impl Summary {
    pub(super) fn of(
        rules: &[(ReportedRule, VerdictCounts)],
        waived_by_severity: SeverityCounts,
        gaps: &[Gap],
        accounts: AccountCounts,
        regions: usize,
        reach: &LogReach,
    ) -> Self {
        let mut by_verdict = VerdictCounts::default();
        let mut failed_by_severity = SeverityCounts::default();
        for (rule, counts) in rules {
            by_verdict += *counts;
            failed_by_severity.add(rule.severity, counts.fail);
        }
        let coverage = LOG_TYPES
            .iter()
            .filter(|log_type| rules.iter().any(|(rule, _)| rule.id == log_type.rule))
            .map(|log_type| {
                let Places { covered, not_covered, unknown } = (log_type.count)(reach);
                LogTypeCoverage {
                    log_type: log_type.id,
                    rule_id: log_type.rule,
                    covered,
                    not_covered,
                    unknown,
                }
            })
            .collect();
        let mut gaps_by_reason = BTreeMap::new();
        for gap in gaps {
            *gaps_by_reason.entry(gap.reason).or_insert(0) += 1;
        }
        Self {
            by_verdict,
            failed_by_severity,
            waived_by_severity,
            accounts,
            regions,
            coverage,
            gaps_by_reason,
        }
    }
}
