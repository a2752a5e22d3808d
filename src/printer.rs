//! The only writer to standard output and standard error: data goes to the first, all else to the second.
//!
//! What is said on standard error may quote AWS, so it is escaped here. Progress is in `progress`.

mod progress;

use std::io::{self, BufRead, BufWriter, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use chrono::{SecondsFormat, Utc};
use serde_json::json;

pub use progress::Progress;

use crate::report::table::Layout;
use crate::report::text::{count, escape, escape_lines, grouped};

/// How much is said on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Warnings, notes and progress.
    Normal,
    /// Everything.
    Verbose,
}

/// How standard error is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    fn decide(self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|it| it != "dumb")
            }
        }
    }
}

/// Standard output, which remembers that nobody reads it any more: formats wrap the error into errors of their own.
struct Pipe<W> {
    inner: W,
    closed: bool,
}

impl<W> Pipe<W> {
    fn seen<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.closed |= done.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        done
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.inner.write(bytes);
        self.seen(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.inner.flush();
        self.seen(done)
    }
}

/// Writes to the two streams.
#[derive(Debug)]
pub struct Printer {
    verbosity: Verbosity,
    log_format: LogFormat,
    show_progress: bool,
    stdout_color: bool,
    stderr_color: bool,
    bar: progress::Bar,
}

impl Printer {
    /// A printer with these settings.
    pub fn new(verbosity: Verbosity, log_format: LogFormat, show_progress: bool, color: ColorChoice) -> Self {
        Self {
            verbosity,
            log_format,
            show_progress: show_progress && verbosity > Verbosity::Quiet,
            stdout_color: color.decide(io::stdout().is_terminal()),
            stderr_color: color.decide(io::stderr().is_terminal()) && log_format == LogFormat::Text,
            bar: progress::Bar::default(),
        }
    }

    /// How a table on standard output is drawn.
    pub fn layout(&self) -> Layout {
        let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        let variable = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Layout {
            width: terminal.or_else(variable).unwrap_or(Layout::DEFAULT_WIDTH),
            color: self.stdout_color,
        }
    }

    /// Errors are drawn in colour.
    pub fn colors_errors(&self) -> bool {
        self.stderr_color
    }

    /// Writes data to standard output. A reader that has seen enough and closed the pipe is no error, whatever the
    /// writers between here and there make of it.
    pub fn data(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = BufWriter::new(Pipe { inner: io::stdout().lock(), closed: false });
        let written = write(&mut out).and_then(|()| out.flush());
        // What is still buffered must not be tried again.
        let (pipe, _) = out.into_parts();
        if pipe.closed { Ok(()) } else { written }
    }

    /// Says what is worth knowing.
    pub fn note(&self, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.say("note", None, text);
        }
    }

    /// Says what only those want to know who ask for more.
    pub fn detail(&self, text: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.say("debug", None, text);
        }
    }

    /// Says what may be wrong.
    pub fn warn(&self, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.say("warning", Some(AnsiColor::Yellow), text);
        }
    }

    /// Says that the worst results alone are in a place that holds one file of a format.
    pub fn warn_of_the_rest(&self, kind: &str, place: &str, shown: usize, all: usize, files: usize) {
        self.warn(&format!(
            "the worst {} of {} results are {place}: --format {kind}=FILE writes all of them, in {}",
            grouped(shown),
            grouped(all),
            count(files, "file"),
        ));
    }

    /// Says what went wrong.
    pub fn error(&self, text: &str) {
        self.say("error", Some(AnsiColor::Red), text);
    }

    /// Shows an error that is drawn already, with source and caret.
    pub fn drawn_error(&self, text: &str) {
        match self.log_format {
            // The renderer puts colours in; it escapes what it quotes.
            LogFormat::Text => self.write_line(text),
            LogFormat::Json => self.say("error", None, text),
        }
    }

    /// Shows what is wrong with the command line.
    pub fn usage_error(&self, text: &clap::builder::StyledStr) {
        let text = if self.stderr_color { text.ansi().to_string() } else { text.to_string() };
        self.write_line(text.trim_end());
    }

    /// Text of the command line's description, in colour or not.
    pub fn styled(&self, text: &clap::builder::StyledStr) -> String {
        if self.stdout_color { text.ansi().to_string() } else { text.to_string() }
    }

    /// Asks on standard error, reads a line from standard input. An error if nobody can answer.
    pub fn ask(question: &str) -> io::Result<String> {
        if !io::stdin().is_terminal() {
            return Err(io::Error::other("standard input is no terminal, so nobody can be asked"));
        }
        let mut stderr = io::stderr().lock();
        write!(stderr, "{} ", escape(question))?;
        stderr.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }

    fn say(&self, level: &str, color: Option<AnsiColor>, text: &str) {
        match self.log_format {
            LogFormat::Json => self.event(level, &json!({"message": text})),
            LogFormat::Text => {
                let style = color
                    .filter(|_| self.stderr_color)
                    .map(|color| Style::new().bold().fg_color(Some(color.into())));
                let text = escape_lines(text);
                match style {
                    Some(style) => self.write_line(&format!("{style}{level}:{style:#} {text}")),
                    None => self.write_line(&format!("{level}: {text}")),
                }
            }
        }
    }

    /// A line of JSON: time and level, then the fields.
    fn event(&self, level: &str, fields: &serde_json::Value) {
        let mut event = serde_json::Map::new();
        event.insert("time".to_owned(), Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true).into());
        event.insert("level".to_owned(), level.into());
        if let Some(fields) = fields.as_object() {
            event.extend(fields.clone());
        }
        self.write_line(&serde_json::Value::Object(event).to_string());
    }

    /// There is nobody left to tell if standard error is closed.
    fn write_line(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{line}");
        });
    }
}
