//! A fact with the three ways in which reading it can end.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::{Gap, GapId};

/// What came of reading a fact. A call that failed is data, never an empty list.
///
/// Where a record lacks the field, as one of an older version does, it is *not collected*: [`Self::Unavailable`] with
/// the gap [`Gap::not_collected`]. A new field of this type therefore needs nothing for old snapshots to stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed<T> {
    /// AWS answered.
    Known(T),
    /// AWS answered that there is none.
    Absent,
    /// The call was denied, throttled or failed; the gap says which.
    Unavailable(GapId),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Observed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde asks a field that is missing for an optional value, and gives it none.
        deserializer.deserialize_option(OrNotCollected(PhantomData))
    }
}

struct OrNotCollected<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrNotCollected<T> {
    type Value = Observed<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("what came of reading a fact")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Observed::not_collected())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Observed::not_collected())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Ok(match Told::deserialize(deserializer)? {
            Told::Known(value) => Observed::Known(value),
            Told::Absent => Observed::Absent,
            Told::Unavailable(gap) => Observed::Unavailable(gap),
        })
    }
}

/// [`Observed`] where the record has the field.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told<T> {
    Known(T),
    Absent,
    Unavailable(GapId),
}

/// Not collected, as where a record lacks the field: a literal that ends in `..Default::default()` says nothing of what it
/// does not name.
impl<T> Default for Observed<T> {
    fn default() -> Self {
        Self::not_collected()
    }
}

/// For a plain `Option` of a record: without this, a field that an older version did not write would read as none.
pub(super) fn required<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

impl<T> Observed<T> {
    /// What a snapshot of an earlier release does not hold, since that release did not ask for it.
    pub fn not_collected() -> Self {
        Self::Unavailable(Gap::not_collected().id)
    }

    /// What nobody asked for, since another answer says that it has no effect. Who depends on it all the same does not
    /// know it.
    pub fn without_effect() -> Self {
        Self::Unavailable(Gap::without_effect().id)
    }

    /// Whether it may have an effect: everything but [`Self::without_effect`].
    pub fn may_have_effect(&self) -> bool {
        !matches!(self, Self::Unavailable(gap) if *gap == Gap::without_effect().id)
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

    /// As [`Self::list`], without what has no effect and was not asked for.
    pub fn in_effect(&self) -> Result<&[T], Gaps> {
        if self.may_have_effect() { self.list() } else { Ok(&[]) }
    }
}

/// The gaps that keep a derived fact from being known: sorted, without duplicates, never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gaps(Vec<GapId>);

impl Gaps {
    /// These gaps; `None` if there are none.
    pub fn of(gaps: BTreeSet<GapId>) -> Option<Self> {
        (!gaps.is_empty()).then(|| Self(gaps.into_iter().collect()))
    }

    /// Both sets of gaps.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Takes in another set of gaps.
    pub fn add(&mut self, other: &Self) {
        // Gaps of 10,000 accounts are joined one at a time.
        if let [gap] = other.0.as_slice() {
            if let Err(place) = self.0.binary_search(gap) {
                self.0.insert(place, gap.clone());
            }
            return;
        }
        self.0.extend(other.0.iter().cloned());
        self.0.sort_unstable();
        self.0.dedup();
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

#[cfg(test)]
mod tests {
    use super::Observed;
    use crate::model::{Gap, RegionRecord};

    /// A region as release 0.1.0 may have written it, before the other fields were there.
    #[test]
    fn what_an_earlier_release_did_not_write_is_not_collected() {
        let line = r#"{"name":"eu-central-1","recorders":{"known":[]},"config_retention_days":"absent"}"#;
        let region: RegionRecord = serde_json::from_str(line).unwrap();
        let expected = RegionRecord {
            name: "eu-central-1".to_owned(),
            recorders: Observed::Known(Vec::new()),
            config_retention_days: Observed::Absent,
            ..RegionRecord::default()
        };
        assert_eq!(region, expected);
        assert_eq!(region.log_groups, Observed::Unavailable(Gap::not_collected().id));
    }
}
