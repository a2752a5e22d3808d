//! What is removed from a snapshot that leaves the organization: names of people and accounts, and on request the
//! numbers by which AWS knows them.
//!
//! A pseudonym stands for the same thing everywhere in a bundle, so that the rules reach the same verdicts on what is
//! left: the export checks that they do. Pseudonyms are ranks, not hashes: the twelve digits of an account could be
//! guessed from a hash. Names of buckets, trails, keys, roles and log groups stay: policies and rules decide by them.

mod text;

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::text::{Pseudonyms, Seen};
use crate::facts::Subject;
use crate::finding::{Finding, fingerprint};
use crate::model::{AccountRecord, Gap, GapPlace, Observed, Organization, Scope};
use crate::report::ReportedRule;
use crate::snapshot::{Header, Record, SnapshotError, Source, Writer};

/// How far a redaction goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Redaction {
    /// Names of accounts, organizational units and policies, addresses of mail, and the words of AWS's errors.
    Names,
    /// These, and the numbers of accounts and the identities of the organization, its units and policies.
    Identities,
}

impl Redaction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Names, Self::Identities];

    /// The word that the command line uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Identities => "identities",
        }
    }
}

/// Why something could not be redacted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedactError {
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// What is left is not what it was.
    #[error("the redaction does not fit what it redacts: {0}")]
    Shape(#[from] serde_json::Error),
    /// A rule would decide otherwise.
    #[error(
        "redacted, {count} findings would have another verdict, the first of the rule {rule}: a rule or policy depends on what is removed"
    )]
    Verdicts {
        /// How many.
        count: usize,
        /// A rule.
        rule: String,
    },
}

/// Replaces what must not leave.
#[derive(Debug)]
pub struct Redactor {
    pseudonyms: Pseudonyms,
    /// Names by account, unit and policy.
    names: BTreeMap<String, String>,
    gaps: BTreeMap<String, String>,
}

impl Redactor {
    /// Learns what there is to replace: from a pass over the snapshot, and from the texts that go with it.
    pub fn learn(
        level: Redaction,
        source: &Source,
        others: impl IntoIterator<Item = String>,
    ) -> Result<Self, RedactError> {
        let mut seen = Seen::new(level);
        let mut gaps: Vec<Gap> = Vec::new();
        let mut names = BTreeMap::new();
        for record in source.records() {
            let record = record?;
            match &record {
                Record::Header(header) => {
                    gaps.extend(header.gaps.iter().cloned());
                    if let Observed::Known(organization) = &header.organization {
                        seen.organization(organization);
                        names.extend(names_of(organization));
                    }
                    header.accounts.iter().for_each(|account| seen.account(account));
                    seen.account(&header.caller_account_id);
                }
                Record::Account(account) => {
                    gaps.extend(account.gaps.iter().cloned());
                    seen.account(&account.id);
                    names.entry(account.id.clone()).or_insert_with(|| "account".to_owned());
                }
                Record::Stores(stores) => {
                    gaps.extend(stores.gaps.iter().cloned());
                    seen.account(&stores.account_id);
                }
                Record::End(_) => {}
            }
            visit(&serde_json::to_value(&record)?, &mut |text| seen.text(text));
        }
        others.into_iter().for_each(|text| seen.text(&text));
        let pseudonyms = seen.pseudonyms();
        let mut ranks: BTreeMap<String, usize> = BTreeMap::new();
        for kind in names.values_mut() {
            let rank = ranks.entry(kind.clone()).or_default();
            *rank += 1;
            *kind = format!("{kind}-{rank:04}");
        }
        let mut redactor = Self { pseudonyms, names, gaps: BTreeMap::new() };
        redactor.gaps = gaps
            .iter()
            .map(|gap| (gap.id.as_str().to_owned(), redactor.gap(gap).id.as_str().to_owned()))
            .collect();
        Ok(redactor)
    }

    /// Writes the snapshot again, redacted.
    pub fn write(&self, source: &Source, path: &Path) -> Result<(), RedactError> {
        let mut writer = Writer::create(path)?;
        for record in source.records() {
            writer.write(&self.record(record?)?)?;
        }
        Ok(writer.finish()?)
    }

    fn record(&self, record: Record) -> Result<Record, RedactError> {
        let mut record = record;
        match &mut record {
            Record::Header(header) => self.header(header),
            Record::Account(account) => {
                if account.name.is_some() {
                    account.name = self.names.get(&account.id).cloned();
                }
                shorten_gaps(&mut account.gaps);
                shorten_errors(account);
            }
            Record::Stores(stores) => shorten_gaps(&mut stores.gaps),
            Record::End(_) => {}
        }
        self.value(&record)
    }

    fn header(&self, header: &mut Header) {
        shorten_gaps(&mut header.gaps);
        if let Observed::Known(scope) = &mut header.scope {
            hide_names(scope);
        }
        let Observed::Known(organization) = &mut header.organization else { return };
        let rename = |id: &str, name: &mut String| {
            if let Some(pseudonym) = self.names.get(id) {
                name.clone_from(pseudonym);
            }
        };
        if let Observed::Known(accounts) = &mut organization.accounts {
            for account in accounts {
                rename(&account.id, &mut account.name);
            }
        }
        if let Observed::Known(units) = &mut organization.organizational_units {
            for unit in units {
                rename(&unit.id, &mut unit.name);
            }
        }
        for policies in
            [&mut organization.service_control_policies, &mut organization.resource_control_policies]
        {
            if let Observed::Known(policies) = policies {
                for policy in policies {
                    rename(&policy.id, &mut policy.name);
                }
            }
        }
    }

    /// The same gap by the names that are left.
    fn gap(&self, gap: &Gap) -> Gap {
        let text = |text: &Option<String>| text.as_deref().map(|text| self.text(text));
        let (account_id, region, resource) = (text(&gap.account_id), text(&gap.region), text(&gap.resource));
        let place = GapPlace {
            account_id: account_id.as_deref(),
            region: region.as_deref(),
            service: &gap.service,
            operation: &gap.operation,
            resource: resource.as_deref(),
        };
        Gap::new(place, gap.reason, code(&gap.detail))
    }

    /// A text with its addresses and identities replaced.
    pub fn text(&self, text: &str) -> String {
        match self.gaps.get(text) {
            Some(gap) => gap.clone(),
            None => self.pseudonyms.replace(text),
        }
    }

    /// Anything with all of its texts replaced.
    pub fn value<T: Serialize + DeserializeOwned>(&self, value: &T) -> Result<T, RedactError> {
        let mut value = serde_json::to_value(value)?;
        self.change(&mut value);
        // By text, as whatever else is read: decoding a tree of values would be all of it once more.
        Ok(serde_json::from_slice(&serde_json::to_vec(&value)?)?)
    }

    fn change(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.change(element)),
            Value::Object(members) => {
                let changed = std::mem::take(members).into_iter().map(|(name, mut member)| {
                    self.change(&mut member);
                    (self.text(&name), member)
                });
                *members = changed.collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The fingerprint that a finding has afterwards.
    pub fn fingerprint(&self, rule: &ReportedRule, finding: &Finding) -> String {
        let subject = &finding.subject;
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(|text| self.text(text).into());
        let redacted = Subject {
            kind: subject.kind,
            account_id: text(&subject.account_id),
            region: text(&subject.region),
            id: self.text(&subject.id).into(),
            arn: None,
            name: None,
        };
        fingerprint(&rule.id, &redacted)
    }
}

/// Of a choice, identities and regions are left: they are replaced as everywhere.
fn hide_names(scope: &mut Scope) {
    let is_number = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    for account in scope.accounts.iter_mut().chain(&mut scope.exclude_accounts) {
        if !is_number(account) {
            "(a name)".clone_into(account);
        }
    }
    for unit in scope.ous.iter_mut().chain(&mut scope.exclude_ous) {
        if !unit.starts_with("ou-") && !unit.starts_with("r-") {
            "(a name)".clone_into(unit);
        }
    }
    for tag in scope.account_tags.iter_mut().chain(&mut scope.exclude_account_tags) {
        "(a tag)".clone_into(tag);
    }
    scope.settings.clear();
}

/// What accounts, units and policies are, by their identities. AWS's own policies keep their names.
fn names_of(organization: &Organization) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut add = |id: &str, kind: &str| drop(names.insert(id.to_owned(), kind.to_owned()));
    if let Observed::Known(accounts) = &organization.accounts {
        for account in accounts {
            add(&account.id, "account");
        }
    }
    if let Observed::Known(units) = &organization.organizational_units {
        for unit in units {
            add(&unit.id, "unit");
        }
    }
    for policies in [&organization.service_control_policies, &organization.resource_control_policies] {
        if let Observed::Known(policies) = policies {
            policies.iter().filter(|policy| !policy.aws_managed).for_each(|policy| add(&policy.id, "policy"));
        }
    }
    names
}

/// AWS's error code, without the words after it, which quote who asked for what.
fn code(detail: &str) -> String {
    let code = detail.split(':').next().unwrap_or_default();
    let plain = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if plain { code.to_owned() } else { "redacted".to_owned() }
}

/// Their identities follow with the texts.
fn shorten_gaps(gaps: &mut [Gap]) {
    for gap in gaps {
        gap.detail = code(&gap.detail);
    }
}

fn shorten_errors(account: &mut AccountRecord) {
    if let Observed::Known(trails) = &mut account.trails {
        for trail in trails {
            if let Observed::Known(status) = &mut trail.status {
                shorten(&mut status.latest_delivery_error);
                shorten(&mut status.latest_digest_delivery_error);
                shorten(&mut status.latest_log_group_delivery_error);
            }
        }
    }
    for region in &mut account.regions {
        if let Observed::Known(recorders) = &mut region.recorders {
            for recorder in recorders {
                if let Observed::Known(status) = &mut recorder.status {
                    shorten(&mut status.last_error);
                }
            }
        }
        if let Observed::Known(channels) = &mut region.delivery_channels {
            for channel in channels {
                if let Observed::Known(status) = &mut channel.status {
                    for attempt in [&mut status.snapshot, &mut status.history] {
                        if let Observed::Known(attempt) = attempt {
                            shorten(&mut attempt.last_error);
                        }
                    }
                }
            }
        }
    }
}

fn shorten(error: &mut Observed<String>) {
    if let Observed::Known(text) = error {
        *text = code(text);
    }
}

fn visit(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(elements) => elements.iter().for_each(|element| visit(element, see)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            see(name);
            visit(member, see);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
