//! The expression language of rules: CEL, the Common Expression Language. Nothing else imports the `cel` crate.
//!
//! A fact that could not be read evaluates to an error that names its gaps. CEL lets `&&`, `||`, `all` and `exists`
//! absorb an error only where the result does not depend on it, which is Kleene's three-valued logic: `denied &&
//! false` is false, `denied && true` stays unknown. [`check`] accepts an expression, [`unknown`] says why one is
//! unknown, [`mutants`] makes the variants that a rule's tests must notice.

mod bounds;
mod check;
mod mutants;
mod shape;
mod span;
#[cfg(test)]
mod tests;
mod unknown;
mod view;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use cel::common::types::{CelBool, CelString};
use cel::{Context, Env, ExecutionError, IdedExpr, Program, Value};

pub(super) use mutants::Mutant;

use super::diagnostic::Problem;
use super::parameter::ParameterValue;
use super::path::FactPath;
use crate::facts::SubjectFacts;
use crate::facts::view::Schema;
use crate::model::{GapId, glob as matches_glob};

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    // Optional syntax would let a rule step over what could not be read.
    let mut environment = Env::stdlib().with_optional_support(false);
    let declared = [
        cel::add_member_overload!(environment, fn matches: (CelString, CelString) -> Result<CelBool>),
        cel::add_overload!(environment, fn glob: (CelString, CelString) -> CelBool),
    ];
    debug_assert!(declared.iter().all(Result::is_ok), "{declared:?}");
    Arc::new(environment)
});

thread_local! {
    static PATTERNS: RefCell<HashMap<String, regex::Regex>> = RefCell::default();
}

/// The crate's own `matches` compiles its pattern at every call.
fn matches(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    PATTERNS.with_borrow_mut(|patterns| {
        if let Some(known) = patterns.get(pattern.inner()) {
            return Ok(CelBool::from(known.is_match(text.inner())));
        }
        let regex = regex::Regex::new(pattern.inner())
            .map_err(|error| ExecutionError::function_error("matches", error))?;
        let found = regex.is_match(text.inner());
        patterns.insert(pattern.inner().to_owned(), regex);
        Ok(CelBool::from(found))
    })
}

fn glob(text: &CelString<'_>, pattern: &CelString<'_>) -> CelBool {
    CelBool::from(matches_glob(pattern.inner(), text.inner()))
}

/// The names that an expression may use.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The subject's facts, and those of the things around it.
    pub(super) variables: &'a [(&'static str, &'static Schema)],
    /// The rule's parameters, bound as `parameters.<name>`.
    pub(super) parameters: &'a BTreeMap<String, ParameterValue>,
}

/// An accepted expression.
#[derive(Debug)]
pub(super) struct Expression {
    program: Program,
    /// The facts that it asks for, in order of appearance.
    pub(super) paths: Vec<FactPath>,
    /// The parameters that it uses.
    pub(super) parameters: BTreeSet<String>,
    /// Facts that are known not to be null where it holds.
    non_null: Vec<String>,
}

/// What an expression says of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    /// True or false.
    Known(bool),
    /// It depends on facts that could not be read.
    Unknown(BTreeSet<GapId>),
}

/// An evaluation that failed though every fact was there: the rule is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Defect {
    /// What the language says.
    pub(super) detail: String,
}

impl Expression {
    /// Parses an expression and checks it against the schema. `given` is a condition that holds wherever this
    /// expression is asked for: a rule's `when` for its `pass`.
    pub(super) fn compile(text: &str, scope: &Scope<'_>, given: Option<&Self>) -> Result<Self, Vec<Problem>> {
        bounds::check(text)?;
        let program = ENVIRONMENT.compile(text).map_err(|errors| span::syntax_problems(text, &errors))?;
        let non_null = given.map_or(&[][..], |given| &given.non_null);
        let checked = check::check(text, &program, scope, non_null)?;
        Ok(Self { program, paths: checked.paths, parameters: checked.parameters, non_null: checked.non_null })
    }

    /// What it says of a subject.
    pub(super) fn evaluate(
        &self,
        subject: &SubjectFacts,
        parameters: &BTreeMap<String, ParameterValue>,
    ) -> Result<Truth, Defect> {
        evaluate(self.program.expression(), subject, parameters)
    }

    /// Its variants with one operand or one negation less.
    pub(super) fn mutants(&self) -> Vec<Mutant> {
        mutants::mutants(&self.program)
    }
}

fn evaluate(
    expression: &IdedExpr,
    subject: &SubjectFacts,
    parameters: &BTreeMap<String, ParameterValue>,
) -> Result<Truth, Defect> {
    let bindings = view::Bindings::new(subject, parameters);
    let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
    context.set_variable_resolver(&bindings);
    bounds::begin();
    if let Ok(value) = Value::resolve_val(expression, &context) {
        return match value.downcast_ref::<CelBool>() {
            Some(truth) => Ok(Truth::Known(*truth.inner())),
            None => Err(Defect { detail: "it is neither true nor false".to_owned() }),
        };
    }
    bounds::begin();
    let mut gaps = BTreeSet::new();
    unknown::gather(expression, &context, &mut gaps).map_err(|error| Defect { detail: error.to_string() })?;
    Ok(Truth::Unknown(gaps))
}
