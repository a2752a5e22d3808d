//! The verdict on every request of a kind, from what [`super::levels`] let pass. See [`super`].

use super::attainability::Attainability;
use super::goals::{Goals, State, WORK_LIMIT};
use super::levels::{Decisive, Walk};
use super::memory::{Known, Memory};
use super::{DefaultCaller, LevelProof, Proof, Question, Verdict, ways};
use crate::evaluate::Reading;
use crate::exemption::{Exemption, ExemptionKind, Passes};
use crate::hierarchy::{Deciding, Guardrails};

impl Guardrails<'_> {
    /// Proves what holds of every request of the kind.
    pub fn prove(&self, question: &Question<'_>) -> Proof {
        self.prove_with(question, &mut Memory::default())
    }

    /// The same with what was worked out for other questions, and for those to come.
    pub fn prove_with(&self, question: &Question<'_>, memory: &mut Memory) -> Proof {
        let (subject, mut known) = memory.take(self, question);
        let proof = self.prove_within(question, WORK_LIMIT, &mut known);
        memory.put((subject, known));
        proof
    }

    /// The same, looking at so many statements for what has to be obtained first. What lies beyond may be easy to have or
    /// out of reach: where that makes a difference, the answer is that it is not known.
    pub(super) fn prove_within(&self, question: &Question<'_>, limit: usize, known: &mut Known) -> Proof {
        let prove = |beyond, state: &mut State| {
            let goals = Goals::new(self, question, limit, beyond, ways::find, std::mem::take(state));
            let proof = self.prove_by(question, &goals);
            let noted = goals.noted_so_far();
            *state = goals.into_known();
            (proof, noted)
        };
        let (easiest, (undecided, unfinished)) = prove(ExemptionKind::SelfService, &mut known.easiest);
        if !unfinished && undecided.is_empty() {
            return easiest;
        }
        let (hardest, _) = prove(ExemptionKind::External, &mut known.hardest);
        // Where it makes none, a way that is told must not be one that is only supposed.
        if outcome(&easiest.verdict) == outcome(&hardest.verdict) {
            return hardest;
        }
        let (levels, misplaced, at_most) = match easiest.verdict {
            Verdict::DeniedExcept { exemption } => (Vec::new(), Vec::new(), Some(exemption)),
            Verdict::Unknown { levels, misplaced, at_most, .. } => (levels, misplaced, at_most),
            Verdict::DeniedForAll { .. } | Verdict::NotDenied => (Vec::new(), Vec::new(), None),
        };
        let verdict = Verdict::Unknown { levels, misplaced, unfinished, undecided, at_most };
        let default_caller = default_caller(&verdict, easiest.default_caller == DefaultCaller::Denied);
        Proof { verdict, default_caller, ..easiest }
    }

    fn prove_by(&self, question: &Question<'_>, goals: &Goals<'_>) -> Proof {
        let attainability = Attainability::new(question, goals);
        let walk = self.walk(question, attainability, Reading::Weakest);
        let misplaced = walk.misplaced.clone();
        let weakest = walk.proof(attainability);
        if misplaced.is_empty() || matches!(weakest.verdict, Verdict::DeniedForAll { .. }) {
            return weakest;
        }
        let strongest = self.walk(question, attainability, Reading::Strongest).proof(attainability);
        let verdict = either(weakest.verdict.clone(), &strongest.verdict, misplaced);
        let default_caller = default_caller(&verdict, weakest.default_caller == DefaultCaller::Denied);
        Proof { verdict, default_caller, decided_by: strongest.decided_by, ..weakest }
    }
}

impl Walk {
    fn proof(self, attainability: Attainability<'_>) -> Proof {
        let Self { unbound, levels, decisive, default_denied, .. } = self;
        let passes = Passes::all(levels.iter().map(|level| level.passes.clone()));
        let passes = attainability.in_common(passes);
        let verdict = verdict(passes, &levels);
        let decided_by = decided_by(&verdict, &decisive);
        let default_caller = default_caller(&verdict, default_denied.is_true());
        Proof { verdict, default_caller, unbound, decided_by, levels }
    }
}

/// What a verdict comes to: how far it denies, and how hard its exemption is.
fn outcome(verdict: &Verdict) -> (u8, Option<ExemptionKind>) {
    match verdict {
        Verdict::DeniedForAll { .. } => (0, None),
        Verdict::DeniedExcept { exemption } => (1, Some(exemption.kind())),
        Verdict::NotDenied => (2, None),
        Verdict::Unknown { at_most, .. } => (3, at_most.as_ref().map(Exemption::kind)),
    }
}

fn default_caller(verdict: &Verdict, denied: bool) -> DefaultCaller {
    match verdict {
        _ if denied => DefaultCaller::Denied,
        Verdict::DeniedForAll { .. } => DefaultCaller::Denied,
        Verdict::Unknown { .. } => DefaultCaller::Unknown,
        Verdict::DeniedExcept { .. } | Verdict::NotDenied => DefaultCaller::Allowed,
    }
}

/// What is known where either verdict may be the real one, the first of which denies less.
fn either(weakest: Verdict, strongest: &Verdict, misplaced: Vec<String>) -> Verdict {
    if weakest == *strongest {
        return weakest;
    }
    let (levels, at_most) = match weakest {
        Verdict::DeniedExcept { exemption } => (Vec::new(), Some(exemption)),
        Verdict::Unknown { levels, at_most, .. } => (levels, at_most),
        Verdict::DeniedForAll { .. } | Verdict::NotDenied => (Vec::new(), None),
    };
    Verdict::Unknown { levels, misplaced, unfinished: false, undecided: Vec::new(), at_most }
}

fn verdict(passes: Passes, levels: &[LevelProof]) -> Verdict {
    let unread: Vec<String> =
        levels.iter().filter(|level| level.is_unknown()).map(|level| level.level.clone()).collect();
    match passes {
        Passes::Never => Verdict::DeniedForAll { unattainable: None },
        Passes::If(exemption) if exemption.kind() == ExemptionKind::Unattainable => {
            Verdict::DeniedForAll { unattainable: Some(exemption) }
        }
        Passes::If(exemption) if unread.is_empty() => Verdict::DeniedExcept { exemption },
        Passes::Always if unread.is_empty() => Verdict::NotDenied,
        Passes::If(exemption) => unknown(unread, Some(exemption)),
        Passes::Always => unknown(unread, None),
    }
}

fn unknown(levels: Vec<String>, at_most: Option<Exemption>) -> Verdict {
    Verdict::Unknown { levels, misplaced: Vec::new(), unfinished: false, undecided: Vec::new(), at_most }
}

/// For a denial, what denies: the strictest where that suffices by itself. Otherwise what allows, once per level.
fn decided_by(verdict: &Verdict, decisive: &[Decisive]) -> Vec<Deciding> {
    let all = |keep: &dyn Fn(&Decisive) -> bool| -> Vec<Deciding> {
        decisive.iter().filter(|item| keep(item)).map(|item| item.deciding.clone()).collect()
    };
    match verdict {
        Verdict::DeniedForAll { .. } => {
            let sufficient =
                all(&|item| item.denies && item.passes.kind() == Some(ExemptionKind::Unattainable));
            if sufficient.is_empty() { all(&|item| item.denies) } else { sufficient }
        }
        Verdict::DeniedExcept { .. } | Verdict::Unknown { .. } => all(&|item| item.denies),
        Verdict::NotDenied => all(&|item| !item.denies),
    }
}
