//! Reads the organization with the caller's own credentials: its tree, its accounts, whom it trusts. Its policies are
//! read by [`super::policies`].

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account, OrganizationFeatureSet, PolicyTypeStatus};
use futures_util::future::join_all;

use super::call::{ApiCaller, CallTarget, flatten, stranger};
use super::convert::{Missing, each, time};
use super::policies;
use super::table::{
    DESCRIBE_ORGANIZATION, LIST_ACCOUNTS, LIST_ACCOUNTS_FOR_PARENT, LIST_DELEGATED_ADMINISTRATORS,
    LIST_DELEGATED_SERVICES, LIST_ROOTS, LIST_SERVICE_ACCESS, LIST_TAGS, LIST_UNITS,
};
use crate::model::{
    AccountSummary, DelegatedAdministrator, GapId, GapReason, Observed, Organization, OrganizationalUnit,
    Root,
};

/// What the organization says of itself to every account in it.
pub(crate) struct Description {
    pub(crate) id: String,
    management_account_id: String,
    all_features: Observed<bool>,
}

/// The organization; `Absent` where the caller's account is in none.
pub(crate) async fn describe(ask: &ApiCaller, client: &Client) -> Observed<Description> {
    let at = CallTarget::default();
    let answer = ask.call(&DESCRIBE_ORGANIZATION, at, || client.describe_organization().send()).await;
    flatten(answer.map(|answer| {
        let named = answer.organization.and_then(|organization| {
            let features = organization.feature_set?;
            Some(Description {
                all_features: match &features {
                    OrganizationFeatureSet::All => Observed::Known(true),
                    OrganizationFeatureSet::ConsolidatedBilling => Observed::Known(false),
                    other => {
                        let element = format!("Organization.FeatureSet {:?}", other.as_str());
                        let (reason, why) = (GapReason::MalformedResponse, stranger(&element));
                        Observed::Unavailable(ask.gap(&DESCRIBE_ORGANIZATION, at, reason, &why))
                    }
                },
                id: organization.id?,
                management_account_id: organization.master_account_id?,
            })
        });
        named.map_or_else(
            || Observed::Unavailable(ask.malformed(&DESCRIBE_ORGANIZATION, at, "organization")),
            Observed::Known,
        )
    }))
}

/// Everything that can be read of the organization; `Absent` where the caller's account is in none.
pub(crate) async fn read(ask: &ApiCaller, client: &Client) -> Observed<Organization> {
    let Description { id, management_account_id, all_features } = match describe(ask, client).await {
        Observed::Known(description) => description,
        Observed::Absent => return Observed::Absent,
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    let (tree, (service_control_policies, resource_control_policies), trusted_services, delegated) = tokio::join!(
        tree(ask, client),
        policies::read(ask, client),
        trusted_services(ask, client),
        delegated_administrators(ask, client),
    );
    let further_policies = Some(policies::read_further(ask, client, &tree.roots).await);
    Observed::Known(Organization {
        id,
        management_account_id,
        all_features,
        roots: tree.roots,
        organizational_units: tree.units,
        accounts: tree.accounts,
        service_control_policies,
        resource_control_policies,
        further_policies,
        trusted_services,
        delegated_administrators: delegated,
        // Read once it is known who may ask: see `centralization`.
        centralization_rules: Observed::Absent,
    })
}

struct Tree {
    roots: Observed<Vec<Root>>,
    units: Observed<Vec<OrganizationalUnit>>,
    accounts: Observed<Vec<AccountSummary>>,
}

/// Walks down from the root, a level at a time: a parent's accounts and its units tell what is in it.
async fn tree(ask: &ApiCaller, client: &Client) -> Tree {
    let roots = roots(ask, client).await;
    let mut level: Vec<String> =
        roots.list().map_or_else(|_| Vec::new(), |roots| roots.iter().map(|root| root.id.clone()).collect());
    let mut unread: Option<GapId> = roots.get().err().and_then(|gaps| gaps.as_slice().first().cloned());
    let mut units = Vec::new();
    let mut units_unread: Option<GapId> = unread.clone();
    let mut accounts: BTreeMap<String, AccountSummary> = BTreeMap::new();
    let mut places: BTreeSet<String> = level.iter().cloned().collect();
    while !level.is_empty() {
        let below = join_all(level.iter().map(|parent| async move {
            tokio::join!(units_in(ask, client, parent), accounts_in(ask, client, parent))
        }));
        let mut next = Vec::new();
        for (parent, (found_units, found_accounts)) in level.iter().zip(below.await) {
            match found_units {
                Observed::Known(found) => {
                    for unit in found {
                        // A unit that is in two places, or in itself, is no tree: it would have no end.
                        if places.insert(unit.id.clone()) {
                            next.push(unit.id.clone());
                            units.push(unit);
                            continue;
                        }
                        let detail = format!("the unit {} is in two places", unit.id);
                        let reason = GapReason::MalformedResponse;
                        let gap = ask.gap(&LIST_UNITS, CallTarget::resource(parent), reason, &detail);
                        units_unread.get_or_insert(gap.clone());
                        unread.get_or_insert(gap);
                    }
                }
                Observed::Absent => {}
                Observed::Unavailable(gap) => {
                    units_unread.get_or_insert(gap.clone());
                    unread.get_or_insert(gap);
                }
            }
            match found_accounts {
                Observed::Known(found) => {
                    for mut account in found {
                        let before = accounts.get(&account.id);
                        if before.is_some_and(|before| before.parent_id != account.parent_id) {
                            let detail = format!("the account {} is in two places", account.id);
                            let reason = GapReason::MalformedResponse;
                            let at = CallTarget::resource(parent);
                            let gap = ask.gap(&LIST_ACCOUNTS_FOR_PARENT, at, reason, &detail);
                            account.parent_id = Observed::Unavailable(gap);
                        }
                        accounts.insert(account.id.clone(), account);
                    }
                }
                Observed::Absent => {}
                Observed::Unavailable(gap) => drop(unread.get_or_insert(gap)),
            }
        }
        next.sort_unstable();
        level = next;
    }
    let accounts = complete(ask, client, accounts, unread).await;
    let units = units_unread.map_or(Observed::Known(units), Observed::Unavailable);
    Tree { roots, units, accounts }
}

/// The flat list knows every account, though not where it hangs: what the tree leaves out is missing from a page, or in a
/// part of it that cannot be walked, which `unread` says.
async fn complete(
    ask: &ApiCaller,
    client: &Client,
    mut found: BTreeMap<String, AccountSummary>,
    unread: Option<GapId>,
) -> Observed<Vec<AccountSummary>> {
    // What stands for the parent is made only where there is need of it.
    match accounts(ask, client, &Observed::Absent).await {
        Observed::Known(all) => {
            for mut account in
                all.into_iter().filter(|account| !found.contains_key(&account.id)).collect::<Vec<_>>()
            {
                let gap = unread.clone().unwrap_or_else(|| {
                    let detail =
                        format!("no root or unit holds the account {}, which ListAccounts knows", account.id);
                    ask.gap(
                        &LIST_ACCOUNTS_FOR_PARENT,
                        CallTarget::default(),
                        GapReason::MalformedResponse,
                        &detail,
                    )
                });
                account.parent_id = Observed::Unavailable(gap);
                found.insert(account.id.clone(), account);
            }
            Observed::Known(found.into_values().collect())
        }
        Observed::Absent => Observed::Absent,
        // The tree alone is all there is, where it was walked to its end.
        Observed::Unavailable(_) if unread.is_none() => Observed::Known(found.into_values().collect()),
        Observed::Unavailable(gap) => Observed::Unavailable(gap),
    }
}

/// The flat list of accounts, which does not say what holds them: `parent` stands for that.
pub(crate) async fn accounts(
    ask: &ApiCaller,
    client: &Client,
    parent: &Observed<String>,
) -> Observed<Vec<AccountSummary>> {
    ask.pages(
        &LIST_ACCOUNTS,
        CallTarget::default(),
        |token| client.list_accounts().set_next_token(token).send(),
        |page| Ok((summaries(page.accounts, parent)?, page.next_token)),
    )
    .await
}

async fn roots(ask: &ApiCaller, client: &Client) -> Observed<Vec<Root>> {
    ask.pages(
        &LIST_ROOTS,
        CallTarget::default(),
        |token| client.list_roots().set_next_token(token).send(),
        |page| {
            let roots = each(page.roots, "Roots", |root| {
                let (mut enabled, mut unknown) = (Vec::new(), BTreeMap::new());
                each(root.policy_types, "Roots[].PolicyTypes", |kind| {
                    let status = kind.status.ok_or("Roots[].PolicyTypes[].Status")?;
                    let name = kind.r#type.ok_or("Roots[].PolicyTypes[].Type")?.as_str().to_owned();
                    match status {
                        PolicyTypeStatus::Enabled => enabled.push(name),
                        PolicyTypeStatus::PendingEnable | PolicyTypeStatus::PendingDisable => {}
                        other => {
                            let element =
                                format!("Roots[].PolicyTypes[].Status {:?} of {name}", other.as_str());
                            let (reason, why) = (GapReason::MalformedResponse, stranger(&element));
                            unknown.insert(name, ask.gap(&LIST_ROOTS, CallTarget::default(), reason, &why));
                        }
                    }
                    Ok(())
                })?;
                enabled.sort_unstable();
                Ok(Root {
                    id: root.id.ok_or("Roots[].Id")?,
                    enabled_policy_types: enabled,
                    unknown_policy_types: unknown,
                })
            });
            Ok((roots?, page.next_token))
        },
    )
    .await
}

async fn units_in(ask: &ApiCaller, client: &Client, parent: &str) -> Observed<Vec<OrganizationalUnit>> {
    let units = ask
        .pages(
            &LIST_UNITS,
            CallTarget::resource(parent),
            |token| {
                client.list_organizational_units_for_parent().parent_id(parent).set_next_token(token).send()
            },
            |page| {
                let units = each(page.organizational_units, "OrganizationalUnits", |unit| {
                    Ok(OrganizationalUnit {
                        id: unit.id.ok_or("OrganizationalUnits[].Id")?,
                        name: unit.name.ok_or("OrganizationalUnits[].Name")?,
                        parent_id: parent.to_owned(),
                    })
                });
                Ok((units?, page.next_token))
            },
        )
        .await;
    ask.distinct(&LIST_UNITS, CallTarget::resource(parent), units, |unit| &unit.id)
}

async fn accounts_in(ask: &ApiCaller, client: &Client, parent: &str) -> Observed<Vec<AccountSummary>> {
    ask.pages(
        &LIST_ACCOUNTS_FOR_PARENT,
        CallTarget::resource(parent),
        |token| client.list_accounts_for_parent().parent_id(parent).set_next_token(token).send(),
        |page| Ok((summaries(page.accounts, &Observed::Known(parent.to_owned()))?, page.next_token)),
    )
    .await
}

fn summaries(
    accounts: Option<Vec<Account>>,
    parent: &Observed<String>,
) -> Result<Vec<AccountSummary>, Missing> {
    let summary = |account: Account| {
        // `State` takes the place of `Status`, which AWS retires.
        let state = account.state.map(|state| state.as_str().to_owned());
        let status = state.or_else(|| account.status.map(|status| status.as_str().to_owned()));
        Ok(AccountSummary {
            id: account.id.ok_or("Accounts[].Id")?,
            name: account.name.ok_or("Accounts[].Name")?,
            status: status.ok_or("Accounts[].State")?,
            parent_id: parent.clone(),
            joined_at: time(account.joined_timestamp.as_ref()),
            tags: None,
        })
    };
    each(accounts, "Accounts", summary)
}

/// The tags of an account.
pub(crate) async fn tags(
    ask: &ApiCaller,
    client: &Client,
    account: &str,
) -> Observed<BTreeMap<String, String>> {
    let tags = ask
        .pages(
            &LIST_TAGS,
            CallTarget::resource(account),
            |token| client.list_tags_for_resource().resource_id(account).set_next_token(token).send(),
            |page| {
                let tags = each(page.tags, "Tags", |tag| Ok((tag.key, tag.value)));
                Ok((tags?, page.next_token))
            },
        )
        .await;
    tags.map(|tags| tags.into_iter().collect())
}

async fn trusted_services(ask: &ApiCaller, client: &Client) -> Observed<Vec<String>> {
    let services = ask
        .pages(
            &LIST_SERVICE_ACCESS,
            CallTarget::default(),
            |token| client.list_aws_service_access_for_organization().set_next_token(token).send(),
            |page| {
                let names = each(page.enabled_service_principals, "EnabledServicePrincipals", |service| {
                    service.service_principal.ok_or("EnabledServicePrincipals[].ServicePrincipal")
                });
                Ok((names?, page.next_token))
            },
        )
        .await;
    services.map(sorted)
}

async fn delegated_administrators(ask: &ApiCaller, client: &Client) -> Observed<Vec<DelegatedAdministrator>> {
    let accounts = ask
        .pages(
            &LIST_DELEGATED_ADMINISTRATORS,
            CallTarget::default(),
            |token| client.list_delegated_administrators().set_next_token(token).send(),
            |page| {
                let ids = each(page.delegated_administrators, "DelegatedAdministrators", |admin| {
                    admin.id.ok_or("DelegatedAdministrators[].Id")
                });
                Ok((ids?, page.next_token))
            },
        )
        .await;
    let ids = match accounts {
        Observed::Known(ids) => sorted(ids),
        Observed::Absent => return Observed::Absent,
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    let administrators = ids.into_iter().map(|account_id| async move {
        let services = delegated_services(ask, client, &account_id).await;
        DelegatedAdministrator { account_id, services }
    });
    Observed::Known(join_all(administrators).await)
}

async fn delegated_services(ask: &ApiCaller, client: &Client, account_id: &str) -> Observed<Vec<String>> {
    let services = ask
        .pages(
            &LIST_DELEGATED_SERVICES,
            CallTarget::resource(account_id),
            |token| {
                client
                    .list_delegated_services_for_account()
                    .account_id(account_id)
                    .set_next_token(token)
                    .send()
            },
            |page| {
                let names = each(page.delegated_services, "DelegatedServices", |service| {
                    service.service_principal.ok_or("DelegatedServices[].ServicePrincipal")
                });
                Ok((names?, page.next_token))
            },
        )
        .await;
    services.map(sorted)
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}
