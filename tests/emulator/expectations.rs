//! What the report must say: a table that a person reads, compared with every finding of the rules in it.
//!
//! A rule's id stands alone on a line. Below it, a line for each verdict: verdict, account, region, subject; `*` is any.
//! The last line that matches a finding counts, and each line must count for some finding.

use std::fmt::Write;

use crate::scanner::Finding;

/// One line of the table.
#[derive(Debug)]
struct Expectation {
    line: usize,
    rule: String,
    verdict: String,
    place: [String; 3],
}

impl Expectation {
    fn matches(&self, finding: &Finding) -> bool {
        let found = [&finding.account, &finding.region, &finding.subject];
        let same = |(wanted, found): (&String, &String)| trailproof::model::glob(wanted, found);
        self.rule == finding.rule && self.place.iter().zip(found).all(same)
    }
}

/// Compares findings with a table, and stops with every difference.
pub(crate) fn check(table: &str, findings: &[Finding]) {
    let expectations = parse(table);
    let mut counted = vec![0_usize; expectations.len()];
    let mut differences = String::new();
    for finding in findings.iter().filter(|finding| expectations.iter().any(|line| line.rule == finding.rule))
    {
        let last = expectations.iter().zip(&mut counted).rfind(|(expected, _)| expected.matches(finding));
        let wanted = last.map(|(expected, counted)| {
            *counted += 1;
            expected.verdict.as_str()
        });
        if wanted != Some(finding.verdict.as_str()) {
            let Finding { rule, verdict, account, region, subject, message } = finding;
            let wanted = wanted.unwrap_or("nothing");
            writeln!(
                differences,
                "{rule}: {account} {region} {subject}: {verdict}, expected {wanted}: {message}"
            )
            .expect("a text can be written");
        }
    }
    for (expected, _) in expectations.iter().zip(&counted).filter(|(_, counted)| **counted == 0) {
        let Expectation { line, rule, verdict, place } = expected;
        writeln!(differences, "{rule}: line {line} counts for no finding: {verdict} {}", place.join(" "))
            .expect("a text can be written");
    }
    assert!(differences.is_empty(), "the report is not as expected:\n{differences}");
}

fn parse(table: &str) -> Vec<Expectation> {
    let mut rule = "";
    let mut expectations = Vec::new();
    for (index, line) in table.lines().enumerate() {
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [] | ["#", ..] => {}
            [id] => rule = id,
            [verdict, account, region, subject] => expectations.push(Expectation {
                line: index + 1,
                rule: rule.to_owned(),
                verdict: verdict.to_owned(),
                place: [account, region, subject].map(str::to_owned),
            }),
            _ => panic!("line {} is none of the table: {line}", index + 1),
        }
    }
    expectations
}
