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
        let Some(values) = fact.values else { return Some(()) };
        self.report_others(fact, expression, |text| values.contains(&text))
    }

    /// What the function looks for is in one of the texts at least that the fact can be.
    pub(super) fn some_matches(&mut self, fact: &Typed, expression: &IdedExpr, function: &str) -> Option<()> {
        let Some(values) = fact.values else { return Some(()) };
        self.report_others(fact, expression, |text| {
            values.iter().any(|value| match function {
                "contains" => value.contains(text),
                "startsWith" => value.starts_with(text),
                "endsWith" => value.ends_with(text),
                "glob" => glob(text, value),
                _ => regex::Regex::new(text).is_ok_and(|pattern| pattern.is_match(value)),
            })
        })
    }

    fn report_others(
        &mut self,
        fact: &Typed,
        expression: &IdedExpr,
        is_possible: impl Fn(&str) -> bool,
    ) -> Option<()> {
        let (values, path) = (fact.values.unwrap_or_default(), fact.path.clone().unwrap_or_default());
        let mut sound = Some(());
        for Fixed { text, written, parameter } in self.fixed(expression) {
            if is_possible(&text) {
                continue;
            }
            let help = match nearest(&text, values.iter().copied()) {
                Some(value) => format!("did you mean `{value}`?"),
                None => format!("it is one of {}", values.join(", ")),
            };
            let label = match &parameter {
                Some(name) => format!("`parameters.{name}` names it, here or in the configuration"),
                None => "it never is that".to_owned(),
            };
            let title = format!("`{text}` is no value of `{path}`");
            self.report(self.whole(written), &title, &label, Some(help));
            sound = None;
        }
        sound
    }
}
