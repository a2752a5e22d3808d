//! One waiver more in a file, which keeps its comments and its order.

use std::path::Path;

use chrono::NaiveDate;
use toml_edit::{Array, ArrayOfTables, Datetime, DocumentMut, Item, Table, value};

use super::error::{Problem, Problems, Source, WaiverError};
use super::file::is_yaml;

/// A waiver that is to be written. Lists that are empty select everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name in reports.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// Accounts, twelve digits each.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Resources, by ARN, id or name, in which `*` and `?` stand for others.
    pub resources: Vec<String>,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who accepts it.
    pub owner: String,
    /// The last day that it holds.
    pub expires: NaiveDate,
    /// Where it was decided.
    pub ticket: Option<String>,
}

/// The file's text with the waiver at its end.
pub fn append(path: &Path, text: &str, draft: &Draft) -> Result<String, WaiverError> {
    if is_yaml(path) {
        return Err(WaiverError::Yaml { path: path.to_owned(), text: yaml(draft) });
    }
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let source = Source { path: path.display().to_string(), text: text.to_owned() };
        let problem = Problem::parser(error.span().unwrap_or(0..0), error.message());
        WaiverError::Invalid(Problems(vec![(source.into(), problem)]))
    })?;
    // What stands at the end stays before what is added.
    let before = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing("");
    let mut added = table(draft);
    let is_first = document.is_empty() && before.is_empty();
    let line = if is_first || before.ends_with("\n\n") { "" } else { "\n" };
    added.decor_mut().set_prefix(format!("{before}{line}"));
    let waivers = document.entry("waivers").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match waivers {
        Item::ArrayOfTables(waivers) => waivers.push(added),
        _ => return Err(WaiverError::OtherShape { path: path.to_owned() }),
    }
    Ok(document.to_string())
}

fn table(draft: &Draft) -> Table {
    let mut table = Table::new();
    table.insert("id", value(&draft.id));
    table.insert("rule", value(&draft.rule));
    let lists = [("accounts", &draft.accounts), ("regions", &draft.regions), ("resources", &draft.resources)];
    for (name, list) in lists {
        if !list.is_empty() {
            table.insert(name, value(list.iter().collect::<Array>()));
        }
    }
    table.insert("reason", value(&draft.reason));
    table.insert("owner", value(&draft.owner));
    let expires = draft.expires.to_string();
    table.insert(
        "expires",
        match expires.parse::<Datetime>() {
            Ok(date) => value(date),
            // A year of five digits is no date of TOML; as a text it is read all the same.
            Err(_) => value(expires),
        },
    );
    if let Some(ticket) = &draft.ticket {
        table.insert("ticket", value(ticket));
    }
    table
}

/// A list's element in YAML; a text in JSON is one in YAML, too.
fn yaml(draft: &Draft) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let list = |list: &[String]| serde_json::Value::from(list).to_string();
    let mut lines = vec![format!("id: {}", text(&draft.id)), format!("rule: {}", text(&draft.rule))];
    let lists = [("accounts", &draft.accounts), ("regions", &draft.regions), ("resources", &draft.resources)];
    for (name, values) in lists {
        if !values.is_empty() {
            lines.push(format!("{name}: {}", list(values)));
        }
    }
    lines.push(format!("reason: {}", text(&draft.reason)));
    lines.push(format!("owner: {}", text(&draft.owner)));
    lines.push(format!("expires: {}", draft.expires));
    if let Some(ticket) = &draft.ticket {
        lines.push(format!("ticket: {}", text(ticket)));
    }
    format!("  - {}", lines.join("\n    "))
}
