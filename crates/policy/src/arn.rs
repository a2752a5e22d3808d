//! The parts of an Amazon Resource Name: `arn:partition:service:region:account:resource`.

/// A segment by its number; the sixth (number 5) is the resource part, colons and all.
pub(super) fn segment(arn: &str, number: usize) -> Option<&str> {
    arn.splitn(6, ':').nth(number)
}

/// Whether the text has all six segments and begins as an ARN does.
pub(super) fn has_segments(arn: &str) -> bool {
    arn.starts_with("arn:") && segment(arn, 5).is_some()
}

/// The account segment, if it is a whole account id.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    segment(arn, 4).filter(|account| has_segments(arn) && is_account_id(account))
}

/// Twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last component of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
