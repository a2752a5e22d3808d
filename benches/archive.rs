//! What `scripts/benchmark-verify` measures against: an archive of any size behind an S3 that answers after a while.
//!
//! ```text
//! cargo bench --bench archive -- serve ACCOUNTS HOURS LOGS_PER_HOUR LOG_BYTES MILLISECONDS HUGE_MEGABYTES
//! ```
//!
//! It prints what a verifier needs to know as JSON, and waits for the end of its standard input. With `HUGE_MEGABYTES`,
//! one log is so large, and not what its digest says.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

#[path = "../tests/digest_chain/mod.rs"]
mod digest_chain;
#[path = "../tests/fake_aws/mod.rs"]
mod fake_aws;
#[path = "../tests/verify_logs/organization.rs"]
mod organization;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::digest_chain::{Archive, Plan, gzip, stamp};
use crate::fake_aws::healthy::{ARCHIVE_BUCKET, MANAGEMENT, ORGANIZATION_TRAIL};
use crate::fake_aws::{FakeAws, World};
use crate::organization::{REGIONS, chain, fill, plan};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        // `cargo bench` runs every target: this one alone has nothing to measure.
        [] => {}
        ["serve", accounts, hours, logs, bytes, milliseconds, huge] => {
            let whole = plan();
            let plan = Plan {
                accounts: whole.accounts.iter().take(number(accounts)).cloned().collect(),
                regions: vec![REGIONS[0].to_owned()],
                hours: u32::try_from(number(hours)).expect("it fits"),
                logs_per_hour: u32::try_from(number(logs)).expect("it fits"),
                log_bytes: number(bytes),
                ..whole
            };
            serve(plan, u64::try_from(number(milliseconds)).expect("it fits"), number(huge));
        }
        _ => say(&json!({"error": format!("not understood, see benches/archive.rs: {}", words.join(" "))})),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn serve(plan: Plan, milliseconds: u64, huge: usize) {
    let mut archive = Archive::generate(plan);
    if huge > 0 {
        let digests = &archive.chains[&chain(&archive.plan.accounts[0])];
        let log = archive.logs_of(&digests[1])[0].clone();
        let mut noise = vec![0; huge * 1024 * 1024];
        fastrand::Rng::with_seed(1).fill(&mut noise);
        archive.objects.get_mut(&log).expect("the log").body = gzip::compress(&noise);
    }
    let mut world = World::healthy(4, &REGIONS);
    fill(&mut world, &archive);
    world.objects.readers.insert(MANAGEMENT.to_owned());
    let objects = archive.objects.len();
    let (from, to) = (stamp(archive.plan.start), stamp(archive.end()));
    let accounts = archive.plan.accounts.clone();
    drop(archive);
    let fake = FakeAws::start(world);
    fake.latency(Duration::from_millis(milliseconds));
    let environment: BTreeMap<_, _> = fake.environment(MANAGEMENT, REGIONS[0]).into_iter().collect();
    say(&json!({
        "environment": environment,
        "trail_arn": format!("arn:aws:cloudtrail:{}:{MANAGEMENT}:trail/{ORGANIZATION_TRAIL}", REGIONS[0]),
        "bucket": ARCHIVE_BUCKET, "region": REGIONS[0], "accounts": accounts,
        "from": from, "to": to, "objects": objects,
    }));
    io::stdin().read_to_end(&mut Vec::new()).expect("standard input ends");
    say(&json!({ "max_concurrency": fake.max_concurrency(), "unexpected": fake.unexpected() }));
}

fn say(value: &Value) {
    let mut output = io::stdout().lock();
    writeln!(output, "{value}").and_then(|()| output.flush()).expect("standard output is open");
}
