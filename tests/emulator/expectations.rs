//! What a report must say: tables that a person reads, compared with every verdict and gap of what they name.
//!
//! A rule's id, or a call, stands alone on a line. Below it, a line for each verdict, or each reason: verdict, account,
//! region, subject, and optionally how many findings the line counts for. `*` is any. The last line that matches a
//! finding counts, and each line counts for one finding at least. What a table does not name is not compared.

use std::fmt::Write;

use crate::scanner::Finding;

/// One line of a table.
#[derive(Debug)]
struct Expectation {
    line: usize,
    about: String,
    verdict: String,
    place: [String; 3],
    count: Option<usize>,
}

impl Expectation {
    fn matches(&self, finding: &Finding) -> bool {
        let found = [&finding.account, &finding.region, &finding.subject];
        let same = |(wanted, found): (&String, &String)| trailproof::model::glob(wanted, found);
        self.about == finding.about && self.place.iter().zip(found).all(same)
    }
}

/// Compares findings with a table, and stops with every difference.
pub(crate) fn check(table: &str, findings: &[Finding]) {
    let expectations = parse(table);
    let named = |finding: &&Finding| expectations.iter().any(|expected| expected.about == finding.about);
    let mut counts = vec![0_usize; expectations.len()];
    let mut differences = String::new();
    for finding in findings.iter().filter(named) {
        let last = expectations.iter().zip(&mut counts).rfind(|(expected, _)| expected.matches(finding));
        let wanted = last.map(|(expected, count)| {
            *count += 1;
            expected.verdict.as_str()
        });
        if wanted != Some(finding.verdict.as_str()) {
            let Finding { about, verdict, account, region, subject, message } = finding;
            let wanted = wanted.unwrap_or("nothing");
            let place = format!("{account} {region} {subject}");
            writeln!(differences, "{about}: {place}: {verdict}, expected {wanted}: {message}")
                .expect("a text can be written");
        }
    }
    for (expected, count) in expectations.iter().zip(counts) {
        if expected.count.map_or(count == 0, |wanted| wanted != count) {
            let Expectation { line, about, verdict, place, .. } = expected;
            let place = place.join(" ");
            writeln!(differences, "line {line}: {about}: {verdict} {place}: counts for {count} findings")
                .expect("a text can be written");
        }
    }
    assert!(differences.is_empty(), "the report is not as expected:\n{differences}");
}

fn parse(table: &str) -> Vec<Expectation> {
    let mut about = "";
    let mut expectations = Vec::new();
    for (index, line) in table.lines().enumerate() {
        let words: Vec<_> = line.split_whitespace().collect();
        let (verdict, place, count) = match words[..] {
            [] | ["#", ..] => continue,
            [id] => {
                about = id;
                continue;
            }
            [verdict, account, region, subject] => (verdict, [account, region, subject], None),
            [verdict, account, region, subject, count] => {
                (verdict, [account, region, subject], Some(count.parse().expect("a number of findings")))
            }
            _ => panic!("line {} is none of a table: {line}", index + 1),
        };
        expectations.push(Expectation {
            line: index + 1,
            about: about.to_owned(),
            verdict: verdict.to_owned(),
            place: place.map(str::to_owned),
            count,
        });
    }
    expectations
}
