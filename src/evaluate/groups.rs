//! Groups of alike accounts while they are judged: what is said of the first is held until it is known whether the same is
//! said of the last. See [`super`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Part;
use crate::attestation::Attestation;
use crate::finding::{Alike, Finding};
use crate::model::Expectations;
use crate::rules::{FactPath, Rule, RuleSet};
use crate::snapshot::{Group, Named, Survey};

/// The groups of a snapshot, unless something in the rules or the settings could tell their accounts apart.
pub(super) fn of(
    survey: &mut Survey,
    expectations: &Expectations,
    attestations: &[Attestation],
    rules: &RuleSet,
) -> Vec<Group> {
    // Digest chains are judged by when an account joined, which the survey leaves out, as it does names.
    let ask_for_names = || rules.rules().iter().any(asks_for_names);
    if !attestations.is_empty() || rules.tell_numbers_apart() || ask_for_names() {
        return Vec::new();
    }
    let Ok(mut around) = serde_json::to_string(expectations) else { return Vec::new() };
    for rule in rules.rules() {
        around.extend(rule.when().into_iter().chain([rule.pass()]));
        rule.parameters.values().for_each(|parameter| around.push_str(&parameter.value.to_string()));
    }
    survey.alike(&around)
}

/// It may judge an account by its name, or show it: two accounts may be called the same, and those between them otherwise.
fn asks_for_names(rule: &Rule) -> bool {
    let of_whole = |path: &FactPath| path.label.split(' ').next() == Some("account");
    rule.evidence.iter().any(of_whole) || rule.source().text.contains("account.name")
}

/// Groups of which not both ends were judged, and those that are no groups after all.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Vec<Group>,
    /// The group of which an account is the first or the last.
    ends: HashMap<Arc<str>, usize>,
    held: HashMap<usize, Part>,
    differing: Vec<Arc<str>>,
}

impl Groups {
    pub(super) fn new(groups: Vec<Group>) -> Self {
        let both = |(number, group): (usize, &Group)| {
            [&group.first, &group.last].map(|account| (Arc::clone(&account.id), number))
        };
        let ends = groups.iter().enumerate().flat_map(both).collect();
        Self { all: groups, ends, ..Self::default() }
    }

    /// Accounts that are judged with others.
    pub(super) fn left_out(&self) -> HashSet<Arc<str>> {
        self.all.iter().flat_map(|group| &group.between).map(|account| Arc::clone(&account.id)).collect()
    }

    /// Accounts that are not like the others of their group, once.
    pub(super) fn take_differing(&mut self) -> HashSet<Arc<str>> {
        std::mem::take(&mut self.differing).into_iter().collect()
    }

    /// What can be taken in now that this part is there, and for which accounts the first of these parts stands as well; `None`
    /// while the other end of the part's group is not there.
    pub(super) fn hold(&mut self, part: Part) -> Option<(Vec<Part>, Vec<Alike>)> {
        let number = part.account.as_ref().and_then(|account| self.ends.get(account).copied());
        let Some((number, group)) = number.and_then(|number| Some((number, self.all.get(number)?))) else {
            return Some((vec![part], Vec::new()));
        };
        let Some(before) = self.held.remove(&number) else {
            self.held.insert(number, part);
            return None;
        };
        let is_first = part.account.as_ref() == Some(&group.first.id);
        let (first, last) = if is_first { (part, before) } else { (before, part) };
        let alike = |other: &Named| Alike {
            own: Arc::clone(&group.first.id),
            other: Arc::clone(&other.id),
            name: other.name.clone(),
        };
        if are_same(&first, &last, &alike(&group.last)) {
            let others = group.between.iter().map(alike).collect();
            return Some((vec![first, last], others));
        }
        self.differing.extend(group.between.iter().map(|account| Arc::clone(&account.id)));
        Some((vec![first, last], Vec::new()))
    }
}

/// What is said of the one is said of the other, and nothing of either could not be read.
fn are_same(first: &Part, last: &Part, alike: &Alike) -> bool {
    let is_same = |(first, last): (&Finding, &Finding)| alike.finding(first.clone()) == *last;
    first.gaps.is_empty()
        && last.gaps.is_empty()
        && first.coverage == last.coverage
        && first.findings.len() == last.findings.len()
        && first.findings.iter().zip(&last.findings).all(is_same)
}
