//! The tree of the examples: a core of three accounts, and workloads in nested units.

use super::{ARCHIVE, MANAGEMENT, ORGANIZATION_ID, SECURITY, guardrails};
use crate::model::{
    AccountSummary, DelegatedAdministrator, Observed, Organization, OrganizationalUnit, Policy, PolicyTarget,
    Root,
};

/// When the accounts were created: 2024-03-01.
const JOINED: i64 = 1_709_251_200;

pub(super) const ROOT: &str = "r-ex01";
pub(super) const SECURITY_UNIT: &str = "ou-ex01-security1";
pub(super) const WORKLOADS_UNIT: &str = "ou-ex01-workload1";
const PRODUCTION_UNIT: &str = "ou-ex01-product01";
const PAYMENTS_UNIT: &str = "ou-ex01-payment01";
const STAGING_UNIT: &str = "ou-ex01-staging01";
pub(super) const SANDBOX_UNIT: &str = "ou-ex01-sandbox01";

/// Services that see the whole organization.
const WATCHING_SERVICES: [&str; 7] = [
    "access-analyzer.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "config.amazonaws.com",
    "detective.amazonaws.com",
    "guardduty.amazonaws.com",
    "securityhub.amazonaws.com",
];

/// An account before anything is known of its logging.
pub(super) struct Member {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) parent: &'static str,
}

fn member(id: &str, name: &str, parent: &'static str) -> Member {
    Member { id: id.to_owned(), name: name.to_owned(), parent }
}

/// The three accounts that every example has.
pub(super) fn core() -> Vec<Member> {
    vec![
        member(MANAGEMENT, "management", ROOT),
        member(ARCHIVE, "log-archive", SECURITY_UNIT),
        member(SECURITY, "security-tooling", SECURITY_UNIT),
    ]
}

/// Workload accounts. The first fourteen have names; further ones are numbered.
pub(super) fn workloads(count: usize) -> Vec<Member> {
    let named = [
        ("payments-prod", PAYMENTS_UNIT),
        ("payments-ledger", PAYMENTS_UNIT),
        ("shop-prod", PRODUCTION_UNIT),
        ("data-platform", PRODUCTION_UNIT),
        ("identity-prod", PRODUCTION_UNIT),
        ("network", WORKLOADS_UNIT),
        ("shared-services", WORKLOADS_UNIT),
        ("payments-staging", STAGING_UNIT),
        ("shop-staging", STAGING_UNIT),
        ("data-staging", STAGING_UNIT),
        ("machine-learning", PRODUCTION_UNIT),
        ("sandbox-anna", SANDBOX_UNIT),
        ("sandbox-jonas", SANDBOX_UNIT),
        ("acquired-startup", SANDBOX_UNIT),
    ];
    (0..count)
        .map(|place| {
            let id = format!("{}", 400_000_000_001 + place as u64);
            match named.get(place) {
                Some((name, parent)) => Member { id, name: (*name).to_owned(), parent },
                None => Member { id, name: format!("workload-{place:05}"), parent: PRODUCTION_UNIT },
            }
        })
        .collect()
}

fn unit(id: &str, name: &str, parent: &str) -> OrganizationalUnit {
    OrganizationalUnit { id: id.to_owned(), name: name.to_owned(), parent_id: parent.to_owned() }
}

pub(super) fn target(id: &str, kind: &str) -> PolicyTarget {
    PolicyTarget { id: id.to_owned(), kind: kind.to_owned() }
}

pub(super) fn policy(
    id: &str,
    name: &str,
    kind: &str,
    content: String,
    targets: Vec<PolicyTarget>,
) -> Policy {
    let aws_managed = id.starts_with("p-Full") || id.starts_with("p-RCP");
    let owner = if aws_managed { "aws".to_owned() } else { format!("{MANAGEMENT}:policy/{ORGANIZATION_ID}") };
    Policy {
        id: id.to_owned(),
        name: name.to_owned(),
        arn: format!("arn:aws:organizations::{owner}/{kind}/{id}"),
        aws_managed,
        content: Observed::Known(content),
        targets: Observed::Known(targets),
        ..Policy::default()
    }
}

/// The organization with the core and these workloads.
pub(super) fn organization(workloads: &[Member]) -> Organization {
    let units = vec![
        unit(SECURITY_UNIT, "Security", ROOT),
        unit(WORKLOADS_UNIT, "Workloads", ROOT),
        unit(SANDBOX_UNIT, "Sandbox", ROOT),
        unit(PRODUCTION_UNIT, "Production", WORKLOADS_UNIT),
        unit(STAGING_UNIT, "Staging", WORKLOADS_UNIT),
        unit(PAYMENTS_UNIT, "Payments", PRODUCTION_UNIT),
    ];
    let summary = |member: &Member| AccountSummary {
        id: member.id.clone(),
        name: member.name.clone(),
        status: "ACTIVE".to_owned(),
        parent_id: Observed::Known(member.parent.to_owned()),
        joined_at: chrono::DateTime::from_timestamp(JOINED, 0).into(),
        ..AccountSummary::default()
    };
    let mut accounts: Vec<AccountSummary> = core().iter().chain(workloads).map(summary).collect();
    accounts.sort_by(|left, right| left.id.cmp(&right.id));
    let everywhere = || {
        let mut targets = vec![target(ROOT, "ROOT")];
        targets.extend(units.iter().map(|unit| target(&unit.id, "ORGANIZATIONAL_UNIT")));
        targets.extend(accounts.iter().map(|account| target(&account.id, "ACCOUNT")));
        targets
    };
    Organization {
        id: ORGANIZATION_ID.to_owned(),
        management_account_id: MANAGEMENT.to_owned(),
        all_features: Observed::Known(true),
        roots: Observed::Known(vec![Root {
            id: ROOT.to_owned(),
            enabled_policy_types: vec![
                "RESOURCE_CONTROL_POLICY".to_owned(),
                "SERVICE_CONTROL_POLICY".to_owned(),
            ],
            ..Root::default()
        }]),
        service_control_policies: Observed::Known(vec![
            policy(
                "p-FullAWSAccess",
                "FullAWSAccess",
                "service_control_policy",
                guardrails::allow_all(),
                everywhere(),
            ),
            policy(
                "p-guard00001",
                "protect-logging",
                "service_control_policy",
                guardrails::protect_logging(),
                vec![target(ROOT, "ROOT")],
            ),
            policy(
                "p-guard00002",
                "protect-archive",
                "service_control_policy",
                guardrails::protect_archive(),
                vec![target(SECURITY_UNIT, "ORGANIZATIONAL_UNIT")],
            ),
        ]),
        resource_control_policies: Observed::Known(vec![
            policy(
                "p-RCPFullAWSAccess",
                "RCPFullAWSAccess",
                "resource_control_policy",
                guardrails::allow_all_callers(),
                everywhere(),
            ),
            policy(
                "p-guard00011",
                "archive-perimeter",
                "resource_control_policy",
                guardrails::archive_perimeter(),
                vec![target(SECURITY_UNIT, "ORGANIZATIONAL_UNIT")],
            ),
        ]),
        organizational_units: Observed::Known(units),
        accounts: Observed::Known(accounts),
        trusted_services: Observed::Known(WATCHING_SERVICES.map(str::to_owned).to_vec()),
        further_policies: Some(std::collections::BTreeMap::new()),
        delegated_administrators: Observed::Known(vec![DelegatedAdministrator {
            account_id: SECURITY.to_owned(),
            services: Observed::Known(WATCHING_SERVICES.map(str::to_owned).to_vec()),
            ..DelegatedAdministrator::default()
        }]),
        centralization_rules: Observed::Absent,
        ..Organization::default()
    }
}
