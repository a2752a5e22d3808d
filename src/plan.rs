//! What to collect, with whose credentials, and from which accounts: plain settings, and the plan that follows from
//! them once the organization is known.
//!
//! Settings come from the command line and the configuration; [`crate::collect`] carries the plan out.

mod scope;
mod tag;
#[cfg(test)]
mod tests;

pub(crate) use scope::{check_regions, choose_accounts, nearest_region};
pub use tag::TagSelector;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{DEFAULT_ROLE_NAME, Expectations};

/// A text that is never shown, logged or stored: the external identity of a role.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one call that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

type AskToken = dyn Fn(&str) -> std::io::Result<String> + Send + Sync;

/// Where the six digits of an MFA device come from: called with the device's serial number or ARN.
#[derive(Clone)]
pub struct MfaTokenSource(Arc<AskToken>);

impl MfaTokenSource {
    /// Wraps a function that asks the user.
    pub fn new(ask: impl Fn(&str) -> std::io::Result<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(crate) fn ask(&self, serial: &str) -> std::io::Result<String> {
        (self.0)(serial)
    }
}

impl fmt::Debug for MfaTokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MfaTokenSource")
    }
}

/// How the audit role of an account is assumed (`sts:AssumeRole`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSettings {
    /// The role's name, the same in every account.
    pub name: String,
    /// The role's path, with or without its slashes.
    pub path: String,
    /// The external identity that the roles' trust policies demand.
    pub external_id: Option<Secret>,
    /// The name of the sessions, as CloudTrail will show it.
    pub session_name: String,
    /// How long a session lasts before it is renewed; AWS allows 15 minutes to 12 hours, and one hour at most where
    /// the caller's credentials are a role's themselves.
    pub session_duration: Duration,
}

impl Default for RoleSettings {
    fn default() -> Self {
        Self {
            name: DEFAULT_ROLE_NAME.to_owned(),
            path: "/".to_owned(),
            external_id: None,
            session_name: "trailproof".to_owned(),
            session_duration: Duration::from_hours(1),
        }
    }
}

impl RoleSettings {
    /// The role's ARN in an account of the partition.
    pub fn arn(&self, partition: &str, account_id: &str) -> String {
        let path = self.path.trim_matches('/');
        let separator = if path.is_empty() { "" } else { "/" };
        format!("arn:{partition}:iam::{account_id}:role/{path}{separator}{}", self.name)
    }
}

/// Which accounts and regions are in scope. Empty lists select everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Accounts, by number or name.
    pub accounts: Vec<String>,
    /// Accounts left out, by number or name.
    pub exclude_accounts: Vec<String>,
    /// Organizational units or the root, by identity or name; those below are in it.
    pub ous: Vec<String>,
    /// Organizational units left out, with those below them.
    pub exclude_ous: Vec<String>,
    /// Tags of which an account carries one.
    pub account_tags: Vec<TagSelector>,
    /// Tags of which an account carries none.
    pub exclude_account_tags: Vec<TagSelector>,
    /// Regions, by name.
    pub regions: Vec<String>,
    /// Regions left out.
    pub exclude_regions: Vec<String>,
}

/// Everything that collecting needs to know.
#[derive(Debug, Clone)]
pub struct CollectSettings {
    /// The profile of the AWS configuration files; `None` is the usual chain.
    pub profile: Option<String>,
    /// The region for calls that have none of their own; `None` is the usual chain, then the partition's first.
    pub region: Option<String>,
    /// One endpoint for all services, for emulators and private proxies.
    pub endpoint_url: Option<String>,
    /// FIPS endpoints; `false` leaves it to the environment and the profile.
    pub use_fips: bool,
    /// Dual-stack endpoints; `false` leaves it to the environment and the profile.
    pub use_dualstack: bool,
    /// Certificates (PEM) to trust instead of the system's; `None` leaves it to `AWS_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// The most calls in flight at the same time, over all accounts.
    pub max_concurrency: usize,
    /// Attempts for each call, the first one included.
    pub max_attempts: u32,
    /// The longest that one attempt of a call may take.
    pub call_time_limit: Duration,
    /// The longest that one account may take; what is left then is a gap.
    pub account_time_limit: Duration,
    /// The role that is assumed in each account.
    pub role: RoleSettings,
    /// The MFA device of the caller; `None` leaves it to the profile's `mfa_serial`.
    pub mfa_serial: Option<String>,
    /// Read the tags of accounts even if none is selected by tag: waivers may select by them.
    pub read_account_tags: bool,
    /// Who is asked for the device's digits.
    pub mfa_token: Option<MfaTokenSource>,
    /// Which accounts and regions.
    pub selection: Selection,
    /// The intended set-up: it decides which log groups are asked for their subscription filters.
    pub expectations: Expectations,
}

impl Default for CollectSettings {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            use_fips: false,
            use_dualstack: false,
            ca_bundle: None,
            max_concurrency: 256,
            max_attempts: 5,
            call_time_limit: Duration::from_secs(30),
            account_time_limit: Duration::from_mins(30),
            role: RoleSettings::default(),
            mfa_serial: None,
            read_account_tags: false,
            mfa_token: None,
            selection: Selection::default(),
            expectations: Expectations::default(),
        }
    }
}

/// A setting that has a value which no run can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// [`CollectSettings::max_concurrency`].
    MaxConcurrency,
    /// [`CollectSettings::max_attempts`].
    MaxAttempts,
    /// [`RoleSettings::session_name`].
    SessionName,
    /// [`RoleSettings::session_duration`].
    SessionDuration,
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MaxConcurrency => "max_concurrency",
            Self::MaxAttempts => "max_attempts",
            Self::SessionName => "session_name",
            Self::SessionDuration => "session_duration",
        })
    }
}

/// What was selected that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// No account has this number or name.
    #[error("there is no account {wanted:?} in the organization{}", suggest(.nearest.as_deref()))]
    NoAccount {
        /// What was asked for.
        wanted: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// Several accounts have this name.
    #[error("several accounts are named {wanted:?}: {}. Give a number", .ids.join(", "))]
    AmbiguousAccount {
        /// What was asked for.
        wanted: String,
        /// The accounts of that name.
        ids: Vec<String>,
    },
    /// The account is closed or being closed.
    #[error("account {id} is {status}: it cannot be scanned")]
    Inactive {
        /// The account.
        id: String,
        /// `SUSPENDED`, `PENDING_CLOSURE`.
        status: String,
    },
    /// No organizational unit has this identity or name.
    #[error("there is no organizational unit {wanted:?}{}", suggest(.nearest.as_deref()))]
    NoUnit {
        /// What was asked for.
        wanted: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// The organization's tree could not be read, so that units cannot be told apart.
    #[error("organizational units are selected, but the organization's tree could not be read ({detail})")]
    TreeUnknown {
        /// The gap's detail.
        detail: String,
    },
    /// Accounts are selected by tag, but the tags cannot be read.
    #[error("the tags of accounts are asked for, but could not be read ({detail})")]
    TagsUnknown {
        /// The gap's detail.
        detail: String,
    },
    /// No account carries this tag.
    #[error(
        "no active account has the tag {wanted}. Tags are case-sensitive; those of accounts are set in AWS Organizations"
    )]
    NoTag {
        /// What was asked for.
        wanted: String,
    },
    /// An account's name, where no list can say which it is.
    #[error(
        "account {wanted:?} cannot be looked up, since the organization's accounts could not be listed ({detail}). Give its number, or use credentials of the management account or a delegated administrator"
    )]
    AccountsUnknown {
        /// What was asked for.
        wanted: String,
        /// The gap's detail.
        detail: String,
    },
    /// No such region.
    #[error("there is no region {wanted:?} in the partition {partition}{}", suggest(.nearest.as_deref()))]
    NoRegion {
        /// What was asked for.
        wanted: String,
        /// The caller's partition.
        partition: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// The exclusions leave nothing.
    #[error("no active account is left")]
    Nothing,
    /// The exclusions leave no region.
    #[error("no region is left")]
    NoRegionLeft,
}

fn suggest(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}
