//! The actions that matter on a log bucket, a key and a log destination, and the resource that each works on.

use std::sync::LazyLock;

use crate::document::{ActionPattern, Statement};
use crate::glob::Glob;
use crate::reference::{self, Name};
use crate::request::Target;

/// A resource whose policy is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditedResource {
    /// A bucket and its objects, by the bucket's ARN.
    Bucket(String),
    /// A KMS key, by its ARN.
    Key(String),
    /// A CloudWatch Logs destination, by its ARN.
    LogDestination(String),
}

/// Actions by which a caller uses a key, shares it, takes it over or ends its use: all that AWS's reference lists for a
/// key, but for those that only read what is known of it.
pub fn key_uses() -> impl Iterator<Item = &'static str> {
    ON_KEYS.iter().map(String::as_str).filter(|action| !contains(KEY_READS, action))
}

/// The others.
const KEY_READS: &[&str] = &[
    "kms:DescribeKey",
    "kms:GetKeyLastUsage",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetParametersForImport",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
];

static ON_KEYS: LazyLock<Vec<String>> = LazyLock::new(|| actions_on("kms", "key"));

/// Actions on a bucket itself, by AWS's reference.
static ON_BUCKETS: LazyLock<Vec<String>> = LazyLock::new(|| actions_on("s3", "bucket"));

/// Actions on objects.
static ON_OBJECTS: LazyLock<Vec<String>> = LazyLock::new(|| actions_on("s3", "object"));

/// Actions on a log destination: those of AWS's reference that write, and the one by which a whole account subscribes.
/// Tags change nothing of it.
pub(super) const DESTINATION_ACTIONS: &[&str] = &[
    "logs:DeleteDestination",
    "logs:PutAccountPolicy",
    "logs:PutDestination",
    "logs:PutDestinationPolicy",
    "logs:PutSubscriptionFilter",
];

impl AuditedResource {
    /// The objects of a bucket, as an ARN pattern.
    pub(super) fn objects_of(bucket_arn: &str) -> Target {
        Target::resources(&format!("{bucket_arn}/*"))
    }

    /// The target that an action on this resource works on. One that is not known to work on objects only or on
    /// the bucket only is given both.
    pub(super) fn targets(&self, action: &str) -> Vec<Target> {
        match self {
            Self::Bucket(arn) => {
                let (bucket, objects) = (Target::exact(arn), Self::objects_of(arn));
                if contains(&ON_BUCKETS, action) {
                    vec![bucket]
                } else if contains(&ON_OBJECTS, action) {
                    vec![objects]
                } else {
                    vec![bucket, objects]
                }
            }
            Self::Key(arn) | Self::LogDestination(arn) => vec![Target::exact(arn)],
        }
    }

    /// The actions of this resource that match one of the patterns and that the statement may be about: the known
    /// ones, and those that the statement itself names.
    pub(super) fn actions_of(&self, statement: &Statement, wanted: &[&str]) -> Vec<String> {
        let wanted: Vec<Glob> = wanted.iter().map(|pattern| Glob::wildcard(pattern).lowercase()).collect();
        let named = statement.action.patterns.iter().map(ActionPattern::text);
        let named = named.filter(|text| !statement.action.negated && !text.contains(['*', '?']));
        let mut actions: Vec<String> = Vec::new();
        for action in self.known_actions().into_iter().chain(named) {
            let folded = action.to_ascii_lowercase();
            if wanted.iter().any(|glob| glob.matches(&folded))
                && !actions.iter().any(|seen| seen.eq_ignore_ascii_case(action))
                && !statement.covers_action(&Target::exact(action)).is_false()
            {
                actions.push(action.to_owned());
            }
        }
        actions
    }

    pub(super) fn known_actions(&self) -> Vec<&'static str> {
        match self {
            Self::Bucket(_) => ON_BUCKETS.iter().chain(ON_OBJECTS.iter()).map(String::as_str).collect(),
            Self::Key(_) => ON_KEYS.iter().map(String::as_str).collect(),
            Self::LogDestination(_) => DESTINATION_ACTIONS.to_vec(),
        }
    }
}

/// The actions of a service that are asked on a type of resource, as policies name them.
fn actions_on(prefix: &str, kind: &str) -> Vec<String> {
    let names = reference::actions(prefix).into_iter().map(|name| format!("{prefix}:{name}"));
    let is_asked = |action: &String| match reference::look_up(action) {
        Name::Action(known) => known.resources.iter().any(|resource| resource.name == kind),
        _ => false,
    };
    names.filter(is_asked).collect()
}

fn contains<S: AsRef<str>>(actions: &[S], action: &str) -> bool {
    actions.iter().any(|known| known.as_ref().eq_ignore_ascii_case(action))
}
