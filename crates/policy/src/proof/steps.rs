//! How whoever administers an account comes by a self-service exemption, step by step, for people. See [`super`].
//!
//! Asks the same prover that found the exemption to be self-service, so that a step is open whenever one is told.

use std::cell::RefCell;

use super::attainability::RESERVED_ROLES;
use super::goals::WORK_LIMIT;
use super::memory::{Known, Memory, Open};
use super::ways::{ANY_ROLE, RENAME_USER, ROLE_ACTIONS, USER_ACTIONS};
use super::{Question, Verdict};
use crate::arn::segment;
use crate::exemption::{Exemption, ExemptionAtom, ExemptionKind, Requirement};
use crate::hierarchy::Guardrails;
use crate::pattern::{Pattern, Style};
use crate::request::Target;

/// Roles that make roles that make roles: more steps than this are not told.
const STEP_LIMIT: usize = 12;

/// The services' way to a role: whoever may pass it to one that it trusts acts as it.
const PASS_ROLE: &str = "iam:PassRole";

impl Guardrails<'_> {
    /// The steps of the easiest way, in their order; none where it is not self-service.
    pub fn steps(&self, question: &Question<'_>, exemption: &Exemption, memory: &mut Memory) -> Vec<String> {
        if exemption.kind() != ExemptionKind::SelfService {
            return Vec::new();
        }
        let (subject, known) = memory.take(self, question);
        let mut steps = Steps::new(self, question, known);
        steps.way(exemption);
        let Steps { mut told, known, .. } = steps;
        memory.put((subject, known.into_inner()));
        told.truncate(STEP_LIMIT);
        told
    }

    /// The exempt roles that nobody in the account may make or change, but that its administrators may pass to a
    /// service: `role/` and the name.
    pub fn passable_roles(&self, question: &Question<'_>, exemption: &Exemption) -> Vec<String> {
        let steps = Steps::new(self, question, Known::default());
        let mut found = Vec::new();
        for atom in exemption.atoms().into_iter().filter(|atom| atom.kind > ExemptionKind::SelfService) {
            for pattern in principals(atom).filter(|name| name.starts_with("role/")) {
                let pattern = pattern.as_str();
                // Identity Center and AWS itself keep others from using theirs.
                let reserved = pattern.starts_with("role/aws-");
                if !reserved
                    && !found.contains(&pattern.to_owned())
                    && steps.open(PASS_ROLE, pattern).is_some()
                {
                    found.push(pattern.to_owned());
                }
            }
        }
        found
    }
}

struct Steps<'a> {
    guardrails: &'a Guardrails<'a>,
    question: &'a Question<'a>,
    told: Vec<String>,
    /// Names that are being obtained.
    names: Vec<String>,
    known: RefCell<Known>,
}

impl<'a> Steps<'a> {
    fn new(guardrails: &'a Guardrails<'a>, question: &'a Question<'a>, known: Known) -> Self {
        Self { guardrails, question, told: Vec::new(), names: Vec::new(), known: RefCell::new(known) }
    }

    fn way(&mut self, exemption: &Exemption) {
        for atom in exemption.easiest() {
            if self.told.len() < STEP_LIMIT {
                self.atom(atom);
            }
        }
    }

    fn tell(&mut self, step: String) {
        if !self.told.contains(&step) {
            self.told.push(step);
        }
    }

    fn atom(&mut self, atom: &ExemptionAtom) {
        let name = principals(atom).find(|name| self.is_obtainable(name));
        match (&atom.requirement, name) {
            (_, Some(name)) => self.name(&name),
            (Requirement::Condition { key, .. }, None) if is_tag(key) && is_positive(atom) => self.tag(key),
            (requirement, None) => self.tell(plain(requirement)),
        }
    }

    /// Whether some action that gives the name is open.
    fn is_obtainable(&self, name: &str) -> bool {
        !self.names.iter().any(|known| known == name)
            && !name.starts_with(RESERVED_ROLES)
            && (name == "root" || actions(name).iter().any(|action| self.open_way(action, name).is_some()))
    }

    fn name(&mut self, name: &str) {
        if name == "root" {
            return self.tell("sign in as the root user of the account".to_owned());
        }
        let open = actions(name).iter().find_map(|action| Some((action, self.open_way(action, name)?)));
        let Some((action, open)) = open else { return };
        let mut exempt = String::new();
        if let Open::If(exemption) = open {
            self.names.push(name.to_owned());
            self.way(&exemption);
            self.names.pop();
            exempt = format!(", to whoever meets {exemption}");
        }
        let what = if *action == RENAME_USER { ", which gives another user that name" } else { "" };
        self.tell(format!("{action} on {name} is open{what}{exempt}"));
        if name.starts_with("role/") {
            self.tell(format!("then sts:AssumeRole acts as {name}"));
        }
    }

    fn tag(&mut self, key: &str) {
        let ways = [("iam:TagRole", ANY_ROLE), ("iam:TagUser", "user/*"), ("sts:TagSession", ANY_ROLE)];
        let open = ways.into_iter().find(|(action, name)| self.open(action, name).is_some());
        let (_, tag) = key.split_once('/').unwrap_or_default();
        if let Some((action, _)) = open {
            return self.tell(format!("{action} is open, which sets the tag {tag}"));
        }
        match ROLE_ACTIONS.iter().find(|action| self.open(action, ANY_ROLE).is_some()) {
            Some(action) => self.tell(format!(
                "{action} is open, which makes a role trust an account or identity provider of one's own elsewhere; \
                 service control policies do not bind those, and sts:TagSession passes the tag {tag}"
            )),
            None => self.tell(format!("set the tag {tag} on a role, a user or a session")),
        }
    }

    /// How the action that gives a name is open. A user that gets it must be one that may be renamed.
    fn open_way(&self, action: &str, name: &str) -> Option<Open> {
        if action == RENAME_USER {
            self.open(action, "user/*")?;
        }
        self.open(action, name)
    }

    /// How the action on a role or user of the account is open to its administrators; `None` if it is not.
    fn open(&self, action: &str, name: &str) -> Option<Open> {
        let mut known = self.known.borrow_mut();
        let asked = (action.to_owned(), name.to_owned());
        if let Some(open) = known.open.get(&asked) {
            return open.clone();
        }
        let open = self.prove_open(action, name, &mut known);
        known.open.insert(asked, open.clone());
        open
    }

    fn prove_open(&self, action: &str, name: &str, known: &mut Known) -> Option<Open> {
        let account = self.question.callers.account.as_deref()?;
        let resource = format!("arn:{}:iam::{account}:{name}", self.question.callers.partition);
        // Policies of the resource at hand have no say about roles.
        let guardrails =
            Guardrails { resource_policy: None, resource_account: None, ..self.guardrails.clone() };
        let target = Target::resources(&resource);
        let question = Question { action, resource: &target, ..*self.question };
        let proof = guardrails.prove_within(&question, WORK_LIMIT, known);
        match proof.verdict {
            Verdict::Unknown { unfinished, undecided, .. } if unfinished || !undecided.is_empty() => None,
            Verdict::NotDenied | Verdict::Unknown { at_most: None, .. } => Some(Open::ToAll),
            Verdict::DeniedExcept { exemption } | Verdict::Unknown { at_most: Some(exemption), .. }
                if exemption.kind() == ExemptionKind::SelfService =>
            {
                Some(Open::If(exemption))
            }
            _ => None,
        }
    }
}

fn actions(name: &str) -> &'static [&'static str] {
    match name {
        _ if name.starts_with("role/") => ROLE_ACTIONS,
        _ if name.starts_with("user/") => USER_ACTIONS,
        _ => &[],
    }
}

/// The names of roles and users, or `root`, by one of which the requirement is met.
fn principals(atom: &ExemptionAtom) -> impl Iterator<Item = String> {
    let patterns: &[String] = match &atom.requirement {
        Requirement::Principal { among: true, patterns } => patterns,
        Requirement::Condition { key, values, .. }
            if key.eq_ignore_ascii_case("aws:PrincipalArn") && is_positive(atom) =>
        {
            values
        }
        _ => &[],
    };
    patterns.iter().filter_map(|text| {
        let described = Pattern::new(text, Style::Wildcard, false, true).described().to_string();
        // A variable in the name itself depends on who calls.
        segment(&described, 5).filter(|name| text.ends_with(name)).map(str::to_owned)
    })
}

fn is_tag(key: &str) -> bool {
    key.to_ascii_lowercase().starts_with("aws:principaltag/")
}

/// The key must have one of the values, rather than none of them.
fn is_positive(atom: &ExemptionAtom) -> bool {
    let Requirement::Condition { holds, operator, .. } = &atom.requirement else { return false };
    let operator = operator.to_ascii_lowercase();
    let base = operator.rsplit(':').next().unwrap_or_default();
    let negated = base.contains("not") && !base.starts_with("null");
    base != "null" && negated != *holds
}

/// What meets a requirement that takes no other permission.
fn plain(requirement: &Requirement) -> String {
    let Requirement::Condition { key, .. } = requirement else {
        return match requirement {
            Requirement::Resource { .. } => format!("act on a resource for which this holds: {requirement}"),
            _ => format!("act as somebody for whom this holds: {requirement}"),
        };
    };
    let lowercase = key.to_ascii_lowercase();
    let how = match lowercase.as_str() {
        "aws:multifactorauthpresent" | "aws:multifactorauthage" => {
            "sign in with a second factor, which each user can register for itself"
        }
        "aws:principalarn" | "aws:principaltype" | "aws:userid" | "aws:username" => {
            "act as such a principal, which administrators of the account can make"
        }
        "aws:sourceip" | "aws:vpcsourceip" => "call from such an address",
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:sourcevpcarn" | "aws:vpceaccount" | "aws:vpceorgid"
        | "aws:vpceorgpaths" => "call through a VPC endpoint, which administrators of the account can make",
        "aws:requestedregion" => "call in such a Region",
        "aws:currenttime" | "aws:epochtime" => "call at such a time",
        "aws:tokenissuetime" => "begin a session at such a time",
        "aws:useragent" | "aws:referer" => "send such a header, which is the caller's own choice",
        "aws:viaawsservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
            "call by way of a service that calls on"
        }
        "aws:securetransport" => "call with or without TLS",
        _ if lowercase.starts_with("aws:resourcetag/") => "tag the resource so",
        _ if lowercase.starts_with("aws:principaltag/") => "act as a principal with such tags",
        _ => "send such a request, which is the caller's own choice",
    };
    format!("{how}: {requirement}")
}
