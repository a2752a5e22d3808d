//! Where a service is: the pattern that the services' endpoint rules share. See [`super`].
//!
//! Compared with what botocore 1.44.8 resolves for every region of every partition, with and without FIPS and dual stack,
//! for each service that is asked in this way; where one deviates, it is in [`deviation`].

use crate::model::{global_region, partition_of_region};

/// Of which kind the endpoint is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Variant {
    pub(super) fips: bool,
    pub(super) dual_stack: bool,
}

/// A region whose name cannot be part of a host's: with it, credentials would be sent to whoever has that host.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no region's name")]
pub(super) struct HostError(String);

/// The region in which a global service of the region's partition stands.
pub(super) fn global(region: &str) -> &'static str {
    match partition(region) {
        // Of China's two regions, the endpoint rules name this one, unlike that of IAM.
        "aws-cn" => "cn-northwest-1",
        partition => global_region(partition),
    }
}

/// The address of a service in a region.
pub(super) fn address(service: &str, region: &str, variant: Variant) -> Result<String, HostError> {
    let is_label = (1..=63).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.starts_with('-');
    if !is_label {
        return Err(HostError(region.to_owned()));
    }
    let fips = if variant.fips && !deviation(service, region, variant) { "-fips" } else { "" };
    Ok(format!("https://{service}{fips}.{region}.{}", suffix(partition(region), variant.dual_stack)))
}

/// Its plain endpoint is the one with FIPS.
fn deviation(service: &str, region: &str, variant: Variant) -> bool {
    service == "kinesis" && partition(region) == "aws-us-gov" && !variant.dual_stack
}

/// The region's partition; of a region that this release does not know, by the beginning of its name.
fn partition(region: &str) -> &'static str {
    const BEGINNINGS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("eusc-", "aws-eusc"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
    ];
    let by_name = || BEGINNINGS.iter().find(|(beginning, _)| region.starts_with(beginning));
    partition_of_region(region).or_else(|| by_name().map(|(_, partition)| *partition)).unwrap_or("aws")
}

/// How hosts of a partition end.
fn suffix(partition: &str, dual_stack: bool) -> &'static str {
    let (plain, dual) = match partition {
        "aws-cn" => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        "aws-eusc" => ("amazonaws.eu", "api.amazonwebservices.eu"),
        "aws-iso" => ("c2s.ic.gov", "api.aws.ic.gov"),
        "aws-iso-b" => ("sc2s.sgov.gov", "api.aws.scloud"),
        "aws-iso-e" => ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        "aws-iso-f" => ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        _ => ("amazonaws.com", "api.aws"),
    };
    if dual_stack { dual } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_where_the_endpoint_rules_say() {
        let at = |service, region, fips, dual_stack| {
            address(service, region, Variant { fips, dual_stack }).unwrap()
        };
        assert_eq!(
            at("firehose", "eu-central-1", false, false),
            "https://firehose.eu-central-1.amazonaws.com"
        );
        assert_eq!(at("firehose", "us-east-2", true, false), "https://firehose-fips.us-east-2.amazonaws.com");
        assert_eq!(at("firehose", "us-east-2", true, true), "https://firehose-fips.us-east-2.api.aws");
        assert_eq!(
            at("kinesis", "us-gov-west-1", true, false),
            "https://kinesis.us-gov-west-1.amazonaws.com"
        );
        assert_eq!(at("kinesis", "us-gov-west-1", true, true), "https://kinesis-fips.us-gov-west-1.api.aws");
        assert_eq!(at("kinesis", "cn-north-1", false, false), "https://kinesis.cn-north-1.amazonaws.com.cn");
        assert_eq!(
            at("securityhub", "eusc-de-east-1", false, true),
            "https://securityhub.eusc-de-east-1.api.amazonwebservices.eu"
        );
        assert_eq!(
            at("account", global("ap-south-1"), false, false),
            "https://account.us-east-1.amazonaws.com"
        );
        assert_eq!(
            at("account", global("cn-north-1"), false, false),
            "https://account.cn-northwest-1.amazonaws.com.cn"
        );
        // A region that opened after this release.
        assert_eq!(at("kinesis", "us-gov-north-9", false, true), "https://kinesis.us-gov-north-9.api.aws");
        assert_eq!(at("kinesis", "eu-north-9", false, false), "https://kinesis.eu-north-9.amazonaws.com");
    }

    #[test]
    fn nothing_but_a_region_becomes_part_of_a_host() {
        for wrong in ["", "eu.example", "eu-west-1/", "eu-west-1@", "-eu", "eu west", "eu-west-1#"] {
            assert_eq!(address("kinesis", wrong, Variant::default()), Err(HostError(wrong.to_owned())));
        }
    }
}
