//! Framework files: which control asks for which rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::diagnostic::RuleError;
use super::rule::Rule;
use super::source::SourceFile;
use crate::frameworks::{Control, Framework};
use crate::model::glob;
use crate::nearest::nearest;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkFile {
    id: Spanned<String>,
    name: String,
    version: String,
    controls: Vec<ControlFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlFile {
    id: Spanned<String>,
    topic: String,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    note: Option<String>,
}

/// Framework files by their names without `.toml`.
pub(super) type FrameworkSources = BTreeMap<String, Arc<SourceFile>>;

/// Reads the frameworks, by id, and checks that the rules that they name are there.
pub(super) fn read(
    sources: &FrameworkSources,
    rules: &[Rule],
    errors: &mut Vec<RuleError>,
) -> Vec<Framework> {
    let ids: BTreeSet<&str> = rules.iter().map(|rule| &*rule.id).collect();
    let mut frameworks = Vec::new();
    for (name, file) in sources {
        match toml::from_str::<FrameworkFile>(&file.text) {
            Ok(parsed) => frameworks.push(check(name, file, parsed, &ids, errors)),
            Err(error) => errors.push(RuleError::toml(file, &error)),
        }
    }
    frameworks
}

fn check(
    name: &str,
    file: &Arc<SourceFile>,
    parsed: FrameworkFile,
    ids: &BTreeSet<&str>,
    errors: &mut Vec<RuleError>,
) -> Framework {
    if parsed.id.get_ref() != name {
        let title = format!("the framework is called otherwise than its file, {name}.toml");
        errors.push(RuleError::at(file, parsed.id.span(), title, "rename it, or the file"));
    }
    let mut seen = BTreeSet::new();
    let controls = parsed.controls.into_iter().map(|control| {
        let id = control.id.get_ref();
        if !seen.insert(id.clone()) {
            let title = format!("the control {id} is listed twice");
            errors.push(RuleError::at(file, control.id.span(), title, "the second"));
        }
        if control.topic.trim().is_empty() {
            let title = format!("the control {id} has no topic");
            errors.push(RuleError::at(file, control.id.span(), title, "what is it about?"));
        }
        for rule in &control.rules {
            if !ids.contains(rule.get_ref().as_str()) {
                let title = format!("the control {id} names no rule: `{}`", rule.get_ref());
                let help = nearest(rule.get_ref(), ids.iter().copied()).map_or_else(
                    || "trailproof rules list names them".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                errors.push(RuleError::at(file, rule.span(), title, "no rule of this id").help(help));
            }
        }
        Control {
            id: control.id.into_inner(),
            topic: control.topic,
            rules: control.rules.into_iter().map(Spanned::into_inner).collect(),
            note: control.note,
        }
    });
    let controls = controls.collect();
    Framework { id: parsed.id.into_inner(), name: parsed.name, version: parsed.version, controls }
}

/// Leaves the frameworks that are asked for, and says which rules these name; nothing if none is asked for.
pub(super) fn choose(
    frameworks: &mut Vec<Framework>,
    asked: &[String],
    errors: &mut Vec<RuleError>,
) -> Option<BTreeSet<String>> {
    if asked.is_empty() {
        return None;
    }
    for pattern in asked {
        if !frameworks.iter().any(|framework| glob(pattern, &framework.id)) {
            let ids = || frameworks.iter().map(|framework| framework.id.as_str());
            let help = nearest(pattern, ids()).map_or_else(
                || "trailproof frameworks list names them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            errors.push(RuleError::general(format!("there is no framework `{pattern}`"), Some(help)));
        }
    }
    frameworks.retain(|framework| asked.iter().any(|pattern| glob(pattern, &framework.id)));
    let controls = frameworks.iter().flat_map(|framework| &framework.controls);
    Some(controls.flat_map(|control| control.rules.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{RuleErrors, RuleSet};

    fn errors(text: &str) -> String {
        let file =
            Arc::new(SourceFile { path: "rules/frameworks/own.toml".to_owned(), text: text.to_owned() });
        let rules = RuleSet::builtin().unwrap();
        let mut errors = Vec::new();
        read(&FrameworkSources::from([("own".to_owned(), file)]), rules.rules(), &mut errors);
        RuleErrors::new(errors).to_string()
    }

    #[test]
    fn a_mistake_is_shown_with_file_and_control() {
        let found = errors(
            r#"
id = "own"
name = "Own"
version = "1"
[[controls]]
id = "1.2"
topic = "validation"
rules = ["trail-log-file-validaton"]
"#,
        );
        assert!(found.contains("the control 1.2 names no rule: `trail-log-file-validaton`"), "{found}");
        assert!(found.contains("rules/frameworks/own.toml:8:10"), "{found}");
        assert!(found.contains("did you mean `trail-log-file-validation`?"), "{found}");
    }

    #[test]
    fn two_controls_of_one_id_and_another_name_are_mistakes() {
        let control = "[[controls]]\nid = \"1\"\ntopic = \"a\"\n";
        let found = errors(&format!("id = \"other\"\nname = \"Own\"\nversion = \"1\"\n{control}{control}"));
        assert!(found.contains("called otherwise than its file, own.toml"), "{found}");
        assert!(found.contains("the control 1 is listed twice"), "{found}");
    }

    #[test]
    fn the_bundled_frameworks_name_rules_that_exist() {
        let rules = RuleSet::builtin().unwrap();
        assert!(!rules.frameworks().is_empty());
        for framework in rules.frameworks() {
            assert!(framework.covered() > 0, "{} covers nothing", framework.id);
        }
    }
}
