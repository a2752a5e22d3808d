//! Which trails record what happens in an account: its own, and the organization's.
//!
//! The organization trail is read once, in the management account that owns it; a member's own list says whether it is there.
//! Every question is three-valued: one trail that certainly records suffices, whatever is unknown of the others.

mod joined;
mod shown;

use super::Index;
use super::derived::{all, any, join, perhaps};
use super::trail::{is_logging, management_events, selectors, setting};
use super::view::{Derived, facts};
use crate::model::{AccountRecord, EventSelectors, Gaps, Trail, global_region};

use joined::{Events, Joined};
pub(super) use shown::records as records_member;

facts! {
    /// A kind of event, and whether the account's trails record all of it.
    pub struct EventKindFacts as "event_kind" {
        /// `AWS::S3::Object write` for data events, `s3.amazonaws.com` for network activity; `*` is every kind that
        /// the list does not name.
        kind: String,
        /// Some trail that logs records all such events of the account, in every region.
        recorded: Derived<bool>,
    }
}

/// The trails that may record what happens in one account.
#[derive(Debug)]
pub(super) struct AccountTrails<'a> {
    candidates: Vec<Candidate<'a>>,
    joined: Joined,
    /// Why trails may be missing.
    gaps: Option<Gaps>,
    regions: Vec<&'a str>,
    /// The region in which events of global services are recorded.
    global_region: &'static str,
    region_gaps: Option<Gaps>,
}

/// A trail, with what holds of it for this account in every region.
#[derive(Debug)]
struct Candidate<'a> {
    trail: &'a Trail,
    /// It records this account, and it logs.
    live: Derived<bool>,
    multi_region: Derived<bool>,
    /// It includes events of global services.
    global: Derived<bool>,
    /// It records all management events, and what to say where it does not.
    complete: (Derived<bool>, String),
    /// What else a covering trail must do, and what to say where it does not.
    terms: Vec<(Derived<bool>, String)>,
    /// Where it does not deliver to the archive: said last.
    archived: (Derived<bool>, String),
}

/// Whether a region's management events are sent to the archive.
#[derive(Debug)]
pub(super) struct Coverage {
    pub(super) covered: Derived<bool>,
    /// The ARN of a trail that covers it.
    pub(super) covered_by: Derived<Option<String>>,
    /// Why none does, trail by trail.
    pub(super) why_not: Derived<Option<String>>,
}

impl<'a> Candidate<'a> {
    /// The trail as `account` sees it, its own or another account's.
    fn new(index: &Index, trail: &'a Trail, account: Option<&str>) -> Self {
        let mut terms = account.map_or_else(Vec::new, |account| shown::terms(index, account, trail));
        let logging = is_logging(trail);
        let management = management_events(trail);
        let missing = management.as_ref().ok().and_then(selectors::ManagementEvents::missing);
        let bucket = trail.settings.get().map(|settings| settings.map(|it| it.bucket_name.as_str()));
        let bucket_name = bucket.as_ref().ok().copied().flatten().unwrap_or("no bucket");
        let archived = match &bucket {
            Ok(Some(name)) => index.in_archive(name),
            Ok(None) => Ok(false),
            Err(gaps) => Err(gaps.clone()),
        };
        let not_archived = match index.archive {
            Ok(None) => format!("is set to deliver to {bucket_name} although there is no archive"),
            _ => format!("is set to deliver to {bucket_name} instead of the archive"),
        };
        terms.push((logging, "does not log".to_owned()));
        Self {
            trail,
            live: all(terms.iter().map(|(truth, _)| truth.clone())),
            multi_region: setting(trail, |it| &it.multi_region),
            global: setting(trail, |it| &it.include_global_service_events),
            complete: (
                management.map(|events| events.complete()),
                format!("leaves out {}", missing.as_deref().unwrap_or("nothing")),
            ),
            terms,
            archived: (archived, not_archived),
        }
    }

    fn reaches(&self, region: &str) -> Derived<bool> {
        any([Ok(self.trail.home_region == region), self.multi_region.clone()])
    }

    /// Whatever it records of this region is sent to the archive.
    fn delivers(&self, region: &str) -> Derived<bool> {
        let terms = self.terms.iter().chain([&self.archived]).map(|(truth, _)| truth.clone());
        all(terms.chain([self.reaches(region)]))
    }

    fn defects(&self, region: &str, events: Events) -> String {
        let global = match events {
            Events::Regional => Ok(true),
            Events::Global | Events::All => self.global.clone(),
        };
        let global = (global, "leaves out events of global services".to_owned());
        let elsewhere = (self.reaches(region), format!("is set to record {} alone", self.trail.home_region));
        let defects: Vec<&str> = self
            .terms
            .iter()
            .chain([&self.complete, &global, &self.archived, &elsewhere])
            .filter(|(truth, _)| *truth == Ok(false))
            .map(|(_, defect)| defect.as_str())
            .collect();
        format!("{} {}", self.trail.name, super::words::and(&defects))
    }
}

impl<'a> AccountTrails<'a> {
    pub(super) fn of(index: &'a Index, record: &'a AccountRecord) -> Self {
        let mut gaps = index.organization_trail_gaps.clone();
        let (own, unseen) = record.known_trails();
        if let Some(unseen) = unseen {
            join(&mut gaps, &unseen);
        }
        let shared = index.organization_trails.iter().filter(|owned| owned.account_id != record.id);
        let candidates: Vec<Candidate<'_>> = shared
            .map(|owned| Candidate::new(index, &owned.trail, Some(&record.id)))
            .chain(own.iter().map(|trail| Candidate::new(index, trail, None)))
            .collect();
        let joined = Joined::of(candidates.iter().map(|candidate| candidate.trail));
        Self {
            candidates,
            joined,
            gaps,
            regions: record.regions.iter().map(|region| region.name.as_str()).collect(),
            global_region: global_region(&index.header.partition),
            region_gaps: record.region_gaps(),
        }
    }

    /// Organization trails of other accounts, and the account's own.
    pub(super) fn trails(&self) -> impl Iterator<Item = &'a Trail> {
        self.candidates.iter().map(|candidate| candidate.trail)
    }

    /// The same, with whether each records this account now.
    pub(super) fn live(&self) -> impl Iterator<Item = (&'a Trail, &Derived<bool>)> {
        self.candidates.iter().map(|candidate| (candidate.trail, &candidate.live))
    }

    /// Why trails may be missing.
    pub(super) fn gaps(&self) -> Option<&Gaps> {
        self.gaps.as_ref()
    }

    /// Whether logging trails record all management events of this region, read and write, to the archive: one of them,
    /// or several together.
    pub(super) fn coverage(&self, region: &str) -> Coverage {
        let delivers: Vec<Derived<bool>> = self.candidates.iter().map(|it| it.delivers(region)).collect();
        let events = if region == self.global_region { Events::All } else { Events::Regional };
        let covered = self.joined.complete(events, &delivers, self.gaps.as_ref());
        let by = self.joined.by(events, &delivers).map(|numbers| {
            let arns = numbers.iter().filter_map(|number| self.candidates.get(*number));
            super::words::and(&arns.map(|candidate| candidate.trail.arn.as_str()).collect::<Vec<_>>())
        });
        let why_not = || {
            if self.candidates.is_empty() {
                return "no trail records it".to_owned();
            }
            self.candidates
                .iter()
                .map(|candidate| candidate.defects(region, events))
                .collect::<Vec<_>>()
                .join("; ")
        };
        Coverage {
            covered_by: covered.clone().map(|_| by),
            why_not: covered.clone().map(|covered| (!covered).then(why_not)),
            covered,
        }
    }

    /// Whether other logging trails record the management events that this one leaves out, of the same accounts and in
    /// the same regions.
    pub(super) fn complemented(&self, trail: &Trail) -> Derived<bool> {
        let organization = setting(trail, |it| &it.organization_trail);
        let multi_region = setting(trail, |it| &it.multi_region);
        let not = |truth: &Derived<bool>| truth.clone().map(|truth| !truth);
        let joins: Vec<Derived<bool>> = self
            .candidates
            .iter()
            .map(|candidate| {
                // Whether it logs is another question.
                if candidate.trail.arn == trail.arn {
                    return Ok(true);
                }
                let as_wide = setting(candidate.trail, |it| &it.organization_trail);
                all([
                    candidate.live.clone(),
                    any([not(&organization), as_wide]),
                    any([
                        candidate.multi_region.clone(),
                        all([not(&multi_region), candidate.reaches(&trail.home_region)]),
                    ]),
                ])
            })
            .collect();
        self.joined.complete(Events::Regional, &joins, self.gaps.as_ref())
    }

    /// Logging trails record all events of global services, such as IAM and STS, one of them or several together: those
    /// that include them, in the region in which they are recorded. Since November 2021 a trail of another region alone
    /// gets none ("CloudTrail concepts" of the CloudTrail user guide, read 2026-11-28).
    pub(super) fn global_service_events(&self) -> Derived<bool> {
        let counts: Vec<Derived<bool>> = self
            .candidates
            .iter()
            .map(|candidate| all([candidate.live.clone(), candidate.reaches(self.global_region)]))
            .collect();
        self.joined.complete(Events::Global, &counts, self.gaps.as_ref())
    }

    /// The trail includes them where they are recorded.
    pub(super) fn includes_global_events(&self, trail: &Trail) -> Derived<bool> {
        let includes = setting(trail, |it| &it.include_global_service_events);
        let multi_region = setting(trail, |it| &it.multi_region);
        all([includes, any([Ok(trail.home_region == self.global_region), multi_region])])
    }

    /// The data events that are recorded, by resource type and kind of access.
    pub(super) fn data_events(&self) -> Vec<EventKindFacts> {
        let types = self.named(selectors::data_event_types);
        let mut kinds = Vec::new();
        for name in types {
            for (access, read_only) in [("read", true), ("write", false)] {
                kinds.push(EventKindFacts {
                    kind: format!("{name} {access}"),
                    recorded: self.everywhere(|it| selectors::records_data_events(it, &name, read_only)),
                });
            }
        }
        kinds.push(self.any_other());
        kinds
    }

    /// The sources whose network activity events are recorded.
    pub(super) fn network_activity(&self) -> Vec<EventKindFacts> {
        let sources = self.named(selectors::network_activity_sources);
        let mut kinds: Vec<EventKindFacts> = sources
            .into_iter()
            .map(|source| EventKindFacts {
                recorded: self.everywhere(|it| selectors::network_activity_sources(it).contains(&source)),
                kind: source,
            })
            .collect();
        kinds.push(self.any_other());
        kinds
    }

    fn named<C: IntoIterator<Item = String>>(
        &self,
        ask: impl Fn(Option<&EventSelectors>) -> C,
    ) -> std::collections::BTreeSet<String> {
        let known = self.trails().filter_map(|trail| trail.event_selectors.get().ok());
        known.flat_map(ask).collect()
    }

    /// What no selector that could be read names is not recorded, unless one that could not be read does.
    fn any_other(&self) -> EventKindFacts {
        EventKindFacts { kind: "*".to_owned(), recorded: self.everywhere(|_| false) }
    }

    fn everywhere(&self, records: impl Fn(Option<&EventSelectors>) -> bool) -> Derived<bool> {
        let recorded: Vec<(&Candidate<'_>, Derived<bool>)> = self
            .candidates
            .iter()
            .map(|candidate| {
                let selected = candidate.trail.event_selectors.get().map(&records);
                (candidate, all([candidate.live.clone(), selected]))
            })
            .collect();
        let in_region = |region: &str| {
            any(recorded
                .iter()
                .map(|(candidate, truth)| all([truth.clone(), candidate.reaches(region)]))
                .chain([perhaps(self.gaps.as_ref())]))
        };
        let together_everywhere = joined::selectors(
            self.candidates
                .iter()
                .filter(|candidate| candidate.live == Ok(true) && candidate.multi_region == Ok(true))
                .map(|candidate| candidate.trail),
        );
        let jointly = Ok(together_everywhere.iter().any(|selectors| records(Some(selectors))));
        let by_one =
            recorded.iter().map(|(candidate, truth)| all([truth.clone(), candidate.multi_region.clone()]));
        let other_regions = match &self.region_gaps {
            Some(gaps) => Err(gaps.clone()),
            None => Ok(!self.regions.is_empty()),
        };
        let together = all(self.regions.iter().map(|region| in_region(region)).chain([other_regions]));
        any(by_one.chain([jointly, together]))
    }
}

#[cfg(test)]
mod tests;
