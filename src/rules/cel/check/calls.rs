//! Operators and functions: what they take and give. See [`super`].

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators};

use super::kind::{Kind, Typed};
use super::{Checker, non_null_when, span};
use crate::nearest::nearest;
use crate::rules::cel::shape::Chain;
use crate::rules::parameter::ParameterValue;

const FUNCTIONS: [&str; 11] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "glob",
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
];

impl<'c> Checker<'c> {
    pub(super) fn call(&mut self, expression: &'c IdedExpr, call: &'c CallExpr) -> Option<Typed> {
        let name = call.func_name.as_str();
        match (name, call.target.as_deref(), call.args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, None, [left, right]) => {
                let first = self.condition(left, name);
                let known = self.non_null.len();
                let established = non_null_when(left, name == operators::LOGICAL_AND);
                self.non_null.extend(established);
                let second = self.condition(right, name);
                self.non_null.truncate(known);
                first.and(second).map(|()| Typed::of(Kind::Bool))
            }
            (operators::LOGICAL_NOT, None, [operand]) => {
                self.condition(operand, name).map(|()| Typed::of(Kind::Bool))
            }
            (operators::CONDITIONAL, None, [condition, yes, no]) => {
                self.conditional(expression, condition, yes, no)
            }
            (operators::EQUALS | operators::NOT_EQUALS, None, [left, right]) => {
                let (left_type, right_type) = (self.typed(left), self.typed(right));
                self.equality(expression, (left, &left_type?), (right, &right_type?))
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                None,
                [left, right],
            ) => {
                let (left, right) = (self.number(left), self.number(right));
                left.and(right).map(|()| Typed::of(Kind::Bool))
            }
            (operators::SUBSTRACT | operators::MULTIPLY, None, [left, right]) => {
                let (left, right) = (self.number(left), self.number(right));
                left.and(right).map(|()| Typed::of(Kind::Int))
            }
            (operators::NEGATE, None, [operand]) => self.number(operand).map(|()| Typed::of(Kind::Int)),
            (operators::ADD, None, [left, right]) => self.addition(expression, left, right),
            (operators::IN, None, [left, right]) => self.membership(expression, left, right),
            ("size", Some(of), []) | ("size", None, [of]) => {
                let typed = self.typed(of)?;
                if !self.not_null(of, &typed) {
                    return None;
                }
                if matches!(typed.kind, Kind::Text | Kind::List(_) | Kind::EmptyList) {
                    return Some(Typed::of(Kind::Int));
                }
                let label = typed.kind.words();
                self.report(self.whole(of), "only lists and texts have a size", &label, None);
                None
            }
            ("contains" | "startsWith" | "endsWith", Some(text), [part]) => {
                let (text, sought) = (self.text_operand(text), self.text_operand(part));
                self.some_matches(&text?, (part, &sought?), name).map(|()| Typed::of(Kind::Bool))
            }
            ("glob", None, [text, pattern]) => {
                let (text, sought) = (self.text_operand(text), self.text_operand(pattern));
                self.some_matches(&text?, (pattern, &sought?), name).map(|()| Typed::of(Kind::Bool))
            }
            ("matches", Some(text), [pattern]) => {
                let (text, sound) = (self.text_operand(text), self.pattern(pattern));
                sound?;
                let sought = Typed::of(Kind::Text);
                self.some_matches(&text?, (pattern, &sought), name).map(|()| Typed::of(Kind::Bool))
            }
            _ => self.refuse(expression, name),
        }
    }

    fn condition(&mut self, expression: &'c IdedExpr, operator: &str) -> Option<()> {
        let typed = self.typed(expression)?;
        let operator = operator.trim_matches('_');
        self.want_bool(expression, &typed, &format!("an operand of `{operator}`"))
    }

    fn number(&mut self, expression: &'c IdedExpr) -> Option<()> {
        self.operand(expression, &Kind::Int).map(drop)
    }

    fn text_operand(&mut self, expression: &'c IdedExpr) -> Option<Typed> {
        self.operand(expression, &Kind::Text)
    }

    fn operand(&mut self, expression: &'c IdedExpr, wanted: &Kind) -> Option<Typed> {
        let typed = self.typed(expression)?;
        if !self.not_null(expression, &typed) {
            return None;
        }
        if typed.kind == *wanted {
            return Some(typed);
        }
        let title = format!("{} is wanted here", wanted.words());
        self.report(self.whole(expression), &title, &typed.kind.words(), None);
        None
    }

    fn conditional(
        &mut self,
        expression: &'c IdedExpr,
        condition: &'c IdedExpr,
        yes: &'c IdedExpr,
        no: &'c IdedExpr,
    ) -> Option<Typed> {
        self.condition(condition, "?:")?;
        let mut branch = |expression, outcome| {
            let known = self.non_null.len();
            let established = non_null_when(condition, outcome);
            self.non_null.extend(established);
            let typed = self.typed(expression);
            self.non_null.truncate(known);
            let typed = typed?;
            self.not_null(expression, &typed).then_some(typed)
        };
        let (yes, no) = (branch(yes, true)?, branch(no, false)?);
        if yes.kind == no.kind {
            return Some(Typed::either(yes.kind.clone(), yes, no));
        }
        let label = format!("{} or {}", yes.kind.words(), no.kind.words());
        self.report(self.whole(expression), "both outcomes must be of one type", &label, None);
        None
    }

    fn equality(
        &mut self,
        expression: &IdedExpr,
        (left_side, left): (&IdedExpr, &Typed),
        (right_side, right): (&IdedExpr, &Typed),
    ) -> Option<Typed> {
        let comparable = match (&left.kind, &right.kind) {
            (Kind::Null, Kind::Null) => false,
            (Kind::Null, _) => return self.null_comparison(right_side, right),
            (_, Kind::Null) => return self.null_comparison(left_side, left),
            (Kind::List(_) | Kind::EmptyList, Kind::List(_) | Kind::EmptyList) => {
                let help = "ask for `.size() == 0`, or use `all` or `exists`".to_owned();
                self.report(self.whole(expression), "lists are not compared", "two lists", Some(help));
                return None;
            }
            (one, other) => one == other && !matches!(one, Kind::Object(_)),
        };
        if comparable {
            let sound = self
                .among(left, right_side)
                .and(self.among(right, left_side))
                .and_then(|()| self.can_be_same(left, right, expression));
            return sound.map(|()| Typed::of(Kind::Bool));
        }
        let label = format!("{} and {}", left.kind.words(), right.kind.words());
        self.report(self.whole(expression), "these are never equal", &label, None);
        None
    }

    fn null_comparison(&mut self, expression: &IdedExpr, typed: &Typed) -> Option<Typed> {
        if typed.nullable {
            return Some(Typed::of(Kind::Bool));
        }
        self.report(self.whole(expression), "this is never null", &typed.kind.words(), None);
        None
    }

    fn addition(
        &mut self,
        expression: &'c IdedExpr,
        left: &'c IdedExpr,
        right: &'c IdedExpr,
    ) -> Option<Typed> {
        let (left_type, right_type) = (self.typed(left)?, self.typed(right)?);
        if !self.not_null(left, &left_type) || !self.not_null(right, &right_type) {
            return None;
        }
        if left_type.kind == right_type.kind && matches!(left_type.kind, Kind::Int | Kind::Text) {
            let kind = left_type.kind.clone();
            let values = left_type.values.zip(right_type.values).map(|(left, right)| {
                let with =
                    |start: &String| right.iter().map(|end| format!("{start}{end}")).collect::<Vec<_>>();
                left.iter().flat_map(with).collect()
            });
            let written = left_type.written && right_type.written;
            return Some(Typed { values, written, ..Typed::of(kind) });
        }
        let label = format!("{} and {}", left_type.kind.words(), right_type.kind.words());
        let title = "`+` takes two numbers or two texts";
        self.report(self.whole(expression), title, &label, None);
        None
    }

    fn membership(
        &mut self,
        expression: &'c IdedExpr,
        left: &'c IdedExpr,
        right: &'c IdedExpr,
    ) -> Option<Typed> {
        let (element, list) = (self.typed(left), self.typed(right));
        let (element, list) = (element?, list?);
        if !self.not_null(right, &list) {
            return None;
        }
        match &list.kind {
            Kind::List(kind) if **kind == element.kind && !matches!(**kind, Kind::Object(_)) => {
                let sound = self
                    .among(&element, right)
                    .and(self.among(&list, left))
                    .and_then(|()| self.can_be_same(&element, &list, expression));
                sound.map(|()| Typed::of(Kind::Bool))
            }
            Kind::List(kind) => {
                let label = format!("{} in {}", element.kind.words(), kind.words());
                self.report(self.whole(expression), "this is never in that list", &label, None);
                None
            }
            other => {
                let label = other.words();
                self.report(self.whole(right), "`in` wants a list", &label, None);
                None
            }
        }
    }

    /// The pattern of `matches` must be known now, so that a wrong one is found now.
    fn pattern(&mut self, expression: &'c IdedExpr) -> Option<()> {
        let pattern = if let Expr::Literal(LiteralValue::String(text)) = &expression.expr {
            text.inner().to_owned()
        } else {
            self.text_operand(expression)?;
            let parameter = Chain::of(expression).filter(|chain| chain.root == "parameters");
            let name = parameter.and_then(|chain| chain.fields.first().map(|(name, _)| *name));
            let Some(ParameterValue::Text(text)) = name.and_then(|name| self.scope.parameters.get(name))
            else {
                let help = "write the pattern here, use a parameter, or use `glob`".to_owned();
                let title = "the pattern of `matches` must be known when the rule is loaded";
                self.report(self.whole(expression), title, "not a fixed text", Some(help));
                return None;
            };
            text.clone()
        };
        match regex::Regex::new(&pattern) {
            Ok(_) => Some(()),
            Err(error) => {
                let detail = error.to_string();
                let label = detail.lines().last().unwrap_or_default().trim_start_matches("error: ");
                self.report(self.whole(expression), "this is no regular expression", label, None);
                None
            }
        }
    }

    fn refuse(&mut self, expression: &IdedExpr, name: &str) -> Option<Typed> {
        let (span, title, help) = match name {
            operators::DIVIDE | operators::MODULO => (
                self.token(expression),
                "rules do not divide".to_owned(),
                Some("multiply the other side, or derive a fact".to_owned()),
            ),
            operators::INDEX => (
                self.token(expression),
                "rules do not pick elements by number".to_owned(),
                Some("use `all`, `exists` or `in`".to_owned()),
            ),
            _ => {
                let span = span::function(self.text, self.info, expression.id, name);
                let help = match nearest(name, FUNCTIONS) {
                    Some(known) if known == name => format!("`{name}` takes other arguments"),
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("there are {}", FUNCTIONS.join(", ")),
                };
                (span, format!("there is no function `{name}` with these arguments"), Some(help))
            }
        };
        self.report(span, &title, "not part of the rule language", help);
        None
    }
}
