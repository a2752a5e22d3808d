//! Services with one endpoint for all Regions of a partition. See [`super`].

/// By service: the Region of the endpoint in the partitions `aws`, `aws-cn` and `aws-us-gov`, where there is one.
///
/// That requests to `CloudFront`, IAM and Route 53 go to us-east-1, whoever makes them, says "AWS: Denies access to AWS
/// based on the requested Region" (IAM User Guide); that Organizations has one endpoint in each partition, "AWS
/// Organizations endpoints and quotas" (AWS General Reference; both read 2026-11-29). The Regions are those of botocore's `endpoints.json` of 1.43.11, which lists no other endpoint for these services. AWS STS
/// has Regional endpoints besides the global one, and AWS Support has three, so that they are not among them.
const REGIONS: [(&str, [Option<&str>; 3]); 5] = [
    ("account", [Some("us-east-1"), Some("cn-northwest-1"), None]),
    ("cloudfront", [Some("us-east-1"), Some("cn-northwest-1"), None]),
    ("iam", [Some("us-east-1"), Some("cn-north-1"), Some("us-gov-west-1")]),
    ("organizations", [Some("us-east-1"), Some("cn-northwest-1"), Some("us-gov-west-1")]),
    ("route53", [Some("us-east-1"), Some("cn-northwest-1"), Some("us-gov-west-1")]),
];

/// The Region that every request for the action is made to, whatever the caller does; `None` where the service has an
/// endpoint in more than one, or where that is not known.
pub fn only_region(action: &str, partition: &str) -> Option<&'static str> {
    let (service, _) = action.split_once(':')?;
    let (_, [aws, china, government]) =
        REGIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(service))?;
    match partition {
        "aws" => *aws,
        "aws-cn" => *china,
        "aws-us-gov" => *government,
        _ => None,
    }
}
