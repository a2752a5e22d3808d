//! The settings of a run: a flag beats a variable, a variable beats the configuration file, the file beats the
//! default. Variables that AWS tools share (`AWS_PROFILE`, `AWS_REGION`, ...) are left to the AWS configuration;
//! the file's values stand back where one of them is set.

pub mod config;

pub mod environment;
mod outputs;
mod shards;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use outputs::{
    Destination, ObjectUri, Output, diff_outputs, outputs, verification_outputs, verify_outputs,
};
pub use shards::{ShardPlace, shard_index};

use self::config::ConfigFile;
use crate::cli::{CollectingArgs, DiffArgs, OutputArgs, RoleArgs, RuleArgs};
use crate::exit::Gate;
use crate::plan::{CollectSettings, RoleSettings, Secret, Selection, TagSelector};
use crate::rules::RuleOverrides;
use crate::severity::Severity;

/// Settings that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Two formats on standard output.
    #[error(
        "{first} and {second} cannot both go to standard output. Give one a file: --format {second}=FILE"
    )]
    TwoOnStandardOutput {
        /// A format.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// `--output` says where one format goes, but there are several.
    #[error(
        "--output names one file, but {count} formats are asked for. Name a file for each: --format KIND=FILE"
    )]
    OutputForSeveral {
        /// How many.
        count: usize,
    },
    /// Two files for one format.
    #[error("--output and --format {kind}=FILE both name a file. Leave one out")]
    TwoFiles {
        /// The format.
        kind: &'static str,
    },
    /// One file for two formats.
    #[error("two formats go to {destination}. Name a file for each")]
    SameFile {
        /// The file or object.
        destination: Destination,
    },
    /// A file whose name says nothing of a format.
    #[error("--output {}: its ending is no format's. Name one with --format: {kinds}", path.display())]
    NoFormat {
        /// The file.
        path: PathBuf,
        /// The formats that there are.
        kinds: String,
    },
    /// A destination that is none.
    #[error("no report can go to {text}: {detail}")]
    NoDestination {
        /// What was given.
        text: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A place for a plan that is none.
    #[error("no plan can be in {text:?}: {detail}")]
    NoShardPlace {
        /// What was given.
        text: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A number of a shard that is none.
    #[error("{name} is {value:?}: a shard is a number, from 0")]
    NoIndex {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// Nothing says which shard this is.
    #[error("which shard is this? Say it with --index, or let the engine do so with one of {names}")]
    MissingIndex {
        /// The variables of engines.
        names: String,
    },
    /// Two numbers of one shard.
    #[error("which shard is this? It is {several}: leave all but one out")]
    TwoIndexes {
        /// Who says what.
        several: String,
    },
    /// A range of time without any time in it.
    #[error("--start-time {from} is not before --end-time {to}")]
    EmptyRange {
        /// The start.
        from: String,
        /// The end.
        to: String,
    },
    /// A folder of rules that is none.
    #[error("--rules {}: there is no such folder. A rule's id has no slash", path.display())]
    NoRuleFolder {
        /// What was given.
        path: PathBuf,
    },
}

/// Which rules run, and how.
#[derive(Debug)]
pub struct RuleSettings {
    /// Folders of further rules.
    pub folders: Vec<PathBuf>,
    /// What is set otherwise than in the rules' files, and which rules are chosen.
    pub overrides: RuleOverrides,
}

/// The rules' settings.
pub fn rules(args: &RuleArgs, config: &ConfigFile) -> Result<RuleSettings, SettingsError> {
    let mut folders = Vec::new();
    let mut enabled = Vec::new();
    for value in &args.rules {
        let path = Path::new(value);
        if path.is_dir() {
            folders.push(path.to_owned());
        } else if value.contains(std::path::is_separator) {
            return Err(SettingsError::NoRuleFolder { path: path.to_owned() });
        } else {
            enabled.push(value.clone());
        }
    }
    let mut overrides = RuleOverrides {
        enabled,
        disabled: args.skip_rules.clone(),
        families: args.family.clone(),
        frameworks: args.framework.clone(),
        minimum_severity: args.severity.map(|severity| severity.0),
        ..RuleOverrides::default()
    };
    for (id, rule) in &config.rules {
        if let Some(severity) = rule.severity {
            overrides.severity.insert(id.clone(), severity);
        }
        if !rule.parameters.is_empty() {
            let parameters: BTreeMap<String, toml::Value> =
                rule.parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            overrides.parameters.insert(id.clone(), parameters);
        }
        // Who names the rule on the command line wants it to run.
        if rule.enabled == Some(false) && !overrides.enabled.contains(id) {
            overrides.disabled.push(id.clone());
        }
    }
    Ok(RuleSettings { folders, overrides })
}

/// The configuration with the role by which auditors read accounts: the one that it names, else the one that scans assume.
pub fn with_audit_role(mut config: ConfigFile, role: Option<&RoleArgs>) -> ConfigFile {
    let flag = |ask: fn(&RoleArgs) -> &Option<String>| role.and_then(|role| ask(role).clone());
    let name = flag(|role| &role.role_name).or_else(|| config.scan.role_name.clone());
    let path = flag(|role| &role.role_path).or_else(|| config.scan.role_path.clone());
    let path = path.as_deref().map_or("", |path| path.trim_start_matches('/'));
    let assumed = name.map(|name| format!("{path}{name}"));
    config.organization.audit_role = config.organization.audit_role.or(assumed);
    config
}

/// What makes a run fail.
pub fn gate(args: &OutputArgs, config: &ConfigFile) -> Gate {
    let from_file = config.output.fail_on.map(config::Threshold::severity);
    Gate {
        fail_on: args.fail_on.map(|threshold| threshold.0).or(from_file).unwrap_or(Some(Severity::High)),
        allow_incomplete: args.allow_incomplete || config.output.allow_incomplete,
    }
}

/// The files of waivers: by flags, else by the configuration.
pub fn waivers(flag: &[PathBuf], config: &ConfigFile) -> Vec<PathBuf> {
    if flag.is_empty() { config.waivers.files.clone() } else { flag.to_vec() }
}

/// What makes `diff` fail.
pub fn diff_gate(args: &DiffArgs, config: &ConfigFile) -> Gate {
    let from_file = config.output.fail_on.map(config::Threshold::severity);
    Gate {
        fail_on: args.fail_on.map(|threshold| threshold.0).or(from_file).unwrap_or(Some(Severity::High)),
        allow_incomplete: args.allow_incomplete || config.output.allow_incomplete,
    }
}

/// What to collect. `variable` reads an environment variable.
pub fn collecting(
    args: &CollectingArgs,
    config: &ConfigFile,
    variable: impl Fn(&str) -> Option<String>,
) -> CollectSettings {
    let (scope, role, aws, scan) = (&args.scope, &args.role, &args.aws.connection, &config.scan);
    let session = &role.session;
    let default = CollectSettings::default();
    let default_role = RoleSettings::default();
    let list =
        |flag: &Vec<String>, file: &Vec<String>| if flag.is_empty() { file.clone() } else { flag.clone() };
    let tags = |flag: &Vec<TagSelector>, file: &Vec<TagSelector>| {
        if flag.is_empty() { file.clone() } else { flag.clone() }
    };
    let set = |names: &[&str]| names.iter().any(|name| variable(name).is_some_and(|value| !value.is_empty()));
    let text = |flag: &Option<String>, variables: &[&str], file: &Option<String>| {
        flag.clone().or_else(|| if set(variables) { None } else { file.clone() })
    };
    CollectSettings {
        profile: text(
            &aws.profile,
            &["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID"],
            &scan.profile,
        ),
        region: text(&aws.region, &["AWS_REGION", "AWS_DEFAULT_REGION"], &scan.region),
        endpoint_url: aws.endpoint_url.clone(),
        use_fips: aws.use_fips,
        use_dualstack: aws.use_dualstack,
        ca_bundle: aws.ca_bundle.clone(),
        max_concurrency: args
            .aws
            .max_concurrency
            .or(scan.max_concurrency.map(std::num::NonZeroU16::get))
            .map_or(default.max_concurrency, usize::from),
        max_attempts: aws
            .max_attempts
            .or_else(|| variable("AWS_MAX_ATTEMPTS")?.parse().ok().filter(|attempts| *attempts > 0))
            .or(scan.max_attempts.map(std::num::NonZeroU32::get))
            .unwrap_or(default.max_attempts),
        role: RoleSettings {
            name: role.role_name.clone().or(scan.role_name.clone()).unwrap_or(default_role.name),
            path: role.role_path.clone().or(scan.role_path.clone()).unwrap_or(default_role.path),
            external_id: session.external_id.clone().map(Secret::new),
            session_name: session
                .session_name
                .clone()
                .or(scan.session_name.clone())
                .unwrap_or(default_role.session_name),
            session_duration: session
                .session_duration
                .or(scan.session_duration)
                .map_or(default_role.session_duration, |seconds| Duration::from_secs(seconds.into())),
        },
        read_account_tags: scope.read_account_tags || scan.read_account_tags,
        mfa_serial: session.mfa_serial.clone().or(scan.mfa_serial.clone()),
        selection: Selection {
            accounts: list(&scope.accounts, &scan.accounts),
            exclude_accounts: list(&scope.exclude_accounts, &scan.exclude_accounts),
            ous: list(&scope.ous, &scan.ous),
            exclude_ous: list(&scope.exclude_ous, &scan.exclude_ous),
            account_tags: tags(&scope.account_tag, &scan.account_tags),
            exclude_account_tags: tags(&scope.exclude_account_tag, &scan.exclude_account_tags),
            regions: list(&scope.regions, &scan.regions),
            exclude_regions: list(&scope.exclude_regions, &scan.exclude_regions),
        },
        expectations: config.organization.clone(),
        ..default
    }
}

#[cfg(test)]
mod tests;
