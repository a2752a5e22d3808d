//! Whether an account that is made in a root or a unit now would carry the guardrails. See [`super`].

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::answer::Standing;
use super::effective::Effective;
use super::{Binding, Guardrail, Guardrails, resources};
use crate::facts::kind::{Kind, Listed};
use crate::facts::view::{Derived, Prose, Says, facts};
use crate::facts::words::few;
use crate::facts::{Facts, Subject, SubjectFacts, SubjectKind, account, derived, placeholder};
use crate::model::{Gaps, Observed, Organization};

facts! {
    /// The root or an organizational unit: a place in which accounts are made.
    pub struct UnitFacts as "unit" {
        /// `r-` or `ou-` and its identity.
        id: String,
        /// Its name after those of the units that hold it, as `Workloads/Production`; `the root` for the root.
        path: String,
        /// Guardrails, by their rules, that an account which is made here now would carry, whatever it came to hold.
        carried: Derived<Vec<String>>,
        /// Guardrails that it would lack, though they bind some account of the organization.
        lacking: Derived<Vec<String>>,
        /// What it would lack, in words; null if nothing.
        problem: Derived<Option<String>> => PROBLEM,
    }
}

/// The guardrails that concern every account alike.
fn universal() -> impl Iterator<Item = Guardrail> {
    Guardrail::ALL.into_iter().filter(|guardrail| guardrail.is_universal())
}

/// Whether everything of the guardrail's kind is denied, whatever an account holds.
fn denies(facts: &Facts, set: &Effective, guardrail: Guardrail) -> Derived<bool> {
    let protection = resources::universal(facts, set, guardrail);
    let asked = protection
        .rows
        .iter()
        .map(|row| row.answer.standing.as_ref().map(Standing::protects).map_err(Gaps::clone));
    derived::all(asked.chain(protection.missing.clone().map(Err)))
}

/// The guardrails that bind some member account.
fn in_use(facts: &Facts, organization: &Organization) -> BTreeMap<Guardrail, Derived<bool>> {
    let mut sets: Vec<Arc<Effective>> = Vec::new();
    let mut seen = HashSet::new();
    let mut unknown = organization.accounts.get().err();
    for account in organization.accounts.list().unwrap_or_default() {
        match facts.guardrails.binding(&account.id) {
            Ok(Binding::Member(set)) if account.is_active() => {
                if seen.insert(Arc::as_ptr(&set)) {
                    sets.push(set);
                }
            }
            Ok(_) => {}
            Err(gaps) => derived::join(&mut unknown, &gaps),
        }
    }
    universal()
        .map(|guardrail| {
            let some = sets.iter().map(|set| denies(facts, set, guardrail));
            (guardrail, derived::any(some.chain([derived::perhaps(unknown.as_ref())])))
        })
        .collect()
}

/// The kind of these subjects.
pub(in crate::facts) const KIND: Kind = Kind {
    word: "organizational_unit",
    variable: "unit",
    unlisted: "the units of the organization",
    service: "organizations",
    ocsf: "AWS::Organizations::OrganizationalUnit",
    asff: "Other",
    schema: UnitFacts::schema,
    more: &[],
    listed: Listed::Organization(subjects),
    missing: None,
    undecided: Some(super::undecided_gaps),
};

/// The root and the units as subjects.
fn subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let unlisted = |gaps| placeholder::unlisted(SubjectKind::OrganizationalUnit, None, None, gaps);
    let organization = match &facts.index.header.organization {
        Observed::Known(organization) => organization,
        Observed::Absent => return Vec::new(),
        Observed::Unavailable(gap) => return vec![unlisted(gap.clone().into())],
    };
    let in_use = in_use(facts, organization);
    let mut subjects = Vec::new();
    let mut missing = None;
    match organization.roots.list() {
        Ok(roots) => {
            let root = "the root".to_owned();
            subjects.extend(
                roots.iter().map(|it| subject(facts, organization, &in_use, &it.id, None, root.clone())),
            );
        }
        Err(gaps) => derived::join(&mut missing, &gaps),
    }
    match organization.organizational_units.list() {
        Ok(units) => subjects.extend(units.iter().map(|unit| {
            let path = account::unit_names(units, &unit.id).join("/");
            subject(facts, organization, &in_use, &unit.id, Some(&unit.name), path)
        })),
        Err(gaps) => derived::join(&mut missing, &gaps),
    }
    subjects.extend(missing.map(unlisted));
    subjects
}

fn subject(
    facts: &Facts,
    organization: &Organization,
    in_use: &BTreeMap<Guardrail, Derived<bool>>,
    id: &str,
    name: Option<&str>,
    path: String,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::OrganizationalUnit,
            account_id: Some(Arc::from(organization.management_account_id.as_str())),
            region: None,
            id: Arc::from(id),
            arn: None,
            name: Some(Arc::from(name.unwrap_or("Root"))),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("unit", Arc::new(derive(facts, &facts.guardrails, in_use, id, path))),
        ],
        unlisted: None,
    }
}

fn derive(
    facts: &Facts,
    guardrails: &Guardrails,
    in_use: &BTreeMap<Guardrail, Derived<bool>>,
    id: &str,
    path: String,
) -> UnitFacts {
    let (mut carried, mut lacking, mut unknown) = (Vec::new(), Vec::new(), None);
    match &guardrails.ground.tree {
        Ok(Some(tree)) => {
            let set = Guardrails::new_account(tree, id);
            for guardrail in universal() {
                let used = in_use.get(&guardrail).cloned().unwrap_or(Ok(false));
                match (denies(facts, &set, guardrail), used) {
                    (Ok(true), _) => carried.push(guardrail.rule_id().to_owned()),
                    (Ok(false), Ok(true)) => lacking.push(guardrail.rule_id().to_owned()),
                    (_, Ok(false)) => {}
                    (Err(gaps), _) | (_, Err(gaps)) => derived::join(&mut unknown, &gaps),
                }
            }
        }
        Ok(None) => {}
        Err(gaps) => derived::join(&mut unknown, gaps),
    }
    let known = |list: Vec<String>| match &unknown {
        Some(gaps) if list.is_empty() => Err(gaps.clone()),
        _ => Ok(list),
    };
    let (carried, lacking) = (known(carried), known(lacking));
    UnitFacts { id: id.to_owned(), path, problem: problem(&carried, &lacking), carried, lacking }
}

/// The facts of one place.
#[cfg(test)]
pub(super) fn facts_of(facts: &Facts, organization: &Organization, id: &str) -> UnitFacts {
    derive(facts, &facts.guardrails, &in_use(facts, organization), id, id.to_owned())
}

fn problem(carried: &Derived<Vec<String>>, lacking: &Derived<Vec<String>>) -> Derived<Option<String>> {
    let lacking = lacking.as_ref().map_err(Gaps::clone)?;
    if let [first, ..] = lacking.as_slice() {
        let held = if lacking.len() == 1 {
            format!("what {first} asks for is")
        } else {
            format!("what {} ask for is", few(lacking))
        };
        return Ok(Some(format!(
            "{held} denied in other accounts, but by nothing that is attached here or above"
        )));
    }
    let none = carried.as_ref().map_err(Gaps::clone)?.is_empty();
    Ok(none.then(|| "no guardrail binds every account here, or anywhere else".to_owned()))
}

const PROBLEM: Prose = Prose {
    from: &["carried", "lacking"],
    says: Says::Text(|facts| problem(&facts.texts("carried"), &facts.texts("lacking"))),
};
