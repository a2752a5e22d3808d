//! CloudWatch Logs: central destinations in the archive account, log groups in the platform account.

use aws_sdk_cloudwatchlogs::Client;
use serde_json::json;

use crate::HOME;
use crate::clients::Session;
use crate::organization::Organization;

/// Where log groups are subscribed to.
pub(crate) const DESTINATION: &str = "central-logs";

/// How many log groups come before the interesting ones: AWS and the emulator list fifty at a time.
pub(crate) const JOBS: usize = 55;

/// Makes destinations and log groups.
pub(crate) async fn build(organization: &Organization, management: &Session) {
    let archive = organization.enter(management, "log-archive").await;
    let ours = json!({"StringEquals": {"aws:PrincipalOrgID": organization.id}});
    offer(organization, &archive, HOME, Some(ours)).await;
    offer(organization, &archive, "eu-west-1", None).await;

    let platform = organization.enter(management, "platform").await;
    let client = platform.logs("eu-west-1");
    for number in 0..JOBS {
        group(&client, &format!("/app/job-{number:02}"), Some(400)).await;
    }
    let destination = destination_arn(organization, "eu-west-1");
    for (name, days, pattern) in [
        ("/aws/rds/cluster/alpha/postgresql", Some(400), Some("")),
        ("/aws/eks/blue/cluster", None, Some("ERROR")),
        ("/aws/rds/cluster/omega/postgresql", Some(30), None),
    ] {
        group(&client, name, days).await;
        if let Some(pattern) = pattern {
            let request = client.put_subscription_filter().log_group_name(name).filter_name("central");
            request
                .filter_pattern(pattern)
                .destination_arn(&destination)
                .send()
                .await
                .expect("it is subscribed");
        }
    }
    // As guides to DNS query logs have it: Route 53 writes for anyone.
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"}, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:*:*:log-group:/aws/route53/*"}]});
    let request =
        client.put_resource_policy().policy_name("dns-query-logs").policy_document(policy.to_string());
    request.send().await.expect("it is put");
    group(&platform.logs("eu-central-1"), "/aws/rds/cluster/delta/postgresql", Some(400)).await;
}

fn destination_arn(organization: &Organization, region: &str) -> String {
    format!("arn:aws:logs:{region}:{}:destination:{DESTINATION}", organization.account("log-archive"))
}

/// A destination that this condition narrows; without one, everybody may subscribe.
async fn offer(
    organization: &Organization,
    archive: &Session,
    region: &str,
    condition: Option<serde_json::Value>,
) {
    let client = archive.logs(region);
    let owner = organization.account("log-archive");
    let request = client.put_destination().destination_name(DESTINATION);
    let request = request.target_arn(format!("arn:aws:kinesis:{region}:{owner}:stream/{DESTINATION}"));
    request
        .role_arn(format!("arn:aws:iam::{owner}:role/logs-to-stream"))
        .send()
        .await
        .expect("it is offered");
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "logs:PutSubscriptionFilter",
        "Resource": destination_arn(organization, region)});
    if let (Some(condition), Some(statement)) = (condition, statement.as_object_mut()) {
        statement.insert("Condition".to_owned(), condition);
    }
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    let request =
        client.put_destination_policy().destination_name(DESTINATION).access_policy(policy.to_string());
    request.send().await.expect("it may be used");
    // The emulator takes a destination for a log group, and refuses subscriptions to one that does not exist.
    group(&client, DESTINATION, Some(400)).await;
}

async fn group(client: &Client, name: &str, days: Option<i32>) {
    client.create_log_group().log_group_name(name).send().await.expect("a log group is made");
    if let Some(days) = days {
        let request = client.put_retention_policy().log_group_name(name).retention_in_days(days);
        request.send().await.expect("its retention is set");
    }
}
