//! Policies of the organization beside those that deny: read where the root has their type enabled, and only there.

use std::collections::BTreeSet;

use serde_json::json;
use trailproof::model::{GapReason, Observed};

use crate::collect_support::{collected, settings};
use crate::fake_aws::healthy::{MANAGEMENT, ROOT};
use crate::fake_aws::world::Policy;
use crate::fake_aws::{FakeAws, Misbehaviour, World};
use crate::world;

const TYPES: [(&str, &str); 2] = [("S3_POLICY", "s3"), ("GUARDDUTY_POLICY", "guardduty")];

fn content(kind: &str) -> String {
    json!({ format!("{kind}_attributes"): { "@@assign": "all" } }).to_string()
}

/// An organization with a policy of each type, of which these are enabled.
fn with(enabled: &[&str]) -> World {
    let mut world = world();
    let organization = world.organization_mut();
    organization.policy_types.extend(enabled.iter().map(|&kind| kind.to_owned()));
    for (kind, name) in TYPES {
        organization.policies.push(Policy {
            id: format!("p-example{name}"),
            name: name.to_owned(),
            kind: kind.to_owned(),
            aws_managed: false,
            content: content(name),
            targets: BTreeSet::from([ROOT.to_owned()]),
        });
    }
    world
}

isolated! {
    fn policies_that_bear_on_logs_are_read_where_their_type_is_enabled() {
        let fake = FakeAws::start(with(&["S3_POLICY", "GUARDDUTY_POLICY"]));
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert_eq!(fake.unexpected(), Vec::<String>::new());
        assert_eq!(found.gaps(), Vec::new());
        let read = found.organization().further_policies.as_ref().unwrap();
        assert_eq!(read.len(), 2);
        for (kind, name) in TYPES {
            let policies = read.get(kind).unwrap().list().unwrap();
            let [policy] = policies else { unreachable!("one of {kind}: {policies:?}") };
            assert_eq!(policy.name, name);
            assert_eq!(policy.content, Observed::Known(content(name)));
            let targets: Vec<&str> = policy.targets.list().unwrap().iter().map(|it| it.id.as_str()).collect();
            assert_eq!(targets, [ROOT]);
        }
        let controls = found.organization().service_control_policies.list().unwrap();
        assert!(controls.iter().all(|policy| policy.name != "guardduty" && policy.name != "s3"), "{controls:?}");
    }

    fn a_type_that_is_not_enabled_is_not_asked_for() {
        let fake = FakeAws::start(with(&["S3_POLICY"]));
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        let read = found.organization().further_policies.as_ref().unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["S3_POLICY"]);
    }

    fn a_further_policy_that_is_not_told_is_a_gap_and_not_none() {
        let fake = FakeAws::start(with(&["S3_POLICY", "GUARDDUTY_POLICY"]));
        fake.tamper(|exchange| {
            (exchange.call.text("PolicyId") == Some("p-examples3")).then_some(Misbehaviour::CutConnection)
        });
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        let gaps = found.gaps();
        assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap.reason == GapReason::Unreachable), "{gaps:?}");
        let read = found.organization().further_policies.as_ref().unwrap();
        assert!(matches!(read["S3_POLICY"].list().unwrap()[0].content, Observed::Unavailable(_)));
    }
}
