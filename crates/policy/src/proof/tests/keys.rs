//! Condition keys whose values no administrator chooses, or of which it is not known who has them.

use super::*;

fn with(condition: &str, more: &[&str]) -> String {
    short(&prove(&[&[deny(condition).as_str()], more].concat()))
}

#[test]
fn whose_a_network_is_its_id_does_not_tell() {
    for condition in [
        r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-0a1b2c3d"}}"#,
        r#"{"StringNotEqualsIfExists":{"aws:SourceVpc":["vpc-1","vpc-2"]}}"#,
        r#"{"StringNotLike":{"aws:SourceVpc":"vpc-1"}}"#,
        r#"{"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:*:vpc/vpc-1"}}"#,
    ] {
        let told = with(condition, &[]);
        assert!(told.starts_with("unknown at which account"), "{condition}: {told}");
    }
    let of_others = r#"{"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:444455556666:vpc/vpc-1"}}"#;
    assert!(with(of_others, &[]).starts_with("except external"));
    // What is easier besides decides, and so does what is out of reach.
    let or_factor = r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
    assert!(with(or_factor, &[]).starts_with("except self-service"));
    let out_of_reach = deny(r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#);
    let and_address = with(r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, &[&out_of_reach]);
    assert!(and_address.starts_with("except external"), "{and_address}");
}

/// Nobody makes a role or user that has the id of another, but whoever may change the role acts as it.
#[test]
fn a_unique_id_is_nobody_s_to_choose() {
    let role = r#"{"StringNotLike":{"aws:userid":"AROAEXAMPLEROLEID0001:*"}}"#;
    let user = r#"{"StringNotEquals":{"aws:userid":["AIDAEXAMPLEUSERID0001"]}}"#;
    let never = |actions: &str| format!(r#"{{"Effect":"Deny","Action":{actions},"Resource":"*"}}"#);
    for condition in [role, user] {
        assert!(with(condition, &[]).starts_with("unknown at `A"), "{}", with(condition, &[]));
        assert!(
            with(condition, &[&never(r#"["iam:Create*","iam:Update*"]"#)]).starts_with("except external")
        );
    }
    assert!(with(role, &[&never(r#""iam:UpdateAssumeRolePolicy""#)]).starts_with("except external"));
    assert!(with(role, &[&never(r#""iam:CreateRole""#)]).starts_with("unknown"));
    let keys = r#"["iam:CreateAccessKey","iam:CreateLoginProfile","iam:UpdateLoginProfile"]"#;
    assert!(with(user, &[&never(keys)]).starts_with("except external"));
    // The part after the colon is the caller's own, and so is what any id matches.
    for easy in ["*:ann", "AROA*:*", "AROA????????????????:x"] {
        let condition =
            format!(r#"{{"StringNotLike":{{"aws:userid":["{easy}","AROAEXAMPLEROLEID0001:*"]}}}}"#);
        assert!(with(&condition, &[]).starts_with("except self-service"), "{easy}");
    }
    // As a rule the default caller is not the one.
    assert!(with(role, &[]).contains("at most aws:userid like"));
    assert_eq!(prove(&[&deny(role)]).default_caller, DefaultCaller::Denied);
}

#[test]
fn a_variable_that_always_has_a_value_is_as_good_as_the_value() {
    let kept = |name: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"arn:aws:iam::*:role/{name}"}}"#
        )
    };
    let exempt = |operator: &str, arn: &str| format!(r#"{{"{operator}":{{"aws:PrincipalArn":"{arn}"}}}}"#);
    for (operator, arn, name) in [
        ("ArnNotLike", "arn:aws:iam::${aws:PrincipalAccount}:role/Ops", "Ops"),
        ("StringNotLike", "arn:aws:iam::${aws:principalaccount}:role/Ops*", "Ops*"),
        ("StringNotEquals", "arn:aws:iam::${aws:PrincipalAccount}:role/Ops", "Ops"),
        ("ArnNotEquals", "arn:aws:iam::*:role/Ops-${aws:PrincipalOrgID}", "Ops-o-own"),
        ("ArnNotLike", "arn:aws:iam::${aws:PrincipalAccount}:role/Ops-${aws:RequestedRegion}", "Ops-*"),
        ("ArnNotLike", "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:PrincipalTag/t}", "*"),
    ] {
        let condition = exempt(operator, arn);
        let told = with(&condition, &[]);
        assert!(told.starts_with("except self-service"), "{arn}: {told}");
        let told = with(&condition, &[&kept(name)]);
        assert!(told.starts_with("except external"), "{arn}: {told}");
        let told = with(&condition, &[&kept("Another")]);
        assert!(told.starts_with("except self-service"), "{arn}: {told}");
    }
    let designated = exempt("ArnNotLike", "arn:aws:iam::${aws:PrincipalAccount}:role/BreakGlass");
    assert!(with(&designated, &[]).starts_with("except designated"));
    let of_others = exempt("ArnNotLike", "arn:aws:iam::444455556666:role/${aws:PrincipalAccount}");
    assert!(with(&of_others, &[]).starts_with("all, not even"));
}

#[test]
fn an_operator_for_one_value_says_nothing_of_several() {
    for condition in [
        r#"{"StringNotEquals":{"aws:PrincipalOrgPaths":"o-own/r-1/ou-1/"}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgPaths":"o-own/*"}}"#,
        r#"{"StringNotLike":{"aws:PrincipalOrgPaths":"o-own/*"}}"#,
        r#"{"StringNotEqualsIfExists":{"aws:TagKeys":"team"}}"#,
    ] {
        let told = with(condition, &[]);
        assert!(told.starts_with("unknown at `String"), "{condition}: {told}");
    }
    // Without the key there is nothing to compare.
    assert!(with(r#"{"StringEquals":{"aws:PrincipalServiceNamesList":"x"}}"#, &[]).starts_with("none"));
    assert!(
        with(r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-own/*"}}"#, &[]).starts_with("all")
    );
}

#[test]
fn a_value_that_is_of_another_type_leaves_it_unknown() {
    for condition in [
        r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"yes"}}"#,
        r#"{"Bool":{"aws:SecureTransport":["false","1"]}}"#,
        r#"{"DateGreaterThan":{"aws:CurrentTime":"yesterday"}}"#,
        r#"{"NumericGreaterThanIfExists":{"aws:MultiFactorAuthAge":"1h"}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"office"}}"#,
        r#"{"Null":{"aws:PrincipalTag/team":"yes"}}"#,
    ] {
        assert!(with(condition, &[]).starts_with("unknown at `"), "{condition}: {}", with(condition, &[]));
    }
    // Whoever has no factor does not even carry the key.
    let of_some = with(r#"{"Bool":{"aws:MultiFactorAuthPresent":"yes"}}"#, &[]);
    assert!(of_some.ends_with("default allowed"), "{of_some}");
}

/// Keys of requests that services make, Regions elsewhere and paths that are none.
#[test]
fn what_no_bound_caller_s_request_carries_denies_nobody() {
    for condition in [
        r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"*"}}"#,
        r#"{"StringEquals":{"aws:RequestedRegion":["cn-north-1","us-gov-west-1"]}}"#,
        r#"{"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":"o-own/r-1/ou-1"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"172.16.0.0/12"}}"#,
    ] {
        assert_eq!(with(condition, &[]), "none", "{condition}");
    }
    assert_eq!(
        with(r#"{"StringNotEquals":{"aws:RequestedRegion":"cn-north-1"}}"#, &[]),
        "all, not even aws:RequestedRegion is cn-north-1"
    );
}
