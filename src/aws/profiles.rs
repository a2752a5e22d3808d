//! Why there are no credentials, and what can be done: by the AWS configuration files themselves, since the errors of the
//! chain name its links rather than the file, the profile or the sign-in that is missing.

use std::borrow::Cow;
use std::error::Error;
use std::path::{Path, PathBuf};

use aws_config::profile::{self, Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::plan::CollectSettings;

/// What whoever has no credentials can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Sign in to IAM Identity Center for this profile.
    SignInToIdentityCenter(String),
    /// Sign in to AWS for this profile.
    SignIn(String),
    /// Sign in, or choose another profile.
    SignInOrChoose,
    /// Choose other credentials.
    ChooseOthers,
    /// Choose another profile.
    ChooseProfile,
    /// Correct this file.
    Correct,
    /// Save this file as UTF-8.
    SaveAsUtf8,
}

/// What is missing, and what can be done; `detail` is what the chain or AWS says.
pub(crate) async fn why_no_credentials(settings: &CollectSettings, detail: &str) -> (String, Remedy) {
    let files = [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    if let Some(problem) = files.iter().find_map(|path| encoding(path)) {
        return (problem, Remedy::SaveAsUtf8);
    }
    let chosen = settings.profile.clone().or_else(|| set("AWS_PROFILE"));
    let (system, environment, places) = (Fs::real(), Env::real(), EnvConfigFiles::default());
    match profile::load(&system, &environment, &places, chosen.clone().map(Cow::Owned)).await {
        Err(error) => (chain(&error), Remedy::Correct),
        Ok(profiles) => match profiles.get_profile(profiles.selected_profile()) {
            Some(profile) => of_profile(profile, detail),
            None => without_profile(&profiles, chosen.as_deref(), &files, detail),
        },
    }
}

fn set(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Where the AWS tools look for a file.
fn file(variable: &str, name: &str) -> PathBuf {
    let home = || PathBuf::from(set("HOME").or_else(|| set("USERPROFILE")).unwrap_or_default());
    set(variable).map_or_else(|| home().join(".aws").join(name), PathBuf::from)
}

/// A file that is no UTF-8 is empty for the AWS SDK, without a word.
fn encoding(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0);
    if utf16 {
        return Some(format!("{} is in UTF-16", path.display()));
    }
    let error = std::str::from_utf8(&bytes).err()?;
    let line = bytes.get(..error.valid_up_to())?.split(|byte| *byte == b'\n').count();
    Some(format!("{}, line {line}, is not in UTF-8", path.display()))
}

/// All that an error says, without the ends of its sentences.
fn chain(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(source) = next {
        texts.push(source.to_string());
        next = source.source();
    }
    let texts: Vec<&str> = texts.iter().map(|text| text.trim().trim_end_matches('.')).collect();
    texts.join(": ")
}

fn of_profile(profile: &Profile, detail: &str) -> (String, Remedy) {
    let name = profile.name();
    let has = |key: &str| profile.get(key).is_some();
    let detail = sentence(detail);
    if has("sso_session") || has("sso_start_url") {
        return (sign_in_is_over(name), Remedy::SignInToIdentityCenter(name.to_owned()));
    }
    if has("login_session") {
        return (sign_in_is_over(name), Remedy::SignIn(name.to_owned()));
    }
    let ways = ["aws_access_key_id", "role_arn", "credential_process", "web_identity_token_file"];
    if !ways.iter().any(|key| has(key)) {
        return (format!("profile {name} says nothing of credentials ({detail})"), Remedy::SignInOrChoose);
    }
    (detail, Remedy::SignInOrChoose)
}

fn sign_in_is_over(profile: &str) -> String {
    format!("the sign-in of profile {profile} is missing or over")
}

fn without_profile(
    profiles: &ProfileSet,
    chosen: Option<&str>,
    [config, credentials]: &[PathBuf; 2],
    detail: &str,
) -> (String, Remedy) {
    let files = format!("{} nor {}", config.display(), credentials.display());
    let Some(name) = chosen else {
        if set("AWS_ACCESS_KEY_ID").is_some() {
            return (sentence(detail), Remedy::SignInOrChoose);
        }
        let problem = format!(
            "neither the environment nor a container or an instance has any, and profile default is in neither {files}"
        );
        return (problem, Remedy::SignInOrChoose);
    };
    let mut known: Vec<&str> = profiles.profiles().collect();
    known.sort_unstable();
    let known = if known.is_empty() {
        "there are no profiles".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    };
    (format!("profile {name} is in neither {files} ({known})"), Remedy::ChooseProfile)
}

/// One line without its full stops: the chain lists each link on a line of its own.
fn sentence(detail: &str) -> String {
    let first = detail.lines().next().unwrap_or_default();
    first.trim().trim_end_matches(['.', ':', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_another_encoding_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let said = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            encoding(&path)
        };
        assert_eq!(said(b"[default]\nregion = eu-west-1\n"), None);
        assert!(said(b"\xff\xfe[\0d\0").unwrap().ends_with("config is in UTF-16"));
        assert!(said(b"[\0d\0e\0f\0").unwrap().contains("is in UTF-16"));
        assert!(said(b"[default]\n# \xe4\n").unwrap().contains("config, line 2, is not in UTF-8"));
    }

    #[test]
    fn a_sentence_has_one_end() {
        assert_eq!(
            sentence("the caller has insufficient permissions.."),
            "the caller has insufficient permissions"
        );
        assert_eq!(
            sentence("no credentials found in chain. Attempted:\n  Environment: x"),
            "no credentials found in chain. Attempted"
        );
    }
}
