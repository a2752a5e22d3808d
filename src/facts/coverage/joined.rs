//! What several trails record together. See [`super`].

use std::collections::BTreeSet;

use crate::facts::derived::{all, any, perhaps};
use crate::facts::trail::{selectors, setting};
use crate::facts::view::Derived;
use crate::model::{EventSelectors, Gaps, Trail};

/// Services whose events a trail records only if it includes events of global services ("CloudTrail concepts", "Global
/// service events" of the CloudTrail user guide, read 2026-11-28).
const GLOBAL_SOURCES: [&str; 4] =
    ["cloudfront.amazonaws.com", "iam.amazonaws.com", "route53.amazonaws.com", "sts.amazonaws.com"];

/// Management events that stand for all, and which of some trails record them.
#[derive(Debug)]
pub(super) struct Joined {
    /// For each event, whether each trail records it.
    recorded: Vec<Vec<Derived<bool>>>,
    /// The same for events of global services.
    global: Vec<Vec<Derived<bool>>>,
}

/// Which management events are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Events {
    /// Those of a region.
    Regional,
    /// Those of global services.
    Global,
    /// Both.
    All,
}

impl Joined {
    pub(super) fn of<'a>(trails: impl Iterator<Item = &'a Trail>) -> Self {
        let trails: Vec<&Trail> = trails.collect();
        let selected: Vec<_> = trails.iter().map(|trail| trail.event_selectors.get()).collect();
        let known = selected.iter().filter_map(|selectors| selectors.as_ref().ok());
        let mut sources: BTreeSet<String> = known.flat_map(|it| selectors::management_sources(*it)).collect();
        sources.extend(selectors::management_sources(None));
        let records = |source: &str, read_only: bool| -> Vec<Derived<bool>> {
            let records = |it: &Result<Option<&EventSelectors>, Gaps>| {
                it.clone().map(|it| selectors::records_management(it, source, read_only))
            };
            selected.iter().map(records).collect()
        };
        let includes: Vec<Derived<bool>> =
            trails.iter().map(|it| setting(it, |it| &it.include_global_service_events)).collect();
        let of_global = |source: &str, read_only: bool| -> Vec<Derived<bool>> {
            let records = records(source, read_only).into_iter().zip(&includes);
            records.map(|(records, includes)| all([records, includes.clone()])).collect()
        };
        let kinds = [true, false];
        Self {
            recorded: sources.iter().flat_map(|source| kinds.map(|kind| records(source, kind))).collect(),
            global: GLOBAL_SOURCES
                .iter()
                .flat_map(|source| kinds.map(|kind| of_global(source, kind)))
                .collect(),
        }
    }

    fn events(&self, events: Events) -> impl Iterator<Item = &Vec<Derived<bool>>> {
        let regional = (events != Events::Global).then_some(&self.recorded);
        let global = (events != Events::Regional).then_some(&self.global);
        regional.into_iter().chain(global).flatten()
    }

    /// Whether each event is recorded by some trail that counts; gaps may hide further trails.
    pub(super) fn complete(
        &self,
        events: Events,
        counts: &[Derived<bool>],
        gaps: Option<&Gaps>,
    ) -> Derived<bool> {
        all(self.events(events).map(|trails| {
            let those =
                trails.iter().zip(counts).map(|(records, counts)| all([records.clone(), counts.clone()]));
            any(those.chain([perhaps(gaps)]))
        }))
    }

    /// The places of the trails that certainly record all of them: of one if one suffices.
    pub(super) fn by(&self, events: Events, counts: &[Derived<bool>]) -> Option<Vec<usize>> {
        let certain = |number: usize, trails: &Vec<Derived<bool>>| {
            counts.get(number) == Some(&Ok(true)) && trails.get(number) == Some(&Ok(true))
        };
        let one = (0..counts.len()).find(|number| self.events(events).all(|event| certain(*number, event)));
        if let Some(one) = one {
            return Some(vec![one]);
        }
        let recorders = |event| (0..counts.len()).filter(move |number| certain(*number, event));
        let all_are = self.events(events).all(|event| recorders(event).next().is_some());
        let numbers: BTreeSet<usize> = self.events(events).flat_map(recorders).collect();
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
