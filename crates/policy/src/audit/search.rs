//! Whether some request of a kind gets through: evaluation in three values, then a search for a request that does.
//!
//! Three-valued evaluation alone often ends at unknown, because a caller may choose the value of a condition key.
//! The search fills such keys in with the values that can make a difference to the policy at hand, one after the
//! other, and stops a branch as soon as evaluation is certain.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::caller::Caller;
use super::mentions::{FILLER, Mentions, mention};
use crate::condition::Condition;
use crate::context::ContextValue;
use crate::document::{Document, Effect, Statement};
use crate::glob::Glob;
use crate::pattern::{Lookup, Pattern};
use crate::request::{Request, Target};
use crate::truth::Truth;

/// Evaluations that one search may take before it is given up as unknown.
const EVALUATION_LIMIT: usize = 1_000;

/// Evaluations of a statement that all searches of one question may take together.
const QUESTION_LIMIT: usize = 200_000;

/// Comparisons of resource patterns that one question may take, a partial overlap counted tenfold.
const COMPARISON_LIMIT: usize = 2_000;

/// Whether a request of a kind can get through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// None can.
    No,
    /// One can; the condition keys that it has to meet.
    Yes(Vec<String>),
    /// It cannot be said, because of these condition keys.
    Unknown(Vec<String>),
}

impl Reach {
    pub(super) fn is_no(&self) -> bool {
        *self == Self::No
    }

    pub(super) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// The best case of several.
    pub(super) fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::No, _) | (Self::Unknown(_), Self::Yes(_)) => other,
            _ => self,
        }
    }
}

/// Whether `allow` lets the caller do the action on the resource (or on one of those that it stands for), in spite
/// of the document's denies.
pub(super) fn reach(
    document: &Document,
    ledger: &Ledger,
    allow: &Statement,
    caller: &Caller,
    action: &str,
    resource: &Target,
) -> Reach {
    let mut whole = None;
    for target in ledger.refinements(allow, resource) {
        if ledger.is_spent() {
            return Reach::Unknown(Vec::new());
        }
        let request = Request {
            principal: caller.principal.clone(),
            action: Target::exact(action),
            resource: target,
            context: caller.context.clone(),
        };
        let mut search = Search::new(document, ledger, allow, caller, &request);
        let result = search.run(request, 0);
        match (result, &whole) {
            (yes @ Reach::Yes(_), _) => return yes,
            // The first target is the whole resource: what cannot reach any of it reaches no part.
            (Reach::No, None) => return Reach::No,
            (result, None) => whole = Some(result),
            _ => {}
        }
    }
    whole.unwrap_or(Reach::No)
}

/// The resource, then parts of it on which the statement is certain.
fn refinements(allow: &Statement, resource: &Target) -> Vec<Target> {
    let mut targets = vec![resource.clone()];
    let Target::AnyOf(domain) = resource else { return targets };
    let patterns =
        allow.resource.iter().filter(|element| !element.negated).flat_map(|element| &element.patterns);
    for glob in patterns.filter_map(|pattern| pattern.resolved(&unknown)) {
        if glob.covered_by(&[domain]).is_true() {
            targets.push(Target::AnyOf(glob.clone()));
        }
        let example = glob.example(FILLER);
        if domain.matches(&example) {
            targets.push(Target::Exact(example));
        } else if let Some(common) = glob.example_within(domain, FILLER) {
            targets.push(Target::Exact(common));
        } else if let Some(here) = moved(&example, domain).filter(|it| glob.matches(it) && domain.matches(it))
        {
            targets.push(Target::Exact(here));
        }
    }
    targets.push(Target::Exact(domain.example(FILLER)));
    targets
}

/// An ARN with the partition, service, region and account of another, as far as those are fixed: `arn:aws:logs:*:*:...` is
/// also about what is in one region of one account.
fn moved(arn: &str, to: &Glob) -> Option<String> {
    let mut segments: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
    let (_, place) = segments.split_last_mut()?;
    for (number, segment) in place.iter_mut().enumerate() {
        if let Some(fixed) = to.literal_segment(number) {
            *segment = fixed;
        }
    }
    Some(segments.join(":"))
}

/// What one question has worked out of how far statements take in resources, which does not depend on the caller or
/// the action, and the work that it took. Real policies stay far below the limits; what is beyond them is unknown.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    known: RefCell<HashMap<(usize, Target), Truth>>,
    refined: RefCell<HashMap<(usize, Target), Vec<Target>>>,
    comparisons: Cell<usize>,
    evaluations: Cell<usize>,
}

impl Ledger {
    fn spend(&self, evaluations: usize) {
        self.evaluations.set(self.evaluations.get() + evaluations);
    }

    fn refinements(&self, allow: &Statement, resource: &Target) -> Vec<Target> {
        let key = (allow.id.number, resource.clone());
        self.refined.borrow_mut().entry(key).or_insert_with(|| refinements(allow, resource)).clone()
    }

    fn is_spent(&self) -> bool {
        self.evaluations.get() > QUESTION_LIMIT
    }

    fn coverage(&self, statement: &Statement, request: &Request) -> Truth {
        let key = (statement.id.number, request.resource.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let truth = match request.resource {
            Target::AnyOf(_) if self.comparisons.get() > COMPARISON_LIMIT => Truth::Unknown,
            _ => statement.covers_resource(request),
        };
        // The costly comparisons are those that find a partial overlap or give up.
        let cost = if truth == Truth::Unknown { 10 } else { 1 };
        self.comparisons.set(self.comparisons.get() + cost);
        self.known.borrow_mut().insert(key, truth);
        truth
    }
}

/// A statement and how far it is about the request, conditions aside.
struct Relevant<'a> {
    statement: &'a Statement,
    covered: Truth,
    /// Its resources depend on condition keys, so have to be compared anew when those are filled in.
    varies: bool,
}

impl<'a> Relevant<'a> {
    fn new(statement: &'a Statement, ledger: &Ledger, request: &Request) -> Self {
        let patterns = statement.resource.iter().flat_map(|element| &element.patterns);
        let varies = patterns.flat_map(Pattern::variables).next().is_some();
        let about =
            statement.covers_action(&request.action).and(statement.covers_principal(&request.principal));
        let covered = match about {
            Truth::False => Truth::False,
            _ if varies => about.and(statement.covers_resource(request)),
            _ => about.and(ledger.coverage(statement, request)),
        };
        Self { statement, covered, varies }
    }

    fn applies(&self, request: &Request) -> Truth {
        if self.varies {
            self.statement.applies(request)
        } else if self.covered.is_false() {
            Truth::False
        } else {
            self.covered.and(self.statement.conditions_hold(request))
        }
    }
}

struct Search<'a> {
    ledger: &'a Ledger,
    caller: &'a Caller,
    allow: Relevant<'a>,
    denies: Vec<Relevant<'a>>,
    mentions: Mentions<'a>,
    keys: Vec<String>,
    evaluations: usize,
}

impl<'a> Search<'a> {
    fn new(
        document: &'a Document,
        ledger: &'a Ledger,
        allow: &'a Statement,
        caller: &'a Caller,
        request: &Request,
    ) -> Self {
        ledger.spend(document.statements.len());
        let denies: Vec<Relevant<'a>> = document
            .with_effect(Effect::Deny)
            .map(|deny| Relevant::new(deny, ledger, request))
            .filter(|deny| !deny.covered.is_false())
            .collect();
        let allow = Relevant::new(allow, ledger, request);
        let mut mentions = Mentions::new();
        // A statement that is not about the request has no say, and neither have the keys that it looks at.
        if !allow.covered.is_false() {
            for relevant in denies.iter().chain([&allow]) {
                mention(relevant.statement, &mut mentions);
            }
        }
        let mut keys: Vec<String> = mentions.keys().cloned().collect();
        // Keys whose values are all known first: on them a branch can be closed for good.
        keys.sort_by_cached_key(|key| {
            let candidates = mentions.get(key).and_then(|at| caller.candidates(key, at, &unknown));
            !candidates.is_some_and(|candidates| candidates.exhaustive)
        });
        Self { ledger, caller, allow, denies, mentions, keys, evaluations: 0 }
    }

    fn run(&mut self, request: Request, next: usize) -> Reach {
        self.evaluations += 1;
        self.ledger.spend(1 + self.denies.len());
        let allowed = self.allow.applies(&request);
        if allowed.is_false() {
            return Reach::No;
        }
        let denied = Truth::any(self.denies.iter().map(|deny| deny.applies(&request)));
        let depends = || self.keys.iter().filter(|key| self.allows_by(key)).cloned().collect::<Vec<_>>();
        match allowed.and(!denied) {
            Truth::True => return Reach::Yes(depends()),
            Truth::False => return Reach::No,
            Truth::Unknown if self.evaluations > EVALUATION_LIMIT || self.ledger.is_spent() => {
                return Reach::Unknown(self.keys.clone());
            }
            Truth::Unknown => {}
        }
        let Some(key) = self.keys.get(next).cloned() else {
            let open = self.keys.iter().filter(|key| !is_known(&request.lookup(key)));
            return Reach::Unknown(open.cloned().collect());
        };
        let candidates = match request.lookup(&key).as_ref() {
            ContextValue::Unknown | ContextValue::Like(_) => {
                let lookup: &Lookup<'_> = &|other| request.lookup(other);
                self.mentions.get(&key).and_then(|mentions| self.caller.candidates(&key, mentions, lookup))
            }
            ContextValue::Known(_) | ContextValue::Absent => None,
        };
        let Some(candidates) = candidates else { return self.run(request, next + 1) };
        // A variable takes the value into a pattern, where any other may match.
        let exhaustive = candidates.exhaustive && !self.is_variable(&key);
        let mut result = if exhaustive { Reach::No } else { Reach::Unknown(vec![key.clone()]) };
        for value in candidates.values {
            let mut chosen = request.clone();
            chosen.context.set(&key, value);
            match self.run(chosen, next + 1) {
                yes @ Reach::Yes(_) => return yes,
                unknown @ Reach::Unknown(_) => result = unknown,
                Reach::No => {}
            }
        }
        result
    }

    /// Whether the key's value is filled into a pattern.
    fn is_variable(&self, key: &str) -> bool {
        let statements = self.denies.iter().chain([&self.allow]).map(|relevant| relevant.statement);
        let mut patterns = statements.flat_map(|statement| {
            let resources = statement.resource.iter().flat_map(|element| &element.patterns);
            resources.chain(statement.conditions.iter().flat_map(Condition::values))
        });
        patterns.any(|pattern| pattern.variables().any(|variable| variable == key))
    }

    fn allows_by(&self, key: &str) -> bool {
        self.allow.statement.conditions.iter().any(|condition| condition.lowercase_key() == key)
    }
}

fn unknown(_: &str) -> Cow<'static, ContextValue> {
    Cow::Borrowed(&ContextValue::Unknown)
}

fn is_known(value: &ContextValue) -> bool {
    matches!(value, ContextValue::Known(_) | ContextValue::Absent)
}
