//! OSCAL's datatypes: markup, tokens, strings, identities.

use serde::Serialize;
use uuid::Uuid;

use super::NAMESPACE;
use crate::report::text;

/// The namespace of the identities: version 5, of `urn:trailproof:oscal` as a URL.
const IDENTITIES: Uuid = Uuid::from_u128(0x986b_dfc6_07d0_583a_9488_740f_0433_7482);

/// The longest title, in columns.
const LONGEST_LINE: usize = 512;
/// The longest property, in columns.
const LONGEST_VALUE: usize = 2_048;
/// The longest description, in characters.
const LONGEST_TEXT: usize = 20_000;

/// An identity that follows from what it identifies.
pub(super) fn uuid(kind: &str, name: &str) -> String {
    Uuid::new_v5(&IDENTITIES, format!("{kind}:{name}").as_bytes()).to_string()
}

/// Text on one line in which nothing is read as markup.
pub(super) fn line(value: &str) -> String {
    let line = without_markup(&text::fit(value, LONGEST_LINE));
    if line.trim().is_empty() { "-".to_owned() } else { line }
}

/// Text over lines in which nothing but lists is read as markup.
pub(super) fn markup(value: &str) -> String {
    let value: String = value.chars().take(LONGEST_TEXT).collect();
    without_markup(&text::escape_lines(&value))
}

fn without_markup(value: &str) -> String {
    let mut safe = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$') {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}

/// What is said of something beside OSCAL's own fields.
#[derive(Debug, Serialize)]
pub(super) struct Property {
    name: &'static str,
    /// `None` for OSCAL's own names.
    #[serde(skip_serializing_if = "Option::is_none")]
    ns: Option<&'static str>,
    value: String,
}

/// A property of this program.
pub(super) fn property(name: &'static str, value: &str) -> Property {
    Property { name, ns: Some(NAMESPACE), value: string(value) }
}

/// A property of OSCAL.
pub(super) fn own_property(name: &'static str, value: &str) -> Property {
    Property { name, ns: None, value: string(value) }
}

/// A string as OSCAL has it: on one line, not blank, without spaces around.
pub(super) fn string(value: &str) -> String {
    let value = text::fit(value, LONGEST_VALUE);
    let value = value.trim();
    if value.is_empty() { "-".to_owned() } else { value.to_owned() }
}

/// A token: letters, digits, `.`, `-` and `_`, and a letter or `_` first.
pub(super) fn token(value: &str) -> String {
    let mut token: String = value
        .chars()
        .map(
            |character| {
                if character.is_ascii_alphanumeric() || ".-_".contains(character) { character } else { '-' }
            },
        )
        .collect();
    if !token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        token.insert(0, '_');
    }
    token
}
