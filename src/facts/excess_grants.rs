//! Lists of what is wrong, three-valued; among them grants of a policy that go beyond what they should: certain ones,
//! possible ones, and the gaps that may excuse them. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use super::derived::join;
use super::noted_gaps;
use super::view::Derived;
use super::words::few;
use crate::model::{Gap, GapPlace, GapReason, Gaps};
use crate::policy::audit::{Evidence, Grant, Scope};
use crate::policy::{ActionPattern, Document, Effect};

/// A statement and those whom it lets in.
type Opening = (String, String);

/// Collects the grants that one question found.
#[derive(Debug, Default)]
pub(super) struct ExcessGrants {
    certain: BTreeMap<Opening, BTreeSet<String>>,
    possible: BTreeMap<Opening, BTreeSet<String>>,
    gaps: Option<Gaps>,
}

impl ExcessGrants {
    /// Takes a grant that goes too far. `excuse` are the gaps that may hide that the caller is a proper one; of
    /// everyone there is no doubt.
    pub(super) fn take(&mut self, grant: &Grant, excuse: Option<&Gaps>) {
        let opening = (grant.statement.to_string(), grant.scope.to_string());
        if !grant.certain || matches!(grant.scope, Scope::Unknown(_)) {
            self.possible.entry(opening).or_default().insert(grant.action.clone());
        } else if let Some(gaps) = excuse.filter(|_| !matches!(grant.scope, Scope::Everyone)) {
            join(&mut self.gaps, gaps);
        } else {
            self.certain.entry(opening).or_default().insert(grant.action.clone());
        }
    }

    /// Takes a grant of which the policy does not tell whether it goes too far.
    pub(super) fn add_uncertain(&mut self, grant: &Grant) {
        let opening = (grant.statement.to_string(), grant.scope.to_string());
        self.possible.entry(opening).or_default().insert(grant.action.clone());
    }

    /// Notes what could not be read and may tell of another grant that it goes too far.
    pub(super) fn unread(&mut self, gaps: &Gaps) {
        join(&mut self.gaps, gaps);
    }

    /// The certain ones, one text for each statement and those whom it lets in; unknown if there are only possible
    /// ones.
    pub(super) fn finish(self, place: GapPlace<'_>, gaps: &mut Vec<Gap>) -> Derived<Vec<String>> {
        if !self.certain.is_empty() {
            return Ok(texts(&self.certain, "allows"));
        }
        let mut standing = self.gaps;
        if !self.possible.is_empty() {
            let why = texts(&self.possible, "may allow").join("; ");
            join(&mut standing, &noted_gaps::note(gaps, place, GapReason::Undecided, &why));
        }
        standing.map_or(Ok(Vec::new()), Err)
    }
}

fn texts(openings: &BTreeMap<Opening, BTreeSet<String>>, verb: &str) -> Vec<String> {
    let mut audiences: BTreeMap<(&str, &BTreeSet<String>), Vec<&str>> = BTreeMap::new();
    for ((statement, scope), actions) in openings {
        audiences.entry((statement, actions)).or_default().push(scope);
    }
    let text = |((statement, actions), audience): (&(&str, &BTreeSet<String>), &Vec<&str>)| {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        format!("{statement} {verb} {} to {}", few(&actions), few(audience))
    };
    audiences.iter().map(text).collect()
}

/// Names of the things of which something holds. One that certainly has it makes the list known, though of others it
/// may be unknown: a rule that wants the list empty is decided.
pub(super) fn names_where(things: impl IntoIterator<Item = (String, Derived<bool>)>) -> Derived<Vec<String>> {
    let named =
        |(name, fact): (String, Derived<bool>)| fact.map(|holds| if holds { vec![name] } else { Vec::new() });
    together(things.into_iter().map(named))
}

/// Several such lists as one.
pub(super) fn together(lists: impl IntoIterator<Item = Derived<Vec<String>>>) -> Derived<Vec<String>> {
    let mut all = Vec::new();
    let mut gaps = None;
    for list in lists {
        match list {
            Ok(more) => all.extend(more),
            Err(unknown) => join(&mut gaps, &unknown),
        }
    }
    match gaps {
        Some(gaps) if all.is_empty() => Err(gaps),
        _ => Ok(all),
    }
}

/// Statements that let everyone do something, as texts. One that names a whole service without a condition, and that no
/// other takes back, is told as it is written.
pub(super) fn openings(document: &Document, evidence: &[Evidence]) -> Vec<String> {
    let whole = |it: &Evidence| {
        let statement = document.statements.iter().find(|statement| statement.id == it.statement)?;
        let plain = statement.conditions.is_empty() && !statement.action.negated;
        let taken_back = document.with_effect(Effect::Deny).next().is_some();
        let patterns = statement.action.patterns.iter().map(ActionPattern::text);
        let pattern = patterns.into_iter().find(|text| *text == "*" || text.ends_with(":*"))?;
        (plain && !taken_back).then(|| format!("{} lets everyone do {pattern}", it.statement))
    };
    evidence.iter().map(|it| whole(it).unwrap_or_else(|| format!("{} {}", it.statement, it.reason))).collect()
}

/// Statements and what they do, as texts.
pub(super) fn evidence(evidence: &[Evidence]) -> Vec<String> {
    evidence.iter().map(|it| format!("{} {}", it.statement, it.reason)).collect()
}

#[cfg(test)]
mod tests {
    use super::names_where;
    use crate::model::{GapId, Gaps};

    fn gap(id: &str) -> Gaps {
        GapId::new(id).into()
    }

    #[test]
    fn a_list_is_unknown_only_if_nothing_is_certainly_in_it() {
        let name = str::to_owned;
        assert_eq!(names_where([(name("x"), Err(gap("a"))), (name("y"), Ok(true))]), Ok(vec![name("y")]));
        assert_eq!(names_where([(name("x"), Err(gap("a"))), (name("y"), Ok(false))]), Err(gap("a")));
        assert_eq!(names_where([(name("y"), Ok(false))]), Ok(vec![]));
    }
}
