//! What the page says where nothing or not everything could be checked. That it works in a browser is in
//! `tests/html.rs`.

use super::*;
use crate::evaluate;
use crate::example::Example;
use crate::model::Expectations;
use crate::rules::RuleSet;

fn page(example: Example) -> String {
    let rules = RuleSet::builtin().unwrap();
    let evaluation = evaluate::check(&example.into_source(), Expectations::default(), &rules).unwrap();
    let mut out = Vec::new();
    render(&Report::of(evaluation, &rules), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The text of an element, as it is read aloud.
fn read(page: &str, start: &str, end: &str) -> String {
    let part = page.split(start).nth(1).unwrap().split(end).next().unwrap();
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    tags.replace_all(part, " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_top_of_the_demonstration() {
    insta::assert_snapshot!(read(&page(Example::demo()), "<main>", "<form"));
}

#[test]
fn the_top_where_nothing_is_wrong() {
    insta::assert_snapshot!(read(
        &page(Example::healthy(3, &["eu-central-1", "us-east-1"])),
        "<main>",
        "<form"
    ));
}

#[test]
fn the_guardrails_of_the_demonstration() {
    insta::assert_snapshot!(read(&page(Example::demo()), "<table class=\"matrix\">", "</table>"));
}

#[test]
fn what_could_not_be_read_in_the_demonstration() {
    insta::assert_snapshot!(read(&page(Example::demo()), "<table class=\"gaps\">", "</table>"));
}

#[test]
fn the_same_report_is_the_same_page() {
    assert_eq!(page(Example::demo()), page(Example::demo()));
}
