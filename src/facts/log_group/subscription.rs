//! Whether a log group's events leave its account for a central place. See [`super`].

use super::centralization::{Duplicate, Source};
use super::class::{Class, class_of, unknown_class};
use super::narrowing::{Narrowing, unrecognized};
use super::required::subscription_filters;
use crate::facts::view::Derived;
use crate::facts::{Facts, derived, destination, trust, words};
use crate::model::{AccountSubscriptionPolicy, Gaps, LogGroup, Observed, RegionRecord};
use crate::policy::Arn;

/// A subscription that a log group has, or may have.
#[derive(Debug)]
struct Subscription<'a> {
    destination_arn: &'a str,
    pattern: &'a str,
    selection: &'a Observed<String>,
    /// It forwards events as they are, not as a transformer has changed them.
    unchanged: Derived<bool>,
    /// It certainly forwards events of this group's account and region.
    applies: Derived<bool>,
    /// It is a stream, or a destination that is there.
    exists: Derived<bool>,
    /// The stream behind a destination, where it is somebody else's.
    stray_target: Option<&'a str>,
    central: Derived<bool>,
}

/// The subscriptions of a log group that must be centralized.
#[derive(Debug)]
pub(super) struct Subscriptions<'a> {
    log_group: &'a LogGroup,
    known: Vec<Subscription<'a>>,
    unread: Option<Gaps>,
    /// What the organization's centralization rules do with the group, and whether to a central account.
    copies: Derived<Vec<(Duplicate<'a>, Derived<bool>)>>,
}

/// Whether one of the region's log groups must be centralized, and no centralization rule does it.
pub(in crate::facts) fn need_destination(
    facts: &Facts,
    account: &str,
    region: &RegionRecord,
) -> Derived<bool> {
    let log_groups = region.log_groups.list()?;
    let concerned =
        log_groups.iter().filter(|log_group| facts.index.expectations.must_centralize(&log_group.name));
    derived::any(concerned.map(|log_group| {
        let copies = copies(facts, Source { account, region: &region.name, log_group })?;
        derived::any(copies.iter().map(to_central)).map(|copied| !copied)
    }))
}

/// What each centralization rule does with a log group, and whether its destination is central.
fn copies<'a>(facts: &'a Facts, source: Source<'_>) -> Derived<Vec<(Duplicate<'a>, Derived<bool>)>> {
    let copies = facts.index.centralization.copies(source)?;
    let with_central = copies.into_iter().map(|copy| {
        let central = copy.account.clone().and_then(|account| trust::is_central(&facts.index, account));
        (copy, central)
    });
    Ok(with_central.collect())
}

fn to_central((copy, central): &(Duplicate<'_>, Derived<bool>)) -> Derived<bool> {
    derived::all([copy.copies.clone(), central.clone()])
}

/// Whether events sent to this ARN arrive in the archive account or in a security account. A destination must still
/// be there, where its region could be asked, and hand on what it takes to a stream of such an account.
fn is_central(facts: &Facts, arn: &str, exists: &Derived<bool>) -> Derived<bool> {
    let Some(Arn { account_id: owner, .. }) = Arn::parse(arn) else { return Ok(false) };
    let target =
        facts.index.destinations.get(arn).map(|(_, _, it)| destination::to_central(&facts.index, it));
    derived::all([trust::is_central(&facts.index, owner), exists.clone()].into_iter().chain(target))
}

/// The stream behind a destination, where it is certainly none of the archive account or a security account.
fn stray_target<'a>(facts: &'a Facts, arn: &str) -> Option<&'a str> {
    let (_, _, destination) = facts.index.destinations.get(arn)?;
    (destination::to_central(&facts.index, destination) == Ok(false))
        .then_some(destination.target_arn.as_str())
}

fn exists(facts: &Facts, arn: &str) -> Derived<bool> {
    match Arn::parse(arn) {
        Some(Arn { service: "logs", region, account_id: owner, .. })
            if !facts.index.destinations.contains_key(arn) =>
        {
            destination::unlisted(facts, owner, region).map_or(Ok(false), Err)
        }
        _ => Ok(true),
    }
}

/// Whether everything that is written to a log group arrives in the archive account or in a security account. Of most groups
/// nobody asked for subscriptions.
pub(in crate::facts) fn reaches_center(
    facts: &Facts,
    account: &str,
    region: &RegionRecord,
    log_group: &LogGroup,
) -> Derived<bool> {
    Subscriptions::of(facts, account, region, log_group).forward_everything()
}

impl<'a> Subscriptions<'a> {
    /// `None` if the log group needs none.
    pub(super) fn new(
        facts: &'a Facts,
        account: &str,
        region: &'a RegionRecord,
        log_group: &'a LogGroup,
    ) -> Option<Self> {
        let must = facts.index.expectations.must_centralize(&log_group.name);
        must.then(|| Self::of(facts, account, region, log_group))
    }

    /// Those of any log group.
    fn of(facts: &'a Facts, account: &str, region: &'a RegionRecord, log_group: &'a LogGroup) -> Self {
        let (mut known, mut unread) = (Vec::new(), None);
        let subscription =
            |destination_arn: &'a String, pattern: &'a String, narrowing: Narrowing<'a>, applies| {
                let exists = exists(facts, destination_arn);
                let central = is_central(facts, destination_arn, &exists);
                let applies = derived::all([applies, narrowing.admits(account, &region.name)]);
                let unchanged = narrowing.unchanged(account, &region.name);
                let selection = narrowing.selection;
                let stray_target = stray_target(facts, destination_arn);
                Subscription {
                    destination_arn,
                    pattern,
                    selection,
                    unchanged,
                    applies,
                    exists,
                    stray_target,
                    central,
                }
            };
        match subscription_filters(account, region, log_group) {
            Ok(filters) => known.extend(filters.iter().map(|it| {
                subscription(&it.destination_arn, &it.pattern, Narrowing::of_filter(it), Ok(true))
            })),
            Err(gaps) => derived::join(&mut unread, &gaps),
        }
        match region.subscription_policies.list() {
            Ok(policies) => known.extend(policies.iter().map(|it| {
                let applies = applies(account, region, it, log_group);
                subscription(&it.destination_arn, &it.pattern, Narrowing::of_policy(it), applies)
            })),
            Err(gaps) => derived::join(&mut unread, &gaps),
        }
        let copies = copies(facts, Source { account, region: &region.name, log_group });
        Self { log_group, known, unread, copies }
    }

    fn any(&self, holds: impl Fn(&Subscription<'_>) -> Derived<bool>) -> Derived<bool> {
        let unread = self.unread.clone().map_or(Ok(false), Err);
        let known =
            self.known.iter().map(|it| derived::all([it.applies.clone(), it.central.clone(), holds(it)]));
        let copied = match &self.copies {
            Ok(copies) => derived::any(copies.iter().map(to_central)),
            Err(gaps) => Err(gaps.clone()),
        };
        derived::any(known.chain([unread, copied]))
    }

    pub(super) fn centralized(&self) -> Derived<bool> {
        self.any(|_| Ok(true))
    }

    pub(super) fn forward_everything(&self) -> Derived<bool> {
        self.any(|subscription| {
            derived::all([Ok(subscription.pattern.trim().is_empty()), subscription.unchanged.clone()])
        })
    }

    /// What there is instead of a central subscription, or what one leaves out.
    pub(super) fn describe(&self) -> Derived<String> {
        if let Some(gaps) = &self.unread {
            return Err(gaps.clone());
        }
        // One whose criteria leave out the group's own events is told, too: it is what there is instead.
        let is_told = |subscription: &&Subscription<'_>| {
            subscription.applies != Ok(false) || matches!(subscription.selection, Observed::Known(_))
        };
        let applying = self.known.iter().filter(is_told);
        let mut texts: Vec<String> = applying
            .map(|subscription| {
                let what = match subscription.pattern.trim() {
                    "" => "everything".to_owned(),
                    pattern => format!("what matches '{pattern}'"),
                };
                let gone = if subscription.exists == Ok(false) { ", which does not exist" } else { "" };
                let those = match subscription.selection {
                    Observed::Known(criteria) => format!(" of what meets {criteria}"),
                    Observed::Absent | Observed::Unavailable(_) => String::new(),
                };
                let onward = match subscription.stray_target {
                    Some(target) => format!(", which hands it on to {target}"),
                    None => String::new(),
                };
                format!("forwards {what}{those} to {}{gone}{onward}", subscription.destination_arn)
            })
            .collect();
        let copies = self.copies.as_ref().map_or(&[][..], Vec::as_slice);
        texts.extend(copies.iter().filter_map(|(copy, _)| copy.describe()));
        let uncopied = if copies.is_empty() { "" } else { ", and no centralization rule copies it" };
        let none = || match class_of(self.log_group) {
            Class::TakesNone(class) => {
                format!("has the class {class}, which takes no subscription{uncopied}")
            }
            Class::Takes | Class::Unknown(_) => format!("has no subscription{uncopied}"),
        };
        Ok(words::clauses(&texts).unwrap_or_else(none))
    }
}

/// Whether an account's policy covers the log group.
fn applies(
    account: &str,
    region: &RegionRecord,
    policy: &AccountSubscriptionPolicy,
    log_group: &LogGroup,
) -> Derived<bool> {
    if policy.excluded_log_groups.contains(&log_group.name) {
        return Ok(false);
    }
    match class_of(log_group) {
        Class::Takes => {}
        Class::TakesNone(_) => return Ok(false),
        Class::Unknown(class) => return Err(unknown_class(account, &region.name, class).id.into()),
    }
    match &policy.unrecognized_selection {
        Some(selection) => Err(unrecognized(account, &region.name, policy, selection).id.into()),
        None => Ok(true),
    }
}
