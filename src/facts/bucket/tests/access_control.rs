//! Access control lists, and what blocks them.

use super::*;

#[test]
fn public_access_blocks_name_what_is_off() {
    let mut sample = Sample::new();
    sample.bucket().public_access_block =
        Observed::Known(PublicAccessBlock { ignore_public_acls: false, ..BLOCK });
    sample.stores[0].public_access_block = Observed::Absent;
    let bucket = archive(&sample);
    assert_eq!(bucket.public_access_block_off, Ok(vec!["IgnorePublicAcls".to_owned()]));
    assert_eq!(bucket.settings_off, Ok("IgnorePublicAcls".to_owned()));
    assert_eq!(bucket.account_public_access_block_off.unwrap().len(), 4);
    assert_eq!(bucket.account_settings_off, Ok("all four settings".to_owned()));
    assert_eq!(bucket.restricts_public_policies, Ok(true));
}

#[test]
fn public_grants_are_those_to_the_two_open_groups() {
    let mut sample = Sample::new();
    let grant = |grantee: &str| AclGrant {
        grantee_kind: "Group".to_owned(),
        grantee: format!("http://acs.amazonaws.com/groups/{grantee}"),
        permission: "READ".to_owned(),
    };
    sample.bucket().acl = Observed::Known(AccessControlList {
        owner_id: None,
        grants: vec![grant("s3/LogDelivery"), grant("global/AuthenticatedUsers")],
    });
    let bucket = archive(&sample);
    let text = "its access control list gives READ to any AWS customer";
    assert_eq!(bucket.public_acl_grants, Ok(vec![text.to_owned()]));
    assert_eq!(bucket.ignores_public_acls, Ok(true), "BucketOwnerEnforced turns them off");
    assert_eq!(bucket.public_access, Ok(None), "what has no effect is no access");
    sample.bucket().ownership = Observed::Known("ObjectWriter".to_owned());
    sample.bucket().public_access_block = Observed::Absent;
    sample.stores[0].public_access_block = Observed::Absent;
    sample.bucket().policy = policy(json!([allow(json!("*"), &["s3:*"])]));
    let both = format!("statement 1 (It) lets everyone do s3:*, and {text}");
    assert_eq!(archive(&sample).public_access, Ok(Some(both)));
    sample.bucket().policy = denied("GetBucketPolicy");
    assert_eq!(archive(&sample).public_access, Ok(Some(text.to_owned())), "what is known is told");
}

fn with_grant(ownership: &str, grantee: (&str, &str), permission: &str) -> BucketFacts {
    let mut sample = Sample::new();
    let bucket = sample.bucket();
    bucket.ownership = Observed::Known(ownership.to_owned());
    let grant = |(kind, grantee): (&str, &str), permission: &str| AclGrant {
        grantee_kind: kind.to_owned(),
        grantee: grantee.to_owned(),
        permission: permission.to_owned(),
    };
    bucket.acl = Observed::Known(AccessControlList {
        owner_id: Some("own".to_owned()),
        grants: vec![grant(("CanonicalUser", "own"), "FULL_CONTROL"), grant(grantee, permission)],
    });
    archive(&sample)
}

#[test]
fn what_an_access_control_list_grants_is_seen_beside_the_policy() {
    let stranger = ("CanonicalUser", "stranger");
    let judged = |facts: &BucketFacts| {
        let shown = |list: &Derived<Vec<String>>| list.as_ref().map(Vec::len).ok();
        (shown(&facts.undesignated_writers), shown(&facts.destructive_grants))
    };
    for (permission, writers, destroyers) in [
        ("READ", Some(0), Some(0)),
        ("READ_ACP", Some(0), Some(0)),
        ("WRITE_ACP", Some(0), None),
        ("FULL_CONTROL", None, None),
    ] {
        let found = with_grant("BucketOwnerPreferred", stranger, permission);
        assert_eq!(judged(&found), (writers, destroyers), "{permission}");
        let off = with_grant("BucketOwnerEnforced", stranger, permission);
        assert_eq!(judged(&off), (Some(0), Some(0)), "{permission}, and lists are off");
    }
    for ownership in ["BucketOwnerPreferred", "ObjectWriter"] {
        assert_eq!(judged(&with_grant(ownership, stranger, "WRITE")).0, None, "whose account, nobody tells");
    }
    assert_eq!(judged(&with_grant("ObjectWriter", ("CanonicalUser", "own"), "WRITE")), (Some(0), Some(0)));
    let delivery = ("Group", "http://acs.amazonaws.com/groups/s3/LogDelivery");
    assert_eq!(judged(&with_grant("ObjectWriter", delivery, "WRITE")), (Some(0), Some(0)));
    // The sample's account ignores public grants.
    let everyone = ("Group", "http://acs.amazonaws.com/groups/global/AllUsers");
    assert_eq!(judged(&with_grant("ObjectWriter", everyone, "FULL_CONTROL")), (Some(0), Some(0)));
}

#[test]
fn an_access_control_list_that_nobody_could_read_may_let_anybody_write() {
    let mut sample = Sample::new();
    sample.bucket().acl = denied("GetBucketAcl");
    let enforced = archive(&sample);
    assert_eq!((enforced.undesignated_writers, enforced.destructive_grants), (Ok(vec![]), Ok(vec![])));
    sample.bucket().ownership = Observed::Known("ObjectWriter".to_owned());
    assert_eq!(archive(&sample).undesignated_writers, Err(gaps("GetBucketAcl")));
    assert_eq!(archive(&sample).destructive_grants, Err(gaps("GetBucketAcl")));
    sample.bucket().policy = Observed::Absent;
    assert_eq!(archive(&sample).undesignated_writers, Err(gaps("GetBucketAcl")), "without a policy, too");
    let whoever = allow(json!("*"), &["s3:PutObject"]);
    sample.bucket().policy = policy(json!([whoever]));
    assert_eq!(archive(&sample).undesignated_writers.unwrap().len(), 1, "what the policy grants stands");
}
