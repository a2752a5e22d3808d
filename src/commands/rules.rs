//! `rules`: the catalogue, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::error::Error;
use super::printing::{print, print_json};
use super::selecting::{self, named};
use super::sheet;
use crate::cli::{CatalogueFormat, RulesCommand};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::text::{count, shorten};
use crate::rules::{ParameterValue, Rule, RuleSet, Template, testing};
use crate::settings::config::ConfigFile;

pub(super) fn run(command: &RulesCommand, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    match command {
        RulesCommand::List { format, rules } => {
            list(&selecting::rules(rules, config, printer)?, *format, printer)
        }
        RulesCommand::Show { id, format, rules } => {
            let rules = selecting::rules(rules, config, printer)?;
            let rule = named(&rules, id)?;
            match format {
                CatalogueFormat::Table => print(printer, |out| sheet::rule(rule, printer.layout(), out)),
                CatalogueFormat::Json => print_json(printer, &RuleEntry::of(rule)),
            }
        }
        RulesCommand::Test { rules } => test(&selecting::rules(rules, config, printer)?, printer),
        RulesCommand::Check { rules } => {
            let rules = selecting::rules(rules, config, printer)?;
            print(printer, |out| writeln!(out, "{}, all well-formed", count(rules.rules().len(), "rule")))
        }
    }
}

/// A rule, as programs see it.
#[derive(Serialize)]
struct RuleEntry<'a> {
    id: &'a str,
    aliases: &'a [String],
    family: &'a str,
    title: &'a str,
    severity: &'static str,
    subject: &'static str,
    since: &'a str,
    when: Option<&'a str>,
    pass: &'a str,
    rationale: &'a str,
    remediation: Value,
    parameters: Value,
    references: &'a [String],
}

impl<'a> RuleEntry<'a> {
    fn of(rule: &'a Rule) -> Self {
        let remediation = &rule.remediation;
        let parameters = rule.parameters.iter().map(|(name, parameter)| {
            let entry = json!({
                "doc": parameter.doc,
                "default": value(&parameter.default),
                "value": value(&parameter.value),
            });
            (name.clone(), entry)
        });
        Self {
            id: &rule.id,
            aliases: &rule.aliases,
            family: &rule.family,
            title: &rule.title,
            severity: rule.severity.as_str(),
            subject: rule.subject.as_str(),
            since: &rule.since,
            when: rule.when(),
            pass: rule.pass(),
            rationale: &rule.rationale,
            remediation: json!({
                "text": remediation.text.text(),
                "cli": remediation.cli.as_ref().map(Template::text),
                "terraform": remediation.terraform.as_ref().map(Template::text),
                "by_hand": remediation.by_hand,
            }),
            parameters: Value::Object(parameters.collect()),
            references: &rule.references,
        }
    }
}

fn value(value: &ParameterValue) -> Value {
    match value {
        ParameterValue::Bool(value) => (*value).into(),
        ParameterValue::Int(value) => (*value).into(),
        ParameterValue::Text(value) => value.as_str().into(),
        ParameterValue::Texts(values) => values.as_slice().into(),
    }
}

fn list(rules: &RuleSet, format: CatalogueFormat, printer: &Printer) -> Result<Exit, Error> {
    if format == CatalogueFormat::Json {
        let entries: Vec<RuleEntry<'_>> = rules.rules().iter().map(RuleEntry::of).collect();
        return print_json(printer, &entries);
    }
    let width = printer.layout().width;
    let widest = |column: fn(&Rule) -> usize| rules.rules().iter().map(column).max().unwrap_or(0);
    let (ids, subjects) = (widest(|rule| rule.id.len()), widest(|rule| rule.subject.as_str().len()));
    print(printer, |out: &mut dyn Write| -> io::Result<()> {
        for rule in rules.rules() {
            let lead =
                format!("{:<ids$}  {:<8}  {:<subjects$}  ", rule.id, rule.severity, rule.subject.as_str());
            let room = width.saturating_sub(lead.len()).max(20);
            writeln!(out, "{lead}{}", shorten(&rule.title, room))?;
        }
        Ok(())
    })
}

fn test(rules: &RuleSet, printer: &Printer) -> Result<Exit, Error> {
    let results = testing::run(rules);
    let failed = results.iter().filter(|result| !result.passed()).count();
    print(printer, |out| {
        for result in &results {
            if let Some(problem) = &result.problem {
                writeln!(out, "FAILED {}: {}\n{problem}\n", result.rule_id, result.name)?;
            }
        }
        let cases = count(results.len(), "test");
        writeln!(out, "{cases} of {}, {failed} failed", count(rules.rules().len(), "rule"))
    })?;
    if failed == 0 { Ok(Exit::Complete) } else { Err(Error::RuleTests { failed, total: results.len() }) }
}
