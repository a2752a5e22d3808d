//! Each answer that names where logs go is an edge, and an edge without a known end where it was refused.

use super::{EdgeKind, LogKind, Origin};
use crate::example::{ARCHIVE, Example, HOME_REGION, MANAGEMENT};
use crate::model::{
    AccountRecord, Bucket, DeliveryDestination, GapId, Gaps, LogDelivery, Observed, RegionRecord,
    StoresRecord, Stream,
};

type Seen = (EdgeKind, Result<String, Gaps>);

/// What an account's record says, but of the keys of its log groups.
fn of_account(record: &AccountRecord) -> Vec<Seen> {
    let mut seen = Vec::new();
    record.for_each_edge(&mut |edge| {
        if !matches!(edge.origin, Origin::LogGroup(_)) {
            seen.push((edge.kind, edge.to.map(str::to_owned)));
        }
    });
    seen
}

fn of_stores(record: &StoresRecord) -> Vec<Seen> {
    let mut seen = Vec::new();
    record.for_each_edge(&mut |edge| seen.push((edge.kind, edge.to.map(str::to_owned))));
    seen
}

fn of_bucket(bucket: Bucket) -> Vec<Seen> {
    of_stores(&StoresRecord { buckets: vec![bucket], ..StoresRecord::default() })
}

fn refused() -> GapId {
    GapId::new("gap")
}

fn management() -> AccountRecord {
    let mut example = Example::healthy(0, &[HOME_REGION]);
    example.account_mut(MANAGEMENT).unwrap().clone()
}

fn archive() -> Bucket {
    let example = Example::healthy(0, &[HOME_REGION]);
    let stores = example.stores.into_iter().find(|stores| stores.account_id == ARCHIVE).unwrap();
    stores.buckets.into_iter().find(|bucket| matches!(bucket.replication, Observed::Known(_))).unwrap()
}

#[test]
fn a_trail_a_channel_and_an_event_data_store_say_where_they_deliver_and_with_which_key() {
    let known = of_account(&management());
    let kinds: Vec<EdgeKind> = known.iter().map(|(kind, _)| *kind).collect();
    let (trail, config) = (EdgeKind::Stores(LogKind::Trail), EdgeKind::Stores(LogKind::Config));
    let (delivers, encrypts) = (EdgeKind::Delivers, EdgeKind::Encrypts);
    assert_eq!(kinds, [trail, delivers, encrypts, config, encrypts, encrypts]);
    assert!(known.iter().all(|(_, to)| to.is_ok()), "{known:?}");
    assert!(known[1].1.as_ref().is_ok_and(|group| !group.ends_with(":*")), "{known:?}");

    // Whatever part of the answer is refused, the same edges are there, and lead where nobody knows.
    let gaps = || Err(Gaps::from(refused()));
    let mut record = management();
    let Observed::Known(trails) = &mut record.trails else { panic!("it has one") };
    trails[0].settings = Observed::Unavailable(refused());
    let edges = of_account(&record);
    assert_eq!(edges[..3], [(trail, gaps()), (EdgeKind::Delivers, gaps()), (EdgeKind::Encrypts, gaps())]);
    assert_eq!(edges[3..], known[3..]);
    let mut record = management();
    record.unseen_trails = Some(vec![refused()]);
    let edges = of_account(&record);
    assert_eq!(edges[..3], [(trail, gaps()), (EdgeKind::Delivers, gaps()), (EdgeKind::Encrypts, gaps())]);
    assert_eq!(edges[3..], known[..], "there may be trails besides");
    let mut record = management();
    record.regions[0].delivery_channels = Observed::Unavailable(refused());
    assert_eq!(of_account(&record)[3..5], [(config, gaps()), (EdgeKind::Encrypts, gaps())]);
    let mut record = management();
    let Observed::Known(stores) = &mut record.regions[0].event_data_stores else { panic!("it has one") };
    stores[0].settings = Observed::Unavailable(refused());
    assert_eq!(of_account(&record)[5..], [(EdgeKind::Encrypts, gaps())]);
    record.regions[0].event_data_stores = Observed::Unavailable(refused());
    assert_eq!(of_account(&record)[5..], [(EdgeKind::Encrypts, gaps())]);
}

#[test]
fn a_bucket_says_where_it_sends_logs_on_and_with_which_key() {
    let (access, replicas) = (EdgeKind::Stores(LogKind::AccessLogs), EdgeKind::Stores(LogKind::Replicas));
    let known = of_bucket(archive());
    let kinds: Vec<EdgeKind> = known.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [access, replicas, EdgeKind::Encrypts]);
    assert!(known.iter().all(|(_, to)| to.is_ok()), "{known:?}");
    let refuse: [fn(&mut Bucket); 3] = [
        |bucket| bucket.logging = Observed::Unavailable(refused()),
        |bucket| bucket.replication = Observed::Unavailable(refused()),
        |bucket| bucket.encryption = Observed::Unavailable(refused()),
    ];
    for (place, refuse) in refuse.into_iter().enumerate() {
        let mut bucket = archive();
        refuse(&mut bucket);
        let mut expected = known.clone();
        expected[place].1 = Err(refused().into());
        assert_eq!(of_bucket(bucket), expected);
    }
    let none = Bucket {
        logging: Observed::Absent,
        replication: Observed::Absent,
        encryption: Observed::Absent,
        ..archive()
    };
    assert_eq!(of_bucket(none), [], "AWS says that there is none");
}

#[test]
fn vended_logs_lead_from_a_delivery_to_what_its_destination_stands_for() {
    let of_deliveries = |record: &AccountRecord| {
        let edges = of_account(record);
        edges.into_iter().filter(|(kind, _)| *kind == EdgeKind::Vends).collect::<Vec<_>>()
    };
    let mut record = management();
    assert_eq!(of_deliveries(&record), []);
    let delivery = |destination_type: &str| LogDelivery {
        destination_arn: format!("arn:aws:logs:us-east-1:{ARCHIVE}:delivery-destination:{destination_type}"),
        destination_type: destination_type.to_owned(),
        ..LogDelivery::default()
    };
    record.regions[0].deliveries = Observed::Known(["S3", "XRAY"].map(delivery).into());
    let to = format!("arn:aws:logs:us-east-1:{ARCHIVE}:delivery-destination:S3");
    assert_eq!(of_deliveries(&record), [(EdgeKind::Vends, Ok(to))], "traces are no logs");
    record.regions[0].deliveries = Observed::Unavailable(refused());
    assert_eq!(of_deliveries(&record), [(EdgeKind::Vends, Err(refused().into()))]);

    let leads = |target_arn: Observed<String>| {
        let arn = format!("arn:aws:logs:us-east-1:{ARCHIVE}:delivery-destination:one");
        let delivery_destinations = vec![DeliveryDestination { arn, target_arn }];
        of_stores(&StoresRecord { delivery_destinations, ..StoresRecord::default() })
    };
    let known = |arn: &str| leads(Observed::Known(arn.to_owned()));
    let stores = EdgeKind::Stores(LogKind::Vended);
    assert_eq!(known("arn:aws:s3:::archive"), [(stores, Ok("archive".to_owned()))]);
    let stream = "arn:aws:firehose:us-east-1:111122223333:deliverystream/logs";
    assert_eq!(known(stream), [(EdgeKind::Sends, Ok(stream.to_owned()))]);
    let group = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/findings";
    assert_eq!(known(&format!("{group}:*")), [(EdgeKind::Delivers, Ok(group.to_owned()))]);
    assert_eq!(leads(Observed::Absent), [], "there is none");
    let kinds = [stores, EdgeKind::Sends, EdgeKind::Delivers];
    assert_eq!(leads(Observed::Unavailable(refused())), kinds.map(|kind| (kind, Err(refused().into()))));
}

#[test]
fn streams_lead_from_subscriptions_to_buckets() {
    let sends =
        |edges: Vec<Seen>| edges.into_iter().filter(|(kind, _)| *kind == EdgeKind::Sends).collect::<Vec<_>>();
    let mut example = Example::healthy(0, &[HOME_REGION]);
    let record = example.account_mut(ARCHIVE).unwrap();
    let known = sends(of_account(record));
    assert!(matches!(known.as_slice(), [(_, Ok(to))] if to.contains(":kinesis:")), "{known:?}");
    // Each answer that may name a stream does, wherever it is refused.
    let gaps = || (EdgeKind::Sends, Err(Gaps::from(refused())));
    let refuse: [fn(&mut RegionRecord); 3] = [
        |region| region.subscription_policies = Observed::Unavailable(refused()),
        |region| region.log_groups = Observed::Unavailable(refused()),
        |region| {
            let Observed::Known(groups) = &mut region.log_groups else { panic!("it has some") };
            groups[0].subscription_filters = Some(Observed::Unavailable(refused()));
        },
    ];
    for refuse in refuse {
        let mut record = record.clone();
        refuse(&mut record.regions[0]);
        let edges = sends(of_account(&record));
        assert!(edges.contains(&gaps()) && edges.contains(&known[0]), "{edges:?}");
    }
    record.regions[0].destinations = Observed::Unavailable(refused());
    assert_eq!(sends(of_account(record)), [gaps()]);

    let mut stores = example.stores.remove(0);
    stores.buckets.clear();
    stores.delivery_destinations.clear();
    let edges = of_stores(&stores);
    let stored = EdgeKind::Stores(LogKind::Streamed);
    let [(EdgeKind::Sends, Ok(to)), (EdgeKind::Encrypts, Ok(key)), (kind, Ok(bucket))] = edges.as_slice()
    else {
        panic!("{edges:?}")
    };
    assert!(to.contains(":firehose:") && key == "alias/aws/kinesis", "{edges:?}");
    assert_eq!((*kind, bucket.as_str()), (stored, crate::example::ARCHIVE_BUCKET));
    stores.streams[0].delivery_streams = Observed::Unavailable(refused());
    stores.streams[0].description = Observed::Unavailable(refused());
    stores.delivery_streams[0].description = Observed::Unavailable(refused());
    let kinds = [EdgeKind::Sends, EdgeKind::Encrypts, stored, EdgeKind::Encrypts];
    assert_eq!(of_stores(&stores), kinds.map(|kind| (kind, Err(refused().into()))));
    // What does not exist leads nowhere.
    stores.streams[0] = Stream {
        description: Observed::Absent,
        delivery_streams: Observed::Absent,
        ..stores.streams[0].clone()
    };
    stores.delivery_streams[0].description = Observed::Absent;
    assert_eq!(of_stores(&stores), []);
}
