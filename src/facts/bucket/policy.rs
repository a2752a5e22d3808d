//! What a bucket's policy allows. See [`super`]; the questions are those of [`crate::policy::audit`].

use super::{Bucket, acl, lifecycle, place, tls};
use crate::facts::excess_grants::{ExcessGrants, evidence, names_where, openings};
use crate::facts::view::Derived;
use crate::facts::{Facts, noted_gaps, trust};
use crate::model::{Gap, GapReason, Gaps};
use crate::policy::audit::{
    self, Answer, AuditedResource, Grant, REPLICATION_ACTIONS, Scope, ServiceWriter, SourceLimit,
    TlsEnforcement,
};
use crate::policy::{Condition, Document, Target, Truth, Version};

/// What rules ask of a bucket policy.
#[derive(Debug)]
pub(super) struct PolicyFacts {
    pub(super) public_statements: Derived<Vec<String>>,
    pub(super) served_to_everyone: Derived<Vec<String>>,
    pub(super) tls_missing: Derived<Vec<String>>,
    pub(super) tls_problem: Derived<Option<String>>,
    pub(super) unscoped_writers: Derived<Vec<String>>,
    pub(super) undesignated_writers: Derived<Vec<String>>,
    pub(super) undesignated_readers: Derived<Vec<String>>,
    pub(super) destructive_grants: Derived<Vec<String>>,
    pub(super) admits_replication: Derived<bool>,
    pub(super) foreign_replicators: Derived<Vec<String>>,
}

pub(super) fn read(
    facts: &Facts,
    bucket: &Bucket,
    arn: &str,
    ignores_public_acls: &Derived<bool>,
    gaps: &mut Vec<Gap>,
) -> PolicyFacts {
    let beside = |policy: &Document| acl::beside(policy, bucket, arn, ignores_public_acls);
    match noted_gaps::document(gaps, &bucket.policy, place(bucket, "GetBucketPolicy")) {
        Ok(Some(document)) => {
            let owner = facts.trust.placed(&bucket.account_id);
            let document = &audit::of_owner_account(&document, owner, &facts.trust.organization);
            let at = facts.index.header.taken_at;
            let or_later = &audit::in_force_or_later(document, at);
            let document = &audit::in_force(document, at);
            Reading { facts, bucket, arn, document, or_later, with_acl: &beside(document) }.facts(gaps)
        }
        Ok(None) => {
            let document = &Document { version: Version::V2012, id: None, statements: Vec::new() };
            let with_acl = &beside(document);
            PolicyFacts {
                tls_missing: Ok(vec!["there is no bucket policy".to_owned()]),
                tls_problem: Ok(Some("it has no bucket policy".to_owned())),
                ..Reading { facts, bucket, arn, document, or_later: document, with_acl }.facts(gaps)
            }
        }
        Err(unknown) => PolicyFacts {
            public_statements: Err(unknown.clone()),
            served_to_everyone: Err(unknown.clone()),
            tls_missing: Err(unknown.clone()),
            tls_problem: Err(unknown.clone()),
            unscoped_writers: Err(unknown.clone()),
            undesignated_writers: Err(unknown.clone()),
            undesignated_readers: Err(unknown.clone()),
            destructive_grants: Err(unknown.clone()),
            admits_replication: Err(unknown.clone()),
            foreign_replicators: Err(unknown),
        },
    }
}

struct Reading<'a> {
    facts: &'a Facts,
    bucket: &'a Bucket,
    arn: &'a str,
    /// What is in force.
    document: &'a Document,
    /// With denials that begin later.
    or_later: &'a Document,
    /// With what the access control list grants besides.
    with_acl: &'a Derived<Document>,
}

impl Reading<'_> {
    fn facts(&self, gaps: &mut Vec<Gap>) -> PolicyFacts {
        let tls_missing = self.tls_missing(gaps);
        PolicyFacts {
            public_statements: self.public_statements(gaps),
            served_to_everyone: self.served_to_everyone(gaps),
            tls_problem: tls_missing.clone().map(|missing| tls::problem(self.or_later, self.arn, &missing)),
            tls_missing,
            unscoped_writers: self.unscoped_writers(gaps),
            undesignated_writers: self.granting(|document| self.undesignated_writers(document, gaps)),
            undesignated_readers: self.undesignated_readers(gaps),
            destructive_grants: self.granting(|document| self.destructive_grants(document, gaps)),
            admits_replication: Ok(self.admits_replication()),
            foreign_replicators: self.foreign_replicators(gaps),
        }
    }

    /// What policy and access control list grant together. What the policy alone does stands, whatever is not known of
    /// the list.
    fn granting(&self, ask: impl FnOnce(&Document) -> Derived<Vec<String>>) -> Derived<Vec<String>> {
        let unknown = match self.with_acl {
            Ok(document) => return ask(document),
            Err(unknown) => unknown,
        };
        match ask(self.document) {
            Ok(found) if found.is_empty() => Err(unknown.clone()),
            Ok(found) => Ok(found),
            Err(more) => Err(more.and(unknown)),
        }
    }

    fn undecided(&self, gaps: &mut Vec<Gap>, why: &[String]) -> Gaps {
        let place = place(self.bucket, "GetBucketPolicy");
        noted_gaps::note(gaps, place, GapReason::Undecided, &why.join("; "))
    }

    fn public_statements(&self, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let resource = AuditedResource::Bucket(self.arn.to_owned());
        match audit::public_access(self.document, &resource, &["s3:*"]) {
            Answer::No => Ok(Vec::new()),
            Answer::Yes(statements) => Ok(openings(self.document, &statements)),
            Answer::Unknown(statements) => Err(self.undecided(gaps, &evidence(&statements))),
        }
    }

    fn served_to_everyone(&self, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        match audit::served(self.document, self.arn) {
            Answer::No => Ok(Vec::new()),
            Answer::Yes(statements) => Ok(evidence(&statements)),
            Answer::Unknown(statements) => Err(self.undecided(gaps, &evidence(&statements))),
        }
    }

    fn tls_missing(&self, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        match audit::tls_only(self.or_later, self.arn) {
            TlsEnforcement::Enforced(_) => Ok(Vec::new()),
            TlsEnforcement::Missing(missing) => Ok(missing),
            TlsEnforcement::Unknown(statements) => Err(self.undecided(gaps, &evidence(&statements))),
        }
    }

    fn unscoped_writers(&self, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let organization = &self.facts.trust.organization;
        let writers = audit::service_writers(self.document, organization, self.arn);
        let judged = writers.iter().map(|writer| {
            let name = format!("{} lets {} write {}", writer.statement, writer.service, writer.source);
            let unscoped = self.is_unscoped(writer, &name, gaps);
            (name, unscoped)
        });
        names_where(judged.collect::<Vec<_>>())
    }

    fn is_unscoped(&self, writer: &ServiceWriter, name: &str, gaps: &mut Vec<Gap>) -> Derived<bool> {
        match (writer.scoped, &writer.source) {
            (Truth::True, _) => Ok(false),
            (Truth::False, SourceLimit::Anyone) => Ok(true),
            (Truth::False, _) => self.facts.trust.gaps.clone().map_or(Ok(true), Err),
            (Truth::Unknown, SourceLimit::Only { resources, .. }) if self.are_own(resources) => Ok(false),
            (Truth::Unknown, _) => {
                let why = format!("{name}, and the policy does not tell whose that is");
                let unknown = self.undecided(gaps, &[why]);
                Err(self.facts.trust.gaps.iter().fold(unknown, Gaps::and))
            }
        }
    }

    /// Buckets by their ARN, which names no account: known log buckets are the organization's.
    fn are_own<'a>(&self, arns: impl IntoIterator<Item = &'a String>) -> bool {
        arns.into_iter().all(|arn| {
            arn.rsplit_once(":::").is_some_and(|(_, name)| self.facts.index.buckets.contains_key(name))
        })
    }

    fn undesignated_writers(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let index = &self.facts.index;
        let (designated, doubt) = trust::writers(index, &self.bucket.account_id);
        let organization = &self.facts.trust.organization;
        let mut writers = ExcessGrants::default();
        for grant in audit::writers_outside(document, self.arn, &designated, organization) {
            if !trust::are_writers(index, &designated, &grant) {
                writers.take(&grant, doubt.as_ref());
            }
        }
        writers.finish(place(self.bucket, "GetBucketPolicy"), gaps)
    }

    fn undesignated_readers(&self, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let (designated, doubt) = trust::readers(&self.facts.index, &self.bucket.account_id);
        let grants = audit::readers_outside(self.document, self.arn, &designated);
        let mut readers = ExcessGrants::default();
        for grant in &grants {
            if !trust::are_readers(&self.facts.index, &designated, grant) {
                readers.take(grant, doubt.as_ref());
            } else if trust::may_hand_out(&self.facts.index, self.document, grant) {
                readers.add_uncertain(grant);
            }
        }
        readers.finish(place(self.bucket, "GetBucketPolicy"), gaps)
    }

    fn destructive_grants(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let mut grants = ExcessGrants::default();
        for grant in audit::foreign_changes(document, self.arn, &self.bucket.account_id) {
            grants.take(&grant, None);
        }
        self.tag_changes(document, &mut grants);
        // Whoever is outside the organization and may write over logs destroys them, too.
        let (designated, doubt) = trust::writers(&self.facts.index, &self.bucket.account_id);
        let organization = &self.facts.trust.organization;
        let outside = audit::writers_outside(document, self.arn, &designated, organization);
        for grant in &outside {
            if trust::are_writers(&self.facts.index, &designated, grant) {
                continue;
            }
            match grant.scope.within(organization) {
                Truth::True => {}
                Truth::False => {
                    let excuse = [self.facts.trust.gaps.as_ref(), doubt.as_ref()];
                    grants.take(grant, excuse.into_iter().flatten().next());
                }
                Truth::Unknown => grants.add_uncertain(grant),
            }
        }
        grants.finish(place(self.bucket, "GetBucketPolicy"), gaps)
    }

    /// Whoever changes tags may have a lifecycle rule remove a log that is chosen by them, or get at what a policy keeps from
    /// objects that have them.
    fn tag_changes(&self, document: &Document, grants: &mut ExcessGrants) {
        let tagging = audit::foreign_tagging(document, self.arn, &self.bucket.account_id);
        if tagging.is_empty() {
            return;
        }
        let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
        let mut keys = conditions.map(Condition::lowercase_key);
        let decide = if keys.any(|key| key.starts_with("s3:existingobjecttag/")) {
            Ok(true)
        } else {
            lifecycle::removes_some(self.bucket)
        };
        match decide {
            Ok(true) => tagging.iter().for_each(|grant| grants.add_uncertain(grant)),
            Ok(false) => {}
            Err(unknown) => grants.unread(&unknown),
        }
    }

    fn admits_replication(&self) -> bool {
        let objects = Target::resources(&format!("{}/*", self.arn));
        let admits = |grant: &Grant| !matches!(grant.scope, Scope::Service { .. });
        REPLICATION_ACTIONS
            .iter()
            .any(|action| audit::grants(self.document, action, &objects).iter().any(admits))
    }

    fn foreign_replicators(&self, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let organization = &self.facts.trust.organization;
        let mut grants = ExcessGrants::default();
        for grant in audit::replication_beyond(self.document, self.arn, organization) {
            match grant.scope.within(organization) {
                Truth::True => {}
                Truth::False => grants.take(&grant, self.facts.trust.gaps.as_ref()),
                Truth::Unknown => grants.add_uncertain(&grant),
            }
        }
        grants.finish(place(self.bucket, "GetBucketPolicy"), gaps)
    }
}
