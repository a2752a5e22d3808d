//! The state of the fake: plain data that a test fills and changes. Resources are `serde_json` values with the
//! field names of AWS's own answers, times in JSON services as epoch seconds (CloudWatch Logs: milliseconds).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::healthy::{ORGANIZATION_ID, ROOT};
use super::objects::Objects;
use super::protocol::Failure;
use super::template::Template;

/// Everything that the fake answers from.
pub struct World {
    pub partition: String,
    /// `None`: no account is in an organization.
    pub organization: Option<Organization>,
    /// By account id.
    pub accounts: BTreeMap<String, Account>,
    /// By name, which is global.
    pub buckets: BTreeMap<String, Bucket>,
    /// Roles that every `assumable` account has for the scanner, with their paths: `audit/Trailproof`.
    pub role_names: BTreeSet<String>,
    /// Demanded by every role, if set.
    pub external_id: Option<String>,
    /// How long sessions last, whatever is asked for.
    pub session_lifetime: Option<Duration>,
    /// `AssumeRole` in the first of these accounts names its role, and hands out credentials of the second.
    pub credentials_mixed_up: Option<(String, String)>,
    /// Items a page at most, by service; others have 50.
    pub page_sizes: BTreeMap<String, usize>,
    /// Organizations, for one, may answer an empty page that has a next one: with this, each first page is so.
    pub empty_first_pages: bool,
    /// `ListBuckets` does not name the buckets' regions, as where S3 is not asked for pages.
    pub hides_bucket_regions: bool,
    /// What the buckets hold.
    pub objects: Objects,
    /// CloudTrail's public keys, by region, as in `ListPublicKeys`.
    pub public_keys: BTreeMap<String, Vec<Value>>,
    /// Regions that a test has touched; the others come from the template.
    regions: BTreeMap<(String, String), Region>,
    template: Option<Template>,
}

/// An organization; its accounts are in `World::accounts`, placed by `parent`.
pub struct Organization {
    pub id: String,
    pub management_account: String,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    pub root: String,
    /// Policy types that are enabled on the root.
    pub policy_types: BTreeSet<String>,
    pub units: Vec<Unit>,
    pub policies: Vec<Policy>,
    /// Service principals with trusted access.
    pub service_access: BTreeSet<String>,
    /// Account id to the service principals it is delegated administrator of.
    pub delegated_administrators: BTreeMap<String, BTreeSet<String>>,
    /// As in `GetCentralizationRuleForOrganization`.
    pub centralization_rules: Vec<Value>,
}

/// An organizational unit.
pub struct Unit {
    pub id: String,
    pub name: String,
    pub parent: String,
}

/// A policy of the organization.
pub struct Policy {
    pub id: String,
    pub name: String,
    /// `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`, ...
    pub kind: String,
    pub aws_managed: bool,
    /// The policy document as text, which a test may break.
    pub content: String,
    /// Ids of the root, units and accounts that it is attached to.
    pub targets: BTreeSet<String>,
}

/// An AWS account.
pub struct Account {
    pub id: String,
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`.
    pub status: String,
    /// The root or unit it is in; `None`: no member of the organization.
    pub parent: Option<String>,
    /// Tags in the organization.
    pub tags: Vec<(String, String)>,
    /// Region name and opt-in status: `ENABLED_BY_DEFAULT`, `ENABLED`, `DISABLED`, ...
    pub regions: Vec<(String, String)>,
    /// Whether the roles of `World::role_names` exist here and trust the caller.
    pub assumable: bool,
    /// `PublicAccessBlockConfiguration` of the account; `None`: never set.
    pub public_access_block: Option<Value>,
    /// Trails whose home is in this account, whatever their region.
    pub trails: Vec<Trail>,
    /// KMS keys of all regions.
    pub keys: Vec<Key>,
    /// IAM roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Managed policies: ARN to default version's document.
    pub managed_policies: BTreeMap<String, Value>,
    pub aliases: Vec<String>,
}

/// A CloudTrail trail, in its home region.
#[derive(Clone)]
pub struct Trail {
    /// As in `DescribeTrails`.
    pub description: Value,
    /// As in `GetTrailStatus`.
    pub status: Value,
    /// As in `GetEventSelectors`, without `TrailARN`.
    pub event_selectors: Value,
    /// The `InsightSelectors`; `None` answers `InsightNotEnabledException`.
    pub insight_selectors: Option<Value>,
}

/// A KMS key.
#[derive(Clone)]
pub struct Key {
    pub region: String,
    /// `KeyMetadata` of `DescribeKey`.
    pub metadata: Value,
    /// As in `GetKeyRotationStatus`.
    pub rotation: Value,
    pub policy: Value,
    pub grants: Vec<Value>,
}

/// An IAM role.
#[derive(Clone, Default)]
pub struct Role {
    pub path: String,
    pub trust_policy: Value,
    pub inline_policies: BTreeMap<String, Value>,
    /// ARNs in `Account::managed_policies`.
    pub attached_policies: Vec<String>,
}

/// A bucket.
#[derive(Clone)]
pub struct Bucket {
    pub owner: String,
    pub region: String,
    /// By the query name of the sub-resource (`versioning`, `object-lock`, `lifecycle`, `policy`, `acl`,
    /// `ownershipControls`, `publicAccessBlock`, `encryption`, `logging`, `replication`, `notification`,
    /// `policyStatus`): the document with S3's XML element names, lists as arrays; the policy as JSON or as text.
    pub configuration: BTreeMap<String, Value>,
}

/// What one region of one account holds of AWS Config, CloudWatch Logs and CloudTrail Lake.
#[derive(Clone, Default)]
pub struct Region {
    pub recorders: Vec<Value>,
    pub recorder_statuses: Vec<Value>,
    pub delivery_channels: Vec<Value>,
    pub delivery_channel_statuses: Vec<Value>,
    pub aggregators: Vec<Value>,
    pub retention_configurations: Vec<Value>,
    pub log_groups: Vec<Value>,
    /// With their `logGroupName`.
    pub subscription_filters: Vec<Value>,
    /// With their `logGroupName`.
    pub metric_filters: Vec<Value>,
    pub account_policies: Vec<Value>,
    pub destinations: Vec<Value>,
    /// As in `DescribeStreamSummary` of Kinesis.
    pub streams: Vec<Value>,
    /// As in `DescribeDeliveryStream` of Firehose.
    pub delivery_streams: Vec<Value>,
    /// With their `policyScope`; without one, the account's.
    pub resource_policies: Vec<Value>,
    pub delivery_sources: Vec<Value>,
    pub deliveries: Vec<Value>,
    pub delivery_destinations: Vec<Value>,
    /// As in `GetEventDataStore`.
    pub event_data_stores: Vec<Value>,
}

impl World {
    /// One account that is in no organization.
    pub fn standalone(account: &str, regions: &[&str]) -> Self {
        let mut world = Self {
            partition: "aws".to_owned(),
            organization: None,
            accounts: BTreeMap::new(),
            buckets: BTreeMap::new(),
            role_names: ["OrganizationAccountAccessRole", "TrailproofAudit"].map(str::to_owned).into(),
            external_id: None,
            page_sizes: [("organizations".to_owned(), 20), ("s3".to_owned(), 1000)].into(),
            empty_first_pages: false,
            hides_bucket_regions: false,
            session_lifetime: None,
            credentials_mixed_up: None,
            objects: Objects::default(),
            public_keys: BTreeMap::new(),
            regions: BTreeMap::new(),
            template: None,
        };
        world.add_account(account, "Standalone", None, regions);
        world
    }

    /// An organization of its management account alone, with all features, no policy type and no trusted access.
    pub fn organization(management: &str, regions: &[&str]) -> Self {
        let mut world = Self::standalone(management, regions);
        world.organization = Some(Organization {
            id: ORGANIZATION_ID.to_owned(),
            management_account: management.to_owned(),
            feature_set: "ALL".to_owned(),
            root: ROOT.to_owned(),
            policy_types: BTreeSet::new(),
            units: Vec::new(),
            policies: Vec::new(),
            service_access: BTreeSet::new(),
            delegated_administrators: BTreeMap::new(),
            centralization_rules: Vec::new(),
        });
        let account = world.account_mut(management);
        account.parent = Some(ROOT.to_owned());
        "Management".clone_into(&mut account.name);
        world
    }

    /// A good organization of any size: see `healthy`.
    pub fn healthy(accounts: usize, regions: &[&str]) -> Self {
        super::healthy::world(accounts, regions)
    }

    pub fn with_template(mut self, template: Template) -> Self {
        self.template = Some(template);
        self
    }

    /// An empty account in a root or unit, or in no organization.
    pub fn add_account(
        &mut self,
        id: &str,
        name: &str,
        parent: Option<&str>,
        regions: &[&str],
    ) -> &mut Account {
        let enabled = |region: &&str| ((*region).to_owned(), "ENABLED_BY_DEFAULT".to_owned());
        let account = Account {
            id: id.to_owned(),
            name: name.to_owned(),
            status: "ACTIVE".to_owned(),
            parent: parent.map(str::to_owned),
            tags: Vec::new(),
            regions: regions.iter().map(enabled).collect(),
            assumable: true,
            public_access_block: None,
            trails: Vec::new(),
            keys: Vec::new(),
            roles: BTreeMap::new(),
            managed_policies: BTreeMap::new(),
            aliases: Vec::new(),
        };
        self.accounts.entry(id.to_owned()).insert_entry(account).into_mut()
    }

    /// An organizational unit.
    pub fn add_unit(&mut self, id: &str, name: &str, parent: &str) {
        let unit = Unit { id: id.to_owned(), name: name.to_owned(), parent: parent.to_owned() };
        self.organization_mut().units.push(unit);
    }

    /// A bucket as S3 makes one today: encrypted with S3's keys, ACLs off, public access blocked.
    pub fn add_bucket(&mut self, name: &str, owner: &str, region: &str) -> &mut Bucket {
        let configuration = [
            ("publicAccessBlock", blocked()),
            ("ownershipControls", json!({ "Rule": [{ "ObjectOwnership": "BucketOwnerEnforced" }] })),
            (
                "encryption",
                json!({ "Rule": [{
                "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" }, "BucketKeyEnabled": false,
            }] }),
            ),
        ];
        let bucket = Bucket {
            owner: owner.to_owned(),
            region: region.to_owned(),
            configuration: configuration.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        self.buckets.entry(name.to_owned()).insert_entry(bucket).into_mut()
    }

    pub fn organization_mut(&mut self) -> &mut Organization {
        self.organization.as_mut().expect("the world has an organization")
    }

    pub fn account_mut(&mut self, id: &str) -> &mut Account {
        self.accounts.get_mut(id).expect("the account exists")
    }

    pub fn bucket_mut(&mut self, name: &str) -> &mut Bucket {
        self.buckets.get_mut(name).expect("the bucket exists")
    }

    /// A sub-resource of a bucket, to change; name as in `Bucket::configuration`.
    pub fn bucket_configuration_mut(&mut self, bucket: &str, name: &str) -> &mut Value {
        self.bucket_mut(bucket).configuration.entry(name.to_owned()).or_insert(Value::Null)
    }

    /// The trail of that name in the account.
    pub fn trail_mut(&mut self, account: &str, name: &str) -> &mut Trail {
        let mut trails = self.account_mut(account).trails.iter_mut();
        trails.find(|trail| trail.description["Name"] == name).expect("the trail exists")
    }

    /// The region's resources, made from the template on first use.
    pub fn region_mut(&mut self, account: &str, region: &str) -> &mut Region {
        let key = (account.to_owned(), region.to_owned());
        if !self.regions.contains_key(&key) {
            let made = self.region(account, region).into_owned();
            self.regions.insert(key.clone(), made);
        }
        self.regions.get_mut(&key).expect("it was put there")
    }

    /// The log group of that name, to change.
    pub fn log_group_mut(&mut self, account: &str, region: &str, name: &str) -> &mut Value {
        let mut groups = self.region_mut(account, region).log_groups.iter_mut();
        groups.find(|group| group["logGroupName"] == name).expect("the log group exists")
    }

    /// The region's resources.
    pub fn region(&self, account: &str, region: &str) -> Cow<'_, Region> {
        // The map's key is owned, and a look-up must not cost more than making the region would.
        if let Some(found) = self.regions.get(&(account.to_owned(), region.to_owned())) {
            return Cow::Borrowed(found);
        }
        Cow::Owned(self.template.as_ref().map_or_else(Region::default, |made| made.region(account, region)))
    }

    /// Whether the account may be called in the region.
    pub fn region_enabled(&self, account: &str, region: &str) -> bool {
        let regions =
            self.accounts.get(account).map(|account| account.regions.as_slice()).unwrap_or_default();
        regions.iter().any(|(name, status)| {
            name == region && matches!(status.as_str(), "ENABLED" | "ENABLED_BY_DEFAULT" | "DISABLING")
        })
    }

    /// One page of `items`: those after `token`, and the next token. `limit` is what the caller asked for.
    pub fn page<T>(
        &self,
        service: &str,
        items: impl Iterator<Item = T>,
        token: Option<&str>,
        limit: Option<usize>,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        if let Some(limit) = limit.filter(|limit| *limit == 0 || *limit > largest_page(service)) {
            let message = format!("{limit} items a page: must be from 1 to {}", largest_page(service));
            return Err(Failure::new(400, "ValidationException", message));
        }
        let size = self.page_sizes.get(service).copied().unwrap_or(50);
        let size = limit.map_or(size, |limit| limit.min(size));
        let start = match token {
            None if self.empty_first_pages => return Ok((Vec::new(), Some("page-from-0".to_owned()))),
            None => 0,
            Some(token) => {
                token.strip_prefix("page-from-").and_then(|start| start.parse::<usize>().ok()).ok_or_else(
                    || Failure::new(400, "InvalidNextTokenException", "The specified nextToken is invalid."),
                )?
            }
        };
        let mut rest = items.skip(start).peekable();
        let page: Vec<T> = rest.by_ref().take(size).collect();
        let next = rest.peek().is_some().then(|| format!("page-from-{}", start + size));
        Ok((page, next))
    }
}

/// What a caller may ask for at most.
fn largest_page(service: &str) -> usize {
    match service {
        "organizations" => 20,
        "iam" | "kms" => 1000,
        "s3" => 10_000,
        "observabilityadmin" | "securityhub" => 100,
        _ => 50,
    }
}

/// All four settings of a public access block.
pub fn blocked() -> Value {
    json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    })
}

/// Seconds since 1970, so long ago.
pub fn seconds_ago(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    now.as_secs() - seconds
}
