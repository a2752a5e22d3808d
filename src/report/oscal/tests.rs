use super::markup::{line, markup, string, token, uuid};

#[test]
fn identities_follow_from_their_names() {
    assert_eq!(uuid("finding", "abc"), uuid("finding", "abc"));
    assert_ne!(uuid("finding", "abc"), uuid("risk", "abc"));
    assert_eq!(uuid("finding", "abc").as_bytes().get(14), Some(&b'5'), "version 5");
}

#[test]
fn tokens_begin_with_a_letter() {
    assert_eq!(token("cis-aws-foundations-7.0_4.1"), "cis-aws-foundations-7.0_4.1");
    assert_eq!(token("164.312(b)"), "_164.312-b-");
    assert_eq!(token(""), "_");
}

#[test]
fn text_holds_no_markup() {
    assert_eq!(line("<script>alert(1)</script>[x](y)"), "\\<script\\>alert(1)\\</script\\>\\[x\\](y)");
    assert_eq!(line("a\r\nb"), "a\\\\u{d}\\\\u{a}b");
    assert_eq!(line(""), "-");
    assert_eq!(markup("- a\n- b_c"), "- a\n- b\\_c");
}

#[test]
fn strings_have_no_space_around() {
    assert_eq!(string("  a b\u{a0}"), "a b");
    assert_eq!(string("\u{3000}"), "-");
}
