//! Whom the resource policies of CloudWatch Logs in a region name outside the organization. See [`super`].
//!
//! `PutResourcePolicy` of the CloudWatch Logs API reference (read 2026-11-29): AWS heeds these policies where its own
//! services write, and lets no other caller in by them. What they say is judged here, not what AWS makes of it today.

#[cfg(test)]
mod tests;

use crate::facts::excess_grants::{ExcessGrants, together};
use crate::facts::view::Derived;
use crate::facts::{Facts, alike, noted_gaps};
use crate::model::{AccountRecord, Gap, GapPlace, LogPolicy, Observed, RegionRecord};
use crate::policy::Truth;
use crate::policy::audit;

/// What the region's policies allow beyond the organization, each with its policy.
pub(super) fn outsiders(
    facts: &Facts,
    account: &str,
    region: &RegionRecord,
    gaps: &mut Vec<Gap>,
) -> Derived<Vec<String>> {
    let partition = &facts.index.header.partition;
    let all = format!("arn:{partition}:logs:{}:{account}:log-group:*", region.name);
    let mut lists = Vec::new();
    match region.log_policies.list() {
        Ok(policies) => {
            for policy in policies {
                let found = reading(facts, account, region, policy).outsiders(&all, gaps);
                lists.push(found.map(|found| named(&format!("policy {}", policy.name), &found)));
            }
        }
        Err(unread) => lists.push(Err(unread)),
    }
    match region.log_group_policies.list() {
        Ok(policies) => {
            for policy in policies {
                let found =
                    reading(facts, account, region, policy).outsiders(&with_streams(&policy.name), gaps);
                lists.push(found.map(|found| named(&format!("the policy of {}", policy.name), &found)));
            }
        }
        Err(unread) => lists.push(Err(unread)),
    }
    together(lists)
}

/// What was read of an account's policies but cannot be decided.
pub(super) fn undecided_gaps(facts: &Facts, record: &AccountRecord) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for region in &record.regions {
        // What follows is in the facts of the region.
        outsiders(facts, &record.id, region, &mut gaps).ok();
    }
    gaps
}

/// A log group and its streams: what its own policy may be about.
fn with_streams(log_group_arn: &str) -> String {
    format!("{}*", log_group_arn.strip_suffix(":*").unwrap_or(log_group_arn))
}

fn named(policy: &str, found: &[String]) -> Vec<String> {
    found.iter().map(|text| format!("{policy}: {text}")).collect()
}

fn reading<'a>(
    facts: &'a Facts,
    account: &'a str,
    region: &'a RegionRecord,
    policy: &'a LogPolicy,
) -> Reading<'a> {
    let place = GapPlace {
        account_id: Some(account),
        region: Some(&region.name),
        service: "logs",
        operation: "DescribeResourcePolicies",
        resource: Some(&policy.name),
    };
    Reading { facts, account, policy, place }
}

struct Reading<'a> {
    facts: &'a Facts,
    account: &'a str,
    policy: &'a LogPolicy,
    place: GapPlace<'a>,
}

impl Reading<'_> {
    /// Members of the organization differ in nothing but their place in it, which a policy may ask for.
    fn outsiders(&self, log_groups: &str, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let (trust, harmless) = (&self.facts.trust, &self.facts.harmless_log_policies);
        let is_member = trust.organization.account_ids.contains(self.account);
        let place = trust.placed(self.account).1.unwrap_or_default();
        let around = [log_groups, place, if is_member { "member" } else { "stranger" }];
        let shape = alike::shape(&self.policy.document, self.account, &around);
        if shape.is_some_and(|shape| harmless.has(shape)) {
            return Ok(Vec::new());
        }
        let before = gaps.len();
        let outsiders = self.judged(log_groups, gaps);
        if let (Some(shape), Ok([])) = (shape, outsiders.as_deref())
            && gaps.len() == before
        {
            harmless.note(shape);
        }
        outsiders
    }

    fn judged(&self, log_groups: &str, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let trust = &self.facts.trust;
        let text = Observed::Known(self.policy.document.clone());
        let Some(document) = noted_gaps::document(gaps, &text, self.place)? else { return Ok(Vec::new()) };
        let document = audit::of_owner_account(&document, trust.placed(self.account), &trust.organization);
        let document = audit::in_force(&document, self.facts.index.header.taken_at);
        let mut outsiders = ExcessGrants::default();
        for grant in audit::log_group_grants(&document, log_groups) {
            match grant.scope.within(&trust.organization) {
                Truth::True => {}
                Truth::False => outsiders.take(&grant, trust.gaps.as_ref()),
                Truth::Unknown => outsiders.add_uncertain(&grant),
            }
        }
        outsiders.finish(self.place, gaps)
    }
}
