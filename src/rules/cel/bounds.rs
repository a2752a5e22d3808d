//! What an expression may be at most, seen before it is parsed: parsing, checking and evaluating go down into it, and
//! would end the program where it is too deep. And what evaluating one may cost. See [`super`].

use std::cell::Cell;

use crate::rules::diagnostic::Problem;

/// The longest expression, in bytes: what somebody still reads.
const LONGEST: usize = 4_096;
/// Brackets inside brackets.
const DEEPEST: usize = 32;
/// Operators, dots and opening brackets, each of which may add a level.
const MOST_OPERATORS: usize = 256;
/// Elements of lists that one evaluation may go through: two loops over a thousand things. Fewer in tests, which wait.
const MOST_ELEMENTS: usize = if cfg!(test) { 200_000 } else { 2_000_000 };

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(MOST_ELEMENTS) };
}

/// Begins an evaluation.
pub(super) fn begin() {
    LEFT.set(MOST_ELEMENTS);
}

/// Goes through so many elements; an error where these are too many.
pub(super) fn spend(elements: usize) -> Result<(), String> {
    let left = LEFT.get().checked_sub(elements);
    LEFT.set(left.unwrap_or_default());
    if left.is_some() {
        return Ok(());
    }
    Err(format!("it goes through more than {MOST_ELEMENTS} elements of lists: loop over fewer"))
}

/// Refuses what is too long or too deep.
pub(super) fn check(text: &str) -> Result<(), Vec<Problem>> {
    let refused = |at: usize, title: String| {
        let help = "split it into several rules, or derive a fact".to_owned();
        Err(vec![Problem { span: at..text.len(), title, label: "from here".to_owned(), help: Some(help) }])
    };
    if text.len() > LONGEST {
        let at = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        return refused(at, format!("an expression has {LONGEST} bytes at most"));
    }
    let (mut depth, mut operators) = (0_usize, 0_usize);
    for (at, character) in outside_of_texts(text) {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        operators += usize::from("([{.!+-*/%?<>=&|".contains(character));
        if depth > DEEPEST {
            return refused(at, format!("brackets are {DEEPEST} deep at most"));
        }
        if operators > MOST_OPERATORS {
            return refused(
                at,
                format!("an expression has {MOST_OPERATORS} operators, dots and brackets at most"),
            );
        }
    }
    Ok(())
}

/// The characters that are not part of a text. A text that does not end is no text: the parser says so.
fn outside_of_texts(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, character)| match quote {
        Some(open) => {
            if escaped {
                escaped = false;
            } else if *character == '\\' {
                escaped = true;
            } else if *character == open {
                quote = None;
            }
            false
        }
        None if matches!(character, '"' | '\'') => {
            quote = Some(*character);
            false
        }
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_writes_is_within() {
        for text in [
            "trail.log_file_validation && !(trail.prefix in ['a', 'b'])",
            "a.matches('((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((')",
            &format!("a in [{}]", vec!["'x'"; 600].join(", ")),
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused() {
        let texts = [
            "a".repeat(LONGEST + 1),
            "ä".repeat(LONGEST),
            format!("{}a{}", "(".repeat(40), ")".repeat(40)),
            format!("{}a", "!".repeat(300)),
            format!("{}1", "-".repeat(300)),
            format!("a{}", ".a".repeat(300)),
            format!("a{}", " && a".repeat(300)),
            format!("a{}", " ? a : a".repeat(300)),
            format!("{}a{}", "[".repeat(40), "]".repeat(40)),
        ];
        for text in texts {
            assert!(check(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn elements_are_counted() {
        begin();
        assert!(spend(MOST_ELEMENTS).is_ok());
        assert!(spend(1).is_err());
        begin();
        assert!(spend(1).is_ok());
    }
}
