use super::*;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234";

/// The key policy of "Configure AWS KMS key policies for CloudTrail".
const DOCUMENTED: &[&str] = &[
    r#""Sid":"Enable IAM user permissions","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},
       "Action":"kms:*","Resource":"*""#,
    r#""Sid":"Allow CloudTrail to encrypt logs","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
       "Action":"kms:GenerateDataKey*","Resource":"arn:aws:kms:us-east-1:111122223333:key/1234",
       "Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/org"},
         "StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
    r#""Sid":"Allow CloudTrail to describe key","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
       "Action":"kms:DescribeKey","Resource":"*""#,
    r#""Sid":"Allow principals in the account to decrypt log files","Effect":"Allow","Principal":{"AWS":"*"},
       "Action":["kms:Decrypt","kms:ReEncryptFrom"],"Resource":"*",
       "Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"},
         "StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
];

fn scoped(statements: &[&str]) -> Vec<Truth> {
    cloudtrail_key_use(&policy(statements), KEY, &organization())
        .into_iter()
        .map(|(_, scoped)| scoped)
        .collect()
}

fn key_use(condition: &str) -> String {
    format!(
        r#""Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"kms:GenerateDataKey","Resource":"*"{condition}"#
    )
}

#[test]
fn the_documented_key_policy_is_scoped_and_not_public() {
    let document = policy(DOCUMENTED);
    assert_eq!(scoped(DOCUMENTED), [Truth::True, Truth::True]);
    assert_eq!(public_access(&document, &AuditedResource::Key(KEY.to_owned()), &["kms:*"]), Answer::No);
    let designated = Designated { accounts: ["111122223333".to_owned()].into(), ..Designated::default() };
    assert_eq!(decrypters_outside(&document, KEY, &designated), []);
    let outside = decrypters_outside(&document, KEY, &Designated::default());
    let actions: Vec<&str> = outside.iter().map(|grant| grant.action.as_str()).collect();
    assert_eq!(
        actions,
        ["kms:Decrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptFrom", "kms:CreateGrant"]
    );
}

#[test]
fn cloudtrail_is_limited_by_its_source_or_its_encryption_context() {
    for (condition, expected) in [
        ("", Truth::False),
        (
            r#","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
            Truth::True,
        ),
        (
            r#","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:*:trail/*"}}"#,
            Truth::False,
        ),
        (
            r#","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:888877776666:trail/*"}}"#,
            Truth::False,
        ),
        (
            r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:222233334444:trail/*"}}"#,
            Truth::True,
        ),
    ] {
        assert_eq!(scoped(&[&key_use(condition)]), [expected], "{condition}");
    }
    assert_eq!(scoped(&[]), []);
}

#[test]
fn who_administers_and_decrypts_is_found_and_the_root_statement_told_apart() {
    let both = policy(&[
        r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*""#,
        r#""Sid":"Admins","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/KeyAdmin","arn:aws:iam::111122223333:role/Ops"]},
           "Action":["kms:Put*","kms:ScheduleKeyDeletion"],"Resource":"*""#,
        r#""Sid":"Readers","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/Ops","arn:aws:iam::111122223333:role/Siem"]},
           "Action":"kms:Decrypt","Resource":"*""#,
    ]);
    let duties = key_duties(&both, KEY);
    let names = |map: &std::collections::BTreeMap<String, std::collections::BTreeSet<StatementId>>| {
        map.keys().map(|arn| arn.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&duties.administrators), ["KeyAdmin", "Ops"]);
    assert_eq!(names(&duties.decrypters), ["Ops", "Siem"]);
    assert_eq!(duties.both, ["arn:aws:iam::111122223333:role/Ops".to_owned()].into());
    let [root] = duties.delegates_to_iam.as_slice() else { panic!("one delegation") };
    assert!(root.administer && root.decrypt && root.account == "111122223333");
    assert_eq!(duties.unknown, []);
}

#[test]
fn a_deny_separates_duties_again() {
    let document = policy(&[
        r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Ops"},"Action":"kms:*","Resource":"*""#,
        r#""Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:role/Ops"},"Action":"kms:Decrypt","Resource":"*""#,
    ]);
    assert!(key_duties(&document, KEY).both.is_empty());
}

/// Whoever has one duty has both where the policy leaves the other to everyone.
#[test]
fn a_deny_with_a_misplaced_variable_keeps_nobody_out_for_certain() {
    let key = AuditedResource::Key("arn:aws:kms:eu-west-1:111122223333:key/k".to_owned());
    let allow = r#""Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*""#;
    let public = |resource: &str| {
        let deny = format!(r#""Effect":"Deny","Principal":"*","Action":"kms:*","Resource":{resource}"#);
        public_access(&policy(&[allow, &deny]), &key, &["kms:*"])
    };
    assert_eq!(public(r#""*""#), Answer::No);
    for resource in [
        r#"["*","arn:aws:kms:*:${aws:PrincipalAccount}:key/*"]"#,
        r#"["arn:aws:kms:${aws:RequestedRegion}:*:key/*","*"]"#,
        r#"["${aws:PrincipalTag/key}","*"]"#,
    ] {
        assert!(matches!(public(resource), Answer::Unknown(_)), "{resource}: {:?}", public(resource));
    }
}

#[test]
fn a_duty_of_everyone_is_everyone_s_second_duty() {
    let ops = "arn:aws:iam::111122223333:role/Ops";
    let both = |own: &str, of_all: &str| {
        key_duties(
            &policy(&[
                &format!(r#""Effect":"Allow","Principal":{{"AWS":"{ops}"}},"Action":"{own}","Resource":"*""#),
                &format!(r#""Effect":"Allow","Principal":"*","Action":"{of_all}","Resource":"*""#),
            ]),
            KEY,
        )
        .both
    };
    assert_eq!(both("kms:PutKeyPolicy", "kms:Decrypt"), [ops.to_owned()].into());
    assert_eq!(both("kms:Decrypt", "kms:PutKeyPolicy"), [ops.to_owned()].into());
    assert_eq!(both("kms:Decrypt", "kms:Encrypt"), [].into());
}

#[test]
fn the_use_by_other_services_is_not_that_of_cloudtrail() {
    let other = key_use("").replace("cloudtrail.amazonaws.com", "config.amazonaws.com");
    assert_eq!(scoped(&[&other]), []);
}

#[test]
fn a_grant_that_cannot_be_told_is_nobody_s_duty() {
    let document = policy(&[
        r#""Sid":"Ops","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Ops"},"Action":["kms:PutKeyPolicy","kms:Decrypt"],
           "Resource":"*","Condition":{"StringEquals":{"service:Unheard":"x"}}"#,
    ]);
    let duties = key_duties(&document, KEY);
    assert!(duties.administrators.is_empty() && duties.decrypters.is_empty(), "{duties:?}");
    let unknown: Vec<&str> = duties.unknown.iter().map(|at| at.reason.as_str()).collect();
    assert_eq!(
        unknown,
        [
            "may allow kms:PutKeyPolicy to arn:aws:iam::111122223333:role/Ops",
            "may allow kms:Decrypt to arn:aws:iam::111122223333:role/Ops"
        ]
    );
}

#[test]
fn each_account_and_statement_delegates_for_itself() {
    let root = |account: &str, action: &str| {
        format!(
            r#""Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":{action},"Resource":"*""#
        )
    };
    let delegations = |statements: [String; 2]| {
        let duties = key_duties(&policy(&statements.each_ref().map(String::as_str)), KEY);
        let told = duties.delegates_to_iam.into_iter();
        told.map(|at| (at.account, at.statement.number, at.administer, at.decrypt)).collect::<Vec<_>>()
    };
    let (one, other) = ("111122223333".to_owned(), "222233334444".to_owned());
    assert_eq!(
        delegations([root(&one, r#""kms:PutKeyPolicy""#), root(&other, r#""kms:Decrypt""#)]),
        [(one.clone(), 1, true, false), (other, 2, false, true)]
    );
    let administers = r#"["kms:PutKeyPolicy","kms:DisableKey","kms:CreateGrant"]"#;
    assert_eq!(
        delegations([root(&one, administers), root(&one, r#""kms:Decrypt""#)]),
        [(one.clone(), 1, true, false), (one, 2, false, true)]
    );
}

/// Whoever may give grants is judged by the grants that they may give.
#[test]
fn a_grant_that_lets_nobody_read_is_none_to_read() {
    let found = |action: &str, condition: &str| -> Vec<bool> {
        let statement = format!(
            r#""Effect":"Allow","Principal":{{"AWS":"999988887777"}},"Action":"{action}","Resource":"*","Condition":{{{condition}}}"#
        );
        let outside = decrypters_outside(&policy(&[&statement]), KEY, &Designated::default());
        outside.iter().map(|grant| grant.certain).collect()
    };
    let operations =
        |operator: &str, named: &str| format!(r#""{operator}":{{"kms:GrantOperations":[{named}]}}"#);
    let grant = |condition: &str| found("kms:CreateGrant", condition);
    assert_eq!(grant(r#""StringLike":{"aws:UserAgent":"*"}"#), [true]);
    assert_eq!(
        grant(&operations("ForAllValues:StringEquals", r#""Encrypt","GenerateDataKey""#)),
        [] as [bool; 0]
    );
    assert_eq!(grant(&operations("ForAllValues:StringEquals", r#""Encrypt","Decrypt""#)), [true]);
    assert_eq!(grant(&operations("ForAllValues:StringEquals", r#""ReEncryptFrom""#)), [true]);
    // One operation of several is enough, the others are free.
    assert_eq!(grant(&operations("ForAnyValue:StringEquals", r#""Encrypt""#)), [true]);
    // What a service shows of what it decrypts for the caller is not known, nor who the grantee is.
    assert_eq!(grant(r#""Bool":{"kms:GrantIsForAWSResource":"true"}"#), [false]);
    assert_eq!(grant(r#""Bool":{"kms:GrantIsForAWSResource":"false"}"#), [true]);
    assert_eq!(
        grant(r#""StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::111122223333:role/reader"}"#),
        [false]
    );
    assert_eq!(found("kms:ReEncryptFrom", r#""Bool":{"kms:ReEncryptOnSameKey":"true"}"#), [] as [bool; 0]);
    assert_eq!(found("kms:ReEncryptFrom", r#""Bool":{"kms:ReEncryptOnSameKey":"false"}"#), [true]);
    // These cannot be called from another account, or show nothing.
    for action in
        ["kms:PutKeyPolicy", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:Encrypt", "kms:ReplicateKey"]
    {
        assert_eq!(found(action, r#""StringLike":{"aws:UserAgent":"*"}"#), [] as [bool; 0], "{action}");
    }
    let denied = policy(&[
        r#""Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"kms:CreateGrant","Resource":"*""#,
        r#""Effect":"Deny","Principal":"*","Action":"kms:CreateGrant","Resource":"*",
           "Condition":{"ForAnyValue:StringEquals":{"kms:GrantOperations":["Decrypt","ReEncryptFrom"]}}"#,
    ]);
    assert_eq!(decrypters_outside(&denied, KEY, &Designated::default()), []);
}
