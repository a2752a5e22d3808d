//! What guardrails do for one kind of action in an account: the answers put together. See [`super`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::answer::Standing;
use super::row::{ProtectedAccount, Row};
use super::{Guardrail, ResourceKind, words};
use crate::facts::derived::join;
use crate::facts::view::{Derived, Prose, Says, facts};
use crate::model::Gaps;

/// To whom an action is open.
const OPENNESS: &[&str] = &["none", "administrators", "anyone", "not asked"];

facts! {
    /// What guardrails do for one kind of action in an account.
    pub struct ProtectionFacts as "protection" {
        /// The account holds something that the actions are asked on.
        applies: Derived<bool>,
        /// To whom the easiest of the actions is open: `none` (all are denied, or need not be), `administrators` of the account
        /// by their own doing, `anyone`, or `not asked`.
        openness: Derived<String> = OPENNESS,
        /// The statements that deny every one of the actions on all of it, or what makes denying needless; null if
        /// something is open.
        denied_by: Derived<Option<String>> => DENIED_BY,
        /// Which actions are open, on what, and to whom, as the end of a sentence; null if none is. Open is also
        /// what administrators of the account can have by their own doing.
        open: Derived<Option<String>> => OPEN,
    }
}

const OPEN: Prose = Prose {
    from: &["openness"],
    says: Says::NothingIf(|facts| Ok(matches!(facts.word("openness")?.as_str(), "none" | "not asked"))),
};

const DENIED_BY: Prose =
    Prose { from: &["openness"], says: Says::NothingIf(|facts| Ok(facts.word("openness")? != "none")) };

/// One guardrail over everything that an account holds of its kind.
#[derive(Debug)]
pub struct Protection {
    /// The guardrail.
    pub guardrail: Guardrail,
    /// What was asked.
    pub rows: Vec<Row>,
    /// Why there may be more to ask about.
    pub missing: Option<Gaps>,
    /// Why there may be more that some statement denies: of the missing, what not every statement spares.
    pub(super) deniable: Option<Gaps>,
    /// Why there may be more that some statement denies with an exemption for others than designated roles.
    pub(super) exempting: Option<Gaps>,
    /// What the account holds, where a row is about all that there could be and nothing denies it: ARNs with the
    /// account's number blanked out.
    pub held: BTreeSet<(ResourceKind, String)>,
    /// What denies something that the account does not hold: of no weight here, but whom it exempts is told.
    pub(super) beside: Vec<Row>,
    /// What follows, as rules see it.
    pub facts: Arc<ProtectionFacts>,
}

/// What was asked for a [`Protection`] so far.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) rows: Vec<Row>,
    pub(super) missing: Option<Gaps>,
    pub(super) deniable: Option<Gaps>,
    pub(super) exempting: Option<Gaps>,
    /// See [`Protection::held`].
    pub(super) held: BTreeSet<(ResourceKind, String)>,
    /// See [`Protection::beside`].
    pub(super) beside: Vec<Row>,
    /// What makes denying needless.
    pub(super) instead: Option<String>,
    /// What the account holds of the kind.
    pub(super) holding: Holding,
}

/// What an account holds of the kind that was asked about, as far as it matters to it: nothing counts where something of
/// the kind would be open.
#[derive(Debug, Default)]
pub(super) enum Holding {
    /// Whatever was asked about.
    #[default]
    Things,
    /// Perhaps nothing: this keeps from being known whether something of the kind would be open.
    Unknown(Gaps),
    /// Nothing, as far as is known.
    Nothing,
}

impl Asked {
    /// The account certainly holds something.
    pub(super) fn holds(&mut self) {
        self.holding = Holding::Things;
    }

    /// As far as is known the account holds nothing of the kind, and something of it would be open.
    pub(super) fn holds_nothing(&mut self) {
        self.holding = Holding::Nothing;
    }

    /// The account holds nothing of some kind, and this keeps from being known whether that would be open.
    pub(super) fn may_hold_nothing(&mut self, gaps: &Gaps) {
        match &mut self.holding {
            Holding::Nothing => {}
            Holding::Unknown(before) => *before = before.clone().and(gaps),
            things @ Holding::Things => *things = Holding::Unknown(gaps.clone()),
        }
    }

    /// Notes why there may be more to ask about, some of which some statement may deny.
    pub(super) fn lacks(&mut self, gaps: &Gaps) {
        join(&mut self.missing, gaps);
        join(&mut self.deniable, gaps);
        join(&mut self.exempting, gaps);
    }

    pub(super) fn into_protection(self, guardrail: Guardrail, of: &ProtectedAccount<'_>) -> Protection {
        let open: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.answer.standing.as_ref().is_ok_and(|it| !it.protects()))
            .collect();
        let anyone = open.iter().any(|row| matches!(row.answer.standing, Ok(Standing::Open { .. })));
        let mut unknown = self.missing.clone();
        for row in &self.rows {
            if let Err(gaps) = &row.answer.standing {
                join(&mut unknown, gaps);
            }
        }
        let (denied_by, open) = match (open.as_slice(), unknown) {
            ([], Some(gaps)) => (Err(gaps.clone()), Err(gaps)),
            ([], None) => (Ok(words::held_by(&self.rows, self.instead.as_deref())), Ok(None)),
            (open, _) => (Ok(None), Ok(words::open(open, of))),
        };
        let openness = match (&denied_by, &open) {
            (Err(gaps), _) | (_, Err(gaps)) => Err(gaps.clone()),
            (Ok(Some(_)), Ok(_)) => Ok("none"),
            (Ok(None), Ok(None)) => Ok("not asked"),
            (Ok(None), Ok(Some(_))) if anyone => Ok("anyone"),
            (Ok(None), Ok(Some(_))) => Ok("administrators"),
        };
        let nothing = self.rows.is_empty() && self.instead.is_none();
        let applies = match (&self.holding, &self.missing) {
            (Holding::Nothing, Some(gaps)) | (Holding::Unknown(gaps), _) => Err(gaps.clone()),
            (Holding::Things, Some(gaps)) if nothing => Err(gaps.clone()),
            (Holding::Nothing, None) => Ok(false),
            (Holding::Things, _) => Ok(!nothing),
        };
        let facts =
            Arc::new(ProtectionFacts { applies, openness: openness.map(str::to_owned), denied_by, open });
        Protection {
            guardrail,
            rows: self.rows,
            missing: self.missing,
            deniable: self.deniable,
            exempting: self.exempting,
            held: self.held,
            beside: self.beside,
            facts,
        }
    }
}

impl Protection {
    /// Nothing can be said.
    pub(super) fn unknown(guardrail: Guardrail, gaps: &Gaps) -> Self {
        let mut asked = Asked::default();
        asked.lacks(gaps);
        asked.into_protection(guardrail, &ProtectedAccount::default())
    }

    /// There is nothing to ask about.
    pub(super) fn nothing(guardrail: Guardrail) -> Self {
        Asked::default().into_protection(guardrail, &ProtectedAccount::default())
    }
}
