//! Every call of a scan, disturbed in every way: an answer that is refused, late, cut, empty, of another call, or that
//! says less than it should. What the undisturbed scan says stays, or becomes unknown; nothing turns for the better, and
//! nothing goes without a word.
//!
//! By default a sample; each kind of call in every way with `TRAILPROOF_FAULTS=each`, every call with
//! `TRAILPROOF_FAULTS=all` (see `scripts/faults`); those of one operation with `TRAILPROOF_FAULTS_OF=GetBucketAcl`.

#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "the figures are what somebody runs it for")]

mod collect_support;
mod fake_aws;
mod verdicts;

#[path = "faults/bodies.rs"]
mod bodies;
#[path = "faults/places.rs"]
mod places;
#[path = "faults/troubles.rs"]
mod troubles;
#[path = "faults/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use collect_support::{collect, settings};
use fake_aws::FakeAws;
use fake_aws::healthy::MANAGEMENT;
use places::{Notebook, Place, Seen};
use trailproof::rules::RuleSet;
use trailproof::snapshot::Source;
use troubles::{Allowed, ENDLESS, Trouble};
use verdicts::Verdicts;

/// What nobody can tell from an answer that is true, though it changes what is said: the answer names nothing that the
/// question does, and no other answer tells how much there is.
const CANNOT_BE_TOLD: &[(&str, &str)] = &[
    // What a region or an account holds, where nothing in it says whose it is: or an empty list.
    ("another call's answer", "cloudtrail:DescribeTrails"),
    ("another call's answer", "config:DescribeConfigurationAggregators"),
    ("another call's answer", "config:DescribeConfigurationRecorders"),
    ("another call's answer", "config:DescribeDeliveryChannelStatus"),
    ("another call's answer", "config:DescribeDeliveryChannels"),
    ("another call's answer", "config:DescribeRetentionConfigurations"),
    ("another call's answer", "logs:DescribeAccountPolicies"),
    ("another call's answer", "logs:DescribeDestinations"),
    ("another call's answer", "s3:ListBuckets"),
    ("another call's answer", "s3control:GetPublicAccessBlock"),
    // The list's owner could be compared with the one that ListBuckets names, which is not done: it is of no use within
    // an account.
    ("another call's answer", "s3:GetBucketAcl"),
    // What belongs to one thing, and does not say to which.
    ("another call's answer", "cloudtrail:GetTrailStatus"),
    ("another call's answer", "kms:GetKeyPolicy"),
    ("another call's answer", "kms:ListGrants"),
    ("another call's answer", "organizations:ListOrganizationalUnitsForParent"),
    ("another call's answer", "organizations:ListTargetsForPolicy"),
    ("another call's answer", "s3:GetBucketEncryption"),
    ("another call's answer", "s3:GetBucketLifecycleConfiguration"),
    ("another call's answer", "s3:GetBucketOwnershipControls"),
    ("another call's answer", "s3:GetBucketPolicy"),
    ("another call's answer", "s3:GetBucketReplication"),
    ("another call's answer", "s3:GetBucketVersioning"),
    ("another call's answer", "s3:GetPublicAccessBlock"),
    // Optional, and without it there is none: an access policy, an item, AWS as the maker of a policy.
    ("a field left out", "account:ListRegions"),
    ("a field left out", "logs:DescribeDestinations"),
    ("a field left out", "organizations:ListPolicies"),
    ("a field left out", "s3:GetBucketAcl"),
    // Without a key it is AWS's own, and without a default S3's.
    ("a field left out", "s3:GetBucketEncryption"),
    ("a field left out", "s3:ListBuckets"),
    // A shorter list that claims to be whole, where no other call knows how long it is.
    ("token dropped", "account:ListRegions"),
    ("token dropped", "logs:DescribeDestinations"),
    ("token dropped", "logs:DescribeLogGroups"),
    ("token dropped", "organizations:ListAWSServiceAccessForOrganization"),
    ("token dropped", "organizations:ListDelegatedServicesForAccount"),
    ("token dropped", "organizations:ListPolicies"),
    ("token dropped", "s3:ListBuckets"),
    ("token dropped, truncation told", "account:ListRegions"),
    ("token dropped, truncation told", "logs:DescribeDestinations"),
    ("token dropped, truncation told", "logs:DescribeLogGroups"),
    ("token dropped, truncation told", "organizations:ListAWSServiceAccessForOrganization"),
    ("token dropped, truncation told", "organizations:ListDelegatedServicesForAccount"),
    ("token dropped, truncation told", "organizations:ListPolicies"),
    ("token dropped, truncation told", "s3:ListBuckets"),
];

/// How long a scan may take at most, whatever happens to it.
const LONGEST: Duration = Duration::from_secs(90);

/// A scan through the fake, and what the rules say of it; `Err` where there was nothing to say anything of.
fn scan(fake: &FakeAws, rules: &RuleSet, trouble: Option<&Trouble>) -> Result<Verdicts, String> {
    let mut settings = settings(fake, MANAGEMENT);
    if trouble.is_some_and(Trouble::passes) {
        settings.max_attempts = 3;
    }
    match trouble {
        Some(Trouble::Hang) => settings.call_time_limit = Duration::from_secs(2),
        Some(Trouble::TokenEndless) => settings.account_time_limit = Duration::from_secs(5),
        _ => {}
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("snapshot");
    collect(&settings, &target, false, &|_| {}).map_err(|error| error.to_string())?;
    Ok(Verdicts::over(&Source::Files(vec![target]), rules))
}

/// What came of a disturbed scan.
struct Outcome {
    kind: &'static str,
    /// How many answers were disturbed.
    befallen: usize,
    newly_unknown: usize,
    wrong: Vec<String>,
}

fn disturbed(place: &Place, trouble: &Trouble, before: &Verdicts, rules: &RuleSet) -> Outcome {
    let fake = FakeAws::start(world::world());
    let turns = Arc::new(AtomicUsize::new(0));
    let (counted, at, what) = (Arc::clone(&turns), place.clone(), trouble.clone());
    fake.tamper(move |exchange| {
        if !what.concerns(&at, &Place::of(exchange.call)) {
            return None;
        }
        what.befall(exchange, counted.fetch_add(1, Ordering::Relaxed))
    });
    let begun = Instant::now();
    let found = scan(&fake, rules, Some(trouble));
    let mut wrong = Vec::new();
    let mut newly_unknown = 0;
    let befallen = turns.load(Ordering::Relaxed);
    if begun.elapsed() > LONGEST {
        wrong.push(format!("it took {:?}", begun.elapsed()));
    }
    if matches!(trouble, Trouble::TokenEndless) && befallen >= ENDLESS {
        wrong.push(format!("{befallen} pages were asked for"));
    }
    match found {
        Err(error) if trouble.passes() => wrong.push(format!("it ended: {error}")),
        Err(_) => {}
        Ok(found) => {
            newly_unknown = found.newly_unknown(before);
            wrong.extend(found.says_of(before, trouble.allowed(), &place.operation));
        }
    }
    Outcome { kind: trouble.kind(), befallen, newly_unknown, wrong }
}

impl Verdicts {
    /// What a disturbed scan says and must not.
    fn says_of(&self, before: &Self, allowed: Allowed, operation: &str) -> Vec<String> {
        let mut wrong: Vec<String> = match allowed {
            Allowed::Nothing if self.newly_unknown(before) > 0 => vec!["something became unknown".to_owned()],
            _ => Vec::new(),
        };
        let mut untrue = self.untrue_beside(before, None);
        if allowed == Allowed::Worse {
            untrue.retain(|it| !it.contains(": fail, not "));
        }
        if operation == "ListRegions" {
            // Regions that nobody can disable are read as well; the fake has fewer.
            untrue.retain(|it| !it.ends_with("there is no such subject"));
        }
        wrong.extend(untrue);
        let fresh: Vec<&str> = {
            let known: BTreeSet<&str> = before.gaps.iter().map(|gap| gap.id.as_str()).collect();
            let fresh = self.gaps.iter().filter(|gap| !known.contains(gap.id.as_str()));
            fresh.map(|gap| gap.operation.as_str()).collect()
        };
        match allowed {
            Allowed::Nothing if !fresh.is_empty() => wrong.push(format!("gaps of {fresh:?}")),
            Allowed::Unknown if !fresh.contains(&operation) => {
                wrong.push(format!("no gap names the call, only {fresh:?}"));
            }
            _ => {}
        }
        if self.newly_unknown(before) > 0 && fresh.is_empty() {
            wrong.push("unknown without a gap".to_owned());
        }
        if self.newly_unknown(before) > 0 && self.complete {
            wrong.push("it claims to be complete".to_owned());
        }
        if let Some(gap) = self.gaps.iter().find(|gap| gap.detail.contains("inside Trailproof")) {
            wrong.push(format!("it panicked: {}", gap.detail));
        }
        wrong
    }
}

/// One call of each operation and position of its pages; of all calls `of_each`.
fn chosen(seen: &[Seen], of_each: usize) -> Vec<Seen> {
    let mut kinds: BTreeMap<_, Vec<Seen>> = BTreeMap::new();
    for one in seen {
        let key = (one.place.service.clone(), one.place.operation.clone(), one.position);
        kinds.entry(key).or_default().push(one.clone());
    }
    // The last ones are of the account where things are bad.
    let some = |mut all: Vec<Seen>| {
        all.reverse();
        bodies::spread(&all, of_each)
    };
    kinds.into_values().flat_map(some).collect()
}

/// Calls of each operation and position, places in each body, and which part of the cases.
fn extent() -> (usize, usize, usize) {
    match std::env::var("TRAILPROOF_FAULTS").as_deref() {
        Ok("all") => (usize::MAX, 3, 1),
        Ok("each") => (1, 1, 1),
        // A prime, so that every trouble meets every protocol.
        _ => (1, 1, 29),
    }
}

#[test]
fn no_disturbed_answer_turns_a_verdict_for_the_better() {
    if !collect_support::is_isolated("faults::no_disturbed_answer_turns_a_verdict_for_the_better") {
        return;
    }
    let rules = RuleSet::builtin().unwrap();
    let notebook = Notebook::default();
    let fake = FakeAws::start(world::world());
    notebook.watch(&fake);
    let begun = Instant::now();
    let before = scan(&fake, &rules, None).unwrap();
    println!("{} verdicts in {:?}: {:?}", before.len(), begun.elapsed(), before.count());
    assert_eq!(fake.unexpected(), Vec::<String>::new());
    assert_eq!(before.gaps.iter().map(|gap| &gap.detail).collect::<Vec<_>>(), Vec::<&String>::new());
    let seen = notebook.seen();
    let (of_each, detail, step) = extent();
    let chosen = chosen(&seen, of_each);
    let mut cases: Vec<(Place, Trouble)> = Vec::new();
    for one in &chosen {
        for trouble in troubles::all(one, &seen, detail) {
            cases.push((one.place.clone(), trouble));
        }
    }
    if let Ok(operation) = std::env::var("TRAILPROOF_FAULTS_OF") {
        cases.retain(|(place, _)| place.operation == operation);
        assert!(!cases.is_empty(), "no call of a scan is {operation}");
    }
    let all = cases.len();
    cases = cases.into_iter().step_by(step).collect();
    println!("{} calls, {} chosen, {} of {all} cases", seen.len(), chosen.len(), cases.len());

    let outcomes = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((place, trouble)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = disturbed(place, trouble, &before, &rules);
                    outcomes.lock().unwrap().push((place.clone(), trouble.clone(), outcome));
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    report(&outcomes, begun.elapsed());
    let mut wrong: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (place, _, outcome) in &outcomes {
        let told = format!("{}:{}", place.service, place.operation);
        if outcome.wrong.is_empty() || CANNOT_BE_TOLD.contains(&(outcome.kind, told.as_str())) {
            continue;
        }
        let example = format!("{place}: {} wrong: {}", outcome.wrong.len(), outcome.wrong[0]);
        wrong.entry(format!("{}: {told}", outcome.kind)).or_insert((0, example)).0 += 1;
    }
    let lines: Vec<String> = wrong
        .iter()
        .map(|(kind, (times, example))| format!("{kind} ({times} times)\n    {example}"))
        .collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// The figures: for each trouble how many scans, and how many of them said what they must not.
fn report(outcomes: &[(Place, Trouble, Outcome)], took: Duration) {
    let mut kinds: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for (_, _, outcome) in outcomes {
        let figures = kinds.entry(outcome.kind).or_default();
        figures[0] += 1;
        figures[1] += usize::from(outcome.befallen == 0);
        figures[2] += outcome.newly_unknown;
        figures[3] += usize::from(!outcome.wrong.is_empty());
    }
    println!("{} scans in {took:?}", outcomes.len());
    for (kind, [tried, missed, unknown, wrong]) in kinds {
        println!("{kind:32} {tried:6} tried {missed:4} without effect {unknown:7} unknown {wrong:5} wrong");
    }
}
