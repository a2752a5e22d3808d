//! What is known of condition keys: whose they are, who gives them their values, and which every request carries.
//!
//! Which key is what, the dated file of [`super::reference`] says. A key of it in no other class is one whose value the caller
//! may choose; of a key that is not in it nothing is known.

use super::glob::{Glob, Language};
use super::reference::condition_keys::{first, is};

pub(super) use super::reference::condition_keys::is_known;

/// What a key says of the network that a request comes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// The id of a VPC or of an endpoint, which AWS gives.
    Id,
    /// The ARN of a VPC.
    Arn,
    /// The account that owns the endpoint.
    Account,
    /// That account's organization.
    Organization,
    /// That account's path in its organization.
    Path,
}

/// Keys that say through which VPC endpoint a request comes. They tell of a network, not of the caller: whoever can
/// make an endpoint in an account gets its values, with credentials of any other.
pub(super) fn endpoint(key: &str) -> Option<Endpoint> {
    const CLASSES: &[(&str, Endpoint)] = &[
        ("endpoint id", Endpoint::Id),
        ("endpoint arn", Endpoint::Arn),
        ("endpoint account", Endpoint::Account),
        ("endpoint organization", Endpoint::Organization),
        ("endpoint path", Endpoint::Path),
    ];
    first(CLASSES, key)
}

/// Keys whose values are given by an address, another account or AWS, not by the caller. Those of endpoints are not
/// among them: see [`endpoint`].
pub(super) fn is_of_outside(key: &str) -> bool {
    is("outside", key)
}

/// Keys that are the resource's own properties, whoever asks. A name that only holds the word is another matter:
/// `kms:GrantIsForAWSResource` tells of the request.
pub(super) fn is_of_resource(key: &str) -> bool {
    is("property", key.split_once(':').map_or(key, |(_, name)| name))
}

/// Keys of the resource's owner, by which kind of value it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfOwner {
    /// The account.
    Account,
    /// Its organization.
    Organization,
    /// Its path in the organization.
    Path,
}

/// What a key says of the account that owns the resource.
pub(super) fn of_owner(key: &str) -> Option<OfOwner> {
    const CLASSES: &[(&str, OfOwner)] = &[
        ("owner account", OfOwner::Account),
        ("owner organization", OfOwner::Organization),
        ("owner path", OfOwner::Path),
    ];
    first(CLASSES, key)
}

/// Keys that every request carries, with a value that a case may not have told.
pub(super) fn is_always_there(key: &str) -> bool {
    is("always", key)
}

/// The time of the request, which only goes on.
pub(super) fn is_clock(key: &str) -> bool {
    matches!(key, "aws:currenttime" | "aws:epochtime")
}

/// Whether a text can name a condition key at all: a prefix, a colon and a name. `${Team}` and `${AWS::AccountId}` of other
/// template languages cannot.
pub(super) fn is_name(key: &str) -> bool {
    key.split_once(':')
        .is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty() && !name.starts_with(':'))
}

/// Keys whose values are paths of accounts in an organization.
pub(super) fn is_path(key: &str) -> bool {
    matches!(endpoint(key), Some(Endpoint::Path))
        || is("caller path", key)
        || of_owner(key) == Some(OfOwner::Path)
}

/// Keys whose values are public addresses alone: what comes by a VPC endpoint carries `aws:VpcSourceIp` instead ("How can I use IAM policies to restrict access based on source IP
/// address?", AWS re:Post, and `aws:SourceIp` in "AWS global condition context keys", IAM User Guide, read 2026-11-29).
pub(super) fn is_public_address(key: &str) -> bool {
    is("address", key)
}

/// Keys of requests that a service itself makes of a resource, as its principal, for the account that they name ("AWS global
/// condition context keys", IAM User Guide, read 2026-11-29). No other caller carries them.
pub(super) const OF_SERVICES: [&str; 4] =
    ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];

/// How the regions of a partition begin; those of `aws` begin with none of these ("Regions and Zones", AWS, read
/// 2026-11-29).
const REGIONS: [(&str, &str); 7] = [
    ("aws-cn", "cn-*"),
    ("aws-eusc", "eusc-*"),
    ("aws-iso", "us-iso-*"),
    ("aws-iso-b", "us-isob-*"),
    ("aws-iso-e", "eu-isoe-*"),
    ("aws-iso-f", "us-isof-*"),
    ("aws-us-gov", "us-gov-*"),
];

/// The values of `aws:RequestedRegion` in a partition: each has its own regions. Anything where the partition is not known.
pub(super) fn regions(partition: &str) -> Language {
    if let Some((_, regions)) = REGIONS.iter().find(|(name, _)| *name == partition) {
        return Glob::wildcard(regions).into();
    }
    let others = REGIONS.iter().filter(|_| partition == "aws");
    Language::from(Glob::wildcard("*")).but_not(others.map(|(_, regions)| Glob::wildcard(regions)).collect())
}

/// Keys that may have several values. "Policy variables" are of keys with one.
pub(super) fn is_multivalued(key: &str) -> bool {
    is("several", key)
}

/// What a caller of a resource policy can make of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// The organization of the caller's account, or of that on whose behalf a service acts.
    OrganizationId,
    /// The path of that account.
    OrganizationPath,
    /// That account itself.
    Account,
    /// An ARN of that account.
    Arn,
    /// A network, a key or the like that is fixed by its name: out of an outsider's reach, and not bound to the account
    /// of whoever is named.
    Fixed,
    /// The access point that the request goes through, by its account: whom it lets in, its own policy says.
    AccessPointAccount,
    /// The same by its ARN.
    AccessPointArn,
    /// The unique id of a role or user, and a session's name.
    UserId,
    /// A public address.
    Address,
    /// An address within a VPC.
    PrivateAddress,
    /// The caller's own choice.
    Free,
    /// One of these.
    Choice(&'static [&'static str]),
}

/// What kind of key it is to a caller of a resource policy; `None` for those of which nothing is known, and those that
/// belong to the resource or to the time of the request. `by_service`: a service itself calls, and tells the truth of
/// the resource that it works for; nobody else has to ("Encryption context", AWS KMS Developer Guide, read 2026-11-28:
/// any pair of texts that the caller gives).
pub(super) fn nature(key: &str, by_service: bool) -> Option<Nature> {
    const CLASSES: &[(&str, Nature)] = &[
        ("caller organization", Nature::OrganizationId),
        ("caller path", Nature::OrganizationPath),
        ("caller account", Nature::Account),
        ("caller arn", Nature::Arn),
        ("caller id", Nature::UserId),
        ("access point account", Nature::AccessPointAccount),
        ("access point arn", Nature::AccessPointArn),
        ("fixed", Nature::Fixed),
        ("address", Nature::Address),
        ("private address", Nature::PrivateAddress),
        ("truth", Nature::Choice(&["true", "false"])),
        ("principal type", Nature::Choice(&["Account", "User", "AssumedRole", "FederatedUser"])),
    ];
    if let Some(context) = key.strip_prefix("kms:encryptioncontext:") {
        let names_source = by_service && context.starts_with("aws:") && context.ends_with("arn");
        return Some(if names_source { Nature::Arn } else { Nature::Free });
    }
    let named = first(CLASSES, key).or_else(|| is("free", key).then_some(Nature::Free));
    if named.is_some() {
        return named;
    }
    if endpoint(key).is_some() {
        return Some(Nature::Fixed);
    }
    // What a request to S3 says besides is the caller's to say.
    (!is_of_resource(key) && key.starts_with("s3:") && is_known(key)).then_some(Nature::Free)
}
