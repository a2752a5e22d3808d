//! Escapes in words. See [`super`].

use std::fmt;

use super::{Escape, Requirement};

impl fmt::Display for Escape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(atom) => write!(formatter, "{}", atom.requirement),
            Self::Any(ways) => joined(formatter, ways, " or "),
            Self::All(parts) => joined(formatter, parts, " and "),
        }
    }
}

fn joined(formatter: &mut fmt::Formatter<'_>, parts: &[Escape], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        match part {
            Escape::Atom(_) => write!(formatter, "{part}")?,
            Escape::Any(_) | Escape::All(_) => write!(formatter, "({part})")?,
        }
    }
    Ok(())
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition { holds, operator, key, values } => {
                condition(formatter, *holds, operator, key, values)
            }
            Self::Resource { among, patterns } => {
                write!(formatter, "resource {} {}", if *among { "in" } else { "not in" }, listed(patterns))
            }
            Self::Principal { among, patterns } => {
                write!(formatter, "principal {} {}", if *among { "in" } else { "not in" }, listed(patterns))
            }
        }
    }
}

/// Several values are alternatives.
fn listed(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        [value] => value.clone(),
        values => format!("[{}]", values.join(", ")),
    }
}

fn condition(
    formatter: &mut fmt::Formatter<'_>,
    holds: bool,
    operator: &str,
    key: &str,
    values: &[String],
) -> fmt::Result {
    let lowercase = operator.to_ascii_lowercase();
    if lowercase == "null"
        && let [value] = values
    {
        let absent = value.eq_ignore_ascii_case("true") == holds;
        return write!(formatter, "{key} {}", if absent { "absent" } else { "present" });
    }
    let (quantifier, rest) = match lowercase.split_once(':') {
        Some((quantifier, rest)) => (Some(quantifier), rest),
        None => (None, lowercase.as_str()),
    };
    let (base, if_exists) = match rest.strip_suffix("ifexists") {
        Some(base) => (base, true),
        None => (rest, false),
    };
    let Some((is, is_not, negated)) = words(base) else {
        return write!(formatter, "{}{operator} {key} {}", if holds { "" } else { "not " }, listed(values));
    };
    let values = listed(values);
    match (quantifier, holds) {
        (None, _) => {
            let verb = if holds == negated { is_not } else { is };
            write!(formatter, "{key} {verb} {values}")?;
            // What the operator makes of a request without the key: `IfExists` holds, so does a negated one.
            let absent_passes = (if_exists || negated) == holds;
            let expected = holds == negated;
            if absent_passes != expected {
                formatter.write_str(if absent_passes { " or absent" } else { " and present" })?;
            }
            Ok(())
        }
        (Some(quantifier), holds) => {
            let (verb, opposite) = if negated { (is_not, is) } else { (is, is_not) };
            let (which, verb) = match (quantifier, holds) {
                ("forallvalues", true) => ("every", verb),
                ("forallvalues", false) => ("some", opposite),
                (_, true) => ("some", verb),
                (_, false) => ("no", verb),
            };
            write!(formatter, "{which} value of {key} {verb} {values}")
        }
    }
}

/// The positive and the negative verb of an operator, and whether the operator itself is the negative one.
fn words(base: &str) -> Option<(&'static str, &'static str, bool)> {
    Some(match base {
        "stringequals"
        | "stringequalsignorecase"
        | "numericequals"
        | "dateequals"
        | "bool"
        | "binaryequals" => ("is", "is not", false),
        "stringnotequals" | "stringnotequalsignorecase" | "numericnotequals" | "datenotequals" => {
            ("is", "is not", true)
        }
        "stringlike" | "arnlike" | "arnequals" => ("like", "not like", false),
        "stringnotlike" | "arnnotlike" | "arnnotequals" => ("like", "not like", true),
        "ipaddress" => ("in", "not in", false),
        "notipaddress" => ("in", "not in", true),
        "numericlessthan" | "datelessthan" => ("<", "not <", false),
        "numericlessthanequals" | "datelessthanequals" => ("<=", "not <=", false),
        "numericgreaterthan" | "dategreaterthan" => (">", "not >", false),
        "numericgreaterthanequals" | "dategreaterthanequals" => (">=", "not >=", false),
        _ => return None,
    })
}
