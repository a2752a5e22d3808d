//! Session policies: what a session may call at most, and the IAM action of each operation.

use serde_json::Value;

/// The session policy of a session; `Resource` and `Condition` are not looked at.
#[derive(Clone, Debug)]
pub struct SessionPolicy {
    allowed: Vec<String>,
    denied: Vec<String>,
}

impl SessionPolicy {
    /// `None` where STS would answer `MalformedPolicyDocument`.
    pub fn parse(text: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        let statements = match document.get("Statement")? {
            Value::Array(statements) => statements.clone(),
            single => vec![single.clone()],
        };
        let (mut allowed, mut denied) = (Vec::new(), Vec::new());
        for statement in &statements {
            let actions = match statement.get("Action")? {
                Value::Array(actions) => {
                    actions.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                Value::String(action) => vec![action.clone()],
                _ => return None,
            };
            statement.get("Resource")?;
            match statement.get("Effect")?.as_str()? {
                "Allow" => allowed.extend(actions),
                "Deny" => denied.extend(actions),
                _ => return None,
            }
        }
        Some(Self { allowed, denied })
    }

    /// Whether the policy lets the action through.
    pub fn allows(&self, action: &str) -> bool {
        let matches = |patterns: &[String]| patterns.iter().any(|pattern| action_matches(pattern, action));
        matches(&self.allowed) && !matches(&self.denied)
    }
}

/// `*` and `?`, letters of either case.
fn action_matches(pattern: &str, action: &str) -> bool {
    fn rest(pattern: &[u8], action: &[u8]) -> bool {
        match (pattern.split_first(), action.split_first()) {
            (None, None) => true,
            (Some((b'*', after)), None) => rest(after, action),
            (Some((b'*', after)), Some((_, shorter))) => rest(after, action) || rest(pattern, shorter),
            (Some((p, after)), Some((a, shorter))) => {
                (*p == b'?' || p.eq_ignore_ascii_case(a)) && rest(after, shorter)
            }
            _ => false,
        }
    }
    rest(pattern.as_bytes(), action.as_bytes())
}

/// The action of the Service Authorization Reference that the operation needs.
pub fn iam_action(service: &str, operation: &str) -> String {
    let action = match (service, operation) {
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "HeadBucket" | "ListObjects" | "ListObjectsV2") => "ListBucket",
        ("s3", "GetObjectLockConfiguration") => "GetBucketObjectLockConfiguration",
        ("s3", "GetBucketLifecycleConfiguration") => "GetLifecycleConfiguration",
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "GetBucketReplication") => "GetReplicationConfiguration",
        ("s3", "GetBucketNotificationConfiguration") => "GetBucketNotification",
        ("s3", "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        ("s3control", "GetPublicAccessBlock") => "GetAccountPublicAccessBlock",
        (_, other) => other,
    };
    let prefix = if service == "s3control" { "s3" } else { service };
    format!("{prefix}:{action}")
}
