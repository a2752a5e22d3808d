use super::*;

/// A requirement on a key, its values parted by commas.
fn atom(operator: &str, key: &str, values: &str, holds: bool, kind: ExemptionKind) -> Passes {
    let requirement = Requirement::Condition {
        holds,
        operator: operator.to_owned(),
        key: key.to_owned(),
        values: values.split(',').map(str::to_owned).collect(),
    };
    Passes::requirement(requirement, kind)
}

fn tag(name: &str, kind: ExemptionKind) -> Passes {
    atom("StringEquals", &format!("aws:PrincipalTag/{name}"), "x", true, kind)
}

fn text(passes: &Passes) -> String {
    match passes {
        Passes::Always => "always".to_owned(),
        Passes::If(exemption) => exemption.to_string(),
        Passes::Never => "never".to_owned(),
    }
}

#[test]
fn a_conjunction_is_as_hard_as_its_hardest_part_and_a_choice_as_its_easiest() {
    use ExemptionKind::{Designated, External, SelfService, Unattainable};
    for (left, right, all, any) in [
        (SelfService, External, External, SelfService),
        (SelfService, Designated, Designated, SelfService),
        (External, Designated, Designated, External),
        (Designated, Unattainable, Unattainable, Designated),
    ] {
        let parts = || [tag("a", left), tag("b", right)];
        assert_eq!(Passes::all(parts()).kind(), Some(all));
        assert_eq!(Passes::any(parts()).kind(), Some(any));
    }
    assert_eq!((Passes::Always.kind(), Passes::Never.kind()), (None, Some(Unattainable)));
}

#[test]
fn formulas_are_simplified() {
    let (a, b) = (|| tag("a", ExemptionKind::SelfService), || tag("b", ExemptionKind::SelfService));
    let (only_a, only_b) = (text(&a()), text(&b()));
    assert_eq!(text(&Passes::all([a(), a()])), only_a);
    assert_eq!(text(&Passes::all([a(), Passes::Always])), only_a);
    assert_eq!(text(&Passes::all([a(), Passes::Never])), "never");
    assert_eq!(text(&Passes::any([a(), Passes::Never])), only_a);
    assert_eq!(text(&Passes::any([a(), Passes::Always])), "always");
    assert_eq!(text(&Passes::all([])), "always");
    assert_eq!(text(&Passes::any([])), "never");
    assert_eq!(text(&Passes::all([a(), Passes::any([a(), b()])])), only_a);
    assert_eq!(text(&Passes::any([a(), Passes::all([a(), b()])])), only_a);
    let nested = Passes::all([Passes::all([a(), b()]), b()]);
    assert_eq!(text(&nested), format!("{only_a} and {only_b}"));
    let unattainable = tag("c", ExemptionKind::Unattainable);
    assert_eq!(text(&Passes::any([a(), unattainable.clone()])), only_a);
    assert_eq!(text(&Passes::any([unattainable.clone()])), text(&unattainable));
    let mixed = Passes::any([a(), Passes::all([b(), tag("d", ExemptionKind::SelfService)])]);
    assert!(
        text(&mixed).ends_with("(aws:PrincipalTag/b is x and aws:PrincipalTag/d is x)"),
        "{}",
        text(&mixed)
    );
}

#[test]
fn requirements_on_one_key_are_solved() {
    let simple = |operator: &str, value: &str, holds: bool| {
        atom(operator, "aws:PrincipalTag/k", value, holds, ExemptionKind::SelfService)
    };
    for (parts, all, any) in [
        ([("Bool", "true", true), ("Bool", "false", true)], "never", ""),
        ([("Bool", "true", false), ("Bool", "false", false)], "", "always"),
        ([("StringEquals", "a", true), ("StringEquals", "b", true)], "never", ""),
        ([("StringEquals", "a", true), ("StringNotEquals", "a", true)], "never", "always"),
        ([("StringEquals", "a", true), ("StringEquals", "a", false)], "never", "always"),
        ([("Null", "true", true), ("StringEquals", "a", true)], "never", ""),
        ([("Null", "true", true), ("StringNotEquals", "a", true)], "", ""),
        ([("Null", "true", true), ("Null", "false", true)], "never", "always"),
        ([("StringEquals", "a", true), ("StringEquals", "a,b", true)], "", ""),
        ([("StringEquals", "a", false), ("StringEquals", "a,b", false)], "", ""),
        ([("StringEquals", "a,b", true), ("StringEquals", "b,c", false)], "", ""),
        ([("StringEquals", "a,b", true), ("StringNotEquals", "c", false)], "never", ""),
        // Patterns are compared as wholes, and what is common to all of them is not looked for.
        ([("StringLike", "a*", true), ("StringLike", "b*", true)], "never", ""),
        ([("StringLike", "a*", true), ("StringLike", "*b", true)], "", ""),
        ([("StringLike", "a*", true), ("StringNotLike", "*", true)], "never", ""),
        ([("StringLikeIfExists", "a*", true), ("StringLikeIfExists", "b*", true)], "", ""),
        ([("StringLikeIfExists", "a*", true), ("StringLike", "b*", true)], "never", ""),
        ([("ForAnyValue:StringLike", "a*", true), ("ForAnyValue:StringLike", "b*", true)], "", ""),
        ([("StringLike", "a*", false), ("StringLike", "b*", false)], "", ""),
    ] {
        let made = || parts.map(|(operator, value, holds)| simple(operator, value, holds));
        let found_all = text(&Passes::all(made()));
        let found_any = text(&Passes::any(made()));
        assert_eq!(found_all == "never", all == "never", "{parts:?}: {found_all}");
        assert_eq!(found_any == "always", any == "always", "{parts:?}: {found_any}");
    }
    // Absent or not: every request is one of both.
    assert_eq!(text(&Passes::any([simple("Null", "true,false", true)])), "always");
    assert_eq!(text(&Passes::all([simple("Null", "true,false", false)])), "never");
}

#[test]
fn requirements_read_as_sentences() {
    let told =
        |operator: &str, holds: bool| text(&atom(operator, "aws:k", "v", holds, ExemptionKind::SelfService));
    insta::assert_snapshot!(
        [
            "StringEquals", "StringNotEquals", "StringLikeIfExists", "ArnNotLike", "BinaryEqualsIfExists", "IpAddress",
            "NotIpAddressIfExists", "NumericLessThan", "DateGreaterThanEquals", "ForAnyValue:StringLike",
            "ForAllValues:StringNotEquals", "Unheard",
        ]
        .map(|operator| format!("{operator}: {} / {}", told(operator, true), told(operator, false)))
        .join("\n"),
        @r#"
        StringEquals: aws:k is v / aws:k is not v
        StringNotEquals: aws:k is not v / aws:k is v
        StringLikeIfExists: aws:k like v or absent / aws:k not like v and present
        ArnNotLike: aws:k not like v / aws:k like v
        BinaryEqualsIfExists: aws:k is v or absent / aws:k is not v and present
        IpAddress: aws:k in v / aws:k not in v
        NotIpAddressIfExists: aws:k not in v / aws:k in v
        NumericLessThan: aws:k less than v / aws:k at least v, or absent
        DateGreaterThanEquals: aws:k at or after v / aws:k before v, or absent
        ForAnyValue:StringLike: some value of aws:k like v / no value of aws:k like v
        ForAllValues:StringNotEquals: every value of aws:k is not v / some value of aws:k is v
        Unheard: Unheard aws:k v / not Unheard aws:k v
        "#
    );
    assert_eq!(told("NumericLessThanEquals", true), "aws:k at most v");
    assert_eq!(told("DateLessThanEqualsIfExists", false), "aws:k after v");
    let one =
        |operator, value, holds| text(&atom(operator, "aws:k", value, holds, ExemptionKind::SelfService));
    assert_eq!(one("BoolIfExists", "false", false), "aws:k is true");
    assert_eq!(one("Bool", "false", false), "aws:k is true, or absent");
    assert_eq!(one("boolifexists", "True", true), "aws:k is true, or absent");
    assert_eq!(one("NumericLessThan", "30", false), "aws:k at least 30, or absent");
    assert_eq!(one("NumericGreaterThanEquals", "1,2", false), "aws:k less than all of [1, 2]");
    let null = |value, holds| text(&atom("Null", "aws:k", value, holds, ExemptionKind::SelfService));
    assert_eq!(
        (null("true", true), null("true", false)),
        ("aws:k absent".to_owned(), "aws:k present".to_owned())
    );
    assert_eq!(
        (null("false", true), null("false", false)),
        ("aws:k present".to_owned(), "aws:k absent".to_owned())
    );
}

#[test]
fn the_easiest_way_comes_first_and_what_may_be_absent_is_set_apart() {
    let ways = Passes::any([
        tag("hard", ExemptionKind::External),
        Passes::all([tag("a", ExemptionKind::SelfService), tag("b", ExemptionKind::SelfService)]),
        tag("easy", ExemptionKind::SelfService),
    ]);
    let told = text(&ways);
    assert!(told.starts_with("aws:PrincipalTag/easy is x or (aws:PrincipalTag/a"), "{told}");
    assert!(told.ends_with("aws:PrincipalTag/hard is x"), "{told}");
    let both = Passes::all([
        atom("Bool", "aws:k", "false", false, ExemptionKind::SelfService),
        tag("a", ExemptionKind::SelfService),
    ]);
    assert_eq!(text(&both), "(aws:k is true, or absent) and aws:PrincipalTag/a is x");
}

#[test]
fn what_follows_from_another_part_is_left_out() {
    let arn = |operator: &str, values: &str, holds| {
        atom(operator, "aws:PrincipalArn", values, holds, ExemptionKind::SelfService)
    };
    let role = |name: &str| format!("arn:aws:iam::*:role/{name}");
    for (operator, narrow, wide) in [
        ("ArnNotLike", role("ops/a"), role("ops/*")),
        ("StringNotLike", role("a"), role("?")),
        ("StringNotEquals", "a".to_owned(), "a,b".to_owned()),
        ("StringNotEqualsIfExists", "a".to_owned(), "b,a".to_owned()),
    ] {
        let (narrow, wide) = (arn(operator, &narrow, false), arn(operator, &wide, false));
        assert_eq!(text(&Passes::all([narrow.clone(), wide.clone()])), text(&narrow), "{operator}");
        assert_eq!(text(&Passes::any([narrow.clone(), wide.clone()])), text(&wide), "{operator}");
        // A part that holds whenever another does, inside of a choice.
        let choice = Passes::any([wide.clone(), tag("a", ExemptionKind::SelfService)]);
        assert_eq!(text(&Passes::all([narrow.clone(), choice])), text(&narrow), "{operator}");
    }
    // What must not be among the fewer need not be told where it must not be among the more.
    let (few, many) = (arn("ArnLike", &role("a"), false), arn("ArnLike", &role("*"), false));
    assert_eq!(text(&Passes::all([few.clone(), many.clone()])), text(&many));
    assert_eq!(text(&Passes::any([few.clone(), many])), text(&few));
    // Neither follows: another operator's idea of absence, another key, a variable.
    for other in [
        arn("ArnLike", &role("*"), true),
        atom("ArnNotLike", "aws:SourceArn", &role("*"), false, ExemptionKind::SelfService),
        arn("ArnNotLike", "arn:aws:iam::${aws:PrincipalAccount}:role/*", false),
    ] {
        let told = text(&Passes::all([arn("ArnNotLike", &role("a"), false), other]));
        assert!(told.contains(" and "), "{told}");
    }
    // An easier part that a harder one implies is no loss; a harder one is never left out for an easier.
    let hard = atom("StringNotEquals", "aws:k", "a", false, ExemptionKind::External);
    let easy = atom("StringNotEquals", "aws:k", "a,b", false, ExemptionKind::SelfService);
    assert_eq!(Passes::all([hard.clone(), easy.clone()]).kind(), Some(ExemptionKind::External));
    assert_eq!(Passes::any([hard, easy]).kind(), Some(ExemptionKind::SelfService));
}
