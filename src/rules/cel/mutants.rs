//! Variants of an expression that say something else: a rule whose tests do not notice them is not tested. See
//! [`super`].

use std::collections::BTreeMap;
use std::ops::Range;

use cel::common::ast::{CallExpr, Expr, operators};
use cel::{IdedExpr, Program};

use super::{Defect, Truth, evaluate, shape, span};
use crate::facts::SubjectFacts;
use crate::rules::parameter::ParameterValue;

/// An expression with one operand or one negation less.
#[derive(Debug)]
pub(in crate::rules) struct Mutant {
    /// What was dropped, for people.
    pub(in crate::rules) dropped: String,
    expression: IdedExpr,
}

impl Mutant {
    /// What it says of a subject.
    pub(in crate::rules) fn evaluate(
        &self,
        subject: &SubjectFacts,
        parameters: &BTreeMap<String, ParameterValue>,
    ) -> Result<Truth, Defect> {
        evaluate(&self.expression, subject, parameters)
    }
}

pub(super) fn mutants(program: &Program) -> Vec<Mutant> {
    let mut places = Vec::new();
    find(program.expression(), &mut Vec::new(), &mut places);
    places.sort_by_key(|(_, _, dropped)| written(program, dropped.expression()).start);
    places
        .into_iter()
        .filter_map(|(path, kept, dropped)| {
            let mut expression = program.expression().clone();
            *at_mut(&mut expression, &path)? = kept;
            Some(Mutant { dropped: describe(program, &dropped), expression })
        })
        .collect()
}

fn written(program: &Program, expression: &IdedExpr) -> Range<usize> {
    span::whole(&program.source_info().source, program.source_info(), expression)
}

fn describe(program: &Program, dropped: &Dropped<'_>) -> String {
    let range = written(program, dropped.expression());
    let text = program.source_info().source.get(range).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match dropped {
        Dropped::Operand(_) => format!("the operand `{text}`"),
        Dropped::Negation(_) => format!("the `!` before `{text}`"),
    }
}

enum Dropped<'e> {
    Operand(&'e IdedExpr),
    Negation(&'e IdedExpr),
}

impl<'e> Dropped<'e> {
    fn expression(&self) -> &'e IdedExpr {
        match self {
            Self::Operand(expression) | Self::Negation(expression) => expression,
        }
    }
}

/// Where to change (child numbers from the root), what stands there then, and what was dropped.
type Place<'e> = (Vec<usize>, IdedExpr, Dropped<'e>);

fn find<'e>(expression: &'e IdedExpr, path: &mut Vec<usize>, places: &mut Vec<Place<'e>>) {
    for operator in [operators::LOGICAL_AND, operators::LOGICAL_OR] {
        if let Some([left, right]) = shape::operands(expression, operator) {
            let folds = |side: &IdedExpr| matches!(&side.expr, Expr::Ident(name) if name.starts_with('@'));
            if folds(left) || folds(right) {
                continue;
            }
            for (kept, dropped) in [(right, left), (left, right)] {
                // Of `a && b && c` each operand is dropped by itself, not `a && b` at once.
                if shape::operands(dropped, operator).is_none() {
                    places.push((path.clone(), kept.clone(), Dropped::Operand(dropped)));
                }
            }
        }
    }
    if let Expr::Call(CallExpr { func_name, args, .. }) = &expression.expr
        && func_name == operators::LOGICAL_NOT
        && let [operand] = args.as_slice()
    {
        places.push((path.clone(), operand.clone(), Dropped::Negation(operand)));
    }
    for (number, child) in children(expression).into_iter().enumerate() {
        path.push(number);
        find(child, path, places);
        path.pop();
    }
}

fn children(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call.target.iter().map(AsRef::as_ref).chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Comprehension(comprehension) => vec![&comprehension.iter_range, &comprehension.loop_step],
        _ => Vec::new(),
    }
}

fn at_mut<'e>(expression: &'e mut IdedExpr, path: &[usize]) -> Option<&'e mut IdedExpr> {
    let Some((number, rest)) = path.split_first() else { return Some(expression) };
    let child = match &mut expression.expr {
        Expr::Call(call) => {
            call.target.iter_mut().map(AsMut::as_mut).chain(call.args.iter_mut()).nth(*number)
        }
        Expr::Select(select) => Some(select.operand.as_mut()),
        Expr::List(list) => list.elements.get_mut(*number),
        Expr::Comprehension(comprehension) => {
            let comprehension = comprehension.as_mut();
            [&mut comprehension.iter_range, &mut comprehension.loop_step].into_iter().nth(*number)
        }
        _ => None,
    }?;
    at_mut(child, rest)
}
