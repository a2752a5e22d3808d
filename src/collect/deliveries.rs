//! Reads deliveries of vended logs: in each region its delivery sources and their deliveries, and each delivery destination
//! that one of them leads to as its owner.
//!
//! A delivery names its source by a name that is unique in the account, and the source of one cannot be deleted
//! (`CreateDelivery` and `DeleteDeliverySource` of the CloudWatch Logs API reference,
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html>, read 2026-11-30):
//! where there is no source, there is no delivery, and nobody asks.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::get_delivery_destination::GetDeliveryDestinationOutput;
use aws_sdk_cloudwatchlogs::types::{self as sdk, DeliveryDestinationType};
use futures_util::future::join_all;

use super::call::{ApiCaller, CallTarget};
use super::convert::{Arn, Missing, each, text};
use super::session::Session;
use super::table::{DESCRIBE_DELIVERIES, DESCRIBE_DELIVERY_SOURCES, GET_DELIVERY_DESTINATION};
use crate::model::{DeliveryDestination, DeliverySource, GapId, LogDelivery, Observed};

/// A region's delivery sources and deliveries.
pub(crate) async fn of_region(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
) -> (Observed<Vec<DeliverySource>>, Observed<Vec<LogDelivery>>) {
    let sources = sources(ask, client, region).await;
    let deliveries = match sources.list() {
        Ok([]) => Observed::Known(Vec::new()),
        // Where sources are refused, deliveries still tell where logs go.
        Ok(_) | Err(_) => deliveries(ask, client, region).await,
    };
    (sources, deliveries)
}

async fn sources(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<DeliverySource>> {
    let at = CallTarget::region(region);
    let sources = ask
        .pages(
            &DESCRIBE_DELIVERY_SOURCES,
            at,
            |token| client.describe_delivery_sources().set_next_token(token).send(),
            |page| {
                let sources = each(page.delivery_sources, "deliverySources", source);
                Ok((sources?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_DELIVERY_SOURCES, at, sources, |source| &source.name)
}

fn source(source: sdk::DeliverySource) -> Result<DeliverySource, Missing> {
    Ok(DeliverySource {
        name: source.name.ok_or("deliverySources[].name")?,
        arn: source.arn.ok_or("deliverySources[].arn")?,
        resource_arns: source.resource_arns.ok_or("deliverySources[].resourceArns")?,
        service: source.service.ok_or("deliverySources[].service")?,
        log_type: source.log_type.ok_or("deliverySources[].logType")?,
        status: text(source.status.map(|status| status.as_str().to_owned())),
        status_reason: text(source.status_reason.map(|reason| reason.as_str().to_owned())),
    })
}

async fn deliveries(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<LogDelivery>> {
    let at = CallTarget::region(region);
    let deliveries = ask
        .pages(
            &DESCRIBE_DELIVERIES,
            at,
            |token| client.describe_deliveries().set_next_token(token).send(),
            |page| {
                let deliveries = each(page.deliveries, "deliveries", delivery);
                Ok((deliveries?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_DELIVERIES, at, deliveries, |delivery| &delivery.arn)
}

fn delivery(delivery: sdk::Delivery) -> Result<LogDelivery, Missing> {
    let destination_arn = delivery.delivery_destination_arn.ok_or("deliveries[].deliveryDestinationArn")?;
    let kind = delivery.delivery_destination_type.ok_or("deliveries[].deliveryDestinationType")?;
    if kind != DeliveryDestinationType::Xray && DestinationReference::new(&destination_arn).is_none() {
        return Err("deliveries[].deliveryDestinationArn of a delivery destination");
    }
    Ok(LogDelivery {
        arn: delivery.arn.ok_or("deliveries[].arn")?,
        source_name: delivery.delivery_source_name.ok_or("deliveries[].deliverySourceName")?,
        destination_arn,
        destination_type: kind.as_str().to_owned(),
    })
}

/// A delivery destination that somebody names, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DestinationReference {
    /// The account that owns it.
    pub(crate) account_id: String,
    region: String,
    name: String,
    /// Its ARN.
    pub(crate) arn: String,
}

impl DestinationReference {
    /// `None` for what is no delivery destination.
    pub(crate) fn new(arn: &str) -> Option<Self> {
        let parsed = Arn::parse(arn)?;
        let ("delivery-destination", name) = parsed.resource.split_once(':')? else { return None };
        let is_account =
            parsed.account_id.len() == 12 && parsed.account_id.bytes().all(|it| it.is_ascii_digit());
        is_account.then(|| Self {
            account_id: parsed.account_id.to_owned(),
            region: parsed.region.to_owned(),
            name: name.to_owned(),
            arn: arn.to_owned(),
        })
    }
}

/// Why delivery destinations of accounts outside the selection are not read.
pub(crate) const OUT_OF_SCOPE: &str = "the delivery destination belongs to an account that was not scanned";

/// Delivery destinations of an account that cannot be asked.
pub(crate) fn unavailable(references: Vec<DestinationReference>, gap: &GapId) -> Vec<DeliveryDestination> {
    let destination = |reference: DestinationReference| DeliveryDestination {
        arn: reference.arn,
        target_arn: Observed::Unavailable(gap.clone()),
    };
    references.into_iter().map(destination).collect()
}

/// Reads delivery destinations that the session's account owns.
pub(crate) async fn destinations(
    session: &Session,
    references: Vec<DestinationReference>,
) -> Vec<DeliveryDestination> {
    let mut regions: BTreeMap<String, Vec<DestinationReference>> = BTreeMap::new();
    for reference in references {
        regions.entry(reference.region.clone()).or_default().push(reference);
    }
    let read = regions.into_iter().map(|(region, references)| async move {
        let client = session.logs(&region);
        join_all(references.into_iter().map(|reference| destination(&session.api, &client, reference))).await
    });
    join_all(read).await.concat()
}

async fn destination(
    ask: &ApiCaller,
    client: &Client,
    reference: DestinationReference,
) -> DeliveryDestination {
    let DestinationReference { region, name, arn, .. } = reference;
    let at = CallTarget::region(&region).of(&arn);
    let send = || client.get_delivery_destination().name(&name).send();
    let answer = ask.call(&GET_DELIVERY_DESTINATION, at, send).await;
    let target_arn = ask.accept(&GET_DELIVERY_DESTINATION, at, answer, |answer| target(answer, &arn));
    DeliveryDestination { arn, target_arn }
}

/// X-Ray alone has no target, and nobody asks for its destinations.
fn target(answer: GetDeliveryDestinationOutput, asked: &str) -> Result<String, Missing> {
    let destination = answer.delivery_destination.ok_or("deliveryDestination")?;
    if destination.arn.as_deref() != Some(asked) {
        return Err("deliveryDestination.arn of the delivery destination that was asked for");
    }
    let configuration = destination
        .delivery_destination_configuration
        .ok_or("deliveryDestination.deliveryDestinationConfiguration")?;
    let target = configuration.destination_resource_arn;
    if target.is_empty() {
        return Err("deliveryDestination.deliveryDestinationConfiguration.destinationResourceArn");
    }
    Ok(target)
}
