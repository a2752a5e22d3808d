//! Values that this release does not know, in records of whatever release: each makes unknown the answer that holds it,
//! under a gap that quotes it, so that no fact takes it for one of the values that it does know. Which they are, each part of
//! a record says itself (`model::answer`).
//!
//! Collecting does the same with answers (`collect::answers`), for records then lack what such a value says. An account's
//! state is not among them: whatever is not known to keep an account from being entered is entered.

use super::Record;

/// A record of which no value is taken for one that it is not.
pub(super) fn settled(mut record: Record) -> Record {
    match &mut record {
        Record::Account(account) => account.settle(),
        Record::Stores(stores) => stores.settle(),
        Record::Header(_) | Record::End(_) => {}
    }
    record
}

#[cfg(test)]
mod tests;
