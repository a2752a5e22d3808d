//! Criteria over the account and region of an event (`fieldSelectionCriteria` of a subscription). See [`super`].
//!
//! `PutSubscriptionFilter` of the CloudWatch Logs API reference (read 2026-11-28): a filter expression over `@aws.account`
//! and `@aws.region`, with `=`, `!=`, `IN`, `NOT IN`, `AND` and `OR`. What else stands there is not understood.

use super::expression::Expression;

/// Whether events of this account in this region meet the criteria; `None` where they are not understood.
pub(super) fn admits(criteria: &str, account: &str, region: &str) -> Option<bool> {
    Expression::parse(criteria)?.holds(|term| {
        let own = match term.key.to_ascii_lowercase().as_str() {
            "@aws.account" => account,
            "@aws.region" => region,
            _ => return None,
        };
        if term.is_prefix() {
            return None;
        }
        term.holds_of(own)
    })
}

#[cfg(test)]
mod tests {
    use super::admits;

    #[test]
    fn what_is_understood_decides_and_nothing_else() {
        let own = |criteria: &str| admits(criteria, "111122223333", "eu-west-1");
        for (criteria, expected) in [
            (r#"@aws.account = "111122223333""#, Some(true)),
            (r#"@aws.account = "999999999999""#, Some(false)),
            (r#"@aws.account != "999999999999""#, Some(true)),
            (r#"@aws.account IN ["999999999999", "111122223333"]"#, Some(true)),
            (r#"@aws.account NOT IN ["111122223333"]"#, Some(false)),
            (r#"@aws.region = "us-east-1" OR @aws.account = "111122223333""#, Some(true)),
            (r#"@aws.region = "us-east-1" AND @aws.account = "111122223333""#, Some(false)),
            (r#"(@aws.region = "us-east-1")"#, None),
            (r#"@aws.account LIKE "1%""#, None),
            (r#"@data_source_name = "x""#, None),
            ("", None),
        ] {
            assert_eq!(own(criteria), expected, "{criteria}");
        }
    }
}
