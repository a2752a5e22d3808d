//! An account in scope: what [`super::discovery`] finds, and what is then read.

/// An account in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
}
