//! What each kind of subject says of itself: what rules about it may ask, and how its subjects come about. One constant for
//! each kind, in the file of its facts; [`super::KINDS`] has them all, and [`super::subjects`] goes through them.

use std::sync::Arc;

use super::coverage::AccountTrails;
use super::in_region::InRegion;
use super::view::Schema;
use super::{AccountFacts, Facts, SubjectFacts};
use crate::finding::SubjectKind;
use crate::model::{AccountRecord, Gap, StoresRecord};

/// A schema by the name that rules use.
pub(super) type Variable = (&'static str, fn() -> &'static Schema);

/// What lists those of a region.
pub(super) type OfRegion = fn(&InRegion<'_>) -> Vec<SubjectFacts>;

/// A kind of subject.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) subject: SubjectKind,
    /// Its own facts, which go by [`SubjectKind::variable`].
    pub(super) schema: fn() -> &'static Schema,
    /// Further facts of the same thing.
    pub(super) more: &'static [Variable],
    pub(super) listed: Listed,
    /// Those of which no record tells: where an account has none, where nobody could be asked, and where an answer that was
    /// refused may have named one.
    pub(super) missing: Option<fn(&Facts) -> Vec<SubjectFacts>>,
    /// What was read of them but cannot be decided, and what of them nobody asked: see [`super::derived_gaps`].
    pub(super) undecided: Option<fn(&Facts, &mut Vec<Gap>)>,
}

/// Where its subjects are listed, which is also whose facts rules about it may ask besides.
#[derive(Debug, Clone, Copy)]
pub(super) enum Listed {
    /// In the header.
    Organization(fn(&Facts) -> Vec<SubjectFacts>),
    /// In the record of an account.
    Account(fn(&InAccount<'_>) -> Vec<SubjectFacts>),
    /// In a region of such a record.
    Region(OfRegion),
    /// In the record of an owner's stores.
    Owner(fn(&Facts, &StoresRecord) -> Vec<SubjectFacts>),
}

/// An account, for the things that are listed in its record.
#[derive(Debug, Clone, Copy)]
pub(super) struct InAccount<'a> {
    pub(super) facts: &'a Facts,
    pub(super) record: &'a AccountRecord,
    pub(super) account: &'a Arc<AccountFacts>,
    pub(super) trails: &'a AccountTrails<'a>,
    /// The kinds that its regions list.
    pub(super) of_regions: &'a [(SubjectKind, OfRegion)],
}
