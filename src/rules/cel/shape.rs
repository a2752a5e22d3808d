//! The shapes that CEL's parser gives to what a rule writes: `all` and its kin become comprehensions, names with
//! dots become nested selections. See [`super`].

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};

/// A comprehension as it was written.
pub(super) enum Loop<'e> {
    /// `list.all(x, condition)`.
    All(&'e IdedExpr),
    /// `list.exists(x, condition)`.
    Exists(&'e IdedExpr),
    /// `list.exists_one(x, condition)`.
    ExistsOne(&'e IdedExpr),
    /// `list.map(x, element)`, `list.map(x, condition, element)`, and `list.filter(x, condition)`, whose element is
    /// `x`.
    Map(Option<&'e IdedExpr>, &'e IdedExpr),
}

fn arguments<'e, const COUNT: usize>(expression: &'e IdedExpr, name: &str) -> Option<&'e [IdedExpr; COUNT]> {
    match &expression.expr {
        Expr::Call(CallExpr { func_name, target: None, args }) if func_name == name => {
            args.as_slice().try_into().ok()
        }
        _ => None,
    }
}

/// Both operands of an operator.
pub(super) fn operands<'e>(expression: &'e IdedExpr, operator: &str) -> Option<&'e [IdedExpr; 2]> {
    arguments(expression, operator)
}

fn is_name(expression: &IdedExpr, wanted: &str) -> bool {
    matches!(&expression.expr, Expr::Ident(name) if name == wanted)
}

/// What a comprehension was written as; `None` for one that no macro of the language makes.
pub(super) fn recognize(comprehension: &ComprehensionExpr) -> Option<Loop<'_>> {
    let result = comprehension.accu_var.as_str();
    let step = &comprehension.loop_step;
    let element = |appended| match operands(appended, operators::ADD)? {
        [before, IdedExpr { expr: Expr::List(list), .. }] if is_name(before, result) => list.elements.first(),
        _ => None,
    };
    if let Some([before, condition]) = operands(step, operators::LOGICAL_AND) {
        return is_name(before, result).then_some(Loop::All(condition));
    }
    if let Some([before, condition]) = operands(step, operators::LOGICAL_OR) {
        return is_name(before, result).then_some(Loop::Exists(condition));
    }
    if let Some([condition, step, _]) = arguments(step, operators::CONDITIONAL) {
        if matches!(comprehension.accu_init.expr, Expr::Literal(LiteralValue::Int(_))) {
            return Some(Loop::ExistsOne(condition));
        }
        return Some(Loop::Map(Some(condition), element(step)?));
    }
    Some(Loop::Map(None, element(step)?))
}

/// A name with its selected fields: `trail.status.logging`. Each step carries the node that selects it.
pub(super) struct Chain<'e> {
    /// The variable.
    pub(super) root: &'e str,
    /// The node of the variable.
    pub(super) root_id: u64,
    /// The fields, outermost last.
    pub(super) fields: Vec<(&'e str, u64)>,
}

impl<'e> Chain<'e> {
    /// Reads a chain; `None` for any other expression, `has()` among them.
    pub(super) fn of(expression: &'e IdedExpr) -> Option<Self> {
        let mut fields = Vec::new();
        let mut at = expression;
        loop {
            match &at.expr {
                Expr::Ident(root) => {
                    fields.reverse();
                    return Some(Self { root, root_id: at.id, fields });
                }
                Expr::Select(select) if !select.test => {
                    fields.push((select.field.as_str(), at.id));
                    at = &select.operand;
                }
                _ => return None,
            }
        }
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        let mut text = self.root.to_owned();
        for (field, _) in &self.fields {
            text.push('.');
            text.push_str(field);
        }
        text
    }
}
