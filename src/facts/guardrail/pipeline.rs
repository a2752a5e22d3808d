//! The way of logs through an account: groups, destinations, deliveries, streams and what changes them. See [`super`].

use super::actions::ACCOUNT;
use super::holdings::{Holdings, administers};
use super::{ProtectedAction, ResourceKind};
use crate::facts::derived::join;
use crate::facts::{Facts, log_group};
use crate::model::{AccountRecord, RegionRecord};
use crate::policy::Arn;

const CENTRALIZATION_SERVICE: &str = "observabilityadmin.amazonaws.com";

/// Actions on policies of the account that change what becomes of all its log groups.
const WHOLE_ACCOUNT: [&str; 3] =
    ["logs:DeleteResourcePolicy", "logs:PutAccountPolicy", "logs:PutResourcePolicy"];

/// The parts of the way of logs through an account.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    log_groups: Holdings,
    log_streams: Holdings,
    destinations: Holdings,
    /// Of vended logs, as the next two.
    deliveries: Holdings,
    delivery_sources: Holdings,
    /// Those that deliveries of whatever account lead to.
    delivery_destinations: Holdings,
    delivery_streams: Holdings,
    data_streams: Holdings,
    /// `*`, where the account has subscription policies.
    account_policies: Holdings,
    /// `*`, where the account has log groups that policies of the account would change, or such policies.
    whole_account: Holdings,
    /// All that there could be, where the account has such log groups: a pipeline may be made for any of them.
    telemetry_pipelines: Holdings,
    /// All, where the account may change those of the organization.
    centralization_rules: Holdings,
}

impl Pipeline {
    pub(super) fn of(facts: &Facts, record: &AccountRecord) -> Self {
        let mut this = Self::default();
        this.trails(record);
        for region in &record.regions {
            this.log_groups_of(facts, record, region);
            if let Some(policies) = this.account_policies.note(region.subscription_policies.in_effect())
                && !policies.is_empty()
            {
                this.account_policies.known.insert("*".to_owned());
                for policy in policies {
                    this.stream(&policy.destination_arn, &record.id);
                }
            }
            if let Some(destinations) = this.destinations.note(region.destinations.list()) {
                for destination in destinations {
                    this.destinations.add(&destination.arn, &record.id);
                    this.stream(&destination.target_arn, &record.id);
                }
            }
        }
        this.vended(facts, record);
        for arn in facts.index.streams.recorded() {
            this.stream(arn, &record.id);
        }
        if let Some(gaps) = record.region_gaps() {
            for holdings in [
                &mut this.log_groups,
                &mut this.account_policies,
                &mut this.destinations,
                &mut this.deliveries,
                &mut this.delivery_sources,
                &mut this.delivery_destinations,
            ] {
                join(&mut holdings.missing, &gaps);
            }
        }
        this.log_streams.missing.clone_from(&this.log_groups.missing);
        for holdings in [&this.log_groups, &this.account_policies] {
            this.whole_account.unlisted(holdings.missing.as_ref());
            if !holdings.known.is_empty() {
                this.whole_account.known.insert("*".to_owned());
            }
        }
        this.telemetry_pipelines.missing.clone_from(&this.log_groups.missing);
        if !this.log_groups.known.is_empty() {
            let all = ResourceKind::TelemetryPipeline.pattern(facts.guardrails.ground().partition(), ACCOUNT);
            this.telemetry_pipelines.known.insert(all);
        }
        if this.centralization_rules.note(administers(facts, &record.id, CENTRALIZATION_SERVICE))
            == Some(true)
        {
            let all =
                ResourceKind::CentralizationRule.pattern(facts.guardrails.ground().partition(), ACCOUNT);
            this.centralization_rules.known.insert(all);
        }
        // Policies and destinations that are not known may lead to streams that are not known either.
        for holdings in [&this.account_policies, &this.destinations, &this.delivery_destinations] {
            this.data_streams.unlisted(holdings.missing.as_ref());
        }
        this.delivery_streams.missing.clone_from(&this.data_streams.missing);
        this
    }

    /// What an action on the pipeline is asked on.
    pub(super) fn of_action(&self, action: &ProtectedAction) -> &Holdings {
        match action.resource {
            ResourceKind::LogGroup => &self.log_groups,
            ResourceKind::LogStream => &self.log_streams,
            ResourceKind::Destination => &self.destinations,
            ResourceKind::Delivery => &self.deliveries,
            ResourceKind::DeliverySource => &self.delivery_sources,
            ResourceKind::DeliveryDestination => &self.delivery_destinations,
            ResourceKind::DeliveryStream => &self.delivery_streams,
            ResourceKind::DataStream => &self.data_streams,
            ResourceKind::CentralizationRule => &self.centralization_rules,
            ResourceKind::TelemetryPipeline => &self.telemetry_pipelines,
            // A policy of the account is about every group that there is, and so may be one that lets services deliver.
            _ if WHOLE_ACCOUNT.contains(&action.name) => &self.whole_account,
            _ => &self.account_policies,
        }
    }

    /// The account's deliveries of vended logs with their sources, and the delivery destinations that it owns.
    fn vended(&mut self, facts: &Facts, record: &AccountRecord) {
        for region in &record.regions {
            for source in self.delivery_sources.note(region.delivery_sources.list()).unwrap_or_default() {
                self.delivery_sources.add(&source.arn, &record.id);
            }
            for delivery in self.deliveries.note(region.deliveries.list()).unwrap_or_default() {
                self.deliveries.add(&delivery.arn, &record.id);
            }
            self.delivery_destinations.note(region.deliveries.list());
        }
        for arn in facts.index.delivery_destinations.of(&record.id) {
            self.delivery_destinations.add(arn, &record.id);
        }
    }

    /// The log groups of a region that must be centralized, and the streams that their subscriptions lead to.
    fn log_groups_of(&mut self, facts: &Facts, record: &AccountRecord, region: &RegionRecord) {
        let groups = match region.log_groups.list() {
            Ok(groups) => groups,
            Err(gaps) => {
                self.data_streams.unlisted(Some(&gaps));
                return self.log_groups.unlisted(Some(&gaps));
            }
        };
        for group in groups.iter().filter(|group| facts.index.expectations.must_centralize(&group.name)) {
            self.log_group(&group.arn, &record.id);
            let filters = log_group::subscription_filters(&record.id, region, group);
            for filter in self.data_streams.note(filters).into_iter().flatten() {
                self.stream(&filter.destination_arn, &record.id);
            }
        }
    }

    pub(super) fn holds_anything(&self) -> bool {
        let parts = [
            &self.log_groups,
            &self.destinations,
            &self.deliveries,
            &self.delivery_sources,
            &self.delivery_destinations,
            &self.delivery_streams,
            &self.data_streams,
            &self.account_policies,
            &self.centralization_rules,
        ];
        parts.into_iter().any(|holdings| !holdings.known.is_empty())
    }

    fn trails(&mut self, record: &AccountRecord) {
        for trail in self.log_groups.trails(record) {
            let settings = self.log_groups.note(trail.settings.get()).flatten();
            let group = settings.and_then(|settings| self.log_groups.note(settings.log_group_arn.get()));
            if let Some(group) = group.flatten() {
                self.log_group(group, &record.id);
            }
        }
    }

    /// AWS asks for most actions on the group's ARN with something after it ("Resources" of "Actions, resources, and
    /// condition keys for Amazon CloudWatch Logs").
    fn log_group(&mut self, arn: &str, account: &str) {
        let arn = arn.strip_suffix(":*").unwrap_or(arn);
        self.log_groups.add(&format!("{arn}:*"), account);
        self.log_streams.add(&format!("{arn}:log-stream:*"), account);
    }

    /// A stream of this account that logs go to.
    fn stream(&mut self, arn: &str, account: &str) {
        let Some(stream) = Arn::parse(arn).filter(|stream| stream.account_id == account) else { return };
        match stream.service {
            "kinesis" => self.data_streams.add(arn, account),
            "firehose" => self.delivery_streams.add(arn, account),
            _ => {}
        }
    }
}
