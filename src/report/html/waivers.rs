//! Accepted risks: which waivers cover failures, whose they are and until when.

use std::collections::BTreeMap;

use askama::Template;

use super::page::Text;
use crate::finding::Waiver;
use crate::report::Report;
use crate::report::text::{count, grouped};

#[derive(Template)]
#[template(path = "waivers.html")]
pub(super) struct Waivers<'a> {
    waivers: Vec<Row<'a>>,
    failures: String,
}

struct Row<'a> {
    id: Text<'a>,
    owner: Text<'a>,
    expires: String,
    reason: Text<'a>,
    ticket: Option<Text<'a>>,
    failures: String,
}

impl<'a> Waivers<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut used: BTreeMap<&str, (&Waiver, usize)> = BTreeMap::new();
        for (_, waiver) in report.findings.waivers() {
            used.entry(&waiver.id).or_insert((waiver, 0)).1 += 1;
        }
        let total: usize = used.values().map(|(_, failures)| failures).sum();
        let row = |(waiver, failures): (&'a Waiver, usize)| Row {
            id: Text(&waiver.id),
            owner: Text(&waiver.owner),
            expires: waiver.expires.to_string(),
            reason: Text(&waiver.reason),
            ticket: waiver.ticket.as_deref().map(Text),
            failures: grouped(failures),
        };
        Self { waivers: used.into_values().map(row).collect(), failures: count(total, "failure") }
    }
}
