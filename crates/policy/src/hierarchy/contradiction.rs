//! Requests that contradict themselves: a condition key that is given one value, where another follows from what else is
//! given. See [`super`].

use std::fmt;

use super::concrete::only_region;
use super::{Guardrails, Hierarchy, Member};
use crate::arn::account_of;
use crate::context::ContextValue;
use crate::glob::Glob;
use crate::request::{Request, Target};

/// Two values for one thing, of which one must be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The condition key, in lower case; `None` where it is about the resource's account as such.
    pub key: Option<String>,
    /// What was given.
    pub given: String,
    /// What follows from the rest.
    pub follows: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, given, follows } = self;
        match key {
            Some(key) => write!(
                formatter,
                "the request contradicts itself: {key} is given as {given}, while {follows} follows from the rest"
            ),
            None => write!(
                formatter,
                "the request contradicts itself: the resource's account is given as {given}, while its ARN has {follows}"
            ),
        }
    }
}

impl Guardrails<'_> {
    /// The first contradiction in the request.
    pub fn contradiction(&self, request: &Request) -> Option<Contradiction> {
        let named = match &request.resource {
            Target::Exact(arn) => account_of(arn),
            Target::AnyOf(_) => None,
        };
        if let (Some(given), Some(named)) = (self.resource_account.as_deref(), named)
            && given != named
        {
            return Some(Contradiction { key: None, given: given.to_owned(), follows: named.to_owned() });
        }
        request.context.given().find_map(|(key, value)| {
            let ContextValue::Known(given) = value else { return None };
            let follows = self.excluding(key, given, request)?;
            Some(Contradiction { key: Some(key.to_owned()), given: given.join(", "), follows })
        })
    }

    /// What follows for the key, where the given values are not that.
    fn excluding(&self, key: &str, given: &[String], request: &Request) -> Option<String> {
        let action = match &request.action {
            Target::Exact(action) => action.as_str(),
            Target::AnyOf(_) => "",
        };
        let follows = request
            .principal
            .derived(key)
            .or_else(|| {
                let region = only_region(action, request).filter(|_| key == "aws:requestedregion");
                region.map(ContextValue::one)
            })
            .or_else(|| self.derived(key, self.certain_member(request), action, &request.resource))?;
        match follows {
            ContextValue::Known(values) => {
                let among = |one: &[String], other: &[String]| {
                    one.iter().all(|value| other.iter().any(|known| known.eq_ignore_ascii_case(value)))
                };
                let agree = among(given, &values) && among(&values, given);
                (!agree).then(|| values.join(", "))
            }
            // The role behind a session may have any path.
            ContextValue::Like(language) if key == "aws:principalarn" => {
                let [arn] = given else { return None };
                let arn = Glob::literal(arn);
                let possible = !language.covered_by(&[&arn]).is_false();
                let patterns = language.single().map(ToString::to_string);
                (!possible).then(|| patterns.unwrap_or_else(|| "another ARN".to_owned()))
            }
            _ => None,
        }
    }

    /// The caller's account, if what is given says that it is of the organization.
    fn certain_member<'r>(&self, request: &'r Request) -> Option<Member<'r>> {
        let account = request.principal.account()?;
        let bound = [self.service_control, self.resource_control].into_iter().flatten();
        let mut members =
            bound.filter_map(Hierarchy::account).chain(self.organization.management_account.as_deref());
        members.any(|member| member == account).then_some(Member { account, path: None })
    }
}
