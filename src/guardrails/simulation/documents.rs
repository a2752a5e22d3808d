//! Policies that many cases share are read once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::accepted::refusal;
use crate::policy::{Document, PolicyKind};

/// Documents that are kept; an organization has fewer.
const KEPT: usize = 512;

/// Documents of one kind of policy by their text.
#[derive(Debug)]
pub(super) struct Documents {
    kind: PolicyKind,
    kept: RwLock<HashMap<String, Arc<Document>>>,
}

impl Documents {
    pub(super) fn new(kind: PolicyKind) -> Self {
        Self { kind, kept: RwLock::default() }
    }

    /// The document of this text, or why AWS would refuse it.
    pub(super) fn read(&self, text: String) -> Result<Arc<Document>, String> {
        let known = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&text).cloned();
        if let Some(document) = known {
            return Ok(document);
        }
        let document = Document::parse(&text).map_err(|error| error.to_string())?;
        if let Some(refusal) = refusal(&document, self.kind) {
            return Err(refusal);
        }
        let document = Arc::new(document);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text, Arc::clone(&document));
        Ok(document)
    }
}
