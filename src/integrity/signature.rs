//! CloudTrail's public keys and the signatures made with them: RSA PKCS#1 v1.5 over SHA-256.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::defect::Unverifiable;
use super::der;
use crate::model::hexadecimal;

/// The one algorithm that CloudTrail signs with.
pub(super) const ALGORITHM: &str = "SHA256withRSA";

/// Why a public key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither PKCS#1 nor `SubjectPublicKeyInfo`.
    #[error(
        "the public key {fingerprint} that CloudTrail listed is no RSA key in PKCS#1 or SubjectPublicKeyInfo form"
    )]
    Form {
        /// As listed, or of the bytes.
        fingerprint: String,
    },
    /// The bytes are not those that the fingerprint belongs to.
    #[error("the public key listed as {listed} has the fingerprint {found}: it was changed on its way")]
    Fingerprint {
        /// As listed.
        listed: String,
        /// The bytes' MD5.
        found: String,
    },
}

/// The public keys of a region, as `cloudtrail:ListPublicKeys` gives them.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    /// PKCS#1 by fingerprint.
    keys: BTreeMap<String, Vec<u8>>,
    unavailable: Option<Unverifiable>,
}

impl KeyRing {
    /// Without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// One for a region whose keys could not be listed: what it should verify is unverifiable.
    pub fn unavailable(why: Unverifiable) -> Self {
        Self { keys: BTreeMap::new(), unavailable: Some(why) }
    }

    /// Says that some keys could not be listed: a fingerprint that is not here is unverifiable, not unknown.
    pub fn set_unavailable(&mut self, why: Unverifiable) {
        self.unavailable = Some(why);
    }

    /// Adds a key: the DER bytes of its listed value, and the fingerprint that was listed with it.
    pub fn add(&mut self, value: &[u8], listed: Option<&str>) -> Result<(), KeyError> {
        let found = fingerprint(value);
        let Some(key) = der::rsa_public_key(value) else {
            return Err(KeyError::Form { fingerprint: listed.map_or(found, str::to_owned) });
        };
        let inner = fingerprint(key);
        if let Some(listed) = listed
            && ![&found, &inner].into_iter().any(|fingerprint| fingerprint.eq_ignore_ascii_case(listed))
        {
            return Err(KeyError::Fingerprint { listed: listed.to_owned(), found });
        }
        self.keys.insert(inner, key.to_vec());
        self.keys.insert(found, key.to_vec());
        Ok(())
    }

    /// Whether a key of this fingerprint is here.
    pub fn contains(&self, fingerprint: &str) -> bool {
        self.key(fingerprint).is_some()
    }

    /// Whether `signature` is the key's signature of `text`; an error without that key.
    pub(super) fn verify(
        &self,
        fingerprint: &str,
        text: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyAbsent<'_>> {
        let Some(key) = self.key(fingerprint) else {
            return Err(self.unavailable.as_ref().map_or(KeyAbsent::Unknown, KeyAbsent::Unavailable));
        };
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        Ok(key.verify(text, signature).is_ok())
    }

    fn key(&self, fingerprint: &str) -> Option<&[u8]> {
        self.keys.get(&fingerprint.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

/// Why no key is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyAbsent<'a> {
    /// CloudTrail has none of this fingerprint.
    Unknown,
    /// The keys could not be listed.
    Unavailable(&'a Unverifiable),
}

/// The MD5 that CloudTrail names a key by, as hexadecimal digits.
fn fingerprint(der: &[u8]) -> String {
    hexadecimal(&Md5::digest(der))
}
