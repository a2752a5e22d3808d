//! Rules as objectives, the controls of frameworks that were reviewed, and what the rules say of each.

use serde_json::{Value, json};

use super::markup::{Property, line, markup, property, token, uuid};
use super::time;
use crate::frameworks::ControlVerdict;
use crate::report::{ControlResult, FrameworkResult, Report, ReportedRule, words};

/// The identity of a rule's objective.
pub(super) fn objective(rule: &ReportedRule) -> String {
    token(&format!("{}_obj", rule.id))
}

/// What each rule assesses.
pub(super) fn objectives(report: &Report) -> Value {
    let objectives: Vec<Value> = report
        .rules()
        .map(|rule| {
            json!({
                "control-id": token(&rule.id),
                "description": markup(&rule.title),
                "parts": [{
                    "id": objective(rule),
                    "name": "assessment-objective",
                    "title": line(&rule.title),
                    "prose": markup(&rule.rationale),
                }],
            })
        })
        .collect();
    json!({ "objectives-and-methods": objectives })
}

/// The rules that ran.
pub(super) fn reviewed_rules(report: &Report) -> Value {
    let rules: Vec<Value> = report.rules().map(|rule| json!({ "control-id": token(&rule.id) })).collect();
    let objectives: Vec<Value> =
        report.rules().map(|rule| json!({ "objective-id": objective(rule) })).collect();
    json!({
        "description": "The rules that ran, each as a control of its own with one objective.",
        "control-selections": [{
            "description": "The rules of Trailproof that ran",
            "include-controls": rules,
        }],
        "control-objective-selections": [{ "include-objectives": objectives }],
    })
}

/// Of each framework the controls that the rules tell about, and what they say of each: a result of its own, so that
/// its findings are not counted among those about resources. `None` where they tell of no framework.
pub(super) fn result(report: &Report, run: &str, whose: &str) -> Option<Value> {
    let selections: Vec<Value> = report.frameworks().iter().filter_map(selection).collect();
    if selections.is_empty() {
        return None;
    }
    let time = time(report);
    let (mut observations, mut risks, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for framework in report.frameworks() {
        for control in &framework.controls {
            if control.verdict == ControlVerdict::NotCovered {
                continue;
            }
            let about = Assessed::new(framework, control);
            observations.push(about.observation(&time));
            risks.extend(about.risk(&time));
            findings.push(about.finding(&time));
        }
    }
    let mut result = json!({
        "uuid": uuid("result-of-controls", run),
        "title": line(&format!("Controls of frameworks, by Trailproof on {whose}")),
        "description": "What the rules say together of each control. The result before this one has the resources.",
        "start": time,
        "reviewed-controls": {
            "description": "The controls about logging and auditing that the rules tell about. Frameworks have other \
                            controls; those are not assessed here.",
            "control-selections": selections,
        },
        "observations": observations,
        "findings": findings,
    });
    if let (false, Some(fields)) = (risks.is_empty(), result.as_object_mut()) {
        fields.insert("risks".to_owned(), risks.into());
    }
    Some(result)
}

fn selection(framework: &FrameworkResult) -> Option<Value> {
    let (reviewed, rest): (Vec<&ControlResult>, Vec<&ControlResult>) =
        framework.controls.iter().partition(|control| control.verdict != ControlVerdict::NotCovered);
    if reviewed.is_empty() {
        return None;
    }
    let mut tokens: Vec<String> = reviewed.iter().map(|control| control_id(framework, control)).collect();
    tokens.dedup();
    let mut selection = json!({
        "description": line(&words::standard(&framework.name, &framework.version)),
        "props": [property("framework", &framework.id)],
        "include-controls": tokens.iter().map(|id| json!({ "control-id": id })).collect::<Vec<_>>(),
    });
    if let (false, Some(fields)) = (rest.is_empty(), selection.as_object_mut()) {
        let rest: Vec<&str> = rest.iter().map(|control| control.id.as_str()).collect();
        let remarks =
            format!("About logging too, but not covered by the rules that ran: {}", rest.join(", "));
        fields.insert("remarks".to_owned(), markup(&remarks).into());
    }
    Some(selection)
}

/// NIST's catalogue has identities of its own, `au-9.2` for AU-9(2); others get their framework before them.
fn control_id(framework: &FrameworkResult, control: &ControlResult) -> String {
    if framework.id.starts_with("nist-800-53") || framework.id.starts_with("fedramp") {
        return token(&control.id.to_lowercase().replace('(', ".").replace(')', ""));
    }
    token(&format!("{}_{}", framework.id, control.id))
}

/// A control and what the rules say of it together.
struct Assessed<'a> {
    framework: &'a FrameworkResult,
    control: &'a ControlResult,
    identity: String,
    title: String,
    description: String,
}

impl<'a> Assessed<'a> {
    fn new(framework: &'a FrameworkResult, control: &'a ControlResult) -> Self {
        let counts = control.counts;
        let said = format!(
            "{} passed, {} failed ({} of them accepted), {} unknown",
            counts.pass, counts.fail, control.waived, counts.unknown
        );
        let note = control.note.as_deref().map(|note| format!("\n\n{note}")).unwrap_or_default();
        Self {
            framework,
            control,
            identity: format!("{} {}", framework.id, control.id),
            title: line(&format!(
                "{} {}: {}",
                words::standard(&framework.name, &framework.version),
                control.id,
                control.topic
            )),
            description: markup(&format!("{said} in the rules {}.{note}", control.rules.join(", "))),
        }
    }

    fn props(&self) -> [Property; 3] {
        [
            property("framework", &self.framework.id),
            property("control-id", &self.control.id),
            property("control-verdict", self.control.verdict.as_str()),
        ]
    }

    /// Every failure is an accepted risk.
    fn accepted(&self) -> bool {
        self.control.waived == self.control.counts.fail
    }

    /// An observation is of its time; the finding and the risk that it leads to last.
    fn observed(&self, time: &str) -> String {
        uuid("observation-of-control", &format!("{} {time}", self.identity))
    }

    fn observation(&self, time: &str) -> Value {
        let rule = |rule: &String| {
            json!({
                "description": markup(&format!("The findings of the rule {rule}, in the result before this one")),
                "props": [property("rule-id", rule)],
            })
        };
        json!({
            "uuid": self.observed(time),
            "title": self.title,
            "description": self.description,
            "props": self.props(),
            "methods": ["TEST"],
            "types": ["control-objective"],
            "relevant-evidence": self.control.rules.iter().map(rule).collect::<Vec<_>>(),
            "collected": time,
        })
    }

    fn risk(&self, time: &str) -> Option<Value> {
        (self.control.verdict == ControlVerdict::Fail).then(|| {
            json!({
                "uuid": uuid("risk-of-control", &self.identity),
                "title": self.title,
                "description": self.description,
                "statement": "Rules that tell about the control fail: their findings and risks are in the result \
                              before this one.",
                "props": self.props(),
                "status": if self.accepted() { "deviation-approved" } else { "open" },
                "related-observations": [{ "observation-uuid": self.observed(time) }],
            })
        })
    }

    fn finding(&self, time: &str) -> Value {
        let status = match self.control.verdict {
            ControlVerdict::Pass => json!({ "state": "satisfied", "reason": "pass" }),
            ControlVerdict::Fail if self.accepted() => json!({
                "state": "not-satisfied",
                "reason": "other",
                "remarks": "Every failure is an accepted risk.",
            }),
            ControlVerdict::Fail => json!({ "state": "not-satisfied", "reason": "fail" }),
            ControlVerdict::Unknown | ControlVerdict::NotCovered => json!({
                "state": "not-satisfied",
                "reason": "other",
                "remarks": "Unknown: nothing failed, but not everything could be decided.",
            }),
        };
        // A finding is about an objective or a statement, never about a control: its statement has this identity in
        // NIST's catalogue.
        let statement = format!("{}_smt", control_id(self.framework, self.control));
        let mut finding = json!({
            "uuid": uuid("control", &self.identity),
            "title": self.title,
            "description": self.description,
            "props": self.props(),
            "target": { "type": "statement-id", "target-id": statement, "status": status },
            "related-observations": [{ "observation-uuid": self.observed(time) }],
        });
        if let (ControlVerdict::Fail, Some(fields)) = (self.control.verdict, finding.as_object_mut()) {
            let risk = json!([{ "risk-uuid": uuid("risk-of-control", &self.identity) }]);
            fields.insert("related-risks".to_owned(), risk);
        }
        finding
    }
}
