//! The documentation holds: its reference pages are what the program generates, its configuration is valid, and its
//! commands are commands. `UPDATE_DOCS=1 cargo test --test docs` writes the pages anew.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser as _;
use trailproof::cli::Cli;
use trailproof::collect::{ARCHIVE_TABLE, TABLE};
use trailproof::example::Example;
use trailproof::facts::SubjectKind;
use trailproof::facts::view::{FactType, Schema};
use trailproof::frameworks::Framework;
use trailproof::rules::RuleSet;
use trailproof::snapshot::{Source, Writer};

const GENERATED: &str = "<!-- Generated: UPDATE_DOCS=1 cargo test --test docs -->\n\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_current(name: &str, text: &str) {
    let path = root().join("docs/src").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stands == text, "docs/src/{name} is not current: UPDATE_DOCS=1 cargo test --test docs");
}

#[test]
fn the_page_of_rules_is_current() {
    let rules = RuleSet::builtin().expect("the bundled rules load");
    let mut page = format!(
        "# Rules\n\n{GENERATED}{} rules. Severities can be set otherwise in the configuration.\n",
        rules.rules().len()
    );
    let mut family = "";
    for rule in rules.rules() {
        if rule.family != family {
            family = &rule.family;
            write!(page, "\n## {family}\n\n| rule | severity | about | passes when |\n|---|---|---|---|\n")
                .unwrap();
        }
        let subject = rule.subject.as_str();
        writeln!(page, "| `{}` | {} | {subject} | {} |", rule.id, rule.severity, rule.title).unwrap();
    }
    is_current("rules.md", &page);
}

#[test]
fn the_page_of_frameworks_is_current() {
    let rules = RuleSet::builtin().expect("the bundled rules load");
    let mut page = format!(
        "# Frameworks\n\n{GENERATED}{} `--framework ID` runs the rules that a framework names and \
         reports on its controls; topics are in words of this program.\n\n\
         A control passes if all its rules ran and hold wherever they apply, and something was checked. A waived failure is a \
         failure. What could not be read makes it unknown. Everything else is not covered.\n\n\
         | framework | id | controls with rules |\n|---|---|---|\n",
        trailproof::frameworks::PART
    );
    for framework in rules.frameworks() {
        let Framework { id, name, version, controls } = framework;
        writeln!(page, "| {name} {version} | `{id}` | {} of {} |", framework.covered(), controls.len())
            .unwrap();
    }
    for framework in rules.frameworks() {
        write!(page, "\n## {} {}\n\n", framework.name, framework.version).unwrap();
        writeln!(page, "| control | about | rules | |\n|---|---|---|---|").unwrap();
        for control in &framework.controls {
            let named: Vec<String> = control.rules.iter().map(|rule| format!("`{rule}`")).collect();
            let named = if named.is_empty() { "not covered".to_owned() } else { named.join(" ") };
            let note = one_line(control.note.as_deref().unwrap_or_default());
            writeln!(page, "| {} | {} | {named} | {note} |", control.id, one_line(&control.topic)).unwrap();
        }
    }
    is_current("frameworks.md", &page);
}

#[test]
fn the_page_of_permissions_is_current() {
    let mut page = format!(
        "# Permissions\n\n{GENERATED}Each call that a scan makes, what it needs, and how often it is made. `trailproof iam-policy` prints the policy.\n\n\
         | call | IAM actions | for each | calls per second, account and region |\n|---|---|---|---|\n"
    );
    let mut calls: Vec<_> = TABLE.iter().collect();
    calls.sort_by_key(|call| (call.service, call.operation));
    for call in calls {
        let actions: Vec<String> = call.actions.iter().map(|action| format!("`{action}`")).collect();
        let scope = serde_json::to_value(call.called_for).unwrap();
        let scope = scope.as_str().unwrap().replace('_', " ");
        let actions = actions.join(", ");
        writeln!(
            page,
            "| `{}:{}` | {actions} | {scope} | {} |",
            call.service, call.operation, call.per_second
        )
        .unwrap();
    }
    page.push_str(
        "\n## Verifying logs\n\n`verify-logs` and `copy-logs` make these calls besides some of the above, of the role that reads the archive and of the \
         caller (`cloudtrail:ListPublicKeys`). `trailproof iam-policy --archive` prints them.\n\n\
         | call | IAM actions | calls per second at most |\n|---|---|---|\n",
    );
    for call in ARCHIVE_TABLE {
        let actions: Vec<String> = call.actions.iter().map(|action| format!("`{action}`")).collect();
        let actions = actions.join(", ");
        writeln!(page, "| `{}:{}` | {actions} | {} |", call.service, call.operation, call.per_second)
            .unwrap();
    }
    is_current("permissions.md", &page);
}

fn type_name(kind: &FactType) -> String {
    match kind {
        FactType::Bool => "true or false".to_owned(),
        FactType::Int => "whole number".to_owned(),
        FactType::Text => "text".to_owned(),
        FactType::List(element) => format!("list of {}", type_name(element)),
        FactType::Object(schema) => format!("`{}`", schema().name),
    }
}

fn nested(kind: &FactType) -> Option<&'static Schema> {
    match kind {
        FactType::Object(schema) => Some(schema()),
        FactType::List(element) => nested(element),
        FactType::Bool | FactType::Int | FactType::Text => None,
    }
}

#[test]
fn the_page_of_facts_is_current() {
    let mut page = format!(
        "# Facts\n\n{GENERATED}What a rule may ask, by the kind of thing that it is about.\n\n| a rule about | may use |\n|---|---|\n"
    );
    let mut schemas: Vec<&'static Schema> = Vec::new();
    for &kind in SubjectKind::ALL {
        let variables = trailproof::facts::variables(kind);
        let names: Vec<String> = variables.iter().map(|(name, _)| format!("`{name}`")).collect();
        writeln!(page, "| {} | {} |", kind.as_str(), names.join(", ")).unwrap();
        for (_, schema) in variables {
            if !schemas.iter().any(|known| known.name == schema.name) {
                schemas.push(schema);
            }
        }
    }
    let mut at = 0;
    while let Some(schema) = schemas.get(at).copied() {
        at += 1;
        let doc = one_line(schema.doc);
        write!(page, "\n## {}\n\n{doc}\n\n| fact | type | |\n|---|---|---|\n", schema.name).unwrap();
        for field in schema.fields {
            let null = if field.nullable { " or null" } else { "" };
            let kind = type_name(&field.kind);
            writeln!(page, "| `{}` | {kind}{null} | {} |", field.name, one_line(field.doc)).unwrap();
            if let Some(inner) = nested(&field.kind)
                && !schemas.iter().any(|known| known.name == inner.name)
            {
                schemas.push(inner);
            }
        }
    }
    is_current("facts.md", &page);
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trailproof"))
        .args(arguments)
        .arg("--help")
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_of_the_command_line_is_current() {
    let mut page = format!("# Command line\n\n{GENERATED}");
    let commands: [&[&str]; 33] = [
        &[],
        &["scan"],
        &["demo"],
        &["collect"],
        &["check"],
        &["shard"],
        &["shard", "plan"],
        &["shard", "run"],
        &["shard", "merge"],
        &["verify-logs"],
        &["copy-logs"],
        &["explain"],
        &["diff"],
        &["waivers"],
        &["waivers", "check"],
        &["waivers", "add"],
        &["baseline"],
        &["baseline", "write"],
        &["guardrails"],
        &["guardrails", "explain"],
        &["guardrails", "recommend"],
        &["guardrails", "simulate"],
        &["rules"],
        &["rules", "list"],
        &["rules", "show"],
        &["rules", "check"],
        &["rules", "test"],
        &["frameworks"],
        &["frameworks", "list"],
        &["frameworks", "show"],
        &["iam-policy"],
        &["config"],
        &["completions"],
    ];
    for arguments in commands {
        let name = [&["trailproof"], arguments].concat().join(" ");
        let text = help(arguments);
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        write!(page, "## {name}\n\n```text\n{}\n```\n\n", lines.join("\n").trim_end()).unwrap();
    }
    is_current("command-line.md", &format!("{}\n", page.trim_end()));
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md"), root().join("docs/performance.md")];
    for entry in std::fs::read_dir(root().join("docs/src")).unwrap() {
        pages.push(entry.unwrap().path());
    }
    pages.sort();
    pages
}

/// The code blocks of a language in a Markdown page.
fn blocks(page: &Path, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        match (&mut current, line.strip_prefix("```")) {
            (None, Some(found)) if found == language => current = Some(String::new()),
            (None, _) => {}
            (Some(_), Some(_)) => blocks.extend(current.take()),
            (Some(block), None) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    blocks
}

#[test]
fn every_command_in_the_documentation_is_a_command() {
    let mut seen = 0;
    for page in pages() {
        let lines: Vec<String> = ["sh", "console"]
            .iter()
            .flat_map(|language| blocks(&page, language))
            .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        for line in lines {
            let line = line.split(" #").next().unwrap().trim_start_matches("$ ").to_owned();
            for command in
                line.split("&&").map(str::trim).filter(|command| command.starts_with("trailproof "))
            {
                let words = command.split(" > ").next().unwrap().split_whitespace();
                let words: Vec<String> = words.map(|word| word.trim_matches('"').to_owned()).collect();
                if let Err(error) = Cli::try_parse_from(&words) {
                    assert!(!error.use_stderr(), "{}: {command}: {error}", page.display());
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "the documentation shows how to run the program");
}

/// The words of a command, as a shell takes them apart.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.trim().chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words
}

/// What the pages show is run in a folder with the example's snapshot and the files of the page.
#[test]
fn waivers_and_baselines_work_as_the_documentation_shows() {
    for page in ["waivers.md", "baseline.md"] {
        let path = root().join("docs/src").join(page);
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("organization.snapshot")).unwrap();
        let Source::Records(records) = Example::demo().into_source() else { unreachable!() };
        for record in records.iter() {
            writer.write(record).unwrap();
        }
        writer.finish().unwrap();
        for (language, name) in [("toml", "waivers.toml"), ("yaml", "waivers.yaml")] {
            for block in blocks(&path, language) {
                std::fs::write(folder.path().join(name), block).unwrap();
            }
        }
        let trailproof = |words: &[String]| {
            Command::new(env!("CARGO_BIN_EXE_trailproof"))
                .args(words)
                .current_dir(folder.path())
                .env_clear()
                .env("HOME", folder.path())
                .output()
                .unwrap()
        };
        let report = trailproof(&words("check --format json --rules trail-kms organization.snapshot"));
        let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let failure = findings.iter().find(|finding| finding["verdict"] == "fail").unwrap();
        let mut ran = 0;
        for line in blocks(&path, "sh").iter().flat_map(|block| block.lines()) {
            let line = line.replace("FINGERPRINT", failure["fingerprint"].as_str().unwrap());
            let output = trailproof(&words(line.strip_prefix("trailproof ").unwrap()));
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{page}: {line}: {said}");
            ran += 1;
        }
        assert!(ran >= 3, "{page} shows commands");
    }
}

#[test]
fn the_configuration_in_the_documentation_is_valid() {
    let page = root().join("docs/src/configuration.md");
    for block in blocks(&page, "toml") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trailproof.toml");
        std::fs::write(&path, &block).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_trailproof"))
            .args(["demo", "--format", "json=report.json", "--config"])
            .arg(&path)
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
