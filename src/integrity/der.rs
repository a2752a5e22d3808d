//! As much of DER (ITU-T X.690) as a public RSA key needs: PKCS#1 (RFC 8017, A.1.1), alone or within a
//! `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7).

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The identifier of RSA keys, 1.2.840.113549.1.1.1, and its absent parameters.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The PKCS#1 form of a key that is given in it or in a `SubjectPublicKeyInfo`; `None` if it is neither.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<&[u8]> {
    if is_pkcs1(der) {
        return Some(der);
    }
    let (info, []) = element(der, SEQUENCE)? else { return None };
    let (algorithm, rest) = element(info, SEQUENCE)?;
    let (bits, []) = element(rest, BIT_STRING)? else { return None };
    let (0, key) = bits.split_first()? else { return None };
    (algorithm == RSA && is_pkcs1(key)).then_some(key)
}

fn is_pkcs1(der: &[u8]) -> bool {
    let modulus_and_exponent = || {
        let (key, []) = element(der, SEQUENCE)? else { return None };
        let (modulus, rest) = element(key, INTEGER)?;
        let (exponent, []) = element(rest, INTEGER)? else { return None };
        Some((modulus, exponent))
    };
    modulus_and_exponent().is_some_and(|(modulus, exponent)| !modulus.is_empty() && !exponent.is_empty())
}

/// The content of the element that `der` begins with, if it has this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => {
            let (&length, rest) = rest.split_first()?;
            (usize::from(length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        // Longer than any key, or no definite length.
        _ => return None,
    };
    rest.split_at_checked(length)
}
