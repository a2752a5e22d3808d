//! The report as OSCAL assessment results, version 1.2.1
//! (<https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/assessment-results/json-reference/>).
//!
//! Every finding is an observation about an inventory item, with its rule, verdict and account as properties; each that
//! was decided, or could not be, is a finding about the rule's objective too, and each failure a risk: open, or
//! accepted as a deviation. What the rules say of a framework's control together is in a second result. Identities
//! follow from what they identify, so that the same input gives the same document.

mod controls;
mod items;
mod markup;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use chrono::SecondsFormat;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Report, json};
use crate::facts::Subject;
use crate::finding::Finding;
use items::{FindingItem, InventoryItem, Observation, Risk};
use markup::{Property, line, markup, property, uuid};

/// The version of OSCAL.
pub const OSCAL_VERSION: &str = "1.2.1";

/// The namespace of this program's properties: a name that nobody else has, and no address.
const NAMESPACE: &str = "urn:uuid:986bdfc6-07d0-583a-9488-740f04337482";

/// Outer levels that get lines: a line for each observation, finding and risk.
const LEVELS: usize = 5;

/// Writes the document.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    json::write_levels(&Document { assessment_results: AssessmentResults::new(report) }, LEVELS, out)
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    assessment_results: AssessmentResults<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentResults<'a> {
    uuid: String,
    metadata: Value,
    import_ap: Value,
    local_definitions: Value,
    results: Results<'a>,
    back_matter: Value,
}

/// What the rules say of each resource, then what they say together of each control.
struct Results<'a> {
    of_rules: AssessmentResult<'a>,
    of_controls: Option<Value>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(&self.of_rules)?;
        if let Some(of_controls) = &self.of_controls {
            list.serialize_element(of_controls)?;
        }
        list.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentResult<'a> {
    uuid: String,
    title: String,
    description: String,
    start: String,
    props: Vec<Property>,
    local_definitions: LocalDefinitions<'a>,
    reviewed_controls: Value,
    #[serde(skip_serializing_if = "Items::is_empty")]
    observations: Items<'a, Observation>,
    #[serde(skip_serializing_if = "Items::is_empty")]
    risks: Items<'a, Risk>,
    #[serde(skip_serializing_if = "Items::is_empty")]
    findings: Items<'a, FindingItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct LocalDefinitions<'a> {
    #[serde(skip_serializing_if = "Inventory::is_empty")]
    inventory_items: Inventory<'a>,
    assessment_assets: Value,
}

impl<'a> AssessmentResults<'a> {
    fn new(report: &'a Report) -> Self {
        let time = time(report);
        let whose = match &report.organization {
            Some((id, _)) => format!("AWS Organization {id}"),
            None => format!("AWS account {}", report.caller_account_id),
        };
        let run = format!("{whose} {time} {}", env!("CARGO_PKG_VERSION"));
        let plan = uuid("plan", &run);
        Self {
            uuid: uuid("assessment-results", &run),
            metadata: json!({
                "title": line(&format!("Completeness, protection and integrity of the logs of {whose}")),
                "last-modified": time,
                "version": time,
                "oscal-version": OSCAL_VERSION,
                "props": [property("tool-version", env!("CARGO_PKG_VERSION"))],
            }),
            import_ap: json!({ "href": format!("#{plan}") }),
            local_definitions: controls::objectives(report),
            results: Results {
                of_rules: AssessmentResult::new(report, &run, &whose),
                of_controls: controls::result(report, &run, &whose),
            },
            back_matter: json!({ "resources": [{
                "uuid": plan,
                "title": "The plan of this assessment: the rules that ran",
                "description": markup(&plan_of(report)),
            }] }),
        }
    }
}

fn plan_of(report: &Report) -> String {
    let rules: Vec<String> =
        report.rules().map(|rule| format!("- {} ({}): {}", rule.id, rule.severity, rule.title)).collect();
    format!("Trailproof {} evaluates these rules:\n\n{}", env!("CARGO_PKG_VERSION"), rules.join("\n"))
}

impl<'a> AssessmentResult<'a> {
    fn new(report: &'a Report, run: &str, whose: &str) -> Self {
        let counts = report.summary().by_verdict;
        let tool = uuid("tool", env!("CARGO_PKG_VERSION"));
        let mut props = vec![property("complete", if report.complete() { "true" } else { "false" })];
        for (name, count) in [
            ("count-pass", counts.pass),
            ("count-fail", counts.fail),
            ("count-unknown", counts.unknown),
            ("count-not-applicable", counts.not_applicable),
        ] {
            props.push(property(name, &count.to_string()));
        }
        let scope = report.scope().lines().join("; ");
        props.push(property("scope", &line(&scope)));
        Self {
            uuid: uuid("result", run),
            title: line(&format!("Trailproof on {whose}")),
            description: markup(
                "What the rules say of each resource. A check that could not be decided is a finding that is not \
                 satisfied for another reason than failure.",
            ),
            start: time(report),
            props,
            local_definitions: LocalDefinitions {
                inventory_items: Inventory(report),
                assessment_assets: json!({
                    "components": [{
                        "uuid": tool,
                        "type": "software",
                        "title": "Trailproof",
                        "description": env!("CARGO_PKG_DESCRIPTION"),
                        "props": [property("version", env!("CARGO_PKG_VERSION"))],
                        "status": { "state": "operational" },
                    }],
                    "assessment-platforms": [{
                        "uuid": uuid("platform", env!("CARGO_PKG_VERSION")),
                        "uses-components": [{ "component-uuid": tool }],
                    }],
                }),
            },
            reviewed_controls: controls::reviewed_rules(report),
            observations: Items {
                report,
                make: |report, rule, finding| Some(Observation::new(report, rule, finding)),
            },
            risks: Items { report, make: Risk::new },
            findings: Items { report, make: FindingItem::new },
            remarks: gaps(report),
        }
    }
}

/// What kept the assessment from being complete.
fn gaps(report: &Report) -> Option<String> {
    const MOST: usize = 1_000;
    let gaps = report.gaps();
    let mut lines: Vec<String> =
        gaps.iter().take(MOST).map(|gap| format!("- {}: {}", gap.id, super::words::gap(gap))).collect();
    if gaps.len() > MOST {
        lines.push(format!("- {} more calls did not answer", gaps.len() - MOST));
    }
    (!lines.is_empty()).then(|| markup(&format!("These calls did not answer:\n\n{}", lines.join("\n"))))
}

fn time(report: &Report) -> String {
    report.taken_at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What findings are made into, one at a time.
struct Items<'a, T> {
    report: &'a Report,
    make: fn(&'a Report, &'a super::ReportedRule, &Finding) -> Option<T>,
}

impl<T> Items<'_, T> {
    fn is_empty(&self) -> bool {
        self.report.findings().all(|(rule, finding)| (self.make)(self.report, rule, &finding).is_none())
    }
}

impl<T: Serialize> Serialize for Items<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let made = |(rule, finding)| (self.make)(self.report, rule, &finding);
        serializer.collect_seq(self.report.findings().filter_map(made))
    }
}

/// Every subject of a finding, once.
struct Inventory<'a>(&'a Report);

impl Inventory<'_> {
    fn is_empty(&self) -> bool {
        self.0.findings().next().is_none()
    }
}

impl Serialize for Inventory<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut known = BTreeSet::new();
        let mut list = serializer.serialize_seq(None)?;
        for (_, Finding { subject, .. }) in self.0.findings() {
            let Subject { kind, account_id, region, id, .. } = &*subject;
            if known.insert((*kind, account_id.clone(), region.clone(), Arc::clone(id))) {
                list.serialize_element(&InventoryItem::new(&subject))?;
            }
        }
        list.end()
    }
}

#[cfg(test)]
mod tests;
