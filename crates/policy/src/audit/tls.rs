//! Whether a bucket policy refuses every request that does not come over TLS.

use std::borrow::Cow;

use super::Evidence;
use super::actions::AuditedResource;
use crate::condition::{Condition, Operator};
use crate::context::{Context, ContextValue};
use crate::document::{ActionPattern, Document, Effect, Statement, StatementId};
use crate::glob::Glob;
use crate::pattern::Lookup;
use crate::request::{Principal, Request, Target};
use crate::truth::Truth;

const SECURE_TRANSPORT: &str = "aws:securetransport";

/// The version of TLS, of a request that uses any. That others do not carry the key is not said.
const TLS_VERSION: &str = "s3:tlsversion";

/// What a bucket policy does to requests without TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsEnforcement {
    /// All are denied, by these statements.
    Enforced(Vec<StatementId>),
    /// Some get past the denies: what each gap is, for a message.
    Missing(Vec<String>),
    /// It cannot be told, because of these statements.
    Unknown(Vec<Evidence>),
}

/// Whether requests without TLS (`aws:SecureTransport` is false) are denied to every principal, for every action, on
/// the bucket and on all its objects, by one statement or several together.
pub fn tls_only(document: &Document, bucket_arn: &str) -> TlsEnforcement {
    let targets = [
        ("the bucket itself", Target::exact(bucket_arn)),
        ("the objects", AuditedResource::objects_of(bucket_arn)),
    ];
    let denies: Vec<Statement> = document.with_effect(Effect::Deny).map(in_plain).collect();
    let denies: Vec<&Statement> = denies.iter().filter(|deny| fires(deny) != Firing::OnTls).collect();
    if !denies.iter().any(|deny| fires(deny) != Firing::Elsewhere) {
        return TlsEnforcement::Missing(vec!["no statement denies requests without TLS".to_owned()]);
    }
    let (mut used, mut missing, mut unclear) = (Vec::new(), Vec::new(), Vec::new());
    for (name, target) in targets {
        let covering: Vec<(&Statement, Truth)> = denies
            .iter()
            .map(|deny| (*deny, denied(deny, &target)))
            .filter(|(_, truth)| !truth.is_false())
            .collect();
        let certain: Vec<&Statement> =
            covering.iter().filter(|(_, truth)| truth.is_true()).map(|(deny, _)| *deny).collect();
        let possible: Vec<&Statement> = covering
            .iter()
            .filter(|(deny, truth)| truth.is_true() || undecidable(deny, &target))
            .map(|(deny, _)| *deny)
            .collect();
        if covers_all_actions(&certain) {
            used.extend(certain.iter().map(|deny| deny.id.clone()));
        } else if covers_all_actions(&possible) {
            unclear.extend(possible.iter().filter(|deny| undecidable(deny, &target)).map(|deny| Evidence {
                statement: deny.id.clone(),
                reason: "denies under a condition that cannot be evaluated".to_owned(),
            }));
        } else {
            missing.extend(gaps(name, &target, &denies, &certain));
        }
    }
    let mut seen = std::collections::HashSet::new();
    missing.retain(|gap| seen.insert(gap.clone()));
    if !missing.is_empty() {
        TlsEnforcement::Missing(missing)
    } else if !unclear.is_empty() {
        unclear.sort();
        unclear.dedup();
        TlsEnforcement::Unknown(unclear)
    } else {
        used.sort();
        used.dedup();
        TlsEnforcement::Enforced(used)
    }
}

/// A condition on the version of TLS that holds of a request which names none, and of one with a version below any, holds
/// of every request without TLS, as one that asks for its absence does.
fn in_plain(deny: &Statement) -> Statement {
    let plain = |condition: &Condition| {
        let of_version = |value: ContextValue| condition.holds(&|_| Cow::Owned(value.clone())).is_true();
        let is_met = condition.lowercase_key() == TLS_VERSION
            && of_version(ContextValue::Absent)
            && of_version(ContextValue::one("0"));
        if is_met {
            Condition::new(Operator::new("Bool"), "aws:SecureTransport", &["false".to_owned()], false)
        } else {
            condition.clone()
        }
    };
    Statement { conditions: deny.conditions.iter().map(plain).collect(), ..deny.clone() }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Firing {
    /// It looks at TLS and fires without.
    WithoutTls,
    /// It looks at TLS and cannot fire without.
    OnTls,
    /// It does not look at TLS.
    Elsewhere,
}

fn fires(deny: &Statement) -> Firing {
    let mut about_tls = false;
    let absent: &Lookup<'_> = &|_| Cow::Owned(ContextValue::Absent);
    let tells = |condition: &&Condition| match condition.lowercase_key() {
        SECURE_TRANSPORT => true,
        TLS_VERSION => condition.holds(absent).is_true(),
        _ => false,
    };
    for condition in deny.conditions.iter().filter(tells) {
        about_tls = true;
        if condition.holds(&insecure).is_false() {
            return Firing::OnTls;
        }
    }
    if about_tls { Firing::WithoutTls } else { Firing::Elsewhere }
}

/// What is known of every request without TLS.
fn insecure(key: &str) -> Cow<'static, ContextValue> {
    Cow::Owned(if key == SECURE_TRANSPORT { ContextValue::one("false") } else { ContextValue::Unknown })
}

fn request(target: &Target) -> Request {
    let context = Context::open().with(SECURE_TRANSPORT, ContextValue::one("false"));
    Request { principal: Principal::Any, action: Target::actions("s3:*"), resource: target.clone(), context }
}

/// Whether the statement denies its actions on the target to everyone who comes without TLS.
fn denied(deny: &Statement, target: &Target) -> Truth {
    let request = request(target);
    deny.covers_principal(&request.principal)
        .and(deny.covers_resource(&request))
        .and(deny.conditions_hold(&request))
}

/// Something stands in the way that nobody can evaluate; all other conditions some caller can evade.
fn undecidable(deny: &Statement, target: &Target) -> bool {
    if deny.conditions.iter().any(|condition| !condition.operator().is_known()) {
        return true;
    }
    let mut request = request(target);
    let misplaced = deny.misplaced_variable().is_some();
    let by_version = deny.conditions.iter().any(|condition| condition.lowercase_key() == TLS_VERSION);
    if by_version {
        request.context.set(TLS_VERSION, ContextValue::Absent);
    }
    (misplaced || by_version)
        && deny.covers_principal(&request.principal).is_true()
        && deny.conditions_hold(&request).is_true()
        && (misplaced || deny.covers_resource(&request).is_true())
}

fn covers_all_actions(denies: &[&Statement]) -> bool {
    let all = Target::actions("s3:*");
    if denies.iter().any(|deny| deny.covers_action(&all).is_true()) {
        return true;
    }
    let listed: Vec<&Glob> = denies
        .iter()
        .filter(|deny| !deny.action.negated)
        .flat_map(|deny| &deny.action.patterns)
        .map(ActionPattern::glob)
        .collect();
    // A `NotAction` leaves out what it lists, so the others together must take that in.
    denies.iter().filter(|deny| deny.action.negated).any(|deny| {
        let left_out = deny.action.patterns.iter().map(ActionPattern::glob);
        left_out.into_iter().all(|glob| glob.covered_by(&listed).is_true())
    }) || Glob::wildcard("s3:*").covered_by(&listed).is_true()
}

/// Why the target is not covered, statement by statement.
fn gaps(name: &str, target: &Target, denies: &[&Statement], certain: &[&Statement]) -> Vec<String> {
    let about_tls = denies.iter().filter(|deny| fires(deny) == Firing::WithoutTls);
    let mut gaps: Vec<String> = Vec::new();
    if !certain.is_empty() {
        let actions: Vec<&str> =
            certain.iter().flat_map(|deny| &deny.action.patterns).map(ActionPattern::text).collect();
        let verb = if certain.iter().all(|deny| deny.action.negated) { "leave out" } else { "name" };
        gaps.push(format!(
            "not every action is denied on {name}: the statements {verb} {}",
            actions.join(", ")
        ));
        return gaps;
    }
    for deny in about_tls {
        let request = request(target);
        let id = &deny.id;
        if !deny.covers_resource(&request).is_true() {
            gaps.push(format!("{id} does not cover {name}"));
        }
        if !covers_all_actions(&[deny]) {
            let actions: Vec<&str> = deny.action.patterns.iter().map(ActionPattern::text).collect();
            let reach = if deny.action.negated { "leaves out" } else { "is only about" };
            gaps.push(format!("{id} {reach} {}", actions.join(", ")));
        }
        if !deny.covers_principal(&request.principal).is_true() {
            gaps.push(format!("{id} is not about every principal"));
        }
        let lookup: &Lookup<'_> = &insecure;
        for condition in deny.conditions.iter().filter(|condition| !condition.holds(lookup).is_true()) {
            let (operator, key) = (condition.operator().name(), condition.key());
            gaps.push(format!("{id} denies only under a further condition: {operator} {key}"));
        }
    }
    gaps
}
