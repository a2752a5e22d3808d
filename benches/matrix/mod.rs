//! The whole matrix: every protected action in every account of an organization of 10,000 accounts in 60 units.

use std::sync::Arc;

use criterion::{BatchSize, Criterion};
use trailproof::example::Example;
use trailproof::facts::Facts;
use trailproof::facts::guardrail::AccountGuardrails;
use trailproof::model::{AccountRecord, Expectations, Observed, OrganizationalUnit, Policy, PolicyTarget};
use trailproof::snapshot::Source;

const ACCOUNTS: usize = 10_000;
const UNITS: usize = 60;

/// Each unit has a guardrail of its own besides those of the root.
const UNIT_GUARDRAIL: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"], "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "us-east-1"]}}},
    {"Sid": "Keys", "Effect": "Deny", "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey"], "Resource": "*",
     "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/BreakGlass"}}}]}"#;

fn organization() -> Example {
    let mut example = Example::healthy(ACCOUNTS - 3, &["eu-central-1", "us-east-1"]);
    let Observed::Known(organization) = &mut example.header.organization else { return example };
    let (Observed::Known(units), Observed::Known(accounts), Observed::Known(policies)) = (
        &mut organization.organizational_units,
        &mut organization.accounts,
        &mut organization.service_control_policies,
    ) else {
        return example;
    };
    let Some(root) = units.first().map(|unit| unit.parent_id.clone()) else { return example };
    let target = |id: &str| PolicyTarget { id: id.to_owned(), kind: "ORGANIZATIONAL_UNIT".to_owned() };
    for number in 0..UNITS {
        let id = format!("ou-ex01-bench{number:03}");
        policies.push(Policy {
            id: format!("p-bench{number:05}"),
            name: format!("unit-{number}"),
            arn: String::new(),
            aws_managed: false,
            content: Observed::Known(UNIT_GUARDRAIL.to_owned()),
            targets: Observed::Known(vec![target(&id)]),
            ..Policy::default()
        });
        if let Some(Policy { targets: Observed::Known(everywhere), .. }) = policies.first_mut() {
            everywhere.push(target(&id));
        }
        units.push(OrganizationalUnit { id, name: format!("Unit {number}"), parent_id: root.clone() });
    }
    for (number, account) in accounts.iter_mut().enumerate().skip(3) {
        account.parent_id = Observed::Known(format!("ou-ex01-bench{:03}", number % UNITS));
    }
    example
}

/// Asks everything about every account, with no answer remembered from before.
pub(crate) fn matrix(criterion: &mut Criterion) {
    let example = organization();
    let accounts: Vec<AccountRecord> = example.accounts.clone();
    let source = Source::Records(Arc::new(example.records()));
    let mut group = criterion.benchmark_group("guardrails");
    group.sample_size(10);
    group.bench_function("matrix of 10,000 accounts in 60 units", |bencher| {
        bencher.iter_batched(
            || Facts::build(&source, Expectations::default()),
            |facts| {
                let facts = facts.as_ref().ok()?;
                let asked = accounts.iter().map(|account| AccountGuardrails::of(facts, account));
                Some(asked.map(|asked| asked.protections.len()).sum::<usize>())
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}
