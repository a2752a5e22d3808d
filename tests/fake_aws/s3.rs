//! S3 (path style) and the account's public access block of S3 Control. Objects are in `objects`.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::encoding::form_fields;
use super::objects::{Uploaded, Uploads};
use super::protocol::{Answer, Content, Failure, Protocol};
use super::session_policy::iam_action;
use super::sts::timestamp;
use super::world::{Bucket, World};

/// The query name of a sub-resource, its operation, its root element, and what S3 answers where it is not set.
struct SubResource {
    query: &'static str,
    operation: &'static str,
    root: &'static str,
    absent: Absent,
}

enum Absent {
    /// An empty document.
    Empty,
    /// This code and message, with status 404.
    Code(&'static str, &'static str),
}

const SUB_RESOURCES: [SubResource; 12] = [
    sub_resource("versioning", "GetBucketVersioning", "VersioningConfiguration", Absent::Empty),
    sub_resource("logging", "GetBucketLogging", "BucketLoggingStatus", Absent::Empty),
    sub_resource(
        "notification",
        "GetBucketNotificationConfiguration",
        "NotificationConfiguration",
        Absent::Empty,
    ),
    sub_resource("acl", "GetBucketAcl", "AccessControlPolicy", Absent::Empty),
    sub_resource(
        "object-lock",
        "GetObjectLockConfiguration",
        "ObjectLockConfiguration",
        Absent::Code(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
    ),
    sub_resource(
        "lifecycle",
        "GetBucketLifecycleConfiguration",
        "LifecycleConfiguration",
        Absent::Code("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    ),
    sub_resource(
        "policy",
        "GetBucketPolicy",
        "Policy",
        Absent::Code("NoSuchBucketPolicy", "The bucket policy does not exist"),
    ),
    sub_resource(
        "policyStatus",
        "GetBucketPolicyStatus",
        "PolicyStatus",
        Absent::Code("NoSuchBucketPolicy", "The bucket policy does not exist"),
    ),
    sub_resource(
        "ownershipControls",
        "GetBucketOwnershipControls",
        "OwnershipControls",
        Absent::Code("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    ),
    sub_resource(
        "publicAccessBlock",
        "GetPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        Absent::Code(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ),
    ),
    sub_resource(
        "encryption",
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration",
        Absent::Code(
            "ServerSideEncryptionConfigurationNotFoundError",
            "The server side encryption configuration was not found",
        ),
    ),
    sub_resource(
        "replication",
        "GetBucketReplication",
        "ReplicationConfiguration",
        Absent::Code("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    ),
];

const fn sub_resource(
    query: &'static str,
    operation: &'static str,
    root: &'static str,
    absent: Absent,
) -> SubResource {
    SubResource { query, operation, root, absent }
}

/// Bucket, and the fields of the query.
pub fn parameters(path: &str, query: &str) -> Value {
    let mut fields = form_fields(query);
    let (bucket, key) =
        path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    if !bucket.is_empty() {
        fields.insert("Bucket".to_owned(), json!(bucket));
    }
    if !key.is_empty() {
        fields.insert("Key".to_owned(), json!(key));
    }
    Value::Object(fields)
}

/// The operation, or method and path where the fake has none.
pub fn operation(method: &str, path: &str, parameters: &Value) -> String {
    let has = |name: &str| parameters.get(name).is_some();
    let known = match method {
        "GET" if has("Key") => Some("GetObject"),
        "PUT" if has("Key") => Some("PutObject"),
        _ if has("Key") => None,
        "GET" if !has("Bucket") => Some("ListBuckets"),
        "HEAD" if has("Bucket") => Some("HeadBucket"),
        "GET" if has("location") => Some("GetBucketLocation"),
        "GET" if parameters["list-type"] == "2" => Some("ListObjectsV2"),
        "GET" => {
            let sub = SUB_RESOURCES.iter().find(|sub| has(sub.query)).map(|sub| sub.operation);
            Some(sub.unwrap_or("ListObjects"))
        }
        _ => None,
    };
    known.map_or_else(|| format!("{method} {path}"), str::to_owned)
}

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let operation = call.key.operation.as_str();
    let sub = SUB_RESOURCES.iter().find(|sub| sub.operation == operation);
    if operation == "ListBuckets" {
        return list_buckets(world, call);
    }
    let of_objects = ["GetObject", "ListObjectsV2", "ListObjects"].contains(&operation);
    if sub.is_none() && !of_objects && !["HeadBucket", "GetBucketLocation"].contains(&operation) {
        return Err(Failure::not_implemented("s3", operation));
    }
    let name = call.text("Bucket").unwrap_or_default();
    let bucket = world.buckets.get(name).ok_or_else(|| {
        Failure::new(404, "NoSuchBucket", "The specified bucket does not exist").detail("BucketName", name)
    })?;
    right_region(call, name, bucket)?;
    let expected = call.text("ExpectedBucketOwner").unwrap_or(&bucket.owner);
    let reads = (of_objects || operation == "GetBucketLocation")
        && world.objects.readers.contains(&call.caller.account);
    if (bucket.owner != call.caller.account && !reads) || bucket.owner != expected {
        return Err(denied(call));
    }
    match operation {
        "GetObject" => return world.objects.get(call),
        "ListObjectsV2" | "ListObjects" => {
            let page = world.page_sizes.get("s3-objects").copied().unwrap_or(1000);
            return Ok(world.objects.list(call, page));
        }
        _ => {}
    }
    match sub {
        Some(sub) => read(name, bucket, sub),
        None if operation == "HeadBucket" => {
            Ok(Answer::Headers(vec![("x-amz-bucket-region", bucket.region.clone())]))
        }
        None => {
            // The first region has no constraint.
            let region = Some(&bucket.region).filter(|region| *region != "us-east-1");
            Ok(Answer::Document("LocationConstraint", json!({ "#text": region.map_or("", String::as_str) })))
        }
    }
}

/// Stores an object, if it is what its checksum says.
pub fn put(uploads: &mut Uploads, world: &World, call: &Call) -> Result<Answer, Failure> {
    let name = call.text("Bucket").unwrap_or_default();
    let bucket = world.buckets.get(name).ok_or_else(|| {
        Failure::new(404, "NoSuchBucket", "The specified bucket does not exist").detail("BucketName", name)
    })?;
    right_region(call, name, bucket)?;
    if bucket.owner != call.caller.account {
        return Err(denied(call));
    }
    if call.text("ContentEncoding").is_some_and(|encoding| encoding.contains("aws-chunked")) {
        return Err(Failure::not_implemented("s3", "PutObject in chunks"));
    }
    let sum = aws_smithy_types::base64::encode(Sha256::digest(&call.body));
    let claimed = call.text("ChecksumSHA256");
    if claimed.is_some_and(|claimed| claimed != sum) {
        let message = "The SHA256 you specified did not match the calculated checksum.";
        return Err(Failure::new(400, "BadDigest", message));
    }
    let at = (name.to_owned(), call.text("Key").unwrap_or_default().to_owned());
    let there = uploads.get(&at).map(Uploaded::etag);
    let absent = || Failure::new(404, "NoSuchKey", "The specified key does not exist.");
    let holds = match (call.text("IfNoneMatch"), call.text("IfMatch")) {
        (Some("*"), _) => there.is_none(),
        (_, Some(etag)) => there.ok_or_else(absent)? == etag,
        _ => true,
    };
    if !holds {
        let message = "At least one of the pre-conditions you specified did not hold";
        return Err(Failure::new(412, "PreconditionFailed", message));
    }
    let uploaded = Uploaded {
        body: call.body.clone(),
        content_type: call.text("ContentType").map(str::to_owned),
        is_checked: claimed.is_some(),
    };
    let etag = uploaded.etag();
    uploads.insert(at, uploaded);
    Ok(Answer::Headers(vec![("x-amz-checksum-sha256", sum), ("etag", etag)]))
}

/// What was uploaded, for the bucket's owner; `None` where nothing was.
pub fn uploaded(uploads: &Uploads, world: &World, call: &Call) -> Option<Answer> {
    let of = |name| call.text(name).unwrap_or_default().to_owned();
    let found = uploads.get(&(of("Bucket"), of("Key")))?;
    world.buckets.get(&of("Bucket")).filter(|bucket| bucket.owner == call.caller.account)?;
    let headers = [("content-length", found.body.len().to_string()), ("etag", found.etag())];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Some(Answer::Object(headers, Content { bytes: found.body.clone(), cut: false, pause: None }))
}

pub fn answer_control(world: &World, call: &Call) -> Result<Answer, Failure> {
    if call.key.operation != "GetPublicAccessBlock" {
        return Err(Failure::not_implemented("s3control", &call.key.operation));
    }
    if call.text("AccountId") != Some(call.caller.account.as_str()) {
        return Err(denied(call));
    }
    let block =
        world.accounts.get(&call.caller.account).and_then(|account| account.public_access_block.clone());
    let block = block.ok_or_else(|| {
        let message = "The public access block configuration was not found";
        Failure::new(404, "NoSuchPublicAccessBlockConfiguration", message)
    })?;
    Ok(Answer::Document("PublicAccessBlockConfiguration", block))
}

fn denied(call: &Call) -> Failure {
    let action = iam_action(&call.key.service, &call.key.operation);
    Failure::access_denied(Protocol::S3, &action, &call.caller.arn)
}

/// A request that is signed for another region is sent on, or refused, before anything else is looked at; the
/// location may be asked from the first region.
fn right_region(call: &Call, name: &str, bucket: &Bucket) -> Result<(), Failure> {
    let signed = call.key.region.as_str();
    if signed == bucket.region || (signed == "us-east-1" && call.key.operation == "GetBucketLocation") {
        return Ok(());
    }
    let failure = if signed == "us-east-1" || call.key.operation == "HeadBucket" {
        let message =
            "The bucket you are attempting to access must be addressed using the specified endpoint.";
        Failure::new(301, "PermanentRedirect", message)
            .detail("Endpoint", &format!("s3.{}.amazonaws.com", bucket.region))
            .detail("Bucket", name)
    } else {
        let message = format!(
            "The authorization header is malformed; the region '{signed}' is wrong; expecting '{}'",
            bucket.region
        );
        Failure::new(400, "AuthorizationHeaderMalformed", message).detail("Region", &bucket.region)
    };
    Err(failure.header("x-amz-bucket-region", &bucket.region))
}

fn read(name: &str, bucket: &Bucket, sub: &SubResource) -> Result<Answer, Failure> {
    let set = bucket.configuration.get(sub.query).filter(|value| !value.is_null());
    match (sub.query, set) {
        ("policy", Some(Value::String(text))) => Ok(Answer::Raw("application/json", text.clone())),
        ("policy", Some(policy)) => Ok(Answer::Raw("application/json", policy.to_string())),
        (_, Some(document)) => Ok(Answer::Document(sub.root, document.clone())),
        ("acl", None) => Ok(Answer::Document(sub.root, owner_only(&bucket.owner))),
        ("policyStatus", None)
            if bucket.configuration.get("policy").is_some_and(|policy| !policy.is_null()) =>
        {
            Ok(Answer::Document(sub.root, json!({ "IsPublic": false })))
        }
        (_, None) => match sub.absent {
            Absent::Empty => Ok(Answer::Document(sub.root, json!({}))),
            Absent::Code(code, message) => Err(Failure::new(404, code, message).detail("BucketName", name)),
        },
    }
}

/// The ACL of a new bucket. The canonical user id is made from the account id.
fn owner_only(account: &str) -> Value {
    let id = format!("{account:0>64}");
    let grantee = json!({
        "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "@xsi:type": "CanonicalUser", "ID": id,
    });
    json!({
        "Owner": { "ID": id },
        "AccessControlList": { "Grant": [{ "Grantee": grantee, "Permission": "FULL_CONTROL" }] },
    })
}

fn list_buckets(world: &World, call: &Call) -> Result<Answer, Failure> {
    let prefix = call.text("prefix").unwrap_or_default();
    let region = call.text("bucket-region");
    let created = timestamp(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000));
    let buckets = world.buckets.iter().filter(|(name, bucket)| {
        bucket.owner == call.caller.account
            && name.starts_with(prefix)
            && region.is_none_or(|region| bucket.region == region)
    });
    let buckets = buckets.map(|(name, bucket)| {
        if world.hides_bucket_regions {
            return json!({ "Name": name, "CreationDate": created });
        }
        json!({ "Name": name, "CreationDate": created, "BucketRegion": bucket.region })
    });
    let (page, next) =
        world.page("s3", buckets, call.text("continuation-token"), call.number("max-buckets"))?;
    let mut result = json!({
        "Owner": { "ID": format!("{:0>64}", call.caller.account) }, "Buckets": { "Bucket": page }, "Prefix": prefix,
    });
    if let Some(next) = next {
        result["ContinuationToken"] = json!(next);
    }
    Ok(Answer::Document("ListAllMyBucketsResult", result))
}
