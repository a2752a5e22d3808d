//! How a command reaches AWS: its flags, the configuration and the environment, and the person at the keyboard for the
//! digits of an MFA device.

use crate::cli::{CollectingArgs, ConnectionArgs};
use crate::plan::{CollectSettings, MfaTokenSource};
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};

/// How AWS is reached by those who collect.
pub(super) fn settings(args: &CollectingArgs, config: &ConfigFile) -> CollectSettings {
    let mut settings = settings::collecting(args, config, |name| std::env::var(name).ok());
    settings.mfa_token = Some(MfaTokenSource::new(|serial| {
        Printer::ask(&format!("The six digits of the MFA device {serial}:"))
    }));
    settings
}

/// How AWS is reached by those who only deliver.
pub(super) fn connect(connection: &ConnectionArgs, config: &ConfigFile) -> CollectSettings {
    let mut args = CollectingArgs::default();
    args.aws.connection = connection.clone();
    settings(&args, config)
}
