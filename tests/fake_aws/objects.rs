//! Objects in the fake's buckets: listings with pages, reads with metadata, and every way in which a read goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::call::Call;
use super::protocol::{Answer, Content, Failure};

/// Objects of all buckets.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// By bucket and key.
    pub buckets: BTreeMap<String, BTreeMap<String, StoredObject>>,
    /// Accounts that the buckets' policies let read, besides the owners.
    pub readers: BTreeSet<String>,
}

/// What was uploaded, by bucket and key.
pub type Uploads = BTreeMap<(String, String), Uploaded>;

/// An object that was uploaded.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// As it came.
    pub body: Bytes,
    /// As the uploader says.
    pub content_type: Option<String>,
    /// A checksum came with it.
    pub is_checked: bool,
}

impl Uploaded {
    /// The same for the same content.
    pub fn etag(&self) -> String {
        format!("\"{}\"", aws_smithy_types::base64::encode(sha2::Sha256::digest(&self.body)))
    }
}

/// An object.
#[derive(Clone, Debug, Default)]
pub struct StoredObject {
    /// As it is stored.
    pub body: Bytes,
    /// `x-amz-meta-*`.
    pub metadata: BTreeMap<String, String>,
    /// It is served with `Content-Encoding: gzip`.
    pub content_encoding: bool,
    /// How reading it goes.
    pub reading: Reading,
}

/// How reading an object goes.
#[derive(Clone, Debug, Default)]
pub enum Reading {
    /// As it should.
    #[default]
    Good,
    /// The policy refuses.
    Denied,
    /// The key's policy refuses.
    KeyDenied,
    /// It is in an archive storage class.
    Archived,
    /// 503 so many times, then as it should.
    SlowDown(Arc<AtomicUsize>),
    /// Half of it, then the connection ends; so many times, then as it should.
    Cut(Arc<AtomicUsize>),
    /// A few bytes at a time, with a pause after each.
    Slow(Duration),
    /// Said to be so many bytes long; half of it comes, then the connection ends.
    Declaring(u64),
}

impl Reading {
    /// 503 so many times.
    pub fn slow_down(times: usize) -> Self {
        Self::SlowDown(Arc::new(AtomicUsize::new(times)))
    }

    /// A cut body so many times.
    pub fn cut(times: usize) -> Self {
        Self::Cut(Arc::new(AtomicUsize::new(times)))
    }
}

fn uses_up(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

impl Objects {
    /// The objects of a bucket.
    pub fn bucket(&mut self, name: &str) -> &mut BTreeMap<String, StoredObject> {
        self.buckets.entry(name.to_owned()).or_default()
    }

    pub fn get(&self, call: &Call) -> Result<Answer, Failure> {
        let key = call.text("Key").unwrap_or_default();
        let bucket = call.text("Bucket").unwrap_or_default();
        let object = self.buckets.get(bucket).and_then(|objects| objects.get(key)).ok_or_else(|| {
            Failure::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key)
        })?;
        let mut content = Content { bytes: object.body.clone(), cut: false, pause: None };
        match &object.reading {
            Reading::Good => {}
            Reading::Denied => return Err(Failure::new(403, "AccessDenied", "Access Denied")),
            Reading::KeyDenied => {
                let message = format!(
                    "User: {} is not authorized to perform: kms:Decrypt on the resource associated with this \
                     ciphertext",
                    call.caller.arn
                );
                return Err(Failure::new(403, "AccessDenied", message));
            }
            Reading::Archived => {
                let message = "The operation is not valid for the object's storage class";
                return Err(
                    Failure::new(403, "InvalidObjectState", message).detail("StorageClass", "GLACIER")
                );
            }
            Reading::SlowDown(left) => {
                if uses_up(left) {
                    return Err(Failure::new(503, "SlowDown", "Please reduce your request rate."));
                }
            }
            Reading::Cut(left) => content.cut = uses_up(left),
            Reading::Slow(pause) => content.pause = Some(*pause),
            Reading::Declaring(_) => content.cut = true,
        }
        let length = match object.reading {
            Reading::Declaring(length) => length.to_string(),
            _ => content.bytes.len().to_string(),
        };
        let mut headers = vec![("content-length".to_owned(), length)];
        if object.content_encoding {
            headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        }
        for (name, value) in &object.metadata {
            headers.push((format!("x-amz-meta-{name}"), value.clone()));
        }
        Ok(Answer::Object(headers, content))
    }

    /// `ListObjectsV2`, or the first version that the AWS CLI still calls.
    pub fn list(&self, call: &Call, page: usize) -> Answer {
        let second = call.key.operation == "ListObjectsV2";
        let text = |name: &str| call.text(name).unwrap_or_default();
        let (bucket, prefix, delimiter) = (text("Bucket"), text("prefix"), text("delimiter"));
        let encode = |text: &str| {
            if call.text("encoding-type") == Some("url") { url_encoded(text) } else { text.to_owned() }
        };
        let after = if second { text("start-after") } else { text("marker") };
        let after = call.text("continuation-token").map_or(after, |token| &token[1..]);
        let most = call.number("max-keys").unwrap_or(1000).min(page);
        let empty = BTreeMap::new();
        let objects = self.buckets.get(bucket).unwrap_or(&empty);
        let (mut contents, mut folders): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        let mut at = after.max("").to_owned();
        let mut truncated = false;
        let mut inclusive = prefix > after;
        if inclusive {
            prefix.clone_into(&mut at);
        }
        loop {
            let from = if inclusive { Bound::Included(at.as_str()) } else { Bound::Excluded(at.as_str()) };
            let Some((key, object)) = objects.range::<str, _>((from, Bound::Unbounded)).next() else { break };
            if !key.starts_with(prefix) {
                break;
            }
            if contents.len() + folders.len() == most {
                truncated = true;
                break;
            }
            let rest = &key[prefix.len()..];
            if let Some(end) = rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                let folder = &key[..prefix.len() + end + delimiter.len()];
                if !after.starts_with(folder) {
                    folders.push(json!({ "Prefix": encode(folder) }));
                }
                at = format!("{folder}\u{10ffff}");
            } else {
                contents.push(json!({
                    "Key": encode(key), "Size": object.body.len(), "LastModified": "2026-01-01T00:00:00.000Z",
                    "ETag": "\"0\"", "StorageClass": "STANDARD",
                }));
                at.clone_from(key);
            }
            inclusive = false;
        }
        let mut result = json!({
            "Name": bucket, "Prefix": encode(prefix), "MaxKeys": most, "IsTruncated": truncated, "Contents": contents,
            "CommonPrefixes": folders,
        });
        if call.text("encoding-type") == Some("url") {
            result["EncodingType"] = json!("url");
        }
        if second {
            result["KeyCount"] = json!(contents.len() + folders.len());
        }
        if truncated && second {
            result["NextContinuationToken"] = json!(format!("={at}"));
        } else if truncated {
            result["NextMarker"] = json!(encode(&at));
        }
        Answer::Document("ListBucketResult", result)
    }
}

/// As S3 encodes keys: a form's way, but slashes stay.
fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => {
                // Writing into a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
