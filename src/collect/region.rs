//! Reads one region of an account. Each kind of thing has a file of its own, and is asked for here.

mod deliveries;
mod event_data_stores;
mod log_groups;
mod log_policies;
mod recorders;

use super::Run;
use super::session::Session;
use crate::model::RegionRecord;

/// Everything that is asked in a region.
pub(super) async fn read(run: &Run, session: &Session, name: String) -> RegionRecord {
    let aggregates = run.aggregating_accounts.contains(&session.account_id);
    let config = session.config(&name);
    let logs = session.logs(&name);
    let cloudtrail = session.cloudtrail(&name);
    let ask = &session.api;
    let aggregators =
        async { if aggregates { Some(recorders::aggregators(ask, &config, &name).await) } else { None } };
    let (recording, aggregators, groups, destinations, event_data_stores, (delivery_sources, deliveries)) = tokio::join!(
        recorders::read(ask, &config, &name),
        aggregators,
        log_groups::read(ask, &logs, &name, &run.settings.expectations),
        log_groups::destinations(ask, &logs, &name),
        event_data_stores::read(ask, &cloudtrail, &name),
        deliveries::read(ask, &logs, &session.account_id, &name),
    );
    RegionRecord {
        name,
        recorders: recording.recorders,
        delivery_channels: recording.delivery_channels,
        config_retention_days: recording.retention_days,
        aggregators,
        log_groups: groups.log_groups,
        subscription_policies: groups.subscription_policies,
        destinations,
        log_policies: groups.log_policies,
        log_group_policies: groups.log_group_policies,
        event_data_stores,
        delivery_sources,
        deliveries,
    }
}
