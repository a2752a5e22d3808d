//! What several trails record together. See [`super`].

use std::collections::BTreeSet;

use crate::facts::derived::{all, any, perhaps};
use crate::facts::trail::selectors;
use crate::facts::view::Derived;
use crate::model::{EventSelectors, Gaps, Trail};

/// Management events that stand for all, and which of some trails record them.
#[derive(Debug)]
pub(super) struct Joined {
    /// For each event, whether each trail records it.
    recorded: Vec<Vec<Derived<bool>>>,
}

impl Joined {
    pub(super) fn of<'a>(trails: impl Iterator<Item = &'a Trail>) -> Self {
        let selected: Vec<_> = trails.map(|trail| trail.event_selectors.get()).collect();
        let known = selected.iter().filter_map(|selectors| selectors.as_ref().ok());
        let mut sources: BTreeSet<String> = known.flat_map(|it| selectors::management_sources(*it)).collect();
        sources.extend(selectors::management_sources(None));
        let events = sources.iter().flat_map(|source| [(source, true), (source, false)]);
        let recorded = events.map(|(source, read_only)| {
            let records = |it: &Result<Option<&EventSelectors>, Gaps>| {
                it.clone().map(|it| selectors::records_management(it, source, read_only))
            };
            selected.iter().map(records).collect()
        });
        Self { recorded: recorded.collect() }
    }

    /// Whether each event is recorded by some trail that counts; gaps may hide further trails.
    pub(super) fn complete(&self, counts: &[Derived<bool>], gaps: Option<&Gaps>) -> Derived<bool> {
        all(self.recorded.iter().map(|trails| {
            let those =
                trails.iter().zip(counts).map(|(records, counts)| all([records.clone(), counts.clone()]));
            any(those.chain([perhaps(gaps)]))
        }))
    }

    /// The places of the trails that certainly record all of them: of one if one suffices.
    pub(super) fn by(&self, counts: &[Derived<bool>]) -> Option<Vec<usize>> {
        let certain = |number: usize, trails: &Vec<Derived<bool>>| {
            counts.get(number) == Some(&Ok(true)) && trails.get(number) == Some(&Ok(true))
        };
        let one = (0..counts.len()).find(|number| self.recorded.iter().all(|event| certain(*number, event)));
        if let Some(one) = one {
            return Some(vec![one]);
        }
        let recorders = |event| (0..counts.len()).filter(move |number| certain(*number, event));
        let all_are = self.recorded.iter().all(|event| recorders(event).next().is_some());
        let numbers: BTreeSet<usize> = self.recorded.iter().flat_map(recorders).collect();
        all_are.then(|| numbers.into_iter().collect())
    }
}

/// The selectors of several trails as if they were of one; basic and advanced ones do not mix.
pub(super) fn selectors<'a>(trails: impl Iterator<Item = &'a Trail>) -> Vec<EventSelectors> {
    let (mut basic, mut advanced) = (Vec::new(), Vec::new());
    for trail in trails {
        match trail.event_selectors.get() {
            Ok(Some(EventSelectors::Basic(selectors))) => basic.extend(selectors.iter().cloned()),
            Ok(Some(EventSelectors::Advanced(selectors))) => advanced.extend(selectors.iter().cloned()),
            Ok(None) | Err(_) => {}
        }
    }
    let mut joined = Vec::new();
    if !basic.is_empty() {
        joined.push(EventSelectors::Basic(basic));
    }
    if !advanced.is_empty() {
        joined.push(EventSelectors::Advanced(advanced));
    }
    joined
}
