//! What every HTML report has around it: head, style, policy, script.

use std::fmt;
use std::io::{self, Write};

use askama::Template;
use askama::filters::{Escaper as _, Html, HtmlSafe};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::report::text::{escape, escape_lines};

const STYLE: &str = include_str!("report.css");

/// A page of one file.
pub(in crate::report) struct Page {
    /// What the browser's window is called.
    pub(in crate::report) title: &'static str,
    /// What runs in it.
    pub(in crate::report) script: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Head<'a> {
    title: &'a str,
    policy: &'a str,
    style: &'a str,
    scripted: bool,
}

impl Page {
    /// Everything up to the content.
    pub(in crate::report) fn open(&self, out: &mut dyn Write) -> io::Result<()> {
        let policy = self.policy();
        let scripted = self.script.is_some();
        Head { title: self.title, policy: &policy, style: STYLE, scripted }.write_into(&mut &mut *out)
    }

    /// Everything after it.
    pub(in crate::report) fn close(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(script) = self.script {
            write!(out, "<script>{script}</script>\n")?;
        }
        out.write_all(b"</body>\n</html>\n")
    }

    /// Nothing is loaded; the only style and the only script are those with these digests.
    fn policy(&self) -> String {
        let script = self.script.map_or("'none'".to_owned(), source);
        format!(
            "default-src 'none'; script-src {script}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            source(STYLE)
        )
    }
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Text from AWS: what steers or hides in it is shown; the template escapes the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&escape(self.0))
    }
}

/// Text of rules: as [`Text`], with what stands between backticks as code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prose<'a>(pub(super) &'a str);

impl HtmlSafe for Prose<'_> {}

impl fmt::Display for Prose<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut code = false;
        for part in self.0.trim().split_inclusive('`') {
            let text = part.strip_suffix('`');
            Html.write_escaped_str(&mut *formatter, &escape(text.unwrap_or(part)))?;
            if text.is_some() {
                formatter.write_str(if code { "</code>" } else { "<code>" })?;
                code = !code;
            }
        }
        // A backtick that has no second one.
        formatter.write_str(if code { "</code>" } else { "" })
    }
}

/// As [`Text`], where line feeds are part of it: commands and code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'a>(pub(super) &'a str);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&escape_lines(self.0.trim()))
    }
}
