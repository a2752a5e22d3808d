//! The matrix of accounts and protected actions: what is denied where, to whom, and by which statement.
//!
//! Accounts stream past and fold at once: those of one organizational unit about which the same is said are one
//! group, so that ten thousand accounts take the room of a few dozen. Reads [`crate::facts`]; written by `table` for
//! people, and as JSON in the shape of these types, which may only grow.

mod accounts;
mod grid;
mod table;
#[cfg(test)]
mod tests;

use chrono::SecondsFormat;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

pub use self::table::render;

use crate::facts::Facts;
use crate::facts::guardrail::{Guardrail, Protection, Row, Standing};
use crate::model::{GapId, Gaps, Observed, Places};
use crate::policy::{DefaultCaller, ExemptionKind};
use crate::snapshot::{Group as Alike, SnapshotError, Survey};

/// Raised in its second part when a field is added, in its first when one changes or goes.
pub const SCHEMA_VERSION: &str = "1.1";

/// Stands for the number of an account in what is said of a group.
const ACCOUNT: &str = "{account}";

/// What the guardrails deny in every account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Trailproof guardrail matrix")]
pub struct Matrix {
    /// The version of this shape.
    schema_version: &'static str,
    /// What made it.
    tool: Tool,
    /// When collecting began, in UTC.
    #[schemars(extend("format" = "date-time"))]
    taken_at: String,
    /// The organization's id; null for an account that is in none, or where it could not be read.
    organization_id: Option<String>,
    /// The management account; null in the same cases.
    management_account_id: Option<String>,
    /// Nothing is unknown.
    complete: bool,
    /// Accounts by what holds of them altogether.
    summary: MatrixSummary,
    /// What is asked, in the order of the cells.
    guardrails: Vec<GuardrailColumn>,
    /// Accounts of one place about which the same is said; those with the most open first.
    groups: Vec<Group>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Tool {
    /// `trailproof`.
    name: &'static str,
    /// The version that made the matrix.
    version: &'static str,
}

/// How many accounts stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MatrixSummary {
    /// Accounts in the matrix.
    pub accounts: usize,
    /// Accounts in which something is open, or denied with an exemption that their administrators can arrange.
    pub open: usize,
    /// Accounts in which nothing is known to be open, and something is not known.
    pub unknown: usize,
    /// Accounts in which everything is denied, with or without exemptions that are out of their administrators' reach.
    pub protected: usize,
}

/// A guardrail: one kind of action against the logs.
#[derive(Debug, Serialize, JsonSchema)]
struct GuardrailColumn {
    /// The rule that asks it.
    rule_id: &'static str,
    /// What the actions do.
    title: &'static str,
    /// The actions that must be denied.
    actions: Vec<&'static str>,
}

/// Accounts of one place about which the same is said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Group {
    /// The root or organizational unit that holds them; null where it is not known.
    place_id: Option<String>,
    /// Its name with those of the units above it.
    place: String,
    /// The accounts.
    accounts: Vec<Account>,
    /// Whether policies bind the accounts.
    binding: Bound,
    /// What is said, by guardrail.
    cells: Vec<Cell>,
}

/// An account of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Account {
    /// Twelve digits.
    id: String,
    /// Its name in the organization.
    name: Option<String>,
}

/// Whether service control and resource control policies bind an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// They do.
    Member,
    /// It manages the organization: they do not.
    ManagementAccount,
    /// It is in no organization.
    NoOrganization,
    /// It could not be read.
    Unknown,
}

/// What holds of an action, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CellVerdict {
    /// The account holds nothing that it is asked on.
    NotApplicable,
    /// No policy binds the account.
    Exempt,
    /// Every caller that policies bind is denied.
    Denied,
    /// All but the designated break-glass roles are denied.
    DeniedExceptDesignated,
    /// Others are exempt as well: addresses, networks, roles that nobody in the account can make.
    DeniedExcept,
    /// Something that could not be read decides.
    Unknown,
    /// An exemption that the account's own administrators can arrange: no protection.
    DeniedExceptSelfService,
    /// An ordinary caller of the account gets through.
    NotDenied,
}

/// One guardrail in the accounts of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Cell {
    /// The worst of its actions.
    verdict: CellVerdict,
    /// What is open, in words, with `{account}` for the account's number.
    open: Option<String>,
    /// What denies it all, in the same way.
    denied_by: Option<String>,
    /// Each action.
    actions: Vec<ActionAnswer>,
    /// What could not be read and may decide: identities of gaps, which `trailproof check --format json` explains.
    #[schemars(with = "Vec<String>")]
    gaps: Vec<GapId>,
}

/// One action on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ActionAnswer {
    /// The action.
    action: &'static str,
    /// An ARN or a pattern of ARNs, with `{account}` for the account's number; `*` for an action that takes none.
    resource: String,
    /// What holds.
    verdict: CellVerdict,
    /// Who gets through where not all do.
    exemption: Option<String>,
    /// How that can be had: `self-service`, `external` or `designated`.
    exemption_kind: Option<&'static str>,
    /// The steps by which administrators of the account come by a self-service exemption, the easiest way.
    exemption_steps: Vec<String>,
    /// A fresh role without tags and MFA, from a public address, is denied.
    default_caller_denied: bool,
    /// The statements that deny, in words.
    denied_by: Vec<String>,
}

impl Matrix {
    /// Asks the guardrails of every account of a snapshot; of accounts that are alike, two.
    pub fn of(facts: &Facts, survey: &Survey, alike: &[Alike]) -> Result<Self, SnapshotError> {
        let places = Places::of(&facts.index.header.organization);
        let folded = accounts::folded(facts, &places, survey, alike)?;
        let mut groups: Vec<Group> = folded
            .into_iter()
            .map(|(key, mut accounts)| {
                accounts.sort_unstable();
                let place = places.path(key.place.as_deref());
                Group { place_id: key.place, place, accounts, binding: key.binding, cells: key.cells }
            })
            .collect();
        groups.sort_by_cached_key(Group::order);
        let mut summary = MatrixSummary::default();
        for group in &groups {
            let accounts = group.accounts.len();
            summary.accounts += accounts;
            match group.worst() {
                CellVerdict::NotDenied | CellVerdict::DeniedExceptSelfService => summary.open += accounts,
                CellVerdict::Unknown => summary.unknown += accounts,
                CellVerdict::NotApplicable | CellVerdict::Exempt => {}
                _ => summary.protected += accounts,
            }
        }
        let header = &facts.index.header;
        let organization = match &header.organization {
            Observed::Known(organization) => Some(organization),
            _ => None,
        };
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            taken_at: header.taken_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            organization_id: organization.map(|it| it.id.clone()),
            management_account_id: organization.map(|it| it.management_account_id.clone()),
            complete: groups.iter().all(|group| group.cells.iter().all(|cell| cell.gaps.is_empty())),
            summary,
            guardrails: Guardrail::ALL.into_iter().map(GuardrailColumn::of).collect(),
            groups,
        })
    }

    /// The JSON Schema of the matrix.
    pub fn schema() -> Schema {
        schemars::SchemaGenerator::default().into_root_schema_for::<Self>()
    }
}

impl GuardrailColumn {
    fn of(guardrail: Guardrail) -> Self {
        Self {
            rule_id: guardrail.rule_id(),
            title: guardrail.title(),
            actions: guardrail.actions().iter().map(|action| action.name).collect(),
        }
    }
}

impl Group {
    fn worst(&self) -> CellVerdict {
        self.cells.iter().map(|cell| cell.verdict).max().unwrap_or(CellVerdict::NotApplicable)
    }

    fn cells_with(&self, verdict: CellVerdict) -> usize {
        self.cells.iter().filter(|cell| cell.verdict == verdict).count()
    }

    /// The most open first, then what is not known, then by place.
    fn order(&self) -> impl Ord + use<> {
        let most = |verdict| std::cmp::Reverse(self.cells_with(verdict));
        let open = (most(CellVerdict::NotDenied), most(CellVerdict::DeniedExceptSelfService));
        (open, most(CellVerdict::Unknown), self.place.clone(), self.accounts.clone())
    }
}

impl Cell {
    fn of(protection: &Protection, binding: Bound, account: &str) -> Self {
        let facts = &protection.facts;
        let mut actions: Vec<ActionAnswer> = protection.rows.iter().map(ActionAnswer::of).collect();
        actions.sort_unstable();
        let worst = actions.iter().map(|answer| answer.verdict).max();
        let mut gaps: Vec<GapId> = Vec::new();
        let mut note = |found: &Gaps| gaps.extend(found.as_slice().iter().cloned());
        protection.missing.iter().for_each(&mut note);
        for row in &protection.rows {
            if let Err(unread) = &row.answer.standing {
                note(unread);
            }
        }
        gaps.sort_unstable();
        gaps.dedup();
        let verdict = match worst {
            Some(open @ (CellVerdict::NotDenied | CellVerdict::DeniedExceptSelfService)) => open,
            _ if protection.missing.is_some() => CellVerdict::Unknown,
            Some(worst) => worst,
            None if binding == Bound::Member || binding == Bound::Unknown => CellVerdict::NotApplicable,
            None => CellVerdict::Exempt,
        };
        // Accounts that differ in their numbers alone are one group.
        let text = |fact: &Result<Option<String>, Gaps>| {
            fact.as_ref().ok()?.as_ref().map(|text| text.replace(account, ACCOUNT))
        };
        Self { verdict, open: text(&facts.open), denied_by: text(&facts.denied_by), actions, gaps }
    }

    /// Actions that are open, and all of them.
    fn open_actions(&self) -> (usize, usize) {
        let names = |counts: &dyn Fn(&ActionAnswer) -> bool| {
            let mut names: Vec<&str> =
                self.actions.iter().filter(|answer| counts(answer)).map(|answer| answer.action).collect();
            names.sort_unstable();
            names.dedup();
            names.len()
        };
        (names(&|answer| answer.verdict == CellVerdict::NotDenied), names(&|_| true))
    }
}

impl ActionAnswer {
    fn of(row: &Row) -> Self {
        let (verdict, exemption, kind) = match &row.answer.standing {
            Ok(Standing::Denied) => (CellVerdict::Denied, None, None),
            Ok(Standing::Open { exemption }) => (CellVerdict::NotDenied, exemption.clone(), None),
            Ok(Standing::Exempting { exemption, kind }) => {
                let verdict = match kind {
                    ExemptionKind::Unattainable => CellVerdict::Denied,
                    ExemptionKind::Designated => CellVerdict::DeniedExceptDesignated,
                    ExemptionKind::External => CellVerdict::DeniedExcept,
                    ExemptionKind::SelfService => CellVerdict::DeniedExceptSelfService,
                };
                (verdict, Some(exemption.clone()), Some(kind.name()))
            }
            Err(_) => (CellVerdict::Unknown, None, None),
        };
        Self {
            action: row.action.name,
            resource: row.resource(ACCOUNT),
            verdict,
            exemption,
            exemption_kind: kind,
            exemption_steps: row.answer.how.clone(),
            default_caller_denied: row.answer.proof.default_caller == DefaultCaller::Denied,
            denied_by: row.answer.denied_by.clone(),
        }
    }
}
