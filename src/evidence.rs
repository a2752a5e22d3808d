//! Evidence bundles, each one signed file that stands on its own: what was collected, by which rules it was judged, and
//! what came of it.
//!
//! [`export`] makes a bundle, [`verify`] checks one on another machine, without a network. A bundle is an
//! [`archive`] whose contents a [`statement`] names one by one; a [`dsse`] envelope holds the statement with the
//! signature of a [`key`], a [`timestamp`] says when it was there, and the [`ledger`] that none is missing. Right of
//! [`crate::report`]; keys of AWS KMS and addresses of authorities come in as functions from [`crate::commands`].

pub mod archive;
mod contents;
mod counts;
mod digest;
pub mod dsse;
mod error;
pub mod export;
pub mod key;
pub mod ledger;
pub mod redact;
mod saved_report;
pub mod statement;
pub mod timestamp;
pub mod verification;
pub mod verify;

pub use contents::RunError;
pub use counts::Counts;
pub use digest::FileDigest;
pub use error::EvidenceError;
