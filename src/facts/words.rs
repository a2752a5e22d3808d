//! What facts say in sentences: lists, times, and several things that are wrong at once. See [`super`].
//!
//! A message of a rule puts such texts in as they are, so each is the part of a sentence that its fact documents.

use std::fmt::Display;

use super::derived::join;
use super::view::Derived;

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and<T: Display>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(T::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// The first few of many names.
pub(super) fn few<T: Display>(names: &[T]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(T::to_string).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => and(&shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whole sentences as clauses of one: `a, and b`, `a, b, and c`; `None` of none.
pub(super) fn clauses<T: Display>(sentences: &[T]) -> Option<String> {
    let (last, first) = sentences.split_last()?;
    if first.is_empty() {
        return Some(last.to_string());
    }
    let first: Vec<String> = first.iter().map(T::to_string).collect();
    Some(format!("{}, and {last}", first.join(", ")))
}

/// What is certainly wrong, as clauses of one sentence; unknown only if nothing is certain.
pub(super) fn problems(parts: impl IntoIterator<Item = Derived<Option<String>>>) -> Derived<Option<String>> {
    let (mut known, mut unknown) = (Vec::new(), None);
    for part in parts {
        match part {
            Ok(part) => known.extend(part),
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    match unknown {
        Some(gaps) if known.is_empty() => Err(gaps),
        _ => Ok(clauses(&known)),
    }
}

/// `1 day`, `2 days`.
pub(super) fn days(count: i64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// When something happened, this many hours before the snapshot: in days where there are many.
pub(super) fn before_the_scan(hours: i64) -> String {
    match hours {
        ..=1 => "within the hour before the scan".to_owned(),
        2..48 => format!("{hours} hours before the scan"),
        48.. => format!("{} before the scan", days(hours / 24)),
    }
}

#[cfg(test)]
mod tests {
    use super::{and, before_the_scan, clauses, days, few, problems};
    use crate::model::{GapId, Gaps};

    #[test]
    fn lists_read_as_in_a_sentence() {
        assert_eq!(and::<&str>(&[]), "");
        assert_eq!(and(&["a"]), "a");
        assert_eq!(and(&["a", "b"]), "a and b");
        assert_eq!(and(&["a", "b", "c"]), "a, b and c");
        assert_eq!(few(&["a", "b"]), "a and b");
        assert_eq!(few(&["1", "2", "3", "4", "5", "6", "7"]), "1, 2, 3, 4, 5 and 2 more");
        assert_eq!(clauses(&["it is", "it was"]).as_deref(), Some("it is, and it was"));
        assert_eq!(clauses(&["a", "b", "c"]).as_deref(), Some("a, b, and c"));
        assert_eq!(clauses::<&str>(&[]), None);
    }

    #[test]
    fn one_is_singular_and_long_times_are_days() {
        assert_eq!([days(1), days(0), days(30)], ["1 day", "0 days", "30 days"]);
        let times = [0, 1, 2, 30, 48, 4800].map(before_the_scan);
        let expected = ["within the hour", "within the hour", "2 hours", "30 hours", "2 days", "200 days"];
        assert_eq!(times, expected.map(|time| format!("{time} before the scan")));
    }

    #[test]
    fn what_is_certain_is_told_whatever_is_unknown() {
        let gap = || Err(Gaps::from(GapId::new("gap")));
        let wrong = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(problems([gap(), wrong("a"), Ok(None), wrong("b")]), wrong("a, and b"));
        assert_eq!(problems([gap(), Ok(None)]), gap());
        assert_eq!(problems([Ok(None)]), Ok(None));
    }
}
