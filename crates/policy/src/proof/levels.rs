//! The formula of what passes, level by level and statement by statement: [`super::prove`] concludes from it, and
//! [`super::ways`] asks it what the actions take by which something is obtained. See [`super`].

use super::attainability::Attainability;
use super::caller_context::{CallerContext, any_principal, default_principal};
use super::{LevelProof, Question, StatementProof};
use crate::condition::Condition;
use crate::document::{Effect, Element, Statement};
use crate::evaluate::{Reading, View};
use crate::exemption::{ExemptionKind, Passes, Requirement};
use crate::hierarchy::{AttachedPolicy, Deciding, Guardrails, Layer, PolicyKind, ROOTS, Unbound};
use crate::pattern::Lookup;
use crate::request::Target;
use crate::truth::Truth;

/// What is found on the way through the levels.
pub(super) struct Walk {
    pub(super) unbound: Option<Unbound>,
    pub(super) levels: Vec<LevelProof>,
    pub(super) decisive: Vec<Decisive>,
    pub(super) default_denied: Truth,
    /// Resources with a variable where AWS supports none, of statements that may speak of the request.
    pub(super) misplaced: Vec<String>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            unbound: None,
            levels: Vec::new(),
            decisive: Vec::new(),
            default_denied: Truth::False,
            misplaced: Vec::new(),
        }
    }
}

/// A statement or a level with what it lets pass, in the order of the levels.
pub(super) struct Decisive {
    pub(super) deciding: Deciding,
    pub(super) denies: bool,
    pub(super) passes: Passes,
}

impl Guardrails<'_> {
    /// What the levels let pass, at the least that they deny.
    pub(super) fn passes(&self, question: &Question<'_>, attainability: Attainability<'_>) -> Passes {
        self.passes_or_unread(question, attainability).0
    }

    /// The same, and whether what some of them say is not known.
    pub(super) fn passes_or_unread(
        &self,
        question: &Question<'_>,
        attainability: Attainability<'_>,
    ) -> (Passes, bool) {
        let levels = self.walk(question, attainability, Reading::Weakest).levels;
        let unread = levels.iter().any(LevelProof::is_unknown);
        (Passes::all(levels.into_iter().map(|level| level.passes)), unread)
    }

    /// The root user of the account, where the resource's own policy does not bind it. Nobody in the account may begin the
    /// sessions that act as it: that takes the management account, or whom it delegates this to ("`AssumeRoot`", AWS STS
    /// API Reference, read 2026-11-29).
    fn spared(&self, question: &Question<'_>) -> Passes {
        let Some(account) = &question.callers.account else { return Passes::Never };
        if self.spares_root_of(account, question.action, question.resource).is_false() {
            return Passes::Never;
        }
        let kinds = [ExemptionKind::SelfService, ExemptionKind::External];
        Passes::any(ROOTS.iter().zip(kinds).map(|((service, root), kind)| {
            let arn = format!("arn:{}:{service}::{account}:{root}", question.callers.partition);
            let requirement = Requirement::Condition {
                holds: true,
                operator: "ArnEquals".to_owned(),
                key: "aws:PrincipalArn".to_owned(),
                values: vec![arn],
            };
            Passes::requirement(requirement, kind)
        }))
    }

    /// Walks through the levels.
    pub(super) fn walk(
        &self,
        question: &Question<'_>,
        attainability: Attainability<'_>,
        reading: Reading,
    ) -> Walk {
        let principal = any_principal(question.callers);
        let default_principal = default_principal(question.callers);
        let unbound = self.unbound(&principal, None);
        let known = CallerContext::new(self, question);
        let action = Target::exact(question.action);
        let of_all: &Lookup<'_> = &|key| known.of_all(key);
        let of_default: &Lookup<'_> = &|key| known.of_default(key);
        let resource = Self::asked_on(question.action, question.resource);
        let view = View::new(&action, &principal, &resource, of_all);
        let default_view = View::new(&action, &default_principal, &resource, of_default);
        let mut prover = Prover {
            attainability,
            supposed: View::new(&action, &principal, &resource, of_all).read_as(reading.other()),
            view: view.read_as(reading),
            default_view: default_view.read_as(reading),
            spared: self.spared(question),
            walk: Walk { unbound, ..Walk::default() },
        };
        for layer in self.layers(unbound, question.action, question.resource) {
            prover.level(layer);
        }
        prover.walk
    }
}

struct Prover<'a> {
    attainability: Attainability<'a>,
    view: View<'a>,
    default_view: View<'a>,
    /// The view with misplaced variables read the other way.
    supposed: View<'a>,
    /// Whom the resource's own policy never denies it to.
    spared: Passes,
    walk: Walk,
}

impl Prover<'_> {
    /// What the level lets pass, and whether it denies the default caller.
    fn level(&mut self, layer: Layer<'_>) {
        let Layer { kind, level, certain } = layer;
        let mut statements = Vec::new();
        let (mut denies, mut allows) = (Vec::new(), Vec::new());
        let (mut default_denied, mut default_allowed) = (Truth::False, Truth::False);
        let mut allowing = None;
        for policy in &level.policies {
            for statement in &policy.document.statements {
                let allow = statement.effect == Effect::Allow;
                if allow && !layer.must_allow() {
                    continue;
                }
                let Some((mut passes, by_default)) = self.statement(statement) else { continue };
                if kind == PolicyKind::ResourceBased {
                    passes = Passes::any([passes, self.spared.clone()]);
                }
                let deciding = || Deciding::statement(kind, level, policy, &statement.id);
                if allow {
                    default_allowed = default_allowed.or(by_default);
                    if passes == Passes::Always && allowing.is_none() {
                        allowing = Some(deciding());
                    }
                    allows.push(passes.clone());
                } else if certain {
                    default_denied = default_denied.or(by_default);
                    if passes != Passes::Always {
                        self.walk.decisive.push(Decisive {
                            deciding: deciding(),
                            denies: true,
                            passes: passes.clone(),
                        });
                    }
                    denies.push(passes.clone());
                }
                statements.push(proof(policy, statement, passes));
            }
        }
        let allowed = if layer.must_allow() && !level.unread { Passes::any(allows) } else { Passes::Always };
        if allowed != Passes::Always {
            let deciding = Deciding::level(kind, level);
            self.walk.decisive.push(Decisive { deciding, denies: true, passes: allowed.clone() });
        } else if let Some(deciding) = allowing {
            self.walk.decisive.push(Decisive { deciding, denies: false, passes: Passes::Always });
        }
        if layer.must_allow() && !level.unread {
            default_denied = default_denied.or(!default_allowed);
        }
        let passes = Passes::all(denies.into_iter().chain([allowed]));
        let may_deny = |statement: &StatementProof| statement.passes != Passes::Always;
        let level = LevelProof {
            kind,
            level: level.id.clone(),
            unread: level.unread,
            binding_unknown: !certain && statements.iter().any(may_deny),
            statements,
            passes,
        };
        self.walk.levels.push(level);
        self.walk.default_denied = self.walk.default_denied.or(default_denied);
    }

    /// Which requests pass a `Deny`, or are allowed by an `Allow`, and whether it applies to the default caller;
    /// `None` where the statement is not about such requests.
    fn statement(&mut self, statement: &Statement) -> Option<(Passes, Truth)> {
        if !statement.lists_action(&self.view).is_true() {
            return None;
        }
        let principal = statement.covers_principal(self.view.principal);
        let resource = statement.covers_view(&self.view);
        if let Some((pattern, _)) = statement.misplaced_variable()
            && statement.covers_view(&self.supposed) != resource
        {
            let pattern = pattern.text();
            // Several statements may hold the same one: it is told once.
            if !self.walk.misplaced.iter().any(|told| told == pattern) {
                self.walk.misplaced.push(pattern.to_owned());
            }
        }
        if principal.is_false() || resource.is_false() {
            return None;
        }
        let by_default = statement.applies_to(&self.default_view);
        let allow = statement.effect == Effect::Allow;
        let mut parts = Vec::new();
        if resource == Truth::Unknown
            && let Some(element) = &statement.resource
        {
            let patterns = element.patterns.iter().map(|pattern| pattern.text().to_owned()).collect();
            let among = allow != element.negated;
            // The easiest resource of those that are asked about.
            parts.push(Passes::requirement(
                Requirement::Resource { among, patterns },
                ExemptionKind::SelfService,
            ));
        }
        if principal == Truth::Unknown
            && let Some(element) = &statement.principal
        {
            parts.push(self.principal(element, allow));
        }
        parts.extend(statement.conditions.iter().map(|condition| self.condition(condition, allow)));
        let passes = if allow { Passes::all(parts) } else { Passes::any(parts) };
        Some((passes, by_default))
    }

    fn principal<T: ToString>(&self, element: &Element<T>, allow: bool) -> Passes {
        let patterns: Vec<String> = element.patterns.iter().map(ToString::to_string).collect();
        let among = allow != element.negated;
        let means = among.then(|| self.attainability.names(patterns.iter().map(String::as_str)));
        let requirement = Requirement::Principal { among, patterns };
        let kind =
            means.map_or(ExemptionKind::SelfService, |means| self.attainability.kind(&requirement, &means));
        Passes::requirement(requirement, kind)
    }

    /// What meeting the condition (of an `Allow`), or not meeting it (of a `Deny`), takes.
    fn condition(&self, condition: &Condition, holds: bool) -> Passes {
        let truth = condition.holds(self.view.lookup);
        let met = if holds { truth } else { !truth };
        if met.is_true() {
            return Passes::Always;
        }
        let requirement = Requirement::condition(condition, holds);
        let kind = if met.is_false() {
            ExemptionKind::Unattainable
        } else {
            let by_default = condition.holds(self.default_view.lookup);
            let met_by_default = if holds { by_default } else { !by_default };
            if met_by_default.is_true() {
                return Passes::ordinary(requirement);
            }
            let means = self.attainability.condition(condition, holds, self.view.lookup);
            self.attainability.kind(&requirement, &means)
        };
        Passes::requirement(requirement, kind)
    }
}

fn proof(policy: &AttachedPolicy, statement: &Statement, passes: Passes) -> StatementProof {
    StatementProof {
        policy: policy.id.clone(),
        statement: statement.id.clone(),
        effect: statement.effect,
        passes,
    }
}
