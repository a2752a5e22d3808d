//! One thing explained: a title, then labelled texts.

use std::io::{self, Write};

use super::super::text::{escape, escape_lines};
use super::{Layout, Paint, Tone, at_most, pairs, paragraph};

/// A title and labelled texts.
#[derive(Debug)]
pub struct Sheet {
    layout: Layout,
    title: [String; 2],
    rows: Vec<[String; 2]>,
    verbatim: Vec<[String; 2]>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(layout: Layout) -> Self {
        Self { layout, title: Default::default(), rows: Vec::new(), verbatim: Vec::new() }
    }

    /// The title and what it says.
    pub fn title(&mut self, title: &str, text: &str) {
        self.title = [escape(title).into_owned(), escape(text).into_owned()];
    }

    /// A labelled text. Labels that repeat stand once.
    pub fn row(&mut self, label: &str, text: &str) {
        let again = self
            .rows
            .iter()
            .rev()
            .find(|[label, _]| !label.is_empty())
            .is_some_and(|[before, _]| before == label);
        let label = if again { String::new() } else { label.to_owned() };
        self.rows.push([label, escape_lines(text.trim_end())]);
    }

    /// Text to be copied: after the labelled texts, and never broken into lines.
    pub fn verbatim(&mut self, label: &str, text: &str) {
        self.verbatim.push([label.to_owned(), escape_lines(text.trim_end())]);
    }

    /// Writes it.
    pub fn render(self, out: &mut dyn Write) -> io::Result<()> {
        let [title, text] = &self.title;
        writeln!(out, "{}", Paint(self.layout.color).text(Tone::Bold, title))?;
        let lines = paragraph(self.layout, text).into_iter();
        let rows = pairs(self.layout, at_most(self.layout, 30), self.rows);
        lines.chain([String::new()]).chain(rows).try_for_each(|line| writeln!(out, "{line}"))?;
        for [label, text] in &self.verbatim {
            writeln!(out, "\n  {label}")?;
            text.lines().try_for_each(|line| writeln!(out, "    {line}"))?;
        }
        Ok(())
    }
}
