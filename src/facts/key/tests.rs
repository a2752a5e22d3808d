//! Keys as a scan finds them, and what each fact says and needs.

use serde_json::json;

use super::{KeyFacts, derive, missing};
use crate::facts::samples::{
    ARCHIVE, ARCHIVE_BUCKET, KEY, MANAGEMENT, REGION, SECURITY, STRANGER, Sample, WORKLOAD, denied, gaps,
    log_group, policy, unavailable,
};
use crate::model::{GapReason, Gaps, KeyGrant, KeyRotation, LogGroup, Observed, TrailSettings};

fn key_facts(sample: &Sample) -> KeyFacts {
    let facts = sample.facts();
    let key = facts.index.keys.get(KEY).unwrap().clone();
    derive(&facts, &key, &mut Vec::new())
}

fn with_policy(statements: serde_json::Value) -> KeyFacts {
    let mut sample = Sample::new();
    sample.key().policy = policy(statements);
    key_facts(&sample)
}

fn allow(principal: serde_json::Value, actions: &[&str]) -> serde_json::Value {
    let mut statement = json!({ "Sid": "It", "Effect": "Allow", "Action": actions, "Resource": "*" });
    statement["Principal"] = principal;
    statement
}

fn account(id: &str) -> serde_json::Value {
    json!({ "AWS": format!("arn:aws:iam::{id}:root") })
}

#[test]
fn a_good_key_has_nothing_wrong_and_nothing_unknown() {
    let key = key_facts(&Sample::new());
    assert_eq!(unavailable(&key), Vec::<&str>::new());
    assert_eq!((key.state.as_deref(), key.customer_managed), (Ok("Enabled"), Ok(true)));
    assert_eq!((key.can_rotate, key.rotation_days), (Ok(true), Ok(Some(365))));
    assert_eq!((key.admits_cloudtrail, key.is_central), (Ok(true), Ok(true)));
    for list in [
        &key.public_statements,
        &key.outsiders,
        &key.unscoped_cloudtrail_use,
        &key.both_duties,
        &key.undesignated_decrypters,
    ] {
        assert_eq!(list.as_ref(), Ok(&Vec::new()));
    }
}

#[test]
fn a_denied_call_takes_only_what_it_decides() {
    type Deny = fn(&mut Sample);
    let by_policy = [
        "public_statements",
        "outsiders",
        "foreign_access",
        "admits_cloudtrail",
        "unscoped_cloudtrail_use",
        "both_duties",
        "undesignated_decrypters",
    ];
    let cases: [(Deny, &[&str]); 4] = [
        (|it| it.key().description = denied("x"), &["customer_managed", "state", "primary_key_arn"]),
        (|it| it.key().rotation = denied("x"), &["can_rotate", "rotation_days", "rotation"]),
        (|it| it.key().policy = denied("x"), &by_policy),
        (|it| it.key().grants = denied("x"), &["outsiders", "foreign_access", "undesignated_decrypters"]),
    ];
    for (deny, expected) in cases {
        let mut sample = Sample::new();
        deny(&mut sample);
        assert_eq!(unavailable(&key_facts(&sample)), expected);
    }
}

#[test]
fn rotation_that_is_off_and_rotation_that_cannot_be() {
    let mut sample = Sample::new();
    sample.key().rotation = Observed::Known(KeyRotation { enabled: false, period_days: Observed::Known(90) });
    assert_eq!(key_facts(&sample).rotation_days, Ok(None));
    assert_eq!(key_facts(&sample).rotation, Ok("is not rotated automatically".to_owned()));
    let Observed::Known(description) = &mut sample.key().description else { unreachable!() };
    description.multi_region = true;
    description.primary_arn = Observed::Known("arn:aws:kms:us-east-1:222222222222:key/mrk-1".to_owned());
    let replica = key_facts(&sample);
    assert_eq!(
        replica.primary_key_arn.unwrap().as_deref(),
        Some("arn:aws:kms:us-east-1:222222222222:key/mrk-1")
    );
    assert!(replica.rotation.unwrap().contains("as its primary key arn:aws:kms:us-east-1"));
    let own = sample.key().arn.clone();
    let Observed::Known(description) = &mut sample.key().description else { unreachable!() };
    description.primary_arn = Observed::Known(own);
    assert_eq!(key_facts(&sample).primary_key_arn, Ok(None), "it is the primary itself");
    let Observed::Known(description) = &mut sample.key().description else { unreachable!() };
    description.primary_arn = Observed::not_collected();
    let old = key_facts(&sample);
    assert!(old.primary_key_arn.is_err() && old.rotation == Ok("is not rotated automatically".to_owned()));
    sample.key().rotation = Observed::Absent;
    let key = key_facts(&sample);
    assert_eq!((key.can_rotate, key.rotation_days), (Ok(false), Ok(None)));
}

#[test]
fn keys_of_other_origins_never_rotate_though_the_call_answers() {
    let rotation = |origin: &str, state: &str, enabled: bool| {
        let mut sample = Sample::new();
        if let Observed::Known(description) = &mut sample.key().description {
            origin.clone_into(&mut description.origin);
            state.clone_into(&mut description.state);
        }
        sample.key().rotation = Observed::Known(KeyRotation { enabled, period_days: Observed::Absent });
        (key_facts(&sample).can_rotate, sample.facts())
    };
    for origin in ["EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"] {
        assert_eq!(rotation(origin, "Enabled", false).0, Ok(false), "{origin}");
    }
    assert_eq!(rotation("AWS_KMS", "Enabled", false).0, Ok(true));
    assert_eq!(rotation("AWS_KMS", "Disabled", false).0, Ok(true));
    assert_eq!(
        rotation("AWS_KMS", "PendingDeletion", false).0,
        Ok(false),
        "its status is false while it waits"
    );
    assert_eq!(rotation("TOMORROWS", "Enabled", true).0, Ok(true), "what rotates can");
    let (unknown, facts) = rotation("TOMORROWS", "Enabled", false);
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!(unknown, Err(gap.id.clone().into()));
    assert!(gap.detail.contains("TOMORROWS"), "{gap:?}");
    let mut sample = Sample::new();
    sample.key().rotation = Observed::Known(KeyRotation { enabled: false, period_days: Observed::Absent });
    sample.key().description = denied("DescribeKey");
    assert_eq!(key_facts(&sample).can_rotate, Err(gaps("DescribeKey")));
}

#[test]
fn a_key_that_does_not_exist_is_no_aws_managed_key() {
    let mut sample = Sample::new();
    sample.key().description = Observed::Absent;
    let key = key_facts(&sample);
    assert_eq!((key.state.as_deref(), key.customer_managed), (Ok("not found"), Ok(true)));
}

#[test]
fn outsiders_are_found_in_policy_and_grants() {
    let outside = with_policy(json!([allow(account(STRANGER), &["kms:Decrypt"])]));
    assert!(outside.outsiders.unwrap().join("").contains(STRANGER));
    assert_eq!(with_policy(json!([allow(account(WORKLOAD), &["kms:Decrypt"])])).outsiders, Ok(vec![]));
    for action in
        ["kms:Decapsulate", "kms:Encapsulate", "kms:DeriveSharedSecret", "kms:*capsulate", "kms:VerifyMac"]
    {
        let outside = with_policy(json!([allow(account(STRANGER), &[action])]));
        assert!(outside.outsiders.unwrap().join("").contains(STRANGER), "{action}");
    }
    for action in ["kms:DescribeKey", "kms:GetKeyLastUsage", "kms:ListGrants"] {
        assert_eq!(
            with_policy(json!([allow(account(STRANGER), &[action])])).outsiders,
            Ok(vec![]),
            "{action}"
        );
    }
    let public = with_policy(json!([allow(json!("*"), &["kms:Decrypt"])]));
    assert_eq!(public.public_statements.unwrap().len(), 1);
    let whole = allow(json!("*"), &["kms:*"]);
    let text = "statement 1 (It) lets everyone do kms:*";
    assert_eq!(with_policy(json!([whole])).foreign_access, Ok(Some(text.to_owned())));
    let mut deny = allow(json!("*"), &["kms:Decrypt"]);
    deny["Effect"] = json!("Deny");
    let parts = with_policy(json!([whole, deny])).foreign_access.unwrap().unwrap();
    assert!(parts.contains("kms:CreateGrant") && !parts.contains("kms:*"), "{parts}");

    let mut sample = Sample::new();
    let grant = |account: &str| KeyGrant {
        grantee: format!("arn:aws:iam::{account}:role/app"),
        operations: vec!["Decrypt".to_owned()],
        constrained: false,
        source_arn: Observed::Absent,
        ..KeyGrant::default()
    };
    sample.key().grants = Observed::Known(vec![grant(STRANGER)]);
    let outsider = format!("a grant lets arn:aws:iam::{STRANGER}:role/app do Decrypt");
    assert_eq!(key_facts(&sample).outsiders, Ok(vec![outsider.clone()]));
    assert_eq!(key_facts(&sample).undesignated_decrypters, Ok(vec![outsider]));
    // What one answer shows stands, though the other was denied.
    sample.key().policy = denied("GetKeyPolicy");
    assert_eq!(key_facts(&sample).outsiders.unwrap().len(), 1);
    sample.key().grants = Observed::Known(vec![grant(SECURITY)]);
    assert_eq!(key_facts(&sample).outsiders, Err(gaps("GetKeyPolicy")));
}

#[test]
fn every_use_by_an_outsider_is_found() {
    for action in [
        "kms:RevokeGrant",
        "kms:RetireGrant",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptTo",
        "kms:DisableKey",
        "kms:DeleteImportedKeyMaterial",
        "kms:UpdatePrimaryRegion",
        "kms:GenerateMac",
        "kms:TagResource",
    ] {
        let outsiders = with_policy(json!([allow(account(STRANGER), &[action])])).outsiders.unwrap().join("");
        assert!(outsiders.contains(STRANGER), "{action}: {outsiders}");
    }
    let reads = with_policy(json!([allow(account(STRANGER), &["kms:DescribeKey"])])).outsiders;
    assert_eq!(reads, Ok(vec![]));
}

#[test]
fn an_encryption_context_is_the_caller_s_own_words() {
    let if_all = |principal: serde_json::Value, condition: serde_json::Value| {
        let mut statement = allow(principal, &["kms:Decrypt"]);
        statement["Condition"] = condition;
        with_policy(json!([statement]))
    };
    let context = |pattern: &str| json!({ "kms:EncryptionContext:aws:cloudtrail:arn": pattern });
    let trail = format!("arn:aws:cloudtrail:*:{WORKLOAD}:trail/*");
    let both = json!({ "StringEquals": { "kms:CallerAccount": [WORKLOAD, STRANGER] }, "StringLike": context(&trail) });
    let key = if_all(json!("*"), both);
    assert!(key.outsiders.unwrap().join("").contains(STRANGER));
    assert!(key.undesignated_decrypters.unwrap().join("").contains(STRANGER));
    for condition in [
        json!({ "StringLike": context(&trail) }),
        json!({ "StringLike": context("*") }),
        json!({ "StringLike": { "kms:CallerAccount": "*", "kms:EncryptionContext:aws:cloudtrail:arn": trail } }),
        json!({ "StringEquals": { "kms:EncryptionContext:aws:logs:arn": format!("arn:aws:logs:eu-west-1:{WORKLOAD}:log-group:x") } }),
        json!({ "StringEquals": { "kms:EncryptionContext:SecretARN": format!("arn:aws:secretsmanager:eu-west-1:{WORKLOAD}:secret:x") } }),
    ] {
        let open = if_all(json!("*"), condition.clone()).public_statements.unwrap();
        assert_eq!(open.len(), 1, "{condition}");
    }
    // Of a service it is the truth.
    let service =
        if_all(json!({ "Service": "cloudtrail.amazonaws.com" }), json!({ "StringLike": context(&trail) }));
    assert_eq!(service.unscoped_cloudtrail_use, Ok(vec![]));
}

#[test]
fn cloudtrail_for_anyone_is_named() {
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let open = with_policy(json!([allow(service, &["kms:GenerateDataKey*"])]));
    assert_eq!(open.admits_cloudtrail, Ok(true));
    assert!(open.unscoped_cloudtrail_use.unwrap().join("").contains("cloudtrail.amazonaws.com"));
    let none = with_policy(json!([allow(account(ARCHIVE), &["kms:*"])]));
    assert_eq!(none.admits_cloudtrail, Ok(false));
}

#[test]
fn a_policy_that_leaves_everything_to_the_account_separates_nothing() {
    let default = with_policy(json!([allow(account(ARCHIVE), &["kms:*"])]));
    let both = default.both_duties.unwrap();
    assert_eq!(both, [format!("whomever statement 1 (It) and the IAM policies of account {ARCHIVE} let")]);
    let role = json!({ "AWS": format!("arn:aws:iam::{ARCHIVE}:role/admin") });
    let one = with_policy(json!([allow(role, &["kms:PutKeyPolicy", "kms:Decrypt"])]));
    assert_eq!(one.both_duties, Ok(vec![format!("arn:aws:iam::{ARCHIVE}:role/admin")]));
}

#[test]
fn decryption_is_for_designated_readers() {
    let workload = with_policy(json!([allow(account(WORKLOAD), &["kms:Decrypt"])]));
    assert!(workload.undesignated_decrypters.unwrap().join("").contains(WORKLOAD));
    let security = with_policy(json!([allow(account(SECURITY), &["kms:Decrypt"])]));
    assert_eq!(security.undesignated_decrypters, Ok(vec![]));
}

#[test]
fn whose_key_is_central_needs_the_archive_only_where_nothing_else_decides() {
    let mut sample = Sample::new();
    sample.accounts[0].trails = denied("ListTrails");
    assert_eq!(key_facts(&sample).is_central, Err(gaps("ListTrails")));
    sample.key().account_id = SECURITY.to_owned();
    assert_eq!(key_facts(&sample).is_central, Ok(true));
    sample.expectations.archive_bucket = Some(ARCHIVE_BUCKET.to_owned());
    sample.key().account_id = WORKLOAD.to_owned();
    assert_eq!(key_facts(&sample).is_central, Ok(false));
}

#[test]
fn a_key_that_nobody_could_be_asked_about_is_unknown() {
    let mut sample = Sample::new();
    assert!(missing(&sample.facts()).is_empty());
    let foreign = format!("arn:aws:kms:{REGION}:{STRANGER}:key/1");
    if let Observed::Known(encryption) = &mut sample.bucket().encryption {
        encryption.kms_key_id = Observed::Known(foreign.clone());
    }
    let facts = sample.facts();
    let unknown = missing(&facts);
    assert_eq!(unknown.len(), 1);
    let subject = &unknown[0].subject;
    assert_eq!((subject.arn.as_deref(), subject.account_id.as_deref()), (Some(&*foreign), Some(STRANGER)));
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!((gap.reason, gap.service.as_str()), (GapReason::NotCollected, "kms"));
    assert_eq!(unknown[0].unlisted, Some(gap.id.clone().into()));
}

#[test]
fn keys_that_only_a_refused_answer_leads_to_are_unknown_in_its_account() {
    let unnamed = |sample: &Sample| -> Vec<(Option<String>, Gaps)> {
        let subjects = missing(&sample.facts()).into_iter().filter(|it| &*it.subject.id == "*");
        subjects
            .map(|it| (it.subject.account_id.as_deref().map(str::to_owned), it.unlisted.unwrap()))
            .collect()
    };
    let mut sample = Sample::new();
    sample.region(MANAGEMENT).log_groups = denied("DescribeLogGroups");
    let of_stream = gaps("DescribeLogGroups");
    assert_eq!(
        unnamed(&sample),
        [(Some(MANAGEMENT.to_owned()), of_stream)],
        "a group may be subscribed to a stream that is encrypted"
    );
    let Observed::Known(trails) = &mut sample.accounts[0].trails else { panic!() };
    let Observed::Known(settings) = &mut trails[0].settings else { panic!() };
    let group = |account: &str| Observed::Known(format!("arn:aws:logs:{REGION}:{account}:log-group:trail:*"));
    settings.log_group_arn = group(MANAGEMENT);
    let refused = gaps("DescribeLogGroups");
    assert_eq!(unnamed(&sample), [(Some(MANAGEMENT.to_owned()), refused)], "its key encrypts logs");
    // The group was listed, and its key not told.
    sample.region(MANAGEMENT).log_groups = Observed::Known(vec![LogGroup {
        arn: format!("arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:trail"),
        kms_key_id: denied("a key"),
        ..log_group("trail")
    }]);
    assert_eq!(unnamed(&sample), [(Some(MANAGEMENT.to_owned()), gaps("a key"))]);
    sample.region(MANAGEMENT).log_groups = denied("DescribeLogGroups");
    let Observed::Known(trails) = &mut sample.accounts[0].trails else { panic!() };
    let Observed::Known(settings) = &mut trails[0].settings else { panic!() };
    settings.log_group_arn = group(STRANGER);
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!((gap.reason, gap.operation.as_str()), (GapReason::NotCollected, "DescribeLogGroups"));
    let of_stranger = (Some(STRANGER.to_owned()), gap.id.clone().into());
    assert_eq!(unnamed(&sample), [(Some(MANAGEMENT.to_owned()), gaps("DescribeLogGroups")), of_stranger]);

    let mut sample = Sample::new();
    sample.bucket().encryption = denied("GetBucketEncryption");
    assert_eq!(unnamed(&sample), [(Some(ARCHIVE.to_owned()), gaps("GetBucketEncryption"))]);
    // An answer that came, but not whole.
    let mut sample = Sample::new();
    let Observed::Known(encryption) = &mut sample.bucket().encryption else { panic!() };
    encryption.kms_key_id = denied("GetBucketEncryption");
    assert_eq!(unnamed(&sample), [(Some(ARCHIVE.to_owned()), gaps("GetBucketEncryption"))]);
    let parts: [fn(&mut TrailSettings); 2] = [
        |settings| settings.kms_key_id = denied("DescribeTrails"),
        |settings| settings.log_group_arn = denied("DescribeTrails"),
    ];
    for part in parts {
        let mut sample = Sample::new();
        let Observed::Known(trails) = &mut sample.accounts[0].trails else { panic!() };
        let Observed::Known(settings) = &mut trails[0].settings else { panic!() };
        part(settings);
        assert_eq!(unnamed(&sample), [(Some(MANAGEMENT.to_owned()), gaps("DescribeTrails"))]);
    }
    let mut sample = Sample::new();
    sample.bucket().logging = denied("GetBucketLogging");
    assert_eq!(unnamed(&sample).len(), 1, "a bucket that nobody knows of has a key that nobody knows of");
    let mut sample = Sample::new();
    sample.accounts[3].buckets = denied("ListBuckets");
    assert_eq!(unnamed(&sample), [(None, gaps("ListBuckets"))], "the access log bucket was not found");
}

#[test]
fn the_policy_of_an_aws_managed_key_is_nobodys_finding_and_no_gap() {
    let mut sample = Sample::new();
    if let Observed::Known(description) = &mut sample.key().description {
        description.customer_managed = false;
    }
    sample.key().policy = Observed::Known("not a policy".to_owned());
    let key = key_facts(&sample);
    assert_eq!((key.customer_managed, key.public_statements), (Ok(false), Ok(vec![])));
    assert_eq!(sample.facts().index.gaps, []);
}

#[test]
fn a_grant_to_a_service_is_on_behalf_of_somebody() {
    let found = |grantee: &str, source: Observed<String>, operation: &str| {
        let mut sample = Sample::new();
        sample.key().grants = Observed::Known(vec![KeyGrant {
            grantee: grantee.to_owned(),
            operations: vec![operation.to_owned()],
            constrained: false,
            source_arn: source,
            ..KeyGrant::default()
        }]);
        let key = key_facts(&sample);
        (key.undesignated_decrypters.map(|all| all.len()), key.outsiders.map(|all| all.len()))
    };
    let of = |account: &str| Observed::Known(format!("arn:aws:tomorrow:{REGION}:{account}:thing/a"));
    let service = "tomorrow.amazonaws.com";
    assert_eq!(found(service, Observed::Absent, "Decrypt"), (Ok(1), Ok(0)));
    assert_eq!(found(service, of(STRANGER), "Decrypt"), (Ok(1), Ok(0)));
    assert_eq!(found(service, of(ARCHIVE), "Decrypt"), (Ok(0), Ok(0)));
    assert_eq!(found(service, Observed::Absent, "Encrypt"), (Ok(0), Ok(0)));
    assert!(found(service, Observed::not_collected(), "Decrypt").0.is_err());
    assert_eq!(found("cloudtrail.amazonaws.com", Observed::Absent, "Decrypt"), (Ok(0), Ok(0)));
}

#[test]
fn only_keys_for_symmetric_encryption_rotate() {
    let can = |spec: Observed<String>| {
        let mut sample = Sample::new();
        sample.key().rotation =
            Observed::Known(KeyRotation { enabled: false, period_days: Observed::Absent });
        if let Observed::Known(description) = &mut sample.key().description {
            description.spec = spec;
        }
        key_facts(&sample).can_rotate
    };
    let of = |spec: &str| can(Observed::Known(spec.to_owned()));
    assert_eq!(of("SYMMETRIC_DEFAULT"), Ok(true));
    assert_eq!((of("RSA_2048"), of("HMAC_256"), of("ML_DSA_65")), (Ok(false), Ok(false), Ok(false)));
    assert!(
        of("LATTICE_9000").is_err()
            && can(Observed::not_collected()).is_err()
            && can(Observed::Absent).is_err()
    );
}

/// Whoever re-encrypts to a key of their own, or gives themselves a grant, reads as well as whoever decrypts.
#[test]
fn every_way_to_the_plain_text_is_found() {
    let stranger =
        |actions: &[&str]| with_policy(json!([allow(account(STRANGER), actions)])).undesignated_decrypters;
    for action in ["kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:ReEncrypt*", "kms:Create*"] {
        assert!(stranger(&[action]).unwrap().join("").contains(STRANGER), "{action}");
    }
    for action in ["kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:ReEncryptTo"] {
        assert_eq!(stranger(&[action]), Ok(vec![]), "{action}");
    }
    let mut limited = allow(account(STRANGER), &["kms:CreateGrant"]);
    limited["Condition"] = json!({ "Bool": { "kms:GrantIsForAWSResource": true } });
    assert!(with_policy(json!([limited])).undesignated_decrypters.is_err());
    let mut distribution = allow(json!({ "Service": "cloudfront.amazonaws.com" }), &["kms:Decrypt"]);
    distribution["Condition"] = json!({ "StringEquals": { "aws:SourceArn": format!("arn:aws:cloudfront::{ARCHIVE}:distribution/E1") } });
    assert!(with_policy(json!([distribution])).undesignated_decrypters.is_err());

    let granted = |operations: &[&str]| {
        let mut sample = Sample::new();
        sample.key().grants = Observed::Known(vec![KeyGrant {
            grantee: format!("arn:aws:iam::{WORKLOAD}:role/r"),
            operations: operations.iter().map(|&operation| operation.to_owned()).collect(),
            constrained: false,
            source_arn: Observed::Absent,
            ..KeyGrant::default()
        }]);
        key_facts(&sample).undesignated_decrypters.map(|all| all.len())
    };
    assert_eq!((granted(&["ReEncryptFrom"]), granted(&["Decrypt"])), (Ok(1), Ok(1)));
    assert_eq!((granted(&["CreateGrant", "Encrypt"]), granted(&["GenerateDataKey"])), (Ok(0), Ok(0)));
}
