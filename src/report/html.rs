//! The report as one HTML file, for whoever opens it first: no other file, no network.
//!
//! What a reader needs is in the markup, so that it can be read, printed and searched without scripts; a script takes
//! the findings from an embedded table and adds filters, the map by account and region, and links to single findings.
//! The page's Content-Security-Policy allows that script, that style and nothing else. Every text from AWS is escaped
//! by the templates, and what steers or hides in it is made visible.

mod data;
mod frameworks;
mod gaps;
mod guardrails;
mod map;
mod overview;
pub(super) mod page;
mod rules;
mod tally;
mod waivers;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use askama::Template;

use self::data::Data;
use self::frameworks::Frameworks;
use self::gaps::Gaps;
use self::guardrails::Guardrails;
use self::map::Map;
use self::overview::Overview;
use self::page::Page;
use self::rules::Rules;
use self::waivers::Waivers;
use super::Report;

/// The script, in the order in which its parts build on each other.
const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("html/script/model.js"),
    include_str!("html/script/map.js"),
    include_str!("html/script/findings.js"),
    include_str!("html/script/page.js"),
    "})();\n",
);

/// Writes the report.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { title: "Trailproof report", style: "", script: Some(SCRIPT) };
    page.open(out)?;
    let mut section = |section: &dyn askama::DynTemplate| section.dyn_write_into(&mut *out);
    section(&Overview::of(report))?;
    section(&Map::of(report))?;
    section(&Rules::of(report))?;
    section(&Guardrails::of(report))?;
    section(&Frameworks::of(report))?;
    section(&Gaps::of(report))?;
    section(&Waivers::of(report))?;
    section(&Closing)?;
    Data::of(report).write(out)?;
    page.close(out)
}

/// How to read the page, and what it does not say.
#[derive(Template)]
#[template(path = "closing.html")]
struct Closing;
