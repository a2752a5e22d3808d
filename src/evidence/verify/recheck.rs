//! Running the bundled rules on the bundled snapshot again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::archive::Walked;
use super::super::contents::{
    ATTESTATIONS, Inputs, MANIFEST, REPORT, REPORTS, RULES, Render, SETTINGS, SNAPSHOTS, Settings, WAIVERS,
};
use super::super::counts::Counts;
use super::super::digest::{FileDigest, Hashing};
use super::super::saved_report::{self, Differences};
use super::super::statement::{Manifest, Run};
use super::super::verification::{Check, Subject};
use super::{Request, VerifyError, read, walk};
use crate::attestation::Attestation;
use crate::model::Observed;
use crate::report::Report;
use crate::report::json::write_lines;
use crate::rules::{Rule, RuleSet, RuleText};
use crate::snapshot::Source;

type Checks = (Option<Counts>, Vec<Check>);

/// Files that were taken out, by their names in the bundle.
struct TakenOut {
    files: BTreeMap<String, PathBuf>,
    _folder: TempDir,
}

pub(super) fn check(request: &Request<'_>, walked: &Walked, run: &Run) -> Result<Checks, VerifyError> {
    let taken_out = match take_out(request, walked)? {
        Ok(taken_out) => taken_out,
        Err(problem) => return Ok(failed(Subject::Rules, problem)),
    };
    let inputs = match inputs(&taken_out) {
        Ok(inputs) => inputs,
        Err(problem) => return Ok(failed(Subject::Rules, problem)),
    };
    let rules = match inputs.rule_set() {
        Ok(rules) => rules,
        Err(errors) => return Ok(failed(Subject::Rules, errors.to_string())),
    };
    let mut checks = vec![compare_rules(&inputs, &rules)];
    let report = match inputs.report() {
        Ok(report) => report,
        Err(error) => {
            let (_, more) = failed(Subject::Findings, error.to_string());
            checks.extend(more);
            return Ok((None, checks));
        }
    };
    let counts = Counts::from(&report);
    let mut findings = findings(&taken_out, &report, counts, run)?;
    let problems = other_run(&inputs, run);
    if !problems.is_empty() {
        findings = Check::failed(
            Subject::Findings,
            "the snapshot is not the one of the run that was signed",
            problems,
        );
    }
    checks.push(findings);
    checks.push(reports(walked, &report, run)?);
    Ok((Some(counts), checks))
}

/// From this check on nothing could be done.
fn failed(subject: Subject, problem: String) -> Checks {
    let mut checks = vec![Check::failed(subject, "the rules cannot be run again", vec![problem])];
    checks.extend(super::unchecked("the rules could not be run again", subject).into_iter().skip(1));
    (None, checks)
}

/// A file that is hashed while it is written: the bundle could be replaced between two passes.
fn take_out(request: &Request<'_>, walked: &Walked) -> Result<Result<TakenOut, String>, VerifyError> {
    let folder = tempfile::Builder::new().prefix("trailproof-").tempdir().map_err(VerifyError::Temporary)?;
    let mut files = BTreeMap::new();
    let mut refused = None;
    let again = walk(request.bundle, &mut |name: &str| {
        let wanted = [SNAPSHOTS, ATTESTATIONS, RULES, WAIVERS].iter().any(|folder| name.starts_with(folder))
            || [SETTINGS, MANIFEST, REPORT].contains(&name);
        if !wanted {
            return Ok(None);
        }
        // Waivers are read by their extension.
        let extension = name.rsplit('.').next().unwrap_or_default();
        let path = folder.path().join(format!("{:05}.{extension}", files.len()));
        match File::create_new(&path) {
            Ok(file) => {
                files.insert(name.to_owned(), path);
                Ok(Some(Box::new(BufWriter::new(file)) as Box<dyn Write>))
            }
            Err(error) => {
                refused = Some(error);
                Err(io::Error::other("no room"))
            }
        }
    });
    if let Some(error) = refused {
        return Err(VerifyError::Temporary(error));
    }
    Ok(match again? {
        Ok(again) if again.whole == walked.whole => Ok(TakenOut { files, _folder: folder }),
        Ok(_) => Err("the bundle changed while it was read".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

fn inputs(taken_out: &TakenOut) -> Result<Inputs, String> {
    let below = |folder: &'static str| {
        let files = taken_out.files.iter();
        files.filter_map(move |(name, path)| Some((name.strip_prefix(folder)?, path)))
    };
    let settings = taken_out.files.get(SETTINGS).ok_or_else(|| format!("{SETTINGS} is missing"))?;
    let settings: Settings = read(settings)
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
        .map_err(|error| format!("{SETTINGS}: {error}"))?;
    let mut rules = Vec::new();
    for (name, path) in below(RULES) {
        let text = read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let parts = name.split_once('/').zip(text);
        let ((family, name), text) = parts.ok_or_else(|| format!("{RULES}{name} is no rule"))?;
        let name = name.strip_suffix(".toml").ok_or_else(|| format!("{RULES}{name} is no rule"))?;
        rules.push(RuleText { family: family.to_owned(), name: name.to_owned(), text });
    }
    let mut attestations = Vec::new();
    for (name, path) in below(ATTESTATIONS) {
        let attestation = Attestation::read(path);
        attestations.push(attestation.map_err(|error| format!("{ATTESTATIONS}{name}: {error}"))?);
    }
    let snapshots: Vec<PathBuf> = below(SNAPSHOTS).map(|(_, path)| path.clone()).collect();
    let waivers = below(WAIVERS).map(|(_, path)| path.clone()).collect();
    if snapshots.is_empty() {
        return Err("there is no snapshot".to_owned());
    }
    Ok(Inputs { snapshot: Source::Files(snapshots), rules, settings, attestations, waivers })
}

/// The rules may be others than this program's, or set otherwise: the signer may, and whoever verifies must know.
fn compare_rules(inputs: &Inputs, rules: &RuleSet) -> Check {
    let Ok(builtin) = RuleSet::builtin() else {
        return Check::verified(Subject::Rules, format!("{} ran", rules.rules().len()));
    };
    let mut notes = Vec::new();
    let mut note = |what: &str, ids: Vec<String>| {
        if !ids.is_empty() {
            notes.push(format!("{what}: {}", ids.join(", ")));
        }
    };
    let (mut changed, mut own, mut set) = (Vec::new(), Vec::new(), Vec::new());
    for rule in rules.rules() {
        match builtin.get(&rule.id) {
            None => own.push(rule.id.to_string()),
            Some(known) if known.source().text != rule.source().text => changed.push(rule.id.to_string()),
            Some(known) => set.extend(set_otherwise(known, rule)),
        }
    }
    let ran: BTreeSet<&str> = rules.rules().iter().map(|rule| &*rule.id).collect();
    let left_out = builtin.rules().iter().filter(|rule| !ran.contains(&*rule.id));
    note("Not this release's text", changed);
    note("Not rules of this release", own);
    note("Set otherwise than this release", set);
    note("Rules of this release that did not run", left_out.map(|rule| rule.id.to_string()).collect());
    Check::verified(Subject::Rules, format!("{} ran", inputs.rules.len())).noting(notes)
}

fn set_otherwise(known: &Rule, rule: &Rule) -> Option<String> {
    let mut set = Vec::new();
    if known.severity != rule.severity {
        set.push(format!("severity {} for {}", rule.severity, known.severity));
    }
    for (name, parameter) in &rule.parameters {
        if parameter.value != parameter.default {
            set.push(format!("{name} {} for {}", parameter.value, parameter.default));
        }
    }
    (!set.is_empty()).then(|| format!("{} ({})", rule.id, set.join(", ")))
}

fn findings(taken_out: &TakenOut, report: &Report, counts: Counts, run: &Run) -> Result<Check, VerifyError> {
    let open = |path: &Path| File::open(path).map_err(VerifyError::Temporary);
    let mut notes = Vec::new();
    if run.tool.version != env!("CARGO_PKG_VERSION") {
        notes.push(format!(
            "Made by trailproof {}, verified by {}: what differs may be the program's.",
            run.tool.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    if let Some(redaction) = &run.redaction {
        notes.push(format!(
            "The snapshot is redacted ({}): that it was made of what was collected is the signer's word alone.",
            redaction.level.as_str()
        ));
    }
    let summary = "other findings come out";
    let Some(path) = taken_out.files.get(REPORT) else {
        return Ok(Check::failed(Subject::Findings, summary, vec![format!("{REPORT} is missing")]));
    };
    let written = match saved_report::of_json(BufReader::new(open(path)?)) {
        Ok(written) => written,
        Err(error) => {
            return Ok(Check::failed(Subject::Findings, summary, vec![format!("{REPORT}: {error}")]));
        }
    };
    let now = saved_report::of_report(report);
    let differences = saved_report::compare(&written, &now);
    let mut problems = words(&differences);
    if counts != run.counts {
        problems.push(format!("the counts are {counts:?}, not {:?}, as was signed", run.counts));
    }
    if report.complete() != run.complete {
        problems.push("what was signed says otherwise whether everything could be read".to_owned());
    }
    Ok(if differences.are_none() && problems.is_empty() {
        Check::verified(Subject::Findings, format!("the same {} come out", now.len())).noting(notes)
    } else {
        Check::failed(Subject::Findings, summary, problems).noting(notes)
    })
}

/// What was signed of the run is said by the snapshot and the settings too.
fn other_run(inputs: &Inputs, run: &Run) -> Vec<String> {
    let mut problems = Vec::new();
    let header = inputs.snapshot.headers().ok().and_then(|headers| headers.into_iter().next());
    if header.as_ref().map(|header| header.taken_at) != Some(run.taken_at) {
        problems.push("the snapshot was collected at another time than was signed".to_owned());
    }
    let organization = header.and_then(|header| match header.organization {
        Observed::Known(organization) => Some(organization.id),
        Observed::Absent | Observed::Unavailable(_) => None,
    });
    if organization != run.organization {
        problems.push("the snapshot is of another organization than was signed".to_owned());
    }
    if inputs.settings.waivers_on != run.waivers_on {
        problems.push("waivers were held to be in force on another day than was signed".to_owned());
    }
    problems
}

fn words(differences: &Differences) -> Vec<String> {
    let outcome = |outcome: &saved_report::Outcome| {
        format!("{}{}", outcome.verdict.as_str(), if outcome.waived { ", waived" } else { "" })
    };
    let appeared = differences.appeared.iter().map(|number| format!("{number:032x} is not in the report"));
    let gone = differences.gone.iter().map(|number| format!("{number:032x} is in the report alone"));
    let changed = differences
        .changed
        .iter()
        .map(|(number, before, now)| format!("{number:032x} is {}, not {}", outcome(now), outcome(before)));
    appeared.chain(gone).chain(changed).collect()
}

/// Another release may write another form; the same one must write the same bytes.
fn reports(walked: &Walked, report: &Report, run: &Run) -> Result<Check, VerifyError> {
    if run.tool.version != env!("CARGO_PKG_VERSION") {
        let summary = format!(
            "only trailproof {} can make the same bytes: {REPORT} was compared by its findings",
            run.tool.version
        );
        return Ok(Check::not_checked(Subject::Reports, summary));
    }
    let digest =
        |name: &str| walked.members.iter().find(|member| member.name == name).map(|member| &member.digest);
    let mut problems = Vec::new();
    for (name, render) in REPORTS {
        let now = rendered(report, *render).map_err(VerifyError::Temporary)?;
        if digest(name) != Some(&now) {
            problems.push(format!("{name} is not what the findings give"));
        }
    }
    let listed = walked.members.iter().filter(|member| member.name != MANIFEST);
    let listed = listed.map(|member| (member.name.as_str(), &member.digest));
    let mut manifest = Hashing::new(io::sink());
    write_lines(&Manifest::new(run, listed), &mut manifest).map_err(VerifyError::Temporary)?;
    if digest(MANIFEST) != Some(&manifest.digest()) {
        problems.push(format!("{MANIFEST} does not say what was signed"));
    }
    Ok(if problems.is_empty() {
        Check::verified(Subject::Reports, format!("all {} are made again, byte for byte", REPORTS.len()))
    } else {
        Check::failed(Subject::Reports, "reports are not what the findings give", problems)
    })
}

fn rendered(report: &Report, render: Render) -> io::Result<FileDigest> {
    let mut out = Hashing::new(BufWriter::new(io::sink()));
    render(report, &mut out)?;
    Ok(out.digest())
}
