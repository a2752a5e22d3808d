//! Facts that a test states, seen as the views that rules ask. See [`super`].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::facts::view::{Derived, Fact, FactType, Says, Schema, Typed, View};
use crate::model::{GapId, Gaps};
use crate::rules::path;

/// The facts of a case, by variable.
#[derive(Debug)]
pub(super) struct TestFacts {
    variables: Vec<(&'static str, Stated)>,
    reads: Arc<Reads>,
}

/// The facts that were asked for and that nobody stated.
#[derive(Debug, Default)]
struct Reads(Mutex<BTreeSet<String>>);

/// What a test says of a fact.
#[derive(Debug, Clone)]
enum Stated {
    Null,
    Denied(Gaps),
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Stated>),
    Object(Arc<Things>),
}

/// A thing of which a test states facts.
#[derive(Debug, Clone)]
struct Things {
    schema: &'static Schema,
    path: String,
    fields: BTreeMap<&'static str, Stated>,
    reads: Arc<Reads>,
    unstated: Gaps,
}

/// A fact in words that does not follow from the others that a test states.
#[derive(Debug)]
pub(super) struct Contradiction {
    /// The fact.
    pub(super) path: String,
    pub(super) title: String,
    pub(super) help: String,
}

impl TestFacts {
    /// No facts of these variables.
    pub(super) fn new(variables: &[(&'static str, &'static Schema)]) -> Self {
        let reads = Arc::new(Reads::default());
        let variables = variables
            .iter()
            .map(|(name, schema)| (*name, Stated::Object(Arc::new(Things::new(schema, name, &reads)))))
            .collect();
        Self { variables, reads }
    }

    /// States a fact by its path, or the facts of a whole variable by a table. An error says what is wrong, and what
    /// may help.
    pub(super) fn state(
        &mut self,
        written: &str,
        value: &toml::Value,
        variables: &[(&'static str, &'static Schema)],
    ) -> Result<(), (String, Option<String>)> {
        let segments: Vec<&str> = written.split('.').collect();
        let known = variables.iter().any(|(name, _)| *name == written);
        if !known {
            path::find(variables, &segments).map_err(|error| (error.title, error.help))?;
        }
        let (root, fields) = segments.split_first().unwrap_or((&"", &[]));
        let Some((_, stated)) = self.variables.iter_mut().find(|(name, _)| name == root) else {
            return Err((format!("there is no `{root}` here"), None));
        };
        let Stated::Object(things) = stated else { return Ok(()) };
        let things = Arc::make_mut(things);
        match (fields, value) {
            ([], toml::Value::Table(table)) => things.state_all(table),
            ([], _) => Err((format!("`{root}` is a thing: state its facts"), None)),
            (fields, value) => things.state(fields, value),
        }
    }

    /// Derives the facts in words that nobody states, and holds those that somebody does against what they follow from.
    pub(super) fn settle(&mut self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        self.variables.iter_mut().for_each(|(_, stated)| stated.settle(&mut found));
        found
    }

    /// The view of a variable.
    pub(super) fn view(&self, name: &str) -> Option<Arc<dyn View>> {
        match &self.variables.iter().find(|(variable, _)| *variable == name)?.1 {
            Stated::Object(things) => Some(Arc::clone(things) as Arc<dyn View>),
            _ => None,
        }
    }

    /// What was asked for since the last call, and that nobody stated.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut reads = self.reads.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *reads).into_iter().collect()
    }
}

impl Things {
    fn new(schema: &'static Schema, path: &str, reads: &Arc<Reads>) -> Self {
        Self {
            schema,
            path: path.to_owned(),
            fields: BTreeMap::new(),
            reads: Arc::clone(reads),
            unstated: Gaps::from(GapId::new("gap-unstated")),
        }
    }

    fn state_all(&mut self, table: &toml::Table) -> Result<(), (String, Option<String>)> {
        table.iter().try_for_each(|(name, value)| self.state(&[name.as_str()], value))
    }

    fn state(&mut self, fields: &[&str], value: &toml::Value) -> Result<(), (String, Option<String>)> {
        let Some((name, rest)) = fields.split_first() else { return Ok(()) };
        let Some(field) = self.schema.field(name) else {
            let help = crate::nearest::nearest(name, self.schema.fields.iter().map(|field| field.name));
            let title = format!("`{}` has no field `{name}`", self.path);
            return Err((title, help.map(|name| format!("did you mean `{name}`?"))));
        };
        let path = format!("{}.{name}", self.path);
        let inner = match (&field.kind, rest.is_empty(), value) {
            (FactType::Object(schema), false, _) => Some(schema()),
            (FactType::Object(schema), true, toml::Value::Table(table))
                if marker(table, schema()).is_none() =>
            {
                Some(schema())
            }
            _ => None,
        };
        if let Some(schema) = inner {
            let mut things = match self.fields.remove(field.name) {
                Some(Stated::Object(things)) => Arc::unwrap_or_clone(things),
                _ => Self::new(schema, &path, &self.reads),
            };
            match value {
                toml::Value::Table(table) if rest.is_empty() => things.state_all(table)?,
                _ => things.state(rest, value)?,
            }
            self.fields.insert(field.name, Stated::Object(Arc::new(things)));
            return Ok(());
        }
        let stated = stated(field.kind, &path, value, &self.reads)?;
        if let Some(values) = field.values {
            stated.among(values, &path)?;
        }
        if matches!(stated, Stated::Null) && !field.nullable {
            return Err((format!("`{path}` is never null"), None));
        }
        self.fields.insert(field.name, stated);
        Ok(())
    }
}

impl Things {
    fn settle(&mut self, found: &mut Vec<Contradiction>) {
        self.fields.values_mut().for_each(|stated| stated.settle(found));
        for field in self.schema.fields {
            let Some(prose) = field.prose else { continue };
            let lacking: Vec<&str> =
                prose.from.iter().copied().filter(|name| !self.fields.contains_key(name)).collect();
            let stated = self.fields.get(field.name).cloned();
            let typed = Typed(&*self);
            let problem = match (prose.says, &stated) {
                (Says::Text(_), Some(_)) if !lacking.is_empty() => {
                    Some(format!("state {} too, and leave this out", lacking.join(", ")))
                }
                _ if !lacking.is_empty() => None,
                (Says::Text(text), stated) => {
                    let derived = Stated::derived(text(&typed));
                    let wrong = stated.as_ref().is_some_and(|stated| !stated.is_same_text(&derived));
                    let help = wrong.then(|| format!("leave it out: it is {}", derived.written()));
                    if stated.is_none() {
                        self.fields.insert(field.name, derived);
                    }
                    help
                }
                (Says::NothingIf(_), None) => None,
                (Says::NothingIf(holds), Some(stated)) => match holds(&typed) {
                    Ok(true) if matches!(stated, Stated::Text(_)) => Some("it is { null = true }".to_owned()),
                    Ok(false) if matches!(stated, Stated::Null) => Some("it is a text".to_owned()),
                    _ => None,
                },
            };
            let Some(help) = problem else { continue };
            let path = format!("{}.{}", self.path, field.name);
            let title = format!("`{path}` does not follow from {}", prose.from.join(", "));
            found.push(Contradiction { path, title, help });
        }
    }
}

/// `denied` or `null` of a table that says nothing else, unless a thing of this schema has such a field.
fn marker<'t>(table: &'t toml::Table, schema: &Schema) -> Option<&'t str> {
    let (name, value) = table.iter().next().filter(|_| table.len() == 1)?;
    let marks = matches!(name.as_str(), "denied" | "null") && value.as_bool() == Some(true);
    (marks && schema.field(name).is_none()).then_some(name.as_str())
}

fn stated(
    kind: FactType,
    path: &str,
    value: &toml::Value,
    reads: &Arc<Reads>,
) -> Result<Stated, (String, Option<String>)> {
    static NOTHING: Schema = Schema { name: "", doc: "", fields: &[] };
    let schema = if let FactType::Object(schema) = kind { schema() } else { &NOTHING };
    if let toml::Value::Table(table) = value
        && let Some(marker) = marker(table, schema)
    {
        return Ok(if marker == "null" {
            Stated::Null
        } else {
            Stated::Denied(Gaps::from(GapId::new(format!("gap-{path}"))))
        });
    }
    Ok(match (kind, value) {
        (FactType::Bool, toml::Value::Boolean(truth)) => Stated::Bool(*truth),
        (FactType::Int, toml::Value::Integer(number)) => Stated::Int(*number),
        (FactType::Text, toml::Value::String(text)) => Stated::Text(text.clone()),
        (FactType::List(kind), toml::Value::Array(values)) => Stated::List(
            values
                .iter()
                .enumerate()
                .map(|(number, value)| stated(*kind, &format!("{path}[{number}]"), value, reads))
                .collect::<Result<_, _>>()?,
        ),
        (FactType::Object(schema), toml::Value::Table(table)) => {
            let mut things = Things::new(schema(), path, reads);
            things.state_all(table)?;
            Stated::Object(Arc::new(things))
        }
        _ => {
            let title = format!("`{path}` is {}, not {}", words(kind), value.type_str());
            let help = "a fact that could not be read is { denied = true }, none is { null = true }";
            return Err((title, Some(help.to_owned())));
        }
    })
}

fn words(kind: FactType) -> &'static str {
    match kind {
        FactType::Bool => "true or false",
        FactType::Int => "a whole number",
        FactType::Text => "a text",
        FactType::List(_) => "a list",
        FactType::Object(_) => "a thing",
    }
}

impl Stated {
    fn settle(&mut self, found: &mut Vec<Contradiction>) {
        match self {
            Self::Object(things) => Arc::make_mut(things).settle(found),
            Self::List(elements) => elements.iter_mut().for_each(|element| element.settle(found)),
            Self::Null | Self::Denied(_) | Self::Bool(_) | Self::Int(_) | Self::Text(_) => {}
        }
    }

    fn derived(text: Derived<Option<String>>) -> Self {
        match text {
            Ok(Some(text)) => Self::Text(text),
            Ok(None) => Self::Null,
            Err(gaps) => Self::Denied(gaps),
        }
    }

    fn is_same_text(&self, derived: &Self) -> bool {
        match (self, derived) {
            (Self::Text(stated), Self::Text(derived)) => stated == derived,
            (Self::Null, Self::Null) | (Self::Denied(_), Self::Denied(_)) => true,
            _ => false,
        }
    }

    /// As a test would state it.
    fn written(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Null => "{ null = true }".to_owned(),
            _ => "{ denied = true }".to_owned(),
        }
    }

    /// A text that the fact can never be is a slip.
    fn among(&self, values: &[&str], path: &str) -> Result<(), (String, Option<String>)> {
        match self {
            Self::Text(text) if !values.contains(&text.as_str()) => {
                let help = crate::nearest::nearest(text, values.iter().copied());
                let help = help.map_or_else(
                    || format!("it is one of {}", values.join(", ")),
                    |nearest| format!("did you mean `{nearest}`?"),
                );
                Err((format!("`{text}` is no value of `{path}`"), Some(help)))
            }
            Self::List(elements) => elements.iter().try_for_each(|element| element.among(values, path)),
            _ => Ok(()),
        }
    }

    fn fact(&self) -> Fact<'_> {
        match self {
            Self::Null => Fact::Null,
            Self::Denied(gaps) => Fact::Unavailable(gaps),
            Self::Bool(truth) => Fact::Bool(*truth),
            Self::Int(number) => Fact::Int(*number),
            Self::Text(text) => Fact::Text(Cow::Borrowed(text)),
            Self::List(stated) => Fact::List(stated.iter().map(Self::fact).collect()),
            Self::Object(things) => Fact::Object(things.as_ref()),
        }
    }
}

impl View for Things {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn field(&self, name: &str) -> Option<Fact<'_>> {
        let field = self.schema.field(name)?;
        if let Some(stated) = self.fields.get(field.name) {
            return Some(stated.fact());
        }
        let mut reads = self.reads.0.lock().unwrap_or_else(PoisonError::into_inner);
        reads.insert(format!("{}.{name}", self.path));
        Some(Fact::Unavailable(&self.unstated))
    }
}
