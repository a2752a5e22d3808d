//! Partitions of AWS and their regions, for where `account:ListRegions` does not answer: from a dated file that
//! `scripts/refresh-reference` makes of AWS's endpoint data.

use std::sync::LazyLock;

const REGIONS: &str = include_str!("regions.txt");

/// A partition of AWS: regions that share accounts and credentials.
#[derive(Debug)]
struct Partition {
    id: &'static str,
    /// Enabled in every account.
    default: Vec<&'static str>,
    /// Enabled where an account opts in.
    optional: Vec<&'static str>,
}

static PARTITIONS: LazyLock<Vec<Partition>> = LazyLock::new(|| {
    let mut partitions: Vec<Partition> = Vec::new();
    let lines = REGIONS.lines().filter(|line| !line.starts_with('#'));
    for (head, regions) in lines.filter_map(|line| line.split_once(": ")) {
        let regions = regions.split(' ').collect();
        match (head.strip_suffix(" optional"), partitions.last_mut()) {
            (Some(id), Some(partition)) if partition.id == id => partition.optional = regions,
            _ => partitions.push(Partition { id: head, default: regions, optional: Vec::new() }),
        }
    }
    partitions
});

fn partition(id: &str) -> Option<&'static Partition> {
    PARTITIONS.iter().find(|partition| partition.id == id)
}

/// Regions that are enabled in every account of the partition; none where the partition is not known.
pub(crate) fn default_regions(partition_id: &str) -> &'static [&'static str] {
    partition(partition_id).map_or(&[], |partition| &partition.default)
}

/// All regions of the partition that this release knows.
pub(crate) fn partition_regions(partition_id: &str) -> Vec<&'static str> {
    partition(partition_id).map_or_else(Vec::new, |partition| {
        partition.default.iter().chain(&partition.optional).copied().collect()
    })
}

/// Accounts of the partition may opt in to regions; elsewhere every account has them all, and AWS offers no
/// `account:ListRegions` to ask.
pub(crate) fn has_optional_regions(partition_id: &str) -> bool {
    partition(partition_id).is_none_or(|partition| !partition.optional.is_empty())
}

/// The region in which a partition's global services, IAM above all, stand and their events are recorded.
pub(crate) fn global_region(partition_id: &str) -> &'static str {
    match partition_id {
        "aws" => "us-east-1",
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        other => default_regions(other).first().copied().unwrap_or("us-east-1"),
    }
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
    PARTITIONS.iter().flat_map(|partition| partition.default.iter().chain(&partition.optional)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::print_stdout, reason = "how old the file is fails nothing")]
    fn the_file_is_whole_and_sorted() {
        let ids: Vec<&str> = PARTITIONS.iter().map(|partition| partition.id).collect();
        assert_eq!(
            ids,
            ["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov"]
        );
        for partition in PARTITIONS.iter() {
            assert!(!partition.default.is_empty(), "{}", partition.id);
            assert!(partition.default.is_sorted() && partition.optional.is_sorted(), "{}", partition.id);
        }
        let date = REGIONS.lines().find_map(|line| line.strip_prefix("# date: ")).unwrap();
        let day = chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").unwrap();
        // Old data does not fail: `scripts/refresh-reference --check` says what has changed since.
        println!("regions.txt: of {date}, {} days old", (chrono::Utc::now().date_naive() - day).num_days());
    }

    #[test]
    fn regions_of_every_partition_are_known() {
        for (region, partition, optional) in [
            ("eu-central-1", "aws", false),
            ("me-west-1", "aws", true),
            ("sa-west-1", "aws", true),
            ("ap-southeast-7", "aws", true),
            ("eu-isoe-west-1", "aws-iso-e", false),
            ("us-isof-south-1", "aws-iso-f", false),
            ("eusc-de-east-1", "aws-eusc", false),
            ("us-gov-west-1", "aws-us-gov", false),
        ] {
            assert_eq!(partition_of_region(region), Some(partition), "{region}");
            assert_eq!(default_regions(partition).contains(&region), !optional, "{region}");
            assert!(partition_regions(partition).contains(&region), "{region}");
        }
        assert_eq!(partition_of_region("xx-nowhere-1"), None);
        assert!(all_regions().all(|region| !region.ends_with("-global")));
        assert!(has_optional_regions("aws") && !has_optional_regions("aws-iso-f"));
    }
}
