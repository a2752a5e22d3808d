//! Names that no action has. See [`super`].

use super::Mistake;
use crate::policy::reference;

pub(super) fn mistake(action: &str) -> Option<Mistake> {
    explain(action).map(|explanation| Mistake::ImpossibleAction { action: action.to_owned(), explanation })
}

fn explain(action: &str) -> Option<String> {
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
    if name.contains(':') {
        return Some("there is one colon in `service:Action`".to_owned());
    }
    let right = reference::right_prefix(service)?;
    Some(format!("the service prefix is `{right}`"))
}
