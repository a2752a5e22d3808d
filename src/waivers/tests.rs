use std::path::PathBuf;

use chrono::NaiveDate;
use tempfile::TempDir;

use super::places::is_within;
use super::*;
use crate::evaluate;
use crate::example::Example;
use crate::facts::{ANY_ID, Subject};
use crate::finding::{Finding, Verdict};
use crate::model::{Expectations, Observed};

const TODAY: &str = "2026-11-21";

fn today() -> NaiveDate {
    TODAY.parse().unwrap()
}

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(name: &str, text: &str) -> Result<Waivers, String> {
    let (folder, path) = file(name, text);
    Waivers::load(&[path], &RuleSet::builtin().unwrap())
        .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "."))
}

fn waiver(extra: &str) -> String {
    format!(
        "[[waivers]]\nid = \"W-1\"\nrule = \"trail-kms\"\nreason = \"old\"\nowner = \"Ada\"\nexpires = 2027-03-31\n{extra}\n"
    )
}

fn example() -> (Evaluation, RuleSet) {
    let rules = RuleSet::builtin().unwrap();
    let source = Example::demo().into_source();
    (evaluate::check(&source, Expectations::default(), &rules).unwrap(), rules)
}

/// What is left open, what is waived, and what is said.
fn applied(text: &str) -> (usize, usize, Vec<String>) {
    let (mut evaluation, rules) = example();
    let remarks = load("w.toml", text).unwrap().apply(&mut evaluation, &rules, today());
    for finding in evaluation.findings.iter() {
        assert!(finding.waiver.is_none() || finding.verdict == Verdict::Fail, "{finding:?}");
    }
    let fails = || evaluation.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let waived = fails().filter(|finding| finding.waiver.is_some()).count();
    (fails().count() - waived, waived, remarks.iter().map(Remark::text).collect())
}

fn failures(rule: &str) -> Vec<(String, String)> {
    let (evaluation, rules) = example();
    let of_rule = |finding: &Finding| {
        finding.verdict == Verdict::Fail && &*rules.rule(finding.rule).unwrap().id == rule
    };
    let subjects = evaluation.findings.iter().filter(of_rule).map(|finding| finding.subject);
    subjects
        .map(|subject| (subject.account_id.as_deref().unwrap().to_owned(), subject.id.to_string()))
        .collect()
}

#[test]
fn toml_and_yaml_say_the_same() {
    let toml = load("w.toml", &waiver("accounts = [\"400000000012\"]\nticket = \"T-1\"")).unwrap();
    let yaml = "
waivers:
  - id: W-1
    rule: trail-kms
    accounts: [400000000012]
    reason: old
    owner: Ada
    expires: 2027-03-31
    ticket: T-1
";
    let yaml = load("w.yaml", yaml).unwrap();
    assert_eq!(format!("{toml:?}"), format!("{yaml:?}"));
    assert_eq!(load("w.yml", "").unwrap().count(), 0);
    assert_eq!(load("w.toml", "# none yet\n").unwrap().count(), 0);
}

#[test]
fn mistakes_are_drawn_over_the_source() {
    insta::assert_snapshot!(load("w.toml", &waiver("acounts = [\"1\"]")).unwrap_err());
    insta::assert_snapshot!(
        load(
            "w.yaml",
            "waivers:\n  - id: W-1\n    rule: trail-kmz\n    reason: r\n    owner: o\n    expires: soon\n"
        )
        .unwrap_err()
    );
    insta::assert_snapshot!(load("w.yaml", "waivers:\n  - id: W-1\n    rul: trail-kms\n").unwrap_err());
}

#[test]
fn what_is_needed_is_asked_for() {
    let without = |key: &str| {
        let lines: Vec<String> =
            waiver("").lines().filter(|line| !line.starts_with(key)).map(str::to_owned).collect();
        load("w.toml", &lines.join("\n")).unwrap_err()
    };
    for key in ["id", "rule", "reason", "owner", "expires"] {
        assert!(without(key).contains(&format!("missing field `{key}`")), "{}", without(key));
    }
    assert!(load("w.toml", &waiver("").replace("old", " ")).unwrap_err().contains("the reason is empty"));
    let twice = format!("{}{}", waiver(""), waiver(""));
    assert!(load("w.toml", &twice).unwrap_err().contains("another waiver has this id"));
    let named = load("w.toml", &waiver("accounts = [\"sandbox\"]")).unwrap_err();
    assert!(named.contains("an account is twelve digits"), "{named}");
    assert!(load("w.toml", &waiver("ous = [\"\"]")).unwrap_err().contains("this selects nothing"));
}

#[test]
fn aliases_do_not_grow_without_end() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nwaivers: *e\n";
    assert!(load("w.yaml", bomb).is_err());
}

#[test]
fn a_waiver_covers_what_it_selects_and_nothing_else() {
    let all = failures("trail-kms");
    let (account, id) = all.first().unwrap();
    let of_account = all.iter().filter(|(of, _)| of == account).count();
    let (before, none, _) = applied("");
    assert_eq!(none, 0);
    let (open, waived, said) = applied(&waiver(&format!("accounts = [\"{account}\"]")));
    assert_eq!((open, waived, said), (before - of_account, of_account, Vec::new()));
    let (_, waived, _) = applied(&waiver(&format!("resources = [\"{id}\"]")));
    assert_eq!(waived, all.iter().filter(|(_, of)| of == id).count());
    let (open, waived, said) = applied(&waiver("accounts = [\"400000000001\"]\nregions = [\"mars-*\"]"));
    assert_eq!((open, waived), (before, 0));
    assert_eq!(said, ["waiver W-1 of Ada covers no failure: remove it, or correct what it selects"]);
}

#[test]
fn units_cover_what_lies_below_them_by_id_and_by_path() {
    let (evaluation, _) = example();
    let Observed::Known(organization) = &evaluation.header.organization else { unreachable!() };
    let Observed::Known(units) = &organization.organizational_units else { unreachable!() };
    let places = Places::of(&evaluation.header.organization);
    let nested = units.iter().find(|unit| unit.parent_id.starts_with("ou-")).expect("a unit below a unit");
    let parent = units.iter().find(|unit| unit.id == nested.parent_id).unwrap();
    let Observed::Known(accounts) = &organization.accounts else { unreachable!() };
    let inside = accounts.iter().find(|account| account.parent_id == Observed::Known(nested.id.clone()));
    let inside = &inside.expect("an account in it").id;
    let above = &places.above[inside];
    for unit in [&nested.id, &parent.id, &parent.name, &nested.parent_id] {
        assert!(is_within(above, unit), "{unit}");
    }
    assert!(is_within(above, &format!("Root/{}/{}", parent.name, nested.name)));
    assert!(!is_within(above, &nested.name), "a path begins below the root");
    assert!(!places.above.contains_key("999999999999"));
}

#[test]
fn tags_of_accounts_select_where_they_were_read() {
    let applied_with = |tags: &[(&str, &str)], selector: &str| {
        let (mut evaluation, rules) = example();
        let Observed::Known(organization) = &mut evaluation.header.organization else { unreachable!() };
        let Observed::Known(accounts) = &mut organization.accounts else { unreachable!() };
        for account in accounts.iter_mut().filter(|_| !tags.is_empty()) {
            let sandbox = account.id == failures("trail-kms")[0].0;
            let tags = tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
            account.tags = Some(tags.filter(|_| sandbox).collect());
        }
        let waivers = load("w.toml", &waiver(&format!("tags = [\"{selector}\"]"))).unwrap();
        let said = waivers.apply(&mut evaluation, &rules, today());
        let waived = evaluation.findings.iter().filter(|finding| finding.waiver.is_some()).count();
        (waived, said.iter().map(Remark::text).collect::<Vec<_>>())
    };
    let account = &failures("trail-kms")[0].0;
    let of_account = failures("trail-kms").iter().filter(|(of, _)| of == account).count();
    assert_eq!(applied_with(&[("environment", "sandbox")], "environment=sand*"), (of_account, Vec::new()));
    assert_eq!(applied_with(&[("environment", "production")], "environment=sandbox").0, 0);
    let (waived, said) = applied_with(&[], "environment");
    assert_eq!(waived, 0);
    assert!(said[0].contains("--read-account-tags"), "{said:?}");
    assert!(load("w.toml", &waiver("tags = [\"=x\"]")).unwrap_err().contains("this is no tag"));
}

#[test]
fn an_expired_waiver_covers_nothing_and_is_named_with_owner_and_date() {
    let text = waiver("regions = [\"eu-*\"]").replace("2027-03-31", "2026-11-20");
    let (_, waived, said) = applied(&text);
    assert_eq!(waived, 0);
    assert!(said[0].starts_with("waiver W-1 of Ada expired on 2026-11-20:"), "{said:?}");
    let (_, waived, said) = applied(&text.replace("2026-11-20", TODAY));
    assert!(waived > 0, "the last day counts");
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn nobody_is_told_to_remove_a_waiver_for_what_could_not_be_read() {
    let (account, trail) = failures("trail-kms").remove(0);
    // The account's trails could not be listed this time.
    let said = |extra: &str| {
        let (mut evaluation, rules) = example();
        let about = |finding: &Finding| &*rules.rule(finding.rule).unwrap().id == "trail-kms";
        let mut findings: Vec<Finding> = evaluation.findings.iter().collect();
        for finding in findings.iter_mut().filter(|finding| about(finding)) {
            if finding.subject.account_id.as_deref() == Some(account.as_str()) {
                let subject =
                    Subject { id: ANY_ID.into(), arn: None, name: None, ..(*finding.subject).clone() };
                finding.subject = Arc::new(subject);
                finding.verdict = Verdict::Unknown;
            }
        }
        evaluation.findings = findings.into_iter().collect();
        let waivers = load("w.toml", &waiver(extra)).unwrap();
        waivers
            .apply(&mut evaluation, &rules, today())
            .iter()
            .map(Remark::text)
            .collect::<Vec<_>>()
            .join("\n")
    };
    for kept in [format!("accounts = [\"{account}\"]"), format!("resources = [\"{trail}\"]")] {
        let said = said(&kept);
        assert!(said.contains("could not be decided or placed: keep it"), "{kept}: {said}");
        assert!(!said.contains("remove"), "{kept}: {said}");
    }
    let elsewhere = said("accounts = [\"400000000001\"]\nregions = [\"mars-*\"]");
    assert!(elsewhere.contains("remove it"), "{elsewhere}");
}

#[test]
fn nobody_is_told_to_remove_a_waiver_for_a_unit_that_could_not_be_read() {
    let (mut evaluation, rules) = example();
    let Observed::Known(organization) = &mut evaluation.header.organization else { unreachable!() };
    let Observed::Known(units) = &organization.organizational_units else { unreachable!() };
    let unit = units.first().unwrap().id.clone();
    organization.organizational_units = Observed::Unavailable(crate::model::GapId::new("gap-0123456789ab"));
    let Observed::Known(accounts) = &mut organization.accounts else { unreachable!() };
    for account in accounts {
        account.parent_id = Observed::Unavailable(crate::model::GapId::new("gap-0123456789ab"));
    }
    let waivers = load("w.toml", &waiver(&format!("ous = [\"{unit}\"]"))).unwrap();
    let said = waivers.apply(&mut evaluation, &rules, today());
    assert!(matches!(said[0].kind, RemarkKind::Undecided { .. }), "{said:?}");
    assert!(evaluation.findings.iter().all(|finding| finding.waiver.is_none()));
}

#[test]
fn too_broad_waivers_are_named() {
    let said = |extra: &str| load("w.toml", &waiver(extra)).unwrap().remarks(today());
    assert_eq!(said("").len(), 1);
    assert_eq!(said("resources = [\"*\"]").len(), 1);
    assert_eq!(said("regions = [\"**\"]").len(), 1);
    assert_eq!(said("ous = [\"r-ab12\"]").len(), 1);
    assert_eq!(said("accounts = [\"400000000001\"]").len(), 0);
    assert_eq!(said("resources = [\"arn:aws:s3:::old-*\"]").len(), 0);
}

#[test]
fn adding_keeps_what_is_there() {
    let before = "# Reviewed each quarter.\n\n[[waivers]] # the first\nid = \"W-1\"\n";
    let draft = Draft {
        id: "W-2".to_owned(),
        rule: "trail-kms".to_owned(),
        accounts: vec!["400000000001".to_owned()],
        regions: Vec::new(),
        resources: vec!["a\"b\u{1b}".to_owned()],
        reason: "old".to_owned(),
        owner: "Ada".to_owned(),
        expires: "2027-03-31".parse().unwrap(),
        ticket: None,
    };
    let after = append(Path::new("w.toml"), before, &draft).unwrap();
    assert!(after.starts_with(before), "{after}");
    assert!(after.contains("expires = 2027-03-31\n"), "{after}");
    let fresh = append(Path::new("w.toml"), "", &draft).unwrap();
    assert_eq!(load("w.toml", &fresh).unwrap().0[0].resources, draft.resources);
    let yaml = append(Path::new("w.yaml"), "", &draft).unwrap_err().to_string();
    let element = yaml.split_once("\n\n").unwrap().1;
    let read = load("w.yaml", &format!("waivers:\n{element}\n")).unwrap();
    assert_eq!(read.0[0].resources, draft.resources);
    assert!(matches!(
        append(Path::new("w.toml"), "waivers = []", &draft),
        Err(WaiverError::OtherShape { .. })
    ));
}
