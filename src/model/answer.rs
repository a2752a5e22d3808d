//! What every part of an answer is asked besides its own facts: where logs go from it ([`super::flow`]), and which of its
//! words this release does not know. Records ask all of their parts; so what is new says it in its own file.

use super::flow::{Edge, EdgeKind, Start};
use super::{Gap, GapPlace, GapReason, Observed};

/// A part of an answer.
pub(crate) trait Answer {
    /// What may hang on one that was refused.
    const HIDES: &'static [EdgeKind] = &[];

    /// Where it says that logs go, and which keys encrypt them.
    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        let _ = (start, found);
    }

    /// What in it this release does not know, though no fact of its own holds it: then nothing is known of any part of the
    /// answer.
    fn stranger(&self) -> Option<String> {
        None
    }

    /// Makes unknown those of its facts that hold what this release does not know.
    fn settle(&mut self, settling: &mut Settling<'_>) {
        let _ = settling;
    }
}

/// A store of logs, or something on the way to one.
pub(crate) trait Store: Answer + Sized {
    /// What it is known by: its name or ARN, and its region where that does not say it.
    fn identity(&self) -> (&str, &str);

    /// Takes up what another round read of the same.
    fn join(&mut self, other: Self) {
        let _ = other;
    }
}

/// Where each of a list leads; where the list was refused, one of them might. What has no effect leads nowhere.
pub(super) fn list_edges<'a, T: Answer>(
    list: &'a Observed<Vec<T>>,
    start: Start<'a>,
    found: &mut dyn FnMut(Edge<'a>),
) {
    match list.in_effect() {
        Ok(list) => {
            for one in list {
                one.edges(start, found);
            }
        }
        Err(gaps) => start.refused(T::HIDES, &gaps, found),
    }
}

/// The answers of an account, or of one of its regions, of which those that hold what this release does not know become
/// unknown, each under a gap that quotes it.
#[derive(Debug)]
pub(crate) struct Settling<'a> {
    gaps: &'a mut Vec<Gap>,
    account_id: &'a str,
    region: Option<&'a str>,
}

/// The call that answered, by service and operation, and the resource that it was about.
pub(crate) type Asked<'a> = (&'a str, &'a str, Option<&'a str>);

impl<'a> Settling<'a> {
    pub(crate) fn new(gaps: &'a mut Vec<Gap>, account_id: &'a str, region: Option<&'a str>) -> Self {
        Self { gaps, account_id, region }
    }

    /// The same, in a region of the account.
    pub(super) fn in_region<'b>(&'b mut self, region: Option<&'b str>) -> Settling<'b> {
        Settling { gaps: self.gaps, account_id: self.account_id, region }
    }

    /// The same, elsewhere.
    pub(super) fn at<'b>(&'b mut self, account_id: &'b str, region: Option<&'b str>) -> Settling<'b> {
        Settling { gaps: self.gaps, account_id, region }
    }

    /// Makes a fact unknown if something in it is.
    pub(super) fn fact<T>(
        &mut self,
        fact: &mut Observed<T>,
        (service, operation, resource): Asked<'_>,
        stranger: impl FnOnce(&T) -> Option<String>,
    ) {
        let Observed::Known(known) = &*fact else { return };
        let Some(what) = stranger(known) else { return };
        let why = format!("the answer holds {what}, which this release does not know: a newer one may");
        let (account_id, region) = (Some(self.account_id), self.region);
        let place = GapPlace { account_id, region, service, operation, resource };
        let gap = Gap::new(place, GapReason::Undecided, why);
        *fact = Observed::Unavailable(gap.id.clone());
        match self.gaps.iter_mut().find(|before| before.id == gap.id) {
            Some(before) => before.detail = format!("{}; {}", before.detail, gap.detail),
            None => self.gaps.push(gap),
        }
    }

    /// The same of a list, and of what is known of each part of it.
    pub(super) fn list<T: Answer>(&mut self, list: &mut Observed<Vec<T>>, asked: Asked<'_>) {
        self.fact(list, asked, |list| list.iter().find_map(T::stranger));
        if let Observed::Known(list) = list {
            for one in list {
                one.settle(self);
            }
        }
    }
}

/// The member and its value, if that is not among the known ones.
pub(super) fn stranger(member: &str, value: &str, known: &[&str]) -> Option<String> {
    (!known.contains(&value)).then(|| format!("{member} {value:?}"))
}
