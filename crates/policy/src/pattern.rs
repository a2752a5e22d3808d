//! A value in a policy: text with wildcards and policy variables, matched against what a request carries.
//!
//! Follows "IAM policy elements: Variables and tags" of the IAM User Guide. Variables exist only from version
//! 2012-10-17 on; a value that a variable brings in is taken literally, wildcards and all.

use std::borrow::Cow;

use super::arn::has_segments;
use super::condition_keys::{is_multivalued, is_name};
use super::context::ContextValue;
use super::glob::{ARN_COLONS, ArnBuilder, Glob, Language, Token};
use super::truth::Truth;

/// How the text of a pattern is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Style {
    /// Wildcards are ordinary characters.
    Literal,
    /// `*` and `?` stand for any run and any character.
    Wildcard,
    /// As `Wildcard`, segment by segment: "each of the six colon-delimited components of the ARN is checked
    /// separately", says the IAM User Guide of the ARN condition operators.
    Arn,
    /// As `Arn`, but a pattern with fewer segments goes on to the end.
    Resource,
}

/// Text of a policy that may hold wildcards and policy variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    style: Style,
    ignore_case: bool,
    parts: Vec<Part>,
    /// A variable stands where AWS supports none.
    misplaced: bool,
    /// The automaton, where no variable has to be filled in first.
    fixed: Option<Glob>,
    /// What an ARN pattern describes if a `*` that ends a segment reaches over the colon, where that is not certain.
    loose: Option<Glob>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// `${*}`, `${?}`, `${$}`: the character itself.
    Escaped(char),
    Variable {
        /// The condition key in lower case.
        key: String,
        written: String,
        default: Option<String>,
    },
}

/// A pattern with its variables filled in. One that has no value is null, which nothing equals or is like, so that an
/// inverted operator matches and a `NotResource` spares nothing ("Policy variables with no value", IAM User Guide).
enum Resolved<'a> {
    Exact(Cow<'a, Glob>),
    /// A variable has an unknown value: the real pattern describes no more than this one.
    AtMost(Glob),
    /// A variable has no value: the pattern matches nothing.
    Nothing,
}

/// What a pattern is compared with: one text, or any text of a set.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    Text(&'a str),
    AnyOf(&'a Glob),
    Among(&'a Language),
}

/// Gives what is known of a condition key (in lower case).
pub(super) type Lookup<'a> = dyn Fn(&str) -> Cow<'a, ContextValue> + 'a;

impl Pattern {
    pub(super) fn new(text: &str, style: Style, ignore_case: bool, variables: bool) -> Self {
        let parts = if variables { split(text) } else { vec![Part::Text(text.to_owned())] };
        let misplaced = style == Style::Resource && misplaced_variable(&parts).is_some();
        let text = text.to_owned();
        let mut pattern = Self { text, style, ignore_case, parts, misplaced, fixed: None, loose: None };
        pattern.fixed = match pattern.resolve(&|_| Cow::Owned(ContextValue::Absent)) {
            Resolved::Exact(glob) if pattern.variables().next().is_none() => Some(glob.into_owned()),
            _ => None,
        };
        let ambiguous = match style {
            Style::Resource => pattern.text.contains("*:"),
            Style::Arn => pattern.text.contains('*') && !has_segments(&pattern.text),
            Style::Literal | Style::Wildcard => false,
        };
        let plain = !pattern.text.contains("${");
        pattern.loose = (ambiguous && plain).then(|| Glob::wildcard(&pattern.text));
        pattern
    }

    /// The text as the policy has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The condition keys, in lower case, whose values the pattern takes in.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(key.as_str()),
            Part::Text(_) | Part::Escaped(_) => None,
        })
    }

    /// Nothing in it is filled in.
    pub(super) fn is_without_variables(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// A variable without default that can never have a value, since no condition key is called so.
    pub(super) fn unresolvable(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Variable { key, written, default: None } if !is_name(key) => Some(written.as_str()),
            Part::Variable { .. } | Part::Text(_) | Part::Escaped(_) => None,
        })
    }

    /// A variable where AWS supports none: "You can use policy variables in the `Resource` element, but only in the
    /// resource portion of the ARN", which is after the fifth colon ("IAM policy elements: Variables and tags", IAM
    /// User Guide, read 2026-11-28). What becomes of such a pattern is not said, except that a variable that cannot be
    /// resolved "might cause the entire statement to be invalid".
    pub(super) fn misplaced_variable(&self) -> Option<&str> {
        if self.misplaced { misplaced_variable(&self.parts) } else { None }
    }

    /// The same pattern as if AWS supported its variables where they stand.
    #[must_use]
    pub(super) fn as_if_supported(&self) -> Self {
        Self { misplaced: false, ..self.clone() }
    }

    /// Whether wildcards in it are ordinary characters.
    pub(super) fn is_literal(&self) -> bool {
        self.style == Style::Literal
    }

    /// The texts that the pattern describes, variables taken as anything.
    pub(super) fn described(&self) -> Glob {
        match self.resolve(&|_| Cow::Owned(ContextValue::Unknown)) {
            Resolved::Exact(glob) => glob.into_owned(),
            Resolved::AtMost(glob) => glob,
            Resolved::Nothing => Glob::wildcard("*"),
        }
    }

    /// The texts that the pattern describes, variables filled in as far as they are known and else taken as anything; `None`
    /// where one has no value, so that the pattern describes nothing.
    pub(super) fn described_by(&self, lookup: &Lookup<'_>) -> Option<Glob> {
        match self.resolve(lookup) {
            Resolved::Exact(glob) => Some(glob.into_owned()),
            Resolved::AtMost(glob) => Some(glob),
            Resolved::Nothing => None,
        }
    }

    /// The automaton with the variables filled in, if all of them have one known value.
    pub(super) fn resolved(&self, lookup: &Lookup<'_>) -> Option<Glob> {
        match self.resolve(lookup) {
            Resolved::Exact(glob) => Some(glob.into_owned()),
            Resolved::AtMost(_) | Resolved::Nothing => None,
        }
    }

    fn matches(&self, text: &str, lookup: &Lookup<'_>) -> Truth {
        let compare =
            |glob: &Glob| if self.ignore_case { glob.matches_folded(text) } else { glob.matches(text) };
        if let Some(glob) = &self.fixed {
            return Truth::from(compare(glob));
        }
        match self.resolve(lookup) {
            Resolved::Exact(glob) => Truth::from(compare(&glob)),
            Resolved::AtMost(glob) if compare(&glob) => Truth::Unknown,
            Resolved::AtMost(_) | Resolved::Nothing => Truth::False,
        }
    }

    fn resolve(&self, lookup: &Lookup<'_>) -> Resolved<'_> {
        if let Some(glob) = &self.fixed {
            return Resolved::Exact(Cow::Borrowed(glob));
        }
        let mut builder = Builder::new(self.style);
        let mut exact = true;
        for part in &self.parts {
            match part {
                Part::Text(text) => text.chars().for_each(|character| builder.pattern(character)),
                Part::Escaped(character) => builder.literal(*character),
                Part::Variable { key, .. } if is_multivalued(key) => {
                    exact = false;
                    builder.token(Token::AnyRun);
                }
                // No condition key is called so, so that no request ever carries it.
                Part::Variable { key, default, .. } if !is_name(key) => {
                    let Some(default) = default else { return Resolved::Nothing };
                    default.chars().for_each(|character| builder.literal(character));
                }
                Part::Variable { key, default, .. } => match (lookup(key).as_ref(), default) {
                    (ContextValue::Known(values), _) => {
                        if let [value] = values.as_slice() {
                            value.chars().for_each(|character| builder.literal(character));
                        } else {
                            // What AWS makes of a key with several values here is not said.
                            exact = false;
                            builder.token(Token::AnyRun);
                        }
                    }
                    (ContextValue::Absent, Some(default)) => {
                        default.chars().for_each(|character| builder.literal(character));
                    }
                    (ContextValue::Absent, None) => return Resolved::Nothing,
                    (ContextValue::Like(language), _) if language.single().is_some() => {
                        exact = false;
                        let tokens = language.single().into_iter().flat_map(Glob::tokens);
                        tokens.for_each(|&token| builder.token(token));
                    }
                    (ContextValue::Like(_) | ContextValue::Unknown, _) => {
                        exact = false;
                        builder.token(Token::AnyRun);
                    }
                },
            }
        }
        let glob = builder.finish();
        let glob = if self.ignore_case { glob.lowercase() } else { glob };
        if exact && !self.misplaced { Resolved::Exact(Cow::Owned(glob)) } else { Resolved::AtMost(glob) }
    }
}

/// Whether the union of the patterns takes in the subject: all of it, none of it, or it cannot be said.
pub(super) fn covers(patterns: &[Pattern], subject: Subject<'_>, lookup: &Lookup<'_>) -> Truth {
    if let Subject::Text(text) = subject {
        return Truth::any(patterns.iter().map(|pattern| pattern.matches(text, lookup)));
    }
    let mut exact = Vec::new();
    let mut at_most = Vec::new();
    for pattern in patterns {
        match pattern.resolve(lookup) {
            Resolved::Exact(glob) => exact.push(glob),
            Resolved::AtMost(glob) => at_most.push(Cow::Owned(glob)),
            Resolved::Nothing => {}
        }
    }
    let folded = patterns.iter().any(|pattern| pattern.ignore_case);
    let compare = |globs: &[Cow<'_, Glob>]| {
        let globs: Vec<&Glob> = globs.iter().map(AsRef::as_ref).collect();
        match subject {
            Subject::Text(text) => Truth::from(globs.iter().any(|glob| glob.matches(text))),
            Subject::AnyOf(domain) if folded => domain.lowercase().covered_by(&globs),
            Subject::AnyOf(domain) => domain.covered_by(&globs),
            Subject::Among(language) if folded => language.lowercase().covered_by(&globs),
            Subject::Among(language) => language.covered_by(&globs),
        }
    };
    let certain = compare(&exact);
    if certain.is_true() || at_most.is_empty() || compare(&at_most).is_false() {
        certain
    } else {
        Truth::Unknown
    }
}

/// [`covers`] for ARNs. A `*` that ends a segment of a resource "can expand to match beyond the colon boundaries", says
/// the IAM User Guide, while ARN matching elsewhere goes by segments. Where the two readings part, neither is relied
/// on.
pub(super) fn covers_arn(patterns: &[Pattern], subject: Subject<'_>, lookup: &Lookup<'_>) -> Truth {
    let strict = covers(patterns, subject, lookup);
    let loose = || patterns.iter().filter_map(|pattern| pattern.loose.as_ref());
    if !strict.is_false() || loose().next().is_none() {
        return strict;
    }
    let reached = match subject {
        Subject::Text(text) => loose().any(|glob| glob.matches(text)),
        // A name with colons of its own is not what the other reading is about.
        Subject::AnyOf(domain) => {
            !domain.without_colons().covered_by(&loose().collect::<Vec<_>>()).is_false()
        }
        Subject::Among(language) => !language.covered_by(&loose().collect::<Vec<_>>()).is_false(),
    };
    if reached { Truth::Unknown } else { Truth::False }
}

enum Builder {
    Plain { tokens: Vec<Token>, wildcards: bool },
    Arn(ArnBuilder),
}

impl Builder {
    fn new(style: Style) -> Self {
        match style {
            Style::Literal => Self::Plain { tokens: Vec::new(), wildcards: false },
            Style::Wildcard => Self::Plain { tokens: Vec::new(), wildcards: true },
            Style::Arn => Self::Arn(ArnBuilder::by_segments()),
            Style::Resource => Self::Arn(ArnBuilder::default()),
        }
    }

    fn pattern(&mut self, character: char) {
        match self {
            Self::Plain { tokens, wildcards } => tokens.push(match character {
                '*' if *wildcards => Token::AnyRun,
                '?' if *wildcards => Token::AnyCharacter,
                literal => Token::Literal(literal),
            }),
            Self::Arn(builder) => builder.push_pattern(character),
        }
    }

    fn literal(&mut self, character: char) {
        self.token(Token::Literal(character));
    }

    fn token(&mut self, token: Token) {
        match self {
            Self::Plain { tokens, .. } => tokens.push(token),
            Self::Arn(builder) => builder.push_token(token),
        }
    }

    fn finish(self) -> Glob {
        match self {
            Self::Plain { tokens, .. } => Glob::from_tokens(tokens),
            Self::Arn(builder) => builder.finish(),
        }
    }
}

/// The first variable before the fifth colon, as it is written.
fn misplaced_variable(parts: &[Part]) -> Option<&str> {
    let mut colons = 0;
    for part in parts {
        match part {
            Part::Text(text) => colons += text.matches(':').count(),
            _ if colons >= ARN_COLONS => return None,
            Part::Variable { written, .. } => return Some(written),
            Part::Escaped(character) => {
                return Some(match character {
                    '*' => "*",
                    '?' => "?",
                    _ => "$",
                });
            }
        }
    }
    None
}

/// Cuts the text at its `${...}`. What is not closed is ordinary text.
fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, remainder)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(match inside {
            "*" => Part::Escaped('*'),
            "?" => Part::Escaped('?'),
            "$" => Part::Escaped('$'),
            variable => parse_variable(variable),
        });
        rest = remainder;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

fn parse_variable(inside: &str) -> Part {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let quoted = default.trim();
            let bare = quoted.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            (key, Some(bare.unwrap_or(quoted).to_owned()))
        }
        None => (inside, None),
    };
    let written = key.trim().to_owned();
    Part::Variable { key: written.to_ascii_lowercase(), written, default }
}

#[cfg(test)]
mod tests;
