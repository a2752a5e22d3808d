//! Reading policy documents: lenient where AWS is (one statement or several, one value or several, numbers and
//! booleans as condition values), exact about what and where it refuses.

use thiserror::Error;

use super::arn::{account_of, has_segments, is_account_id, segment};
use super::condition::{Condition, Operator};
use super::document::{
    ActionPattern, Document, Effect, Element, PrincipalPattern, Statement, StatementId, Version,
};
use super::json::{Json, Unrepeated};
use super::pattern::{Pattern, Style};

/// The largest document that is read, in bytes: three times what any AWS service stores.
pub const SIZE_LIMIT: usize = 64 * 1_024;

/// Why a text is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Longer than any policy that AWS stores.
    #[error("the policy is {size} bytes long; at most {SIZE_LIMIT} are read")]
    TooLarge {
        /// Bytes of the text.
        size: usize,
    },
    /// Not JSON, nested too deeply, or with a member that is given twice.
    #[error("the policy is not valid JSON: {0}")]
    Json(String),
    /// Wrong outside its statements.
    #[error("the policy document: {0}")]
    Document(Problem),
    /// Wrong in a statement.
    #[error("{statement}: {problem}")]
    Statement {
        /// Which one.
        statement: StatementId,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong with an element.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// A required element is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Both an element and its `Not` form.
    #[error("`{0}` and `{1}` exclude each other")]
    Both(&'static str, &'static str),
    /// An element that the language does not have.
    #[error("`{0}` is no element of the policy language")]
    UnknownElement(String),
    /// A value of another JSON type than the element takes.
    #[error("`{element}` must be {expected}, not {found}")]
    WrongType {
        /// The element.
        element: String,
        /// What it takes.
        expected: &'static str,
        /// What it was given.
        found: &'static str,
    },
    /// A value that the element does not take.
    #[error("`{value}` is no value of `{element}`, which takes {expected}")]
    InvalidValue {
        /// The element.
        element: &'static str,
        /// What it was given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
}

type Members = [(String, Json)];

impl Document {
    /// Reads a policy document.
    ///
    /// # Errors
    /// Says what is wrong, and in which statement, where AWS would refuse the document too.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > SIZE_LIMIT {
            return Err(ParseError::TooLarge { size: text.len() });
        }
        let Unrepeated(json) =
            serde_json::from_str(text).map_err(|error| ParseError::Json(error.to_string()))?;
        let members = object("policy", &json).map_err(ParseError::Document)?;
        known_members(members, &["Version", "Id", "Statement"]).map_err(ParseError::Document)?;
        let version = version(members).map_err(ParseError::Document)?;
        let id = text_member(members, "Id").map_err(ParseError::Document)?;
        let statements = match member(members, "Statement") {
            None => return Err(ParseError::Document(Problem::Missing("Statement"))),
            Some(Json::Array(items)) => items.as_slice(),
            Some(single @ Json::Object(_)) => std::slice::from_ref(single),
            Some(other) => {
                return Err(ParseError::Document(wrong_type(
                    "Statement",
                    "an object or an array of them",
                    other,
                )));
            }
        };
        let statements = statements
            .iter()
            .enumerate()
            .map(|(index, json)| {
                let sid = match json {
                    Json::Object(members) => match member(members, "Sid") {
                        Some(Json::String(sid)) => Some(sid.clone()),
                        _ => None,
                    },
                    _ => None,
                };
                let id = StatementId { number: index + 1, sid };
                statement(id.clone(), json, version)
                    .map_err(|problem| ParseError::Statement { statement: id, problem })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { version, id, statements })
    }
}

fn version(members: &Members) -> Result<Version, Problem> {
    match text_member(members, "Version")?.as_deref() {
        None | Some("2008-10-17") => Ok(Version::V2008),
        Some("2012-10-17") => Ok(Version::V2012),
        Some(other) => Err(Problem::InvalidValue {
            element: "Version",
            value: other.to_owned(),
            expected: "2012-10-17 or 2008-10-17",
        }),
    }
}

fn statement(id: StatementId, json: &Json, version: Version) -> Result<Statement, Problem> {
    let members = object("Statement", json)?;
    known_members(
        members,
        &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    text_member(members, "Sid")?;
    let effect = match text_member(members, "Effect")?.as_deref() {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        Some(other) => {
            return Err(Problem::InvalidValue {
                element: "Effect",
                value: other.to_owned(),
                expected: "Allow or Deny",
            });
        }
        None => return Err(Problem::Missing("Effect")),
    };
    let variables = version == Version::V2012;
    let action = element(members, "Action", "NotAction", |json, name| {
        strings(name, json)?.iter().map(|text| action(text)).collect()
    })?
    .ok_or(Problem::Missing("Action"))?;
    let principal = element(members, "Principal", "NotPrincipal", principals)?;
    let resource = element(members, "Resource", "NotResource", |json, name| {
        Ok(strings(name, json)?
            .iter()
            .map(|text| Pattern::new(text, Style::Resource, false, variables))
            .collect())
    })?;
    let conditions = match member(members, "Condition") {
        Some(json) => conditions(json, variables)?,
        None => Vec::new(),
    };
    Ok(Statement { id, effect, principal, action, resource, conditions })
}

fn element<T>(
    members: &Members,
    name: &'static str,
    negated_name: &'static str,
    read: impl Fn(&Json, &'static str) -> Result<Vec<T>, Problem>,
) -> Result<Option<Element<T>>, Problem> {
    match (member(members, name), member(members, negated_name)) {
        (Some(_), Some(_)) => Err(Problem::Both(name, negated_name)),
        (Some(json), None) => Ok(Some(Element { negated: false, patterns: read(json, name)? })),
        (None, Some(json)) => Ok(Some(Element { negated: true, patterns: read(json, negated_name)? })),
        (None, None) => Ok(None),
    }
}

fn action(text: &str) -> Result<ActionPattern, Problem> {
    if text.contains([':', '*', '?']) {
        Ok(ActionPattern::new(text))
    } else {
        Err(Problem::InvalidValue {
            element: "Action",
            value: text.to_owned(),
            expected: "`*` or `service:action`",
        })
    }
}

fn principals(json: &Json, name: &'static str) -> Result<Vec<PrincipalPattern>, Problem> {
    match json {
        Json::String(text) if text == "*" => Ok(vec![PrincipalPattern::Everyone]),
        // Not in the grammar, but there are services that store it, and it can mean one thing only.
        Json::String(text) if has_segments(text) => Ok(vec![aws_principal(text.clone())?]),
        Json::Object(members) => {
            let mut patterns = Vec::new();
            for (kind, values) in members {
                for text in strings(kind, values)? {
                    patterns.push(principal(kind, text)?);
                }
            }
            Ok(patterns)
        }
        Json::String(text) => Err(Problem::InvalidValue {
            element: name,
            value: text.clone(),
            expected: "`*` or an object of AWS, Service, Federated or CanonicalUser",
        }),
        other => Err(wrong_type(name, "`*` or an object", other)),
    }
}

fn principal(kind: &str, text: String) -> Result<PrincipalPattern, Problem> {
    match kind {
        "AWS" => aws_principal(text),
        "Service" => Ok(PrincipalPattern::Service(text)),
        "Federated" => Ok(PrincipalPattern::Federated(text)),
        "CanonicalUser" => Ok(PrincipalPattern::CanonicalUser(text)),
        other => Err(Problem::InvalidValue {
            element: "Principal",
            value: other.to_owned(),
            expected: "AWS, Service, Federated or CanonicalUser",
        }),
    }
}

fn aws_principal(text: String) -> Result<PrincipalPattern, Problem> {
    if text == "*" {
        Ok(PrincipalPattern::Everyone)
    } else if is_account_id(&text) {
        Ok(PrincipalPattern::Account(text))
    } else if has_segments(&text) {
        match (segment(&text, 5), account_of(&text)) {
            (Some("root"), Some(account)) => Ok(PrincipalPattern::Account(account.to_owned())),
            _ => Ok(PrincipalPattern::Arn(text)),
        }
    } else if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        Ok(PrincipalPattern::UniqueId(text))
    } else {
        Err(Problem::InvalidValue {
            element: "Principal",
            value: text,
            expected: "`*`, an account id, the ARN of a principal or its unique id",
        })
    }
}

fn conditions(json: &Json, variables: bool) -> Result<Vec<Condition>, Problem> {
    let mut conditions = Vec::new();
    for (name, keys) in object("Condition", json)? {
        let operator = Operator::new(name);
        for (key, values) in object(name, keys)? {
            let values = condition_values(key, values)?;
            conditions.push(Condition::new(operator.clone(), key, &values, variables));
        }
    }
    Ok(conditions)
}

fn condition_values(key: &str, json: &Json) -> Result<Vec<String>, Problem> {
    let one = |json: &Json| match json {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number_text(number)),
        Json::Bool(value) => Ok(value.to_string()),
        other => Err(wrong_type(key, "a string, a number, a boolean or an array of them", other)),
    };
    match json {
        Json::Array(items) => items.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

/// A number as a text that conditions compare: without an exponent, and without a fraction where there is none.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(fraction) if number.is_f64() => fraction.to_string(),
        _ => number.to_string(),
    }
}

fn strings(element: &str, json: &Json) -> Result<Vec<String>, Problem> {
    let one = |json: &Json| match json {
        Json::String(text) => Ok(text.clone()),
        other => Err(wrong_type(element, "a string or an array of strings", other)),
    };
    match json {
        Json::Array(items) => items.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

fn object<'a>(element: &str, json: &'a Json) -> Result<&'a Members, Problem> {
    match json {
        Json::Object(members) => Ok(members),
        other => Err(wrong_type(element, "an object", other)),
    }
}

fn member<'a>(members: &'a Members, name: &str) -> Option<&'a Json> {
    members.iter().find(|(found, _)| found == name).map(|(_, json)| json)
}

fn text_member(members: &Members, name: &'static str) -> Result<Option<String>, Problem> {
    match member(members, name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong_type(name, "a string", other)),
    }
}

fn known_members(members: &Members, known: &[&str]) -> Result<(), Problem> {
    match members.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Problem::UnknownElement(name.clone())),
        None => Ok(()),
    }
}

fn wrong_type(element: &str, expected: &'static str, json: &Json) -> Problem {
    Problem::WrongType { element: element.to_owned(), expected, found: json.kind() }
}

#[cfg(test)]
mod tests;
