//! Which accounts a destination's access policy lets subscribe. There may be fifty thousand, and a destination in each region:
//! of those in one place of the organization that nothing in the policy tells apart, one is asked. See [`super`].

use std::collections::{HashMap, HashSet};

use crate::facts::alike;
use crate::policy::audit::{self, OrganizationScope};
use crate::policy::{Document, Truth};

/// Digits of an account's number.
const DIGITS: usize = 12;

/// An access policy that is asked about one account after the other.
pub(super) struct Admission<'a> {
    document: &'a Document,
    arn: &'a str,
    organization: &'a OrganizationScope,
    /// The numbers that the policy names; `None` where it may tell apart others.
    named: Option<HashSet<&'a [u8]>>,
    /// What was found for all others, by their place and whether they are of the organization.
    found: HashMap<(Option<&'a str>, bool), Truth>,
}

impl<'a> Admission<'a> {
    /// `text` is the policy as it is written.
    pub(super) fn new(
        document: &'a Document,
        text: &'a str,
        arn: &'a str,
        organization: &'a OrganizationScope,
    ) -> Self {
        let windows = text.as_bytes().windows(DIGITS);
        let named = || windows.filter(|digits| digits.iter().all(u8::is_ascii_digit)).collect();
        let named = (!alike::tells_numbers_apart(text)).then(named);
        Self { document, arn, organization, named, found: HashMap::new() }
    }

    /// Whether the policy lets an account subscribe from its place in the organization, where that is known.
    pub(super) fn admits(&mut self, account: &str, path: Option<&'a str>) -> Truth {
        let Self { document, arn, organization, named, found } = self;
        let ask = || audit::admits(document, arn, (account, path), organization);
        let is_number = account.len() == DIGITS && account.bytes().all(|byte| byte.is_ascii_digit());
        match named {
            Some(named) if is_number && !named.contains(account.as_bytes()) => {
                *found.entry((path, organization.account_ids.contains(account))).or_insert_with(ask)
            }
            _ => ask(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const ARN: &str = "arn:aws:logs:eu-central-1:222222222222:destination:central";
    const ACCOUNTS: [&str; 5] =
        ["111111111111", "333333333333", "400000000001", "400000000002", "955555555555"];
    const PATHS: [Option<&str>; 3] = [None, Some("o-1/r-1/ou-1/"), Some("o-1/r-1/ou-2/")];

    proptest! {
        /// Whichever accounts were asked before, and whatever the policy names.
        #[test]
        fn an_account_is_admitted_as_if_it_were_asked_alone(
            effects in prop::collection::vec(prop::bool::weighted(0.7), 1..3),
            principals in prop::collection::vec(
                prop::sample::select(vec![
                    "\"*\"",
                    "{\"AWS\":\"*\"}",
                    "{\"AWS\":\"400000000001\"}",
                    "{\"AWS\":[\"arn:aws:iam::333333333333:root\",\"arn:aws:iam::111111111111:role/x\"]}",
                ]),
                2,
            ),
            conditions in prop::collection::vec(
                prop::sample::select(vec![
                    "{}",
                    "{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-1\"}}",
                    "{\"StringLike\":{\"aws:PrincipalAccount\":\"4000*\"}}",
                    "{\"StringLike\":{\"aws:PrincipalAccount\":\"????????????\"}}",
                    "{\"StringNotEquals\":{\"aws:PrincipalAccount\":[\"400000000002\",\"955555555555\"]}}",
                    "{\"NumericLessThan\":{\"aws:PrincipalAccount\":\"400000000000\"}}",
                    "{\"ForAnyValue:StringLike\":{\"aws:PrincipalOrgPaths\":\"o-1/*/ou-1/*\"}}",
                    "{\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/writer\"}}",
                ]),
                2,
            ),
            asked in prop::collection::vec((0..ACCOUNTS.len(), 0..PATHS.len()), 1..20),
            outside in prop::bool::ANY,
        ) {
            let statement = |((effect, principal), condition): ((&bool, &&str), &&str)| {
                let effect = if *effect { "Allow" } else { "Deny" };
                format!(
                    r#"{{"Effect":"{effect}","Principal":{principal},"Action":"logs:PutSubscriptionFilter","Resource":"*","Condition":{condition}}}"#
                )
            };
            let statements: Vec<String> = effects.iter().zip(&principals).zip(&conditions).map(statement).collect();
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
            let document = Document::parse(&text).unwrap();
            let members: BTreeSet<String> = ACCOUNTS.iter().skip(usize::from(outside)).map(|id| (*id).to_owned()).collect();
            let organization =
                OrganizationScope { organization_id: Some("o-1".to_owned()), account_ids: members, ..OrganizationScope::default() };
            let mut admission = Admission::new(&document, &text, ARN, &organization);
            for (account, path) in asked {
                let (account, path) = (ACCOUNTS[account], PATHS[path]);
                let alone = audit::admits(&document, ARN, (account, path), &organization);
                prop_assert_eq!(admission.admits(account, path), alone, "{} {:?}: {}", account, path, text);
            }
        }
    }
}
