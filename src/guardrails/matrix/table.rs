//! The matrix for people: guardrails as columns, accounts as rows with the most open at the top, then what is open in
//! words. See [`super`].

use std::io::{self, Write};

use super::grid::{self, GridRow};
use super::{ACCOUNT, Account, Bound, Cell, CellVerdict, Group, Matrix};
use crate::facts::guardrail::Guardrail;
use crate::report::table::{Layout, Paint, Tone, at_most, pairs};
use crate::report::text::{count, fit, grouped};

/// Rows of accounts.
const ROWS: usize = 40;
/// Accounts that a row names.
const NAMED: usize = 3;
/// Places that a sentence about what is open names.
const PLACES: usize = 4;

/// A row of the matrix: accounts of one place with the same words in all cells.
struct Line<'a> {
    place: &'a str,
    bound: Bound,
    accounts: Vec<&'a Account>,
    cells: Vec<(String, Option<Tone>)>,
}

/// Writes the matrix.
pub fn render(matrix: &Matrix, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let whose = match &matrix.organization_id {
        Some(id) => format!("organization {}", fit(id, 40)),
        None => "no organization".to_owned(),
    };
    let paint = Paint(layout.color);
    writeln!(out, "{}", paint.text(Tone::Bold, &format!("Guardrails: {whose}")))?;
    let summary = matrix.summary;
    for (number, tone, mark, text) in [
        (
            summary.open,
            Tone::Bad,
            "OPEN",
            "something against the logs is not denied, or its denial is escaped unaided",
        ),
        (
            summary.unknown,
            Tone::Warning,
            "UNKNOWN",
            "something could not be read, nothing is known to be open",
        ),
        (summary.protected, Tone::Good, "PROTECTED", "all of it is denied, or denied with exemptions"),
    ] {
        if number > 0 {
            let mark = paint.text(tone, &format!("{mark:<9}"));
            writeln!(out, "  {mark} {}: {text}", count(number, "account"))?;
        }
    }
    writeln!(out)?;
    let lines = lines(matrix);
    if layout.width >= MATRIX_WIDTH {
        let rows: Vec<GridRow> = lines
            .iter()
            .take(ROWS)
            .map(|line| GridRow { label: line.label(), words: line.cells.clone() })
            .collect();
        grid::render(&Guardrail::ALL.map(short), &rows, LABEL_WIDTH, layout.width, paint, out)?;
        if lines.len() > ROWS {
            writeln!(out, "\n  and {} more: --format json has all", count(lines.len() - ROWS, "row"))?;
        }
        legend(&lines, out)?;
    } else {
        writeln!(out, "  The matrix takes a terminal of {MATRIX_WIDTH} columns; what is open follows.")?;
    }
    opened(matrix, layout, paint, out)?;
    writeln!(out, "\n{}", paint.text(Tone::Bold, "Next"))?;
    let steps = [
        ("trailproof guardrails explain ACCOUNT ACTION", "the proof, level by level"),
        ("trailproof guardrails recommend", "policies that close what is open"),
    ];
    steps.iter().try_for_each(|(command, what)| writeln!(out, "  {command:<46}{what}"))
}

/// The narrowest terminal that the matrix fits in.
const MATRIX_WIDTH: usize = 98;
/// The narrowest label of a row.
const LABEL_WIDTH: usize = 19;

/// The column's heading over two lines, no wider than the words below it.
fn short(guardrail: Guardrail) -> &'static str {
    match guardrail {
        Guardrail::Leave => "leave org",
        Guardrail::TrailTampering => "trails",
        Guardrail::ArchiveDeletion => "arch. delete",
        Guardrail::ArchiveReconfiguration => "arch. setup",
        Guardrail::ConfigTampering => "Config",
        Guardrail::PipelineTampering => "pipe- line",
        Guardrail::ReplicationTampering => "repli- cation",
        Guardrail::DetectionTampering => "detec- tion",
        Guardrail::KeyDestruction => "log keys",
        Guardrail::FlowLogDeletion => "flow logs",
        Guardrail::AuditRoleTampering => "audit roles",
    }
}

/// The word for a verdict, and what it means.
const WORDS: [(CellVerdict, &str, &str); 7] = [
    (
        CellVerdict::NotDenied,
        "OPEN",
        "an ordinary caller of the account gets through (n open: for so many of the actions)",
    ),
    (CellVerdict::Unknown, "?", "something that could not be read decides"),
    (
        CellVerdict::DeniedExceptSelfService,
        "self",
        "no protection: denied, but administrators of the account can arrange an exemption",
    ),
    (CellVerdict::DeniedExcept, "except", "denied, with exemptions beyond the designated break-glass roles"),
    (CellVerdict::DeniedExceptDesignated, "glass", "denied to all but the designated break-glass roles"),
    (CellVerdict::Exempt, "exempt", "no service control or resource control policy binds the account"),
    (CellVerdict::NotApplicable, "-", "the account holds nothing of the kind"),
];

fn legend(lines: &[Line<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    for (_, word, meaning) in WORDS {
        let cells = || lines.iter().flat_map(|line| &line.cells);
        if cells().any(|(text, _)| text == word || (word == "OPEN" && text.ends_with(" open"))) {
            writeln!(out, "  {word:<8} {meaning}")?;
        }
    }
    Ok(())
}

/// The groups, folded again where only words are shown.
fn lines(matrix: &Matrix) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for group in &matrix.groups {
        let cells: Vec<(String, Option<Tone>)> = group.cells.iter().map(word).collect();
        let same = lines
            .iter_mut()
            .find(|line| line.place == group.place && line.bound == group.binding && line.cells == cells);
        match same {
            Some(line) => line.accounts.extend(&group.accounts),
            None => lines.push(Line {
                place: &group.place,
                bound: group.binding,
                accounts: group.accounts.iter().collect(),
                cells,
            }),
        }
    }
    lines
}

fn word(cell: &Cell) -> (String, Option<Tone>) {
    let tone = match cell.verdict {
        CellVerdict::NotDenied | CellVerdict::DeniedExceptSelfService => Some(Tone::Bad),
        CellVerdict::Unknown | CellVerdict::DeniedExcept => Some(Tone::Warning),
        CellVerdict::Denied | CellVerdict::DeniedExceptDesignated => Some(Tone::Good),
        CellVerdict::NotApplicable | CellVerdict::Exempt => None,
    };
    let text = match (cell.verdict, cell.open_actions()) {
        (CellVerdict::NotDenied, (open, all)) if open < all && open < 10 => format!("{open} open"),
        (CellVerdict::Denied, _) => "denied".to_owned(),
        (verdict, _) => WORDS
            .iter()
            .find(|(known, ..)| *known == verdict)
            .map_or_else(String::new, |(_, word, _)| (*word).to_owned()),
    };
    (text, tone)
}

impl Line<'_> {
    fn label(&self) -> String {
        let of = match self.bound {
            Bound::ManagementAccount => ", exempt",
            _ => "",
        };
        match self.accounts.as_slice() {
            few if few.len() <= NAMED => {
                let names: Vec<String> = few.iter().map(|account| account.label()).collect();
                let leaf = self.place.rsplit(" / ").next().unwrap_or_default();
                format!("{} ({}{of})", names.join(", "), fit(leaf, 32))
            }
            many => format!("{}{of}: {}", fit(self.place, 64), count(many.len(), "account")),
        }
    }
}

impl Account {
    fn label(&self) -> String {
        fit(self.name.as_deref().unwrap_or(&self.id), 32)
    }
}

/// What is open, by guardrail, with the places where it is.
fn opened(matrix: &Matrix, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for (place, guardrail) in Guardrail::ALL.into_iter().enumerate() {
        let mut found: Vec<(&str, Vec<&Group>)> = Vec::new();
        for group in &matrix.groups {
            let Some(open) = group.cells.get(place).and_then(|cell| cell.open.as_deref()) else { continue };
            match found.iter_mut().find(|(text, _)| *text == open) {
                Some((_, groups)) => groups.push(group),
                None => found.push((open, vec![group])),
            }
        }
        if found.is_empty() {
            continue;
        }
        found.sort_by_key(|(_, groups)| std::cmp::Reverse(accounts(groups)));
        let heading = format!("Open: {}", guardrail.title());
        writeln!(out, "\n{}  {}", paint.text(Tone::Bold, &heading), guardrail.rule_id())?;
        let rows = found.iter().map(|(text, groups)| [fit(&named(text, groups), 600), places(groups)]);
        pairs(layout, at_most(layout, 60), rows).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// The text with the account's number, if it is one account's.
fn named(text: &str, groups: &[&Group]) -> String {
    match groups {
        [group] if group.accounts.len() == 1 => {
            group.accounts.iter().fold(text.to_owned(), |text, account| text.replace(ACCOUNT, &account.id))
        }
        _ => text.to_owned(),
    }
}

fn accounts(groups: &[&Group]) -> usize {
    groups.iter().map(|group| group.accounts.len()).sum()
}

fn places(groups: &[&Group]) -> String {
    let accounts: Vec<&Account> = groups.iter().flat_map(|group| &group.accounts).collect();
    if accounts.len() <= NAMED {
        return accounts.iter().map(|account| account.label()).collect::<Vec<_>>().join(", ");
    }
    let mut places: Vec<&str> = groups.iter().map(|group| group.place.as_str()).collect();
    places.dedup();
    let more = match places.len().saturating_sub(PLACES) {
        0 => String::new(),
        more => format!(" and {} more", grouped(more)),
    };
    let named: Vec<String> = places.iter().take(PLACES).map(|place| fit(place, 48)).collect();
    format!("{}: {}{more}", count(accounts.len(), "account"), named.join(", "))
}
