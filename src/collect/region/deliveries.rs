//! Reads deliveries of vended logs: the delivery sources of a region and their deliveries.
//!
//! A delivery names its source by a name that is unique in the account, and the source of one cannot be deleted
//! (`CreateDelivery` and `DeleteDeliverySource` of the CloudWatch Logs API reference,
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html>, read 2026-11-30):
//! where there is no source, there is no delivery, and nobody asks.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{self as sdk, DeliveryDestinationType};

use crate::collect::call::{ApiCaller, CallTarget};
use crate::collect::convert::{Arn, Missing, each, text};
use crate::collect::log_destinations::delivery_destinations::DestinationReference;
use crate::collect::table::{DESCRIBE_DELIVERIES, DESCRIBE_DELIVERY_SOURCES};
use crate::model::{DeliverySource, LogDelivery, Observed};

/// A region's delivery sources and deliveries.
pub(super) async fn read(
    ask: &ApiCaller,
    client: &Client,
    account_id: &str,
    region: &str,
) -> (Observed<Vec<DeliverySource>>, Observed<Vec<LogDelivery>>) {
    let sources = sources(ask, client, account_id, region).await;
    let deliveries = match sources.list() {
        Ok([]) => Observed::Known(Vec::new()),
        // Where sources are refused, deliveries still tell where logs go.
        Ok(_) | Err(_) => deliveries(ask, client, account_id, region).await,
    };
    (sources, deliveries)
}

async fn sources(
    ask: &ApiCaller,
    client: &Client,
    account_id: &str,
    region: &str,
) -> Observed<Vec<DeliverySource>> {
    let at = CallTarget::region(region);
    let sources = ask
        .pages(
            &DESCRIBE_DELIVERY_SOURCES,
            at,
            |token| client.describe_delivery_sources().set_next_token(token).send(),
            |page| {
                let sources =
                    each(page.delivery_sources, "deliverySources", |it| source(it, account_id, region));
                Ok((sources?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_DELIVERY_SOURCES, at, sources, |source| &source.name)
}

/// Whether it is of the account and region that were asked: another's answer would be taken for theirs.
fn is_here(arn: &str, account_id: &str, region: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.account_id == account_id && arn.region == region)
}

fn source(source: sdk::DeliverySource, account_id: &str, region: &str) -> Result<DeliverySource, Missing> {
    let arn = source.arn.ok_or("deliverySources[].arn")?;
    if !is_here(&arn, account_id, region) {
        return Err("deliverySources[].arn of the account and region that were asked");
    }
    Ok(DeliverySource {
        name: source.name.ok_or("deliverySources[].name")?,
        arn,
        resource_arns: source.resource_arns.ok_or("deliverySources[].resourceArns")?,
        service: source.service.ok_or("deliverySources[].service")?,
        log_type: source.log_type.ok_or("deliverySources[].logType")?,
        status: text(source.status.map(|status| status.as_str().to_owned())),
        status_reason: text(source.status_reason.map(|reason| reason.as_str().to_owned())),
    })
}

async fn deliveries(
    ask: &ApiCaller,
    client: &Client,
    account_id: &str,
    region: &str,
) -> Observed<Vec<LogDelivery>> {
    let at = CallTarget::region(region);
    let deliveries = ask
        .pages(
            &DESCRIBE_DELIVERIES,
            at,
            |token| client.describe_deliveries().set_next_token(token).send(),
            |page| {
                let deliveries = each(page.deliveries, "deliveries", |it| delivery(it, account_id, region));
                Ok((deliveries?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_DELIVERIES, at, deliveries, |delivery| &delivery.arn)
}

fn delivery(delivery: sdk::Delivery, account_id: &str, region: &str) -> Result<LogDelivery, Missing> {
    let arn = delivery.arn.ok_or("deliveries[].arn")?;
    if !is_here(&arn, account_id, region) {
        return Err("deliveries[].arn of the account and region that were asked");
    }
    let destination_arn = delivery.delivery_destination_arn.ok_or("deliveries[].deliveryDestinationArn")?;
    let kind = delivery.delivery_destination_type.ok_or("deliveries[].deliveryDestinationType")?;
    if kind != DeliveryDestinationType::Xray && DestinationReference::new(&destination_arn).is_none() {
        return Err("deliveries[].deliveryDestinationArn of a delivery destination");
    }
    Ok(LogDelivery {
        arn,
        source_name: delivery.delivery_source_name.ok_or("deliveries[].deliverySourceName")?,
        destination_arn,
        destination_type: kind.as_str().to_owned(),
    })
}
