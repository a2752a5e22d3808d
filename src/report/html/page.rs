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
    /// Style beside that of every page.
    pub(in crate::report) style: &'static str,
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
        let style = format!("{STYLE}{}", self.style);
        let policy = self.policy(&style);
        let scripted = self.script.is_some();
        Head { title: self.title, policy: &policy, style: &style, scripted }.write_into(&mut &mut *out)
    }

    /// Everything after it.
    pub(in crate::report) fn close(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(script) = self.script {
            writeln!(out, "<script>{script}</script>")?;
        }
        out.write_all(b"</body>\n</html>\n")
    }

    /// Nothing is loaded; the only style and the only script are those with these digests.
    fn policy(&self, style: &str) -> String {
        let script = self.script.map_or("'none'".to_owned(), source);
        format!(
            "default-src 'none'; script-src {script}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            source(style)
        )
    }
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Text from AWS, for markup that no template writes.
pub(in crate::report) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // Writing into a string cannot fail.
    let _ = Html.write_escaped_str(&mut safe, &escape(text));
    safe
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_nothing_else() {
        let name = "<img src=x onerror='a'>&\u{202e}\n";
        assert_eq!(escaped(name), "&#60;img src=x onerror=&#39;a&#39;&#62;&#38;\\u{202e}\\u{a}");
        assert_eq!(Text(name).to_string(), "<img src=x onerror='a'>&\\u{202e}\\u{a}");
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        let prose = |text| Prose(text).to_string();
        assert_eq!(prose("set `a<b>` and `c`."), "set <code>a&#60;b&#62;</code> and <code>c</code>.");
        assert_eq!(prose("one ` alone"), "one <code> alone</code>");
        assert_eq!(prose("`"), "<code></code>");
    }

    #[test]
    fn the_policy_names_what_is_on_the_page() {
        let page = Page { title: "A page", style: ".a{}", script: Some("let a = 1 < 2;") };
        let mut out = Vec::new();
        page.open(&mut out).unwrap();
        page.close(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let between = |start: &str, end: &str| text.split(start).nth(1).unwrap().split(end).next().unwrap();
        let policy = between("Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
        for content in [between("<style>", "</style>"), between("<script>", "</script>")] {
            assert!(policy.contains(&source(content)), "{policy}");
        }
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    }
}
