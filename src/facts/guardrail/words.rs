//! Guardrails in sentences: what holds, what is open, who is exempt. See [`super`].

use std::collections::BTreeSet;

use super::actions::ACCOUNT;
use super::answer::Standing;
use super::row::{ProtectedAccount, Row};
use super::{Binding, ResourceKind};
use crate::facts::Facts;
use crate::facts::view::Derived;
use crate::facts::words::{and, few};
use crate::policy::ExemptionKind;
use crate::policy::audit::Grant;

/// What holds every row.
pub(super) fn held_by(rows: &[Row], instead: Option<&str>) -> Option<String> {
    let mut statements: Vec<&str> = Vec::new();
    let mut exemptions = BTreeSet::new();
    for row in rows {
        for statement in &row.answer.denied_by {
            if !statements.contains(&statement.as_str()) {
                statements.push(statement);
            }
        }
        if let Ok(Standing::Exempting { exemption, kind }) = &row.answer.standing {
            exemptions.insert(format!("{exemption} ({kind})"));
        }
    }
    let exempting = if exemptions.is_empty() {
        String::new()
    } else {
        format!(", except for {}", few(&exemptions.into_iter().collect::<Vec<_>>()))
    };
    let statements = (!statements.is_empty()).then(|| format!("{}{exempting}", few(&statements)));
    match (statements, instead) {
        (Some(statements), Some(instead)) => Some(format!("{statements}; {instead}")),
        (statements, instead) => statements.or_else(|| instead.map(str::to_owned)),
    }
}

/// Who gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who<'a> {
    Anyone,
    /// Ordinary callers among them.
    If(&'a str),
    /// Nobody as they are, but administrators of the account by their own doing.
    Administrators {
        exemption: &'a str,
        how: &'a [String],
    },
}

/// What is open, as the end of a sentence: actions with the same reason on the same thing together.
pub(super) fn open(rows: &[&Row], of: &ProtectedAccount<'_>) -> Option<String> {
    const SHOWN: usize = 2;
    let mut groups: Vec<(Who<'_>, &str, ResourceKind, Vec<&str>)> = Vec::new();
    for row in rows {
        let who = match &row.answer.standing {
            Ok(Standing::Open { exemption: None }) => Who::Anyone,
            Ok(Standing::Open { exemption: Some(exemption) }) => Who::If(exemption),
            Ok(Standing::Exempting { exemption, .. }) => {
                Who::Administrators { exemption, how: &row.answer.how }
            }
            Ok(Standing::Denied) | Err(_) => continue,
        };
        let canonical = row.canonical();
        match groups.iter_mut().find(|group| group.0 == who && group.1 == canonical) {
            Some(group) => group.3.push(row.action.name),
            None => groups.push((who, canonical, row.action.resource, vec![row.action.name])),
        }
    }
    // Whatever is open to anyone comes before what takes a step or two.
    groups.sort_by_key(|group| matches!(group.0, Who::Administrators { .. }));
    let sentences: Vec<String> = groups
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(place, (who, canonical, kind, actions))| {
            let (on, some) = (on(canonical, *kind, of), some(actions));
            let is = if actions.len() == 1 { "is" } else { "are" };
            match who {
                Who::Anyone => format!("nothing denies {some}{on}"),
                Who::If(exemption) => format!("{some}{on} {is} not denied if {exemption}"),
                Who::Administrators { .. } if groups.iter().take(place).any(|before| before.0 == *who) => {
                    format!("so {is} {some}{on}")
                }
                Who::Administrators { exemption, how } => {
                    let how = if how.is_empty() { String::new() } else { format!(" ({})", how.join("; ")) };
                    format!(
                        "{some}{on} {is} denied unless {exemption}, which administrators of the account can \
                         arrange{how}"
                    )
                }
            }
        })
        .collect();
    if sentences.is_empty() {
        return None;
    }
    let more = match groups.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let no_policies = if of.unbound { "no service control policy has effect here, and " } else { "" };
    Some(format!("{no_policies}{}{more}", sentences.join("; ")))
}

/// The first of many actions: the rule's page has them all.
fn some(actions: &[&str]) -> String {
    match actions {
        [first, second, more @ ..] if more.len() > 1 => format!("{first}, {second} and {} more", more.len()),
        actions => and(actions),
    }
}

fn on(canonical: &str, kind: ResourceKind, of: &ProtectedAccount<'_>) -> String {
    if kind == ResourceKind::None || canonical == "*" {
        return String::new();
    }
    if canonical == kind.pattern(of.partition, ACCOUNT) {
        return format!(" on {}", kind.any());
    }
    format!(" on {}", canonical.replace(ACCOUNT, of.account).trim_end_matches(":*"))
}

/// Who is exempt by which statements.
pub(super) fn exemption(exemption: &str, kind: ExemptionKind, denied_by: &[String]) -> String {
    format!("{exemption} ({kind}, from {})", few(denied_by))
}

/// Why no policy binds the account; `None` if they do.
pub(super) fn unbound(facts: &Facts, account: &str, binding: &Derived<Binding>) -> Derived<Option<String>> {
    Ok(match binding.as_ref().map_err(Clone::clone)? {
        Binding::Member(_) => None,
        Binding::Alone => Some("it belongs to no organization".to_owned()),
        Binding::Management => {
            let depending = depending(facts, account);
            let why = "no service control or resource control policy binds the management account";
            Some(match depending.as_slice() {
                [] => why.to_owned(),
                depending => format!("{why}, and on it depend {}", and(depending)),
            })
        }
    })
}

/// What of the organization's logging belongs to the account.
fn depending(facts: &Facts, account: &str) -> Vec<String> {
    let index = &facts.index;
    let trails = index.organization_trails.iter().filter(|owned| owned.account_id == account);
    let mut depending: Vec<String> =
        trails.map(|owned| format!("the organization trail {}", owned.trail.name)).collect();
    if let Ok(Some(archive)) = &index.archive
        && archive.account_id.as_ref().is_ok_and(|owner| owner.as_deref() == Some(account))
    {
        depending.push(format!("the archive {}", archive.bucket_name));
    }
    depending
}

/// Whom the resource's own policy lets in, after the word if.
pub(super) fn grant(grant: &Grant, called: &str) -> String {
    format!("the {called}, {}, lets in {}", grant.statement, grant.scope)
}
