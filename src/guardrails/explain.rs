//! One action in one account, proved: what each level says, from the root down, what follows, and what would close it.

mod text;

use serde::Serialize;
use serde_json::Value;

pub use self::text::render;

use super::evaluator;
use crate::facts::Facts;
use crate::facts::guardrail::{
    AccountGuardrails, Answer, Binding, Guardrail, ProtectedAction, ResourceKind, Standing,
};
use crate::model::{AccountRecord, Gaps, Observed};
use crate::nearest::nearest;
use crate::policy::{
    DefaultCaller, Effect, EscapeKind, LevelProof, Passes, Question, StatementProof, Target,
};
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

/// What is proved about one resource.
#[derive(Debug, Serialize)]
struct ResourceProof {
    /// An ARN, a pattern of ARNs, or `*`.
    resource: String,
    /// `denied`, `denied_except`, `not_denied` or `unknown`.
    verdict: ProvedVerdict,
    /// Who gets through where not all do.
    escape: Option<String>,
    /// How that can be had.
    escape_kind: Option<&'static str>,
    /// `denied` or `allowed`; of a fresh role without tags and MFA, from a public address.
    default_caller: &'static str,
    /// Identities of the gaps that keep the verdict from being known.
    gaps: Vec<String>,
    /// The levels, the root first.
    levels: Vec<ProvedLevel>,
    /// The smallest statement of a service control policy that closes what is open.
    closing_statement: Option<Value>,
}

/// What holds of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum ProvedVerdict {
    NotDenied,
    Unknown,
    DeniedExcept,
    Denied,
}

/// What a level says.
#[derive(Debug, Serialize)]
struct ProvedLevel {
    /// `SCP` or `RCP`.
    policy_type: String,
    level: String,
    name: String,
    /// Not all of its policies could be read.
    unread: bool,
    statements: Vec<ProvedStatement>,
    #[serde(flatten)]
    passes: ProvedPasses,
}

/// What a statement says.
#[derive(Debug, Serialize)]
struct ProvedStatement {
    policy: String,
    policy_name: String,
    statement: usize,
    sid: Option<String>,
    /// `allow` or `deny`.
    effect: &'static str,
    #[serde(flatten)]
    passes: ProvedPasses,
}

/// Which requests get through.
#[derive(Debug, Serialize)]
struct ProvedPasses {
    /// `always`, `if` or `never`.
    passes: &'static str,
    /// What must be met.
    condition: Option<String>,
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
        let mut notes = Vec::new();
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
            Ok(asked) => asked.iter().map(|one| prove(facts, &record.id, action, one)).collect(),
            Err(gaps) => vec![ResourceProof::unknown(resource.unwrap_or("*"), &gaps)],
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
        if !resource.starts_with("arn:aws:s3") && protected(action).is_none() {
            return one(facts, &record.id, action, resource);
        }
        let own = rows(facts, record, action).into_iter().find(|row| row.resource == resource);
        return own.map_or_else(|| one(facts, &record.id, action, resource), |row| Ok(vec![row]));
    }
    let Some((_, known)) = protected(action) else {
        notes.push(
            "No resource is named, so that only statements about every resource count. Name one to see those about it."
                .to_owned(),
        );
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
                format!("arn:{}:s3:::{}{objects}", facts.guardrails.partition(), archive.bucket_name)
            }
            _ => format!("arn:{}:s3:::*", facts.guardrails.partition()),
        },
        kind => {
            if kind != ResourceKind::None {
                notes.push(format!(
                    "The account holds nothing that it is asked on: this is about {}.",
                    kind.any()
                ));
            }
            kind.pattern(facts.guardrails.partition(), &record.id)
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

fn prove(facts: &Facts, account: &str, action: &str, asked: &Asked) -> ResourceProof {
    let answer = &asked.answer;
    let (verdict, escape, kind) = match &answer.standing {
        Ok(Standing::Denied) => (ProvedVerdict::Denied, None, None),
        Ok(Standing::Exempting { escape, kind }) => {
            let verdict = match kind {
                EscapeKind::Unattainable => ProvedVerdict::Denied,
                _ => ProvedVerdict::DeniedExcept,
            };
            (verdict, Some(escape.clone()), Some(kind.name()))
        }
        Ok(Standing::Open { escape }) => (ProvedVerdict::NotDenied, escape.clone(), None),
        Err(_) => (ProvedVerdict::Unknown, None, None),
    };
    let gaps = match &answer.standing {
        Err(gaps) => gaps.as_slice().iter().map(ToString::to_string).collect(),
        Ok(_) => Vec::new(),
    };
    ResourceProof {
        resource: asked.resource.clone(),
        verdict,
        escape,
        escape_kind: kind,
        default_caller: match answer.proof.default_caller {
            DefaultCaller::Denied => "denied",
            DefaultCaller::Allowed => "allowed",
        },
        gaps,
        levels: answer.proof.levels.iter().map(|level| ProvedLevel::of(facts, account, level)).collect(),
        closing_statement: (verdict == ProvedVerdict::NotDenied)
            .then(|| closing(facts, account, action, &asked.resource))
            .flatten(),
    }
}

/// The smallest statement that closes it, which the evaluator has proved.
fn closing(facts: &Facts, account: &str, action: &str, resource: &str) -> Option<Value> {
    let Ok(Binding::Member(set)) = facts.guardrails.binding(account) else { return None };
    let callers = evaluator::callers(facts, &set);
    let guardrails =
        evaluator::guardrails(facts, set.account(), set.service_control(), set.resource_control());
    let resource = match resource {
        "*" => Target::no_resource(),
        resource => Target::resources(&resource.replace(account, set.account())),
    };
    let designated = facts.guardrails.designated();
    let question = Question { callers: &callers, action, resource: &resource, designated };
    let statement = guardrails.closing_statement(&question)?;
    // The evaluator was asked about the account that stands for this one.
    serde_json::from_str(&statement.to_string().replace(set.account(), account)).ok()
}

impl ResourceProof {
    fn unknown(resource: &str, gaps: &Gaps) -> Self {
        Self {
            resource: resource.to_owned(),
            verdict: ProvedVerdict::Unknown,
            escape: None,
            escape_kind: None,
            default_caller: "allowed",
            gaps: gaps.as_slice().iter().map(ToString::to_string).collect(),
            levels: Vec::new(),
            closing_statement: None,
        }
    }
}

impl ProvedLevel {
    fn of(facts: &Facts, account: &str, level: &LevelProof) -> Self {
        // The last level is that of the account that stands for all with the same policies.
        let is_account = level.level.len() == 12 && level.level.bytes().all(|byte| byte.is_ascii_digit());
        let id = if is_account { account } else { &level.level };
        let name = if is_account {
            account_name(facts, account).unwrap_or(account).to_owned()
        } else if id.starts_with("r-") {
            "Root".to_owned()
        } else {
            facts.guardrails.name(id).to_owned()
        };
        Self {
            policy_type: level.kind.to_string(),
            level: id.to_owned(),
            name,
            unread: level.unread,
            statements: level
                .statements
                .iter()
                .map(|statement| ProvedStatement::of(facts, statement))
                .collect(),
            passes: ProvedPasses::of(&level.passes),
        }
    }
}

fn account_name<'a>(facts: &'a Facts, account: &str) -> Option<&'a str> {
    let Observed::Known(organization) = &facts.index.header.organization else { return None };
    let accounts = organization.accounts.list().ok()?;
    accounts.iter().find(|listed| listed.id == account).map(|listed| listed.name.as_str())
}

impl ProvedStatement {
    fn of(facts: &Facts, statement: &StatementProof) -> Self {
        Self {
            policy: statement.policy.clone(),
            policy_name: facts.guardrails.name(&statement.policy).to_owned(),
            statement: statement.statement.number,
            sid: statement.statement.sid.clone(),
            effect: match statement.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            },
            passes: ProvedPasses::of(&statement.passes),
        }
    }
}

impl ProvedPasses {
    fn of(passes: &Passes) -> Self {
        let (passes, condition) = match passes {
            Passes::Always => ("always", None),
            Passes::If(escape) => ("if", Some(escape.to_string())),
            Passes::Never => ("never", None),
        };
        Self { passes, condition }
    }
}
