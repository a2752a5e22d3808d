//! Rules: what must hold of the organization's logging. One TOML file each, in `rules/` or a folder of the user's.
//!
//! A rule is checked against the schema of facts before anything is collected. Reads [`crate::facts`], which knows
//! nothing of rules; [`crate::evaluate`] asks every rule about every subject.

mod cel;
mod choice;
mod compile;
mod diagnostic;
mod file;
mod framework;
mod load;
mod parameter;
mod path;
mod rule;
mod source;
mod template;
pub mod testing;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use choice::{RuleChoice, ScopeFlag};
pub use diagnostic::{RuleError, RuleErrors};
use framework::FrameworkSources;
pub use parameter::{Parameter, ParameterValue};
pub(crate) use path::{FactPath, Shape};
pub(crate) use rule::Decision;
use rule::RuleSource;
pub use rule::{Remediation, Rule};
pub use template::Template;

use crate::facts::SubjectKind;
use crate::frameworks::Framework;
use crate::model::glob;
use crate::severity::Severity;

/// What the settings say of rules. Rules are named by id or alias.
#[derive(Debug, Clone, Default)]
pub struct RuleOverrides {
    /// Other severities.
    pub severity: BTreeMap<String, Severity>,
    /// Other values of parameters, by rule and name.
    pub parameters: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// Only these rules, by id or glob; all if empty.
    pub enabled: Vec<String>,
    /// Not these rules, by id or glob.
    pub disabled: Vec<String>,
    /// Only these families, by folder or id prefix; all if empty.
    pub families: Vec<String>,
    /// No milder rules.
    pub minimum_severity: Option<Severity>,
    /// Only rules that these frameworks name, by id or glob; all if empty.
    pub frameworks: Vec<String>,
}

/// The text of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// The folder that it is in.
    pub family: String,
    /// The file's name, without `.toml`.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The rules that are asked, sorted by id.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    by_subject: BTreeMap<SubjectKind, Vec<u32>>,
    frameworks: Vec<Framework>,
    frameworks_asked: bool,
    names: BTreeSet<String>,
    choice: RuleChoice,
}

impl RuleSet {
    /// Tells builds of the program apart whose rules differ.
    pub fn builtin_digest() -> String {
        load::builtin_digest()
    }

    /// The rules in the program, with nothing overridden.
    pub fn builtin() -> Result<Self, RuleErrors> {
        Self::load(&[], &RuleOverrides::default())
    }

    /// The rules in the program and in folders. A rule of a folder replaces one of the same id before it. All that is
    /// wrong in all files is reported at once.
    pub fn load(folders: &[PathBuf], overrides: &RuleOverrides) -> Result<Self, RuleErrors> {
        let mut errors = Vec::new();
        let mut sources: BTreeMap<String, RuleSource> = BTreeMap::new();
        let mut frameworks = FrameworkSources::new();
        let found = std::iter::once(load::builtin()).chain(folders.iter().map(|folder| load::folder(folder)));
        for found in found {
            match found {
                Ok(found) => {
                    add(&mut sources, found.rules, &mut errors);
                    frameworks.extend(found.frameworks);
                }
                Err(found) => errors.extend(found),
            }
        }
        Self::compile(sources.into_values(), &frameworks, overrides, errors)
    }

    /// These rules alone: what ran elsewhere, to be run again.
    pub fn of_texts(
        texts: impl IntoIterator<Item = RuleText>,
        frameworks: Vec<Framework>,
        frameworks_asked: bool,
        overrides: &RuleOverrides,
    ) -> Result<Self, RuleErrors> {
        let mut errors = Vec::new();
        let mut sources: BTreeMap<String, RuleSource> = BTreeMap::new();
        add(&mut sources, texts.into_iter().map(RuleSource::from).collect(), &mut errors);
        // Frameworks may name rules that did not run: they are taken as they were read then.
        let rules = Self::compile(sources.into_values(), &FrameworkSources::new(), overrides, errors)?;
        Ok(Self { frameworks, frameworks_asked, ..rules })
    }

    fn compile(
        sources: impl IntoIterator<Item = RuleSource>,
        frameworks: &FrameworkSources,
        overrides: &RuleOverrides,
        mut errors: Vec<RuleError>,
    ) -> Result<Self, RuleErrors> {
        let parameters = |id: &str, aliases: &[String]| {
            let names = std::iter::once(id).chain(aliases.iter().map(String::as_str));
            let set = names.filter_map(|name| overrides.parameters.get(name));
            set.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let mut rules = Vec::new();
        for source in sources {
            match compile::compile(source, parameters) {
                Ok(rule) => rules.push(rule),
                Err(found) => errors.extend(found),
            }
        }
        rules.sort_by(|one: &Rule, other| one.id.cmp(&other.id));
        check_names(&rules, &mut errors);
        // A file with an error has no rule here: what the settings say of it would seem to name nothing.
        let called = rules.iter().flat_map(|rule| rule.aliases.iter().cloned().chain([rule.id.to_string()]));
        let names = called.collect();
        let mut shown = Vec::new();
        let all: Vec<String> = rules.iter().map(|rule| rule.id.to_string()).collect();
        if errors.is_empty() {
            shown = framework::read(frameworks, &rules, &mut errors);
            let named = framework::choose(&mut shown, &overrides.frameworks, &mut errors);
            apply(&mut rules, overrides, &mut errors);
            rules.retain(|rule| named.as_ref().is_none_or(|named| named.contains(&*rule.id)));
        }
        if !errors.is_empty() {
            return Err(RuleErrors::new(errors));
        }
        let ran = |id: &String| rules.binary_search_by(|rule| (*rule.id).cmp(id.as_str())).is_ok();
        let choice = RuleChoice::of(overrides, all.into_iter().filter(|id| !ran(id)).collect());
        let mut by_subject: BTreeMap<SubjectKind, Vec<u32>> = BTreeMap::new();
        for (number, rule) in (0..).zip(&rules) {
            by_subject.entry(rule.subject).or_default().push(number);
        }
        Ok(Self {
            rules,
            by_subject,
            frameworks: shown,
            frameworks_asked: !overrides.frameworks.is_empty(),
            names,
            choice,
        })
    }

    /// Which rules were left out, and by what.
    pub fn choice(&self) -> &RuleChoice {
        &self.choice
    }

    /// The same rules, left over by this choice: what ran elsewhere.
    #[must_use]
    pub fn left_by(self, choice: RuleChoice) -> Self {
        Self { choice, ..self }
    }

    /// The rules by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The frameworks that were asked for, by id; all if none was.
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }

    /// Frameworks were asked for, and the rules are those that these name.
    pub fn frameworks_asked(&self) -> bool {
        self.frameworks_asked
    }

    /// The rule of a [finding](crate::finding::Finding::rule).
    pub fn rule(&self, number: u32) -> Option<&Rule> {
        self.rules.get(usize::try_from(number).ok()?)
    }

    /// A rule by id or alias.
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| is_called(rule, name))
    }

    /// The ids and aliases of all rules that there are, whether or not they run.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The id that somebody may have meant.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        crate::nearest::nearest(name, self.rules.iter().map(|rule| rule.id.as_ref()))
    }

    /// Some rule may say something else of two accounts that differ in nothing but their numbers.
    pub(crate) fn tell_numbers_apart(&self) -> bool {
        self.rules.iter().any(Rule::tells_numbers_apart)
    }

    /// The rules about a kind of subject, with their numbers.
    pub(crate) fn about(&self, kind: SubjectKind) -> impl Iterator<Item = (u32, &Rule)> {
        let numbers = self.by_subject.get(&kind).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|number| Some((*number, self.rule(*number)?)))
    }
}

fn is_called(rule: &Rule, name: &str) -> bool {
    *rule.id == *name || rule.aliases.iter().any(|alias| alias == name)
}

/// Adds the files of one folder, which replace those of folders before it.
fn add(sources: &mut BTreeMap<String, RuleSource>, found: Vec<RuleSource>, errors: &mut Vec<RuleError>) {
    let mut here: BTreeSet<String> = BTreeSet::new();
    for source in found {
        let id = format!("{}-{}", file::prefix(&source.family), source.name);
        if here.insert(id.clone()) {
            sources.insert(id, source);
        } else {
            let span = 0..source.file.text.lines().next().map_or(0, str::len);
            let title = format!("two files of one folder are both `{id}`");
            errors.push(RuleError::at(&source.file, span, title, "the second").help("rename one"));
        }
    }
}

/// No alias may be another rule's name.
fn check_names(rules: &[Rule], errors: &mut Vec<RuleError>) {
    let mut names: BTreeMap<&str, &str> = rules.iter().map(|rule| (&*rule.id, &*rule.id)).collect();
    for rule in rules {
        for alias in &rule.aliases {
            if let Some(other) = names.insert(alias, &rule.id) {
                let span = rule.file.text.find(alias.as_str()).map_or(0..0, |at| at..at + alias.len());
                let title = format!("`{alias}` already names the rule {other}");
                errors.push(RuleError::at(&rule.file, span, title, "taken"));
            }
        }
    }
}

fn apply(rules: &mut Vec<Rule>, overrides: &RuleOverrides, errors: &mut Vec<RuleError>) {
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.to_string()).collect();
    let unknown = |what: &str, name: &str| {
        let help = crate::nearest::nearest(name, ids.iter().map(String::as_str)).map_or_else(
            || "trailproof rules list names them".to_owned(),
            |id| format!("did you mean `{id}`?"),
        );
        RuleError::general(format!("{what} names no rule: `{name}`"), Some(help))
    };
    let known = |name: &str| rules.iter().any(|rule| is_called(rule, name));
    let set = overrides.severity.keys().map(|name| ("a severity", name));
    for (what, name) in set.chain(overrides.parameters.keys().map(|name| ("a parameter", name))) {
        if !known(name) {
            errors.push(unknown(what, name));
        }
    }
    let matches = |rule: &Rule, pattern: &String| {
        glob(pattern, &rule.id) || rule.aliases.iter().any(|alias| glob(pattern, alias))
    };
    let chosen = overrides.enabled.iter().map(|pattern| ("the choice of rules", pattern));
    let skipped = overrides.disabled.iter().map(|pattern| ("the choice of rules to skip", pattern));
    for (what, pattern) in chosen.chain(skipped) {
        if !rules.iter().any(|rule| matches(rule, pattern)) {
            errors.push(unknown(what, pattern));
        }
    }
    let of_family =
        |rule: &Rule, family: &String| rule.family == *family || file::prefix(&rule.family) == family;
    for family in &overrides.families {
        if !rules.iter().any(|rule| of_family(rule, family)) {
            let families: BTreeSet<&str> = rules.iter().map(|rule| rule.family.as_str()).collect();
            let help = match crate::nearest::nearest(family, families.iter().copied()) {
                Some(family) => format!("did you mean `{family}`?"),
                None => format!("there are {}", families.into_iter().collect::<Vec<_>>().join(", ")),
            };
            errors.push(RuleError::general(format!("there is no family of rules `{family}`"), Some(help)));
        }
    }
    for rule in rules.iter_mut() {
        if let Some((_, severity)) = overrides.severity.iter().find(|(name, _)| is_called(rule, name)) {
            rule.severity = *severity;
        }
    }
    rules.retain(|rule| {
        let enabled = &overrides.enabled;
        (enabled.is_empty() || enabled.iter().any(|pattern| matches(rule, pattern)))
            && !overrides.disabled.iter().any(|pattern| matches(rule, pattern))
            && (overrides.families.is_empty()
                || overrides.families.iter().any(|family| of_family(rule, family)))
            && overrides.minimum_severity.is_none_or(|least| rule.severity >= least)
    });
}
