//! Public access: whether everyone, or any AWS customer, gets through.

use super::actions::AuditedResource;
use super::asker::Asker;
use super::names::Names;
use super::search::{Ledger, Reach};
use super::{Answer, Evidence};
use crate::document::{Document, Effect};

/// Statements that let everyone, or any AWS customer, do one of the actions (patterns; `s3:*`), after conditions and
/// denies. Follows "The meaning of public" in "Blocking public access to your Amazon S3 storage", for keys and
/// destinations too, with one difference: a condition on the unique id of a role is taken for the limit that it is,
/// and a deny counts.
pub fn public_access(document: &Document, resource: &AuditedResource, actions: &[&str]) -> Answer {
    let names = Names::of(document);
    let ledger = Ledger::default();
    let (mut certain, mut uncertain) = (Vec::new(), Vec::new());
    for allow in document.with_effect(Effect::Allow) {
        let (mut open, mut unclear, mut met, mut undecided) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for action in resource.actions_of(allow, actions) {
            for target in resource.targets(&action) {
                let asker =
                    Asker { document, names: &names, ledger: &ledger, action: &action, resource: &target };
                match asker.outsiders(allow) {
                    Reach::No => {}
                    Reach::Yes(keys) => {
                        open.push(action.clone());
                        met.extend(keys);
                    }
                    Reach::Unknown(keys) => {
                        unclear.push(action.clone());
                        undecided.extend(keys);
                    }
                }
            }
        }
        if !open.is_empty() {
            let mut reason = format!("lets everyone do {}", list(open));
            if !met.is_empty() {
                reason = format!("{reason}; any caller can meet its condition on {}", list(met));
            }
            certain.push(Evidence { statement: allow.id.clone(), reason });
        } else if !unclear.is_empty() {
            let mut reason = format!("may let everyone do {}", list(unclear));
            if !undecided.is_empty() {
                reason = format!("{reason}, depending on {}", list(undecided));
            }
            uncertain.push(Evidence { statement: allow.id.clone(), reason });
        }
    }
    Answer::from_evidence(certain, uncertain)
}

/// Names without repetition, the first few of many.
fn list(mut names: Vec<String>) -> String {
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(5);
    names.truncate(5);
    let text = names.join(", ");
    if more == 0 { text } else { format!("{text} and {more} more") }
}
