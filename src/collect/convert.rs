//! From the SDK's values to plain ones, where several collectors need it.

use aws_smithy_types::DateTime;
use chrono::Utc;

use crate::model::Observed;
pub(crate) use crate::policy::Arn;

/// What an answer lacks, as its service's API reference calls it.
pub(crate) type Missing = &'static str;

/// Every element of a list that the answer must have.
pub(crate) fn each<T, U>(
    list: Option<Vec<T>>,
    name: Missing,
    convert: impl FnMut(T) -> Result<U, Missing>,
) -> Result<Vec<U>, Missing> {
    list.ok_or(name)?.into_iter().map(convert).collect()
}

/// The token of the next page, where an answer says apart from it whether there is one. Either alone keeps the list from
/// being taken for whole.
pub(crate) fn next_marker(truncated: bool, marker: Option<String>) -> Result<Option<String>, Missing> {
    match marker.filter(|marker| !marker.is_empty()) {
        None if truncated => Err("marker of the next page"),
        marker => Ok(marker),
    }
}

/// A time; `Absent` where AWS gives none or one outside the calendar.
pub(crate) fn time(time: Option<&DateTime>) -> Observed<chrono::DateTime<Utc>> {
    time.and_then(|time| chrono::DateTime::from_timestamp(time.secs(), time.subsec_nanos())).into()
}

/// A text; `Absent` where AWS gives none or an empty one.
pub(crate) fn text(text: Option<String>) -> Observed<String> {
    text.filter(|text| !text.is_empty()).into()
}

/// An error's code and message in one line; `Absent` where AWS reports no error.
pub(crate) fn error(code: Option<String>, message: Option<String>) -> Observed<String> {
    let parts: Vec<String> = [code, message].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { Observed::Absent } else { Observed::Known(parts.join(": ")) }
}

/// Undoes the percent encoding of IAM's policy documents; `None` where it is broken.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            let digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            after.get(2..)?
        } else {
            decoded.push(first);
            after
        };
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arns_say_where_things_are() {
        let arn = Arn::parse("arn:aws-cn:kms:cn-north-1:123456789012:key/1:2").unwrap();
        assert_eq!((arn.region, arn.account_id, arn.resource), ("cn-north-1", "123456789012", "key/1:2"));
        assert_eq!(Arn::parse("alias/aws/s3"), None);
        assert_eq!(Arn::parse("arn:aws:s3"), None);
    }

    #[test]
    fn a_list_is_whole_only_where_neither_sign_says_otherwise() {
        let next = Some("next".to_owned());
        assert_eq!(next_marker(false, None), Ok(None));
        assert_eq!(next_marker(false, next.clone()), Ok(next.clone()));
        assert_eq!(next_marker(true, next.clone()), Ok(next));
        assert!(next_marker(true, None).is_err());
    }

    #[test]
    fn errors_without_a_code_are_none() {
        assert_eq!(error(None, Some(String::new())), Observed::Absent);
        let both = error(Some("NoSuchBucket".to_owned()), Some("it is gone".to_owned()));
        assert_eq!(both, Observed::Known("NoSuchBucket: it is gone".to_owned()));
    }

    #[test]
    fn broken_percent_encoding_is_no_text() {
        assert_eq!(percent_decode("%7B%22a%22%7D").as_deref(), Some("{\"a\"}"));
        assert_eq!(percent_decode("%7"), None);
        assert_eq!(percent_decode("%zz"), None);
        assert_eq!(percent_decode("%+1"), None);
        assert_eq!(percent_decode("%ff"), None);
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(text in any::<String>()) {
            let encoded = text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"));
            prop_assert_eq!(percent_decode(&encoded), Some(text));
        }
    }
}
