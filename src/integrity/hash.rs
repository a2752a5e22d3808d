//! SHA-256 hashes and signatures as hexadecimal text.

use serde::{Deserialize as _, Deserializer, Serializer};

use super::gzip::Hash;
use crate::model::hexadecimal;

/// The bytes that hexadecimal digits of either case stand for; `None` for anything else.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

/// A hash from its 64 hexadecimal digits.
pub(crate) fn parse(text: &str) -> Option<Hash> {
    if text.len() != 64 {
        return None;
    }
    bytes(text)?.try_into().ok()
}

pub(crate) fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hexadecimal(hash))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom("a SHA-256 hash is 64 hexadecimal digits"))
}

/// For a hash that may be absent.
pub(crate) mod option {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Hash;
    use crate::model::hexadecimal;

    #[expect(clippy::ref_option, reason = "as serde calls it")]
    pub(crate) fn serialize<S: Serializer>(hash: &Option<Hash>, serializer: S) -> Result<S::Ok, S::Error> {
        hash.map(|hash| hexadecimal(&hash)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hash>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| super::parse(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256 hash")))
            .transpose()
    }
}
