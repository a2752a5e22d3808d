//! The formats that there are, by the words of the command line and as HTTP names them.

/// A format that reports are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatKind {
    /// For people.
    Table,
    /// For programs: everything.
    Json,
    /// For code scanning.
    Sarif,
    /// For security data lakes.
    Ocsf,
    /// For AWS Security Hub.
    Asff,
    /// For assessors.
    Oscal,
    /// For whoever opens it first, in a browser.
    Html,
    /// For spreadsheets.
    Csv,
    /// For the test reports of a pipeline.
    Junit,
    /// For the summary of a pipeline's job.
    Markdown,
    /// For annotations of a GitHub workflow.
    Github,
}

/// The formats of one kind of report.
pub trait Format: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The word that the command line uses.
    fn as_str(self) -> &'static str;

    /// The media type, as HTTP names it.
    fn content_type(self) -> &'static str;
}

impl Format for FormatKind {
    const ALL: &'static [Self] = &[
        Self::Table,
        Self::Json,
        Self::Sarif,
        Self::Html,
        Self::Csv,
        Self::Junit,
        Self::Markdown,
        Self::Github,
        Self::Ocsf,
        Self::Asff,
        Self::Oscal,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
            Self::Oscal => "oscal",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Github => "github",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Table | Self::Github => "text/plain; charset=utf-8",
            Self::Json | Self::Asff | Self::Oscal => "application/json",
            Self::Sarif => "application/sarif+json",
            Self::Html => "text/html; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Junit => "application/xml",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Ocsf => "application/x-ndjson",
        }
    }
}
