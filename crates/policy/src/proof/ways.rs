//! The ways to a goal: which actions give a role, a user or a tag, and what the guardrails ask of each.
//!
//! Goals about which the same statements speak in the same way share them, so that the work grows with the number of
//! goals and of statements, not with their chains. [`super::goals`] calls this for each goal, and follows what the ways
//! need in turn.

use std::sync::Arc;

use super::attainability::Attainability;
use super::goals::{Goal, Goals, Way};
use super::{Callers, Question};
use crate::context::ContextValue;
use crate::document::Document;
use crate::exemption::{ExemptionKind, Passes};
use crate::glob::Language;
use crate::hierarchy::Guardrails;
use crate::request::Target;
use crate::undecided::Undecided;

/// Giving any of these to a role lets one act as it.
pub(super) const ROLE_ACTIONS: &[&str] = &["iam:CreateRole", "iam:UpdateAssumeRolePolicy"];

/// Any of these lets one act as a user.
pub(super) const USER_ACTIONS: &[&str] = &[
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    RENAME_USER,
];

/// Gives a user another name or path, and is asked on the old ARN and on the new one ("`UpdateUser`", IAM API Reference,
/// read 2026-11-28). Roles keep their names.
pub(super) const RENAME_USER: &str = "iam:UpdateUser";

/// Giving any of these lets one act as a role that is there already, and as a user.
const CHANGE_ROLE: &[&str] = &["iam:UpdateAssumeRolePolicy"];
const CHANGE_USER: &[&str] = &["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

/// Giving a tag to a role or user, or passing it with a session of a role or of a federated user.
const TAG_ACTIONS: &[(&str, &str)] =
    &[("iam:TagRole", ANY_ROLE), ("iam:TagUser", "user/*"), ("sts:TagSession", ANY_ROLE), OF_FEDERATED_USERS];

/// What a user asks for a session under another name.
const OF_FEDERATED_USERS: (&str, &str) = ("sts:TagSession", "user/*");

/// The roles of an account.
pub(super) const ANY_ROLE: &str = "role/*";

/// Whoever a role trusts acts as it by one of these.
const ASSUME_ACTIONS: &[&str] =
    &["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// How the tags begin that services pass to sessions by themselves, with values that administrators choose: IAM Roles
/// Anywhere those of a certificate, EKS Pod Identity those of a pod (IAM Roles Anywhere User Guide, "Trust model"; Amazon EKS
/// User Guide, "Grant Pods access to AWS resources based on tags", read 2026-11-29). Resource control policies that keep
/// others out spare services as a rule.
const SERVICE_TAGS: [&str; 5] = ["eks-cluster-", "kubernetes-", "x509issuer/", "x509san/", "x509subject/"];

/// Works out the ways to a goal.
pub(super) fn find(goals: &Goals<'_>, goal: &Goal) -> Vec<Way> {
    goals.ways(goal)
}

impl Goals<'_> {
    fn ways(&self, goal: &Goal) -> Vec<Way> {
        let callers = self.callers;
        let account = callers.account.as_deref().unwrap_or_default();
        match goal {
            Goal::Role(arn) | Goal::User(arn) => {
                let actions = if matches!(goal, Goal::Role(_)) { ROLE_ACTIONS } else { USER_ACTIONS };
                let target = Target::resources(arn);
                let way = |action: &&str| {
                    let mut way = vec![self.way(action, &target, callers)];
                    if *action == RENAME_USER {
                        let any = format!("arn:{}:iam::{account}:user/*", callers.partition);
                        way.push(self.way(action, &Target::resources(&any), callers));
                    }
                    way
                };
                actions.iter().map(way).collect()
            }
            Goal::Existing { role } => {
                let (actions, kind) = if *role { (CHANGE_ROLE, "role") } else { (CHANGE_USER, "user") };
                let target = Target::resources(&format!("arn:{}:iam::{account}:{kind}/*", callers.partition));
                actions.iter().map(|action| vec![self.way(action, &target, callers)]).collect()
            }
            Goal::Tag { tag, values, .. } => {
                let wanted = match values {
                    Some(values) => ContextValue::Like(Language::any_of(values.clone())),
                    None => ContextValue::Unknown,
                };
                // Alone, and together with a tag that no policy names.
                let keys = [vec![tag.clone()], vec![tag.clone(), "\u{0}".to_owned()]];
                let tagging = keys.map(|keys| {
                    let mut tagging = callers.clone();
                    tagging.facts.push((format!("aws:RequestTag/{tag}"), wanted.clone()));
                    tagging.facts.push(("aws:TagKeys".to_owned(), ContextValue::Known(keys)));
                    tagging
                });
                let target = |resource: &str| {
                    Target::resources(&format!("arn:{}:iam::{account}:{resource}", callers.partition))
                };
                let asked = TAG_ACTIONS.iter().flat_map(|asked| tagging.iter().map(move |by| (asked, by)));
                let way = |((action, on), by): (&(&str, &str), &Callers)| {
                    let mut way = vec![self.way(action, &target(on), by)];
                    if (*action, *on) == OF_FEDERATED_USERS {
                        way.push(self.way("sts:GetFederationToken", &target(on), by));
                    }
                    way
                };
                let mut ways: Vec<Way> = asked.map(way).collect();
                if tagging.iter().any(|tagging| self.outsiders_may_tag(tag, tagging)) {
                    let roles = target(ANY_ROLE);
                    ways.extend(ROLE_ACTIONS.iter().map(|action| vec![self.way(action, &roles, callers)]));
                }
                ways
            }
        }
    }

    /// Whether an outsider may pass the tag to a session of a role of the account that trusts it: a principal of an account
    /// elsewhere, or whoever an identity provider vouches for. Service control policies do not bind them, resource control
    /// policies do, which are asked about `sts:TagSession` on the role, too ("Permissions required to add session tags" in
    /// "Pass session tags in AWS STS", IAM User Guide, read 2026-11-29).
    fn outsiders_may_tag(&self, tag: &str, tagging: &Callers) -> bool {
        let folded = tag.to_ascii_lowercase();
        if SERVICE_TAGS.iter().any(|prefix| folded.starts_with(prefix)) {
            return true;
        }
        let account = tagging.account.as_deref().unwrap_or_default();
        let roles = Target::resources(&format!("arn:{}:iam::{account}:{ANY_ROLE}", tagging.partition));
        let outsiders = Callers { account: None, organization_path: None, ..tagging.clone() };
        let guardrails = Guardrails { service_control: None, ..self.guardrails.clone() };
        let looked_at: usize = guardrails.documents().map(|document| document.statements.len()).sum();
        let is_open = |action: &&str| {
            self.spend(looked_at);
            let question =
                Question { callers: &outsiders, action, resource: &roles, designated: self.designated };
            let (passes, unread) =
                guardrails.passes_or_unread(&question, Attainability::new(&question, self));
            let open = passes.kind().is_none_or(|kind| kind == ExemptionKind::SelfService);
            if open && unread {
                let kind = self.undecided(Undecided::SessionTag { tag: tag.to_owned() });
                return kind == ExemptionKind::SelfService;
            }
            open
        };
        is_open(&"sts:TagSession") && ASSUME_ACTIONS.iter().any(is_open)
    }

    /// What the guardrails ask of the action.
    fn way(&self, action: &str, target: &Target, callers: &Callers) -> Arc<Passes> {
        let question = Question { callers, action, resource: target, designated: self.designated };
        let signature = self.guardrails.signature(&question);
        self.spend(signature.work);
        let passes = || self.guardrails.passes(&question, Attainability::new(&question, self));
        if signature.of_tags { Arc::new(passes()) } else { self.shared(signature.about, passes) }
    }
}

impl Guardrails<'_> {
    /// The documents of all levels, service control policies first.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        let hierarchies = self.service_control.into_iter().chain(self.resource_control);
        let levels = hierarchies.flat_map(|hierarchy| &hierarchy.levels).chain(self.resource_policy);
        levels.flat_map(|level| &level.policies).map(|policy| policy.document.as_ref())
    }
}
