//! What is wrong with the configuration file, drawn over its source.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::nearest::nearest;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file says what it cannot say.
    #[error("{}", self.render(false))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: String,
        /// Where.
        span: Range<usize>,
        /// What is wrong.
        detail: String,
        /// The way out.
        help: String,
    },
}

impl ConfigError {
    pub(super) fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let detail = error.message().to_owned();
        let help = help(&detail);
        let detail = detail.split(", expected").next().unwrap_or(&detail).to_owned();
        Self::Invalid {
            path: path.to_owned(),
            text: text.to_owned(),
            span: error.span().unwrap_or(0..0),
            detail,
            help,
        }
    }

    /// The error as people read it, with source and caret, in colour or not.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Read { .. } => self.to_string(),
            Self::Invalid { path, text, span, detail, help } => {
                let title = Level::ERROR.primary_title("the configuration cannot be used");
                let path = path.display().to_string();
                let snippet = Snippet::source(text.as_str())
                    .path(path.as_str())
                    .annotation(AnnotationKind::Primary.span(span.clone()).label(detail.as_str()));
                let renderer = if color { Renderer::styled() } else { Renderer::plain() };
                renderer.render(&[title.element(snippet).element(Level::HELP.message(help.as_str()))])
            }
        }
    }
}

/// The parser names what it did not expect first, then what it would have taken, each between backticks.
fn help(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = ["unknown field", "unknown variant"].iter().any(|start| message.starts_with(start));
    if let Some(wrong) = names.next().filter(|_| unknown) {
        let known: Vec<&str> = names.collect();
        return match nearest(wrong, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
    }
    "trailproof config schema prints what the file may say".to_owned()
}
