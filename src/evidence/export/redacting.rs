//! The redacted inputs of a bundle, which must lead to the same verdicts as the whole ones.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::contents::{Inputs, RunError};
use super::super::redact::{RedactError, Redaction, Redactor};
use super::ExportError;
use crate::finding::Finding;
use crate::report::Report;
use crate::rules::{RuleSet, RuleText};
use crate::snapshot::Source;

/// The redacted snapshot's name until it is in the bundle.
pub(super) const SNAPSHOT: &str = "snapshot.jsonl.zst";

/// The inputs without what is to be removed, and what the rules find in them, which is the same.
pub(super) fn redact(
    level: Redaction,
    inputs: &Inputs,
    report: &Report,
    folder: &Path,
) -> Result<(Inputs, Report), ExportError> {
    let path = folder.join(SNAPSHOT);
    let own = own_rules(&inputs.rules)?;
    let text = |value: Result<String, serde_json::Error>| value.map_err(RedactError::from);
    let mut others = vec![text(serde_json::to_string(&inputs.settings))?];
    others.push(text(serde_json::to_string(&inputs.attestations))?);
    others.extend(own.iter().map(|rule| rule.text.clone()));
    let mut waivers = Vec::new();
    for path in &inputs.waivers {
        waivers.push(
            std::fs::read_to_string(path)
                .map_err(|source| ExportError::Read { path: path.clone(), source })?,
        );
    }
    others.extend(waivers.iter().cloned());
    let redactor = Redactor::learn(level, &inputs.snapshot, others)?;
    redactor.write(&inputs.snapshot, &path)?;
    let mut redacted_waivers = Vec::new();
    for (number, (before, text)) in inputs.waivers.iter().zip(waivers).enumerate() {
        let path = folder.join(format!("waivers-{number}.{}", extension(before)));
        std::fs::write(&path, redactor.text(&text)).map_err(ExportError::Temporary)?;
        redacted_waivers.push(path);
    }
    let rules = inputs.rules.iter().map(|rule| {
        let text = if own.contains(&rule) { redactor.text(&rule.text) } else { rule.text.clone() };
        RuleText { text, ..rule.clone() }
    });
    let redacted = Inputs {
        snapshot: Source::Files(vec![path]),
        rules: rules.collect(),
        settings: redactor.value(&inputs.settings)?,
        attestations: redactor.value(&inputs.attestations)?,
        waivers: redacted_waivers,
    };
    let after = redacted.report()?;
    same_verdicts(&redactor, report, &after)?;
    Ok((redacted, after))
}

/// Rules that are not this program's: their texts may name accounts. This program's name examples.
fn own_rules(rules: &[RuleText]) -> Result<Vec<&RuleText>, ExportError> {
    let builtin = RuleSet::builtin().map_err(RunError::from)?;
    let builtin: Vec<RuleText> = builtin.rules().iter().map(crate::rules::Rule::source).collect();
    Ok(rules.iter().filter(|rule| !builtin.contains(rule)).collect())
}

fn same_verdicts(redactor: &Redactor, before: &Report, after: &Report) -> Result<(), RedactError> {
    let outcome = |finding: &Finding| (finding.verdict, finding.waiver.is_some());
    let mut expected: BTreeMap<String, _> = before
        .findings()
        .map(|(rule, finding)| (redactor.fingerprint(rule, &finding), (outcome(&finding), rule.id.as_str())))
        .collect();
    let mut others = Vec::new();
    for (rule, finding) in after.findings() {
        let fingerprint = crate::finding::fingerprint(&rule.id, &finding.subject);
        if expected.remove(&fingerprint).is_none_or(|(before, _)| before != outcome(&finding)) {
            others.push(rule.id.as_str());
        }
    }
    others.extend(expected.into_values().map(|(_, rule)| rule));
    match others.first() {
        None => Ok(()),
        Some(rule) => Err(RedactError::Verdicts { count: others.len(), rule: (*rule).to_owned() }),
    }
}

/// By its extension a file of waivers is YAML or TOML.
pub(super) fn extension(path: &Path) -> &'static str {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    if extension == "yaml" || extension == "yml" { "yaml" } else { "toml" }
}
