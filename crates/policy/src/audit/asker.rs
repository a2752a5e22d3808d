//! One question put to one document: whether a statement lets this caller or that one through.
//!
//! [`super::grants`] concludes from the answers who gets through, [`super::source`] on whose behalf services may act,
//! [`super::public`] whether everyone does.

use super::caller::Caller;
use super::mentions::FILLER;
use super::names::{Names, example_arn};
use super::search::{Ledger, Reach, reach};
use crate::arn::account_of;
use crate::document::{Document, Element, PrincipalPattern, Statement};
use crate::request::{Principal, Target};

/// One question put to one document.
pub(super) struct Asker<'a> {
    pub(super) document: &'a Document,
    pub(super) names: &'a Names,
    pub(super) ledger: &'a Ledger,
    pub(super) action: &'a str,
    pub(super) resource: &'a Target,
}

impl Asker<'_> {
    /// Whether the statement lets the caller through.
    pub(super) fn reach(&self, allow: &Statement, caller: &Caller) -> Reach {
        reach(self.document, self.ledger, allow, caller, self.action, self.resource)
    }

    /// Whether a caller gets through of whom the policy knows nothing.
    pub(super) fn outsiders(&self, allow: &Statement) -> Reach {
        let is_open = |element: &Element<PrincipalPattern>| {
            element.negated || element.patterns.contains(&PrincipalPattern::Everyone)
        };
        if !allow.principal.as_ref().is_none_or(is_open) {
            return Reach::No;
        }
        let mut best = Reach::No;
        for account in &self.names.strangers {
            for caller in [Caller::anonymous(account), Caller::customer(account)] {
                best = best.or(self.reach(allow, &caller));
                if best.is_yes() {
                    return best;
                }
            }
        }
        best
    }

    /// Whether all principals of an account get through, or else one that nothing names.
    pub(super) fn account_reach(
        &self,
        allow: &Statement,
        account: &str,
        of: &dyn Fn(Caller) -> Caller,
    ) -> Reach {
        match self.reach(allow, &of(self.account(account))) {
            Reach::Unknown(keys) => {
                let unnamed = self.principal(&format!("arn:aws:iam::{account}:role/{FILLER}"));
                self.reach(allow, &of(unnamed)).or(Reach::Unknown(keys))
            }
            certain => certain,
        }
    }

    /// Any principal of an account, of whatever organization.
    pub(super) fn account(&self, account: &str) -> Caller {
        let mut caller = Caller::customer(account).possibly_in(&self.organizations());
        caller.principal = Principal::AnyOfAccount(account.to_owned());
        caller
    }

    /// A user or role of this name.
    pub(super) fn principal(&self, arn: &str) -> Caller {
        let account = account_of(arn).unwrap_or_default();
        let mut caller = self.account(account);
        caller.principal =
            Principal::AwsAccountPrincipal { arn: example_arn(arn), account: account.to_owned() };
        caller
    }

    /// Any principal of an account that the document does not name.
    pub(super) fn stranger(&self) -> Caller {
        Caller::customer(self.names.strangers.first().map_or("", String::as_str))
    }

    /// The organizations that the document names.
    pub(super) fn organizations(&self) -> Vec<String> {
        self.names.organizations.iter().cloned().collect()
    }
}
