//! One run of a scan, spread over the machines of a batch engine: a plan, which nobody changes once it is written; for
//! each shard a part and a manifest that says what the part is; and the look at both that tells whether a shard is done.
//!
//! All of it lies in one place, a folder or a prefix in S3 ([`store`]). An engine may run a shard twice, at once or after
//! another, and may end it at any moment: the part has its name from its content, so that two do not meet, and of the
//! manifests one alone is taken. Uses `crate::aws` and [`crate::snapshot`]; [`crate::collect`] does the reading, and
//! `crate::commands` brings them together.

mod look;
mod manifest;
mod plan;
mod seal;
pub(crate) mod store;

pub(crate) use look::{Look, Trouble, look};
pub(crate) use manifest::{Manifest, part_name};
pub(crate) use plan::{Build, PLAN, Plan, PlanError};

/// Where the manifest of a shard is.
pub(crate) fn manifest_name(shard: usize) -> String {
    format!("shards/{shard:05}.json")
}
