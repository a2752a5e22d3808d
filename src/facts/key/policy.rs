//! What a key's policy and grants allow. See [`super`]; the questions are those of [`crate::policy::audit`].

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::excess_grants::{ExcessGrants, evidence, names_where, openings};
use crate::facts::view::Derived;
use crate::facts::{Facts, derived, noted_gaps, trust, words};
use crate::model::{Gap, GapPlace, GapReason, Gaps, Key, KeyGrant, Observed};
use crate::policy::audit::{self, Answer, AuditedResource, Scope};
use crate::policy::{Arn, Document, Target, Truth};

/// What rules ask of a key policy.
#[derive(Debug)]
pub(super) struct PolicyFacts {
    pub(super) public_statements: Derived<Vec<String>>,
    pub(super) outsiders: Derived<Vec<String>>,
    pub(super) admits_cloudtrail: Derived<bool>,
    pub(super) unscoped_cloudtrail_use: Derived<Vec<String>>,
    pub(super) both_duties: Derived<Vec<String>>,
    pub(super) undesignated_decrypters: Derived<Vec<String>>,
}

fn place<'a>(key: &'a Key, operation: &'a str) -> GapPlace<'a> {
    GapPlace {
        account_id: Some(&key.account_id),
        region: Some(&key.region),
        service: "kms",
        operation,
        resource: Some(&key.arn),
    }
}

type Question<'a> = fn(&Reading<'a>, &Document, &mut Vec<Gap>) -> Derived<Vec<String>>;

pub(super) fn read<'a>(facts: &'a Facts, key: &'a Key, gaps: &mut Vec<Gap>) -> PolicyFacts {
    // No rule asks about a policy that AWS alone can change, and what it leaves open is no gap.
    let aws_managed = matches!(&key.description, Observed::Known(known) if !known.customer_managed);
    let document = if aws_managed {
        Ok(None)
    } else {
        let document = noted_gaps::document(gaps, &key.policy, place(key, "GetKeyPolicy"));
        let organization = &facts.trust.organization;
        let of_owner = |document: Document| {
            let placed = facts.trust.placed(&key.account_id);
            let document = audit::of_owner_account(&document, placed, organization);
            audit::in_force(&document, facts.index.header.taken_at)
        };
        document.map(|document| document.map(of_owner))
    };
    let reading = Reading { facts, key };
    let mut asked = |question: Question<'a>| match &document {
        Ok(Some(document)) => question(&reading, document, gaps),
        Ok(None) => Ok(Vec::new()),
        Err(unknown) => Err(unknown.clone()),
    };
    let policy_outsiders = asked(Reading::outsiders);
    let policy_decrypters = asked(Reading::undesignated_decrypters);
    PolicyFacts {
        public_statements: asked(Reading::public_statements),
        unscoped_cloudtrail_use: asked(Reading::unscoped_cloudtrail_use),
        both_duties: asked(Reading::both_duties),
        outsiders: both(policy_outsiders, outside_grantees(facts, key)),
        undesignated_decrypters: both(policy_decrypters, undesignated_grantees(facts, key)),
        admits_cloudtrail: document.as_ref().map_err(Gaps::clone).map(|document| {
            document.as_ref().is_some_and(|document| {
                !audit::cloudtrail_key_use(document, &key.arn, &facts.trust.organization).is_empty()
            })
        }),
    }
}

/// Two lists of what is wrong: what is known of either stands, whatever could not be read of the other.
fn both(first: Derived<Vec<String>>, second: Derived<Vec<String>>) -> Derived<Vec<String>> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok(first.into_iter().chain(second).collect()),
        (Ok(known), Err(gaps)) | (Err(gaps), Ok(known)) => {
            if known.is_empty() {
                Err(gaps)
            } else {
                Ok(known)
            }
        }
        (Err(first), Err(second)) => Err(first.and(&second)),
    }
}

struct Reading<'a> {
    facts: &'a Facts,
    key: &'a Key,
}

impl Reading<'_> {
    fn undecided(&self, gaps: &mut Vec<Gap>, why: &[String]) -> Gaps {
        noted_gaps::note(gaps, place(self.key, "GetKeyPolicy"), GapReason::Undecided, &why.join("; "))
    }

    fn public_statements(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        match audit::public_access(document, &AuditedResource::Key(self.key.arn.clone()), &["kms:*"]) {
            Answer::No => Ok(Vec::new()),
            Answer::Yes(statements) => Ok(openings(document, &statements)),
            Answer::Unknown(statements) => Err(self.undecided(gaps, &evidence(&statements))),
        }
    }

    /// Services act for callers whom other rules judge.
    fn outsiders(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let organization = &self.facts.trust.organization;
        let key = Target::exact(self.key.arn.clone());
        let mut outsiders = ExcessGrants::default();
        for grant in audit::key_uses().flat_map(|action| audit::grants(document, action, &key)) {
            match grant.scope.within(organization) {
                _ if matches!(grant.scope, Scope::Service { .. } | Scope::Everyone) => {}
                Truth::True => {}
                Truth::False => outsiders.take(&grant, self.facts.trust.gaps.as_ref()),
                Truth::Unknown => outsiders.add_uncertain(&grant),
            }
        }
        outsiders.finish(place(self.key, "GetKeyPolicy"), gaps)
    }

    fn unscoped_cloudtrail_use(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let mut uses = ExcessGrants::default();
        let organization = &self.facts.trust.organization;
        for (grant, scoped) in audit::cloudtrail_key_use(document, &self.key.arn, organization) {
            match scoped {
                Truth::True => {}
                Truth::False => uses.take(&grant, self.facts.trust.gaps.as_ref()),
                Truth::Unknown => uses.add_uncertain(&grant),
            }
        }
        uses.finish(place(self.key, "GetKeyPolicy"), gaps)
    }

    /// A policy that leaves both duties to an account's IAM policies lets at least its root user do both.
    fn both_duties(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let duties = audit::key_duties(document, &self.key.arn);
        let mut delegated: BTreeMap<&str, (bool, bool, BTreeSet<String>)> = BTreeMap::new();
        for delegation in &duties.delegates_to_iam {
            let entry = delegated.entry(&delegation.account).or_default();
            entry.0 |= delegation.administer;
            entry.1 |= delegation.decrypt;
            entry.2.insert(delegation.statement.to_string());
        }
        let delegated = delegated.into_iter().filter(|(_, (administer, decrypt, _))| *administer && *decrypt);
        let accounts = delegated.map(|(account, (_, _, statements))| {
            let statements: Vec<String> = statements.into_iter().collect();
            format!("whomever {} and the IAM policies of account {account} let", words::and(&statements))
        });
        let named = duties.both.into_iter().filter(|name| !name.ends_with(".amazonaws.com"));
        let both: Vec<String> = named.chain(accounts).collect();
        if both.is_empty() && !duties.unknown.is_empty() {
            return Err(self.undecided(gaps, &evidence(&duties.unknown)));
        }
        Ok(both)
    }

    fn undesignated_decrypters(&self, document: &Document, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        let index = &self.facts.index;
        let (designated, doubt) = trust::readers(index, &self.key.account_id);
        let mut decrypters = ExcessGrants::default();
        for grant in audit::decrypters_outside(document, &self.key.arn, &designated) {
            if !trust::are_readers(index, &designated, &grant) {
                decrypters.take(&grant, doubt.as_ref());
            } else if trust::may_hand_out(index, document, &grant) {
                decrypters.add_uncertain(&grant);
            }
        }
        decrypters.finish(place(self.key, "GetKeyPolicy"), gaps)
    }
}

/// The account that a grant lets use the key: the grantee's, or that on whose behalf a service does
/// (`GranteeServicePrincipal` and the constraint `SourceArn` of `CreateGrant`, KMS API reference, read 2026-11-28).
enum Grantee<'a> {
    Account(&'a str),
    /// A service, on behalf of nobody in particular.
    Anyone,
}

fn grantee(grant: &KeyGrant) -> Derived<Grantee<'_>> {
    if let Some(account) = account_in(&grant.grantee) {
        return Ok(Grantee::Account(account));
    }
    Ok(grant.source_arn.get()?.and_then(|arn| account_in(arn)).map_or(Grantee::Anyone, Grantee::Account))
}

fn account_in(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.account_id).filter(|account| !account.is_empty())
}

fn grantees(
    key: &Key,
    counts: impl Fn(&KeyGrant) -> bool,
    wrong: impl Fn(&str, &str) -> Derived<bool>,
    names_service: impl Fn(&str) -> bool,
) -> Derived<Vec<String>> {
    let grants = key.grants.list()?.iter().filter(|grant| counts(grant));
    names_where(grants.filter(|grant| !names_service(&grant.grantee)).map(|grant| {
        let text = format!("a grant lets {} do {}", grant.grantee, words::and(&grant.operations));
        let wrong = match grantee(grant) {
            Ok(Grantee::Account(account)) => wrong(account, &grant.grantee),
            Ok(Grantee::Anyone) => Ok(true),
            Err(gaps) => Err(gaps),
        };
        (text, wrong)
    }))
}

fn outside_grantees(facts: &Facts, key: &Key) -> Derived<Vec<String>> {
    let outside = |account: &str, _: &str| facts.trust.is_member(account).map(|member| !member);
    // What services do for others, the next question is about.
    grantees(key, |_| true, outside, |grantee| account_in(grantee).is_none())
}

fn undesignated_grantees(facts: &Facts, key: &Key) -> Derived<Vec<String>> {
    let (designated, doubt) = trust::readers(&facts.index, &key.account_id);
    // A grant to make grants allows no more than its own operations ("Grants in AWS KMS", KMS Developer Guide).
    let decrypts = |grant: &KeyGrant| {
        grant.operations.iter().any(|operation| audit::READING_OPERATIONS.contains(&operation.as_str()))
    };
    let wrong = |account: &str, grantee: &str| {
        let known =
            designated.accounts.contains(account) || trust::is_configured_reader(&facts.index, grantee);
        derived::all([Ok(!known), doubt.clone().map_or(Ok(true), Err)])
    };
    grantees(key, decrypts, wrong, |grantee| trust::is_reading_service(&facts.index, grantee))
}
