//! What a record of one account calls something of another that logs go to, or are encrypted with. See [`super`].

use std::future::Future;

use crate::collect::session::Session;
use crate::collect::table::Call;
use crate::model::{Edge, GapId, StoresRecord};

/// A store of logs, or a key that encrypts them, as somebody names it, and whose it is.
pub(crate) trait Reference: Ord + Clone + Send {
    /// What records that answer for one say which it is by.
    type Identity: Ord;
    /// The call that is not made where the owner is not to be scanned, and why not.
    const OUT_OF_SCOPE: (&'static Call, &'static str);

    /// The one at the end of an edge, where the edge says all that it takes to ask for it.
    fn named_by(edge: &Edge<'_>) -> Option<Self>;

    /// The account that owns it.
    fn owner(&self) -> &str;

    /// Which it is.
    fn identity(&self) -> Self::Identity;

    /// Those that a record answers for, read or not.
    fn answered(stores: &StoresRecord) -> Vec<Self::Identity>;

    /// Reads those that the session's account owns.
    fn read(session: &Session, references: Vec<Self>) -> impl Future<Output = StoresRecord> + Send;

    /// The same of an account that cannot be asked.
    fn unavailable(references: Vec<Self>, gap: &GapId) -> StoresRecord;
}
