//! The second step: buckets and keys, each read by its owner.

use std::collections::BTreeSet;

use serde_json::json;
use trailproof::model::{GapReason, Observed};

use crate::collect_support::{HOME, collected, settings, try_collect};
use crate::fake_aws::healthy::{ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, SECURITY, log_key, trail_key};
use crate::fake_aws::{FakeAws, Fault, Matcher, World, logs, streams};
use crate::world;

isolated! {
    fn empty_answers_of_stores_are_no_facts() {
        let fake = FakeAws::start(World::healthy(3, &[HOME]));
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection.accounts = vec![MANAGEMENT.to_owned(), ARCHIVE.to_owned()];
        collected(&fake, &settings);
        let asked: BTreeSet<_> = fake.counts().into_keys().map(|key| (key.service, key.operation)).collect();
        for fault in [Fault::EmptyBody, Fault::Html, Fault::MalformedBody] {
            for (service, operation) in asked.iter().filter(|(service, _)| ["s3", "s3control", "kms", "firehose"].contains(&service.as_str())) {
                fake.fault(Matcher::operation(service, operation), fault);
                let found = try_collect(&settings).unwrap();
                fake.clear_faults();
                let gaps = found.gaps();
                assert!(!gaps.is_empty(), "{fault:?} of {service} {operation} was taken for an answer");
                assert!(gaps.iter().all(|gap| gap.reason == GapReason::MalformedResponse), "{gaps:?}");
            }
        }
    }

    fn streams_are_followed_to_the_bucket_that_they_end_in() {
        let fake = FakeAws::start(world());
        let region = |world: &mut World| {
            let key = trail_key(HOME);
            let region = world.region_mut(ARCHIVE, HOME);
            for name in ["other-1", "other-2", "z-other"] {
                region.delivery_streams.push(streams::delivery_stream(ARCHIVE, HOME, name, "elsewhere", &key));
            }
            world.page_sizes.insert("firehose".to_owned(), 2);
        };
        fake.update(region);
        let settings = settings(&fake, MANAGEMENT);
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        let stores = found.stores(ARCHIVE);
        let [stream] = stores.streams.as_slice() else { panic!("{:?}", stores.streams) };
        let reader = format!("arn:aws:firehose:{HOME}:{ARCHIVE}:deliverystream/central-logs");
        assert_eq!(stream.delivery_streams, Observed::Known(vec![reader.clone()]));
        assert_eq!(stream.description.get().unwrap().unwrap().kms_key_id, Observed::Known(log_key(HOME)));
        // Of those of the region, the one that reads from it; and those that other regions' destinations name.
        let here: Vec<&str> =
            stores.delivery_streams.iter().map(|it| &*it.arn).filter(|arn| arn.contains(HOME)).collect();
        assert_eq!(here, [reader.as_str()]);
        assert_eq!(fake.calls(&Matcher::operation("firehose", "ListDeliveryStreams").region(HOME)), 2, "in pages");

        // Whoever may not list delivery streams does not know which read from the stream.
        fake.fault(Matcher::operation("firehose", "ListDeliveryStreams"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        let [stream] = found.stores(ARCHIVE).streams.as_slice() else { panic!() };
        assert!(stream.delivery_streams.get().is_err() && stream.description.get().is_ok());
        fake.clear_faults();
        // One that is gone is there no more, and so is what its owner's destination names.
        fake.update(|world| world.region_mut(ARCHIVE, HOME).streams.clear());
        let found = collected(&fake, &settings);
        let [stream] = found.stores(ARCHIVE).streams.as_slice() else { panic!() };
        assert_eq!(stream.description, Observed::Absent);
        assert_eq!(found.gaps(), Vec::new());
    }

    fn deliveries_are_followed_to_their_destinations_as_their_owner() {
        let mut world = world();
        let group = format!("arn:aws:logs:{HOME}:{MANAGEMENT}:log-group:/aws/lambda/ingest");
        let [source, delivery, destination] = logs::delivery(HOME, (MANAGEMENT, "site"), MANAGEMENT, &format!("{group}:*"));
        let region = world.region_mut(MANAGEMENT, HOME);
        region.log_groups[0]["kmsKeyId"] = json!(trail_key(HOME));
        region.delivery_sources.push(source);
        // One delivery has no destination any more, another goes where traces go.
        let mut gone = delivery.clone();
        gone["arn"] = json!(format!("arn:aws:logs:{HOME}:{MANAGEMENT}:delivery:gone"));
        gone["deliveryDestinationArn"] = json!(format!("arn:aws:logs:{HOME}:{MANAGEMENT}:delivery-destination:gone"));
        let mut traces = delivery.clone();
        traces["arn"] = json!(format!("arn:aws:logs:{HOME}:{MANAGEMENT}:delivery:traces"));
        traces["deliveryDestinationArn"] = json!(format!("arn:aws:logs:{HOME}:{MANAGEMENT}:delivery-destination:traces"));
        traces["deliveryDestinationType"] = json!("XRAY");
        region.deliveries.extend([delivery, gone, traces]);
        region.delivery_destinations.push(destination);
        let fake = FakeAws::start(world);
        let settings = settings(&fake, MANAGEMENT);
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        let [gone, site] = found.stores(MANAGEMENT).delivery_destinations.as_slice() else { panic!("two are asked for") };
        assert_eq!((&gone.target_arn, &site.target_arn), (&Observed::Absent, &Observed::Known(format!("{group}:*"))));
        let [findings] = found.stores(ARCHIVE).delivery_destinations.as_slice() else { panic!("the owner says") };
        assert_eq!(findings.target_arn, Observed::Known(format!("arn:aws:s3:::{ARCHIVE_BUCKET}")));
        let deliveries = |account: &str| fake.calls(&Matcher::operation("logs", "DescribeDeliveries").account(account));
        assert_eq!((deliveries(MANAGEMENT), deliveries(ARCHIVE)), (1, 0), "where there is no source, nobody asks");

        // Where sources are refused, deliveries are asked for all the same; where both are, they are not known.
        fake.fault(Matcher::operation("logs", "DescribeDeliverySources"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        assert!(!found.stores(MANAGEMENT).delivery_destinations.is_empty());
        fake.fault(Matcher::operation("logs", "DescribeDeliveries"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        let region = &found.account(ARCHIVE).regions[0];
        assert!(region.delivery_sources.get().is_err() && region.deliveries.get().is_err());
        fake.clear_faults();
        // A destination of an account outside the scope is known to be unknown.
        let mut settings = settings;
        settings.selection.accounts = vec![SECURITY.to_owned()];
        let found = collected(&fake, &settings);
        let stores = found.stores(ARCHIVE);
        let of_it = stores.gaps.iter().find(|gap| gap.operation == "GetDeliveryDestination").unwrap();
        assert_eq!(of_it.detail, "the delivery destination belongs to an account that was not scanned");
        assert_eq!(stores.delivery_destinations[0].target_arn, Observed::Unavailable(of_it.id.clone()));
    }

    fn keys_outside_the_scope_are_known_to_be_unknown() {
        let fake = FakeAws::start(world());
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection.accounts = vec![MANAGEMENT.to_owned()];
        let found = collected(&fake, &settings);
        let stores = found.stores(ARCHIVE);
        assert!(stores.buckets.is_empty() && !stores.keys.is_empty());
        assert_eq!(stores.gaps[0].reason, GapReason::NotCollected);
        assert!(stores.keys.iter().all(|key| matches!(key.description, Observed::Unavailable(_))));
    }

    fn streams_outside_the_scope_are_known_to_be_unknown() {
        let mut world = world();
        let arn = format!("arn:aws:kinesis:{HOME}:{ARCHIVE}:stream/central-logs");
        let document = json!({ "DestinationArn": arn, "FilterPattern": "" }).to_string();
        world.region_mut(MANAGEMENT, HOME).account_policies.push(json!({
            "policyName": "to-stream", "policyType": "SUBSCRIPTION_FILTER_POLICY", "scope": "ALL",
            "policyDocument": document, "accountId": MANAGEMENT,
        }));
        let fake = FakeAws::start(world);
        let mut settings = settings(&fake, MANAGEMENT);
        settings.selection.accounts = vec![MANAGEMENT.to_owned()];
        let found = collected(&fake, &settings);
        let stores = found.stores(ARCHIVE);
        let [stream] = stores.streams.as_slice() else { panic!("{:?}", stores.streams) };
        assert_eq!(stream.arn, arn);
        let of_streams = stores.gaps.iter().find(|gap| gap.operation == "DescribeStreamSummary").unwrap();
        assert_eq!(of_streams.detail, "the stream belongs to an account that was not scanned");
        assert_eq!(stream.description, Observed::Unavailable(of_streams.id.clone()));
        let of_keys = stores.gaps.iter().find(|gap| gap.operation == "DescribeKey").unwrap();
        assert!(stores.keys.iter().all(|key| key.description == Observed::Unavailable(of_keys.id.clone())));
    }

    fn a_bucket_is_found_where_the_listing_does_not_say() {
        let fake = FakeAws::start(world());
        fake.update(|world| world.hides_bucket_regions = true);
        let mut settings = settings(&fake, MANAGEMENT);
        let found = collected(&fake, &settings);
        assert_eq!(found.gaps(), Vec::new());
        let replica = &found.stores(ARCHIVE).buckets[3];
        assert_eq!(replica.region, Observed::Known("us-east-1".to_owned()));
        assert_eq!(replica.versioning.get().unwrap().unwrap().status.as_deref(), Some("Enabled"));

        settings.selection.accounts = vec![MANAGEMENT.to_owned(), ARCHIVE.to_owned()];
        fake.fault(Matcher::operation("s3", "GetBucketLocation"), Fault::AccessDenied);
        let found = collected(&fake, &settings);
        let archive = &found.stores(ARCHIVE).buckets[2];
        assert!(matches!(archive.region, Observed::Unavailable(_)));
        assert!(archive.versioning.get().is_ok(), "it is in the region that is asked first");
    }

    fn a_bucket_behind_a_redirect_is_read_where_it_is() {
        let fake = FakeAws::start(world());
        fake.update(|world| world.hides_bucket_regions = true);
        fake.fault(Matcher::operation("s3", "GetBucketLocation"), Fault::AccessDenied);
        let mut settings = settings(&fake, MANAGEMENT);
        // From the first region S3 answers 301, from any other 400; both name the bucket's region.
        for (region, bucket, place) in [("us-east-1", 2, HOME), (HOME, 3, "us-east-1")] {
            settings.region = Some(region.to_owned());
            let found = collected(&fake, &settings);
            let read = &found.stores(ARCHIVE).buckets[bucket];
            assert_eq!(read.region, Observed::Known(place.to_owned()));
            assert_eq!(read.versioning.get().unwrap().unwrap().status.as_deref(), Some("Enabled"));
            let gaps = found.gaps();
            assert!(gaps.iter().all(|gap| gap.resource.as_deref() != Some(read.name.as_str())), "{gaps:?}");
        }
    }

    fn an_owner_that_refuses_in_the_second_step_leaves_its_stores_unknown() {
        const NAME: &str = "access-logs-elsewhere";
        let fake = FakeAws::start(world());
        let key = trail_key(HOME).replace(ARCHIVE, SECURITY);
        fake.update(|world| {
            // Nobody but the archive's own settings leads to these two of another account.
            world.add_bucket(NAME, SECURITY, HOME);
            let logging = json!({ "LoggingEnabled": { "TargetBucket": NAME, "TargetPrefix": "" } });
            *world.bucket_configuration_mut(ARCHIVE_BUCKET, "logging") = logging;
            let rule = json!({ "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key });
            let encryption = json!({ "Rule": [{ "ApplyServerSideEncryptionByDefault": rule }] });
            *world.bucket_configuration_mut(ARCHIVE_BUCKET, "encryption") = encryption;
        });
        fake.fault(Matcher::operation("sts", "AssumeRole").account(SECURITY), Fault::DeniedAfter { answers: 1 });
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert!(found.account(SECURITY).gaps.is_empty(), "in the first step it answers");
        assert!(found.stores(ARCHIVE).gaps.is_empty(), "the other owner answers");

        let stores = found.stores(SECURITY);
        let [gap] = stores.gaps.as_slice() else { panic!("{:?}", stores.gaps) };
        assert_eq!((gap.operation.as_str(), gap.reason), ("AssumeRole", GapReason::RoleNotAssumable));
        let [bucket] = stores.buckets.as_slice() else { panic!("{:?}", stores.buckets) };
        let [known] = stores.keys.as_slice() else { panic!("{:?}", stores.keys) };
        assert_eq!((bucket.name.as_str(), known.arn.as_str()), (NAME, key.as_str()));
        let facts = [bucket.versioning.get().err(), bucket.policy.get().err(), known.description.get().err()];
        assert_eq!(facts, [(); 3].map(|()| Some(gap.id.clone().into())));
        assert_eq!(stores.public_access_block.get().err(), Some(gap.id.clone().into()));
    }
}
