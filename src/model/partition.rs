//! Partitions of AWS and their regions, from the AWS General Reference, for where `account:ListRegions` does not answer.

/// A partition of AWS: regions that share accounts and credentials.
struct Partition {
    id: &'static str,
    /// Enabled in every account.
    default: &'static [&'static str],
    /// Enabled where an account opts in.
    optional: &'static [&'static str],
}

const PARTITIONS: &[Partition] = &[
    Partition {
        id: "aws",
        default: &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
        optional: &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-south-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "eu-central-2",
            "eu-south-1",
            "eu-south-2",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
        ],
    },
    Partition { id: "aws-us-gov", default: &["us-gov-east-1", "us-gov-west-1"], optional: &[] },
    Partition { id: "aws-cn", default: &["cn-north-1", "cn-northwest-1"], optional: &[] },
    Partition { id: "aws-eusc", default: &["eusc-de-east-1"], optional: &[] },
    Partition { id: "aws-iso", default: &["us-iso-east-1", "us-iso-west-1"], optional: &[] },
    Partition { id: "aws-iso-b", default: &["us-isob-east-1", "us-isob-west-1"], optional: &[] },
];

fn partition(id: &str) -> Option<&'static Partition> {
    PARTITIONS.iter().find(|partition| partition.id == id)
}

/// Regions that are enabled in every account of the partition; none where the partition is not known.
pub(crate) fn default_regions(partition_id: &str) -> &'static [&'static str] {
    partition(partition_id).map_or(&[], |partition| partition.default)
}

/// All regions of the partition that this release knows.
pub(crate) fn partition_regions(partition_id: &str) -> Vec<&'static str> {
    partition(partition_id).map_or_else(Vec::new, |partition| {
        partition.default.iter().chain(partition.optional).copied().collect()
    })
}

/// Accounts of the partition may opt in to regions; elsewhere every account has them all, and AWS offers no
/// `account:ListRegions` to ask.
pub(crate) fn has_optional_regions(partition_id: &str) -> bool {
    partition(partition_id).is_none_or(|partition| !partition.optional.is_empty())
}

/// The partition of a region that this release knows.
pub(crate) fn partition_of_region(region: &str) -> Option<&'static str> {
    PARTITIONS
        .iter()
        .find(|partition| partition.default.contains(&region) || partition.optional.contains(&region))
        .map(|partition| partition.id)
}

/// Every region of every partition that this release knows.
pub(crate) fn all_regions() -> impl Iterator<Item = &'static str> {
    PARTITIONS.iter().flat_map(|partition| partition.default.iter().chain(partition.optional)).copied()
}
