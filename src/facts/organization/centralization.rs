//! How the organization's centralization rules of log groups do, and what they leave out. See [`super`].

use std::collections::BTreeSet;

use crate::facts::Index;
use crate::facts::log_group::{Sources, Whole};
use crate::facts::view::{Derived, Prose, Says};
use crate::facts::words::{and, problems};
use crate::model::Gap;

pub(super) fn derive(index: &Index) -> Whole {
    whole(index, &mut Vec::new())
}

/// What was read of the rules but cannot be decided.
pub(in crate::facts) fn gaps(index: &Index) -> Vec<Gap> {
    let mut gaps = Vec::new();
    whole(index, &mut gaps);
    gaps
}

fn whole(index: &Index, gaps: &mut Vec<Gap>) -> Whole {
    let accounts = index.header.organization.get().and_then(|organization| {
        let Some(organization) = organization else { return Ok(Vec::new()) };
        let active = organization.accounts.list()?.iter().filter(|account| account.is_active());
        Ok(active.map(|account| account.id.as_str()).collect())
    });
    // A region that was asked because nobody could list them may be enabled in no account.
    let enabled = index.enabled.by_account.values().flatten().flat_map(|regions| regions.iter());
    let regions: BTreeSet<&str> = enabled.map(String::as_str).collect();
    let sources = Sources { accounts, regions, region_gaps: index.region_gaps.as_ref() };
    index.centralization.whole(&sources, gaps)
}

/// What is wrong, in clauses.
pub(super) fn problem(
    unhealthy: &Derived<Vec<String>>,
    skipping: &Derived<Vec<String>>,
    left_out: &Derived<Vec<String>>,
) -> Derived<Option<String>> {
    let told = |list: &Derived<Vec<String>>, clause: fn(&str) -> String| {
        list.clone().map(|list| (!list.is_empty()).then(|| clause(&and(&list))))
    };
    problems([
        told(unhealthy, |rules| format!("AWS calls unhealthy {rules}")),
        told(skipping, |rules| format!("log groups with a key of their own are passed over by {rules}")),
        told(left_out, |places| format!("nothing is copied from {places}")),
    ])
}

pub(super) const PROBLEM: Prose = Prose {
    from: &["unhealthy_centralization_rules", "centralization_rules_without_encrypted", "not_centralized"],
    says: Says::Text(|facts| {
        problem(
            &facts.texts("unhealthy_centralization_rules"),
            &facts.texts("centralization_rules_without_encrypted"),
            &facts.texts("not_centralized"),
        )
    }),
};
