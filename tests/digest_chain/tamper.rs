//! What an attacker, or an accident, does to an archive, and all that a verifier must then report.

use chrono::TimeDelta;
use serde_json::json;
use trailproof::integrity::DefectKind;

use super::{Archive, ChainName, Object, gzip, keys, sha256, stamp};

/// An operation on the digest at a place in a chain, or on its first log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tampering {
    // These sign the rest of the chain again: to be applied before the others.
    /// The next digest gives another hash for this one, with its genuine key: the rest of the chain is sound.
    HashRewritten,
    /// The next digest gives another signature for this one, with its genuine key.
    SignatureRewritten,
    /// This digest is gone, and the next one follows the one before it, with its genuine key.
    CutOut,
    // Logs.
    LogChanged,
    LogDeleted,
    LogNotGzip,
    LogTruncated,
    LogEmptied,
    LogDamaged,
    LogMemberAppended,
    LogBytesAppended,
    LogForged,
    // Digests.
    DigestNotGzip,
    DigestNotJson,
    DigestMemberAppended,
    DigestBytesAppended,
    DigestUnsigned,
    DigestChanged,
    DigestSignedOtherwise,
    DigestSignedByUnknownKey,
    DigestSignedByForeignKey,
    DigestOfOtherAlgorithm,
    DigestWithoutAlgorithm,
    DigestDeleted,
    /// Two neighbours.
    DigestsDeleted,
    /// A copy of the digest before it stands in its place.
    DigestReplaced,
    /// Changed and signed again with the genuine key, but not the ones that follow.
    DigestSignedAgain,
    // Ends; the place does not matter.
    TailDeleted,
    HeadDeleted,
    AllDeleted,
}

/// Every operation, in an order in which none undoes another.
pub const ALL: [Tampering; 30] = [
    Tampering::HashRewritten,
    Tampering::SignatureRewritten,
    Tampering::CutOut,
    Tampering::LogChanged,
    Tampering::LogDeleted,
    Tampering::LogNotGzip,
    Tampering::LogTruncated,
    Tampering::LogEmptied,
    Tampering::LogDamaged,
    Tampering::LogMemberAppended,
    Tampering::LogBytesAppended,
    Tampering::LogForged,
    Tampering::DigestNotGzip,
    Tampering::DigestNotJson,
    Tampering::DigestMemberAppended,
    Tampering::DigestBytesAppended,
    Tampering::DigestUnsigned,
    Tampering::DigestChanged,
    Tampering::DigestSignedOtherwise,
    Tampering::DigestSignedByUnknownKey,
    Tampering::DigestSignedByForeignKey,
    Tampering::DigestOfOtherAlgorithm,
    Tampering::DigestWithoutAlgorithm,
    Tampering::DigestDeleted,
    Tampering::DigestsDeleted,
    Tampering::DigestReplaced,
    Tampering::DigestSignedAgain,
    Tampering::TailDeleted,
    Tampering::HeadDeleted,
    Tampering::AllDeleted,
];

/// A defect that must be reported: its kind and its object's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    pub kind: DefectKind,
    pub object: Option<String>,
}

fn at(kind: DefectKind, key: &str) -> Expected {
    Expected { kind, object: Some(key.to_owned()) }
}

fn of_time(kind: DefectKind) -> Expected {
    Expected { kind, object: None }
}

/// The logs of a digest, which no digest lists any more.
fn unlisted(logs: &[String]) -> impl Iterator<Item = Expected> + use<'_> {
    logs.iter().map(|key| at(DefectKind::LogUnlisted, key))
}

impl Tampering {
    /// Does it; all that must be reported, sorted.
    pub fn apply(self, archive: &mut Archive, chain: &ChainName, place: usize) -> Vec<Expected> {
        let digests = archive.chains[chain].clone();
        let mut expected = match self {
            Self::HashRewritten | Self::SignatureRewritten | Self::CutOut => {
                self.rewrite(archive, chain, place, &digests)
            }
            Self::LogChanged
            | Self::LogDeleted
            | Self::LogNotGzip
            | Self::LogTruncated
            | Self::LogEmptied
            | Self::LogDamaged
            | Self::LogMemberAppended
            | Self::LogBytesAppended => {
                let log = archive.logs_of(&digests[place])[0].clone();
                self.on_log(archive, &log)
            }
            Self::LogForged => {
                let time = archive.plan.start
                    + TimeDelta::hours(i64::try_from(place).expect("short"))
                    + TimeDelta::minutes(20);
                vec![at(DefectKind::LogUnlisted, &archive.add_log(chain, time, "forged").0)]
            }
            Self::DigestDeleted => {
                let mut expected = vec![at(DefectKind::DigestMissing, &digests[place])];
                expected.extend(unlisted(&delete(archive, &digests[place..=place])));
                expected
            }
            Self::DigestsDeleted => {
                let mut expected =
                    vec![at(DefectKind::DigestMissing, &digests[place]), of_time(DefectKind::Hole)];
                expected.extend(unlisted(&delete(archive, &digests[place - 1..=place])));
                expected
            }
            Self::TailDeleted => {
                let mut expected = vec![of_time(DefectKind::TailMissing)];
                expected.extend(unlisted(&delete(archive, &digests[digests.len() - 3..])));
                expected
            }
            Self::HeadDeleted => {
                let mut expected =
                    vec![at(DefectKind::DigestMissing, &digests[2]), of_time(DefectKind::HeadMissing)];
                expected.extend(unlisted(&delete(archive, &digests[..3])));
                expected
            }
            Self::AllDeleted => {
                let mut expected = vec![of_time(DefectKind::NoDigests)];
                expected.extend(unlisted(&delete(archive, &digests)));
                expected
            }
            _ => self.on_digest(archive, chain, place, &digests[place]),
        };
        expected.sort();
        expected
    }

    fn rewrite(
        self,
        archive: &mut Archive,
        chain: &ChainName,
        place: usize,
        digests: &[String],
    ) -> Vec<Expected> {
        if self == Self::CutOut {
            let mut expected = vec![of_time(DefectKind::Hole)];
            expected.extend(unlisted(&delete(archive, &digests[place..=place])));
            archive.chains.get_mut(chain).expect("the chain").remove(place);
            archive.sign_on(chain, place);
            return expected;
        }
        let next = &digests[place + 1];
        let mut json = archive.digest(next);
        let kind = if self == Self::HashRewritten {
            json["previousDigestHashValue"] = json!(sha256(b"something else"));
            DefectKind::ChainHashMismatch
        } else {
            json["previousDigestSignature"] = json!("00".repeat(256));
            DefectKind::ChainSignatureMismatch
        };
        archive.sign(next, &json);
        archive.sign_on(chain, place + 2);
        vec![at(kind, &digests[place])]
    }

    fn on_log(self, archive: &mut Archive, key: &str) -> Vec<Expected> {
        let object = archive.objects.get_mut(key).expect("the log");
        let kind = match self {
            Self::LogDeleted => {
                archive.objects.remove(key);
                DefectKind::LogMissing
            }
            Self::LogChanged => {
                let content = String::from_utf8(gzip::inflate(&object.body)).expect("text");
                object.body = gzip::compress(content.replacen("readOnly", "readonly", 1).as_bytes());
                DefectKind::LogHashMismatch
            }
            Self::LogNotGzip => {
                object.body = gzip::inflate(&object.body);
                DefectKind::LogMalformed
            }
            Self::LogTruncated => {
                object.body.truncate(object.body.len() / 2);
                DefectKind::LogMalformed
            }
            Self::LogEmptied => {
                object.body.clear();
                DefectKind::LogMalformed
            }
            Self::LogDamaged => {
                // Within the checksum at the end.
                let place = object.body.len() - 6;
                object.body[place] ^= 1;
                DefectKind::LogMalformed
            }
            Self::LogMemberAppended => {
                object.body.extend(gzip::compress(b"{\"Records\":[]}"));
                DefectKind::LogTrailingBytes
            }
            _ => {
                object.body.extend(b"appended");
                DefectKind::LogTrailingBytes
            }
        };
        vec![at(kind, key)]
    }

    fn on_digest(self, archive: &mut Archive, chain: &ChainName, place: usize, key: &str) -> Vec<Expected> {
        let logs = archive.logs_of(key);
        let mut json = archive.digest(key);
        let object = archive.objects.get_mut(key).expect("the digest");
        let mut set = |name: &str, value: &str| {
            object.metadata.insert(name.to_owned(), value.to_owned());
        };
        let contradicted =
            [at(DefectKind::ChainHashMismatch, key), at(DefectKind::ChainSignatureMismatch, key)];
        let mut expected = Vec::new();
        match self {
            Self::DigestNotGzip => {
                object.body = gzip::inflate(&object.body);
                expected.push(at(DefectKind::DigestMalformed, key));
                expected.extend(unlisted(&logs));
            }
            Self::DigestNotJson => {
                object.body = gzip::compress(b"{\"awsAccountId\":");
                expected.push(at(DefectKind::DigestMalformed, key));
                expected.push(at(DefectKind::ChainHashMismatch, key));
                expected.extend(unlisted(&logs));
            }
            Self::DigestMemberAppended => {
                object.body.extend(gzip::compress(b"{}"));
                expected.push(at(DefectKind::DigestTrailingBytes, key));
            }
            Self::DigestBytesAppended => {
                object.body.extend(b"appended");
                expected.push(at(DefectKind::DigestTrailingBytes, key));
            }
            Self::DigestUnsigned => {
                object.metadata.clear();
                expected.push(at(DefectKind::DigestUnsigned, key));
            }
            Self::DigestChanged => {
                json["newestEventTime"] = json!(stamp(archive.plan.start));
                object.body = gzip::compress(json.to_string().as_bytes());
                expected.push(at(DefectKind::DigestSignatureInvalid, key));
                expected.push(at(DefectKind::ChainHashMismatch, key));
            }
            Self::DigestSignedOtherwise => {
                set("signature", &"ab".repeat(256));
                expected.push(at(DefectKind::DigestSignatureInvalid, key));
                expected.push(at(DefectKind::ChainSignatureMismatch, key));
            }
            Self::DigestSignedByUnknownKey => {
                let foreign = keys::of_region("zz-foreign-1");
                json["digestPublicKeyFingerprint"] = json!(foreign.fingerprint());
                archive.sign_with(key, &json, &foreign);
                expected.push(at(DefectKind::DigestKeyUnknown, key));
                expected.extend(contradicted);
            }
            Self::DigestSignedByForeignKey => {
                archive.sign_with(key, &json, &keys::of_region("zz-foreign-1"));
                expected.push(at(DefectKind::DigestSignatureInvalid, key));
                expected.push(at(DefectKind::ChainSignatureMismatch, key));
            }
            Self::DigestOfOtherAlgorithm => {
                set("signature-algorithm", "SHA1withRSA");
                expected.push(at(DefectKind::DigestAlgorithm, key));
            }
            Self::DigestWithoutAlgorithm => {
                object.metadata.remove("signature-algorithm");
                expected.push(at(DefectKind::DigestAlgorithm, key));
            }
            Self::DigestReplaced => {
                let before = &archive.chains[chain][place - 1];
                let copy: Object = archive.objects[before].clone();
                archive.objects.insert(key.to_owned(), copy);
                expected.push(at(DefectKind::DigestMoved, key));
                expected.extend(contradicted);
                expected.extend(unlisted(&logs));
            }
            Self::DigestSignedAgain => {
                let dropped = json["logFiles"].as_array_mut().expect("a list").remove(0);
                archive.sign(key, &json);
                expected.extend(contradicted);
                expected.push(at(DefectKind::LogUnlisted, dropped["s3Object"].as_str().expect("a key")));
            }
            _ => unreachable!("{self:?} is no operation on a digest"),
        }
        expected
    }
}

/// Deletes digests; the logs that they listed.
fn delete(archive: &mut Archive, digests: &[String]) -> Vec<String> {
    let logs = digests.iter().flat_map(|key| archive.logs_of(key)).collect();
    for key in digests {
        archive.objects.remove(key);
    }
    logs
}
