//! What a trail's own record says of it, as several rooms ask. See [`super`].

use super::selectors::{self, ManagementEvents};
use crate::facts::view::{Derived, observed};
use crate::model::{Observed, Trail, TrailSettings};

/// Whether a trail is set so; one that AWS knows no more is not.
pub(in crate::facts) fn setting(
    trail: &Trail,
    ask: impl FnOnce(&TrailSettings) -> &Observed<bool>,
) -> Derived<bool> {
    let Some(settings) = trail.settings.get()? else { return Ok(false) };
    Ok(ask(settings).get()?.copied().unwrap_or_default())
}

/// Whether the trail logs, by its status.
pub(in crate::facts) fn is_logging(trail: &Trail) -> Derived<bool> {
    trail.status.get().map(|status| status.is_some_and(|it| it.is_logging))
}

/// The management events that the trail records.
pub(in crate::facts) fn management_events(trail: &Trail) -> Derived<ManagementEvents> {
    trail.event_selectors.get().map(selectors::management_events)
}

/// What a trail is set to; `None` where it is not, or AWS knows the trail no more.
pub(super) fn text(
    trail: &Trail,
    ask: impl FnOnce(&TrailSettings) -> &Observed<String>,
) -> Derived<Option<String>> {
    match trail.settings.get()? {
        Some(settings) => observed(ask(settings)),
        None => Ok(None),
    }
}
