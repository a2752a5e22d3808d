//! Conditions that no bound caller meets. See [`super`].

use std::borrow::Cow;

use super::{Bound, Mistake};
use crate::policy::condition::Condition;
use crate::policy::condition_keys::is_known;
use crate::policy::context::ContextValue;
use crate::policy::escape::Requirement;
use crate::policy::glob::{Glob, Language};
use crate::policy::hierarchy::PolicyKind;
use crate::policy::pattern::Pattern;
use crate::policy::proof::{bound_principals, is_possible};

pub(super) fn mistake(condition: &Condition, bound: &Bound<'_>) -> Option<Mistake> {
    if condition.is_textual()
        && !condition.is_negated()
        && is_false_when_absent(condition)
        && let Some((pattern, variable)) = all_unresolvable(condition)
    {
        return Some(Mistake::UnresolvedVariable {
            pattern: pattern.text().to_owned(),
            variable: variable.to_owned(),
        });
    }
    let Some(explanation) = explain(condition, bound) else {
        let unknown = !is_known(condition.lowercase_key()) && is_false_when_absent(condition);
        return unknown.then(|| Mistake::UnknownKey { key: condition.key().to_owned() });
    };
    let condition = Requirement::condition(condition, true).to_string();
    Some(Mistake::ImpossibleCondition { condition, explanation })
}

fn explain(condition: &Condition, bound: &Bound<'_>) -> Option<String> {
    let key = condition.lowercase_key();
    if !condition.operator().is_known() {
        return Some(format!("no condition operator is called `{}`", condition.operator().name()));
    }
    let known = if bound.kind == PolicyKind::ServiceControl { known(key, bound) } else { None };
    let always_there = known.as_ref().is_some_and(|known| *known != ContextValue::Absent);
    if !is_false_when_absent(condition) && !always_there {
        return None;
    }
    if condition.values().is_empty() && !condition.is_negated() {
        return Some("no value is listed".to_owned());
    }
    if !key.contains(':') {
        return Some(format!("no condition key is called `{}`: keys have a prefix", condition.key()));
    }
    if condition.is_textual()
        && !condition.is_negated()
        && is_false_when_absent(condition)
        && !condition.values().iter().any(|value| is_possible(key, value, condition))
    {
        return Some("this operator takes `*` and `?` literally".to_owned());
    }
    let known = known?;
    // Values with variables depend on more than the key.
    let depends = condition.values().iter().any(|value| value.variables().next().is_some());
    let fails = !depends && condition.holds(&|_| Cow::Borrowed(&known)).is_false();
    fails.then(|| {
        match key {
            "aws:principalarn" => {
                "a bound caller's ARN is that of a role, user or root user of a member account, never of a session"
            }
            "aws:principalaccount" => "bound callers are of member accounts",
            "aws:principalorgid" | "aws:principalorgpaths" => "bound callers are of the organization itself",
            _ => "service control policies do not bind AWS services",
        }
        .to_owned()
    })
}

/// What is true of every caller that a service control policy binds.
fn known(key: &str, bound: &Bound<'_>) -> Option<ContextValue> {
    match key {
        "aws:principalarn" => {
            let partition = bound.partition.unwrap_or("*");
            let principals = bound_principals(partition, "*");
            Some(ContextValue::Like(match &bound.organization.management_account {
                Some(account) => principals.and_not(Glob::arn(&format!("arn:*:*::{account}:*"))),
                None => principals,
            }))
        }
        "aws:principalaccount" => {
            let accounts = Language::any_of(vec![Glob::wildcard("????????????")]);
            Some(ContextValue::Like(match &bound.organization.management_account {
                Some(account) => accounts.and_not(Glob::literal(account)),
                None => accounts,
            }))
        }
        "aws:principalorgpaths" => Some(ContextValue::like(Glob::wildcard(&format!(
            "{}/*",
            bound.organization.id.as_deref().unwrap_or("o-*")
        )))),
        "aws:principalisawsservice" => Some(ContextValue::one("false")),
        "aws:principalservicename" | "aws:principalservicenameslist" => Some(ContextValue::Absent),
        "aws:principalorgid" => bound.organization.id.as_deref().map(ContextValue::one),
        _ => None,
    }
}

fn is_false_when_absent(condition: &Condition) -> bool {
    condition.is_presence() || condition.holds(&|_| Cow::Owned(ContextValue::Absent)).is_false()
}

fn all_unresolvable(condition: &Condition) -> Option<(&Pattern, &str)> {
    let mut found = None;
    for value in condition.values() {
        let variable = value.unresolvable()?;
        found = found.or(Some((value, variable)));
    }
    found
}
