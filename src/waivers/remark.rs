//! What is to be said of a waiver that covers too much, too little, or no more.

use std::sync::Arc;

use crate::finding::Waiver;

/// What is to be said of a waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The waiver.
    pub waiver: Arc<Waiver>,
    /// What is wrong with it.
    pub kind: RemarkKind,
}

/// What is wrong with a waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemarkKind {
    /// It ended before this day: so many failures that it covered count again.
    Expired {
        /// Failures.
        failures: usize,
    },
    /// It covers no failure, though its rule ran.
    Unused,
    /// It covers no failure that could be seen: so much that it may be about could not be decided, or placed.
    Undecided {
        /// Findings.
        unknown: usize,
    },
    /// It selects by tag, and the snapshot has no tags of accounts.
    TagsUnread,
    /// It covers more than anybody looked at: why that is so.
    TooBroad(&'static str),
}

impl Remark {
    /// The sentence for people.
    pub fn text(&self) -> String {
        let Waiver { id, owner, expires, .. } = &*self.waiver;
        match &self.kind {
            RemarkKind::Expired { failures: 0 } => {
                format!("waiver {id} of {owner} expired on {expires} and covers nothing: remove it")
            }
            RemarkKind::Expired { failures } => {
                let (noun, verb) = if *failures == 1 { ("failure", "counts") } else { ("failures", "count") };
                format!(
                    "waiver {id} of {owner} expired on {expires}: {failures} {noun} that it covered {verb} again. \
                     Put it right, or decide anew"
                )
            }
            RemarkKind::Unused => {
                format!("waiver {id} of {owner} covers no failure: remove it, or correct what it selects")
            }
            RemarkKind::Undecided { unknown } => {
                let noun = if *unknown == 1 { "finding" } else { "findings" };
                format!(
                    "waiver {id} of {owner} covers no failure that could be seen, but {unknown} {noun} that it may be \
                     about could not be decided or placed: keep it until they can"
                )
            }
            RemarkKind::TagsUnread => {
                format!(
                    "waiver {id} of {owner} selects by tag, but the tags of accounts were not read, so it covers \
                     nothing. Scan or collect with --read-account-tags"
                )
            }
            RemarkKind::TooBroad(why) => {
                format!("waiver {id} of {owner} is too broad: {why}. Name what was looked at")
            }
        }
    }
}
