//! The fake AWS answers the real SDK clients: one test per service, then sessions and faults.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fake_aws;

use std::fmt::Debug;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_organizations::types::PolicyType;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::json;

use fake_aws::healthy::{ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, ORGANIZATION_TRAIL, SECURITY, workload};
use fake_aws::{Credentials, FakeAws, Fault, Matcher, World};

const HOME: &str = "eu-west-1";
const REGIONS: [&str; 2] = [HOME, "us-east-1"];

/// Every name is loopback, as `<account>.127.0.0.1` must be for S3 Control.
#[derive(Clone, Debug)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _name: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![std::net::Ipv4Addr::LOCALHOST.into()]))
    }
}

fn config_for(fake: &FakeAws, keys: Credentials, region: &str, retry: RetryConfig) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_with_resolver(Loopback);
    let credentials = aws_credential_types::Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token,
        None,
        "test",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new(region.to_owned()))
        .endpoint_url(fake.endpoint())
        .retry_config(retry)
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(2)).build())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .build()
}

fn config(fake: &FakeAws, account: &str, region: &str) -> SdkConfig {
    config_for(fake, FakeAws::credentials(account), region, RetryConfig::disabled())
}

fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

fn code<T: Debug, E: ProvideErrorMetadata + Debug>(result: Result<T, E>) -> String {
    let error = result.unwrap_err();
    error.code().map_or_else(|| format!("no code: {error:?}"), str::to_owned)
}

#[tokio::test]
async fn organizations_is_paged_and_kept_from_members() {
    let fake = FakeAws::start(World::healthy(45, &REGIONS));
    let client = aws_sdk_organizations::Client::new(&config(&fake, MANAGEMENT, HOME));
    let pages = client.list_accounts().into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let sizes: Vec<_> = pages.unwrap().iter().map(|page| page.accounts().len()).collect();
    assert_eq!(sizes, [20, 20, 5]);
    let hostile = "<script>\u{0}\u{1b}[31m\u{202e}\"\\';--";
    fake.update(|world| {
        world.empty_first_pages = true;
        hostile.clone_into(&mut world.account_mut(MANAGEMENT).name);
    });
    let pages = client.list_accounts().into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    assert!(pages[0].accounts().is_empty());
    assert_eq!(pages[1].accounts()[0].name(), Some(hostile));
    fake.update(|world| world.empty_first_pages = false);
    let roots = client.list_roots().send().await.unwrap();
    let root = roots.roots().first().unwrap();
    assert_eq!(root.policy_types().len(), 2);
    let units =
        client.list_organizational_units_for_parent().parent_id(root.id().unwrap()).send().await.unwrap();
    assert_eq!(units.organizational_units().len(), 4);
    let policies = client.list_policies().filter(PolicyType::ServiceControlPolicy).send().await.unwrap();
    let own = policies.policies().iter().find(|policy| !policy.aws_managed()).unwrap().id().unwrap();
    let policy = client.describe_policy().policy_id(own).send().await.unwrap();
    assert!(policy.policy().unwrap().content().unwrap().contains("ProtectLogging"));
    let targets = client.list_targets_for_policy().policy_id(own).send().await.unwrap();
    assert_eq!(targets.targets().first().unwrap().target_id(), root.id());
    let administrators = client.list_delegated_administrators().send().await.unwrap();
    assert_eq!(administrators.delegated_administrators().first().unwrap().id(), Some(SECURITY));

    let security = aws_sdk_organizations::Client::new(&config(&fake, SECURITY, HOME));
    assert_eq!(security.list_accounts().send().await.unwrap().accounts().len(), 20);
    let member = aws_sdk_organizations::Client::new(&config(&fake, &workload(0), HOME));
    let described = member.describe_organization().send().await.unwrap();
    assert_eq!(described.organization().unwrap().master_account_id(), Some(MANAGEMENT));
    assert_eq!(code(member.list_accounts().send().await), "AccessDeniedException");

    let alone = FakeAws::start(World::standalone("999999999999", &REGIONS));
    let client = aws_sdk_organizations::Client::new(&config(&alone, "999999999999", HOME));
    assert_eq!(code(client.describe_organization().send().await), "AWSOrganizationsNotInUseException");
}

#[tokio::test]
async fn cloudtrail_shows_the_organization_trail_to_members() {
    let fake = FakeAws::start(World::healthy(4, &REGIONS));
    let member = aws_sdk_cloudtrail::Client::new(&config(&fake, &workload(0), "us-east-1"));
    let trails = member.list_trails().send().await.unwrap();
    let arn = trails.trails().first().unwrap().trail_arn().unwrap();
    let described = member.describe_trails().send().await.unwrap();
    assert_eq!(described.trail_list().first().unwrap().is_organization_trail(), Some(true));
    let none = member.describe_trails().include_shadow_trails(false).send().await.unwrap();
    assert!(none.trail_list().is_empty());
    let status = member.get_trail_status().name(arn).send().await.unwrap();
    assert_eq!(status.is_logging(), Some(true));
    assert!(status.latest_digest_delivery_time().unwrap().secs() > 1_700_000_000);
    let selectors = member.get_event_selectors().trail_name(arn).send().await.unwrap();
    assert_eq!(selectors.advanced_event_selectors().len(), 2);
    assert_eq!(
        code(member.get_trail_status().name(ORGANIZATION_TRAIL).send().await),
        "TrailNotFoundException"
    );

    fake.update(|world| world.trail_mut(MANAGEMENT, ORGANIZATION_TRAIL).insight_selectors = None);
    let management = aws_sdk_cloudtrail::Client::new(&config(&fake, MANAGEMENT, HOME));
    let insights = management.get_insight_selectors().trail_name(ORGANIZATION_TRAIL).send().await;
    assert_eq!(code(insights), "InsightNotEnabledException");
}

#[tokio::test]
async fn s3_reads_configuration_of_own_buckets_in_the_right_region() {
    let mut world = World::healthy(3, &REGIONS);
    for index in 0..5 {
        world.add_bucket(&format!("plain-{index}"), ARCHIVE, HOME);
    }
    *world.bucket_configuration_mut("plain-0", "lifecycle") = json!({ "Rule": [{ "ID": "<b>&\"'\u{1}\u{202e}", "Status": "Enabled", "Filter": { "Prefix": "" } }] });
    let fake = FakeAws::start(world);
    let client = s3(&config(&fake, ARCHIVE, HOME));
    let pages =
        client.list_buckets().max_buckets(3).into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let sizes: Vec<_> = pages.unwrap().iter().map(|page| page.buckets().len()).collect();
    assert_eq!(sizes, [3, 3, 3]);
    let lock = client.get_object_lock_configuration().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    let retention = lock.object_lock_configuration().unwrap().rule().unwrap().default_retention().unwrap();
    assert_eq!(retention.days(), Some(400));
    let policy = client.get_bucket_policy().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    assert!(policy.policy().unwrap().contains("aws:SecureTransport"));
    let replication = client.get_bucket_replication().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    assert_eq!(replication.replication_configuration().unwrap().rules().len(), 1);
    let encryption = client.get_bucket_encryption().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    let rules = encryption.server_side_encryption_configuration().unwrap().rules();
    let default = rules[0].apply_server_side_encryption_by_default().unwrap();
    assert!(default.kms_master_key_id().unwrap().contains(ARCHIVE));
    let notified =
        client.get_bucket_notification_configuration().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    assert!(notified.event_bridge_configuration().is_some());
    let acl = client.get_bucket_acl().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    assert_eq!(acl.grants().first().unwrap().grantee().unwrap().r#type().as_str(), "CanonicalUser");
    let rules = client.get_bucket_lifecycle_configuration().bucket("plain-0").send().await.unwrap();
    assert_eq!(rules.rules().first().unwrap().id(), Some("<b>&\"'\u{1}\u{202e}"));
    let location = client.get_bucket_location().bucket(ARCHIVE_BUCKET).send().await.unwrap();
    assert_eq!(location.location_constraint().unwrap().as_str(), HOME);

    let bucket = "plain-1";
    assert_eq!(client.get_bucket_versioning().bucket(bucket).send().await.unwrap().status(), None);
    assert!(client.get_bucket_logging().bucket(bucket).send().await.unwrap().logging_enabled().is_none());
    assert_eq!(code(client.get_bucket_policy().bucket(bucket).send().await), "NoSuchBucketPolicy");
    assert_eq!(
        code(client.get_bucket_replication().bucket(bucket).send().await),
        "ReplicationConfigurationNotFoundError"
    );
    assert_eq!(code(client.get_bucket_policy().bucket("nowhere").send().await), "NoSuchBucket");
    let elsewhere = s3(&config(&fake, ARCHIVE, "us-east-1"));
    assert_eq!(code(elsewhere.get_bucket_policy().bucket(bucket).send().await), "PermanentRedirect");
    let stranger = s3(&config(&fake, MANAGEMENT, HOME));
    assert_eq!(code(stranger.get_bucket_policy().bucket(bucket).send().await), "AccessDenied");
    assert!(stranger.head_bucket().bucket(bucket).send().await.is_err());

    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder().build();
    let write =
        client.put_bucket_versioning().bucket(bucket).versioning_configuration(versioning).send().await;
    assert_eq!(code(write), "NotImplemented");
    assert_eq!(fake.unexpected(), ["s3:PUT /plain-1/"]);
}

#[tokio::test]
async fn each_other_service_answers() {
    let mut world = World::healthy(4, &REGIONS);
    let many = world.region_mut(&workload(0), HOME);
    many.log_groups.extend((0..60).map(|index| json!({ "logGroupName": format!("<i>\u{7}{index:02}") })));
    world.account_mut(SECURITY).public_access_block = None;
    let fake = FakeAws::start(world);
    let member = config(&fake, &workload(0), HOME);

    let block = aws_sdk_s3control::Client::new(&member)
        .get_public_access_block()
        .account_id(workload(0))
        .send()
        .await;
    assert_eq!(block.unwrap().public_access_block_configuration().unwrap().block_public_acls(), Some(true));
    let unset = aws_sdk_s3control::Client::new(&config(&fake, SECURITY, HOME));
    let unset = unset.get_public_access_block().account_id(SECURITY).send().await;
    assert_eq!(code(unset), "NoSuchPublicAccessBlockConfiguration");

    let recorders =
        aws_sdk_config::Client::new(&member).describe_configuration_recorders().send().await.unwrap();
    let recorder = recorders.configuration_recorders().first().unwrap();
    assert!(recorder.recording_group().unwrap().all_supported());
    let statuses =
        aws_sdk_config::Client::new(&member).describe_delivery_channel_status().send().await.unwrap();
    assert_eq!(statuses.delivery_channels_status().first().unwrap().name(), Some("default"));

    let security = aws_sdk_config::Client::new(&config(&fake, SECURITY, HOME));
    let aggregators = security.describe_configuration_aggregators().send().await.unwrap();
    let source = aggregators.configuration_aggregators()[0].organization_aggregation_source();
    assert!(source.unwrap().all_aws_regions());

    let logs = aws_sdk_cloudwatchlogs::Client::new(&member);
    let groups =
        logs.describe_log_groups().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    assert_eq!(groups.unwrap().last().unwrap().log_group_name(), Some("<i>\u{7}59"));
    assert_eq!(fake.calls(&Matcher::operation("logs", "DescribeLogGroups")), 2);
    let gone = logs.describe_subscription_filters().log_group_name("gone").send().await;
    assert_eq!(code(gone), "ResourceNotFoundException");
    let archive = config(&fake, ARCHIVE, HOME);
    let destinations =
        aws_sdk_cloudwatchlogs::Client::new(&archive).describe_destinations().send().await.unwrap();
    assert_eq!(destinations.destinations().len(), 1);

    let kms = aws_sdk_kms::Client::new(&archive);
    let key = fake_aws::healthy::trail_key(HOME);
    assert_eq!(
        kms.get_key_rotation_status().key_id(&key).send().await.unwrap().rotation_period_in_days(),
        Some(365)
    );
    assert!(
        kms.get_key_policy()
            .key_id(&key)
            .send()
            .await
            .unwrap()
            .policy()
            .unwrap()
            .contains("CloudTrailEncrypts")
    );
    assert!(!kms.list_grants().key_id(&key).send().await.unwrap().truncated());
    let foreign = aws_sdk_kms::Client::new(&member).describe_key().key_id(&key).send().await;
    assert_eq!(code(foreign), "AccessDeniedException");

    let iam = aws_sdk_iam::Client::new(&config(&fake, MANAGEMENT, HOME));
    let role = iam.get_role().role_name("CloudTrailToCloudWatchLogs").send().await.unwrap();
    assert!(role.role().unwrap().assume_role_policy_document().unwrap().starts_with("%7B"));
    let policies = iam.list_role_policies().role_name("CloudTrailToCloudWatchLogs").send().await.unwrap();
    assert_eq!(policies.policy_names(), ["DeliverEvents"]);
    assert_eq!(code(iam.get_role().role_name("gone").send().await), "NoSuchEntity");

    let regions = aws_sdk_account::Client::new(&member).list_regions().send().await.unwrap();
    assert_eq!(regions.regions().len(), 3);
    assert_eq!(fake.unexpected(), Vec::<String>::new());
    let closed = aws_sdk_config::Client::new(&config(&fake, MANAGEMENT, "me-south-1"));
    let closed = closed.describe_configuration_recorders().send().await;
    assert_eq!(code(closed), "UnrecognizedClientException");
}

#[tokio::test]
async fn an_assumed_session_is_held_to_its_policy() {
    let mut world = World::healthy(4, &REGIONS);
    world.external_id = Some("shared-word".to_owned());
    let fake = FakeAws::start(world);
    let client = aws_sdk_sts::Client::new(&config(&fake, MANAGEMENT, HOME));
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["cloudtrail:List*"],"Resource":"*"}}"#;
    let assume = |role: &str| {
        let arn = format!("arn:aws:iam::{}:role/{role}", workload(0));
        client.assume_role().role_arn(arn).role_session_name("trailproof").policy(policy)
    };
    assert_eq!(code(assume("TrailproofAudit").send().await), "AccessDenied");
    assert_eq!(code(assume("Missing").external_id("shared-word").send().await), "AccessDenied");
    let assumed = assume("TrailproofAudit").external_id("shared-word").send().await.unwrap();
    let keys = assumed.credentials().unwrap();
    let keys = Credentials {
        access_key_id: keys.access_key_id().to_owned(),
        secret_access_key: keys.secret_access_key().to_owned(),
        session_token: Some(keys.session_token().to_owned()),
    };
    let session = config_for(&fake, keys, HOME, RetryConfig::disabled());
    let identity = aws_sdk_sts::Client::new(&session).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(workload(0).as_str()));
    let trails = aws_sdk_cloudtrail::Client::new(&session);
    assert_eq!(trails.list_trails().send().await.unwrap().trails().len(), 1);
    assert_eq!(code(trails.describe_trails().send().await), "AccessDeniedException");
    assert_eq!(code(s3(&session).list_buckets().send().await), "AccessDenied");
    let refused: Vec<_> = fake.refused_actions().into_iter().map(|(_, action)| action).collect();
    assert_eq!(refused, ["cloudtrail:DescribeTrails", "s3:ListAllMyBuckets"]);
    assert_eq!(fake.sessions().first().unwrap().policy.as_deref(), Some(policy));
    fake.fault(Matcher::operation("sts", "AssumeRole").account(&workload(0)), Fault::AccessDenied);
    assert_eq!(code(assume("TrailproofAudit").external_id("shared-word").send().await), "AccessDenied");
    fake.clear_faults();
    let too_long = format!("{policy}{}", " ".repeat(2048));
    assert_eq!(code(assume("TrailproofAudit").policy(too_long).send().await), "ValidationError");
}

#[tokio::test]
async fn faults_are_worded_as_the_service_words_them() {
    let fake = FakeAws::start(World::healthy(3, &REGIONS));
    let base = config(&fake, ARCHIVE, HOME);
    let (buckets, trails) = (s3(&base), aws_sdk_cloudtrail::Client::new(&base));
    let (sts, account) = (aws_sdk_sts::Client::new(&base), aws_sdk_account::Client::new(&base));
    let logs = aws_sdk_cloudwatchlogs::Client::new(&base);
    for (fault, codes) in [
        (
            Fault::AccessDenied,
            ["AccessDenied", "AccessDeniedException", "AccessDenied", "AccessDeniedException"],
        ),
        (
            Fault::Throttle { times: 4 },
            ["SlowDown", "ThrottlingException", "Throttling", "TooManyRequestsException"],
        ),
        (
            Fault::ServerError { times: 4 },
            ["InternalError", "InternalFailure", "InternalFailure", "InternalFailure"],
        ),
        (
            Fault::ExpiredToken,
            ["ExpiredToken", "ExpiredTokenException", "ExpiredToken", "ExpiredTokenException"],
        ),
    ] {
        fake.fault(Matcher::any().account(ARCHIVE), fault);
        assert_eq!(code(buckets.get_bucket_acl().bucket(ARCHIVE_BUCKET).send().await), codes[0]);
        assert_eq!(code(trails.list_trails().send().await), codes[1]);
        assert_eq!(code(sts.get_caller_identity().send().await), codes[2]);
        assert_eq!(code(account.list_regions().send().await), codes[3]);
        if matches!(fault, Fault::Throttle { .. } | Fault::ServerError { .. }) {
            assert!(trails.list_trails().send().await.is_ok(), "{fault:?} is used up");
        }
        fake.clear_faults();
    }
    for fault in [Fault::Hang, Fault::CutConnection, Fault::MalformedBody, Fault::Html] {
        fake.fault(Matcher::service("logs").region(HOME), fault);
        assert!(logs.describe_log_groups().send().await.is_err(), "{fault:?}");
        fake.clear_faults();
    }
    // What a client makes of nothing is its own affair: it is no error, and no fact either.
    fake.fault(Matcher::service("logs"), Fault::EmptyBody);
    assert!(logs.describe_log_groups().send().await.unwrap().log_groups.is_none());
    fake.clear_faults();
    fake.fault(Matcher::operation("cloudtrail", "ListTrails"), Fault::Throttle { times: 2 });
    let patient = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let patient = config_for(&fake, FakeAws::credentials(ARCHIVE), HOME, patient);
    assert!(aws_sdk_cloudtrail::Client::new(&patient).list_trails().send().await.is_ok());
}

#[tokio::test]
async fn latency_delays_each_answer_without_queueing_them() {
    let fake = FakeAws::start(World::healthy(3, &REGIONS));
    fake.latency(Duration::from_millis(100));
    let client = aws_sdk_sts::Client::new(&config(&fake, MANAGEMENT, HOME));
    let started = std::time::Instant::now();
    let calls = (0..10).map(|_| client.get_caller_identity().send());
    assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
    assert!(started.elapsed() >= Duration::from_millis(100));
    assert_eq!(fake.max_concurrency(), 10);
}

#[test]
fn ten_thousand_accounts_are_built_at_once() {
    let started = std::time::Instant::now();
    let fake = FakeAws::start(World::healthy(10_000, &REGIONS));
    assert!(started.elapsed() < Duration::from_secs(10));
    drop(fake);
}
