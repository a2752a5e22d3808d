//! What narrows or changes what a subscription forwards, besides its pattern. See [`super`].

use super::criteria;
use crate::facts::view::Derived;
use crate::model::{AccountSubscriptionPolicy, Gap, GapPlace, GapReason, Observed, SubscriptionFilter};

/// Where a gap about log groups of a region lies.
pub(super) fn place<'a>(account: &'a str, region: &'a str, operation: &'a str) -> GapPlace<'a> {
    GapPlace { account_id: Some(account), region: Some(region), service: "logs", operation, resource: None }
}

/// What narrows or changes what a subscription forwards, besides its pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrowing<'a> {
    operation: &'static str,
    name: &'a str,
    pub(super) selection: &'a Observed<String>,
    transformed: &'a Observed<bool>,
}

impl<'a> Narrowing<'a> {
    pub(super) fn of_filter(filter: &'a SubscriptionFilter) -> Self {
        Self {
            operation: "DescribeSubscriptionFilters",
            name: &filter.name,
            selection: &filter.field_selection,
            transformed: &filter.transformed,
        }
    }

    pub(super) fn of_policy(policy: &'a AccountSubscriptionPolicy) -> Self {
        Self {
            operation: "DescribeAccountPolicies",
            name: &policy.name,
            selection: &policy.field_selection,
            transformed: &policy.transformed,
        }
    }

    fn gap(&self, account: &str, region: &str, what: &str) -> Gap {
        let place = GapPlace { resource: Some(self.name), ..place(account, region, self.operation) };
        Gap::new(place, GapReason::Undecided, format!("subscription {}: {what}", self.name))
    }

    /// Events of the account in the region meet the criteria.
    pub(super) fn admits(&self, account: &str, region: &str) -> Derived<bool> {
        match self.selection.get()? {
            None => Ok(true),
            Some(criteria) => criteria::admits(criteria, account, region)
                .ok_or_else(|| self.gap(account, region, NOT_UNDERSTOOD).id.into()),
        }
    }

    /// Whether the log group has a transformer is not read: one may drop what it likes.
    pub(super) fn unchanged(&self, account: &str, region: &str) -> Derived<bool> {
        match self.transformed.get()? {
            Some(true) => Err(self.gap(account, region, TRANSFORMED).id.into()),
            Some(false) | None => Ok(true),
        }
    }

    /// What it leaves open.
    pub(super) fn gaps(&self, account: &str, region: &str) -> Vec<Gap> {
        let mut open = Vec::new();
        if let Observed::Known(criteria) = self.selection
            && criteria::admits(criteria, account, region).is_none()
        {
            open.push(NOT_UNDERSTOOD);
        }
        if *self.transformed == Observed::Known(true) {
            open.push(TRANSFORMED);
        }
        open.into_iter().map(|what| self.gap(account, region, what)).collect()
    }
}

const NOT_UNDERSTOOD: &str = "its criteria over fields cannot be evaluated";
const TRANSFORMED: &str =
    "it forwards what a transformer has made of the events, and whether that is all of them is not read";

/// Of a selection that cannot be read it is unknown which groups it leaves out.
pub(super) fn unrecognized(
    account: &str,
    region: &str,
    policy: &AccountSubscriptionPolicy,
    selection: &str,
) -> Gap {
    let place =
        GapPlace { resource: Some(&policy.name), ..place(account, region, "DescribeAccountPolicies") };
    let why = format!("the policy's selection of log groups cannot be evaluated: {selection}");
    Gap::new(place, GapReason::Undecided, why)
}
