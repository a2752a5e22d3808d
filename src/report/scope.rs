//! What a report is about, and what it leaves out: the operator's choice, beside what AWS said that there is.
//!
//! Every format that can carry it does: who reads that nothing failed must see of what.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{count, fit, grouped};
use crate::evaluate::Coverage;
use crate::facts::{ANY_ID, ListedBy, Subject, SubjectKind};
use crate::model::{self, Observed, may_be_entered};
use crate::rules::{RuleChoice, ScopeFlag};
use crate::snapshot::Header;

/// Names that a text shows of a list.
const SHOWN: usize = 5;

/// What was looked at, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Scope")]
pub struct Scope {
    /// The snapshot says what was chosen; those of releases before 0.2 do not.
    pub recorded: bool,
    /// Something was left out by choice.
    pub narrowed: bool,
    /// What narrowed the scan and the report, as it was given.
    pub flags: Vec<ScopeFlag>,
    /// The accounts.
    pub accounts: ScopeAccounts,
    /// The regions.
    pub regions: ScopeRegions,
    /// The rules.
    pub rules: ScopeRules,
}

/// The accounts of a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeAccounts {
    /// Those that the scan set out to read, by number.
    pub in_scope: Vec<String>,
    /// Those of the organization that it did not, suspended ones too; null where the organization's accounts could not
    /// be listed, or there is no organization.
    pub left_out: Option<Vec<AccountLeftOut>>,
}

/// An account that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountLeftOut {
    /// Twelve digits.
    pub id: String,
    /// Its name in the organization.
    pub name: String,
    /// `ACTIVE` where it was left out by choice; others cannot be scanned.
    pub status: String,
}

/// The regions of a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeRegions {
    /// Those that are enabled in some account that was read, by AWS's answer; null where no account answered.
    pub enabled: Option<Vec<String>>,
    /// Those that were read in some account.
    pub read: Vec<String>,
    /// Those that are enabled and were left out by choice.
    pub left_out: Vec<String>,
    /// Regions of accounts that are enabled, each account's counted.
    pub account_regions_enabled: usize,
    /// Regions of accounts that were read.
    pub account_regions_read: usize,
    /// Accounts that did not say which regions are enabled.
    pub accounts_unlisted: usize,
}

/// The rules of a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeRules {
    /// How many ran.
    pub ran: usize,
    /// Those that did not, by id.
    pub left_out: Vec<String>,
}

impl Scope {
    /// The scope of a report.
    pub(super) fn of(header: &Header, coverage: &Coverage, choice: &RuleChoice, ran: usize) -> Self {
        let known = match &header.scope {
            Observed::Known(scope) => Some(scope),
            Observed::Absent | Observed::Unavailable(_) => None,
        };
        let mut flags: Vec<ScopeFlag> = known
            .map(model::Scope::choices)
            .into_iter()
            .flatten()
            .map(|(flag, values)| ScopeFlag::new(flag, values))
            .collect();
        flags.extend(choice.flags.iter().cloned());
        let in_scope: BTreeSet<&String> = header.accounts.iter().collect();
        let listed = match &header.organization {
            Observed::Known(organization) => organization.accounts.get().ok().flatten(),
            Observed::Absent | Observed::Unavailable(_) => None,
        };
        let left_out: Option<Vec<AccountLeftOut>> = listed.map(|accounts| {
            let left_out = accounts.iter().filter(|account| !in_scope.contains(&account.id));
            left_out
                .map(|account| AccountLeftOut {
                    id: account.id.clone(),
                    name: account.name.clone(),
                    status: account.status.clone(),
                })
                .collect()
        });
        let wanted = |region: &&String| known.is_none_or(|scope| scope.wants_region(region));
        let regions = ScopeRegions {
            enabled: coverage.enabled_regions.as_ref().map(|enabled| enabled.iter().cloned().collect()),
            read: coverage.regions.iter().cloned().collect(),
            left_out: coverage
                .enabled_regions
                .iter()
                .flatten()
                .filter(|region| !wanted(region))
                .cloned()
                .collect(),
            account_regions_enabled: coverage.account_regions_enabled,
            account_regions_read: coverage.account_regions_read,
            accounts_unlisted: coverage.accounts_without_regions,
        };
        let mut scope = Self {
            recorded: known.is_some(),
            narrowed: false,
            flags,
            accounts: ScopeAccounts { in_scope: header.accounts.clone(), left_out },
            regions,
            rules: ScopeRules { ran, left_out: choice.left_out.clone() },
        };
        scope.narrowed = !scope.flags.is_empty()
            || scope.accounts_chosen_out().next().is_some()
            || !scope.regions.left_out.is_empty()
            || !scope.rules.left_out.is_empty();
        scope
    }

    /// Active accounts that were left out.
    fn accounts_chosen_out(&self) -> impl Iterator<Item = &AccountLeftOut> {
        self.accounts.left_out.iter().flatten().filter(|account| may_be_entered(&account.status))
    }

    /// Accounts that nobody can enter, such as suspended ones.
    fn accounts_closed(&self) -> Vec<String> {
        let left_out = self.accounts.left_out.iter().flatten();
        left_out
            .filter(|account| !may_be_entered(&account.status))
            .map(|it| format!("{} ({}, {})", fit(&it.id, 24), fit(&it.name, 32), fit(&it.status, 24)))
            .collect()
    }

    /// The flags as one would type them.
    pub fn typed(&self) -> String {
        let flags: Vec<String> =
            self.flags.iter().map(|it| format!("{} {}", it.flag, it.values.join(","))).collect();
        flags.join(" ")
    }

    /// For people: what is said in the least room, and then what was left out, line by line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let closed = self.accounts_closed();
        if !self.recorded {
            lines.push("what was chosen is not recorded by the release that took the snapshot".to_owned());
        } else if !self.narrowed {
            let (what, choice) = if closed.is_empty() {
                ("everything", "")
            } else {
                ("everything that can be entered", " by choice")
            };
            lines.push(format!("{what}: no account, region or rule was left out{choice}"));
        }
        if !self.flags.is_empty() {
            lines.push(format!("narrowed by {}", fit(&self.typed(), 400)));
        }
        let out: Vec<String> = self
            .accounts_chosen_out()
            .map(|it| format!("{} ({})", fit(&it.id, 24), fit(&it.name, 32)))
            .collect();
        if !out.is_empty() {
            let all = self.accounts.in_scope.len() + out.len();
            let of = format!("{} of {}", grouped(self.accounts.in_scope.len()), count(all, "active account"));
            lines.push(format!("{of}: without {}", some(&out)));
        }
        if !closed.is_empty() {
            let accounts = count(closed.len(), "account");
            lines.push(format!(
                "{accounts} that cannot be entered, of which nothing is known: {}",
                some(&closed)
            ));
        }
        if let Some(enabled) = &self.regions.enabled
            && !self.regions.left_out.is_empty()
        {
            let read = enabled.len().saturating_sub(self.regions.left_out.len());
            let of = format!("{} of {}", grouped(read), count(enabled.len(), "enabled region"));
            lines.push(format!("{of}: without {}", some(&self.regions.left_out)));
        }
        if !self.rules.left_out.is_empty() {
            let all = self.rules.ran + self.rules.left_out.len();
            let of = format!("{} of {}", grouped(self.rules.ran), count(all, "rule"));
            lines.push(format!("{of}: without {}", some(&self.rules.left_out)));
        }
        lines
    }

    /// The same in one line; `None` where nothing was left out and every account could be entered.
    pub fn line(&self) -> Option<String> {
        let whole = self.recorded && !self.narrowed && self.accounts_closed().is_empty();
        (!whole).then(|| self.lines().join("; "))
    }
}

/// What comparing two runs needs to know of a finding.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// The rule.
    pub rule_id: &'a str,
    /// The subject's kind, by its word.
    pub kind: &'a str,
    /// Its account.
    pub account_id: Option<&'a str>,
    /// Its region.
    pub region: Option<&'a str>,
    /// Its identity within kind, account and region.
    pub id: &'a str,
}

/// What a run could not list, and whose owner it could not tell: what another run found there may still be there.
#[derive(Debug, Clone, Default)]
pub struct Unlisted<'a>(BTreeMap<&'a str, Vec<Whose<'a>>>);

impl<'a> Unlisted<'a> {
    /// Of a run's findings, those that are unknown.
    pub fn of(unknown: impl IntoIterator<Item = Whose<'a>>) -> Self {
        let mut by_rule: BTreeMap<&str, Vec<Whose<'_>>> = BTreeMap::new();
        for whose in unknown.into_iter().filter(|whose| whose.id == ANY_ID || whose.is_named_by_others()) {
            by_rule.entry(whose.rule_id).or_default().push(whose);
        }
        Self(by_rule)
    }

    /// One of these may be what the other run found.
    pub fn may_be(&self, found: Whose<'_>) -> bool {
        // What stood for others is no finding to miss.
        found.id != ANY_ID
            && self
                .0
                .get(found.rule_id)
                .is_some_and(|unknown| unknown.iter().any(|whose| whose.may_be(found)))
    }
}

impl<'a> Whose<'a> {
    /// A finding's.
    pub fn of(rule_id: &'a str, subject: &'a Subject) -> Self {
        Self {
            rule_id,
            kind: subject.kind.as_str(),
            account_id: subject.account_id.as_deref(),
            region: subject.region.as_deref(),
            id: &subject.id,
        }
    }

    /// Read by their owners, where some account in some region names them.
    fn is_named_by_others(self) -> bool {
        SubjectKind::named(self.kind).is_some_and(|kind| kind.listed_by() == ListedBy::Others)
    }

    /// This, which is unknown, may be what is found elsewhere.
    fn may_be(self, found: Self) -> bool {
        // Which account owns it may be what could not be read; which one named it says nothing of its owner.
        if self.is_named_by_others() {
            return self.kind == found.kind && (self.id == ANY_ID || self.id == found.id);
        }
        let same =
            |here: Option<&str>, there: Option<&str>| here.is_none() || there.is_none() || here == there;
        self.kind == found.kind && same(self.account_id, found.account_id) && same(self.region, found.region)
    }
}

impl Scope {
    /// What was found under another scope was looked at under this one, so that its absence here means that it is no
    /// more. Where a scope is not recorded, nothing says otherwise.
    pub fn looked_at(&self, whose: Whose<'_>, other: &Self) -> bool {
        if !self.recorded {
            return true;
        }
        if self.rules.left_out.iter().any(|rule| rule == whose.rule_id) {
            return false;
        }
        match SubjectKind::named(whose.kind).map(SubjectKind::listed_by) {
            // Read through the organization, whichever accounts are.
            Some(ListedBy::Organization) => true,
            Some(ListedBy::Others) => whose.account_id.is_none_or(|id| self.enters(id)) && self.covers(other),
            _ => {
                whose.account_id.is_none_or(|id| self.enters(id))
                    && whose.region.is_none_or(|region| self.wants_region(region))
            }
        }
    }

    /// The account was in scope, or is none of the organization's any more.
    fn enters(&self, account_id: &str) -> bool {
        let is_left_out = || match &self.accounts.left_out {
            Some(left_out) => left_out.iter().any(|account| account.id == account_id),
            None => true,
        };
        self.accounts.in_scope.iter().any(|id| id == account_id) || !is_left_out()
    }

    fn wants_region(&self, region: &str) -> bool {
        let values = |flag: &str| {
            let found = self.flags.iter().find(|given| given.flag == flag);
            found.map_or(&[][..], |given| given.values.as_slice())
        };
        model::wants_region(values("--regions"), values("--exclude-regions"), region)
    }

    /// Everything that the other scope reached is in reach of this one.
    fn covers(&self, other: &Self) -> bool {
        if !other.recorded {
            let is_narrow =
                |given: &ScopeFlag| ["--regions", "--exclude-regions"].contains(&given.flag.as_str());
            return self.accounts_chosen_out().next().is_none() && !self.flags.iter().any(is_narrow);
        }
        other.accounts.in_scope.iter().all(|id| self.enters(id))
            && other.regions.read.iter().all(|region| self.wants_region(region))
    }
}

fn some(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| fit(name, 64)).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
