//! Rules as objectives, the controls of frameworks that were reviewed, and what the rules say of each.

use serde_json::{Value, json};

use super::items::FindingItem;
use super::markup::{line, markup, property, token, uuid};
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

/// The rules that ran, and of each framework the controls that they tell about.
pub(super) fn reviewed(report: &Report) -> Value {
    let rules: Vec<Value> = report.rules().map(|rule| json!({ "control-id": token(&rule.id) })).collect();
    let objectives: Vec<Value> =
        report.rules().map(|rule| json!({ "objective-id": objective(rule) })).collect();
    let mut selections = vec![json!({
        "description": "The rules of Trailproof that ran",
        "include-controls": rules,
    })];
    selections.extend(report.frameworks().iter().filter_map(selection));
    json!({
        "description": "The rules that ran, and the controls about logging and auditing that they tell about. \
                        Frameworks have other controls; those are not assessed here.",
        "control-selections": selections,
        "control-objective-selections": [{ "include-objectives": objectives }],
    })
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

/// What the rules say together of each control that they tell about.
pub(super) fn findings(report: &Report) -> impl Iterator<Item = FindingItem> {
    report.frameworks().iter().flat_map(|framework| {
        framework.controls.iter().filter_map(move |control| of_control(framework, control))
    })
}

fn of_control(framework: &FrameworkResult, control: &ControlResult) -> Option<FindingItem> {
    let counts = control.counts;
    let said = format!(
        "{} passed, {} failed ({} of them accepted), {} unknown",
        counts.pass, counts.fail, control.waived, counts.unknown
    );
    let status = match control.verdict {
        ControlVerdict::NotCovered => return None,
        ControlVerdict::Pass => json!({ "state": "satisfied", "reason": "pass" }),
        ControlVerdict::Fail if control.waived == counts.fail => json!({
            "state": "not-satisfied",
            "reason": "other",
            "remarks": "Every failure is an accepted risk.",
        }),
        ControlVerdict::Fail => json!({ "state": "not-satisfied", "reason": "fail" }),
        ControlVerdict::Unknown => json!({
            "state": "not-satisfied",
            "reason": "other",
            "remarks": "Unknown: nothing failed, but not everything could be decided.",
        }),
    };
    let id = control_id(framework, control);
    let note = control.note.as_deref().map(|note| format!("\n\n{note}")).unwrap_or_default();
    Some(FindingItem {
        uuid: uuid("control", &format!("{} {}", framework.id, control.id)),
        title: line(&format!(
            "{} {}: {}",
            words::standard(&framework.name, &framework.version),
            control.id,
            control.topic
        )),
        description: markup(&format!("{said} in the rules {}.{note}", control.rules.join(", "))),
        props: vec![
            property("framework", &framework.id),
            property("control-id", &control.id),
            property("control-verdict", control.verdict.as_str()),
        ],
        target: json!({ "type": "objective-id", "target-id": id, "status": status }),
        related_observations: Vec::new(),
        related_risks: Vec::new(),
    })
}
