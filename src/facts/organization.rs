//! The organization's facts. See [`super`].

mod aggregation;
mod archive_events;
mod centralization;
mod delegation;
pub(super) mod s3_policy;

use std::sync::Arc;

pub(super) use aggregation::gaps as aggregation_gaps;
pub(super) use archive_events::recorded_of as object_events_recorded;
pub(super) use centralization::gaps as centralization_gaps;

pub use delegation::DelegationFacts;

use super::derived::{all, any, perhaps};
use super::kind::{Kind, Listed};
use super::trail::{is_logging, setting};
use super::view::{Derived, Prose, Says, facts};
use super::words::and;
use super::{Facts, Index, Subject, SubjectFacts, SubjectKind};
use crate::model::{Gaps, Observed, Organization};

facts! {
    /// The organization.
    pub struct OrganizationFacts as "organization" {
        /// Its identity; null for an account that is in none.
        id: Derived<Option<String>>,
        /// The account that manages it.
        management_account_id: Derived<Option<String>>,
        /// All features are on, not consolidated billing alone.
        all_features: Derived<bool>,
        /// Policy types that are enabled on the root, such as `SERVICE_CONTROL_POLICY`.
        enabled_policy_types: Derived<Vec<String>> = crate::model::organization::POLICY_TYPES,
        /// Service principals with trusted access.
        trusted_services: Derived<Vec<String>>,
        /// The same in words.
        trusted_access: Derived<String> => TRUSTED_ACCESS,
        /// Services that watch over logs or security, and whether a designated account administers each.
        delegations: Vec<DelegationFacts>,
        /// Those of them that an account which is not designated certainly administers.
        undesignated_services: Vec<String>,
        /// Which account administers which services, as far as is known, in words.
        administrators: String,
        /// The bucket that its logs go to.
        archive_bucket_name: Derived<Option<String>>,
        /// The account that owns the archive; null if none of the organization does.
        archive_account_id: Derived<Option<String>>,
        /// An organization trail exists.
        has_organization_trail: Derived<bool>,
        /// An organization trail exists that logs, in every region.
        has_live_organization_trail: Derived<bool>,
        /// What there is instead, after the organization's identity; null if there is one.
        organization_trail_problem: Derived<Option<String>> => TRAIL_PROBLEM,
        /// Some logging trail records who reads objects of the archive bucket, all of them.
        archive_reads_recorded: Derived<bool>,
        /// Some logging trail records who writes and deletes objects of the archive bucket, all of them.
        archive_writes_recorded: Derived<bool>,
        /// Which of them no trail records, and what follows, after the organization's identity; null if nothing.
        archive_events_problem: Derived<Option<String>> => archive_events::PROBLEM,
        /// A Config aggregator covers all accounts and regions.
        config_aggregated: Derived<bool>,
        /// What each Config aggregator leaves out, in words.
        config_aggregators: String,
        /// There are rules by which CloudWatch copies log groups of the organization to a central account.
        centralizes_log_groups: Derived<bool>,
        /// Those of these rules that are not healthy, and why.
        unhealthy_centralization_rules: Derived<Vec<String>>,
        /// Those that pass over log groups with a key of their own.
        centralization_rules_without_encrypted: Derived<Vec<String>>,
        /// Regions from whose log groups none of these rules copies, with accounts where it is some accounts' alone.
        not_centralized: Derived<Vec<String>>,
        /// What is wrong with these rules, in clauses; null if nothing is.
        centralization_problem: Derived<Option<String>> => centralization::PROBLEM,
        /// Regions in which a trail may have its home, by the configuration; empty is any.
        home_regions: Vec<String>,
        /// Event sources whose network activity must be recorded, by the configuration.
        network_activity_sources: Vec<String>,
    }
}

pub(super) fn derive(index: &Index) -> OrganizationFacts {
    let organization = index.header.organization.get();
    let ask = |question: fn(&Organization) -> String| -> Derived<Option<String>> {
        organization.clone().map(|organization| organization.map(question))
    };
    let archive = index.archive.as_ref().map_err(Gaps::clone);
    let archive_bucket_name =
        archive.clone().map(|archive| archive.as_ref().map(|archive| archive.bucket_name.clone()));
    let has_organization_trail = organization_trail(index, false);
    let has_live_organization_trail = organization_trail(index, true);
    let archive_reads_recorded = archive_events::recorded(index, true);
    let archive_writes_recorded = archive_events::recorded(index, false);
    let delegations = delegation::derive(index);
    let trusted_services =
        list(index, |organization| organization.trusted_services.list().map(<[String]>::to_vec));
    let centralization = centralization::derive(index);
    OrganizationFacts {
        id: ask(|organization| organization.id.clone()),
        management_account_id: ask(|organization| organization.management_account_id.clone()),
        all_features: organization.clone().and_then(|it| {
            it.map_or(Ok(false), |it| Ok(it.all_features.get()?.copied().unwrap_or_default()))
        }),
        enabled_policy_types: list(index, |organization| {
            let roots = organization.roots.list()?;
            match roots.iter().find_map(|root| root.unknown_policy_types.values().next()) {
                Some(gap) => Err(gap.clone().into()),
                None => Ok(roots.iter().flat_map(|root| root.enabled_policy_types.iter().cloned()).collect()),
            }
        }),
        trusted_access: trusted_services.clone().map(|services| trusted_access(&services)),
        trusted_services,
        undesignated_services: delegation::undesignated(&delegations),
        administrators: delegation::describe(index),
        delegations,
        archive_account_id: archive
            .and_then(|it| it.as_ref().map_or(Ok(None), |archive| archive.account_id.clone())),
        organization_trail_problem: trail_problem(&has_organization_trail, &has_live_organization_trail),
        has_organization_trail,
        has_live_organization_trail,
        archive_events_problem: archive_events::problem(
            &archive_bucket_name,
            &archive_reads_recorded,
            &archive_writes_recorded,
        ),
        archive_bucket_name,
        archive_reads_recorded,
        archive_writes_recorded,
        config_aggregated: aggregation::complete(index),
        config_aggregators: aggregation::describe(index),
        centralization_problem: centralization::problem(
            &centralization.unhealthy,
            &centralization.skipping,
            &centralization.left_out,
        ),
        centralizes_log_groups: centralization.used,
        unhealthy_centralization_rules: centralization.unhealthy,
        centralization_rules_without_encrypted: centralization.skipping,
        not_centralized: centralization.left_out,
        home_regions: index.expectations.home_regions.clone(),
        network_activity_sources: index.expectations.network_activity_sources.clone(),
    }
}

fn list(index: &Index, ask: impl FnOnce(&Organization) -> Derived<Vec<String>>) -> Derived<Vec<String>> {
    index.header.organization.get()?.map_or(Ok(Vec::new()), ask)
}

fn organization_trail(index: &Index, live: bool) -> Derived<bool> {
    let found = index.organization_trails.iter().map(|owned| {
        let trail = &owned.trail;
        let organization = setting(trail, |it| &it.organization_trail);
        if live {
            all([organization, setting(trail, |it| &it.multi_region), is_logging(trail)])
        } else {
            organization
        }
    });
    any(found.chain([perhaps(index.organization_trail_gaps.as_ref())]))
}

fn trail_problem(there: &Derived<bool>, live: &Derived<bool>) -> Derived<Option<String>> {
    if live.clone()? {
        return Ok(None);
    }
    let text = match there {
        Ok(false) => "has no organization trail",
        Ok(true) | Err(_) => "has no organization trail that logs in every region",
    };
    Ok(Some(text.to_owned()))
}

const TRAIL_PROBLEM: Prose = Prose {
    from: &["has_organization_trail", "has_live_organization_trail"],
    says: Says::Text(|facts| {
        trail_problem(&facts.truth("has_organization_trail"), &facts.truth("has_live_organization_trail"))
    }),
};

fn trusted_access(services: &[String]) -> String {
    if services.is_empty() { "no service".to_owned() } else { and(services) }
}

const TRUSTED_ACCESS: Prose = Prose {
    from: &["trusted_services"],
    says: Says::Text(|facts| facts.texts("trusted_services").map(|services| Some(trusted_access(&services)))),
};

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "organization",
    variable: "organization",
    unlisted: "the organization",
    service: "organizations",
    ocsf: "AWS::Organizations::Organization",
    asff: "Other",
    schema: OrganizationFacts::schema,
    more: &[],
    listed: Listed::Organization(subjects),
    missing: None,
    undecided: Some(|facts, gaps| {
        gaps.extend(aggregation_gaps(&facts.index));
        gaps.extend(centralization_gaps(&facts.index));
    }),
};

/// The organization as a subject. An account that is in none has no such subject.
fn subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let (id, account_id, unlisted): (&str, Option<&str>, Option<Gaps>) =
        match &facts.index.header.organization {
            Observed::Known(organization) => {
                (&organization.id, Some(&organization.management_account_id), None)
            }
            Observed::Absent => return Vec::new(),
            Observed::Unavailable(gap) => ("*", None, Some(gap.clone().into())),
        };
    let subject = Arc::new(Subject {
        kind: SubjectKind::Organization,
        account_id: account_id.map(Arc::from),
        region: None,
        id: Arc::from(id),
        arn: None,
        name: None,
    });
    vec![SubjectFacts { subject, variables: vec![("organization", facts.organization.clone())], unlisted }]
}

#[cfg(test)]
mod tests;
