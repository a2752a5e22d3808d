//! What is known of condition keys: whose they are, who gives them their values, and which every request carries.
//!
//! Follows "AWS global condition context keys" of the IAM User Guide and the condition keys of services in the Service
//! Authorization Reference (both read 2026-11-28). A key that is not named here is one whose value the caller may
//! choose.

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
    Some(match key {
        "aws:sourcevpc" | "aws:sourcevpce" => Endpoint::Id,
        "aws:sourcevpcarn" => Endpoint::Arn,
        "aws:vpceaccount" => Endpoint::Account,
        "aws:vpceorgid" => Endpoint::Organization,
        "aws:vpceorgpaths" => Endpoint::Path,
        _ => return None,
    })
}

/// Keys whose values are given by an address, another account or AWS, not by the caller. Those of endpoints are not
/// among them: see [`endpoint`].
pub(super) fn is_of_outside(key: &str) -> bool {
    matches!(
        key,
        "aws:sourceip"
            | "aws:principalaccount"
            | "aws:principalorgid"
            | "aws:principalorgpaths"
            | "kms:calleraccount"
            | "aws:sourceaccount"
            | "aws:sourceowner"
            | "aws:sourcearn"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "aws:resourceaccount"
            | "s3:resourceaccount"
            | "aws:resourceorgid"
            | "aws:resourceorgpaths"
    )
}

/// Keys that are the resource's own properties, whoever asks. A name that only holds the word is another matter:
/// `kms:GrantIsForAWSResource` tells of the request.
pub(super) fn is_of_resource(key: &str) -> bool {
    let name = key.split_once(':').map_or(key, |(_, name)| name);
    let starts = ["resourcetag/", "resource/", "existingobjecttag/", "existingjob"];
    starts.iter().any(|start| name.starts_with(start))
        || matches!(
            name,
            "resourceaccount"
                | "resourceorgid"
                | "resourceorgpaths"
                | "resourcealiases"
                | "resourcetag"
                | "resourceid"
                | "resourceowner"
        )
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
    Some(match key {
        "aws:resourceaccount" | "s3:resourceaccount" => OfOwner::Account,
        "aws:resourceorgid" => OfOwner::Organization,
        "aws:resourceorgpaths" => OfOwner::Path,
        _ => return None,
    })
}

/// Keys that (nearly) every request carries with a value that a case may not have told.
pub(super) fn is_always_there(key: &str) -> bool {
    key == "aws:requestedregion" || of_owner(key).is_some()
}

/// Keys that may have several values. "Policy variables" are of keys with one.
pub(super) fn is_multivalued(key: &str) -> bool {
    matches!(
        key,
        "aws:principalorgpaths"
            | "aws:sourceorgpaths"
            | "aws:resourceorgpaths"
            | "aws:vpceorgpaths"
            | "aws:principalservicenameslist"
            | "aws:calledvia"
            | "aws:tagkeys"
            | "kms:resourcealiases"
            | "kms:grantoperations"
            | "kms:encryptioncontextkeys"
    )
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
    Some(match key {
        "aws:principalorgid" | "aws:sourceorgid" => Nature::OrganizationId,
        "aws:principalorgpaths" | "aws:sourceorgpaths" => Nature::OrganizationPath,
        "aws:principalaccount" | "kms:calleraccount" | "aws:sourceaccount" | "aws:sourceowner" => {
            Nature::Account
        }
        "aws:principalarn" | "aws:sourcearn" => Nature::Arn,
        "s3:dataaccesspointaccount" => Nature::AccessPointAccount,
        "s3:dataaccesspointarn" => Nature::AccessPointArn,
        // Whose key is named says nothing of whose request it is.
        "s3:x-amz-server-side-encryption-aws-kms-key-id" | "aws:ec2instancesourcevpc" => Nature::Fixed,
        "aws:userid" => Nature::UserId,
        "aws:sourceip" => Nature::Address,
        "aws:vpcsourceip" | "aws:ec2instancesourceprivateipv4" => Nature::PrivateAddress,
        "aws:securetransport" | "aws:multifactorauthpresent" | "aws:viaawsservice" => {
            Nature::Choice(&["true", "false"])
        }
        "aws:principaltype" => Nature::Choice(&["Account", "User", "AssumedRole", "FederatedUser"]),
        "aws:multifactorauthage"
        | "aws:username"
        | "aws:useragent"
        | "aws:referer"
        | "aws:tagkeys"
        | "aws:calledvia"
        | "aws:calledviafirst"
        | "aws:calledvialast"
        | "aws:federatedprovider"
        | "aws:sourceidentity"
        | "kms:viaservice"
        | "kms:grantisforawsresource"
        | "kms:grantoperations"
        | "kms:granteeprincipal"
        | "kms:retiringprincipal"
        | "kms:grantconstrainttype"
        | "kms:bypasspolicylockoutsafetycheck"
        | "kms:requestalias"
        | "kms:encryptionalgorithm"
        | "kms:signingalgorithm"
        | "kms:macalgorithm"
        | "kms:messagetype"
        | "kms:datakeypairspec"
        | "kms:encryptioncontextkeys"
        | "kms:reencryptonsamekey"
        | "kms:rotationperiodindays"
        | "kms:schedulekeydeletionpendingwindowindays" => Nature::Free,
        _ if endpoint(key).is_some() => Nature::Fixed,
        _ if is_of_resource(key) => return None,
        _ => return free(key, by_service),
    })
}

fn free(key: &str, by_service: bool) -> Option<Nature> {
    if let Some(context) = key.strip_prefix("kms:encryptioncontext:") {
        let names_source = by_service && context.starts_with("aws:") && context.ends_with("arn");
        return Some(if names_source { Nature::Arn } else { Nature::Free });
    }
    let prefixes = ["aws:principaltag/", "aws:requesttag/", "s3:", "kms:encryptioncontext"];
    prefixes.iter().any(|prefix| key.starts_with(prefix)).then_some(Nature::Free)
}
