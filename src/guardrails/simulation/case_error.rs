//! Why a case is not answered: whoever reads a part of it says so in these words.

/// What is wrong with a case: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct CaseError(pub(super) String);

/// Refuses a case.
pub(super) fn refuse<T>(text: impl Into<String>) -> Result<T, CaseError> {
    Err(CaseError(text.into()))
}
