//! Reports made by hand: a few findings of a few rules on a day.

use std::sync::Arc;

use trailproof::facts::{Subject, SubjectKind};
use trailproof::finding::{Finding, Verdict, Waiver, fingerprint};
use trailproof::model::{AccountSummary, Observed, Organization, Scope};
use trailproof::report::{AccountCounts, Contents, Report, ReportedRule};
use trailproof::severity::Severity;
use trailproof::snapshot::{FORMAT_VERSION, Header};

const ACCOUNT: &str = "222222222222";
const REGION: &str = "eu-west-1";

/// A run on a day of November 2026.
#[derive(Debug)]
pub(crate) struct Run {
    day: u32,
    members: Vec<String>,
    place: (String, String),
    findings: Vec<(String, Finding)>,
}

fn subject(account: &str, region: &str, name: &str) -> Subject {
    Subject {
        kind: SubjectKind::Trail,
        account_id: Some(account.into()),
        region: Some(region.into()),
        id: name.into(),
        arn: None,
        name: Some(name.into()),
    }
}

/// The identity in Security Hub of a finding in the usual place.
pub(crate) fn identity(rule: &str, name: &str) -> String {
    identity_in(rule, ACCOUNT, REGION, name)
}

pub(crate) fn identity_in(rule: &str, account: &str, region: &str, name: &str) -> String {
    format!("trailproof/{}", fingerprint(rule, &subject(account, region, name)))
}

impl Run {
    pub(crate) fn on(day: u32) -> Self {
        let members = [ACCOUNT, "333333333333", "444444444444"].map(str::to_owned).to_vec();
        Self { day, members, place: (ACCOUNT.to_owned(), REGION.to_owned()), findings: Vec::new() }
    }

    /// The organization's accounts.
    pub(crate) fn members(mut self, members: &[&str]) -> Self {
        self.members = members.iter().map(|member| (*member).to_owned()).collect();
        self
    }

    /// Where the next findings are.
    pub(crate) fn within(mut self, account: &str, region: &str) -> Self {
        self.place = (account.to_owned(), region.to_owned());
        self
    }

    pub(crate) fn finding(mut self, rule: &str, name: &str, verdict: Verdict) -> Self {
        let finding = Finding {
            rule: 0,
            subject: Arc::new(subject(&self.place.0, &self.place.1, name)),
            verdict,
            message: (verdict == Verdict::Fail).then(|| format!("{name} is not right").into()),
            evidence: Arc::new([]),
            gaps: Arc::from([]),
            waiver: None,
        };
        self.findings.push((rule.to_owned(), finding));
        self
    }

    /// A failure that is accepted.
    pub(crate) fn waived(mut self, rule: &str, name: &str) -> Self {
        self = self.finding(rule, name, Verdict::Fail);
        if let Some((_, finding)) = self.findings.last_mut() {
            finding.waiver = Some(Arc::new(Waiver {
                id: "accepted".to_owned(),
                reason: "it is moved soon".to_owned(),
                owner: "logging@example.org".to_owned(),
                expires: "2026-12-31".parse().unwrap(),
                ticket: Some("SEC-1".to_owned()),
            }));
        }
        self
    }

    pub(crate) fn report(self) -> Report {
        let mut rules: Vec<String> = self.findings.iter().map(|(rule, _)| rule.clone()).collect();
        rules.sort();
        rules.dedup();
        let place = |rule: &str| u32::try_from(rules.iter().position(|each| each == rule).unwrap()).unwrap();
        let findings =
            self.findings.iter().map(|(rule, finding)| Finding { rule: place(rule), ..finding.clone() });
        let findings = findings.collect();
        let account = |id: &String| AccountSummary {
            id: id.clone(),
            name: "workload".to_owned(),
            status: "ACTIVE".to_owned(),
            parent_id: Observed::Absent,
            joined_at: Observed::Absent,
            ..AccountSummary::default()
        };
        let reported = |id: &String| ReportedRule {
            id: id.clone(),
            title: format!("{id} holds"),
            severity: Severity::High,
            subject: SubjectKind::Trail,
            family: "trail".to_owned(),
            rationale: "It matters.".to_owned(),
            remediation: "Change it.".to_owned(),
            cli: None,
            terraform: None,
            by_hand: None,
            references: Vec::new(),
            controls: Vec::new(),
        };
        Report::new(Contents {
            header: Header {
                format_version: FORMAT_VERSION,
                tool_version: "0.1.0".to_owned(),
                taken_at: format!("2026-11-{:02}T00:00:00Z", self.day).parse().unwrap(),
                partition: "aws".to_owned(),
                caller_account_id: "100000000003".to_owned(),
                organization: Observed::Known(Organization {
                    id: "o-ab12cd34ef".to_owned(),
                    management_account_id: "111111111111".to_owned(),
                    all_features: Observed::Known(true),
                    roots: Observed::Absent,
                    organizational_units: Observed::Absent,
                    accounts: Observed::Known(self.members.iter().map(account).collect()),
                    service_control_policies: Observed::Absent,
                    resource_control_policies: Observed::Absent,
                    trusted_services: Observed::Absent,
                    delegated_administrators: Observed::Absent,
                    centralization_rules: Observed::Absent,
                    ..Organization::default()
                }),
                accounts: self.members.clone(),
                scope: Observed::Known(Scope::default()),
                ..Header::default()
            },
            rules: rules.iter().map(reported).collect(),
            frameworks: Vec::new(),
            findings,
            gaps: Vec::new(),
            accounts: AccountCounts {
                in_organization: Some(self.members.len()),
                in_scope: self.members.len(),
                read: self.members.len(),
                suspended: Some(0),
            },
            regions: 1,
            reach: trailproof::evaluate::LogReach::default(),
            scope: trailproof::report::Scope::default(),
        })
    }
}
