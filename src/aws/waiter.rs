//! How those who are synchronous wait for AWS: whoever runs the program lends them a runtime and the wish to end.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;

/// What is waited for; its result goes where it comes from.
type Work<'a> = Pin<&'a mut dyn Future<Output = ()>>;

/// Why what was waited for did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// Someone wants the program to end.
    #[error("interrupted")]
    Interrupted,
    /// The system gives no threads or no signals.
    #[error("{0}")]
    Runtime(#[from] io::Error),
}

/// Drives work to its end, or says why not.
type Wait = dyn Fn(Work<'_>) -> Result<(), Unfinished>;

/// Waits for asynchronous work.
#[derive(Clone)]
pub struct Waiter(Rc<Wait>);

impl Waiter {
    /// Waits by this function: it drives the work to its end, unless it says why not.
    pub fn new(wait: impl Fn(Work<'_>) -> Result<(), Unfinished> + 'static) -> Self {
        Self(Rc::new(wait))
    }

    /// Blocks until the work is done.
    pub(crate) fn wait<T, E: From<Unfinished>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut result = None;
        (self.0)(pin!(async { result = Some(work.await) }))?;
        // A function that drove nothing has stopped it.
        result.unwrap_or_else(|| Err(Unfinished::Interrupted.into()))
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Waiter")
    }
}
