//! A variable where AWS allows none: whatever rests on the statement is not known, and the policy is named.

use super::*;

/// Whether the key of the archive is kept by a statement on this resource.
fn kept_by(resource: &str) -> (Derived<bool>, Vec<crate::model::Gap>) {
    let sample = guarded(vec![scp("p-keys", deny(json!("kms:*"), json!(resource)), &[ROOT])]);
    let facts = sample.facts();
    (held(&of(&sample, ARCHIVE).key_destruction.denied_by), facts.index.gaps.clone())
}

#[test]
fn what_a_misplaced_variable_may_deny_is_neither_denied_nor_open() {
    for resource in ["*", "arn:aws:kms:*:*:key/*", "arn:aws:kms:*:*:*"] {
        assert_eq!(kept_by(resource).0, Ok(true), "{resource}");
    }
    for resource in [
        "arn:aws:kms:*:${aws:PrincipalAccount}:key/*",
        "arn:aws:kms:${aws:RequestedRegion}:*:key/*",
        "arn:${aws:PrincipalTag/partition}:kms:*:*:key/*",
    ] {
        let (kept, gaps) = kept_by(resource);
        let Err(unknown) = kept else { panic!("{resource}: {kept:?}") };
        let named = gaps.iter().filter(|gap| unknown.as_slice().contains(&gap.id));
        let details: Vec<&str> = named.map(|gap| gap.detail.as_str()).collect();
        assert!(details.iter().any(|detail| detail.contains("${")), "{resource}: {details:?} {gaps:?}");
    }
}

#[test]
fn the_policy_of_a_key_with_a_misplaced_variable_protects_nothing() {
    let mut sample = guarded(vec![]);
    let statement = |resource: &str| json!([{ "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": resource }]);
    sample.key().policy = samples::policy(statement("*"));
    assert_eq!(held(&of(&sample, ARCHIVE).key_destruction.denied_by), Ok(true));
    sample.key().policy = samples::policy(statement("arn:aws:kms:*:${aws:PrincipalAccount}:key/*"));
    assert!(of(&sample, ARCHIVE).key_destruction.denied_by.is_err());
}
