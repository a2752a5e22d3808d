//! A waiver and what it selects: whether it is for a finding, and whether it selects too much.

use std::sync::Arc;

use super::places::{Places, is_within};
use super::remark::{Remark, RemarkKind};
use crate::facts::{ANY_ID, ListedBy, Subject};
use crate::finding::{Finding, Waiver};
use crate::model::glob;
use crate::plan::TagSelector;

/// A waiver with what it covers.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) waiver: Arc<Waiver>,
    pub(super) rule: String,
    pub(super) accounts: Vec<String>,
    pub(super) ous: Vec<String>,
    pub(super) regions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) tags: Vec<TagSelector>,
}

impl Entry {
    /// A remark about it.
    pub(super) fn remark(&self, kind: RemarkKind) -> Remark {
        Remark { waiver: Arc::clone(&self.waiver), kind }
    }

    /// Why it covers more than anybody looked at, if it does.
    pub(super) fn too_broad(&self) -> Option<&'static str> {
        if matches_all(&self.rule) {
            return Some("it covers every rule");
        }
        if self.regions.iter().any(|region| matches_all(region)) {
            return Some("its regions are *, which is all of them");
        }
        if self.resources.iter().any(|resource| matches_all(resource)) {
            return Some("its resources are *, which is all of them");
        }
        let nowhere = self.accounts.is_empty() && self.ous.is_empty() && self.tags.is_empty();
        if nowhere && self.regions.is_empty() && self.resources.is_empty() {
            return Some("it covers the whole rule in all accounts");
        }
        if self.ous.iter().any(|unit| unit.starts_with("r-")) {
            return Some("the root holds all accounts");
        }
        None
    }

    /// Whether the waiver is for a finding; `None` where nobody knows what the finding is about, or where it lies.
    pub(super) fn covers(&self, finding: &Finding, places: &Places) -> Option<bool> {
        let Subject { kind, account_id, region, id, arn, name } = &*finding.subject;
        let stands_for_others = &**id == ANY_ID;
        // What stands for those whom others name has the account that did not name them, which need not be their owner's.
        let named_by_others = stands_for_others && kind.listed_by() == ListedBy::Others;
        let account = account_id.as_deref().filter(|_| !named_by_others);
        let any = |list: &[String], is_known: bool, matches: &dyn Fn(&str) -> bool| {
            let matched = list.is_empty() || list.iter().any(|wanted| matches(wanted));
            (matched || is_known).then_some(matched)
        };
        let in_account = any(&self.accounts, account.is_some(), &|wanted| account == Some(wanted));
        let in_region = any(&self.regions, region.is_some() || !stands_for_others, &|wanted| {
            region.as_deref().is_some_and(|region| glob(wanted, region))
        });
        let is_resource = any(&self.resources, !stands_for_others, &|wanted| {
            let called = [Some(&**id), arn.as_deref(), name.as_deref()];
            !stands_for_others && called.into_iter().flatten().any(|called| glob(wanted, called))
        });
        let above = account.and_then(|account| places.above.get(account));
        let in_unit =
            any(&self.ous, above.is_some(), &|wanted| above.is_some_and(|above| is_within(above, wanted)));
        let tags = account.and_then(|account| places.tags.get(account));
        let is_tagged = match tags {
            _ if self.tags.is_empty() => Some(true),
            Some(tags) => Some(self.tags.iter().any(|wanted| wanted.selects(tags))),
            None => None,
        };
        let parts = [in_account, in_region, is_resource, in_unit, is_tagged];
        if parts.contains(&Some(false)) {
            Some(false)
        } else {
            parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
        }
    }
}

fn matches_all(pattern: &str) -> bool {
    pattern.contains('*') && pattern.chars().all(|character| matches!(character, '*' | '?'))
}
