//! However much is listed, the table's numbers are the report's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::evaluate;
use crate::example::Example;
use crate::model::Expectations;
use crate::rules::RuleSet;

/// Findings by rule, account and state.
type Counts = BTreeMap<(usize, Option<String>, usize), u64>;

fn report() -> Report {
    let rules = RuleSet::builtin().unwrap();
    let source = Example::demo().into_source();
    Report::of(evaluate::check(&source, Expectations::default(), &rules).unwrap(), &rules)
}

fn expected(report: &Report) -> Counts {
    let mut counts = Counts::new();
    for finding in report.findings.iter() {
        let account = finding.subject.account_id.as_deref().map(str::to_owned);
        *counts.entry((finding.rule as usize, account, State::of(&finding) as usize)).or_default() += 1;
    }
    counts
}

fn table(report: &Report, limit: usize) -> Value {
    let mut out = Vec::new();
    Data::listing(report, limit).write(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let json = text.split_once('>').unwrap().1.strip_suffix("</script>\n").unwrap();
    serde_json::from_str(json).unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn counted(table: &Value) -> Counts {
    let account = |place: &Value| Some(table["accounts"][number(place)][0].as_str()?.to_owned());
    let mut counts = Counts::new();
    for finding in table["findings"].as_array().unwrap() {
        let subject = &table["subjects"][number(&finding[2])];
        let account = if subject[0].is_null() { None } else { account(&subject[0]) };
        *counts.entry((number(&finding[0]), account, number(&finding[1]))).or_default() += 1;
    }
    for row in table["rest"].as_array().unwrap() {
        for run in row[2].as_array().unwrap() {
            for step in 0..run[1].as_u64().unwrap() {
                let place = run[0].as_u64().map(|first| Value::from(first + step));
                let account = place.as_ref().and_then(account);
                for region in row[1].as_array().unwrap() {
                    for (state, count) in region[1].as_array().unwrap().iter().enumerate() {
                        if count.as_u64() > Some(0) {
                            let key = (number(&row[0]), account.clone(), state);
                            *counts.entry(key).or_default() += count.as_u64().unwrap();
                        }
                    }
                }
            }
        }
    }
    counts
}

#[test]
fn what_is_not_listed_is_counted() {
    let report = report();
    let expected = expected(&report);
    for limit in [usize::MAX, report.findings.len() - 1, 300, 10, 0] {
        let table = table(&report, limit);
        assert_eq!(counted(&table), expected, "{limit}");
        assert!(table["findings"].as_array().unwrap().len() <= limit);
    }
}

#[test]
fn what_is_open_is_listed_before_all_else_and_the_worst_first() {
    let report = report();
    let summary = report.summary().by_verdict;
    let all = table(&report, summary.fail + summary.unknown + 100);
    let findings = all["findings"].as_array().unwrap();
    assert_eq!(findings.len(), summary.fail + summary.unknown, "what passes is listed whole or not at all");
    let severity =
        |finding: &Value| all["rules"][number(&finding[0])]["severity"].as_str().unwrap().to_owned();
    assert_eq!(severity(&findings[0]), "critical");
    let first_unknown = findings.iter().position(|finding| finding[1] == 1).unwrap();
    assert_eq!(first_unknown, summary.fail);
}
