//! The facts of a CloudWatch Logs destination, which other accounts subscribe their log groups to. See [`super`].

mod admission;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use admission::Admission;

use super::excess_grants::ExcessGrants;
use super::in_region::{InRegion, Thing};
use super::kind::{Kind, Listed};
use super::view::{Derived, facts};
use super::words::few;
use super::{Facts, Index, SubjectFacts, SubjectKind, derived, noted_gaps, trust, unrecorded};
use crate::model::{Destination, Gap, GapPlace, GapReason, Gaps, Observed};
use crate::policy::audit::{self, OrganizationScope};
use crate::policy::{Arn, Document, Truth};

facts! {
    /// A CloudWatch Logs destination, which other accounts subscribe their log groups to.
    pub struct DestinationFacts as "destination" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// The archive account or a security account owns it.
        is_central: Derived<bool>,
        /// The stream behind it.
        target_arn: String,
        /// That stream's state, as Kinesis or Firehose names it (`ACTIVE`, `UPDATING`, `CREATING`, `DELETING`, ...), or
        /// `not found`.
        target_state: Derived<String> = crate::model::stores::stream::TARGET_STATES,
        /// Whom its policy lets subscribe to it or change it outside the organization.
        outsiders: Derived<Vec<String>>,
        /// There are active accounts of the organization besides the owner's, which could subscribe to it.
        serves_others: Derived<bool>,
        /// Active accounts of the organization that its policy keeps out; the first few of many, and their number.
        excluded_accounts: Derived<Option<String>>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "destination",
    variable: "destination",
    unlisted: "the destinations of the account",
    service: "logs",
    ocsf: "AWS::Logs::Destination",
    asff: "Other",
    schema: DestinationFacts::schema,
    more: &[],
    listed: Listed::Region(subjects),
    missing: None,
    undecided: Some(|facts, gaps| {
        for (owner, region, destination) in facts.index.destinations.values() {
            derive(facts, owner, region, destination, gaps);
        }
        gaps.extend(unscanned(facts));
    }),
};

fn subjects(within: &InRegion<'_>) -> Vec<SubjectFacts> {
    let InRegion { facts, record, region, .. } = within;
    within.subjects(SubjectKind::Destination, &region.destinations, |destination| Thing {
        name: &destination.name,
        arn: &destination.arn,
        facts: Arc::new(derive(facts, &record.id, &region.name, destination, &mut Vec::new())),
    })
}

/// Derives a destination's facts, and notes what was read but cannot be decided.
pub(super) fn derive(
    facts: &Facts,
    owner: &str,
    region: &str,
    destination: &Destination,
    gaps: &mut Vec<Gap>,
) -> DestinationFacts {
    let place = GapPlace {
        account_id: Some(owner),
        region: Some(region),
        service: "logs",
        operation: "DescribeDestinations",
        resource: Some(&destination.name),
    };
    let of_owner = |document| {
        let (placed, organization) = (facts.trust.placed(owner), &facts.trust.organization);
        let document = audit::of_owner_account(&document, placed, organization);
        audit::in_force(&document, facts.index.header.taken_at)
    };
    let document = noted_gaps::document(gaps, &destination.access_policy, place);
    let document = document.map(|document| document.map(of_owner));
    let text = if let Observed::Known(text) = &destination.access_policy { text } else { "" };
    let reading = Reading { facts, owner, arn: &destination.arn, text, place };
    DestinationFacts {
        name: destination.name.clone(),
        arn: destination.arn.clone(),
        is_central: trust::is_central(&facts.index, owner),
        target_arn: destination.target_arn.clone(),
        target_state: match facts.index.streams.state(&destination.target_arn) {
            Some(state) => state.clone(),
            None => Err(unrecorded::why(&facts.index, &destination.target_arn)),
        },
        outsiders: match &document {
            Ok(Some(document)) => reading.outsiders(document, gaps),
            Ok(None) => Ok(Vec::new()),
            Err(unknown) => Err(unknown.clone()),
        },
        serves_others: reading.serves_others(),
        excluded_accounts: match &document {
            Ok(document) => reading.excluded_accounts(document.as_ref(), gaps),
            Err(unknown) => Err(unknown.clone()),
        },
    }
}

/// Whether the stream that a destination hands events on to is of the archive account or of a security account: whoever
/// owns the stream has the events.
pub(super) fn to_central(index: &Index, destination: &Destination) -> Derived<bool> {
    match Arn::parse(&destination.target_arn) {
        Some(stream) if !stream.account_id.is_empty() => trust::is_central(index, stream.account_id),
        _ => Ok(false),
    }
}

/// Whether the archive account or a security account offers a destination in this region, with a stream of such an
/// account behind it.
pub(super) fn central_in_region(facts: &Facts, region: &str) -> Derived<bool> {
    let index = &facts.index;
    let offered = index.destinations.values().filter(|(_, its_region, _)| its_region == region);
    let central = offered.map(|(owner, _, destination)| {
        derived::all([trust::is_central(index, owner), to_central(index, destination)])
    });
    let (accounts, unknown) = trust::central_accounts(index);
    let unlisted = accounts.into_iter().filter_map(|account| unlisted(facts, account, region));
    derived::any(central.chain(unknown.into_iter().chain(unlisted).map(Err)))
}

/// What keeps an account's destinations in a region from being known.
pub(super) fn unlisted(facts: &Facts, owner: &str, region: &str) -> Option<Gaps> {
    let index = &facts.index;
    if !index.recorded_accounts.contains(owner) {
        let known = index.accounts_without_record.get(owner).cloned();
        return Some(known.unwrap_or_else(|| not_scanned(owner).id.into()));
    }
    let of = |region: Option<&str>| {
        index.destination_gaps.get(&(owner.to_owned(), region.map(str::to_owned))).cloned()
    };
    let read = index.read_regions.contains(&(owner.to_owned(), region.to_owned()));
    of(Some(region)).or_else(|| if read { None } else { of(None) })
}

fn not_scanned(owner: &str) -> Gap {
    let place = GapPlace {
        account_id: Some(owner),
        service: "logs",
        operation: "DescribeDestinations",
        ..GapPlace::default()
    };
    Gap::new(place, GapReason::NotCollected, "the account was not scanned")
}

/// Gaps of central accounts that are outside the scan, where log groups need their destinations.
fn unscanned(facts: &Facts) -> Vec<Gap> {
    let index = &facts.index;
    if !index.needs_central_destinations {
        return Vec::new();
    }
    let (accounts, _) = trust::central_accounts(index);
    let outside = accounts.into_iter().filter(|account| {
        !index.recorded_accounts.contains(*account) && !index.accounts_without_record.contains_key(*account)
    });
    outside.map(not_scanned).collect()
}

struct Reading<'a> {
    facts: &'a Facts,
    owner: &'a str,
    arn: &'a str,
    /// The access policy as it is written, where it is known.
    text: &'a str,
    place: GapPlace<'a>,
}

impl Reading<'_> {
    fn undecided(&self, gaps: &mut Vec<Gap>, why: &str) -> Gaps {
        noted_gaps::note(gaps, self.place, GapReason::Undecided, why)
    }

    fn organization(&self) -> &OrganizationScope {
        &self.facts.trust.organization
    }

    fn outsiders(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let mut outsiders = ExcessGrants::default();
        for grant in audit::destination_grants(document, self.arn) {
            match grant.scope.within(self.organization()) {
                Truth::True => {}
                Truth::False => outsiders.take(&grant, self.facts.trust.gaps.as_ref()),
                Truth::Unknown => outsiders.add_uncertain(&grant),
            }
        }
        outsiders.finish(self.place, gaps)
    }

    fn others(&self) -> impl Iterator<Item = &String> {
        self.facts.trust.active_accounts.iter().filter(|account| *account != self.owner)
    }

    fn serves_others(&self) -> Derived<bool> {
        match &self.facts.trust.gaps {
            Some(unlisted) if self.others().next().is_none() => Err(unlisted.clone()),
            _ => Ok(self.others().next().is_some()),
        }
    }

    /// The owner needs no permission. Without a policy nobody else has one.
    fn excluded_accounts(&self, document: Option<&Document>, gaps: &mut Vec<Gap>) -> Derived<Option<String>> {
        let (mut excluded, mut unclear, mut placeless) = (Vec::new(), Vec::new(), None);
        let mut admission =
            document.map(|document| Admission::new(document, self.text, self.arn, self.organization()));
        for account in self.others() {
            let path = self.facts.trust.organization_paths.get(account).unwrap_or(&Ok(None));
            let known = path.as_ref().ok().and_then(Option::as_deref);
            let admitted = admission.as_mut().map_or(Truth::False, |it| it.admits(account, known));
            match admitted {
                Truth::True => {}
                Truth::False => excluded.push(account),
                Truth::Unknown => match path {
                    Ok(_) => unclear.push(account),
                    Err(gaps) => derived::join(&mut placeless, gaps),
                },
            }
        }
        if !excluded.is_empty() {
            return Ok(Some(few(&excluded)));
        }
        if !unclear.is_empty() {
            let why = format!("the access policy does not tell whether it admits {}", few(&unclear));
            derived::join(&mut placeless, &self.undecided(gaps, &why));
        }
        if let Some(unknown) = placeless {
            return Err(unknown);
        }
        // A policy for everyone in the organization is complete, whatever its accounts are.
        let admits_all = |document| audit::admits_all(document, self.arn, self.organization()).is_true();
        match &self.facts.trust.gaps {
            Some(unlisted) if !document.is_some_and(admits_all) => Err(unlisted.clone()),
            _ => Ok(None),
        }
    }
}
