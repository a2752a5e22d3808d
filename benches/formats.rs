//! Every format over a report of many findings.
//!
//! ```text
//! cargo bench --bench formats                          time
//! cargo bench --bench formats -- kinds                 their names
//! cargo bench --bench formats -- render KIND FINDINGS  once, for whoever measures its memory
//! ```
//!
//! Half of the findings fail, and a tenth cannot be decided: more than in any real report, since it is those that most
//! formats show.
#![expect(clippy::expect_used, reason = "a benchmark stops at the first surprise")]

use std::io::{self, Write as _};
use std::sync::Arc;

use chrono::DateTime;
use criterion::{BenchmarkId, Criterion, Throughput};
use serde_json::json;
use trailproof::commands::formats::document;
use trailproof::facts::{Subject, SubjectKind};
use trailproof::finding::{Evidence, Finding, Verdict, Waiver};
use trailproof::model::{AccountSummary, Gap, GapPlace, GapReason, Observed, Organization, Scope};
use trailproof::report::table::Layout;
use trailproof::report::{AccountCounts, Contents, Format, FormatKind, Report, ReportedRule};
use trailproof::rules::RuleSet;
use trailproof::snapshot::{FORMAT_VERSION, Header};

/// Regions of an account.
const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["kinds"] => {
            for kind in FormatKind::ALL {
                writeln!(io::stdout(), "{}", kind.as_str()).expect("standard output is open");
            }
        }
        ["render", kind, findings] => {
            let kind = FormatKind::ALL.iter().find(|each| each.as_str() == kind).expect("a format");
            render(&report(findings.parse().expect("a number")), *kind);
        }
        _ => measure(),
    }
}

fn measure() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("render");
    let findings = 10_000;
    let report = report(findings);
    group.sample_size(10).throughput(Throughput::Elements(findings as u64));
    for kind in FormatKind::ALL {
        group.bench_with_input(BenchmarkId::new(kind.as_str(), findings), kind, |bencher, kind| {
            bencher.iter(|| render(&report, *kind));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn render(report: &Report, kind: FormatKind) {
    let document = document(report, kind);
    for file in 0..document.files() {
        // As to a file: in pieces, through a buffer.
        let mut out = io::BufWriter::new(io::sink());
        document.render(file, Layout { width: 100, color: false }, &mut out).expect("a sink takes all");
        out.flush().expect("a sink takes all");
    }
}

/// A report of so many findings, or a few less, by the rules that there are.
fn report(findings: usize) -> Report {
    let rules = RuleSet::builtin().expect("the rules are sound");
    let rules: Vec<ReportedRule> = rules.rules().iter().map(ReportedRule::from).collect();
    let accounts: Vec<String> =
        (0..findings / rules.len() / REGIONS.len()).map(|number| format!("{number:012}")).collect();
    let gap = |account: &str, region: &str| {
        let place = GapPlace {
            account_id: Some(account),
            region: Some(region),
            service: "cloudtrail",
            operation: "GetTrailStatus",
            resource: None,
        };
        Gap::new(place, GapReason::AccessDenied, "AccessDeniedException: not authorized to perform it")
    };
    let waiver = Arc::new(Waiver {
        id: "accepted".to_owned(),
        reason: "moved by the end of the year".to_owned(),
        owner: "logging".to_owned(),
        expires: DateTime::UNIX_EPOCH.date_naive(),
        ticket: None,
    });
    let subjects: Vec<Arc<Subject>> =
        accounts.iter().flat_map(|account| REGIONS.map(|region| subject(account, region))).collect();
    let gaps: Vec<Gap> =
        accounts.iter().flat_map(|account| REGIONS.map(|region| gap(account, region))).collect();
    let mut found = Vec::with_capacity(findings);
    for (rule, reported) in (0..).zip(&rules) {
        for (place, (subject, gap)) in subjects.iter().zip(&gaps).enumerate() {
            let (verdict, message) = match place % 10 {
                0..=3 => (Verdict::Pass, None),
                4 => (Verdict::Unknown, Some("what decides could not be read")),
                _ => (Verdict::Fail, Some(&*reported.title)),
            };
            found.push(Finding {
                rule,
                subject: Arc::clone(subject),
                verdict,
                message: message.map(Into::into),
                evidence: Arc::from([Evidence {
                    path: "trail.logging".into(),
                    value: Some(json!(place % 2 == 0)),
                }]),
                gaps: (verdict == Verdict::Unknown).then(|| gap.id.clone()).into_iter().collect(),
                waiver: (place % 50 == 9).then(|| Arc::clone(&waiver)),
            });
        }
    }
    Report::new(Contents {
        header: header(&accounts),
        rules,
        frameworks: Vec::new(),
        findings: found.into_iter().collect(),
        gaps,
        accounts: AccountCounts {
            in_organization: Some(accounts.len()),
            in_scope: accounts.len(),
            read: accounts.len(),
            suspended: Some(0),
        },
        regions: REGIONS.len(),
        reach: trailproof::evaluate::LogReach::default(),
        scope: trailproof::report::Scope::default(),
    })
}

fn subject(account: &str, region: &str) -> Arc<Subject> {
    let arn = format!("arn:aws:cloudtrail:{region}:{account}:trail/organization-trail");
    Arc::new(Subject {
        kind: SubjectKind::Trail,
        account_id: Some(account.into()),
        region: Some(region.into()),
        id: arn.as_str().into(),
        arn: Some(arn.as_str().into()),
        name: Some("organization-trail".into()),
    })
}

fn header(accounts: &[String]) -> Header {
    let summary = |id: &String| AccountSummary {
        id: id.clone(),
        name: format!("workload-{id}"),
        status: "ACTIVE".to_owned(),
        parent_id: Observed::Known("r-ab12".to_owned()),
        joined_at: Observed::Absent,
        ..AccountSummary::default()
    };
    Header {
        format_version: FORMAT_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: DateTime::UNIX_EPOCH,
        partition: "aws".to_owned(),
        caller_account_id: "111111111111".to_owned(),
        organization: Observed::Known(Organization {
            id: "o-ab12cd34ef".to_owned(),
            management_account_id: "111111111111".to_owned(),
            all_features: Observed::Known(true),
            roots: Observed::Absent,
            organizational_units: Observed::Absent,
            accounts: Observed::Known(accounts.iter().map(summary).collect()),
            service_control_policies: Observed::Absent,
            resource_control_policies: Observed::Absent,
            trusted_services: Observed::Absent,
            delegated_administrators: Observed::Absent,
            centralization_rules: Observed::Absent,
            ..Organization::default()
        }),
        accounts: accounts.to_vec(),
        scope: Observed::Known(Scope::default()),
        ..Header::default()
    }
}
