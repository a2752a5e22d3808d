//! Values that this release does not know, in records of whatever release: each makes unknown the answer that holds it,
//! under a gap that quotes it, so that no fact takes it for one of the values that it does know.
//!
//! Collecting does the same with answers (`collect::answers`), for records then lack what such a value says. An account's
//! state is not among them: whatever is not known to keep an account from being entered is entered.

use super::Record;
use crate::model::values::{
    ACL_PERMISSIONS, ALL_USERS, AUTHENTICATED_USERS, COMPRESSION, DELIVERY_DESTINATION_TYPES,
    DELIVERY_SOURCE_STATUS, DELIVERY_STATUS, DELIVERY_STREAM_ENCRYPTION, DELIVERY_STREAM_SOURCES,
    DELIVERY_STREAM_STATES, ENCRYPTION, EVENT_CATEGORIES, EVENT_DATA_STORE_STATUS, FREQUENCIES,
    GRANT_OPERATIONS, GRANTEE_KINDS, INSIGHTS, KEY_STATES, LOG_CLASSES, LOG_DELIVERY, OWNERSHIP, PROCESSORS,
    READ_WRITE_TYPES, RECORDER_STATUS, RECORDING_STRATEGIES, STREAM_STATES, TRANSITION_CLASSES, VERSIONING,
    spelt,
};
use crate::model::{
    AccessControlList, AccountRecord, Bucket, DeliveryAttempt, DeliveryStreamDescription, EventSelectors,
    Gap, GapPlace, GapReason, Key, LifecycleRule, Observed, Recorder, RegionRecord, StoresRecord, Trail,
    region_of,
};

/// A record of which no value is taken for one that it is not.
pub(super) fn settled(mut record: Record) -> Record {
    match &mut record {
        Record::Account(account) => self::account(account),
        Record::Stores(stores) => self::stores(stores),
        Record::Header(_) | Record::End(_) => {}
    }
    record
}

/// Makes a fact unknown if a value in it is.
fn settle<T>(
    gaps: &mut Vec<Gap>,
    fact: &mut Observed<T>,
    place: GapPlace<'_>,
    stranger: impl FnOnce(&T) -> Option<String>,
) {
    let Observed::Known(known) = &*fact else { return };
    let Some(what) = stranger(known) else { return };
    let why = format!("the answer holds {what}, which this release does not know: a newer one may");
    let gap = Gap::new(place, GapReason::Undecided, why);
    *fact = Observed::Unavailable(gap.id.clone());
    match gaps.iter_mut().find(|before| before.id == gap.id) {
        Some(before) => before.detail = format!("{}; {}", before.detail, gap.detail),
        None => gaps.push(gap),
    }
}

/// The member and its value, if that is not among the known ones.
fn stranger(member: &str, value: &str, known: &[&str]) -> Option<String> {
    (!known.contains(&value)).then(|| format!("{member} {value:?}"))
}

fn status(member: &str, status: &Observed<String>, known: &[&str]) -> Option<String> {
    let Observed::Known(status) = status else { return None };
    (!known.contains(&spelt(status).as_str())).then(|| format!("{member} {status:?}"))
}

fn account(record: &mut AccountRecord) {
    if let Observed::Known(trails) = &mut record.trails {
        for trail in trails {
            self::trail(&mut record.gaps, &record.id, trail);
        }
    }
    for region in &mut record.regions {
        self::region(&mut record.gaps, &record.id, region);
    }
}

fn trail(gaps: &mut Vec<Gap>, account_id: &str, trail: &mut Trail) {
    let place = |operation| GapPlace {
        account_id: Some(account_id),
        region: Some(&trail.home_region),
        service: "cloudtrail",
        operation,
        resource: Some(&trail.arn),
    };
    settle(gaps, &mut trail.event_selectors, place("GetEventSelectors"), selectors);
    settle(gaps, &mut trail.insight_types, place("GetInsightSelectors"), |types| {
        types.iter().find_map(|kind| stranger("InsightType", kind, INSIGHTS))
    });
}

fn selectors(selectors: &EventSelectors) -> Option<String> {
    match selectors {
        EventSelectors::Basic(selectors) => selectors
            .iter()
            .find_map(|selector| stranger("ReadWriteType", &selector.read_write_type, READ_WRITE_TYPES)),
        EventSelectors::Advanced(selectors) => {
            let fields = selectors.iter().flat_map(|selector| &selector.field_selectors);
            let mut categories =
                fields.filter(|field| field.field == "eventCategory").flat_map(|field| &field.equals);
            categories.find_map(|category| stranger("eventCategory", category, EVENT_CATEGORIES))
        }
    }
}

fn region(gaps: &mut Vec<Gap>, account_id: &str, region: &mut RegionRecord) {
    let RegionRecord {
        name,
        recorders,
        delivery_channels,
        log_groups,
        event_data_stores,
        delivery_sources,
        deliveries,
        ..
    } = region;
    let place = |service, operation| GapPlace {
        account_id: Some(account_id),
        region: Some(name),
        service,
        operation,
        resource: None,
    };
    let recording = place("config", "DescribeConfigurationRecorders");
    settle(gaps, recorders, recording, |recorders| recorders.iter().find_map(recorder));
    if let Observed::Known(recorders) = recorders {
        for recorder in recorders {
            let place = place("config", "DescribeConfigurationRecorderStatus");
            settle(gaps, &mut recorder.status, place, |it| {
                status("lastStatus", &it.last_status, RECORDER_STATUS)
            });
        }
    }
    if let Observed::Known(channels) = delivery_channels {
        for channel in channels {
            let place = place("config", "DescribeDeliveryChannelStatus");
            let attempt =
                |attempt: &DeliveryAttempt| status("lastStatus", &attempt.last_status, DELIVERY_STATUS);
            if let Observed::Known(status) = &mut channel.status {
                settle(gaps, &mut status.history, place, attempt);
                settle(gaps, &mut status.snapshot, place, attempt);
            }
        }
    }
    if let Observed::Known(stores) = event_data_stores {
        for store in stores {
            let place = GapPlace { resource: Some(&store.arn), ..place("cloudtrail", "GetEventDataStore") };
            settle(gaps, &mut store.settings, place, |it| {
                stranger("Status", &it.status, EVENT_DATA_STORE_STATUS)
            });
        }
    }
    if let Observed::Known(sources) = delivery_sources {
        for source in sources {
            let place = GapPlace { resource: Some(&source.arn), ..place("logs", "DescribeDeliverySources") };
            settle(gaps, &mut source.status, place, |it| stranger("status", it, DELIVERY_SOURCE_STATUS));
        }
    }
    settle(gaps, deliveries, place("logs", "DescribeDeliveries"), |deliveries| {
        deliveries.iter().find_map(|it| {
            stranger("deliveryDestinationType", &it.destination_type, DELIVERY_DESTINATION_TYPES)
        })
    });
    if let Observed::Known(groups) = log_groups {
        for group in groups {
            let place = GapPlace { resource: Some(&group.name), ..place("logs", "DescribeLogGroups") };
            settle(gaps, &mut group.class, place, |class| stranger("logGroupClass", class, LOG_CLASSES));
        }
    }
}

fn recorder(recorder: &Recorder) -> Option<String> {
    let strategy = recorder.recording_group.strategy.as_ref();
    let strategy = strategy.and_then(|strategy| stranger("useOnly", strategy, RECORDING_STRATEGIES));
    let known = |frequency: &String| stranger("recordingFrequency", frequency, FREQUENCIES);
    let frequency = recorder.recording_frequency.get().ok().flatten();
    let overrides = recorder.frequency_overrides.list().unwrap_or_default();
    strategy
        .or_else(|| frequency.and_then(known))
        .or_else(|| overrides.iter().find_map(|it| known(&it.frequency)))
}

fn stores(record: &mut StoresRecord) {
    for bucket in &mut record.buckets {
        self::bucket(&mut record.gaps, bucket);
    }
    for key in &mut record.keys {
        self::key(&mut record.gaps, key);
    }
    for stream in &mut record.streams {
        let place = owned(&record.account_id, &stream.arn, "kinesis", "DescribeStreamSummary");
        settle(&mut record.gaps, &mut stream.description, place, |description| {
            stranger("StreamStatus", &description.status, STREAM_STATES)
        });
    }
    for stream in &mut record.delivery_streams {
        let place = owned(&record.account_id, &stream.arn, "firehose", "DescribeDeliveryStream");
        settle(&mut record.gaps, &mut stream.description, place, delivery_stream);
    }
    for destination in &mut record.delivery_destinations {
        let place = owned(&record.account_id, &destination.arn, "logs", "GetDeliveryDestination");
        settle(&mut record.gaps, &mut destination.target_arn, place, |target| {
            let service = target.split(':').nth(2).unwrap_or_default();
            let is_known = ["s3", "firehose", "logs"].contains(&service);
            (!is_known).then(|| format!("destinationResourceArn {target:?}"))
        });
    }
}

fn owned<'a>(account_id: &'a str, arn: &'a str, service: &'a str, operation: &'a str) -> GapPlace<'a> {
    GapPlace { account_id: Some(account_id), region: region_of(arn), service, operation, resource: Some(arn) }
}

fn delivery_stream(description: &DeliveryStreamDescription) -> Option<String> {
    let among = |member: &str, value: Option<&String>, known: &[&str]| stranger(member, value?, known);
    let delivery = description.delivery.get().ok().flatten();
    let compression = delivery.and_then(|delivery| delivery.compression.get().ok().flatten());
    let processors = delivery.map_or(&[][..], |delivery| delivery.processors.list().unwrap_or_default());
    stranger("DeliveryStreamStatus", &description.status, DELIVERY_STREAM_STATES)
        .or_else(|| stranger("DeliveryStreamType", &description.source, DELIVERY_STREAM_SOURCES))
        .or_else(|| {
            let encryption = description.encryption.get().ok().flatten();
            among("DeliveryStreamEncryptionConfiguration.Status", encryption, DELIVERY_STREAM_ENCRYPTION)
        })
        .or_else(|| among("CompressionFormat", compression, COMPRESSION))
        .or_else(|| processors.iter().find_map(|processor| stranger("Processor", processor, PROCESSORS)))
}

fn bucket(gaps: &mut Vec<Gap>, bucket: &mut Bucket) {
    let Bucket { name, account_id, region, .. } = bucket;
    let region = match region {
        Observed::Known(region) => Some(region.as_str()),
        Observed::Absent | Observed::Unavailable(_) => None,
    };
    let place = |operation| GapPlace {
        account_id: Some(account_id),
        region,
        service: "s3",
        operation,
        resource: Some(name),
    };
    settle(gaps, &mut bucket.versioning, place("GetBucketVersioning"), |versioning| {
        stranger("Status", versioning.status.as_deref()?, VERSIONING)
    });
    settle(gaps, &mut bucket.lifecycle, place("GetBucketLifecycleConfiguration"), |rules| {
        let classes = |rule: &LifecycleRule| {
            rule.transitions.iter().find_map(|class| stranger("StorageClass", class, TRANSITION_CLASSES))
        };
        rules.iter().find_map(classes)
    });
    settle(gaps, &mut bucket.acl, place("GetBucketAcl"), acl);
    settle(gaps, &mut bucket.ownership, place("GetBucketOwnershipControls"), |ownership| {
        stranger("ObjectOwnership", ownership, OWNERSHIP)
    });
    settle(gaps, &mut bucket.encryption, place("GetBucketEncryption"), |encryption| {
        stranger("SSEAlgorithm", &encryption.algorithm, ENCRYPTION)
    });
}

/// A group is known by its address: another spelling, and another group, could be anybody.
fn acl(acl: &AccessControlList) -> Option<String> {
    acl.grants.iter().find_map(|grant| {
        let group = (grant.grantee_kind == "Group")
            .then(|| stranger("URI", &grant.grantee, &[ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY]));
        stranger("Type", &grant.grantee_kind, GRANTEE_KINDS)
            .or_else(|| group.flatten())
            .or_else(|| stranger("Permission", &grant.permission, ACL_PERMISSIONS))
    })
}

fn key(gaps: &mut Vec<Gap>, key: &mut Key) {
    let place = |operation| GapPlace {
        account_id: Some(&key.account_id),
        region: Some(&key.region),
        service: "kms",
        operation,
        resource: Some(&key.arn),
    };
    settle(gaps, &mut key.description, place("DescribeKey"), |description| {
        stranger("KeyState", &description.state, KEY_STATES)
    });
    settle(gaps, &mut key.grants, place("ListGrants"), |grants| {
        let mut operations = grants.iter().flat_map(|grant| &grant.operations);
        operations.find_map(|operation| stranger("Operations", operation, GRANT_OPERATIONS))
    });
}

#[cfg(test)]
mod tests;
