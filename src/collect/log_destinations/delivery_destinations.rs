//! Reads the delivery destinations that deliveries of vended logs lead to, each as its owner. `GetDeliveryDestination` of the
//! CloudWatch Logs API reference, read 2026-11-30.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::get_delivery_destination::GetDeliveryDestinationOutput;
use futures_util::future::join_all;

use super::reference::Reference;
use crate::collect::call::{ApiCaller, CallTarget};
use crate::collect::convert::{Arn, Missing};
use crate::collect::session::Session;
use crate::collect::table::{Call, GET_DELIVERY_DESTINATION};
use crate::model::{DeliveryDestination, Edge, EdgeKind, GapId, Observed, StoresRecord};

/// A delivery destination that somebody names, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DestinationReference {
    account_id: String,
    region: String,
    name: String,
    arn: String,
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

impl Reference for DestinationReference {
    type Identity = String;
    const OUT_OF_SCOPE: (&'static Call, &'static str) =
        (&GET_DELIVERY_DESTINATION, "the delivery destination belongs to an account that was not scanned");

    fn named_by(edge: &Edge<'_>) -> Option<Self> {
        let (EdgeKind::Vends, Ok(destination)) = (edge.kind, &edge.to) else { return None };
        Self::new(destination)
    }

    fn owner(&self) -> &str {
        &self.account_id
    }

    fn identity(&self) -> String {
        self.arn.clone()
    }

    fn answered(stores: &StoresRecord) -> Vec<String> {
        stores.delivery_destinations.iter().map(|destination| destination.arn.clone()).collect()
    }

    async fn read(session: &Session, references: Vec<Self>) -> StoresRecord {
        let mut regions: BTreeMap<String, Vec<Self>> = BTreeMap::new();
        for reference in references {
            regions.entry(reference.region.clone()).or_default().push(reference);
        }
        let read = regions.into_iter().map(|(region, references)| async move {
            let client = session.logs(&region);
            join_all(references.into_iter().map(|reference| destination(&session.api, &client, reference)))
                .await
        });
        let delivery_destinations = join_all(read).await.concat();
        StoresRecord { delivery_destinations, ..StoresRecord::default() }
    }

    fn unavailable(references: Vec<Self>, gap: &GapId) -> StoresRecord {
        let destination = |reference: Self| DeliveryDestination {
            arn: reference.arn,
            target_arn: Observed::Unavailable(gap.clone()),
        };
        let delivery_destinations = references.into_iter().map(destination).collect();
        StoresRecord { delivery_destinations, ..StoresRecord::default() }
    }
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
