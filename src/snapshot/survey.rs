//! A first pass over a snapshot: every line is held against those before it, and only headers are decoded. Passes after it
//! ([`Survey::records`]) read the same bytes again, and leave out accounts that are known to be like others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::again::{Again, Frame, Seen, Wanted};
use super::alike::{Group, Shapes};
use super::lines::{Lines, Whose};
use super::reader::Source;
use super::{Header, Record, SnapshotError};
use crate::model::{Observed, Organization};

/// What the first pass saw.
#[derive(Debug)]
pub struct Survey {
    /// Of all shards; the first is authoritative.
    pub headers: Vec<Header>,
    source: Source,
    pub(super) files: Vec<Seen>,
    shapes: Shapes,
}

impl Source {
    /// The headers of all shards, checked to be of one run, and no account to be in two. The first is authoritative.
    pub fn headers(&self) -> Result<Vec<Header>, SnapshotError> {
        Ok(self.survey()?.headers)
    }

    /// A first pass, after which records can be read as often as one likes.
    pub fn survey(&self) -> Result<Survey, SnapshotError> {
        Survey::of(self)
    }
}

impl Survey {
    /// Reads all lines of all files. They are of one run, and no account is in two of them.
    fn of(source: &Source) -> Result<Self, SnapshotError> {
        let mut survey = Self {
            headers: Vec::new(),
            source: source.clone(),
            files: Vec::new(),
            shapes: Shapes::default(),
        };
        let paths = match source {
            Source::Files(paths) => paths,
            Source::Records(records) => {
                let headers = records.iter().filter_map(|record| match record {
                    Record::Header(header) => Some(Header::clone(header)),
                    _ => None,
                });
                survey.headers.extend(headers);
                return Ok(survey);
            }
        };
        let mut headers: Vec<(String, Header)> = Vec::new();
        let mut seen: BTreeMap<Whose, String> = BTreeMap::new();
        let mut twice = None;
        for path in paths {
            let name = path.display().to_string();
            let mut lines = Lines::open(path)?;
            let mut frames = Some(Vec::new());
            let before = headers.len();
            while let Some(line) = lines.next_line()? {
                let mut account = None;
                match &line.whose {
                    // Most of a pass's work is decoding accounts.
                    Whose::Account(id) => {
                        account = Some(Arc::from(id.as_str()));
                        survey.shapes.account(id, &line.text);
                    }
                    Whose::Stores(_) => survey.shapes.other(&line.text),
                    Whose::Nobody => {}
                }
                if account.is_none()
                    && let Some(Record::Header(header)) = lines.decode(&line)?
                {
                    headers.push((name.clone(), *header));
                }
                match (&mut frames, line.frame) {
                    (Some(frames), Some(hash)) => frames.push(Frame { hash, account }),
                    _ => frames = None,
                }
                if line.whose != Whose::Nobody
                    && let Some(first) = seen.insert(line.whose.clone(), name.clone())
                {
                    twice.get_or_insert((line.whose, first, name.clone()));
                }
            }
            if headers.len() == before {
                let detail = "it is empty".to_owned();
                return Err(SnapshotError::Malformed { path: name, line: 1, detail });
            }
            survey.files.push(Seen { path: path.clone(), frames });
        }
        of_one_organization(&headers)?;
        if let Some((whose, first, second)) = twice {
            let what = match whose {
                Whose::Account(id) => format!("account {id}"),
                Whose::Stores(id) => format!("the stores of account {id}"),
                Whose::Nobody => "a record".to_owned(),
            };
            return Err(SnapshotError::Twice { what, first, second });
        }
        of_one_run(&headers)?;
        survey.headers = headers.into_iter().map(|(_, header)| header).collect();
        Ok(survey)
    }

    /// The accounts that are alike. `around` is what else they are judged by and that may name accounts: settings. No digest
    /// chains may have been handed in: those are judged by when an account joined.
    pub fn alike(&mut self, around: &str) -> Vec<Group> {
        let mut shapes = std::mem::take(&mut self.shapes);
        shapes.other(around.as_bytes());
        // What cannot be known again is read as a whole each time.
        if self.files.iter().any(|file| file.frames.is_none()) {
            return Vec::new();
        }
        let Some(first) = self.headers.first() else { return Vec::new() };
        let Observed::Known(organization) = &first.organization else { return Vec::new() };
        let mut organization = organization.clone();
        let accounts = std::mem::replace(&mut organization.accounts, Observed::Absent);
        let attached = attached(&mut organization);
        for header in &self.headers {
            if header.organization != first.organization {
                return Vec::new();
            }
            let rest = Header {
                accounts: Vec::new(),
                organization: Observed::Known(organization.clone()),
                ..header.clone()
            };
            match serde_json::to_vec(&rest) {
                Ok(rest) => shapes.other(&rest),
                Err(_) => return Vec::new(),
            }
        }
        shapes.groups(&accounts, &attached)
    }

    /// Another pass over the records.
    pub fn records<'a>(&'a self, wanted: Wanted<'a>) -> Again<'a> {
        let memory = match &self.source {
            Source::Files(_) => [].iter(),
            Source::Records(records) => records.iter(),
        };
        Again::new(self.files.iter(), memory, wanted)
    }
}

/// Takes from the policies to which accounts each is attached, since some are attached to all: which there are, by account.
fn attached(organization: &mut Organization) -> BTreeMap<String, Vec<String>> {
    let mut attached: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let of_types = [&mut organization.service_control_policies, &mut organization.resource_control_policies];
    for policies in
        of_types.into_iter().chain(organization.further_policies.iter_mut().flat_map(BTreeMap::values_mut))
    {
        let Observed::Known(policies) = policies else { continue };
        for policy in policies {
            let Observed::Known(targets) = &mut policy.targets else { continue };
            targets.retain(|target| {
                let is_account = target.kind == "ACCOUNT";
                if is_account {
                    attached.entry(target.id.clone()).or_default().push(policy.arn.clone());
                }
                !is_account
            });
        }
    }
    attached
}

fn of_one_organization(headers: &[(String, Header)]) -> Result<(), SnapshotError> {
    let identity = |header: &Header| match &header.organization {
        Observed::Known(organization) => organization.id.clone(),
        _ => format!("account {}", header.caller_account_id),
    };
    let Some((first, first_header)) = headers.first() else { return Ok(()) };
    for (name, header) in headers {
        if identity(header) != identity(first_header) {
            return Err(SnapshotError::Mixed {
                first: first.clone(),
                first_organization: identity(first_header),
                second: name.clone(),
                second_organization: identity(header),
            });
        }
    }
    Ok(())
}

/// What was collected at different times, or otherwise, is no whole: the one says nothing of the other.
fn of_one_run(headers: &[(String, Header)]) -> Result<(), SnapshotError> {
    let Some((first, first_header)) = headers.first() else { return Ok(()) };
    for (name, header) in headers {
        if !header.is_of_the_run_of(first_header) {
            return Err(SnapshotError::TwoRuns {
                first: first.clone(),
                first_run: first_header.run(),
                second: name.clone(),
                second_run: header.run(),
            });
        }
    }
    Ok(())
}
