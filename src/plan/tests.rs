use std::collections::BTreeSet;

use super::*;
use crate::model::{AccountSummary, Observed, Organization, OrganizationalUnit, Root, partition_regions};

#[test]
fn accounts_are_chosen_by_tag() {
    let tagged = |mut account: AccountSummary, tags: &[(&str, &str)]| {
        account.tags = Some(tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect());
        account
    };
    let accounts = [
        tagged(account("111111111111", "one", "ACTIVE", "r-1"), &[("environment", "production")]),
        tagged(account("222222222222", "two", "ACTIVE", "r-1"), &[("environment", "Production")]),
        tagged(
            account("333333333333", "three", "ACTIVE", "r-1"),
            &[("team", "logs"), ("environment", "test")],
        ),
        tagged(account("444444444444", "four", "ACTIVE", "r-1"), &[]),
        account("555555555555", "five", "SUSPENDED", "r-1"),
    ];
    let organization = organization();
    let choose = |include: &[&str], exclude: &[&str]| {
        let selectors = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let selection = Selection {
            account_tags: selectors(include),
            exclude_account_tags: selectors(exclude),
            ..Selection::default()
        };
        choose_accounts(&selection, &organization, &accounts, String::new)
            .map(|chosen| chosen.iter().map(|account| account.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(choose(&["environment=production"], &[]).unwrap(), ["one"]);
    assert_eq!(choose(&["environment=?roduction", "team"], &[]).unwrap(), ["one", "two", "three"]);
    assert_eq!(choose(&[], &["environment=*"]).unwrap(), ["four"]);
    assert_eq!(choose(&["environment"], &["team=logs"]).unwrap(), ["one", "two"]);
    let error = choose(&["enviroment"], &[]).unwrap_err().to_string();
    assert!(error.contains("no active account has the tag enviroment=*"), "{error}");
    assert!("=value".parse::<TagSelector>().is_err());
}

fn account(id: &str, name: &str, status: &str, parent: &str) -> AccountSummary {
    AccountSummary {
        id: id.to_owned(),
        name: name.to_owned(),
        status: status.to_owned(),
        parent_id: Observed::Known(parent.to_owned()),
        joined_at: Observed::Absent,
        ..AccountSummary::default()
    }
}

fn unit(id: &str, name: &str, parent: &str) -> OrganizationalUnit {
    OrganizationalUnit { id: id.to_owned(), name: name.to_owned(), parent_id: parent.to_owned() }
}

fn organization() -> Organization {
    let units = vec![
        unit("ou-work", "Workloads", "r-1"),
        unit("ou-prod", "Production", "ou-work"),
        unit("ou-sand", "Sandbox", "r-1"),
    ];
    let accounts = vec![
        account("111111111111", "management", "ACTIVE", "r-1"),
        account("222222222222", "shop", "ACTIVE", "ou-prod"),
        account("333333333333", "lab", "ACTIVE", "ou-sand"),
        account("444444444444", "old", "SUSPENDED", "ou-work"),
        account("555555555555", "twin", "ACTIVE", "ou-work"),
        account("666666666666", "twin", "ACTIVE", "ou-sand"),
    ];
    Organization {
        id: "o-1".to_owned(),
        management_account_id: "111111111111".to_owned(),
        all_features: Observed::Known(true),
        roots: Observed::Known(vec![Root { id: "r-1".to_owned(), ..Root::default() }]),
        organizational_units: Observed::Known(units),
        accounts: Observed::Known(accounts),
        service_control_policies: Observed::Absent,
        resource_control_policies: Observed::Absent,
        trusted_services: Observed::Absent,
        delegated_administrators: Observed::Absent,
        centralization_rules: Observed::Absent,
        ..Organization::default()
    }
}

fn choose(change: impl FnOnce(&mut Selection)) -> Result<Vec<String>, SelectionError> {
    let mut selection = Selection::default();
    change(&mut selection);
    let organization = organization();
    let accounts = organization.accounts.list().unwrap();
    let chosen = choose_accounts(&selection, &organization, accounts, || "denied".to_owned())?;
    Ok(chosen.into_iter().map(|account| account.id.clone()).collect())
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

#[test]
fn without_a_selection_every_active_account_is_in_scope() {
    let chosen = choose(|_| {}).unwrap();
    assert_eq!(chosen, ["111111111111", "222222222222", "333333333333", "555555555555", "666666666666"]);
}

#[test]
fn units_contain_what_is_nested_in_them_and_exclusions_win() {
    let chosen = choose(|selection| selection.ous = list(&["Workloads"])).unwrap();
    assert_eq!(chosen, ["222222222222", "555555555555"]);
    let chosen = choose(|selection| {
        selection.ous = list(&["r-1"]);
        selection.exclude_ous = list(&["ou-prod"]);
        selection.exclude_accounts = list(&["lab"]);
    })
    .unwrap();
    assert_eq!(chosen, ["111111111111", "555555555555", "666666666666"]);
}

#[test]
fn a_name_that_is_not_there_is_an_error_that_names_the_nearest() {
    let error = choose(|selection| selection.accounts = list(&["222222222223"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no account \"222222222223\" in the organization; did you mean \"222222222222\"?"
    );
    let error = choose(|selection| selection.exclude_ous = list(&["production2"])).unwrap_err();
    assert!(error.to_string().contains("did you mean \"Production\"?"), "{error}");
    let error = choose(|selection| selection.accounts = list(&["twin"])).unwrap_err();
    assert!(error.to_string().contains("555555555555, 666666666666"), "{error}");
    let error = choose(|selection| selection.accounts = list(&["old"])).unwrap_err();
    assert!(error.to_string().contains("SUSPENDED"), "{error}");
}

#[test]
fn exclusions_that_leave_nothing_are_an_error() {
    let error = choose(|selection| {
        selection.accounts = list(&["lab"]);
        selection.exclude_accounts = list(&["333333333333"]);
    });
    assert_eq!(error, Err(SelectionError::Nothing));
}

#[test]
fn regions_are_checked_against_the_partition() {
    let known: BTreeSet<String> = partition_regions("aws").into_iter().map(str::to_owned).collect();
    let selection = Selection { regions: list(&["eu-centrall-1"]), ..Selection::default() };
    let error = check_regions(&selection, "aws", &known).unwrap_err();
    assert!(error.to_string().contains("did you mean \"eu-central-1\"?"), "{error}");
    let selection = Selection {
        regions: list(&["eu-west-1"]),
        exclude_regions: list(&["eu-west-1"]),
        ..Selection::default()
    };
    assert_eq!(check_regions(&selection, "aws", &known), Err(SelectionError::NoRegionLeft));
}

#[test]
fn role_arns_follow_partition_and_path() {
    let role =
        RoleSettings { path: "/audit/".to_owned(), name: "Reader".to_owned(), ..RoleSettings::default() };
    assert_eq!(role.arn("aws-cn", "1"), "arn:aws-cn:iam::1:role/audit/Reader");
    assert_eq!(RoleSettings::default().arn("aws", "1"), "arn:aws:iam::1:role/OrganizationAccountAccessRole");
}

#[test]
fn secrets_do_not_show() {
    let settings = CollectSettings {
        role: RoleSettings { external_id: Some(Secret::new("hush-hush")), ..RoleSettings::default() },
        ..CollectSettings::default()
    };
    assert!(!format!("{settings:?}").contains("hush"));
}
