//! Wildcard patterns as finite automata: matching a text, and comparing the sets of texts that patterns describe.
//!
//! An audit asks about "any object of this bucket" or "any trail of this account", which are patterns themselves.
//! A statement covers such a set only if its own patterns include all of it, so inclusion is decided exactly, by
//! running both automata side by side.

use std::fmt::{self, Write};

use super::truth::Truth;

mod inclusion;
mod language;
mod matching;

pub use language::Language;

/// A pattern over characters with the wildcards `*` and `?`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    tokens: Vec<Token>,
    /// The literal characters that it begins with: most texts part from a pattern there.
    head: Box<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Token {
    Literal(char),
    AnyCharacter,
    AnyRun,
    /// Any character but the colon that ends a segment of an ARN.
    SegmentCharacter,
    /// Any run without a colon.
    SegmentRun,
}

impl Token {
    /// Whether it takes in all that the other token stands for. A run takes in any number of others.
    fn takes_in(self, other: Self) -> bool {
        match self {
            Self::Literal(_) => self == other,
            Self::AnyCharacter => !other.is_run(),
            Self::SegmentCharacter => !other.is_run() && other.is_within_segment(),
            Self::AnyRun => true,
            Self::SegmentRun => other.is_within_segment(),
        }
    }

    fn is_within_segment(self) -> bool {
        match self {
            Self::Literal(literal) => literal != ':',
            Self::SegmentCharacter | Self::SegmentRun => true,
            Self::AnyCharacter | Self::AnyRun => false,
        }
    }

    fn is_run(self) -> bool {
        matches!(self, Self::AnyRun | Self::SegmentRun)
    }
}

/// The number of colons before the resource part of an ARN.
pub(super) const ARN_COLONS: usize = 5;

/// Wildcards of a pattern that are tried for an example.
const EXAMPLES: usize = 8;

impl Glob {
    /// The text itself, wildcards taken literally.
    pub fn literal(text: &str) -> Self {
        Self::of(text.chars().map(Token::Literal).collect())
    }

    /// `*` is any run of characters, `?` any one.
    pub fn wildcard(text: &str) -> Self {
        Self::from_tokens(text.chars().map(wildcard_token).collect())
    }

    /// An ARN pattern: a wildcard in one of the first five segments does not reach over a colon, `*` alone is
    /// everything. A pattern with fewer than six segments is completed as the IAM User Guide says under
    /// "Using wildcards in resource ARNs": a `*` that ends a segment may match beyond it.
    pub fn arn(text: &str) -> Self {
        let mut builder = ArnBuilder::default();
        for character in text.chars() {
            builder.push_pattern(character);
        }
        builder.finish()
    }

    pub(super) fn from_tokens(mut tokens: Vec<Token>) -> Self {
        // Two runs in a row are one, and many would make comparisons slow.
        tokens.dedup_by(|next, token| token.is_run() && next == token);
        Self::of(tokens)
    }

    fn of(tokens: Vec<Token>) -> Self {
        let literal = |token: &Token| if let Token::Literal(literal) = token { Some(*literal) } else { None };
        let head: String = tokens.iter().map_while(literal).collect();
        Self { tokens, head: head.into() }
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// A segment of the ARN pattern by its number, if it has no wildcard and none stands before it that may hold a
    /// colon.
    pub(super) fn literal_segment(&self, number: usize) -> Option<String> {
        let mut segments = self.tokens.split(|token| *token == Token::Literal(':'));
        let before = segments.by_ref().take(number).flatten();
        if before.into_iter().any(|token| matches!(token, Token::AnyRun | Token::AnyCharacter)) {
            return None;
        }
        let literal = |token: &Token| if let Token::Literal(literal) = token { Some(*literal) } else { None };
        segments.next()?.iter().map(literal).collect()
    }

    /// The same pattern with wildcards that hold no colon.
    pub(super) fn without_colons(&self) -> Self {
        let narrow = |token: &Token| match *token {
            Token::AnyRun => Token::SegmentRun,
            Token::AnyCharacter => Token::SegmentCharacter,
            other => other,
        };
        Self::from_tokens(self.tokens.iter().map(narrow).collect())
    }

    /// The same pattern over lower-case text, for comparisons that ignore case.
    #[must_use]
    pub fn lowercase(&self) -> Self {
        let fold = |token: &Token| match *token {
            Token::Literal(literal) => literal.to_lowercase().map(Token::Literal).collect(),
            other => vec![other],
        };
        Self::of(self.tokens.iter().flat_map(fold).collect())
    }

    /// The one text that the pattern describes, if it has no wildcard.
    pub fn as_literal(&self) -> Option<String> {
        self.tokens
            .iter()
            .map(|token| if let Token::Literal(literal) = token { Some(*literal) } else { None })
            .collect()
    }

    /// Whether the text is one of those that the pattern describes.
    pub fn matches(&self, text: &str) -> bool {
        let Some(text) = text.strip_prefix(&*self.head) else { return false };
        let rest = self.tokens.iter().position(|token| !matches!(token, Token::Literal(_)));
        let rest = rest.and_then(|rest| self.tokens.get(rest..)).unwrap_or_default();
        matching::matches(rest, text.chars().map(Token::Literal))
    }

    /// [`Self::matches`] for a pattern over lower-case text.
    pub(super) fn matches_folded(&self, text: &str) -> bool {
        matching::matches(&self.tokens, text.chars().flat_map(char::to_lowercase).map(Token::Literal))
    }

    /// How much of this pattern's texts the union of `patterns` takes in: `True` for all, `False` for none,
    /// `Unknown` for some (or where deciding it would take too many states).
    pub fn covered_by(&self, patterns: &[&Self]) -> Truth {
        self.covered_but(&[], patterns)
    }

    /// [`Self::covered_by`], leaving aside the texts that `except` describes; `True` where none is left.
    pub(super) fn covered_but(&self, except: &[&Self], patterns: &[&Self]) -> Truth {
        inclusion::covered(self, except, patterns)
    }

    /// An example of this pattern's texts that the other one may describe too: segment by segment the one that says
    /// more. It need not be described by either.
    fn example_like(&self, other: &Self, filler: &str) -> String {
        let segments = |glob: &'_ Self| -> Vec<String> {
            glob.example(filler).splitn(ARN_COLONS + 1, ':').map(str::to_owned).collect()
        };
        let pairs = segments(self).into_iter().zip(segments(other));
        let chosen = pairs.map(|(own, other)| if own.contains(filler) { other } else { own });
        chosen.collect::<Vec<_>>().join(":")
    }

    /// A text that both patterns describe, made of how the other one begins and what follows one of this one's wildcards;
    /// `None` if there is no such text, though there may be others.
    pub(super) fn example_within(&self, other: &Self, filler: &str) -> Option<String> {
        let runs = self.tokens.iter().enumerate().filter(|(_, token)| token.is_run());
        let heads = [other.head.trim_end_matches('/'), &*other.head];
        let mut texts = runs.take(EXAMPLES).flat_map(|(run, _)| {
            let rest = self.tokens.get(run + 1..).unwrap_or_default();
            heads.map(|head| format!("{head}{}", Self::of(rest.to_vec()).example(filler)))
        });
        texts.find(|text| self.matches(text) && other.matches(text))
    }

    /// A text that the pattern describes, each `*` replaced by `filler` and each `?` by `0`.
    pub fn example(&self, filler: &str) -> String {
        let mut text = String::new();
        for token in &self.tokens {
            match token {
                Token::Literal(literal) => text.push(*literal),
                Token::AnyCharacter | Token::SegmentCharacter => text.push('0'),
                Token::AnyRun | Token::SegmentRun => text.push_str(filler),
            }
        }
        text
    }
}

impl fmt::Display for Glob {
    /// The pattern as a policy writes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Literal(literal) => formatter.write_char(*literal),
            Token::AnyCharacter | Token::SegmentCharacter => formatter.write_char('?'),
            Token::AnyRun | Token::SegmentRun => formatter.write_char('*'),
        })
    }
}

fn wildcard_token(character: char) -> Token {
    match character {
        '*' => Token::AnyRun,
        '?' => Token::AnyCharacter,
        other => Token::Literal(other),
    }
}

/// Builds an ARN pattern character by character, so that values of policy variables can be mixed in literally.
#[derive(Debug, Default)]
pub(super) struct ArnBuilder {
    tokens: Vec<Token>,
    colons: usize,
    by_segments: bool,
}

impl ArnBuilder {
    /// Without completing patterns that have fewer segments; `*` alone is everything all the same.
    pub(super) fn by_segments() -> Self {
        Self { by_segments: true, ..Self::default() }
    }

    pub(super) fn push_pattern(&mut self, character: char) {
        let token = match wildcard_token(character) {
            Token::AnyRun if self.colons < ARN_COLONS => Token::SegmentRun,
            Token::AnyCharacter if self.colons < ARN_COLONS => Token::SegmentCharacter,
            token => token,
        };
        self.push_token(token);
    }

    pub(super) fn push_token(&mut self, token: Token) {
        if token == Token::Literal(':') {
            self.colons += 1;
        }
        self.tokens.push(token);
    }

    pub(super) fn finish(mut self) -> Glob {
        if self.colons < ARN_COLONS && (!self.by_segments || self.tokens == [Token::SegmentRun]) {
            let ends: Vec<bool> = (1..=self.tokens.len())
                .map(|next| self.tokens.get(next).is_none_or(|token| *token == Token::Literal(':')))
                .collect();
            for (token, ends_segment) in self.tokens.iter_mut().zip(ends) {
                if ends_segment && *token == Token::SegmentRun {
                    *token = Token::AnyRun;
                }
            }
        }
        Glob::from_tokens(self.tokens)
    }
}

#[cfg(test)]
mod tests;
