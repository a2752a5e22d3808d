//! Time stamps by RFC 3161: an authority's signature over a hash and a time.
//!
//! At export the answer's status, hash and nonce are checked; with certificates of authorities, its signature (CMS,
//! RFC 5652) and the chain of certificates for time stamping too.

use chrono::{DateTime, Utc};
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{Int, ObjectIdentifier, OctetString, SetOfVec};
use der::{Any, AnyRef, Decode as _, Encode as _};
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use sha2::{Digest as _, Sha256};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-kp-timeStamping`, 1.3.6.1.5.5.7.3.8, in DER without its tag.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// Why a time stamp is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// No time stamp response at all, or one that DER does not allow.
    #[error("the answer is no time stamp: {0}")]
    Malformed(String),
    /// The authority did not grant it.
    #[error("the authority refused: status {0}")]
    Refused(u8),
    /// It is of something else.
    #[error("it is of other bytes than the signature's")]
    Imprint,
    /// It answers another question.
    #[error("its nonce is not the one that was sent: it is an old answer")]
    Nonce,
    /// The signature, or the certificates behind it.
    #[error("{0}")]
    Signature(String),
    /// No random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

fn malformed(error: impl std::fmt::Display) -> TimestampError {
    TimestampError::Malformed(error.to_string())
}

/// A question to an authority.
#[derive(Debug)]
pub struct Question {
    message: Vec<u8>,
    nonce: Int,
    /// What is sent, in DER.
    pub der: Vec<u8>,
}

impl Question {
    /// Asks for a time stamp over a message.
    pub fn new(message: &[u8]) -> Result<Self, TimestampError> {
        let mut nonce = [0; 8];
        SystemRandom::new().fill(&mut nonce).map_err(|_| TimestampError::Random)?;
        // Positive, and with nothing that DER would shorten.
        if let Some(first) = nonce.first_mut() {
            *first = (*first & 0x3f) | 0x40;
        }
        let nonce = Int::new(&nonce).map_err(malformed)?;
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: imprint(message)?,
            req_policy: None,
            nonce: Some(nonce.clone()),
            cert_req: true,
            extensions: None,
        };
        Ok(Self { message: message.to_vec(), nonce, der: request.to_der().map_err(malformed)? })
    }

    /// Takes an answer, if it is one to this question.
    pub fn answer(&self, response: &[u8]) -> Result<Token, TimestampError> {
        let token = Token::parse(response, &self.message)?;
        if token.info.nonce.as_ref() == Some(&self.nonce) { Ok(token) } else { Err(TimestampError::Nonce) }
    }
}

fn imprint(message: &[u8]) -> Result<MessageImprint, TimestampError> {
    let hash_algorithm = cms::cert::x509::spki::AlgorithmIdentifier {
        oid: SHA_256,
        parameters: Some(Any::from(AnyRef::NULL)),
    };
    let hashed_message = OctetString::new(Sha256::digest(message).to_vec()).map_err(malformed)?;
    Ok(MessageImprint { hash_algorithm, hashed_message })
}

/// A time stamp of the right message.
#[derive(Debug)]
pub struct Token {
    info: TstInfo,
    content: Vec<u8>,
    signed: SignedData,
}

impl Token {
    /// Reads an authority's response, and checks its status and what it is of.
    pub fn parse(response: &[u8], message: &[u8]) -> Result<Self, TimestampError> {
        let response = TimeStampResp::from_der(response).map_err(malformed)?;
        let status = response.status.status as u8;
        // 0 is granted, 1 granted with modifications.
        if status > 1 {
            return Err(TimestampError::Refused(status));
        }
        let token: ContentInfo = response.time_stamp_token.ok_or_else(|| malformed("there is no token"))?;
        if token.content_type != SIGNED_DATA {
            return Err(malformed("the token is not signed"));
        }
        let signed: SignedData = token.content.decode_as().map_err(malformed)?;
        let encapsulated = &signed.encap_content_info;
        let content = encapsulated.econtent.as_ref().ok_or_else(|| malformed("the token is empty"))?;
        if encapsulated.econtent_type != TST_INFO {
            return Err(malformed("the token is no time stamp"));
        }
        let content = content.decode_as::<OctetString>().map_err(malformed)?.into_bytes();
        let info = TstInfo::from_der(&content).map_err(malformed)?;
        let wanted = imprint(message)?;
        let found = &info.message_imprint;
        let same = found.hash_algorithm.oid == SHA_256 && found.hashed_message == wanted.hashed_message;
        if same { Ok(Self { info, content, signed }) } else { Err(TimestampError::Imprint) }
    }

    /// The time that the authority states.
    pub fn time(&self) -> DateTime<Utc> {
        self.info.gen_time.to_system_time().into()
    }

    /// Verifies the signature, and that its certificate is for time stamping and was valid at the time, below one of
    /// these authorities.
    pub fn verify(&self, authorities: &[CertificateDer<'_>]) -> Result<(), TimestampError> {
        let wrong = |what: &str| TimestampError::Signature(what.to_owned());
        let [signer] = self.signed.signer_infos.0.as_slice() else {
            return Err(wrong("the token has not exactly one signature"));
        };
        let certificates = self.certificates()?;
        let certificate = certificates
            .iter()
            .find(|certificate| is_of(certificate, &signer.sid))
            .ok_or_else(|| wrong("the token is without its signer's certificate"))?;
        let certificate = CertificateDer::from(certificate.to_der().map_err(malformed)?);
        let end = EndEntityCert::try_from(&certificate)
            .map_err(|error| wrong(&format!("the signer's certificate: {error}")))?;
        self.verify_signature(signer, &end)?;

        let anchors: Vec<TrustAnchor<'_>> = authorities
            .iter()
            .map(anchor_from_trusted_cert)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&format!("a certificate of the authorities: {error}")))?;
        let intermediates: Vec<CertificateDer<'_>> = certificates
            .iter()
            .map(|certificate| certificate.to_der().map(CertificateDer::from))
            .collect::<Result<_, _>>()
            .map_err(malformed)?;
        let time = UnixTime::since_unix_epoch(self.info.gen_time.to_unix_duration());
        end.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &intermediates,
            time,
            KeyUsage::required(TIME_STAMPING),
            None,
            None,
        )
        .map(drop)
        .map_err(|error| {
            wrong(&format!("the signer's certificate does not lead to the authorities: {error}"))
        })
    }

    fn certificates(&self) -> Result<Vec<cms::cert::x509::Certificate>, TimestampError> {
        let set = self.signed.certificates.as_ref();
        let set =
            set.ok_or_else(|| TimestampError::Signature("the token is without certificates".to_owned()))?;
        Ok(set
            .0
            .iter()
            .filter_map(|choice| match choice {
                CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
                CertificateChoices::Other(_) => None,
            })
            .collect())
    }

    /// RFC 5652, 5.4: the signature is over the attributes, and one of them is the content's hash.
    fn verify_signature(&self, signer: &SignerInfo, end: &EndEntityCert<'_>) -> Result<(), TimestampError> {
        let wrong = |what: &str| TimestampError::Signature(what.to_owned());
        let attributes =
            signer.signed_attrs.as_ref().ok_or_else(|| wrong("the signature is without attributes"))?;
        let value = |oid: ObjectIdentifier| {
            let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
            let (first, None) = (found.next()?, found.next()) else { return None };
            let values: &SetOfVec<Any> = &first.values;
            (values.len() == 1).then(|| values.get(0).cloned()).flatten()
        };
        let content_type = value(CONTENT_TYPE).and_then(|value| value.decode_as::<ObjectIdentifier>().ok());
        if content_type != Some(TST_INFO) {
            return Err(wrong("the signature is not of a time stamp"));
        }
        let algorithm = match signer.digest_alg.oid {
            SHA_256 => &digest::SHA256,
            SHA_384 => &digest::SHA384,
            SHA_512 => &digest::SHA512,
            other => return Err(wrong(&format!("the hash {other} is not accepted"))),
        };
        let hash = digest::digest(algorithm, &self.content);
        let stated = value(MESSAGE_DIGEST).and_then(|value| value.decode_as::<OctetString>().ok());
        if stated.is_none_or(|stated| stated.as_bytes() != hash.as_ref()) {
            return Err(wrong("the signature is of another time stamp"));
        }
        let message = attributes.to_der().map_err(malformed)?;
        let verifies = |algorithm: &&dyn SignatureVerificationAlgorithm| {
            end.verify_signature(*algorithm, &message, signer.signature.as_bytes()).is_ok()
        };
        if accepted(&signer.digest_alg.oid).iter().any(verifies) {
            Ok(())
        } else {
            Err(wrong("the signature does not verify, or its algorithm is not accepted"))
        }
    }
}

/// Algorithms of signatures over this hash. CMS names the hash and the key's kind apart; a key fits one kind only.
fn accepted(hash: &ObjectIdentifier) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    match *hash {
        SHA_256 => vec![
            webpki::ring::RSA_PKCS1_2048_8192_SHA256,
            webpki::ring::ECDSA_P256_SHA256,
            webpki::ring::ECDSA_P384_SHA256,
        ],
        SHA_384 => vec![
            webpki::ring::RSA_PKCS1_2048_8192_SHA384,
            webpki::ring::ECDSA_P384_SHA384,
            webpki::ring::ECDSA_P256_SHA384,
        ],
        SHA_512 => vec![webpki::ring::RSA_PKCS1_2048_8192_SHA512, webpki::ring::ED25519],
        _ => Vec::new(),
    }
}

fn is_of(certificate: &cms::cert::x509::Certificate, signer: &SignerIdentifier) -> bool {
    let certificate = &certificate.tbs_certificate;
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            certificate.issuer == named.issuer && certificate.serial_number == named.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            let extensions = certificate.extensions.as_deref().unwrap_or_default();
            extensions.iter().any(|extension| {
                extension.extn_id == ObjectIdentifier::new_unwrap("2.5.29.14")
                    && named.to_der().is_ok_and(|named| extension.extn_value.as_bytes() == named)
            })
        }
    }
}
