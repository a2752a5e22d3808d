//! Policies that many cases share are parsed once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::policy::{Document, ParseError};

/// Documents that are kept; an organization has fewer.
const KEPT: usize = 512;

/// Parsed documents by their text.
#[derive(Debug, Default)]
pub(super) struct Documents(RwLock<HashMap<String, Arc<Document>>>);

impl Documents {
    /// The document of this text.
    pub(super) fn parse(&self, text: String) -> Result<Arc<Document>, ParseError> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&text).cloned();
        if let Some(document) = known {
            return Ok(document);
        }
        let document = Arc::new(Document::parse(&text)?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text, Arc::clone(&document));
        Ok(document)
    }
}
