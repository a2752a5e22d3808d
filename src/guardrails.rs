//! What is done with guardrails beyond the rules: policies tried before they are attached.
//!
//! Evaluates by [`crate::policy`]; used by the `guardrails` commands.

pub mod simulation;
