//! Resources whose pattern leaves the account open: what holds of those of one account holds of no others.

use super::*;
use crate::{Context, Outcome, Principal, Request};

const ACTION: &str = "kms:ScheduleKeyDeletion";

fn resource_control() -> Hierarchy {
    hierarchy(&[r#"{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}"#])
}

fn by_resource_control(action: &str, resource: &str) -> Proof {
    let (open, resource_control) = (hierarchy(&[]), resource_control());
    let guardrails = Guardrails { resource_control: Some(&resource_control), ..guardrails(&open) };
    let callers = Callers::of_account(MEMBER);
    let resource = Target::resources(resource);
    guardrails.prove(&Question { callers: &callers, action, resource: &resource, designated: &[] })
}

#[test]
fn resource_control_policies_close_nothing_in_other_accounts() {
    let own = format!("arn:aws:kms:*:{MEMBER}:key/*");
    assert_eq!(short(&by_resource_control(ACTION, &own)), "all");
    for several in
        ["arn:aws:kms:*:*:key/*", "arn:aws:kms:eu-west-1:11112222333?:key/*", "arn:aws:kms:*", "arn:*"]
    {
        let proof = by_resource_control(ACTION, several);
        let Verdict::Unknown { at_most: None, .. } = proof.verdict else {
            panic!("{several}: {:?}", proof.verdict)
        };
        assert!(proof.levels.iter().any(|level| level.binding_unknown), "{several}");
    }
    // The requests of which the first would have been said: of the own account, and of another.
    let (open, closed) = (hierarchy(&[]), resource_control());
    let guardrails = Guardrails { resource_control: Some(&closed), ..guardrails(&open) };
    let outcome = |account: &str| {
        let caller = Principal::of_arn(&format!("arn:aws:iam::{MEMBER}:role/x")).unwrap();
        let key = format!("arn:aws:kms:eu-west-1:{account}:key/1");
        guardrails.evaluate(&Request::new(caller, ACTION, &key, Context::concrete())).outcome
    };
    assert_eq!((outcome(MEMBER), outcome("444455556666")), (Outcome::ExplicitlyDenied, Outcome::Allowed));
    // A bucket's ARN names no account: it is taken as the account's own.
    let bucket = hierarchy(&[r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#]);
    let guardrails = Guardrails { resource_control: Some(&bucket), ..guardrails.clone() };
    let (callers, objects) = (Callers::of_account(MEMBER), Target::resources("arn:aws:s3:::logs/*"));
    let question =
        Question { callers: &callers, action: "s3:DeleteObject", resource: &objects, designated: &[] };
    assert_eq!(short(&guardrails.prove(&question)), "all");
}

#[test]
fn what_is_asked_of_the_owner_is_not_settled_by_one_of_several() {
    let condition = format!(r#"{{"StringEquals":{{"aws:ResourceAccount":"{MEMBER}"}}}}"#);
    let denial = format!(r#"{{"Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{condition}}}"#);
    let (denial, own) = (hierarchy(&[&denial]), hierarchy(&[]));
    let guardrails = Guardrails { resource_control: Some(&own), ..guardrails(&denial) };
    let callers = Callers::of_account(MEMBER);
    let of = |resource: &str| {
        let resource = Target::resources(resource);
        let question = Question { callers: &callers, action: ACTION, resource: &resource, designated: &[] };
        short(&guardrails.prove(&question))
    };
    assert!(of(&format!("arn:aws:kms:*:{MEMBER}:key/*")).starts_with("all"));
    for several in ["arn:aws:kms:*:*:key/*", "arn:aws:kms:eu-west-1:11112222333?:key/*"] {
        assert!(!of(several).starts_with("all"), "{several}: {}", of(several));
    }
}
