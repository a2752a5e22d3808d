//! One action in one account, proved: what each level says, from the root down, what follows, and what would close it.

mod proved;
mod text;

use serde::Serialize;

pub use self::text::render;

use self::proved::ResourceProof;
use super::named_action;
use crate::facts::Facts;
use crate::facts::guardrail::{AccountGuardrails, Answer, Binding, Guardrail, ProtectedAction, ResourceKind};
use crate::model::{AccountRecord, Gaps};
use crate::nearest::nearest;
use crate::policy::reference::{self, Name};
use crate::snapshot::{Record, SnapshotError, Source};

/// Resources that are proved about, the open ones first.
const RESOURCES: usize = 20;

/// Why nothing can be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// No account of this number or name.
    #[error(
        "there is no account {account:?} in the snapshot{}",
        .nearest.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
    )]
    NoSuchAccount {
        /// What was asked for.
        account: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// Not `service:Action`.
    #[error(
        "{action:?} is no action: give one with its service and without wildcards, such as cloudtrail:StopLogging"
    )]
    NoAction {
        /// What was asked for.
        action: String,
    },
    /// AWS has no such action.
    #[error("{refusal}")]
    NoSuchAction {
        /// What is wrong, and what may have been meant.
        refusal: String,
    },
    /// A resource that the action is never asked on.
    #[error("{action} is never asked on {resource}, but on {types}")]
    ForeignResource {
        /// The action.
        action: String,
        /// What was asked for.
        resource: String,
        /// What it is asked on.
        types: String,
    },
    /// Neither an ARN nor `*`.
    #[error("{resource:?} is no resource: give an ARN such as arn:aws:s3:::bucket/*, or *")]
    NoResource {
        /// What was asked for.
        resource: String,
    },
}

/// What is proved of an action in an account.
#[derive(Debug, Serialize)]
pub struct Explanation {
    account_id: String,
    account_name: Option<String>,
    action: String,
    /// Why no policy binds the account; null if they do.
    unbound: Option<&'static str>,
    /// What the answer leaves out, for people.
    notes: Vec<String>,
    /// A proof for each resource.
    proofs: Vec<ResourceProof>,
}

/// What is asked about.
struct Asked {
    resource: String,
    answer: std::sync::Arc<Answer>,
}

impl Explanation {
    /// Proves it.
    pub fn of(
        facts: &Facts,
        source: &Source,
        account: &str,
        action: &str,
        resource: Option<&str>,
    ) -> Result<Self, ExplainError> {
        let record = find(source, account)?;
        let word = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !action.split_once(':').is_some_and(|(service, name)| word(service) && word(name)) {
            return Err(ExplainError::NoAction { action: action.to_owned() });
        }
        if let Some(resource) = resource.filter(|text| *text != "*" && text.splitn(6, ':').count() < 6) {
            return Err(ExplainError::NoResource { resource: resource.to_owned() });
        }
        let note = named_action::check(action).map_err(|refusal| ExplainError::NoSuchAction { refusal })?;
        if let (Name::Action(known), Some(resource)) = (reference::look_up(action), resource)
            && !known.resources.is_empty()
            && resource != "*"
            && !known.is_asked_on(resource)
        {
            return Err(ExplainError::ForeignResource {
                action: action.to_owned(),
                resource: resource.to_owned(),
                types: known.resources_in_words(),
            });
        }
        let as_asked = resource.and_then(|resource| named_action::log_group_as_asked(action, resource));
        let form = as_asked.as_ref().map(|asked| named_action::log_group_note(action, asked));
        let resource = as_asked.as_deref().or(resource);
        let mut notes: Vec<String> =
            [note, form].into_iter().flatten().map(|note| format!("{note}.")).collect();
        let asked = asked(facts, &record, action, resource, &mut notes);
        let binding = facts.guardrails.binding(&record.id);
        let unbound = match &binding {
            Ok(Binding::Management) => {
                Some("no service control or resource control policy binds the management account")
            }
            Ok(Binding::Alone) => Some("the account is in no organization"),
            Ok(Binding::Member(_)) | Err(_) => None,
        };
        let mut proofs = match asked {
            Ok(asked) => asked.iter().map(|one| ResourceProof::of(facts, &record.id, action, one)).collect(),
            Err(gaps) => vec![ResourceProof::unknown(facts, resource.unwrap_or("*"), &gaps)],
        };
        proofs.sort_by(|left: &ResourceProof, right| {
            (left.verdict, &left.resource).cmp(&(right.verdict, &right.resource))
        });
        if proofs.len() > RESOURCES {
            notes.push(format!(
                "{} more resources are left out; name one to see it",
                proofs.len() - RESOURCES
            ));
            proofs.truncate(RESOURCES);
        }
        Ok(Self {
            account_id: record.id,
            account_name: record.name,
            action: action.to_owned(),
            unbound,
            notes,
            proofs,
        })
    }
}

/// The account by number or name.
fn find(source: &Source, account: &str) -> Result<AccountRecord, ExplainError> {
    let mut names = Vec::new();
    for record in source.records() {
        if let Record::Account(record) = record? {
            let named = record.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(account));
            if record.id == account || named {
                return Ok(*record);
            }
            names.extend(record.name);
        }
    }
    let nearest = nearest(account, names.iter().map(String::as_str)).map(str::to_owned);
    Err(ExplainError::NoSuchAccount { account: account.to_owned(), nearest })
}

fn protected(action: &str) -> Option<(Guardrail, &'static ProtectedAction)> {
    Guardrail::ALL.into_iter().find_map(|guardrail| {
        let found = guardrail.actions().iter().find(|known| known.name.eq_ignore_ascii_case(action))?;
        Some((guardrail, found))
    })
}

/// The resource that was named, or what the account holds that the action is asked on.
fn asked(
    facts: &Facts,
    record: &AccountRecord,
    action: &str,
    resource: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Vec<Asked>, Gaps> {
    if let Some(resource) = resource {
        if resource != "*" && reference::takes_no_resource(action) {
            notes.push(format!(
                "{action} is asked on no resource, so that only statements about every resource count."
            ));
            return one(facts, &record.id, action, "*");
        }
        if !resource.starts_with("arn:aws:s3") && protected(action).is_none() {
            return one(facts, &record.id, action, resource);
        }
        let own = rows(facts, record, action).into_iter().find(|row| row.resource == resource);
        return own.map_or_else(|| one(facts, &record.id, action, resource), |row| Ok(vec![row]));
    }
    let Some((_, known)) = protected(action) else {
        if !reference::takes_no_resource(action) {
            notes.push(
                "No resource is named, so that only statements about every resource count. Name one to see those \
                 about it."
                    .to_owned(),
            );
        }
        return one(facts, &record.id, action, "*");
    };
    let found = rows(facts, record, action);
    if !found.is_empty() {
        return Ok(found);
    }
    let resource = match known.resource {
        ResourceKind::Archive | ResourceKind::ArchiveObject => match &facts.index.archive {
            Ok(Some(archive)) => {
                let objects = if known.resource == ResourceKind::ArchiveObject { "/*" } else { "" };
                notes.push("The archive belongs to another account.".to_owned());
                format!("arn:{}:s3:::{}{objects}", facts.guardrails.ground().partition(), archive.bucket_name)
            }
            _ => format!("arn:{}:s3:::*", facts.guardrails.ground().partition()),
        },
        kind => {
            let binds = matches!(facts.guardrails.binding(&record.id), Ok(Binding::Member(_)));
            if kind != ResourceKind::None && binds {
                notes.push(format!(
                    "The account holds nothing that it is asked on: this is about {}.",
                    kind.any()
                ));
            }
            kind.pattern(facts.guardrails.ground().partition(), &record.id)
        }
    };
    one(facts, &record.id, action, &resource)
}

fn one(facts: &Facts, account: &str, action: &str, resource: &str) -> Result<Vec<Asked>, Gaps> {
    let answer = facts.guardrails.answer(account, action, resource)?;
    Ok(vec![Asked { resource: resource.to_owned(), answer }])
}

/// What rules ask of the account, bucket and key policies included.
fn rows(facts: &Facts, record: &AccountRecord, action: &str) -> Vec<Asked> {
    let asked = AccountGuardrails::of(facts, record);
    let rows = asked.protections.iter().flat_map(|protection| &protection.rows);
    let mut found: Vec<Asked> = rows
        .filter(|row| row.action.name.eq_ignore_ascii_case(action))
        .map(|row| Asked { resource: row.resource(&record.id), answer: row.answer.clone() })
        .collect();
    found.dedup_by(|left, right| left.resource == right.resource);
    found
}
