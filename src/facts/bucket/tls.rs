//! Which requests without TLS a bucket policy lets through, for the message of a rule. See [`super`]; whether any get
//! through is decided by [`crate::policy::audit::tls_only`].

use crate::facts::words::{and, clauses};
use crate::policy::{
    ActionPattern, Context, ContextValue, Document, Effect, Principal, Request, Statement, Target,
};

const SECURE_TRANSPORT: &str = "aws:securetransport";

/// What the statements that deny requests without TLS are limited to; `None` if nothing is missing.
pub(super) fn problem(document: &Document, bucket_arn: &str, missing: &[String]) -> Option<String> {
    if missing.is_empty() {
        return None;
    }
    let insecure = Context::open().with(SECURE_TRANSPORT, ContextValue::one("false"));
    let request = |resource: Target| Request {
        principal: Principal::Any,
        action: Target::actions("s3:*"),
        resource,
        context: insecure.clone(),
    };
    let bucket = request(Target::exact(bucket_arn));
    let objects = request(Target::resources(&format!("{bucket_arn}/*")));
    let about_tls = |deny: &&Statement| {
        let named = deny.conditions.iter().any(|condition| condition.lowercase_key() == SECURE_TRANSPORT);
        named && !deny.conditions_hold(&bucket).is_false()
    };
    let denies: Vec<&Statement> = document.with_effect(Effect::Deny).filter(about_tls).collect();
    if denies.is_empty() {
        return Some("no statement of its policy denies them".to_owned());
    }
    let limits: Vec<String> = denies.iter().filter_map(|deny| limits(deny, &bucket, &objects)).collect();
    clauses(&limits).or_else(|| clauses(missing))
}

/// What keeps one statement from denying all of them; `None` if nothing does.
fn limits(deny: &Statement, bucket: &Request, objects: &Request) -> Option<String> {
    let mut limits = Vec::new();
    if !deny.covers_action(&bucket.action).is_true() {
        let actions: Vec<&str> = deny.action.patterns.iter().map(ActionPattern::text).collect();
        let other = if deny.action.negated { "other actions than" } else { "actions" };
        limits.push(match (deny.action.negated, actions.as_slice()) {
            (false, [action]) => format!("for {action}"),
            _ => format!("for {other} {}", and(&actions)),
        });
    }
    match (deny.covers_resource(bucket).is_true(), deny.covers_resource(objects).is_true()) {
        (true, true) => {}
        (true, false) => limits.push("on the bucket itself".to_owned()),
        (false, true) => limits.push("on objects".to_owned()),
        (false, false) => limits.push("on some objects".to_owned()),
    }
    if !deny.covers_principal(&bucket.principal).is_true() {
        limits.push("for some callers".to_owned());
    }
    let further: Vec<&str> = deny
        .conditions
        .iter()
        .filter(|condition| condition.lowercase_key() != SECURE_TRANSPORT)
        .map(crate::policy::Condition::key)
        .collect();
    if !further.is_empty() {
        limits.push(format!("under a further condition on {}", and(&further)));
    }
    (!limits.is_empty()).then(|| format!("{} denies them only {}", deny.id, limits.join(" ")))
}
