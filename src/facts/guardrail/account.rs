//! The guardrails of one account, over what it holds. See [`super`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answer::{ACCOUNT, Answer, Standing};
use super::{Binding, Guardrail, ProtectedAction, ResourceKind, archive, resources, words};
use crate::facts::derived::join;
use crate::facts::view::{Derived, Prose, Says, facts};
use crate::facts::{AccountFacts, Facts};
use crate::model::values;
use crate::model::{AccountRecord, Gaps};
use crate::policy::EscapeKind;

facts! {
    /// What guardrails do for one kind of action in an account.
    pub struct ProtectionFacts as "protection" {
        /// The account holds something that the actions are asked on.
        applies: Derived<bool>,
        /// To whom the easiest of the actions is open: `none` (all are denied, or need not be), `administrators` of the account
        /// by their own doing, `anyone`, or `not asked`.
        openness: Derived<String> = values::OPENNESS,
        /// The statements that deny every one of the actions on all of it, or what makes denying needless; null if
        /// something is open.
        denied_by: Derived<Option<String>> => DENIED_BY,
        /// Which actions are open, on what, and to whom, as the end of a sentence; null if none is. Open is also
        /// what administrators of the account can have by their own doing.
        open: Derived<Option<String>> => OPEN,
    }

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
        self_service_escapes: Derived<Vec<String>>,
    }
}

const OPEN: Prose = Prose {
    from: &["openness"],
    says: Says::NothingIf(|facts| Ok(matches!(facts.word("openness")?.as_str(), "none" | "not asked"))),
};

const DENIED_BY: Prose =
    Prose { from: &["openness"], says: Says::NothingIf(|facts| Ok(facts.word("openness")? != "none")) };

/// One action, asked on one resource of an account.
#[derive(Debug, Clone)]
pub struct Row {
    /// The action.
    pub action: &'static ProtectedAction,
    /// The ARN, a pattern of ARNs that all of the account's are of, or `*`, with the account's number blanked out.
    canonical: String,
    /// What guardrails say of it.
    pub answer: Arc<Answer>,
}

impl Row {
    pub(super) fn new(action: &'static ProtectedAction, canonical: &str, answer: Arc<Answer>) -> Self {
        Self { action, canonical: canonical.to_owned(), answer }
    }

    /// The ARN, a pattern of ARNs that all of the account's are of, or `*`.
    pub fn resource(&self, account: &str) -> String {
        self.canonical.replace(ACCOUNT, account)
    }

    pub(super) fn canonical(&self) -> &str {
        &self.canonical
    }
}

/// One guardrail over everything that an account holds of its kind.
#[derive(Debug)]
pub struct Protection {
    /// The guardrail.
    pub guardrail: Guardrail,
    /// What was asked.
    pub rows: Vec<Row>,
    /// Why there may be more to ask about.
    pub missing: Option<Gaps>,
    /// Why there may be more that some statement denies: of the missing, what not every statement spares.
    pub(super) deniable: Option<Gaps>,
    /// Why there may be more that some statement denies with an exemption for others than designated roles.
    pub(super) exempting: Option<Gaps>,
    /// What the account holds, where a row is about all that there could be and nothing denies it: ARNs with the
    /// account's number blanked out.
    pub held: BTreeSet<(ResourceKind, String)>,
    /// What denies something that the account does not hold: of no weight here, but whom it exempts is told.
    pub(super) beside: Vec<Row>,
    /// What follows, as rules see it.
    pub facts: Arc<ProtectionFacts>,
}

/// What was asked for a [`Protection`] so far.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) rows: Vec<Row>,
    pub(super) missing: Option<Gaps>,
    pub(super) deniable: Option<Gaps>,
    pub(super) exempting: Option<Gaps>,
    /// See [`Protection::held`].
    pub(super) held: BTreeSet<(ResourceKind, String)>,
    /// See [`Protection::beside`].
    pub(super) beside: Vec<Row>,
    /// What makes denying needless.
    pub(super) instead: Option<String>,
    /// As far as is known the account holds nothing of the kind, and something of it would be open.
    pub(super) idle: bool,
    /// It holds nothing of some kind, and this keeps from being known whether that would be open.
    pub(super) unsure: Option<Gaps>,
}

/// Whose protection it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Of<'a> {
    pub(super) account: &'a str,
    pub(super) partition: &'a str,
    /// No service control policy has effect there.
    pub(super) unbound: bool,
}

impl Asked {
    /// The account certainly holds something.
    pub(super) fn holds(&mut self) {
        self.idle = false;
        self.unsure = None;
    }

    /// Notes why there may be more to ask about, some of which some statement may deny.
    pub(super) fn lacks(&mut self, gaps: &Gaps) {
        join(&mut self.missing, gaps);
        join(&mut self.deniable, gaps);
        join(&mut self.exempting, gaps);
    }

    pub(super) fn into_protection(self, guardrail: Guardrail, of: &Of<'_>) -> Protection {
        let open: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.answer.standing.as_ref().is_ok_and(|it| !it.protects()))
            .collect();
        let anyone = open.iter().any(|row| matches!(row.answer.standing, Ok(Standing::Open { .. })));
        let mut unknown = self.missing.clone();
        for row in &self.rows {
            if let Err(gaps) = &row.answer.standing {
                join(&mut unknown, gaps);
            }
        }
        let (denied_by, open) = match (open.as_slice(), unknown) {
            ([], Some(gaps)) => (Err(gaps.clone()), Err(gaps)),
            ([], None) => (Ok(words::held_by(&self.rows, self.instead.as_deref())), Ok(None)),
            (open, _) => (Ok(None), Ok(words::open(open, of))),
        };
        let openness = match (&denied_by, &open) {
            (Err(gaps), _) | (_, Err(gaps)) => Err(gaps.clone()),
            (Ok(Some(_)), Ok(_)) => Ok("none"),
            (Ok(None), Ok(None)) => Ok("not asked"),
            (Ok(None), Ok(Some(_))) if anyone => Ok("anyone"),
            (Ok(None), Ok(Some(_))) => Ok("administrators"),
        };
        let nothing = self.rows.is_empty() && self.instead.is_none();
        let applies = match (self.idle, &self.unsure, &self.missing) {
            (true, _, Some(gaps)) | (false, Some(gaps), _) => Err(gaps.clone()),
            (false, None, Some(gaps)) if nothing => Err(gaps.clone()),
            (idle, ..) => Ok(!idle && !nothing),
        };
        let facts =
            Arc::new(ProtectionFacts { applies, openness: openness.map(str::to_owned), denied_by, open });
        Protection {
            guardrail,
            rows: self.rows,
            missing: self.missing,
            deniable: self.deniable,
            exempting: self.exempting,
            held: self.held,
            beside: self.beside,
            facts,
        }
    }
}

impl Protection {
    /// Nothing can be said.
    pub(super) fn unknown(guardrail: Guardrail, gaps: &Gaps) -> Self {
        let mut asked = Asked::default();
        asked.lacks(gaps);
        asked.into_protection(guardrail, &Of::default())
    }

    /// There is nothing to ask about.
    pub(super) fn nothing(guardrail: Guardrail) -> Self {
        Asked::default().into_protection(guardrail, &Of::default())
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
    fn exemptions(&self, counts: impl Fn(EscapeKind) -> bool) -> Derived<Vec<String>> {
        let mut found: BTreeMap<(&str, EscapeKind), &Answer> = BTreeMap::new();
        for row in self.rows() {
            if let (Ok(Standing::Exempting { escape, kind }), Ok(())) =
                (&row.answer.standing, &row.answer.exemptions)
                && counts(*kind)
            {
                found.entry((escape, *kind)).or_insert(&row.answer);
            }
        }
        match self.unknown(|protection| protection.exempting.as_ref()) {
            Some(gaps) if found.is_empty() => Err(gaps),
            _ => Ok(found
                .into_iter()
                .map(|((escape, kind), answer)| words::exemption(escape, kind, &answer.denied_by))
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
            undesignated_exemptions: self.exemptions(|kind| kind < EscapeKind::Designated),
            self_service_escapes: self.exemptions(|kind| kind == EscapeKind::SelfService),
        }
    }
}
