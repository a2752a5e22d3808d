//! What is wrong with files of waivers, drawn over their source.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::nearest::nearest;

/// The text of a file of waivers.
#[derive(Debug)]
pub(super) struct Source {
    /// Where it is, for people.
    pub(super) path: String,
    pub(super) text: String,
}

/// What a waiver may say.
const KEYS: [&str; 11] =
    ["id", "rule", "reason", "owner", "expires", "accounts", "ous", "tags", "regions", "resources", "ticket"];

fn shape() -> String {
    let (needed, others) = KEYS.split_at(5);
    format!("a waiver has {}, and may have {}", needed.join(", "), others.join(", "))
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    /// Beside the caret.
    pub(super) detail: String,
    pub(super) help: String,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, detail: detail.into(), help: help.into() }
    }

    /// What a parser says: first what it did not expect, then what it would have taken, each between backticks.
    pub(super) fn parser(span: Range<usize>, message: &str) -> Self {
        let mut names = message.split('`').skip(1).step_by(2);
        let help = match names.next().filter(|_| message.contains("unknown field")) {
            // In YAML the parser names the others without backticks.
            Some(wrong) => {
                nearest(wrong, names.chain(KEYS)).map_or_else(shape, |near| format!("did you mean `{near}`?"))
            }
            None => shape(),
        };
        let detail = message.split(", expected").next().unwrap_or(message);
        Self::new(span, detail, help)
    }
}

/// Why waivers cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaiverError {
    /// A file cannot be read.
    #[error("cannot read the waivers in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nobody else may write to it meanwhile, and that cannot be had.
    #[error("cannot lock the waivers in {}: {source}. Name a file in a folder that can be written", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that holds no waivers, by its size.
    #[error("{} is too large for waivers: more than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest.
        limit: u64,
    },
    /// Files say what they cannot say.
    #[error("{}", .0.render(false))]
    Invalid(Problems),
    /// YAML cannot be changed without losing its comments.
    #[error("waivers add keeps comments in TOML alone. Add this to {} yourself:\n\n{text}", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// The waiver in YAML.
        text: String,
    },
    /// A file whose `waivers` are written in another way than `[[waivers]]`.
    #[error("{}: waivers are not written as [[waivers]] there, so that none can be added", path.display())]
    OtherShape {
        /// The file.
        path: PathBuf,
    },
}

/// Everything that is wrong, all files together.
#[derive(Debug)]
pub struct Problems(pub(super) Vec<(Arc<Source>, Problem)>);

impl Problems {
    /// Draws them with source and caret, in colour or not.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let drawn: Vec<String> = self
            .0
            .iter()
            .map(|(source, problem)| {
                let title = Level::ERROR.primary_title("the waivers cannot be used");
                let end = source.text.len();
                let start = problem.span.start.min(end);
                let span = start..problem.span.end.clamp(start, end);
                let snippet = Snippet::source(source.text.as_str())
                    .path(source.path.as_str())
                    .annotation(AnnotationKind::Primary.span(span).label(problem.detail.as_str()));
                let help = Level::HELP.message(problem.help.as_str());
                renderer.render(&[title.element(snippet).element(help)])
            })
            .collect();
        drawn.join("\n\n")
    }
}
