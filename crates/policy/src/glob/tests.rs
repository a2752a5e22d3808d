use proptest::prelude::*;

use super::*;

/// The textbook definition, by recursion.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), None) => naive(rest, text),
        (Some(('*', rest)), Some((_, remaining))) => naive(rest, text) || naive(pattern, remaining),
        (Some(('?', rest)), Some((_, remaining))) => naive(rest, remaining),
        (Some((wanted, rest)), Some((found, remaining))) => wanted == found && naive(rest, remaining),
        _ => false,
    }
}

/// All rows of these characters up to a length.
fn rows(characters: &[char], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last =
            last.iter().flat_map(|row| characters.iter().map(move |next| format!("{row}{next}"))).collect();
        all.extend(last.clone());
    }
    all
}

/// The definition over tokens, which an ARN pattern has of two kinds.
fn naive_tokens(pattern: &[Token], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((run, rest)), next) if matches!(run, Token::AnyRun | Token::SegmentRun) => {
            let longer = |(next, remaining): (&char, &[char])| {
                (*run == Token::AnyRun || *next != ':') && naive_tokens(pattern, remaining)
            };
            naive_tokens(rest, text) || next.is_some_and(longer)
        }
        (Some((token, rest)), Some((next, remaining))) => {
            let fits = match token {
                Token::Literal(wanted) => wanted == next,
                Token::SegmentCharacter => *next != ':',
                _ => true,
            };
            fits && naive_tokens(rest, remaining)
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn arn_patterns_match_as_the_definition_says(pattern in "[ab:*?]{0,9}", text in "[ab:]{0,10}") {
        let glob = Glob::arn(&pattern);
        let text_chars: Vec<char> = text.chars().collect();
        prop_assert_eq!(glob.matches(&text), naive_tokens(&glob.tokens, &text_chars));
    }

    #[test]
    fn matches_as_the_definition_says(pattern in "[ab:*?]{0,8}", text in "[ab:]{0,10}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(Glob::wildcard(&pattern).matches(&text), naive(&chars(&pattern), &chars(&text)));
    }

    /// Every text up to a length is tried; patterns this short differ on one of them if they differ at all.
    #[test]
    fn coverage_agrees_with_all_short_texts(
        domain in "[ab*?]{0,3}",
        patterns in proptest::collection::vec("[ab*?]{0,3}", 1..3),
    ) {
        let domain = Glob::wildcard(&domain);
        let patterns: Vec<Glob> = patterns.iter().map(|pattern| Glob::wildcard(pattern)).collect();
        let covered = domain.covered_by(&patterns.iter().collect::<Vec<_>>());
        let inside: Vec<bool> = rows(&['a', 'b', ':'], 6)
            .iter()
            .filter(|text| domain.matches(text))
            .map(|text| patterns.iter().any(|pattern| pattern.matches(text)))
            .collect();
        match covered {
            Truth::True => prop_assert!(inside.iter().all(|inside| *inside)),
            Truth::False => prop_assert!(!inside.iter().any(|inside| *inside)),
            Truth::Unknown => {
                prop_assert!(inside.contains(&true) && inside.contains(&false));
            }
        }
    }

    #[test]
    fn an_example_matches_its_pattern(pattern in "[ab:*?]{0,12}") {
        prop_assert!(Glob::wildcard(&pattern).matches(&Glob::wildcard(&pattern).example("x")));
    }
}

/// Among them patterns whose runs within a segment come after runs that reach over a colon, where the first that fits
/// need not be the one that leads to the end.
#[test]
fn every_short_arn_pattern_matches_as_the_definition_says() {
    let texts: Vec<Vec<char>> = rows(&['a', ':'], 6).iter().map(|text| text.chars().collect()).collect();
    for pattern in rows(&['a', ':', '*', '?'], 5) {
        let glob = Glob::arn(&pattern);
        for text in &texts {
            let found = glob.matches(&text.iter().collect::<String>());
            assert_eq!(found, naive_tokens(&glob.tokens, text), "{pattern} on {text:?}");
        }
    }
}

#[test]
fn arn_wildcards_stay_in_their_segment() {
    let cases = [
        ("arn:aws:s3:::logs", "arn:aws:s3:::logs", true),
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/a:b/c", true),
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs", false),
        ("arn:*:s3:::logs", "arn:aws-us-gov:s3:::logs", true),
        ("arn:aws:cloudtrail:*:*:trail/*", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", true),
        ("arn:aws:cloudtrail:*:trail/*", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", true),
        ("arn:aws:logs:*:log-group:a", "arn:aws:logs:eu-west-1:111122223333:log-group:a", false),
        ("arn:aws:iam::1111?2223333:role/x", "arn:aws:iam::111122223333:role/x", true),
        ("arn:aws:iam::?:role/x", "arn:aws:iam:::::role/x", false),
        ("arn:aws:iam::?:role/x", "arn:aws:iam::::role/x", false),
        ("arn:aws:s", "arn:aws:x", false),
        ("*", "arn:aws:s3:::logs/a", true),
        ("arn:aws:s3*", "arn:aws:s3:::logs/a", true),
        ("arn:aws:s3:::", "arn:aws:s3:::logs", false),
        ("arn:aws:s3:::/*", "arn:aws:s3:::logs/a", false),
        ("arn:aws:cloudtrail:*::trail/", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", false),
        ("arn:aws:s3:::LOGS", "arn:aws:s3:::logs", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(Glob::arn(pattern).matches(text), expected, "{pattern} on {text}");
    }
}

#[test]
fn a_segment_is_told_where_nothing_before_it_can_move_it() {
    let segment = |pattern: &str, number| Glob::arn(pattern).literal_segment(number);
    let trails = "arn:*:cloudtrail:eu-west-1:*:trail/*";
    assert_eq!(segment(trails, 3).as_deref(), Some("eu-west-1"));
    assert_eq!(segment(trails, 4), None);
    assert_eq!(segment("*:eu-west-1:*", 1), None);
    assert_eq!(segment("arn:aws:s3:::logs", 3).as_deref(), Some(""));
}

#[test]
fn inclusion_is_of_sets_not_of_text() {
    let cover = |domain: &str, patterns: &[&str]| {
        let patterns: Vec<Glob> = patterns.iter().map(|pattern| Glob::arn(pattern)).collect();
        Glob::arn(domain).covered_by(&patterns.iter().collect::<Vec<_>>())
    };
    let objects = "arn:aws:s3:::logs/*";
    assert_eq!(cover(objects, &["arn:aws:s3:::logs*"]), Truth::True);
    assert_eq!(cover(objects, &["arn:*:s3:::l?gs/*"]), Truth::True);
    assert_eq!(cover(objects, &["arn:aws:s3:::logs/AWSLogs/*"]), Truth::Unknown);
    assert_eq!(cover(objects, &["arn:aws:s3:::logs"]), Truth::False);
    assert_eq!(cover(objects, &["arn:aws:s3:::logs/", "arn:aws:s3:::logs/?*"]), Truth::True);
    let trails = "arn:aws:cloudtrail:*:111122223333:trail/*";
    assert_eq!(cover(trails, &["arn:aws:cloudtrail:*:444455556666:trail/*"]), Truth::False);
    assert_eq!(cover(trails, &["arn:aws:cloudtrail:*:*:*"]), Truth::True);
}

#[test]
fn what_is_left_aside_need_not_be_covered() {
    let glob = Glob::wildcard;
    let covered = |except: &str, pattern: &str| glob("a*").covered_but(&[&glob(except)], &[&glob(pattern)]);
    assert_eq!(covered("*", "b"), Truth::True);
    assert_eq!(covered("ab*", "b"), Truth::False);
    assert_eq!(covered("ab*", "a*"), Truth::True);
    assert_eq!(covered("a?", "ab"), Truth::False);
}

#[test]
fn a_comparison_that_explodes_is_given_up() {
    let domain = Glob::wildcard(&"*a".repeat(12));
    let pattern = Glob::wildcard(&format!("*b{}", "?".repeat(40)));
    assert_eq!(domain.covered_by(&[&pattern]), Truth::Unknown);
}
