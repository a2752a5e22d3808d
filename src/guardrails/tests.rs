//! The rules, the matrix, `explain`, `recommend` and `simulate` answer from one place: over random policies none of them
//! contradicts another.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::explain::Explanation;
use super::matrix::Matrix;
use super::recommend::Recommendation;
use super::simulation::simulate;
use crate::example::{Example, MANAGEMENT, ORGANIZATION_ID};
use crate::facts::Facts;
use crate::facts::guardrail::Guardrail;
use crate::model::{Expectations, Observed, Organization, Places, Policy, PolicyTarget};
use crate::policy::reference::only_region;
use crate::snapshot::Source;

/// A workload two units below the root, and the archive's neighbour.
const ACCOUNTS: [&str; 2] = ["400000000001", "333333333333"];
const FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const CONDITIONS: &[&str] = &[
    r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
    r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Deployer","arn:aws:iam::*:root"]}}"#,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalTag/team":"security"}}"#,
    r#"{"StringNotEqualsIfExists":{"aws:RequestTag/team":["a","b"]}}"#,
    r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
    r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
    r#"{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}"#,
    r#"{"StringEquals":{"aws:PrincipalOrgID":"o-elsewhere01"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}}"#,
    r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-0a"}}"#,
    r#"{"StringNotLike":{"aws:userid":"AROAEXAMPLEROLEID0001:*"}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/BreakGlass"}}"#,
    r#"{"StringEquals":{"aws:PrincipalAccount":"400000000001"}}"#,
    r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"30"}}"#,
    r#"{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#,
    r#"{"Null":{"aws:PrincipalTag/team":"true"}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/BreakGlass/*"}}"#,
    r#"{"StringEquals":{"aws:PrincipalTag/team":"${Team}"}}"#,
    r#"{"StringNotLike":{"aws:PrincipalTag/team":["${Team}*"]}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${Account}:role/BreakGlass"}}"#,
];

const RESOURCES: &[&str] = &[
    "*",
    "*",
    "*",
    "arn:aws:cloudtrail:*:*:trail/*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::*:role/BreakGlass",
    "arn:aws:logs:*:*:log-group:*",
    "arn:aws:guardduty:*:400000000001:detector/*",
    "arn:aws:ec2:*:*:vpc-flow-log/*",
    "arn:aws:s3:::*",
];

fn actions() -> Vec<String> {
    let named = Guardrail::ALL.into_iter().flat_map(Guardrail::actions).map(|action| action.name.to_owned());
    let wide =
        ["*", "cloudtrail:*", "logs:Delete*", "iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:Tag*"];
    named.chain(wide.map(str::to_owned)).collect()
}

fn statement() -> impl Strategy<Value = Value> {
    let action = proptest::collection::vec(proptest::sample::select(actions()), 1..6);
    let resource = proptest::collection::vec(proptest::sample::select(RESOURCES), 1..3);
    let condition = proptest::option::weighted(0.6, proptest::sample::select(CONDITIONS));
    (action, resource, condition, prop::bool::weighted(0.1)).prop_map(|(action, resource, condition, not)| {
        let element = if not { "NotAction" } else { "Action" };
        let condition: Value = serde_json::from_str(condition.unwrap_or("{}")).unwrap();
        json!({ "Effect": "Deny", element: action, "Resource": resource, "Condition": condition })
    })
}

/// Policies with what they are attached to, by the number of the step on the workload's way.
fn policies() -> impl Strategy<Value = Vec<(Vec<Value>, usize)>> {
    let statements = proptest::collection::vec(statement(), 1..4);
    proptest::collection::vec((statements, 0_usize..4), 1..4)
}

struct Drawn {
    facts: Facts,
    source: Source,
    organization: Organization,
}

fn drawn(policies: Vec<(Vec<Value>, usize)>) -> Drawn {
    let mut example = Example::healthy(1, &["eu-central-1"]);
    let places = Places::of(&example.header.organization);
    let way: Vec<String> = places.way(ACCOUNTS[0]).into_iter().map(str::to_owned).collect();
    let Observed::Known(organization) = &mut example.header.organization else { panic!() };
    let Observed::Known(roots) = &mut organization.roots else { panic!() };
    roots[0].enabled_policy_types = vec!["SERVICE_CONTROL_POLICY".to_owned()];
    let Observed::Known(listed) = &mut organization.service_control_policies else { panic!() };
    listed.retain(|policy| policy.name == "FullAWSAccess");
    listed.extend(policies.into_iter().enumerate().map(|(number, (statements, step))| {
        let content = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let target = PolicyTarget { id: way[step % way.len()].clone(), kind: "ANY".to_owned() };
        Policy {
            id: format!("p-drawn{number}"),
            name: format!("drawn-{number}"),
            arn: String::new(),
            aws_managed: false,
            content: Observed::Known(content),
            targets: Observed::Known(vec![target]),
        }
    }));
    let organization = organization.clone();
    let source = Source::Records(Arc::new(example.records()));
    let facts = Facts::build(&source, Expectations::default()).unwrap();
    Drawn { facts, source, organization }
}

/// The levels above an account and itself, as a case has them, with more policies by what they are attached to.
fn hierarchy(organization: &Organization, account: &str, more: &BTreeMap<String, Vec<Value>>) -> Value {
    let known = Observed::Known(organization.clone());
    let level = |id: &str| {
        let attached = organization
            .service_control_policies
            .list()
            .unwrap()
            .iter()
            .filter(|policy| policy.targets.list().unwrap().iter().any(|target| target.id == id));
        let mut policies: Vec<Value> = attached
            .map(|policy| {
                let Observed::Known(content) = &policy.content else { panic!() };
                json!({ "id": policy.id, "document": content })
            })
            .collect();
        if policies.is_empty() {
            policies.push(serde_json::from_str(FULL).unwrap());
        }
        policies.extend(more.get(id).into_iter().flatten().cloned());
        json!({ "id": id, "policies": policies })
    };
    Places::of(&known).way(account).into_iter().map(level).collect()
}

fn simulated(cases: &[Value]) -> Vec<Value> {
    let text = cases.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let mut out = Vec::new();
    simulate(text.as_bytes(), true, &[], &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn case(hierarchy: &Value, account: &str, action: &Value, resource: &str) -> Value {
    // One caller's region, which `*` does not tell, and time; what is compared here is said of every caller. Services with
    // one endpoint are asked in its region.
    let only = only_region(action.as_str().unwrap(), "aws").unwrap_or("eu-central-1");
    json!({
        "hierarchy": hierarchy,
        "orgId": ORGANIZATION_ID,
        "managementAccountId": MANAGEMENT,
        // Where the ARN has the owner's account, that is whose it is.
        "resourceAccount": resource.split(':').nth(4).is_none_or(str::is_empty).then_some(account),
        "principal": format!("arn:aws:iam::{account}:role/fresh"),
        "action": action,
        "resource": resource,
        "context": {
            "aws:RequestedRegion": only,
            "aws:CurrentTime": "2026-12-01T00:00:00Z",
            "aws:userid": "AROAEXAMPLEROLEID0009:fresh",
        },
    })
}

/// What the matrix and a proof of every caller call the same.
fn same(answer: &Value, proved: &Value) -> bool {
    let verdict =
        match (proved["static"].as_str(), proved["defaultCaller"].as_str(), proved["exemptionKind"].as_str())
        {
            (Some("DeniedForAll"), ..) => "denied",
            (Some("DeniedExcept"), Some("Denied"), Some("self-service")) => "denied_except_self_service",
            (Some("DeniedExcept"), Some("Denied"), Some("external")) => "denied_except",
            (Some("DeniedExcept"), Some("Denied"), Some("unknown")) => "unknown",
            (Some("DeniedExcept"), Some("Allowed"), _) | (Some("NotDenied"), ..) => "not_denied",
            _ => "?",
        };
    let kind = answer["exemption_kind"].is_null() || answer["exemption_kind"] == proved["exemptionKind"];
    answer["verdict"] == verdict
        && kind
        && answer["default_caller_denied"] == (proved["defaultCaller"] == "Denied")
}

/// What the matrix and `explain` call the same.
fn explained(answer: &Value, proof: &Value) -> bool {
    let verdict = match answer["verdict"].as_str().unwrap() {
        "denied_except_self_service" | "denied_except" | "denied_except_designated" => "denied_except",
        other => other,
    };
    proof["verdict"] == verdict
        && proof["exemption"] == answer["exemption"]
        && proof["exemption_kind"] == answer["exemption_kind"]
        && proof["exemption_steps"] == answer["exemption_steps"]
        && (proof["default_caller"] == "denied") == answer["default_caller_denied"].as_bool().unwrap()
}

/// The cells of an account by guardrail, with its number filled in.
fn cells(matrix: &Value, account: &str) -> Vec<(Guardrail, Value)> {
    let groups = matrix["groups"].as_array().unwrap();
    let group = groups
        .iter()
        .find(|group| group["accounts"].as_array().unwrap().iter().any(|listed| listed["id"] == account));
    let text = group.unwrap()["cells"].to_string().replace("{account}", account);
    let cells: Vec<Value> = serde_json::from_str(&text).unwrap();
    Guardrail::ALL.into_iter().zip(cells).collect()
}

/// The policies of buckets and keys have a say besides.
fn is_about_the_organizations_policies_alone(guardrail: Guardrail) -> bool {
    !matches!(
        guardrail,
        Guardrail::ArchiveDeletion | Guardrail::ArchiveReconfiguration | Guardrail::KeyDestruction
    )
}

fn agree(drawn: Drawn) -> Result<(), TestCaseError> {
    let Drawn { facts, source, organization } = drawn;
    let matrix = serde_json::to_value(Matrix::of(&facts, &source.survey().unwrap(), &[]).unwrap()).unwrap();
    let mut cases = Vec::new();
    let mut answers: Vec<(&str, Value)> = Vec::new();
    for account in ACCOUNTS {
        let levels = hierarchy(&organization, account, &BTreeMap::new());
        for (guardrail, cell) in cells(&matrix, account) {
            let fails = matches!(cell["verdict"].as_str(), Some("not_denied" | "denied_except_self_service"));
            prop_assert_eq!(fails, !cell["open"].is_null(), "the rule and the matrix: {}", cell);
            prop_assert!(!fails || cell["denied_by"].is_null(), "{}", cell);
            for answer in cell["actions"].as_array().unwrap() {
                let self_service = answer["verdict"] == "denied_except_self_service";
                let steps = answer["exemption_steps"].as_array().unwrap();
                prop_assert_eq!(self_service, !steps.is_empty(), "{}", answer);
                if is_about_the_organizations_policies_alone(guardrail) {
                    let resource = answer["resource"].as_str().unwrap();
                    cases.push(case(&levels, account, &answer["action"], resource));
                    answers.push((account, answer.clone()));
                }
            }
        }
    }
    for ((_, answer), proved) in answers.iter().zip(simulated(&cases)) {
        prop_assert!(same(answer, &proved), "the matrix and simulate: {} {}", answer, proved);
    }
    // One action of each verdict is explained: a proof takes as long as the whole matrix.
    let mut seen = Vec::new();
    for (account, answer) in &answers {
        if seen.contains(&&answer["verdict"]) {
            continue;
        }
        seen.push(&answer["verdict"]);
        let action = answer["action"].as_str().unwrap();
        let explanation = Explanation::of(&facts, &source, account, action, None).unwrap();
        let proofs = serde_json::to_value(&explanation).unwrap()["proofs"].clone();
        let told = proofs
            .as_array()
            .unwrap()
            .iter()
            .any(|proof| proof["resource"] == answer["resource"] && explained(answer, proof));
        prop_assert!(told, "the matrix and explain: {} {}", answer, proofs);
    }
    let recommended = serde_json::to_value(Recommendation::of(facts, &source).unwrap()).unwrap();
    let open: Vec<&(&str, Value)> = answers
        .iter()
        .filter(|(_, answer)| {
            matches!(answer["verdict"].as_str(), Some("not_denied" | "denied_except_self_service"))
        })
        .collect();
    closes(&organization, &open, &recommended)
}

/// With the recommended policies attached, every caller is denied what was open, or it is said that not.
fn closes(
    organization: &Organization,
    open: &[&(&str, Value)],
    recommended: &Value,
) -> Result<(), TestCaseError> {
    let after = recommended["proof"]["open_after"].as_u64().unwrap();
    let not_closed = recommended["not_closed"].as_array().unwrap();
    prop_assert!(after == 0 || !not_closed.is_empty(), "{}", recommended);
    if after > 0 {
        return Ok(());
    }
    let mut more: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for policy in recommended["policies"].as_array().unwrap() {
        if policy["type"] == "SERVICE_CONTROL_POLICY" {
            for target in policy["targets"].as_array().unwrap() {
                let id = target["id"].as_str().unwrap().to_owned();
                more.entry(id).or_default().push(policy["document"].clone());
            }
        }
    }
    let cases: Vec<Value> = open
        .iter()
        .map(|(account, answer)| {
            let levels = hierarchy(organization, account, &more);
            // Where the account holds some things of a kind, those are closed rather than all that there could be.
            case(&levels, account, &answer["action"], answer["resource"].as_str().unwrap())
        })
        .collect();
    for ((_, answer), proved) in open.iter().zip(simulated(&cases)) {
        let pattern = answer["resource"].as_str().is_some_and(|resource| resource.contains('*'));
        prop_assert!(
            proved["static"] == "DeniedForAll" || pattern,
            "recommended, and open all the same: {} {}",
            answer,
            proved
        );
    }
    Ok(())
}

/// `PROPTEST_CASES` asks for more than the few of every run.
fn cases(few: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn all_that_answer_agree(policies in policies()) {
        agree(drawn(policies))?;
    }
}
