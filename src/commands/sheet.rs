//! A rule, or a finding with its evidence, on a sheet of their own: for `explain`, and a rule for `rules show`.

use std::io::{self, Write};

use crate::finding::{Finding, Verdict, fingerprint};
use crate::report::table::{Layout, Sheet};
use crate::report::{Report, ReportedRule};
use crate::rules::Rule;

/// A rule with everything that its file says.
pub(super) fn rule(rule: &Rule, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let reported = ReportedRule::from(rule);
    let mut sheet = Sheet::new(layout);
    sheet.title(&reported.id, &reported.title);
    sheet.row("Severity", reported.severity.as_str());
    sheet.row("About", &rule.subject.as_str().replace('_', " "));
    if let Some(when) = rule.when() {
        sheet.row("Applies if", when);
    }
    sheet.row("Passes if", rule.pass());
    sheet.row("Why", &reported.rationale);
    sheet.row("What to do", &reported.remediation);
    for (name, text) in [("AWS CLI", &reported.cli), ("Terraform", &reported.terraform)] {
        if let Some(text) = text {
            sheet.verbatim(name, text);
        }
    }
    if let Some(reason) = &reported.by_hand {
        sheet.row("By hand", reason);
    }
    for (name, parameter) in &rule.parameters {
        let changed = if parameter.value == parameter.default {
            String::new()
        } else {
            format!(" (default {})", parameter.default)
        };
        sheet.row("Parameter", &format!("{name} = {}{changed}: {}", parameter.value, parameter.doc));
    }
    if !reported.references.is_empty() {
        sheet.verbatim("Read", &reported.references.join("\n"));
    }
    sheet.render(out)
}

/// A finding, with what it was judged by and what could not be read.
pub(super) fn finding(
    report: &Report,
    rule: &ReportedRule,
    finding: &Finding,
    layout: Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let subject = &finding.subject;
    let mut sheet = Sheet::new(layout);
    let verdict = finding.verdict.as_str().to_uppercase().replace('_', " ");
    sheet.title(&verdict, Report::message(rule, finding));
    sheet.row("Fingerprint", &fingerprint(&rule.id, subject));
    sheet.row("Subject", subject.arn.as_deref().unwrap_or(&subject.id));
    let optional = [("Name", &subject.name), ("Account", &subject.account_id), ("Region", &subject.region)];
    for (label, value) in optional {
        if let Some(value) = value {
            sheet.row(label, value);
        }
    }
    for evidence in finding.evidence.iter() {
        let value = match &evidence.value {
            Some(value) => value.to_string(),
            None => "could not be read".to_owned(),
        };
        sheet.row("Evidence", &format!("{} = {value}", evidence.path));
    }
    for id in finding.gaps.iter() {
        let gap =
            report.gaps().binary_search_by(|gap| gap.id.cmp(id)).ok().and_then(|at| report.gaps().get(at));
        match gap {
            Some(gap) => {
                let text = format!("{}:{}: {}", gap.service, gap.operation, gap.detail);
                sheet.row("Not read", &text);
            }
            None => sheet.row("Not read", id.as_str()),
        }
    }
    if finding.verdict == Verdict::Fail {
        sheet.row("What to do", &report.remedy(rule, finding));
    }
    sheet.render(out)
}
