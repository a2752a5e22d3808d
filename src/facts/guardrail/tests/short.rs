//! What AWS keeps attached to every root, unit and account: an answer without it is one that AWS cannot have given.

use super::*;
use crate::model::GapReason;

/// The sample where the policy of this id is attached to this place no more.
fn without(mut sample: Sample, policy: &str, place: &str) -> Sample {
    let organization = sample.organization();
    for listed in [&mut organization.service_control_policies, &mut organization.resource_control_policies] {
        let Observed::Known(listed) = listed else { panic!() };
        for policy in listed.iter_mut().filter(|listed| listed.id == policy) {
            let Observed::Known(targets) = &mut policy.targets else { panic!() };
            targets.retain(|target| target.id != place);
        }
    }
    sample
}

#[test]
fn a_level_without_a_service_control_policy_is_unknown() {
    for place in [ROOT, UNIT, WORKLOAD] {
        let sample = without(guarded(vec![]), "p-FullAWSAccess", place);
        let facts = of(&sample, WORKLOAD);
        assert!(facts.leave.denied_by.is_err(), "{place}: {:?}", facts.leave.denied_by);
        assert!(facts.protected.is_err(), "{place}");
        let gaps = sample.facts().index.gaps.clone();
        let [gap] = gaps.iter().filter(|gap| gap.operation == "ListTargetsForPolicy").collect::<Vec<_>>()[..]
        else {
            panic!("{gaps:?}")
        };
        assert_eq!(gap.reason, GapReason::MalformedResponse);
        assert!(gap.detail.contains(place), "{}", gap.detail);
        assert_eq!(facts.leave.denied_by, Err(Gaps::from(gap.id.clone())), "{place}");
        // Others are as they were.
        let other = of(&sample, SECURITY).leave.denied_by.clone();
        assert_eq!(other.is_err(), place == ROOT, "{place}");
    }
}

#[test]
fn what_was_listed_denies_all_the_same() {
    let leave = scp("p-leave", deny(json!(LEAVE), json!("*")), &[ROOT]);
    let sample = without(guarded(vec![leave]), "p-FullAWSAccess", WORKLOAD);
    assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), Ok(true));
}

#[test]
fn a_unit_without_a_policy_makes_new_accounts_unknown() {
    let sample = without(guarded(vec![]), "p-FullAWSAccess", UNIT);
    assert!(unit(&sample, UNIT).carried.is_err());
    assert!(unit(&sample, UNIT).lacking.is_err());
}

#[test]
fn another_policy_in_the_place_of_full_access_is_what_aws_asks_for() {
    let allow = json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]);
    let listed = scp("p-list", allow, &[WORKLOAD]);
    let sample = without(guarded(vec![listed]), "p-FullAWSAccess", WORKLOAD);
    let by = of(&sample, WORKLOAD).leave.denied_by.clone().unwrap().unwrap();
    assert!(by.contains("no SCP at the account that allows it"), "{by}");
}

#[test]
fn the_management_account_and_accounts_that_are_closed_are_not_asked() {
    let mut sample = without(guarded(vec![]), "p-FullAWSAccess", MANAGEMENT);
    sample.accounts.retain(|record| record.id != SECURITY);
    sample.header.accounts.retain(|account| account != SECURITY);
    let mut sample = without(sample, "p-FullAWSAccess", SECURITY);
    if let Observed::Known(accounts) = &mut sample.organization().accounts {
        accounts.iter_mut().filter(|account| account.id == SECURITY).for_each(|account| {
            "SUSPENDED".clone_into(&mut account.status);
        });
    }
    let gaps = sample.facts().index.gaps.clone();
    assert!(!gaps.iter().any(|gap| gap.operation == "ListTargetsForPolicy"), "{gaps:?}");
}

/// Keys of the archive, with resource control policies enabled.
fn controlled(policies: Vec<Policy>) -> Sample {
    let mut sample = guarded(vec![]);
    if let Observed::Known(roots) = &mut sample.organization().roots {
        roots[0].enabled_policy_types.push("RESOURCE_CONTROL_POLICY".to_owned());
    }
    let allow = json!([{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }]);
    let everywhere = [ROOT, UNIT, MANAGEMENT, ARCHIVE, SECURITY, WORKLOAD];
    let mut full = policy("p-RCPFullAWSAccess", "resource_control_policy", allow, &everywhere);
    full.aws_managed = true;
    let mut all = vec![full];
    all.extend(policies);
    sample.organization().resource_control_policies = Observed::Known(all);
    sample
}

#[test]
fn a_level_without_full_resource_access_is_unknown() {
    let destruction = |sample: &Sample| held(&of(sample, ARCHIVE).key_destruction.denied_by);
    assert_eq!(destruction(&controlled(vec![])), Ok(false));
    for place in [ROOT, ARCHIVE] {
        assert!(destruction(&without(controlled(vec![]), "p-RCPFullAWSAccess", place)).is_err(), "{place}");
    }
    assert_eq!(destruction(&without(controlled(vec![]), "p-RCPFullAWSAccess", UNIT)), Ok(false), "elsewhere");
    let keys = json!([{ "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*" }]);
    let perimeter = policy("p-perimeter", "resource_control_policy", keys, &[ROOT, ARCHIVE]);
    let listed = without(controlled(vec![perimeter]), "p-RCPFullAWSAccess", ROOT);
    assert_eq!(destruction(&listed), Ok(true), "what was listed denies it");
}
