//! The folders of an archive, as CloudTrail names them. A name that is none of these is none of its folders.

/// An account's folder in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AccountFolder {
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) organization_id: Option<String>,
    pub(super) account_id: String,
}

impl AccountFolder {
    pub(super) fn path(&self) -> String {
        format!("{}{}/", layout(&self.prefix, self.organization_id.as_deref()), self.account_id)
    }
}

/// The folder below which the accounts of an organization stand, or those that are in none.
pub(super) fn layout(prefix: &str, organization_id: Option<&str>) -> String {
    let separator = if prefix.is_empty() { "" } else { "/" };
    let organization = organization_id.map(|id| format!("{id}/")).unwrap_or_default();
    format!("{prefix}{separator}AWSLogs/{organization}")
}

/// Twelve digits.
pub(super) fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
pub(super) fn is_organization(name: &str) -> bool {
    name.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// `eu-west-1`
pub(super) fn is_region(name: &str) -> bool {
    (5..=32).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cloudtrails_own_names_are_folders() {
        assert!(is_account("123456789012") && !is_account("12345678901x") && !is_account("../../etc/pas"));
        assert!(is_organization("o-exampleorgid") && !is_organization("o-x/../../up"));
        assert!(is_region("eu-west-1") && !is_region("..") && !is_region("eu-west-1\u{1b}"));
    }

    #[test]
    fn layouts_begin_with_the_prefix() {
        assert_eq!(layout("", None), "AWSLogs/");
        assert_eq!(layout("a/b", Some("o-exampleorgid")), "a/b/AWSLogs/o-exampleorgid/");
    }
}
