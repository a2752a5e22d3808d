//! Verifying logs and digests. `floor` is what nobody gets below with these libraries: inflating an object that is
//! wholly in memory into a buffer that holds all of it, and hashing that. `hasher` takes the same bytes as they come from
//! the network.
#![expect(clippy::expect_used, reason = "a benchmark stops at the first surprise")]

#[path = "../tests/digest_chain/mod.rs"]
mod digest_chain;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use sha2::{Digest as _, Sha256};
use trailproof::integrity::{DigestMetadata, DigestObject, KeyRing};
use zlib_rs::{Inflate, InflateFlush};

use crate::digest_chain::offline::{Offline, hash};
use crate::digest_chain::{Archive, Plan, content, gzip, keys};

/// What an HTTP client hands over at a time.
const CHUNK: usize = 16 << 10;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    logs(&mut criterion);
    digests(&mut criterion);
    criterion.final_summary();
}

fn logs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("log");
    for bytes in [8 << 10, 1 << 20, 16 << 20] {
        let log = content::records(bytes, "111122223333", "us-east-1", "seed");
        let body = gzip::compress(&log);
        let mut output = vec![0; log.len()];
        group.throughput(Throughput::Bytes(log.len() as u64));
        group.bench_function(BenchmarkId::new("floor", bytes), |bencher| {
            bencher.iter(|| {
                let mut inflate = Inflate::new(true, 16 + 15);
                inflate.decompress(&body, &mut output, InflateFlush::Finish).expect("gzip");
                Sha256::digest(&output)
            });
        });
        group.bench_function(BenchmarkId::new("hasher", bytes), |bencher| {
            bencher.iter(|| hash(black_box(&body), CHUNK).expect("a log"));
        });
    }
    group.finish();
}

fn digests(criterion: &mut Criterion) {
    let archive = Archive::generate(Plan { hours: 48, logs_per_hour: 12, ..Plan::default() });
    let mut ring = KeyRing::new();
    ring.add(&keys::of_region("us-east-1").value, None).expect("a key");
    let (key, object) = archive.objects.iter().find(|(key, _)| key.contains("Digest")).expect("a digest");
    let pairs = object.metadata.iter().map(|(name, value)| (&**name, &**value));
    let metadata = DigestMetadata::from_pairs(pairs);
    let mut group = criterion.benchmark_group("digest");
    group.bench_function("read and check", |bencher| {
        bencher.iter(|| DigestObject::read("archive-logs", key, &object.body, &metadata).check(&ring));
    });
    let offline = Offline::all(&archive);
    group.throughput(Throughput::Elements(archive.objects.len() as u64));
    group.bench_function("two days of an account and region", |bencher| {
        bencher
            .iter(|| offline.folder(&archive, archive.folder("111122223333", "us-east-1"), &ring).finish());
    });
    group.finish();
}
