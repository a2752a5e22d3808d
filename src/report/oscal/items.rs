//! What one finding becomes: an inventory item, an observation, a finding and a risk.

use serde::Serialize;
use serde_json::{Value, json};

use super::controls::objective;
use super::markup::{Property, line, markup, own_property, property, string, uuid};
use super::time;
use crate::facts::Subject;
use crate::finding::{Evidence, Finding, Verdict, Waiver, fingerprint};
use crate::report::remedy::Remedy;
use crate::report::{Report, ReportedRule, words};

/// Gaps that one finding names in words.
const GAPS_IN_WORDS: usize = 20;

/// What was looked at.
#[derive(Serialize)]
pub(super) struct InventoryItem {
    uuid: String,
    description: String,
    props: Vec<Property>,
}

/// What was seen.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Observation {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    methods: [&'static str; 1],
    types: [&'static str; 1],
    subjects: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_evidence: Vec<Value>,
    collected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

/// What follows for the rule's objective.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct FindingItem {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    target: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_observations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_risks: Vec<Value>,
}

/// What a failure means.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Risk {
    uuid: String,
    title: String,
    description: String,
    statement: String,
    props: Vec<Property>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    remediations: Vec<Value>,
    related_observations: [Value; 1],
}

impl InventoryItem {
    pub(super) fn new(subject: &Subject) -> Self {
        let mut props =
            vec![property("subject-kind", subject.kind.as_str()), property("subject-id", &subject.id)];
        for (name, value) in [
            ("account-id", &subject.account_id),
            ("region", &subject.region),
            ("arn", &subject.arn),
            ("name", &subject.name),
        ] {
            props.extend(value.as_deref().map(|value| property(name, value)));
        }
        Self { uuid: item(subject), description: markup(&described(subject)), props }
    }
}

fn item(subject: &Subject) -> String {
    // As the fingerprint, which tells things apart by these.
    uuid("inventory-item", &fingerprint("", subject))
}

fn described(subject: &Subject) -> String {
    let name = subject.name.as_deref().unwrap_or(&subject.id);
    let kind = subject.kind.as_str().replace('_', " ");
    let account = subject.account_id.as_deref().map(|id| format!(" of account {id}")).unwrap_or_default();
    let region = subject.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    format!("{kind} {name}{account}{region}")
}

/// What a finding is counted by.
fn props(rule: &ReportedRule, finding: &Finding, print: &str) -> Vec<Property> {
    let subject = &finding.subject;
    let mut props = vec![
        property("rule-id", &rule.id),
        property("severity", rule.severity.as_str()),
        property("verdict", finding.verdict.as_str()),
        property("fingerprint", print),
    ];
    props.extend(subject.account_id.as_deref().map(|id| property("account-id", id)));
    props.extend(finding.waiver.as_deref().map(|waiver| property("waiver-id", &waiver.id)));
    props
}

/// An observation is of its time; the finding and the risk that it leads to last.
fn observation(report: &Report, print: &str) -> String {
    uuid("observation", &format!("{print} {}", time(report)))
}

impl Observation {
    pub(super) fn new(report: &Report, rule: &ReportedRule, finding: &Finding) -> Self {
        let print = fingerprint(&rule.id, &finding.subject);
        Self {
            uuid: observation(report, &print),
            title: line(&rule.title),
            description: markup(Report::message(rule, finding)),
            props: props(rule, finding, &print),
            methods: ["TEST"],
            types: ["control-objective"],
            subjects: [json!({
                "subject-uuid": item(&finding.subject),
                "type": "inventory-item",
                "title": line(&described(&finding.subject)),
            })],
            relevant_evidence: finding.evidence.iter().map(evidence).collect(),
            collected: time(report),
            remarks: words::gaps(report, finding, GAPS_IN_WORDS).map(|text| markup(&text)),
        }
    }
}

fn evidence(evidence: &Evidence) -> Value {
    let Evidence { path, value } = evidence;
    let text = match value {
        Some(value) => format!("{path} = {value}"),
        None => format!("{path} could not be read"),
    };
    json!({ "description": markup(&text), "props": [property("fact", path)] })
}

impl FindingItem {
    pub(super) fn new(report: &Report, rule: &ReportedRule, finding: &Finding) -> Option<Self> {
        let waiver = finding.waiver.as_deref();
        let status = match finding.verdict {
            Verdict::NotApplicable => return None,
            Verdict::Pass => json!({ "state": "satisfied", "reason": "pass" }),
            Verdict::Fail => match waiver {
                None => json!({ "state": "not-satisfied", "reason": "fail" }),
                Some(waiver) => json!({
                    "state": "not-satisfied",
                    "reason": "other",
                    "remarks": markup(&words::waiver(waiver)),
                }),
            },
            Verdict::Unknown => json!({
                "state": "not-satisfied",
                "reason": "other",
                "remarks": markup(&match words::gaps(report, finding, GAPS_IN_WORDS) {
                    Some(gaps) => format!("Unknown: it could not be decided.\n\n{gaps}"),
                    None => "Unknown: it could not be decided.".to_owned(),
                }),
            }),
        };
        let print = fingerprint(&rule.id, &finding.subject);
        let related_risks = match finding.verdict {
            Verdict::Fail => vec![json!({ "risk-uuid": uuid("risk", &print) })],
            _ => Vec::new(),
        };
        Some(Self {
            uuid: uuid("finding", &print),
            title: line(&rule.title),
            description: markup(Report::message(rule, finding)),
            props: props(rule, finding, &print),
            target: json!({ "type": "objective-id", "target-id": objective(rule), "status": status }),
            related_observations: vec![json!({ "observation-uuid": observation(report, &print) })],
            related_risks,
        })
    }
}

impl Risk {
    pub(super) fn new(report: &Report, rule: &ReportedRule, finding: &Finding) -> Option<Self> {
        if finding.verdict != Verdict::Fail {
            return None;
        }
        let waiver = finding.waiver.as_deref();
        let print = fingerprint(&rule.id, &finding.subject);
        let mut remediations = vec![json!({
            "uuid": uuid("recommendation", &print),
            "lifecycle": "recommendation",
            "title": "What to do about it",
            "description": markup(&Remedy::of(report, rule, finding).whole()),
        })];
        remediations.extend(waiver.map(|waiver| acceptance(waiver, &print)));
        Some(Self {
            uuid: uuid("risk", &print),
            title: line(&rule.title),
            description: markup(Report::message(rule, finding)),
            statement: markup(&rule.rationale),
            props: props(rule, finding, &print),
            status: if waiver.is_some() { "deviation-approved" } else { "open" },
            deadline: waiver.map(|waiver| format!("{}T23:59:59Z", waiver.expires)),
            remediations,
            related_observations: [json!({ "observation-uuid": observation(report, &print) })],
        })
    }
}

/// That the risk is accepted, by whom and how long.
fn acceptance(waiver: &Waiver, print: &str) -> Value {
    let mut props = vec![
        // What kind of response it is.
        own_property("type", "accept"),
        property("waiver-id", &waiver.id),
        property("owner", &waiver.owner),
        property("expires", &waiver.expires.to_string()),
    ];
    props.extend(waiver.ticket.as_deref().map(|ticket| property("ticket", ticket)));
    json!({
        "uuid": uuid("acceptance", &format!("{print} {}", string(&waiver.id))),
        "lifecycle": "completed",
        "title": "The risk is accepted",
        "description": markup(&words::waiver(waiver)),
        "props": props,
    })
}
