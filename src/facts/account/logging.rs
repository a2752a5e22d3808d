//! What an account's own record says of its logging: facts that need the whole record, not the account's number.

use crate::facts::coverage::{AccountTrails, EventKindFacts};
use crate::facts::derived::join;
use crate::facts::view::{Derived, facts};
use crate::facts::{AccountFacts, Index, words};
use crate::model::AccountRecord;

facts! {
    /// An account's logging beyond management events.
    pub struct AccountLoggingFacts as "logging" {
        /// Data events that its trails record, by resource type and access.
        data_events: Vec<EventKindFacts>,
        /// Network activity events of VPC endpoints that its trails record, by event source.
        network_activity: Vec<EventKindFacts>,
        /// In the archive account: log groups of databases, clusters and APIs, which only an account that runs
        /// workloads has. Empty for other accounts.
        workload_log_groups: Derived<Vec<String>>,
        /// What else the archive account is or does, after its number; null if nothing, and for other accounts.
        other_duties: Derived<Option<String>>,
    }
}

pub(in crate::facts) fn derive(
    index: &Index,
    record: &AccountRecord,
    account: &AccountFacts,
    trails: &AccountTrails<'_>,
) -> AccountLoggingFacts {
    let workload_log_groups = match account.is_archive {
        Ok(false) => Ok(Vec::new()),
        _ => workload_log_groups(index, record),
    };
    AccountLoggingFacts {
        data_events: trails.data_events(),
        network_activity: trails.network_activity(),
        other_duties: other_duties(account, &workload_log_groups),
        workload_log_groups,
    }
}

fn other_duties(
    account: &AccountFacts,
    workload_log_groups: &Derived<Vec<String>>,
) -> Derived<Option<String>> {
    if account.is_archive == Ok(false) {
        return Ok(None);
    }
    let management = account.is_management.clone();
    words::problems([
        management.map(|is| is.then(|| "is the management account".to_owned())),
        workload_log_groups.clone().map(|groups| {
            (!groups.is_empty()).then(|| format!("runs workloads, which log to {}", words::few(&groups)))
        }),
    ])
}

/// One that is found decides, though other regions could not be read.
fn workload_log_groups(index: &Index, record: &AccountRecord) -> Derived<Vec<String>> {
    let mut names = Vec::new();
    let mut unknown = record.region_gaps();
    for region in &record.regions {
        match region.log_groups.list() {
            Ok(groups) => {
                let workloads = groups.iter().filter(|group| index.expectations.must_centralize(&group.name));
                names.extend(workloads.map(|group| format!("{}:{}", region.name, group.name)));
            }
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    match unknown {
        Some(gaps) if names.is_empty() => Err(gaps),
        _ => Ok(names),
    }
}
