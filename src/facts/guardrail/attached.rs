//! Policies of one type and what they are attached to, as far as could be read. See [`super::tree`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::levels::{Misplaced, OWN_LEVEL, Step, UNKNOWN_LEVEL, misplaced};
use crate::facts::derived::join;
use crate::facts::noted_gaps;
use crate::facts::view::Derived;
use crate::model::{Gap, GapPlace, GapReason, Gaps, Observed, Policy};
use crate::policy::{AttachedPolicy, Document, Hierarchy, Level, PolicyKind, Statement};

/// A policy as far as it could be read.
#[derive(Debug)]
struct ReadPolicy {
    id: String,
    document: Derived<Arc<Document>>,
    misplaced: Vec<Misplaced>,
}

/// The policies of one type, and what they are attached to.
#[derive(Debug)]
pub(super) struct Policies {
    /// The type is enabled on the root; otherwise none binds.
    enabled: Derived<bool>,
    listed: Vec<ReadPolicy>,
    /// Places of policies in the list by what they are attached to.
    attached: HashMap<String, Vec<usize>>,
    /// Why further policies may be attached anywhere.
    everywhere: Option<Gaps>,
    kind: PolicyKind,
    /// Why the attachments of roots, units and accounts are not known that have less than AWS keeps there.
    short: Option<Gaps>,
}

/// The policy that AWS attaches to everything when resource control policies are enabled.
const FULL_RESOURCE_ACCESS: &str = "p-RCPFullAWSAccess";

/// Places that are named in a gap: the rest is counted.
const NAMED: usize = 5;

impl Policies {
    pub(super) fn read(
        kind: PolicyKind,
        listed: &Observed<Vec<Policy>>,
        enabled: Derived<bool>,
        names: &mut BTreeMap<String, String>,
        gaps: &mut Vec<Gap>,
    ) -> Self {
        let mut this = Self {
            enabled,
            listed: Vec::new(),
            attached: HashMap::new(),
            everywhere: None,
            kind,
            short: None,
        };
        let listed = match listed.list() {
            Ok(listed) => listed,
            Err(unknown) => {
                this.everywhere = Some(unknown);
                return this;
            }
        };
        for policy in listed {
            let number = this.listed.len();
            names.insert(policy.id.clone(), policy.name.clone());
            match policy.targets.list() {
                Ok(targets) => {
                    for target in targets {
                        this.attached.entry(target.id.clone()).or_default().push(number);
                    }
                }
                Err(unknown) => join(&mut this.everywhere, &unknown),
            }
            let document = document(policy, gaps).and_then(|document| accepted(kind, policy, document, gaps));
            let misplaced = match &document {
                Ok(document) => misplaced(document, place(policy), gaps),
                Err(_) => Vec::new(),
            };
            this.listed.push(ReadPolicy { id: policy.id.clone(), document, misplaced });
        }
        this
    }

    /// Notes the roots, units and accounts to which less is attached than AWS lets anybody leave there: the last SCP cannot be
    /// detached ("`DetachPolicy`", AWS Organizations API Reference), nor can `RCPFullAWSAccess`, which AWS attaches to all of
    /// them itself ("RCP evaluation", AWS Organizations User Guide, both read 2026-11-29). An answer that lacks these may lack
    /// denials as well.
    pub(super) fn note_short<'a>(&mut self, places: impl Iterator<Item = &'a str>, gaps: &mut Vec<Gap>) {
        if self.enabled != Ok(true) || self.everywhere.is_some() {
            return;
        }
        let short: BTreeSet<&str> = places.filter(|place| self.is_short(&self.at(place))).collect();
        if short.is_empty() {
            return;
        }
        let (kind, least) = match self.kind {
            PolicyKind::ResourceControl => ("RESOURCE_CONTROL_POLICY", "RCPFullAWSAccess"),
            _ => ("SERVICE_CONTROL_POLICY", "at least one service control policy"),
        };
        let named: Vec<&str> = short.iter().copied().take(NAMED).collect();
        let more = match short.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = format!(
            "AWS keeps {least} attached to every root, unit and account, but none was listed for {}{more}",
            named.join(", ")
        );
        let place = GapPlace {
            service: "organizations",
            operation: "ListTargetsForPolicy",
            resource: Some(kind),
            ..GapPlace::default()
        };
        self.short = Some(noted_gaps::note(gaps, place, GapReason::MalformedResponse, &why));
    }

    /// Whether these policies of one place are less than AWS keeps there.
    fn is_short(&self, numbers: &[usize]) -> bool {
        let mut policies = numbers.iter().filter_map(|number| self.listed.get(*number));
        match self.kind {
            PolicyKind::ResourceControl => !policies.any(|policy| policy.id == FULL_RESOURCE_ACCESS),
            _ => policies.next().is_none(),
        }
    }

    /// What the policy of this id says.
    pub(super) fn document(&self, id: &str) -> Option<&Derived<Arc<Document>>> {
        self.listed.iter().find(|policy| policy.id == id).map(|policy| &policy.document)
    }

    /// What is attached to this place directly, by number.
    pub(super) fn at(&self, place: &str) -> Vec<usize> {
        self.attached.get(place).cloned().unwrap_or_default()
    }

    fn level(&self, id: &str, numbers: &[usize], gaps: &mut BTreeMap<String, Gaps>) -> Level {
        let mut unread = self.everywhere.clone();
        if let Some(short) = self.short.as_ref().filter(|_| self.is_short(numbers)) {
            join(&mut unread, short);
        }
        let mut policies = Vec::new();
        match &self.enabled {
            // Whether they bind is not known: neither what they deny nor what they allow counts.
            Err(unknown) => join(&mut unread, unknown),
            Ok(_) => {
                for policy in numbers.iter().filter_map(|number| self.listed.get(*number)) {
                    policy.misplaced.iter().for_each(|(pattern, why)| note(gaps, pattern, why));
                    match &policy.document {
                        Ok(document) => policies
                            .push(AttachedPolicy { id: policy.id.clone(), document: Arc::clone(document) }),
                        Err(unknown) => join(&mut unread, unknown),
                    }
                }
            }
        }
        if let Some(unread) = &unread {
            note(gaps, id, unread);
        }
        Level { id: id.to_owned(), policies, unread: unread.is_some() }
    }

    pub(super) fn hierarchy(
        &self,
        way: &[Step],
        account: Option<&[usize]>,
        gaps: &mut BTreeMap<String, Gaps>,
    ) -> Option<Hierarchy> {
        if self.enabled == Ok(false) {
            return None;
        }
        let mut levels: Vec<Level> = way
            .iter()
            .map(|step| match step {
                Step::Known(id) => self.level(id, &self.at(id), gaps),
                Step::Unknown(unknown) => {
                    note(gaps, UNKNOWN_LEVEL, unknown);
                    Level { id: UNKNOWN_LEVEL.to_owned(), policies: Vec::new(), unread: true }
                }
            })
            .collect();
        levels.extend(account.map(|numbers| self.level(OWN_LEVEL, numbers, gaps)));
        Some(Hierarchy { levels })
    }
}

/// The policy's document; one that cannot be understood is as good as unread.
pub(super) fn document(policy: &Policy, gaps: &mut Vec<Gap>) -> Derived<Arc<Document>> {
    let place = place(policy);
    match noted_gaps::document(gaps, &policy.content, place)? {
        Some(document) => Ok(Arc::new(document)),
        None => {
            Err(noted_gaps::note(gaps, place, GapReason::MalformedResponse, "the policy has no document"))
        }
    }
}

/// AWS stores no such resource control policy, so that what one would deny is not known.
fn accepted(
    kind: PolicyKind,
    policy: &Policy,
    document: Arc<Document>,
    gaps: &mut Vec<Gap>,
) -> Derived<Arc<Document>> {
    let of_resources = kind == PolicyKind::ResourceControl;
    let refused = || document.statements.iter().find_map(Statement::refused_in_resource_control);
    match refused().filter(|_| of_resources && !policy.aws_managed) {
        Some(why) => Err(noted_gaps::note(gaps, place(policy), GapReason::MalformedResponse, why)),
        None => Ok(document),
    }
}

fn place(policy: &Policy) -> GapPlace<'_> {
    GapPlace {
        service: "organizations",
        operation: "DescribePolicy",
        resource: Some(&policy.id),
        ..GapPlace::default()
    }
}

fn note(gaps: &mut BTreeMap<String, Gaps>, level: &str, unknown: &Gaps) {
    let mut all = gaps.remove(level);
    join(&mut all, unknown);
    gaps.extend(all.map(|all| (level.to_owned(), all)));
}
