//! The proof itself: the formula of what passes, level by level. See [`super`].

use super::known::{Known, default_principal};
use super::obtaining::Obtaining;
use super::{Callers, DefaultCaller, LevelProof, Proof, Question, StatementProof, Verdict};
use crate::policy::condition::Condition;
use crate::policy::document::{Effect, Element, Statement};
use crate::policy::escape::{EscapeKind, Passes, Requirement};
use crate::policy::evaluate::View;
use crate::policy::hierarchy::{AttachedPolicy, Deciding, Exemption, Guardrails, Layer};
use crate::policy::pattern::Lookup;
use crate::policy::request::{Principal, Target};
use crate::policy::truth::Truth;

impl Guardrails<'_> {
    /// Proves what holds of every request of the kind.
    pub fn prove(&self, question: &Question<'_>) -> Proof {
        self.prove_assuming(question, &Obtaining::default())
    }

    /// [`Self::prove`] while it is being asked how something else can be obtained.
    pub(super) fn prove_assuming(&self, question: &Question<'_>, obtaining: &Obtaining<'_>) -> Proof {
        let principal = principal(question.callers);
        let default_principal = default_principal(question.callers);
        let exemption = self.exemption(&principal, None);
        let known = Known::new(self, question);
        let action = Target::exact(question.action);
        let of_all: &Lookup<'_> = &|key| known.of_all(key);
        let of_default: &Lookup<'_> = &|key| known.of_default(key);
        let resource = Self::asked_on(question.action, question.resource);
        let prover = Prover {
            guardrails: self,
            question,
            obtaining,
            view: View::new(&action, &principal, &resource, of_all),
            default_view: View::new(&action, &default_principal, &resource, of_default),
        };
        let mut default_denied = Truth::False;
        let mut decisive = Vec::new();
        let mut levels = Vec::new();
        for layer in self.layers(exemption, question.action, question.resource) {
            let (level, default) = prover.level(layer, &mut decisive);
            levels.push(level);
            default_denied = default_denied.or(default);
        }
        let passes = Passes::all(levels.iter().map(|level| level.passes.clone()));
        let verdict = verdict(passes, &levels);
        let decided_by = decided_by(&verdict, &decisive);
        let denied = matches!(verdict, Verdict::DeniedForAll { .. }) || default_denied.is_true();
        let default_caller = if denied { DefaultCaller::Denied } else { DefaultCaller::Allowed };
        Proof { verdict, default_caller, exemption, decided_by, levels }
    }
}

fn principal(callers: &Callers) -> Principal {
    match &callers.account {
        Some(account) => Principal::AnyOfAccount(account.clone()),
        None => Principal::Any,
    }
}

fn verdict(passes: Passes, levels: &[LevelProof]) -> Verdict {
    let unread: Vec<String> =
        levels.iter().filter(|level| level.is_unknown()).map(|level| level.level.clone()).collect();
    match passes {
        Passes::Never => Verdict::DeniedForAll { unattainable: None },
        Passes::If(escape) if escape.kind() == EscapeKind::Unattainable => {
            Verdict::DeniedForAll { unattainable: Some(escape) }
        }
        Passes::If(escape) if unread.is_empty() => Verdict::DeniedExcept { escape },
        Passes::Always if unread.is_empty() => Verdict::NotDenied,
        Passes::If(escape) => Verdict::Unknown { levels: unread, at_most: Some(escape) },
        Passes::Always => Verdict::Unknown { levels: unread, at_most: None },
    }
}

/// A statement or a level with what it lets pass, in the order of the levels.
struct Decisive {
    deciding: Deciding,
    denies: bool,
    passes: Passes,
}

/// For a denial, what denies: the strictest where that suffices by itself. Otherwise what allows, once per level.
fn decided_by(verdict: &Verdict, decisive: &[Decisive]) -> Vec<Deciding> {
    let all = |keep: &dyn Fn(&Decisive) -> bool| -> Vec<Deciding> {
        decisive.iter().filter(|item| keep(item)).map(|item| item.deciding.clone()).collect()
    };
    match verdict {
        Verdict::DeniedForAll { .. } => {
            let sufficient = all(&|item| item.denies && item.passes.kind() == Some(EscapeKind::Unattainable));
            if sufficient.is_empty() { all(&|item| item.denies) } else { sufficient }
        }
        Verdict::DeniedExcept { .. } | Verdict::Unknown { .. } => all(&|item| item.denies),
        Verdict::NotDenied => all(&|item| !item.denies),
    }
}

struct Prover<'a> {
    guardrails: &'a Guardrails<'a>,
    question: &'a Question<'a>,
    obtaining: &'a Obtaining<'a>,
    view: View<'a>,
    default_view: View<'a>,
}

impl Prover<'_> {
    /// What the level lets pass, and whether it denies the default caller.
    fn level(&self, layer: Layer<'_>, decisive: &mut Vec<Decisive>) -> (LevelProof, Truth) {
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
                let Some((passes, by_default)) = self.statement(statement) else { continue };
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
                        decisive.push(Decisive {
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
            decisive.push(Decisive { deciding, denies: true, passes: allowed.clone() });
        } else if let Some(deciding) = allowing {
            decisive.push(Decisive { deciding, denies: false, passes: Passes::Always });
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
        (level, default_denied)
    }

    /// Which requests pass a `Deny`, or are allowed by an `Allow`, and whether it applies to the default caller;
    /// `None` where the statement is not about such requests.
    fn statement(&self, statement: &Statement) -> Option<(Passes, Truth)> {
        if !statement.lists_action(&self.view).is_true() {
            return None;
        }
        let principal = statement.covers_principal(self.view.principal);
        let resource = statement.covers_target(self.view.resource, self.view.lookup);
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
                EscapeKind::SelfService,
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
        let kind = if among {
            self.obtaining.names(self.guardrails, self.question, patterns.iter().map(String::as_str))
        } else {
            EscapeKind::SelfService
        };
        Passes::requirement(Requirement::Principal { among, patterns }, kind)
    }

    /// What meeting the condition (of an `Allow`), or not meeting it (of a `Deny`), takes.
    fn condition(&self, condition: &Condition, holds: bool) -> Passes {
        let truth = condition.holds(self.view.lookup);
        let met = if holds { truth } else { !truth };
        if met.is_true() {
            return Passes::Always;
        }
        let kind = if met.is_false() {
            EscapeKind::Unattainable
        } else {
            let by_default = condition.holds(self.default_view.lookup);
            let met_by_default = if holds { by_default } else { !by_default };
            if met_by_default.is_true() {
                return Passes::ordinary(Requirement::condition(condition, holds));
            }
            self.obtaining.condition(self.guardrails, self.question, condition, holds)
        };
        Passes::requirement(Requirement::condition(condition, holds), kind)
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

impl Exemption {
    /// Why, in a few words.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::ManagementAccount => "service control policies do not bind the management account",
            Self::ServiceLinkedRole => "service control policies do not bind service-linked roles",
            Self::OtherAccount => "the service control policies are those of another account",
            Self::AwsService => "service control policies do not bind AWS services",
            Self::NoAccount => "service control policies bind principals of accounts only",
        }
    }
}
