//! Each call is denied once: what only it could tell is unknown, and nothing else differs.

use std::collections::BTreeSet;

use serde_json::Value;
use trailproof::collect::{CollectError, TABLE};
use trailproof::model::GapReason;

use crate::collect_support::{REGIONS, collected, settings, try_collect};
use crate::fake_aws::healthy::MANAGEMENT;
use crate::fake_aws::{FakeAws, Fault, Matcher};
use crate::{list, world};

isolated! {
    fn each_call_that_is_denied_leaves_its_own_facts_unknown_and_no_others() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        // A real account has all default regions, which are read where it does not say; this one has two.
        settings.selection.regions = list(&REGIONS);
        let good = collected(&fake, &settings);
        let asked: BTreeSet<_> = fake.counts().into_keys().map(|key| (key.service, key.operation)).collect();
        let mut unasked = Vec::new();
        for call in TABLE {
            let service = if call.operation == "GetPublicAccessBlock" && call.actions == ["s3:GetAccountPublicAccessBlock"] {
                "s3control"
            } else {
                call.service
            };
            if !asked.contains(&(service.to_owned(), call.operation.to_owned())) {
                unasked.push(call.operation);
                continue;
            }
            fake.fault(Matcher::operation(service, call.operation), Fault::AccessDenied);
            let result = try_collect(&settings);
            fake.clear_faults();
            if call.operation == "GetCallerIdentity" {
                assert!(matches!(result, Err(CollectError::NoCredentials { .. })), "{result:?}");
                continue;
            }
            let denied = result.unwrap();
            let gaps = denied.gaps();
            assert!(!gaps.is_empty(), "{} was denied and nothing says so", call.operation);
            let wanted = if call.operation == "AssumeRole" { GapReason::RoleNotAssumable } else { GapReason::AccessDenied };
            // Where nothing is in scope but the own account, keys of others are not either.
            let own = gaps.iter().filter(|gap| gap.reason != GapReason::NotCollected);
            for gap in own {
                assert_eq!((gap.operation.as_str(), gap.reason), (call.operation, wanted), "{gap:?}");
            }
            let ids: BTreeSet<String> = gaps.iter().map(|gap| gap.id.to_string()).collect();
            let mut differences = Vec::new();
            compare("", &good.facts(), &denied.facts(), &ids, &mut differences);
            differences.retain(|path| !follows(call.operation, path));
            assert_eq!(differences, Vec::<String>::new(), "{} was denied", call.operation);
        }
        assert_eq!(unasked, ["GetSessionToken", "ListTagsForResource", "GetBucketLocation"], "calls for special cases");
    }
}

/// What a denial hides besides the facts of its own call: what could only be found through it.
fn follows(operation: &str, path: &str) -> bool {
    let hides: &[&str] = match operation {
        // Without trails and channels nobody names the buckets and keys; without inventories they have no owner.
        "DescribeTrails"
        | "DescribeDeliveryChannels"
        | "ListBuckets"
        | "DescribeLogGroups"
        // Subscriptions and destinations lead to streams, and those to buckets.
        | "DescribeAccountPolicies"
        | "DescribeDestinations"
        | "DescribeSubscriptionFilters"
        | "DescribeDeliveryStream"
        | "ListDeliveryStreams"
        // Deliveries of vended logs lead to their destinations.
        | "DescribeDeliveries"
        | "GetDeliveryDestination"
        // Buckets lead to further ones, and to keys.
        | "GetBucketLogging"
        | "GetBucketReplication"
        | "GetBucketEncryption" => &["/stores"],
        "AssumeRole" => &["/accounts", "/stores"],
        "DescribeOrganization" => &["/header", "/accounts", "/stores"],
        // Without the root there is no tree to walk.
        "ListRoots" => {
            &[
                "/header/organization/known/organizational_units",
                "/header/organization/known/accounts",
                // The root says which types of policy are enabled.
                "/header/organization/known/further_policies",
            ]
        }
        "ListOrganizationalUnitsForParent" => &["/header/organization/known/accounts"],
        // Without trust there is nobody to ask for the rules.
        "ListAWSServiceAccessForOrganization" => &["/header/organization/known/centralization_rules"],
        "ListDelegatedAdministrators" => &["/accounts"],
        _ => &[],
    };
    hides.iter().any(|start| path.starts_with(start))
}

/// Collects the paths at which the second value differs from the first by anything but an admitted gap.
fn compare(path: &str, good: &Value, other: &Value, gaps: &BTreeSet<String>, differences: &mut Vec<String>) {
    if good == other {
        return;
    }
    if let Some(gap) = other.get("unavailable").and_then(Value::as_str) {
        assert!(gaps.contains(gap), "{path} points to the gap {gap}, which is not in the snapshot");
        return;
    }
    match (good, other) {
        (Value::Object(one), Value::Object(two)) if one.keys().eq(two.keys()) => {
            for (key, value) in one {
                compare(&format!("{path}/{key}"), value, &two[key], gaps, differences);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (index, (one, two)) in one.iter().zip(two).enumerate() {
                compare(&format!("{path}/{index}"), one, two, gaps, differences);
            }
        }
        _ => differences.push(path.to_owned()),
    }
}
