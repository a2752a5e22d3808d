//! Names that no action has. See [`super`].

use super::Mistake;
use crate::policy::reference;

pub(super) fn mistake(action: &str) -> Option<Mistake> {
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
