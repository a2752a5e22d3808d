//! The head of a snapshot, and whether what an interrupted run left may be gone on with: only where nothing that decides
//! what is read differs.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{SecondsFormat, Utc};

use super::discovery::Plan;
use super::{CollectError, Run};
use crate::model::{Observed, stable_digest};
use crate::snapshot::{Claim, FORMAT_VERSION, Header, Partial, SnapshotError};

/// The first line of the snapshot that a run makes.
pub(super) fn header(run: &Run, plan: Plan) -> Header {
    let taken_at = Utc::now();
    let caller = &run.identity.account_id;
    let moment = taken_at.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let process = std::process::id().to_string();
    let parts = [caller, &run.identity.partition, &moment, &process].map(String::as_str);
    Header {
        format_version: FORMAT_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: format!("run-{}", stable_digest(&parts, 8)),
        taken_at,
        partition: run.identity.partition.clone(),
        caller_account_id: caller.clone(),
        organization: plan.organization,
        accounts: plan.accounts,
        scope: Observed::Known(run.settings.scope()),
        gaps: plan.gaps,
    }
}

/// Begins a partial snapshot, or goes on with the one that is there, if nothing that decides what is read differs.
pub(super) fn open(target: &Path, claim: Claim, header: &Header) -> Result<Partial, CollectError> {
    let Some(before) = claim.kept() else { return Ok(claim.begin(header)?) };
    let differs = [
        ("the version of trailproof", before.tool_version.clone(), header.tool_version.clone()),
        ("the organization", organization_of(before), organization_of(header)),
        ("the partition", before.partition.clone(), header.partition.clone()),
        ("the caller's account", before.caller_account_id.clone(), header.caller_account_id.clone()),
    ];
    let mut differs: Vec<(String, String, String)> =
        differs.into_iter().map(|(what, then, now)| (what.to_owned(), then, now)).collect();
    match (&before.scope, &header.scope) {
        (Observed::Known(then), Observed::Known(now)) => differs.extend(then.differences(now)),
        _ => differs.push(("the scope".to_owned(), "not recorded".to_owned(), "recorded".to_owned())),
    }
    let differs: Vec<String> = differs
        .into_iter()
        .filter(|(_, then, now)| then != now)
        .map(|(what, then, now)| format!("{what} was {then} and is {now}"))
        .collect();
    let detail = if !differs.is_empty() {
        format!("it was begun otherwise: {}", differs.join("; "))
    } else if before.accounts != header.accounts {
        let (then, now): (BTreeSet<&String>, BTreeSet<&String>) =
            (before.accounts.iter().collect(), header.accounts.iter().collect());
        let changed: Vec<&str> = then.symmetric_difference(&now).map(|id| id.as_str()).take(5).collect();
        format!("it has other accounts in scope: {} among them", changed.join(", "))
    } else {
        return Ok(claim.go_on());
    };
    Err(SnapshotError::CannotResume { path: Partial::path_of(target), detail }.into())
}

fn organization_of(header: &Header) -> String {
    match &header.organization {
        Observed::Known(organization) => organization.id.clone(),
        Observed::Absent | Observed::Unavailable(_) => format!("account {}", header.caller_account_id),
    }
}
