//! Which rules a command runs or tells of.

use super::error::Error;
use crate::cli::RuleArgs;
use crate::printer::Printer;
use crate::rules::{Rule, RuleSet};
use crate::settings::{self, config::ConfigFile};

/// The rules that the flags and the configuration choose; never none.
pub(super) fn rules(args: &RuleArgs, config: &ConfigFile, printer: &Printer) -> Result<RuleSet, Error> {
    let settings = settings::rules(args, config)?;
    let rules = RuleSet::load(&settings.folders, &settings.overrides)?;
    if rules.rules().is_empty() {
        return Err(Error::NoRules);
    }
    printer.detail(&format!("{} rules", rules.rules().len()));
    Ok(rules)
}

/// The rule of this id or alias.
pub(super) fn named<'a>(rules: &'a RuleSet, id: &str) -> Result<&'a Rule, Error> {
    rules
        .get(id)
        .ok_or_else(|| Error::NoSuchRule { id: id.to_owned(), nearest: rules.nearest(id).map(str::to_owned) })
}
