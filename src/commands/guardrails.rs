//! The `guardrails` commands.

mod simulate;

use super::collecting::Collected;
use super::connecting;
use super::delivering::deliver;
use super::error::Error;
use super::formats::Contents;
use super::printing::{print, print_json};
use super::runtime::Runtime;
use super::selecting;
use crate::cli::{
    CatalogueFormat, GuardrailsArgs, GuardrailsCommand, GuardrailsExplainArgs, OrganizationArgs,
    RecommendArgs, RecommendFormat, RuleArgs,
};
use crate::deliver::Targets;
use crate::evaluate::{Basis, CheckError};
use crate::example::Example;
use crate::exit::Exit;
use crate::facts::Facts;
use crate::guardrails::explain::{self, Explanation};
use crate::guardrails::matrix::Matrix;
use crate::guardrails::recommend::{self, Recommendation};
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::Source;

/// The rules about guardrails.
const RULES: [&str; 4] =
    ["org-deny-*", "org-scp-without-effect", "org-guardrail-*", "org-new-account-covered"];

/// Runs what needs no configuration file unless one is named: simulations, and the example.
pub(super) fn without_configuration(
    args: &GuardrailsArgs,
    config_is_named: bool,
    printer: &Printer,
) -> Option<Result<Exit, Error>> {
    let needs_none = match &args.command {
        Some(GuardrailsCommand::Simulate(_)) => true,
        Some(GuardrailsCommand::Explain(args)) => args.organization.demo,
        Some(GuardrailsCommand::Recommend(args)) => args.organization.demo,
        None => args.organization.demo,
    };
    (needs_none && !config_is_named).then(|| run(args, &ConfigFile::default(), printer))
}

pub(super) fn run(args: &GuardrailsArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    match &args.command {
        None => matrix(args, config, printer),
        Some(GuardrailsCommand::Explain(args)) => explain(args, config, printer),
        Some(GuardrailsCommand::Recommend(args)) => recommend(args, config, printer),
        Some(GuardrailsCommand::Simulate(args)) => simulate::simulation(args, config, printer),
    }
}

fn matrix(args: &GuardrailsArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = RuleArgs {
        rules: RULES.map(str::to_owned).to_vec(),
        skip_rules: Vec::new(),
        family: Vec::new(),
        framework: Vec::new(),
        severity: None,
    };
    let rules = selecting::rules(&rules, config, printer)?;
    let reach = connecting::settings(&args.organization.collecting, config);
    let targets =
        Targets::open(settings::outputs(&args.output, config)?, reach, Runtime::default().waiter())?;
    let gate = settings::gate(&args.output, config);
    let organization = Subject::open(&args.organization, config, printer)?;
    let basis = Basis::of(organization.source(), config.organization.clone(), &[], &rules)?;
    let report = Report::of(basis.check(&rules)?, &rules);
    let report = report.with_passes_folded(args.output.folds_passes());
    let matrix = Matrix::of(&basis.facts, &basis.survey, &basis.alike).map_err(CheckError::from)?;
    let contents = Contents { report: &report, matrix: Some(&matrix) };
    deliver(targets, printer, |kind| contents.document(kind))?;
    Ok(gate.judge(&report))
}

fn explain(args: &GuardrailsExplainArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let organization = Subject::open(&args.organization, config, printer)?;
    let facts = organization.facts(config)?;
    let resource = args.resource.as_deref();
    let explanation = Explanation::of(&facts, organization.source(), &args.account, &args.action, resource)?;
    match args.format {
        CatalogueFormat::Json => print_json(printer, &explanation),
        CatalogueFormat::Table => print(printer, |out| explain::render(&explanation, printer.layout(), out)),
    }
}

fn recommend(args: &RecommendArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let organization = Subject::open(&args.organization, config, printer)?;
    let facts = organization.facts(config)?;
    let found = Recommendation::of(facts, organization.source()).map_err(CheckError::from)?;
    match args.format {
        RecommendFormat::Table => print(printer, |out| recommend::render(&found, printer.layout(), out)),
        RecommendFormat::Json => print_json(printer, &found),
        RecommendFormat::Terraform => print(printer, |out| recommend::terraform(&found, out)),
    }?;
    Ok(if found.complete() { Exit::Complete } else { Exit::Incomplete })
}

/// The organization that is looked at.
enum Subject {
    Stored(Source),
    Live(Collected),
}

impl Subject {
    fn open(args: &OrganizationArgs, config: &ConfigFile, printer: &Printer) -> Result<Self, Error> {
        Ok(if args.demo {
            Self::Stored(Example::demo().into_source())
        } else if args.snapshot.is_empty() {
            Self::Live(Collected::live(&args.collecting, config, printer)?)
        } else {
            Self::Stored(Source::Files(args.snapshot.clone()))
        })
    }

    fn source(&self) -> &Source {
        match self {
            Self::Stored(source) => source,
            Self::Live(collected) => &collected.source,
        }
    }

    fn facts(&self, config: &ConfigFile) -> Result<Facts, Error> {
        Ok(Facts::build(self.source(), config.organization.clone()).map_err(CheckError::from)?)
    }
}
