//! ARNs that no resource has. See [`super`].

use super::{Bound, Mistake};
use crate::arn::segment;
use crate::document::Statement;
use crate::glob::Glob;
use crate::pattern::Pattern;
use crate::reference;
use crate::truth::Truth;

/// The ARNs of services, by the Service Authorization Reference: all forms that there are, or wider. Services that
/// have others are not listed.
const SHAPES: &[(&str, &[&str])] = &[
    ("cloudtrail", &["arn:?*:cloudtrail:?*:????????????:?*/?*"]),
    ("config", &["arn:?*:config:?*:?*:?*"]),
    ("firehose", &["arn:?*:firehose:?*:????????????:?*/?*"]),
    ("guardduty", &["arn:?*:guardduty:?*:????????????:?*"]),
    ("iam", &["arn:?*:iam::?*:?*", "arn:?*:iam::?*:?*:?*"]),
    ("kinesis", &["arn:?*:kinesis:?*:????????????:?*", "arn:?*:kinesis:?*:????????????:?*:?*"]),
    ("kms", &["arn:?*:kms:?*:????????????:?*/?*"]),
    (
        "logs",
        &[
            "arn:?*:logs:?*:????????????:?*",
            "arn:?*:logs:?*:????????????:?*:*",
            "arn:?*:logs:?*:????????????:?*:*:*",
            "arn:?*:logs:?*:????????????:?*:*:*:*",
        ],
    ),
    ("sns", &["arn:?*:sns:?*:????????????:?*", "arn:?*:sns:?*:????????????:?*:?*"]),
    ("sqs", &["arn:?*:sqs:?*:????????????:?*"]),
];

/// A variable before the fifth colon.
pub(super) fn misplaced(pattern: &Pattern) -> Option<Mistake> {
    let variable = pattern.misplaced_variable()?.to_owned();
    Some(Mistake::MisplacedVariable { pattern: pattern.text().to_owned(), variable })
}

pub(super) fn mistake(pattern: &Pattern, statement: &Statement, bound: &Bound<'_>) -> Option<Mistake> {
    let text = pattern.text().to_owned();
    if let Some(variable) = pattern.unresolvable() {
        return Some(Mistake::UnresolvedVariable { pattern: text, variable: variable.to_owned() });
    }
    if let Some(mistake) = misplaced(pattern) {
        return Some(mistake);
    }
    if let Some(explanation) =
        explain(pattern).or_else(|| plain_variable(pattern)).or_else(|| of_other_partition(pattern, bound))
    {
        return Some(Mistake::ImpossibleResource { pattern: text, explanation });
    }
    let service = segment(&text, 2).filter(|service| is_literal(service))?;
    is_foreign(service, statement)
        .then(|| Mistake::ForeignResource { pattern: text.clone(), service: service.to_owned() })
}

/// Before version 2012-10-17 there are no variables: `${...}` is plain text, which no name of a resource holds but the key
/// of an object.
fn plain_variable(pattern: &Pattern) -> Option<String> {
    let text = pattern.text();
    if !text.contains("${") || !pattern.is_without_variables() {
        return None;
    }
    let is_of_s3 = segment(text, 2) == Some("s3");
    let name = if is_of_s3 { text.split('/').next().unwrap_or(text) } else { text };
    name.contains("${").then(|| {
        "in a policy of version 2008-10-17, or of none, `${` is plain text: variables take 2012-10-17"
            .to_owned()
    })
}

/// Whether a `NotResource` of these patterns leaves no resource of any of the actions.
pub(super) fn nothing_left(patterns: &[Pattern], named: &[&str], bound: &Bound<'_>) -> bool {
    let plain = patterns.iter().filter(|pattern| pattern.is_without_variables());
    let described: Vec<Glob> = plain.map(Pattern::described).collect();
    let globs: Vec<&Glob> = described.iter().collect();
    if Glob::wildcard("*").covered_by(&globs).is_true() {
        return true;
    }
    let partition = bound.partition.unwrap_or("*");
    let is_listed = |kind: &reference::ResourceType| {
        let except = kind.except(partition);
        let except: Vec<&Glob> = except.iter().collect();
        kind.arns(partition).covered_but(&except, &globs).is_true()
    };
    !named.is_empty()
        && named.iter().all(|action| {
            reference::matching(action).is_some_and(|matching| {
                !matching.unlisted
                    && !matching.actions.is_empty()
                    && matching.actions.iter().all(|kinds| match kinds {
                        [] => globs.iter().any(|glob| glob.matches("*")),
                        kinds => kinds.iter().all(is_listed),
                    })
            })
        })
}

/// No policy binds what is in another partition.
fn of_other_partition(pattern: &Pattern, bound: &Bound<'_>) -> Option<String> {
    let partition = segment(pattern.text(), 1).filter(|partition| is_literal(partition))?;
    let own = bound.partition.filter(|own| *own != partition)?;
    Some(format!("the organization is in the partition {own}, and has nothing in {partition}"))
}

/// Whether requests for any of the actions are on any resource that the pattern describes. Unknown where it is not known
/// what an action is asked on.
pub(super) fn fits(pattern: &Pattern, action: &str) -> Truth {
    let described = pattern.described();
    let is_open = |prefix: &str| prefix.contains(['*', '?']);
    let Some((prefix, _)) = action.split_once(':').filter(|(prefix, _)| !is_open(prefix)) else {
        return Truth::True;
    };
    if described.matches("*") {
        return Truth::True;
    }
    let Some(matching) = reference::matching(action) else { return Truth::Unknown };
    let loose = Glob::wildcard(&widened(pattern.text()));
    let mut kinds = matching.actions.iter().copied().flatten();
    if kinds.any(|kind| kind.meets(&[&described]) || kind.meets_loosely(&loose)) {
        return Truth::True;
    }
    let own = segment(pattern.text(), 2).is_none_or(|service| {
        !is_literal(service) || reference::services_of_resources(prefix).contains(&service)
    });
    if matching.unlisted && own { Truth::Unknown } else { Truth::False }
}

/// What an action that fits no resource of the statement is asked on instead.
pub(super) fn instead(action: &str) -> String {
    let Some(matching) = reference::matching(action) else { return String::new() };
    let mut kinds: Vec<&str> = matching.actions.iter().copied().flatten().map(|kind| kind.name).collect();
    kinds.sort_unstable();
    kinds.dedup();
    match kinds.as_slice() {
        [] => format!("`{action}` is asked on no resource, so that only `*` is about it"),
        kinds => format!("`{action}` is asked on {} alone", kinds.join(", ")),
    }
}

fn explain(pattern: &Pattern) -> Option<String> {
    let text = pattern.text();
    let described = pattern.described();
    // What is asked of an action without resource-level permissions.
    if described.matches("*") {
        return None;
    }
    // A `*` may reach over colons, or not: a mistake is one under either reading.
    let loose = Glob::wildcard(&widened(text));
    let any = Glob::arn("arn:?*:?*:*:*:?*");
    if any.covered_by(&[&described, &loose]).is_false() {
        let missing = match segment(text, 5) {
            Some("") => "the resource is missing after the last colon",
            _ => "an ARN is `arn:partition:service:region:account:resource`",
        };
        return Some(missing.to_owned());
    }
    let service = segment(text, 2)?;
    if service == "s3"
        && segment(text, 3) == Some("")
        && segment(text, 4) == Some("")
        && segment(text, 5).is_some_and(|resource| resource.starts_with('/'))
    {
        return Some("the name of a bucket is missing before `/`".to_owned());
    }
    if service == "s3"
        && segment(text, 5)
            .and_then(|resource| resource.strip_suffix('/'))
            .is_some_and(|bucket| !bucket.contains(['/', '*', '?', '$', ':']))
    {
        return Some("the key of an object is missing after `/`".to_owned());
    }
    let (_, shapes) = SHAPES.iter().find(|(name, _)| *name == service)?;
    let meets = |shape: &&str| {
        let shape = Glob::arn(shape);
        !shape.covered_by(&[&described]).is_false()
            || !shape.without_colons().covered_by(&[&loose]).is_false()
    };
    if shapes.iter().any(meets) {
        return None;
    }
    Some(if segment(text, 4) == Some("") {
        format!("resources of {service} have an account in their ARN")
    } else if segment(text, 5).is_some_and(|resource| resource.ends_with('/')) {
        "the name is missing after `/`".to_owned()
    } else {
        format!("resources of {service} have ARNs of another form")
    })
}

/// The text with each variable as a `*`.
fn widened(text: &str) -> String {
    let mut widened = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((_, remainder)) = after.split_once('}') else { break };
        widened.push_str(before);
        widened.push('*');
        rest = remainder;
    }
    widened.push_str(rest);
    widened
}

fn is_literal(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?', '$'])
}

fn is_foreign(service: &str, statement: &Statement) -> bool {
    !statement.action.negated
        && !statement.action.patterns.is_empty()
        && statement.action.patterns.iter().all(|action| {
            let prefix = action.text().split_once(':').map(|(prefix, _)| prefix.to_ascii_lowercase());
            let own = prefix.as_deref().map(reference::services_of_resources).unwrap_or_default();
            !own.is_empty() && !own.contains(&service.to_ascii_lowercase().as_str())
        })
}
