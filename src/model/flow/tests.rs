//! Each answer that names where logs go is an edge, and an edge without a known end where it was refused.

use super::{Edge, EdgeKind, LogKind, Origin};
use crate::example::{ARCHIVE, Example, HOME_REGION, MANAGEMENT};
use crate::model::{AccountRecord, Bucket, GapId, Gaps, Observed};

type Seen = (EdgeKind, Result<String, Gaps>);

fn seen<'a>(edges: impl IntoIterator<Item = Edge<'a>>) -> Vec<Seen> {
    let of_groups = |edge: &Edge<'_>| matches!(edge.origin, Origin::LogGroup(_));
    edges
        .into_iter()
        .filter(|edge| !of_groups(edge))
        .map(|edge| (edge.kind, edge.to.map(str::to_owned)))
        .collect()
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
fn a_trail_and_a_channel_say_where_they_deliver_and_with_which_key() {
    let known = seen(management().edges());
    let kinds: Vec<EdgeKind> = known.iter().map(|(kind, _)| *kind).collect();
    let (trail, config) = (EdgeKind::Stores(LogKind::Trail), EdgeKind::Stores(LogKind::Config));
    assert_eq!(kinds, [trail, EdgeKind::Delivers, EdgeKind::Encrypts, config, EdgeKind::Encrypts]);
    assert!(known.iter().all(|(_, to)| to.is_ok()), "{known:?}");
    assert!(known[1].1.as_ref().is_ok_and(|group| !group.ends_with(":*")), "{known:?}");

    // Whatever part of the answer is refused, the same edges are there, and lead where nobody knows.
    let gaps = || Err(Gaps::from(refused()));
    let mut record = management();
    let Observed::Known(trails) = &mut record.trails else { panic!("it has one") };
    trails[0].settings = Observed::Unavailable(refused());
    let edges = seen(record.edges());
    assert_eq!(edges[..3], [(trail, gaps()), (EdgeKind::Delivers, gaps()), (EdgeKind::Encrypts, gaps())]);
    assert_eq!(edges[3..], known[3..]);
    let mut record = management();
    record.unseen_trails = Some(vec![refused()]);
    let edges = seen(record.edges());
    assert_eq!(edges[..3], [(trail, gaps()), (EdgeKind::Delivers, gaps()), (EdgeKind::Encrypts, gaps())]);
    assert_eq!(edges[3..], known[..], "there may be trails besides");
    let mut record = management();
    record.regions[0].delivery_channels = Observed::Unavailable(refused());
    assert_eq!(seen(record.edges())[3..], [(config, gaps()), (EdgeKind::Encrypts, gaps())]);
}

#[test]
fn a_bucket_says_where_it_sends_logs_on_and_with_which_key() {
    let (access, replicas) = (EdgeKind::Stores(LogKind::AccessLogs), EdgeKind::Stores(LogKind::Replicas));
    let known = seen(archive().edges());
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
        assert_eq!(seen(bucket.edges()), expected);
    }
    let none = Bucket {
        logging: Observed::Absent,
        replication: Observed::Absent,
        encryption: Observed::Absent,
        ..archive()
    };
    assert_eq!(seen(none.edges()), [], "AWS says that there is none");
}
