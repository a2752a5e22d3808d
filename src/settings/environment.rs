//! Variables that a pipeline sets to nothing are not set. What reads them (the parser of the command line, the AWS
//! configuration, the system's own functions) takes some of them for a name that is empty.

use std::ffi::{OsStr, OsString};

/// What of the environment decides how this program runs.
const PREFIXES: [&str; 2] = ["TRAILPROOF_", "AWS_"];
const NAMES: [&str; 8] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "XDG_CONFIG_HOME",
];

/// Those of these variables that are set, and empty.
fn empty(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<OsString> {
    let ours = |name: &OsStr| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name.as_str())
    };
    variables.filter(|(name, value)| value.is_empty() && ours(name)).map(|(name, _)| name).collect()
}

/// Starts this program anew without the variables that are empty, where there are any. A process cannot take them out
/// of its own environment safely; elsewhere than on Unix none can be empty.
pub fn without_empty_variables() {
    let empty = empty(std::env::vars_os());
    #[cfg(unix)]
    if !empty.is_empty()
        && let Ok(program) = std::env::current_exe()
    {
        let mut arguments = std::env::args_os();
        let mut anew = std::process::Command::new(program);
        if let Some(name) = arguments.next() {
            std::os::unix::process::CommandExt::arg0(&mut anew, name);
        }
        anew.args(arguments);
        for name in &empty {
            anew.env_remove(name);
        }
        // Where the system refuses, the run goes on with what there is.
        let _ = std::os::unix::process::CommandExt::exec(&mut anew);
    }
    #[cfg(not(unix))]
    drop(empty);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_and_decides_something_is_taken_out() {
        let variables = [
            ("TRAILPROOF_CONFIG", ""),
            ("AWS_REGION", ""),
            ("AWS_PROFILE", "audit"),
            ("https_proxy", ""),
            ("TMPDIR", ""),
            ("MY_AWS_PROFILE", ""),
            ("EDITOR", ""),
        ];
        let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let found = empty(variables.into_iter());
        assert_eq!(found, ["TRAILPROOF_CONFIG", "AWS_REGION", "https_proxy", "TMPDIR"]);
    }
}
