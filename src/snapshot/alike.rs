//! Accounts whose records differ in nothing but the account's number and name: in a large organization most do. What the
//! rules say of one of them they say of all, with the number exchanged, if nothing in the snapshot tells the numbers apart.
//!
//! That is so if
//! - the lines are the same once the own number is masked and the name left out, and so is what the organization says of
//!   the account (when it joined aside, which matters to digest chains alone: see [`super::Survey::alike`]);
//! - no other record, store, policy or setting names one of them, so that exchanging two of them changes nothing else;
//! - each number that somebody names lies on the same side of both, so that lists keep their order;
//! - no pattern has a digit beside a wildcard, no number is part of a longer one, no condition compares accounts as numbers,
//!   dates or bytes, and no expression or event selector asks how a text with digits begins or ends.
//!
//! [`crate::evaluate`] nevertheless judges the first and the last of each group by itself, and takes the others for alike
//! only if the two are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use regex::bytes::Regex;
use sha2::{Digest as _, Sha256};

use super::chain;
use crate::model::{AccountSummary, Observed};

/// What stands for the own number. No line of JSON holds it.
const OWN: &[u8] = b"\0";
/// What stands before the digest that a gap is known by, which may be twelve digits by chance.
const GAP: &[u8] = b"gap-";
/// Digits of an account's number.
const DIGITS: usize = 12;
/// Fewer than that are judged one by one: two of each group are in any case.
const FEWEST: usize = 3;

/// What may hold of a part of an account's number: a condition that compares it as something else than a text, a `LIKE` of an
/// expression that selects log groups, the start or the end of a value in an event selector.
static COMPARES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let conditions = r"(numeric|date|binary)(not)?(equals|less|greater)[^{}]*\{[^}]*account";
    let expressions = r#"\blike[\s\\]*["'][^"']*[0-9]"#;
    // Any digit but that of the service in `arn:aws:s3:::`.
    let selectors = r#"(starts|ends)_with":\[[^\]]*([^s0-9][0-9]|s[0-24-9]|s3[^:])"#;
    Regex::new(&format!("(?i-u){conditions}|{expressions}|{selectors}")).ok()
});

/// An account by number and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Twelve digits.
    pub id: Arc<str>,
    /// Its name.
    pub name: Option<Arc<str>>,
}

/// Accounts that are alike, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The first.
    pub first: Named,
    /// The last.
    pub last: Named,
    /// All others.
    pub between: Vec<Named>,
}

/// The bytes of all texts that are kept to compare others with.
const KEPT: usize = 16 * 1024 * 1024;

/// A text that was scanned.
#[derive(Debug)]
struct Scanned {
    text: Vec<u8>,
    /// Where the own number stands in it.
    own: Vec<usize>,
    shape: [u8; 32],
}

impl Scanned {
    /// This is the same text with another own number. Whatever a scan would find in it was found before: where that number
    /// stands among others it is one that somebody names.
    fn is(&self, text: &[u8], own: &str) -> bool {
        let mut from = 0;
        text.len() == self.text.len()
            && self.own.iter().all(|at| {
                let before = from..*at;
                from = at + DIGITS;
                text.get(before.clone()) == self.text.get(before)
                    && text.get(*at..from) == Some(own.as_bytes())
            })
            && text.get(from..) == self.text.get(from..)
    }
}

/// What a pass over all lines saw of numbers and shapes.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Texts of accounts, by their length: most lines are one of a few with another number, and comparing is quicker than
    /// scanning.
    kept: HashMap<usize, Vec<Scanned>>,
    kept_bytes: usize,
    accounts: Vec<(Named, [u8; 32])>,
    /// Numbers that stand where they are not the own one.
    named: HashSet<u64>,
    /// Something may hold of one number and not of another one.
    tells_apart: bool,
}

impl Shapes {
    /// Takes in an account's line.
    pub(super) fn account(&mut self, id: &str, line: &[u8]) {
        let Some((name, rest)) = name_and_rest(line, id) else {
            self.other(line);
            return;
        };
        let known = self.kept.get(&rest.len()).and_then(|kept| kept.iter().find(|kept| kept.is(rest, id)));
        let shape = known.map(|known| known.shape).or_else(|| self.shape_of(id, rest));
        if let Some(shape) = shape {
            self.accounts.push((Named { id: Arc::from(id), name: name.map(Arc::from) }, shape));
        }
    }

    /// The shape of an account's text, unless it is of none.
    fn shape_of(&mut self, id: &str, text: &[u8]) -> Option<[u8; 32]> {
        let before = self.tells_apart;
        let own = self.scan(text, number(id.as_bytes()))?;
        if self.tells_apart != before {
            return None;
        }
        let shape = digest(text, &own).finalize().into();
        if self.kept_bytes + text.len() <= KEPT {
            self.kept_bytes += text.len();
            self.kept.entry(text.len()).or_default().push(Scanned { text: text.to_vec(), own, shape });
        }
        Some(shape)
    }

    /// Takes in what belongs to no single account.
    pub(super) fn other(&mut self, text: &[u8]) {
        self.scan(text, None);
    }

    /// The groups, given what the organization says of its accounts, and which of its policies are attached to each.
    pub(super) fn groups(
        mut self,
        accounts: &Observed<Vec<AccountSummary>>,
        attached: &BTreeMap<String, Vec<String>>,
    ) -> Vec<Group> {
        let mut told: BTreeMap<&str, Vec<[u8; 32]>> = BTreeMap::new();
        if let Observed::Known(accounts) = accounts {
            for account in accounts {
                let plain = AccountSummary {
                    id: String::new(),
                    name: String::new(),
                    joined_at: Observed::Absent,
                    ..account.clone()
                };
                let Ok(text) = serde_json::to_vec(&plain) else { return Vec::new() };
                // An account whose number is part of a longer one stands alone in any case: that names it.
                let own = self.scan(&text, number(account.id.as_bytes())).unwrap_or_default();
                let mut digest = digest(&text, &own);
                for policy in attached.get(&account.id).into_iter().flatten() {
                    digest.update(policy);
                    digest.update(OWN);
                }
                told.entry(&account.id).or_default().push(digest.finalize().into());
            }
        }
        if self.tells_apart {
            return Vec::new();
        }
        let mut named: Vec<u64> = self.named.iter().copied().collect();
        named.sort_unstable();
        let mut groups: BTreeMap<_, Vec<Named>> = BTreeMap::new();
        for (account, shape) in self.accounts {
            let Some(number) = number(account.id.as_bytes()) else { continue };
            let place = named.partition_point(|named| *named < number);
            if named.get(place) != Some(&number) {
                let told = told.get(&*account.id);
                groups.entry((shape, told, place)).or_default().push(account);
            }
        }
        let group = |mut accounts: Vec<Named>| {
            accounts.sort();
            let last = accounts.pop().filter(|_| accounts.len() + 1 >= FEWEST)?;
            let between = accounts.split_off(1);
            Some(Group { first: accounts.pop()?, last, between })
        };
        let mut groups: Vec<Group> = groups.into_values().filter_map(group).collect();
        groups.sort_by(|one, other| one.first.cmp(&other.first));
        groups
    }

    /// Notes the numbers in a text, and what tells numbers apart. Where the own number stands; `None` if it is part of a longer
    /// one.
    fn scan(&mut self, text: &[u8], own: Option<u64>) -> Option<Vec<usize>> {
        let mut is_plain = true;
        let mut places = Vec::new();
        let mut at = 0;
        loop {
            // Most of a line is neither a digit nor an escape.
            let rest = text.get(at..).unwrap_or_default();
            let Some(skipped) = rest.iter().position(|byte| byte.is_ascii_digit() || *byte == b'\\') else {
                break;
            };
            at += skipped;
            if text.get(at) == Some(&b'\\') {
                // An escape may stand for a digit.
                self.tells_apart |= text.get(at + 1) == Some(&b'u');
                at += 1;
                continue;
            }
            let start = at;
            while text.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            let around = [start.checked_sub(1).and_then(|before| text.get(before)), text.get(at)];
            self.tells_apart |= around.into_iter().flatten().any(|byte| matches!(byte, b'*' | b'?'));
            if at - start < DIGITS {
                continue;
            }
            // Part of a digest.
            if text.get(..start).is_some_and(|before| before.ends_with(GAP)) {
                continue;
            }
            let run = text.get(start..at).unwrap_or_default();
            if run.len() == DIGITS && number(run) == own {
                places.push(start);
                continue;
            }
            for part in run.windows(DIGITS) {
                is_plain &= own.is_none() || number(part) != own;
                self.named.extend(number(part));
            }
        }
        self.tells_apart |= COMPARES.as_ref().is_none_or(|compares| compares.is_match(text));
        is_plain.then_some(places)
    }
}

/// Takes in a text, its own number masked where it stands.
fn digest(text: &[u8], own: &[usize]) -> Sha256 {
    let mut digest = Sha256::new();
    let mut from = 0;
    for at in own {
        digest.update(text.get(from..*at).unwrap_or_default());
        digest.update(OWN);
        from = at + DIGITS;
    }
    digest.update(text.get(from..).unwrap_or_default());
    digest
}

/// The number that these digits are.
fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().filter(|digits| digits.len() == DIGITS)?.parse().ok()
}

/// The name in an account's line, and what follows it up to the link.
fn name_and_rest<'a>(line: &'a [u8], id: &str) -> Option<(Option<String>, &'a [u8])> {
    let start = format!("{{\"account\":{{\"id\":\"{id}\",\"name\":");
    let rest = chain::body(line).strip_prefix(start.as_bytes())?;
    let mut names = serde_json::Deserializer::from_slice(rest).into_iter::<Option<String>>();
    let name = names.next()?.ok()?;
    Some((name, rest.get(names.byte_offset()..)?))
}

#[cfg(test)]
mod tests;
