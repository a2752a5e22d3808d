//! Criteria over the account and region of an event (`fieldSelectionCriteria` of a subscription). See [`super`].
//!
//! `PutSubscriptionFilter` of the CloudWatch Logs API reference (read 2026-11-28): a filter expression over `@aws.account`
//! and `@aws.region`, with `=`, `!=`, `IN`, `NOT IN`, `AND` and `OR`. What else stands there is not understood.

use std::sync::LazyLock;

use regex::Regex;

static TERM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)^\s*(@aws\.account|@aws\.region)\s*(=|!=|NOT\s+IN\b|IN\b)\s*("[^"]*"|'[^']*'|\[[^\[\]]*\])\s*$"#,
    )
    .ok()
});
static OR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\s+OR\s+").ok());
static AND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\s+AND\s+").ok());

/// Whether events of this account in this region meet the criteria; `None` where they are not understood.
pub(super) fn admits(criteria: &str, account: &str, region: &str) -> Option<bool> {
    // `AND` binds closer, and parentheses are no term.
    let mut any = false;
    for alternative in OR.as_ref()?.split(criteria) {
        let mut all = true;
        for written in AND.as_ref()?.split(alternative) {
            all &= term(written, account, region)?;
        }
        any |= all;
    }
    Some(any)
}

fn term(written: &str, account: &str, region: &str) -> Option<bool> {
    let found = TERM.as_ref()?.captures(written)?;
    let (field, operator, value) = (found.get(1)?.as_str(), found.get(2)?.as_str(), found.get(3)?.as_str());
    let own = if field.eq_ignore_ascii_case("@aws.account") { account } else { region };
    let list = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
    let values: Vec<&str> = match list {
        Some(list) => list.split(',').map(unquoted).collect::<Option<_>>()?,
        None => vec![unquoted(value)?],
    };
    let is_in = values.contains(&own);
    match (operator.to_ascii_uppercase().as_str(), list.is_some()) {
        ("=", false) | ("IN", true) => Some(is_in),
        ("!=", false) => Some(!is_in),
        (operator, true) if operator.starts_with("NOT") => Some(!is_in),
        _ => None,
    }
}

fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
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
