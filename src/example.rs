//! Organizations that are made up: the bundled demonstration, and healthy ones of any size for tests and benchmarks.
//!
//! Built from the same types as a snapshot of a live organization. A field of the model that is not told here is not
//! collected, and a test says so as soon as a rule asks for it: nothing of a healthy organization is unknown. Neighbours:
//! [`crate::model`], [`crate::snapshot`]; used by the `demo` command.

mod account;
mod defects;
mod deliveries;
mod documents;
mod guardrails;
mod organization;
mod stores;
mod streams;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::model::{AccountRecord, Observed, Scope, StoresRecord};
use crate::snapshot::{End, FORMAT_VERSION, Header, Record, Source};

/// The management account of every example.
pub const MANAGEMENT: &str = "111111111111";
/// The log archive account of every example.
pub const ARCHIVE: &str = "222222222222";
/// The security tooling account of every example.
pub const SECURITY: &str = "333333333333";
/// The archive bucket of every example.
pub const ARCHIVE_BUCKET: &str = "example-organization-logs";
/// The bucket of configuration history of every example: AWS Config cannot deliver into the archive, whose objects are
/// locked by default.
pub const CONFIG_BUCKET: &str = "example-organization-config";
/// The organization of every example.
pub const ORGANIZATION_ID: &str = "o-exampleorg1";
/// The home region of the organization trail.
pub const HOME_REGION: &str = "eu-central-1";

/// The moment at which every example was collected: fixed, so that output can be compared.
pub fn taken_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_154_400, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

fn hours_ago(hours: i64) -> Observed<DateTime<Utc>> {
    Observed::Known(taken_at() - Duration::hours(hours))
}

/// A made-up organization, complete, in memory.
#[derive(Debug, Clone)]
pub struct Example {
    /// The snapshot's header.
    pub header: Header,
    /// Its accounts, by number.
    pub accounts: Vec<AccountRecord>,
    /// Its stores of logs, by owner.
    pub stores: Vec<StoresRecord>,
}

impl Example {
    /// An organization in which nothing is wrong: three core accounts and as many workload accounts, with the same
    /// regions.
    pub fn healthy(workloads: usize, regions: &[&str]) -> Self {
        let members = organization::workloads(workloads);
        let organization = organization::organization(&members);
        let mut accounts: Vec<AccountRecord> = organization::core()
            .into_iter()
            .chain(members)
            .map(|member| account::healthy(&member.id, &member.name, regions))
            .collect();
        accounts.sort_by(|left, right| left.id.cmp(&right.id));
        Self {
            header: Header {
                format_version: FORMAT_VERSION,
                tool_version: env!("CARGO_PKG_VERSION").to_owned(),
                taken_at: taken_at(),
                partition: "aws".to_owned(),
                caller_account_id: SECURITY.to_owned(),
                organization: Observed::Known(organization),
                accounts: accounts.iter().map(|account| account.id.clone()).collect(),
                scope: Observed::Known(Scope::default()),
                ..Header::default()
            },
            accounts,
            stores: stores::healthy(regions),
        }
    }

    /// The demonstration: seventeen accounts in nested units, four regions, a good archive, and the defects that the
    /// rules know.
    pub fn demo() -> Self {
        defects::demo()
    }

    /// The account of that number.
    pub fn account_mut(&mut self, id: &str) -> Option<&mut AccountRecord> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    /// The records of a snapshot file, in order.
    pub fn records(self) -> Vec<Record> {
        let end =
            Record::End(End { accounts: self.accounts.len(), stores: Some(self.stores.len()), calls: 0 });
        let header = Record::Header(Box::new(self.header));
        let accounts = self.accounts.into_iter().map(|account| Record::Account(Box::new(account)));
        let stores = self.stores.into_iter().map(|stores| Record::Stores(Box::new(stores)));
        std::iter::once(header).chain(accounts).chain(stores).chain(std::iter::once(end)).collect()
    }

    /// A snapshot in memory.
    pub fn into_source(self) -> Source {
        Source::Records(Arc::new(self.records()))
    }
}
