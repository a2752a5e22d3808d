//! What verifying the archive found about a trail's digest chains. See [`super`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::attestation::{Attestation, LogsRead};
use crate::facts::derived::hours_between;
use crate::facts::words::{before_the_scan, clauses, days};
use crate::model::{Observed, Trail};

/// Whose chains: of the organization, or of one account.
type Owner = Option<String>;
/// The trail's name and home region; `None` where nothing was there to say it.
type Name = Option<(String, String)>;

/// One result about one trail.
#[derive(Debug, Clone)]
struct Result {
    to: DateTime<Utc>,
    days: i64,
    logs_read: LogsRead,
    chains: usize,
    broken: usize,
}

/// Results by owner and trail, the newest of each.
#[derive(Debug, Default)]
pub(in crate::facts) struct Attested {
    results: BTreeMap<(Owner, Name), Vec<Result>>,
    is_any: bool,
}

/// The newest result about a trail.
#[derive(Debug)]
pub(super) struct Chain {
    /// Whole days that it covers.
    pub(super) days: i64,
    /// Days from its end to the snapshot, rounded up.
    pub(super) age_days: i64,
    age_hours: i64,
    result: Result,
}

impl Attested {
    pub(in crate::facts) fn new(attestations: &[Attestation]) -> Self {
        let mut results: BTreeMap<(Owner, Name), Vec<Result>> = BTreeMap::new();
        for attestation in attestations {
            let mut found: BTreeMap<(Owner, Name), Result> = BTreeMap::new();
            for chain in &attestation.chains {
                let owner = chain.organization_id.is_none().then(|| chain.account_id.clone());
                let name = chain.trail.clone().zip(chain.home_region.clone());
                let result = found.entry((owner, name)).or_insert(Result {
                    to: attestation.to,
                    days: (attestation.to - attestation.from).num_days(),
                    logs_read: attestation.logs_read,
                    chains: 0,
                    broken: 0,
                });
                result.chains += 1;
                result.broken += usize::from(!chain.valid);
            }
            for (place, result) in found {
                results.entry(place).or_default().push(result);
            }
        }
        Self { results, is_any: !attestations.is_empty() }
    }

    /// Something was handed in.
    pub(super) fn is_any(&self) -> bool {
        self.is_any
    }

    /// The newest result about the trail.
    pub(super) fn of(&self, trail: &Trail, account_id: &str, taken_at: DateTime<Utc>) -> Option<Chain> {
        let Observed::Known(settings) = &trail.settings else { return None };
        let Observed::Known(organization_trail) = settings.organization_trail else { return None };
        let owner = (!organization_trail).then(|| account_id.to_owned());
        let name = Some((trail.name.clone(), trail.home_region.clone()));
        let of = |name: Name| self.results.get(&(owner.clone(), name)).into_iter().flatten();
        let mut result = of(name).max_by_key(|result| result.to)?.clone();
        // A folder without any digest names no trail: it may be this one's.
        for nameless in of(None).filter(|nameless| nameless.to == result.to) {
            result.chains += nameless.chains;
            result.broken += nameless.broken;
        }
        let age_hours = hours_between(result.to, taken_at);
        let age_days = age_hours.div_euclid(24) + i64::from(age_hours.rem_euclid(24) > 0);
        Some(Chain { days: result.days, age_days, age_hours, result })
    }
}

/// Why it does not prove the logs whole.
pub(super) fn defect(chain: Option<&Chain>) -> Option<String> {
    let Some(Chain { result, .. }) = chain else { return Some(NOTHING.to_owned()) };
    let mut defects = Vec::new();
    if result.broken > 0 {
        let are = if result.broken == 1 { "is" } else { "are" };
        let verb = if result.chains == 1 {
            "its chain is not valid".to_owned()
        } else {
            format!("{} of its {} chains {are} not valid", result.broken, result.chains)
        };
        defects.push(verb);
    }
    match result.logs_read {
        LogsRead::All => {}
        LogsRead::Sample => defects.push("only a sample of its logs was read".to_owned()),
        LogsRead::None => defects.push("none of its logs was read".to_owned()),
    }
    clauses(&defects)
}

const NOTHING: &str = "no result is about it";

/// What the result says, as clauses of a sentence.
pub(super) fn words(chain: Option<&Chain>) -> String {
    let Some(found) = chain else { return NOTHING.to_owned() };
    let mut said = vec![
        format!("the newest result covers {}", days(found.days)),
        format!("what it covers ended {}", before_the_scan(found.age_hours)),
    ];
    said.extend(defect(chain));
    clauses(&said).unwrap_or_default()
}

#[cfg(test)]
mod tests;
