//! The name that somebody may have meant: for rules, facts, configuration keys, accounts and regions alike.

/// The candidate that is spelt most like `name`, if the difference is small enough to be a slip. Case does not count.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let most = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &candidate.to_lowercase()), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognized_and_other_names_are_not() {
        let names = ["log_file_validation", "is_logging", "name"];
        assert_eq!(nearest("log_file_validaton", names), Some("log_file_validation"));
        assert_eq!(nearest("Is_Loging", names), Some("is_logging"));
        assert_eq!(nearest("bucket", names), None);
    }
}
