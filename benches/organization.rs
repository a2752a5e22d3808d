//! What `scripts/benchmark` measures against: a snapshot of any size, and an AWS that answers after a while.
//!
//! ```text
//! cargo bench --bench organization -- snapshot ACCOUNTS REGIONS FILE [strangers]
//! cargo bench --bench organization -- serve ACCOUNTS REGIONS MILLISECONDS [throttled]
//! ```
//!
//! Most accounts of a snapshot are alike; `strangers`, no two are.
//!
//! `serve` prints the environment for a scanner as JSON, waits for the end of its standard input, and prints what it
//! was asked. `throttled`, it refuses calls that come faster than the rates of `docs/src/permissions.md`.
#![expect(clippy::expect_used, reason = "a benchmark stops at the first surprise")]

#[path = "../tests/fake_aws/mod.rs"]
mod fake_aws;
mod synthetic;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use trailproof::collect::{Call, TABLE};
use trailproof::snapshot::Writer;

use crate::fake_aws::healthy::MANAGEMENT;
use crate::fake_aws::{FakeAws, World};
use crate::synthetic::{Kinship, REGIONS, records};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        // `cargo bench` runs every target: this one alone has nothing to measure.
        [] => {}
        ["snapshot", accounts, regions, file] => {
            write_snapshot(number(accounts), number(regions), Kinship::Alike, Path::new(file));
        }
        ["snapshot", accounts, regions, file, "strangers"] => {
            write_snapshot(number(accounts), number(regions), Kinship::Strangers, Path::new(file));
        }
        ["serve", accounts, regions, milliseconds] => {
            let latency = u64::try_from(number(milliseconds)).expect("it fits");
            serve(number(accounts), number(regions), Duration::from_millis(latency), false);
        }
        ["serve", accounts, regions, milliseconds, "throttled"] => {
            let latency = u64::try_from(number(milliseconds)).expect("it fits");
            serve(number(accounts), number(regions), Duration::from_millis(latency), true);
        }
        _ => say(
            &json!({"error": format!("not understood, see benches/organization.rs: {}", words.join(" "))}),
        ),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn write_snapshot(accounts: usize, regions: usize, kinship: Kinship, file: &Path) {
    let mut writer = Writer::create(file).expect("the folder is writable");
    for record in records(accounts, regions, kinship) {
        writer.write(&record).expect("there is room");
    }
    writer.finish().expect("there is room");
}

fn serve(accounts: usize, regions: usize, latency: Duration, throttled: bool) {
    let names: Vec<_> = REGIONS.into_iter().take(regions).collect();
    let home = names.first().copied().expect("a region at least");
    let fake = FakeAws::start(World::healthy(accounts, &names));
    fake.latency(latency);
    if throttled {
        fake.throttle(|service, operation| {
            let is_it = |call: &&&Call| call.operation == operation && service.starts_with(call.service);
            TABLE.iter().find(is_it).map(|call| call.per_second)
        });
    }
    let environment: BTreeMap<_, _> = fake.environment(MANAGEMENT, home).into_iter().collect();
    say(&json!(environment));
    io::stdin().read_to_end(&mut Vec::new()).expect("standard input ends");
    let mut operations = BTreeMap::<_, usize>::new();
    for (key, calls) in fake.counts() {
        *operations.entry(format!("{}:{}", key.service, key.operation)).or_default() += calls;
    }
    let calls: usize = operations.values().sum();
    say(&json!({
        "calls": calls,
        "operations": operations,
        "max_concurrency": fake.max_concurrency(),
        "throttled": fake.throttled(),
        "unexpected": fake.unexpected(),
    }));
}

fn say(value: &Value) {
    let mut output = io::stdout().lock();
    writeln!(output, "{value}").and_then(|()| output.flush()).expect("standard output is open");
}
