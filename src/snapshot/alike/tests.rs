//! Which accounts are taken for alike, and which are not.

use proptest::prelude::*;

use super::*;

/// A line of an account, with whatever follows its name.
fn line(id: &str, name: &str, rest: &str) -> String {
    format!("{{\"account\":{{\"id\":\"{id}\",\"name\":\"{name}\",{rest},\"chain\":[3,\"00\"]}}}}\n")
}

fn summary(id: &str, parent: &str) -> AccountSummary {
    AccountSummary {
        id: id.to_owned(),
        parent_id: Observed::Known(parent.to_owned()),
        ..AccountSummary::default()
    }
}

const ACCOUNTS: [&str; 5] = ["111111111111", "222222222222", "333333333333", "444444444444", "555555555555"];

/// Five accounts, each saying this with its own number in the place of `OWN`.
fn five(says: &str) -> Shapes {
    let mut shapes = Shapes::default();
    for id in ACCOUNTS {
        shapes.account(id, line(id, &format!("name of {id}"), &says.replace("OWN", id)).as_bytes());
    }
    shapes
}

/// The accounts of each group, given where each is.
fn grouped(shapes: Shapes, parent: impl Fn(&str) -> &'static str) -> Vec<Vec<String>> {
    let accounts = ACCOUNTS.iter().map(|id| summary(id, parent(id))).collect();
    let members = |group: Group| {
        let between = group.between.iter().map(|account| account.id.to_string());
        std::iter::once(group.first.id.to_string())
            .chain(between)
            .chain([group.last.id.to_string()])
            .collect()
    };
    shapes.groups(&Observed::Known(accounts), &BTreeMap::new()).into_iter().map(members).collect()
}

const SAYS: &str = r#""arn":"arn:aws:s3:::logs-OWN","policy":"{\"AWS\":\"arn:aws:iam::OWN:root\"}""#;

#[test]
fn accounts_that_differ_in_number_and_name_are_alike() {
    assert_eq!(grouped(five(SAYS), |_| "ou-1"), [ACCOUNTS.to_vec()]);
    let groups =
        five(SAYS).groups(&Observed::Known(ACCOUNTS.map(|id| summary(id, "r-1")).to_vec()), &BTreeMap::new());
    assert_eq!(groups[0].between[0].name.as_deref(), Some("name of 222222222222"));
}

#[test]
fn what_the_organization_says_of_them_counts() {
    let parted = grouped(five(SAYS), |id| if id < "333333333333" { "ou-1" } else { "ou-2" });
    assert_eq!(parted, [ACCOUNTS[2..].to_vec()], "two are too few");
}

#[test]
fn an_account_that_somebody_else_names_is_judged_by_itself_and_parts_the_others() {
    for named in ["arn:aws:iam::333333333333:root", "\"x-333333333333-y\"", "9333333333333"] {
        let mut shapes = five(SAYS);
        shapes.other(named.as_bytes());
        // Two below it and two above it are too few.
        assert_eq!(grouped(shapes, |_| "r-1"), Vec::<Vec<String>>::new(), "{named}");
    }
    let mut shapes = five(SAYS);
    shapes.other(b"111111111111");
    assert_eq!(grouped(shapes, |_| "r-1"), [ACCOUNTS[1..].to_vec()]);
}

#[test]
fn an_account_that_another_account_names_is_judged_by_itself() {
    let mut shapes = five(SAYS);
    shapes.account("666666666666", line("666666666666", "other", r#""peer":"555555555555""#).as_bytes());
    assert_eq!(grouped(shapes, |_| "r-1"), [ACCOUNTS[..4].to_vec()]);
}

#[test]
fn a_number_within_a_longer_one_is_not_masked() {
    let mut alone = Shapes::default();
    for id in ACCOUNTS {
        alone.account(id, line(id, "a", &format!(r#""serial":"7{id}""#)).as_bytes());
    }
    assert_eq!(grouped(alone, |_| "r-1"), Vec::<Vec<String>>::new());
}

#[test]
fn nothing_is_alike_where_a_pattern_may_tell_numbers_apart() {
    let expression = r#""SelectionCriteria":"LogGroupName LIKE 'logs-4000%'""#;
    let quoted = r#""SelectionCriteria":"LogGroupName NOT LIKE \"logs-4_\"""#;
    let selector = r#""starts_with":["arn:aws:s3:::","arn:aws:s3:::logs-4"]"#;
    let after_s = r#""starts_with":["arn:aws:s3:::logs3"]"#;
    let end = r#""not_ends_with":["7"]"#;
    for compares in [expression, quoted, selector, after_s, end] {
        let mut shapes = five(SAYS);
        shapes.other(compares.as_bytes());
        assert_eq!(grouped(shapes, |_| "r-1"), Vec::<Vec<String>>::new(), "{compares}");
    }
    for pattern in ["11*", "*7", "3?", "?4", r"\u0031", r#""NumericLessThan":{"aws:ResourceAccount":"5"}"#] {
        let mut shapes = five(SAYS);
        shapes.other(pattern.as_bytes());
        assert_eq!(grouped(shapes, |_| "r-1"), Vec::<Vec<String>>::new(), "{pattern}");
    }
    let prefixes =
        r#""starts_with":["arn:aws:s3:::logs/"],"ends_with":[],"a":[1],"b":"LogGroupName LIKE '/aws/rds/%'""#;
    for harmless in [
        prefixes,
        "*",
        "log-group:*",
        "arn:aws:iam::*:role/x",
        r#""NumericLessThan":{"s3:TlsVersion":"1.2"}"#,
    ] {
        let mut shapes = five(SAYS);
        shapes.other(harmless.as_bytes());
        assert_eq!(grouped(shapes, |_| "r-1"), [ACCOUNTS.to_vec()], "{harmless}");
    }
}

#[test]
fn without_the_organizations_word_records_alone_count() {
    let shapes = five(SAYS);
    assert_eq!(shapes.groups(&Observed::Absent, &BTreeMap::new()).len(), 1);
}

#[test]
fn policies_that_are_attached_to_an_account_count_and_digests_do_not() {
    let mut shapes = five(SAYS);
    shapes.other(b"\"gap-333333333333\"");
    let accounts = ACCOUNTS.map(|id| summary(id, "r-1")).to_vec();
    let attached = ACCOUNTS[..3].iter().map(|id| ((*id).to_owned(), vec!["p-1".to_owned()])).collect();
    let groups = shapes.groups(&Observed::Known(accounts), &attached);
    assert_eq!(groups.len(), 1);
    assert_eq!((&*groups[0].first.id, &*groups[0].last.id), (ACCOUNTS[0], ACCOUNTS[2]));
}

proptest! {
    /// A text that is known again is grouped as one that was scanned, whichever numbers it names besides.
    #[test]
    fn what_is_known_again_is_as_if_it_were_scanned(
        texts in prop::collection::vec(
            prop::collection::vec(
                prop::sample::select(vec![
                    "OWN", "111111111111", "333333333333", "555555555555", "gap-", "gap-OWN", "7OWN", "OWNOWN", "x", "8", "*",
                ]),
                0..6,
            ),
            1..3,
        ),
        says in prop::collection::vec(0..3_usize, ACCOUNTS.len()),
    ) {
        let grouped_by = |mut shapes: Shapes| {
            for (id, text) in ACCOUNTS.iter().zip(&says) {
                let parts: Vec<String> = texts[text % texts.len()].iter().map(|part| part.replace("OWN", id)).collect();
                shapes.account(id, line(id, "a", &format!("\"says\":\"{}\"", parts.join("-"))).as_bytes());
            }
            grouped(shapes, |_| "r-1")
        };
        let nothing_kept = Shapes { kept_bytes: KEPT, ..Shapes::default() };
        prop_assert_eq!(grouped_by(Shapes::default()), grouped_by(nothing_kept));
    }
}
