//! A drawn question: policies as JSON text, a caller, and what the request carries.

use std::fmt;

use arbitrary::Arbitrary;
use serde_json::{Map, Value, json};

/// The account that the hierarchy is about.
pub(crate) const ACCOUNT: &str = "111111111111";
/// A further account that may be judged with it.
pub(crate) const SIBLING: &str = "222222222222";
/// The organization.
pub(crate) const ORGANIZATION: &str = "o-exampleorgid";

/// All that one run draws. Shown (`cargo fuzz fmt`) as the case that `trailproof guardrails simulate` reads.
#[derive(Arbitrary)]
pub struct Draw {
    pub(crate) service_control: Vec<Vec<PolicyDraw>>,
    pub(crate) resource_control: Option<Vec<Vec<PolicyDraw>>>,
    caller: u8,
    action: u8,
    resource: u8,
    context: Vec<(u8, u8)>,
    tag_keys: Vec<u8>,
    pub(crate) pattern: bool,
    pub(crate) designated: bool,
    pub(crate) identity: Option<Vec<PolicyDraw>>,
    pub(crate) boundary: Option<PolicyDraw>,
    pub(crate) session: Option<Vec<PolicyDraw>>,
    /// Of the resource: its statements are about everyone.
    pub(crate) resource_policy: Option<PolicyDraw>,
}

#[derive(Debug, Arbitrary)]
pub(crate) struct PolicyDraw {
    /// `FullAWSAccess`, most of the time; otherwise the statements.
    full: bool,
    statements: Vec<StatementDraw>,
}

#[derive(Debug, Arbitrary)]
struct StatementDraw {
    allow: bool,
    not_action: bool,
    not_resource: bool,
    actions: Few,
    resources: Few,
    conditions: Vec<ConditionDraw>,
}

#[derive(Debug, Arbitrary)]
struct ConditionDraw {
    set: u8,
    operator: u8,
    if_exists: bool,
    key: u8,
    values: Few,
    free: Option<String>,
}

/// One or two entries of a pool.
#[derive(Debug, Arbitrary)]
struct Few {
    first: u8,
    second: Option<u8>,
}

const CALLERS: [&str; 9] = [
    "arn:aws:iam::111111111111:role/app",
    "arn:aws:sts::111111111111:assumed-role/app/alice",
    "arn:aws:iam::111111111111:role/BreakGlass",
    "arn:aws:sts::111111111111:assumed-role/BreakGlass/alice",
    "arn:aws:iam::111111111111:role/ops/BreakGlass",
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::111111111111:root",
    "arn:aws:sts::111111111111:federated-user/bob",
    "arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
];
const ACTIONS: [&str; 5] = [
    "cloudtrail:StopLogging",
    "s3:DeleteObject",
    "s3:DeleteBucket",
    "kms:RetireGrant",
    "cloudtrail:ListTrails",
];
const RESOURCES: [(&str, &str); 6] = [
    ("arn:aws:cloudtrail:eu-west-1:111111111111:trail/local", "arn:aws:cloudtrail:*:111111111111:trail/*"),
    ("arn:aws:cloudtrail:eu-west-1:999999999999:trail/org", "arn:aws:cloudtrail:*:*:trail/*"),
    ("arn:aws:s3:::org-logs/AWSLogs/1.json.gz", "arn:aws:s3:::org-logs/*"),
    ("arn:aws:s3:::org-logs", "arn:aws:s3:::org-?ogs"),
    ("arn:aws:kms:eu-west-1:111111111111:key/1", "arn:aws:kms:eu-west-1:111111111111:key/*"),
    ("*", "*"),
];
const ACTION_PATTERNS: [&str; 12] = [
    "*",
    "cloudtrail:*",
    "cloudtrail:StopLogging",
    "CloudTrail:stoplogging",
    "cloudtrail:*Logging",
    "cloudtrail:Stop",
    "s3:*",
    "s3:Delete*",
    "s3:DeleteObjec?",
    "kms:*",
    "iam:CreateRole",
    "iam:*",
];
const RESOURCE_PATTERNS: [&str; 18] = [
    "*",
    "arn:aws:cloudtrail:*:*:trail/*",
    "arn:aws:cloudtrail:*:111111111111:trail/*",
    "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*",
    "arn:aws:cloudtrail:${Region}:${Account}:trail/*",
    "arn:aws:cloudtrail:*::trail/",
    "arn:aws:cloudtrail:*:trail/*",
    "arn:aws:cloudtrail:*:*:*",
    "arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team, 'local'}",
    "arn:aws:s3:::*",
    "arn:aws:s3:::org-logs",
    "arn:aws:s3:::org-logs/*",
    "arn:aws:s3:::org-logs*",
    "arn:aws:s3:::",
    "arn:aws:s3:::/*",
    "arn:aws:s3:::org-l?gs*",
    "arn:aws:iam::*:role/BreakGlass",
    "arn:aws:kms:*:*:key/*",
];
const SETS: [&str; 4] = ["", "", "ForAllValues:", "ForAnyValue:"];
const OPERATORS: [&str; 30] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Bool",
    "Null",
    "IpAddress",
    "NotIpAddress",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "BinaryEquals",
    "stringequals",
    "ARNLIKE",
    "bool",
];
const CONDITION_KEYS: [&str; 18] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:username",
    "aws:PrincipalTag/team",
    "AWS:principaltag/TEAM",
    "aws:PrincipalTag/break-glass",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:SourceIp",
    "aws:RequestedRegion",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:SourceVpce",
    "aws:ViaAWSService",
];
const CONDITION_VALUES: [&str; 36] = [
    "*",
    "true",
    "false",
    "audit",
    "Audit",
    "a*",
    "audi?",
    "111111111111",
    "222222222222",
    "1111*",
    "o-exampleorgid",
    "o-otherorgid00",
    "arn:aws:iam::*:role/BreakGlass",
    "arn:aws:iam::111111111111:role/BreakGlass",
    "arn:aws:iam::222222222222:role/BreakGlass",
    "arn:aws:iam::${aws:PrincipalAccount}:role/*",
    "arn:aws:sts::*:assumed-role/BreakGlass/*",
    "arn:aws:iam::*:root",
    "arn:aws:iam::*:role/*BreakGlass",
    "arn:*",
    "203.0.113.0/24",
    "10.0.0.0/8",
    "2001:db8::/32",
    "0.0.0.0/0",
    "10",
    "10.0",
    "-1",
    "2026-07-01T00:00:00Z",
    "2026-07-01",
    "1782864000",
    "User",
    "AssumedRole",
    "Account",
    "eu-west-1",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team, 'audit'}",
];
/// Keys that a request may carry besides those that follow from the caller, each with values of its type.
const CARRIED: [(&str, &[&str]); 12] = [
    // No tag can hold an asterisk.
    ("aws:PrincipalTag/team", &["audit", "Audit", "a+", "sales"]),
    ("aws:PrincipalTag/break-glass", &["true", "yes"]),
    ("aws:MultiFactorAuthPresent", &["true", "false"]),
    ("aws:MultiFactorAuthAge", &["10", "9", "100"]),
    ("aws:SourceIp", &["203.0.113.9", "198.51.100.9", "10.1.2.3", "2001:db8::1"]),
    ("aws:RequestedRegion", &["eu-west-1", "us-east-1"]),
    ("aws:CurrentTime", &["2026-07-01T00:00:00Z", "2026-06-30T23:59:59Z"]),
    ("aws:SecureTransport", &["true", "false"]),
    ("aws:SourceVpce", &["vpce-1"]),
    ("aws:ViaAWSService", &["true", "false"]),
    ("aws:SourceArn", &["arn:aws:sns:eu-west-1:111111111111:t"]),
    ("s3:max-keys", &["10"]),
];

fn pick<T: Copy>(pool: &[T], draw: u8) -> T {
    pool[usize::from(draw) % pool.len()]
}

impl Few {
    fn of(&self, pool: &[&str]) -> Value {
        match self.second {
            None => json!(pick(pool, self.first)),
            Some(second) => json!([pick(pool, self.first), pick(pool, second)]),
        }
    }
}

impl Draw {
    pub(crate) fn caller(&self) -> &'static str {
        pick(&CALLERS, self.caller)
    }

    pub(crate) fn action(&self) -> &'static str {
        pick(&ACTIONS, self.action)
    }

    /// The resource of the request, and a pattern that it is of.
    pub(crate) fn resource(&self) -> (&'static str, &'static str) {
        pick(&RESOURCES, self.resource)
    }

    pub(crate) fn context(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut context: Vec<(&str, Vec<String>)> = Vec::new();
        for (key, value) in &self.context {
            let (key, values) = pick(&CARRIED, *key);
            if context.iter().all(|(given, _)| *given != key) {
                context.push((key, vec![pick(values, *value).to_owned()]));
            }
        }
        let tag_keys =
            self.tag_keys.iter().take(3).map(|draw| pick(&["audit", "a*", "owner"], *draw).to_owned());
        context.push(("aws:TagKeys", tag_keys.collect()));
        context
    }
}

impl fmt::Debug for Draw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resource, pattern) = self.resource();
        let full = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let one = |policy: &PolicyDraw, of_resource: bool| -> Value {
            serde_json::from_str(&policy.text(of_resource)).unwrap_or_default()
        };
        let all = |policies: &[PolicyDraw], of_resource: bool| -> Vec<Value> {
            policies.iter().take(3).map(|policy| one(policy, of_resource)).collect()
        };
        let levels = |levels: &[Vec<PolicyDraw>], resource_control: bool| {
            let mut shown: Vec<Value> = Vec::new();
            for (index, policies) in levels.iter().take(3).enumerate() {
                let policies = all(policies, resource_control);
                shown.push(json!({"id": format!("ou-{index}"), "policies": policies}));
            }
            let account = if resource_control { vec![] } else { vec![full.clone()] };
            shown.push(json!({"id": ACCOUNT, "policies": account}));
            shown
        };
        let mut case = json!({
            "hierarchy": levels(&self.service_control, false),
            "principal": self.caller(),
            "action": self.action(),
            "resource": if self.pattern { pattern } else { resource },
            "context": self.context().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "orgId": ORGANIZATION,
        });
        if let Some(resource_control) = &self.resource_control {
            case["rcpHierarchy"] = json!(levels(resource_control, true));
        }
        if let Some(policies) = &self.identity {
            case["identityPolicies"] = json!(all(policies, false));
        }
        if let Some(policy) = &self.boundary {
            case["permissionsBoundary"] = one(policy, false);
        }
        if let Some(policies) = &self.session {
            case["sessionPolicies"] = json!(all(policies, false));
        }
        if let Some(policy) = &self.resource_policy {
            case["resourcePolicy"] = one(policy, true);
        }
        write!(formatter, "{case}\ndesignated: {}", self.designated)
    }
}

impl PolicyDraw {
    /// The document's text.
    pub(crate) fn text(&self, resource_control: bool) -> String {
        let mut statements: Vec<Value> =
            self.statements.iter().take(3).map(|statement| statement.json(resource_control)).collect();
        if self.full || statements.is_empty() {
            let mut full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
            if resource_control {
                full["Principal"] = json!("*");
            }
            statements.push(full);
        }
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }
}

impl StatementDraw {
    fn json(&self, resource_control: bool) -> Value {
        let mut statement = Map::new();
        let allow = self.allow && !resource_control;
        statement.insert("Effect".to_owned(), json!(if allow { "Allow" } else { "Deny" }));
        if resource_control {
            statement.insert("Principal".to_owned(), json!("*"));
        }
        let action = if self.not_action { "NotAction" } else { "Action" };
        statement.insert(action.to_owned(), self.actions.of(&ACTION_PATTERNS));
        let resource = if self.not_resource { "NotResource" } else { "Resource" };
        statement.insert(resource.to_owned(), self.resources.of(&RESOURCE_PATTERNS));
        let mut conditions: Map<String, Value> = Map::new();
        for condition in self.conditions.iter().take(2) {
            let (operator, key, values) = condition.json();
            conditions.insert(operator, json!({ key: values }));
        }
        if !conditions.is_empty() {
            statement.insert("Condition".to_owned(), Value::Object(conditions));
        }
        Value::Object(statement)
    }
}

impl ConditionDraw {
    fn json(&self) -> (String, &'static str, Value) {
        let operator = pick(&OPERATORS, self.operator);
        let key = pick(&CONDITION_KEYS, self.key);
        if operator == "Null" {
            return (operator.to_owned(), key, json!(if self.if_exists { "true" } else { "false" }));
        }
        let if_exists = if self.if_exists { "IfExists" } else { "" };
        let values = match &self.free {
            Some(free) => json!(free.chars().take(40).collect::<String>()),
            None => self.values.of(&CONDITION_VALUES),
        };
        (format!("{}{operator}{if_exists}", pick(&SETS, self.set)), key, values)
    }
}
