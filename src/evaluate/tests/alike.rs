//! Accounts that are judged with others are judged as if each were judged by itself.

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::evaluate::groups;
use crate::example::{ARCHIVE, Example};
use crate::model::LogPolicy;
use crate::rules::RuleSet;
use crate::snapshot::Writer;

const REGIONS: [&str; 2] = ["eu-central-1", "us-east-1"];

/// What is found where every account is judged, and where those that are alike are judged once; how many were spared.
fn both(example: Example, expectations: &Expectations, rules: &RuleSet) -> ([Evaluation; 2], usize) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("snapshot.zst");
    let mut writer = Writer::create(&path).unwrap();
    example.clone().records().iter().for_each(|record| writer.write(record).unwrap());
    writer.finish().unwrap();
    let file = Source::Files(vec![path]);
    let groups = groups::of(&mut file.survey().unwrap(), expectations, &[], rules);
    let spared = groups.iter().map(|group| group.between.len()).sum();
    let sources = [example.into_source(), file];
    (sources.map(|source| check(&source, expectations.clone(), rules).unwrap()), spared)
}

/// Asserts that both find the same, and says how many accounts were spared.
fn spared_of(example: Example, expectations: &Expectations, rules: &RuleSet) -> usize {
    let ([each, alike], spared) = both(example, expectations, rules);
    assert_eq!(each.coverage, alike.coverage);
    assert_eq!(each.gaps, alike.gaps);
    assert_eq!(each.findings.len(), alike.findings.len());
    for (one, other) in each.findings.iter().zip(alike.findings.iter()) {
        assert_eq!(one, other);
    }
    for (place, finding) in (0..).zip(each.findings.iter()).step_by(37) {
        assert_eq!(alike.findings.get(place), Some(finding));
    }
    spared
}

fn builtin() -> RuleSet {
    RuleSet::builtin().unwrap()
}

fn spared(example: Example) -> usize {
    spared_of(example, &Expectations::default(), &builtin())
}

/// A policy of log groups in a region of an account.
fn add_log_policy(example: &mut Example, account: usize, document: &str) {
    let region = &mut example.accounts[account].regions[0];
    let Observed::Known(policies) = &mut region.log_policies else { panic!("no policies") };
    policies.push(LogPolicy { name: "added".to_owned(), document: document.to_owned() });
}

fn stop(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Observed::Known(recorders) = &mut region.recorders else { continue };
        for recorder in recorders {
            if let Observed::Known(status) = &mut recorder.status {
                status.recording = false;
            }
        }
    }
}

#[test]
fn accounts_of_one_shape_are_judged_once() {
    assert!(spared(Example::healthy(12, &REGIONS)) >= 2, "of the production unit");
    assert!(spared(Example::healthy(30, &REGIONS)) >= 16);
    let mut example = Example::healthy(40, &REGIONS);
    example.accounts.iter_mut().skip(5).step_by(3).for_each(stop);
    assert!(spared(example) > 20);
    // In the demonstration hardly two are alike.
    spared(Example::demo());
}

#[test]
fn what_names_one_account_parts_it_from_the_others() {
    let mut example = Example::healthy(40, &REGIONS);
    let named = example.accounts[30].id.clone();
    let archive = example.accounts.iter().position(|account| account.id == ARCHIVE).unwrap();
    let admits = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{named}:root"}},"Action":"logs:PutLogEvents","Resource":"*"}}]}}"#
    );
    add_log_policy(&mut example, archive, &admits);
    let (all, but_some) = (spared(Example::healthy(40, &REGIONS)), spared(example));
    assert!((1..all).contains(&but_some), "{but_some} of {all}");
}

#[test]
fn a_pattern_that_some_numbers_match_keeps_all_apart() {
    let mut example = Example::healthy(12, &REGIONS);
    let start: String = example.accounts[8].id.chars().take(11).collect();
    let document = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"logs:PutLogEvents","Resource":"*","Condition":{{"StringLike":{{"aws:SourceAccount":"{start}*"}}}}}}]}}"#
    );
    add_log_policy(&mut example, 3, &document);
    assert_eq!(spared(example), 0);
    let expectations =
        Expectations { centralized_log_groups: vec!["/app/1*".to_owned()], ..Expectations::default() };
    assert_eq!(spared_of(Example::healthy(12, &REGIONS), &expectations, &builtin()), 0);
}

#[test]
fn a_rule_that_looks_into_numbers_keeps_all_apart() {
    let wrong = HOME
        .replace("subject = \"trail\"", "subject = \"account\"")
        .replace("when = \"trail.name != 'elsewhere'\"\n", "")
        .replace(
            "trail.home_region.startsWith('eu-') && organization.id == 'o-1'",
            "account.id.endsWith('7')",
        )
        .replace("{trail.name} is in {trail.home_region}", "{account.id} of {account.name}");
    let rules = rules_of(&[("test", "home", &wrong)]);
    assert_eq!(spared_of(Example::healthy(12, &REGIONS), &Expectations::default(), &rules), 0);
    // One that shows names is found out by what it says of both ends of a group.
    let shown = wrong.replace("account.id.endsWith('7')", "account.is_management");
    let rules = rules_of(&[("test", "home", &shown)]);
    spared_of(Example::healthy(12, &REGIONS), &Expectations::default(), &rules);
}

#[test]
fn what_could_not_be_read_is_each_accounts_own() {
    let mut example = Example::healthy(12, &REGIONS);
    for account in &mut example.accounts {
        let gap = denied(&account.id, "logs", "DescribeLogGroups");
        account.regions[0].log_groups = Observed::Unavailable(gap.id.clone());
        account.gaps.push(gap);
    }
    assert_eq!(spared(example), 0);
}

/// Ways in which accounts differ.
#[derive(Debug, Clone, Copy)]
enum Change {
    Stopped,
    Renamed,
    Trail,
    Bucket,
    Refused,
    NamesNeighbour,
    Gone,
}

fn changed(example: &mut Example, place: usize, change: Change) {
    let neighbour = example.accounts[(place + 1) % example.accounts.len()].id.clone();
    let account = &mut example.accounts[place];
    let id = account.id.clone();
    match change {
        Change::Stopped => stop(account),
        Change::Renamed => account.name = Some("the same for all".to_owned()),
        Change::Trail => account.trails = Observed::Known(vec![trail(&id, "us-east-1", "own")]),
        Change::Bucket => account.buckets = Observed::Known(Vec::new()),
        Change::Refused => {
            let gap = denied(&id, "s3", "ListBuckets");
            account.buckets = Observed::Unavailable(gap.id.clone());
            account.gaps.push(gap);
        }
        Change::NamesNeighbour => {
            let document = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{neighbour}"}},"Action":"logs:*","Resource":"*"}}]}}"#
            );
            add_log_policy(example, place, &document);
        }
        Change::Gone => drop(example.accounts.remove(place)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]
    #[test]
    fn however_accounts_differ_each_is_judged_as_if_by_itself(
        changes in prop::collection::vec((3..24_usize, prop::sample::select(vec![
            Change::Stopped, Change::Renamed, Change::Trail, Change::Bucket, Change::Refused, Change::NamesNeighbour,
            Change::Gone,
        ])), 0..6)
    ) {
        let mut example = Example::healthy(24, &REGIONS[..1]);
        for (place, change) in changes {
            changed(&mut example, place, change);
        }
        spared(example);
    }
}

/// A rule about accounts that passes so.
fn rule_of_accounts(pass: &str, message: &str) -> RuleSet {
    let text = HOME
        .replace("subject = \"trail\"", "subject = \"account\"")
        .replace("when = \"trail.name != 'elsewhere'\"\n", "")
        .replace("\"trail.home_region.startsWith('eu-') && organization.id == 'o-1'\"", &format!("{pass:?}"))
        .replace("{trail.name} is in {trail.home_region}", message);
    rules_of(&[("test", "home", &text)])
}

#[test]
fn a_rule_that_asks_for_names_or_puts_numbers_together_keeps_all_apart() {
    let example = Example::healthy(12, &REGIONS);
    let (id, name) = (example.accounts[9].id.clone(), example.accounts[9].name.clone().unwrap());
    let (start, end) = id.split_at(6);
    let conditions = [
        format!("account.name == '{name}'"),
        format!("account.name != null && account.name.size() == {}", name.len()),
        format!("account.id != '{start}' + '{end}'"),
        format!("account.id == '\\x{:x}{}'", id.as_bytes()[0], &id[1..]),
    ];
    for pass in conditions {
        let rules = rule_of_accounts(&pass, "it is another one");
        assert_eq!(spared_of(example.clone(), &Expectations::default(), &rules), 0, "{pass}");
    }
    // Those at both ends are called the same, the others are not.
    let mut example = example;
    for account in &mut example.accounts {
        account.name = Some(if account.id == id { "one" } else { "all" }.to_owned());
    }
    let rules = rule_of_accounts("account.is_management", "{account.name} is no management account");
    assert_eq!(spared_of(example.clone(), &Expectations::default(), &rules), 0);
    // A number that is written whole parts its account from the others alone.
    let whole = rule_of_accounts(&format!("account.id == '{id}'"), "it is another one");
    spared_of(example, &Expectations::default(), &whole);
}
