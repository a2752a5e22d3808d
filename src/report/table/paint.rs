//! Colours, or none.

use anstyle::{AnsiColor, Style};

use crate::severity::Severity;

/// What a text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Bold,
    Good,
    Bad,
    Warning,
    Severity(Severity),
}

/// Colours texts, if that is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) fn text(self, tone: Tone, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let color = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
        let style = match tone {
            Tone::Bold | Tone::Severity(Severity::Info) => Style::new().bold(),
            Tone::Good => color(AnsiColor::Green),
            Tone::Bad | Tone::Severity(Severity::Critical | Severity::High) => color(AnsiColor::Red),
            Tone::Warning | Tone::Severity(Severity::Medium) => color(AnsiColor::Yellow),
            Tone::Severity(Severity::Low) => color(AnsiColor::Cyan),
        };
        format!("{style}{text}{style:#}")
    }
}
