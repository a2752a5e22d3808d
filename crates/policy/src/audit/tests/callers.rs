//! Which values of a condition key are within the reach of a caller, seen through the questions that are asked.

use super::*;
use crate::arn::account_of;

/// Whether a statement for everyone is public under a condition that only signed requests meet besides.
fn signed(condition: &str) -> Answer {
    let signed = r#""ArnLike":{"aws:PrincipalArn":"arn:*:*:*:*:*"}"#;
    public_access(&policy(&[&reads_if(&format!("{{{condition},{signed}}}"))]), &bucket(), &["s3:*"])
}

fn public_if(condition: &str) -> Answer {
    public_access(&policy(&[&reads_if(&format!("{{{condition}}}"))]), &bucket(), &["s3:*"])
}

fn scopes_if(condition: &str) -> Vec<(Scope, bool)> {
    let objects = Target::resources(&format!("{BUCKET}/*"));
    let document = policy(&[&reads_if(&format!("{{{condition}}}"))]);
    grants(&document, "s3:GetObject", &objects)
        .into_iter()
        .map(|grant| (grant.scope, grant.certain))
        .collect()
}

fn own_organization() -> Scope {
    Scope::Organizations([OWN.to_owned()].into())
}

#[test]
fn a_customer_without_organization_carries_no_organization_keys() {
    for condition in [
        r#""Null":{"aws:PrincipalOrgID":"true"}"#,
        r#""Null":{"aws:PrincipalOrgPaths":"true"}"#,
        r#""Null":{"aws:SourceOrgID":"true"}"#,
        r#""Null":{"aws:SourceOrgPaths":"true"}"#,
        r#""Null":{"aws:MultiFactorAuthPresent":"true"}"#,
    ] {
        assert!(matches!(signed(condition), Answer::Yes(_)), "{condition}: {:?}", signed(condition));
    }
    // A request always says whether it came over TLS.
    assert_eq!(public_if(r#""Null":{"aws:SecureTransport":"true"}"#), Answer::No);
}

#[test]
fn a_member_carries_its_organization_and_no_source() {
    let member = format!(r#""StringEquals":{{"aws:PrincipalOrgID":"{OWN}"}}"#);
    assert_eq!(scopes_if(&member), [(own_organization(), true)]);
    for absent in ["aws:SourceOrgID", "aws:SourceOrgPaths"] {
        let condition = format!(r#"{member},"Null":{{"{absent}":"true"}}"#);
        assert_eq!(scopes_if(&condition), [(own_organization(), true)], "{absent}");
    }
    let by_path = format!(r#""ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":"{OWN}/*"}}"#);
    assert_eq!(scopes_if(&by_path), [(own_organization(), true)]);
    for contradiction in [
        format!(r#"{member},"Null":{{"aws:PrincipalOrgPaths":"true"}}"#),
        format!(r#"{by_path},"Null":{{"aws:PrincipalOrgID":"true"}}"#),
    ] {
        assert!(scopes_if(&contradiction).iter().all(|(_, certain)| !certain), "{contradiction}");
    }
}

/// Where the values that were tried are all that there are, a condition that none of them meets is met by nobody;
/// where they are examples, nothing can be said.
#[test]
fn examples_prove_nothing_and_all_values_do() {
    for condition in [
        // A type of principal is one of a few words.
        r#""StringLike":{"aws:PrincipalType":["x*","y*"]}"#,
        r#""StringLike":{"aws:UserAgent":"a*"},"StringEquals":{"aws:UserAgent":"b"}"#,
        r#""ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-a/"},"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-a/"}"#,
        r#""IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"Null":{"aws:SourceIp":"false"}"#,
    ] {
        assert_eq!(signed(condition), Answer::No, "{condition}");
    }
    for condition in [
        // 10.02 is between the two, and none of the values that were tried.
        r#""NumericGreaterThan":{"s3:max-keys":"10"},"NumericLessThan":{"s3:max-keys":"10.05"}"#,
        // Another spelling meets both.
        r#""StringEqualsIgnoreCase":{"aws:UserAgent":"ab"},"StringNotEquals":{"aws:UserAgent":"ab"}"#,
        // Texts begin with both patterns.
        r#""StringLike":{"aws:UserAgent":"a*"},"StringLikeIfExists":{"aws:UserAgent":"*b"}"#,
    ] {
        assert!(
            matches!(public_if(condition), Answer::Unknown(_)),
            "{condition}: {:?}",
            public_if(condition)
        );
    }
}

#[test]
fn an_outsider_chooses_a_number_on_either_side() {
    for bound in ["10", "1.5"] {
        for operator in ["NumericLessThan", "NumericGreaterThan", "NumericNotEquals"] {
            let condition =
                format!(r#""{operator}":{{"s3:max-keys":"{bound}"}},"Null":{{"s3:max-keys":"false"}}"#);
            assert!(matches!(public_if(&condition), Answer::Yes(_)), "{condition}");
        }
    }
}

#[test]
fn part_of_a_range_is_within_the_reach_of_a_member() {
    let member = format!(r#""StringEquals":{{"aws:PrincipalOrgID":"{OWN}"}}"#);
    let half =
        r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/25"}"#;
    let found = scopes_if(&format!("{member},{half}"));
    assert!(!found.is_empty() && found.iter().all(|(_, certain)| !certain), "{found:?}");
}

#[test]
fn a_range_is_public_below_eight_bits() {
    let within = |range: &str| public_if(&format!(r#""IpAddress":{{"aws:SourceIp":"{range}"}}"#));
    assert!(matches!(within("64.0.0.0/7"), Answer::Yes(_)));
    assert_eq!(within("64.0.0.0/8"), Answer::No);
    assert!(matches!(within("2a00::/31"), Answer::Yes(_)));
    assert_eq!(within("2a00::/32"), Answer::No);
}

#[test]
fn an_outsider_has_an_arn_in_its_own_account() {
    let own = r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"},
        "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:*"}"#;
    assert!(matches!(public_if(own), Answer::Yes(_)), "{:?}", public_if(own));
}

#[test]
fn an_outsider_chooses_the_session_and_not_the_role_in_a_user_id() {
    let id = |pattern: &str| public_if(&format!(r#""StringLike":{{"aws:userid":"{pattern}"}}"#));
    assert!(matches!(id("*:session"), Answer::Yes(_)));
    assert_eq!(id("AROAEXAMPLEID:session"), Answer::No);
    let member = format!(
        r#""StringEquals":{{"aws:PrincipalOrgID":"{OWN}"}},"StringLike":{{"aws:userid":"AROAEXAMPLEID:*"}}"#
    );
    assert_eq!(scopes_if(&member), [(own_organization(), true)]);
}

#[test]
fn only_the_actions_that_are_asked_about_are_listed() {
    let open = |action: &str| {
        policy(&[&format!(r#""Effect":"Allow","Principal":"*",{action},"Resource":"{BUCKET}/*""#)])
    };
    let reasons = |document: &Document, wanted: &str| match public_access(document, &bucket(), &[wanted]) {
        Answer::Yes(evidence) => evidence.into_iter().map(|at| at.reason).collect(),
        _ => Vec::new(),
    };
    let tagging = open(r#""Action":"s3:GetObjectTagg*""#);
    assert_eq!(reasons(&tagging, "s3:*"), ["lets everyone do s3:GetObjectTagging"]);
    assert_eq!(reasons(&tagging, "s3:Put*"), Vec::<String>::new());
    let named = open(r#""Action":["s3:getobject","s3:NewOfTomorrow"]"#);
    assert_eq!(reasons(&named, "s3:*"), ["lets everyone do s3:GetObject, s3:NewOfTomorrow"]);
}

#[test]
fn a_service_writes_once_for_each_statement_and_source() {
    let writer = |service: &str, account: &str| {
        format!(
            r#""Effect":"Allow","Principal":{{"Service":{service}}},"Action":["s3:PutObject","s3:PutObjectAcl"],
            "Resource":"{BUCKET}/*","Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}}}}"#
        )
    };
    let both = writer(r#"["cloudtrail.amazonaws.com","config.amazonaws.com"]"#, "111122223333");
    let again = writer(r#""cloudtrail.amazonaws.com""#, "111122223333");
    let found: Vec<(usize, String)> = service_writers(&policy(&[&both, &again]), &organization(), BUCKET)
        .into_iter()
        .map(|writer| (writer.statement.number, writer.service))
        .collect();
    let expected =
        [(1, "cloudtrail.amazonaws.com"), (1, "config.amazonaws.com"), (2, "cloudtrail.amazonaws.com")];
    assert_eq!(found, expected.map(|(number, service)| (number, service.to_owned())));
}

#[test]
fn principals_of_other_accounts_are_not_designated() {
    let designated = Designated { accounts: ["111122223333".to_owned()].into(), ..Designated::default() };
    let inside = Scope::Principals(["arn:aws:iam::111122223333:role/Reader".to_owned()].into());
    let outside = Scope::Principals(["arn:aws:iam::444455556666:role/Reader".to_owned()].into());
    assert_eq!(inside.is_designated(&designated), Truth::True);
    assert_eq!(outside.is_designated(&designated), Truth::False);
}

#[test]
fn an_account_is_read_from_a_whole_arn_alone() {
    assert_eq!(account_of("arn:aws:iam::111122223333:role/Reader"), Some("111122223333"));
    assert_eq!(account_of("urn:aws:iam::111122223333:role/Reader"), None);
    assert_eq!(account_of("arn:aws:iam::111122223333"), None);
}

#[test]
fn the_owner_of_the_resource_is_not_the_caller_s_choice() {
    for key in ["s3:ResourceAccount", "s3:ExistingObjectTag/class"] {
        let condition = format!(r#""StringEquals":{{"{key}":"111122223333"}}"#);
        assert!(matches!(public_if(&condition), Answer::Unknown(_)), "{key}");
    }
}

#[test]
fn all_but_a_few_are_everyone() {
    let objects = Target::resources(&format!("{BUCKET}/*"));
    let document = policy(&[&format!(
        r#""Effect":"Allow","NotPrincipal":{{"AWS":"111122223333"}},"Action":"s3:GetObject","Resource":"{BUCKET}/*""#
    )]);
    let found: Vec<Scope> =
        grants(&document, "s3:GetObject", &objects).into_iter().map(|grant| grant.scope).collect();
    assert_eq!(found, [Scope::Everyone]);
}

#[test]
fn a_value_that_the_caller_chooses_may_complete_a_resource() {
    let document = policy(&[&format!(
        r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"{BUCKET}/${{s3:prefix}}""#
    )]);
    let object = Target::exact(format!("{BUCKET}/x1"));
    let found: Vec<bool> =
        grants(&document, "s3:GetObject", &object).into_iter().map(|grant| grant.certain).collect();
    assert_eq!(found, [false], "a request with that prefix gets through");
}

#[test]
fn a_value_that_the_caller_chooses_may_complete_a_condition() {
    let condition = r#""StringEquals":{"aws:PrincipalOrgID":"${s3:prefix}"}"#;
    assert!(matches!(signed(condition), Answer::Unknown(_)), "{:?}", signed(condition));
}

#[test]
fn what_is_no_id_of_an_organization_lets_nobody_in() {
    for id in ["o-*", "exampleorgid"] {
        assert_eq!(scopes_if(&format!(r#""StringEquals":{{"aws:PrincipalOrgID":"{id}"}}"#)), [], "{id}");
    }
}

/// The exception of a deny is let in by what allows everyone else.
#[test]
fn those_whom_a_deny_leaves_out_are_let_in() {
    let objects = Target::resources(&format!("{BUCKET}/*"));
    let found = |but: &str| {
        let deny =
            format!(r#""Effect":"Deny","NotPrincipal":{{"AWS":{but}}},"Action":"s3:*","Resource":"*""#);
        let found = grants(&policy(&[&reads_if("{}"), &deny]), "s3:GetObject", &objects);
        found.into_iter().map(|grant| (grant.scope, grant.certain)).collect::<Vec<_>>()
    };
    // AWS leaves open which principals of an account such a deny exempts.
    for but in [
        r#""111122223333""#,
        r#""arn:aws:iam::111122223333:role/Reader""#,
        r#"["arn:aws:iam::111122223333:role/Reader","111122223333"]"#,
    ] {
        assert_eq!(found(but), [(accounts(&["111122223333"]), false)], "{but}");
    }
}

#[test]
fn an_account_that_is_open_to_all_its_principals_is_named_as_a_whole() {
    let member = r#""StringEquals":{"aws:PrincipalAccount":"111122223333"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Barred"}"#;
    assert_eq!(scopes_if(member), [(accounts(&["111122223333"]), true)]);
}

#[test]
fn a_limited_service_certainly_gets_through() {
    let objects = Target::resources(&format!("{BUCKET}/*"));
    let writer = policy(&[&format!(
        r#""Effect":"Allow","Principal":{{"Service":"config.amazonaws.com"}},"Action":"s3:PutObject","Resource":"{BUCKET}/*",
           "Condition":{{"StringEquals":{{"aws:SourceAccount":"111122223333"}}}}"#
    )]);
    let certain: Vec<bool> =
        grants(&writer, "s3:PutObject", &objects).into_iter().map(|grant| grant.certain).collect();
    assert_eq!(certain, [true]);
}

#[test]
fn the_principals_of_an_account_have_no_arn_of_another() {
    let objects = Target::resources(&format!("{BUCKET}/*"));
    let let_in = |roles: &str| {
        let document = policy(&[&format!(
            r#""Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Action":"s3:GetObject","Resource":"{BUCKET}/*",
               "Condition":{{"ArnLike":{{"aws:PrincipalArn":{roles}}}}}"#
        )]);
        grants(&document, "s3:GetObject", &objects).len()
    };
    assert_eq!(let_in(r#"["arn:aws:iam::444455556666:role/a*","arn:aws:iam::444455556666:role/b*"]"#), 0);
    assert_eq!(let_in(r#"["arn:aws:iam::111122223333:role/a*","arn:aws:iam::444455556666:role/b*"]"#), 1);
}
