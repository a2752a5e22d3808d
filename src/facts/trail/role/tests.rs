use serde_json::json;

use super::defect;
use crate::facts::samples::{MANAGEMENT, ORGANIZATION, REGION, Sample, denied, gaps};
use crate::facts::view::Derived;
use crate::model::{Observed, Role, Trail};

fn group() -> String {
    format!("arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:trail:*")
}

fn stream(name: &str) -> String {
    format!("arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:trail:log-stream:{name}")
}

/// The role of CloudTrail's documentation.
fn role() -> Role {
    let allow = |action: &str| {
        json!({ "Effect": "Allow", "Action": action,
                "Resource": [stream(&format!("{MANAGEMENT}_CloudTrail_{REGION}*")), stream(&format!("{ORGANIZATION}_*"))] })
    };
    Role {
        arn: format!("arn:aws:iam::{MANAGEMENT}:role/trail-to-logs"),
        trust_policy: Observed::Known(trust("cloudtrail.amazonaws.com")),
        inline_policies: Observed::Known(vec![policy(&json!([
            allow("logs:CreateLogStream"),
            allow("logs:PutLogEvents")
        ]))]),
        attached_policies: Observed::Known(Vec::new()),
        permissions_boundary: Observed::Absent,
        ..Role::default()
    }
}

fn trust(service: &str) -> String {
    policy(&json!([{ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" }]))
}

fn policy(statements: &serde_json::Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn of(role: Role) -> Derived<Option<String>> {
    with(Observed::Known(role), |_| {})
}

fn with(role: Observed<Role>, change: impl FnOnce(&mut Trail)) -> Derived<Option<String>> {
    let sample = Sample::new();
    let facts = sample.facts();
    let mut trail = sample.accounts[0].trails.list().unwrap()[0].clone();
    if let Observed::Known(settings) = &mut trail.settings {
        settings.log_group_arn = Observed::Known(group());
    }
    trail.log_group_role = role;
    change(&mut trail);
    defect(&facts.index, MANAGEMENT, &trail)
}

fn told(answer: &Derived<Option<String>>, text: &str) {
    assert_eq!(*answer, Ok(Some(text.to_owned())));
}

#[test]
fn the_documented_role_can_write() {
    assert_eq!(of(role()), Ok(None));
}

#[test]
fn a_missing_right_is_told() {
    let writes_only = policy(&json!([{ "Effect": "Allow", "Action": "logs:Put*", "Resource": group() }]));
    let reduced = Role { inline_policies: Observed::Known(vec![writes_only]), ..role() };
    told(&of(reduced), "its role does not allow logs:CreateLogStream");
    let other_group = policy(&json!([{ "Effect": "Allow", "Action": "logs:*",
        "Resource": format!("arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:other:*") }]));
    let misled = Role { inline_policies: Observed::Known(vec![other_group]), ..role() };
    told(&of(misled), "its role does not allow logs:CreateLogStream");
    let nothing = Role { inline_policies: Observed::Absent, ..role() };
    told(&of(nothing), "its role does not allow logs:CreateLogStream");
    let deny = policy(&json!([{ "Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": "*" }]));
    let denied_role = Role { attached_policies: Observed::Known(vec![deny]), ..role() };
    told(&of(denied_role), "its role is denied logs:PutLogEvents");
}

#[test]
fn a_role_that_trusts_another_service_is_told() {
    let other = Role { trust_policy: Observed::Known(trust("ec2.amazonaws.com")), ..role() };
    told(&of(other), "its role does not trust cloudtrail.amazonaws.com");
    told(&with(Observed::Absent, |_| {}), "it names no role that exists");
}

#[test]
fn a_condition_that_nobody_can_foresee_is_left_to_the_times_of_delivery() {
    let conditional = json!([{ "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": MANAGEMENT } } }]);
    let careful = Role { trust_policy: Observed::Known(policy(&conditional)), ..role() };
    assert_eq!(of(careful), Ok(None));
}

#[test]
fn policies_that_could_not_be_read_leave_it_unknown_unless_another_decides() {
    let hidden = || Role { inline_policies: denied("GetRolePolicy"), ..role() };
    assert_eq!(of(hidden()), Err(gaps("GetRolePolicy")));
    let deny = policy(&json!([{ "Effect": "Deny", "Action": "logs:*", "Resource": "*" }]));
    let decided = Role { attached_policies: Observed::Known(vec![deny]), ..hidden() };
    told(&of(decided), "its role is denied logs:CreateLogStream");
    let distrusted = Role { trust_policy: Observed::Known(trust("ec2.amazonaws.com")), ..hidden() };
    told(&of(distrusted), "its role does not trust cloudtrail.amazonaws.com");
    assert_eq!(with(denied("GetRole"), |_| {}), Err(gaps("GetRole")));
}

#[test]
fn without_a_log_group_there_is_nothing_to_write_to() {
    let without = |trail: &mut Trail| {
        if let Observed::Known(settings) = &mut trail.settings {
            settings.log_group_arn = Observed::Absent;
        }
    };
    assert_eq!(with(denied("GetRole"), without), Ok(None));
}

#[test]
fn a_permissions_boundary_bounds_what_the_role_may_do() {
    let bounded = |statements: serde_json::Value| Role {
        permissions_boundary: Observed::Known(policy(&statements)),
        ..role()
    };
    assert_eq!(of(bounded(json!([{ "Effect": "Allow", "Action": "logs:*", "Resource": "*" }]))), Ok(None));
    told(
        &of(bounded(json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]))),
        "its role's permissions boundary does not allow logs:CreateLogStream",
    );
    let but = json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" },
                     { "Effect": "Deny", "Action": "logs:Put*", "Resource": "*" }]);
    told(&of(bounded(but)), "its role's permissions boundary does not allow logs:PutLogEvents");
    let hidden = Role { permissions_boundary: denied("GetPolicyVersion"), ..role() };
    assert_eq!(of(hidden), Err(gaps("GetPolicyVersion")));
    let old = Role { permissions_boundary: Observed::not_collected(), ..role() };
    assert!(of(old).is_err(), "an earlier release did not ask");
}

#[test]
fn a_policy_that_is_not_understood_leaves_it_unknown_unless_another_decides() {
    let broken = || "{".to_owned();
    let of_inline = || Role { inline_policies: Observed::Known(vec![broken()]), ..role() };
    let unread = [
        Role { trust_policy: Observed::Known(broken()), ..role() },
        of_inline(),
        Role {
            attached_policies: Observed::Known(vec![broken()]),
            inline_policies: Observed::Absent,
            ..role()
        },
        Role { permissions_boundary: Observed::Known(broken()), ..role() },
    ];
    for role in unread {
        let unknown = of(role.clone()).unwrap_err();
        let mut sample = Sample::new();
        let Observed::Known(trails) = &mut sample.accounts[0].trails else { unreachable!() };
        trails[0].log_group_role = Observed::Known(role);
        let facts = sample.facts();
        let is_listed = |gap: &crate::model::Gap| Some(&gap.id) == unknown.as_slice().first();
        let gap = facts.index.gaps.iter().find(|gap| is_listed(gap)).expect("a gap of the report");
        assert!(gap.detail.contains("not understood"), "{gap:?}");
    }
    let distrusted = Role { trust_policy: Observed::Known(trust("ec2.amazonaws.com")), ..of_inline() };
    told(&of(distrusted), "its role does not trust cloudtrail.amazonaws.com");
    let deny = policy(&json!([{ "Effect": "Deny", "Action": "logs:*", "Resource": "*" }]));
    let denied_role = Role { attached_policies: Observed::Known(vec![deny]), ..of_inline() };
    told(&of(denied_role), "its role is denied logs:CreateLogStream");
}
