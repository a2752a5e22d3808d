//! Why an expression is unknown: the gaps of every part that is unknown and that the result depends on. See
//! [`super`].
//!
//! CEL's own error names the first fact that failed it. Somebody who grants that one permission should not have to
//! scan again to learn of the next.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, operators};
use cel::common::types::CelBool;
use cel::{Context, ExecutionError, IdedExpr, Value};

use super::shape::{self, Loop};
use super::view::gaps_of;
use crate::model::GapId;

/// Adds the gaps of an expression that evaluates to an error. An error that is no gap is returned.
pub(super) fn gather(
    expression: &IdedExpr,
    context: &Context<'_, '_>,
    gaps: &mut BTreeSet<GapId>,
) -> Result<(), ExecutionError> {
    let Err(error) = Value::resolve_val(expression, context) else { return Ok(()) };
    let before = gaps.len();
    let mut inside = false;
    match &expression.expr {
        Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::CONDITIONAL => {
            if let [condition, yes, no] = args.as_slice() {
                inside = true;
                match truth(condition, context)? {
                    None => gather(condition, context, gaps)?,
                    Some(true) => gather(yes, context, gaps)?,
                    Some(false) => gather(no, context, gaps)?,
                }
            }
        }
        Expr::Call(call) => {
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                inside |= Value::resolve_val(part, context).is_err();
                gather(part, context, gaps)?;
            }
        }
        Expr::List(list) => {
            for element in &list.elements {
                inside |= Value::resolve_val(element, context).is_err();
                gather(element, context, gaps)?;
            }
        }
        Expr::Comprehension(comprehension) => {
            inside = true;
            elements(comprehension, context, gaps)?;
        }
        _ => {}
    }
    match gaps_of(&error) {
        Some(found) if !inside => gaps.extend(found),
        // The parts were fine, so the operation itself failed.
        None if !inside || gaps.len() == before => return Err(error),
        _ => {}
    }
    Ok(())
}

/// A condition that is true, false, or unknown.
fn truth(expression: &IdedExpr, context: &Context<'_, '_>) -> Result<Option<bool>, ExecutionError> {
    match Value::resolve_val(expression, context) {
        Ok(value) => Ok(value.downcast_ref::<CelBool>().map(|truth| *truth.inner())),
        Err(error) if gaps_of(&error).is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

fn elements(
    comprehension: &ComprehensionExpr,
    context: &Context<'_, '_>,
    gaps: &mut BTreeSet<GapId>,
) -> Result<(), ExecutionError> {
    let Ok(range) = Value::resolve_val(&comprehension.iter_range, context) else {
        return gather(&comprehension.iter_range, context, gaps);
    };
    let (condition, element) = match shape::recognize(comprehension) {
        Some(Loop::All(condition) | Loop::Exists(condition) | Loop::ExistsOne(condition)) => {
            (Some(condition), None)
        }
        Some(Loop::Map(condition, element)) => (condition, Some(element)),
        None => (None, None),
    };
    let Some(iterable) = range.as_iterable() else { return Ok(()) };
    let mut items = iterable.iter();
    let mut inner = context.new_inner_scope();
    while let Some(item) = items.next() {
        inner.add_variable_as_val(&comprehension.iter_var, item.clone_as_boxed());
        let reached = match condition {
            Some(condition) => {
                gather(condition, &inner, gaps)?;
                truth(condition, &inner)? == Some(true)
            }
            None => true,
        };
        if let Some(element) = element.filter(|_| reached) {
            gather(element, &inner, gaps)?;
        }
    }
    Ok(())
}
