//! Delivery destinations, which vended logs go to, and what each stands for. From the CloudWatch Logs API reference
//! (`GetDeliveryDestination`, read 2026-11-30).

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, Store};
use crate::model::flow::{Edge, EdgeKind, LogKind, Start, bucket_name, region_of, without_streams};

/// A delivery destination that vended logs go to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDestination {
    /// Its ARN.
    pub arn: String,
    /// The ARN of the bucket, delivery stream or log group that it stands for; `Absent` where there is no such destination.
    pub target_arn: Observed<String>,
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
