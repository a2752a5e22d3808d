//! What each kind of subject says of itself: what it is called, what rules about it may ask, and how its subjects come about.
//! One constant for each kind, in the file of its facts; [`super`] lists them, and [`super::subjects`] goes through them.

use std::sync::Arc;

use super::coverage::AccountTrails;
use super::in_region::InRegion;
use super::subject::ListedBy;
use super::view::Schema;
use super::{AccountFacts, Facts, SubjectFacts, SubjectKind};
use crate::model::{AccountRecord, Gap, StoresRecord};

/// A schema by the name that rules use.
pub(super) type Variable = (&'static str, fn() -> &'static Schema);

/// What lists those of a region.
pub(super) type OfRegion = fn(&InRegion<'_>) -> Vec<SubjectFacts>;

/// A kind of subject.
#[derive(Debug)]
pub(super) struct Kind {
    /// The word that rules and reports use.
    pub(super) word: &'static str,
    /// The name of its facts in an expression.
    pub(super) variable: &'static str,
    /// What could not be listed, in words.
    pub(super) unlisted: &'static str,
    /// The service part of its subjects' addresses, as in ARNs.
    pub(super) service: &'static str,
    /// Its resource type in OCSF, as in `CloudFormation`.
    pub(super) ocsf: &'static str,
    /// Its resource type in the AWS Security Finding Format.
    pub(super) asff: &'static str,
    /// Its own facts, which go by [`Kind::variable`].
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

/// Makes [`SubjectKind`] of all kinds: the documentation of each, its variant, and the constant that says the rest.
macro_rules! kinds {
    ($(#[doc = $doc:literal] $kind:ident = $said:path;)*) => {
        /// What a rule can be about.
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            serde::Serialize,
            serde::Deserialize,
            schemars::JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum SubjectKind {
            $(#[doc = $doc] $kind,)*
        }

        impl SubjectKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            fn said(self) -> &'static kind::Kind {
                match self { $(Self::$kind => &$said,)* }
            }
        }
    };
}
pub(super) use kinds;

impl SubjectKind {
    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// The word that rules and reports use.
    pub fn as_str(self) -> &'static str {
        self.said().word
    }

    /// The name of the subject's facts in an expression.
    pub fn variable(self) -> &'static str {
        self.said().variable
    }

    /// What could not be listed, where that is so.
    pub fn unlisted(self) -> &'static str {
        self.said().unlisted
    }

    /// The service part of a subject's address, as in ARNs.
    pub fn service(self) -> &'static str {
        self.said().service
    }

    /// Its resource type in OCSF.
    pub fn ocsf_type(self) -> &'static str {
        self.said().ocsf
    }

    /// Its resource type in the AWS Security Finding Format.
    pub fn asff_type(self) -> &'static str {
        self.said().asff
    }

    /// Who lists such subjects.
    pub fn listed_by(self) -> ListedBy {
        match self.said().listed {
            Listed::Organization(_) => ListedBy::Organization,
            Listed::Account(_) | Listed::Region(_) => ListedBy::Account,
            Listed::Owner(_) => ListedBy::Others,
        }
    }

    /// About the organization rather than about an account of it, whichever account holds it.
    pub fn is_organizational(self) -> bool {
        self.listed_by() == ListedBy::Organization
    }
}

/// What each kind says, in the order of the kinds.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    SubjectKind::ALL.iter().map(|kind| kind.said())
}
