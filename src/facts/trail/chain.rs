//! What verifying the archive found about a trail's digest chains, beside what the organization says that there must
//! be: a result about some accounts or regions proves nothing of the others. See [`super`].

mod attested;
mod expected;
mod span;

pub(in crate::facts) use attested::Attested;
use attested::{Owner, Place};
use span::Covered;

use super::setting;
use crate::attestation::LogsRead;
use crate::facts::Index;
use crate::facts::view::Derived;
use crate::facts::words::{before_the_scan, clauses, days};
use crate::model::{Gap, Trail};

/// The newest result about a trail.
#[derive(Debug)]
pub(super) struct Chain {
    /// Whole days that each of its chains covers.
    pub(super) days: Derived<i64>,
    /// Whole days that they cover at most, whatever is unknown of some.
    pub(super) most_days: i64,
    /// Days from the end of what they cover to the snapshot, rounded up.
    pub(super) age_days: i64,
    covered: Covered,
    /// Why it does not prove the logs whole.
    defect: Derived<Option<String>>,
}

/// The newest result about the trail; `None` of none.
pub(super) fn of(index: &Index, trail: &Trail, account_id: &str) -> Derived<Option<Chain>> {
    let Some(settings) = trail.settings.get()? else { return Ok(None) };
    let owner = if !setting(trail, |it| &it.organization_trail)? {
        Owner::Account(account_id.to_owned())
    } else if let Some(organization) = index.header.organization.get()? {
        Owner::Organization(organization.id.clone())
    } else {
        return Ok(None);
    };
    let prefix = settings.key_prefix.get()?.map_or("", String::as_str);
    let place =
        Place { bucket: settings.bucket_name.clone(), prefix: prefix.trim_matches('/').to_owned(), owner };
    let Some(newest) = index.attested.newest(&place, &trail.name, &trail.home_region) else {
        return Ok(None);
    };
    let mut defects = Vec::new();
    if newest.broken > 0 {
        let are = if newest.broken == 1 { "is" } else { "are" };
        defects.push(if newest.chains == 1 {
            "its chain is not valid".to_owned()
        } else {
            format!("{} of its {} chains {are} not valid", newest.broken, newest.chains)
        });
    }
    match newest.logs_read {
        LogsRead::All => {}
        LogsRead::Sample => defects.push("only a sample of its logs was read".to_owned()),
        LogsRead::None => defects.push("none of its logs was read".to_owned()),
    }
    if !newest.complete {
        defects.push("something that it set out to verify was not found or could not be read".to_owned());
    }
    let (missing, unknown) = expected::missing(index, trail, account_id, &newest.covered);
    defects.extend(missing);
    let defect = match (clauses(&defects), unknown) {
        (None, Some(gaps)) => Err(gaps),
        (defect, _) => Ok(defect),
    };
    let covered = Covered::of(index, &newest);
    Ok(Some(Chain {
        days: covered.days.clone(),
        most_days: covered.most_days,
        age_days: covered.age_hours.div_euclid(24) + i64::from(covered.age_hours.rem_euclid(24) > 0),
        covered,
        defect,
    }))
}

/// The gaps that facts of chains name and no record holds.
pub(in crate::facts) fn gaps(index: &Index) -> Vec<Gap> {
    let mut gaps = expected::gaps(index);
    gaps.extend(span::gaps(index));
    gaps
}

/// Why it does not prove the logs whole.
pub(super) fn defect(chain: &Derived<Option<Chain>>) -> Derived<Option<String>> {
    match chain {
        Ok(Some(chain)) => chain.defect.clone(),
        Ok(None) => Ok(Some(NOTHING.to_owned())),
        Err(gaps) => Err(gaps.clone()),
    }
}

const NOTHING: &str = "no result is about it";

/// What the result says, as clauses of a sentence.
pub(super) fn words(chain: &Derived<Option<Chain>>) -> Derived<String> {
    let Some(found) = chain.as_ref().map_err(Clone::clone)? else { return Ok(NOTHING.to_owned()) };
    let at_most = if found.days.is_ok() { "" } else { "at most " };
    let mut said = vec![
        format!("the newest result covers {at_most}{}", days(found.most_days)),
        format!("what it covers ended {}", before_the_scan(found.covered.age_hours)),
    ];
    said.extend(found.covered.late.clone());
    // What is certain is said, whatever is unknown besides.
    said.extend(found.defect.clone().ok().flatten());
    Ok(clauses(&said).unwrap_or_default())
}

#[cfg(test)]
mod tests;
