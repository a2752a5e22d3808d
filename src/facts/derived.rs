//! Three-valued logic over derived facts: one that decides stands, whatever could not be read besides.

use chrono::{DateTime, Utc};

use super::view::Derived;
use crate::model::Gaps;

/// Adds to the gaps that were met so far.
pub(super) fn join(into: &mut Option<Gaps>, gaps: &Gaps) {
    *into = Some(match into.take() {
        Some(before) => before.and(gaps),
        None => gaps.clone(),
    });
}

fn decide(decisive: bool, truths: impl IntoIterator<Item = Derived<bool>>) -> Derived<bool> {
    let mut unknown = None;
    for truth in truths {
        match truth {
            Ok(truth) if truth == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    unknown.map_or(Ok(!decisive), Err)
}

/// One of them holds. Unknown only if none is known to.
pub(super) fn any(truths: impl IntoIterator<Item = Derived<bool>>) -> Derived<bool> {
    decide(true, truths)
}

/// All of them hold. Unknown only if none is known to fail.
pub(super) fn all(truths: impl IntoIterator<Item = Derived<bool>>) -> Derived<bool> {
    decide(false, truths)
}

/// What may be missing from a list, as one more term of [`any`].
pub(super) fn perhaps(gaps: Option<&Gaps>) -> Derived<bool> {
    gaps.map_or(Ok(false), |gaps| Err(gaps.clone()))
}

/// Hours from one time to the other, rounded up, so that "within two hours" means what it says. The clock is not asked:
/// a snapshot gives the same facts on every day.
pub(super) fn hours_between(then: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let seconds = (now - then).num_seconds();
    seconds.div_euclid(3600) + i64::from(seconds.rem_euclid(3600) > 0)
}

#[cfg(test)]
mod tests {
    use super::{all, any};
    use crate::model::{GapId, Gaps};

    #[test]
    fn a_known_term_decides_in_any_order_and_all_gaps_are_told() {
        let gap = |name: &str| Err(Gaps::from(GapId::new(name)));
        assert_eq!(any([gap("a"), Ok(true)]), Ok(true));
        assert_eq!(any([Ok(true), gap("a")]), Ok(true));
        assert_eq!(all([gap("a"), Ok(false)]), Ok(false));
        assert_eq!(all([Ok(false), gap("a")]), Ok(false));
        let both = Gaps::from(GapId::new("a")).and(&GapId::new("b").into());
        assert_eq!(any([gap("b"), Ok(false), gap("a")]), Err(both.clone()));
        assert_eq!(all([gap("b"), Ok(true), gap("a")]), Err(both));
        assert_eq!((any([]), all([])), (Ok(false), Ok(true)));
    }
}
