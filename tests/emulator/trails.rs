//! Trails of workload accounts, each with one known defect.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::create_trail::builders::CreateTrailFluentBuilder;
use aws_sdk_cloudtrail::types::builders::AdvancedFieldSelectorBuilder;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, InsightSelector, InsightType};
use aws_sdk_s3::types::{
    DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination, ReplicationConfiguration,
    ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus,
};
use serde_json::json;

use crate::archive::{ARCHIVE_BUCKET, Archive};
use crate::buckets;
use crate::clients::Session;
use crate::organization::Organization;
use crate::{ARCHIVE_REGION, HOME};

/// What a trail is made of; multi-region with log file validation unless said otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trail<'a> {
    name: &'a str,
    bucket: &'a str,
    multi_region: bool,
    validated: bool,
    key_arn: Option<&'a str>,
}

impl<'a> Trail<'a> {
    /// A trail as it should be, but for its encryption.
    pub(crate) fn new(name: &'a str, bucket: &'a str) -> Self {
        Self { name, bucket, multi_region: true, validated: true, key_arn: None }
    }

    /// The same, encrypted with this key.
    pub(crate) fn encrypted(self, key_arn: &'a str) -> Self {
        Self { key_arn: Some(key_arn), ..self }
    }
}

/// Makes a trail, which does not log yet.
pub(crate) async fn create(
    client: &Client,
    trail: &Trail<'_>,
    more: impl FnOnce(CreateTrailFluentBuilder) -> CreateTrailFluentBuilder,
) {
    let request = client
        .create_trail()
        .name(trail.name)
        .s3_bucket_name(trail.bucket)
        .is_multi_region_trail(trail.multi_region)
        .include_global_service_events(trail.multi_region)
        .enable_log_file_validation(trail.validated)
        .set_kms_key_id(trail.key_arn.map(str::to_owned));
    more(request).send().await.expect("a trail is made");
}

/// Switches a trail on.
pub(crate) async fn start(client: &Client, name: &str) {
    client.start_logging().name(name).send().await.expect("a trail is started");
}

/// Switches Insights on.
pub(crate) async fn watch_rates(client: &Client, name: &str) {
    let selector = InsightSelector::builder().insight_type(InsightType::ApiCallRateInsight).build();
    let request = client.put_insight_selectors().trail_name(name).insight_selectors(selector);
    request.send().await.expect("insights are on");
}

/// Sets a trail's advanced event selectors. The emulator has no default ones, as AWS does.
pub(crate) async fn select(client: &Client, name: &str, selectors: Vec<AdvancedEventSelector>) {
    let request = client.put_event_selectors().trail_name(name).set_advanced_event_selectors(Some(selectors));
    request.send().await.expect("events are selected");
}

/// All management events but those of these services.
pub(crate) fn management_events(without: &[&str]) -> AdvancedEventSelector {
    let category = field("eventCategory").equals("Management");
    let sources = without.iter().fold(field("eventSource"), |field, source| field.not_equals(*source));
    match without {
        [] => selector("management", [category]),
        _ => selector("management", [category, sources]),
    }
}

/// One selector of several conditions.
pub(crate) fn selector<const N: usize>(
    name: &str,
    fields: [AdvancedFieldSelectorBuilder; N],
) -> AdvancedEventSelector {
    let whole = |field: AdvancedFieldSelectorBuilder| -> AdvancedFieldSelector {
        field.build().expect("it is whole")
    };
    let fields = fields.into_iter().map(whole).collect();
    let selector = AdvancedEventSelector::builder().name(name).set_field_selectors(Some(fields));
    selector.build().expect("it is whole")
}

/// The beginning of a condition on a field of events.
pub(crate) fn field(name: &str) -> AdvancedFieldSelectorBuilder {
    AdvancedFieldSelector::builder().field(name)
}

/// The role with which CloudTrail writes to a log group.
pub(crate) async fn log_group_role(session: &Session, group_arn: &str) -> String {
    let name = "CloudTrailToLogs";
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "cloudtrail.amazonaws.com"}}]});
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": group_arn}]});
    let client = session.iam();
    let request = client.create_role().role_name(name).assume_role_policy_document(trust.to_string());
    let role = request.send().await.expect("a role is made").role.expect("it is described");
    let request =
        client.put_role_policy().role_name(name).policy_name("write").policy_document(policy.to_string());
    request.send().await.expect("it may write");
    role.arn
}

/// Makes the defective trails.
pub(crate) async fn build(organization: &Organization, management: &Session, archive: &Archive) {
    without_validation(organization, management).await;
    stopped(organization, management).await;
    without_key_events(organization, management).await;
    with_a_dying_key(organization, management, archive).await;
}

/// payments: one region, no digest files, its own bucket, which everybody may read.
async fn without_validation(organization: &Organization, management: &Session) {
    let session = organization.enter(management, "payments").await;
    let bucket = "example-payments-logs";
    let s3 = session.s3(HOME);
    buckets::create(&s3, HOME, bucket, false).await;
    let account = organization.account("payments");
    buckets::set_policy(&s3, bucket, json!([
        {"Sid": "CloudTrailWrites", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/*")},
        {"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:DeleteObject"],
         "Resource": format!("arn:aws:s3:::{bucket}/*")},
    ]))
    .await;
    let client = session.cloudtrail(HOME);
    let trail = Trail { multi_region: false, validated: false, ..Trail::new("payments-trail", bucket) };
    create(&client, &trail, |request| request).await;
    select(&client, trail.name, vec![management_events(&[])]).await;
    start(&client, trail.name).await;
}

/// orders: stopped, its own bucket, which asks for TLS of readers alone and replicates to the archive unasked.
///
/// That a rule replicates delete markers cannot be tried here: the emulator says of every rule that it does not.
async fn stopped(organization: &Organization, management: &Session) {
    let session = organization.enter(management, "orders").await;
    let bucket = "example-orders-logs";
    let s3 = session.s3(HOME);
    buckets::create(&s3, HOME, bucket, false).await;
    buckets::protect(&s3, bucket).await;
    buckets::encrypt(&s3, bucket, None).await;
    let account = organization.account("orders");
    let trail_arn = format!("arn:aws:cloudtrail:{HOME}:{account}:trail/orders-trail");
    buckets::set_policy(&s3, bucket, json!([
        {"Sid": "CloudTrailWrites", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/*"),
         "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}}},
        buckets::tls_only(bucket, "s3:GetObject"),
    ]))
    .await;
    let destination = Destination::builder().bucket(format!("arn:aws:s3:::{ARCHIVE_BUCKET}"));
    let deletions =
        DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build();
    let rule = ReplicationRule::builder()
        .id("to-archive")
        .priority(1)
        .filter(ReplicationRuleFilter::builder().prefix("").build())
        .status(ReplicationRuleStatus::Enabled)
        .delete_marker_replication(deletions)
        .destination(destination.build().expect("it is whole"))
        .build()
        .expect("it is whole");
    let role = format!("arn:aws:iam::{account}:role/replicate-logs");
    let rules = ReplicationConfiguration::builder().role(role).rules(rule).build().expect("it is whole");
    let request = s3.put_bucket_replication().bucket(bucket).replication_configuration(rules);
    request.send().await.expect("replication is set");

    let client = session.cloudtrail(HOME);
    let trail = Trail::new("orders-trail", bucket);
    create(&client, &trail, |request| request).await;
    select(&client, trail.name, vec![management_events(&[])]).await;
    start(&client, trail.name).await;
    client.stop_logging().name(trail.name).send().await.expect("it is stopped");
}

/// ledger: drops the events of KMS by an advanced selector; its key is never rotated.
async fn without_key_events(organization: &Organization, management: &Session) {
    let session = organization.enter(management, "ledger").await;
    let key = session
        .kms(ARCHIVE_REGION)
        .create_key()
        .description("never rotated")
        .multi_region(false)
        .send()
        .await;
    let key_arn = key.expect("a key is made").key_metadata.and_then(|key| key.arn).expect("it has an ARN");
    let client = session.cloudtrail(HOME);
    let trail = Trail::new("ledger-trail", ARCHIVE_BUCKET).encrypted(&key_arn);
    create(&client, &trail, |request| request).await;
    select(&client, trail.name, vec![management_events(&["kms.amazonaws.com"])]).await;
    start(&client, trail.name).await;
}

/// vault: its key is about to be deleted. A second trail of the same events is encrypted with the archive's.
async fn with_a_dying_key(organization: &Organization, management: &Session, archive: &Archive) {
    let session = organization.enter(management, "vault").await;
    let kms = session.kms(ARCHIVE_REGION);
    let key =
        kms.create_key().description("about to go").multi_region(false).send().await.expect("a key is made");
    let key = key.key_metadata.expect("it is described");
    kms.enable_key_rotation().key_id(&key.key_id).send().await.expect("it is rotated");
    // By its identity: the emulator does not find it here by its ARN.
    kms.schedule_key_deletion().key_id(&key.key_id).pending_window_in_days(7).send().await.expect("it goes");
    let key_arn = key.arn.expect("it has an ARN");
    let client = session.cloudtrail(ARCHIVE_REGION);
    for (name, key) in [("vault-trail", &key_arn), ("vault-trail-again", &archive.key_arn)] {
        let trail = Trail::new(name, ARCHIVE_BUCKET).encrypted(key);
        create(&client, &trail, |request| request).await;
        select(&client, name, vec![management_events(&[])]).await;
        start(&client, name).await;
    }
}
