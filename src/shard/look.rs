//! Whether a shard is done: its manifest says so, and its part is what the manifest says.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use super::manifest::Manifest;
use super::manifest_name;
use super::plan::Plan;
use super::store::{Fetched, Store, StoreError, Version};
use crate::snapshot::Part;

/// What there is of a shard.
#[derive(Debug)]
pub(crate) enum Look {
    /// It is done; a copy of its part is on this machine.
    Done { manifest: Manifest, part: PathBuf },
    /// It is not, and what stands under its name may be replaced.
    Undone { trouble: Trouble, manifest: Option<Version> },
}

/// Why a shard is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing says that it was.
    Missing,
    /// What is there is not what was written.
    Damaged(String),
    /// What is there is another plan's or shard's.
    Foreign(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("missing: it has no manifest"),
            Self::Damaged(how) => write!(formatter, "damaged: {how}"),
            Self::Foreign(whose) => write!(formatter, "foreign: {whose}"),
        }
    }
}

/// Looks at a shard of the plan, which has these accounts.
pub(crate) fn look(
    store: &Store,
    plan: &Plan,
    shard: usize,
    accounts: &[String],
) -> Result<Look, StoreError> {
    let Some(fetched) = store.fetch(&manifest_name(shard))? else {
        return Ok(Look::Undone { trouble: Trouble::Missing, manifest: None });
    };
    let Fetched { file, version, .. } = fetched;
    let document = std::fs::read(file)?;
    let undone = |trouble| Look::Undone { trouble, manifest: Some(version) };
    let manifest = match manifest_of(&document, plan, shard, accounts) {
        Ok(manifest) => manifest,
        Err(trouble) => return Ok(undone(trouble)),
    };
    let part = store.fetch(&manifest.part)?;
    Ok(match part_of(part, &manifest, plan, accounts) {
        Ok(part) => Look::Done { manifest, part },
        Err(trouble) => undone(trouble),
    })
}

fn manifest_of(document: &[u8], plan: &Plan, shard: usize, accounts: &[String]) -> Result<Manifest, Trouble> {
    let manifest = Manifest::read(document)
        .map_err(|detail| Trouble::Damaged(format!("its manifest is none, or was changed ({detail})")))?;
    if manifest.plan != plan.id {
        return Err(Trouble::Foreign("its manifest is of another plan".to_owned()));
    }
    if manifest.shard != shard {
        return Err(Trouble::Foreign(format!("its manifest is that of shard {}", manifest.shard)));
    }
    if manifest.accounts != accounts.len() {
        let detail = format!("its manifest has {} accounts and not {}", manifest.accounts, accounts.len());
        return Err(Trouble::Damaged(detail));
    }
    Ok(manifest)
}

fn part_of(
    part: Option<Fetched>,
    manifest: &Manifest,
    plan: &Plan,
    accounts: &[String],
) -> Result<PathBuf, Trouble> {
    let name = &manifest.part;
    let Some(Fetched { file, digest, .. }) = part else {
        return Err(Trouble::Damaged(format!("its part {name} is missing")));
    };
    if digest != manifest.digest {
        return Err(Trouble::Damaged(format!("its part {name} is not what its manifest says, by SHA-256")));
    }
    let part = Part::read(&file).map_err(|error| Trouble::Damaged(format!("its part {name}: {error}")))?;
    if part.header != plan.header_of(accounts) {
        return Err(Trouble::Foreign(format!("its part {name} is of another run")));
    }
    if part.accounts.iter().ne(accounts.iter().collect::<BTreeSet<_>>()) {
        return Err(Trouble::Foreign(format!("its part {name} has other accounts")));
    }
    if part.end.calls != manifest.calls {
        return Err(Trouble::Damaged(format!("its part {name} and its manifest count other calls")));
    }
    Ok(file)
}
