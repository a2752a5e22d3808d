//! What is wrong with rules, drawn over their source as rustc and cargo do.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use toml::Spanned;

use super::source::SourceFile;

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where, in bytes of the text.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub(super) title: String,
    /// Beside the caret.
    pub(super) label: String,
    /// The way out.
    pub(super) help: Option<String>,
}

/// One thing that is wrong with a rule, its tests, or the settings of rules.
#[derive(Debug, Clone)]
pub struct RuleError {
    title: String,
    place: Option<Place>,
    help: Option<String>,
}

#[derive(Debug, Clone)]
struct Place {
    file: Arc<SourceFile>,
    span: Range<usize>,
    label: String,
}

impl RuleError {
    /// Something that no file says.
    pub(super) fn general(title: impl Into<String>, help: Option<String>) -> Self {
        Self { title: title.into(), place: None, help }
    }

    /// Something at a place of a file.
    pub(super) fn at(
        file: &Arc<SourceFile>,
        span: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let place = Place { file: Arc::clone(file), span, label: label.into() };
        Self { title: title.into(), place: Some(place), help: None }
    }

    /// A problem of a TOML string of a file.
    pub(super) fn within(file: &Arc<SourceFile>, string: &Spanned<String>, problem: Problem) -> Self {
        let span = file.place(string, &problem.span);
        Self { help: problem.help, ..Self::at(file, span, problem.title, problem.label) }
    }

    /// What the TOML parser says.
    pub(super) fn toml(file: &Arc<SourceFile>, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or(0..file.text.len());
        Self::at(file, span, "this file cannot be read", error.message())
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The order of reports: by file, then by place.
    pub(super) fn position(&self) -> (Option<&str>, usize) {
        let place = self.place.as_ref();
        (place.map(|place| place.file.path.as_str()), place.map_or(0, |place| place.span.start))
    }

    fn draw(&self, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(self.title.as_str());
        let help = self.help.as_ref().map(|help| Level::HELP.message(help.as_str()));
        let group = match &self.place {
            Some(place) => {
                let annotation = AnnotationKind::Primary.span(place.span.clone()).label(place.label.as_str());
                let snippet = Snippet::source(place.file.text.as_str())
                    .path(place.file.path.as_str())
                    .annotation(annotation);
                title.element(snippet).elements(help)
            }
            None => title.elements(help),
        };
        renderer.render(&[group])
    }
}

/// Everything that is wrong with the rules, all files together.
#[derive(Clone)]
pub struct RuleErrors(Vec<RuleError>);

impl std::error::Error for RuleErrors {}

impl RuleErrors {
    /// Errors in the order of files and places.
    pub(super) fn new(mut errors: Vec<RuleError>) -> Self {
        errors.sort_by(|one, other| one.position().cmp(&other.position()));
        Self(errors)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Draws them, with source and caret, in colour or not.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let drawn: Vec<String> = self.0.iter().map(|error| error.draw(&renderer)).collect();
        drawn.join("\n\n")
    }
}

/// Drawn as well: the fields repeat whole files.
impl fmt::Debug for RuleErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\n{self}")
    }
}

impl fmt::Display for RuleErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}
