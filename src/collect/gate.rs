//! Lets as many calls out at the same time as the [`Window`] allows: [`super::call`] waits here for its turn.

use std::sync::Mutex;

use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use super::locking::lock;
use super::window::Window;
use crate::model::GapReason;

/// Shared by all accounts.
#[derive(Debug)]
pub(super) struct Gate {
    permits: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    window: Window,
    /// Permits that there are, taken or not: more than the window allows where it fell while calls were in flight.
    permits: usize,
}

/// A call in flight.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    gate: &'a Gate,
    permit: Option<SemaphorePermit<'a>>,
    falls: u64,
}

impl Gate {
    pub(super) fn new(most: usize) -> Self {
        let window = Window::new(most);
        let permits = window.size();
        Self { permits: Semaphore::new(permits), state: Mutex::new(State { window, permits }) }
    }

    /// Calls that may be in flight now.
    pub(super) fn size(&self) -> usize {
        lock(&self.state).window.size()
    }

    /// The most that may ever be.
    pub(super) fn most(&self) -> usize {
        lock(&self.state).window.most()
    }

    /// Waits for the turn of one more.
    pub(super) async fn enter(&self) -> Result<Turn<'_>, AcquireError> {
        let permit = self.permits.acquire().await?;
        let falls = lock(&self.state).window.falls();
        Ok(Turn { gate: self, permit: Some(permit), falls })
    }
}

impl Turn<'_> {
    /// The call has ended, so. One that got no answer says nothing of rates.
    pub(super) fn end(self, failed: Option<GapReason>) {
        let mut state = lock(&self.gate.state);
        match failed {
            Some(GapReason::Throttled) => state.window.refused(self.falls),
            Some(GapReason::Timeout | GapReason::Unreachable | GapReason::ServerError) => {}
            Some(_) | None => state.window.answered(self.gate.permits.available_permits() == 0),
        }
        let more = state.window.size().saturating_sub(state.permits);
        state.permits += more;
        self.gate.permits.add_permits(more);
        let fewer = state.permits.saturating_sub(state.window.size());
        state.permits -= self.gate.permits.forget_permits(fewer);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.gate.state);
        if state.permits > state.window.size()
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
            state.permits -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn is_closed(gate: &Gate) -> bool {
        tokio::time::timeout(Duration::from_millis(20), gate.enter()).await.is_err()
    }

    #[tokio::test]
    async fn what_is_in_flight_when_it_falls_is_let_end_and_no_more_let_out() {
        let gate = Gate::new(16);
        let mut turns = Vec::new();
        for _ in 0..16 {
            turns.push(gate.enter().await.unwrap());
        }
        assert!(is_closed(&gate).await);
        for _ in 0..2 {
            turns.pop().unwrap().end(Some(GapReason::Throttled));
        }
        assert_eq!(gate.size(), 8);
        assert!(is_closed(&gate).await, "14 are in flight");
        turns.truncate(8);
        assert!(is_closed(&gate).await, "8 are in flight");
        turns.truncate(7);
        let turn = gate.enter().await.unwrap();
        assert!(is_closed(&gate).await);
        drop(turn);
        assert!(!is_closed(&gate).await);
    }

    #[tokio::test]
    async fn answers_let_more_out_up_to_the_most() {
        let gate = Gate::new(20);
        let mut turns = Vec::new();
        while turns.len() < 20 {
            turns.push(gate.enter().await.unwrap());
            let is_full = gate.permits.available_permits() == 0;
            if is_full && gate.size() < 20 {
                turns.pop().unwrap().end(None);
            }
        }
        assert!(is_closed(&gate).await);
        turns.pop().unwrap().end(Some(GapReason::AccessDenied));
        assert_eq!(gate.size(), 20);
        let one = gate.enter().await.unwrap();
        assert!(is_closed(&gate).await);
        drop(one);
    }
}
