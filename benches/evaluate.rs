//! All rules over a synthetic organization in memory, by its size.
#![expect(clippy::expect_used, reason = "a benchmark stops at the first surprise")]

mod synthetic;

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use trailproof::model::Expectations;
use trailproof::rules::RuleSet;
use trailproof::snapshot::Source;

use crate::synthetic::{Kinship, REGIONS, records};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let rules = RuleSet::builtin().expect("the rules are sound");
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    for accounts in [10, 100] {
        let source = Source::Records(Arc::new(records(accounts, REGIONS.len(), Kinship::Alike)));
        group.throughput(Throughput::Elements(accounts as u64));
        group.bench_with_input(BenchmarkId::new("accounts", accounts), &source, |bencher, source| {
            bencher.iter(|| trailproof::evaluate::check(source, Expectations::default(), &rules));
        });
    }
    group.finish();
    criterion.final_summary();
}
