use chrono::{DateTime, TimeDelta, Utc};

use super::super::TrailFacts;
use crate::attestation::{
    Attestation, AttestedChain, AttestedCounts, AttestedTime, LogsRead, SCHEMA_VERSION,
};
use crate::facts::coverage::AccountTrails;
use crate::facts::samples::{
    ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, ORGANIZATION, REGION, SECURITY, Sample, WORKLOAD, denied, gaps,
    own_trail, settings,
};
use crate::facts::{Attested, Facts, trail};
use crate::model::{Observed, default_regions};

const ALL: [&str; 4] = [MANAGEMENT, ARCHIVE, SECURITY, WORKLOAD];

fn chain(account: &str, region: &str, trail: Option<&str>) -> AttestedChain {
    AttestedChain {
        account_id: account.to_owned(),
        region: region.to_owned(),
        trail: trail.map(str::to_owned),
        home_region: trail.map(|_| REGION.to_owned()),
        bucket: ARCHIVE_BUCKET.to_owned(),
        prefix: String::new(),
        organization_id: Some(ORGANIZATION.to_owned()),
        digests: AttestedCounts::default(),
        logs: AttestedCounts::default(),
        covered: Some(vec![AttestedTime {
            from: taken_at() - TimeDelta::days(90),
            to: taken_at() - TimeDelta::hours(3),
        }]),
        valid: true,
        root_hash: String::new(),
    }
}

fn taken_at() -> DateTime<Utc> {
    Sample::new().header.taken_at
}

/// A sound result of these accounts and regions over 90 days up to the scan, of which the last digest came in time.
fn attestation(accounts: &[&str], regions: &[&str]) -> Attestation {
    let to = taken_at();
    let chains = accounts
        .iter()
        .flat_map(|account| regions.iter().map(|region| chain(account, region, Some("organization"))))
        .collect();
    Attestation {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool_version: "0.1.0".to_owned(),
        verified_at: to,
        from: to - TimeDelta::days(90),
        to,
        logs_read: LogsRead::All,
        sample_percent: None,
        complete: true,
        valid: true,
        digests: AttestedCounts::default(),
        logs: AttestedCounts::default(),
        root_hash: String::new(),
        chains,
    }
}

/// The same, of a time before.
fn earlier(mut result: Attestation, by: TimeDelta) -> Attestation {
    result.from -= by;
    result.to -= by;
    result.verified_at -= by;
    for time in result.chains.iter_mut().filter_map(|chain| chain.covered.as_mut()).flatten() {
        time.from -= by;
        time.to -= by;
    }
    result
}

fn whole() -> Attestation {
    attestation(&ALL, default_regions("aws"))
}

fn sample() -> Sample {
    let mut sample = Sample::new();
    for record in &mut sample.accounts {
        record.enabled_regions =
            Observed::Known(default_regions("aws").iter().map(|&region| region.to_owned()).collect());
    }
    sample
}

fn facts(sample: &Sample, attestations: &[Attestation]) -> Facts {
    let mut facts = sample.facts();
    facts.index.attested = Attested::new(attestations);
    let gaps = trail::chain_gaps(&facts.index);
    facts.index.gaps.extend(gaps);
    facts
}

/// The facts of an account's first trail.
fn of(sample: &Sample, account: usize, attestations: &[Attestation]) -> TrailFacts {
    let facts = facts(sample, attestations);
    let record = &sample.accounts[account];
    let trails = AccountTrails::of(&facts.index, record);
    trail::derive(&facts, &record.id, &trails, &record.trails.list().unwrap()[0])
}

fn defect(sample: &Sample, attestations: &[Attestation]) -> Result<Option<String>, crate::model::Gaps> {
    of(sample, 0, attestations).digest_chain_defect
}

fn says(sample: &Sample, attestations: &[Attestation]) -> String {
    defect(sample, attestations).unwrap().expect("a defect")
}

#[test]
fn the_newest_result_about_the_trail_counts() {
    let mut old = earlier(whole(), TimeDelta::days(10));
    old.chains[0].valid = false;
    let found = of(&sample(), 0, &[whole(), old]);
    assert_eq!((found.digest_chain_days, found.digest_chain_age_days), (Ok(Some(90)), Ok(Some(1))));
    assert_eq!(found.digest_chain_defect, Ok(None));
    assert_eq!(
        found.digest_chain.unwrap(),
        "the newest result covers 90 days, and what it covers ended 3 hours before the scan"
    );
}

#[test]
fn one_account_and_one_region_are_not_the_whole() {
    let said = says(&sample(), &[attestation(&[MANAGEMENT], &[REGION])]);
    assert!(
        said.contains(&format!("nothing of the accounts {ARCHIVE}, {SECURITY} and {WORKLOAD}")),
        "{said}"
    );
    assert!(said.contains("nothing of the regions 111111111111 ap-northeast-1"), "{said}");
    // One account is left out, or one region of one account.
    let all = || default_regions("aws");
    let said = says(&sample(), &[attestation(&[MANAGEMENT, ARCHIVE, SECURITY], all())]);
    assert_eq!(said, format!("it says nothing of the account {WORKLOAD}"));
    let mut result = whole();
    result
        .chains
        .retain(|chain| (chain.account_id.as_str(), chain.region.as_str()) != (WORKLOAD, "sa-east-1"));
    assert_eq!(says(&sample(), &[result]), format!("it says nothing of the region {WORKLOAD} sa-east-1"));
}

#[test]
fn a_region_that_one_account_opted_in_to_is_missed() {
    let mut opted = sample();
    let Observed::Known(regions) = &mut opted.accounts[3].enabled_regions else { unreachable!() };
    regions.push("me-south-1".to_owned());
    assert_eq!(says(&opted, &[whole()]), format!("it says nothing of the region {WORKLOAD} me-south-1"));
    let mut result = whole();
    result.chains.push(chain(WORKLOAD, "me-south-1", Some("organization")));
    assert_eq!(defect(&opted, &[result]), Ok(None));
}

#[test]
fn results_of_the_same_time_are_one_and_others_are_not() {
    let all = || default_regions("aws");
    let parts = ALL.map(|account| attestation(&[account], all()));
    assert_eq!(defect(&sample(), &parts), Ok(None), "each account verified by itself");
    let mut apart = parts;
    apart[3] = earlier(apart[3].clone(), TimeDelta::hours(1));
    assert_eq!(says(&sample(), &apart), format!("it says nothing of the account {WORKLOAD}"));
}

#[test]
fn what_is_not_complete_proves_nothing_until_it_is_made_up_for() {
    let mut open = whole();
    open.complete = false;
    open.valid = false;
    assert!(says(&sample(), std::slice::from_ref(&open)).contains("was not found or could not be read"));
    let mut later = whole();
    later.verified_at += TimeDelta::minutes(5);
    assert_eq!(defect(&sample(), &[open.clone(), later.clone()]), Ok(None));
    assert_eq!(defect(&sample(), &[later, open]), Ok(None), "in whatever order they are given");
}

#[test]
fn a_result_about_other_places_proves_nothing_of_this_one() {
    let other = |change: fn(&mut AttestedChain)| {
        let mut result = whole();
        result.chains.iter_mut().for_each(change);
        assert_eq!(says(&sample(), &[result]), "no result is about it");
    };
    other(|chain| chain.trail = Some("another".to_owned()));
    other(|chain| chain.home_region = Some("eu-west-1".to_owned()));
    other(|chain| chain.bucket = "copy-of-the-archive".to_owned());
    other(|chain| chain.prefix = "old".to_owned());
    other(|chain| chain.organization_id = Some("o-another0001".to_owned()));
    other(|chain| chain.organization_id = None);
    assert!(
        !of(&sample(), 0, &[]).digest_chain_attested && of(&sample(), 0, &[whole()]).digest_chain_attested
    );
}

#[test]
fn broken_chains_and_folders_without_digests_count_against_it() {
    let mut result = whole();
    result.chains[3].valid = false;
    result.chains[4] = chain(&result.chains[4].account_id, &result.chains[4].region, None);
    result.chains[4].valid = false;
    let chains = result.chains.len();
    assert_eq!(says(&sample(), &[result]), format!("2 of its {chains} chains are not valid"));
}

#[test]
fn what_was_read_only_in_part_proves_nothing() {
    for (logs_read, said) in [
        (LogsRead::Sample, "only a sample of its logs was read"),
        (LogsRead::None, "none of its logs was read"),
    ] {
        let mut result = whole();
        result.logs_read = logs_read;
        assert_eq!(says(&sample(), &[result]), said);
    }
}

#[test]
fn what_the_organization_does_not_say_leaves_it_unknown() {
    let mut unlisted = sample();
    unlisted.organization().accounts = denied("ListAccounts");
    assert_eq!(defect(&unlisted, &[whole()]), Err(gaps("ListAccounts")));
    let mut broken = whole();
    broken.chains[0].valid = false;
    assert!(says(&unlisted, &[broken]).contains("not valid"), "what is certain decides");

    let mut regions = sample();
    regions.accounts[3].enabled_regions = denied("ListRegions");
    assert_eq!(defect(&regions, &[whole()]), Err(gaps("ListRegions")));
    assert_eq!(of(&regions, 0, &[whole()]).digest_chain_days, Ok(Some(90)));

    // Scans of some accounts, or of some regions, do not say what else is enabled.
    let mut narrow = sample();
    narrow.accounts.truncate(1);
    narrow.header.accounts.truncate(1);
    let mut few_regions = sample();
    few_regions.accounts[2].enabled_regions = Observed::Known(vec![REGION.to_owned()]);
    for narrow in [narrow, few_regions] {
        let unknown = defect(&narrow, &[whole()]).unwrap_err();
        let facts = facts(&narrow, &[whole()]);
        let is_listed = |id: &crate::model::GapId| facts.index.gaps.iter().any(|gap| gap.id == *id);
        assert!(unknown.as_slice().iter().all(is_listed), "{unknown:?} {:?}", facts.index.gaps);
    }
}

#[test]
fn a_single_region_trail_and_an_accounts_own_trail_need_less() {
    let mut single = sample();
    let Observed::Known(trails) = &mut single.accounts[0].trails else { unreachable!() };
    settings(&mut trails[0]).multi_region = Observed::Known(false);
    assert_eq!(defect(&single, &[attestation(&ALL, &[REGION])]), Ok(None));
    assert!(says(&single, &[attestation(&ALL[..3], &[REGION])]).contains(WORKLOAD));

    let mut own = sample();
    own.accounts[3].trails = Observed::Known(vec![own_trail("own")]);
    let mut result = attestation(&[WORKLOAD], default_regions("aws"));
    for chain in &mut result.chains {
        chain.organization_id = None;
        chain.trail = Some("own".to_owned());
    }
    assert_eq!(of(&own, 3, std::slice::from_ref(&result)).digest_chain_defect, Ok(None));
    result.chains.pop();
    assert!(of(&own, 3, &[result]).digest_chain_defect.unwrap().unwrap().contains(WORKLOAD));
}

#[test]
fn an_account_that_is_closed_is_not_missed() {
    let mut closed = sample();
    let Observed::Known(accounts) = &mut closed.organization().accounts else { unreachable!() };
    accounts[3].status = "SUSPENDED".to_owned();
    let all = || default_regions("aws");
    assert_eq!(defect(&closed, &[attestation(&ALL[..3], all())]), Ok(None));
}

#[test]
fn what_was_still_to_come_when_it_was_verified_is_not_covered() {
    let mut early = whole();
    let to = early.to;
    early.to += TimeDelta::days(30);
    early.chains[0].covered.as_mut().unwrap()[0].to = early.to;
    let place = super::Place {
        bucket: early.chains[0].bucket.clone(),
        prefix: early.chains[0].prefix.clone(),
        owner: super::Owner::Organization(early.chains[0].organization_id.clone().unwrap()),
    };
    let (trail, home) =
        (early.chains[0].trail.clone().unwrap(), early.chains[0].home_region.clone().unwrap());
    let attested = super::Attested::new(&[early]);
    let newest = attested.newest(&place, &trail, &home).unwrap();
    assert_eq!(newest.to, to);
    let ends = newest.spans.iter().filter_map(|(_, _, span)| match span {
        super::attested::Span::Time(time) => Some(time.to),
        _ => None,
    });
    assert_eq!(ends.max(), Some(to));
}

/// A result in which one chain's verified digests begin this much later than what was asked.
fn late(account: &str, region: &str, by: TimeDelta) -> Attestation {
    let mut result = whole();
    let is_it =
        |chain: &&mut AttestedChain| (chain.account_id.as_str(), chain.region.as_str()) == (account, region);
    let chain = result.chains.iter_mut().find(is_it).unwrap();
    chain.covered.as_mut().unwrap()[0].from += by;
    result
}

#[test]
fn what_counts_is_the_time_that_every_chain_covers() {
    let found = of(&sample(), 0, &[late(WORKLOAD, "eu-west-1", TimeDelta::hours(90 * 24 - 6))]);
    assert_eq!(found.digest_chain_defect, Ok(None), "the chain is valid, as far as it goes");
    assert_eq!(found.digest_chain_days, Ok(Some(0)));
    let said = found.digest_chain.unwrap();
    assert!(said.starts_with("the newest result covers 0 days, "), "{said}");
    let late_words =
        format!("the chain of {WORKLOAD} eu-west-1 leaves out the first 2154 hours of what was asked");
    assert!(said.contains(&late_words), "{said}");

    // A day is a day, whichever chain it is of.
    let found = of(&sample(), 0, &[late(MANAGEMENT, "us-east-1", TimeDelta::hours(1))]);
    assert_eq!(found.digest_chain_days, Ok(Some(89)));

    // One that covers nothing, one that ends early, and one whose digests were still to come.
    let changed = |change: fn(&mut Vec<AttestedTime>)| {
        let mut result = whole();
        change(result.chains[5].covered.as_mut().unwrap());
        let found = of(&sample(), 0, &[result]);
        (found.digest_chain_days.unwrap().unwrap(), found.digest_chain_age_days.unwrap().unwrap())
    };
    assert_eq!(changed(|_| {}), (90, 1));
    assert_eq!(changed(Vec::clear), (0, 90));
    assert_eq!(changed(|covered| covered[0].to -= TimeDelta::days(10)), (80, 11));
    // A stop is of the trail: nothing was logged between.
    let stopped = |covered: &mut Vec<AttestedTime>| {
        let AttestedTime { from, to } = covered[0];
        *covered = vec![
            AttestedTime { from, to: from + TimeDelta::hours(1) },
            AttestedTime { from: to - TimeDelta::hours(1), to },
        ];
    };
    assert_eq!(changed(stopped), (90, 1));
}

#[test]
fn chains_of_accounts_and_regions_that_came_later_may_begin_later() {
    let by = TimeDelta::days(60);
    let joined_lately = || {
        let mut joined = sample();
        let Observed::Known(accounts) = &mut joined.organization().accounts else { unreachable!() };
        accounts[3].joined_at = Observed::Known(taken_at() - TimeDelta::days(30) - TimeDelta::hours(2));
        joined
    };
    let mut joined = joined_lately();
    let mut result = whole();
    let of_account = result.chains.iter_mut().filter(|chain| chain.account_id == WORKLOAD);
    of_account.for_each(|chain| chain.covered.as_mut().unwrap()[0].from += by);
    let days =
        |sample: &Sample, result: &Attestation| of(sample, 0, std::slice::from_ref(result)).digest_chain_days;
    assert_eq!(days(&joined, &result), Ok(Some(90)));
    assert_eq!(days(&sample(), &result), Ok(Some(30)));
    // It joined long before its chains begin.
    let Observed::Known(accounts) = &mut joined.organization().accounts else { unreachable!() };
    accounts[3].joined_at = Observed::Known(taken_at() - TimeDelta::days(40));
    assert_eq!(days(&joined, &result), Ok(Some(30)));
    let Observed::Known(accounts) = &mut joined.organization().accounts else { unreachable!() };
    accounts[3].joined_at = denied("ListAccounts");
    let found = of(&joined, 0, std::slice::from_ref(&result));
    assert_eq!(
        (found.digest_chain_days, found.digest_chain_most_days),
        (Err(gaps("ListAccounts")), Ok(Some(90)))
    );
    assert!(found.digest_chain.unwrap().contains("covers at most 90 days"));

    // Its own trail may be older than its place in the organization.
    let mut own = joined_lately();
    own.accounts[3].trails = Observed::Known(vec![own_trail("own")]);
    let mut of_own = attestation(&[WORKLOAD], default_regions("aws"));
    for chain in &mut of_own.chains {
        chain.organization_id = None;
        chain.trail = Some("own".to_owned());
        chain.covered.as_mut().unwrap()[0].from += by;
    }
    assert_eq!(of(&own, 3, std::slice::from_ref(&of_own)).digest_chain_days, Ok(Some(30)));

    // When a region was opted in to is not known.
    let mut opted = sample();
    let Observed::Known(regions) = &mut opted.accounts[3].enabled_regions else { unreachable!() };
    regions.push("me-south-1".to_owned());
    let mut result = whole();
    result.chains.push(chain(WORKLOAD, "me-south-1", Some("organization")));
    assert_eq!(days(&opted, &result), Ok(Some(90)));
    result.chains.last_mut().unwrap().covered.as_mut().unwrap()[0].from += by;
    let unknown = days(&opted, &result).unwrap_err();
    let facts = facts(&opted, &[result]);
    assert!(facts.index.gaps.iter().any(|gap| Some(&gap.id) == unknown.as_slice().first()), "{unknown:?}");
}

#[test]
fn a_result_that_does_not_tell_what_its_chains_cover_leaves_the_days_unknown() {
    let mut untold = whole();
    untold.chains[7].covered = None;
    let found = of(&sample(), 0, std::slice::from_ref(&untold));
    let unknown = found.digest_chain_days.unwrap_err();
    assert_eq!((found.digest_chain_most_days, found.digest_chain_age_days), (Ok(Some(90)), Ok(Some(1))));
    let facts = facts(&sample(), &[untold]);
    let gap = facts.index.gaps.iter().find(|gap| Some(&gap.id) == unknown.as_slice().first()).unwrap();
    assert!(gap.detail.contains("verify again"), "{gap:?}");
    // What is certain of the others decides.
    let mut short = late(WORKLOAD, "eu-west-1", TimeDelta::days(80));
    short.chains[7].covered = None;
    assert_eq!(of(&sample(), 0, &[short]).digest_chain_most_days, Ok(Some(10)));
}
