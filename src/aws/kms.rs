//! Signing with a key that AWS KMS holds: ECDSA over P-256, with the caller's own credentials.

use std::future::Future;
use std::io;

use aws_config::Region;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::failure::Failure;
use super::{SetupError, configure, interrupted};
use crate::plan::CollectSettings;

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KmsError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("{0}")]
    Runtime(#[from] io::Error),
    #[error("kms:{operation}: {}", .failure.detail)]
    Refused { operation: &'static str, failure: Box<Failure> },
    #[error(
        "it is of the kind {spec} for {usage}, not ECC_NIST_P256 for SIGN_VERIFY. Make one: aws kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY"
    )]
    Kind { spec: String, usage: String },
    #[error("the answer is empty")]
    Empty,
    #[error("interrupted")]
    Interrupted,
}

/// A key of KMS, and the way there.
#[derive(Debug)]
pub(crate) struct KmsKey {
    id: String,
    client: Client,
    runtime: Runtime,
    public_key: Vec<u8>,
}

impl KmsKey {
    /// Looks at the key, by its ARN, and fetches its public key.
    pub(crate) fn open(settings: &CollectSettings, id: &str) -> Result<Self, KmsError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, public_key) = block_on(&runtime, async {
            let client = client(settings, id).await?;
            let public_key = public_key(&client, id).await?;
            Ok((client, public_key))
        })?;
        Ok(Self { id: id.to_owned(), client, runtime, public_key })
    }

    /// Its public key, a `SubjectPublicKeyInfo` in DER.
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Signs a message: KMS is given its SHA-256 alone, and answers in DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KmsError> {
        let digest = Sha256::digest(message);
        block_on(&self.runtime, async {
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
        })
    }
}

fn refused(operation: &'static str, failure: Failure) -> KmsError {
    KmsError::Refused { operation, failure: Box::new(failure) }
}

fn block_on<T>(runtime: &Runtime, work: impl Future<Output = Result<T, KmsError>>) -> Result<T, KmsError> {
    runtime.block_on(async {
        let stop = interrupted()?;
        tokio::select! {
            result = Box::pin(work) => result,
            () = stop => Err(KmsError::Interrupted),
        }
    })
}

async fn client(settings: &CollectSettings, id: &str) -> Result<Client, KmsError> {
    let config = configure(settings).await?;
    let mut own = aws_sdk_kms::config::Builder::from(&config)
        .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(settings.call_time_limit).build());
    // A key lives in the region that its ARN names, whatever the caller's is.
    if let Some(region) = id.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2)) {
        own = own.region(Region::new(region.to_owned()));
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
