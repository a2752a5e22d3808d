//! One caller has one ARN: exemptions of several denials must be met by the same caller.

use super::*;

fn unless(operator: &str, key: &str, values: &str) -> String {
    deny(&format!(r#"{{"{operator}":{{"{key}":{values}}}}}"#))
}

fn both(first: &str, second: &str) -> String {
    short(&prove(&[first, second]))
}

fn unless_arn(values: &str) -> String {
    unless("ArnNotLike", "aws:PrincipalArn", values)
}

#[test]
fn nobody_is_two_roles_at_once() {
    let role = |name: &str| format!(r#""arn:aws:iam::*:role/{name}""#);
    assert_eq!(both(&unless_arn(&role("X")), &unless_arn(&role("Y"))), "all");
    assert_eq!(both(&unless_arn(&role("X")), &unless_arn(r#""arn:aws:iam::*:user/X""#)), "all");
    assert_eq!(both(&unless_arn(&role("X")), &unless_arn(r#""arn:aws:iam::*:root""#)), "all");
    assert_eq!(both(&unless_arn(&role("Ops*")), &unless_arn(&role("Dev*"))), "all");
    assert_eq!(
        both(
            &unless("StringNotEquals", "aws:PrincipalArn", r#""arn:aws:iam::111122223333:role/X""#),
            &unless("StringNotLike", "aws:principalarn", r#""*:role/Y""#)
        ),
        "all"
    );
    // Whom the one denial exempts the other denies.
    assert_eq!(both(&unless_arn(&role("X")), &unless("ArnLike", "aws:PrincipalArn", &role("X"))), "all");
    assert_eq!(
        both(&unless_arn(&role("Ops1")), &unless("ArnLike", "aws:PrincipalArn", &role("Ops*"))),
        "all"
    );
}

#[test]
fn who_meets_several_exemptions_at_once_is_told() {
    for (first, second) in [
        (r#""arn:aws:iam::*:role/Ops*""#, r#""arn:aws:iam::*:role/*Admin""#),
        (
            r#"["arn:aws:iam::*:role/X","arn:aws:iam::*:role/Z"]"#,
            r#"["arn:aws:iam::*:role/Y","arn:aws:iam::*:role/Z"]"#,
        ),
        (r#""arn:aws:iam::*:role/X""#, r#""arn:aws:iam::111122223333:role/X""#),
        (r#""arn:aws:iam::*:role/X""#, r#""arn:aws:iam::${aws:PrincipalAccount}:role/*""#),
        // How far the asterisk reaches is not certain.
        (r#""arn:aws:iam::*:role/X""#, r#""arn:aws:iam::*""#),
    ] {
        let told = both(&unless_arn(first), &unless_arn(second));
        assert!(told.starts_with("except self-service"), "{first} {second}: {told}");
    }
    let spared = unless("ArnLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/Ops1""#);
    let told = both(&unless_arn(r#""arn:aws:iam::*:role/Ops*""#), &spared);
    assert!(told.starts_with("except self-service"), "{told}");
}

#[test]
fn a_key_that_a_request_may_lack_or_have_twice_excludes_less() {
    let tag = |operator: &str, value: &str| unless(operator, "aws:PrincipalTag/team", value);
    assert_eq!(both(&tag("StringNotLike", r#""a*""#), &tag("StringNotLike", r#""b*""#)), "all");
    assert_eq!(both(&tag("StringNotEquals", r#""a""#), &tag("StringNotLike", r#""b*""#)), "all");
    let keys = |operator: &str| {
        both(&unless(operator, "aws:TagKeys", r#""a*""#), &unless(operator, "aws:TagKeys", r#""b*""#))
    };
    let told = keys("ForAnyValue:StringNotLike");
    assert!(told.starts_with("except self-service"), "{told}");
    // What AWS makes of an operator for one value here, it does not say.
    let told = keys("StringNotLike");
    assert!(told.starts_with("unknown at `StringNotLike`"), "{told}");
}

/// Of alternatives those fall away that another denial closes, and how hard the rest is counts.
#[test]
fn alternatives_that_another_denial_closes_are_no_ways() {
    let either = deny(
        r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/X"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
    );
    let told = both(&either, &unless_arn(r#""arn:aws:iam::*:role/BreakGlass""#));
    assert_eq!(
        told,
        "except designated: aws:SourceIp in 203.0.113.0/24 and aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied"
    );
}

/// How hard the names are to have that one denial exempts and another does not is no matter.
#[test]
fn only_the_names_that_all_denials_exempt_count() {
    let with = |name: &str| {
        unless_arn(&format!(r#"["arn:aws:iam::*:role/{name}","arn:aws:iam::*:role/BreakGlass"]"#))
    };
    assert_eq!(
        both(&with("X"), &with("Y")),
        "except designated: aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied"
    );
    assert!(both(&with("X"), &with("X")).starts_with("except self-service"));
    assert!(both(&with("X"), &with("*")).starts_with("except self-service"));
}

fn bucket_policy(statements: &str) -> Level {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let document = Arc::new(Document::parse(&text).unwrap());
    let policies = vec![AttachedPolicy { id: "bucket policy".to_owned(), document }];
    Level { id: "bucket policy".to_owned(), policies, unread: false }
}

fn on_bucket(scp: &[&str], policy: &str, action: &str) -> String {
    let (hierarchy, level) = (hierarchy(scp), bucket_policy(policy));
    let guardrails = Guardrails {
        resource_policy: Some(&level),
        resource_account: Some(MEMBER.to_owned()),
        ..guardrails(&hierarchy)
    };
    let callers = Callers::of_account(MEMBER);
    let resource = Target::resources("arn:aws:s3:::logs");
    short(&guardrails.prove(&Question { callers: &callers, action, resource: &resource, designated: &[] }))
}

#[test]
fn a_bucket_policy_never_keeps_the_owner_s_root_user_from_itself() {
    let all = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
    for action in ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "S3:getbucketpolicy"] {
        let told = on_bucket(&[], all, action);
        assert!(
            told.starts_with("except self-service: aws:PrincipalArn like arn:aws:iam::111122223333:root"),
            "{told}"
        );
        assert!(told.ends_with("default denied"), "{told}");
        // The organization's policies bind it.
        let roots = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:root","arn:aws:sts::*:assumed-root"]}}}"#;
        assert_eq!(on_bucket(&[roots], all, action), "all");
        let root = roots.replace(r#","arn:aws:sts::*:assumed-root""#, "");
        let told = on_bucket(&[&root], all, action);
        assert!(told.starts_with("except external: ") && told.contains("assumed-root"), "{told}");
    }
    for action in ["s3:DeleteBucket", "s3:PutBucketAcl", "s3:PutLifecycleConfiguration"] {
        assert_eq!(on_bucket(&[], all, action), "all", "{action}");
    }
    // Users by the statement's principals, too.
    let but = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/X"},"Action":"s3:*","Resource":"*"}"#;
    let unless = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Y"}}}"#;
    assert_eq!(on_bucket(&[unless], but, "s3:DeleteBucket"), "all");
}

#[test]
fn services_with_one_endpoint_are_asked_in_its_region() {
    let told = |region: &str, partition: &str, action: &str| {
        let statement = format!(
            r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:RequestedRegion":["{region}","eu-west-3"]}}}}}}"#
        );
        let hierarchy = hierarchy(&[&statement]);
        let callers = Callers { partition: partition.to_owned(), ..Callers::of_account(MEMBER) };
        let resource = Target::no_resource();
        let question = Question { callers: &callers, action, resource: &resource, designated: &[] };
        short(&guardrails(&hierarchy).prove(&question))
    };
    for (action, partition, region) in [
        ("organizations:LeaveOrganization", "aws", "us-east-1"),
        ("IAM:CreateRole", "aws", "us-east-1"),
        ("account:CloseAccount", "aws", "us-east-1"),
        ("route53:DeleteHostedZone", "aws", "us-east-1"),
        ("cloudfront:DeleteDistribution", "aws", "us-east-1"),
        ("organizations:LeaveOrganization", "aws-cn", "cn-northwest-1"),
        ("iam:CreateRole", "aws-cn", "cn-north-1"),
        ("iam:CreateRole", "aws-us-gov", "us-gov-west-1"),
    ] {
        let other = told("eu-west-1", partition, action);
        assert!(other.starts_with("all"), "{action} in {partition}: {other}");
        assert_eq!(told(region, partition, action), "none", "{action} in {partition}");
    }
    // Where it is called is the caller's choice, or not known.
    for (action, partition) in [
        ("sts:GetFederationToken", "aws"),
        ("support:CreateCase", "aws"),
        ("cloudtrail:PutInsightSelectors", "aws"),
    ] {
        let told = told("eu-west-1", partition, action);
        assert!(told.starts_with("except self-service"), "{action}: {told}");
    }
    let isolated = told("us-iso-east-1", "aws-iso", "iam:CreateRole");
    assert!(isolated.starts_with("except self-service"), "{isolated}");
}

/// Other shapes than that of [`many_conditioned_denials_cost_little`], of which each made the work grow with a product.
#[test]
#[expect(clippy::print_stdout, reason = "how long each shape takes")]
fn many_denials_of_other_shapes_cost_little() {
    let roles = |from: usize, count: usize| {
        let names: Vec<String> =
            (from..from + count).map(|number| format!(r#""arn:aws:iam::*:role/E{number}""#)).collect();
        names.join(",")
    };
    let condition = |roles: &str| format!(r#""Condition":{{"ArnNotLike":{{"aws:PrincipalArn":[{roles}]}}}}"#);
    let shapes: [(&str, &dyn Fn(usize) -> String); 5] = [
        ("NotResource", &|number| {
            let condition = condition(&format!(r#"{},"arn:aws:iam::*:role/Common""#, roles(number, 1)));
            format!(
                r#"{{"Effect":"Deny","Action":"*","NotResource":["arn:aws:s3:::spared-{number}/*","arn:aws:iam::*:role/spared{number}*"],{condition}}}"#
            )
        }),
        ("many exempt roles", &|number| {
            format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*",{}}}"#, condition(&roles(number, 40)))
        }),
        ("exempt patterns", &|number| {
            let patterns = format!(
                r#""arn:aws:iam::*:role/*a{number}*","arn:aws:iam::*:role/b*{number}","arn:aws:iam::*:role/x/*""#
            );
            format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*",{}}}"#, condition(&patterns))
        }),
        ("several conditions", &|number| {
            format!(
                r#"{{"Effect":"Deny","NotAction":"s3:Get{number}","Resource":"*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/E{number}"}},"StringNotEquals":{{"aws:PrincipalTag/t{number}":"x"}},"NotIpAddress":{{"aws:SourceIp":"203.0.113.0/24"}}}}}}"#
            )
        }),
        ("exempt but some", &|number| {
            format!(
                r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"ArnLike":{{"aws:PrincipalArn":["arn:aws:iam::*:role/*{number}","arn:aws:iam::*:user/*"]}}}}}}"#
            )
        }),
    ];
    for (name, statement) in shapes {
        for levels in [1, 6] {
            let begun = std::time::Instant::now();
            let hierarchy = in_levels(&(0..150).map(statement).collect::<Vec<_>>(), levels);
            prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(TRAILS));
            let elapsed = begun.elapsed();
            println!("150 denials, {name}, over {levels} levels: {elapsed:?}");
            // A debug build on one busy core takes some tens of times as long as a release build.
            assert!(elapsed.as_secs_f64() < 30.0, "{name} over {levels} levels: {elapsed:?}");
        }
    }
}

fn in_levels(statements: &[String], count: usize) -> Hierarchy {
    let policy = |statement: &String| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{FULL},{statement}]}}"#);
        AttachedPolicy { id: "p".to_owned(), document: Arc::new(Document::parse(&text).unwrap()) }
    };
    let chunks = statements.chunks(statements.len().div_ceil(count));
    let mut levels: Vec<Level> = chunks
        .enumerate()
        .map(|(number, chunk)| Level {
            id: format!("ou-{number}"),
            policies: chunk.iter().map(policy).collect(),
            unread: false,
        })
        .collect();
    levels.last_mut().unwrap().id = MEMBER.to_owned();
    Hierarchy { levels }
}
