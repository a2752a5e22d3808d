//! Services that show what they read to whoever asks them. See [`super`].
//!
//! A bucket policy lets `CloudFront` read for a distribution, or Amplify Hosting for a website, by `aws:SourceArn`: who may
//! see the objects then is the distribution's or the website's own setting, and the usual one is everybody ("Restrict access
//! to an Amazon S3 origin", Amazon `CloudFront` Developer Guide; "Creating a bucket policy to deploy a static website from S3
//! using the AWS SDKs", AWS Amplify Hosting User Guide; both read 2026-11-29).

use super::bucket::{READ_ACTIONS, grants_of};
use super::grants::{Grant, Scope};
use super::source::SourceLimit;
use super::{Answer, Evidence};
use crate::arn::segment;
use crate::condition::Condition;
use crate::document::{Document, PrincipalPattern};

const SERVICES: [&str; 2] = ["amplify.amazonaws.com", "cloudfront.amazonaws.com"];

/// Whether the grant goes to a service that shows what it reads to whoever asks, as far as its settings let it. One for no
/// service by name may, if it is for a distribution or website.
pub fn hands_out(document: &Document, grant: &Grant) -> bool {
    let Scope::Service { name, .. } = &grant.scope else { return false };
    if name.contains('.') {
        return SERVICES.contains(&name.as_str());
    }
    let statement = document.statements.iter().find(|statement| statement.id == grant.statement);
    let conditions = statement.into_iter().flat_map(|statement| &statement.conditions);
    let on_source = conditions.filter(|condition| condition.lowercase_key() == "aws:sourcearn");
    on_source.flat_map(Condition::values).any(|value| {
        let service = segment(value.text(), 2);
        service.is_some_and(|service| SERVICES.iter().any(|known| known.split('.').next() == Some(service)))
    })
}

/// Statements by which such a service reads objects. On behalf of anyone it shows them to everyone: whoever wants them
/// makes a distribution. On behalf of somebody, that is not known; nor is it of an origin access identity, `CloudFront`'s older
/// way, which a policy names by an ARN or a canonical user.
pub fn served(document: &Document, bucket_arn: &str) -> Answer {
    let (mut certain, mut uncertain) = (Vec::new(), Vec::new());
    for grant in grants_of(document, bucket_arn, READ_ACTIONS) {
        match &grant.scope {
            Scope::Service { source, .. } if hands_out(document, &grant) => {
                if grant.certain && *source == SourceLimit::Anyone {
                    certain.push(grant.evidence());
                } else {
                    uncertain.push(possible(&grant));
                }
            }
            Scope::Principals(arns) if arns.iter().any(|arn| segment(arn, 4) == Some("cloudfront")) => {
                uncertain.push(possible(&grant));
            }
            Scope::Unknown(_) if names_a_canonical_user(document, &grant) => {
                uncertain.push(possible(&grant));
            }
            _ => {}
        }
    }
    Answer::from_evidence(certain, uncertain)
}

fn names_a_canonical_user(document: &Document, grant: &Grant) -> bool {
    let statement = document.statements.iter().find(|statement| statement.id == grant.statement);
    let principal = statement.and_then(|statement| statement.principal.as_ref());
    principal.is_some_and(|element| {
        element.patterns.iter().any(|pattern| matches!(pattern, PrincipalPattern::CanonicalUser(_)))
    })
}

fn possible(grant: &Grant) -> Evidence {
    let mut evidence = grant.evidence();
    evidence.reason.push_str(", which may show it to everyone");
    evidence
}
