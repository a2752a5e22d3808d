//! From settings to plan: who calls, what the organization is, and which accounts are in scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_organizations::Client;
use futures_util::future::try_join_all;

use super::call::ApiCaller;
use super::session::Session;
use super::{CollectError, Run, account, centralization, organization};
use crate::model::{AccountSummary, Gap, GapId, Observed, Organization, partition_regions};
use crate::plan::{SelectionError, check_regions, choose_accounts};

/// What is to be read.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) organization: Observed<Organization>,
    /// By number.
    pub(crate) accounts: Vec<String>,
    /// What could not be read of the organization.
    pub(crate) gaps: Vec<Gap>,
    /// What the user should know before it begins.
    pub(crate) warning: Option<String>,
}

/// Reads the organization and applies the selection.
pub(crate) async fn discover(run: &Run) -> Result<Plan, CollectError> {
    check_region_names(run).await?;
    let session = Session::own(run, &run.identity.account_id);
    let limit = run.settings.account_time_limit;
    let ask = ApiCaller::new(Arc::clone(&run.calls), None, Some(limit));
    let client = session.organizations(&run.region);
    let mut organization = organization::read(&ask, &client).await;
    if let Observed::Known(Organization { accounts: Observed::Known(accounts), .. }) = &mut organization
        && (run.settings.selection.needs_tags() || run.settings.read_account_tags)
    {
        read_tags(accounts, &ask, &client).await?;
    }
    let (accounts, warning) = match &organization {
        Observed::Known(known) => match &known.accounts {
            Observed::Known(accounts) => (chosen(run, known, accounts, &ask)?, None),
            Observed::Absent => without_list(run, None)?,
            Observed::Unavailable(gap) => without_list(run, ask.gap_of(gap))?,
        },
        Observed::Absent => (alone(run)?, None),
        Observed::Unavailable(gap) => without_list(run, ask.gap_of(gap))?,
    };
    let mut gaps = Vec::new();
    if let Observed::Known(organization) = &mut organization {
        let rules = centralization::read(run, organization, &accounts, &ask).await?;
        (organization.centralization_rules, gaps) = rules;
    }
    gaps.extend(ask.gaps());
    gaps.sort_unstable();
    Ok(Plan { organization, accounts, gaps, warning })
}

/// An account whose tags are not known is neither in scope nor out of it, so each must answer.
async fn read_tags(
    accounts: &mut [AccountSummary],
    ask: &ApiCaller,
    client: &Client,
) -> Result<(), CollectError> {
    let active = accounts.iter_mut().filter(|account| account.is_active());
    let read = active.map(async |account| {
        match organization::tags(ask, client, &account.id).await {
            Observed::Known(tags) => account.tags = Some(tags),
            Observed::Absent => account.tags = Some(BTreeMap::new()),
            Observed::Unavailable(gap) => {
                let detail = ask.gap_of(&gap).map_or_else(|| "no answer".to_owned(), |gap| gap.detail);
                return Err(SelectionError::TagsUnknown { detail });
            }
        }
        Ok(())
    });
    try_join_all(read).await?;
    Ok(())
}

fn chosen(
    run: &Run,
    organization: &Organization,
    accounts: &[AccountSummary],
    ask: &ApiCaller,
) -> Result<Vec<String>, CollectError> {
    let detail = || {
        let first: Option<GapId> = [
            organization.roots.get().err(),
            organization.organizational_units.get().err(),
            accounts.iter().find_map(|account| account.parent_id.get().err()),
        ]
        .into_iter()
        .flatten()
        .find_map(|gaps| gaps.as_slice().first().cloned());
        first.and_then(|gap| ask.gap_of(&gap)).map_or_else(|| "no answer".to_owned(), |gap| gap.detail)
    };
    let chosen = choose_accounts(&run.settings.selection, organization, accounts, detail)?;
    Ok(chosen.into_iter().map(|account| account.id.clone()).collect())
}

/// The caller's account is in no organization: it can be scanned if it is meant.
fn alone(run: &Run) -> Result<Vec<String>, CollectError> {
    let own = &run.identity.account_id;
    match run.settings.selection.accounts.as_slice() {
        [only] if only == own => Ok(vec![own.clone()]),
        _ => Err(CollectError::NoOrganization { account_id: own.clone() }),
    }
}

/// The organization does not list its accounts for the caller: accounts can be given by number, otherwise the
/// caller's own is all that is known.
fn without_list(run: &Run, gap: Option<Gap>) -> Result<(Vec<String>, Option<String>), CollectError> {
    let selection = &run.settings.selection;
    let detail = gap.map_or_else(|| "no answer".to_owned(), |gap| gap.detail);
    if !selection.ous.is_empty() || !selection.exclude_ous.is_empty() {
        return Err(SelectionError::TreeUnknown { detail }.into());
    }
    if selection.needs_tags() {
        return Err(SelectionError::TagsUnknown { detail }.into());
    }
    let is_number = |text: &String| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let wanted = selection.accounts.iter().chain(&selection.exclude_accounts);
    if let Some(name) = wanted.clone().find(|text| !is_number(text)) {
        return Err(SelectionError::AccountsUnknown { wanted: name.clone(), detail }.into());
    }
    let own = &run.identity.account_id;
    let mut ids: BTreeSet<&String> = selection.accounts.iter().collect();
    let warning = ids.is_empty().then(|| {
        format!(
            "the organization's accounts cannot be listed ({detail}): only the caller's account {own} is scanned, \
             and whatever concerns the organization stays unknown"
        )
    });
    if ids.is_empty() {
        ids.insert(own);
    }
    ids.retain(|id| !selection.exclude_accounts.contains(id));
    if ids.is_empty() {
        return Err(SelectionError::Nothing.into());
    }
    Ok((ids.into_iter().cloned().collect(), warning))
}

/// Regions that this release does not know may be new: then AWS is asked before they are called wrong.
async fn check_region_names(run: &Run) -> Result<(), CollectError> {
    let partition = &run.identity.partition;
    let selection = &run.settings.selection;
    let mut known: BTreeSet<String> = partition_regions(partition).into_iter().map(str::to_owned).collect();
    let mut named = selection.regions.iter().chain(&selection.exclude_regions);
    if named.any(|region| !known.contains(region)) {
        let session = Session::own(run, &run.identity.account_id);
        if let Observed::Known(regions) = account::regions(&session).await {
            known.extend(regions.into_iter().map(|region| region.name));
        }
    }
    Ok(check_regions(selection, partition, &known)?)
}
