//! One rule: what it says of itself, and what it decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use super::cel::{Defect, Expression, Truth};
use super::diagnostic::{Problem, RuleError, RuleErrors};
use super::parameter::{Parameter, ParameterValue};
use super::path::FactPath;
use super::source::SourceFile;
use super::template::Template;
use super::{RuleText, file};
use crate::facts::{SubjectFacts, SubjectKind};
use crate::finding::Verdict;
use crate::model::GapId;
use crate::severity::Severity;

/// What to do about a failure.
#[derive(Debug)]
pub struct Remediation {
    /// In words.
    pub text: Template,
    /// A command of the AWS CLI.
    pub cli: Option<Template>,
    /// A setting of the Terraform provider.
    pub terraform: Option<Template>,
    /// Why there is neither.
    pub by_hand: Option<String>,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case, never reused: the family's prefix and the name of the file.
    pub id: Arc<str>,
    /// The folder that it is in.
    pub family: String,
    /// What holds where it passes.
    pub title: String,
    /// How bad a failure is, as the rule or the organization says.
    pub severity: Severity,
    /// What it is about.
    pub subject: SubjectKind,
    /// The version of this program that brought it.
    pub since: String,
    /// Its former ids.
    pub aliases: Vec<String>,
    /// What a failure means, with placeholders.
    pub message: Template,
    /// Why it matters.
    pub rationale: String,
    /// What to do about a failure.
    pub remediation: Remediation,
    /// What an organization may set otherwise, by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Pages to read.
    pub references: Vec<String>,
    pub(super) when: Option<Condition>,
    pub(super) pass: Condition,
    pub(super) values: BTreeMap<String, ParameterValue>,
    /// The facts that it asks for, in order of appearance.
    pub(crate) evidence: Vec<FactPath>,
    pub(super) file: Arc<SourceFile>,
    pub(super) tests: Option<Arc<SourceFile>>,
}

/// An expression and where it is written.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) expression: Expression,
    pub(super) written: Spanned<String>,
}

/// A rule file that was found, with the tests beside it.
#[derive(Debug)]
pub(super) struct RuleSource {
    pub(super) family: String,
    pub(super) name: String,
    pub(super) file: Arc<SourceFile>,
    pub(super) tests: Option<Arc<SourceFile>>,
}

impl From<RuleText> for RuleSource {
    fn from(text: RuleText) -> Self {
        let path = format!("rules/{}/{}.toml", text.family, text.name);
        let file = Arc::new(SourceFile { path, text: text.text });
        Self { family: text.family, name: text.name, file, tests: None }
    }
}

/// What a rule concludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) gaps: BTreeSet<GapId>,
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, gaps: BTreeSet::new() }
    }
}

/// Joins `when` and `pass` to a verdict. Where it is unknown whether the rule applies, the gaps of both are named.
pub(super) fn join<E>(
    when: Option<Result<Truth, E>>,
    pass: impl FnOnce() -> Result<Truth, E>,
) -> Result<Decision, E> {
    let mut gaps = match when {
        None | Some(Ok(Truth::Known(true))) => None,
        Some(Ok(Truth::Known(false))) => return Ok(Verdict::NotApplicable.into()),
        Some(Ok(Truth::Unknown(gaps))) => Some(gaps),
        Some(Err(error)) => return Err(error),
    };
    match (pass()?, &mut gaps) {
        (Truth::Known(true), None) => return Ok(Verdict::Pass.into()),
        (Truth::Known(false), None) => return Ok(Verdict::Fail.into()),
        (Truth::Known(_), Some(_)) => {}
        (Truth::Unknown(found), before) => before.get_or_insert_default().extend(found),
    }
    Ok(Decision { verdict: Verdict::Unknown, gaps: gaps.unwrap_or_default() })
}

impl Rule {
    /// The condition under which it applies, as it is written; `None` if it always does.
    pub fn when(&self) -> Option<&str> {
        self.when.as_ref().map(|condition| condition.written.get_ref().as_str())
    }

    /// The condition under which it passes, as it is written.
    pub fn pass(&self) -> &str {
        self.pass.written.get_ref()
    }

    /// Where it is written.
    pub fn path(&self) -> &str {
        &self.file.path
    }

    /// Its file, as it was read.
    pub fn source(&self) -> RuleText {
        let before = file::prefix(&self.family).len() + 1;
        RuleText {
            family: self.family.clone(),
            name: self.id.get(before..).unwrap_or_default().to_owned(),
            text: self.file.text.clone(),
        }
    }

    /// It may say something else of two subjects that differ in nothing but a number in their names: it looks into texts, or
    /// puts one together, and there is a digit, or an escape that may stand for one.
    pub(super) fn tells_numbers_apart(&self) -> bool {
        let written = || self.when().into_iter().chain([self.pass()]);
        let is_called = |text: &str, name: &str| {
            text.match_indices(name).any(|(at, _)| {
                text.get(at + name.len()..).is_some_and(|after| after.trim_start().starts_with('('))
            })
        };
        let looks_into = |text: &str| {
            let functions = ["contains", "startsWith", "endsWith", "matches", "glob"];
            text.contains('+') || functions.iter().any(|name| is_called(text, name))
        };
        let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        written().any(|text| text.contains('\\'))
            || written().any(looks_into)
                && (written().any(has_digit)
                    || self.values.values().any(|value| has_digit(&value.to_string())))
    }

    /// What it concludes of a subject. An error is a mistake of the rule, never of the facts.
    pub(crate) fn decide(&self, subject: &SubjectFacts) -> Result<Decision, RuleErrors> {
        let truth = |condition: &Condition| {
            condition.expression.evaluate(subject, &self.values).map_err(|defect| {
                let whole = Problem {
                    span: 0..condition.written.get_ref().len(),
                    title: format!("{} cannot be evaluated for {}", self.id, subject.subject.id),
                    label: defect.detail,
                    help: Some("correct the rule: this is no verdict".to_owned()),
                };
                RuleErrors::new(vec![RuleError::within(&self.file, &condition.written, whole)])
            })
        };
        join(self.when.as_ref().map(truth), || truth(&self.pass))
    }

    /// What it concludes of a subject with other values of its parameters.
    pub(super) fn decide_with(
        &self,
        subject: &SubjectFacts,
        values: &BTreeMap<String, ParameterValue>,
    ) -> Result<Decision, Defect> {
        let truth = |condition: &Condition| condition.expression.evaluate(subject, values);
        join(self.when.as_ref().map(truth), || truth(&self.pass))
    }
}
