//! Reads the streams on the way of logs as their owner, in one region: data streams of Kinesis, and delivery streams of
//! Firehose. Neither needs a crate of the SDK: see [`crate::aws::signed`].
//!
//! `DescribeStreamSummary` of the Kinesis API reference, `ListDeliveryStreams` and `DescribeDeliveryStream` of Firehose's,
//! read 2026-11-29. A data stream does not say who reads from it: each delivery stream of its region says from which it does.

mod answer;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use super::reference::Reference;
use crate::aws::signed::{Client, Service};
use crate::collect::call::CallTarget;
use crate::collect::convert::{Arn, Missing, text};
use crate::collect::session::Session;
use crate::collect::table::{Call, DESCRIBE_DELIVERY_STREAM, DESCRIBE_STREAM_SUMMARY, LIST_DELIVERY_STREAMS};
use crate::model::{
    Delivery, DeliveryStream, DeliveryStreamDescription, Edge, EdgeKind, GapId, Observed, StoresRecord,
    Stream, StreamDescription,
};

const KINESIS: Service = Service::json("Kinesis", "kinesis", "Kinesis_20131202");
const FIREHOSE: Service = Service::json("Firehose", "firehose", "Firehose_20150804");

/// A stream as somebody calls it who sends log events to it, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StreamReference {
    account_id: String,
    region: String,
    kind: StreamKind,
    arn: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum StreamKind {
    Data,
    Delivery,
}

impl StreamReference {
    /// `None` for what is no stream: functions and destinations lead nowhere from here.
    pub(crate) fn new(arn: &str) -> Option<Self> {
        let parsed = Arn::parse(arn)?;
        let kind = match (arn.split(':').nth(2)?, parsed.resource.split_once('/')?.0) {
            ("kinesis", "stream") => StreamKind::Data,
            ("firehose", "deliverystream") => StreamKind::Delivery,
            _ => return None,
        };
        let is_account =
            parsed.account_id.len() == 12 && parsed.account_id.bytes().all(|it| it.is_ascii_digit());
        is_account.then(|| Self {
            account_id: parsed.account_id.to_owned(),
            region: parsed.region.to_owned(),
            kind,
            arn: arn.to_owned(),
        })
    }
}

impl Reference for StreamReference {
    type Identity = String;
    const OUT_OF_SCOPE: (&'static Call, &'static str) =
        (&DESCRIBE_STREAM_SUMMARY, "the stream belongs to an account that was not scanned");

    fn named_by(edge: &Edge<'_>) -> Option<Self> {
        let (EdgeKind::Sends, Ok(stream)) = (edge.kind, &edge.to) else { return None };
        Self::new(stream)
    }

    fn owner(&self) -> &str {
        &self.account_id
    }

    fn identity(&self) -> String {
        self.arn.clone()
    }

    fn answered(stores: &StoresRecord) -> Vec<String> {
        let data = stores.streams.iter().map(|stream| stream.arn.clone());
        data.chain(stores.delivery_streams.iter().map(|stream| stream.arn.clone())).collect()
    }

    async fn read(session: &Session, references: Vec<Self>) -> StoresRecord {
        let mut places: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
        for Self { region, kind, arn, .. } in references {
            let (data, delivery) = places.entry(region).or_default();
            match kind {
                StreamKind::Data => data.push(arn),
                StreamKind::Delivery => delivery.push(arn),
            }
        }
        let regions = places.into_iter().map(|(region, (data, delivery))| async move {
            tokio::join!(streams(session, &region, data), delivery_streams(session, &region, delivery))
        });
        let (streams, delivery_streams): (Vec<_>, Vec<_>) = join_all(regions).await.into_iter().unzip();
        StoresRecord {
            streams: streams.concat(),
            delivery_streams: delivery_streams.concat(),
            ..StoresRecord::default()
        }
    }

    fn unavailable(references: Vec<Self>, gap: &GapId) -> StoresRecord {
        let mut record = StoresRecord::default();
        for Self { kind, arn, .. } in references {
            match kind {
                StreamKind::Data => record.streams.push(Stream {
                    arn,
                    description: Observed::Unavailable(gap.clone()),
                    delivery_streams: Observed::Unavailable(gap.clone()),
                }),
                StreamKind::Delivery => record
                    .delivery_streams
                    .push(DeliveryStream { arn, description: Observed::Unavailable(gap.clone()) }),
            }
        }
        record
    }
}

/// Data streams of one region.
async fn streams(session: &Session, region: &str, arns: Vec<String>) -> Vec<Stream> {
    if arns.is_empty() {
        return Vec::new();
    }
    let client = session.signed(KINESIS, region);
    let descriptions = join_all(arns.iter().map(|arn| description(session, &client, region, arn)));
    let (descriptions, readers) = tokio::join!(descriptions, readers(session, region));
    let stream = |(arn, description): (String, Observed<StreamDescription>)| {
        let readers = readers.clone().map(|readers| {
            let of_stream = readers.into_iter().filter(|(_, source)| *source == arn);
            of_stream.map(|(reader, _)| reader).collect()
        });
        Stream { arn, description, delivery_streams: readers }
    };
    arns.into_iter().zip(descriptions).map(stream).collect()
}

/// Delivery streams of one region.
async fn delivery_streams(session: &Session, region: &str, arns: Vec<String>) -> Vec<DeliveryStream> {
    let client = session.signed(FIREHOSE, region);
    let read = arns.into_iter().map(|arn| {
        let client = &client;
        async move {
            let described = described(session, client, region, &arn).await;
            DeliveryStream { description: described.map(|(description, _)| description), arn }
        }
    });
    join_all(read).await
}

/// The name at the end of a stream's ARN.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

async fn description(
    session: &Session,
    client: &Client,
    region: &str,
    arn: &str,
) -> Observed<StreamDescription> {
    let at = CallTarget::region(region).of(arn);
    let call = &DESCRIBE_STREAM_SUMMARY;
    let send = || client.call::<answer::StreamSummary>(call.operation, json!({ "StreamARN": arn }));
    let answer = session.api.call(call, at, send).await;
    session.api.accept(call, at, answer, |answer| {
        let summary = answer.stream_description_summary.ok_or("StreamDescriptionSummary")?;
        if summary.stream_arn.as_deref() != Some(arn) {
            return Err("StreamDescriptionSummary.StreamARN of the stream that was asked for");
        }
        let kms_key_id = match summary.encryption_type.as_deref() {
            Some("KMS") => Observed::Known(summary.key_id.ok_or("StreamDescriptionSummary.KeyId")?),
            Some("NONE") => Observed::Absent,
            Some(_) | None => return Err("known StreamDescriptionSummary.EncryptionType"),
        };
        Ok(StreamDescription {
            status: summary.stream_status.ok_or("StreamDescriptionSummary.StreamStatus")?,
            retention_hours: Observed::Known(
                summary.retention_period_hours.ok_or("StreamDescriptionSummary.RetentionPeriodHours")?,
            ),
            kms_key_id,
        })
    })
}

/// The delivery streams of the region that read from a data stream, each with that stream.
async fn readers(session: &Session, region: &str) -> Observed<Vec<(String, String)>> {
    let client = session.signed(FIREHOSE, region);
    let names = match names(session, &client, region).await {
        Observed::Known(names) => names,
        Observed::Absent => return Observed::Known(Vec::new()),
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    let described = names.iter().map(|name| described(session, &client, region, name));
    let mut readers = Vec::new();
    for described in join_all(described).await {
        match described {
            Observed::Known((_, Some(reads))) => readers.push(reads),
            // One that was deleted meanwhile reads nothing.
            Observed::Known((_, None)) | Observed::Absent => {}
            Observed::Unavailable(gap) => return Observed::Unavailable(gap),
        }
    }
    readers.sort_unstable();
    Observed::Known(readers)
}

/// The names of all delivery streams. The next page begins behind the last name of the one before.
async fn names(session: &Session, client: &Client, region: &str) -> Observed<Vec<String>> {
    let send = |after: Option<String>| {
        let body = json!({ "Limit": 100, "ExclusiveStartDeliveryStreamName": after });
        client.call::<answer::DeliveryStreamNames>(LIST_DELIVERY_STREAMS.operation, body)
    };
    let read = |page: answer::DeliveryStreamNames| {
        let names = page.delivery_stream_names.ok_or("DeliveryStreamNames")?;
        let more = page.has_more_delivery_streams.ok_or("HasMoreDeliveryStreams")?;
        let next = match names.last() {
            Some(last) if more => Some(last.clone()),
            None if more => return Err("DeliveryStreamNames, though it says that there are more"),
            _ => None,
        };
        Ok((names, next))
    };
    session.api.pages(&LIST_DELIVERY_STREAMS, CallTarget::region(region), send, read).await
}

/// A delivery stream by name or ARN; with its own ARN and the data stream that it reads from, where it reads from one.
async fn described(
    session: &Session,
    client: &Client,
    region: &str,
    called: &str,
) -> Observed<(DeliveryStreamDescription, Option<(String, String)>)> {
    let at = CallTarget::region(region).of(called);
    let call = &DESCRIBE_DELIVERY_STREAM;
    let name = name_of(called);
    let send =
        || client.call::<answer::DeliveryStream>(call.operation, json!({ "DeliveryStreamName": name }));
    let answer = session.api.call(call, at, send).await;
    session.api.accept(call, at, answer, |answer| {
        let stream = answer.delivery_stream_description.ok_or("DeliveryStreamDescription")?;
        let arn = stream.delivery_stream_arn.ok_or("DeliveryStreamDescription.DeliveryStreamARN")?;
        let is_it = arn == called || called == name && name_of(&arn) == name;
        if !is_it
            || Arn::parse(&arn).is_none_or(|arn| arn.region != region || arn.account_id != session.account_id)
        {
            return Err("DeliveryStreamDescription.DeliveryStreamARN of the stream that was asked for");
        }
        let reads = match (stream.source, stream.delivery_stream_type.as_deref()) {
            (Some(answer::Source { kinesis_stream_source_description: Some(source) }), _) => Some((
                arn,
                source.kinesis_stream_arn.ok_or("DeliveryStreamDescription.Source.KinesisStreamARN")?,
            )),
            (_, Some("KinesisStreamAsSource")) => return Err("DeliveryStreamDescription.Source"),
            _ => None,
        };
        let encryption = stream.delivery_stream_encryption_configuration.unwrap_or_default();
        Ok((
            DeliveryStreamDescription {
                status: stream
                    .delivery_stream_status
                    .ok_or("DeliveryStreamDescription.DeliveryStreamStatus")?,
                source: stream.delivery_stream_type.ok_or("DeliveryStreamDescription.DeliveryStreamType")?,
                encryption: text(encryption.status),
                kms_key_arn: text(encryption.key_arn),
                delivery: Observed::Known(delivery(
                    stream.destinations.ok_or("DeliveryStreamDescription.Destinations")?,
                    stream.has_more_destinations,
                )?),
            },
            reads,
        ))
    })
}

/// Firehose has one destination for each stream, and says so of each.
fn delivery(destinations: Vec<answer::Destination>, more: Option<bool>) -> Result<Delivery, Missing> {
    if more != Some(false) {
        return Err("DeliveryStreamDescription.HasMoreDestinations that says that these are all");
    }
    let [destination] = <[_; 1]>::try_from(destinations)
        .map_err(|_| "DeliveryStreamDescription.Destinations with one destination")?;
    let (kind, target) = destination.target().ok_or("known DeliveryStreamDescription.Destinations[]")?;
    // The description of S3 alone is a shorter form of the extended one; others have S3 beside them.
    let is_s3 = matches!(kind, "S3" | "ExtendedS3");
    let copies = if is_s3 { None } else { target.s3_destination_description };
    let all = match (is_s3, target.s3_backup_mode.as_deref()) {
        (true, _) | (_, Some("AllEvents" | "AllData" | "AllDocuments")) => true,
        // Redshift loads everything from its bucket, whatever it keeps a second copy of.
        (_, Some("Enabled" | "Disabled") | None) if kind == "Redshift" => true,
        (_, Some("FailedEventsOnly" | "FailedDataOnly" | "FailedDocumentsOnly" | "Disabled") | None) => false,
        (_, Some(_)) => return Err("known S3BackupMode of DeliveryStreamDescription.Destinations[]"),
    };
    let s3 = if is_s3 { target.bucket } else { copies.unwrap_or_default() };
    if is_s3 && s3.bucket_arn.is_none() {
        return Err("BucketARN of DeliveryStreamDescription.Destinations[]");
    }
    let conversion =
        target.data_format_conversion_configuration.filter(|conversion| conversion.enabled != Some(false));
    let converted_to =
        conversion.map(|conversion| conversion.format().ok_or("known OutputFormatConfiguration"));
    let processing = target.processing_configuration.filter(|processing| processing.enabled != Some(false));
    let processors = processing.and_then(|processing| processing.processors).unwrap_or_default();
    let processors: Result<Vec<String>, Missing> =
        processors.into_iter().map(|processor| processor.kind.ok_or("Type of a processor")).collect();
    let errors = target.cloud_watch_logging_options.filter(|options| options.enabled == Some(true));
    Ok(Delivery {
        kind: kind.to_owned(),
        bucket_arn: text(s3.bucket_arn),
        stores_all: Observed::Known(all),
        compression: text(s3.compression_format),
        converted_to: converted_to.transpose()?.map(str::to_owned).into(),
        kms_key_arn: s3.encryption_configuration.and_then(answer::Encryption::key).into(),
        processors: Observed::Known(processors?),
        error_log_group: errors.and_then(|options| options.log_group_name).into(),
    })
}

#[cfg(test)]
mod tests;
