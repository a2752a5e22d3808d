//! Keys that sign evidence: Ed25519 (RFC 8032) or ECDSA over P-256 with SHA-256, private ones in PKCS#8 PEM files,
//! public ones as `SubjectPublicKeyInfo` (RFC 5280, RFC 8410). A signature of ECDSA is in DER, as AWS KMS gives it too.

use std::fmt;
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, UnparsedPublicKey,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use sha2::{Digest as _, Sha256};

use crate::model::hexadecimal;

/// What stands before the 32 bytes of an Ed25519 key in a `SubjectPublicKeyInfo`.
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What stands before the 65 bytes of an uncompressed P-256 point in one.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const ED25519_LENGTH: usize = 32;
const P256_LENGTH: usize = 65;
/// Far above any key in PEM form, in bytes.
const LARGEST: u64 = 1 << 20;

/// Why a key cannot be used. Never quotes the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the key {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The key is under a passphrase.
    #[error(
        "the key {0} is encrypted, and nobody can be asked for its passphrase. Decrypt it into a file that only you may read: openssl pkey -in {0} -out plain.pem",
        path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// An older form than PKCS#8.
    #[error(
        "the key {0} is not in PKCS#8 form. Convert it: openssl pkcs8 -topk8 -nocrypt -in {0} -out key.pem",
        path.display()
    )]
    OldForm {
        /// The file.
        path: PathBuf,
    },
    /// Of another kind.
    #[error(
        "the key {} is neither Ed25519 nor ECDSA P-256. Make one: openssl genpkey -algorithm ed25519 -out key.pem",
        path.display()
    )]
    Kind {
        /// The file.
        path: PathBuf,
    },
    /// No private key in the file.
    #[error("there is no private key in {}. Make one: openssl genpkey -algorithm ed25519 -out key.pem", path.display())]
    NoPrivateKey {
        /// The file.
        path: PathBuf,
    },
    /// A private key where a public one belongs.
    #[error(
        "{0} holds a private key: it must not leave who signs. Its public key is made by openssl pkey -in {0} -pubout -out key.pub.pem",
        path.display()
    )]
    PrivateForPublic {
        /// The file.
        path: PathBuf,
    },
    /// No public key in the file, or of another kind.
    #[error("{} holds no public key of Ed25519 or ECDSA P-256 in PEM form (BEGIN PUBLIC KEY)", path.display())]
    NoPublicKey {
        /// The file.
        path: PathBuf,
    },
}

/// Why something could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// What AWS, the system or the key says.
    #[error("cannot sign: {0}")]
    Failed(String),
    /// The user or the system ended the run meanwhile.
    #[error("interrupted before anything was signed")]
    Interrupted,
}

/// A private key from a file.
#[derive(Debug)]
pub enum PrivateKey {
    /// RFC 8032.
    Ed25519(Ed25519KeyPair),
    /// ECDSA over P-256.
    P256(EcdsaKeyPair),
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
}

type Sign<'a> = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, SigningError> + 'a>;

/// Whatever signs: a key in a file, or a service that holds one.
pub struct Signer<'a> {
    public_key: PublicKey,
    sign: Sign<'a>,
}

impl PrivateKey {
    /// Reads a key in PKCS#8 PEM form.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let path = path.to_owned();
        let pem = read(&path)?;
        let Ok(der) = PrivatePkcs8KeyDer::from_pem_slice(&pem) else {
            let text = String::from_utf8_lossy(&pem);
            return Err(match () {
                () if text.contains("ENCRYPTED") => KeyError::Encrypted { path },
                () if text.contains("EC PRIVATE KEY") => KeyError::OldForm { path },
                () => KeyError::NoPrivateKey { path },
            });
        };
        let der = der.secret_pkcs8_der();
        // OpenSSL writes Ed25519 keys without the public one.
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Ok(Self::Ed25519(key));
        }
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &SystemRandom::new())
            .map(Self::P256)
            .map_err(|_| KeyError::Kind { path })
    }

    /// Its public key.
    pub fn public_key(&self) -> PublicKey {
        let (prefix, key) = match self {
            Self::Ed25519(key) => (&ED25519_PREFIX[..], key.public_key().as_ref()),
            Self::P256(key) => (&P256_PREFIX[..], key.public_key().as_ref()),
        };
        PublicKey { spki: [prefix, key].concat() }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        match self {
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
            Self::P256(key) => key
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SigningError::Failed("the system gives no random numbers".to_owned())),
        }
    }
}

/// Others than its owner may read the file.
#[cfg(unix)]
pub fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

/// Others than its owner may read the file; not known here.
#[cfg(not(unix))]
pub fn is_readable_by_others(_path: &Path) -> bool {
    false
}

impl PublicKey {
    /// Reads a key in PEM form.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let path = path.to_owned();
        let pem = read(&path)?;
        if String::from_utf8_lossy(&pem).contains("PRIVATE KEY-----") {
            return Err(KeyError::PrivateForPublic { path });
        }
        SubjectPublicKeyInfoDer::from_pem_slice(&pem)
            .ok()
            .and_then(|der| Self::from_spki(&der))
            .ok_or(KeyError::NoPublicKey { path })
    }

    /// Takes a `SubjectPublicKeyInfo` in DER; `None` for another kind of key.
    pub fn from_spki(spki: &[u8]) -> Option<Self> {
        let key = Self { spki: spki.to_vec() };
        key.parts().is_some().then_some(key)
    }

    fn parts(&self) -> Option<(&'static dyn ring::signature::VerificationAlgorithm, &[u8])> {
        if let Some(key) = self.spki.strip_prefix(&ED25519_PREFIX).filter(|key| key.len() == ED25519_LENGTH) {
            return Some((&ED25519, key));
        }
        let point = self.spki.strip_prefix(&P256_PREFIX).filter(|key| key.len() == P256_LENGTH)?;
        Some((&ECDSA_P256_SHA256_ASN1, point))
    }

    /// Its name: SHA-256 over its `SubjectPublicKeyInfo`, as `openssl pkey -pubin -outform DER | sha256sum` prints it.
    pub fn fingerprint(&self) -> String {
        format!("sha256:{}", hexadecimal(&Sha256::digest(&self.spki)))
    }

    /// Whether the key made this signature of the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parts().is_some_and(|(algorithm, key)| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PublicKey").field(&self.fingerprint()).finish()
    }
}

impl<'a> Signer<'a> {
    /// Signs with a key from a file.
    pub fn local(key: PrivateKey) -> Self {
        Self { public_key: key.public_key(), sign: Box::new(move |message| key.sign(message)) }
    }

    /// Signs with what holds the key to this public one.
    pub fn remote(public_key: PublicKey, sign: impl Fn(&[u8]) -> Result<Vec<u8>, SigningError> + 'a) -> Self {
        Self { public_key, sign: Box::new(sign) }
    }

    /// The key that verifies what is signed.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Signs. What does not verify afterwards is no signature.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let signature = (self.sign)(message)?;
        if self.public_key.verify(message, &signature) {
            Ok(signature)
        } else {
            Err(SigningError::Failed(
                "the signature does not verify with the key's own public key".to_owned(),
            ))
        }
    }
}

impl fmt::Debug for Signer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Signer").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, KeyError> {
    let failed = |source| KeyError::Read { path: path.to_owned(), source };
    if path.metadata().map_err(failed)?.len() > LARGEST {
        return Err(failed(std::io::Error::other("it is too large for a key")));
    }
    std::fs::read(path).map_err(failed)
}
