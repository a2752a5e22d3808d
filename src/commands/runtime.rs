//! The program's one runtime, and its interrupt: [`crate::collect`] and `crate::aws` are asynchronous, and here they are
//! waited for. Signals are taken from the first wait on; before, they end the process as any other.

use std::cell::OnceCell;
use std::io;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use super::error::Error;
use super::interrupt::interrupted;
use crate::aws::waiter::{Unfinished, Waiter};

/// Ends when the program is to end, for all who wait.
pub(super) type Stop = Shared<LocalBoxFuture<'static, ()>>;

/// Starts with the first that is waited for. Its end waits for nothing: a call that hangs must not hold up the program's.
#[derive(Clone, Default)]
pub(super) struct Runtime(Rc<Parts>);

#[derive(Default)]
struct Parts {
    /// Threads for work that blocks, where their number matters.
    blocking: Option<usize>,
    runtime: OnceCell<tokio::runtime::Runtime>,
    stop: OnceCell<Stop>,
}

impl Runtime {
    /// For work that keeps processors busy: more threads than these would only wait for each other.
    pub(super) fn for_hashing() -> Self {
        Self(Rc::new(Parts {
            blocking: Some(processors() + 2),
            runtime: OnceCell::new(),
            stop: OnceCell::new(),
        }))
    }

    /// Blocks until the work is done. It is given what ends when the program is to end, and heeds it.
    pub(super) fn run<T, W: Future<Output = T>>(&self, work: impl FnOnce(Stop) -> W) -> Result<T, Error> {
        let stop = self.0.stop().map_err(Error::Runtime)?;
        self.0.block_on(work(stop)).map_err(Error::Runtime)
    }

    /// Blocks until the work is done or the program is to end.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Unfinished> {
        let stop = self.0.stop()?;
        self.0.block_on(async {
            tokio::select! {
                result = work => Ok(result),
                () = stop => Err(Unfinished::Interrupted),
            }
        })?
    }

    /// Blocks until the work is done, and leaves signals as they are.
    pub(super) fn wait_to_the_end<T>(&self, work: impl Future<Output = T>) -> io::Result<T> {
        self.0.block_on(work)
    }

    /// Lends it to those who are synchronous.
    pub(super) fn waiter(&self) -> Waiter {
        let runtime = self.clone();
        Waiter::new(move |work| runtime.wait(work))
    }
}

impl Parts {
    fn runtime(&self) -> io::Result<&tokio::runtime::Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(processors().clamp(2, 8)).enable_all();
        if let Some(threads) = self.blocking {
            builder.max_blocking_threads(threads);
        }
        let runtime = builder.build()?;
        Ok(self.runtime.get_or_init(|| runtime))
    }

    fn stop(&self) -> io::Result<Stop> {
        if let Some(stop) = self.stop.get() {
            return Ok(stop.clone());
        }
        let _entered = self.runtime()?.enter();
        let stop = interrupted()?.boxed_local().shared();
        Ok(self.stop.get_or_init(|| stop).clone())
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> io::Result<T> {
        Ok(self.runtime()?.block_on(work))
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
