//! The proof itself: the formula of what passes, level by level. See [`super`].

use super::goals::{Goals, WORK_LIMIT};
use super::known::{Known, default_principal};
use super::obtaining::Obtaining;
use super::{Callers, DefaultCaller, LevelProof, Proof, Question, StatementProof, Verdict};
use crate::policy::condition::Condition;
use crate::policy::document::{Effect, Element, Statement};
use crate::policy::escape::{Escape, EscapeKind, Passes, Requirement};
use crate::policy::evaluate::{Reading, View};
use crate::policy::hierarchy::{AttachedPolicy, Deciding, Exemption, Guardrails, Layer, PolicyKind, ROOTS};
use crate::policy::pattern::Lookup;
use crate::policy::request::{Principal, Target};
use crate::policy::truth::Truth;

impl Guardrails<'_> {
    /// Proves what holds of every request of the kind.
    pub fn prove(&self, question: &Question<'_>) -> Proof {
        self.prove_within(question, WORK_LIMIT)
    }

    /// The same, looking at so many statements for what has to be obtained first. What lies beyond may be easy to have or
    /// out of reach: where that makes a difference, the answer is that it is not known.
    pub(super) fn prove_within(&self, question: &Question<'_>, limit: usize) -> Proof {
        let goals = Goals::new(self, question, limit, EscapeKind::SelfService);
        let easiest = self.prove_by(question, &goals);
        let undecided = goals.undecided_so_far();
        if !goals.is_cut() && undecided.is_empty() {
            return easiest;
        }
        let hardest = self.prove_by(question, &Goals::new(self, question, limit, EscapeKind::External));
        // Where it makes none, a way that is told must not be one that is only supposed.
        if outcome(&easiest.verdict) == outcome(&hardest.verdict) {
            return hardest;
        }
        let (levels, misplaced, at_most) = match easiest.verdict {
            Verdict::DeniedExcept { escape } => (Vec::new(), Vec::new(), Some(escape)),
            Verdict::Unknown { levels, misplaced, at_most, .. } => (levels, misplaced, at_most),
            Verdict::DeniedForAll { .. } | Verdict::NotDenied => (Vec::new(), Vec::new(), None),
        };
        let unfinished = goals.is_cut();
        let verdict = Verdict::Unknown { levels, misplaced, unfinished, undecided, at_most };
        let default_caller = default_caller(&verdict, easiest.default_caller == DefaultCaller::Denied);
        Proof { verdict, default_caller, ..easiest }
    }

    fn prove_by(&self, question: &Question<'_>, goals: &Goals<'_>) -> Proof {
        let obtaining = Obtaining::new(question, goals);
        let walk = self.walk(question, obtaining, Reading::Weakest);
        let misplaced = walk.misplaced.clone();
        let weakest = walk.proof(obtaining);
        if misplaced.is_empty() || matches!(weakest.verdict, Verdict::DeniedForAll { .. }) {
            return weakest;
        }
        let strongest = self.walk(question, obtaining, Reading::Strongest).proof(obtaining);
        let verdict = either(weakest.verdict.clone(), &strongest.verdict, misplaced);
        let default_caller = default_caller(&verdict, weakest.default_caller == DefaultCaller::Denied);
        Proof { verdict, default_caller, decided_by: strongest.decided_by, ..weakest }
    }

    /// What the levels let pass, at the least that they deny.
    pub(super) fn passes(&self, question: &Question<'_>, obtaining: Obtaining<'_>) -> Passes {
        self.passes_or_unread(question, obtaining).0
    }

    /// The same, and whether what some of them say is not known.
    pub(super) fn passes_or_unread(
        &self,
        question: &Question<'_>,
        obtaining: Obtaining<'_>,
    ) -> (Passes, bool) {
        let levels = self.walk(question, obtaining, Reading::Weakest).levels;
        let unread = levels.iter().any(LevelProof::is_unknown);
        (Passes::all(levels.into_iter().map(|level| level.passes)), unread)
    }

    /// Which statements speak of the action on the resource, and how far.
    pub(super) fn signature(&self, question: &Question<'_>) -> Signature {
        let principal = principal(question.callers);
        let known = Known::new(self, question);
        let action = Target::exact(question.action);
        let of_all: &Lookup<'_> = &|key| known.of_all(key);
        let resource = Self::asked_on(question.action, question.resource);
        let view = View::new(&action, &principal, &resource, of_all).read_as(Reading::Weakest);
        let exemption = self.exemption(&principal, None);
        let layers = self.layers(exemption, question.action, question.resource);
        let policies = layers.iter().flat_map(|layer| &layer.level.policies);
        let mut signature = Signature::default();
        for statement in policies.flat_map(|policy| &policy.document.statements) {
            signature.work += 1;
            if !statement.lists_action(&view).is_true() {
                continue;
            }
            let covered = statement.covers_view(&view);
            if !covered.is_false() {
                signature.about.push((signature.work, covered));
                signature.of_tags |=
                    statement.looks_at(|key| key.starts_with("aws:requesttag/") || key == "aws:tagkeys");
            }
        }
        signature
    }

    /// The root user of the account, where the resource's own policy does not bind it. Nobody in the account may begin the
    /// sessions that act as it: that takes the management account, or whom it delegates this to ("`AssumeRoot`", AWS STS
    /// API Reference, read 2026-11-29).
    fn spared(&self, question: &Question<'_>) -> Passes {
        let Some(account) = &question.callers.account else { return Passes::Never };
        if self.spares_root_of(account, question.action, question.resource).is_false() {
            return Passes::Never;
        }
        let kinds = [EscapeKind::SelfService, EscapeKind::External];
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

    fn walk(&self, question: &Question<'_>, obtaining: Obtaining<'_>, reading: Reading) -> Walk {
        let principal = principal(question.callers);
        let default_principal = default_principal(question.callers);
        let exemption = self.exemption(&principal, None);
        let known = Known::new(self, question);
        let action = Target::exact(question.action);
        let of_all: &Lookup<'_> = &|key| known.of_all(key);
        let of_default: &Lookup<'_> = &|key| known.of_default(key);
        let resource = Self::asked_on(question.action, question.resource);
        let view = View::new(&action, &principal, &resource, of_all);
        let default_view = View::new(&action, &default_principal, &resource, of_default);
        let mut prover = Prover {
            obtaining,
            supposed: View::new(&action, &principal, &resource, of_all).read_as(reading.other()),
            view: view.read_as(reading),
            default_view: default_view.read_as(reading),
            spared: self.spared(question),
            walk: Walk { exemption, ..Walk::default() },
        };
        for layer in self.layers(exemption, question.action, question.resource) {
            prover.level(layer);
        }
        prover.walk
    }
}

/// Which statements speak of an action on a resource. Of the same callers the same ones let the same pass, unless they look
/// at the tags that a request gives.
#[derive(Default)]
pub(super) struct Signature {
    /// Their places, and how far they are about the resource.
    pub(super) about: Vec<(usize, Truth)>,
    /// Some look at the tags that a request gives.
    pub(super) of_tags: bool,
    /// The number of statements that were looked at.
    pub(super) work: usize,
}

/// What is found on the way through the levels.
struct Walk {
    exemption: Option<Exemption>,
    levels: Vec<LevelProof>,
    decisive: Vec<Decisive>,
    default_denied: Truth,
    /// Resources with a variable where AWS supports none, of statements that may speak of the request.
    misplaced: Vec<String>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            exemption: None,
            levels: Vec::new(),
            decisive: Vec::new(),
            default_denied: Truth::False,
            misplaced: Vec::new(),
        }
    }
}

impl Walk {
    fn proof(self, obtaining: Obtaining<'_>) -> Proof {
        let Self { exemption, levels, decisive, default_denied, .. } = self;
        let passes = Passes::all(levels.iter().map(|level| level.passes.clone()));
        let passes = obtaining.in_common(passes);
        let verdict = verdict(passes, &levels);
        let decided_by = decided_by(&verdict, &decisive);
        let default_caller = default_caller(&verdict, default_denied.is_true());
        Proof { verdict, default_caller, exemption, decided_by, levels }
    }
}

/// What a verdict comes to: how far it denies, and how hard its escape is.
fn outcome(verdict: &Verdict) -> (u8, Option<EscapeKind>) {
    match verdict {
        Verdict::DeniedForAll { .. } => (0, None),
        Verdict::DeniedExcept { escape } => (1, Some(escape.kind())),
        Verdict::NotDenied => (2, None),
        Verdict::Unknown { at_most, .. } => (3, at_most.as_ref().map(Escape::kind)),
    }
}

fn default_caller(verdict: &Verdict, denied: bool) -> DefaultCaller {
    match verdict {
        _ if denied => DefaultCaller::Denied,
        Verdict::DeniedForAll { .. } => DefaultCaller::Denied,
        Verdict::Unknown { .. } => DefaultCaller::Unknown,
        Verdict::DeniedExcept { .. } | Verdict::NotDenied => DefaultCaller::Allowed,
    }
}

/// What is known where either verdict may be the real one, the first of which denies less.
fn either(weakest: Verdict, strongest: &Verdict, misplaced: Vec<String>) -> Verdict {
    if weakest == *strongest {
        return weakest;
    }
    let (levels, at_most) = match weakest {
        Verdict::DeniedExcept { escape } => (Vec::new(), Some(escape)),
        Verdict::Unknown { levels, at_most, .. } => (levels, at_most),
        Verdict::DeniedForAll { .. } | Verdict::NotDenied => (Vec::new(), None),
    };
    Verdict::Unknown { levels, misplaced, unfinished: false, undecided: Vec::new(), at_most }
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
        Passes::If(escape) => unknown(unread, Some(escape)),
        Passes::Always => unknown(unread, None),
    }
}

fn unknown(levels: Vec<String>, at_most: Option<Escape>) -> Verdict {
    Verdict::Unknown { levels, misplaced: Vec::new(), unfinished: false, undecided: Vec::new(), at_most }
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
    obtaining: Obtaining<'a>,
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
        let means = among.then(|| self.obtaining.names(patterns.iter().map(String::as_str)));
        let requirement = Requirement::Principal { among, patterns };
        let kind = means.map_or(EscapeKind::SelfService, |means| self.obtaining.kind(&requirement, &means));
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
            EscapeKind::Unattainable
        } else {
            let by_default = condition.holds(self.default_view.lookup);
            let met_by_default = if holds { by_default } else { !by_default };
            if met_by_default.is_true() {
                return Passes::ordinary(requirement);
            }
            let means = self.obtaining.condition(condition, holds, self.view.lookup);
            self.obtaining.kind(&requirement, &means)
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
