//! How many calls may be in flight: it grows while AWS answers, and falls for all where AWS refuses calls for their rate.
//! [`super::gate`] keeps calls to it; there is neither a clock nor a lock in here.
//!
//! It grows by one for each answer until a refusal shows where the limit is, and from then on by one for each window of
//! answers; it falls by half. What it falls for is a share of refusals, not a single one: the rates of an account that
//! others call too are no sign that all accounts are called too fast, and each API pauses by itself where it refuses.

/// In flight at first.
const FIRST: usize = 16;
/// Answers that make up for one refusal.
const ANSWERS_PER_REFUSAL: usize = 100;

/// The window.
#[derive(Debug)]
pub(super) struct Window {
    size: usize,
    most: usize,
    /// A refusal has shown where the limit is.
    found_limit: bool,
    /// Answers since the window last grew.
    answers: usize,
    /// Refusals that no answers have made up for, in answers.
    strain: usize,
    falls: u64,
}

impl Window {
    /// A window that grows to `most`.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { size: FIRST.min(most), most, found_limit: false, answers: 0, strain: 0, falls: 0 }
    }

    /// Calls that may be in flight.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// It never grows beyond this.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// How often it has fallen: a call notes it when it is sent.
    pub(super) fn falls(&self) -> u64 {
        self.falls
    }

    /// A call was answered. A window that is not full says nothing of whether a larger one would do.
    pub(super) fn answered(&mut self, is_full: bool) {
        self.strain = self.strain.saturating_sub(1);
        if !is_full || self.size == self.most {
            return;
        }
        self.answers += 1;
        if !self.found_limit || self.answers >= self.size {
            self.answers = 0;
            self.size += 1;
        }
    }

    /// A call was refused for its rate that was sent after so many falls: those of before are what it fell for.
    pub(super) fn refused(&mut self, sent_after: u64) {
        if sent_after != self.falls {
            return;
        }
        self.strain += ANSWERS_PER_REFUSAL;
        if self.strain > ANSWERS_PER_REFUSAL {
            self.size = (self.size / 2).max(1);
            self.found_limit = true;
            (self.answers, self.strain) = (0, 0);
            self.falls += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Happening {
        Answered {
            is_full: bool,
        },
        /// Sent so many falls ago.
        Refused {
            before: u64,
        },
    }

    fn happenings() -> impl Strategy<Value = Vec<Happening>> {
        let answered = any::<bool>().prop_map(|is_full| Happening::Answered { is_full });
        let refused = (0_u64..3).prop_map(|before| Happening::Refused { before });
        vec(prop_oneof![8 => answered, 1 => refused], 0..600)
    }

    fn happen(window: &mut Window, happening: Happening) {
        match happening {
            Happening::Answered { is_full } => window.answered(is_full),
            Happening::Refused { before } => window.refused(window.falls().saturating_sub(before)),
        }
    }

    fn answer(window: &mut Window, times: usize) {
        for _ in 0..times {
            window.answered(true);
        }
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds_and_moves_by_one_up_or_by_half_down(most in 1_usize..500, all in happenings()) {
            let mut window = Window::new(most);
            for happening in all {
                let before = (window.size(), window.falls());
                happen(&mut window, happening);
                let (size, fell) = (window.size(), window.falls() > before.1);
                prop_assert!((1..=most).contains(&size));
                match happening {
                    Happening::Answered { is_full } => {
                        prop_assert!(!fell && (size == before.0 || is_full && size == before.0 + 1));
                    }
                    Happening::Refused { .. } => {
                        prop_assert_eq!(size, if fell { (before.0 / 2).max(1) } else { before.0 });
                    }
                }
            }
        }

        #[test]
        fn whatever_happened_answers_bring_it_back_to_its_most(most in 1_usize..60, all in happenings()) {
            let mut window = Window::new(most);
            for happening in all {
                happen(&mut window, happening);
            }
            answer(&mut window, most * most);
            prop_assert_eq!(window.size(), most);
        }

        #[test]
        fn what_was_in_flight_when_it_fell_makes_it_fall_no_further(late in 1_usize..300) {
            let mut window = Window::new(256);
            answer(&mut window, 1000);
            for _ in 0..2 + late {
                window.refused(0);
            }
            prop_assert_eq!((window.size(), window.falls()), (128, 1));
        }

        #[test]
        fn one_refusal_in_a_hundred_answers_does_not_make_it_fall(gap in 100_usize..300, times in 1_usize..50) {
            let mut window = Window::new(64);
            for _ in 0..times {
                window.refused(0);
                answer(&mut window, gap);
            }
            prop_assert_eq!((window.size(), window.falls()), (64, 0));
        }
    }

    #[test]
    fn it_doubles_with_each_round_of_answers_until_it_has_fallen() {
        let mut window = Window::new(256);
        answer(&mut window, 16);
        assert_eq!(window.size(), 32);
        answer(&mut window, 32);
        assert_eq!(window.size(), 64);
        for _ in 0..2 {
            window.refused(0);
        }
        assert_eq!(window.size(), 32);
        answer(&mut window, 32);
        assert_eq!(window.size(), 33);
    }

    #[test]
    fn it_does_not_grow_where_it_is_not_full() {
        let mut window = Window::new(256);
        for _ in 0..1000 {
            window.answered(false);
        }
        assert_eq!(window.size(), 16);
    }
}
