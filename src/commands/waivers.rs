//! `waivers`: checking accepted risks in a pipeline, and adding one.

use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::error::Error;
use super::evaluating;
use super::gating::today;
use super::printing::print;
use super::selecting;
use crate::cli::{WaiversAddArgs, WaiversCheckArgs, WaiversCommand};
use crate::deliver::FileTarget;
use crate::exit::Exit;
use crate::finding::{Verdict, fingerprint};
use crate::lock::FileLock;
use crate::printer::Printer;
use crate::report::text::{count, fit};
use crate::settings::config::ConfigFile;
use crate::snapshot::Source;
use crate::waivers::{Draft, WaiverError, Waivers, append};

pub(super) fn run(command: &WaiversCommand, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    match command {
        WaiversCommand::Check(args) => check(args, config, printer),
        WaiversCommand::Add(args) => add(args, config, printer),
    }
}

fn check(args: &WaiversCheckArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    let waivers = Waivers::load(&args.files, &rules)?;
    let remarks = if args.snapshot.is_empty() {
        waivers.remarks(today())
    } else {
        let source = Source::Files(args.snapshot.clone());
        let mut evaluation = evaluating::evaluation(&source, &[], &rules, config, printer)?;
        waivers.apply(&mut evaluation, &rules, today())
    };
    for remark in &remarks {
        printer.warn(&remark.text());
    }
    let told = count(remarks.len(), "remark");
    print(printer, |out| writeln!(out, "{}, {told}", count(waivers.count(), "waiver")))?;
    Ok(if remarks.is_empty() { Exit::Complete } else { Exit::Failures })
}

fn add(args: &WaiversAddArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    // What cannot be read is said before anything is asked; others may write to it meanwhile.
    read(&args.waivers)?;
    let source = Source::Files(args.files.clone());
    let report = evaluating::report(&source, &[], &rules, config, printer)?;
    let no_such = || Error::NoSuchFinding { fingerprint: args.fingerprint.clone() };
    let (rule, finding) = report.find(&args.fingerprint).ok_or_else(no_such)?;
    let identity = fingerprint(&rule.id, &finding.subject);
    if finding.verdict != Verdict::Fail {
        let verdict = finding.verdict.as_str();
        return Err(Error::NotWaivable { fingerprint: identity, verdict });
    }
    let subject = &finding.subject;
    let own = subject.arn.as_deref().unwrap_or(&subject.id);
    printer.note(&format!(
        "{} of {}: {}",
        rule.id,
        fit(own, 200),
        finding.message.as_deref().unwrap_or(&rule.title)
    ));
    let short: String = identity.chars().take(8).collect();
    let draft = Draft {
        id: args.id.clone().unwrap_or_else(|| format!("{}-{short}", rule.id)),
        rule: rule.id.clone(),
        accounts: subject.account_id.iter().map(ToString::to_string).collect(),
        regions: subject.region.iter().map(ToString::to_string).collect(),
        resources: vec![literal(own)],
        reason: answer(args.reason.as_deref(), "the reason", "--reason", "Why is the risk accepted?")?,
        owner: answer(args.owner.as_deref(), "the owner", "--owner", "Who accepts it?")?,
        expires: match args.expires {
            Some(date) => date,
            None => date(&answer(None, "the end", "--expires", "The last day that it holds (2027-03-31):")?)?,
        },
        ticket: args.ticket.clone(),
    };
    // From reading to writing nobody else may write: the other one's waiver would be gone.
    let locked = FileLock::wait(&args.waivers);
    let _lock = locked.map_err(|source| WaiverError::Lock { path: args.waivers.clone(), source })?;
    let written = append(&args.waivers, &read(&args.waivers)?, &draft)?;
    // Before it is written, so that a file that was right stays right.
    Waivers::parse(&args.waivers, written.clone(), &rules)?;
    FileTarget::open(args.waivers.clone())?.write(|out| out.write_all(written.as_bytes()))?;
    printer.note(&format!("{} until {}, in {}", draft.id, draft.expires, args.waivers.display()));
    Ok(Exit::Complete)
}

/// The file's text; nothing where there is none yet.
fn read(path: &Path) -> Result<String, WaiverError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(WaiverError::Read { path: path.to_owned(), source }),
    }
}

/// A name as a glob that matches nothing else is the name itself, unless it holds a star or a question mark: then `?`
/// stands for each.
fn literal(name: &str) -> String {
    name.replace('*', "?")
}

fn answer(
    given: Option<&str>,
    what: &'static str,
    flag: &'static str,
    question: &str,
) -> Result<String, Error> {
    match given {
        Some(given) => Ok(given.to_owned()),
        None => Printer::ask(question).map_err(|source| Error::NobodyToAsk { what, flag, source }),
    }
}

fn date(answer: &str) -> Result<NaiveDate, Error> {
    answer.parse().map_err(|_| Error::NoDate { answer: answer.to_owned() })
}
