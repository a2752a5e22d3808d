//! Which formats go where.

use std::path::{Path, PathBuf};

use super::SettingsError;
use super::config::ConfigFile;
use crate::cli::{FormatArg, OutputArgs, VerifyOutputArgs};
use crate::report::integrity::IntegrityFormat;
use crate::report::{Format, FormatKind};

/// A format and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<K = FormatKind> {
    /// The format.
    pub kind: K,
    /// The file; `None` for standard output.
    pub path: Option<PathBuf>,
}

/// The formats that are asked for: by flags, else by the configuration, else the table.
pub fn outputs(args: &OutputArgs, config: &ConfigFile) -> Result<Vec<Output>, SettingsError> {
    let asked = if args.format.is_empty() { &config.output.format } else { &args.format };
    arranged(asked, args.output.as_deref(), FormatKind::Table)
}

/// The formats of `verify-logs` that are asked for, else the table. The configuration's are a scan's.
pub fn verify_outputs(args: &VerifyOutputArgs) -> Result<Vec<Output<IntegrityFormat>>, SettingsError> {
    arranged(&args.format, args.output.as_deref(), IntegrityFormat::Table)
}

fn arranged<K: Format>(
    asked: &[FormatArg<K>],
    output: Option<&Path>,
    otherwise: K,
) -> Result<Vec<Output<K>>, SettingsError> {
    let mut outputs: Vec<Output<K>> =
        asked.iter().map(|FormatArg { kind, path }| Output { kind: *kind, path: path.clone() }).collect();
    if outputs.is_empty() {
        outputs.push(Output { kind: otherwise, path: None });
    }
    if let Some(path) = output {
        match outputs.as_mut_slice() {
            [Output { kind, path: Some(_) }] => return Err(SettingsError::TwoFiles { kind: kind.as_str() }),
            [only] => only.path = (path.as_os_str() != "-").then(|| path.to_owned()),
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
