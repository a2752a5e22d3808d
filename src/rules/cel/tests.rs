//! The three-valued behaviour that verdicts rest on: to run at every new version of the `cel` crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Expression, Scope, Truth};
use crate::facts::view::Derived;
use crate::facts::{Subject, SubjectFacts, SubjectKind};
use crate::model::{GapId, Gaps};
use crate::rules::parameter::ParameterValue;
use model::{PartFacts, ThingFacts};

mod model {
    #![expect(unreachable_pub, reason = "the macro declares facts that rules of the program may ask")]

    use crate::facts::view::{Derived, facts};

    facts! {
        /// A part.
        pub struct PartFacts as "part" {
            /// Its name.
            name: String,
            /// It is sound.
            sound: Derived<bool>,
            /// Its weight, if it has any.
            weight: Derived<Option<i64>>,
        }
        /// A thing.
        pub struct ThingFacts as "thing" {
            /// True.
            yes: Derived<bool>,
            /// False.
            no: bool,
            /// Could not be read.
            denied: Derived<bool>,
            /// Could not be read either.
            refused: Derived<bool>,
            /// Could not be read, may be null.
            unseen: Derived<Option<String>>,
            /// A number.
            count: i64,
            /// Null.
            limit: Derived<Option<i64>>,
            /// A text.
            name: String,
            /// A text that may be null and is not.
            title: Option<String>,
            /// Texts.
            names: Vec<String>,
            /// Texts, of which one could not be read.
            torn: Vec<Derived<String>>,
            /// Texts that could not be read.
            hidden: Derived<Vec<String>>,
            /// A sound one, an unsound one.
            parts: Vec<PartFacts>,
            /// A sound one, and one of which nothing could be read.
            seen_parts: Vec<PartFacts>,
            /// An unsound one, and one of which nothing could be read.
            bad_parts: Vec<PartFacts>,
            /// Two of which nothing could be read.
            dark_parts: Vec<PartFacts>,
            /// Null.
            inner: Option<PartFacts>,
        }
    }
}

fn gap(name: &str) -> Gaps {
    Gaps::from(GapId::new(name))
}

fn part(name: &str, sound: Derived<bool>) -> PartFacts {
    let weight = if sound.is_ok() { Ok(None) } else { Err(gap("gap-weight")) };
    PartFacts { name: name.to_owned(), sound, weight }
}

fn subject() -> SubjectFacts {
    subject_with(vec!["a".to_owned(), "b".to_owned()])
}

fn subject_with(names: Vec<String>) -> SubjectFacts {
    let dark = |name: &str| part(name, Err(gap(&format!("gap-{name}"))));
    let thing = ThingFacts {
        yes: Ok(true),
        no: false,
        denied: Err(gap("gap-1")),
        refused: Err(gap("gap-2")),
        unseen: Err(gap("gap-3")),
        count: 3,
        limit: Ok(None),
        name: "Zoë's log".to_owned(),
        title: Some("log".to_owned()),
        names,
        torn: vec![Ok("a".to_owned()), Err(gap("gap-torn"))],
        hidden: Err(gap("gap-hidden")),
        parts: vec![part("one", Ok(true)), part("two", Ok(false))],
        seen_parts: vec![dark("dark"), part("one", Ok(true))],
        bad_parts: vec![dark("dark"), part("two", Ok(false))],
        dark_parts: vec![dark("dark"), dark("darker")],
        inner: None,
    };
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Trail,
            account_id: None,
            region: None,
            id: Arc::from("thing"),
            arn: None,
            name: None,
        }),
        variables: vec![("thing", Arc::new(thing))],
        unlisted: None,
    }
}

fn parameters() -> BTreeMap<String, ParameterValue> {
    BTreeMap::from([
        ("least".to_owned(), ParameterValue::Int(3)),
        ("pattern".to_owned(), ParameterValue::Text("^Z".to_owned())),
        ("allowed".to_owned(), ParameterValue::Texts(vec!["a".to_owned(), "log".to_owned()])),
    ])
}

fn compile(text: &str) -> Result<Expression, String> {
    let parameters = parameters();
    let variables = [("thing", ThingFacts::schema())];
    Expression::compile(text, &Scope { variables: &variables, parameters: &parameters }, None).map_err(
        |problems| {
            let lines = problems.iter().map(|problem| {
                let at = text.get(problem.span.clone()).unwrap_or("outside");
                let help = problem.help.as_deref().unwrap_or("-");
                format!("{} | {at} | {} | {help}", problem.title, problem.label)
            });
            lines.collect::<Vec<_>>().join("\n")
        },
    )
}

/// `true`, `false`, or the gaps.
fn evaluate(text: &str) -> String {
    let expression = compile(text).unwrap_or_else(|problems| panic!("{text}: {problems}"));
    match expression.evaluate(&subject(), &parameters()) {
        Ok(Truth::Known(truth)) => truth.to_string(),
        Ok(Truth::Unknown(gaps)) => gaps.iter().map(GapId::as_str).collect::<Vec<_>>().join(" "),
        Err(defect) => format!("defect: {}", defect.detail),
    }
}

#[test]
fn what_could_not_be_read_decides_only_where_nothing_else_does() {
    let cases = [
        ("thing.denied", "gap-1"),
        ("!thing.denied", "gap-1"),
        ("thing.denied && thing.no", "false"),
        ("thing.no && thing.denied", "false"),
        ("thing.denied && thing.yes", "gap-1"),
        ("thing.yes && thing.denied", "gap-1"),
        ("thing.denied || thing.yes", "true"),
        ("thing.yes || thing.denied", "true"),
        ("thing.denied || thing.no", "gap-1"),
        ("thing.no || thing.denied", "gap-1"),
        ("thing.denied ? thing.yes : thing.no", "gap-1"),
        ("thing.denied ? thing.yes : thing.yes", "gap-1"),
        ("thing.yes ? thing.no : thing.denied", "false"),
        ("thing.yes ? thing.denied : thing.no", "gap-1"),
        ("thing.unseen == null", "gap-3"),
        ("null == thing.unseen", "gap-3"),
        ("thing.unseen != null", "gap-3"),
        ("thing.unseen == 'x'", "gap-3"),
        ("'x' != thing.unseen", "gap-3"),
        ("thing.denied == thing.yes", "gap-1"),
        ("thing.yes == thing.denied", "gap-1"),
        ("thing.unseen == null || thing.unseen.startsWith('x')", "gap-3"),
        ("thing.unseen != null && thing.unseen.startsWith('x')", "gap-3"),
        ("!(thing.denied && thing.no)", "true"),
        ("!(thing.denied || thing.yes)", "false"),
    ];
    for (text, expected) in cases {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn all_gaps_that_the_result_depends_on_are_named_and_no_others() {
    let cases = [
        ("thing.denied && thing.refused", "gap-1 gap-2"),
        ("thing.denied || thing.refused", "gap-1 gap-2"),
        ("thing.denied == thing.refused", "gap-1 gap-2"),
        ("(thing.denied && thing.no) || thing.refused", "gap-2"),
        ("thing.refused || (thing.no && thing.denied)", "gap-2"),
        ("thing.yes && (thing.denied || thing.yes) && thing.refused", "gap-2"),
        ("thing.denied ? thing.refused : thing.yes", "gap-1"),
        ("thing.dark_parts.all(part, part.sound)", "gap-dark gap-darker"),
        ("thing.dark_parts.filter(part, part.sound).size() == 0", "gap-dark gap-darker"),
        ("thing.dark_parts.map(part, part.sound).size() == 0", "gap-dark gap-darker"),
        ("thing.dark_parts.exists_one(part, part.sound)", "gap-dark gap-darker"),
        ("thing.hidden.size() > 0 && thing.denied", "gap-1 gap-hidden"),
        ("thing.denied in [thing.refused, thing.yes]", "gap-1 gap-2"),
    ];
    for (text, expected) in cases {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn loops_over_elements_that_could_not_be_read_follow_the_same_logic() {
    let cases = [
        ("thing.parts.all(part, part.sound)", "false"),
        ("thing.parts.exists(part, part.sound)", "true"),
        ("thing.seen_parts.all(part, part.sound)", "gap-dark"),
        ("thing.seen_parts.exists(part, part.sound)", "true"),
        ("thing.bad_parts.all(part, part.sound)", "false"),
        ("thing.bad_parts.exists(part, part.sound)", "gap-dark"),
        ("thing.bad_parts.all(part, part.name != '')", "true"),
        ("thing.seen_parts.exists_one(part, part.sound)", "gap-dark"),
        ("thing.seen_parts.filter(part, part.sound).size() == 1", "gap-dark"),
        ("thing.seen_parts.filter(part, part.name == 'one').all(part, part.sound)", "true"),
        ("thing.hidden.all(name, name == 'a')", "gap-hidden"),
        ("'a' in thing.hidden", "gap-hidden"),
        ("thing.hidden.size() == 0", "gap-hidden"),
        // One element that could not be read makes the list unknown, for an element cannot be.
        ("'a' in thing.torn", "gap-torn"),
        ("thing.torn.exists(name, name == 'a')", "gap-torn"),
        ("thing.torn.size() == 2", "gap-torn"),
        ("thing.no && 'a' in thing.torn", "false"),
    ];
    for (text, expected) in cases {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn values_compare_in_both_directions() {
    let cases = [
        ("thing.name == 'Zoë\\'s log'", "true"),
        ("'other' == thing.name", "false"),
        ("thing.count == 3", "true"),
        ("3 != thing.count", "false"),
        ("thing.yes == true", "true"),
        ("false == thing.no", "true"),
        ("thing.limit == null", "true"),
        ("null != thing.limit", "false"),
        ("thing.title == null", "false"),
        ("thing.inner == null", "true"),
        ("thing.limit == 3", "false"),
        ("3 != thing.limit", "true"),
        ("thing.limit == null || thing.limit < 3", "true"),
        ("thing.count >= parameters.least", "true"),
        ("thing.count - 1 >= parameters.least", "false"),
        ("thing.count * 2 == 6 && -thing.count < 0 && thing.count + 1 == 4", "true"),
        ("thing.title in parameters.allowed", "true"),
        ("thing.limit in [1, 2]", "false"),
        ("thing.names.all(name, name in ['a', 'b', 'c'])", "true"),
        ("'c' in thing.names", "false"),
        ("thing.names.size() == 2 && size(thing.name) == 9", "true"),
        ("thing.name.startsWith('Zo') && thing.name.endsWith('log') && thing.name.contains('ë')", "true"),
        ("glob(thing.name, 'Z*log')", "true"),
        ("glob(thing.name, 'Z?')", "false"),
        ("thing.name.matches('^Z.*g$')", "true"),
        ("thing.name.matches(parameters.pattern)", "true"),
        ("thing.parts.exists(part, thing.names.exists(name, part.name != name))", "true"),
        ("thing.parts.map(part, part.name) .exists(name, name == 'two')", "true"),
        ("thing.parts.map(part, part.name == 'two', part.name).size() == 1", "true"),
    ];
    for (text, expected) in cases {
        assert_eq!(evaluate(text), expected, "{text}");
    }
}

#[test]
fn a_failure_of_the_rule_itself_is_no_verdict() {
    let overflow = "thing.count * 9223372036854775807 > 0";
    assert!(evaluate(overflow).starts_with("defect: "), "{}", evaluate(overflow));
    // Nor does a gap beside it hide it.
    for text in [format!("thing.denied && {overflow}"), format!("{overflow} && thing.denied")] {
        assert!(evaluate(&text).starts_with("defect: "), "{text}: {}", evaluate(&text));
    }
}

#[test]
fn what_goes_through_too_many_elements_is_no_verdict() {
    let names: Vec<String> = (0..600).map(|number| format!("name-{number}")).collect();
    let expression = compile("thing.names.all(x, thing.names.all(y, x != y + '!'))").unwrap();
    let defect = expression.evaluate(&subject_with(names), &parameters()).unwrap_err();
    assert!(defect.detail.contains("elements of lists"), "{}", defect.detail);
    assert_eq!(evaluate("thing.names.all(x, thing.names.all(y, x != y + '!'))"), "true");
}

#[test]
fn expressions_that_cannot_be_right_are_refused() {
    let refused = [
        "thing.yess",
        "thing.name.yes",
        "thinh.yes",
        "thing",
        "thing.count",
        "thing.limit < 3",
        "thing.unseen.startsWith('x')",
        "thing.limit != null || thing.limit < 3",
        "thing.limit == null && thing.limit < 3",
        "thing.title == null || thing.limit < 3",
        "thing.inner.sound",
        "thing.inner != null || thing.inner.sound",
        "thing.yes == null",
        "thing.yes && thing.count",
        "!thing.name",
        "thing.count == 'three'",
        "thing.names == ['a']",
        "thing.count in thing.names",
        "'a' in thing.name",
        "thing.name < 'x'",
        "thing.count + thing.name == 3",
        "thing.count / 2 == 1",
        "thing.count % 2 == 1",
        "thing.names[0] == 'a'",
        "has(thing.yes)",
        "thing.?yes",
        "true",
        "parameters.least > 2",
        "thing.count > parameters.lest",
        "thing.names.all(thing, thing == 'a')",
        "thing.names.all(x, thing.names.all(y, thing.names.all(z, x == y && y == z)))",
        "thing.names.all(x, x.name == 'a')",
        "thing.count.all(x, x == 1)",
        "thing.name.matches('(')",
        "thing.name.matches(thing.name)",
        "thing.name.startWith('x')",
        "size(thing.name, 1) == 2",
        "double(thing.count) == 1.5",
        "{'a': thing.yes}.a",
        "thing.yes ? thing.count : thing.name",
        "thing.yes &&",
        "thing.parts.all(part, part.weight > 3)",
        "thing.parts.all(part, part.weight != null) && thing.parts.all(part, part.weight > 1)",
        "thing.count > 1.5",
    ];
    let report: Vec<String> = refused
        .iter()
        .map(|text| {
            let problems = compile(text).err().unwrap_or_else(|| panic!("{text} is accepted"));
            format!("{text}\n    {}", problems.replace('\n', "\n    "))
        })
        .collect();
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn a_comparison_with_null_before_it_opens_a_fact_that_may_be_null() {
    for text in [
        "thing.limit != null && thing.limit < 3",
        "null != thing.limit && (thing.limit < 3 || thing.limit > 5)",
        "thing.limit == null || thing.limit < 3",
        "!(thing.limit == null) && thing.limit < 3",
        "!(thing.limit != null && thing.limit < 3)",
        "thing.limit != null ? thing.limit < 3 : thing.yes",
        "thing.limit == null ? thing.yes : thing.limit < 3",
        "thing.yes && thing.limit != null && thing.no && thing.limit < 3",
        "thing.title == 'log' && thing.title.startsWith('l')",
        "thing.title in parameters.allowed && thing.title.startsWith('l')",
        "thing.inner != null && thing.inner.sound",
        "thing.inner != null && thing.inner.weight != null && thing.inner.weight > 3",
        "thing.parts.all(part, part.weight == null || part.weight > 3)",
        "thing.parts.filter(part, part.weight != null).size() == 0",
        "thing.parts.map(part, part.weight != null, part.weight).exists(weight, weight > 3)",
    ] {
        assert!(compile(text).is_ok(), "{text}: {:?}", compile(text).err());
        assert!(!evaluate(text).starts_with("defect"), "{text}: {}", evaluate(text));
    }
}

#[test]
fn mutants_name_what_they_drop() {
    let text =
        "thing.yes && (thing.no || !thing.denied) && thing.parts.all(part, part.sound && part.name != 'x')";
    let dropped: Vec<String> =
        compile(text).unwrap().mutants().into_iter().map(|mutant| mutant.dropped).collect();
    insta::assert_snapshot!(dropped.join("\n"), @r"
    the operand `thing.yes`
    the operand `thing.no || !thing.denied`
    the operand `thing.no`
    the operand `!thing.denied`
    the `!` before `thing.denied`
    the operand `thing.parts.all(part, part.sound && part.name != 'x')`
    the operand `part.sound`
    the operand `part.name != 'x'`
    ");
}

/// An expression over truth values, with its value by the book.
fn three_valued() -> impl Strategy<Value = (String, Option<bool>)> {
    let leaf = prop_oneof![
        Just(("thing.yes".to_owned(), Some(true))),
        Just(("thing.no".to_owned(), Some(false))),
        Just(("thing.denied".to_owned(), None)),
        Just(("thing.refused".to_owned(), None)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|((left, one), (right, other))| {
                let value = match (one, other) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                (format!("({left} && {right})"), value)
            }),
            (inner.clone(), inner.clone()).prop_map(|((left, one), (right, other))| {
                let value = match (one, other) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                (format!("({left} || {right})"), value)
            }),
            inner.prop_map(|(text, value)| (format!("!({text})"), value.map(|value| !value))),
        ]
    })
}

proptest! {
    #[test]
    fn evaluation_is_kleene_logic((text, expected) in three_valued()) {
        let found = evaluate(&text);
        match expected {
            Some(truth) => prop_assert_eq!(found, truth.to_string()),
            None => prop_assert!(found.starts_with("gap-"), "{} is {}", text, found),
        }
    }

    #[test]
    fn no_text_makes_the_checker_panic(text in "[a-z.()&|!<>=' 0-9\\[\\],?:ü\\n]{0,40}") {
        let _ = compile(&text);
        let _ = compile(&format!("thing.yes && {text}"));
    }
}
