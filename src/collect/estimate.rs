//! What a scan takes, for whoever waits: from the counts of accounts and regions, and the rates of AWS. Accounts that hold
//! something take more, those that cannot be entered less.

use std::time::Duration;

use super::Run;
use super::table::ASSUME_ROLE;
use crate::model::default_regions;

/// What an account costs in which nothing is: the role, whose session it is, regions and buckets.
const CALLS_FOR_ACCOUNT: usize = 4;
/// What an empty region costs.
const CALLS_FOR_REGION: usize = 6;
/// How long AWS takes for an answer where it is near.
const ANSWER: Duration = Duration::from_millis(50);

/// What accounts take that can be entered, have the regions of every account, and hold nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Calls to AWS.
    pub calls: usize,
    /// The time that those take.
    pub time: Duration,
}

impl Estimate {
    /// Of so many accounts that are still to be read.
    pub(super) fn new(run: &Run, accounts: usize) -> Self {
        let selection = &run.settings.selection;
        let named = selection.regions.len();
        let all = default_regions(&run.identity.partition).iter();
        let wanted = all.filter(|region| selection.wants_region(region)).count();
        Self::of(accounts, if named > 0 { named } else { wanted }, run.calls.most())
    }

    fn of(accounts: usize, regions: usize, most_calls: usize) -> Self {
        let calls = accounts * (CALLS_FOR_ACCOUNT + regions * CALLS_FOR_REGION);
        let times = |duration: Duration, count: usize| {
            duration.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
        };
        // Each account is entered by one call of the caller's.
        let entering = times(Duration::from_secs(1), accounts) / ASSUME_ROLE.per_second.max(1);
        let answers = times(ANSWER, calls.div_ceil(most_calls.max(1)));
        Self { calls, time: entering.max(answers) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_of_entering_and_asking_decides() {
        let seconds = |accounts, regions, most| Estimate::of(accounts, regions, most).time.as_secs();
        assert_eq!(Estimate::of(1000, 17, 256).calls, 106_000);
        assert_eq!(seconds(1000, 17, 256), 20);
        assert_eq!(seconds(1000, 17, 32), 165);
        assert_eq!(seconds(10_000, 1, 256), 200);
        assert_eq!(seconds(0, 17, 256), 0);
    }
}
