//! Files of waivers as they are written, in TOML or YAML: both are read into the same shape, each text with its place.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Problem, Source};

/// A file's name ends so if it is YAML; all others are TOML.
const YAML: [&str; 2] = ["yaml", "yml"];

/// A text and its place in the file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) span: Range<usize>,
}

/// A waiver as it is written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) id: Text,
    pub(super) rule: Text,
    pub(super) accounts: Vec<Text>,
    pub(super) ous: Vec<Text>,
    pub(super) regions: Vec<Text>,
    pub(super) resources: Vec<Text>,
    pub(super) tags: Vec<Text>,
    pub(super) reason: Text,
    pub(super) owner: Text,
    pub(super) expires: Text,
    pub(super) ticket: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "S: DeserializeOwned, D: DeserializeOwned")]
struct FileOf<S, D> {
    #[serde(default = "Vec::new")]
    waivers: Vec<EntryOf<S, D>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "S: DeserializeOwned, D: DeserializeOwned")]
struct EntryOf<S, D> {
    id: S,
    rule: S,
    #[serde(default = "Vec::new")]
    accounts: Vec<S>,
    #[serde(default = "Vec::new")]
    ous: Vec<S>,
    #[serde(default = "Vec::new")]
    regions: Vec<S>,
    #[serde(default = "Vec::new")]
    resources: Vec<S>,
    #[serde(default = "Vec::new")]
    tags: Vec<S>,
    reason: S,
    owner: S,
    expires: D,
    ticket: Option<S>,
}

impl From<toml::Spanned<String>> for Text {
    fn from(written: toml::Spanned<String>) -> Self {
        Self { span: written.span(), value: written.into_inner() }
    }
}

/// A date is a type of TOML, and may be a text.
impl From<toml::Spanned<toml::Value>> for Text {
    fn from(written: toml::Spanned<toml::Value>) -> Self {
        let span = written.span();
        let value = match written.into_inner() {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        Self { value, span }
    }
}

impl From<serde_saphyr::Spanned<String>> for Text {
    fn from(written: serde_saphyr::Spanned<String>) -> Self {
        Self { span: span(&written.referenced), value: written.value }
    }
}

fn span(location: &serde_saphyr::Location) -> Range<usize> {
    let bytes = |number: Option<u64>| usize::try_from(number.unwrap_or(0)).unwrap_or(0);
    let start = bytes(location.span().byte_offset());
    start..start + bytes(location.span().byte_len()).max(1)
}

impl<S: Into<Text>, D: Into<Text>> From<EntryOf<S, D>> for Written {
    fn from(entry: EntryOf<S, D>) -> Self {
        let texts = |list: Vec<S>| list.into_iter().map(Into::into).collect();
        Self {
            id: entry.id.into(),
            rule: entry.rule.into(),
            accounts: texts(entry.accounts),
            ous: texts(entry.ous),
            regions: texts(entry.regions),
            resources: texts(entry.resources),
            tags: texts(entry.tags),
            reason: entry.reason.into(),
            owner: entry.owner.into(),
            expires: entry.expires.into(),
            ticket: entry.ticket.map(|ticket| ticket.into().value),
        }
    }
}

/// The file is YAML, by its name.
pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| YAML.iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)))
}

type Yaml = FileOf<serde_saphyr::Spanned<String>, serde_saphyr::Spanned<String>>;
type Toml = FileOf<toml::Spanned<String>, toml::Spanned<toml::Value>>;

/// Reads a file's text.
pub(super) fn read(path: &Path, source: &Source) -> Result<Vec<Written>, Problem> {
    if is_yaml(path) {
        if source.text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let file: Yaml = serde_saphyr::from_str(&source.text).map_err(|error| {
            let place = error.location().map_or(0..0, |location| span(&location));
            Problem::parser(place, &yaml_message(&error))
        })?;
        return Ok(file.waivers.into_iter().map(Into::into).collect());
    }
    let file: Toml = toml::from_str(&source.text)
        .map_err(|error| Problem::parser(error.span().unwrap_or(0..0), error.message()))?;
    Ok(file.waivers.into_iter().map(Into::into).collect())
}

/// The first line, without the place that is drawn anyway.
fn yaml_message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.split(" at line ").next().unwrap_or(line).to_owned()
}
