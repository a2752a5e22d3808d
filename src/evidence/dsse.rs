//! DSSE envelopes: <https://github.com/secure-systems-lab/dsse/blob/v1.0.0/envelope.md>, with one signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::key::{PublicKey, Signer, SigningError};

/// The payload type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// A payload with a signature over it and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload is.
    pub payload_type: String,
    /// What is signed.
    pub payload: Vec<u8>,
    /// Which key signed, as [`PublicKey::fingerprint`] says. A hint: it is not signed.
    pub key_id: String,
    /// The signature.
    pub signature: Vec<u8>,
}

/// What keeps an envelope from being believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// No JSON, or not of an envelope's shape.
    #[error("it is no DSSE envelope: {detail}")]
    Malformed {
        /// What the parser says.
        detail: String,
    },
    /// The same envelope in other bytes: with white space, say.
    #[error("it is not written as trailproof writes an envelope")]
    Form,
    /// An envelope around something else.
    #[error("its payload is of type {found:?}, not {expected:?}")]
    Type {
        /// The type in the envelope.
        found: String,
        /// The type that belongs here.
        expected: &'static str,
    },
    /// None of the keys made the signature.
    #[error("its signature is not by {keys}; it says that the key {said} signed")]
    Signature {
        /// The keys that were given.
        keys: String,
        /// The key that the envelope names.
        said: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: [WrittenSignature; 1],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSignature {
    keyid: String,
    sig: String,
}

/// What is signed: DSSE's pre-authentication encoding.
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    encoded.extend(payload);
    encoded
}

impl Envelope {
    /// Signs a payload.
    pub fn sign(payload_type: &str, payload: Vec<u8>, signer: &Signer<'_>) -> Result<Self, SigningError> {
        let signature = signer.sign(&pre_authentication_encoding(payload_type, &payload))?;
        Ok(Self {
            payload_type: payload_type.to_owned(),
            payload,
            key_id: signer.public_key().fingerprint(),
            signature,
        })
    }

    /// One line of JSON, with a line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = json!({
            "payload": STANDARD.encode(&self.payload),
            "payloadType": self.payload_type,
            "signatures": [{ "keyid": self.key_id, "sig": STANDARD.encode(&self.signature) }],
        });
        format!("{written}\n").into_bytes()
    }

    /// Reads an envelope in the one form that [`Self::to_bytes`] writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let malformed = |detail: String| EnvelopeError::Malformed { detail };
        let written: Written = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        let [signature] = written.signatures;
        let decode = |text: &str| STANDARD.decode(text).map_err(|error| malformed(error.to_string()));
        let envelope = Self {
            payload_type: written.payload_type,
            payload: decode(&written.payload)?,
            key_id: signature.keyid,
            signature: decode(&signature.sig)?,
        };
        if envelope.to_bytes() == bytes { Ok(envelope) } else { Err(EnvelopeError::Form) }
    }

    /// The key that signed it, if it is one of these and the payload is of this type.
    pub fn verify<'k>(
        &self,
        payload_type: &'static str,
        keys: &'k [PublicKey],
    ) -> Result<&'k PublicKey, EnvelopeError> {
        if self.payload_type != payload_type {
            return Err(EnvelopeError::Type { found: self.payload_type.clone(), expected: payload_type });
        }
        let message = pre_authentication_encoding(&self.payload_type, &self.payload);
        // The key that is named must be the one that signed: its name is not under the signature.
        let signed =
            |key: &&PublicKey| key.fingerprint() == self.key_id && key.verify(&message, &self.signature);
        keys.iter().find(signed).ok_or_else(|| EnvelopeError::Signature {
            keys: keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>().join(" or "),
            said: self.key_id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_envelope_is_read_as_it_is_written(
            payload_type in "[ -~]{0,40}", payload in vec(any::<u8>(), 0..200), key_id in "[ -~]{0,80}",
            signature in vec(any::<u8>(), 0..80),
        ) {
            let envelope = Envelope { payload_type, payload, key_id, signature };
            prop_assert_eq!(Envelope::parse(&envelope.to_bytes()), Ok(envelope));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in ".{0,300}") {
            prop_assert!(Envelope::parse(text.as_bytes()).is_err());
            let statement = super::super::statement::Statement::<super::super::statement::Evidence>::parse(
                text.as_bytes(), super::super::statement::EVIDENCE,
            );
            prop_assert!(statement.is_err());
        }
    }

    #[test]
    fn an_envelope_in_other_bytes_is_refused() {
        let envelope =
            Envelope { payload_type: "t".into(), payload: vec![0], key_id: "k".into(), signature: vec![0] };
        let text = String::from_utf8(envelope.to_bytes()).unwrap();
        // White space, and base64 with bits that decode to nothing.
        for other in [text.replace(':', ": "), format!("{text}\n"), text.replacen("AA==", "AB==", 1)] {
            assert!(Envelope::parse(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn the_pre_authentication_encoding_is_that_of_the_specification() {
        // The example of the DSSE protocol's test vectors.
        assert_eq!(
            pre_authentication_encoding("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }
}
