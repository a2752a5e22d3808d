//! The statements that decide an answer, in words. See [`super`].

use super::ground::Ground;
use crate::policy::{Deciding, PolicyKind, Proof};

/// The statements that decide, in words, each once.
pub(super) fn denied_by(ground: &Ground, proof: &Proof) -> Vec<String> {
    let mut found = Vec::new();
    for deciding in &proof.decided_by {
        let text = statement(ground, deciding);
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn statement(ground: &Ground, deciding: &Deciding) -> String {
    let level = level(ground, &deciding.level);
    match (&deciding.policy, &deciding.statement) {
        (Some(policy), Some(statement)) if deciding.kind == PolicyKind::ResourceBased => {
            format!("the {policy}, {statement}")
        }
        (Some(policy), Some(statement)) => {
            let name = ground.name(policy);
            let id = if name == policy { String::new() } else { format!(" ({policy})") };
            format!("{} {name}{id}, {statement}, at {level}", deciding.kind)
        }
        _ => format!("no {} at {level} that allows it", deciding.kind),
    }
}

/// A level for people.
pub(super) fn level(ground: &Ground, id: &str) -> String {
    if id.starts_with("r-") {
        "the root".to_owned()
    } else if id.starts_with("ou-") {
        format!("unit {} ({id})", ground.name(id))
    } else {
        "the account".to_owned()
    }
}
