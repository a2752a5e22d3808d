//! For each fact that a rule reads: where it could not be read, the rule is unknown and names the gap, unless it says the
//! same whatever the fact is. Walks all rules over the examples, healthy and with their defects.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::example::Example;
use crate::facts::view::{Fact, FactType, Schema, View};
use crate::facts::{self, Facts, SubjectFacts};
use crate::finding::Verdict;
use crate::model::{Expectations, GapId, Gaps};
use crate::rules::{Rule, RuleSet};
use crate::snapshot::Record;

/// A fact that is held, so that it can be changed.
#[derive(Debug, Clone)]
enum Held {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Held>),
    Thing(Arc<Thing>),
    Unread(Gaps),
}

#[derive(Debug, Clone)]
struct Thing {
    schema: &'static Schema,
    fields: BTreeMap<&'static str, Held>,
}

impl View for Thing {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn field(&self, name: &str) -> Option<Fact<'_>> {
        self.fields.get(name).map(Held::fact)
    }
}

impl Held {
    fn of(fact: Fact<'_>) -> Self {
        match fact {
            Fact::Null => Self::Null,
            Fact::Bool(truth) => Self::Bool(truth),
            Fact::Int(number) => Self::Int(number),
            Fact::Text(text) => Self::Text(text.into_owned()),
            Fact::List(list) => Self::List(list.into_iter().map(Self::of).collect()),
            Fact::Object(view) => Self::Thing(Arc::new(Thing::of(view))),
            Fact::Unavailable(gaps) => Self::Unread(gaps.clone()),
        }
    }

    fn fact(&self) -> Fact<'_> {
        match self {
            Self::Null => Fact::Null,
            Self::Bool(truth) => Fact::Bool(*truth),
            Self::Int(number) => Fact::Int(*number),
            Self::Text(text) => Fact::Text(Cow::Borrowed(text)),
            Self::List(list) => Fact::List(list.iter().map(Self::fact).collect()),
            Self::Thing(thing) => Fact::Object(thing.as_ref()),
            Self::Unread(gaps) => Fact::Unavailable(gaps),
        }
    }

    /// The same with another fact at the end of the path.
    fn with(&self, path: &[&str], fact: &Self) -> Self {
        let Some((first, rest)) = path.split_first() else { return fact.clone() };
        match self {
            Self::Thing(thing) => {
                let mut thing = Thing::clone(thing);
                if let Some(field) = thing.fields.get_mut(*first) {
                    *field = field.with(rest, fact);
                }
                Self::Thing(Arc::new(thing))
            }
            Self::List(list) => {
                let place: usize = first.parse().unwrap();
                let changed = list
                    .iter()
                    .enumerate()
                    .map(|(number, one)| if number == place { one.with(rest, fact) } else { one.clone() });
                Self::List(changed.collect())
            }
            other => other.clone(),
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        match self {
            Self::Thing(thing) => thing.fields.get(*first)?.at(rest),
            Self::List(list) => list.get(first.parse::<usize>().ok()?)?.at(rest),
            _ => None,
        }
    }
}

impl Thing {
    fn of(view: &dyn View) -> Self {
        let schema = view.schema();
        let fields =
            schema.fields.iter().filter_map(|field| Some((field.name, Held::of(view.field(field.name)?))));
        Self { schema, fields: fields.collect() }
    }
}

/// A subject whose facts can be changed.
#[derive(Clone)]
struct Case {
    subject: SubjectFacts,
    variables: Vec<(&'static str, Held)>,
}

impl Case {
    fn of(subject: SubjectFacts) -> Self {
        let hold = |(name, view): &(&'static str, Arc<dyn View>)| {
            (*name, Held::Thing(Arc::new(Thing::of(view.as_ref()))))
        };
        Self { variables: subject.variables.iter().map(hold).collect(), subject }
    }

    fn at(&self, path: &[&str]) -> Option<&Held> {
        let (root, rest) = path.split_first()?;
        self.variables.iter().find(|(name, _)| name == root)?.1.at(rest)
    }

    fn with(&self, path: &[&str], fact: &Held) -> Self {
        let mut case = self.clone();
        if let Some((root, rest)) = path.split_first() {
            for (name, held) in &mut case.variables {
                if name == root {
                    *held = held.with(rest, fact);
                }
            }
        }
        case
    }

    /// The verdict and the gaps; `None` where the rule cannot be asked of such facts.
    fn decide(&self, rule: &Rule) -> Option<(Verdict, BTreeSet<GapId>)> {
        let view = |(name, held): &(&'static str, Held)| match held {
            Held::Thing(thing) => Some((*name, Arc::clone(thing) as Arc<dyn View>)),
            _ => None,
        };
        let variables = self.variables.iter().filter_map(view).collect();
        let subject = SubjectFacts { variables, ..self.subject.clone() };
        rule.decide(&subject).ok().map(|decision| (decision.verdict, decision.gaps))
    }
}

/// The subjects of the examples.
fn cases() -> Vec<Case> {
    let mut subjects = Vec::new();
    for example in [Example::healthy(2, &["eu-central-1", "us-east-1"]), Example::demo()] {
        let source = example.into_source();
        let facts = Facts::build(&source, Expectations::default()).unwrap();
        subjects.extend(facts::organization_subjects(&facts));
        for record in source.records() {
            match record.unwrap() {
                Record::Account(account) => subjects.extend(facts::account_subjects(&facts, &account)),
                Record::Stores(stores) => subjects.extend(facts::store_subjects(&facts, &stores)),
                Record::Header(_) | Record::End(_) => {}
            }
        }
    }
    subjects.into_iter().filter(|subject| subject.unlisted.is_none()).map(Case::of).collect()
}

/// What is known of a field elsewhere, by the thing and the field: texts to tell them apart, and facts.
type Known = BTreeMap<(&'static str, &'static str), BTreeMap<String, Held>>;

fn learn(held: &Held, known: &mut Known) {
    match held {
        Held::Thing(thing) => {
            for (name, field) in &thing.fields {
                if !matches!(field, Held::Unread(_)) {
                    let facts = known.entry((thing.schema.name, name)).or_default();
                    if facts.len() < 12 {
                        facts.entry(format!("{field:?}")).or_insert_with(|| field.clone());
                    }
                }
                learn(field, known);
            }
        }
        Held::List(list) => list.iter().for_each(|one| learn(one, known)),
        _ => {}
    }
}

/// The path of a fact that a rule reads, and of the facts of things in a list.
fn targets(case: &Case, label: &str) -> Vec<String> {
    let path = label.trim_end_matches(".size()").trim_end_matches(" != null");
    let mut targets = vec![path.to_owned()];
    if let Some(Held::List(list)) = case.at(&path.split('.').collect::<Vec<_>>()) {
        for (number, one) in list.iter().enumerate().take(3) {
            if let Held::Thing(thing) = one {
                targets.extend(thing.fields.keys().map(|field| format!("{path}.{number}.{field}")));
            }
        }
    }
    targets
}

/// Other facts that could stand there.
fn instead(case: &Case, path: &[&str], known: &Known) -> Vec<Held> {
    let Some((name, parent)) = path.split_last() else { return Vec::new() };
    let Some(Held::Thing(thing)) = case.at(parent) else { return Vec::new() };
    let Some(field) = thing.schema.field(name) else { return Vec::new() };
    let seen = known.get(&(thing.schema.name, field.name)).into_iter().flat_map(BTreeMap::values);
    let mut facts: Vec<Held> = seen.cloned().collect();
    if field.nullable {
        facts.push(Held::Null);
    }
    match field.kind {
        FactType::Bool => facts.extend([Held::Bool(true), Held::Bool(false)]),
        FactType::Int => facts.extend([0, 1, 29, 364, 366, 100_000].map(Held::Int)),
        FactType::Text => facts.push(Held::Text("something else".to_owned())),
        FactType::List(_) => facts.push(Held::List(Vec::new())),
        FactType::Object(_) => {}
    }
    facts
}

#[test]
fn a_gap_under_a_fact_that_a_rule_reads_makes_it_unknown_unless_the_rest_decides() {
    /// Cases of each verdict of a rule: what they have in common is told by a few.
    const OF_EACH: usize = 4;
    let rules = RuleSet::builtin().unwrap();
    let cases = cases();
    let mut known = Known::new();
    cases.iter().flat_map(|case| &case.variables).for_each(|(_, held)| learn(held, &mut known));
    let gap = GapId::new("gap-of-the-test");
    let unread = Held::Unread(gap.clone().into());
    let (mut wrong, mut tried, mut unknown) = (Vec::new(), 0, 0);
    for rule in rules.rules() {
        let mut of_verdict: BTreeMap<Verdict, usize> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.subject.subject.kind == rule.subject) {
            let (verdict, _) = case.decide(rule).unwrap();
            let count = of_verdict.entry(verdict).or_default();
            *count += 1;
            if *count > OF_EACH || verdict == Verdict::Unknown {
                continue;
            }
            let paths: BTreeSet<String> =
                rule.evidence.iter().flat_map(|path| targets(case, &path.label)).collect();
            let mut nothing = case.clone();
            for path in &paths {
                let path: Vec<&str> = path.split('.').collect();
                let place = || format!("{} of {}: {}", rule.id, case.subject.subject.id, path.join("."));
                nothing = nothing.with(&path, &unread);
                let (said, gaps) = case.with(&path, &unread).decide(rule).unwrap();
                tried += 1;
                if said == Verdict::Unknown {
                    unknown += 1;
                    if !gaps.contains(&gap) {
                        wrong.push(format!("{}: unknown, and does not name the gap", place()));
                    }
                    continue;
                }
                if said != verdict {
                    wrong.push(format!("{}: {}, not {}", place(), said.as_str(), verdict.as_str()));
                }
                for fact in instead(case, &path, &known) {
                    let Some((other, _)) = case.with(&path, &fact).decide(rule) else { continue };
                    if other != said && other != Verdict::Unknown {
                        let (without, with) = (said.as_str(), other.as_str());
                        wrong.push(format!("{}: {without} without it, {with} if it is {fact:?}", place()));
                    }
                }
            }
            let (said, _) = nothing.decide(rule).unwrap();
            if said != Verdict::Unknown {
                wrong.push(format!(
                    "{} of {}: {} of nothing",
                    rule.id,
                    case.subject.subject.id,
                    said.as_str()
                ));
            }
        }
    }
    assert!(unknown > tried / 2, "{tried} gaps, of which {unknown} made a rule unknown");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
