//! Names with their fields: facts of the subject, elements of loops, parameters.

use cel::IdedExpr;
use cel::common::ast::Expr;

use super::Checker;
use super::kind::{Kind, Typed};
use crate::nearest::nearest;
use crate::rules::cel::shape::Chain;
use crate::rules::cel::span;
use crate::rules::path::{FactPath, Shape};

impl<'c> Checker<'c> {
    /// A name with its selected fields.
    pub(super) fn chain(&mut self, expression: &'c IdedExpr) -> Option<Typed> {
        let Some(chain) = Chain::of(expression) else {
            let presence_test = matches!(&expression.expr, Expr::Select(select) if select.test);
            let (title, help) = if presence_test {
                ("`has()` hides what could not be read", "compare with `!= null` instead")
            } else {
                ("a field can only be selected of a name", "select it inside `all` or `exists`")
            };
            self.report(
                self.whole(expression),
                title,
                "not part of the rule language",
                Some(help.to_owned()),
            );
            return None;
        };
        if let Some((_, element)) = self.elements.iter().rev().find(|(name, _)| *name == chain.root) {
            let element = element.clone();
            return self.fields(expression, &chain, element, None);
        }
        if chain.root == "parameters" {
            return self.parameter(expression, &chain);
        }
        if let Some((_, schema)) = self.scope.variables.iter().find(|(name, _)| *name == chain.root) {
            return self.fields(expression, &chain, Typed::of(Kind::Object(schema)), Some(Vec::new()));
        }
        let mut names: Vec<&str> = self.scope.variables.iter().map(|(name, _)| *name).collect();
        names.extend(self.elements.iter().map(|(name, _)| *name));
        names.push("parameters");
        let help = match nearest(chain.root, names.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("a rule about this subject may use {}", names.join(", ")),
        };
        let span = span::token(self.text, self.info, chain.root_id);
        self.report(span, &format!("there is no `{}` here", chain.root), "unknown name", Some(help));
        None
    }

    /// Walks the fields of a chain. `path` collects them where the chain starts at a fact of the subject.
    fn fields(
        &mut self,
        expression: &IdedExpr,
        chain: &Chain<'_>,
        start: Typed,
        mut path: Option<Vec<&'static str>>,
    ) -> Option<Typed> {
        let written = start.written && chain.fields.is_empty();
        let (mut kind, mut nullable, mut values) = (start.kind, false, start.values);
        let mut text = chain.root.to_owned();
        for (name, id) in &chain.fields {
            let span = span::field(self.text, self.info, *id, name);
            let Kind::Object(schema) = kind else {
                let title = format!("`{text}` is {} and has no fields", kind.words());
                self.report(span, &title, "no such field", None);
                return None;
            };
            if nullable && !self.non_null.contains(&text) {
                self.report_nullable(span, &text);
                return None;
            }
            let Some(field) = schema.field(name) else {
                let names = schema.fields.iter().map(|field| field.name);
                let help = match nearest(name, names.clone()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("it has {}", names.collect::<Vec<_>>().join(", ")),
                };
                let title = format!("`{text}` has no field `{name}`");
                self.report(span, &title, "unknown field", Some(help));
                return None;
            };
            kind = Kind::from(field.kind);
            nullable = field.nullable;
            values = field.values.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
            text.push('.');
            text.push_str(field.name);
            if let Some(path) = &mut path {
                path.push(field.name);
            }
        }
        let known = self.non_null.contains(&text);
        if let Some(fields) = path {
            let shape = match &kind {
                Kind::Object(_) => Shape::Presence,
                Kind::List(element) if matches!(**element, Kind::Object(_)) => Shape::Size,
                _ => Shape::Value,
            };
            if fields.is_empty() {
                self.report(self.whole(expression), "name one of its fields", "a thing, not a fact", None);
                return None;
            }
            let path = FactPath::new(chain.root, &fields, shape);
            if !self.paths.contains(&path) {
                self.paths.push(path);
            }
        }
        Some(Typed { kind, nullable: nullable && !known, path: Some(text), values, written })
    }

    fn parameter(&mut self, expression: &IdedExpr, chain: &Chain<'_>) -> Option<Typed> {
        let known = self.scope.parameters;
        let [(name, id)] = chain.fields.as_slice() else {
            let label = "write `parameters.<name>`";
            self.report(self.whole(expression), "a parameter has one name", label, None);
            return None;
        };
        let Some(value) = known.get(*name) else {
            let help = match nearest(name, known.keys().map(String::as_str)) {
                Some(name) => format!("did you mean `parameters.{name}`?"),
                None => format!("declare it: [parameters.{name}]"),
            };
            let span = span::field(self.text, self.info, *id, name);
            let title = format!("the rule has no parameter `{name}`");
            self.report(span, &title, "unknown parameter", Some(help));
            return None;
        };
        self.parameters.insert((*name).to_owned());
        Some(Typed::of(Kind::of_parameter(value)))
    }
}
