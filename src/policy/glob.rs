//! Wildcard patterns as finite automata: matching a text, and comparing the sets of texts that patterns describe.
//!
//! An audit asks about "any object of this bucket" or "any trail of this account", which are patterns themselves.
//! A statement covers such a set only if its own patterns include all of it, so inclusion is decided exactly, by
//! running both automata side by side.

use std::collections::{BTreeSet, HashSet};

use super::truth::Truth;

/// More states than a comparison of real policy patterns needs (some hundreds at most); beyond it the comparison is
/// given up as unknown.
const STATE_LIMIT: usize = 1_024;

/// A pattern over characters with the wildcards `*` and `?`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    tokens: Vec<Token>,
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
    fn accepts(self, character: char) -> bool {
        match self {
            Self::Literal(literal) => literal == character,
            Self::AnyCharacter | Self::AnyRun => true,
            Self::SegmentCharacter | Self::SegmentRun => character != ':',
        }
    }

    fn is_run(self) -> bool {
        matches!(self, Self::AnyRun | Self::SegmentRun)
    }
}

/// The number of colons before the resource part of an ARN.
const ARN_COLONS: usize = 5;

impl Glob {
    /// The text itself, wildcards taken literally.
    pub fn literal(text: &str) -> Self {
        Self { tokens: text.chars().map(Token::Literal).collect() }
    }

    /// `*` is any run of characters, `?` any one.
    pub fn wildcard(text: &str) -> Self {
        Self { tokens: text.chars().map(wildcard_token).collect() }
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

    pub(super) fn from_tokens(tokens: Vec<Token>) -> Self {
        Self { tokens }
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The same pattern over lower-case text, for comparisons that ignore case.
    #[must_use]
    pub fn lowercase(&self) -> Self {
        let fold = |token: &Token| match *token {
            Token::Literal(literal) => literal.to_lowercase().map(Token::Literal).collect(),
            other => vec![other],
        };
        Self { tokens: self.tokens.iter().flat_map(fold).collect() }
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
        let prefix = self.tokens.iter().take_while(|token| matches!(token, Token::Literal(_))).count();
        let mut characters = text.chars();
        for token in self.tokens.iter().take(prefix) {
            if !characters.next().is_some_and(|character| token.accepts(character)) {
                return false;
            }
        }
        if prefix == self.tokens.len() {
            return characters.next().is_none();
        }
        let Some(rest) = self.tokens.get(prefix..) else { return false };
        matches_rest(rest, characters)
    }

    /// How much of this pattern's texts the union of `patterns` takes in: `True` for all, `False` for none,
    /// `Unknown` for some (or where deciding it would take too many states).
    pub fn covered_by(&self, patterns: &[&Self]) -> Truth {
        if let Some(text) = self.as_literal() {
            return Truth::from(patterns.iter().any(|pattern| pattern.matches(&text)));
        }
        if patterns.iter().any(|pattern| pattern.tokens == [Token::AnyRun] || *pattern == self) {
            return Truth::True;
        }
        Comparison::new(self, patterns).run()
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
}

impl ArnBuilder {
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
        if self.colons < ARN_COLONS {
            let ends: Vec<bool> = (1..=self.tokens.len())
                .map(|next| self.tokens.get(next).is_none_or(|token| *token == Token::Literal(':')))
                .collect();
            for (token, ends_segment) in self.tokens.iter_mut().zip(ends) {
                if ends_segment && *token == Token::SegmentRun {
                    *token = Token::AnyRun;
                }
            }
        }
        Glob { tokens: self.tokens }
    }
}

/// Runs the automaton over a text; `reached` tells for each position, and the end, whether the text so far leads there.
fn matches_rest(tokens: &[Token], characters: impl Iterator<Item = char>) -> bool {
    let mut reached = vec![false; tokens.len()];
    let mut at_end = advance_empty(tokens, &mut reached, true);
    for character in characters {
        let mut incoming = false;
        let mut alive = false;
        at_end = false;
        for (index, (token, here)) in tokens.iter().zip(&mut reached).enumerate() {
            let moves = *here && token.accepts(character);
            *here = incoming || (moves && token.is_run());
            // An empty run passes on what reaches it.
            incoming = if token.is_run() { *here } else { moves };
            alive |= *here;
            if index + 1 == tokens.len() {
                at_end = incoming;
            }
        }
        if !alive && !at_end {
            return false;
        }
    }
    at_end
}

/// Marks what is reached before the first character; whether that is the end too.
fn advance_empty(tokens: &[Token], reached: &mut [bool], start: bool) -> bool {
    let mut incoming = start;
    for (token, here) in tokens.iter().zip(reached) {
        *here = incoming;
        incoming = incoming && token.is_run();
    }
    incoming
}

/// Adds the positions that are reached without a character: a run may be empty.
fn close(tokens: &[Token], states: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut closed = BTreeSet::new();
    for mut state in states {
        while closed.insert(state) && tokens.get(state).is_some_and(|token| token.is_run()) {
            state += 1;
        }
    }
    closed
}

fn step(tokens: &[Token], states: &BTreeSet<usize>, character: char) -> BTreeSet<usize> {
    let next = states.iter().filter_map(|&state| {
        let token = tokens.get(state)?;
        let after = if token.is_run() { state } else { state + 1 };
        token.accepts(character).then_some(after)
    });
    close(tokens, next)
}

/// One state of the comparison: the positions reached in the domain and in each pattern by the same text.
type Positions = Vec<BTreeSet<usize>>;

struct Comparison<'a> {
    /// The domain first, then the patterns.
    globs: Vec<&'a Glob>,
}

impl<'a> Comparison<'a> {
    fn new(domain: &'a Glob, patterns: &[&'a Glob]) -> Self {
        let mut globs = vec![domain];
        globs.extend(patterns);
        Self { globs }
    }

    fn run(&self) -> Truth {
        let start: Positions = self.globs.iter().map(|glob| close(&glob.tokens, [0])).collect();
        let mut seen = HashSet::from([start.clone()]);
        let mut waiting = vec![start];
        let (mut inside, mut outside) = (false, false);
        while let Some(positions) = waiting.pop() {
            let mut accepted =
                self.globs.iter().zip(&positions).map(|(g, set)| set.contains(&g.tokens.len()));
            if accepted.next() == Some(true) {
                if accepted.any(|accepted| accepted) {
                    inside = true;
                } else {
                    outside = true;
                }
            }
            if (inside && outside) || seen.len() > STATE_LIMIT {
                return Truth::Unknown;
            }
            for character in self.alphabet(&positions) {
                let next: Positions = self
                    .globs
                    .iter()
                    .zip(&positions)
                    .map(|(glob, set)| step(&glob.tokens, set, character))
                    .collect();
                if next.first().is_some_and(|domain| !domain.is_empty()) && seen.insert(next.clone()) {
                    waiting.push(next);
                }
            }
        }
        Truth::from(inside)
    }

    /// The characters that can make a difference here: those named, the colon, and one that is neither.
    fn alphabet(&self, positions: &Positions) -> BTreeSet<char> {
        let mut characters = BTreeSet::from([':']);
        for (glob, set) in self.globs.iter().zip(positions) {
            for token in set.iter().filter_map(|&position| glob.tokens.get(position)) {
                if let Token::Literal(literal) = token {
                    characters.insert(*literal);
                }
            }
        }
        characters.extend(('a'..=char::MAX).find(|candidate| !characters.contains(candidate)));
        characters
    }
}

#[cfg(test)]
mod tests;
