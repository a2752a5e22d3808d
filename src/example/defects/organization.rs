//! The defects of the demonstration's organization: its guardrails, trusted services and accounts.

use super::super::guardrails;
use super::super::organization::{ROOT, SANDBOX_UNIT, SECURITY_UNIT, WORKLOADS_UNIT, policy, target};
use super::{ACQUIRED, DATA, SUSPENDED};
use crate::model::{DelegatedAdministrator, Observed, Organization, Policy};

pub(super) fn loosen(organization: &mut Organization) {
    if let Observed::Known(roots) = &mut organization.roots {
        for root in roots {
            root.enabled_policy_types.retain(|kind| kind != "RESOURCE_CONTROL_POLICY");
        }
    }
    if let Observed::Known(policies) = &mut organization.service_control_policies {
        loosen_guardrails(policies);
    }
    if let Observed::Known(services) = &mut organization.trusted_services {
        services.retain(|service| service != "config.amazonaws.com");
    }
    if let Observed::Known(administrators) = &mut organization.delegated_administrators {
        administrators.push(DelegatedAdministrator {
            account_id: DATA.to_owned(),
            services: Observed::Known(vec!["access-analyzer.amazonaws.com".to_owned()]),
            ..DelegatedAdministrator::default()
        });
    }
    if let Observed::Known(accounts) = &mut organization.accounts {
        for account in accounts {
            match account.id.as_str() {
                ACQUIRED => account.parent_id = Observed::Known(ROOT.to_owned()),
                SUSPENDED => "SUSPENDED".clone_into(&mut account.status),
                _ => {}
            }
        }
    }
}

/// The guardrails are attached to units instead of the root, and each of the others has its mistake.
fn loosen_guardrails(policies: &mut Vec<Policy>) {
    let units = |ids: &[&str]| ids.iter().map(|id| target(id, "ORGANIZATIONAL_UNIT")).collect::<Vec<_>>();
    for guardrail in policies.iter_mut() {
        match guardrail.name.as_str() {
            "protect-logging" => guardrail.targets = Observed::Known(units(&[SECURITY_UNIT, WORKLOADS_UNIT])),
            "protect-archive" => {
                guardrail.content = Observed::Known(guardrails::protect_archive_in_part());
            }
            _ => {}
        }
    }
    let scp = |id: &str, name: &str, content: String, targets| {
        policy(id, name, "service_control_policy", content, targets)
    };
    policies.extend([
        scp("p-guard00003", "sandbox-guardrails", guardrails::sandbox(), units(&[SANDBOX_UNIT])),
        scp("p-guard00004", "protect-keys", guardrails::keys_from_root(), units(&[WORKLOADS_UNIT])),
        scp("p-draft00001", "deny-log-deletion-draft", guardrails::protect_archive(), Vec::new()),
    ]);
}
