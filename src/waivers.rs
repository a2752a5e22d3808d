//! Waivers: accepted risks, each with a reason, an owner and an end.
//!
//! They lie over failures after [`crate::evaluate`] and before [`crate::report`], and change no verdict. What could not
//! be read is never waived. Who may be covered is told by what the owner of an account cannot change: its number and
//! its place and its tags in the organization, never its name.

mod add;
mod error;
mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

pub use add::{Draft, append};
use error::{Problem, Source};
pub use error::{Problems, WaiverError};
use file::{Text, Written};

use crate::evaluate::Evaluation;
use crate::finding::{ANY_ID, Finding, Subject, SubjectKind, Verdict, Waiver};
use crate::model::{AccountSummary, Observed, Organization, glob};
use crate::nearest::nearest;
use crate::plan::TagSelector;
use crate::rules::RuleSet;

/// The largest file of waivers, in bytes.
const LARGEST: u64 = 8 << 20;
/// The longest chain of units that is followed: AWS nests five.
const DEEPEST: usize = 16;

/// The waivers of some files, in order.
#[derive(Debug, Default)]
pub struct Waivers(Vec<Entry>);

/// A waiver with what it covers.
#[derive(Debug)]
struct Entry {
    waiver: Arc<Waiver>,
    rule: String,
    accounts: Vec<String>,
    ous: Vec<String>,
    regions: Vec<String>,
    resources: Vec<String>,
    tags: Vec<TagSelector>,
}

/// What a waiver covers.
#[derive(Debug, Clone, Copy, Default)]
struct Covered {
    failures: usize,
    /// Unknowns that it may be about, and failures of which nobody knows where they lie.
    unknown: usize,
}

/// What is to be said of a waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The waiver.
    pub waiver: Arc<Waiver>,
    /// What is wrong with it.
    pub kind: RemarkKind,
}

/// What is wrong with a waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemarkKind {
    /// It ended before this day: so many failures that it covered count again.
    Expired {
        /// Failures.
        failures: usize,
    },
    /// It covers no failure, though its rule ran.
    Unused,
    /// It covers no failure that could be seen: so much that it may be about could not be decided, or placed.
    Undecided {
        /// Findings.
        unknown: usize,
    },
    /// It selects by tag, and the snapshot has no tags of accounts.
    TagsUnread,
    /// It covers more than anybody looked at: why that is so.
    TooBroad(&'static str),
}

impl Remark {
    /// The sentence for people.
    pub fn text(&self) -> String {
        let Waiver { id, owner, expires, .. } = &*self.waiver;
        match &self.kind {
            RemarkKind::Expired { failures: 0 } => {
                format!("waiver {id} of {owner} expired on {expires} and covers nothing: remove it")
            }
            RemarkKind::Expired { failures } => {
                let (noun, verb) = if *failures == 1 { ("failure", "counts") } else { ("failures", "count") };
                format!(
                    "waiver {id} of {owner} expired on {expires}: {failures} {noun} that it covered {verb} again. \
                     Put it right, or decide anew"
                )
            }
            RemarkKind::Unused => {
                format!("waiver {id} of {owner} covers no failure: remove it, or correct what it selects")
            }
            RemarkKind::Undecided { unknown } => {
                let noun = if *unknown == 1 { "finding" } else { "findings" };
                format!(
                    "waiver {id} of {owner} covers no failure that could be seen, but {unknown} {noun} that it may be \
                     about could not be decided or placed: keep it until they can"
                )
            }
            RemarkKind::TagsUnread => {
                format!(
                    "waiver {id} of {owner} selects by tag, but the tags of accounts were not read, so it covers \
                     nothing. Scan or collect with --read-account-tags"
                )
            }
            RemarkKind::TooBroad(why) => {
                format!("waiver {id} of {owner} is too broad: {why}. Name what was looked at")
            }
        }
    }
}

impl Waivers {
    /// Reads files of waivers. All that is wrong in all of them is reported at once; `rules` are those that there are,
    /// whether or not they run.
    pub fn load(paths: &[PathBuf], rules: &RuleSet) -> Result<Self, WaiverError> {
        Self::read(paths, Some(rules))
    }

    /// Reads files that were checked when they were first used: the rules that they name need not be there.
    pub fn load_recorded(paths: &[PathBuf]) -> Result<Self, WaiverError> {
        Self::read(paths, None)
    }

    /// Checks the text of one file.
    pub fn parse(path: &Path, text: String, rules: &RuleSet) -> Result<Self, WaiverError> {
        Self::of(vec![(path, text)], Some(rules))
    }

    fn read(paths: &[PathBuf], rules: Option<&RuleSet>) -> Result<Self, WaiverError> {
        let texts = paths.iter().map(|path| Ok((path.as_path(), text_of(path)?)));
        Self::of(texts.collect::<Result<_, WaiverError>>()?, rules)
    }

    fn of(texts: Vec<(&Path, String)>, rules: Option<&RuleSet>) -> Result<Self, WaiverError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for (path, text) in texts {
            let source = Arc::new(Source { path: path.display().to_string(), text });
            match file::read(path, &source) {
                Ok(written) => {
                    for waiver in written {
                        match check(waiver, rules, &mut ids) {
                            Ok(entry) => entries.push(entry),
                            Err(found) => {
                                problems
                                    .extend(found.into_iter().map(|problem| (Arc::clone(&source), problem)));
                            }
                        }
                    }
                }
                Err(problem) => problems.push((source, problem)),
            }
        }
        if problems.is_empty() { Ok(Self(entries)) } else { Err(WaiverError::Invalid(Problems(problems))) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What can be said of the waivers without findings: those that ended before `today`, and those that are too broad.
    pub fn remarks(&self, today: NaiveDate) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for entry in &self.0 {
            if entry.waiver.expires < today {
                remarks.push(entry.remark(RemarkKind::Expired { failures: 0 }));
            }
            remarks.extend(entry.too_broad().map(|why| entry.remark(RemarkKind::TooBroad(why))));
        }
        remarks
    }

    /// Lays the waivers over the failures. One that ended before `today` covers nothing any more.
    pub fn apply(&self, evaluation: &mut Evaluation, rules: &RuleSet, today: NaiveDate) -> Vec<Remark> {
        let places = Places::of(&evaluation.header.organization);
        let by_rule: Vec<Vec<usize>> = rules
            .rules()
            .iter()
            .map(|rule| {
                let names = std::iter::once(&*rule.id).chain(rule.aliases.iter().map(String::as_str));
                let names: Vec<&str> = names.collect();
                let about = |entry: &Entry| names.iter().any(|name| glob(&entry.rule, name));
                (0..).zip(&self.0).filter(|(_, entry)| about(entry)).map(|(place, _)| place).collect()
            })
            .collect();
        let mut covered = vec![Covered::default(); self.0.len()];
        let open = |finding: &&mut Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
        for finding in evaluation.findings.iter_mut().filter(open) {
            let about = by_rule.get(finding.rule as usize).map_or(&[][..], Vec::as_slice);
            for place in about {
                let (Some(entry), Some(covered)) = (self.0.get(*place), covered.get_mut(*place)) else {
                    continue;
                };
                let covers = entry.covers(finding, &places);
                if finding.verdict == Verdict::Unknown || covers.is_none() {
                    covered.unknown += usize::from(covers != Some(false));
                } else if covers == Some(true) {
                    covered.failures += 1;
                    if entry.waiver.expires >= today && finding.waiver.is_none() {
                        finding.waiver = Some(Arc::clone(&entry.waiver));
                    }
                }
            }
        }
        let asked: BTreeSet<usize> = by_rule.into_iter().flatten().collect();
        let in_scope = |entry: &Entry| {
            entry.accounts.is_empty()
                || entry.accounts.iter().any(|account| evaluation.header.accounts.contains(account))
        };
        let mut remarks = Vec::new();
        for (place, (entry, covered)) in self.0.iter().zip(covered).enumerate() {
            if entry.waiver.expires < today {
                remarks.push(entry.remark(RemarkKind::Expired { failures: covered.failures }));
            } else if !entry.tags.is_empty() && places.tags.is_empty() {
                remarks.push(entry.remark(RemarkKind::TagsUnread));
            } else if covered.failures == 0 && asked.contains(&place) && in_scope(entry) {
                remarks.push(entry.remark(match covered.unknown {
                    0 => RemarkKind::Unused,
                    unknown => RemarkKind::Undecided { unknown },
                }));
            }
            remarks.extend(entry.too_broad().map(|why| entry.remark(RemarkKind::TooBroad(why))));
        }
        remarks
    }
}

fn text_of(path: &Path) -> Result<String, WaiverError> {
    let cannot = |source| WaiverError::Read { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(cannot)?;
    let read = file.take(LARGEST + 1).read_to_string(&mut text).map_err(cannot)?;
    if read as u64 > LARGEST {
        return Err(WaiverError::TooLarge { path: path.to_owned(), limit: LARGEST });
    }
    Ok(text)
}

fn check(
    written: Written,
    rules: Option<&RuleSet>,
    ids: &mut BTreeSet<String>,
) -> Result<Entry, Vec<Problem>> {
    let mut problems = Vec::new();
    let named = [("id", &written.id), ("reason", &written.reason), ("owner", &written.owner)];
    for (what, text) in named {
        if text.value.trim().is_empty() {
            let help = format!("say the {what}: a waiver without one cannot be answered for");
            problems.push(Problem::new(text.span.clone(), format!("the {what} is empty"), help));
        }
    }
    if !ids.insert(written.id.value.clone()) {
        problems.push(Problem::new(
            written.id.span.clone(),
            "another waiver has this id",
            "give each its own, so that reports tell them apart",
        ));
    }
    let pattern = &written.rule;
    if let Some(rules) = rules
        && !rules.names().any(|name| glob(&pattern.value, name))
    {
        let help = nearest(&pattern.value, rules.names()).map_or_else(
            || "trailproof rules list names them; own rules need --rules DIR here too".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        problems.push(Problem::new(pattern.span.clone(), "no rule is called so", help));
    }
    let twelve_digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    for account in written.accounts.iter().filter(|account| !twelve_digits(&account.value)) {
        problems.push(Problem::new(
            account.span.clone(),
            "an account is twelve digits",
            "names do not count: whoever is in an account can change its name",
        ));
    }
    let lists = [&written.ous, &written.regions, &written.resources];
    for empty in lists.into_iter().flatten().filter(|text| text.value.trim().is_empty()) {
        problems.push(Problem::new(empty.span.clone(), "this selects nothing", "leave it out"));
    }
    let mut tags = Vec::new();
    for tag in &written.tags {
        match tag.value.parse() {
            Ok(selector) => tags.push(selector),
            Err(why) => problems.push(Problem::new(
                tag.span.clone(),
                "this is no tag",
                format!("{why}: `environment=sandbox`, `team`"),
            )),
        }
    }
    let expires = NaiveDate::parse_from_str(&written.expires.value, "%Y-%m-%d");
    let texts = |list: Vec<Text>| list.into_iter().map(|text| text.value).collect();
    match expires {
        Ok(expires) if problems.is_empty() => Ok(Entry {
            waiver: Arc::new(Waiver {
                id: written.id.value,
                reason: written.reason.value,
                owner: written.owner.value,
                expires,
                ticket: written.ticket,
            }),
            rule: written.rule.value,
            accounts: texts(written.accounts),
            ous: texts(written.ous),
            regions: texts(written.regions),
            resources: texts(written.resources),
            tags,
        }),
        Ok(_) => Err(problems),
        Err(_) => {
            let help = "write the last day on which the waiver holds: 2027-03-31";
            problems.push(Problem::new(written.expires.span, "this is no date", help));
            Err(problems)
        }
    }
}

fn matches_all(pattern: &str) -> bool {
    pattern.contains('*') && pattern.chars().all(|character| matches!(character, '*' | '?'))
}

impl Entry {
    fn remark(&self, kind: RemarkKind) -> Remark {
        Remark { waiver: Arc::clone(&self.waiver), kind }
    }

    fn too_broad(&self) -> Option<&'static str> {
        if matches_all(&self.rule) {
            return Some("it covers every rule");
        }
        if self.regions.iter().any(|region| matches_all(region)) {
            return Some("its regions are *, which is all of them");
        }
        if self.resources.iter().any(|resource| matches_all(resource)) {
            return Some("its resources are *, which is all of them");
        }
        let nowhere = self.accounts.is_empty() && self.ous.is_empty() && self.tags.is_empty();
        if nowhere && self.regions.is_empty() && self.resources.is_empty() {
            return Some("it covers the whole rule in all accounts");
        }
        if self.ous.iter().any(|unit| unit.starts_with("r-")) {
            return Some("the root holds all accounts");
        }
        None
    }

    /// Whether the waiver is for a finding; `None` where nobody knows what the finding is about, or where it lies.
    fn covers(&self, finding: &Finding, places: &Places) -> Option<bool> {
        let Subject { kind, account_id, region, id, arn, name } = &*finding.subject;
        let stands_for_others = &**id == ANY_ID;
        // What stands for buckets and keys has the account that did not name them, which need not be their owner's.
        let named_by_others = stands_for_others && matches!(kind, SubjectKind::Bucket | SubjectKind::Key);
        let account = account_id.as_deref().filter(|_| !named_by_others);
        let any = |list: &[String], is_known: bool, matches: &dyn Fn(&str) -> bool| {
            let matched = list.is_empty() || list.iter().any(|wanted| matches(wanted));
            (matched || is_known).then_some(matched)
        };
        let in_account = any(&self.accounts, account.is_some(), &|wanted| account == Some(wanted));
        let in_region = any(&self.regions, region.is_some() || !stands_for_others, &|wanted| {
            region.as_deref().is_some_and(|region| glob(wanted, region))
        });
        let is_resource = any(&self.resources, !stands_for_others, &|wanted| {
            let called = [Some(&**id), arn.as_deref(), name.as_deref()];
            !stands_for_others && called.into_iter().flatten().any(|called| glob(wanted, called))
        });
        let above = account.and_then(|account| places.above.get(account));
        let in_unit =
            any(&self.ous, above.is_some(), &|wanted| above.is_some_and(|above| is_within(above, wanted)));
        let tags = account.and_then(|account| places.tags.get(account));
        let is_tagged = match tags {
            _ if self.tags.is_empty() => Some(true),
            Some(tags) => Some(self.tags.iter().any(|wanted| wanted.selects(tags))),
            None => None,
        };
        let parts = [in_account, in_region, is_resource, in_unit, is_tagged];
        if parts.contains(&Some(false)) {
            Some(false)
        } else {
            parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
        }
    }
}

/// Where accounts lie in the organization, and their tags.
#[derive(Debug, Default)]
struct Places {
    /// The ids and the paths of all units above each account.
    above: BTreeMap<String, BTreeSet<String>>,
    /// The tags of each account whose tags were read.
    tags: BTreeMap<String, BTreeMap<String, String>>,
}

impl Places {
    /// What could not be read is no place: a waiver for it covers nothing.
    fn of(organization: &Observed<Organization>) -> Self {
        let Observed::Known(organization) = organization else { return Self::default() };
        let Observed::Known(accounts) = &organization.accounts else { return Self::default() };
        let tagged = |account: &AccountSummary| Some((account.id.clone(), account.tags.clone()?));
        let tags = accounts.iter().filter_map(tagged).collect();
        let Observed::Known(units) = &organization.organizational_units else {
            return Self { above: BTreeMap::new(), tags };
        };
        let units: BTreeMap<&str, (&str, &str)> = units
            .iter()
            .map(|unit| (unit.id.as_str(), (unit.name.as_str(), unit.parent_id.as_str())))
            .collect();
        let mut all_above = BTreeMap::new();
        for account in accounts {
            let Observed::Known(parent) = &account.parent_id else { continue };
            let mut above = vec![parent.as_str()];
            let mut names = Vec::new();
            let mut at = parent.as_str();
            while let Some((name, parent)) = units.get(at).filter(|_| above.len() < DEEPEST) {
                names.push(*name);
                above.push(parent);
                at = parent;
            }
            let mut found: BTreeSet<String> = above.into_iter().map(str::to_owned).collect();
            names.reverse();
            for length in 1..=names.len() {
                found.insert(names.iter().take(length).copied().collect::<Vec<_>>().join("/"));
            }
            all_above.insert(account.id.clone(), found);
        }
        Self { above: all_above, tags }
    }
}

/// A unit, by its id or its path of names, is one of those above an account.
fn is_within(above: &BTreeSet<String>, unit: &str) -> bool {
    let unit = unit.trim_matches('/');
    above.contains(unit.strip_prefix("Root/").unwrap_or(unit))
}
