//! What keeps a whole run from going on. A single call or account that fails is a gap instead.

use std::path::PathBuf;

use crate::aws::profiles::Remedy;
use crate::plan::{SelectionError, Setting};
use crate::snapshot::SnapshotError;

/// Why nothing, or not everything, was collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The usual chain yields no credentials, or AWS does not know them.
    #[error("no usable AWS credentials: {detail}")]
    NoCredentials {
        /// What is missing or refused.
        detail: String,
        /// What can be done about it.
        remedy: Remedy,
    },
    /// The credentials were good once.
    #[error("AWS no longer accepts the credentials ({detail})")]
    CredentialsExpired {
        /// What AWS says.
        detail: String,
    },
    /// The profile wants an MFA device's digits, and there are none.
    #[error("the digits of the MFA device {serial} are needed: {detail}")]
    Mfa {
        /// The device.
        serial: String,
        /// What went wrong.
        detail: String,
    },
    /// Credentials of another account than the one that the run was planned from: what they may read is something else.
    #[error("the run was planned from {planned}, and these credentials are of {found}")]
    OtherCaller {
        /// The caller's account then.
        planned: String,
        /// The caller's account now.
        found: String,
    },
    /// The role of the profile cannot be assumed.
    #[error("the role {role_arn} of the profile cannot be assumed: {detail}")]
    ProfileRole {
        /// The role.
        role_arn: String,
        /// What AWS says.
        detail: String,
    },
    /// The caller's account is in no organization.
    #[error("account {account_id} is in no AWS Organization")]
    NoOrganization {
        /// The caller's account.
        account_id: String,
    },
    /// No answer from the first endpoint.
    #[error("cannot reach {endpoint}: {detail}")]
    CannotReach {
        /// The endpoint, or the service and region.
        endpoint: String,
        /// What the connection says.
        detail: String,
    },
    /// What answers is not AWS.
    #[error("{endpoint} does not answer as AWS does: {detail}")]
    NotAws {
        /// The endpoint, or the service and region.
        endpoint: String,
        /// What came instead.
        detail: String,
    },
    /// The region is none, or of another partition than the credentials.
    #[error("the region {region} cannot be used: {detail}")]
    WrongRegion {
        /// The region.
        region: String,
        /// Why.
        detail: String,
    },
    /// A selection that names what is not there.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The certificates cannot be used.
    #[error("cannot use the certificates in {}: {detail}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// A setting that no run can use.
    #[error("the setting {setting} is {value}: {detail}")]
    Setting {
        /// Which one.
        setting: Setting,
        /// Its value.
        value: String,
        /// What is allowed.
        detail: &'static str,
    },
    /// Reading or writing the snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Ctrl-C or the system's request to end.
    #[error("interrupted with {done} of {total} accounts read: they are kept in {}", partial.display())]
    Interrupted {
        /// The file that keeps them.
        partial: PathBuf,
        /// Accounts that are in it.
        done: usize,
        /// Accounts in scope.
        total: usize,
    },
    /// Ctrl-C before the accounts were known.
    #[error("interrupted before the first account was read: nothing is kept")]
    InterruptedEarly,
}
