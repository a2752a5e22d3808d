//! The name that somebody may have meant.

/// The candidate with the fewest edits from `name`, if they are few enough to be a slip.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements between two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, character) in one.chars().enumerate() {
        let mut next = vec![number + 1];
        let mut diagonal_and_above = row.iter().zip(row.iter().skip(1));
        for wanted in &other {
            let Some((diagonal, above)) = diagonal_and_above.next() else { break };
            let left = next.last().copied().unwrap_or(0);
            let replaced = diagonal + usize::from(character != *wanted);
            next.push(replaced.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_recognized_and_other_names_are_not() {
        let names = ["log_file_validation", "is_logging", "name"];
        assert_eq!(nearest("log_file_validaton", names), Some("log_file_validation"));
        assert_eq!(nearest("is_loging", names), Some("is_logging"));
        assert_eq!(nearest("bucket", names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
