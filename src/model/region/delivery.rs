//! Deliveries of vended logs: what AWS services send by way of CloudWatch Logs, since the second version of that way, to
//! buckets, delivery streams and log groups. From the CloudWatch Logs API reference (`DescribeDeliverySources`,
//! `DescribeDeliveries`, read 2026-11-30).

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, stranger};
use crate::model::flow::{Edge, EdgeKind, Start};

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
