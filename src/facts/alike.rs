//! Policies that were found to let in nobody, in the shape that they have in every account: the same template is rolled out
//! to ten thousand accounts and their regions, and takes as long to judge in each. See [`super`].

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use sha2::{Digest as _, Sha256};

/// What an account's own number is, in a shape. No document holds it: JSON has no such character in a text.
const OWN: &str = "\u{0}";

/// The shapes of policies that let in nobody, as digests.
#[derive(Debug, Default)]
pub(super) struct Harmless(RwLock<HashSet<[u8; 32]>>);

impl Harmless {
    /// Whether a policy of that shape was judged before.
    pub(super) fn has(&self, shape: [u8; 32]) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&shape)
    }

    /// Keeps that a policy of that shape lets in nobody.
    pub(super) fn note(&self, shape: [u8; 32]) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(shape);
    }
}

/// Whether something in a policy may hold of one account's number and not of another's though it names neither: a digit beside
/// a wildcard, an escape that may stand for either, an operator that compares numbers or bytes.
pub(super) fn tells_numbers_apart(document: &str) -> bool {
    let is_wild = |byte: u8| matches!(byte, b'*' | b'?');
    let is_part = |pair: &[u8]| matches!(pair, [one, other] if is_wild(*one) && other.is_ascii_digit() || one.is_ascii_digit() && is_wild(*other));
    let lower = document.to_ascii_lowercase();
    let compares = ["numeric", "date", "binary"].iter().any(|operator| lower.contains(operator));
    compares || document.contains('\\') || document.as_bytes().windows(2).any(is_part)
}

/// What two accounts' policies have in common if they differ in nothing but the number of the account that each is of;
/// `around` is what else they are judged by. `None` where the policy may tell numbers apart.
pub(super) fn shape(document: &str, account: &str, around: &[&str]) -> Option<[u8; 32]> {
    if tells_numbers_apart(document) {
        return None;
    }
    let mut digest = Sha256::new();
    for part in std::iter::once(&document).chain(around) {
        let part = part.replace(account, OWN);
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    Some(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn policies_are_alike_if_nothing_but_the_own_account_differs() {
        let of = |document: &str, account: &str| shape(document, account, &["eu-west-1"]);
        let policy =
            |account: &str| format!(r#"{{"Resource":"arn:aws:logs:eu-west-1:{account}:log-group:*"}}"#);
        let one = of(&policy("111111111111"), "111111111111");
        assert!(one.is_some());
        assert_eq!(one, of(&policy("222222222222"), "222222222222"));
        // Another's number, and another region, tell them apart.
        assert_ne!(one, of(&policy("222222222222"), "111111111111"));
        assert_ne!(one, shape(&policy("111111111111"), "111111111111", &["us-east-1"]));
        assert_ne!(shape("ab", "1", &["c"]), shape("a", "1", &["bc"]));
    }

    #[test]
    fn a_pattern_that_may_hold_of_one_number_alone_has_no_shape() {
        for pattern in ["1111*", "*1111", "11111111111?", "?11111111111", r"\u0031"] {
            let document = format!(r#"{{"Resource":"arn:aws:logs:eu-west-1:{pattern}:log-group:*"}}"#);
            assert_eq!(shape(&document, "222222222222", &[]), None, "{pattern}");
        }
        for operator in
            ["NumericLessThan", "numericgreaterthanequalsIfExists", "BinaryEquals", "DateLessThan"]
        {
            let document = format!(r#"{{"Condition":{{"{operator}":{{"aws:ResourceAccount":"5"}}}}}}"#);
            assert_eq!(shape(&document, "222222222222", &[]), None, "{operator}");
        }
        for pattern in ["*", "????????????", "group-*", "7f-*"] {
            assert!(shape(pattern, "222222222222", &[]).is_some(), "{pattern}");
        }
    }
}
