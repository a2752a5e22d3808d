//! One action that was asked on one thing, and of whose account. See [`super`].

use std::sync::Arc;

use super::ProtectedAction;
use super::actions::ACCOUNT;
use super::answer::Answer;

/// One action, asked on one resource of an account.
#[derive(Debug, Clone)]
pub struct Row {
    /// The action.
    pub action: &'static ProtectedAction,
    /// The ARN, a pattern of ARNs that all of the account's are of, or `*`, with the account's number blanked out.
    canonical: String,
    /// What guardrails say of it.
    pub answer: Arc<Answer>,
}

impl Row {
    pub(super) fn new(action: &'static ProtectedAction, canonical: &str, answer: Arc<Answer>) -> Self {
        Self { action, canonical: canonical.to_owned(), answer }
    }

    /// The ARN, a pattern of ARNs that all of the account's are of, or `*`.
    pub fn resource(&self, account: &str) -> String {
        self.canonical.replace(ACCOUNT, account)
    }

    pub(super) fn canonical(&self) -> &str {
        &self.canonical
    }
}

/// Whose protection it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ProtectedAccount<'a> {
    pub(super) account: &'a str,
    pub(super) partition: &'a str,
    /// No service control policy has effect there.
    pub(super) unbound: bool,
}
