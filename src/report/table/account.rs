//! How the table names an account, in its heading and in its rows.

use super::super::Report;
use super::super::text::fit;

/// An account's number with its name, where the organization says it.
pub(super) fn account(report: &Report, id: &str) -> String {
    match report.account_names.get(id) {
        Some(name) => format!("{} ({})", fit(id, 24), fit(name, 32)),
        None => fit(id, 24),
    }
}
