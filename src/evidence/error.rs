//! What ends a command about evidence early, with its exit code.

use std::path::PathBuf;

use super::RunError;
use super::export::ExportError;
use super::key::{KeyError, SigningError};
use super::ledger::LedgerError;
use super::redact::RedactError;
use super::verify::VerifyError;
use crate::evaluate::CheckError;
use crate::exit::Exit;

/// Why a bundle was not made, or not even looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A key in a file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key of AWS KMS.
    #[error("cannot sign with the key {key} of AWS KMS: {detail}")]
    Kms {
        /// The key.
        key: String,
        /// What AWS or the connection says.
        detail: String,
    },
    /// The user or the system ended the run before a bundle was begun.
    #[error("interrupted: there is no bundle")]
    Interrupted,
    /// Nobody to sign.
    #[error("no key is named that could sign")]
    NoSigner,
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Making the bundle.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// There is a file of its name.
    #[error("{} is there already, and evidence is not replaced. Name another file", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Certificates of authorities.
    #[error("cannot read certificates from {}: {detail}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Looking at a bundle.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl EvidenceError {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Kms { .. } => Exit::NoAccess,
            Self::Interrupted
            | Self::Ledger(LedgerError::Signing(SigningError::Interrupted))
            | Self::Export(ExportError::Signing(SigningError::Interrupted)) => Exit::Interrupted,
            Self::Export(
                ExportError::Snapshot(error)
                | ExportError::Run(RunError::Check(CheckError::Snapshot(error)))
                | ExportError::Redact(RedactError::Snapshot(error)),
            ) => Exit::of_snapshot(error),
            Self::Key(_)
            | Self::NoSigner
            | Self::Ledger(LedgerError::Read { .. })
            | Self::Certificates { .. }
            | Self::Export(
                ExportError::NoSnapshot
                | ExportError::Run(
                    RunError::Rules(_) | RunError::Waivers(_) | RunError::Check(CheckError::Evaluate(_)),
                )
                | ExportError::Attestation(_)
                | ExportError::Read { .. }
                | ExportError::Redact(RedactError::Shape(_) | RedactError::Verdicts { .. }),
            )
            | Self::Verify(VerifyError::Read { .. }) => Exit::Usage,
            Self::Ledger(
                LedgerError::Write { .. }
                | LedgerError::Locked { .. }
                | LedgerError::Broken { .. }
                | LedgerError::Signing(SigningError::Failed(_)),
            )
            | Self::Export(
                ExportError::Temporary(_)
                | ExportError::Write(_)
                | ExportError::Signing(SigningError::Failed(_))
                | ExportError::Authority { .. }
                | ExportError::Timestamp { .. },
            )
            | Self::Exists { .. }
            | Self::Verify(VerifyError::Temporary(_)) => Exit::NotWritten,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_exit_code() {
        let failed = || SigningError::Failed("the key is disabled".to_owned());
        let path = || PathBuf::from("key.pem");
        let ends = [
            (EvidenceError::Interrupted, Exit::Interrupted),
            (EvidenceError::Export(ExportError::Signing(SigningError::Interrupted)), Exit::Interrupted),
            (EvidenceError::Ledger(LedgerError::Signing(SigningError::Interrupted)), Exit::Interrupted),
            (EvidenceError::Export(ExportError::Signing(failed())), Exit::NotWritten),
            (EvidenceError::Ledger(LedgerError::Signing(failed())), Exit::NotWritten),
            (EvidenceError::Exists { path: path() }, Exit::NotWritten),
            (EvidenceError::Kms { key: "k".to_owned(), detail: "denied".to_owned() }, Exit::NoAccess),
            (EvidenceError::NoSigner, Exit::Usage),
            (EvidenceError::Certificates { path: path(), detail: "none".to_owned() }, Exit::Usage),
        ];
        for (error, exit) in ends {
            assert_eq!(error.exit(), exit, "{error}");
        }
    }
}
