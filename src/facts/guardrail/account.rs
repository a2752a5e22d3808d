//! The guardrails of one account, over what it holds. See [`super`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Answer, Standing};
use super::protection::{Protection, ProtectionFacts};
use super::row::Row;
use super::{Binding, Guardrail, archive, resources, words};
use crate::facts::derived::join;
use crate::facts::view::{Derived, facts};
use crate::facts::{AccountFacts, Facts};
use crate::model::{AccountRecord, Gaps};
use crate::policy::ExemptionKind;

facts! {
    /// What the organization's guardrails deny in an account.
    pub struct AccountGuardrailFacts as "guardrails" {
        /// Why no service control or resource control policy binds the account, after the word because; null if they do.
        unbound: Derived<Option<String>>,
        /// Leaving the organization.
        leave: Arc<ProtectionFacts>,
        /// Stopping, deleting or changing trails.
        trail_tampering: Arc<ProtectionFacts>,
        /// Deleting the archive bucket or its objects, in the account that owns it.
        archive_deletion: Arc<ProtectionFacts>,
        /// Changing how the archive bucket is set up, in the account that owns it.
        archive_reconfiguration: Arc<ProtectionFacts>,
        /// Days of default Object Lock retention in compliance mode on the archive bucket; 0 without, for other accounts,
        /// and where the account can be closed, which ends it.
        archive_lock_days: Derived<i64>,
        /// Stopping, deleting or changing Config's recorders, delivery channels and retention.
        config_tampering: Arc<ProtectionFacts>,
        /// Cutting log groups, destinations and streams on the way to the archive.
        pipeline_tampering: Arc<ProtectionFacts>,
        /// Changing the replication of buckets that receive logs outside the archive.
        replication_tampering: Arc<ProtectionFacts>,
        /// Switching GuardDuty, Security Hub, Access Analyzer or Detective off.
        detection_tampering: Arc<ProtectionFacts>,
        /// Destroying keys that encrypt logs.
        key_destruction: Arc<ProtectionFacts>,
        /// Deleting flow logs and query logging.
        flow_log_deletion: Arc<ProtectionFacts>,
        /// Changing the roles of auditing and logging.
        audit_role_tampering: Arc<ProtectionFacts>,
        /// Some guardrail denies something here.
        protected: Derived<bool>,
        /// Whom protecting statements exempt besides the designated break-glass roles.
        undesignated_exemptions: Derived<Vec<String>>,
        /// Those exemptions that administrators of the account can have by their own doing.
        self_service_exemptions: Derived<Vec<String>>,
    }
}

/// The guardrails of one account.
#[derive(Debug)]
pub struct AccountGuardrails {
    /// The account's number.
    pub account_id: String,
    /// How guardrails concern it.
    pub binding: Derived<Binding>,
    /// One for each of [`Guardrail::ALL`], in that order.
    pub protections: Vec<Arc<Protection>>,
}

impl AccountGuardrails {
    /// Asks everything about an account.
    pub fn of(facts: &Facts, record: &AccountRecord) -> Self {
        let account = crate::facts::account::derive(facts, record);
        Self::with(facts, record, &account, &mut Vec::new())
    }

    pub(in crate::facts) fn with(
        facts: &Facts,
        record: &AccountRecord,
        account: &AccountFacts,
        gaps: &mut Vec<crate::model::Gap>,
    ) -> Self {
        let guardrails = &facts.guardrails;
        let binding = guardrails.binding(&record.id);
        let protections = Guardrail::ALL
            .into_iter()
            .map(|guardrail| match guardrail {
                Guardrail::ArchiveDeletion | Guardrail::ArchiveReconfiguration => {
                    Arc::new(archive::archive(facts, account, guardrail, gaps))
                }
                Guardrail::KeyDestruction => Arc::new(archive::keys(facts, &record.id, gaps)),
                _ => match &binding {
                    Ok(Binding::Member(set)) => resources::asked(facts, record, set, guardrail),
                    Ok(Binding::Management | Binding::Alone) => Arc::new(Protection::nothing(guardrail)),
                    Err(gaps) => Arc::new(Protection::unknown(guardrail, gaps)),
                },
            })
            .collect();
        Self { account_id: record.id.clone(), binding, protections }
    }

    /// The guardrail's protection.
    pub fn protection(&self, guardrail: Guardrail) -> Option<&Protection> {
        self.protections.iter().find(|it| it.guardrail == guardrail).map(Arc::as_ref)
    }

    /// Everything that was asked, of what the account holds and of what it does not.
    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.protections.iter().flat_map(|protection| protection.rows.iter().chain(&protection.beside))
    }

    /// What keeps from being known to whom statements deny something here, of what the protections say.
    fn unknown(&self, of: impl Fn(&Protection) -> Option<&Gaps>) -> Option<Gaps> {
        let mut unknown = self.binding.as_ref().err().cloned();
        for protection in &self.protections {
            if let Some(gaps) = of(protection) {
                join(&mut unknown, gaps);
            }
        }
        for row in self.rows() {
            if let Err(gaps) = &row.answer.exemptions {
                join(&mut unknown, gaps);
            }
        }
        unknown
    }

    fn is_protected(&self) -> Derived<bool> {
        let denies = |row: &Row| row.answer.standing.as_ref().is_ok_and(Standing::denies);
        if self.rows().any(denies) {
            return Ok(true);
        }
        let mut unknown = self.unknown(|protection| protection.deniable.as_ref());
        for row in self.rows() {
            if let Err(gaps) = &row.answer.standing {
                join(&mut unknown, gaps);
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// Exemptions of protecting statements, each once, with the statements.
    fn exemptions(&self, counts: impl Fn(ExemptionKind) -> bool) -> Derived<Vec<String>> {
        let mut found: BTreeMap<(&str, ExemptionKind), &Answer> = BTreeMap::new();
        for row in self.rows() {
            if let (Ok(Standing::Exempting { exemption, kind }), Ok(())) =
                (&row.answer.standing, &row.answer.exemptions)
                && counts(*kind)
            {
                found.entry((exemption, *kind)).or_insert(&row.answer);
            }
        }
        match self.unknown(|protection| protection.exempting.as_ref()) {
            Some(gaps) if found.is_empty() => Err(gaps),
            _ => Ok(found
                .into_iter()
                .map(|((exemption, kind), answer)| words::exemption(exemption, kind, &answer.denied_by))
                .collect()),
        }
    }

    /// The same as rules see it.
    pub(in crate::facts) fn into_facts(self, facts: &Facts, account: &AccountFacts) -> AccountGuardrailFacts {
        let protection = |guardrail| {
            let found = self.protection(guardrail).map(|protection| Arc::clone(&protection.facts));
            found.unwrap_or_else(|| Arc::clone(&Protection::nothing(guardrail).facts))
        };
        AccountGuardrailFacts {
            unbound: words::unbound(facts, &self.account_id, &self.binding),
            leave: protection(Guardrail::Leave),
            trail_tampering: protection(Guardrail::TrailTampering),
            archive_deletion: protection(Guardrail::ArchiveDeletion),
            archive_reconfiguration: protection(Guardrail::ArchiveReconfiguration),
            archive_lock_days: archive::lock_days(facts, account),
            config_tampering: protection(Guardrail::ConfigTampering),
            pipeline_tampering: protection(Guardrail::PipelineTampering),
            replication_tampering: protection(Guardrail::ReplicationTampering),
            detection_tampering: protection(Guardrail::DetectionTampering),
            key_destruction: protection(Guardrail::KeyDestruction),
            flow_log_deletion: protection(Guardrail::FlowLogDeletion),
            audit_role_tampering: protection(Guardrail::AuditRoleTampering),
            protected: self.is_protected(),
            undesignated_exemptions: self.exemptions(|kind| kind < ExemptionKind::Designated),
            self_service_exemptions: self.exemptions(|kind| kind == ExemptionKind::SelfService),
        }
    }
}
