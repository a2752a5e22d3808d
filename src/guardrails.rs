//! What is done with guardrails beyond the rules: the matrix of all accounts, proofs, recommended policies, and
//! policies tried before they are attached.
//!
//! Reads [`crate::facts`], evaluates by [`crate::policy`]; used by the `guardrails` commands.

pub mod explain;
pub mod matrix;
mod named_action;
pub mod recommend;
pub mod simulation;

#[cfg(test)]
mod tests;
