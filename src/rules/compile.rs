//! Reading and checking one rule file.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::cel::{Expression, Scope};
use super::diagnostic::RuleError;
use super::file::{self, ParameterFile, RuleFile};
use super::parameter::{Parameter, ParameterValue};
use super::path::FactPath;
use super::rule::{Condition, Remediation, Rule, RuleSource};
use super::source::SourceFile;
use super::template::Template;
use crate::facts;
use crate::nearest::nearest;

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
    let by_hand = parsed.remediation.by_hand.as_ref().map(|reason| reason.get_ref().clone());
    let complete = || {
        let remediation =
            Remediation { text: text?, cli: whole(cli)?, terraform: whole(terraform)?, by_hand };
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
    if let Some(reason) = &parsed.remediation.by_hand
        && (parsed.remediation.cli.is_some() || parsed.remediation.terraform.is_some())
    {
        let title = "`by_hand` says why there is neither `cli` nor `terraform`, and there is one";
        errors.push(RuleError::at(file, reason.span(), title, "leave it out"));
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
        if let ParameterValue::Int(number) = default
            && let Some(range) = beyond(written, number)
        {
            let title = "the default of a parameter lies in its range";
            errors.push(RuleError::at(file, written.default.span(), title, "outside").help(range));
        }
        let set = settings.get(name).map(ParameterValue::from_toml);
        let value = match set {
            None => default.clone(),
            Some(Some(ParameterValue::Texts(none)))
                if none.is_empty() && matches!(&default, ParameterValue::Texts(some) if !some.is_empty()) =>
            {
                let title = format!("the settings leave the parameter `{name}` of {id} empty");
                let help =
                    "with nothing in it the rule says the same of everything: leave the rule out instead";
                errors.push(RuleError::general(title, Some(help.to_owned())));
                default.clone()
            }
            Some(Some(ParameterValue::Int(number)))
                if default.kind() == ParameterValue::Int(number).kind()
                    && beyond(written, number).is_some() =>
            {
                let title = format!(
                    "the settings give the parameter `{name}` of {id} the number {number}, with which it says nothing"
                );
                errors.push(RuleError::general(title, beyond(written, number)));
                default.clone()
            }
            Some(Some(value)) if value.kind() == default.kind() => value,
            Some(_) => {
                let title = format!("the settings give the parameter `{name}` of {id} another type");
                errors.push(RuleError::general(title, Some(format!("it is {}", default.kind()))));
                default.clone()
            }
        };
        parameters.insert(name.clone(), Parameter { doc: written.doc.get_ref().clone(), default, value });
    }
    for name in settings.keys().filter(|name| !parsed.parameters.contains_key(*name)) {
        let known = parsed.parameters.keys().map(String::as_str);
        let help = match nearest(name, known.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if parsed.parameters.is_empty() => "it has none".to_owned(),
            None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
        };
        let title = format!("the settings name a parameter `{name}` that {id} does not have");
        errors.push(RuleError::general(title, Some(help)));
    }
    parameters
}

/// What a number must be that is outside of a parameter's range, with the nearest one inside.
fn beyond(written: &ParameterFile, number: i64) -> Option<String> {
    let (least, most) = (written.min.unwrap_or(i64::MIN), written.max.unwrap_or(i64::MAX));
    let nearest = number.max(least).min(most);
    let range = match (written.min, written.max) {
        (Some(least), Some(most)) => format!("from {least} to {most}"),
        (Some(least), None) => format!("from {least} on"),
        (None, Some(most)) => format!("up to {most}"),
        (None, None) => return None,
    };
    (nearest != number).then(|| format!("it is a whole number {range}: the nearest is {nearest}"))
}
