//! The facts of a Kinesis data stream that log events go to. See [`super`].

use std::sync::Arc;

use super::kind::{Kind, Listed};
use super::view::{Derived, View, facts, observed};
use super::{Facts, SubjectFacts, SubjectKind, in_store, placeholder, unrecorded};
use crate::model::{StoresRecord, Stream, StreamDescription};

facts! {
    /// A Kinesis data stream that log events go to.
    pub struct StreamFacts as "stream" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// `ACTIVE`, `UPDATING`, `CREATING`, `DELETING` or `not found`.
        state: Derived<String> = crate::model::stores::stream::STREAM_STATES,
        /// Hours that records are kept for whoever reads them late; null where there is no such stream.
        retention_hours: Derived<Option<i64>>,
        /// The key that encrypts it, as the stream names it; null where it is not encrypted, or there is no such stream.
        kms_key_id: Derived<Option<String>>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "stream",
    variable: "stream",
    unlisted: "the data streams that log events go to",
    service: "kinesis",
    ocsf: "AWS::Kinesis::Stream",
    asff: "AwsKinesisStream",
    schema: StreamFacts::schema,
    more: &[],
    listed: Listed::Owner(subjects),
    missing: Some(missing),
    undecided: Some(|facts, gaps| {
        let streams = unrecorded::streams(&facts.index, "kinesis");
        gaps.extend(streams.filter_map(|arn| unrecorded::gap(&facts.index, arn)));
    }),
};

fn subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let streams = record.streams.iter().map(|stream| {
        let own: Arc<dyn View> = Arc::new(derive(stream));
        (stream.arn.as_str(), own)
    });
    in_store::subjects(facts, record, SubjectKind::Stream, streams)
}

/// Streams that logs go to and no record tells of, and those that an answer which was refused may have named.
fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let index = &facts.index;
    let mut subjects = in_store::missing(index, SubjectKind::Stream, unrecorded::streams(index, "kinesis"));
    subjects.extend(placeholder::unnamed(index, SubjectKind::Stream, &index.unlisted_streams, None));
    subjects
}

fn derive(stream: &Stream) -> StreamFacts {
    StreamFacts {
        name: in_store::name(&stream.arn).to_owned(),
        arn: stream.arn.clone(),
        state: stream.description.get().map(|it| it.map_or("not found", |it| it.status.as_str()).to_owned()),
        retention_hours: described(stream, |it| observed(&it.retention_hours)),
        kms_key_id: described(stream, |it| observed(&it.kms_key_id)),
    }
}

/// A fact of a stream that exists.
fn described<T>(
    stream: &Stream,
    read: impl Fn(&StreamDescription) -> Derived<Option<T>>,
) -> Derived<Option<T>> {
    stream.description.get()?.map_or(Ok(None), read)
}
