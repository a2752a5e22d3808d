//! The statement that closes what a proof finds open. See [`super`].

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Question, Verdict};
use crate::document::Document;
use crate::exemption::ExemptionKind;
use crate::hierarchy::{AttachedPolicy, Guardrails, Level};
use crate::request::Target;

impl Guardrails<'_> {
    /// The smallest statement of a service control policy that closes what the question finds open, exempting only
    /// the designated roles: as JSON. `None` where nothing is open, or no such statement can close it, as in the
    /// management account. It is proved to suffice by [`Self::prove`] with the statement attached.
    pub fn closing_statement(&self, question: &Question<'_>) -> Option<Value> {
        if is_closed(&self.prove(question).verdict) {
            return None;
        }
        let statement = statement(question);
        let policy = attached(&statement)?;
        let mut hierarchy = self.service_control.cloned().unwrap_or_default();
        if let Some(level) = hierarchy.levels.last_mut() {
            level.policies.push(policy);
        } else {
            // A level without `Allow` would deny all by itself, and nothing would be proved of the statement.
            let full = attached(&json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))?;
            let policies = vec![full, policy];
            hierarchy.levels.push(Level { id: String::new(), policies, unread: false });
        }
        let closed = Guardrails { service_control: Some(&hierarchy), ..self.clone() };
        is_closed(&closed.prove(question).verdict).then_some(statement)
    }
}

/// Denied for all but the designated roles, whatever else the levels say that could not be read.
fn is_closed(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::DeniedForAll { .. } => true,
        Verdict::DeniedExcept { exemption } | Verdict::Unknown { at_most: Some(exemption), .. } => {
            exemption.kind() >= ExemptionKind::Designated
        }
        Verdict::NotDenied | Verdict::Unknown { at_most: None, .. } => false,
    }
}

fn attached(statement: &Value) -> Option<AttachedPolicy> {
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let document = Arc::new(Document::parse(&policy.to_string()).ok()?);
    Some(AttachedPolicy { id: "closing".to_owned(), document })
}

fn statement(question: &Question<'_>) -> Value {
    let resource = match question.resource {
        Target::Exact(text) => text.clone(),
        Target::AnyOf(glob) => glob.to_string(),
    };
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!("Deny"));
    statement.insert("Action".to_owned(), json!(question.action));
    statement.insert("Resource".to_owned(), json!(resource));
    if !question.designated.is_empty() {
        let roles: Vec<String> = question.designated.iter().map(ToString::to_string).collect();
        let condition = json!({ "ArnNotLike": { "aws:PrincipalArn": roles } });
        statement.insert("Condition".to_owned(), condition);
    }
    Value::Object(statement)
}
