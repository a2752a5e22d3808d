//! Trailproof proves that the logs of a whole AWS Organization are complete, protected and intact.
//!
//! This library is the program's own, for its tests and benchmarks: it promises nothing to others, and names move with each
//! release. What is of use to others is a crate of its own, [`policy`]. [`cli`], [`settings`] and [`commands`] are the
//! program itself: all else starts no runtime, takes no signals and has no flags in its errors.
//!
//! Data flows one way, and a module imports only from its left and from [`model`]:
//!
//! `settings → plan → collect → snapshot → facts → rules → evaluate → waivers → report → formats → deliver`
//!
//! Everything from the snapshot to the formats is offline, synchronous and deterministic; [`deliver`] puts what they
//! render into files, standard output, S3 and Security Hub. `tests/architecture.rs` holds the modules to it.

pub mod attestation;
mod aws;
pub mod baseline;
pub mod cli;
pub mod collect;
pub mod commands;
pub mod deliver;
pub mod diff;
pub mod evaluate;
pub mod evidence;
pub mod example;
pub mod exit;
pub mod facts;
pub mod finding;
pub mod frameworks;
pub mod guardrails;
pub mod integrity;
mod lock;
pub mod model;
mod nearest;
pub mod plan;
pub mod printer;
pub mod report;
pub mod rules;
pub mod saved_report;
pub mod settings;
pub mod severity;
mod shard;
pub mod snapshot;
pub mod waivers;

pub use trailproof_policy as policy;
