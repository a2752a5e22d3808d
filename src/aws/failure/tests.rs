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

#[test]
fn what_aws_quotes_of_a_request_is_taken_out() {
    let token = format!("IQoJb3JpZ2luX2VjE{}", "aB3/x+9Z".repeat(20));
    let message = format!(
        "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. \
         The Canonical String for this request should have been\n'GET\n/\n\nhost:s3\nx-amz-security-token:{token}'"
    );
    let clean = scrub(&message);
    assert!(clean.contains("does not match") && !clean.contains("IQoJ"), "{clean}");
    for secret in [
        format!("'{token}' not a valid key=value pair"),
        format!("X-Amz-Security-Token={token}&X-Amz-Date=1"),
        format!("x-amz-security-token: {}", &token[..30]),
        "Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024".to_owned(),
        "the secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY is wrong".to_owned(),
        "String to sign: AWS4-HMAC-SHA256 aaaa".to_owned(),
    ] {
        let clean = scrub(&secret);
        for part in ["IQoJ", "fe5f80f7", "wJalr", "AWS4-HMAC"] {
            assert!(!clean.contains(part), "{secret}: {clean}");
        }
    }
    let kept = "The specified key arn:aws:kms:eu-west-1:111111111111:key/0f0e0d0c-1111-2222-3333-444455556666 and \
                the bucket example-organization-audit-logs-archive-of-eu-central-1 do not exist";
    assert_eq!(scrub(kept), kept.split_whitespace().collect::<Vec<_>>().join(" "));
}

proptest! {
    #[test]
    fn details_are_bounded_and_settled(text in ".*") {
        let once = scrub(&text);
        prop_assert!(once.chars().count() <= LONGEST_DETAIL + 1);
    }
}
