//! Intervals of time.

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};

/// From `from` up to, but not including, `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after.
    pub to: DateTime<Utc>,
}

impl TimeRange {
    /// Both ends, at whole seconds, as CloudTrail counts.
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from: from.trunc_subsecs(0), to: to.trunc_subsecs(0) }
    }

    /// Nothing lies in it.
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// The part of both; `None` if they share no moment.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (!both.is_empty()).then_some(both)
    }

    /// Whether a moment lies in it.
    pub fn contains(self, time: DateTime<Utc>) -> bool {
        self.from <= time && time < self.to
    }
}

/// Sorted, with those that touch or overlap made one.
pub(crate) fn merge(mut ranges: Vec<TimeRange>) -> Vec<TimeRange> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable();
    let mut merged: Vec<TimeRange> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.from <= last.to => last.to = last.to.max(range.to),
            _ => merged.push(range),
        }
    }
    merged
}

/// What of a range lies in none of `others`, which are sorted and apart.
pub(crate) fn subtract(range: TimeRange, others: &[TimeRange]) -> Vec<TimeRange> {
    let mut left = Vec::new();
    let mut from = range.from;
    for other in others {
        left.push(TimeRange { from, to: other.from.min(range.to) });
        from = from.max(other.to);
    }
    left.push(TimeRange { from, to: range.to });
    left.retain(|range| !range.is_empty());
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, to: i64) -> TimeRange {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("a time");
        TimeRange::new(at(from), at(to))
    }

    #[test]
    fn touching_ranges_become_one() {
        assert_eq!(
            merge(vec![range(5, 7), range(0, 2), range(2, 4), range(6, 6), range(3, 4)]),
            [range(0, 4), range(5, 7)]
        );
    }

    #[test]
    fn what_is_left_lies_between() {
        assert_eq!(
            subtract(range(2, 10), &[range(0, 3), range(5, 6), range(9, 12), range(20, 21)]),
            [range(3, 5), range(6, 9)]
        );
        assert_eq!(subtract(range(2, 10), &[]), [range(2, 10)]);
        assert_eq!(subtract(range(2, 10), &[range(0, 20)]), []);
    }

    #[test]
    fn ranges_that_only_touch_share_nothing() {
        assert_eq!(range(0, 2).intersection(range(2, 4)), None);
        assert_eq!(range(0, 3).intersection(range(2, 4)), Some(range(2, 3)));
    }
}
