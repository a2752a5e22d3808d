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
    let (recorders, channels, retention, aggregators, groups, policies, destinations, more) = tokio::join!(
        recorders::recorders(ask, &config, &name),
        recorders::delivery_channels(ask, &config, &name),
        recorders::retention_days(ask, &config, &name),
        aggregators,
        log_groups::log_groups(ask, &logs, &name, &run.settings.expectations),
        log_groups::subscription_policies(ask, &logs, &name),
        log_groups::destinations(ask, &logs, &name),
        async {
            tokio::join!(
                log_policies::of_account(ask, &logs, &name),
                log_policies::of_log_groups(ask, &logs, &name),
                event_data_stores::read(ask, &cloudtrail, &name),
                deliveries::read(ask, &logs, &session.account_id, &name),
            )
        },
    );
    let (log_policies, log_group_policies, event_data_stores, (delivery_sources, deliveries)) = more;
    RegionRecord {
        name,
        recorders,
        delivery_channels: channels,
        config_retention_days: retention,
        aggregators,
        log_groups: groups,
        subscription_policies: policies,
        destinations,
        log_policies,
        log_group_policies,
        event_data_stores,
        delivery_sources,
        deliveries,
    }
}
