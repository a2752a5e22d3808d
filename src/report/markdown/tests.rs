use super::*;

#[test]
fn what_could_mean_something_is_code() {
    for (cell, wanted) in [
        ("eu-central-1", "eu-central-1"),
        ("no trail, none at all (2)", "no trail, none at all (2)"),
        ("@octocat", "`@octocat`"),
        ("https://example.com", "`https://example.com`"),
        ("www.example.com", "`www.example.com`"),
        ("<img src=x>", "`<img src=x>`"),
        ("a|b", "`a\\u{7c}b`"),
        ("`a``b`", "``` `a``b` ```"),
        ("a\nb", "`a\\u{a}b`"),
        ("", ""),
    ] {
        assert_eq!(text(cell), wanted);
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let mut out = Vec::new();
    let mut budget = Budget { left: 20 };
    let items: Vec<usize> = (0..5_000).collect();
    let row = |item: &usize| vec![item.to_string()];
    section("Numbers", &["n"], &items, 10, row, &mut budget, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("| 2 |"), "{text}");
    assert!(!text.contains("| 3 |"), "{text}");
    assert!(text.ends_with("4,997 more: `--format json` has them all.\n"), "{text}");
}
