//! Values of conditions that no request carries, or of which AWS does not say what comes.

use super::*;

#[test]
fn nobody_is_of_an_account_that_the_organization_lacks() {
    let (organization, accounts) =
        (organization(), ["111122223333", "999988887777"].map(str::to_owned).into());
    let among = |condition: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        );
        let bound = Bound { accounts: Some(&accounts), ..bound(PolicyKind::ServiceControl, &organization) };
        Document::parse(&text).unwrap().without_effect(&bound).len()
    };
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
        r#"{"StringEquals":{"aws:PrincipalAccount":["444455556666","777788889999"]}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/*"}}"#,
        r#"{"ArnEquals":{"aws:PrincipalArn":["arn:aws:iam::444455556666:root","arn:*:iam::4444*:user/ann"]}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::4444????6666:role/x"}}"#,
        r#"{"StringLike":{"kms:CallerAccount":"4444*"}}"#,
    ] {
        assert_eq!(among(condition), 1, "{condition}");
    }
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalAccount":["444455556666","111122223333"]}}"#,
        r#"{"StringNotEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1111*:role/*"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::4444*"}}"#,
        r#"{"StringLike":{"aws:PrincipalAccount":"*"}}"#,
    ] {
        assert_eq!(among(condition), 0, "{condition}");
    }
}

#[test]
fn values_that_no_request_carries_are_named() {
    insta::assert_snapshot!(
        [
            r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-own/r-a/ou-x"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:ResourceOrgPaths":["o-own/r-a/ou-x","o-else/r-a/ou-*-x"]}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":["172.20.0.0/16","192.168.7.1","fd12::/16","100.64.0.0/10"]}}"#,
            r#"{"StringEquals":{"aws:RequestedRegion":["cn-north-1","us-gov-east-1"]}}"#,
            r#"{"StringLikeIfExists":{"aws:RequestedRegion":"us-gov-*"}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#,
            r#"{"StringEquals":{"aws:PrincipalOrgPaths":"o-own/r-a/ou-x/"}}"#,
            r#"{"StringEquals":{"aws:TagKeys":"team"}}"#,
            r#"{"Bool":{"aws:MultiFactorAuthPresent":"yes"}}"#,
            r#"{"BoolIfExists":{"aws:SecureTransport":"1"}}"#,
            r#"{"DateLessThan":{"aws:CurrentTime":"next year"}}"#,
            r#"{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"1h"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/40"}}"#,
        ]
        .map(|condition| found(&format!(r#""Action":"*","Resource":"*","Condition":{condition}"#)).join("\n"))
        .join("\n"),
        @r#"
        whole: no bound caller meets some value of aws:PrincipalOrgPaths is o-own/r-a/ou-x: the path of an account ends with `/`
        whole: no bound caller meets some value of aws:ResourceOrgPaths like [o-own/r-a/ou-x, o-else/r-a/ou-*-x]: the path of an account ends with `/`
        whole: no bound caller meets aws:SourceIp in 10.0.0.0/8: requests come from public addresses, and those by a VPC endpoint carry `aws:VpcSourceIp` in its place
        whole: no bound caller meets aws:SourceIp in [172.20.0.0/16, 192.168.7.1, fd12::/16, 100.64.0.0/10]: requests come from public addresses, and those by a VPC endpoint carry `aws:VpcSourceIp` in its place
        whole: no bound caller meets aws:RequestedRegion is [cn-north-1, us-gov-east-1]: the organization is in another partition than such Regions
        whole: no bound caller meets aws:RequestedRegion like us-gov-*: the organization is in another partition than such Regions
        whole: no bound caller meets aws:SourceAccount is 111122223333: only what an AWS service itself calls carries the key, and service control policies do not bind AWS services
        whole: no bound caller meets aws:SourceArn like arn:aws:s3:::*: only what an AWS service itself calls carries the key, and service control policies do not bind AWS services
        unknown: `StringEquals` compares one value, and `aws:PrincipalOrgPaths` may have several: AWS asks for ForAnyValue or ForAllValues, and does not say what comes of the condition without
        unknown: `StringEquals` compares one value, and `aws:TagKeys` may have several: AWS asks for ForAnyValue or ForAllValues, and does not say what comes of the condition without
        unknown: `yes` is no value that `Bool` can compare `aws:MultiFactorAuthPresent` with: AWS does not say what comes of the condition
        unknown: `1` is no value that `BoolIfExists` can compare `aws:SecureTransport` with: AWS does not say what comes of the condition
        unknown: `next year` is no value that `DateLessThan` can compare `aws:CurrentTime` with: AWS does not say what comes of the condition
        unknown: `1h` is no value that `NumericGreaterThan` can compare `aws:MultiFactorAuthAge` with: AWS does not say what comes of the condition
        unknown: `203.0.113.0/40` is no value that `IpAddress` can compare `aws:SourceIp` with: AWS does not say what comes of the condition
        "#
    );
}

#[test]
fn values_that_a_request_may_carry_are_no_mistakes() {
    for condition in [
        r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":["o-own/r-a/ou-x","o-own/r-a/ou-x/"]}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-own/r-a/ou-x*"}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:ResourceOrgPaths":"o-own/r-a/ou-x"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
        r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}"#,
        r#"{"StringNotEquals":{"aws:RequestedRegion":"cn-north-1"}}"#,
        r#"{"StringLike":{"aws:RequestedRegion":"us-*"}}"#,
        r#"{"StringNotEquals":{"aws:TagKeys":"team"}}"#,
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}"#,
        r#"{"Bool":{"aws:MultiFactorAuthPresent":["TRUE","yes"]}}"#,
        r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"no"}}"#,
        r#"{"StringNotEquals":{"aws:SourceAccount":"111122223333"}}"#,
    ] {
        let statement = format!(r#""Action":"*","Resource":"*","Condition":{condition}"#);
        assert_eq!(found(&statement), Vec::<String>::new(), "{condition}");
    }
    // A service calls for an account, and resource control policies bind it.
    let statement =
        r#""Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#;
    assert_eq!(of_resources(statement), Vec::<String>::new());
}
