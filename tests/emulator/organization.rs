//! The organization that is scanned: its tree, its accounts, its policies.
//!
//! ```text
//! Root ── management, sandbox
//! ├── Security ── log-archive, security-tooling
//! ├── Workloads
//! │   ├── Prod ── payments, orders, ledger, vault
//! │   └── NonProd ── reporting, analytics, platform
//! │       └── Teams ── team-01 to team-22: more than one page of ListAccountsForParent
//! └── Suspended ── retired, which is closed
//! ```

use std::collections::BTreeMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{OrganizationFeatureSet, PolicyType};

use crate::clients::Session;

/// Organizational units with the unit above, parents first.
const UNITS: [(&str, Option<&str>); 6] = [
    ("Security", None),
    ("Workloads", None),
    ("Suspended", None),
    ("Prod", Some("Workloads")),
    ("NonProd", Some("Workloads")),
    ("Teams", Some("NonProd")),
];

/// Accounts with their units; `None` is the root.
const ACCOUNTS: [(&str, Option<&str>); 11] = [
    ("log-archive", Some("Security")),
    ("security-tooling", Some("Security")),
    ("payments", Some("Prod")),
    ("orders", Some("Prod")),
    ("ledger", Some("Prod")),
    ("vault", Some("Prod")),
    ("reporting", Some("NonProd")),
    ("analytics", Some("NonProd")),
    ("platform", Some("NonProd")),
    ("sandbox", None),
    ("retired", Some("Suspended")),
];

/// How many accounts the unit Teams has: AWS and the emulator list twenty at a time.
pub(crate) const TEAMS: usize = 22;

/// Nobody may switch the trail off: attached to the root.
const PROTECT_LOGGING: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "ProtectLogging", "Effect": "Deny",
    "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:Put*",
    "config:StopConfigurationRecorder"], "Resource": "*"}]}"#;

/// Workloads stay in the organization, and keep Config but for whoever has a second factor: attached to their unit.
const PROTECT_WORKLOADS: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "KeepMembership", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
    {"Sid": "KeepConfig", "Effect": "Deny", "Action": ["config:Delete*", "config:Put*", "config:Stop*"], "Resource": "*",
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#;

/// Flow logs of production stay, but for the break-glass role, which nobody there may make: attached to Prod.
const PROTECT_NETWORK_LOGS: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "KeepFlowLogs", "Effect": "Deny", "Action": ["ec2:DeleteFlowLogs", "route53resolver:D*QueryLogConfig"],
     "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/break-glass"}}},
    {"Sid": "KeepBreakGlass", "Effect": "Deny", "Action": ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"],
     "Resource": "arn:aws:iam::*:role/break-glass"}]}"#;

/// As published, and without effect: attached to the unit of what is not production.
const PUBLISHED_EXAMPLE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "ProtectTrails", "Effect": "Deny",
    "Action": ["cloudtrail:DeleteTrail"], "Resource": "arn:aws:cloudtrail:${Region}:${Account}:trail/*"}]}"#;

/// One account alone may not leave: attached to the sandbox.
const KEEP_SANDBOX: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "KeepMembership", "Effect": "Deny",
    "Action": "organizations:*", "Resource": "*"}]}"#;

/// The archive's logs stay: attached to the archive's account.
const PROTECT_ARCHIVE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "KeepLogs", "Effect": "Deny",
    "Action": ["s3:Delete*", "s3:PutObjectRetention", "s3:BypassGovernanceRetention"],
    "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]}]}"#;

/// Written once, attached to nothing.
const FORGOTTEN: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "NoKeyDeletion", "Effect": "Deny",
    "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}]}"#;

/// What the organization is called by.
#[derive(Debug, Clone)]
pub(crate) struct Organization {
    /// `o-...`.
    pub(crate) id: String,
    /// Account numbers by name.
    accounts: BTreeMap<String, String>,
}

impl Organization {
    /// The number of the account of this name.
    pub(crate) fn account(&self, name: &str) -> &str {
        self.accounts.get(name).unwrap_or_else(|| panic!("no account is named {name}"))
    }

    /// The name of the account of this number.
    pub(crate) fn name_of(&self, number: &str) -> &str {
        let found = self.accounts.iter().find(|(_, account)| *account == number);
        found.map_or_else(|| panic!("no account has the number {number}"), |(name, _)| name)
    }

    /// A session in the account of this name.
    pub(crate) async fn enter(&self, management: &Session, name: &str) -> Session {
        match name {
            "management" => management.clone(),
            _ => management.enter(self.account(name)).await,
        }
    }

    /// An organization with these accounts directly under its root.
    pub(crate) async fn flat(management: &Session, names: &[&str]) -> Self {
        let client = management.organizations();
        let mut organization = Self::create(&client).await;
        for name in names {
            organization.add(&client, name).await;
        }
        organization
    }

    /// The organization that this module describes.
    pub(crate) async fn nested(management: &Session) -> Self {
        let client = management.organizations();
        let mut organization = Self::create(&client).await;
        let root = root(&client).await;

        let mut units = BTreeMap::new();
        for (name, above) in UNITS {
            let parent = above.map_or(&root, |above| &units[above]);
            let unit = client.create_organizational_unit().parent_id(parent).name(name).send().await;
            let unit = unit.expect("a unit is created").organizational_unit.expect("it is described");
            units.insert(name, unit.id.expect("it has an id"));
        }
        let teams = (1..=TEAMS).map(|number| (format!("team-{number:02}"), Some("Teams")));
        let accounts = ACCOUNTS.map(|(name, unit)| (name.to_owned(), unit));
        for (name, unit) in accounts.into_iter().chain(teams) {
            let account = organization.add(&client, &name).await;
            let Some(unit) = unit else { continue };
            let moved = client.move_account().account_id(account).source_parent_id(&root);
            moved.destination_parent_id(&units[unit]).send().await.expect("an account is moved");
        }
        client
            .close_account()
            .account_id(organization.account("retired"))
            .send()
            .await
            .expect("it is closed");

        protect(&client, &root, &units, &organization).await;
        for service in ["cloudtrail.amazonaws.com", "config.amazonaws.com"] {
            client
                .enable_aws_service_access()
                .service_principal(service)
                .send()
                .await
                .expect("a service is trusted");
        }
        // Of the services that the rules ask for, the emulator knows no delegated administrator but this one's.
        let delegated =
            client.register_delegated_administrator().account_id(organization.account("security-tooling"));
        let delegated = delegated.service_principal("config-multiaccountsetup.amazonaws.com").send().await;
        delegated.expect("an administrator is registered");
        organization
    }

    async fn create(client: &Client) -> Self {
        let created = client.create_organization().feature_set(OrganizationFeatureSet::All).send().await;
        let created = created.expect("an organization is created").organization.expect("it is described");
        let management = created.master_account_id.expect("it has a management account");
        let accounts = BTreeMap::from([("management".to_owned(), management)]);
        Self { id: created.id.expect("it has an id"), accounts }
    }

    async fn add(&mut self, client: &Client, name: &str) -> String {
        let email = format!("{name}@example.com");
        let created = client.create_account().account_name(name).email(email).send().await;
        let status =
            created.expect("an account is created").create_account_status.expect("its status is told");
        let number = status.account_id.expect("the emulator makes accounts at once");
        self.accounts.insert(name.to_owned(), number.clone());
        number
    }
}

async fn root(client: &Client) -> String {
    let roots = client.list_roots().send().await.expect("roots are listed");
    roots.roots().first().and_then(|root| root.id()).expect("there is a root").to_owned()
}

/// Service control policies at every level and attached to nothing, and a resource control policy on the workloads.
async fn protect(client: &Client, root: &str, units: &BTreeMap<&str, String>, organization: &Organization) {
    for kind in [PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy] {
        client.enable_policy_type().root_id(root).policy_type(kind).send().await.expect("a type is enabled");
    }
    let (sandbox, archive) = (organization.account("sandbox"), organization.account("log-archive"));
    let attached = [
        ("protect-logging", PROTECT_LOGGING, root),
        ("protect-workloads", PROTECT_WORKLOADS, &units["Workloads"]),
        ("protect-network-logs", PROTECT_NETWORK_LOGS, &units["Prod"]),
        ("published-example", PUBLISHED_EXAMPLE, &units["NonProd"]),
        ("keep-sandbox", KEEP_SANDBOX, sandbox),
        ("protect-archive", PROTECT_ARCHIVE, archive),
    ];
    for (name, content, target) in attached {
        let policy = create_policy(client, PolicyType::ServiceControlPolicy, name, content).await;
        attach(client, &policy, target).await;
    }
    create_policy(client, PolicyType::ServiceControlPolicy, "forgotten-draft", FORGOTTEN).await;
    let resources = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    let perimeter = create_policy(client, PolicyType::ResourceControlPolicy, "tls-for-data", resources).await;
    attach(client, &perimeter, &units["Workloads"]).await;
}

async fn attach(client: &Client, policy: &str, target: &str) {
    let attaching = client.attach_policy().policy_id(policy).target_id(target);
    attaching.send().await.expect("a policy is attached");
}

async fn create_policy(client: &Client, kind: PolicyType, name: &str, content: &str) -> String {
    let created =
        client.create_policy().r#type(kind).name(name).description(name).content(content).send().await;
    let summary = created.expect("a policy is created").policy.and_then(|policy| policy.policy_summary);
    summary.and_then(|summary| summary.id).expect("it has an id")
}
