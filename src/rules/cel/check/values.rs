//! Texts that a fact is compared with: one that it can never be is a slip. See [`super`].

use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue};

use super::Checker;
use super::kind::Typed;
use crate::model::glob;
use crate::nearest::nearest;
use crate::rules::cel::shape::Chain;
use crate::rules::parameter::ParameterValue;

/// A text that is known when a rule is loaded.
struct Fixed<'e> {
    text: String,
    written: &'e IdedExpr,
    /// The parameter whose value it is, as the rule or the settings say.
    parameter: Option<String>,
}

impl Checker<'_> {
    fn fixed<'e>(&self, expression: &'e IdedExpr) -> Vec<Fixed<'e>> {
        match &expression.expr {
            Expr::Literal(LiteralValue::String(text)) => {
                vec![Fixed { text: text.inner().to_owned(), written: expression, parameter: None }]
            }
            Expr::List(list) => list.elements.iter().flat_map(|element| self.fixed(element)).collect(),
            _ => {
                let chain = Chain::of(expression).filter(|chain| chain.root == "parameters");
                let name = chain.and_then(|chain| chain.fields.first().map(|(name, _)| (*name).to_owned()));
                let Some(name) = name else { return Vec::new() };
                let texts = match self.scope.parameters.get(&name) {
                    Some(ParameterValue::Text(text)) => std::slice::from_ref(text),
                    Some(ParameterValue::Texts(texts)) => texts.as_slice(),
                    _ => &[],
                };
                let of = |text: &String| Fixed {
                    text: text.clone(),
                    written: expression,
                    parameter: Some(name.clone()),
                };
                texts.iter().map(of).collect()
            }
        }
    }

    /// Every fixed text in the expression is one that the fact, or an element of it, can be.
    pub(super) fn among(&mut self, fact: &Typed, expression: &IdedExpr) -> Option<()> {
        let Some(values) = fact.values.as_ref().filter(|_| !fact.written) else { return Some(()) };
        self.report_others(fact, expression, |text| values.iter().any(|value| value == text))
    }

    /// Of two texts whose values are known, each that is written in the rule, and one of them at least, is one that the
    /// other can be.
    pub(super) fn can_be_same(&mut self, one: &Typed, other: &Typed, expression: &IdedExpr) -> Option<()> {
        let (Some(left), Some(right)) = (&one.values, &other.values) else { return Some(()) };
        let missing = |some: &[String], all: &[String]| some.iter().find(|it| !all.contains(it)).cloned();
        let slip = match (one.written, other.written) {
            (true, true) => None,
            (true, false) => missing(left, right).map(|slip| (slip, other)),
            (false, true) => missing(right, left).map(|slip| (slip, one)),
            (false, false) if left.iter().any(|it| right.contains(it)) => None,
            (false, false) => left.first().map(|slip| (slip.clone(), other)),
        };
        let Some((slip, fact)) = slip else { return Some(()) };
        self.report_slip(&slip, fact, expression, "it never is that");
        None
    }

    /// What the function looks for is in one of the texts at least that the fact can be.
    pub(super) fn some_matches(
        &mut self,
        fact: &Typed,
        (expression, sought): (&IdedExpr, &Typed),
        function: &str,
    ) -> Option<()> {
        let Some(values) = fact.values.as_ref() else { return Some(()) };
        let is_in = |value: &String, text: &str| match function {
            "contains" => value.contains(text),
            "startsWith" => value.starts_with(text),
            "endsWith" => value.ends_with(text),
            "glob" => glob(text, value),
            _ => regex::Regex::new(text).is_ok_and(|pattern| pattern.is_match(value)),
        };
        if !fact.written {
            self.report_others(fact, expression, |text| values.iter().any(|value| is_in(value, text)))?;
        }
        let Some(texts) = sought.values.as_ref().filter(|_| !(fact.written && sought.written)) else {
            return Some(());
        };
        if texts.iter().any(|text| values.iter().any(|value| is_in(value, text))) {
            return Some(());
        }
        let (slip, of) = if fact.written { (values, sought) } else { (texts, fact) };
        self.report_slip(slip.first().map_or("", String::as_str), of, expression, "it never is that");
        None
    }

    /// A text that the fact can never be.
    fn report_slip(&mut self, text: &str, fact: &Typed, at: &IdedExpr, label: &str) {
        let values = fact.values.as_deref().unwrap_or_default();
        let help = match nearest(text, values.iter().map(String::as_str)) {
            Some(value) => format!("did you mean `{value}`?"),
            None => format!("it is one of {}", values.join(", ")),
        };
        let title = match &fact.path {
            Some(path) => format!("`{text}` is no value of `{path}`"),
            None => format!("`{text}` is no value that is possible here"),
        };
        self.report(self.whole(at), &title, label, Some(help));
    }

    fn report_others(
        &mut self,
        fact: &Typed,
        expression: &IdedExpr,
        is_possible: impl Fn(&str) -> bool,
    ) -> Option<()> {
        let mut sound = Some(());
        for Fixed { text, written, parameter } in self.fixed(expression) {
            if is_possible(&text) {
                continue;
            }
            let label = match &parameter {
                Some(name) => format!("`parameters.{name}` names it, here or in the configuration"),
                None => "it never is that".to_owned(),
            };
            self.report_slip(&text, fact, written, &label);
            sound = None;
        }
        sound
    }
}
