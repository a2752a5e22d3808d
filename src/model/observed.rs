//! A fact with the three ways in which reading it can end.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::Gap;

/// The identity of a [`crate::model::Gap`]: `gap-` and twelve hexadecimal digits, the same in every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GapId(String);

impl GapId {
    /// Wraps an identity that [`crate::model::Gap::new`] derived or a snapshot stored.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GapId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What came of reading a fact. A call that failed is data, never an empty list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed<T> {
    /// AWS answered.
    Known(T),
    /// AWS answered that there is none.
    Absent,
    /// The call was denied, throttled or failed; the gap says which.
    Unavailable(GapId),
}

impl<T> Observed<T> {
    /// What a snapshot of an earlier release does not hold, since that release did not ask for it.
    pub fn not_collected() -> Self {
        Self::Unavailable(Gap::not_collected().id)
    }

    /// The value, `None` if AWS said that there is none, or the gap.
    pub fn get(&self) -> Result<Option<&T>, Gaps> {
        match self {
            Self::Known(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Unavailable(gap) => Err(Gaps::from(gap.clone())),
        }
    }

    /// Borrows the value.
    pub fn as_ref(&self) -> Observed<&T> {
        match self {
            Self::Known(value) => Observed::Known(value),
            Self::Absent => Observed::Absent,
            Self::Unavailable(gap) => Observed::Unavailable(gap.clone()),
        }
    }

    /// Changes a known value and leaves the other two states as they are.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Known(value) => Observed::Known(change(value)),
            Self::Absent => Observed::Absent,
            Self::Unavailable(gap) => Observed::Unavailable(gap),
        }
    }
}

/// Reads a switch that earlier releases stored as a plain `true` or `false`.
pub(super) fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Observed<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Plain(bool),
        Observed(Observed<bool>),
    }
    Ok(match Stored::deserialize(deserializer)? {
        Stored::Plain(on) => Observed::Known(on),
        Stored::Observed(observed) => observed,
    })
}

impl<T> From<Option<T>> for Observed<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}

impl<T> Observed<Vec<T>> {
    /// The elements of a list, none where AWS said that there is none, or the gap.
    pub fn list(&self) -> Result<&[T], Gaps> {
        Ok(self.get()?.map_or(&[], Vec::as_slice))
    }
}

/// The gaps that keep a derived fact from being known: sorted, without duplicates, never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gaps(Vec<GapId>);

impl Gaps {
    /// Both sets of gaps.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        // Gaps of 10,000 accounts are joined one at a time.
        if let [gap] = other.0.as_slice() {
            if let Err(place) = self.0.binary_search(gap) {
                self.0.insert(place, gap.clone());
            }
            return self;
        }
        self.0.extend(other.0.iter().cloned());
        self.0.sort_unstable();
        self.0.dedup();
        self
    }

    /// The gaps in order.
    pub fn as_slice(&self) -> &[GapId] {
        &self.0
    }
}

impl From<GapId> for Gaps {
    fn from(gap: GapId) -> Self {
        Self(vec![gap])
    }
}
