//! Exemptions in words. See [`super`].

use std::fmt;

use super::{Exemption, Requirement};
use crate::condition_keys::is_always_there;

impl fmt::Display for Exemption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(atom) => write!(formatter, "{}", atom.requirement),
            Self::Any(ways) => {
                let mut ways: Vec<&Self> = ways.iter().collect();
                ways.sort_by_key(|way| (way.kind(), way.atoms().len()));
                joined(formatter, &ways, " or ")
            }
            Self::All(parts) => joined(formatter, &parts.iter().collect::<Vec<_>>(), " and "),
        }
    }
}

fn joined(formatter: &mut fmt::Formatter<'_>, parts: &[&Exemption], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        let text = part.to_string();
        let whole = matches!(part, Exemption::Atom(_)) && !(word == " and " && text.ends_with(OR_ABSENT));
        if whole {
            formatter.write_str(&text)?;
        } else {
            write!(formatter, "({text})")?;
        }
    }
    Ok(())
}

/// What the operator makes of a request without the key.
const OR_ABSENT: &str = " or absent";

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
    if quantifier.is_none()
        && let [value] = values
        && let Some(text) = worded(base, value, holds)
    {
        let or_absent = if_exists == holds && !is_always_there(&key.to_ascii_lowercase());
        return write!(formatter, "{key} {text}{}", if or_absent { ", or absent" } else { "" });
    }
    let Some((is, is_not, negated)) = words(base) else {
        return write!(formatter, "{}{operator} {key} {}", if holds { "" } else { "not " }, listed(values));
    };
    let values = listed(values);
    match (quantifier, holds) {
        (None, _) => {
            let verb = if holds == negated { is_not } else { is };
            write!(formatter, "{key} {verb} {values}")?;
            // `IfExists` holds of a request without the key, so does a negated operator.
            let absent_passes = (if_exists || negated) == holds;
            let expected = holds == negated;
            if absent_passes != expected && !is_always_there(&key.to_ascii_lowercase()) {
                formatter.write_str(if absent_passes { OR_ABSENT } else { " and present" })?;
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

/// A comparison that has words of its own for its opposite, so that nobody has to read "is not false" or "not <". None
/// of these operators is a negative one.
fn worded(base: &str, value: &str, holds: bool) -> Option<String> {
    let (is, is_not) = match base {
        "bool" => {
            let value = [true, false].into_iter().find(|it| value.eq_ignore_ascii_case(&it.to_string()))?;
            return Some(format!("is {}", value == holds));
        }
        "numericlessthan" => ("less than", "at least"),
        "numericlessthanequals" => ("at most", "more than"),
        "numericgreaterthan" => ("more than", "at most"),
        "numericgreaterthanequals" => ("at least", "less than"),
        "datelessthan" => ("before", "at or after"),
        "datelessthanequals" => ("at or before", "after"),
        "dategreaterthan" => ("after", "at or before"),
        "dategreaterthanequals" => ("at or after", "before"),
        _ => return None,
    };
    Some(format!("{} {value}", if holds { is } else { is_not }))
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
        "numericlessthan" | "datelessthan" => ("less than one of", "not less than any of", false),
        "numericlessthanequals" | "datelessthanequals" => ("at most one of", "more than all of", false),
        "numericgreaterthan" | "dategreaterthan" => ("more than one of", "not more than any of", false),
        "numericgreaterthanequals" | "dategreaterthanequals" => {
            ("at least one of", "less than all of", false)
        }
        _ => return None,
    })
}
