//! The `guardrails` commands as a user runs them: what they answer, what they refuse, and that what is recommended
//! closes what was open.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use trailproof::guardrails::matrix::Matrix;

#[path = "guardrails/callers.rs"]
mod callers;
#[path = "guardrails/own_policies.rs"]
mod own_policies;
mod program;
#[path = "guardrails/reference.rs"]
mod reference;
#[path = "guardrails/refusals.rs"]
mod refusals;
#[path = "guardrails/ways.rs"]
mod ways;

const MEMBER: &str = "222233334444";

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trailproof"));
    command.args(["guardrails"]).args(arguments).env_clear().env("COLUMNS", "100");
    command
}

fn spawn(arguments: &[&str]) -> Child {
    let mut command = command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn run(arguments: &[&str], input: &str) -> Run {
    let mut child = spawn(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // Beside the reading: a long input does not wait for a reader of the answers.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn simulate(input: &str) -> Run {
    run(&["simulate", "--static", "--batch", "-"], input)
}

fn allow() -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
}

fn deny(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Guard", "Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*", "Condition": condition,
    }]})
}

/// A case of a role in a member account that stops a trail, under a root and a unit.
fn case(root: &Value, unit: &Value) -> Value {
    json!({
        "hierarchy": [
            {"id": "r-root", "policies": root},
            {"id": "ou-root-unit", "policies": unit},
            {"id": MEMBER, "policies": [allow()]},
        ],
        "principal": format!("arn:aws:iam::{MEMBER}:role/app"),
        "action": "cloudtrail:StopLogging",
        "resource": format!("arn:aws:cloudtrail:eu-central-1:{MEMBER}:trail/own"),
        "context": {},
    })
}

fn answer(case: &Value) -> Value {
    let run = simulate(&case.to_string());
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let [answer] = run.lines().try_into().unwrap();
    answer
}

fn error(case: &Value) -> String {
    let run = simulate(&case.to_string());
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    run.lines()[0]["error"].as_str().unwrap().to_owned()
}

#[test]
fn each_outcome_names_what_decides() {
    let everyone = json!({});
    let denied = answer(&case(&json!([allow(), deny(&everyone)]), &json!([allow()])));
    assert_eq!(
        denied,
        json!({
            "effective": "ExplicitlyDenied",
            "decidedBy": [{"level": "r-root", "policy": 1, "statement": "Guard"}],
            "static": "DeniedForAll", "exemption": null, "exemptionKind": null, "defaultCaller": "Denied",
        })
    );
    let implicit = answer(&case(&json!([allow()]), &json!([])));
    assert_eq!(implicit["effective"], "ImplicitlyDenied");
    assert_eq!(implicit["decidedBy"], json!([{"level": "ou-root-unit", "policy": null, "statement": null}]));
    assert_eq!(implicit["static"], "DeniedForAll");
    let allowed = answer(&case(&json!([allow()]), &json!([allow()])));
    assert_eq!(allowed["effective"], "Allowed");
    assert_eq!((&allowed["static"], &allowed["defaultCaller"]), (&json!("NotDenied"), &json!("Allowed")));
    let levels: Vec<&Value> =
        allowed["decidedBy"].as_array().unwrap().iter().map(|by| &by["level"]).collect();
    assert_eq!(levels, ["r-root", "ou-root-unit", MEMBER]);
}

#[test]
fn an_exemption_is_named_with_its_kind() {
    let exempting = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/BreakGlass"}});
    let mut asked = case(&json!([allow(), deny(&exempting)]), &json!([allow()]));
    let answered = answer(&asked);
    assert_eq!(answered["static"], "DeniedExcept");
    assert!(answered["exemption"].as_str().unwrap().contains("role/BreakGlass"), "{answered}");
    assert_eq!(answered["exemptionKind"], "self-service");
    assert_eq!(
        (&answered["effective"], &answered["defaultCaller"]),
        (&json!("ExplicitlyDenied"), &json!("Denied"))
    );
    // A session is of its role.
    asked["principal"] = format!("arn:aws:sts::{MEMBER}:assumed-role/BreakGlass/me").into();
    assert_eq!(answer(&asked)["effective"], "Allowed");
}

#[test]
fn without_static_only_the_request_is_answered() {
    let run = run(&["simulate"], &case(&json!([allow()]), &json!([allow()])).to_string());
    let answer = run.lines().remove(0);
    let fields: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["decidedBy", "effective"]);
}

#[test]
fn callers_that_are_not_bound_are_said_to_be_so() {
    let mut asked = case(&json!([allow(), deny(&json!({}))]), &json!([allow()]));
    let mut not_bound = |field: &str, value: &str, said: &str| {
        let before = asked[field].take();
        asked[field] = value.into();
        let answer = answer(&asked);
        assert_eq!(answer["effective"], "Allowed", "{answer}");
        assert!(answer["note"].as_str().unwrap().contains(said), "{answer}");
        if before.is_null() {
            asked.as_object_mut().unwrap().remove(field);
        } else {
            asked[field] = before;
        }
    };
    not_bound("managementAccountId", MEMBER, "management account");
    not_bound("principal", "arn:aws:iam::999988887777:role/app", MEMBER);
    let linked =
        format!("arn:aws:iam::{MEMBER}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    not_bound("principal", &linked, "service-linked");
    not_bound("principal", "config.amazonaws.com", "AWS services");
    // A name that looks alike is bound.
    asked["principal"] = format!("arn:aws:iam::{MEMBER}:role/AWSServiceRoleForConfig").into();
    assert_eq!(answer(&asked)["effective"], "ExplicitlyDenied");
}

#[test]
fn resource_control_policies_bind_whoever_calls() {
    let rcp = json!({"name": "guard-stores", "document": {"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}},
    }}});
    let asked = json!({
        "rcpHierarchy": [{"id": "r-root", "policies": [rcp]}, {"id": MEMBER, "policies": []}],
        "principal": "arn:aws:iam::999988887777:role/app",
        "action": "s3:DeleteObject",
        "resource": "arn:aws:s3:::logs/object",
        "resourceAccount": MEMBER,
        "context": {"aws:PrincipalOrgID": "o-another"},
    });
    let answered = answer(&asked);
    assert_eq!(answered["effective"], "ExplicitlyDenied");
    let by = json!([{
        "level": "r-root", "policy": "guard-stores", "statement": 0, "policyType": "RESOURCE_CONTROL_POLICY",
    }]);
    assert_eq!(answered["decidedBy"], by);
}

#[test]
fn policies_are_taken_as_they_are_pasted() {
    let document = deny(&json!({}));
    let text = Value::from(document.to_string());
    for (pasted, name) in [
        (document.clone(), json!(1)),
        (text.clone(), json!(1)),
        (json!({"id": "p-guard", "document": document}), json!("p-guard")),
        (json!({"name": "guard", "document": text}), json!("guard")),
        (json!({"Policy": {"PolicySummary": {"Id": "p-1", "Name": "guard"}, "Content": text}}), json!("p-1")),
    ] {
        let answered = answer(&case(&json!([allow(), pasted]), &json!([allow()])));
        assert_eq!(answered["decidedBy"][0]["policy"], name);
    }
}

#[test]
fn a_broken_case_is_answered_by_what_to_do_about_it() {
    let whole = case(&json!([allow()]), &json!([allow()]));
    let with = |field: &str, value: Value| {
        let mut case = whole.clone();
        case[field] = value;
        error(&case)
    };
    for (field, value, said) in [
        ("hierarchy", json!(null), "`hierarchy` is missing"),
        ("hierarchy", json!([]), "has no levels"),
        ("hierarchy", json!([{"id": MEMBER, "policies": []}, {"id": "r-1", "policies": []}]), "root first"),
        ("hierarchy", json!([{"id": "r-1"}]), "`hierarchy[0].policies` must be an array"),
        (
            "hierarchy",
            json!([{"id": "r-1", "policies": [{"Statement": []}, 5]}]),
            "`hierarchy[0].policies[1]`",
        ),
        ("hierarchy", json!([{"id": "r-1", "policies": [{"Statement": {"Effect": "deny"}}]}]), "Effect"),
        ("hierarchy", json!([{"id": "r-1", "policies": []}, {"id": "r-1", "policies": []}]), "given twice"),
        ("principal", json!("app"), "arn:aws:iam::"),
        ("principal", json!(null), "`principal` is missing"),
        ("action", json!("cloudtrail:*"), "without wildcards"),
        ("action", json!("StopLogging"), "with its service"),
        ("resource", json!("own"), "must be an ARN"),
        ("context", json!({"SourceIp": "1.2.3.4"}), "have a prefix"),
        ("context", json!({"aws:SourceIp": {}}), "`aws:SourceIp` must be a string"),
        ("context", json!({"aws:SourceIp": "a", "aws:sourceip": "b"}), "given twice"),
        ("managementAccountId", json!(111), "must be a string"),
        ("managementAccountId", json!("111"), "twelve digits"),
        ("orgId", json!("exampleorgid"), "begin with o-"),
        ("management_account_id", json!(MEMBER), "did you mean `managementAccountId`?"),
    ] {
        let refused = with(field, value);
        assert!(refused.contains(said) && refused.contains("line 1"), "{said:?} is not in {refused}");
    }
    // Fields of the user's own are left alone.
    let mut annotated = whole.clone();
    annotated["name"] = "a name".into();
    annotated["source"] = "a page".into();
    answer(&annotated);
}

#[test]
fn a_broken_case_ends_no_other() {
    let whole = case(&json!([allow()]), &json!([allow()])).to_string();
    let deep = format!("{{\"hierarchy\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let cut = whole.split_at(whole.len() / 2).0;
    let input = [whole.as_str(), "hello", &deep, "\u{1}", "", cut, &whole, "{}", "[]", &whole].join("\n");
    let run = simulate(&input);
    assert_eq!(run.code, Some(2));
    let answered: Vec<bool> = run.lines().iter().map(|line| line.get("error").is_none()).collect();
    assert_eq!(answered, [true, false, false, false, false, true, false, false, true], "{}", run.stdout);
    let lines: Vec<u64> = run.lines().iter().filter_map(|line| line["line"].as_u64()).collect();
    assert_eq!(lines, [2, 3, 4, 6, 8, 9]);
    assert!(run.stderr.contains("6 of 9 cases could not be answered"), "{}", run.stderr);
}

#[test]
fn an_object_an_array_and_lines_are_the_same() {
    let folder = TempDir::new().unwrap();
    let whole = case(&json!([allow()]), &json!([]));
    let expected = simulate(&whole.to_string()).stdout;
    let pretty = serde_json::to_string_pretty(&whole).unwrap();
    let array = serde_json::to_string_pretty(&json!([whole, whole])).unwrap();
    assert_eq!(simulate(&pretty).stdout, expected);
    assert_eq!(simulate(&array).stdout, expected.repeat(2));
    assert_eq!(simulate(&format!("\u{feff}{whole}\r\n{whole}")).stdout, expected.repeat(2));
    let file = folder.path().join("cases.json");
    std::fs::write(&file, array).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(run(&["simulate", "--static", file], "").stdout, expected.repeat(2));
    assert_eq!(run(&["simulate", "--static", "--batch", file], "").stdout, expected.repeat(2));
}

#[test]
fn nothing_to_simulate_is_an_error() {
    for input in ["", "\n \n", "[]"] {
        let run = simulate(input);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        assert!(run.stderr.contains("there is no case"), "{}", run.stderr);
    }
    let missing = run(&["simulate", "missing.json"], "");
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("missing.json"), "{}", missing.stderr);
}

#[test]
fn each_case_is_answered_as_it_comes() {
    let mut child = spawn(&["simulate"]);
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        writeln!(stdin, "{}", case(&json!([allow()]), &json!([allow()]))).unwrap();
        stdin.flush().unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        assert!(line.contains("Allowed"), "{line}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn many_cases_keep_their_order() {
    let (allowed, denied) = (case(&json!([allow()]), &json!([allow()])), case(&json!([allow()]), &json!([])));
    let mut input = String::new();
    for number in 0..5_000 {
        writeln!(input, "{}", if number % 3 == 0 { &allowed } else { &denied }).unwrap();
    }
    let run = simulate(&input);
    let answers = run.lines();
    assert_eq!(answers.len(), 5_000);
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer["effective"] == "Allowed", number % 3 == 0);
    }
}

#[test]
fn the_matrix_of_the_example() {
    let run = run(&["--demo"], "");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stdout.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 100),
        "{}",
        run.stdout
    );
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn the_matrix_as_json_follows_its_schema() {
    let schema = serde_json::to_value(Matrix::schema()).unwrap();
    let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/guardrails.schema.json");
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let shipped = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        shipped == text,
        "schemas/guardrails.schema.json is stale: UPDATE_SCHEMAS=1 cargo test --test guardrails"
    );
    let matrix = run(&["--demo", "--format", "json"], "").json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&matrix).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let accounts: usize = matrix["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["accounts"].as_array().unwrap().len())
        .sum();
    assert_eq!(matrix["summary"]["accounts"], accounts);
    let worst_first: Vec<usize> = matrix["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let cells = group["cells"].as_array().unwrap();
            cells.iter().filter(|cell| cell["verdict"] == "not_denied").count()
        })
        .collect();
    assert!(worst_first.is_sorted_by(|left, right| left >= right), "{worst_first:?}");
}

#[test]
fn the_matrix_as_sarif_has_the_findings_of_the_rules() {
    let sarif = run(&["--demo", "--format", "sarif"], "").json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"].as_str().unwrap().starts_with("org-deny-")));
    let about_guardrails = |id: &str| {
        ["org-deny-", "org-guardrail-", "org-scp-without-effect", "org-new-account-covered"]
            .iter()
            .any(|start| id.starts_with(start))
    };
    assert!(results.iter().all(|result| about_guardrails(result["ruleId"].as_str().unwrap())));
}

/// An account of the example and an action with this verdict there.
fn found(verdict: &str) -> (String, String) {
    let matrix = run(&["--demo", "--format", "json"], "").json();
    let groups = matrix["groups"].as_array().unwrap();
    let found = groups.iter().find_map(|group| {
        let cells = group["cells"].as_array().unwrap();
        let actions = cells.iter().flat_map(|cell| cell["actions"].as_array().unwrap());
        let action = actions.into_iter().find(|action| action["verdict"] == verdict)?;
        let account = group["accounts"][0]["id"].as_str().unwrap().to_owned();
        Some((account, action["action"].as_str().unwrap().to_owned()))
    });
    assert!(found.is_some(), "nothing in the example is {verdict}");
    found.unwrap()
}

#[test]
fn proofs_agree_with_the_matrix() {
    for (in_matrix, proved, said) in [
        ("denied", "denied", "DENIED"),
        (
            "denied_except_self_service",
            "denied_except",
            "DENIED, BUT ADMINISTRATORS OF THE ACCOUNT GET THROUGH",
        ),
        ("not_denied", "not_denied", "NOT DENIED"),
    ] {
        let (account, action) = found(in_matrix);
        let explained = run(&["explain", &account, &action, "--demo", "--format", "json"], "").json();
        let verdicts: Vec<&Value> =
            explained["proofs"].as_array().unwrap().iter().map(|proof| &proof["verdict"]).collect();
        assert!(verdicts.contains(&&json!(proved)), "{account} {action}: {explained}");
        let text = run(&["explain", &account, &action, "--demo"], "").stdout;
        assert!(text.contains(said), "{text}");
        assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 100), "{text}");
    }
}

#[test]
fn a_proof_that_cannot_be_given_says_why() {
    for (arguments, said) in [
        (["explain", "nobody", "s3:DeleteBucket", "--demo"], "there is no account"),
        (["explain", "111111111111", "s3:*", "--demo"], "without wildcards"),
    ] {
        let run = run(&arguments, "");
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    let exempt = run(&["explain", "111111111111", "cloudtrail:StopLogging", "--demo"], "");
    assert!(exempt.stdout.contains("Exempt: no service control"), "{}", exempt.stdout);
}

#[test]
fn what_is_recommended_is_within_limits_and_closes() {
    let recommended = run(&["recommend", "--demo", "--format", "json"], "").json();
    let policies = recommended["policies"].as_array().unwrap();
    assert!(!policies.is_empty());
    assert!(recommended["proof"]["open_before"].as_u64().unwrap() > 0);
    assert_eq!(recommended["proof"]["open_after"], 0, "{recommended}");
    for policy in policies {
        let document = policy["document"].to_string();
        assert!(document.len() <= 5_120, "{}", document.len());
        for target in policy["targets"].as_array().unwrap() {
            let same = |other: &&Value| {
                other["type"] == policy["type"] && other["targets"].as_array().unwrap().contains(target)
            };
            let more = policies.iter().filter(same).count() as u64;
            assert!(target["attached"].as_u64().unwrap() + more <= 5, "{target}");
        }
    }
}

/// The texts of an element that may be one or several.
fn texts(element: &Value) -> Vec<String> {
    match element {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        single => vec![single.as_str().unwrap().to_owned()],
    }
}

#[test]
fn what_is_recommended_denies_everyone_but_the_designated_roles() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("trailproof.toml");
    std::fs::write(&config, "[organization]\nbreak_glass_roles = [\"BreakGlass\"]\n").unwrap();
    let config = config.to_str().unwrap();
    let recommended = run(&["recommend", "--demo", "--format", "json", "--config", config], "").json();
    assert_eq!(recommended["exempt"], json!(["arn:*:iam::*:role/BreakGlass"]));
    assert_eq!(recommended["proof"]["open_after"], 0, "{recommended}");
    let mut input = String::new();
    let mut asked = 0;
    for policy in recommended["policies"].as_array().unwrap() {
        let document = &policy["document"];
        let scp = policy["type"] == "SERVICE_CONTROL_POLICY";
        for statement in document["Statement"].as_array().unwrap() {
            for action in texts(&statement["Action"]) {
                for resource in texts(&statement["Resource"]) {
                    let resource = if resource == "*" { resource } else { resource.replace('*', "1") };
                    for role in ["app", "BreakGlass"] {
                        let mut case = case(&json!([allow()]), &json!([allow()]));
                        let field = if scp { "hierarchy" } else { "rcpHierarchy" };
                        case[field] = json!([
                            {"id": "r-root", "policies": [allow(), document]},
                            {"id": MEMBER, "policies": [allow()]},
                        ]);
                        if !scp {
                            case["rcpHierarchy"][0]["policies"] = json!([document]);
                            // They bind the resources of the account at the end.
                            let owner = resource.split(':').nth(4).filter(|owner| !owner.is_empty());
                            case["rcpHierarchy"][1] = json!({"id": owner.unwrap_or(MEMBER), "policies": []});
                            if owner.is_none() {
                                case["resourceAccount"] = MEMBER.into();
                            }
                        }
                        case["principal"] = format!("arn:aws:iam::{MEMBER}:role/{role}").into();
                        case["action"] = action.as_str().into();
                        case["resource"] = resource.as_str().into();
                        writeln!(input, "{case}").unwrap();
                        asked += 1;
                    }
                }
            }
        }
    }
    let answers = simulate(&input).lines();
    assert_eq!(answers.len(), asked);
    for (pair, case) in answers.chunks(2).zip(input.lines().step_by(2)) {
        let outcomes = (&pair[0]["effective"], &pair[1]["effective"]);
        assert_eq!(outcomes, (&json!("ExplicitlyDenied"), &json!("Allowed")), "{case}");
    }
}

#[test]
fn terraform_attaches_what_is_recommended() {
    let text = run(&["recommend", "--demo", "--format", "terraform"], "").stdout;
    for said in
        ["resource \"aws_organizations_policy\"", "aws_organizations_policy_attachment", "target_id = "]
    {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    let document = text.lines().find(|line| line.trim_start().starts_with("{\"")).unwrap().trim();
    let document: Value = serde_json::from_str(&document.replace("$${", "${")).unwrap();
    assert_eq!(document["Version"], "2012-10-17");
}

#[test]
fn the_cases_of_the_documentation_are_answered_as_it_says() {
    let page = include_str!("../docs/src/guardrails.md");
    let mut blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let (cases, answers) = (blocks.next().unwrap(), blocks.next().unwrap());
    let run = run(&["simulate", "--batch", "-"], cases);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), answers), "{}", run.stderr);
}
