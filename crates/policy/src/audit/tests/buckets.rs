use super::*;

/// AWS's documented policy for an organization trail ("Creating a trail for an organization with the AWS CLI").
const TRAIL: &[&str] = &[
    r#""Sid":"AWSCloudTrailAclCheck20150319","Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com"]},
       "Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::org-logs",
       "Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/org"}}"#,
    r#""Sid":"AWSCloudTrailWrite20150319","Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com"]},
       "Action":"s3:PutObject","Resource":"arn:aws:s3:::org-logs/AWSLogs/111122223333/*",
       "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control",
         "aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/org"}}"#,
    r#""Sid":"AWSCloudTrailOrganizationWrite20150319","Effect":"Allow",
       "Principal":{"Service":["cloudtrail.amazonaws.com"]},
       "Action":"s3:PutObject","Resource":"arn:aws:s3:::org-logs/AWSLogs/o-exampleorgid/*",
       "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control",
         "aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/org"}}"#,
];

/// And for AWS Config ("Granting AWS Config access to the Amazon S3 bucket").
const CONFIG: &[&str] = &[
    r#""Sid":"AWSConfigBucketExistenceCheck","Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},
       "Action":"s3:ListBucket","Resource":"arn:aws:s3:::org-logs",
       "Condition":{"StringEquals":{"AWS:SourceAccount":"222233334444"}}"#,
    r#""Sid":"AWSConfigBucketDelivery","Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},
       "Action":"s3:PutObject","Resource":"arn:aws:s3:::org-logs/p/AWSLogs/222233334444/Config/*",
       "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control","AWS:SourceAccount":"222233334444"}}"#,
];

fn writers(statements: &[&str]) -> Vec<(String, String, Truth)> {
    service_writers(&policy(statements), &organization(), BUCKET)
        .into_iter()
        .map(|writer| (writer.service, writer.source.to_string(), writer.scoped))
        .collect()
}

fn writer_if(service: &str, condition: &str) -> String {
    format!(
        r#""Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"s3:PutObject","Resource":"{BUCKET}/*"{condition}"#
    )
}

#[test]
fn the_documented_policies_are_scoped_and_private() {
    let trail = ("cloudtrail.amazonaws.com".to_owned(), "on behalf of 111122223333".to_owned(), Truth::True);
    assert_eq!(writers(TRAIL), [trail.clone(), trail]);
    let config = ("config.amazonaws.com".to_owned(), "on behalf of 222233334444".to_owned(), Truth::True);
    assert_eq!(writers(CONFIG), [config]);
    let all: Vec<&str> = TRAIL.iter().chain(CONFIG).copied().collect();
    let document = policy(&all);
    assert_eq!(public_access(&document, &bucket(), &["s3:*"]), Answer::No);
    assert_eq!(foreign_changes(&document, BUCKET, "999988887777"), []);
    assert_eq!(readers_outside(&document, BUCKET, &Designated::default()), []);
    assert!(matches!(tls_only(&document, BUCKET), TlsEnforcement::Missing(_)));
}

#[test]
fn load_balancers_write_from_their_own_account_or_as_a_service() {
    let regional = r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::127311923021:root"},"Action":"s3:PutObject",
        "Resource":"arn:aws:s3:::org-logs/AWSLogs/111122223333/*""#;
    let document = policy(&[regional]);
    let objects = Target::resources("arn:aws:s3:::org-logs/*");
    let found: Vec<Scope> =
        grants(&document, "s3:PutObject", &objects).into_iter().map(|grant| grant.scope).collect();
    assert_eq!(found, [accounts(&["127311923021"])]);
    assert_eq!(writers(&[regional]), []);
    let unscoped = writer_if("logdelivery.elasticloadbalancing.amazonaws.com", "");
    assert_eq!(writers(&[&unscoped]).first().unwrap().2, Truth::False);
}

#[test]
fn a_service_is_scoped_by_source_keys_of_this_organization_only() {
    let condition = |text: &str| format!(r#","Condition":{{{text}}}"#);
    for (text, expected) in [
        (r#""StringEquals":{"aws:SourceOrgID":"o-exampleorgid"}"#, Truth::True),
        (r#""StringEquals":{"aws:SourceOrgID":"o-other"}"#, Truth::False),
        (r#""ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-exampleorgid/r-ab12/*"}"#, Truth::True),
        (r#""StringEquals":{"aws:SourceAccount":["111122223333","222233334444"]}"#, Truth::True),
        (r#""StringEquals":{"aws:SourceAccount":["111122223333","999999999999"]}"#, Truth::False),
        (r#""StringLike":{"aws:SourceAccount":"*"}"#, Truth::False),
        (r#""StringLike":{"aws:SourceAccount":"1111*"}"#, Truth::False),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:logs:*:111122223333:*"}"#, Truth::True),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:logs:*:*:*"}"#, Truth::False),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:logs:*:888877776666:*"}"#, Truth::False),
        (
            r#""ArnEqualsIfExists":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}"#,
            Truth::False,
        ),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::source-bucket"}"#, Truth::Unknown),
        (
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::source-bucket"},"StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            Truth::True,
        ),
        (r#""StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}"#, Truth::False),
        (r#""StringEquals":{"service:Unheard":"x"}"#, Truth::Unknown),
    ] {
        let found = writers(&[&writer_if("delivery.logs.amazonaws.com", &condition(text))]);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found.first().unwrap().2, expected, "{text}: {found:?}");
    }
}

#[test]
fn a_deny_scopes_a_service_too() {
    let allow = writer_if("logging.s3.amazonaws.com", "");
    let deny = r#""Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*",
        "Condition":{"StringNotEquals":{"aws:SourceOrgID":"o-exampleorgid"},"Bool":{"aws:PrincipalIsAWSService":"true"}}"#;
    assert_eq!(writers(&[&allow, deny]).first().unwrap().2, Truth::True);
    let other = r#""Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-exampleorgid"}}"#;
    assert_eq!(writers(&[&allow, other]).first().unwrap().2, Truth::True);
    // One further account is let through by the same deny.
    let one_more = r#""Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*",
        "Condition":{"StringNotEquals":{"aws:SourceOrgID":"o-exampleorgid","aws:SourceAccount":"888877776666"}}"#;
    assert_eq!(writers(&[&allow, one_more]).first().unwrap().2, Truth::False);
}

#[test]
fn a_service_that_cannot_get_through_is_no_writer() {
    let deny = r#""Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"arn:aws:s3:::org-logs/*""#;
    assert_eq!(writers(&[&writer_if("config.amazonaws.com", ""), deny]), []);
}

fn scopes(statements: &[&str], action: &str) -> Vec<Scope> {
    let objects = Target::resources("arn:aws:s3:::org-logs/*");
    grants(&policy(statements), action, &objects).into_iter().map(|grant| grant.scope).collect()
}

#[test]
fn grants_name_whom_they_let_in() {
    let own = Scope::Organizations([OWN.to_owned()].into());
    let reads = |condition: &str| scopes(&[&reads_if(condition)], "s3:GetObject");
    assert_eq!(reads("{}"), [Scope::Everyone]);
    assert_eq!(
        reads(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#),
        std::slice::from_ref(&own)
    );
    assert_eq!(reads(r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*"}}"#), [own]);
    assert_eq!(
        reads(r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#),
        [accounts(&["111122223333"])]
    );
    assert_eq!(
        reads(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Audit*"}}"#),
        [Scope::Principals(["arn:aws:iam::111122223333:role/Audit*".to_owned()].into())]
    );
    assert_eq!(
        reads(
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid","aws:PrincipalAccount":"111122223333"}}"#
        ),
        [accounts(&["111122223333"])]
    );
    assert!(matches!(
        reads(r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#).as_slice(),
        [Scope::Unknown(why)] if why.contains("aws:sourcevpce")
    ));
    assert_eq!(reads(r#"{"StringEquals":{"aws:PrincipalIsAWSService":"perhaps"}}"#), []);
    let any_service = |source| Scope::Service { name: "any service".to_owned(), source };
    assert_eq!(reads(r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#), [any_service(SourceLimit::Anyone)]);
    assert_eq!(
        reads(r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#),
        [
            accounts(&["111122223333"]),
            any_service(SourceLimit::Only {
                organizations: [].into(),
                accounts: ["111122223333".to_owned()].into(),
                resources: [].into(),
            })
        ]
    );
    assert!(matches!(
        reads(r#"{"StringEquals":{"aws:PrincipalServiceName":"athena.amazonaws.com"}}"#).as_slice(),
        [Scope::Service { name, source: SourceLimit::Anyone }] if name == "athena.amazonaws.com"
    ));
}

#[test]
fn an_account_named_elsewhere_does_not_explain_an_open_statement() {
    let named =
        r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"*""#;
    for condition in [
        r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        r#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
    ] {
        let found = scopes(&[named, &reads_if(condition)], "s3:GetObject");
        assert_eq!(found.first(), Some(&accounts(&["111122223333"])));
        assert!(matches!(found.as_slice(), [_, Scope::Unknown(_)]), "{condition}: {found:?}");
    }
    let writer =
        writer_if("config.amazonaws.com", r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#);
    assert_eq!(writers(&[named, &writer]).first().unwrap().2, Truth::Unknown);
}

#[test]
fn an_account_of_which_a_deny_leaves_one_role_is_that_role() {
    let account = r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*""#;
    let others = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Audit"}}"#;
    assert_eq!(
        scopes(&[account, others], "s3:GetObject"),
        [Scope::Principals(["arn:aws:iam::111122223333:role/Audit".to_owned()].into())]
    );
}

#[test]
fn a_grant_is_what_the_denies_leave() {
    let open = reads_if("{}");
    let outside = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#;
    assert_eq!(scopes(&[&open, outside], "s3:GetObject"), [Scope::Organizations([OWN.to_owned()].into())]);
    let all = r#""Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*""#;
    assert_eq!(scopes(&[&open, all], "s3:GetObject"), []);
    let one = r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*""#;
    let role = r#""Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:role/r"},"Action":"s3:*","Resource":"*""#;
    assert_eq!(scopes(&[one, role], "s3:GetObject"), [accounts(&["111122223333"])]);
}

#[test]
fn readers_beyond_the_designated_are_listed() {
    let document = policy(&[
        r#""Sid":"Own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Audit"},"Action":"s3:GetObject","Resource":"*""#,
        r#""Sid":"Other","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::555566667777:role/Siem","888877776666"]},"Action":"s3:Get*","Resource":"*""#,
    ]);
    let designated = Designated {
        accounts: ["111122223333".to_owned()].into(),
        principals: ["arn:aws:iam::555566667777:role/Siem".to_owned()].into(),
        ..Designated::default()
    };
    let found = readers_outside(&document, BUCKET, &designated);
    let found: Vec<String> =
        found.iter().map(|grant| format!("{} {}", grant.statement, grant.evidence().reason)).collect();
    assert_eq!(
        found,
        [
            "statement 2 (Other) allows s3:GetObject to the account 888877776666",
            "statement 2 (Other) allows s3:GetObjectVersion to the account 888877776666",
        ]
    );
}

#[test]
fn changes_by_other_accounts_are_listed() {
    let document = policy(&[
        r#""Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"s3:*","Resource":"*""#,
        r#""Sid":"Peer","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["s3:DeleteObject","s3:PutLifecycleConfiguration"],"Resource":["arn:aws:s3:::org-logs","arn:aws:s3:::org-logs/*"]"#,
    ]);
    let found = foreign_changes(&document, BUCKET, "999988887777");
    let actions: Vec<&str> = found.iter().map(|grant| grant.action.as_str()).collect();
    assert_eq!(actions, ["s3:DeleteObject", "s3:PutLifecycleConfiguration"]);
}

#[test]
fn an_object_action_on_the_bucket_alone_grants_nothing() {
    let document = policy(&[
        r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:DeleteObject","Resource":"arn:aws:s3:::org-logs""#,
    ]);
    assert_eq!(foreign_changes(&document, BUCKET, "999988887777"), []);
}

#[test]
fn replication_stays_in_the_organization_or_not() {
    let replicate = |principal: &str, condition: &str| {
        let document = policy(&[&format!(
            r#""Effect":"Allow","Principal":{principal},"Action":["s3:ReplicateObject","s3:ReplicateDelete"],"Resource":"{BUCKET}/*"{condition}"#
        )]);
        replication_beyond(&document, BUCKET, &organization()).len()
    };
    assert_eq!(replicate(r#"{"AWS":"arn:aws:iam::222233334444:role/replication"}"#, ""), 0);
    assert_eq!(replicate(r#"{"AWS":"arn:aws:iam::888877776666:role/replication"}"#, ""), 2);
    assert_eq!(
        replicate("\"*\"", r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#),
        0
    );
    assert_eq!(replicate("\"*\"", ""), 2);
}

/// Actions of AWS's reference on buckets and objects by which a caller changes something that is no log and protects none.
const HARMLESS: &[&str] = &[
    // An upload that is not finished is no log yet; copies that come back from an archive are added.
    "s3:AbortMultipartUpload",
    "s3:RestoreObject",
    // What is written besides the object.
    "s3:DeleteObjectAnnotation",
    "s3:DeleteObjectVersionAnnotation",
    "s3:PutObjectAnnotation",
    "s3:PutObjectVersionAnnotation",
    "s3:ReplicateObjectAnnotation",
    // Replicas go to the owner of the bucket, and what is replicated the replication configuration says.
    "s3:InitiateReplication",
    "s3:ObjectOwnerOverrideToBucketOwner",
    // Names, sums and tables about the bucket, its tags, and how fast or from which pages it is reached.
    "s3:AllowVendedLogDeliveryForResource",
    "s3:CreateBucket",
    "s3:CreateBucketMetadataTableConfiguration",
    "s3:DeleteBucketMetadataTableConfiguration",
    "s3:DeleteBucketWebsite",
    "s3:PutAccelerateConfiguration",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucketCORS",
    "s3:PutBucketTagging",
    "s3:PutMetricsConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
    "s3:UpdateBucketMetadataAnnotationTableConfiguration",
    "s3:UpdateBucketMetadataInventoryTableConfiguration",
    "s3:UpdateBucketMetadataJournalTableConfiguration",
];

/// An action that AWS adds is looked at before it counts as harmless.
#[test]
fn every_action_that_changes_something_was_looked_at() {
    let reads = |action: &&str| ["s3:Get", "s3:List"].iter().any(|verb| action.starts_with(verb));
    let known: Vec<&str> = bucket().known_actions();
    let lists = [CHANGE_ACTIONS, TAG_ACTIONS, PUT_ACTIONS, HARMLESS];
    for action in known.iter().filter(|action| !reads(action)) {
        let times = lists.iter().filter(|list| list.contains(action)).count();
        assert_eq!(times, 1, "{action}");
    }
    for action in lists.into_iter().flatten() {
        assert!(known.contains(action), "{action} is an action on buckets or objects");
    }
}
