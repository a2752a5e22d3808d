//! What was asked of the fake, for assertions.

use std::collections::BTreeSet;

use serde_json::Value;

/// What a call is counted under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKey {
    /// The calling account; for `AssumeRole` the account of the role.
    pub account: String,
    /// The region that the request is signed for.
    pub region: String,
    /// The fake's name of the service, as in `Matcher`.
    pub service: String,
    /// As in the SDK.
    pub operation: String,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub key: CallKey,
    /// Whose credentials signed it.
    pub access_key_id: String,
    /// The JSON body, the form fields, or bucket and query of a REST request.
    pub parameters: Value,
}

#[derive(Default)]
pub struct Recording {
    pub requests: Vec<Recorded>,
    pub unexpected: Vec<String>,
    pub refused_actions: BTreeSet<(String, String)>,
    pub max_in_progress: usize,
    in_progress: usize,
}

impl Recording {
    pub fn begin(&mut self) {
        self.in_progress += 1;
        self.max_in_progress = self.max_in_progress.max(self.in_progress);
    }

    pub fn end(&mut self) {
        self.in_progress -= 1;
    }

    pub fn reset(&mut self) {
        *self = Self { in_progress: self.in_progress, ..Self::default() };
    }
}
