//! What the guardrails decide about one caller never contradicts what they decide about all.

use std::sync::Arc;

use serde_json::json;

use crate::draw::{ACCOUNT, Draw, ORGANIZATION, PolicyDraw, SIBLING};
use trailproof_policy::{
    Access, AccountEquivalence, AttachedPolicy, Callers, Context, ContextValue, DefaultCaller, Document,
    ExemptionKind, Glob, Guardrails, Hierarchy, Level, Organization, Outcome, Principal, Proof, Question,
    Request, Target, Verdict, canonical_resource,
};

/// Judges the drawn request, and all requests of its kind, by the drawn guardrails.
pub fn evaluate(draw: &Draw) {
    let service_control = hierarchy(&draw.service_control, false);
    let resource_control = draw.resource_control.as_ref().map(|levels| hierarchy(levels, true));
    let guardrails = guardrails(&service_control, resource_control.as_ref());
    let request = request(draw);
    let bound = guardrails.unbound(&request.principal, None).is_none();
    let outcome = guardrails.evaluate(&request).outcome;

    if bound {
        let designated = designated(draw);
        let proof = prove(&guardrails, draw, &designated, ACCOUNT);
        check_proof(&proof, outcome);
        check_closing(&guardrails, draw, &designated);
        check_group(&service_control, resource_control.as_ref(), draw, &proof);
    } else if resource_control.is_none() {
        assert_eq!(outcome, Outcome::Allowed, "who is not bound is not denied");
    }
    check_levels(&service_control, resource_control.as_ref(), &request, bound, outcome);
    check_access(guardrails, draw, &request, outcome);
}

/// What is sure of all requests of a kind holds for each of them.
pub(crate) fn agree(concrete: Outcome, open: Outcome) {
    assert!(open == Outcome::Unknown || open == concrete, "all: {open:?}, one of them: {concrete:?}");
}

fn guardrails<'a>(service: &'a Hierarchy, resource: Option<&'a Hierarchy>) -> Guardrails<'a> {
    let organization = Organization {
        id: Some(ORGANIZATION.to_owned()),
        management_account: Some("999999999999".to_owned()),
    };
    Guardrails {
        organization,
        service_control: Some(service),
        resource_control: resource,
        ..Guardrails::default()
    }
}

fn hierarchy(levels: &[Vec<PolicyDraw>], resource_control: bool) -> Hierarchy {
    let drawn = levels.iter().take(3).enumerate();
    let mut levels: Vec<Level> = drawn
        .map(|(index, policies)| Level {
            id: format!("ou-{index}"),
            policies: policies
                .iter()
                .take(3)
                .enumerate()
                .filter_map(|(place, policy)| drawn_policy(place, policy, resource_control))
                .collect(),
            unread: false,
        })
        .collect();
    let full = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    levels.push(Level { id: ACCOUNT.to_owned(), policies: vec![attached("p-full", full)], unread: false });
    Hierarchy { levels }
}

fn drawn_policy(place: usize, policy: &PolicyDraw, of_resource: bool) -> Option<AttachedPolicy> {
    let document = Document::parse(&policy.text(of_resource)).ok()?;
    Some(AttachedPolicy { id: format!("p-{place}"), document: Arc::new(document) })
}

fn attached(id: &str, text: &str) -> AttachedPolicy {
    let document = Document::parse(text).expect("a document that AWS takes");
    AttachedPolicy { id: id.to_owned(), document: Arc::new(document) }
}

fn request(draw: &Draw) -> Request {
    let arn = draw.caller().to_owned();
    let principal = Principal::AwsAccountPrincipal { arn, account: ACCOUNT.to_owned() };
    let mut context = Context::concrete();
    for (key, values) in draw.context() {
        context.set(key, ContextValue::Known(values));
    }
    Request::new(principal, draw.action(), draw.resource().0, context)
}

fn designated(draw: &Draw) -> Vec<Glob> {
    if draw.designated { vec![Glob::arn("arn:aws:iam::*:role/BreakGlass")] } else { Vec::new() }
}

fn target(draw: &Draw, account: &str) -> Target {
    let (resource, pattern) = draw.resource();
    match resource {
        "*" => Target::no_resource(),
        _ => Target::resources(&(if draw.pattern { pattern } else { resource }).replace(ACCOUNT, account)),
    }
}

fn prove(guardrails: &Guardrails<'_>, draw: &Draw, designated: &[Glob], account: &str) -> Proof {
    let callers = Callers::of_account(account);
    let resource = target(draw, account);
    guardrails.prove(&Question { callers: &callers, action: draw.action(), resource: &resource, designated })
}

fn check_proof(proof: &Proof, outcome: Outcome) {
    let denied = matches!(outcome, Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied);
    match &proof.verdict {
        Verdict::DeniedForAll { .. } => {
            assert_ne!(outcome, Outcome::Allowed, "denied for all, and one is allowed");
            assert_eq!(proof.default_caller, DefaultCaller::Denied);
        }
        Verdict::NotDenied => {
            assert!(!denied, "not denied, and one is");
            assert_eq!(proof.default_caller, DefaultCaller::Allowed);
        }
        Verdict::DeniedExcept { exemption } => {
            assert_ne!(exemption.kind(), ExemptionKind::Unattainable, "what nobody attains is no exemption");
            assert!(!exemption.to_string().is_empty());
        }
        Verdict::Unknown { misplaced, unfinished, undecided, .. } => {
            let binding = proof.levels.iter().any(|level| level.binding_unknown);
            let told = binding || *unfinished || !misplaced.is_empty() || !undecided.is_empty();
            assert!(told, "every level was read, and nothing says what is not known");
        }
    }
}

/// The statement that is proposed closes what is open.
fn check_closing(guardrails: &Guardrails<'_>, draw: &Draw, designated: &[Glob]) {
    let callers = Callers::of_account(ACCOUNT);
    let resource = target(draw, ACCOUNT);
    let question = Question { callers: &callers, action: draw.action(), resource: &resource, designated };
    let (Some(statement), Some(levels)) =
        (guardrails.closing_statement(&question), guardrails.service_control)
    else {
        return;
    };
    let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let mut closed = levels.clone();
    closed.levels[0].policies.push(attached("p-closing", &text));
    let proof = Guardrails { service_control: Some(&closed), ..guardrails.clone() }.prove(&question);
    match &proof.verdict {
        Verdict::DeniedForAll { .. } => {}
        Verdict::DeniedExcept { exemption } => assert_eq!(exemption.kind(), ExemptionKind::Designated),
        // What AWS does not say of other statements can only close more.
        Verdict::Unknown { at_most: Some(exemption), .. } => {
            assert!(exemption.kind() >= ExemptionKind::Designated);
        }
        open => panic!("still open: {open:?}"),
    }
}

/// Accounts of one group get the same verdict.
fn check_group(service: &Hierarchy, resource: Option<&Hierarchy>, draw: &Draw, proof: &Proof) {
    let hierarchies = [Some(service), resource];
    let documents = || hierarchies.iter().flatten().flat_map(|hierarchy| hierarchy.documents());
    let equivalence = AccountEquivalence::of(documents().map(|(_, policy)| policy.document.as_ref()));
    if equivalence.group(ACCOUNT, None) != equivalence.group(SIBLING, None) {
        return;
    }
    let (arn, _) = draw.resource();
    if canonical_resource(arn, ACCOUNT) != canonical_resource(&arn.replace(ACCOUNT, SIBLING), SIBLING) {
        return;
    }
    let (service, resource) = (sibling(service), resource.map(sibling));
    let other = prove(&guardrails(&service, resource.as_ref()), draw, &designated(draw), SIBLING);
    assert_eq!(
        std::mem::discriminant(&proof.verdict),
        std::mem::discriminant(&other.verdict),
        "one group, two verdicts: {:?} and {:?}",
        proof.verdict,
        other.verdict
    );
    assert_eq!(proof.default_caller, other.default_caller);
}

fn sibling(hierarchy: &Hierarchy) -> Hierarchy {
    let mut hierarchy = hierarchy.clone();
    if let Some(account) = hierarchy.levels.last_mut() {
        SIBLING.clone_into(&mut account.id);
    }
    hierarchy
}

/// The order of levels does not matter, a level without an `Allow` lets nobody pass, and a `Deny` of everything is
/// explicit.
fn check_levels(
    service: &Hierarchy,
    resource: Option<&Hierarchy>,
    request: &Request,
    bound: bool,
    outcome: Outcome,
) {
    let judge = |hierarchy: &Hierarchy| guardrails(hierarchy, resource).evaluate(request).outcome;
    let mut reversed = service.clone();
    let account = reversed.levels.len() - 1;
    reversed.levels[..account].reverse();
    assert_eq!(judge(&reversed), outcome, "the order of levels matters");
    if !bound {
        return;
    }
    let mut barred = service.clone();
    barred.levels.insert(0, Level { id: "r-root".to_owned(), policies: Vec::new(), unread: false });
    assert_ne!(judge(&barred), Outcome::Allowed, "a level without an Allow lets a caller pass");
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    barred.levels[0].policies.push(attached("p-deny", deny));
    assert_eq!(judge(&barred), Outcome::ExplicitlyDenied, "a Deny of everything");
}

/// Policies of the caller and of the resource allow nothing that the guardrails do not, and any of them may deny.
fn check_access(guardrails: Guardrails<'_>, draw: &Draw, request: &Request, outcome: Outcome) {
    let all = |policies: &Vec<PolicyDraw>| -> Vec<AttachedPolicy> {
        let policies = policies.iter().take(3).enumerate();
        policies.filter_map(|(place, policy)| drawn_policy(place, policy, false)).collect()
    };
    let identity = draw.identity.as_ref().map(all);
    let session = draw.session.as_ref().map(all);
    let boundary = draw.boundary.as_ref().and_then(|policy| drawn_policy(0, policy, false));
    let resource_policy = draw.resource_policy.as_ref().and_then(|policy| drawn_policy(0, policy, true));
    let access = Access {
        guardrails,
        identity: identity.as_deref(),
        permissions_boundary: boundary.as_ref(),
        session: session.as_deref(),
        resource_policy: resource_policy.as_ref(),
    };
    let judged = access.evaluate(request).outcome;
    match outcome {
        Outcome::Allowed => {}
        Outcome::ExplicitlyDenied => assert_eq!(judged, outcome, "an explicit deny decides"),
        Outcome::ImplicitlyDenied | Outcome::Unknown => {
            assert_ne!(judged, Outcome::Allowed, "more policies allow what fewer do not");
        }
    }
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let never = attached("p-never", deny);
    let of_own = [
        Access { identity: Some(std::slice::from_ref(&never)), ..access.clone() },
        Access { permissions_boundary: Some(&never), ..access.clone() },
        Access { session: Some(std::slice::from_ref(&never)), ..access.clone() },
    ];
    for denied in &of_own {
        assert_eq!(denied.evaluate(request).outcome, Outcome::ExplicitlyDenied, "a Deny of everything");
    }
}
