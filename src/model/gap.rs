//! A fact that could not be read, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::stable_digest;

/// The identity of a [`Gap`]: `gap-` and twelve hexadecimal digits, the same in every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GapId(String);

impl GapId {
    /// Wraps an identity that [`Gap::new`] derived or a snapshot stored.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GapId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a call did not answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// AWS refused the call: permissions, a guardrail, or a region that policy closes.
    AccessDenied,
    /// AWS kept refusing the call for its rate.
    Throttled,
    /// No answer within the time limit of the call or of its account.
    Timeout,
    /// No connection, or one that was cut.
    Unreachable,
    /// AWS failed inside.
    ServerError,
    /// The answer was not what the service's protocol prescribes.
    MalformedResponse,
    /// The session's credentials were refused or ran out.
    CredentialsRejected,
    /// The audit role of the account could not be assumed.
    RoleNotAssumable,
    /// The service does not offer the call here.
    Unsupported,
    /// The run was interrupted before the call.
    Interrupted,
    /// In scope, but not in the snapshot: another shard's, or a scan that did not ask.
    NotCollected,
    /// It answered, but what it answered cannot be decided from the snapshot alone: a policy whose effect depends
    /// on what only the request says.
    Undecided,
    /// Anything else; the detail has AWS's own code. Also a reason that a newer version added.
    #[serde(other)]
    Other,
}

/// One call that did not answer. It stands once in the snapshot; facts point to it by its identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Stable over runs: a digest of the place and the call, not of the reason.
    pub id: GapId,
    /// The account that was asked; `None` for the organization as a whole.
    pub account_id: Option<String>,
    /// The region that was asked; `None` for global services.
    pub region: Option<String>,
    /// The service as in IAM action names: `cloudtrail`, `s3`.
    pub service: String,
    /// The API operation: `GetTrailStatus`.
    pub operation: String,
    /// The trail, bucket or key that was asked for, where the call names one.
    pub resource: Option<String>,
    /// Why it did not answer.
    pub reason: GapReason,
    /// AWS's error code and message, without request identities, so that two runs compare equal.
    pub detail: String,
}

/// Where a call went: what identifies a gap.
#[derive(Debug, Clone, Copy, Default)]
pub struct GapPlace<'a> {
    /// The account that was asked.
    pub account_id: Option<&'a str>,
    /// The region that was asked.
    pub region: Option<&'a str>,
    /// The service.
    pub service: &'a str,
    /// The operation.
    pub operation: &'a str,
    /// The resource, where the call names one.
    pub resource: Option<&'a str>,
}

impl Gap {
    /// Stands for every field that the release which wrote a snapshot did not collect yet.
    pub fn not_collected() -> Self {
        let place = GapPlace { service: "trailproof", operation: "collect", ..GapPlace::default() };
        let why = "the snapshot is of an earlier release, which did not ask for this: collect again";
        Self::new(place, GapReason::NotCollected, why)
    }

    /// Stands for what was not asked because it could have had no effect.
    pub fn without_effect() -> Self {
        let resource = Some("what has no effect");
        let place = GapPlace { service: "trailproof", operation: "collect", resource, ..GapPlace::default() };
        let why = "it was not asked for, since it has no effect here: without a recorder Config delivers nothing, and \
                   without log groups there is nothing that policies of CloudWatch Logs could be about";
        Self::new(place, GapReason::NotCollected, why)
    }

    /// A gap with the identity that follows from its place.
    pub fn new(place: GapPlace<'_>, reason: GapReason, detail: impl Into<String>) -> Self {
        let parts =
            [place.account_id, place.region, Some(place.service), Some(place.operation), place.resource];
        let digest = stable_digest(&parts.map(|part| part.unwrap_or("")), 6);
        Self {
            id: GapId::new(format!("gap-{digest}")),
            account_id: place.account_id.map(str::to_owned),
            region: place.region.map(str::to_owned),
            service: place.service.to_owned(),
            operation: place.operation.to_owned(),
            resource: place.resource.map(str::to_owned),
            reason,
            detail: detail.into(),
        }
    }
}
