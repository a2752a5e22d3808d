//! What is known of a value: that one of several patterns describes it, and some others do not. See [`super`].

use super::Glob;
use crate::truth::Truth;

/// The texts that any of some patterns describe, but for those that others describe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    any: Vec<Glob>,
    except: Vec<Glob>,
}

impl Language {
    /// All that any of the patterns describes.
    pub fn any_of(any: Vec<Glob>) -> Self {
        Self { any, except: Vec::new() }
    }

    /// The same but for what these patterns describe.
    #[must_use]
    pub fn but_not(mut self, except: Vec<Glob>) -> Self {
        self.except = except;
        self
    }

    /// The same but for what this pattern describes as well.
    #[must_use]
    pub(crate) fn and_not(mut self, except: Glob) -> Self {
        self.except.push(except);
        self
    }

    /// The one pattern that describes all of it, if there is one.
    pub(crate) fn single(&self) -> Option<&Glob> {
        match (self.any.as_slice(), self.except.as_slice()) {
            ([glob], []) => Some(glob),
            _ => None,
        }
    }

    #[must_use]
    pub(crate) fn lowercase(&self) -> Self {
        // What is left out in one spelling may be there in another.
        Self::any_of(self.any.iter().map(Glob::lowercase).collect())
    }

    /// How much of it the union of `patterns` takes in; `False` where nothing is in it.
    pub fn covered_by(&self, patterns: &[&Glob]) -> Truth {
        let except: Vec<&Glob> = self.except.iter().collect();
        let mut parts = self
            .any
            .iter()
            .filter(|part| !part.covered_by(&except).is_true())
            .map(|part| part.covered_but(&except, patterns));
        let mut found = parts.next().unwrap_or(Truth::False);
        for next in parts {
            if found == Truth::Unknown {
                break;
            }
            found = found.either(next);
        }
        found
    }
}

impl From<Glob> for Language {
    fn from(glob: Glob) -> Self {
        Self::any_of(vec![glob])
    }
}
