//! Whom a resource policy lets do something: the core of the other questions.

use std::collections::BTreeSet;
use std::fmt;

use super::asker::Asker;
use super::caller::Caller;
use super::mentions::FILLER;
use super::names::Names;
use super::search::{Ledger, Reach};
use super::source::{SourceLimit, source_limit};
use super::{Designated, Evidence, OrganizationScope};
use crate::arn::account_of;
use crate::condition::Condition;
use crate::document::{Document, Effect, PrincipalPattern, Statement, StatementId};
use crate::pattern::Pattern;
use crate::request::{Principal, Target};
use crate::truth::Truth;

/// Stands for a service that a policy does not name.
const ANY_SERVICE: &str = "any service";

/// What an `Allow` statement gives, after the document's denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The statement.
    pub statement: StatementId,
    /// The action that is allowed.
    pub action: String,
    /// To whom.
    pub scope: Scope,
    /// Whether such a request certainly gets through; otherwise something about it cannot be told.
    pub certain: bool,
}

/// Who gets through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everyone, or every AWS customer.
    Everyone,
    /// The members of these organizations.
    Organizations(BTreeSet<String>),
    /// These accounts: whoever they allow.
    Accounts(BTreeSet<String>),
    /// These users, roles or federated providers; patterns keep their wildcards.
    Principals(BTreeSet<String>),
    /// An AWS service.
    Service {
        /// The service principal.
        name: String,
        /// On whose behalf.
        source: SourceLimit,
    },
    /// It cannot be told, and why.
    Unknown(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        match self {
            Self::Everyone => formatter.write_str("everyone"),
            Self::Organizations(ids) => write!(formatter, "the organization {}", list(ids)),
            Self::Accounts(ids) => write!(formatter, "the account {}", list(ids)),
            Self::Principals(arns) => formatter.write_str(&list(arns)),
            Self::Service { name, source } => write!(formatter, "{name} {source}"),
            Self::Unknown(why) => write!(formatter, "callers that cannot be told ({why})"),
        }
    }
}

impl Scope {
    /// Whether all of it is inside the organization. A service is, if it acts for this organization alone.
    pub fn within(&self, organization: &OrganizationScope) -> Truth {
        match self {
            Self::Everyone => Truth::False,
            Self::Organizations(ids) => {
                Truth::all(ids.iter().map(|id| match &organization.organization_id {
                    Some(own) => Truth::from(own == id),
                    None => Truth::Unknown,
                }))
            }
            Self::Accounts(ids) => Truth::from(ids.is_subset(&organization.account_ids)),
            Self::Principals(arns) => Truth::all(arns.iter().map(|arn| match account_of(arn) {
                Some(account) => Truth::from(organization.account_ids.contains(account)),
                None => Truth::Unknown,
            })),
            Self::Service { source, .. } => source.within(organization),
            Self::Unknown(_) => Truth::Unknown,
        }
    }

    /// Whether all of it is designated.
    pub fn is_designated(&self, designated: &Designated) -> Truth {
        match self {
            Self::Everyone | Self::Organizations(_) => Truth::False,
            Self::Accounts(ids) => Truth::from(ids.is_subset(&designated.accounts)),
            Self::Principals(arns) => Truth::from(arns.iter().all(|arn| designated.names(arn))),
            Self::Service { name, .. } => Truth::from(designated.services.contains(name)),
            Self::Unknown(_) => Truth::Unknown,
        }
    }
}

impl Grant {
    /// The statement and what it allows to whom, for a message.
    pub fn evidence(&self) -> Evidence {
        let verb = if self.certain { "allows" } else { "may allow" };
        let reason = format!("{verb} {} to {}", self.action, self.scope);
        Evidence { statement: self.statement.clone(), reason }
    }
}

/// Every `Allow` by which a request for the action on the resource (or on one of those that the target stands for)
/// can get through, once for each kind of caller that it lets through.
pub fn grants(document: &Document, action: &str, resource: &Target) -> Vec<Grant> {
    let asker = Asker { document, names: &Names::of(document), ledger: &Ledger::default(), action, resource };
    let mut grants = Vec::new();
    for allow in document.with_effect(Effect::Allow) {
        if allow.covers_action(&Target::exact(action)).is_false() {
            continue;
        }
        for (scope, certain) in asker.scopes(allow) {
            grants.push(Grant { statement: allow.id.clone(), action: action.to_owned(), scope, certain });
        }
    }
    grants
}

/// Whether some principal of an account of the organization gets through, from the account's place in it where that
/// is known.
pub(super) fn admits_account(
    document: &Document,
    action: &str,
    resource: &Target,
    (account, path): (&str, Option<&str>),
    organization: &OrganizationScope,
) -> Truth {
    let asker = Asker { document, names: &Names::of(document), ledger: &Ledger::default(), action, resource };
    let own = organization.organization_id.as_ref().filter(|_| organization.account_ids.contains(account));
    let admitted = |of: &dyn Fn(Caller) -> Caller| {
        Truth::any(document.with_effect(Effect::Allow).map(|allow| {
            match asker.account_reach(allow, account, of) {
                Reach::Yes(_) => Truth::True,
                Reach::Unknown(_) => Truth::Unknown,
                Reach::No => Truth::False,
            }
        }))
    };
    match own {
        Some(id) => admitted(&|caller| caller.in_organization(id).placed(id, path)),
        // Of which organization the account is, is not known.
        None => admitted(&|caller| caller).either(admitted(&Caller::in_no_named_organization)),
    }
}

/// Whether every account of the organization gets through, also one of which nothing is known, wherever it is.
pub(super) fn admits_every_member(
    document: &Document,
    action: &str,
    resource: &Target,
    organization: &OrganizationScope,
) -> Truth {
    let asker = Asker { document, names: &Names::of(document), ledger: &Ledger::default(), action, resource };
    let member = match &organization.organization_id {
        Some(id) => asker.stranger().in_organization(id).placed(id, None),
        None => asker.stranger().in_no_named_organization(),
    };
    Truth::any(document.with_effect(Effect::Allow).map(|allow| match asker.reach(allow, &member) {
        Reach::Yes(_) => Truth::True,
        Reach::Unknown(_) => Truth::Unknown,
        Reach::No => Truth::False,
    }))
}

impl Asker<'_> {
    fn scopes(&self, allow: &Statement) -> Vec<(Scope, bool)> {
        let everyone = vec![PrincipalPattern::Everyone];
        let patterns = match &allow.principal {
            Some(element) if !element.negated => &element.patterns,
            // `NotPrincipal` allows all but a few, and no element at all leaves nobody out.
            _ => &everyone,
        };
        let mut scopes: Vec<(Scope, bool)> = Vec::new();
        for pattern in patterns {
            for scope in self.scopes_of(allow, pattern) {
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            }
        }
        scopes
    }

    fn scopes_of(&self, allow: &Statement, pattern: &PrincipalPattern) -> Vec<(Scope, bool)> {
        match pattern {
            PrincipalPattern::Everyone => self.open_to_all(allow),
            PrincipalPattern::Account(account) => self.of_account(allow, account, false),
            PrincipalPattern::Arn(arn) => {
                let reach = self.reach(allow, &self.principal(arn));
                found(&reach, || Scope::Principals(BTreeSet::from([arn.clone()])))
            }
            PrincipalPattern::Service(name) => self.service(allow, name),
            PrincipalPattern::Federated(name) => {
                let mut caller = self.account("");
                caller.principal = Principal::Federated(name.clone());
                found(&self.reach(allow, &caller), || Scope::Principals(BTreeSet::from([name.clone()])))
            }
            PrincipalPattern::CanonicalUser(id) => {
                let mut caller = self.account("");
                caller.principal = Principal::CanonicalUser(id.clone());
                found(&self.reach(allow, &caller), || {
                    Scope::Unknown(format!("the account of the canonical user {id}"))
                })
            }
            // What is left of a deleted user or role lets nobody through.
            PrincipalPattern::UniqueId(_) => Vec::new(),
        }
    }

    /// A statement for everyone: for whom its conditions and the denies leave it open.
    fn open_to_all(&self, allow: &Statement) -> Vec<(Scope, bool)> {
        let outsiders = self.outsiders(allow);
        match outsiders {
            Reach::Yes(_) => return vec![(Scope::Everyone, true)],
            Reach::Unknown(keys) => return vec![(undecided(&keys), false)],
            Reach::No => {}
        }
        // Where a caller gets through who shares nothing with those named but a network or the like, the names tell
        // nothing of who that is.
        let anyone = self.stranger().in_no_named_organization();
        if let Reach::Yes(keys) | Reach::Unknown(keys) = self.reach(allow, &anyone) {
            return vec![(undecided(&keys), false)];
        }
        let mut scopes = Vec::new();
        for organization in &self.names.organizations {
            let caller = self.stranger().in_organization(organization);
            scopes.extend(found(&self.reach(allow, &caller), || {
                Scope::Organizations(BTreeSet::from([organization.clone()]))
            }));
        }
        let alone = !scopes.is_empty();
        for account in &self.names.accounts {
            scopes.extend(self.of_account(allow, account, alone));
        }
        for service in services(allow) {
            scopes.extend(self.service(allow, service));
        }
        if scopes.is_empty() {
            let caller = self.stranger().possibly_in(&self.organizations());
            if let Reach::Yes(keys) | Reach::Unknown(keys) = self.reach(allow, &caller) {
                scopes.push((undecided(&keys), false));
            }
        }
        scopes
    }

    /// What a statement leaves open to one account: all of it, or the principals that are named. Where
    /// an organization is let in as a whole, an account is asked about `alone`, as no member of it.
    fn of_account(&self, allow: &Statement, account: &str, alone: bool) -> Vec<(Scope, bool)> {
        let of = |caller: Caller| if alone { caller.in_no_named_organization() } else { caller };
        let reach = self.account_reach(allow, account, &of);
        let unnamed = of(self.principal(&format!("arn:aws:iam::{account}:role/{FILLER}")));
        let named: BTreeSet<String> = if self.reach(allow, &unnamed).is_yes() {
            BTreeSet::new()
        } else {
            self.names
                .principals
                .iter()
                .filter(|arn| account_of(arn) == Some(account))
                .filter(|arn| !self.reach(allow, &of(self.principal(arn))).is_no())
                .cloned()
                .collect()
        };
        if named.is_empty() {
            found(&reach, || Scope::Accounts(BTreeSet::from([account.to_owned()])))
        } else {
            vec![(Scope::Principals(named), reach.is_yes())]
        }
    }

    fn service(&self, allow: &Statement, name: &str) -> Vec<(Scope, bool)> {
        match source_limit(self, allow, name) {
            Some((source, certain)) => vec![(Scope::Service { name: name.to_owned(), source }, certain)],
            None => Vec::new(),
        }
    }
}

fn found(reach: &Reach, scope: impl FnOnce() -> Scope) -> Vec<(Scope, bool)> {
    match reach {
        Reach::No => Vec::new(),
        Reach::Yes(_) => vec![(scope(), true)],
        Reach::Unknown(_) => vec![(scope(), false)],
    }
}

fn undecided(keys: &[String]) -> Scope {
    Scope::Unknown(if keys.is_empty() {
        "the statements overlap in part".to_owned()
    } else {
        format!("it depends on {}", keys.join(", "))
    })
}

/// The services that a statement for everyone may mean: those that its conditions name, or any.
fn services(allow: &Statement) -> BTreeSet<&str> {
    let by_name = allow.conditions.iter().filter(|condition| {
        matches!(condition.lowercase_key(), "aws:principalservicename" | "aws:principalservicenameslist")
    });
    let mut services: BTreeSet<&str> =
        by_name.flat_map(Condition::values).map(Pattern::text).filter(|name| name.contains('.')).collect();
    if services.is_empty() {
        services.insert(ANY_SERVICE);
    }
    services
}
