//! The condition keys of AWS by class. See [`super`].

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::glob::Glob;

pub(super) const TEXT: &str = include_str!("condition_keys.txt");

/// The keys of one class.
#[derive(Default)]
struct Class {
    exact: HashSet<&'static str>,
    /// Those in which a `*` stands for what goes on.
    open: Vec<Glob>,
}

static CLASSES: LazyLock<HashMap<&'static str, Class>> = LazyLock::new(|| {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    let classes = lines.filter_map(|line| {
        let (name, keys) = line.split_once(": ")?;
        let mut class = Class::default();
        for key in keys.split(' ') {
            if key.contains('*') {
                class.open.push(Glob::wildcard(key));
            } else {
                class.exact.insert(key);
            }
        }
        Some((name, class))
    });
    classes.collect()
});

impl Class {
    fn has(&self, key: &str) -> bool {
        self.exact.contains(key) || self.open.iter().any(|glob| glob.matches(key))
    }
}

/// Whether a key, in lower case, is of the class.
pub(crate) fn is(class: &str, key: &str) -> bool {
    CLASSES.get(class).is_some_and(|class| class.has(key))
}

/// The first of the classes that a key is of.
pub(crate) fn first<T: Copy>(classes: &[(&str, T)], key: &str) -> Option<T> {
    classes.iter().find(|(class, _)| is(class, key)).map(|(_, means)| *means)
}

/// Whether the file has the key in any class. What AWS added since, and what nobody has, it does not.
pub(crate) fn is_known(key: &str) -> bool {
    CLASSES.iter().any(|(name, class)| *name != "property" && class.has(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_class_is_used() {
        let mut names: Vec<&str> = CLASSES.keys().copied().collect();
        names.sort_unstable();
        let expected = [
            "access point account",
            "access point arn",
            "address",
            "always",
            "caller account",
            "caller arn",
            "caller id",
            "caller organization",
            "caller path",
            "endpoint account",
            "endpoint arn",
            "endpoint id",
            "endpoint organization",
            "endpoint path",
            "fixed",
            "free",
            "global",
            "outside",
            "owner account",
            "owner organization",
            "owner path",
            "principal type",
            "private address",
            "property",
            "service",
            "several",
            "truth",
        ];
        assert_eq!(names, expected);
        assert!(CLASSES.values().all(|class| !class.exact.is_empty() || !class.open.is_empty()));
    }

    #[test]
    fn keys_are_known_by_the_reference_or_not_at_all() {
        for key in [
            "aws:principalarn",
            "aws:principaltag/team",
            "aws:viaawsmcpservice",
            "aws:tokenissuetime",
            "s3:existingobjecttag/team",
            "kms:encryptioncontext:aws:cloudtrail:arn",
            "lambda:sourcefunctionarn",
            "ec2:instancetype",
        ] {
            assert!(is_known(key), "{key}");
        }
        for key in ["aws:principalarnn", "aws:newkey2030", "team", "s3:nosuchkey", "resourcetag/team"] {
            assert!(!is_known(key), "{key}");
        }
    }
}
