use super::*;

fn is_public(statements: &[&str]) -> Answer {
    public_access(&policy(statements), &bucket(), &["s3:*"])
}

fn reading(condition: &str) -> Answer {
    is_public(&[&reads_if(condition)])
}

#[test]
fn everyone_is_everyone() {
    for principal in
        [r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#, r#""Principal":{"AWS":["111122223333","*"]}"#]
    {
        let statement = format!(
            r#""Sid":"Read","Effect":"Allow",{principal},"Action":"s3:GetObject","Resource":"{BUCKET}/*""#
        );
        let Answer::Yes(evidence) = is_public(&[&statement]) else { panic!("{principal} is public") };
        let found: Vec<String> =
            evidence.iter().map(|at| format!("{} {}", at.statement, at.reason)).collect();
        assert_eq!(found, ["statement 1 (Read) lets everyone do s3:GetObject"]);
    }
}

#[test]
fn named_principals_are_not_the_public() {
    for principal in [
        r#""Principal":{"AWS":"111122223333"}"#,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/Reader"}"#,
        r#""Principal":{"Service":"cloudtrail.amazonaws.com"}"#,
        r#""Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbaced"}"#,
    ] {
        let statement = format!(r#""Effect":"Allow",{principal},"Action":"s3:*","Resource":"*""#);
        assert_eq!(is_public(&[&statement]), Answer::No, "{principal}");
    }
}

#[test]
fn all_but_a_few_is_the_public() {
    let statement =
        r#""Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*""#;
    assert!(matches!(is_public(&[statement]), Answer::Yes(_)));
}

#[test]
fn fixed_values_keep_the_public_out() {
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/*"}}"#,
        r#"{"StringEquals":{"aws:SourceOrgID":"o-exampleorgid"}}"#,
        r#"{"StringEquals":{"aws:PrincipalAccount":["111122223333","222233334444"]}}"#,
        r#"{"StringLike":{"aws:PrincipalAccount":"1111*"},"StringEquals":{"aws:PrincipalAccount":"111100000000"}}"#,
        r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
        r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::source-bucket"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
        r#"{"StringEquals":{"aws:SourceVpc":"vpc-12345678"}}"#,
        r#"{"StringEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/7"}}"#,
        r#"{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}"#,
        r#"{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:111122223333:accesspoint/*"}}"#,
        r#"{"StringLike":{"aws:userid":"AROAEXAMPLEID:*"}}"#,
        r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#,
        r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#,
        r#"{"Null":{"aws:PrincipalServiceName":"false"}}"#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":"${aws:PrincipalTag/none}","aws:PrincipalAccount":"111122223333"}}"#,
    ] {
        assert_eq!(reading(condition), Answer::No, "{condition}");
    }
}

#[test]
fn what_any_caller_can_meet_does_not() {
    for condition in [
        r#"{"StringLike":{"aws:PrincipalOrgID":"*"}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#,
        r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#,
        r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-exampleorgid/"}}"#,
        r#"{"StringLike":{"aws:PrincipalAccount":"1*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/*"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#,
        r#"{"ArnEqualsIfExists":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:topic"}}"#,
        r#"{"StringLike":{"aws:SourceVpce":"vpce-*"}}"#,
        r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"::/0"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"128.0.0.0/1"}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        r#"{"StringEquals":{"aws:PrincipalType":"User"}}"#,
        r#"{"StringLike":{"aws:UserAgent":"secret-*"}}"#,
        r#"{"StringEquals":{"aws:Referer":"https://example.com"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#,
        r#"{"NumericGreaterThanEquals":{"s3:TlsVersion":"1.2"}}"#,
        r#"{"Null":{"aws:PrincipalOrgID":"true"}}"#,
        r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}}"#,
    ] {
        assert!(matches!(reading(condition), Answer::Yes(_)), "{condition}: {:?}", reading(condition));
    }
}

#[test]
fn what_cannot_be_evaluated_is_neither() {
    for condition in [
        r#"{"StringResembles":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#,
        r#"{"StringEquals":{"service:Unheard":"x"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#,
    ] {
        assert!(matches!(reading(condition), Answer::Unknown(_)), "{condition}");
    }
    // An unknown next to a fixed value changes nothing.
    let both = r#"{"StringResembles":{"a:b":"c"},"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#;
    assert_eq!(reading(both), Answer::No);
}

#[test]
fn a_deny_for_all_outsiders_cancels_it() {
    let open = format!(r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{BUCKET}/*""#);
    let deny = |rest: &str| format!(r#""Effect":"Deny",{rest}"#);
    for rest in [
        r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#,
        r#""Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::org-*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        r#""NotPrincipal":{"AWS":["111122223333"]},"Action":"*","Resource":"*""#,
        r#""Principal":"*","NotAction":"s3:PutObject","Resource":"*""#,
    ] {
        assert_eq!(is_public(&[&open, &deny(rest)]), Answer::No, "{rest}");
    }
    for rest in [
        // Only some of the objects.
        r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::org-logs/secret/*""#,
        // Another action.
        r#""Principal":"*","Action":"s3:PutObject","Resource":"*""#,
        // An outsider need not be in that account.
        r#""Principal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"*""#,
        // TLS is the caller's choice.
        r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
        // A key that is missing fires no positive operator.
        r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-bad"}}"#,
        // A variable without a value.
        r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::${Bucket}/*""#,
        // The range is half of the Internet.
        r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#,
    ] {
        assert!(matches!(is_public(&[&open, &deny(rest)]), Answer::Yes(_)), "{rest}");
    }
}

#[test]
fn part_of_the_objects_is_public_too() {
    let statement =
        format!(r#""Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"{BUCKET}/public/*""#);
    assert!(matches!(is_public(&[&statement]), Answer::Yes(_)));
    let elsewhere =
        r#""Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::other/*""#;
    assert_eq!(is_public(&[elsewhere]), Answer::No);
}

#[test]
fn an_action_that_is_not_in_any_list_counts() {
    let statement =
        format!(r#""Effect":"Allow","Principal":"*","Action":"s3:NewOfTomorrow","Resource":"{BUCKET}/*""#);
    assert!(matches!(is_public(&[&statement]), Answer::Yes(_)));
}

#[test]
fn all_but_some_actions_is_public() {
    let statement =
        format!(r#""Effect":"Allow","Principal":"*","NotAction":"s3:PutObject","Resource":"{BUCKET}/*""#);
    assert!(matches!(is_public(&[&statement]), Answer::Yes(_)));
}

#[test]
fn a_default_aws_managed_key_policy_is_not_public() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1234";
    let document = |condition: &str| {
        policy(&[&format!(
            r#""Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"{condition}"#
        )])
    };
    let resource = AuditedResource::Key(key.to_owned());
    let managed = document(
        r#","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"111122223333"}}"#,
    );
    assert_eq!(public_access(&managed, &resource, &["kms:*"]), Answer::No);
    let via = document(r#","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#);
    assert!(matches!(public_access(&via, &resource, &["kms:*"]), Answer::Yes(_)));
    assert!(matches!(public_access(&document(""), &resource, &["kms:*"]), Answer::Yes(_)));
}

/// More work than any policy that S3 would store asks for: the answer is given up, not waited for.
#[test]
fn an_intricate_policy_is_answered_as_unknown() {
    let statements: Vec<String> = (0..100)
        .map(|n| {
            let effect = if n % 2 == 0 { "Allow" } else { "Deny" };
            format!(
                r#""Effect":"{effect}","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::*o*r*g*-*l*o*g*s*/*a*{n}*b*c*d*??????????",
                   "Condition":{{"StringLike":{{"s3:prefix":"*a*b{n}*","aws:UserAgent":"*x{n}*y*"}},"StringNotLike":{{"s3:prefix":"?*b*"}}}}"#
            )
        })
        .collect();
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    assert!(matches!(is_public(&statements), Answer::Unknown(_)));
}

#[test]
fn reasons_name_the_keys_that_it_depends_on() {
    let reason = |answer: Answer| match answer {
        Answer::Yes(evidence) | Answer::Unknown(evidence) => evidence.first().unwrap().reason.clone(),
        Answer::No => "none".to_owned(),
    };
    // TLS is the caller's choice; only the other key leaves it open.
    let open = r#"{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"service:Unheard":"x"}}"#;
    assert_eq!(reason(reading(open)), "may let everyone do s3:GetObject, depending on service:unheard");
    // What only a deny looks at is no condition of the statement.
    let met = reads_if(r#"{"Bool":{"aws:SecureTransport":"true"}}"#);
    let deny = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-bad"}}"#;
    assert_eq!(
        reason(is_public(&[&met, deny])),
        "lets everyone do s3:GetObject; any caller can meet its condition on aws:securetransport"
    );
    assert_eq!(reason(reading("{}")), "lets everyone do s3:GetObject");
}

/// A pattern of accounts has members that no policy names.
#[test]
fn a_pattern_of_accounts_is_open_beside_those_that_are_named() {
    for condition in [
        r#"{"StringLike":{"aws:PrincipalAccount":["1111*","111100000000"]}}"#,
        r#"{"StringLike":{"aws:PrincipalAccount":["11110000000?","111100000000","111100000001"]}}"#,
        r#"{"StringLike":{"aws:PrincipalAccount":["*0000*1","000000000001"]}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::1111*:role/r","arn:aws:iam::111100000000:role/r"]}}"#,
    ] {
        assert!(matches!(reading(condition), Answer::Yes(_)), "{condition}: {:?}", reading(condition));
    }
}
