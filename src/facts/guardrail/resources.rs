//! What an account holds that actions are asked on. See [`super`].

use std::sync::Arc;

use super::actions::ACCOUNT;
use super::answer::Standing;
use super::effective::Effective;
use super::holdings::{Holdings, administers};
use super::pipeline::Pipeline;
use super::protection::{Asked, Protection};
use super::row::{ProtectedAccount, Row};
use super::{Guardrail, ProtectedAction, ResourceKind, read, write};
use crate::facts::derived::join;
use crate::facts::{Facts, bucket};
use crate::model::{AccountRecord, DEFAULT_ROLE_NAME, Gap, GapPlace, GapReason, Gaps, Observed};
use crate::policy::{Arn, Verdict, canonical_resource};

const TRAIL_SERVICE: &str = "cloudtrail.amazonaws.com";

/// One guardrail of a member account.
pub(super) fn asked(
    facts: &Facts,
    record: &AccountRecord,
    set: &Effective,
    guardrail: Guardrail,
) -> Arc<Protection> {
    let mut asking = Asking { facts, record, set, asked: Asked::default() };
    match guardrail {
        Guardrail::Leave
        | Guardrail::ConfigTampering
        | Guardrail::DetectionTampering
        | Guardrail::FlowLogDeletion => return universal(facts, set, guardrail),
        Guardrail::TrailTampering => asking.trails(),
        Guardrail::PipelineTampering => asking.pipeline(),
        Guardrail::ReplicationTampering => {
            let sources = source_buckets(facts, record);
            for action in guardrail.actions() {
                asking.each(action, &sources);
            }
            if !sources.known.is_empty() {
                asking.asked.holds();
            }
        }
        Guardrail::AuditRoleTampering => {
            let roles = roles(facts, record);
            for action in guardrail.actions() {
                match action.resource {
                    ResourceKind::Policy => asking.asked.policies(facts, set, action),
                    _ => asking.each(action, &roles),
                }
            }
            asking.asked.holds();
        }
        Guardrail::ArchiveDeletion | Guardrail::ArchiveReconfiguration | Guardrail::KeyDestruction => {}
    }
    Arc::new(asking.asked.into_protection(guardrail, &of(facts, &record.id, set)))
}

/// A guardrail over everything of its kinds that an account could hold.
pub(super) fn universal(facts: &Facts, set: &Effective, guardrail: Guardrail) -> Arc<Protection> {
    if let Some(known) = read(&set.universal).get(&guardrail) {
        return Arc::clone(known);
    }
    let ground = facts.guardrails.ground();
    let mut asked = Asked::default();
    for action in guardrail.actions() {
        let pattern = match action.resource {
            ResourceKind::Policy => {
                asked.policies(facts, set, action);
                continue;
            }
            ResourceKind::Role => audit_role(facts),
            // CloudTrail Lake is closed to new customers: what is asked about that could be is not, of who has none.
            ResourceKind::EventDataStore => continue,
            kind => kind.pattern(ground.partition(), ACCOUNT),
        };
        asked.rows.push(Row::new(action, &pattern, set.answer(ground, action.name, &pattern)));
    }
    let protection = asked.into_protection(guardrail, &of(facts, set.account(), set));
    Arc::clone(write(&set.universal).entry(guardrail).or_insert(Arc::new(protection)))
}

impl Asked {
    /// Asks about the managed policies that roles of auditing and logging carry, and those that bound them. Which they are is
    /// not collected: where not all are protected, nothing follows for those.
    fn policies(&mut self, facts: &Facts, set: &Effective, action: &'static ProtectedAction) {
        let pattern = action.resource.pattern(facts.guardrails.ground().partition(), ACCOUNT);
        let whole = set.answer(facts.guardrails.ground(), action.name, &pattern);
        match &whole.standing {
            Ok(standing) if standing.protects() => self.rows.push(Row::new(action, &pattern, whole)),
            Err(gaps) => self.lacks(gaps),
            Ok(_) => {
                let unseen = Gaps::from(unseen_policies().id);
                join(&mut self.missing, &unseen);
                if whole.may_exempt() {
                    join(&mut self.deniable, &unseen);
                }
                if whole.may_exempt_others() {
                    join(&mut self.exempting, &unseen);
                }
            }
        }
    }
}

/// The gap of the policies that roles carry.
pub(super) fn unseen_policies() -> Gap {
    let place = GapPlace { service: "iam", operation: "ListAttachedRolePolicies", ..GapPlace::default() };
    let why = "which managed policies the roles of auditing and logging carry is not collected: that nobody can rewrite one of \
               them is known only where guardrails deny it for every policy of the account";
    Gap::new(place, GapReason::NotCollected, why)
}

fn of<'a>(facts: &'a Facts, account: &'a str, set: &Effective) -> ProtectedAccount<'a> {
    ProtectedAccount {
        account,
        partition: facts.guardrails.ground().partition(),
        unbound: set.service_control().is_none(),
    }
}

struct Asking<'a> {
    facts: &'a Facts,
    record: &'a AccountRecord,
    set: &'a Effective,
    asked: Asked,
}

impl Asking<'_> {
    fn ask(&mut self, action: &'static ProtectedAction, canonical: &str) {
        let answer = self.set.answer(self.facts.guardrails.ground(), action.name, canonical);
        self.asked.rows.push(Row::new(action, canonical, answer));
    }

    /// What is said of all that there could be is said of what there is; otherwise each thing is asked about.
    fn each(&mut self, action: &'static ProtectedAction, holdings: &Holdings) {
        let pattern = action.resource.pattern(self.facts.guardrails.ground().partition(), ACCOUNT);
        let whole = self.set.answer(self.facts.guardrails.ground(), action.name, &pattern);
        if whole.standing.as_ref().is_ok_and(Standing::protects) {
            self.asked.rows.push(Row::new(action, &pattern, whole));
            return;
        }
        match &whole.standing {
            Err(gaps) if holdings.known.is_empty() => self.asked.may_hold_nothing(gaps),
            Ok(standing) if standing.denies() && holdings.known.is_empty() => {
                self.asked.holds_nothing();
                self.asked.beside.push(Row::new(action, &pattern, Arc::clone(&whole)));
            }
            _ => self.asked.holds_nothing(),
        }
        if let Some(gaps) = &holdings.missing {
            join(&mut self.asked.missing, gaps);
            if whole.may_exempt() {
                join(&mut self.asked.deniable, gaps);
            }
            if whole.may_exempt_others() {
                join(&mut self.asked.exempting, gaps);
            }
        }
        if whole.proof.verdict == Verdict::NotDenied && !holdings.known.is_empty() {
            let held = holdings.known.iter().map(|canonical| (action.resource, canonical.clone()));
            self.asked.held.extend(held);
            self.asked.rows.push(Row::new(action, &pattern, whole));
            return;
        }
        for canonical in &holdings.known {
            self.ask(action, canonical);
        }
    }

    fn trails(&mut self) {
        let is_of_stores = |action: &&ProtectedAction| action.resource == ResourceKind::EventDataStore;
        let (of_stores, actions): (Vec<&'static ProtectedAction>, Vec<_>) =
            Guardrail::TrailTampering.actions().iter().partition(is_of_stores);
        let mut own = Holdings::default();
        for trail in own.trails(self.record) {
            own.add(&trail.arn, &self.record.id);
        }
        if own.known.is_empty() && own.missing.is_none() {
            self.without_own_trails(&actions);
        } else {
            for action in &actions {
                self.each(action, &own);
            }
            self.asked.holds();
        }
        self.organization_trails(&actions);
        self.event_data_stores(&of_stores);
    }

    /// Where there is no trail, none can be stopped; what records the account belongs to the management account.
    fn without_own_trails(&mut self, actions: &[&'static ProtectedAction]) {
        let everything = ResourceKind::Trail.pattern(self.facts.guardrails.ground().partition(), ACCOUNT);
        let answers: Vec<Row> = actions
            .iter()
            .map(|&action| {
                let answer = self.set.answer(self.facts.guardrails.ground(), action.name, &everything);
                Row::new(action, &everything, answer)
            })
            .collect();
        let denied = answers.iter().all(|row| row.answer.standing.as_ref().is_ok_and(Standing::protects));
        match &self.facts.organization.has_live_organization_trail {
            _ if denied => self.asked.rows.extend(answers),
            Ok(true) => {
                let why = "the account has no trail of its own, and the organization trail covers it";
                self.asked.instead = Some(why.to_owned());
                let denies = |row: &Row| row.answer.standing.as_ref().is_ok_and(Standing::denies);
                self.asked.beside.extend(answers.into_iter().filter(denies));
            }
            Ok(false) => self.asked.rows.extend(answers),
            Err(gaps) => self.asked.lacks(gaps),
        }
    }

    /// Whoever administers CloudTrail for the organization can change the organization trail, which belongs to the
    /// management account ("Organization delegated administrator", CloudTrail user guide).
    fn organization_trails(&mut self, actions: &[&'static ProtectedAction]) {
        let index = &self.facts.index;
        let administers = administers(self.facts, &self.record.id, TRAIL_SERVICE);
        if administers == Ok(false) {
            return;
        }
        let mut missing = administers.err();
        if let Some(gaps) = &index.organization_trail_gaps {
            join(&mut missing, gaps);
        }
        let certain = missing.is_none();
        for owned in &index.organization_trails {
            let canonical = canonical_resource(&owned.trail.arn, &self.record.id);
            for &action in actions {
                let answer = self.set.answer(self.facts.guardrails.ground(), action.name, &canonical);
                if certain || answer.standing.as_ref().is_ok_and(Standing::protects) {
                    self.asked.rows.push(Row::new(action, &canonical, answer));
                } else if let Some(gaps) = &missing {
                    self.asked.lacks(gaps);
                }
            }
        }
        if let Some(gaps) = &index.organization_trail_gaps {
            self.asked.lacks(gaps);
        }
    }

    /// Event data stores that the account owns. One that has none lacks nothing: trails decide whether anything is asked.
    fn event_data_stores(&mut self, actions: &[&'static ProtectedAction]) {
        let mut own = Holdings::default();
        for region in &self.record.regions {
            for store in own.note(region.event_data_stores.list()).unwrap_or_default() {
                let is_own = Arn::parse(&store.arn).is_some_and(|arn| arn.account_id == self.record.id);
                if is_own && store.settings != Observed::Absent {
                    own.add(&store.arn, &self.record.id);
                }
            }
        }
        own.unlisted(self.record.region_gaps().as_ref());
        if own.known.is_empty() && own.missing.is_none() {
            return;
        }
        let of_trails = std::mem::take(&mut self.asked.holding);
        for action in actions {
            self.each(action, &own);
        }
        self.asked.holding = of_trails;
        if !own.known.is_empty() {
            self.asked.holds();
        }
    }

    fn pipeline(&mut self) {
        let pipeline = Pipeline::of(self.facts, self.record);
        for action in Guardrail::PipelineTampering.actions() {
            let holdings = pipeline.of_action(action);
            self.each(action, holdings);
        }
        if pipeline.holds_anything() {
            self.asked.holds();
        }
    }
}

/// Buckets of the account that receive logs outside the archive.
fn source_buckets(facts: &Facts, record: &AccountRecord) -> Holdings {
    let mut holdings = Holdings::default();
    for name in facts.guardrails.owned.buckets(&record.id) {
        let Some(bucket) = facts.index.buckets.get(name) else { continue };
        if holdings.note(bucket::is_source(facts, bucket)) == Some(true) {
            holdings.add(&format!("arn:{}:s3:::{name}", facts.guardrails.ground().partition()), &record.id);
        }
    }
    holdings.unlisted(hidden_buckets(facts, record).as_ref());
    holdings
}

/// Why buckets of the account may receive logs that nobody could name. One of its buckets must be left for that.
fn hidden_buckets(facts: &Facts, record: &AccountRecord) -> Option<Gaps> {
    let hidden = facts.index.may_receive(|_| true);
    match record.buckets.list() {
        Ok(own) => {
            hidden.filter(|_| own.iter().any(|bucket| !facts.index.buckets.contains_key(&bucket.name)))
        }
        Err(gaps) => {
            let mut all = hidden;
            join(&mut all, &gaps);
            all
        }
    }
}

/// The role by which auditors read an account, as an ARN with the account's number blanked out.
fn audit_role(facts: &Facts) -> String {
    let name = facts.index.expectations.audit_role.as_deref().unwrap_or(DEFAULT_ROLE_NAME);
    format!("arn:{}:iam::{ACCOUNT}:role/{name}", facts.guardrails.ground().partition())
}

/// The audit role, and the roles that write logs.
fn roles(facts: &Facts, record: &AccountRecord) -> Holdings {
    let mut holdings = Holdings::default();
    holdings.known.insert(audit_role(facts));
    let mut found: Vec<String> = Vec::new();
    for trail in holdings.trails(record) {
        if let Some(Some(settings)) = holdings.note(trail.settings.get()) {
            found.extend(holdings.note(settings.log_group_role_arn.get()).flatten().cloned());
        }
    }
    for region in &record.regions {
        for recorder in holdings.note(region.recorders.list()).unwrap_or_default() {
            found.extend(recorder.role_arn.clone());
        }
        for destination in holdings.note(region.destinations.list()).unwrap_or_default() {
            found.push(destination.role_arn.clone());
        }
    }
    holdings.unlisted(record.region_gaps().as_ref());
    for name in facts.guardrails.owned.buckets(&record.id) {
        if let Some(bucket) = facts.index.buckets.get(name)
            && let Some(Some(replication)) = holdings.note(bucket.replication.get())
        {
            found.push(replication.role_arn.clone());
        }
    }
    holdings.unlisted(hidden_buckets(facts, record).as_ref());
    for arn in found {
        let own = Arn::parse(&arn).is_some_and(|role| role.account_id == record.id);
        // Nobody but the service can change a service-linked role.
        if own && !arn.contains(":role/aws-service-role/") {
            holdings.add(&arn, &record.id);
        }
    }
    holdings
}
