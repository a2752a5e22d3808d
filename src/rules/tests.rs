//! Loading, overriding and testing rules.

mod prose;
mod ranges;
mod unread;

use std::sync::Arc;

use super::framework::FrameworkSources;
use super::rule::RuleSource;
use super::source::SourceFile;
use super::testing;
use super::{RuleErrors, RuleOverrides, RuleSet};
use crate::severity::Severity;

const HOME: &str = r#"
id = "trail-home"
title = "The trail is at home"
severity = "medium"
subject = "trail"
since = "0.1.0"
when = "trail.name != parameters.ignored"
pass = """
organization.id != null
    && organization.id.startsWith('o-')
    && trail.home_region.startsWith(parameters.region)"""
message = "{trail.name} is in {trail.home_region}, not in {parameters.region}"
rationale = "Somebody must be at home."
references = ["https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html"]
aliases = ["trail-house"]
[remediation]
text = "Make it anew in {parameters.region}."
cli = "aws cloudtrail create-trail --name {trail.name} --tags-list '[{\"Key\": \"a\"}]'"
[parameters.region]
default = "eu-"
doc = "The start of the regions where trails may be."
[parameters.ignored]
default = "lost"
doc = "A trail that may be anywhere."
"#;

const HOME_TESTS: &str = r#"
[facts]
"trail.name" = "main"
"trail.home_region" = "eu-central-1"
"organization.id" = "o-1"

[[case]]
expect = "pass"

[[case]]
name = "abroad"
set = { "trail.home_region" = "us-east-1" }
expect = "fail"
message_contains = "main is in us-east-1, not in eu-"

[[case]]
set = { "organization.id" = { denied = true } }
expect = "unknown"

[[case]]
set = { "organization.id" = "r-1" }
expect = "fail"

[[case]]
set = { "organization.id" = { null = true } }
expect = "fail"

[[case]]
set = { trail = { name = "lost" } }
expect = "not_applicable"
"#;

fn source(family: &str, name: &str, text: &str, tests: Option<&str>) -> RuleSource {
    let file = |path: String, text: &str| Arc::new(SourceFile { path, text: text.to_owned() });
    RuleSource {
        family: family.to_owned(),
        name: name.to_owned(),
        file: file(format!("rules/{family}/{name}.toml"), text),
        tests: tests.map(|tests| file(format!("rules/{family}/{name}.test.toml"), tests)),
    }
}

/// These rules alone, whatever is built in.
pub(crate) fn rules_of(texts: &[(&str, &str, &str)]) -> RuleSet {
    let sources = texts.iter().map(|(family, name, text)| source(family, name, text, None)).collect();
    load(sources, &RuleOverrides::default()).unwrap()
}

fn load(sources: Vec<RuleSource>, overrides: &RuleOverrides) -> Result<RuleSet, RuleErrors> {
    RuleSet::compile(sources, &FrameworkSources::new(), overrides, Vec::new())
}

fn home(text: &str, tests: &str) -> Result<RuleSet, RuleErrors> {
    load(vec![source("trail", "home", text, Some(tests))], &RuleOverrides::default())
}

/// The problems that testing finds.
fn problems(rules: &RuleSet) -> String {
    let failed = testing::run(rules).into_iter().filter_map(|result| {
        let problem = result.problem?;
        Some(format!("{} / {}: {problem}", result.rule_id, result.name))
    });
    failed.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sound_rule_loads_and_its_tests_pass() {
    let rules = home(HOME, HOME_TESTS).unwrap();
    assert_eq!(problems(&rules), "");
    let rule = rules.get("trail-house").unwrap();
    assert_eq!((&*rule.id, rule.severity), ("trail-home", Severity::Medium));
    assert_eq!(rules.nearest("trail-hom"), Some("trail-home"));
    let labels: Vec<&str> = rule.evidence.iter().map(|path| &*path.label).collect();
    assert_eq!(labels, ["trail.name", "organization.id", "trail.home_region"]);
    let cli = rule.remediation.cli.as_ref().unwrap();
    assert_eq!(
        cli.render(&rule.parameters, None),
        "aws cloudtrail create-trail --name {trail.name} --tags-list '[{\"Key\": \"a\"}]'"
    );
}

#[test]
fn everything_wrong_in_all_files_is_drawn_at_once() {
    let broken = r#"
id = "trail-brokn"
title = ""
severity = "medium"
subject = "trail"
since = "0.1.0"
when = "trial.name != ''"
pass = """
trail.name != ''
    && trail.hom_region.startsWith(parameters.region)
    && organization.id.startsWith('o-')"""
message = "{trail.nam} is in {trail} of {parameters.regoin}, not ${trail.x} nor { this }"
rationale = "None."
references = ["http://example.org"]
[remediation]
text = "Mend it."
[parameters.region]
default = "eu-"
doc = "A region."
[parameters.years]
default = 1.5
doc = "Years."
"#;
    let unreadable = "id = \"trail-other\"\nseverity = \"grave\"\n";
    let unused = HOME
        .replace("trail-home", "trail-unused")
        .replace("trail-house", "trail-used")
        .replace(".startsWith(parameters.region)", " != ''");
    let sources = vec![
        source("trail", "broken", broken, None),
        source("trail", "other", unreadable, None),
        source("trail", "unused", &unused, None),
    ];
    let errors = load(sources, &RuleOverrides::default()).unwrap_err();
    insta::assert_snapshot!(errors);
    assert!(errors.render(true).contains("\u{1b}["), "colours when they are wanted");
}

#[test]
fn settings_change_severity_parameters_and_the_choice_of_rules() {
    let second = HOME.replace("trail-home", "config-second").replace("trail-house", "config-old");
    let load_with = |overrides: &RuleOverrides| {
        load(vec![source("trail", "home", HOME, None), source("config", "second", &second, None)], overrides)
    };
    let ids = |overrides: &RuleOverrides| -> Vec<String> {
        load_with(overrides).unwrap().rules().iter().map(|rule| rule.id.to_string()).collect()
    };
    let all = RuleOverrides::default();
    assert_eq!(ids(&all), ["config-second", "trail-home"]);
    assert_eq!(ids(&RuleOverrides { enabled: vec!["trail-*".to_owned()], ..all.clone() }), ["trail-home"]);
    assert_eq!(
        ids(&RuleOverrides { disabled: vec!["trail-house".to_owned()], ..all.clone() }),
        ["config-second"]
    );
    assert_eq!(ids(&RuleOverrides { families: vec!["config".to_owned()], ..all.clone() }), ["config-second"]);
    let severe = RuleOverrides {
        severity: [("trail-house".to_owned(), Severity::Critical)].into(),
        minimum_severity: Some(Severity::High),
        parameters: [("trail-home".to_owned(), [("region".to_owned(), "us-".into())].into())].into(),
        ..all.clone()
    };
    let rules = load_with(&severe).unwrap();
    let rule = &rules.rules()[0];
    assert_eq!((rules.rules().len(), rule.severity), (1, Severity::Critical));
    assert_eq!(rule.parameters["region"].value.to_string(), "us-");
    assert_eq!(rule.parameters["region"].default.to_string(), "eu-");

    let wrong = RuleOverrides {
        severity: [("trail-hom".to_owned(), Severity::Low)].into(),
        enabled: vec!["bucket-*".to_owned()],
        disabled: vec!["config-secnd".to_owned()],
        families: vec!["trails".to_owned()],
        ..all.clone()
    };
    insta::assert_snapshot!("choice", load_with(&wrong).unwrap_err());
    let wrong = RuleOverrides {
        parameters: [(
            "trail-home".to_owned(),
            [("regoin".to_owned(), "us-".into()), ("ignored".to_owned(), 3.into())].into(),
        )]
        .into(),
        ..all
    };
    insta::assert_snapshot!("parameters", load_with(&wrong).unwrap_err());
}

#[test]
fn a_folder_adds_rules_and_replaces_those_of_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let paths = [folder.path().to_owned()];
    let own = HOME.replace("trail-home", "own-home").replace("trail-house", "own-house");
    write("own/home.toml", &own);
    write("own/home.test.toml", HOME_TESTS);
    let house = "id = 'house'\nname = 'House'\nversion = '1'\n[[controls]]\nid = 'A'\ntopic = 'homes'\n";
    write("frameworks/house.toml", &format!("{house}rules = ['own-home']"));
    write("notes.md", "# Notes");
    let chosen = RuleOverrides { families: vec!["own".to_owned()], ..RuleOverrides::default() };
    let rules = RuleSet::load(&paths, &chosen).unwrap();
    assert_eq!(problems(&rules), "");
    assert!(rules.get("own-home").unwrap().path().ends_with("own/home.toml"));
    let of_house = RuleOverrides { frameworks: vec!["hous?".to_owned()], ..RuleOverrides::default() };
    let rules = RuleSet::load(&paths, &of_house).unwrap();
    assert_eq!(rules.rules().iter().map(|rule| &*rule.id).collect::<Vec<_>>(), ["own-home"]);
    assert_eq!(rules.frameworks().len(), 1);

    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("own")).unwrap();
    std::fs::write(other.path().join("own/home.toml"), own.replace("medium", "low")).unwrap();
    let both = [folder.path().to_owned(), other.path().to_owned()];
    let rules = RuleSet::load(&both, &chosen).unwrap();
    assert_eq!(rules.get("own-home").unwrap().severity, Severity::Low);

    write("keys/twice.toml", &own.replace("own-ho", "kms-ho").replace("kms-home", "kms-twice"));
    write("kms/twice.toml", &own.replace("own-ho", "kms-ho").replace("kms-home", "kms-twice"));
    let errors = RuleSet::load(&paths, &RuleOverrides::default()).unwrap_err().to_string();
    assert!(errors.contains("two files of one folder are both `kms-twice`"), "{errors}");

    write("lost/home.test.toml", HOME_TESTS);
    let errors = RuleSet::load(&paths, &RuleOverrides::default()).unwrap_err().to_string();
    assert!(errors.contains("these tests have no rule beside them"), "{errors}");

    write("loose.toml", &own);
    let errors = RuleSet::load(&paths, &RuleOverrides::default()).unwrap_err().to_string();
    assert!(errors.contains("is in no family"), "{errors}");

    let nowhere = [folder.path().join("nowhere")];
    let errors = RuleSet::load(&nowhere, &RuleOverrides::default()).unwrap_err().to_string();
    assert!(errors.contains("cannot read the rules in"), "{errors}");
}

#[test]
fn an_alias_names_one_rule() {
    let second = HOME.replace("trail-home", "trail-second");
    let sources = vec![source("trail", "home", HOME, None), source("trail", "second", &second, None)];
    let errors = load(sources, &RuleOverrides::default()).unwrap_err().to_string();
    assert!(errors.contains("`trail-house` already names the rule trail-home"), "{errors}");
}

#[test]
fn tests_that_do_not_test_are_refused() {
    assert_eq!(problems(&home(HOME, "").unwrap()), "\
trail-home / verdicts: no case expects pass
trail-home / verdicts: no case expects fail
trail-home / verdicts: no case expects unknown
trail-home / verdicts: no case expects not_applicable
trail-home / operands and parameters: no case notices that the operand `organization.id != null` of `pass` is dropped
no case notices that the operand `organization.id.startsWith('o-')` of `pass` is dropped
no case notices that the operand `trail.home_region.startsWith(parameters.region)` of `pass` is dropped");

    let without = |case: &str| HOME_TESTS.replace(case, "");
    let null = "[[case]]\nset = { \"organization.id\" = { null = true } }\nexpect = \"fail\"\n";
    assert_eq!(
        problems(&home(HOME, &without(null)).unwrap()),
        "trail-home / operands and parameters: no case notices that the operand \
         `organization.id != null` of `pass` is dropped"
    );
    let fact = "\"trail.home_region\" = \"eu-central-1\"\n";
    assert!(
        problems(&home(HOME, &without(fact)).unwrap())
            .contains("the rule reads trail.home_region, which neither [facts] nor the case sets")
    );
    let wrong = HOME_TESTS.replace("not in eu-", "not in us-");
    assert_eq!(
        problems(&home(HOME, &wrong).unwrap()),
        "trail-home / abroad: the message does not contain `main is in us-east-1, not in us-`: \
         main is in us-east-1, not in eu-"
    );
    let wrong = HOME_TESTS.replace("expect = \"unknown\"", "expect = \"pass\"");
    assert!(problems(&home(HOME, &wrong).unwrap()).contains("case 3 (pass): expected pass, got unknown"));
    let missing = load(vec![source("trail", "home", HOME, None)], &RuleOverrides::default()).unwrap();
    assert_eq!(problems(&missing), "trail-home / tests: there is no rules/trail/home.test.toml beside it");
}

#[test]
fn facts_of_a_test_must_be_facts() {
    let wrong = r#"
[facts]
"trail.nam" = "main"
"organisation.id" = "o-1"
[[case]]
set = { "trail.name" = 3, "trail.home_region" = { null = true }, trail.arm = "x" }
expect = "pass"
"#;
    insta::assert_snapshot!(problems(&home(HOME, wrong).unwrap()));
}

#[test]
fn a_number_is_noticed_by_a_case_that_stands_on_it() {
    let rule = r#"
id = "policy-attached"
title = "The policy is attached"
severity = "low"
subject = "policy"
since = "0.1.0"
pass = "policy.target_count >= parameters.least"
message = "{policy.name} is attached to {policy.target_count} targets"
rationale = "A policy without targets does nothing."
references = []
[remediation]
text = "Attach it."
[parameters.least]
default = 2
doc = "Targets at least."
"#;
    let tests = |passing: i64| {
        format!(
            "[[case]]\nset = {{ \"policy.target_count\" = {passing} }}\nexpect = \"pass\"\n\
             [[case]]\nset = {{ policy = {{ target_count = 0, name = \"x\" }} }}\nexpect = \"fail\"\n\
             [[case]]\nset = {{ \"policy.target_count\" = {{ denied = true }} }}\nexpect = \"unknown\"\n"
        )
    };
    let run = |passing| {
        let rules = vec![source("policy", "attached", rule, Some(&tests(passing)))];
        problems(&load(rules, &RuleOverrides::default()).unwrap())
    };
    assert_eq!(run(2), "");
    assert_eq!(
        run(9),
        "policy-attached / operands and parameters: no case notices that `parameters.least` is one more or one less"
    );
}

const LOCK: &str = r#"
id = "bucket-lock"
title = "Locked"
severity = "medium"
subject = "bucket"
since = "0.1.0"
pass = "bucket.object_lock_mode in parameters.modes"
message = "{bucket.name} is not locked"
rationale = "It must be."
references = ["https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"]
[remediation]
text = "Lock it."
[parameters.modes]
default = ["compliance", "governance"]
doc = "Modes that count."
"#;

fn refusal(family: &str, name: &str, text: &str) -> String {
    match load(vec![source(family, name, text, None)], &RuleOverrides::default()) {
        Ok(_) => "taken".to_owned(),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn a_text_that_a_fact_can_never_be_is_refused_with_the_nearest() {
    let expression = |subject: &str, pass: &str| {
        let text = LOCK
            .replace("id = \"bucket-lock\"", &format!("id = \"{subject}-lock\""))
            .replace("subject = \"bucket\"", &format!("subject = \"{}\"", subject.replace('-', "_")))
            .replace("bucket.name", &format!("{}.arn", subject.replace('-', "_")))
            .replace("\"bucket.object_lock_mode in parameters.modes\"", &format!("'''{pass}'''"));
        let text = text.split("[parameters").next().unwrap().to_owned();
        refusal(subject, "lock", &text)
    };
    for (subject, pass, nearest) in [
        ("bucket", "bucket.object_lock_mode != 'complience'", "did you mean `compliance`?"),
        (
            "bucket",
            "bucket.object_lock_mode in ['compliance', 'govern']",
            "it is one of compliance, governance, none",
        ),
        ("bucket", "'BlockPublicAcl' in bucket.public_access_block_off", "did you mean `BlockPublicAcls`?"),
        ("bucket", "bucket.public_access_block_off.exists(it, it == 'BlockPublicPolicies')", "did you mean"),
        ("bucket", "bucket.encryption.startsWith('aws-kms')", "`aws-kms` is no value of `bucket.encryption`"),
        ("bucket", "glob(bucket.versioning, 'enabled*')", "did you mean `Enabled`?"),
        ("trail", "trail.kms_key_state == 'enabled'", "did you mean `Enabled`?"),
        ("trail", "'ApiCallRateInsigt' in trail.insight_types", "did you mean `ApiCallRateInsight`?"),
        // However it is written.
        (
            "bucket",
            "(bucket.object_lock_days == 3 ? bucket.object_lock_mode : 'x') == 'complaince'",
            "did you mean `compliance`?",
        ),
        ("bucket", "['complience'].exists(it, it == bucket.object_lock_mode)", "did you mean `compliance`?"),
        ("bucket", "[bucket.object_lock_mode].exists(it, it == 'complience')", "did you mean `compliance`?"),
        ("bucket", "'complience' in [bucket.object_lock_mode]", "did you mean `compliance`?"),
        ("bucket", "bucket.object_lock_mode + '' != 'complience'", "did you mean `compliance`?"),
        ("bucket", "'complience'.startsWith(bucket.object_lock_mode)", "did you mean `compliance`?"),
        (
            "bucket",
            "!bucket.public_access_block_off.exists(x, ['BlockPublicAcl'].exists(y, x == y))",
            "did you mean `BlockPublicAcls`?",
        ),
        ("bucket", "bucket.versioning == bucket.encryption", "is no value of `bucket.encryption`"),
        (
            "organization",
            "'SERVICE_CONTROL_POLCY' in organization.enabled_policy_types",
            "did you mean `SERVICE_CONTROL_POLICY`?",
        ),
    ] {
        let refused = expression(subject, pass);
        assert!(refused.contains(nearest), "{pass}: {refused}");
    }
    for (subject, pass) in [
        ("bucket", "bucket.object_lock_mode != 'compliance'"),
        ("bucket", "bucket.encryption.startsWith('aws:kms')"),
        ("bucket", "bucket.encryption.matches('^aws:kms(:dsse)?$')"),
        ("bucket", "bucket.name != 'complience'"),
        ("bucket", "(bucket.mfa_delete ? bucket.object_lock_mode : 'x') == 'x'"),
        ("bucket", "['compliance', 'none'].exists(it, it == bucket.object_lock_mode)"),
        ("bucket", "bucket.object_lock_mode + '!' == 'compliance!'"),
        ("bucket", "'compliance mode'.startsWith(bucket.object_lock_mode)"),
        ("bucket", "bucket.versioning in [bucket.name, 'Enabled']"),
        ("trail", "trail.kms_key_state in ['Enabled', 'Disabled', 'not found']"),
        ("trail", "trail.insight_types.all(it, it != 'ApiErrorRateInsight')"),
    ] {
        assert_eq!(expression(subject, pass), "taken", "{pass}");
    }
}

#[test]
fn a_parameter_that_a_fact_can_never_be_is_refused_wherever_it_is_set() {
    assert_eq!(refusal("bucket", "lock", LOCK), "taken");
    let wrong = refusal("bucket", "lock", &LOCK.replace("\"governance\"]", "\"governence\"]"));
    assert!(wrong.contains("did you mean `governance`?") && wrong.contains("parameters.modes"), "{wrong}");
    let set = toml::Value::Array(vec![toml::Value::String("complience".to_owned())]);
    let overrides = RuleOverrides {
        parameters: [("bucket-lock".to_owned(), [("modes".to_owned(), set)].into())].into(),
        ..RuleOverrides::default()
    };
    let refused = load(vec![source("bucket", "lock", LOCK, None)], &overrides).unwrap_err().to_string();
    assert!(refused.contains("`complience` is no value of `bucket.object_lock_mode`"), "{refused}");
    assert!(refused.contains("did you mean `compliance`?"), "{refused}");
}

#[test]
fn a_list_that_is_left_empty_is_refused() {
    let set = toml::Value::Array(Vec::new());
    let overrides = RuleOverrides {
        parameters: [("bucket-lock".to_owned(), [("modes".to_owned(), set)].into())].into(),
        ..RuleOverrides::default()
    };
    let refused = load(vec![source("bucket", "lock", LOCK, None)], &overrides).unwrap_err().to_string();
    assert!(refused.contains("leave the parameter `modes` of bucket-lock empty"), "{refused}");
    assert!(refused.contains("leave the rule out"), "{refused}");
}

#[test]
fn a_test_states_only_what_a_fact_can_be() {
    let tests = r#"
[facts.bucket]
name = "logs"
object_lock_mode = "complience"

[[case]]
expect = "fail"
"#;
    let rules = load(vec![source("bucket", "lock", LOCK, Some(tests))], &RuleOverrides::default());
    let told = rules.map_or_else(|errors| errors.to_string(), |rules| problems(&rules));
    assert!(told.contains("`complience` is no value of `bucket.object_lock_mode`"), "{told}");
}
