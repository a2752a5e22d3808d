//! Which formats go where.

use std::fmt;
use std::path::{Path, PathBuf};

use super::SettingsError;
use super::config::ConfigFile;
use crate::cli::{DiffArgs, FormatArg, OutputArgs, VerifyOutputArgs};
use crate::diff::DiffFormat;
use crate::evidence::verification::VerificationFormat;
use crate::report::integrity::IntegrityFormat;
use crate::report::{Format, FormatKind};

/// A format and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<K = FormatKind> {
    /// The format.
    pub kind: K,
    /// Where it goes.
    pub destination: Destination,
}

/// Where a format goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The stream.
    StandardOutput,
    /// A file.
    File(PathBuf),
    /// An object in S3.
    Object(ObjectUri),
}

/// An object in S3. Displayed as `s3://bucket/key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectUri {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key: not empty, and no folder.
    pub key: String,
}

impl fmt::Display for ObjectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{}/{}", self.bucket, self.key)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => formatter.write_str("standard output"),
            Self::File(path) => path.display().fmt(formatter),
            Self::Object(uri) => uri.fmt(formatter),
        }
    }
}

impl Destination {
    /// What a flag or the configuration says: `-`, a file's name, `s3://bucket/key`.
    pub fn parse(text: &Path) -> Result<Self, SettingsError> {
        let uri = text.to_str().and_then(|text| Some((text, text.split_once("://")?)));
        match uri {
            _ if text.as_os_str() == "-" => Ok(Self::StandardOutput),
            Some((uri, ("s3", place))) => parse_object(place)
                .map(Self::Object)
                .map_err(|detail| SettingsError::NoDestination { text: uri.to_owned(), detail }),
            Some((uri, (scheme, _))) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(SettingsError::NoDestination {
                    text: uri.to_owned(),
                    detail: "a report goes to a file or to s3://BUCKET/KEY",
                })
            }
            _ => Ok(Self::File(text.to_owned())),
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
fn parse_object(place: &str) -> Result<ObjectUri, &'static str> {
    let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
    let outer =
        |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let is_bucket = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(inner)
        && outer(bucket.bytes().next())
        && outer(bucket.bytes().next_back())
        && !bucket.contains("..");
    if !is_bucket {
        return Err("a bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens");
    }
    if key.is_empty() || key.ends_with('/') {
        return Err("the object's key is missing: s3://BUCKET/KEY");
    }
    if key.len() > 1024 || key.chars().any(char::is_control) {
        return Err("a key has at most 1,024 bytes, and no control characters");
    }
    Ok(ObjectUri { bucket: bucket.to_owned(), key: key.to_owned() })
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

/// The formats of `evidence verify` that are asked for, else the table.
pub fn verification_outputs(
    asked: &[FormatArg<VerificationFormat>],
    output: Option<&Path>,
) -> Result<Vec<Output<VerificationFormat>>, SettingsError> {
    arranged(asked, output, VerificationFormat::Table)
}

/// The formats of `diff` that are asked for, else the table. The configuration's are a scan's.
pub fn diff_outputs(args: &DiffArgs) -> Result<Vec<Output<DiffFormat>>, SettingsError> {
    arranged(&args.format, args.output.as_deref(), DiffFormat::Table)
}

/// What a name's ending says of the format, where no format is named.
const ENDINGS: [(&str, &str); 10] = [
    ("json", "json"),
    ("sarif", "sarif"),
    ("html", "html"),
    ("htm", "html"),
    ("csv", "csv"),
    ("xml", "junit"),
    ("md", "markdown"),
    ("jsonl", "ocsf"),
    ("ndjson", "ocsf"),
    ("txt", "table"),
];

/// `report.html` is HTML, `report.oscal.json` OSCAL; a name without an ending and a device get the usual format. What
/// no format is known by is refused, rather than filled with a table that its readers cannot open.
fn by_ending<K: Format>(path: &Path, otherwise: K) -> Result<K, SettingsError> {
    let kind = |word: &str| K::ALL.iter().copied().find(|kind| kind.as_str() == word);
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    // What is packed is what the ending before says.
    let name = name.strip_suffix(".zst").unwrap_or(&name);
    let Some((stem, ending)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
        return Ok(otherwise);
    };
    let inner = stem.rsplit_once('.').map(|(_, inner)| inner);
    let named = inner.filter(|_| matches!(ending, "json" | "jsonl" | "ndjson" | "xml")).and_then(kind);
    let known = || ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, word)| *word);
    named.or_else(|| kind(known().unwrap_or(ending))).ok_or_else(|| {
        let kinds: Vec<&str> = K::ALL.iter().map(|kind| kind.as_str()).collect();
        SettingsError::NoFormat { path: path.to_owned(), kinds: kinds.join(", ") }
    })
}

fn arranged<K: Format>(
    asked: &[FormatArg<K>],
    output: Option<&Path>,
    otherwise: K,
) -> Result<Vec<Output<K>>, SettingsError> {
    let mut outputs = asked
        .iter()
        .map(|FormatArg { kind, path }| {
            let destination = path.as_deref().map_or(Ok(Destination::StandardOutput), Destination::parse)?;
            Ok(Output { kind: *kind, destination })
        })
        .collect::<Result<Vec<Output<K>>, SettingsError>>()?;
    if outputs.is_empty() {
        let kind = output.map_or(Ok(otherwise), |path| by_ending(path, otherwise))?;
        outputs.push(Output { kind, destination: Destination::StandardOutput });
    }
    if let Some(path) = output {
        match outputs.as_mut_slice() {
            [only] if only.destination == Destination::StandardOutput => {
                only.destination = Destination::parse(path)?;
            }
            [Output { kind, .. }] => return Err(SettingsError::TwoFiles { kind: kind.as_str() }),
            several => return Err(SettingsError::OutputForSeveral { count: several.len() }),
        }
    }
    for (place, output) in outputs.iter().enumerate() {
        if let Some(other) = outputs.iter().take(place).find(|other| other.destination == output.destination)
        {
            return Err(match &output.destination {
                Destination::StandardOutput => SettingsError::TwoOnStandardOutput {
                    first: other.kind.as_str(),
                    second: output.kind.as_str(),
                },
                destination => SettingsError::SameFile { destination: destination.clone() },
            });
        }
    }
    Ok(outputs)
}
