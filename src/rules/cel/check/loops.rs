//! Loops: over what they go, how deep they are, and of what type their bodies are.

use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, Expr};

use super::kind::{Kind, Typed};
use super::{Checker, non_null_when};
use crate::rules::cel::shape::{self, Loop};

/// Loops inside loops that an expression may have: an auditor reads two, and three take cubic time.
const DEEPEST_LOOP: usize = 2;

impl<'c> Checker<'c> {
    /// The type of a loop.
    pub(super) fn comprehension(
        &mut self,
        expression: &'c IdedExpr,
        comprehension: &'c ComprehensionExpr,
    ) -> Option<Typed> {
        let range = self.typed(&comprehension.iter_range)?;
        if !self.not_null(&comprehension.iter_range, &range) {
            return None;
        }
        let Kind::List(element) = range.kind else {
            let label = range.kind.words();
            self.report(self.whole(&comprehension.iter_range), "this is no list", &label, None);
            return None;
        };
        let name = comprehension.iter_var.as_str();
        let taken = self.scope.variables.iter().any(|(variable, _)| *variable == name)
            || self.elements.iter().any(|(variable, _)| *variable == name)
            || name == "parameters";
        if taken {
            let title = format!("`{name}` is already the name of something else");
            self.report(self.token(expression), &title, "choose another name", None);
            return None;
        }
        if self.elements.len() >= DEEPEST_LOOP {
            let title = "loops may be nested twice at most";
            let help = "derive a fact for it".to_owned();
            self.report(self.token(expression), title, "a third loop", Some(help));
            return None;
        }
        let known = self.non_null.len();
        let Typed { values, written, .. } = range;
        self.elements.push((name, Typed { values, written, ..Typed::of((*element).clone()) }));
        let typed = self.body(expression, comprehension, &element);
        self.elements.pop();
        self.non_null.truncate(known);
        typed
    }

    fn body(
        &mut self,
        expression: &'c IdedExpr,
        comprehension: &'c ComprehensionExpr,
        element: &Kind,
    ) -> Option<Typed> {
        let Some(shape) = shape::recognize(comprehension) else {
            let label = "not part of the rule language";
            self.report(self.whole(expression), "this loop is unknown", label, None);
            return None;
        };
        let (condition, mapped) = match shape {
            Loop::All(condition) | Loop::Exists(condition) | Loop::ExistsOne(condition) => {
                (Some(condition), None)
            }
            Loop::Map(condition, mapped) => (condition, Some(mapped)),
        };
        if let Some(condition) = condition {
            let typed = self.typed(condition)?;
            self.want_bool(condition, &typed, "the condition of a loop")?;
            let established = non_null_when(condition, true);
            self.non_null.extend(established);
        }
        let Some(mapped) = mapped else { return Some(Typed::of(Kind::Bool)) };
        if matches!(&mapped.expr, Expr::Ident(name) if *name == comprehension.iter_var) {
            return Some(Typed::of(Kind::List(Box::new(element.clone()))));
        }
        let typed = self.typed(mapped)?;
        self.not_null(mapped, &typed).then(|| Typed::of(Kind::List(Box::new(typed.kind))))
    }
}
