//! The public RSA keys that CloudTrail lists: PKCS#1 (RFC 8017, A.1.1), alone or within a `SubjectPublicKeyInfo` (RFC 5280,
//! 4.1.2.7).

use der::asn1::{AnyRef, ObjectIdentifier};
use pkcs1::RsaPublicKey;
use spki::SubjectPublicKeyInfoRef;

/// The identifier of RSA keys, whose parameters are NULL (RFC 3279, 2.3.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The PKCS#1 form of a key that is given in it or in a `SubjectPublicKeyInfo`; `None` if it is neither.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<&[u8]> {
    if is_pkcs1(der) {
        return Some(der);
    }
    let info = SubjectPublicKeyInfoRef::try_from(der).ok()?;
    let is_rsa = info.algorithm.oid == RSA && info.algorithm.parameters == Some(AnyRef::NULL);
    info.subject_public_key.as_bytes().filter(|key| is_rsa && is_pkcs1(key))
}

fn is_pkcs1(der: &[u8]) -> bool {
    RsaPublicKey::try_from(der).is_ok()
}
