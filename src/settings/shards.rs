//! Where a plan for many machines is, and which of its shards this one is.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Destination, ObjectUri, SettingsError};

/// What engines call the number of the copy that they run. AWS Batch, Kubernetes and Slurm count from 0.
const INDEX_VARIABLES: [&str; 3] =
    ["AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID"];

/// Where a plan is, with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShardPlace {
    /// A folder that all machines see.
    Folder(PathBuf),
    /// A prefix in S3, without its last slash.
    Bucket(ObjectUri),
}

impl fmt::Display for ShardPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(formatter),
            Self::Bucket(prefix) => prefix.fmt(formatter),
        }
    }
}

impl ShardPlace {
    /// What a flag says: a folder's name, or `s3://bucket/prefix`.
    pub fn parse(text: &Path) -> Result<Self, SettingsError> {
        let named = text.to_str().filter(|text| text.contains("://"));
        let place = named.map_or(text, |text| Path::new(text.trim_end_matches('/')));
        let refused = |detail| {
            let text = text.display().to_string();
            Err(SettingsError::NoShardPlace { text, detail })
        };
        match Destination::parse(place) {
            Ok(Destination::File(folder)) if folder.as_os_str().is_empty() => refused("it is empty"),
            Ok(Destination::File(folder)) => Ok(Self::Folder(folder)),
            Ok(Destination::Object(prefix)) => Ok(Self::Bucket(prefix)),
            Ok(Destination::StandardOutput) => refused("a plan has files beside it"),
            Err(_) => refused("it is neither a folder nor s3://BUCKET/PREFIX"),
        }
    }
}

/// Which shard this is: by the flag, or by the variable of an engine. `variable` reads one.
pub fn shard_index(
    flag: Option<usize>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<usize, SettingsError> {
    let mut found: Vec<(&'static str, usize)> = flag.map(|index| ("--index", index)).into_iter().collect();
    for name in INDEX_VARIABLES {
        match variable(name).filter(|value| !value.is_empty()) {
            None => {}
            Some(value) => match value.parse() {
                Ok(index) => found.push((name, index)),
                Err(_) => return Err(SettingsError::NoIndex { name, value }),
            },
        }
    }
    match found.as_slice() {
        [] => Err(SettingsError::MissingIndex { names: INDEX_VARIABLES.join(", ") }),
        [(_, index), others @ ..] if others.iter().all(|(_, other)| other == index) => Ok(*index),
        several => {
            let several: Vec<String> =
                several.iter().map(|(name, index)| format!("{name} {index}")).collect();
            Err(SettingsError::TwoIndexes { several: several.join(", ") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_prefix() {
        let parse = |text: &str| ShardPlace::parse(Path::new(text)).map(|place| place.to_string());
        for (text, place) in [("runs/1", "runs/1"), ("s3://audit/runs/1/", "s3://audit/runs/1")] {
            assert_eq!(parse(text).as_deref(), Ok(place));
        }
        for text in ["", "-", "s3://audit", "s3://audit/", "https://audit/runs", "s3://A/b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_index_is_said_once_or_alike() {
        let index = |flag, variables: &[(&str, &str)]| {
            let find = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            shard_index(flag, find)
        };
        assert_eq!(index(Some(3), &[]), Ok(3));
        for name in INDEX_VARIABLES {
            assert_eq!(index(None, &[(name, "7")]), Ok(7));
            assert_eq!(index(Some(7), &[(name, "7")]), Ok(7));
            assert_eq!(index(Some(7), &[(name, "")]), Ok(7));
            assert!(index(Some(0), &[(name, "7")]).unwrap_err().to_string().contains(name));
            assert!(index(None, &[(name, "-1")]).is_err());
        }
        let two = [("JOB_COMPLETION_INDEX", "1"), ("SLURM_ARRAY_TASK_ID", "2")];
        let error = index(None, &two).unwrap_err().to_string();
        assert!(error.contains("JOB_COMPLETION_INDEX 1, SLURM_ARRAY_TASK_ID 2"), "{error}");
        assert!(index(None, &[]).is_err());
    }
}
