//! Accepts or refuses an expression before anything is collected: every name and type is checked against the schema
//! of facts, and every fact that may be null needs a comparison with `null` before it. See [`super`].

mod calls;
mod kind;
mod loops;
mod names;
mod values;

use std::collections::BTreeSet;
use std::ops::Range;

use cel::common::ast::{CallExpr, Expr, LiteralValue, SourceInfo, operators};
use cel::{IdedExpr, Program};

use self::kind::{Kind, Typed};
use super::shape::{self, Chain};
use super::{Scope, span};
use crate::rules::diagnostic::Problem;
use crate::rules::path::FactPath;

/// What checking an expression tells of it.
pub(super) struct Checked {
    pub(super) paths: Vec<FactPath>,
    pub(super) parameters: BTreeSet<String>,
    pub(super) non_null: Vec<String>,
}

pub(super) fn check(
    text: &str,
    program: &Program,
    scope: &Scope<'_>,
    non_null: &[String],
) -> Result<Checked, Vec<Problem>> {
    let mut checker = Checker {
        text,
        info: program.source_info(),
        scope,
        problems: Vec::new(),
        elements: Vec::new(),
        non_null: non_null.to_vec(),
        paths: Vec::new(),
        parameters: BTreeSet::new(),
    };
    let root = program.expression();
    if let Some(typed) = checker.typed(root) {
        checker.want_bool(root, &typed, "the expression");
        if checker.paths.is_empty() {
            checker.report(
                checker.whole(root),
                "this expression asks for no fact",
                "always the same",
                Some("compare a fact of the subject".to_owned()),
            );
        }
    }
    let established = non_null_when(root, true);
    checker.non_null.extend(established);
    if checker.problems.is_empty() {
        Ok(Checked { paths: checker.paths, parameters: checker.parameters, non_null: checker.non_null })
    } else {
        Err(checker.problems)
    }
}

struct Checker<'c> {
    text: &'c str,
    info: &'c SourceInfo,
    scope: &'c Scope<'c>,
    problems: Vec<Problem>,
    /// The variables of the loops around, outermost first.
    elements: Vec<(&'c str, Typed)>,
    /// Facts that are known not to be null here.
    non_null: Vec<String>,
    paths: Vec<FactPath>,
    parameters: BTreeSet<String>,
}

impl<'c> Checker<'c> {
    fn report(&mut self, span: Range<usize>, title: &str, label: &str, help: Option<String>) {
        self.problems.push(Problem { span, title: title.to_owned(), label: label.to_owned(), help });
    }

    fn whole(&self, expression: &IdedExpr) -> Range<usize> {
        span::whole(self.text, self.info, expression)
    }

    fn token(&self, expression: &IdedExpr) -> Range<usize> {
        span::token(self.text, self.info, expression.id)
    }

    /// The type of an expression; `None` if it has none, which has then been reported.
    fn typed(&mut self, expression: &'c IdedExpr) -> Option<Typed> {
        match &expression.expr {
            Expr::Literal(literal) => self.literal(expression, literal),
            Expr::Ident(_) | Expr::Select(_) => self.chain(expression),
            Expr::Call(call) => self.call(expression, call),
            Expr::List(list) => {
                let mut element: Option<Typed> = None;
                for part in &list.elements {
                    let typed = self.typed(part)?;
                    if !matches!(typed.kind, Kind::Text | Kind::Int | Kind::Bool) || typed.nullable {
                        self.report(
                            self.whole(part),
                            "a list is of texts, numbers or truth values",
                            &typed.words(),
                            None,
                        );
                        return None;
                    }
                    element = match element {
                        Some(before) if before.kind != typed.kind => {
                            let label = format!("{}, after {}", typed.words(), before.kind.words());
                            self.report(
                                self.whole(part),
                                "the elements of a list are of one type",
                                &label,
                                None,
                            );
                            return None;
                        }
                        Some(before) => Some(Typed::either(typed.kind.clone(), before, typed)),
                        None => Some(typed),
                    }
                }
                Some(match element {
                    None => Typed::of(Kind::EmptyList),
                    Some(Typed { kind, values, written, .. }) => {
                        Typed { values, written, ..Typed::of(Kind::List(Box::new(kind))) }
                    }
                })
            }
            Expr::Comprehension(comprehension) => self.comprehension(expression, comprehension),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.report(
                    self.whole(expression),
                    "rules have no maps",
                    "not part of the rule language",
                    None,
                );
                None
            }
        }
    }

    fn literal(&mut self, expression: &IdedExpr, literal: &LiteralValue) -> Option<Typed> {
        if let LiteralValue::String(text) = literal {
            return Some(Typed::written(text.inner()));
        }
        Some(Typed::of(match literal {
            LiteralValue::Boolean(_) => Kind::Bool,
            LiteralValue::Int(_) => Kind::Int,
            LiteralValue::Null => Kind::Null,
            LiteralValue::Bytes(_)
            | LiteralValue::Double(_)
            | LiteralValue::UInt(_)
            | LiteralValue::String(_) => {
                self.report(
                    self.whole(expression),
                    "facts are texts, whole numbers and truth values",
                    "no fact has this type",
                    None,
                );
                return None;
            }
        }))
    }

    fn report_nullable(&mut self, span: Range<usize>, path: &str) {
        let help = format!("write `{path} != null && ...` or `{path} == null || ...`");
        self.report(span, &format!("`{path}` may be null"), "null is not handled", Some(help));
    }

    /// Reports a value that may be null, or is.
    fn not_null(&mut self, expression: &IdedExpr, typed: &Typed) -> bool {
        if typed.kind == Kind::Null {
            self.report(self.whole(expression), "null can only be compared", "null", None);
            return false;
        }
        match &typed.path {
            Some(path) if typed.nullable => {
                self.report_nullable(self.whole(expression), path);
                false
            }
            _ => true,
        }
    }

    fn want_bool(&mut self, expression: &IdedExpr, typed: &Typed, what: &str) -> Option<()> {
        if !self.not_null(expression, typed) {
            return None;
        }
        if typed.kind == Kind::Bool {
            return Some(());
        }
        let title = format!("{what} must be true or false");
        self.report(self.whole(expression), &title, &typed.kind.words(), None);
        None
    }
}

/// The facts that are certainly not null where an expression has this outcome. It holds where the expression is
/// unknown, too: of a conjunction that is not false no part is false, and a part that could not be read keeps
/// whatever asks for the same fact from being known.
pub(super) fn non_null_when(expression: &IdedExpr, outcome: bool) -> Vec<String> {
    let path = |side: &IdedExpr| Chain::of(side).map(|chain| chain.text());
    let is_null = |side: &IdedExpr| matches!(side.expr, Expr::Literal(LiteralValue::Null));
    let is_value = |side: &IdedExpr| {
        let parameter = Chain::of(side).is_some_and(|chain| chain.root == "parameters");
        parameter || matches!(side.expr, Expr::Literal(_)) && !is_null(side)
    };
    if let Expr::Call(CallExpr { func_name, args, .. }) = &expression.expr
        && func_name == operators::LOGICAL_NOT
        && let [operand] = args.as_slice()
    {
        return non_null_when(operand, !outcome);
    }
    let joined = if outcome { operators::LOGICAL_AND } else { operators::LOGICAL_OR };
    if let Some([left, right]) = shape::operands(expression, joined) {
        let mut both = non_null_when(left, outcome);
        both.extend(non_null_when(right, outcome));
        return both;
    }
    let excludes_null = if outcome { operators::NOT_EQUALS } else { operators::EQUALS };
    if let Some([left, right]) = shape::operands(expression, excludes_null) {
        return match (is_null(left), is_null(right)) {
            (false, true) => path(left).into_iter().collect(),
            (true, false) => path(right).into_iter().collect(),
            _ => Vec::new(),
        };
    }
    if let Some([left, right]) = shape::operands(expression, operators::EQUALS).filter(|_| outcome) {
        return match (is_value(left), is_value(right)) {
            (false, true) => path(left).into_iter().collect(),
            (true, false) => path(right).into_iter().collect(),
            _ => Vec::new(),
        };
    }
    if let Some([left, _]) = shape::operands(expression, operators::IN).filter(|_| outcome) {
        return path(left).into_iter().collect();
    }
    Vec::new()
}
