//! Texts with placeholders: `{trail.name}` is a fact of the subject, `{parameters.min_days}` a parameter.
//!
//! A brace that encloses no such path is a brace, so that JSON and Terraform need no escapes. What facts say is put
//! in as it is: every output format escapes hostile text in its own way.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::cel::Scope;
use super::diagnostic::Problem;
use super::parameter::Parameter;
use super::path::{self, FactPath, Shape};
use crate::facts::SubjectFacts;
use crate::facts::view::{Fact, FactType};
use crate::nearest::nearest;

/// A text with placeholders.
#[derive(Debug)]
pub struct Template {
    text: String,
    placeholders: Vec<(Range<usize>, Placeholder)>,
}

#[derive(Debug)]
enum Placeholder {
    Fact(FactPath),
    Parameter(String),
}

impl Template {
    /// Finds and checks the placeholders.
    pub(super) fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, Vec<Problem>> {
        let mut placeholders = Vec::new();
        let mut problems = Vec::new();
        for range in placeholder_ranges(text) {
            let inside = range.start + 1..range.end - 1;
            match placeholder(text.get(inside).unwrap_or_default(), range.start + 1, scope) {
                Ok(found) => placeholders.push((range, found)),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self { text: text.to_owned(), placeholders }) } else { Err(problems) }
    }

    /// As the rule's author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// With parameters put in, and the facts of a subject if one is given; without, facts stay placeholders.
    pub fn render(&self, parameters: &BTreeMap<String, Parameter>, subject: Option<&SubjectFacts>) -> String {
        let mut rendered = String::with_capacity(self.text.len() + 32);
        let mut done = 0;
        for (range, placeholder) in &self.placeholders {
            rendered.push_str(self.text.get(done..range.start).unwrap_or_default());
            done = range.end;
            let value = match placeholder {
                Placeholder::Parameter(name) => {
                    parameters.get(name).map(|parameter| parameter.value.to_string())
                }
                Placeholder::Fact(path) => subject.map(|subject| {
                    path.read(subject).map_or_else(|| "unknown".to_owned(), |fact| words(&fact))
                }),
            };
            match value {
                Some(value) => rendered.push_str(&value),
                None => rendered.push_str(self.text.get(range.clone()).unwrap_or_default()),
            }
        }
        rendered.push_str(self.text.get(done..).unwrap_or_default());
        rendered
    }
}

/// A fact as part of a sentence.
fn words(fact: &Fact<'_>) -> String {
    match fact {
        Fact::Null => "none".to_owned(),
        Fact::Unavailable(_) => "unknown".to_owned(),
        Fact::Bool(truth) => truth.to_string(),
        Fact::Int(number) => number.to_string(),
        Fact::Text(Cow::Borrowed(text)) => (*text).to_owned(),
        Fact::Text(Cow::Owned(text)) => text.clone(),
        Fact::List(facts) if facts.is_empty() => "none".to_owned(),
        Fact::List(facts) => facts.iter().map(words).collect::<Vec<_>>().join(", "),
        Fact::Object(view) => view.schema().name.to_owned(),
    }
}

/// `{name.name}`, but not `${name.name}`, which is Terraform's.
fn placeholder_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (open, _) in text.match_indices('{') {
        let inside = text.get(open + 1..).unwrap_or_default();
        let length = inside
            .find(|character: char| {
                !(character.is_ascii_lowercase()
                    || character.is_ascii_digit()
                    || matches!(character, '_' | '.'))
            })
            .unwrap_or(inside.len());
        let closed = inside.get(length..).is_some_and(|rest| rest.starts_with('}'));
        let named = inside.starts_with(|character: char| character.is_ascii_lowercase());
        let terraform = text.get(..open).is_some_and(|before| before.ends_with('$'));
        if closed && named && !terraform {
            ranges.push(open..open + length + 2);
        }
    }
    ranges
}

fn placeholder(written: &str, start: usize, scope: &Scope<'_>) -> Result<Placeholder, Problem> {
    let span = start..start + written.len();
    if let Some(name) = written.strip_prefix("parameters.") {
        if scope.parameters.contains_key(name) {
            return Ok(Placeholder::Parameter(name.to_owned()));
        }
        let known = scope.parameters.keys().map(String::as_str);
        return Err(Problem {
            span,
            title: format!("the rule has no parameter `{name}`"),
            label: "unknown placeholder".to_owned(),
            help: nearest(name, known).map(|name| format!("did you mean `{{parameters.{name}}}`?")),
        });
    }
    let segments: Vec<&str> = written.split('.').collect();
    let field = path::find(scope.variables, &segments).map_err(|error| {
        let before: usize = segments.iter().take(error.segment).map(|segment| segment.len() + 1).sum();
        let from = (start + before).min(span.end);
        let length = segments.get(error.segment).map_or(0, |segment| segment.len());
        Problem {
            span: if length == 0 { span.clone() } else { from..from + length },
            title: error.title,
            label: "unknown placeholder".to_owned(),
            help: error.help,
        }
    })?;
    let scalar = |kind: &FactType| matches!(kind, FactType::Bool | FactType::Int | FactType::Text);
    let sayable = match &field.kind {
        FactType::List(element) => scalar(element),
        kind => scalar(kind),
    };
    if !sayable {
        return Err(Problem {
            span,
            title: format!("`{written}` cannot be put into a sentence"),
            label: "neither a text, a number, a truth value nor a list of them".to_owned(),
            help: None,
        });
    }
    let (root, fields) = segments.split_first().unwrap_or((&"", &[]));
    Ok(Placeholder::Fact(FactPath::new(root, fields, Shape::Value)))
}
