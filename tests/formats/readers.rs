//! For each format: how often it says what of which rule in which account. A new format
//! gets a reader here; where another has written one, that one reads.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use trailproof::commands::formats::document;
use trailproof::report::table::Layout;
use trailproof::report::{FormatKind, Report};

use crate::{Counts, Word, standards, validators};

/// How a format is read.
pub(crate) struct Reader {
    pub(crate) kind: FormatKind,
    /// The findings that it tells of.
    pub(crate) words: &'static [Word],
    /// It tells accounts apart.
    pub(crate) by_account: bool,
    pub(crate) read: fn(&[String]) -> Counts,
}

const EVERYTHING: &[Word] = &[Word::Pass, Word::Fail, Word::Waived, Word::Unknown, Word::NotApplicable];

pub(crate) const READERS: &[Reader] = &[
    Reader { kind: FormatKind::Json, words: EVERYTHING, by_account: true, read: read_json },
    Reader {
        kind: FormatKind::Sarif,
        words: &[Word::Fail, Word::Waived, Word::Unknown],
        by_account: true,
        read: read_sarif,
    },
    Reader { kind: FormatKind::Csv, words: EVERYTHING, by_account: true, read: read_csv },
    Reader { kind: FormatKind::Junit, words: EVERYTHING, by_account: true, read: read_junit },
    Reader { kind: FormatKind::Html, words: EVERYTHING, by_account: true, read: read_html },
    Reader {
        kind: FormatKind::Markdown,
        words: &[Word::Fail, Word::Waived, Word::Unknown],
        by_account: false,
        read: read_markdown,
    },
    Reader { kind: FormatKind::Github, words: &[], by_account: false, read: read_github },
    Reader { kind: FormatKind::Ocsf, words: EVERYTHING, by_account: true, read: standards::read_ocsf },
    Reader { kind: FormatKind::Asff, words: EVERYTHING, by_account: true, read: standards::read_asff },
    Reader { kind: FormatKind::Oscal, words: EVERYTHING, by_account: true, read: standards::read_oscal },
];

/// The files of a report in a format.
pub(crate) fn files(report: &Report, kind: FormatKind) -> Vec<String> {
    let document = document(report, kind);
    let file = |file| {
        let mut out = Vec::new();
        document.render(file, Layout { width: Layout::DEFAULT_WIDTH, color: false }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    (0..document.files()).map(file).collect()
}

pub(crate) fn add(counts: &mut Counts, rule: &str, account: &str, word: Word) {
    *counts.entry((rule.to_owned(), account.to_owned(), word)).or_default() += 1;
}

fn verdict(word: &str, is_waived: bool) -> Word {
    match (word, is_waived) {
        ("pass", false) => Word::Pass,
        ("fail", false) => Word::Fail,
        ("fail", true) => Word::Waived,
        ("unknown", false) => Word::Unknown,
        ("not_applicable", false) => Word::NotApplicable,
        other => panic!("{other:?} is no verdict"),
    }
}

fn read_json(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let report: Value = serde_json::from_str(file).unwrap();
        for finding in report["findings"].as_array().unwrap() {
            let account = finding["subject"]["account_id"].as_str().unwrap_or_default();
            let word = verdict(finding["verdict"].as_str().unwrap(), !finding["waiver"].is_null());
            add(&mut counts, finding["rule_id"].as_str().unwrap(), account, word);
        }
    }
    counts
}

fn read_sarif(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let log: Value = serde_json::from_str(file).unwrap();
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let location = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let account = location.as_str().unwrap().split('/').nth(2).unwrap();
            let account = if account == "no-account" { "" } else { account };
            let is_waived = result["suppressions"].as_array().is_some_and(|list| !list.is_empty());
            let word = match result["kind"].as_str().unwrap() {
                "open" => verdict("unknown", is_waived),
                kind => verdict(kind, is_waived),
            };
            let rule = result["ruleId"].as_str().unwrap();
            add(&mut counts, rule.strip_suffix("/unknown").unwrap_or(rule), account, word);
        }
    }
    counts
}

/// From the table that the page's script reads; `tests/html.rs` asks a browser what it shows of it.
fn read_html(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let (_, rest) = file.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
        let table: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
        let at = |list: &str, place: &Value| {
            table[list][usize::try_from(place.as_u64().unwrap()).unwrap()].clone()
        };
        assert_eq!(table["rest"], serde_json::json!([]), "so few findings are listed, not merely counted");
        for finding in table["findings"].as_array().unwrap() {
            let rule = at("rules", &finding[0])["id"].as_str().unwrap().to_owned();
            let account = &at("subjects", &finding[2])[0];
            let account =
                if account.is_null() { Value::from("") } else { at("accounts", account)[0].clone() };
            let words = [Word::Fail, Word::Unknown, Word::Waived, Word::Pass, Word::NotApplicable];
            let word = words[usize::try_from(finding[1].as_u64().unwrap()).unwrap()];
            assert_eq!(word == Word::Waived, !finding[6].is_null());
            add(&mut counts, &rule, account.as_str().unwrap(), word);
        }
    }
    counts
}

fn read_csv(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        for row in reader.deserialize() {
            let row: BTreeMap<String, String> = row.unwrap();
            let word = verdict(&row["verdict"], !row["waiver_id"].is_empty());
            add(&mut counts, &row["rule_id"], &row["account_id"], word);
        }
    }
    counts
}

/// Valid by the schema, and read by a library that others wrote. Prints rule, account and outcome of each test case.
const JUNIT: &str = "
import sys
from lxml import etree
import junitparser

document = sys.stdin.buffer.read()
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
schema.assertValid(etree.fromstring(document))

report = junitparser.JUnitXml.fromroot(junitparser.junitparser.etree.fromstring(document))
total = [0, 0, 0]
keys = set()
for suite in report:
    sums = [0, 0, 0, 0]
    for case in suite:
        outcome = 'pass'
        sums[0] += 1
        for result in case.result:
            kind = type(result).__name__
            sums[{'Failure': 1, 'Error': 2, 'Skipped': 3}[kind]] += 1
            outcome = {'Failure': 'fail', 'Error': 'unknown', 'Skipped': result.type}[kind]
            assert outcome != 'waived' or result.message.startswith('waived: '), result.message
        # Readers know a case by these two, and keep the first.
        assert (case.classname, case.name) not in keys, (case.classname, case.name)
        keys.add((case.classname, case.name))
        if case.classname == 'unanswered-call':
            assert outcome == 'unknown' and ' did not answer in ' in case.result[0].message, outcome
            continue
        print(case.classname, suite._elem.get('id') or '-', outcome)
    assert sums == [suite.tests, suite.failures, suite.errors, suite.skipped], (suite.name, sums)
    total = [each + more for each, more in zip(total, sums)]
assert total == [report.tests, report.failures, report.errors], total
";

pub(crate) fn valid_junit(document: &str) -> Result<String, String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/junit.xsd");
    validators::TEXT.run(JUNIT, &[&schema], document.as_bytes())
}

fn read_junit(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        for line in valid_junit(file).unwrap().lines() {
            let [rule, account, outcome] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let account = if account == "-" { "" } else { account };
            let word = if outcome == "waived" { Word::Waived } else { verdict(outcome, false) };
            add(&mut counts, rule, account, word);
        }
    }
    counts
}

/// The cells of the table under a heading that begins so.
fn table<'a>(file: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let from = file.split_once(heading).map_or("", |(_, rest)| rest);
    from.lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

fn read_markdown(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        for row in table(file, "\n### Rules (") {
            let number = |cell: usize| row[cell].replace(',', "").parse::<usize>().unwrap();
            let (failed, waived, unknown) = (number(3), number(4), number(5));
            for (word, number) in
                [(Word::Fail, failed - waived), (Word::Waived, waived), (Word::Unknown, unknown)]
            {
                if number > 0 {
                    counts.insert((row[1].to_owned(), String::new(), word), number);
                }
            }
        }
    }
    counts
}

/// A step shows too few annotations to count by rule: their number is another test's.
fn read_github(files: &[String]) -> Counts {
    for line in files.iter().flat_map(|file| file.lines()) {
        assert!(
            ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start)),
            "{line}"
        );
    }
    Counts::new()
}
