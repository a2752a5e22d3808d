//! Conditions that no bound caller meets. See [`super`].

use std::borrow::Cow;

use super::{Bound, Mistake};
use crate::arn::{is_account_id, segment};
use crate::condition::Condition;
use crate::condition::paths_of;
use crate::condition_keys::{
    OF_SERVICES, OfOwner, is_always_there, is_clock, is_known, is_name, is_path, is_public_address, of_owner,
    regions,
};
use crate::context::ContextValue;
use crate::document::{ActionPattern, Statement};
use crate::exemption::{ExemptionKind, Passes, Requirement};
use crate::glob::{ARN_COLONS, Glob, Language};
use crate::hierarchy::{PolicyKind, without_owner};
use crate::pattern::Pattern;
use crate::proof::{bound_principals, is_possible};
use crate::reference;
use crate::undecided::{Undecided, needs_set_operator};

/// Whether no request meets all of the conditions, as the prover simplifies them.
pub(super) fn exclude_each_other(conditions: &[Condition]) -> bool {
    let ways = conditions.iter().map(|condition| {
        Passes::requirement(Requirement::condition(condition, false), ExemptionKind::SelfService)
    });
    conditions.len() > 1 && Passes::any(ways) == Passes::Always
}

pub(super) fn mistake(condition: &Condition, statement: &Statement, bound: &Bound<'_>) -> Option<Mistake> {
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
    let Some(explanation) = explain(condition, statement, bound) else {
        if !lacks_to_fail(condition) && !is_always_carried(condition, statement, bound) {
            return None;
        }
        if is_known(condition.lowercase_key())
            && let Some(why) = undecided(condition)
        {
            return Some(Mistake::UndecidedCondition(why));
        }
        if !lacks_to_fail(condition) {
            return None;
        }
        let key = condition.key().to_owned();
        return if !is_known(condition.lowercase_key()) {
            Some(Mistake::UnknownKey { key })
        } else if is_foreign(condition.lowercase_key(), statement) {
            Some(Mistake::ForeignKey { key })
        } else {
            None
        };
    };
    let condition = Requirement::condition(condition, true).to_string();
    Some(Mistake::ImpossibleCondition { condition, explanation })
}

/// Keys of services that go with requests to others ("AWS global condition context keys", properties of a role session).
const CROSS_SERVICE: [&str; 9] = [
    "codebuild:buildarn",
    "codebuild:projectarn",
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:credentialissuingservice",
    "glue:roleassumedby",
    "identitystore:userid",
    "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
];

/// A key of a service that none of the actions is of, nor asked on a resource of.
fn is_foreign(key: &str, statement: &Statement) -> bool {
    let Some((owner, _)) = key.split_once(':') else { return false };
    let actions = &statement.action;
    reference::services().any(|service| service == owner)
        && !CROSS_SERVICE.contains(&key)
        && !actions.negated
        && !actions.patterns.is_empty()
        && actions.patterns.iter().all(|action| {
            let prefix = action.text().split(':').next().unwrap_or_default().to_ascii_lowercase();
            let of_resources = reference::services_of_resources(&prefix);
            !prefix.contains(['*', '?'])
                && prefix != owner
                && !of_resources.is_empty()
                && !of_resources.contains(&owner)
        })
}

/// No request without the key meets the condition.
fn lacks_to_fail(condition: &Condition) -> bool {
    condition.holds(&|_| Cow::Owned(ContextValue::Absent)).is_false()
}

/// Why AWS does not say whether a request with the key meets the condition, whatever value it has.
fn undecided(condition: &Condition) -> Option<Undecided> {
    let comparable = condition.values().iter().any(|value| condition.is_comparable(value));
    if comparable && !needs_set_operator(condition) {
        return None;
    }
    Undecided::of_condition(condition)
}

/// Whether every request that the policy binds carries the key.
fn is_always_carried(condition: &Condition, statement: &Statement, bound: &Bound<'_>) -> bool {
    let key = condition.lowercase_key();
    let may_lack = bound.kind == PolicyKind::ResourceControl && key == "aws:principalarn";
    !may_lack && known(key, statement, bound).is_some_and(|known| known != ContextValue::Absent)
}

fn explain(condition: &Condition, statement: &Statement, bound: &Bound<'_>) -> Option<String> {
    let key = condition.lowercase_key();
    if !condition.operator().is_known() {
        return Some(format!("no condition operator is called `{}`", condition.operator().name()));
    }
    if !is_false_when_absent(condition) && !is_always_carried(condition, statement, bound) {
        return None;
    }
    if condition.values().is_empty() && !condition.is_negated() {
        return Some("no value is listed".to_owned());
    }
    if !is_name(key) {
        return Some(format!("no condition key is called `{}`: keys have a prefix", condition.key()));
    }
    if condition.is_textual()
        && !condition.is_negated()
        && is_false_when_absent(condition)
        && !condition.values().iter().any(|value| is_possible(key, value, condition))
    {
        return Some("this operator takes `*` and `?` literally".to_owned());
    }
    if bound.kind == PolicyKind::ServiceControl && are_of_strangers(condition, bound) {
        return Some("no account of the organization has these numbers".to_owned());
    }
    // Values with variables depend on more than the key.
    let depends = condition.values().iter().any(|value| value.variables().next().is_some());
    let of_any = |key: &str| {
        if is_path(key) {
            Some("the path of an account ends with `/`")
        } else if is_public_address(key) {
            Some(
                "requests come from public addresses, and those by a VPC endpoint carry `aws:VpcSourceIp` in its place",
            )
        } else {
            None
        }
    };
    if let Some(why) = of_any(key)
        && !depends
        && condition.holds(&|_| Cow::Owned(ContextValue::Unknown)).is_false()
    {
        return Some(why.to_owned());
    }
    let known = known(key, statement, bound)?;
    let fails = !depends && condition.holds(&|_| Cow::Borrowed(&known)).is_false();
    fails.then(|| {
        match key {
            "aws:principalarn" if bound.kind == PolicyKind::ResourceControl => {
                "resource control policies do not bind service-linked roles"
            }
            "aws:principalarn" => {
                "a bound caller's ARN is that of a role, user or root user of a member account, never of a session"
            }
            "aws:principalaccount" => "bound callers are of member accounts",
            "aws:principalorgid" | "aws:principalorgpaths" => "bound callers are of the organization itself",
            "aws:requestedregion" if !condition.is_presence() => {
                "the organization is in another partition than such Regions"
            }
            _ if OF_SERVICES.contains(&key) => {
                "only what an AWS service itself calls carries the key, and service control policies do not bind AWS services"
            }
            _ if is_clock(key) && !condition.is_presence() => "that time is past",
            _ if is_always_there(key) => "every request carries the key",
            _ if of_owner(key).is_some() => "bound resources are of member accounts of the organization itself",
            _ => "service control policies do not bind AWS services",
        }
        .to_owned()
    })
}

/// Whether the condition asks for principals of accounts that the organization does not have.
fn are_of_strangers(condition: &Condition, bound: &Bound<'_>) -> bool {
    let Some(accounts) = bound.accounts else { return false };
    let number = |value: &Pattern| match condition.lowercase_key() {
        "aws:principalaccount" | "kms:calleraccount" => Some(value.text().to_owned()),
        "aws:principalarn" => segment(value.text(), 4).map(str::to_owned),
        _ => None,
    };
    let is_strange = |value: &Pattern| {
        number(value).is_some_and(|number| {
            let whole = is_account_id(&number) && !accounts.contains(&number);
            let open = number.contains(['*', '?']) && !number.contains('$') && !value.is_literal();
            let glob = Glob::wildcard(&number);
            // In a text with all its colons no wildcard reaches over one.
            let separate = !value.text().contains(':') || value.text().matches(':').count() == ARN_COLONS;
            whole || open && separate && !accounts.iter().any(|account| glob.matches(account))
        })
    };
    condition.is_textual()
        && !condition.is_negated()
        && !condition.values().is_empty()
        && condition.values().iter().all(is_strange)
}

/// What is true of every caller that a policy binds, and of every resource.
fn known(key: &str, statement: &Statement, bound: &Bound<'_>) -> Option<ContextValue> {
    if key == "aws:requestedregion"
        && let Some(partition) = bound.partition
    {
        return Some(ContextValue::Like(regions(partition)));
    }
    if is_always_there(key) {
        return Some(ContextValue::present());
    }
    if bound.kind == PolicyKind::ResourceControl {
        return of_resources(key, statement, bound);
    }
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
        "aws:principalorgpaths" => {
            let id = bound.organization.id.as_deref().unwrap_or("o-*");
            Some(ContextValue::like(Glob::wildcard(&paths_of(id))))
        }
        _ if OF_SERVICES.contains(&key) => Some(ContextValue::Absent),
        "aws:principalisawsservice" => Some(ContextValue::one("false")),
        "aws:principalservicename" | "aws:principalservicenameslist" => Some(ContextValue::Absent),
        "aws:principalorgid" => bound.organization.id.as_deref().map(ContextValue::one),
        _ => None,
    }
}

/// What is true of every request that a resource control policy binds.
fn of_resources(key: &str, statement: &Statement, bound: &Bound<'_>) -> Option<ContextValue> {
    if key == "aws:principalarn" {
        let linked = Glob::arn("arn:*:iam::*:role/aws-service-role/*");
        return Some(ContextValue::Like(Language::from(Glob::arn("arn:*:*:*:*:*")).and_not(linked)));
    }
    let kind = of_owner(key)?;
    // Some requests carry no such key.
    let listed: Vec<&Glob> = statement.action.patterns.iter().map(ActionPattern::glob).collect();
    let may_lack = without_owner().any(|glob| !glob.covered_by(&listed).is_false());
    if key.starts_with("aws:") && (statement.action.negated || may_lack) {
        return None;
    }
    match kind {
        OfOwner::Account => {
            let accounts = Language::any_of(vec![Glob::wildcard("????????????")]);
            let management = bound.organization.management_account.as_deref()?;
            Some(ContextValue::Like(accounts.and_not(Glob::literal(management))))
        }
        OfOwner::Organization => bound.organization.id.as_deref().map(ContextValue::one),
        OfOwner::Path => {
            let id = bound.organization.id.as_deref()?;
            Some(ContextValue::like(Glob::wildcard(&paths_of(id))))
        }
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
