//! Which formats go where.

use std::path::PathBuf;

use super::SettingsError;
use super::config::ConfigFile;
use crate::cli::{FormatArg, OutputArgs};
use crate::report::FormatKind;

/// A format and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub kind: FormatKind,
    /// The file; `None` for standard output.
    pub path: Option<PathBuf>,
}

/// The formats that are asked for: by flags, else by the configuration, else the table.
pub fn outputs(args: &OutputArgs, config: &ConfigFile) -> Result<Vec<Output>, SettingsError> {
    let asked = if args.format.is_empty() { &config.output.format } else { &args.format };
    let mut outputs: Vec<Output> =
        asked.iter().map(|FormatArg { kind, path }| Output { kind: *kind, path: path.clone() }).collect();
    if outputs.is_empty() {
        outputs.push(Output { kind: FormatKind::Table, path: None });
    }
    if let Some(path) = &args.output {
        match outputs.as_mut_slice() {
            [Output { kind, path: Some(_) }] => return Err(SettingsError::TwoFiles { kind: kind.as_str() }),
            [only] => only.path = (path.as_os_str() != "-").then(|| path.clone()),
            several => return Err(SettingsError::OutputForSeveral { count: several.len() }),
        }
    }
    for (place, output) in outputs.iter().enumerate() {
        if let Some(other) = outputs.iter().take(place).find(|other| other.path == output.path) {
            return Err(match &output.path {
                Some(path) => SettingsError::SameFile { path: path.clone() },
                None => SettingsError::TwoOnStandardOutput {
                    first: other.kind.as_str(),
                    second: output.kind.as_str(),
                },
            });
        }
    }
    Ok(outputs)
}
