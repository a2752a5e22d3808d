//! What questions have in common is worked out once, and changes no answer.

use super::*;

const ACTIONS: [&str; 6] = [
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "logs:DeleteLogGroup",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "iam:CreateRole",
];

/// Denials of nearly everything, each of which exempts another role, user and tag.
fn denials(count: usize) -> Vec<String> {
    let statement = |number: usize| {
        format!(
            r#"{{"Effect":"Deny","NotAction":["s3:Get*","sts:Get{number}"],"Resource":"*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":["arn:aws:iam::*:role/Exempt{number}","arn:aws:iam::*:user/Other{number}"]}},"StringNotEquals":{{"aws:PrincipalTag/tag{number}":"x"}}}}}}"#
        )
    };
    (0..count).map(statement).collect()
}

/// What is proved of each action, with the steps, and how many statements were looked at for names and tags.
fn answers(hierarchy: &Hierarchy, mut memory: Option<Memory>) -> (Vec<(Proof, Vec<String>)>, usize) {
    let guardrails = guardrails(hierarchy);
    let callers = Callers::of_account(MEMBER);
    let ask = |action: &'static str| {
        let resource = Target::resources("*");
        let question = Question { callers: &callers, action, resource: &resource, designated: &[] };
        let mut fresh = Memory::default();
        let memory = memory.as_mut().unwrap_or(&mut fresh);
        let proof = guardrails.prove_with(&question, memory);
        let steps = match &proof.verdict {
            Verdict::DeniedExcept { exemption } => guardrails.steps(&question, exemption, memory),
            _ => Vec::new(),
        };
        (proof, steps)
    };
    let answers = ACTIONS.into_iter().map(ask).collect();
    (answers, memory.map_or(0, |memory| memory.work()))
}

#[test]
fn answers_are_the_same_with_it_as_without() {
    let undecided = r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{"StringNotEquals":{"aws:NewKey2030":"x"}}}"#;
    let making = r#"{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Maker"},"StringNotEquals":{"aws:OtherKey2030":"x"}}}"#;
    let many = denials(4);
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for statements in [
        many.clone(),
        [many.as_slice(), &[undecided]].concat(),
        [many.as_slice(), &[making]].concat(),
        vec![undecided, making],
    ] {
        let hierarchy = hierarchy(&statements);
        assert_eq!(answers(&hierarchy, Some(Memory::default())).0, answers(&hierarchy, None).0);
    }
}

/// The work for names and tags is that of one question, whatever is asked besides, and grows no faster than each of them asked
/// about every statement.
#[test]
fn names_and_tags_are_worked_out_once_for_all_questions() {
    let work = |count: usize| {
        let denials = denials(count);
        let hierarchy = hierarchy(&denials.iter().map(String::as_str).collect::<Vec<_>>());
        answers(&hierarchy, Some(Memory::default())).1
    };
    for count in [1, 5, 20] {
        let work = work(count);
        // Each denial exempts a role, a user and a tag; two actions give a role, six a user, and some twenty a tag or trust
        // whoever passes it. Each is asked about every statement.
        assert!(work <= 40 * count * (count + 2), "{work} for {count}");
    }
}

#[test]
fn what_is_kept_where_other_policies_were_is_not_taken_for_them() {
    let making = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;
    let exempting = |role: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{role}"}}}}}}"#
        )
    };
    let one = exempting("Admin");
    let mut memory = Memory::default();
    let callers = Callers::of_account(MEMBER);
    let resource = Target::resources("*");
    let question = Question {
        callers: &callers,
        action: "cloudtrail:StopLogging",
        resource: &resource,
        designated: &[],
    };
    // In one place: anybody can have the role, then nobody, then anybody again.
    let mut kept = hierarchy(&[&one]);
    for statements in [vec![one.as_str()], vec![one.as_str(), making], vec![one.as_str()]] {
        kept.clone_from(&hierarchy(&statements));
        let guardrails = guardrails(&kept);
        assert_eq!(
            guardrails.prove_with(&question, &mut memory),
            guardrails.prove(&question),
            "{statements:?}"
        );
    }
}
