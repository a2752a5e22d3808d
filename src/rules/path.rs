//! Reading a fact by its path, for messages and evidence.

use std::sync::Arc;

use crate::facts::SubjectFacts;
use crate::facts::view::{Fact, FactType, Field, Schema};
use crate::nearest::nearest;

/// How a fact is shown as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Its value.
    Value,
    /// The size of a list of things.
    Size,
    /// Whether the thing is there.
    Presence,
}

/// The path of a fact: `trail.status.logging`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FactPath {
    /// As evidence names it; shared by all findings of a rule.
    pub(crate) label: Arc<str>,
    /// How it is shown.
    pub(crate) shape: Shape,
    root: String,
    fields: Vec<String>,
}

impl FactPath {
    /// A path that was checked against the schema.
    pub(super) fn new(root: &str, fields: &[&str], shape: Shape) -> Self {
        let mut label = root.to_owned();
        for field in fields {
            label.push('.');
            label.push_str(field);
        }
        label.push_str(match shape {
            Shape::Value => "",
            Shape::Size => ".size()",
            Shape::Presence => " != null",
        });
        Self {
            label: Arc::from(label),
            shape,
            root: root.to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        }
    }

    /// The fact of a subject. A field of something that is null is null, of something unavailable unavailable;
    /// `None` if the subject has no such fact at all.
    pub(crate) fn read<'a>(&self, subject: &'a SubjectFacts) -> Option<Fact<'a>> {
        let (_, view) = subject.variables.iter().find(|(name, _)| *name == self.root)?;
        let mut fact = Fact::Object(view.as_ref());
        for field in &self.fields {
            fact = match fact {
                Fact::Object(view) => view.field(field)?,
                Fact::Null | Fact::Unavailable(_) => return Some(fact),
                _ => return None,
            };
        }
        Some(fact)
    }
}

/// Why there is no fact of that path.
pub(super) struct NoSuchFact {
    /// The number of the segment that is wrong.
    pub(super) segment: usize,
    /// What is wrong.
    pub(super) title: String,
    /// The way out.
    pub(super) help: Option<String>,
}

/// The field that a path names, by the schema.
pub(super) fn find(
    variables: &[(&'static str, &'static Schema)],
    segments: &[&str],
) -> Result<&'static Field, NoSuchFact> {
    let refuse = |segment, title: String, help| Err(NoSuchFact { segment, title, help });
    let (root, fields) = segments.split_first().unwrap_or((&"", &[]));
    let Some((_, schema)) = variables.iter().find(|(name, _)| name == root) else {
        let names = variables.iter().map(|(name, _)| *name);
        let help = match nearest(root, names.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("a rule about this subject may use {}", names.collect::<Vec<_>>().join(", ")),
        };
        return refuse(0, format!("there is no `{root}` here"), Some(help));
    };
    let mut schema: &'static Schema = schema;
    for (number, name) in fields.iter().enumerate() {
        let Some(field) = schema.field(name) else {
            let names = schema.fields.iter().map(|field| field.name);
            let help = match nearest(name, names.clone()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("it has {}", names.collect::<Vec<_>>().join(", ")),
            };
            return refuse(number + 1, format!("`{}` has no field `{name}`", schema.name), Some(help));
        };
        if number + 1 == fields.len() {
            return Ok(field);
        }
        match field.kind {
            FactType::Object(inner) => schema = inner(),
            _ => return refuse(number + 2, format!("`{name}` has no fields"), None),
        }
    }
    refuse(0, format!("`{root}` is a thing, not a fact"), Some("name one of its fields".to_owned()))
}
