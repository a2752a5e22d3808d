//! The plan: what is fixed before the first shard runs, and the same for all of them.

use serde::{Deserialize, Serialize};

use super::seal::{open, seal};
use crate::model::{Expectations, Observed};
use crate::plan::CollectSettings;
use crate::snapshot::Header;

/// Where the plan is.
pub(crate) const PLAN: &str = "plan.json";

/// The program that reads and judges: all shards of a run are of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Build {
    /// Its version.
    pub(crate) tool_version: String,
    /// The digest of the rules in it.
    pub(crate) rules_sha256: String,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Its digest.
    pub(crate) id: String,
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    build: Build,
    /// The accounts of each shard, by number.
    shards: Vec<Vec<String>>,
    role_name: String,
    role_path: String,
    expectations: Expectations,
    /// Calls that it took to make the plan.
    calls: u64,
    header: Header,
}

/// Why a plan cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanError {
    /// Not a plan, or not as it was written.
    #[error("it is no plan, or is damaged: {0}")]
    Damaged(String),
    /// Another program made it.
    #[error(
        "it was made by trailproof {planned}, and this is trailproof {own}: all shards of a run are of one release. Use the one that made it, or make a new plan in another place"
    )]
    OtherVersion {
        /// The plan's.
        planned: String,
        /// This one's.
        own: String,
    },
    /// A program of the same version with other rules.
    #[error(
        "it was made by a build of trailproof {version} with other rules: all shards of a run are of one build. Use the one that made it, or make a new plan in another place"
    )]
    OtherRules {
        /// The version of both.
        version: String,
    },
    /// No such shard.
    #[error("it has {shards} shards, numbered from 0: there is no shard {index}")]
    NoShard {
        /// How many there are.
        shards: usize,
        /// Which one was meant.
        index: usize,
    },
}

/// The little of a plan that has to be known before it is decoded.
#[derive(Deserialize)]
struct Sketch {
    content: SketchedContent,
}

#[derive(Deserialize)]
struct SketchedContent {
    build: Build,
}

impl Plan {
    /// A plan for these accounts, with its document. Shards differ by one account at most; where there are more shards than
    /// accounts, some have none.
    pub(crate) fn new(
        build: Build,
        header: Header,
        settings: &CollectSettings,
        calls: u64,
        shards: usize,
    ) -> serde_json::Result<(Self, Vec<u8>)> {
        let accounts = &header.accounts;
        let start = |shard: usize| shard * accounts.len() / shards;
        let shards = (0..shards)
            .map(|shard| accounts.get(start(shard)..start(shard + 1)).unwrap_or_default().to_vec())
            .collect();
        let content = Content {
            build,
            shards,
            role_name: settings.role.name.clone(),
            role_path: settings.role.path.clone(),
            expectations: settings.expectations.clone(),
            calls,
            header,
        };
        let (document, id) = seal(&content)?;
        Ok((Self { id, content }, document))
    }

    /// Takes in a plan that this build can carry out.
    pub(crate) fn read(document: &[u8], own: &Build) -> Result<Self, PlanError> {
        // Before it is decoded: what another release wrote must not be reported as damage.
        let sketch: Sketch =
            serde_json::from_slice(document).map_err(|error| PlanError::Damaged(error.to_string()))?;
        let planned = sketch.content.build;
        if planned.tool_version != own.tool_version {
            let own = own.tool_version.clone();
            return Err(PlanError::OtherVersion { planned: planned.tool_version, own });
        }
        if planned != *own {
            return Err(PlanError::OtherRules { version: planned.tool_version });
        }
        let (content, id) = open::<Content>(document).map_err(PlanError::Damaged)?;
        Ok(Self { id, content })
    }

    /// How many shards there are.
    pub(crate) fn shards(&self) -> usize {
        self.content.shards.len()
    }

    /// The accounts of a shard.
    pub(crate) fn accounts_of(&self, shard: usize) -> Result<&[String], PlanError> {
        let accounts = self.content.shards.get(shard).map(Vec::as_slice);
        accounts.ok_or(PlanError::NoShard { shards: self.shards(), index: shard })
    }

    /// The head of the run's snapshot.
    pub(crate) fn header(&self) -> &Header {
        &self.content.header
    }

    /// The head of a shard's part.
    pub(crate) fn header_of(&self, accounts: &[String]) -> Header {
        Header { accounts: accounts.to_vec(), ..self.content.header.clone() }
    }

    /// Calls that it took to make the plan.
    pub(crate) fn calls(&self) -> u64 {
        self.content.calls
    }

    /// What is read, by whatever way this machine has to AWS.
    pub(crate) fn settings(&self, own: CollectSettings) -> CollectSettings {
        let Content { role_name, role_path, expectations, header, .. } = &self.content;
        let mut settings = CollectSettings { expectations: expectations.clone(), ..own };
        settings.role.name.clone_from(role_name);
        settings.role.path.clone_from(role_path);
        if let Observed::Known(scope) = &header.scope {
            settings.selection.regions.clone_from(&scope.regions);
            settings.selection.exclude_regions.clone_from(&scope.exclude_regions);
        }
        settings
    }
}

#[cfg(test)]
mod tests;
