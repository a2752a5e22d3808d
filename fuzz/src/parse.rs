//! A document of any text is refused with a message or means the same each time.

use trailproof_policy::{
    AccountEquivalence, Bound, Context, ContextValue, Document, Organization, PolicyKind, Principal, Request,
    Target,
};

/// Parses the text and asks every question that needs nothing but a document.
pub fn parse(text: &str) {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            assert!(!error.to_string().is_empty(), "a refusal says why");
            return;
        }
    };
    assert_eq!(Document::parse(text).as_ref(), Ok(&document), "parsing is repeatable");
    for (index, statement) in document.statements.iter().enumerate() {
        assert_eq!(statement.id.number, index + 1, "statements are numbered in order");
    }
    let organization = Organization {
        id: Some("o-exampleorgid".to_owned()),
        management_account: Some("111111111111".to_owned()),
    };
    for kind in [PolicyKind::ServiceControl, PolicyKind::ResourceControl, PolicyKind::ResourceBased] {
        let bound = Bound {
            kind,
            organization: &organization,
            partition: Some("aws"),
            accounts: None,
            resource_controlled: &[],
        };
        for found in document.without_effect(&bound) {
            assert!(!found.reasons.is_empty(), "what has no effect has a reason");
            found.reasons.iter().for_each(|reason| assert!(!reason.to_string().is_empty()));
        }
    }
    let equivalence = AccountEquivalence::of([&document]);
    let stranger = equivalence.unmentioned_account();
    let _ = equivalence.group(&stranger, Some("o-exampleorgid/r-root/"));
    judge(&document);
}

/// A concrete request and the same one with everything else open: what is sure of the open one holds for the other.
fn judge(document: &Document) {
    let role = "arn:aws:iam::111111111111:role/app";
    let principal =
        || Principal::AwsAccountPrincipal { arn: role.to_owned(), account: "111111111111".to_owned() };
    let (action, resource) = ("s3:DeleteObject", "arn:aws:s3:::org-logs/AWSLogs/1.json.gz");
    let known = Context::concrete()
        .with("aws:SourceIp", ContextValue::one("203.0.113.9"))
        .with("aws:PrincipalTag/team", ContextValue::one("audit"));
    let concrete = document.evaluate(&Request::new(principal(), action, resource, known));
    let open = document.evaluate(&Request {
        principal: Principal::AnyOfAccount("111111111111".to_owned()),
        action: Target::actions("s3:Delete*"),
        resource: Target::resources("arn:aws:s3:::org-logs/*"),
        context: Context::open(),
    });
    crate::evaluate::agree(concrete.outcome, open.outcome);
}
