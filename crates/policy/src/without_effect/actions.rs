//! Names that no action has. See [`super`].

use super::{Bound, Mistake};
use crate::document::{ActionPattern, Statement};
use crate::glob::Glob;
use crate::hierarchy::PolicyKind;
use crate::reference::{self, ResourceControl};
use crate::truth::Truth;

/// Whether the statement's list takes in every action.
pub(super) fn lists_all(statement: &Statement) -> bool {
    let globs: Vec<&Glob> = statement.action.patterns.iter().map(ActionPattern::glob).collect();
    Glob::wildcard("*:*").covered_by(&globs) == Truth::True
}

pub(super) fn mistake(action: &str, bound: &Bound<'_>) -> Option<Mistake> {
    named(action).or_else(|| {
        (bound.kind == PolicyKind::ResourceControl && is_unbound(action, bound.resource_controlled))
            .then(|| Mistake::UnboundAction { action: action.to_owned() })
    })
}

/// Whether resource control policies bind nothing that the pattern matches.
fn is_unbound(pattern: &str, more: &[String]) -> bool {
    let Some((prefix, name)) = pattern.split_once(':').filter(|(prefix, _)| !prefix.contains(['*', '?']))
    else {
        return false;
    };
    let glob = Glob::wildcard(name).lowercase();
    let mut names: Vec<&str> = reference::actions(prefix);
    names.retain(|known| glob.matches(&known.to_ascii_lowercase()));
    let is_unbound = |name: &str| {
        reference::resource_control(&format!("{prefix}:{name}"), more) == ResourceControl::NotBound
    };
    if names.is_empty() { is_unbound(name) } else { names.into_iter().all(is_unbound) }
}

fn named(action: &str) -> Option<Mistake> {
    if let Some(explanation) = malformed(action) {
        return Some(Mistake::ImpossibleAction { action: action.to_owned(), explanation });
    }
    let (service, _) = action.split_once(':').filter(|(service, _)| !service.contains(['*', '?']))?;
    let impossible =
        |explanation: String| Some(Mistake::ImpossibleAction { action: action.to_owned(), explanation });
    if let Some(right) = reference::right_prefix(service) {
        return impossible(format!("the service prefix is `{right}`"));
    }
    let Some(matching) = reference::matching(action) else {
        return match reference::misspelt_service(action) {
            Some(meant) => impossible(format!("no service has this prefix; `{meant}` may be meant")),
            None => Some(Mistake::UnknownAction { action: action.to_owned() }),
        };
    };
    if !matching.actions.is_empty() {
        return None;
    }
    if let Some((call, granting)) = matching.call {
        return impossible(format!("`{call}` is a call, which `{service}:{granting}` grants"));
    }
    match reference::misspelt(action).filter(|_| !matching.unlisted) {
        Some(meant) => impossible(format!("`{meant}` may be meant")),
        None => Some(Mistake::UnknownAction { action: action.to_owned() }),
    }
}

fn malformed(action: &str) -> Option<String> {
    let foreign = |character: &char| {
        !character.is_ascii_alphanumeric() && !matches!(character, ':' | '-' | '_' | '*' | '?')
    };
    if let Some(character) = action.chars().find(foreign) {
        return Some(format!("names of actions do not contain `{character}`, they are `service:Action`"));
    }
    let Some((service, name)) = action.split_once(':') else {
        let has_run = action.contains('*');
        return (!has_run).then(|| "an action is `service:Action`".to_owned());
    };
    if service.is_empty() || name.is_empty() {
        return Some("an action is `service:Action`".to_owned());
    }
    name.contains(':').then(|| "there is one colon in `service:Action`".to_owned())
}
