//! What an earlier run sent against what this one says: kept, resolved, gone, or left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::SecondsFormat;

use crate::aws::security_hub::Earlier;
use crate::facts::Subject;
use crate::finding::{Verdict, fingerprint};
use crate::model::security_finding::{Note, PREFIX};
use crate::report::Report;
use crate::report::asff::{self, field};

/// What stays of an earlier finding that this run has too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) created_at: String,
    pub(super) first_observed_at: String,
    pub(super) active: bool,
}

/// Findings that are to be suppressed, or open again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkflowChange {
    pub(super) ids: Vec<String>,
    /// Why they are suppressed; `None` where they no longer are.
    pub(super) note: Option<Note>,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Earlier findings that this run has too, by identity.
    pub(super) kept: BTreeMap<String, Kept>,
    /// Findings that a later run has sent: they stay.
    pub(super) newer: BTreeSet<String>,
    /// Findings whose resource is gone.
    pub(super) gone: Vec<Earlier>,
    /// What an import cannot set.
    pub(super) workflow: Vec<WorkflowChange>,
}

/// Account and region, each where there is one.
type Place = (Option<Arc<str>>, Option<Arc<str>>);

/// This run, against which earlier findings are held.
#[derive(Debug)]
pub(super) struct Present<'a> {
    report: &'a Report,
    /// What stands beside each finding that a waiver covers; all findings, by identity.
    findings: BTreeMap<String, Option<Note>>,
    looked_at: BTreeSet<Place>,
    /// Rules that could not be decided in an account; `None` where it may be any account.
    undecided: BTreeSet<(&'a str, Option<Arc<str>>)>,
    changes: Changes,
    suppress: BTreeMap<(String, String), WorkflowChange>,
    reopen: Vec<String>,
}

/// A finding's identity in Security Hub.
pub(super) fn identity(rule: &str, subject: &Subject) -> String {
    format!("{PREFIX}{}", fingerprint(rule, subject))
}

impl<'a> Present<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let time = report.taken_at().to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut findings = BTreeMap::new();
        let mut looked_at = BTreeSet::new();
        let mut undecided = BTreeSet::new();
        for (rule, finding) in report.findings() {
            let subject = &finding.subject;
            looked_at.insert((subject.account_id.clone(), subject.region.clone()));
            if finding.verdict == Verdict::Unknown {
                undecided.insert((rule.id.as_str(), subject.account_id.clone()));
            }
            let note = finding.waiver.as_deref().map(|waiver| asff::note(waiver, &time));
            findings.insert(identity(&rule.id, subject), note);
        }
        Self {
            report,
            findings,
            looked_at,
            undecided,
            changes: Changes::default(),
            suppress: BTreeMap::new(),
            reopen: Vec::new(),
        }
    }

    /// Takes in what an earlier run sent.
    pub(super) fn take(&mut self, earlier: Earlier) {
        if earlier.updated_at > self.report.taken_at() {
            self.changes.newer.insert(earlier.id);
            return;
        }
        let Some(note) = self.findings.get(&earlier.id) else {
            if earlier.active && self.is_gone(&earlier) {
                self.changes.gone.push(earlier);
            }
            return;
        };
        let waived = earlier.product_field(field::WAIVER).is_some();
        match note {
            Some(note) if !earlier.suppressed || !waived => {
                let key = (note.updated_by.clone(), note.text.clone());
                let new = || WorkflowChange { ids: Vec::new(), note: Some(note.clone()) };
                self.suppress.entry(key).or_insert_with(new).ids.push(earlier.id.clone());
            }
            // Who else suppressed it had reasons of their own.
            None if earlier.suppressed && waived => self.reopen.push(earlier.id.clone()),
            _ => {}
        }
        let Earlier { id, created_at, first_observed_at, active, .. } = earlier;
        self.changes.kept.insert(id, Kept { created_at, first_observed_at, active });
    }

    /// The resource is gone for certain: this run looked where it was, asked the same, and had an answer.
    fn is_gone(&self, earlier: &Earlier) -> bool {
        let report = self.report;
        let account = earlier.product_field(field::ACCOUNT);
        let same_organization = earlier.product_field(field::ORGANIZATION) == report.organization_id();
        let ran = report.rules().any(|rule| rule.id == earlier.rule);
        if !same_organization || !ran {
            return false;
        }
        if account.is_some_and(|account| report.has_left(account)) {
            return true;
        }
        let rule = earlier.rule.as_str();
        let account: Option<Arc<str>> = account.map(Arc::from);
        let region = earlier.product_field(field::REGION).map(Arc::from);
        self.looked_at.contains(&(account.clone(), region))
            && !self.undecided.contains(&(rule, account))
            && !self.undecided.contains(&(rule, None))
    }

    /// What is to be done, after all earlier findings were taken in.
    pub(super) fn changes(self) -> Changes {
        let mut changes = self.changes;
        changes.workflow.extend(self.suppress.into_values());
        if !self.reopen.is_empty() {
            changes.workflow.push(WorkflowChange { ids: self.reopen, note: None });
        }
        changes
    }
}
