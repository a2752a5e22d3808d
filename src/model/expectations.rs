//! What the organization says of itself: which places, principals and names are the intended ones.
//!
//! From the configuration's `[organization]` table; `collect` and `facts` read it, nothing changes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::Glob;

/// The intended logging set-up. Empty lists and `None` leave it to what the scan finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Expectations {
    /// The archive bucket. Left out, it is the bucket of the organization trail.
    pub archive_bucket: Option<String>,
    /// Accounts that may be delegated administrators and may own keys, aggregators and central streams. Left out,
    /// they are CloudTrail's delegated administrators.
    pub security_accounts: Vec<String>,
    /// Accounts (twelve digits) and principals (ARN patterns with `*`) that may read the archive and decrypt logs,
    /// besides the archive account and the security accounts.
    pub log_readers: Vec<String>,
    /// Accounts (twelve digits) and principals (ARN patterns with `*`) that may write into log buckets themselves, besides
    /// the owner's account, the archive account and the security accounts.
    pub log_writers: Vec<String>,
    /// Regions in which a trail may have its home. Left out, any.
    pub home_regions: Vec<String>,
    /// Name patterns of log groups whose only copy is in CloudWatch Logs, and which must therefore be subscribed to a
    /// central destination.
    pub centralized_log_groups: Vec<String>,
    /// Event sources (`s3.amazonaws.com`) of which trails must record what passes through VPC endpoints. Left out,
    /// none.
    pub network_activity_sources: Vec<String>,
    /// Buckets outside the archive account that may replicate into the archive.
    pub replication_sources: Vec<String>,
    /// Roles that guardrails may exempt: patterns of their ARNs (`arn:aws:iam::*:role/BreakGlass`), or names with
    /// their path. Left out, none.
    pub break_glass_roles: Vec<String>,
    /// The role by which auditors read accounts, by its name with the path. Left out, the one that a scan assumes where
    /// it is told no other.
    pub audit_role: Option<String>,
    /// Prefixes of services (`sns`) that resource control policies bind, besides those of AWS's list that this release
    /// knows.
    pub resource_controlled_services: Vec<String>,
}

impl Default for Expectations {
    fn default() -> Self {
        let groups = [
            "/aws/rds/*",
            "/aws/docdb/*",
            "/aws/neptune/*",
            "/aws/eks/*/cluster",
            "/aws/apigateway/*",
            "API-Gateway-Execution-Logs_*",
            "/aws/OpenSearchService/*",
            "/aws/opensearch/*",
        ];
        Self {
            archive_bucket: None,
            security_accounts: Vec::new(),
            log_readers: Vec::new(),
            log_writers: Vec::new(),
            home_regions: Vec::new(),
            centralized_log_groups: groups.map(str::to_owned).to_vec(),
            network_activity_sources: Vec::new(),
            replication_sources: Vec::new(),
            break_glass_roles: Vec::new(),
            audit_role: None,
            resource_controlled_services: Vec::new(),
        }
    }
}

impl Expectations {
    /// The log group's name is one of those that must be centralized.
    pub fn must_centralize(&self, log_group_name: &str) -> bool {
        self.centralized_log_groups.iter().any(|pattern| glob(pattern, log_group_name))
    }
}

/// `text` matches `pattern`, where `*` is any run of characters and `?` any one. Case counts.
pub fn glob(pattern: &str, text: &str) -> bool {
    Glob::wildcard(pattern).matches(text)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_glob_matches_whole_texts_only() {
        assert!(glob("/aws/eks/*/cluster", "/aws/eks/blue/cluster"));
        assert!(glob("*", ""));
        assert!(glob("a*b*c", "a-b-b-c"));
        assert!(glob("gr?n", "grün"));
        assert!(!glob("/aws/eks/*/cluster", "/aws/eks/blue/cluster/x"));
        assert!(!glob("a?", "a"));
        assert!(!glob("", "a"));
    }
}
