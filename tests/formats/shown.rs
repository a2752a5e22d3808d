//! What people and their tools see of a report: texts as they are, and names that an attacker chose.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailproof::evaluate::{self, Evaluation};
use trailproof::example::Example;
use trailproof::facts::Subject;
use trailproof::finding::{Finding, Verdict};
use trailproof::model::{Expectations, Observed};
use trailproof::report::{FormatKind, Report};
use trailproof::rules::{RuleOverrides, RuleSet};

use crate::readers::{files, valid_junit};
use crate::{validators, waive};

const HOSTILE: [&str; 12] = [
    "\u{1b}[2J\u{1b}[31mowned\u{7}",
    "a\r\n::error::FAILED: none\t\u{9b}1m",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](https://example.com) ![x](https://example.com/x.png)",
    "https://example.com www.example.com someone@example.com @octocat #1 :tada:",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}\u{fffe}\u{ffff}",
    "|`$(id)`|``=cmd()``\\|",
    "=HYPERLINK(\"https://example.com\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "*a* _b_ ~~c~~ &lt;b&gt; \\",
    "]]></testcase></testsuite>",
    "日本語の名前-größe-🙂",
];

fn evaluation(rules: &RuleSet) -> Evaluation {
    evaluate::check(&Example::demo().into_source(), Expectations::default(), rules).unwrap()
}

/// The example's trails, with waivers: few enough to read.
fn trails() -> Report {
    let overrides = RuleOverrides { families: vec!["trail".to_owned()], ..RuleOverrides::default() };
    let rules = RuleSet::load(&[], &overrides).unwrap();
    let mut evaluation = evaluation(&rules);
    waive(&mut evaluation);
    Report::of(evaluation, &rules)
}

/// The example with names as an attacker would choose them, `times` over.
fn hostile(times: usize) -> Report {
    let rules = RuleSet::builtin().unwrap();
    let mut evaluation = evaluation(&rules);
    let mut names = HOSTILE.iter().cycle();
    if let Observed::Known(organization) = &mut evaluation.header.organization
        && let Observed::Known(accounts) = &mut organization.accounts
    {
        for account in accounts {
            (*names.next().unwrap()).clone_into(&mut account.name);
        }
    }
    let hostile = |mut finding: Finding| {
        let name = *names.next().unwrap();
        let subject = Subject { name: Some(name.into()), ..(*finding.subject).clone() };
        finding.subject = Arc::new(Subject { arn: Some(format!("arn:aws:{name}").into()), ..subject });
        if finding.message.is_some() {
            finding.message = Some(format!("{name} is open to {name}, since {}", name.repeat(times)).into());
        }
        finding
    };
    evaluation.findings = evaluation.findings.iter().map(hostile).collect();
    waive(&mut evaluation);
    let once: Vec<Finding> = evaluation.findings.iter().collect();
    evaluation.findings = (0..times).flat_map(|_| once.iter().cloned()).collect();
    Report::of(evaluation, &rules)
}

fn one(report: &Report, kind: FormatKind) -> String {
    let mut files = files(report, kind);
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn markdown_for_people() {
    insta::assert_snapshot!("markdown", one(&trails(), FormatKind::Markdown));
}

#[test]
fn annotations_for_people() {
    insta::assert_snapshot!("github", one(&trails(), FormatKind::Github));
}

#[test]
fn junit_for_people() {
    let text = one(&trails(), FormatKind::Junit);
    let suite = text.split("    <testsuite ").find(|suite| suite.starts_with("name=\"400000000003")).unwrap();
    insta::assert_snapshot!("junit", suite);
}

/// Renders as GitHub does, with raw HTML and links of bare addresses; prints every tag that came to life, and how many
/// cells the rows have.
const MARKDOWN: &str = "
import sys
from collections import Counter
from html.parser import HTMLParser
from markdown_it import MarkdownIt

class Tags(HTMLParser):
    rows, cells = Counter(), 0
    def handle_starttag(self, tag, attributes):
        if tag == 'tr':
            self.cells = 0
        if tag in ('td', 'th'):
            self.cells += 1
        print(tag)
    def handle_endtag(self, tag):
        if tag == 'tr' and self.cells not in (4, 5, 7):
            raise SystemExit(f'a row of {self.cells} cells')

renderer = MarkdownIt('gfm-like', {'html': True, 'linkify': True})
Tags().feed(renderer.render(sys.stdin.buffer.read().decode()))
";

#[test]
fn no_name_comes_to_life_in_markdown() {
    let text = one(&hostile(1), FormatKind::Markdown);
    let tags = validators::TEXT.run(MARKDOWN, &[], text.as_bytes()).unwrap();
    let mut known =
        ["h2", "h3", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code"];
    known.sort_unstable();
    for tag in tags.lines() {
        assert!(known.contains(&tag), "<{tag}> came to life");
    }
    assert!(tags.lines().filter(|tag| *tag == "code").count() > 50);
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'));
}

#[test]
fn markdown_stays_below_what_github_takes() {
    let report = hostile(60);
    let text = one(&report, FormatKind::Markdown);
    assert!(text.len() < 1_048_576, "{}", text.len());
    let failures = report.findings().filter(|(_, finding)| finding.verdict == Verdict::Fail).count();
    assert!(failures > 10_000);
    assert!(text.contains(" more: `--format json` has them all."), "{text}");
}

#[test]
fn hostile_names_are_text_in_junit() {
    let report = hostile(1);
    let text = one(&report, FormatKind::Junit);
    let cases = valid_junit(&text).unwrap();
    assert_eq!(cases.lines().count(), report.findings().count());
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'));
}

#[test]
fn hostile_names_are_no_formulas_and_no_cells_of_their_own() {
    let report = hostile(1);
    let text = one(&report, FormatKind::Csv);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(rows.headers().unwrap().len(), trailproof::report::csv::COLUMNS.len());
    let mut count = 0;
    for row in rows.records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            assert!(!cell.chars().any(char::is_control), "{cell:?}");
        }
        count += 1;
    }
    assert_eq!(count, report.findings().count());
}

/// The number before words such as `failures` in the last notice.
fn number_before(text: &str, words: &[&str]) -> usize {
    let Some(end) = words.iter().find_map(|word| text.find(word)) else { return 0 };
    text[..end].trim_end().rsplit(' ').next().unwrap().replace(',', "").parse().unwrap()
}

#[test]
fn annotations_are_as_many_as_github_shows_and_the_last_counts_the_rest() {
    for report in [trails(), hostile(1)] {
        let text = one(&report, FormatKind::Github);
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unknowns = 0;
        for line in text.lines() {
            let (level, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&level), "{line}");
            let (properties, message) = rest.split_once("::").unwrap();
            assert!(properties.split(',').all(|property| property.split_once('=').is_some()), "{properties}");
            assert!(!message.is_empty() && !message.contains('\r'), "{message}");
            unknowns += usize::from(properties.contains("title=unknown"));
            *levels.entry(level).or_default() += 1;
        }
        assert!(levels.values().all(|shown| *shown <= 10), "{levels:?}");
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("::notice title=Trailproof::Not shown here: "), "{last}");
        let shown = text.lines().count() - 1;
        let count = |wanted: Verdict, is_waived: bool| {
            let found = report.findings().map(|(_, finding)| finding);
            found.filter(|it| it.verdict == wanted && it.waiver.is_some() == is_waived).count()
        };
        let hidden = [
            number_before(last, &[" failures,", " failure,"]),
            number_before(last, &[" undecided findings", " undecided finding"]),
        ];
        assert_eq!(shown - unknowns + hidden[0], count(Verdict::Fail, false), "{last}");
        assert_eq!(unknowns + hidden[1], count(Verdict::Unknown, false), "{last}");
        assert_eq!(number_before(last, &[" waived failure"]), count(Verdict::Fail, true), "{last}");
    }
}
