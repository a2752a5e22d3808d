//! Accounts that are read at the same time: bounded in number, each named, so that one that fails inside is known.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

/// Tasks in flight, each under the number of its account.
#[derive(Debug)]
pub(crate) struct Tasks<T> {
    most: usize,
    set: JoinSet<T>,
    names: HashMap<Id, String>,
}

impl<T: Send + 'static> Tasks<T> {
    /// At most `most` at the same time.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, set: JoinSet::new(), names: HashMap::new() }
    }

    /// From now on at most `most`: those that are on their way go on.
    pub(crate) fn allow(&mut self, most: usize) {
        self.most = most;
    }

    pub(crate) fn has_room(&self) -> bool {
        self.set.len() < self.most
    }

    pub(crate) fn spawn(&mut self, name: String, task: impl Future<Output = T> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.insert(id, name);
    }

    /// The next that ends, with its name; `None` inside where it panicked.
    pub(crate) async fn next(&mut self) -> Option<(String, Option<T>)> {
        let (id, result) = match self.set.join_next_with_id().await? {
            Ok((id, result)) => (id, Some(result)),
            Err(error) => (error.id(), None),
        };
        Some((self.names.remove(&id).unwrap_or_default(), result))
    }
}
