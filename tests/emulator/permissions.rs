//! A small organization whose policies are enforced: one account lets nobody in, one keeps a call to itself.

use serde_json::{Value, json};

use crate::HOME;
use crate::buckets;
use crate::clients::Session;
use crate::organization::Organization;
use crate::trails::{self, Trail};

/// The accounts besides the management account.
pub(crate) const ACCOUNTS: [&str; 3] = ["open", "closed", "half-open"];

const ROLE: &str = "OrganizationAccountAccessRole";

/// The access key of a person who may audit.
pub(crate) struct AccessKey {
    /// Its public half.
    pub(crate) id: String,
    /// Its secret half.
    pub(crate) secret: String,
}

/// Fills the accounts, each with a trail that logs to its own bucket, and makes an auditor.
///
/// The auditor may not assume the role of `closed`; the role of `half-open` may not ask whether a trail logs.
pub(crate) async fn build(organization: &Organization, management: &Session) -> AccessKey {
    for name in ACCOUNTS {
        let session = organization.enter(management, name).await;
        let denied = if name == "half-open" { "cloudtrail:GetTrailStatus" } else { "cloudtrail:StopLogging" };
        role(&session, denied).await;
        let bucket = format!("example-{name}-logs");
        buckets::create(&session.s3(HOME), HOME, &bucket, false).await;
        let trail_name = format!("{name}-trail");
        let client = session.cloudtrail(HOME);
        trails::create(&client, &Trail::new(&trail_name, &bucket), |request| request).await;
        trails::select(&client, &trail_name, vec![trails::management_events(&[])]).await;
        trails::start(&client, &trail_name).await;
    }
    auditor(organization, management).await
}

/// Narrows the role that Organizations has made.
async fn role(session: &Session, denied: &str) {
    let policy = everything_but(denied, "*");
    let request = session.iam().put_role_policy().role_name(ROLE).policy_name("audit");
    request.policy_document(policy.to_string()).send().await.expect("it may audit");
}

async fn auditor(organization: &Organization, management: &Session) -> AccessKey {
    let client = management.iam();
    client.create_user().user_name("auditor").send().await.expect("a user is made");
    let closed = format!("arn:aws:iam::{}:role/{ROLE}", organization.account("closed"));
    let policy = everything_but("sts:AssumeRole", &closed);
    let request = client.put_user_policy().user_name("auditor").policy_name("audit");
    request.policy_document(policy.to_string()).send().await.expect("it may audit");
    let key = client.create_access_key().user_name("auditor").send().await.expect("a key is made");
    let key = key.access_key.expect("it is told");
    AccessKey { id: key.access_key_id, secret: key.secret_access_key }
}

fn everything_but(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": action, "Resource": resource}]})
}
