//! Where each format of a report is rendered. [`crate::deliver`] puts it where it is to go.

use std::io::{self, Write};

use crate::deliver::Document;
use crate::guardrails::matrix::{self, Matrix};
use crate::report::table::Layout;
use crate::report::{
    FormatKind, Report, asff, csv, github, html, json, junit, markdown, ocsf, oscal, sarif, table,
};

/// A report in a format.
pub fn document(report: &Report, kind: FormatKind) -> Document<'_> {
    Contents { report, matrix: None }.document(kind)
}

/// What is written: a report, or the guardrails' matrix with the report of the rules about it.
#[derive(Clone, Copy)]
pub(super) struct Contents<'a> {
    pub(super) report: &'a Report,
    pub(super) matrix: Option<&'a Matrix>,
}

impl<'a> Contents<'a> {
    /// These contents in a format.
    pub(super) fn document(self, kind: FormatKind) -> Document<'a> {
        let report = self.report;
        match kind {
            FormatKind::Table => Document::whole(move |layout, out| self.table(layout, out)),
            FormatKind::Json => Document::whole(move |_, out| self.json(out)),
            FormatKind::Ocsf => Document::whole(move |_, out| ocsf::render(report, out)),
            FormatKind::Asff => Document::whole(move |_, out| asff::render(report, out)),
            FormatKind::Oscal => Document::whole(move |_, out| oscal::render(report, out)),
            FormatKind::Html => Document::whole(move |_, out| html::render(report, out)),
            FormatKind::Sarif => {
                let files = sarif::Files::new(report);
                let (count, results) = (files.count(), files.results());
                Document::split(count, results, sarif::RESULTS_IN_FILE, move |file, out| {
                    files.render(file, out)
                })
            }
            FormatKind::Csv => Document::whole(move |_, out| csv::render(report, out)),
            FormatKind::Junit => Document::whole(move |_, out| junit::render(report, out)),
            FormatKind::Markdown => Document::whole(move |_, out| markdown::render(report, out)),
            FormatKind::Github => Document::whole(move |_, out| github::render(report, out)),
        }
    }

    fn table(self, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        match self.matrix {
            Some(matrix) => matrix::render(matrix, layout, out),
            None => table::render(self.report, layout, out),
        }
    }

    fn json(self, out: &mut dyn Write) -> io::Result<()> {
        match self.matrix {
            Some(matrix) => json::write_lines(matrix, out),
            None => json::render(self.report, out),
        }
    }
}
