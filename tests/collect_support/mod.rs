//! What tests of collecting share: a process of their own with the fake's credentials, and snapshots read back.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use trailproof::collect::{self, CollectError, Event, Outcome};
use trailproof::deliver::{Unfinished, Waiter};
use trailproof::model::{AccountRecord, Gap, Organization, StoresRecord};
use trailproof::plan::CollectSettings;
use trailproof::snapshot::{Header, Record, Source};

use crate::fake_aws::FakeAws;
use crate::fake_aws::healthy::{ARCHIVE, MANAGEMENT, SECURITY, workload};

pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const REGIONS: [&str; 2] = [HOME, "us-east-1"];
/// The device of the profile `mfa`, whose role is in the management account.
pub(crate) const MFA_DEVICE: &str = "arn:aws:iam::100000000001:mfa/jane";
const MARK: &str = "TRAILPROOF_TEST_IS_ISOLATED";

/// Whether this process has the fake's credentials. If not, runs the test of that name in one that has: the AWS
/// configuration is the process's, and a test must not take the user's. A test in a module is named with its whole path.
pub(crate) fn is_isolated(test: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let test = test.split_once("::").map_or(test, |(_, within)| within);
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("config");
    let accounts = [MANAGEMENT.to_owned(), ARCHIVE.to_owned(), SECURITY.to_owned(), workload(0)];
    let mut sections = String::new();
    for account in accounts {
        let keys = FakeAws::credentials(&account);
        let (id, secret) = (keys.access_key_id, keys.secret_access_key);
        writeln!(sections, "[profile {account}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}")
            .unwrap();
    }
    writeln!(
        sections,
        "[profile mfa]\nrole_arn = arn:aws:iam::{MANAGEMENT}:role/TrailproofAudit\nsource_profile = {MANAGEMENT}\n\
         mfa_serial = {MFA_DEVICE}\nexternal_id = of-the-profile"
    )
    .unwrap();
    std::fs::write(&profiles, sections).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars() {
        if name.starts_with("AWS_") || name.to_ascii_lowercase().ends_with("_proxy") {
            child.env_remove(name);
        }
    }
    let status = child
        .args([test, "--exact", "--nocapture"])
        .env(MARK, "1")
        .env("AWS_CONFIG_FILE", &profiles)
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed, see above");
    false
}

/// Settings that reach the fake as an administrator of the account, without retries.
pub(crate) fn settings(fake: &FakeAws, account: &str) -> CollectSettings {
    CollectSettings {
        profile: Some(account.to_owned()),
        region: Some(HOME.to_owned()),
        endpoint_url: Some(fake.endpoint()),
        max_attempts: 1,
        call_time_limit: Duration::from_secs(20),
        ..CollectSettings::default()
    }
}

/// A snapshot that was read back.
#[derive(Debug)]
pub(crate) struct Collected {
    pub(crate) outcome: Outcome,
    pub(crate) header: Header,
    pub(crate) accounts: Vec<AccountRecord>,
    pub(crate) stores: Vec<StoresRecord>,
}

impl Collected {
    pub(crate) fn read(path: &Path) -> Self {
        let mut header = None;
        let (mut accounts, mut stores) = (Vec::new(), Vec::new());
        for record in Source::Files(vec![path.to_owned()]).records() {
            match record.unwrap() {
                Record::Header(found) => header = Some(*found),
                Record::Account(account) => accounts.push(*account),
                Record::Stores(found) => stores.push(*found),
                Record::End(_) => {}
            }
        }
        let outcome =
            Outcome { snapshot: path.to_owned(), accounts: accounts.len(), gaps: 0, calls: 0, throttled: 0 };
        Self { outcome, header: header.unwrap(), accounts, stores }
    }

    pub(crate) fn organization(&self) -> &Organization {
        self.header.organization.get().unwrap().unwrap()
    }

    pub(crate) fn account(&self, id: &str) -> &AccountRecord {
        self.accounts.iter().find(|account| account.id == id).unwrap()
    }

    pub(crate) fn stores(&self, owner: &str) -> &StoresRecord {
        self.stores.iter().find(|stores| stores.account_id == owner).unwrap()
    }

    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let accounts = self.accounts.iter().flat_map(|account| &account.gaps);
        let stores = self.stores.iter().flat_map(|stores| &stores.gaps);
        self.header.gaps.iter().chain(accounts).chain(stores).cloned().collect()
    }

    /// Everything but the gaps and the time.
    pub(crate) fn facts(&self) -> Value {
        let mut value = self.whole();
        value["header"]["gaps"] = Value::Null;
        for list in ["accounts", "stores"] {
            for record in value[list].as_array_mut().unwrap() {
                record["gaps"] = Value::Null;
            }
        }
        value
    }

    /// Everything but the time, as text.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(&self.whole()).unwrap()
    }

    fn whole(&self) -> Value {
        let mut value = json!({ "header": self.header, "accounts": self.accounts, "stores": self.stores });
        value["header"]["taken_at"] = Value::Null;
        value["header"]["run_id"] = Value::Null;
        value
    }
}

/// Collects to the end, on a runtime of its own.
pub(crate) fn collect(
    settings: &CollectSettings,
    target: &Path,
    resume: bool,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<Outcome, CollectError> {
    let runtime = Runtime::new().unwrap();
    let outcome =
        runtime.block_on(collect::collect(settings, target, resume, events, std::future::pending()));
    runtime.shutdown_background();
    outcome
}

/// What waits to the end, on a runtime of its own.
pub(crate) fn waiter() -> Waiter {
    let runtime = Runtime::new().unwrap();
    Waiter::new(move |work| {
        runtime.block_on(work);
        Ok::<(), Unfinished>(())
    })
}

/// Collects into a file of its own and reads it back.
pub(crate) fn try_collect(settings: &CollectSettings) -> Result<Collected, CollectError> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("snapshot");
    let outcome = collect(settings, &target, false, &|_| {})?;
    Ok(Collected { outcome, ..Collected::read(&target) })
}

/// As [`try_collect`], where nothing may go wrong or ask for what the fake does not know.
pub(crate) fn collected(fake: &FakeAws, settings: &CollectSettings) -> Collected {
    let found = try_collect(settings).unwrap();
    assert_eq!(fake.unexpected(), Vec::<String>::new());
    found
}

/// Gaps in a line each.
pub(crate) fn clean(gaps: &[Gap]) -> Vec<String> {
    gaps.iter().map(|gap| format!("{} {}: {}", gap.service, gap.operation, gap.detail)).collect()
}
