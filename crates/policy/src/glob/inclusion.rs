//! How much of the texts of one pattern others take in: both automata run side by side. See [`super`].
//!
//! Deciding inclusion can take a number of states that grows exponentially with the number of wildcards, so the work
//! is bounded, and a comparison that would take more is given up as unknown. Real policy patterns take some hundreds
//! of steps.

use std::collections::{BTreeSet, HashSet};

use super::{Glob, Token, matching};
use crate::truth::Truth;

/// The largest number of positions that are looked at in one comparison: some milliseconds.
const WORK_LIMIT: usize = 200_000;

pub(super) fn covered(domain: &Glob, except: &[&Glob], patterns: &[&Glob]) -> Truth {
    if let Some(text) = domain.as_literal() {
        let left = !except.iter().any(|glob| glob.matches(&text));
        return Truth::from(!left || patterns.iter().any(|glob| glob.matches(&text)));
    }
    let takes_in_all = |pattern: &&Glob| matching::matches(&pattern.tokens, domain.tokens.iter().copied());
    if patterns.iter().any(takes_in_all) {
        return Truth::True;
    }
    let meeting = |globs: &[&'_ Glob]| globs.iter().any(|glob| may_meet(glob, domain));
    if !meeting(patterns) && !meeting(except) {
        return Truth::False;
    }
    if is_parted(domain, except, patterns) {
        return Truth::Unknown;
    }
    let meeting = |glob: &&&Glob| may_meet(glob, domain);
    Comparison::new(domain, except.iter().filter(meeting).copied(), patterns.iter().filter(meeting).copied())
        .run()
}

/// Stands for any run, and is no part of a name.
const FILLER: &str = "\u{1}";

/// Whether examples show that some of the domain is inside and some outside: the common case, at little cost.
fn is_parted(domain: &Glob, except: &[&Glob], patterns: &[&Glob]) -> bool {
    let left = |text: &str| domain.matches(text) && !except.iter().any(|glob| glob.matches(text));
    let taken = |text: &str| patterns.iter().any(|glob| glob.matches(text));
    let outside = domain.example(FILLER);
    left(&outside)
        && !taken(&outside)
        && patterns.iter().any(|pattern| {
            let inside = pattern.example(FILLER);
            let fitted = domain.example_like(pattern, FILLER);
            left(&inside) || (left(&fitted) && taken(&fitted))
        })
}

/// Whether two patterns can have a text in common, as far as the literal beginnings and ends of their segments tell.
fn may_meet(left: &Glob, right: &Glob) -> bool {
    let (mut left, mut right) = (left.tokens.as_slice(), right.tokens.as_slice());
    loop {
        match (first_segment(left), first_segment(right)) {
            (Some((one, rest)), Some((other, remaining))) => {
                if !may_meet_within(one, other) {
                    return false;
                }
                (left, right) = (rest, remaining);
            }
            _ => return may_meet_within(left, right),
        }
    }
}

/// The tokens before the first colon, if it is certain that they describe just what is before the first colon.
fn first_segment(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let colon = tokens.iter().position(|token| *token == Token::Literal(':'))?;
    let (segment, rest) = tokens.split_at_checked(colon)?;
    let bounded = segment.iter().all(|token| token.is_within_segment());
    bounded.then_some((segment, rest.get(1..)?))
}

fn may_meet_within(left: &[Token], right: &[Token]) -> bool {
    agree(left.iter(), right.iter())
        && agree(left.iter().rev(), right.iter().rev())
        && (has_run(left) || has_run(right) || left.len() == right.len())
}

fn has_run(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.is_run())
}

fn agree<'a>(left: impl Iterator<Item = &'a Token>, right: impl Iterator<Item = &'a Token>) -> bool {
    let literals = |pair: &(&Token, &Token)| matches!(pair, (Token::Literal(_), Token::Literal(_)));
    left.zip(right).take_while(literals).all(|(left, right)| left == right)
}

/// The tokens of all patterns in a row, each pattern closed by an end. A state is the sorted set of the places in
/// this row that some text leads to.
struct Comparison {
    row: Vec<Place>,
    starts: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Token(Token),
    End(Side),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Domain,
    Except,
    Pattern,
}

type State = Vec<usize>;

impl Comparison {
    fn new<'a>(
        domain: &'a Glob,
        except: impl Iterator<Item = &'a Glob>,
        patterns: impl Iterator<Item = &'a Glob>,
    ) -> Self {
        let mut comparison = Self { row: Vec::new(), starts: Vec::new() };
        comparison.push(domain, Side::Domain);
        except.for_each(|glob| comparison.push(glob, Side::Except));
        patterns.for_each(|glob| comparison.push(glob, Side::Pattern));
        comparison
    }

    fn push(&mut self, glob: &Glob, side: Side) {
        self.starts.push(self.row.len());
        self.row.extend(glob.tokens.iter().map(|&token| Place::Token(token)));
        self.row.push(Place::End(side));
    }

    fn run(&self) -> Truth {
        let start = self.closed(self.starts.iter().copied());
        let mut seen = HashSet::from([start.clone()]);
        let mut waiting = vec![start];
        let (mut inside, mut outside) = (false, false);
        let mut work = 0;
        while let Some(state) = waiting.pop() {
            let ends = |side| state.iter().any(|&place| self.row.get(place) == Some(&Place::End(side)));
            if ends(Side::Domain) && !ends(Side::Except) {
                if ends(Side::Pattern) {
                    inside = true;
                } else {
                    outside = true;
                }
            }
            if inside && outside {
                return Truth::Unknown;
            }
            for character in self.alphabet(&state) {
                work += 1 + state.len();
                if work > WORK_LIMIT {
                    return Truth::Unknown;
                }
                let next = self.step(&state, character);
                let domain_goes_on = next.first().is_some_and(|&place| self.is_of_domain(place));
                if domain_goes_on && seen.insert(next.clone()) {
                    waiting.push(next);
                }
            }
        }
        Truth::from(!outside)
    }

    fn is_of_domain(&self, place: usize) -> bool {
        self.starts.get(1).is_none_or(|&end| place < end)
    }

    fn step(&self, state: &State, character: Token) -> State {
        self.closed(state.iter().filter_map(|&place| match self.row.get(place) {
            Some(Place::Token(token)) if token.takes_in(character) => {
                Some(if token.is_run() { place } else { place + 1 })
            }
            _ => None,
        }))
    }

    /// Adds the places that are reached without a character: a run may be empty.
    fn closed(&self, places: impl Iterator<Item = usize>) -> State {
        let mut state = State::new();
        for mut place in places {
            state.push(place);
            while matches!(self.row.get(place), Some(Place::Token(token)) if token.is_run()) {
                place += 1;
                state.push(place);
            }
        }
        state.sort_unstable();
        state.dedup();
        state
    }

    /// The characters that can make a difference here: those named, the colon, and one that is neither.
    fn alphabet(&self, state: &State) -> impl Iterator<Item = Token> {
        let mut characters = BTreeSet::from([':']);
        characters.extend(state.iter().filter_map(|&place| match self.row.get(place) {
            Some(Place::Token(Token::Literal(literal))) => Some(*literal),
            _ => None,
        }));
        characters.extend(('a'..=char::MAX).find(|candidate| !characters.contains(candidate)));
        characters.into_iter().map(Token::Literal)
    }
}
