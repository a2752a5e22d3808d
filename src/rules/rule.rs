//! One rule: what it says of itself, and what it decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use super::cel::{Defect, Expression, Scope, Truth};
use super::diagnostic::{Problem, RuleError, RuleErrors};
use super::file::{self, RuleFile};
use super::parameter::{Parameter, ParameterValue};
use super::path::FactPath;
use super::source::SourceFile;
use super::template::Template;
use crate::facts::{self, SubjectFacts};
use crate::finding::{Severity, SubjectKind, Verdict};
use crate::model::GapId;

/// What to do about a failure.
#[derive(Debug)]
pub struct Remediation {
    /// In words.
    pub text: Template,
    /// A command of the AWS CLI.
    pub cli: Option<Template>,
    /// A setting of the Terraform provider.
    pub terraform: Option<Template>,
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
    written: Spanned<String>,
}

/// A rule file that was found, with the tests beside it.
#[derive(Debug)]
pub(super) struct RuleSource {
    pub(super) family: String,
    pub(super) name: String,
    pub(super) file: Arc<SourceFile>,
    pub(super) tests: Option<Arc<SourceFile>>,
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

/// Reads and checks one rule file.
pub(super) fn compile(
    source: RuleSource,
    settings: impl Fn(&str, &[String]) -> BTreeMap<String, toml::Value>,
) -> Result<Rule, Vec<RuleError>> {
    let file = Arc::clone(&source.file);
    let parsed: RuleFile =
        toml::from_str(&file.text).map_err(|error| vec![RuleError::toml(&file, &error)])?;
    let mut errors = Vec::new();
    check_texts(&source, &parsed, &mut errors);
    let id = parsed.id.get_ref().clone();
    let aliases: Vec<String> = parsed.aliases.iter().map(|alias| alias.get_ref().clone()).collect();
    let parameters = parameters(&file, &id, &parsed, &settings(&id, &aliases), &mut errors);
    let values: BTreeMap<String, ParameterValue> =
        parameters.iter().map(|(name, parameter)| (name.clone(), parameter.value.clone())).collect();
    let variables = facts::variables(parsed.subject);
    let scope = Scope { variables: &variables, parameters: &values };

    let mut condition = |written: &Spanned<String>, given: Option<&Expression>| match Expression::compile(
        written.get_ref(),
        &scope,
        given,
    ) {
        Ok(expression) => Some(Condition { expression, written: written.clone() }),
        Err(problems) => {
            errors.extend(problems.into_iter().map(|problem| RuleError::within(&file, written, problem)));
            None
        }
    };
    let when = parsed.when.as_ref().map(|written| condition(written, None));
    let given = when.as_ref().and_then(Option::as_ref).map(|condition| &condition.expression);
    let pass = condition(&parsed.pass, given);
    let mut template = |written: &Spanned<String>| match Template::parse(written.get_ref(), &scope) {
        Ok(template) => Some(template),
        Err(problems) => {
            errors.extend(problems.into_iter().map(|problem| RuleError::within(&file, written, problem)));
            None
        }
    };
    let message = template(&parsed.message);
    let text = template(&parsed.remediation.text);
    let cli = parsed.remediation.cli.as_ref().map(&mut template);
    let terraform = parsed.remediation.terraform.as_ref().map(&mut template);

    let conditions = || when.iter().flatten().chain(&pass).map(|condition| &condition.expression);
    let mut evidence: Vec<FactPath> = Vec::new();
    for path in conditions().flat_map(|expression| &expression.paths) {
        if !evidence.contains(path) {
            evidence.push(path.clone());
        }
    }
    if pass.is_some() && when.as_ref().is_none_or(Option::is_some) {
        for (name, declared) in &parsed.parameters {
            if !conditions().any(|expression| expression.parameters.contains(name)) {
                let title = format!("{id} never uses its parameter `{name}`");
                errors.push(RuleError::at(&file, declared.default.span(), title, "unused"));
            }
        }
    }
    let complete = || {
        let remediation = Remediation { text: text?, cli: whole(cli)?, terraform: whole(terraform)? };
        Some((whole(when)?, pass?, message?, remediation))
    };
    match (complete(), errors.is_empty()) {
        (Some((when, pass, message, remediation)), true) => Ok(Rule {
            id: Arc::from(id),
            family: source.family,
            title: parsed.title.into_inner(),
            severity: parsed.severity,
            subject: parsed.subject,
            since: parsed.since.into_inner(),
            aliases,
            message,
            rationale: parsed.rationale.into_inner(),
            remediation,
            parameters,
            references: parsed.references.into_iter().map(Spanned::into_inner).collect(),
            when,
            pass,
            values,
            evidence,
            file,
            tests: source.tests,
        }),
        _ => Err(errors),
    }
}

/// What is written must be valid; what is not written need not be there.
#[expect(
    clippy::option_option,
    reason = "the outer says whether it is written, the inner whether it is valid"
)]
fn whole<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    part.map_or(Some(None), |valid| valid.map(Some))
}

fn check_texts(source: &RuleSource, parsed: &RuleFile, errors: &mut Vec<RuleError>) {
    let file = &source.file;
    let expected = format!("{}-{}", file::prefix(&source.family), source.name);
    if *parsed.id.get_ref() != expected {
        let title = "the id of a rule is its folder and the name of its file";
        let help = format!("call it `{expected}`, or move the file");
        errors.push(RuleError::at(file, parsed.id.span(), title, "another id").help(help));
    }
    let kebab = |text: &str| {
        text.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        })
    };
    for id in std::iter::once(&parsed.id).chain(&parsed.aliases) {
        if !kebab(id.get_ref()) {
            let title = "ids are lower-case words with hyphens between";
            errors.push(RuleError::at(file, id.span(), title, "not of that form"));
        }
    }
    for text in [&parsed.title, &parsed.since, &parsed.message, &parsed.rationale, &parsed.remediation.text] {
        if text.get_ref().trim().is_empty() {
            errors.push(RuleError::at(file, text.span(), "this must be said", "empty"));
        }
    }
    for reference in &parsed.references {
        if !reference.get_ref().starts_with("https://") {
            errors.push(RuleError::at(file, reference.span(), "a reference is a URL", "not https://"));
        }
    }
}

fn parameters(
    file: &Arc<SourceFile>,
    id: &str,
    parsed: &RuleFile,
    settings: &BTreeMap<String, toml::Value>,
    errors: &mut Vec<RuleError>,
) -> BTreeMap<String, Parameter> {
    let mut parameters = BTreeMap::new();
    for (name, written) in &parsed.parameters {
        let Some(default) = ParameterValue::from_toml(written.default.get_ref()) else {
            let title = "a parameter is a whole number, a text, a truth value or a list of texts";
            errors.push(RuleError::at(file, written.default.span(), title, "another type"));
            continue;
        };
        let set = settings.get(name).map(ParameterValue::from_toml);
        let value = match set {
            None => default.clone(),
            Some(Some(value)) if value.kind() == default.kind() => value,
            Some(_) => {
                let title = format!("the settings give the parameter `{name}` of {id} another type");
                errors.push(RuleError::general(title, Some(format!("it is {}", default.kind()))));
                continue;
            }
        };
        parameters.insert(name.clone(), Parameter { doc: written.doc.get_ref().clone(), default, value });
    }
    for name in settings.keys().filter(|name| !parsed.parameters.contains_key(*name)) {
        let known = parsed.parameters.keys().map(String::as_str);
        let help = match super::nearest::nearest(name, known.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if parsed.parameters.is_empty() => "it has none".to_owned(),
            None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
        };
        let title = format!("the settings name a parameter `{name}` that {id} does not have");
        errors.push(RuleError::general(title, Some(help)));
    }
    parameters
}
