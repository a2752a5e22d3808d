//! What denies an action on a resource that has a policy of its own: the guardrails and that policy together, as long as
//! nobody takes the policy away. See [`super`].

use std::sync::Arc;

use super::answer::{Answer, Standing};
use super::effective::{Caller, OwnPolicy, by_own_policy};
use super::levels::misplaced;
use super::row::Row;
use super::{Binding, ProtectedAction, words};
use crate::facts::derived::join;
use crate::facts::view::Derived;
use crate::facts::{Facts, noted_gaps};
use crate::model::{Gap, GapPlace, GapReason, Gaps};
use crate::policy::audit::{self, Designated};
use crate::policy::{AttachedPolicy, Document, ExemptionKind, Level, Target, canonical_resource};

/// A resource with a policy of its own.
pub(super) struct Resource<'a> {
    pub(super) facts: &'a Facts,
    pub(super) account: &'a str,
    pub(super) arn: &'a str,
    pub(super) binding: Derived<Binding>,
    /// What its policy is called.
    pub(super) called: &'static str,
    /// The actions that put another policy in its place, or none.
    pub(super) changed_by: &'static [&'static str],
    pub(super) document: Derived<Option<Arc<Document>>>,
    /// Where a gap about its policy lies.
    pub(super) place: GapPlace<'a>,
}

/// What changing the resource's own policy takes.
enum Change {
    /// Nobody can.
    Denied,
    /// Who meets the exemption, which is no matter of the account's own administrators.
    Exempting(String, ExemptionKind),
    /// Administrators can, in these steps.
    Open(Vec<String>),
    Unknown(Gaps),
}

impl Resource<'_> {
    fn own_policy(&self, gaps: &mut Vec<Gap>) -> OwnPolicy {
        let (policies, unread) = match &self.document {
            Ok(document) => {
                let at = self.facts.index.header.taken_at;
                let in_force = |document: &Arc<Document>| Arc::new(audit::in_force_or_later(document, at));
                (document.iter().map(in_force).collect(), None)
            }
            Err(gaps) => (Vec::new(), Some(gaps.clone())),
        };
        let misplaced = match &self.document {
            Ok(Some(document)) => misplaced(document, self.place, gaps),
            Ok(None) | Err(_) => Vec::new(),
        };
        let attach = |document| AttachedPolicy { id: self.called.to_owned(), document };
        let policies: Vec<AttachedPolicy> = policies.into_iter().map(attach).collect();
        let level = Level { id: self.called.to_owned(), policies, unread: unread.is_some() };
        OwnPolicy { level, unread, misplaced }
    }

    /// What the guardrails and the resource's own policy say, and what holds the latter in place.
    fn evaluate(&self, caller: Caller, action: &str, resource: &str, own: &OwnPolicy) -> Answer {
        let mut answer = self.evaluate_now(caller, action, resource, own);
        let protects = answer.standing.as_ref().is_ok_and(Standing::protects);
        if !protects || own.level.policies.is_empty() || self.is_denied_without_own(caller, action, resource)
        {
            return answer;
        }
        let base = answer.standing.clone();
        match self.change(action, own) {
            Change::Denied => {}
            Change::Unknown(gaps) => {
                answer.exemptions = Err(gaps.clone());
                answer.standing = Err(gaps);
            }
            Change::Open(how) => {
                let exemption = format!("the {} that denies it is changed first", self.called);
                answer.standing = Ok(Standing::Exempting { exemption, kind: ExemptionKind::SelfService });
                answer.how = how;
            }
            Change::Exempting(who, kind) => {
                let change =
                    format!("the {} that denies it is changed first by whoever meets {who}", self.called);
                answer.standing = Ok(match base {
                    Ok(Standing::Exempting { exemption, kind: easier }) => Standing::Exempting {
                        exemption: format!("{exemption}, or {change}"),
                        kind: easier.min(kind),
                    },
                    _ => Standing::Exempting { exemption: change, kind },
                });
            }
        }
        answer
    }

    /// Whether the guardrails deny it whatever the resource's own policy says.
    pub(super) fn is_denied_without_own(&self, caller: Caller, action: &str, resource: &str) -> bool {
        let Ok(Binding::Member(set)) = &self.binding else { return false };
        let answer = set.evaluate(self.facts.guardrails.ground(), caller, action, resource, None);
        answer.standing.is_ok_and(|standing| standing.protects())
    }

    /// A denial of a policy that can be taken away is none, unless the policy, or what binds besides, denies that as well.
    fn change(&self, action: &str, own: &OwnPolicy) -> Change {
        let mut found = Change::Denied;
        for change in self.changed_by.iter().filter(|change| **change != action) {
            let answer = self.evaluate_now(Caller::OfAccount, change, self.arn, own);
            found = match (answer.standing, found) {
                (Ok(standing), _) if !standing.protects() => {
                    let mut how = answer.how;
                    how.push(match standing {
                        Standing::Open { exemption: Some(exemption) } => {
                            format!("{change} is not denied if {exemption}, and changes the {}", self.called)
                        }
                        _ => format!("{change} is open, and changes the {}", self.called),
                    });
                    return Change::Open(how);
                }
                (Err(gaps), Change::Unknown(before)) => Change::Unknown(gaps.and(&before)),
                (Err(gaps), _) | (_, Change::Unknown(gaps)) => Change::Unknown(gaps),
                (Ok(Standing::Exempting { exemption, kind }), Change::Exempting(before, other))
                    if exemption != before =>
                {
                    Change::Exempting(format!("{before} or {exemption}"), other.min(kind))
                }
                (Ok(Standing::Exempting { exemption, kind }), _) => Change::Exempting(exemption, kind),
                (Ok(_), found) => found,
            };
        }
        found
    }

    fn evaluate_now(&self, caller: Caller, action: &str, resource: &str, own: &OwnPolicy) -> Answer {
        let ground = self.facts.guardrails.ground();
        match &self.binding {
            Ok(Binding::Member(set)) => set.evaluate(ground, caller, action, resource, Some(own)),
            Ok(Binding::Management | Binding::Alone) => {
                by_own_policy(ground, self.account, caller, action, resource, own)
            }
            Err(gaps) => {
                let mut answer = by_own_policy(ground, self.account, caller, action, resource, own);
                // What the guardrails would say is not known; the resource's own policy may suffice.
                if !answer.standing.as_ref().is_ok_and(Standing::protects) {
                    let mut all = answer.standing.err();
                    join(&mut all, gaps);
                    answer.standing = Err(all.unwrap_or_else(|| gaps.clone()));
                    answer.exemptions = Err(gaps.clone());
                }
                answer
            }
        }
    }

    /// Whether anybody can do this: callers of the account, and those of others whom the resource's policy lets in.
    pub(super) fn ask(&self, action: &'static ProtectedAction, resource: &str, gaps: &mut Vec<Gap>) -> Row {
        let own = self.own_policy(gaps);
        let mut answer = self.evaluate(Caller::OfAccount, action.name, resource, &own);
        if answer.standing.as_ref().is_ok_and(Standing::protects)
            && let Some((opened, how)) = self.outsiders(action, resource, &own, gaps)
        {
            if !opened.as_ref().is_ok_and(Standing::denies) {
                answer.denied_by.clear();
            }
            (answer.standing, answer.how) = (opened, how);
        }
        Row::new(action, &canonical_resource(resource, self.account), Arc::new(answer))
    }

    /// What is open to callers of other accounts, and in which steps; `None` if nothing is.
    fn outsiders(
        &self,
        action: &ProtectedAction,
        resource: &str,
        own: &OwnPolicy,
        gaps: &mut Vec<Gap>,
    ) -> Option<(Derived<Standing>, Vec<String>)> {
        let document = match &self.document {
            Ok(Some(document)) => document,
            Ok(None) => return None,
            Err(unread) => {
                let answer = self.evaluate(Caller::Outsider, action.name, resource, own);
                let denied = answer.standing.as_ref().is_ok_and(Standing::protects);
                return (!denied).then(|| (Err(unread.clone()), Vec::new()));
            }
        };
        let target = Target::resources(resource);
        let owner = Designated {
            accounts: std::iter::once(self.account.to_owned()).collect(),
            ..Designated::default()
        };
        let trust = &self.facts.trust;
        let document = audit::of_owner_account(document, trust.placed(self.account), &trust.organization);
        let document = audit::in_force(&document, self.facts.index.header.taken_at);
        let grants = audit::grants(&document, action.name, &target);
        let grants: Vec<_> =
            grants.into_iter().filter(|grant| !grant.scope.is_designated(&owner).is_true()).collect();
        if grants.is_empty() {
            return None;
        }
        let answer = self.evaluate(Caller::Outsider, action.name, resource, own);
        if answer.standing.as_ref().is_ok_and(Standing::protects) {
            return None;
        }
        let now = self.evaluate_now(Caller::Outsider, action.name, resource, own);
        if now.standing.is_ok_and(|standing| standing.protects()) {
            return Some((answer.standing, answer.how));
        }
        let certain = grants.iter().find(|grant| {
            // Who has an exemption is not known of callers of other accounts.
            let open = matches!(answer.standing, Ok(Standing::Open { .. }));
            grant.certain && grant.scope.is_designated(&owner).is_false() && open
        });
        if let Some(grant) = certain {
            let exemption = Some(words::grant(grant, self.called));
            return Some((Ok(Standing::Open { exemption }), Vec::new()));
        }
        let why = "its policy may let other accounts in";
        let note = noted_gaps::note(gaps, self.place, GapReason::Undecided, why);
        Some((Err(answer.standing.err().map_or(note.clone(), |gaps| gaps.and(&note))), Vec::new()))
    }
}
