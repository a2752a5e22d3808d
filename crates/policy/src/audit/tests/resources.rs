//! Whatever a resource is written as, it is about what it describes.

use super::*;

/// All that is in the bucket, and the bucket.
const ALL: &[&str] = &[
    r#""*""#,
    r#""**""#,
    r#""arn:*""#,
    r#""arn:aws:s3:::*""#,
    r#""arn:aws:s3*""#,
    r#""arn:aws:*:::*""#,
    r#""arn:aws:s3:*:*:*""#,
    r#""arn:aws:s3:::org-logs*""#,
    r#""arn:*:s3:::org-*""#,
    r#"["arn:*:s3:::org-logs","arn:*:s3:::org-logs/*"]"#,
    r#"["arn:aws:s3:::org-logs","arn:aws:s3:::org-logs/*"]"#,
    r#"["arn:aws:s3:::org-logs","arn:aws:s3:::org-logs*/*"]"#,
    r#"["*","arn:aws:s3:::another/*"]"#,
    r#"["arn:aws:s3:::???-logs","arn:aws:s3:::???-logs/*"]"#,
];

const OBJECTS: &[&str] = &[
    r#""arn:aws:s3:::org-logs/*""#,
    r#""arn:*:s3:::org-logs/*""#,
    r#""arn:aws:s3:::*/*""#,
    r#""arn:aws:s3:::org-logs/?*""#,
    r#"["arn:aws:s3:::org-logs/*","arn:aws:s3:::org-logs/AWSLogs/*"]"#,
];

const NONE: &[&str] = &[
    r#""arn:aws:s3:::another*""#,
    r#""arn:aws-cn:s3:::org-logs/*""#,
    r#""arn:aws:kms:*:*:*""#,
    r#""arn:aws:s3:::org-logs-2/*""#,
    r#""arn:aws:s3:::""#,
];

#[test]
fn a_grant_is_about_what_its_resource_describes() {
    let granted = |action: &str, resource: &str| {
        let allow = format!(
            r#""Effect":"Allow","Principal":{{"AWS":"999988887777"}},"Action":"{action}","Resource":{resource}"#
        );
        let document = policy(&[&allow]);
        let target = bucket().targets(action).remove(0);
        grants(&document, action, &target).into_iter().map(|grant| grant.certain).collect::<Vec<_>>()
    };
    for resource in ALL.iter().chain(OBJECTS) {
        assert_eq!(granted("s3:GetObject", resource), [true], "{resource}");
        assert_eq!(granted("s3:DeleteObject", resource), [true], "{resource}");
    }
    for resource in ALL {
        assert_eq!(granted("s3:DeleteBucket", resource), [true], "{resource}");
    }
    for resource in NONE {
        assert_eq!(granted("s3:GetObject", resource), Vec::<bool>::new(), "{resource}");
        assert_eq!(granted("s3:DeleteBucket", resource), Vec::<bool>::new(), "{resource}");
    }
    for resource in OBJECTS {
        assert_eq!(granted("s3:DeleteBucket", resource), Vec::<bool>::new(), "{resource}");
    }
}

#[test]
fn a_denial_takes_away_what_its_resource_describes() {
    let left = |action: &str, resource: &str| {
        let allow = r#""Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"s3:*","Resource":"*""#;
        let deny = format!(r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":{resource}"#);
        let document = policy(&[allow, &deny]);
        let target = bucket().targets(action).remove(0);
        grants(&document, action, &target).len()
    };
    for resource in ALL {
        assert_eq!(left("s3:DeleteBucket", resource), 0, "{resource}");
    }
    for resource in ALL.iter().chain(OBJECTS).filter(|resource| !resource.contains("?*")) {
        assert_eq!(left("s3:GetObject", resource), 0, "{resource}");
    }
    for resource in NONE {
        assert_eq!((left("s3:GetObject", resource), left("s3:DeleteBucket", resource)), (1, 1), "{resource}");
    }
}

#[test]
fn plain_requests_are_denied_on_what_the_resource_describes() {
    let tls = |resource: &str| {
        let deny = format!(
            r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":{resource},"Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}"#
        );
        matches!(tls_only(&policy(&[&deny]), BUCKET), TlsEnforcement::Enforced(_))
    };
    for resource in ALL {
        assert!(tls(resource), "{resource}");
    }
    for resource in OBJECTS.iter().chain(NONE) {
        assert!(!tls(resource), "{resource}");
    }
}

#[test]
fn in_the_policy_of_a_key_any_form_is_the_key() {
    const KEY: &str = "arn:aws:kms:eu-west-1:222233334444:key/0a1b";
    let decrypts = |resource: &str| {
        let allow = format!(
            r#""Effect":"Allow","Principal":{{"AWS":"999988887777"}},"Action":"kms:Decrypt","Resource":{resource}"#
        );
        decrypters_outside(&policy(&[&allow]), KEY, &Designated::default()).len()
    };
    for resource in [
        r#""*""#,
        r#""arn:aws:kms:*:*:key/*""#,
        r#""arn:aws:kms:*:222233334444:*""#,
        r#""arn:*:kms:eu-west-1:222233334444:key/0a1b""#,
        r#"["arn:aws:s3:::org-logs","*"]"#,
    ] {
        assert_eq!(decrypts(resource), 1, "{resource}");
    }
    assert_eq!(decrypts(r#""arn:aws:kms:*:*:key/other""#), 0);
}
