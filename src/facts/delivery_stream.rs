//! The facts of a Firehose delivery stream that log events go to. See [`super`].

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::kind::{Kind, Listed};
use super::view::{Derived, View, facts, observed};
use super::{Facts, SubjectFacts, SubjectKind, derived, in_store, noted_gaps, placeholder, unrecorded};
use crate::model::{Delivery, DeliveryStream, Gap, GapPlace, GapReason, StoresRecord, bucket_name};

facts! {
    /// A Firehose delivery stream that log events go to.
    pub struct DeliveryStreamFacts as "delivery_stream" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// `ACTIVE`, `CREATING`, `CREATING_FAILED`, `DELETING`, `DELETING_FAILED` or `not found`.
        state: Derived<String> = crate::model::stores::stream::DELIVERY_STREAM_STATES,
        /// It is written to directly: one that reads from a data stream or a cluster cannot be encrypted itself, and is as
        /// well encrypted as that.
        written_directly: Derived<bool>,
        /// State of its encryption at rest: `ENABLED`, `DISABLED` and what lies between; null where Firehose names none.
        encryption: Derived<Option<String>> = crate::model::stores::stream::DELIVERY_STREAM_ENCRYPTION,
        /// The customer's key of that encryption; null is AWS's own.
        kms_key_arn: Derived<Option<String>>,
        /// All that it gets is stored in the archive or another bucket of the archive's account.
        to_archive: Derived<bool>,
        /// Where it delivers, after the word to.
        destination: Derived<String>,
        /// How the objects in its bucket are compressed: `UNCOMPRESSED`, `GZIP`, ...; null where it stores none.
        compression: Derived<Option<String>> = crate::model::stores::stream::COMPRESSION,
        /// What CloudWatch Logs sends through it is stored compressed: by Firehose, in a columnar format, or since CloudWatch
        /// Logs compresses what it sends and nothing takes that off.
        compressed: Derived<bool>,
        /// The log group that hears of errors; null where none does.
        error_log_group: Derived<Option<String>>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "delivery_stream",
    variable: "delivery_stream",
    unlisted: "the delivery streams that log events go to",
    service: "firehose",
    ocsf: "AWS::KinesisFirehose::DeliveryStream",
    asff: "Other",
    schema: DeliveryStreamFacts::schema,
    more: &[],
    listed: Listed::Owner(subjects),
    missing: Some(missing),
    undecided: Some(|facts, gaps| {
        for stream in facts.index.streams.delivery_streams() {
            derive(facts, stream, gaps);
        }
        let streams = unrecorded::streams(&facts.index, "firehose");
        gaps.extend(streams.filter_map(|arn| unrecorded::gap(&facts.index, arn)));
    }),
};

fn subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let streams = record.delivery_streams.iter().map(|stream| {
        let own: Arc<dyn View> = Arc::new(derive(facts, stream, &mut Vec::new()));
        (stream.arn.as_str(), own)
    });
    in_store::subjects(facts, record, SubjectKind::DeliveryStream, streams)
}

/// Delivery streams that logs go to and no record tells of, and those that an answer which was refused may have named.
fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    const KIND: SubjectKind = SubjectKind::DeliveryStream;
    let index = &facts.index;
    let mut subjects = in_store::missing(index, KIND, unrecorded::streams(index, "firehose"));
    subjects.extend(placeholder::unnamed(index, KIND, &index.unlisted_streams, None));
    subjects
}

/// Derives the facts of a delivery stream, and notes what was read but cannot be decided.
pub(super) fn derive(facts: &Facts, stream: &DeliveryStream, gaps: &mut Vec<Gap>) -> DeliveryStreamFacts {
    let reading = Reading { facts, stream };
    let description = || stream.description.get();
    DeliveryStreamFacts {
        name: in_store::name(&stream.arn).to_owned(),
        arn: stream.arn.clone(),
        state: description().map(|it| it.map_or("not found", |it| it.status.as_str()).to_owned()),
        written_directly: description().map(|it| it.is_none_or(|it| it.source == "DirectPut")),
        encryption: description().and_then(|it| it.map_or(Ok(None), |it| observed(&it.encryption))),
        kms_key_arn: description().and_then(|it| it.map_or(Ok(None), |it| observed(&it.kms_key_arn))),
        to_archive: reading.to_archive(),
        destination: reading.destination(),
        compression: reading.delivery().and_then(|it| it.map_or(Ok(None), compression)),
        compressed: reading.compressed(gaps),
        error_log_group: reading
            .delivery()
            .and_then(|it| it.map_or(Ok(None), |it| observed(&it.error_log_group))),
    }
}

/// Of one that stores objects at all.
fn compression(delivery: &Delivery) -> Derived<Option<String>> {
    let Some(_) = delivery.bucket_arn.get()? else { return Ok(None) };
    Ok(Some(delivery.compression.get()?.map_or_else(|| "UNCOMPRESSED".to_owned(), Clone::clone)))
}

struct Reading<'a> {
    facts: &'a Facts,
    stream: &'a DeliveryStream,
}

impl Reading<'_> {
    fn delivery(&self) -> Derived<Option<&Delivery>> {
        self.stream.description.get()?.map_or(Ok(None), |description| description.delivery.get())
    }

    fn to_archive(&self) -> Derived<bool> {
        let Some(delivery) = self.delivery()? else { return Ok(false) };
        let in_archive = match delivery.bucket_arn.get() {
            Ok(Some(arn)) => self.facts.index.in_archive(bucket_name(arn)),
            Ok(None) => Ok(false),
            Err(gaps) => Err(gaps),
        };
        derived::all([delivery.stores_all.get().map(|all| all == Some(&true)), in_archive])
    }

    fn destination(&self) -> Derived<String> {
        let Some(delivery) = self.delivery()? else { return Ok("nowhere".to_owned()) };
        let bucket = delivery.bucket_arn.get()?.map(|arn| bucket_name(arn));
        let all = delivery.stores_all.get()? == Some(&true);
        let outside = match bucket {
            Some(name) => self.facts.index.outside_archive(name)?,
            None => None,
        };
        let outside = outside.map_or_else(String::new, |outside| format!(", {outside}"));
        let is_s3 = matches!(delivery.kind.as_str(), "S3" | "ExtendedS3");
        let kind = kind(&delivery.kind);
        Ok(match bucket {
            Some(name) if is_s3 => format!("bucket {name}{outside}"),
            Some(name) if all => format!("{kind}, with a copy of everything in bucket {name}{outside}"),
            Some(name) => format!("{kind}, and to bucket {name} only what could not be delivered"),
            None => format!("{kind} alone"),
        })
    }

    /// CloudWatch Logs sends its events compressed with gzip ("Subscription filters with Amazon Data Firehose", CloudWatch
    /// Logs user guide, <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>, read
    /// 2026-11-29): stored as they come, they are compressed, whatever Firehose adds.
    fn compressed(&self, gaps: &mut Vec<Gap>) -> Derived<bool> {
        let Some(delivery) = self.delivery()? else { return Ok(false) };
        let converted = delivery.converted_to.get().map(|format| format.is_some());
        let by_firehose =
            delivery.compression.get().map(|it| it.is_some_and(|compression| compression != "UNCOMPRESSED"));
        derived::any([converted, by_firehose, self.as_it_comes(delivery, gaps)])
    }

    fn as_it_comes(&self, delivery: &Delivery, gaps: &mut Vec<Gap>) -> Derived<bool> {
        let processors = delivery.processors.list()?;
        if processors.iter().any(|processor| processor == "Decompression") {
            return Ok(false);
        }
        if !processors.iter().any(|processor| processor == "Lambda") {
            return Ok(true);
        }
        let (account_id, region) = unrecorded::location(&self.stream.arn);
        let place = GapPlace {
            account_id,
            region,
            service: "firehose",
            operation: "DescribeDeliveryStream",
            resource: Some(&self.stream.arn),
        };
        let why = "a function changes the records, and nobody can tell whether it leaves them compressed";
        Err(noted_gaps::note(gaps, place, GapReason::Undecided, why))
    }
}

/// What people call a kind of destination.
fn kind(kind: &str) -> &str {
    match kind {
        "HttpEndpoint" => "an HTTP endpoint",
        "Amazonopensearchservice" => "OpenSearch Service",
        "AmazonOpenSearchServerless" => "OpenSearch Serverless",
        "Iceberg" => "Iceberg tables",
        other => other,
    }
}
