//! Amazon Resource Names, `arn:partition:service:region:account:resource`, whole and as patterns.

/// An Amazon Resource Name in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-us-gov`, `aws-cn`, ...
    pub partition: &'a str,
    /// `s3`.
    pub service: &'a str,
    /// Empty where the service has none in its ARNs.
    pub region: &'a str,
    /// Twelve digits as a rule; empty where the service has none in its ARNs.
    pub account_id: &'a str,
    /// The rest, colons and all.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// `None` for what does not begin as an ARN, or has fewer parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let (partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { partition, service, region, account_id: parts.next()?, resource: parts.next()? })
    }
}

/// A segment by its number of a text that need be no whole ARN, such as a pattern; the sixth (number 5) is the resource
/// part, colons and all.
pub(super) fn segment(arn: &str, number: usize) -> Option<&str> {
    arn.splitn(6, ':').nth(number)
}

/// Whether the text has all six segments and begins as an ARN does.
pub(super) fn has_segments(arn: &str) -> bool {
    Arn::parse(arn).is_some()
}

/// The account segment, if it is a whole account id.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.account_id).filter(|account| is_account_id(account))
}

/// Twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last component of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts_and_the_last_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:logs:eu-west-1:111111111111:log-group:a:*").unwrap();
        assert_eq!(
            (arn.partition, arn.service, arn.region, arn.account_id, arn.resource),
            ("aws", "logs", "eu-west-1", "111111111111", "log-group:a:*")
        );
        assert_eq!(Arn::parse("arn:aws:s3:::logs").map(|arn| arn.resource), Some("logs"));
        for other in ["arn:aws:s3", "arn:aws:s3::", "logs", "*", "", "urn:aws:s3:::logs", "alias/aws/s3"] {
            assert_eq!(Arn::parse(other), None, "{other}");
        }
    }
}
