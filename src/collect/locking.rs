//! Locks of what many tasks add to.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock whose holder panicked still holds whole data: each change here is a single insertion.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
