use proptest::prelude::*;

use super::*;

#[test]
fn what_differs_from_run_to_run_is_taken_out() {
    let message = "AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/Reader/jane@example.org is not \
        authorized to perform: kms:DescribeKey on resource: \
        arn:aws:kms:eu-west-1:111111111111:key/0f0e0d0c-1111-2222-3333-444455556666 (Request ID: 9f8e-XYZ)";
    let clean = scrub(message);
    assert!(clean.contains("assumed-role/Reader/* is not authorized"), "{clean}");
    assert!(clean.contains("key/0f0e0d0c-1111-2222-3333-444455556666"), "{clean}");
    assert!(!clean.contains("Request ID") && !clean.contains("jane"), "{clean}");
}

#[test]
fn keys_and_encoded_messages_are_taken_out() {
    let clean = scrub("UnauthorizedOperation: no. Encoded authorization failure message: Zm9v");
    assert_eq!(clean, "UnauthorizedOperation: no.");
    assert_eq!(scrub("the key ASIAABCDEFGHIJKLMNOP is unknown"), "the key * is unknown");
}

proptest! {
    #[test]
    fn details_are_bounded_and_settled(text in ".*") {
        let once = scrub(&text);
        prop_assert!(once.chars().count() <= LONGEST_DETAIL + 1);
    }
}
