//! Where in its text an expression's parts are. See [`super`].

use std::ops::Range;

use cel::common::ast::{Expr, SourceInfo};
use cel::{IdedExpr, ParseErrors};

use crate::rules::diagnostic::Problem;

/// Where one node's own token is.
pub(super) fn token(text: &str, info: &SourceInfo, id: u64) -> Range<usize> {
    match info.offset_for(id) {
        Some((start, stop)) => clamp(text, start as usize..stop as usize + 1),
        None => 0..text.len(),
    }
}

fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

/// The name after the dot at `id`.
pub(super) fn field(text: &str, info: &SourceInfo, id: u64, name: &str) -> Range<usize> {
    let dot = token(text, info, id);
    let rest = text.get(dot.end..).unwrap_or_default();
    let start = dot.end + (rest.len() - rest.trim_start().len());
    clamp(text, start..start + name.len())
}

/// The name before the parenthesis at `id`.
pub(super) fn function(text: &str, info: &SourceInfo, id: u64, name: &str) -> Range<usize> {
    let parenthesis = token(text, info, id);
    match text.get(..parenthesis.start).and_then(|before| before.rfind(name)) {
        Some(start) => start..start + name.len(),
        None => parenthesis,
    }
}

/// All of an expression, with its parentheses.
pub(super) fn whole(text: &str, info: &SourceInfo, expression: &IdedExpr) -> Range<usize> {
    let mut range = token(text, info, expression.id);
    extend(text, info, expression, &mut range);
    balance(text, clamp(text, range))
}

fn extend(text: &str, info: &SourceInfo, expression: &IdedExpr, range: &mut Range<usize>) {
    let mut cover = |part: Range<usize>| {
        range.start = range.start.min(part.start);
        range.end = range.end.max(part.end);
    };
    if let Some((start, stop)) = info.offset_for(expression.id) {
        cover(start as usize..stop as usize + 1);
    }
    match &expression.expr {
        Expr::Call(call) => {
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                extend(text, info, part, range);
            }
        }
        Expr::Select(select) => {
            cover(field(text, info, expression.id, &select.field));
            extend(text, info, &select.operand, range);
        }
        Expr::Comprehension(comprehension) => {
            for part in [&comprehension.iter_range, &comprehension.loop_step] {
                extend(text, info, part, range);
            }
        }
        Expr::List(list) => {
            for element in &list.elements {
                extend(text, info, element, range);
            }
        }
        _ => {}
    }
}

/// Parentheses and brackets have no node of their own: takes in the partners of those inside the range.
fn balance(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut open, mut unopened) = (0_usize, 0_usize);
    let mut quote = None;
    for character in text.get(range.clone()).unwrap_or_default().chars() {
        match (quote, character) {
            (Some(end), _) if end == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[') => open += 1,
            (None, ')' | ']') if open > 0 => open -= 1,
            (None, ')' | ']') => unopened += 1,
            (Some(_) | None, _) => {}
        }
    }
    let (mut start, mut end) = (range.start, range.end);
    for _ in 0..unopened {
        match text.get(..start).and_then(|before| before.rfind(['(', '['])) {
            Some(at) => start = at,
            None => break,
        }
    }
    for _ in 0..open {
        match text.get(end..).and_then(|after| after.find([')', ']'])) {
            Some(at) => end += at + 1,
            None => break,
        }
    }
    start..end
}

/// Syntax errors, at the place that the parser names.
pub(super) fn syntax_problems(text: &str, errors: &ParseErrors) -> Vec<Problem> {
    errors
        .errors
        .iter()
        .map(|error| {
            let line = usize::try_from(error.pos.0 - 1).unwrap_or(0);
            let column = usize::try_from(error.pos.1 - 1).unwrap_or(0);
            let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            let rest = text.get(before..).unwrap_or_default();
            let column = rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset);
            let start = before + column;
            let message = error.msg.trim_start_matches("Syntax error: ");
            let message = message.split(" expecting ").next().unwrap_or(message);
            let message = message.replace("mismatched input '<EOF>'", "it ends too early");
            let unsupported = message.starts_with("unsupported syntax");
            Problem {
                span: clamp(text, start..start + 1),
                title: "this is not an expression".to_owned(),
                label: message,
                help: unsupported.then(|| {
                    "a fact that could not be read must stay unknown: compare with `!= null` instead"
                        .to_owned()
                }),
            }
        })
        .collect()
}
