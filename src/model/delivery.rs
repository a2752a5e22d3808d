//! Deliveries of vended logs: what AWS services send by way of CloudWatch Logs, since the second version of that way, to
//! buckets, delivery streams and log groups. From the CloudWatch Logs API reference (`DescribeDeliverySources`,
//! `DescribeDeliveries`, `GetDeliveryDestination`, read 2026-11-30).

use serde::{Deserialize, Serialize};

use super::Observed;
use super::answer::{Answer, Settling, Store, stranger};
use super::flow::{Edge, EdgeKind, LogKind, Start, bucket_name, region_of, without_streams};

/// `DeliverySourceStatus` of CloudWatch Logs.
pub(crate) const DELIVERY_SOURCE_STATUS: &[&str] = &["ACTIVE", "INACTIVE"];
/// `DeliveryDestinationType` of CloudWatch Logs.
const DELIVERY_DESTINATION_TYPES: &[&str] = &["S3", "CWL", "FH", "XRAY"];

/// A resource that sends logs, as CloudWatch Logs knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverySource {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The resources that send logs; there can be one only.
    pub resource_arns: Vec<String>,
    /// The service that sends them: `cloudfront`, `bedrock` ...
    pub service: String,
    /// What kind of log it sends: `ACCESS_LOGS`, `APPLICATION_LOGS` ...
    pub log_type: String,
    /// `ACTIVE`, `INACTIVE`; `Absent` where AWS does not say, as for most kinds of logs.
    pub status: Observed<String>,
    /// `RESOURCE_DELETED`; `Absent` where AWS gives no reason.
    pub status_reason: Observed<String>,
}

/// A delivery: it joins a source of its own account and region to a destination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDelivery {
    /// Its ARN.
    pub arn: String,
    /// The name of the source.
    pub source_name: String,
    /// The ARN of the delivery destination, of whatever account.
    pub destination_arn: String,
    /// What that stands for: `S3`, `CWL`, `FH`, `XRAY`.
    pub destination_type: String,
}

impl LogDelivery {
    /// X-Ray takes traces, which are no logs.
    pub fn is_of_traces(&self) -> bool {
        self.destination_type == "XRAY"
    }
}

/// A delivery destination that vended logs go to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDestination {
    /// Its ARN.
    pub arn: String,
    /// The ARN of the bucket, delivery stream or log group that it stands for; `Absent` where there is no such destination.
    pub target_arn: Observed<String>,
}

impl Answer for DeliverySource {
    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("logs", "DescribeDeliverySources", Some(self.arn.as_str()));
        settling.fact(&mut self.status, asked, |it| stranger("status", it, DELIVERY_SOURCE_STATUS));
    }
}

impl Answer for LogDelivery {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Vends];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        if !self.is_of_traces() {
            found(start.edge(EdgeKind::Vends, Ok(&self.destination_arn)));
        }
    }

    fn stranger(&self) -> Option<String> {
        stranger("deliveryDestinationType", &self.destination_type, DELIVERY_DESTINATION_TYPES)
    }
}

impl Answer for DeliveryDestination {
    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        const STORES: EdgeKind = EdgeKind::Stores(LogKind::Vended);
        let start = Start { region: region_of(&self.arn), ..start };
        let hides = [STORES, EdgeKind::Sends, EdgeKind::Delivers];
        let Some(target) = start.asked(&self.target_arn, &hides, found) else { return };
        match target.split(':').nth(2) {
            Some("s3") => found(start.edge(STORES, Ok(bucket_name(target)))),
            Some("firehose") => found(start.edge(EdgeKind::Sends, Ok(target))),
            Some("logs") => found(start.edge(EdgeKind::Delivers, Ok(without_streams(target)))),
            Some(_) | None => {}
        }
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("logs", "GetDeliveryDestination", Some(self.arn.as_str()));
        settling.in_region(region_of(&self.arn)).fact(&mut self.target_arn, asked, |target| {
            let service = target.split(':').nth(2).unwrap_or_default();
            let is_known = ["s3", "firehose", "logs"].contains(&service);
            (!is_known).then(|| format!("destinationResourceArn {target:?}"))
        });
    }
}

impl Store for DeliveryDestination {
    fn identity(&self) -> (&str, &str) {
        (&self.arn, "")
    }
}
