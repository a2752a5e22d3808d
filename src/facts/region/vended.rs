//! What becomes of the vended logs that services send from a region. See [`super`].
//!
//! A source delivers to as many destinations as it has deliveries (`CreateDelivery` of the CloudWatch Logs API reference,
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateDelivery.html>, read 2026-11-30): one
//! that ends in the archive is enough, whatever the others are for.

#[cfg(test)]
mod tests;

use crate::facts::view::{Derived, facts, observed};
use crate::facts::words::and;
use crate::facts::{Facts, delivery_stream, derived, log_group, trust, unrecorded};
use crate::model::region::delivery::DELIVERY_SOURCE_STATUS;
use crate::model::{
    AccountRecord, DeliverySource, Gap, GapPlace, GapReason, Gaps, LogDelivery, LogGroup, Observed,
    RegionRecord, bucket_name,
};
use crate::policy::Arn;

facts! {
    /// A delivery source of vended logs: a resource that sends logs by way of CloudWatch Logs.
    pub struct DeliverySourceFacts as "delivery_source" {
        /// Its name.
        name: String,
        /// The resource that sends logs.
        resource_arns: Vec<String>,
        /// The service that sends them: `cloudfront`, `bedrock` ...
        service: String,
        /// What kind of log it sends: `ACCESS_LOGS`, `APPLICATION_LOGS` ...
        log_type: String,
        /// `ACTIVE`, `INACTIVE`; null where AWS does not say, as for most kinds of logs.
        status: Derived<Option<String>> = DELIVERY_SOURCE_STATUS,
        /// `RESOURCE_DELETED`; null where AWS gives no reason.
        status_reason: Derived<Option<String>>,
        /// One of its deliveries ends in the archive or another bucket of the archive's account, by itself or by a delivery
        /// stream, or in a log group of which a central account gets everything.
        to_archive: Derived<bool>,
        /// Where its deliveries lead, after its name.
        delivery: Derived<String>,
    }
}

/// The region's delivery sources. What is sent to X-Ray are traces.
pub(super) fn sources(
    facts: &Facts,
    record: &AccountRecord,
    region: &RegionRecord,
) -> Derived<Vec<DeliverySourceFacts>> {
    Ok(of_logs(region)?.map(|source| Reading { facts, record, region, source }.derive()).collect())
}

/// Sources that do not reach the archive, or are not active, and what is the matter with each.
pub(super) fn undelivered(sources: &Derived<Vec<DeliverySourceFacts>>) -> Derived<Vec<String>> {
    let mut found = Vec::new();
    let mut unknown = None;
    for source in sources.as_ref().map_err(Clone::clone)? {
        match source.problem() {
            Ok(problem) => found.extend(problem),
            Err(gaps) => derived::join(&mut unknown, &gaps),
        }
    }
    match unknown {
        Some(gaps) if found.is_empty() => Err(gaps),
        _ => Ok(found),
    }
}

impl DeliverySourceFacts {
    fn problem(&self) -> Derived<Option<String>> {
        let Self { name, resource_arns, service, log_type, .. } = self;
        let text = |what: &str| format!("{name} ({service} {log_type} of {}) {what}", and(resource_arns));
        if let Ok(Some(status)) = &self.status
            && status == "INACTIVE"
        {
            let reason = self.status_reason.clone().ok().flatten();
            let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
            return Ok(Some(text(&format!("is inactive{reason}"))));
        }
        match &self.to_archive {
            Ok(false) => Ok(Some(text(&self.delivery.clone()?))),
            Ok(true) => self.status.clone().map(|_| None),
            Err(gaps) => Err(gaps.clone()),
        }
    }
}

/// Sources of logs: what is sent as `TRACES` is none (`PutDeliverySource` of the CloudWatch Logs API reference, read
/// 2026-11-30).
fn of_logs(region: &RegionRecord) -> Derived<impl Iterator<Item = &DeliverySource>> {
    Ok(region.delivery_sources.list()?.iter().filter(|source| source.log_type != "TRACES"))
}

fn deliveries<'a>(
    region: &'a RegionRecord,
    source: &DeliverySource,
) -> Derived<impl Iterator<Item = &'a LogDelivery>> {
    Ok(region.deliveries.list()?.iter().filter(|delivery| delivery.source_name == source.name))
}

/// What was read of an account's vended logs but cannot be decided.
pub(super) fn undecided_gaps(facts: &Facts, record: &AccountRecord, gaps: &mut Vec<Gap>) {
    for region in &record.regions {
        for delivery in region.deliveries.list().unwrap_or_default() {
            let target = facts.index.delivery_destinations.target(&delivery.destination_arn);
            let Some(Observed::Known(target)) = target else { continue };
            let Some(arn) = Arn::parse(target).filter(|arn| arn.service == "logs") else { continue };
            if arn.account_id != record.id {
                gaps.push(foreign(&record.id, &region.name, target));
            } else if let Some((region, log_group)) = group(record, target) {
                let centralization = &facts.index.centralization;
                gaps.extend(log_group::gaps_of(centralization, &record.id, region, log_group));
            }
        }
    }
}

/// A log group of the account, with its region.
fn group<'a>(record: &'a AccountRecord, arn: &str) -> Option<(&'a RegionRecord, &'a LogGroup)> {
    let arn = arn.strip_suffix(":*").unwrap_or(arn);
    let parsed = Arn::parse(arn)?;
    let region = record.regions.iter().find(|region| region.name == parsed.region)?;
    let groups = region.log_groups.list().unwrap_or_default();
    Some((region, groups.iter().find(|group| group.arn == arn)?))
}

/// Vended logs go to no log group of another account ("Logging that requires additional permissions [V2]",
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-vended-logs-permissions-V2.html>, read 2026-11-30): an
/// answer that says so is not understood.
fn foreign(account: &str, region: &str, log_group: &str) -> Gap {
    let place = GapPlace {
        account_id: Some(account),
        region: Some(region),
        service: "logs",
        operation: "GetDeliveryDestination",
        resource: Some(log_group),
    };
    Gap::new(place, GapReason::Undecided, "vended logs are delivered to a log group of another account")
}

/// Where a delivery ends.
struct End {
    in_archive: Derived<bool>,
    /// In words, after the word to.
    words: Derived<String>,
}

struct Reading<'a> {
    facts: &'a Facts,
    record: &'a AccountRecord,
    region: &'a RegionRecord,
    source: &'a DeliverySource,
}

impl Reading<'_> {
    fn derive(&self) -> DeliverySourceFacts {
        let source = self.source;
        let ends = self.ends();
        DeliverySourceFacts {
            name: source.name.clone(),
            resource_arns: source.resource_arns.clone(),
            service: source.service.clone(),
            log_type: source.log_type.clone(),
            status: observed(&source.status),
            status_reason: observed(&source.status_reason),
            to_archive: match &ends {
                Ok(ends) => derived::any(ends.iter().map(|end| end.in_archive.clone())),
                Err(gaps) => Err(gaps.clone()),
            },
            delivery: ends.and_then(|ends| {
                let words: Derived<Vec<String>> = ends.into_iter().map(|end| end.words).collect();
                Ok(match words?.as_slice() {
                    [] => "has no delivery".to_owned(),
                    words => format!("is delivered to {}", and(words)),
                })
            }),
        }
    }

    /// Where the source's deliveries of logs end.
    fn ends(&self) -> Derived<Vec<End>> {
        let deliveries = deliveries(self.region, self.source)?;
        Ok(deliveries.filter(|it| !it.is_of_traces()).map(|delivery| self.end(delivery)).collect())
    }

    fn end(&self, delivery: &LogDelivery) -> End {
        let index = &self.facts.index;
        let destination = &delivery.destination_arn;
        let target = match index.delivery_destinations.target(destination) {
            Some(target) => target.get(),
            None => Err(unrecorded::why(index, destination)),
        };
        match target {
            Ok(Some(target)) => self.target(target),
            Ok(None) => {
                End { in_archive: Ok(false), words: Ok(format!("{destination}, which does not exist")) }
            }
            Err(gaps) => End { in_archive: Err(gaps.clone()), words: Err(gaps) },
        }
    }

    fn target(&self, target: &str) -> End {
        let index = &self.facts.index;
        match target.split(':').nth(2) {
            Some("s3") => {
                let name = bucket_name(target);
                let outside = index.outside_archive(name);
                End {
                    in_archive: index.in_archive(name),
                    words: outside.map(|outside| clause(&format!("bucket {name}"), outside)),
                }
            }
            Some("firehose") => self.stream(target),
            // A record with anything else is settled: its target is not known.
            _ => self.log_group(target),
        }
    }

    fn stream(&self, arn: &str) -> End {
        let index = &self.facts.index;
        let read = index.streams.delivery_streams().iter().find(|stream| stream.arn == arn);
        let Some(stream) = read else {
            let gaps = unrecorded::why(index, arn);
            return End { in_archive: Err(gaps.clone()), words: Err(gaps) };
        };
        let stream = delivery_stream::derive(self.facts, stream, &mut Vec::new());
        let words =
            stream.destination.map(|onward| format!("delivery stream {arn}, which delivers to {onward}"));
        End { in_archive: stream.to_archive, words }
    }

    fn log_group(&self, arn: &str) -> End {
        let central = trust::is_central(&self.facts.index, &self.record.id);
        let Some((region, log_group)) = group(self.record, arn) else {
            let parsed = Arn::parse(arn);
            if parsed.is_none_or(|arn| arn.account_id != self.record.id) {
                let gaps = Gaps::from(foreign(&self.record.id, &self.region.name, arn).id);
                return End { in_archive: Err(gaps.clone()), words: Err(gaps) };
            }
            let region =
                parsed.and_then(|arn| self.record.regions.iter().find(|region| region.name == arn.region));
            let unlisted = match region {
                Some(region) => region.log_groups.get().err(),
                None => self.record.region_gaps(),
            };
            return match unlisted {
                Some(gaps) => End { in_archive: Err(gaps.clone()), words: Err(gaps) },
                None => {
                    End { in_archive: Ok(false), words: Ok(format!("log group {arn}, which does not exist")) }
                }
            };
        };
        let forwarded = log_group::reaches_center(self.facts, &self.record.id, region, log_group);
        let in_archive = derived::any([central, forwarded]);
        let kept = if in_archive == Ok(true) { "" } else { ", of which no central account gets everything" };
        End { in_archive, words: Ok(format!("log group {}{kept}", log_group.name)) }
    }
}

fn clause(what: &str, outside: Option<String>) -> String {
    outside.map_or_else(|| what.to_owned(), |outside| format!("{what}, {outside}"))
}
