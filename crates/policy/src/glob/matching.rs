//! Whether a text is described by a pattern. See [`super`].
//!
//! A text is a row of literal tokens. A row with wildcards in it stands for all its texts, and matches if each token
//! of the pattern takes in what it meets: then the pattern takes in all of them.

use super::Token;

pub(super) fn matches(mut tokens: &[Token], mut text: impl Iterator<Item = Token> + Clone) -> bool {
    // Most patterns part from a text at one of their first characters.
    while let Some((literal @ Token::Literal(_), rest)) = tokens.split_first() {
        if text.next() != Some(*literal) {
            return false;
        }
        tokens = rest;
    }
    if runs_are_in_order(tokens) { match_runs(tokens, text) } else { simulate(tokens, text) }
}

/// Runs that stop at a colon stand before all wildcards that do not, as in every ARN pattern of six segments.
fn runs_are_in_order(tokens: &[Token]) -> bool {
    let bounded = |token: &&Token| !matches!(token, Token::AnyRun | Token::AnyCharacter);
    !tokens.iter().skip_while(bounded).any(|token| *token == Token::SegmentRun)
}

/// Extends the last run whenever the rest does not fit. Earlier runs need not be tried again: what follows the last
/// one can only move to the right, and a run within a segment ends with it.
fn match_runs(mut tokens: &[Token], mut text: impl Iterator<Item = Token> + Clone) -> bool {
    let mut last_run = None;
    loop {
        let mut ahead = text.clone();
        let fits = match (tokens.split_first(), ahead.next()) {
            (Some((Token::AnyRun, [])), _) | (None, None) => return true,
            (Some((run, rest)), _) if run.is_run() => {
                tokens = rest;
                last_run = Some((*run, rest, text.clone()));
                continue;
            }
            (Some((token, rest)), Some(character)) if token.takes_in(character) => Some(rest),
            // Nothing is left of the text, and an extended run would leave less.
            (Some(_), None) => return false,
            _ => None,
        };
        if let Some(rest) = fits {
            tokens = rest;
            text = ahead;
            continue;
        }
        let Some((run, rest, mut begun)) = last_run else { return false };
        if !begun.next().is_some_and(|character| run.takes_in(character)) {
            return false;
        }
        tokens = rest;
        text = begun.clone();
        last_run = Some((run, rest, begun));
    }
}

/// Runs the automaton; `reached` tells for each position, and the end, whether the text so far leads there.
fn simulate(tokens: &[Token], text: impl Iterator<Item = Token>) -> bool {
    let mut reached = vec![false; tokens.len()];
    let mut at_end = advance_empty(tokens, &mut reached, true);
    for character in text {
        let mut incoming = false;
        let mut alive = false;
        at_end = false;
        for (index, (token, here)) in tokens.iter().zip(&mut reached).enumerate() {
            let moves = *here && token.takes_in(character);
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
