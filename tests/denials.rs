//! Denies each call that a scan makes, one after the other, and scans with the real binary: exactly the rules that need
//! the call are unknown, the report holds the gap, and the exit code says that the audit is incomplete.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod fake_aws;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use fake_aws::{FakeAws, Fault, Matcher, Misbehaviour, World, healthy};
use serde_json::{Value, json};

const REGIONS: [&str; 2] = ["eu-central-1", "us-east-1"];

struct Scan {
    exit: i32,
    report: Value,
    errors: String,
}

fn scan(fake: &FakeAws) -> Scan {
    scan_with(fake, &[])
}

fn scan_with(fake: &FakeAws, more: &[&str]) -> Scan {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trailproof"))
        .args([
            "scan",
            "--format",
            "json",
            "--max-attempts",
            "1",
            "--no-progress",
            "--endpoint-url",
            &fake.endpoint(),
        ])
        .args(more)
        .env_clear()
        .env("HOME", home.path())
        .envs(fake.environment(healthy::MANAGEMENT, REGIONS[0]))
        .current_dir(home.path())
        .output()
        .expect("the binary starts");
    Scan {
        exit: output.status.code().expect("it was not killed"),
        report: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The rules with at least one finding of a verdict.
fn rules_with(report: &Value, verdict: &str) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("the report has findings");
    let of_verdict = findings.iter().filter(|finding| finding["verdict"] == verdict);
    of_verdict.map(|finding| finding["rule_id"].as_str().unwrap().to_owned()).collect()
}

fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let findings = report["findings"].as_array().expect("the report has findings");
    let pair = |finding: &Value| {
        (finding["fingerprint"].as_str().unwrap().to_owned(), finding["verdict"].as_str().unwrap().to_owned())
    };
    findings.iter().map(pair).collect()
}

/// For each call that a scan of the healthy organization makes: the rules that cannot be decided when it is refused in
/// every account. A call without rules is collected for a fact that something else decides here, or for a rule to come;
/// its gap still makes the audit incomplete.
const UNDECIDED_WITHOUT: &[(&str, &str)] = &[
    (
        "account:ListRegions",
        "every:bucket every:delivery_stream every:destination every:event_data_store every:key \
         every:log_group every:region every:stream every:trail org-archive-dedicated \
         org-deny-audit-role-tampering org-deny-key-destruction org-deny-trail-tampering \
         org-guardrail-exemptions org-guardrail-self-service-escape",
    ),
    (
        "cloudtrail:GetEventSelectors",
        "trail-insights trail-coverage trail-data-events trail-data-events-archive trail-global-events \
         trail-management-events",
    ),
    ("cloudtrail:GetInsightSelectors", "trail-insights"),
    (
        "cloudtrail:GetTrailStatus",
        "trail-cloudwatch-logs trail-coverage trail-data-events trail-data-events-archive \
         trail-delivery trail-digest-delivery trail-global-events trail-logging trail-organization",
    ),
    (
        "cloudtrail:DescribeTrails",
        "every:bucket every:key every:trail config-delivery-central firehose-to-archive \
         logs-delivery-vended logs-destination-complete logs-destination-region logs-filter-complete logs-subscription-filter \
         org-archive-dedicated org-deny-archive-deletion org-deny-archive-reconfiguration \
         org-deny-audit-role-tampering org-deny-key-destruction org-deny-replication-tampering \
         org-deny-trail-tampering org-guardrail-exemptions org-guardrail-self-service-escape \
         trail-coverage trail-data-events trail-data-events-archive trail-organization",
    ),
    ("cloudtrail:GetEventDataStore", "every:event_data_store every:key org-deny-key-destruction"),
    ("cloudtrail:ListEventDataStores", "every:event_data_store every:key org-deny-key-destruction"),
    ("config:DescribeConfigurationAggregators", "config-aggregator"),
    ("config:DescribeConfigurationRecorderStatus", "config-recorder-on config-records-all"),
    (
        "config:DescribeConfigurationRecorders",
        "config-delivery config-delivery-central config-recorder-on config-recorder-role \
         config-records-all config-retention org-deny-audit-role-tampering",
    ),
    ("config:DescribeDeliveryChannelStatus", "config-delivery"),
    (
        "config:DescribeDeliveryChannels",
        "every:bucket every:key config-delivery config-delivery-central \
         org-deny-audit-role-tampering org-deny-key-destruction org-deny-replication-tampering",
    ),
    ("config:DescribeRetentionConfigurations", "config-retention"),
    (
        "firehose:DescribeDeliveryStream",
        "every:bucket every:delivery_stream every:key every:stream logs-destination-alive \
         org-deny-key-destruction",
    ),
    (
        "firehose:ListDeliveryStreams",
        "every:bucket every:delivery_stream every:key every:stream org-deny-key-destruction",
    ),
    ("iam:GetRole", "trail-cloudwatch-logs"),
    ("iam:GetRolePolicy", "trail-cloudwatch-logs"),
    ("iam:ListAttachedRolePolicies", "trail-cloudwatch-logs"),
    ("iam:ListRolePolicies", "trail-cloudwatch-logs"),
    (
        "kinesis:DescribeStreamSummary",
        "every:key every:stream logs-destination-alive org-deny-key-destruction",
    ),
    ("kms:DescribeKey", "every:key bucket-kms trail-kms"),
    (
        "kms:GetKeyPolicy",
        "kms-decrypt-designated kms-duties-separated kms-policy-public kms-policy-scoped \
         org-deny-key-destruction",
    ),
    ("kms:GetKeyRotationStatus", "kms-rotation"),
    ("kms:ListGrants", "kms-decrypt-designated kms-policy-public"),
    (
        "logs:DescribeAccountPolicies",
        "every:bucket every:delivery_stream every:key every:stream org-deny-key-destruction",
    ),
    (
        "logs:DescribeDeliveries",
        "every:bucket every:delivery_stream every:key every:stream logs-delivery-vended org-deny-key-destruction",
    ),
    ("logs:DescribeDeliverySources", "logs-delivery-vended"),
    (
        "logs:DescribeDestinations",
        "every:bucket every:delivery_stream every:destination every:key every:stream \
         logs-destination-region logs-filter-complete logs-subscription-filter \
         org-deny-audit-role-tampering org-deny-key-destruction",
    ),
    (
        "logs:DescribeLogGroups",
        "every:bucket every:delivery_stream every:key every:log_group every:stream \
         logs-destination-region org-archive-dedicated org-deny-key-destruction",
    ),
    ("logs:DescribeResourcePolicies", "logs-resource-policy-scoped"),
    (
        "logs:DescribeSubscriptionFilters",
        "every:bucket every:delivery_stream every:key every:stream logs-filter-complete \
         logs-subscription-filter org-deny-key-destruction",
    ),
    (
        "logs:GetDeliveryDestination",
        "every:bucket every:delivery_stream every:key every:stream logs-delivery-vended org-deny-key-destruction",
    ),
    (
        "organizations:DescribeOrganization",
        "every:bucket every:delivery_stream every:destination every:event_data_store every:key \
         every:log_group every:region every:stream every:trail config-aggregator logs-centralization \
         org-account-outside-ou org-all-features org-archive-dedicated org-delegated-admin \
         org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering \
         org-deny-config-tampering org-deny-detection-tampering org-deny-flow-log-deletion \
         org-deny-key-destruction org-deny-leave org-deny-pipeline-tampering \
         org-deny-replication-tampering org-deny-trail-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape org-new-account-covered org-rcp-enabled org-scp-enabled \
         org-scp-unattached org-scp-without-effect org-trusted-access trail-data-events \
         trail-data-events-archive trail-network-events trail-organization",
    ),
    (
        "organizations:DescribePolicy",
        "org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering org-deny-config-tampering \
         org-deny-detection-tampering org-deny-flow-log-deletion org-deny-key-destruction \
         org-deny-leave org-deny-pipeline-tampering org-deny-replication-tampering \
         org-deny-trail-tampering org-guardrail-exemptions org-guardrail-self-service-escape \
         org-new-account-covered org-scp-without-effect",
    ),
    (
        "organizations:ListAWSServiceAccessForOrganization",
        "logs-centralization logs-destination-region org-trusted-access trail-coverage trail-data-events \
         trail-data-events-archive",
    ),
    ("organizations:ListAccounts", ""),
    (
        "organizations:ListAccountsForParent",
        "org-account-outside-ou org-deny-archive-reconfiguration org-deny-key-destruction \
         org-deny-replication-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape",
    ),
    (
        "organizations:ListDelegatedAdministrators",
        "bucket-readers-designated config-aggregator kms-decrypt-designated org-delegated-admin",
    ),
    (
        "organizations:ListDelegatedServicesForAccount",
        "bucket-readers-designated config-aggregator kms-decrypt-designated org-delegated-admin",
    ),
    (
        "organizations:ListOrganizationalUnitsForParent",
        "org-account-outside-ou org-deny-archive-reconfiguration org-deny-key-destruction \
         org-deny-replication-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape org-new-account-covered",
    ),
    (
        "organizations:ListPolicies",
        "org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering org-deny-config-tampering \
         org-deny-detection-tampering org-deny-flow-log-deletion org-deny-key-destruction \
         org-deny-leave org-deny-pipeline-tampering org-deny-replication-tampering \
         org-deny-trail-tampering org-guardrail-exemptions org-guardrail-self-service-escape \
         org-new-account-covered org-scp-unattached org-scp-without-effect",
    ),
    (
        "organizations:ListRoots",
        "org-deny-archive-deletion org-account-outside-ou org-deny-archive-reconfiguration org-deny-audit-role-tampering \
         org-deny-config-tampering org-deny-detection-tampering org-deny-flow-log-deletion \
         org-deny-key-destruction org-deny-leave org-deny-pipeline-tampering \
         org-deny-replication-tampering org-deny-trail-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape org-new-account-covered org-rcp-enabled \
         org-scp-enabled",
    ),
    (
        "organizations:ListTargetsForPolicy",
        "org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering org-deny-config-tampering \
         org-deny-detection-tampering org-deny-flow-log-deletion org-deny-key-destruction \
         org-deny-leave org-deny-pipeline-tampering org-deny-replication-tampering \
         org-deny-trail-tampering org-guardrail-exemptions org-guardrail-self-service-escape \
         org-new-account-covered org-scp-unattached org-scp-without-effect",
    ),
    ("s3:GetBucketAcl", ""),
    ("s3:GetBucketEncryption", "every:key bucket-kms org-deny-key-destruction"),
    ("s3:GetBucketLifecycleConfiguration", "bucket-lifecycle-present bucket-mfa-delete bucket-retention"),
    (
        "s3:GetBucketLogging",
        "every:bucket every:key org-deny-audit-role-tampering org-deny-key-destruction \
         org-deny-replication-tampering",
    ),
    ("s3:GetBucketOwnershipControls", "bucket-acl-disabled"),
    (
        "s3:GetBucketPolicy",
        "bucket-no-delete-grant bucket-not-public bucket-readers-designated bucket-tls-only bucket-writers-designated \
         bucket-writers-scoped org-deny-archive-reconfiguration replication-destination-scoped",
    ),
    (
        "s3:GetBucketReplication",
        "every:bucket every:key org-deny-audit-role-tampering org-deny-key-destruction \
         org-deny-replication-tampering",
    ),
    ("s3:GetBucketVersioning", "bucket-second-copy bucket-versioning"),
    (
        "s3:GetObjectLockConfiguration",
        "bucket-lock-admits-deliveries bucket-mfa-delete bucket-object-lock bucket-second-copy",
    ),
    ("s3:GetPublicAccessBlock", "bucket-public-access-block"),
    (
        "s3:ListBuckets",
        "every:bucket every:key config-delivery-central logs-destination-complete \
         logs-destination-region logs-filter-complete logs-subscription-filter org-archive-dedicated \
         org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering \
         org-deny-key-destruction org-deny-replication-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape trail-bucket-owned trail-data-events-archive",
    ),
    ("s3control:GetPublicAccessBlock", "bucket-account-public-access-block"),
    (
        "sts:AssumeRole",
        "every:bucket every:delivery_stream every:destination every:event_data_store every:key \
         every:log_group every:region every:stream every:trail config-aggregator org-archive-dedicated \
         org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering \
         org-deny-key-destruction org-deny-replication-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape trail-data-events trail-data-events-archive",
    ),
];

/// The same where nothing else decides: access control lists are in force, no trail records object events, log groups
/// are subscribed by their account's policy alone, and the trail's role has attached policies.
const UNDECIDED_WITHOUT_OTHER_PROTECTION: &[(&str, &str)] = &[
    ("iam:GetPolicy", "trail-cloudwatch-logs"),
    ("iam:GetPolicyVersion", "trail-cloudwatch-logs"),
    (
        "logs:DescribeAccountPolicies",
        "every:bucket every:delivery_stream every:key every:stream logs-filter-complete \
         logs-subscription-filter org-deny-key-destruction",
    ),
    ("s3:GetBucketAcl", "bucket-no-delete-grant bucket-not-public bucket-writers-designated"),
    (
        "s3:GetBucketLogging",
        "every:bucket every:key org-deny-audit-role-tampering org-deny-key-destruction \
         org-deny-replication-tampering",
    ),
    (
        "s3:GetBucketPolicy",
        "bucket-no-delete-grant bucket-not-public bucket-readers-designated bucket-tls-only \
         bucket-writers-designated bucket-writers-scoped org-deny-archive-reconfiguration \
         replication-destination-scoped",
    ),
    ("s3:GetPublicAccessBlock", "bucket-public-access-block"),
];

fn unprotected() -> World {
    let mut world = World::healthy(4, &REGIONS);
    world.account_mut(healthy::ARCHIVE).public_access_block = None;
    for bucket in
        [healthy::ACCESS_LOG_BUCKET, healthy::ARCHIVE_BUCKET, healthy::CONFIG_BUCKET, healthy::REPLICA_BUCKET]
    {
        *world.bucket_configuration_mut(bucket, "publicAccessBlock") = Value::Null;
        *world.bucket_configuration_mut(bucket, "ownershipControls") = Value::Null;
    }
    let management = world.account_mut(healthy::MANAGEMENT);
    let policy_arn = format!("arn:aws:iam::{}:policy/trail-logs", healthy::MANAGEMENT);
    for role in management.roles.values_mut() {
        if let Some((_, policy)) = role.inline_policies.pop_first() {
            management.managed_policies.insert(policy_arn.clone(), policy);
            role.attached_policies.push(policy_arn.clone());
        }
    }
    let trail = world.trail_mut(healthy::MANAGEMENT, healthy::ORGANIZATION_TRAIL);
    let selectors = trail.event_selectors["AdvancedEventSelectors"].as_array_mut().unwrap();
    selectors.truncate(1);
    for region in REGIONS {
        let region = world.region_mut(&healthy::workload(0), region);
        let subscription = region.subscription_filters.first().cloned().expect("log groups are subscribed");
        region.subscription_filters.clear();
        let policy = serde_json::json!({
            "DestinationArn": subscription["destinationArn"], "FilterPattern": "", "Distribution": "Random",
        });
        region.account_policies.push(serde_json::json!({
            "policyName": "central", "policyType": "SUBSCRIPTION_FILTER_POLICY", "scope": "ALL",
            "policyDocument": policy.to_string(), "accountId": healthy::workload(0),
        }));
    }
    world
}

/// The same where one workload account alone refuses, and the others answer. `every:bucket` is every rule about buckets:
/// the account may have named some that no other account does.
const UNDECIDED_WITHOUT_ONE_ACCOUNT: &[(&str, &str)] = &[
    (
        "account:ListRegions",
        "every:bucket every:delivery_stream every:destination every:event_data_store every:key \
         every:log_group every:region every:stream every:trail org-deny-audit-role-tampering \
         org-deny-key-destruction",
    ),
    (
        "cloudtrail:DescribeTrails",
        "every:bucket every:key every:trail org-deny-audit-role-tampering \
         org-deny-key-destruction trail-coverage trail-data-events",
    ),
    (
        "config:DescribeDeliveryChannels",
        "every:bucket every:key config-delivery config-delivery-central org-deny-key-destruction",
    ),
    ("config:DescribeDeliveryChannelStatus", "config-delivery"),
    (
        "logs:DescribeLogGroups",
        "every:bucket every:delivery_stream every:key every:log_group every:stream \
         logs-destination-region org-deny-key-destruction",
    ),
    ("s3:ListBuckets", "org-deny-audit-role-tampering org-deny-replication-tampering"),
    (
        "sts:AssumeRole",
        "every:bucket every:delivery_stream every:destination every:event_data_store every:key \
         every:log_group every:region every:stream every:trail org-deny-audit-role-tampering \
         org-deny-key-destruction org-deny-replication-tampering trail-data-events",
    ),
];

/// The same for the management account, whose trail names the archive, and for the archive's own.
const UNDECIDED_WITHOUT_MANAGEMENT: &[(&str, &str)] = &[
    (
        "cloudtrail:DescribeTrails",
        "every:bucket every:key every:trail config-delivery-central firehose-to-archive \
         logs-delivery-vended logs-destination-complete logs-destination-region logs-filter-complete logs-subscription-filter \
         org-archive-dedicated org-deny-archive-deletion org-deny-archive-reconfiguration \
         org-deny-key-destruction org-deny-replication-tampering org-deny-trail-tampering \
         org-guardrail-exemptions org-guardrail-self-service-escape trail-coverage trail-data-events \
         trail-data-events-archive trail-organization",
    ),
    (
        "logs:DescribeLogGroups",
        "every:bucket every:delivery_stream every:key every:log_group every:stream \
         logs-destination-region org-deny-key-destruction",
    ),
];
const UNDECIDED_WITHOUT_ARCHIVE: &[(&str, &str)] = &[
    (
        "s3:ListBuckets",
        "every:bucket every:key config-delivery-central logs-destination-complete \
         logs-destination-region logs-filter-complete logs-subscription-filter org-archive-dedicated \
         org-deny-archive-deletion org-deny-archive-reconfiguration org-deny-audit-role-tampering \
         org-deny-key-destruction org-deny-replication-tampering org-guardrail-exemptions \
         org-guardrail-self-service-escape trail-bucket-owned trail-data-events-archive",
    ),
    (
        "s3:GetBucketLogging",
        "every:bucket every:key org-deny-audit-role-tampering org-deny-key-destruction \
         org-deny-replication-tampering",
    ),
    (
        "s3:GetBucketReplication",
        "every:bucket every:key org-deny-audit-role-tampering org-deny-key-destruction \
         org-deny-replication-tampering",
    ),
    ("s3:GetBucketEncryption", "every:key bucket-kms org-deny-key-destruction"),
];

/// The same where the listing of buckets does not name their regions, as older S3 endpoints do not. What is in another
/// region than the one that is asked first is redirected, so that its region is known all the same.
const UNDECIDED_WITHOUT_LISTED_REGIONS: &[(&str, &str)] = &[("s3:GetBucketLocation", "bucket-second-copy")];

/// The same where the archive's account lets the scan in for what it says of itself, but no more when its buckets and
/// keys are read, after all accounts.
const UNDECIDED_WITHOUT_ARCHIVE_STORES: &[(&str, &str)] = &[(
    "sts:AssumeRole",
    "every:bucket every:delivery_stream every:key every:stream logs-delivery-vended logs-destination-alive org-deny-archive-deletion org-deny-archive-reconfiguration \
     org-deny-audit-role-tampering org-deny-key-destruction org-deny-replication-tampering \
     org-guardrail-exemptions org-guardrail-self-service-escape trail-kms",
)];

fn check(fake: &FakeAws, account: Option<&str>, fault: Fault, table: &[(&str, &str)], exit: i32) {
    fake.clear_faults();
    let healthy = scan(fake);
    assert_eq!(rules_with(&healthy.report, "unknown"), BTreeSet::new(), "{}", healthy.errors);
    let before = verdicts(&healthy.report);
    let mut surprises = Vec::new();
    for (call, rules) in table {
        let (service, operation) = call.split_once(':').unwrap();
        fake.clear_faults();
        let everywhere = Matcher::operation(service, operation);
        let matcher = account.map_or(everywhere.clone(), |account| everywhere.account(account));
        fake.fault(matcher, fault);
        let denied = scan(fake);
        if denied.report.is_null() {
            surprises.push(format!("{call}: no report: {}", denied.errors));
            continue;
        }
        let about = |kind: &str| -> Vec<String> {
            let rules = denied.report["rules"].as_array().expect("the report has rules");
            let those = rules.iter().filter(|rule| rule["subject"] == kind);
            those.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
        };
        let expected: BTreeSet<String> = rules
            .split_whitespace()
            .flat_map(|word| word.strip_prefix("every:").map_or_else(|| vec![word.to_owned()], about))
            .collect();
        let unknown = rules_with(&denied.report, "unknown");
        if unknown != expected {
            let names = unknown.iter().cloned().collect::<Vec<_>>().join(" ");
            surprises.push(format!("(\"{call}\", \"{names}\"),"));
        }
        // A finding that both scans have may only have become unknown.
        let after = verdicts(&denied.report);
        for (fingerprint, verdict) in &before {
            if after.get(fingerprint).is_some_and(|now| now != verdict && now != "unknown") {
                surprises.push(format!("{call}: {fingerprint} was {verdict}, is {}", after[fingerprint]));
            }
        }
        let gaps = denied.report["gaps"].as_array().expect("the report has gaps");
        if !gaps.iter().any(|gap| gap["operation"] == operation && gap["reason"] == reason_of(operation)) {
            surprises.push(format!("{call}: the report has no gap for it"));
        }
        // What no rule needs keeps nothing from being complete, but what may hide accounts.
        let complete = rules.is_empty() && service != "organizations";
        let exit = if complete { 0 } else { exit };
        if denied.exit != exit || denied.report["complete"] != complete {
            surprises.push(format!("{call}: exit {}, complete {}", denied.exit, denied.report["complete"]));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

fn reason_of(operation: &str) -> &str {
    if operation == "AssumeRole" { "role_not_assumable" } else { "access_denied" }
}

#[test]
fn each_refused_call_leaves_exactly_its_rules_undecided() {
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    let called: BTreeSet<String> = {
        assert_eq!(scan(&fake).exit, 0, "the healthy organization passes");
        fake.operations().into_iter().filter(|call| call != "sts:GetCallerIdentity").collect()
    };
    let tabled: BTreeSet<String> = UNDECIDED_WITHOUT.iter().map(|(call, _)| (*call).to_owned()).collect();
    assert_eq!(called, tabled, "each call that a scan makes has its row");
    assert!(fake.unexpected().is_empty());
    check(&fake, None, Fault::AccessDenied, UNDECIDED_WITHOUT, 3);
}

#[test]
fn a_call_that_alone_protects_leaves_its_rule_undecided() {
    let fake = FakeAws::start(unprotected());
    check(&fake, None, Fault::AccessDenied, UNDECIDED_WITHOUT_OTHER_PROTECTION, 1);
}

#[test]
fn one_account_that_refuses_leaves_undecided_what_only_it_could_name() {
    let fake = FakeAws::start(World::healthy(5, &REGIONS));
    check(&fake, Some(&healthy::workload(0)), Fault::AccessDenied, UNDECIDED_WITHOUT_ONE_ACCOUNT, 3);
    check(&fake, Some(healthy::MANAGEMENT), Fault::AccessDenied, UNDECIDED_WITHOUT_MANAGEMENT, 3);
    check(&fake, Some(healthy::ARCHIVE), Fault::AccessDenied, UNDECIDED_WITHOUT_ARCHIVE, 3);
}

#[test]
fn an_owner_that_refuses_in_the_second_step_leaves_its_stores_undecided() {
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    let second = Fault::DeniedAfter { answers: 1 };
    check(&fake, Some(healthy::ARCHIVE), second, UNDECIDED_WITHOUT_ARCHIVE_STORES, 3);
}

#[test]
fn a_subscription_that_does_not_say_what_it_forwards_is_not_one_that_forwards_everything() {
    let mut world = World::healthy(4, &REGIONS);
    for filter in &mut world.region_mut(&healthy::workload(0), REGIONS[0]).subscription_filters {
        filter.as_object_mut().unwrap().remove("filterPattern");
    }
    let fake = FakeAws::start(world);
    let scan = scan(&fake);
    // Neither does it say where to: streams, buckets and keys may hang on it.
    let unknown = rules_with(&scan.report, "unknown");
    for rule in ["logs-filter-complete", "logs-subscription-filter", "firehose-to-archive", "bucket-kms"] {
        assert!(unknown.contains(rule), "{rule}: {}", scan.errors);
    }
    let gaps = scan.report["gaps"].as_array().unwrap();
    let detail = "the answer has no subscriptionFilters[].filterPattern";
    assert!(gaps.iter().all(|gap| gap["detail"] == detail && gap["reason"] == "malformed_response"));
    assert_eq!(scan.exit, 3);
}

/// A trail that records one region alone shows in that region and in no other.
fn hidden_trail(owner: &str) -> World {
    let mut world = World::healthy(4, &REGIONS);
    let mut trail = world.trail_mut(healthy::MANAGEMENT, healthy::ORGANIZATION_TRAIL).clone();
    let arn = format!("arn:aws:cloudtrail:{}:{owner}:trail/local", REGIONS[1]);
    for (name, value) in [("Name", "local"), ("TrailARN", arn.as_str()), ("HomeRegion", REGIONS[1])] {
        trail.description[name] = Value::from(value);
    }
    for name in ["IsMultiRegionTrail", "IsOrganizationTrail"] {
        trail.description[name] = Value::from(false);
    }
    trail.status["IsLogging"] = Value::from(false);
    world.account_mut(owner).trails.push(trail);
    world
}

#[test]
fn a_trail_that_records_another_region_alone_is_seen_or_unknown() {
    let owner = healthy::workload(0);
    let fake = FakeAws::start(hidden_trail(&owner));
    let about = |report: &Value, verdict: &str| -> BTreeSet<String> {
        let findings = report["findings"].as_array().unwrap().iter();
        let of_trails = findings.filter(|finding| {
            finding["rule_id"] == "trail-logging"
                && finding["verdict"] == verdict
                && finding["subject"]["account_id"] == owner.as_str()
        });
        of_trails.map(|finding| finding["subject"]["id"].as_str().unwrap().to_owned()).collect()
    };
    let seen = scan(&fake);
    let arn = format!("arn:aws:cloudtrail:{}:{owner}:trail/local", REGIONS[1]);
    assert_eq!(about(&seen.report, "fail"), BTreeSet::from([arn]), "{}", seen.errors);

    let elsewhere = Matcher::operation("cloudtrail", "DescribeTrails").account(&owner).region(REGIONS[1]);
    fake.fault(elsewhere, Fault::AccessDenied);
    let refused = scan(&fake);
    assert_eq!(about(&refused.report, "fail"), BTreeSet::new());
    assert_eq!(about(&refused.report, "unknown").len(), 1, "the account may have trails there");
    assert_eq!(refused.report["complete"], false);
}

#[test]
fn an_owner_that_shows_no_trail_beside_a_member_that_does_passes_nothing() {
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    fake.tamper(|exchange| {
        let key = &exchange.call.key;
        (key.operation == "DescribeTrails" && key.account == healthy::MANAGEMENT).then(|| {
            let mut reply = exchange.reply.clone();
            reply.body = "{\"trailList\":[]}".to_owned();
            Misbehaviour::Answer(reply)
        })
    });
    let scan = scan(&fake);
    let passed = rules_with(&scan.report, "pass");
    let of_trails: Vec<&String> = passed.iter().filter(|rule| rule.starts_with("trail-")).collect();
    assert_eq!(of_trails, Vec::<&String>::new(), "nobody says how the trail is: {}", scan.errors);
    for rule in ["trail-organization", "trail-coverage"] {
        let found = ["fail", "unknown"].map(|verdict| rules_with(&scan.report, verdict).contains(rule));
        assert!(found.contains(&true), "{rule}: {}", scan.errors);
    }
    assert_ne!(scan.exit, 0, "{}", scan.errors);
}

/// A hold that an event ends is no retention period, and no answer that cannot be read.
#[test]
fn an_event_hold_alone_fails_what_asks_for_a_period_and_leaves_nothing_unknown() {
    let mut world = World::healthy(4, &REGIONS);
    *world.bucket_configuration_mut(healthy::ARCHIVE_BUCKET, "object-lock") = json!({
        "ObjectLockEnabled": "Enabled",
        "Rule": { "DefaultRetention": { "DefaultEventHold": { "Days": 400 } } },
    });
    let fake = FakeAws::start(world);
    let scan = scan(&fake);
    assert_eq!(
        (&scan.report["complete"], &scan.report["gaps"]),
        (&json!(true), &json!([])),
        "{}",
        scan.errors
    );
    assert_eq!(rules_with(&scan.report, "unknown"), BTreeSet::new());
    let failed = rules_with(&scan.report, "fail");
    assert!(failed.contains("bucket-object-lock"), "{failed:?}");
}

#[test]
fn a_trail_without_a_switch_keeps_its_bucket_and_key() {
    let mut world = World::healthy(4, &REGIONS);
    let trail = world.trail_mut(healthy::MANAGEMENT, healthy::ORGANIZATION_TRAIL);
    trail.description.as_object_mut().unwrap().remove("IsOrganizationTrail");
    let fake = FakeAws::start(world);
    let scan = scan(&fake);
    let unknown = rules_with(&scan.report, "unknown");
    assert!(unknown.contains("trail-organization"), "{unknown:?}");
    for rule in ["bucket-versioning", "kms-usable", "trail-log-file-validation"] {
        assert!(!unknown.contains(rule), "{rule}: {}", scan.errors);
        assert!(rules_with(&scan.report, "pass").contains(rule), "{rule}");
    }
}

#[test]
fn regions_that_are_asked_for_by_name_are_read_without_a_list() {
    const OPTIONAL: &str = "eu-south-2";
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    let list_regions = Matcher::operation("account", "ListRegions");
    fake.fault(list_regions.clone(), Fault::AccessDenied);
    let of_regions = |scan: &Scan| -> BTreeSet<String> {
        let findings = scan.report["findings"].as_array().unwrap().iter();
        let unknown = findings.filter(|finding| finding["verdict"] == "unknown");
        let of_regions = unknown.filter(|finding| finding["subject"]["kind"] == "region");
        of_regions.map(|finding| finding["subject"]["id"].as_str().unwrap().to_owned()).collect()
    };
    let named = scan_with(&fake, &["--regions", &REGIONS.join(",")]);
    assert_eq!(named.exit, 3, "what is enabled besides is not known: {}", named.errors);
    assert_eq!(
        of_regions(&named),
        BTreeSet::new(),
        "every account has these two, and no other was asked for"
    );
    let gaps = named.report["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["operation"] == "ListRegions"), "{gaps:?}");

    let with_optional = ["--regions", "eu-central-1,us-east-1,eu-south-2"];
    let refused = scan_with(&fake, &with_optional);
    assert_eq!(refused.exit, 3, "{}", refused.errors);
    assert_eq!(
        of_regions(&refused),
        BTreeSet::from([OPTIONAL.to_owned()]),
        "it may not be enabled, and refused each call; no other region may be"
    );

    let fake = FakeAws::start(World::healthy(4, &["eu-central-1", "us-east-1", OPTIONAL]));
    fake.fault(list_regions, Fault::AccessDenied);
    let enabled = scan_with(&fake, &with_optional);
    assert_eq!(of_regions(&enabled), BTreeSet::new(), "it answered, so it is enabled");
    assert_eq!(enabled.exit, 3, "a call was refused all the same: {}", enabled.errors);
}

#[test]
fn a_suspended_account_is_counted_and_neither_scanned_nor_a_gap() {
    let mut world = World::healthy(5, &REGIONS);
    let closed = healthy::workload(1);
    world.account_mut(&closed).status = "SUSPENDED".to_owned();
    let fake = FakeAws::start(world);
    let scan = scan(&fake);
    assert_eq!(scan.exit, 0, "{}", scan.errors);
    let accounts = &scan.report["summary"]["accounts"];
    assert_eq!(accounts["in_organization"], 5);
    assert_eq!((&accounts["in_scope"], &accounts["suspended"]), (&Value::from(4), &Value::from(1)));
    let findings = scan.report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["subject"]["account_id"] != closed.as_str()));
    assert_eq!(fake.calls(&Matcher::any().account(&closed)), 0);
}

#[test]
fn a_bucket_whose_region_nobody_tells_leaves_undecided_what_needs_it() {
    let mut world = World::healthy(4, &REGIONS);
    world.hides_bucket_regions = true;
    let fake = FakeAws::start(world);
    check(&fake, None, Fault::AccessDenied, UNDECIDED_WITHOUT_LISTED_REGIONS, 3);
}

#[test]
fn accounts_that_cannot_be_listed_leave_every_rule_about_accounts_undecided() {
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    fake.fault(Matcher::operation("organizations", "ListAccountsForParent"), Fault::AccessDenied);
    fake.fault(Matcher::operation("organizations", "ListAccounts"), Fault::AccessDenied);
    let scan = scan(&fake);
    assert_eq!(scan.exit, 3, "{}", scan.errors);
    let unknown = rules_with(&scan.report, "unknown");
    for rule in ["config-recorder-on", "trail-coverage", "logs-subscription-filter", "trail-logging"] {
        assert!(unknown.contains(rule), "{rule} of accounts that nobody listed is not known");
    }
}

#[test]
fn without_an_identity_nothing_is_scanned() {
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    fake.fault(Matcher::operation("sts", "GetCallerIdentity"), Fault::AccessDenied);
    let scan = scan(&fake);
    assert_eq!(scan.exit, 4, "{}", scan.errors);
    assert!(scan.report.is_null() && scan.errors.contains("no usable AWS credentials"), "{}", scan.errors);
}

/// The environment is whatever the system holds: what in it is no text is none of ours, and ends no scan.
#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_ends_no_scan() {
    use std::os::unix::ffi::OsStrExt;
    let fake = FakeAws::start(World::healthy(3, &REGIONS));
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trailproof"))
        .args(["scan", "--format", "json", "--no-progress", "--fail-on", "never", "--allow-incomplete"])
        .args(["--endpoint-url", &fake.endpoint()])
        .env_clear()
        .env("HOME", home.path())
        .envs(fake.environment(healthy::MANAGEMENT, REGIONS[0]))
        .env("TERMINAL_TITLE", std::ffi::OsStr::from_bytes(&[0x66, 0xff]))
        .current_dir(home.path())
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
