//! What is said of one account, said of another that differs from it in nothing but number and name. See [`super`].

use std::sync::Arc;

use serde_json::Value;

use super::{Evidence, Finding};
use crate::facts::{Subject, SubjectKind};

/// From which account to which.
#[derive(Debug, Clone)]
pub struct Alike {
    /// The number of the account that was judged.
    pub own: Arc<str>,
    /// The number of the one that is like it.
    pub other: Arc<str>,
    /// The name of that one.
    pub name: Option<Arc<str>>,
}

impl Alike {
    /// The account of a subject.
    pub(super) fn account<'a>(&'a self, subject: &'a Subject) -> Option<&'a Arc<str>> {
        subject.account_id.as_ref().map(|account| if *account == self.own { &self.other } else { account })
    }

    /// The subject that is to the other account what this one is to the one that was judged.
    pub fn subject(&self, subject: &Arc<Subject>) -> Arc<Subject> {
        let Subject { kind, region, id, arn, name, .. } = &**subject;
        let optional = |text: &Option<Arc<str>>| text.as_ref().map(|text| self.text(text));
        let name = match kind {
            SubjectKind::Account if *id == self.own => self.name.clone(),
            _ => optional(name),
        };
        Arc::new(Subject {
            kind: *kind,
            account_id: self.account(subject).cloned(),
            region: region.clone(),
            id: self.text(id),
            arn: optional(arn),
            name,
        })
    }

    /// The finding that is to the other account what this one is to the one that was judged.
    pub fn finding(&self, finding: Finding) -> Finding {
        let bears_number = |it: &Evidence| it.value.as_ref().is_some_and(|it| self.is_in(it));
        let evidence = if finding.evidence.iter().any(bears_number) {
            finding.evidence.iter().map(|it| self.evidence(it)).collect()
        } else {
            finding.evidence
        };
        Finding {
            subject: self.subject(&finding.subject),
            message: finding.message.as_ref().map(|message| self.text(message)),
            evidence,
            ..finding
        }
    }

    fn text(&self, text: &Arc<str>) -> Arc<str> {
        if text.contains(&*self.own) {
            Arc::from(text.replace(&*self.own, &self.other))
        } else {
            Arc::clone(text)
        }
    }

    fn evidence(&self, evidence: &Evidence) -> Evidence {
        Evidence { path: Arc::clone(&evidence.path), value: evidence.value.as_ref().map(|it| self.value(it)) }
    }

    fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains(&*self.own),
            Value::Array(values) => values.iter().any(|value| self.is_in(value)),
            Value::Object(fields) => fields.values().any(|value| self.is_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(text.replace(&*self.own, &self.other)),
            Value::Array(values) => values.iter().map(|value| self.value(value)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.value(value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}
