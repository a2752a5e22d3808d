//! Signing with a key that AWS KMS holds: ECDSA over P-256, with the caller's own credentials.

use aws_config::Region;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use super::{SetupError, configure};
use crate::plan::CollectSettings;
use crate::policy::Arn;

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KmsError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("kms:{operation}: {}", .failure.detail)]
    Refused { operation: &'static str, failure: Box<Failure> },
    #[error("it is of the kind {spec} for {usage}, not ECC_NIST_P256 for SIGN_VERIFY")]
    Kind { spec: String, usage: String },
    #[error("the answer is empty")]
    Empty,
}

/// A key of KMS, and the way there.
#[derive(Debug)]
pub(crate) struct KmsKey {
    id: String,
    client: Client,
    public_key: Vec<u8>,
}

impl KmsKey {
    /// Looks at the key, by its ARN, and fetches its public key.
    pub(crate) async fn open(settings: &CollectSettings, id: &str) -> Result<Self, KmsError> {
        let client = client(settings, id).await?;
        let public_key = public_key(&client, id).await?;
        Ok(Self { id: id.to_owned(), client, public_key })
    }

    /// Its public key, a `SubjectPublicKeyInfo` in DER.
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Signs a message: KMS is given its SHA-256 alone, and answers in DER.
    pub(crate) async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KmsError> {
        let digest = Sha256::digest(message);
        let answer = self
            .client
            .sign()
            .key_id(&self.id)
            .message(Blob::new(digest.to_vec()))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .send()
            .await
            .map_err(|error| refused("Sign", Failure::from_sdk(&error)))?;
        answer.signature.map(Blob::into_inner).ok_or(KmsError::Empty)
    }
}

fn refused(operation: &'static str, failure: Failure) -> KmsError {
    KmsError::Refused { operation, failure: Box::new(failure) }
}

async fn client(settings: &CollectSettings, id: &str) -> Result<Client, KmsError> {
    let config = configure(settings).await?;
    let mut own = aws_sdk_kms::config::Builder::from(&config)
        .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(settings.call_time_limit).build());
    // A key lives in the region that its ARN names, whatever the caller's is.
    if let Some(key) = Arn::parse(id) {
        own = own.region(Region::new(key.region.to_owned()));
    }
    Ok(Client::from_conf(own.build()))
}

async fn public_key(client: &Client, id: &str) -> Result<Vec<u8>, KmsError> {
    let answer = client.get_public_key().key_id(id).send().await;
    let answer = answer.map_err(|error| refused("GetPublicKey", Failure::from_sdk(&error)))?;
    let fits = answer.key_spec == Some(KeySpec::EccNistP256)
        && answer.key_usage == Some(KeyUsageType::SignVerify)
        && answer.signing_algorithms().contains(&SigningAlgorithmSpec::EcdsaSha256);
    if !fits {
        let word = |word: Option<&str>| word.unwrap_or("unknown").to_owned();
        return Err(KmsError::Kind {
            spec: word(answer.key_spec.as_ref().map(KeySpec::as_str)),
            usage: word(answer.key_usage.as_ref().map(KeyUsageType::as_str)),
        });
    }
    answer.public_key.map(Blob::into_inner).ok_or(KmsError::Empty)
}
