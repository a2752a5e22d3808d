use std::sync::Arc;

use serde_json::{Value, json};

use super::{AccountGuardrailFacts, UnitFacts};
use super::{AccountGuardrails, Guardrail, ResourceKind, Standing};
use crate::facts::Facts;
use crate::facts::samples::{
    self, ARCHIVE, ARCHIVE_BUCKET, KEY, MANAGEMENT, ORGANIZATION, REGION, SECURITY, Sample, WORKLOAD, denied,
};
use crate::facts::view::Derived;
use crate::model::{
    AccountSummary, BucketName, DeliverySource, EventDataStore, EventDataStoreSettings, Gaps, LogDelivery,
    Observed, OrganizationalUnit, Policy, PolicyTarget, RegionRecord, Retention, RetentionMode,
};
use crate::policy::reference::{self, Name};

mod hidden;
mod misplaced;
mod own_policy;
mod self_service;
mod short;
mod undecided;

const ROOT: &str = "r-root";
const UNIT: &str = "ou-root-unit";

fn policy(id: &str, kind: &str, statements: Value, targets: &[&str]) -> Policy {
    let target = |id: &&str| PolicyTarget { id: (*id).to_owned(), kind: "ANY".to_owned() };
    Policy {
        id: id.to_owned(),
        name: format!("name-of-{id}"),
        arn: format!("arn:aws:organizations::{MANAGEMENT}:policy/{ORGANIZATION}/{kind}/{id}"),
        aws_managed: false,
        content: samples::policy(statements),
        targets: Observed::Known(targets.iter().map(target).collect()),
        ..Policy::default()
    }
}

fn scp(id: &str, statements: Value, targets: &[&str]) -> Policy {
    policy(id, "service_control_policy", statements, targets)
}

fn deny(actions: impl Into<Value>, resources: impl Into<Value>) -> Value {
    let (actions, resources): (Value, Value) = (actions.into(), resources.into());
    json!([{ "Sid": "Protect", "Effect": "Deny", "Action": actions, "Resource": resources }])
}

/// The sample with SCPs enabled, a unit that holds the workload, and `FullAWSAccess` everywhere.
fn guarded(policies: Vec<Policy>) -> Sample {
    let mut sample = Sample::new();
    let organization = sample.organization();
    if let Observed::Known(roots) = &mut organization.roots {
        roots[0].enabled_policy_types = vec!["SERVICE_CONTROL_POLICY".to_owned()];
    }
    let unit = |id: &str| OrganizationalUnit {
        id: id.to_owned(),
        name: "Unit".to_owned(),
        parent_id: ROOT.to_owned(),
    };
    organization.organizational_units = Observed::Known(vec![unit(UNIT)]);
    if let Observed::Known(accounts) = &mut organization.accounts {
        for account in accounts.iter_mut().filter(|account| account.id == WORKLOAD) {
            account.parent_id = Observed::Known(UNIT.to_owned());
        }
    }
    let allow = json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]);
    let everywhere = [ROOT, UNIT, MANAGEMENT, ARCHIVE, SECURITY, WORKLOAD];
    let mut all = vec![scp("p-FullAWSAccess", allow, &everywhere)];
    all.extend(policies);
    organization.service_control_policies = Observed::Known(all);
    sample
}

fn asked(facts: &Facts, sample: &Sample, account: &str) -> AccountGuardrails {
    let record = sample.accounts.iter().find(|record| record.id == account).unwrap();
    AccountGuardrails::of(facts, record)
}

fn of(sample: &Sample, account: &str) -> AccountGuardrailFacts {
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == account).unwrap();
    let account = crate::facts::account::derive(&facts, record);
    super::derive(&facts, record, &account)
}

fn held(fact: &Derived<Option<String>>) -> Derived<bool> {
    fact.clone().map(|it| it.is_some())
}

const LEAVE: &str = "organizations:LeaveOrganization";

#[test]
fn a_statement_at_any_level_denies_and_is_named() {
    for (target, level) in [(ROOT, "the root"), (UNIT, "unit Unit (ou-root-unit)"), (WORKLOAD, "the account")]
    {
        let sample = guarded(vec![scp("p-leave", deny(json!(LEAVE), json!("*")), &[target])]);
        let facts = of(&sample, WORKLOAD);
        let expected = format!("SCP name-of-p-leave (p-leave), statement 1 (Protect), at {level}");
        assert_eq!(facts.leave.denied_by, Ok(Some(expected)));
        assert_eq!(facts.leave.open, Ok(None));
    }
}

#[test]
fn a_policy_elsewhere_or_of_a_type_that_is_not_enabled_denies_nothing() {
    let elsewhere = guarded(vec![scp("p-leave", deny(json!(LEAVE), json!("*")), &[SECURITY])]);
    let open = "nothing denies organizations:LeaveOrganization";
    let facts = of(&elsewhere, WORKLOAD);
    assert_eq!(
        (facts.leave.denied_by.clone(), facts.leave.open.clone()),
        (Ok(None), Ok(Some(open.to_owned())))
    );

    let mut off = guarded(vec![scp("p-leave", deny(json!(LEAVE), json!("*")), &[ROOT])]);
    if let Observed::Known(roots) = &mut off.organization().roots {
        roots[0].enabled_policy_types.clear();
    }
    let facts = of(&off, WORKLOAD);
    let open = format!("no service control policy has effect here, and {open}");
    assert_eq!((facts.leave.denied_by.clone(), facts.leave.open.clone()), (Ok(None), Ok(Some(open))));
    assert_eq!(facts.leave.openness.as_deref(), Ok("anyone"));
}

#[test]
fn the_management_account_is_exempt_and_what_depends_on_it_is_named() {
    let sample = guarded(vec![scp("p-leave", deny(json!("*"), json!("*")), &[ROOT])]);
    let facts = of(&sample, MANAGEMENT);
    let why = "no service control or resource control policy binds the management account, and on it depend the \
               organization trail organization";
    assert_eq!(facts.unbound, Ok(Some(why.to_owned())));
    assert_eq!(held(&facts.leave.denied_by), Ok(false));
    assert_eq!(of(&sample, WORKLOAD).unbound, Ok(None));
}

#[test]
fn what_could_not_be_read_is_unknown_and_never_empty() {
    let leave = || deny(json!(LEAVE), json!("*"));
    let unknown = |operation: &str| Err(samples::gaps(operation));

    let mut sample = guarded(vec![scp("p-leave", leave(), &[UNIT])]);
    sample.organization().service_control_policies = denied("ListPolicies");
    assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), unknown("ListPolicies"));

    for target in [UNIT, SECURITY] {
        let mut other = scp("p-other", leave(), &[target]);
        other.content = denied("DescribePolicy");
        let sample = guarded(vec![other]);
        let expected = if target == UNIT { unknown("DescribePolicy") } else { Ok(false) };
        assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), expected, "on {target}");
    }

    let mut floating = scp("p-leave", leave(), &[]);
    floating.targets = denied("ListTargetsForPolicy");
    let sample = guarded(vec![floating]);
    assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), unknown("ListTargetsForPolicy"));

    let mut sample = guarded(vec![scp("p-leave", leave(), &[ROOT])]);
    sample.organization().roots = denied("ListRoots");
    assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), unknown("ListRoots"));

    let mut sample = guarded(vec![]);
    sample.organization().organizational_units = denied("ListOrganizationalUnitsForParent");
    let facts = of(&sample, WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), unknown("ListOrganizationalUnitsForParent"));
    assert_eq!(facts.protected, unknown("ListOrganizationalUnitsForParent"));
    assert_eq!(facts.undesignated_exemptions, Err(samples::gaps("ListOrganizationalUnitsForParent")));
}

#[test]
fn what_was_read_decides_whatever_could_not_be() {
    let mut other = scp("p-other", json!([]), &[UNIT]);
    other.content = denied("DescribePolicy");
    let sample = guarded(vec![other, scp("p-leave", deny(json!(LEAVE), json!("*")), &[ROOT])]);
    assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), Ok(true));
}

#[test]
fn a_document_that_is_no_policy_is_a_gap_of_the_report() {
    let mut broken = scp("p-broken", json!([]), &[UNIT]);
    broken.content = Observed::Known("{".to_owned());
    let sample = guarded(vec![broken]);
    let facts = sample.facts();
    let gap = facts.index.gaps.iter().find(|gap| gap.resource.as_deref() == Some("p-broken")).unwrap();
    assert_eq!(held(&of(&sample, WORKLOAD).leave.denied_by), Err(Gaps::from(gap.id.clone())));
}

#[test]
fn accounts_whose_place_is_unknown_are_bound_by_the_root_alone() {
    let mut sample = guarded(vec![
        scp("p-leave", deny(json!(LEAVE), json!("*")), &[ROOT]),
        scp("p-flow", deny(json!("ec2:DeleteFlowLogs"), json!("*")), &[UNIT]),
    ]);
    if let Observed::Known(accounts) = &mut sample.organization().accounts {
        for account in accounts.iter_mut() {
            account.parent_id = denied("ListAccountsForParent");
        }
    }
    let facts = of(&sample, WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), Ok(true));
    assert_eq!(held(&facts.flow_log_deletion.denied_by), Err(samples::gaps("ListAccountsForParent")));
}

fn exempting(condition: Value) -> Vec<Policy> {
    let mut statements = deny(json!(LEAVE), json!("*"));
    statements[0]["Condition"] = condition;
    vec![scp("p-leave", statements, &[ROOT])]
}

#[test]
fn exemptions_are_told_apart() {
    let mut sample =
        guarded(exempting(json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } })));
    let facts = of(&sample, WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), Ok(false), "whoever administers the account sets the tag");
    assert_eq!(facts.protected, Ok(true));
    let [exemption] = facts.self_service_exemptions.clone().unwrap().try_into().unwrap();
    assert!(
        exemption.contains("aws:PrincipalTag/team") && exemption.contains("name-of-p-leave"),
        "{exemption}"
    );
    assert_eq!(facts.undesignated_exemptions.unwrap().len(), 1);

    let role = "arn:aws:iam::*:role/BreakGlass";
    sample = guarded(exempting(json!({ "ArnNotLike": { "aws:PrincipalArn": role } })));
    let facts = of(&sample, WORKLOAD);
    assert_eq!(facts.undesignated_exemptions.unwrap().len(), 1, "not designated");
    sample.expectations.break_glass_roles = vec![role.to_owned()];
    let facts = of(&sample, WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), Ok(true));
    assert_eq!(facts.undesignated_exemptions, Ok(vec![]));
    assert_eq!(facts.self_service_exemptions, Ok(vec![]));
    assert_eq!(facts.protected, Ok(true));
    sample.expectations.break_glass_roles = vec!["BreakGlass".to_owned()];
    assert_eq!(of(&sample, WORKLOAD).undesignated_exemptions, Ok(vec![]), "by its name");
}

#[test]
fn a_statement_that_spares_ordinary_callers_protects_nothing() {
    let sample = guarded(exempting(json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:root" } })));
    let facts = of(&sample, WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), Ok(false));
    let open = facts.leave.open.clone().unwrap().unwrap();
    assert!(open.contains("is not denied if") && open.contains("aws:PrincipalArn"), "{open}");
    assert_eq!(facts.protected, Ok(false));
}

const TRAIL_ACTIONS: [&str; 5] = [
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
];

fn own_trail(sample: &mut Sample, name: &str) {
    let mut trail = samples::organization_trail();
    trail.name = name.to_owned();
    trail.arn = format!("arn:aws:cloudtrail:{REGION}:{WORKLOAD}:trail/{name}");
    if let Observed::Known(settings) = &mut trail.settings {
        settings.organization_trail = Observed::Known(false);
    }
    let record = sample.accounts.iter_mut().find(|record| record.id == WORKLOAD).unwrap();
    record.trails = Observed::Known(vec![trail]);
}

#[test]
fn without_a_trail_of_its_own_an_account_has_none_to_stop() {
    let facts = of(&guarded(vec![]), WORKLOAD);
    let why = "the account has no trail of its own, and the organization trail covers it";
    assert_eq!(facts.trail_tampering.denied_by, Ok(Some(why.to_owned())));

    let mut uncovered = guarded(vec![]);
    uncovered.accounts[0].trails = Observed::Known(vec![]);
    assert_eq!(held(&of(&uncovered, WORKLOAD).trail_tampering.denied_by), Ok(false));

    let mut unlisted = guarded(vec![]);
    unlisted.accounts[3].trails = denied("ListTrails");
    assert_eq!(held(&of(&unlisted, WORKLOAD).trail_tampering.denied_by), Err(samples::gaps("ListTrails")));

    let mut unseen = guarded(vec![]);
    let Observed::Unavailable(gap) = denied::<()>("DescribeTrails") else { unreachable!() };
    unseen.accounts[3].unseen_trails = Some(vec![gap]);
    let refused = samples::gaps("DescribeTrails");
    assert_eq!(held(&of(&unseen, WORKLOAD).trail_tampering.denied_by), Err(refused), "one region refused");
    unseen.accounts[3].unseen_trails = None;
    assert!(
        held(&of(&unseen, WORKLOAD).trail_tampering.denied_by).is_err(),
        "an earlier release did not ask"
    );

    let mut denied_all = guarded(vec![scp("p-trails", deny(json!(TRAIL_ACTIONS), json!("*")), &[ROOT])]);
    denied_all.accounts[3].trails = denied("ListTrails");
    assert_eq!(held(&of(&denied_all, WORKLOAD).trail_tampering.denied_by), Ok(true));
}

#[test]
fn each_trail_of_an_account_is_asked_about() {
    let named = |name: &str| format!("arn:aws:cloudtrail:*:*:trail/{name}");
    let mut sample =
        guarded(vec![scp("p-trails", deny(json!(TRAIL_ACTIONS), json!(named("kept*"))), &[ROOT])]);
    own_trail(&mut sample, "kept-1");
    assert_eq!(held(&of(&sample, WORKLOAD).trail_tampering.denied_by), Ok(true));
    own_trail(&mut sample, "other");
    let facts = of(&sample, WORKLOAD);
    assert_eq!(held(&facts.trail_tampering.denied_by), Ok(false));
    let open = facts.trail_tampering.open.clone().unwrap().unwrap();
    assert!(open.contains("cloudtrail:StopLogging") && open.contains(":trail/other"), "{open}");
}

#[test]
fn event_data_stores_of_an_account_are_asked_about_with_its_trails() {
    let denied_by = |actions: &[&str], stores: Observed<Vec<EventDataStore>>| {
        let mut sample = guarded(vec![scp("p-trails", deny(json!(actions), json!("*")), &[ROOT])]);
        own_trail(&mut sample, "own");
        sample.region(WORKLOAD).event_data_stores = stores;
        let facts = of(&sample, WORKLOAD);
        (held(&facts.trail_tampering.denied_by), facts.trail_tampering.open.clone())
    };
    let store = |owner: &str, settings| {
        Observed::Known(vec![EventDataStore {
            name: "events".to_owned(),
            arn: format!("arn:aws:cloudtrail:{REGION}:{owner}:eventdatastore/11111111-2222"),
            settings,
        }])
    };
    let there = || Observed::Known(EventDataStoreSettings::default());
    assert_eq!(denied_by(&TRAIL_ACTIONS, Observed::Known(vec![])).0, Ok(true), "it has none");
    let (kept, open) = denied_by(&TRAIL_ACTIONS, store(WORKLOAD, there()));
    assert_eq!(kept, Ok(false));
    let open = open.unwrap().unwrap();
    assert!(open.contains("cloudtrail:DeleteEventDataStore") && !open.contains("StopLogging"), "{open}");
    let every = ["cloudtrail:*Trail", "cloudtrail:Put*", "cloudtrail:Stop*", "cloudtrail:*EventDataStore"];
    assert_eq!(denied_by(&every, store(WORKLOAD, there())).0, Ok(true));
    assert_eq!(denied_by(&every, denied("ListEventDataStores")).0, Ok(true), "whatever there is");
    for elsewhere in [store(MANAGEMENT, there()), store(WORKLOAD, Observed::Absent)] {
        assert_eq!(denied_by(&TRAIL_ACTIONS, elsewhere).0, Ok(true), "of another account, or gone");
    }
    let refused = denied_by(&TRAIL_ACTIONS, denied("ListEventDataStores")).0;
    assert_eq!(refused, Err(samples::gaps("ListEventDataStores")));
}

#[test]
fn who_administers_cloudtrail_can_stop_the_organization_trail() {
    let administrator = |services: Observed<Vec<String>>| {
        Observed::Known(vec![crate::model::DelegatedAdministrator {
            account_id: SECURITY.to_owned(),
            services,
            ..crate::model::DelegatedAdministrator::default()
        }])
    };
    let mut sample = guarded(vec![]);
    let cloudtrail = vec!["cloudtrail.amazonaws.com".to_owned()];
    sample.organization().delegated_administrators = administrator(Observed::Known(cloudtrail));
    assert_eq!(held(&of(&sample, SECURITY).trail_tampering.denied_by), Ok(false));
    assert_eq!(held(&of(&sample, WORKLOAD).trail_tampering.denied_by), Ok(true));

    sample.organization().delegated_administrators = administrator(denied("ListDelegatedServices"));
    assert_eq!(
        held(&of(&sample, SECURITY).trail_tampering.denied_by),
        Err(samples::gaps("ListDelegatedServices"))
    );
}

fn archive_statements() -> Value {
    let bucket = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    deny(json!(["s3:Delete*", "s3:Put*", "s3:Bypass*", "s3:Update*"]), json!([bucket, format!("{bucket}/*")]))
}

fn closing() -> Value {
    deny(json!(["account:CloseAccount", "s3:PutAccountPublicAccessBlock"]), json!("*"))
}

/// The bucket, and the account that must not be closed.
fn archive_scp(target: &str) -> Policy {
    let mut statements = archive_statements();
    statements.as_array_mut().unwrap().push(closing()[0].clone());
    scp("p-archive", statements, &[target])
}

#[test]
fn the_layer_that_keeps_the_archive_is_named() {
    let facts = of(&guarded(vec![archive_scp(ARCHIVE)]), ARCHIVE);
    let by = facts.archive_deletion.denied_by.clone().unwrap().unwrap();
    assert!(
        by.starts_with("SCP name-of-p-archive (p-archive), statement 1 (Protect), at the account"),
        "{by}"
    );
    assert_eq!(held(&facts.archive_reconfiguration.denied_by), Ok(true));

    let policy = deny(json!(["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]), json!("*"));
    let mut by_bucket = guarded(vec![scp("p-close", closing(), &[ROOT]), scp("p-policy", policy, &[ROOT])]);
    let mut statements = archive_statements();
    statements[0]["Principal"] = json!("*");
    by_bucket.bucket().policy = samples::policy(statements);
    let facts = of(&by_bucket, ARCHIVE);
    let by = facts.archive_deletion.denied_by.clone().unwrap().unwrap();
    assert!(by.starts_with("the bucket policy, statement 1 (Protect)"), "{by}");

    let facts = of(&guarded(vec![]), ARCHIVE);
    assert_eq!(held(&facts.archive_deletion.denied_by), Ok(false));
    // Closing the account ends what Object Lock holds.
    assert_eq!(facts.archive_lock_days, Ok(0));
    let kept = guarded(vec![scp("p-close", closing(), &[ROOT])]);
    assert_eq!(of(&kept, ARCHIVE).archive_lock_days, Ok(400));
    assert_eq!(of(&guarded(vec![]), WORKLOAD).archive_deletion.applies, Ok(false));
}

#[test]
fn a_service_control_policy_does_not_bind_those_whom_the_bucket_policy_lets_in() {
    let mut sample = guarded(vec![archive_scp(ROOT)]);
    sample.bucket().policy = samples::policy(json!([{
        "Sid": "Partner", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999999999999:root" },
        "Action": "s3:DeleteObject", "Resource": format!("arn:aws:s3:::{ARCHIVE_BUCKET}/*")
    }]));
    let facts = of(&sample, ARCHIVE);
    assert_eq!(held(&facts.archive_deletion.denied_by), Ok(false));
    let open = facts.archive_deletion.open.clone().unwrap().unwrap();
    assert!(open.contains("999999999999") && open.contains("Partner"), "{open}");
    assert_eq!(held(&facts.archive_reconfiguration.denied_by), Ok(true));

    sample.bucket().policy = denied("GetBucketPolicy");
    assert_eq!(held(&of(&sample, ARCHIVE).archive_deletion.denied_by), Err(samples::gaps("GetBucketPolicy")));
}

#[test]
fn no_policy_of_the_organization_keeps_an_archive_of_the_management_account() {
    let mut sample = guarded(vec![scp("p-archive", archive_statements(), &[ROOT])]);
    sample.bucket().account_id = MANAGEMENT.to_owned();
    sample.stores[0].account_id = MANAGEMENT.to_owned();
    sample.accounts[1].buckets = Observed::Known(vec![]);
    sample.accounts[0].buckets =
        Observed::Known(vec![BucketName { name: ARCHIVE_BUCKET.to_owned(), region: None }]);
    let facts = of(&sample, MANAGEMENT);
    assert_eq!(held(&facts.archive_deletion.denied_by), Ok(false));
    let open = facts.archive_deletion.open.clone().unwrap().unwrap();
    assert!(open.starts_with("no service control policy has effect here"), "{open}");
    assert!(facts.unbound.unwrap().unwrap().ends_with("the archive example-archive"));
}

#[test]
fn only_compliance_mode_counts_as_a_lock() {
    let mut sample = guarded(vec![]);
    if let Observed::Known(lock) = &mut sample.bucket().object_lock {
        lock.default_retention = Some(Retention { mode: RetentionMode::Governance, days: 400 });
    }
    assert_eq!(of(&sample, ARCHIVE).archive_lock_days, Ok(0));
    sample.bucket().object_lock = denied("GetObjectLockConfiguration");
    assert_eq!(of(&sample, ARCHIVE).archive_lock_days, Err(samples::gaps("GetObjectLockConfiguration")));
    assert_eq!(of(&sample, WORKLOAD).archive_lock_days, Ok(0));
}

#[test]
fn keys_are_asked_about_where_they_are_kept() {
    let keys = deny(json!("kms:*"), json!("arn:aws:kms:*:222222222222:key/*"));
    let sample = guarded(vec![scp("p-keys", keys, &[ROOT])]);
    assert_eq!(held(&of(&sample, ARCHIVE).key_destruction.denied_by), Ok(true));
    assert_eq!(of(&sample, WORKLOAD).key_destruction.applies, Ok(false));
    // What denies it on every key of the account does so whatever keys that has.
    let all = guarded(vec![scp("p-keys", deny(json!("kms:*"), json!("*")), &[ROOT])]);
    assert_eq!(of(&all, WORKLOAD).key_destruction.applies, Ok(true));
    assert_eq!(held(&of(&all, WORKLOAD).key_destruction.denied_by), Ok(true));

    let mut open = guarded(vec![]);
    let facts = of(&open, ARCHIVE);
    assert_eq!(held(&facts.key_destruction.denied_by), Ok(false));
    assert!(facts.key_destruction.open.clone().unwrap().unwrap().contains(KEY));
    open.key().description = denied("DescribeKey");
    assert_eq!(held(&of(&open, ARCHIVE).key_destruction.denied_by), Err(samples::gaps("DescribeKey")));
    open.key().description = Observed::Absent;
    assert_eq!(of(&open, ARCHIVE).key_destruction.applies, Ok(false));
}

/// A store that is disconnected takes its keys along, and is asked about on no resource: no key policy has a say.
#[test]
fn keys_of_custom_stores_go_with_their_store() {
    let listed = json!([
        "kms:ScheduleKeyDeletion",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:DeleteImportedKeyMaterial"
    ]);
    let denied_by = |origin: &str, actions: Value, policy: Option<Value>| {
        let mut sample = guarded(vec![scp("p-keys", deny(actions, json!("*")), &[ROOT])]);
        let Observed::Known(description) = &mut sample.key().description else { panic!() };
        description.origin = origin.to_owned();
        if let Some(statement) = policy {
            sample.key().policy = samples::policy(json!([statement]));
        }
        held(&of(&sample, ARCHIVE).key_destruction.denied_by)
    };
    let with = |more: &[&str]| {
        let mut all = listed.clone();
        all.as_array_mut().unwrap().extend(more.iter().map(|action| json!(action)));
        all
    };
    let stores = ["kms:DisconnectCustomKeyStore", "kms:UpdateCustomKeyStore"];
    for origin in ["AWS_KMS", "EXTERNAL"] {
        assert_eq!(denied_by(origin, listed.clone(), None), Ok(true), "{origin}");
    }
    for origin in ["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE", "TOMORROWS"] {
        assert_eq!(denied_by(origin, listed.clone(), None), Ok(false), "{origin}");
        for one in stores {
            assert_eq!(denied_by(origin, with(&[one]), None), Ok(false), "{origin} {one}");
        }
        assert_eq!(denied_by(origin, with(&stores), None), Ok(true), "{origin}");
        let own = json!({ "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*" });
        assert_eq!(denied_by(origin, listed.clone(), Some(own)), Ok(false), "{origin}");
    }
}

/// What the account's own settings open, no policy of the bucket keeps closed.
#[test]
fn the_accounts_public_access_block_is_no_matter_of_the_bucket() {
    let policy = deny(json!(["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]), json!("*"));
    let mut sample = guarded(vec![scp("p-policy", policy, &[ROOT])]);
    let mut statements = archive_statements();
    statements[0]["Principal"] = json!("*");
    sample.bucket().policy = samples::policy(statements);
    let facts = of(&sample, ARCHIVE);
    assert_eq!(held(&facts.archive_reconfiguration.denied_by), Ok(false));
    let open = facts.archive_reconfiguration.open.clone().unwrap().unwrap();
    assert!(
        open.contains("s3:PutAccountPublicAccessBlock") && !open.contains("s3:PutBucketPolicy"),
        "{open}"
    );
}

/// Whatever would change the archive for its own account's callers is asked of strangers whom its policy lets in.
#[test]
fn what_guardrails_ask_of_the_archive_is_asked_of_its_policy_too() {
    for guardrail in
        [Guardrail::ArchiveDeletion, Guardrail::ArchiveReconfiguration, Guardrail::ReplicationTampering]
    {
        for action in guardrail.actions().iter().filter(|action| action.name.starts_with("s3:")) {
            let asked = crate::policy::audit::CHANGE_ACTIONS.contains(&action.name);
            assert_eq!(asked, action.resource != ResourceKind::None, "{}", action.name);
        }
    }
}

#[test]
fn the_pipeline_is_what_the_account_holds_of_it() {
    let none = guarded(vec![]);
    assert_eq!(of(&none, WORKLOAD).pipeline_tampering.applies, Ok(false));

    let rds = || Observed::Known(vec![samples::log_group("/aws/rds/main")]);
    let mut sample = guarded(vec![]);
    sample.region(WORKLOAD).log_groups = rds();
    let facts = of(&sample, WORKLOAD);
    assert_eq!(facts.pipeline_tampering.applies, Ok(true));
    assert_eq!(held(&facts.pipeline_tampering.denied_by), Ok(false));

    let statements = deny(json!("logs:*"), json!("arn:aws:logs:*:*:log-group:/aws/rds/*"));
    let mut kept = guarded(vec![scp("p-logs", statements, &[ROOT])]);
    kept.region(WORKLOAD).log_groups = rds();
    // A policy of the account changes every group, and is asked on none.
    let open = of(&kept, WORKLOAD).pipeline_tampering.open.clone().unwrap().unwrap();
    assert!(open.contains("nothing denies logs:PutAccountPolicy"), "{open}");
    let whole = deny(
        json!(["logs:PutAccountPolicy", "logs:*ResourcePolicy", "observabilityadmin:*TelemetryPipeline"]),
        json!("*"),
    );
    if let Observed::Known(policies) = &mut kept.organization().service_control_policies {
        policies.push(scp("p-whole", whole, &[ROOT]));
    }
    assert_eq!(held(&of(&kept, WORKLOAD).pipeline_tampering.denied_by), Ok(true));
    kept.region(WORKLOAD).log_groups = denied("DescribeLogGroups");
    assert_eq!(of(&kept, WORKLOAD).pipeline_tampering.applies, Err(samples::gaps("DescribeLogGroups")));
}

/// A delivery can be cut where it is, and its destination in the account that owns it.
#[test]
fn deliveries_of_vended_logs_are_held_where_they_are_and_where_they_lead() {
    let vended = |policies: Vec<Policy>| {
        let mut sample = guarded(policies);
        let arn = |owner: &str, kind: &str| format!("arn:aws:logs:eu-central-1:{owner}:{kind}:findings");
        let region = sample.region(WORKLOAD);
        region.delivery_sources = Observed::Known(vec![DeliverySource {
            name: "findings".to_owned(),
            arn: arn(WORKLOAD, "delivery-source"),
            ..DeliverySource::default()
        }]);
        region.deliveries = Observed::Known(vec![LogDelivery {
            arn: arn(WORKLOAD, "delivery"),
            source_name: "findings".to_owned(),
            destination_arn: arn(SECURITY, "delivery-destination"),
            destination_type: "S3".to_owned(),
        }]);
        sample
    };
    let on = |kind: &str| {
        scp("p-kept", deny(json!("logs:*"), json!(format!("arn:aws:logs:*:*:{kind}:*"))), &[ROOT])
    };
    let open = |sample: &Sample, account: &str| of(sample, account).pipeline_tampering.open.clone().unwrap();
    let none = vended(vec![]);
    assert!(open(&none, WORKLOAD).unwrap().contains("nothing denies logs:DeleteDelivery"));
    assert!(open(&none, SECURITY).unwrap().contains("nothing denies logs:PutDeliveryDestination"));
    // Each keeps what it holds, and nothing else.
    let kept = vended(vec![on("delivery-destination")]);
    assert_eq!(held(&of(&kept, SECURITY).pipeline_tampering.denied_by), Ok(true));
    let told = open(&kept, WORKLOAD).unwrap();
    assert!(told.contains("logs:DeleteDelivery") && !told.contains("DeliveryDestination"), "{told}");
    let both = vended(vec![
        on("delivery"),
        scp("p-sources", deny(json!("logs:*"), json!("arn:aws:logs:*:*:delivery-source:*")), &[ROOT]),
    ]);
    assert_eq!(held(&of(&both, WORKLOAD).pipeline_tampering.denied_by), Ok(true));
    for operation in ["DescribeDeliverySources", "DescribeDeliveries"] {
        let mut sample = guarded(vec![]);
        match operation {
            "DescribeDeliverySources" => sample.region(WORKLOAD).delivery_sources = denied(operation),
            _ => sample.region(WORKLOAD).deliveries = denied(operation),
        }
        let applies = of(&sample, WORKLOAD).pipeline_tampering.applies.clone();
        assert_eq!(applies, Err(samples::gaps(operation)));
    }
}

/// Whoever administers centralization can end it, whether or not its own account has log groups.
#[test]
fn who_administers_centralization_can_cut_the_way_of_all() {
    let administered = |services: Observed<Vec<String>>, policies: Vec<Policy>| {
        let mut sample = guarded(policies);
        sample.organization().delegated_administrators =
            Observed::Known(vec![crate::model::DelegatedAdministrator {
                account_id: SECURITY.to_owned(),
                services,
                ..crate::model::DelegatedAdministrator::default()
            }]);
        of(&sample, SECURITY).pipeline_tampering
    };
    let service = || Observed::Known(vec!["observabilityadmin.amazonaws.com".to_owned()]);
    let groups = || scp("p-logs", deny(json!(["logs:*", "firehose:*", "kinesis:*"]), json!("*")), &[ROOT]);
    for policies in [vec![], vec![groups()]] {
        let open = administered(service(), policies);
        assert_eq!(open.applies, Ok(true));
        assert_eq!(held(&open.denied_by), Ok(false));
        let told = open.open.clone().unwrap().unwrap();
        assert!(told.contains("observabilityadmin:DeleteCentralizationRuleForOrganization"), "{told}");
    }
    let one = |action: &str| scp("p-rules", deny(json!(action), json!("*")), &[ROOT]);
    for half in ["Delete", "Update"] {
        let half = one(&format!("observabilityadmin:{half}CentralizationRuleForOrganization"));
        assert_eq!(held(&administered(service(), vec![groups(), half]).denied_by), Ok(false));
    }
    let all = administered(service(), vec![groups(), one("observabilityadmin:*")]);
    assert_eq!((all.applies.clone(), held(&all.denied_by)), (Ok(true), Ok(true)));
    let trail = Observed::Known(vec!["cloudtrail.amazonaws.com".to_owned()]);
    assert_eq!(administered(trail, vec![]).applies, Ok(false));
    let unread = administered(denied("ListDelegatedServices"), vec![]);
    assert_eq!(unread.applies, Err(samples::gaps("ListDelegatedServices")));
}

#[test]
fn streams_that_nobody_could_name_are_not_taken_for_protected() {
    // All of CloudWatch Logs is kept; of streams, none.
    let kept = || {
        let logs = deny(json!(["logs:*", "observabilityadmin:*"]), json!("*"));
        let mut sample = guarded(vec![scp("p-logs", logs, &[ROOT])]);
        sample.region(WORKLOAD).log_groups = Observed::Known(vec![samples::log_group("/aws/rds/main")]);
        sample
    };
    let denied_by = |change: &dyn Fn(&mut RegionRecord)| {
        let mut sample = kept();
        change(sample.region(WORKLOAD));
        held(&of(&sample, WORKLOAD).pipeline_tampering.denied_by)
    };
    let filters = |region: &mut RegionRecord, filters| {
        let mut group = samples::log_group("/aws/rds/main");
        group.subscription_filters = filters;
        region.log_groups = Observed::Known(vec![group]);
    };
    assert_eq!(denied_by(&|_| {}), Ok(true), "it has no streams");
    assert!(denied_by(&|region| filters(region, None)).is_err(), "nobody asked");
    for operation in ["DescribeSubscriptionFilters", "DescribeLogGroups", "DescribeAccountPolicies"] {
        let unknown = denied_by(&|region| match operation {
            "DescribeSubscriptionFilters" => filters(region, Some(denied(operation))),
            "DescribeLogGroups" => region.log_groups = denied(operation),
            _ => region.subscription_policies = denied(operation),
        });
        assert_eq!(unknown, Err(samples::gaps(operation)));
    }
}

#[test]
fn roles_of_auditing_and_delivery_are_asked_about() {
    let roles = |name: &str| {
        deny(json!("iam:*"), json!([format!("arn:aws:iam::*:role/{name}"), "arn:aws:iam::*:policy/*"]))
    };
    let mut sample = guarded(vec![scp("p-roles", roles("OrganizationAccountAccessRole"), &[ROOT])]);
    assert_eq!(held(&of(&sample, WORKLOAD).audit_role_tampering.denied_by), Ok(true));
    sample.expectations.audit_role = Some("readers/Audit".to_owned());
    let facts = of(&sample, WORKLOAD);
    let open = facts.audit_role_tampering.open.clone().unwrap().unwrap();
    assert!(open.contains("role/readers/Audit"), "{open}");

    sample.expectations.audit_role = None;
    sample.region(WORKLOAD).destinations = Observed::Known(vec![samples::destination(WORKLOAD)]);
    let open = of(&sample, WORKLOAD).audit_role_tampering.open.clone().unwrap().unwrap();
    assert!(open.contains("role/logs"), "{open}");
}

/// Whoever writes another version of a policy that a role carries changes the role. Which it carries is not collected.
#[test]
fn policies_that_roles_carry_are_asked_about() {
    let facts = |statements: Value| {
        of(&guarded(vec![scp("p-roles", statements, &[ROOT])]), WORKLOAD).audit_role_tampering.clone()
    };
    let denying = |actions: Value, resources: Value| {
        let mut statements = deny(json!("iam:*"), json!("arn:aws:iam::*:role/OrganizationAccountAccessRole"));
        statements.as_array_mut().unwrap().push(deny(actions, resources)[0].clone());
        statements
    };
    let both = || json!(["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"]);
    let all = facts(denying(both(), json!("arn:aws:iam::*:policy/*")));
    assert_eq!((held(&all.denied_by), held(&all.open)), (Ok(true), Ok(false)));
    let unseen = Gaps::from(super::resources::unseen_policies().id);
    for (actions, resources) in [
        (json!("iam:ListPolicies"), json!("*")),
        (json!("iam:CreatePolicyVersion"), json!("*")),
        (json!("iam:SetDefaultPolicyVersion"), json!("*")),
        (both(), json!("arn:aws:iam::*:policy/audit/*")),
    ] {
        let some = facts(denying(actions.clone(), resources));
        assert_eq!(some.openness, Err(unseen.clone()), "{actions}");
    }
    // What is open is said, whatever else is not known.
    let open = facts(deny(json!("iam:DeleteRole"), json!("*"))).open.clone().unwrap().unwrap();
    assert!(open.contains("iam:UpdateAssumeRolePolicy") && !open.contains("PolicyVersion"), "{open}");
}

#[test]
fn what_changes_all_log_groups_of_an_account_is_asked_where_it_has_some() {
    let everything_but = |spared: &str| {
        let denied: Vec<&str> = Guardrail::PipelineTampering
            .actions()
            .iter()
            .map(|it| it.name)
            .filter(|name| *name != spared)
            .collect();
        let mut sample = guarded(vec![scp("p-pipeline", deny(json!(denied), json!("*")), &[ROOT])]);
        let none = of(&sample, WORKLOAD).pipeline_tampering.applies.clone();
        sample.region(WORKLOAD).log_groups = Observed::Known(vec![samples::log_group("/aws/rds/main")]);
        (none, of(&sample, WORKLOAD).pipeline_tampering.open.clone())
    };
    for spared in [
        "logs:PutResourcePolicy",
        "logs:DeleteResourcePolicy",
        "observabilityadmin:CreateTelemetryPipeline",
        "observabilityadmin:UpdateTelemetryPipeline",
    ] {
        let (none, open) = everything_but(spared);
        assert_eq!(none, Ok(false), "{spared}");
        assert!(open.unwrap().unwrap().contains(spared), "{spared}");
    }
}

fn unit(sample: &Sample, id: &str) -> UnitFacts {
    let facts = sample.facts();
    let Observed::Known(organization) = &facts.index.header.organization else { panic!("there is one") };
    super::unit::facts_of(&facts, organization, id)
}

#[test]
fn a_new_account_carries_what_is_attached_above_it() {
    let leave = || deny(json!(LEAVE), json!("*"));
    let at = |target: &str| guarded(vec![scp("p-leave", leave(), &[target])]);
    let carried = Ok(vec!["org-deny-leave".to_owned()]);

    let everywhere = at(ROOT);
    assert_eq!(unit(&everywhere, ROOT).carried, carried);
    assert_eq!(unit(&everywhere, UNIT).lacking, Ok(vec![]));

    let below = at(UNIT);
    assert_eq!(unit(&below, UNIT).carried, carried);
    let root = unit(&below, ROOT);
    assert_eq!(root.lacking, carried);
    let problem = "what org-deny-leave asks for is denied in other accounts, but by nothing that is attached here or above";
    assert_eq!(root.problem, Ok(Some(problem.to_owned())));

    let alone = at(WORKLOAD);
    assert_eq!(unit(&alone, UNIT).lacking, carried);

    let nowhere = unit(&guarded(vec![]), UNIT);
    assert_eq!((nowhere.carried, nowhere.lacking), (Ok(vec![]), Ok(vec![])));
    assert_eq!(
        nowhere.problem,
        Ok(Some("no guardrail binds every account here, or anywhere else".to_owned()))
    );

    let mut unread = at(ROOT);
    unread.organization().service_control_policies = denied("ListPolicies");
    assert_eq!(unit(&unread, UNIT).lacking, Err(samples::gaps("ListPolicies")));
}

#[test]
fn accounts_with_the_same_policies_are_evaluated_once() {
    let mut sample = guarded(vec![
        scp("p-leave", deny(json!(LEAVE), json!("*")), &[UNIT]),
        scp("p-own", deny(json!(LEAVE), json!("arn:aws:x:*:500000000007:*")), &[ROOT]),
    ]);
    let template = sample.accounts[3].clone();
    let ids: Vec<String> = (0..400_u64).map(|number| (500_000_000_000 + number).to_string()).collect();
    for id in &ids {
        sample.header.accounts.push(id.clone());
        sample.accounts.push(crate::model::AccountRecord { id: id.clone(), ..template.clone() });
    }
    let organization = sample.organization();
    if let Observed::Known(accounts) = &mut organization.accounts {
        accounts.extend(ids.iter().map(|id| AccountSummary {
            id: id.clone(),
            name: id.clone(),
            status: "ACTIVE".to_owned(),
            parent_id: Observed::Known(UNIT.to_owned()),
            joined_at: Observed::Absent,
            ..AccountSummary::default()
        }));
    }
    if let Observed::Known(policies) = &mut organization.service_control_policies
        && let Observed::Known(targets) = &mut policies[0].targets
    {
        targets.extend(ids.iter().map(|id| PolicyTarget { id: id.clone(), kind: "ACCOUNT".to_owned() }));
    }
    let facts = sample.facts();
    let count = |accounts: &[String]| {
        let before = facts.guardrails.ground().evaluations();
        for account in accounts {
            let asked = asked(&facts, &sample, account);
            let leave = asked.protection(Guardrail::Leave).unwrap();
            assert_eq!(leave.rows[0].answer.standing, Ok(Standing::Denied));
        }
        facts.guardrails.ground().evaluations() - before
    };
    let first = count(&ids[..1]);
    assert!(first > 0);
    assert_eq!(count(&ids[1..7]), 0, "what one account was asked is known of all like it");
    assert_eq!(count(&ids[7..8]), first, "a policy names this one");
    assert_eq!(count(&ids[8..]), 0);
    let set = |account: &str| match facts.guardrails.binding(account) {
        Ok(super::Binding::Member(set)) => Arc::as_ptr(&set),
        other => panic!("{other:?}"),
    };
    assert_eq!(set(&ids[0]), set(&ids[399]));
    assert_ne!(set(&ids[0]), set(&ids[7]));
}

/// AWS does not say that one keeps a detector from being deleted.
#[test]
fn a_guardduty_policy_is_no_denial() {
    let statements = || deny(json!("guardduty:DeleteDetector"), json!("*"));
    let detector = format!("arn:aws:guardduty:{REGION}:{WORKLOAD}:detector/a");
    let standing = |sample: &Sample| {
        let answer = sample.facts().guardrails.answer(WORKLOAD, "guardduty:DeleteDetector", &detector);
        answer.unwrap().standing.clone()
    };
    let mut sample = guarded(Vec::new());
    if let Observed::Known(roots) = &mut sample.organization().roots {
        roots[0].enabled_policy_types.push("GUARDDUTY_POLICY".to_owned());
    }
    let policies = vec![policy("p-guardduty", "guardduty_policy", statements(), &[ROOT, WORKLOAD])];
    let further = [("GUARDDUTY_POLICY".to_owned(), Observed::Known(policies))];
    sample.organization().further_policies = Some(further.into());
    assert_eq!(standing(&sample), Ok(Standing::Open { exemption: None }));
    assert_eq!(standing(&guarded(vec![scp("p-scp", statements(), &[ROOT])])), Ok(Standing::Denied));
}

/// By AWS's list; the configuration adds to it.
#[test]
fn resource_control_policies_bind_further_services_by_the_configuration() {
    let statement =
        json!([{ "Effect": "Deny", "Principal": "*", "Action": "newservice2030:*", "Resource": "*" }]);
    let mut sample = guarded(Vec::new());
    if let Observed::Known(roots) = &mut sample.organization().roots {
        roots[0].enabled_policy_types.push("RESOURCE_CONTROL_POLICY".to_owned());
    }
    sample.organization().resource_control_policies =
        Observed::Known(vec![scp("p-perimeter", statement, &[ROOT])]);
    let ask = |facts: &Facts| facts.guardrails.answer(WORKLOAD, "newservice2030:Delete", "*").unwrap();
    let unknown = ask(&sample.facts());
    assert!(unknown.standing.is_err(), "{:?}", unknown.standing);
    let mut facts = sample.facts();
    facts.guardrails.ground.resource_controlled = vec!["newservice2030".to_owned()];
    assert_eq!(ask(&facts).standing, Ok(Standing::Denied));
}

/// Nor is it known what one does on an action that is asked on no resource.
#[test]
fn resource_control_policies_that_aws_refuses_are_unread() {
    let standing = |element: &str, listed: Value, action: &str, resource: &str| {
        let statement = json!([{ "Effect": "Deny", "Principal": "*", element: listed, "Resource": "*" }]);
        let mut sample = guarded(Vec::new());
        if let Observed::Known(roots) = &mut sample.organization().roots {
            roots[0].enabled_policy_types.push("RESOURCE_CONTROL_POLICY".to_owned());
        }
        sample.organization().resource_control_policies =
            Observed::Known(vec![policy("p-perimeter", "resource_control_policy", statement, &[ROOT])]);
        sample.facts().guardrails.answer(WORKLOAD, action, resource).unwrap().standing.clone()
    };
    let keys = format!("arn:aws:kms:*:{WORKLOAD}:key/*");
    let on_keys = |element: &str, listed: Value| standing(element, listed, "kms:ScheduleKeyDeletion", &keys);
    assert_eq!(on_keys("Action", json!("kms:*")), Ok(Standing::Denied));
    for (element, listed) in
        [("Action", json!("*")), ("Action", json!(["kms:*", "*:*"])), ("NotAction", json!("s3:*"))]
    {
        assert!(on_keys(element, listed.clone()).is_err(), "{element} {listed}");
    }
    for action in ["logs:PutAccountPolicy", "kms:CreateKey", "s3:ListAllMyBuckets"] {
        let service = action.split(':').next().unwrap();
        assert!(standing("Action", json!(format!("{service}:*")), action, "*").is_err(), "{action}");
    }
}

/// The types of resources of the code are those of the reference.
#[test]
fn every_protected_action_is_asked_on_what_the_reference_says() {
    for guardrail in Guardrail::ALL {
        for action in guardrail.actions() {
            let Name::Action(known) = reference::look_up(action.name) else {
                panic!("{} is in no list of actions", action.name);
            };
            let (service, name) = action.name.split_once(':').unwrap();
            assert_eq!(known.name, name, "{service}");
            let pattern = match action.resource {
                ResourceKind::Archive => "arn:aws:s3:::archive".to_owned(),
                ResourceKind::ArchiveObject => "arn:aws:s3:::archive/*".to_owned(),
                kind => kind.pattern("aws", WORKLOAD),
            };
            assert!(known.is_asked_on(&pattern), "{} on {pattern}, not {known:?}", action.name);
            assert_eq!(known.resources.is_empty(), action.resource == ResourceKind::None, "{}", action.name);
        }
    }
}
