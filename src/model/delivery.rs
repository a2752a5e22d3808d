//! Deliveries of vended logs: what AWS services send by way of CloudWatch Logs, since the second version of that way, to
//! buckets, delivery streams and log groups. From the CloudWatch Logs API reference (`DescribeDeliverySources`,
//! `DescribeDeliveries`, `GetDeliveryDestination`, read 2026-11-30).

use serde::{Deserialize, Serialize};

use super::Observed;

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
