use super::*;

fn resources(action: &str) -> Vec<&'static str> {
    match look_up(action) {
        Name::Action(action) => action.resources.iter().map(|kind| kind.name).collect(),
        other => panic!("{action}: {other:?}"),
    }
}

#[test]
fn the_files_are_sorted_and_whole() {
    let prefixes: Vec<&str> = services().collect();
    assert!(prefixes.len() > 440, "{}", prefixes.len());
    let in_file: Vec<&str> =
        ACTIONS.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
    assert!(in_file.is_sorted_by(|left, right| left < right), "sorted, and none twice");
    assert_eq!(in_file, prefixes);
    let mut count = 0;
    for prefix in prefixes {
        let names = actions(prefix);
        assert!(!names.is_empty(), "{prefix}");
        assert!(names.is_sorted_by(|left, right| left < right), "{prefix}");
        let service = service(prefix).unwrap();
        assert!(service.types.is_sorted_by_key(|kind| kind.name), "{prefix}");
        for (_, action) in &service.calls {
            assert!(matches!(look_up(&format!("{prefix}:{action}")), Name::Action(_)), "{prefix}:{action}");
        }
        count += names.len();
    }
    assert!(count > 22_000, "{count}");
}

/// Every line but comments is understood.
#[test]
fn every_type_that_a_line_names_is_one() {
    for (prefix, section) in SERVICES.iter() {
        let service = service(prefix).unwrap();
        for line in section.text.lines().filter(|line| !line.is_empty() && !line.contains(" = ")) {
            let (types, actions) = line.split_once(':').unwrap();
            assert!(actions.starts_with(' '), "{prefix}: {line}");
            for kind in types.split(' ').filter(|kind| !matches!(*kind, "" | "?" | "!")) {
                assert!(service.types.iter().any(|known| known.name == kind), "{prefix}: {kind}");
            }
        }
    }
}

#[test]
fn actions_are_found_with_their_resources_in_any_case() {
    assert_eq!(resources("cloudtrail:StopLogging"), ["trail"]);
    assert_eq!(resources("CLOUDTRAIL:stoplogging"), ["trail"]);
    assert_eq!(resources("s3:PutBucketPolicy"), ["bucket"]);
    assert_eq!(resources("kinesis:StartStreamEncryption"), ["kmskey", "stream"]);
    assert_eq!(resources("ec2:DeleteFlowLogs"), ["vpc-flow-log"]);
    for none in [
        "guardduty:DisassociateFromAdministratorAccount",
        "guardduty:DisassociateMembers",
        "logs:PutAccountPolicy",
        "organizations:LeaveOrganization",
        "config:PutRetentionConfiguration",
    ] {
        assert_eq!(resources(none), Vec::<&str>::new(), "{none}");
        assert!(takes_no_resource(none));
    }
    assert!(!takes_no_resource("newservice2030:Do"));
}

#[test]
fn what_is_no_action_is_told_from_what_is_not_known() {
    assert_eq!(look_up("s3:PutBucketEncryption"), Name::Call { action: "PutEncryptionConfiguration" });
    assert_eq!(look_up("s3:HeadObject"), Name::Call { action: "GetObject" });
    assert_eq!(look_up("lambda:Invoke"), Name::Call { action: "InvokeFunction" });
    assert_eq!(look_up("kms:ReEncrypt"), Name::Call { action: "ReEncryptFrom" });
    assert_eq!(look_up("cloudtrail:StopLoging"), Name::Unknown);
    assert_eq!(look_up("newservice2030:Do"), Name::UnknownService);
}

#[test]
fn a_mistaken_prefix_is_that_of_no_service() {
    for (mistaken, right) in MISTAKEN_PREFIXES {
        assert!(service(mistaken).is_none(), "{mistaken}");
        assert!(service(right).is_some(), "{right}");
    }
    assert_eq!(right_prefix("CloudWatchLogs"), Some("logs"));
}

#[test]
fn a_bucket_is_no_object() {
    let Name::Action(action) = look_up("s3:DeleteBucket") else { panic!() };
    let bucket = action.resources[0];
    assert!(bucket.matches("arn:aws:s3:::logs"));
    assert!(!bucket.matches("arn:aws:s3:::logs/AWSLogs/x"));
}

#[test]
fn an_action_is_asked_on_its_own_types_alone() {
    let asked = |action: &str, resource: &str| match look_up(action) {
        Name::Action(action) => action.is_asked_on(resource),
        other => panic!("{other:?}"),
    };
    for (action, resource) in [
        ("s3:DeleteObject", "arn:aws:s3:::logs/*"),
        ("s3:DeleteObject", "arn:aws:s3:::*"),
        ("s3:DeleteObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/x/object/y"),
        ("s3:DeleteBucket", "arn:aws:s3:::logs"),
        ("logs:DeleteLogGroup", "arn:aws:logs:*:*:log-group:/aws/x:*"),
        ("guardduty:DisassociateMembers", "*"),
        ("kinesis:StartStreamEncryption", "arn:aws:kms:*:*:key/x"),
    ] {
        assert!(asked(action, resource), "{action} {resource}");
    }
    for (action, resource) in [
        ("s3:DeleteObject", "arn:aws:s3:::logs"),
        ("s3:DeleteBucket", "arn:aws:s3:::logs/*"),
        ("guardduty:DisassociateMembers", "arn:aws:guardduty:*:*:detector/*"),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:*:alias/logs"),
        ("iam:DeleteRole", "arn:aws:iam::*:user/x"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:eventdatastore/*"),
    ] {
        assert!(!asked(action, resource), "{action} {resource}");
    }
}

#[test]
fn resource_control_policies_bind_the_services_of_the_list() {
    use ResourceControl::{Bound, NotBound, Unknown};

    for bound in [
        "s3:GetObject",
        "firehose:DeleteDeliveryStream",
        "Events:DisableRule",
        "cloudtrail-data:PutAuditEvents",
        "dynamodb:DeleteTable",
        "signin:CreateOAuth2Token",
        "kms:Decrypt",
    ] {
        assert_eq!(resource_control(bound, &[]), Bound, "{bound}");
    }
    for not in
        ["sns:Publish", "cloudtrail:StopLogging", "config:StopConfigurationRecorder", "KMS:retiregrant"]
    {
        assert_eq!(resource_control(not, &[]), NotBound, "{not}");
    }
    assert_eq!(resource_control("newservice2030:Do", &[]), Unknown);
    assert_eq!(resource_control("newservice2030:Do", &["newservice2030".to_owned()]), Bound);
    assert_eq!(resource_control("sns:Publish", &["SNS".to_owned()]), Bound);
}

/// Says how old the files are, and fails for none: `scripts/refresh-reference --check` says what has changed since.
#[test]
#[expect(clippy::print_stdout, reason = "what is said is all that there is to it")]
fn age() {
    for (name, date) in dates() {
        let day = chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").unwrap();
        let days = (chrono::Utc::now().date_naive() - day).num_days();
        println!("{name}: of {date}, {days} days old");
    }
}
