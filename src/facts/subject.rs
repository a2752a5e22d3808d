//! What facts, and in the end findings, are about. See [`super`].

use std::sync::Arc;

use super::SubjectKind;

/// The id of what stands for subjects that could not be listed.
pub const ANY_ID: &str = "*";

/// What a finding is about. Two subjects with equal `kind`, `account_id`, `region` and `id` are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The account that owns it; the management account for the organization and its policies, if that is known.
    pub account_id: Option<Arc<str>>,
    /// Its region, where it has one.
    pub region: Option<Arc<str>>,
    /// Stable identity within kind, account and region: ARN, name or number; [`ANY_ID`] where the subjects themselves
    /// could not be listed.
    pub id: Arc<str>,
    /// Its ARN, where it has one.
    pub arn: Option<Arc<str>>,
    /// Its name for people.
    pub name: Option<Arc<str>>,
}

/// Who lists subjects of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedBy {
    /// The organization, whichever account holds them.
    Organization,
    /// The account that they are in.
    Account,
    /// Nobody: what other subjects say of where logs go names them, whoever owns them.
    Others,
}
