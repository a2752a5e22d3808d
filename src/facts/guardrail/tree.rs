//! The organization's tree with its policies: which of them bind a place. See [`super`].
//!
//! What could not be read makes a level unread, never empty: its denies and its allows are unknown.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::attached::Policies;
use super::levels::{OWN_LEVEL, Step};
use crate::facts::view::Derived;
use crate::facts::{derived, noted_gaps};
use crate::model::{Gap, GapPlace, GapReason, Gaps, Observed, Organization};
use crate::policy::{AccountEquivalence, AttachedPolicy, Document, Hierarchy, Level, PolicyKind};

/// The tree, its policies and their names.
#[derive(Debug)]
pub(super) struct Tree {
    organization_id: String,
    /// The root, if there is exactly one, as AWS has it.
    root: Option<String>,
    service_control: Policies,
    resource_control: Policies,
    /// The way from the root to each place that holds accounts or units, itself included.
    ways: HashMap<String, Vec<Step>>,
    /// The way to an account whose place is not known.
    nowhere: Vec<Step>,
    /// The place that holds each account.
    parents: HashMap<String, Observed<String>>,
    /// The names of policies and units, by id.
    names: BTreeMap<String, String>,
}

/// What tells the effective policies of two accounts apart, but for the accounts' own numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PathKey {
    place: String,
    service_control: Vec<usize>,
    resource_control: Vec<usize>,
}

/// The effective policies of accounts in one place with the same policies of their own.
#[derive(Debug)]
pub(super) struct Path {
    /// `None` where the type is not enabled. The last level is the account, without its number.
    pub(super) service_control: Option<Hierarchy>,
    /// The same of resource control policies.
    pub(super) resource_control: Option<Hierarchy>,
    /// Why levels are unread, by their ids, and why it is not known what a resource of a policy comes to.
    pub(super) gaps: BTreeMap<String, Gaps>,
    /// Which accounts these policies tell apart.
    pub(super) equivalence: AccountEquivalence,
    /// `o-.../r-.../ou-.../`, where all of it is known.
    pub(super) in_organization: Option<String>,
}

impl Tree {
    /// Puts the tree together, and notes what AWS answered but what cannot be understood.
    pub(super) fn read(
        organization: &Organization,
        recorded: &BTreeSet<String>,
        gaps: &mut Vec<Gap>,
    ) -> Self {
        let mut names = BTreeMap::new();
        let enabled = |kind: &str| {
            let roots = organization.roots.list()?;
            derived::any(roots.iter().map(|root| root.enables(kind)))
        };
        let mut service_control = Policies::read(
            PolicyKind::ServiceControl,
            &organization.service_control_policies,
            enabled("SERVICE_CONTROL_POLICY"),
            &mut names,
            gaps,
        );
        let mut resource_control = Policies::read(
            PolicyKind::ResourceControl,
            &organization.resource_control_policies,
            enabled("RESOURCE_CONTROL_POLICY"),
            &mut names,
            gaps,
        );
        let mut places = BTreeSet::new();
        if let Ok(units) = organization.organizational_units.list() {
            for unit in units {
                names.insert(unit.id.clone(), unit.name.clone());
                places.insert(unit.id.clone());
            }
        }
        let mut root = None;
        if let Ok(roots) = organization.roots.list() {
            places.extend(roots.iter().map(|root| root.id.clone()));
            root = roots.first().filter(|_| roots.len() == 1).map(|root| root.id.clone());
        }
        let mut parents = HashMap::new();
        let unplaced = match organization.accounts.list() {
            Ok(accounts) => {
                for account in accounts {
                    places.extend(account.parent_id.get().ok().flatten().cloned());
                    parents.insert(account.id.clone(), account.parent_id.clone());
                }
                let place =
                    GapPlace { service: "organizations", operation: "ListAccounts", ..GapPlace::default() };
                let why = "an account was read that the organization does not list";
                let unlisted = Gap::new(place, GapReason::NotCollected, why);
                let unplaced = Gaps::from(unlisted.id.clone());
                if recorded.iter().any(|account| !parents.contains_key(account)) {
                    gaps.push(unlisted);
                }
                unplaced
            }
            Err(unknown) => unknown,
        };
        let members = organization.accounts.list().unwrap_or_default().iter().filter(|account| {
            account.id != organization.management_account_id
                && (account.is_active() || recorded.contains(&account.id))
        });
        let bound: Vec<&str> =
            places.iter().map(String::as_str).chain(members.map(|account| account.id.as_str())).collect();
        service_control.note_short(bound.iter().copied(), gaps);
        resource_control.note_short(bound.iter().copied(), gaps);
        let mut tree = Self {
            organization_id: organization.id.clone(),
            nowhere: root_and(root.as_deref(), unplaced),
            root,
            service_control,
            resource_control,
            ways: HashMap::new(),
            parents,
            names,
        };
        for place in places {
            let way = tree.way(organization, &place, gaps);
            tree.ways.insert(place, way);
        }
        tree
    }

    /// The way from the root down to a place.
    fn way(&self, organization: &Organization, place: &str, gaps: &mut Vec<Gap>) -> Vec<Step> {
        let units = organization.organizational_units.list();
        let mut upwards = Vec::new();
        let mut at = place;
        let mut missing = None;
        while at.starts_with("ou-") {
            upwards.push(Step::Known(at.to_owned()));
            let unit = match &units {
                // A tree cannot be deeper than it has units, however a file may have been changed.
                Ok(units) => units.iter().find(|unit| unit.id == at && upwards.len() <= units.len()),
                Err(unknown) => {
                    missing = Some(unknown.clone());
                    break;
                }
            };
            let Some(unit) = unit else {
                let place = GapPlace {
                    service: "organizations",
                    operation: "ListOrganizationalUnitsForParent",
                    resource: Some(at),
                    ..GapPlace::default()
                };
                let why = "no unit or root was listed that holds it";
                missing = Some(noted_gaps::note(gaps, place, GapReason::NotCollected, why));
                break;
            };
            at = &unit.parent_id;
        }
        let mut way = match missing {
            Some(unknown) => root_and(self.root.as_deref(), unknown),
            None => vec![Step::Known(at.to_owned())],
        };
        way.extend(upwards.into_iter().rev());
        way
    }

    /// The name of a policy or a unit, or its id.
    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }

    /// What tells the account's effective policies apart from others'.
    pub(super) fn key(&self, account: &str) -> PathKey {
        PathKey {
            // An account whose place is not known shares it with others of the same gap alone.
            place: match self.parents.get(account) {
                Some(Observed::Known(parent)) => parent.clone(),
                Some(Observed::Unavailable(gap)) => gap.as_str().to_owned(),
                Some(Observed::Absent) | None => String::new(),
            },
            service_control: self.service_control.at(account),
            resource_control: self.resource_control.at(account),
        }
    }

    /// The effective policies of this account, and of those with the same key.
    pub(super) fn path(&self, account: &str, key: &PathKey) -> Path {
        let below_root;
        let way = match self.parents.get(account) {
            Some(Observed::Known(parent)) => self.ways.get(parent).unwrap_or(&self.nowhere),
            Some(Observed::Unavailable(gap)) => {
                below_root = root_and(self.root.as_deref(), gap.clone().into());
                &below_root
            }
            Some(Observed::Absent) | None => &self.nowhere,
        };
        self.assemble(way, Some(&key.service_control), Some(&key.resource_control))
    }

    /// The policies that an account which is made in this place would carry: those of the place and above, and AWS's
    /// `FullAWSAccess`, which every new account gets.
    pub(super) fn new_account(&self, place: &str) -> Path {
        let way = self.ways.get(place).unwrap_or(&self.nowhere);
        let mut path = self.assemble(way, None, None);
        if let Some(hierarchy) = &mut path.service_control {
            let policies = allow_everything()
                .map(|document| AttachedPolicy { id: "FullAWSAccess".to_owned(), document })
                .into_iter()
                .collect();
            hierarchy.levels.push(Level { id: OWN_LEVEL.to_owned(), policies, unread: false });
        }
        if let Some(hierarchy) = &mut path.resource_control {
            hierarchy.levels.push(Level::default());
        }
        path
    }

    fn assemble(
        &self,
        way: &[Step],
        service_control: Option<&[usize]>,
        resource_control: Option<&[usize]>,
    ) -> Path {
        let mut gaps = BTreeMap::new();
        let service_control = self.service_control.hierarchy(way, service_control, &mut gaps);
        let resource_control = self.resource_control.hierarchy(way, resource_control, &mut gaps);
        let hierarchies = [&service_control, &resource_control];
        let documents = hierarchies.into_iter().flatten().flat_map(Hierarchy::documents);
        let equivalence = AccountEquivalence::of(documents.map(|(_, policy)| policy.document.as_ref()));
        let known: Option<Vec<&str>> = way
            .iter()
            .map(|step| match step {
                Step::Known(id) => Some(id.as_str()),
                Step::Unknown(_) => None,
            })
            .collect();
        let in_organization = known.map(|ids| format!("{}/{}/", self.organization_id, ids.join("/")));
        Path { service_control, resource_control, gaps, equivalence, in_organization }
    }

    /// What the policy of this type and id says.
    pub(super) fn document(&self, kind: PolicyKind, id: &str) -> Option<&Derived<Arc<Document>>> {
        let policies = match kind {
            PolicyKind::ServiceControl => &self.service_control,
            PolicyKind::ResourceControl => &self.resource_control,
            PolicyKind::ResourceBased
            | PolicyKind::IdentityBased
            | PolicyKind::PermissionsBoundary
            | PolicyKind::Session => return None,
        };
        policies.document(id)
    }
}

fn allow_everything() -> Option<Arc<Document>> {
    const FULL_ACCESS: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    Document::parse(FULL_ACCESS).ok().map(Arc::new)
}

/// The root, which is above everything, and levels that are not known.
fn root_and(root: Option<&str>, unknown: Gaps) -> Vec<Step> {
    root.map(|root| Step::Known(root.to_owned())).into_iter().chain([Step::Unknown(unknown)]).collect()
}
