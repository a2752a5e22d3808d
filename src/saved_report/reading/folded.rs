//! What a report in JSON has folded: which subjects a rule passes, and to which it does not apply. See [`super`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{List, MOST, RuleIn};
use crate::finding::{Verdict, fingerprint_of};
use crate::saved_report::{Entry, Fingerprint, SavedSubject};

#[derive(Deserialize)]
pub(super) struct PassesIn {
    rule_id: String,
    verdict: Verdict,
    subjects: List<(usize, usize)>,
}

/// Adds the findings that were folded.
pub(super) fn unfold(
    passes: &[PassesIn],
    subjects: &[SavedSubject],
    rules: &[RuleIn],
    findings: &mut BTreeMap<Fingerprint, Entry>,
) -> Result<(), String> {
    for folded in passes {
        let rule = rules.iter().find(|rule| *rule.id == folded.rule_id);
        let Some((rule, severity)) = rule.and_then(|rule| Some((rule, rule.severity?))) else {
            return Err(format!("it has passes of {}, and does not say what rule that is", folded.rule_id));
        };
        if !matches!(folded.verdict, Verdict::Pass | Verdict::NotApplicable) {
            return Err(format!("what is folded of {} neither passes nor is not applicable", folded.rule_id));
        }
        for (first, count) in &folded.subjects.0 {
            let row = first.checked_add(*count).and_then(|end| subjects.get(*first..end));
            let row = row.ok_or_else(|| format!("it has fewer subjects than pass {}", folded.rule_id))?;
            for subject in row {
                let SavedSubject { kind, account_id, region, id, .. } = subject;
                let print =
                    fingerprint_of(&rule.id, kind, account_id.as_deref(), region.as_deref(), id).parse()?;
                let (verdict, rule) = (folded.verdict, Arc::clone(&rule.id));
                if findings.insert(print, Entry { verdict, severity, rule, detail: None }).is_some() {
                    return Err(format!("the finding {print} is in it twice"));
                }
                if findings.len() > MOST {
                    return Err("there are more findings than in any report".to_owned());
                }
            }
        }
    }
    Ok(())
}
