//! What the fuzz targets do, over their seeds and over questions drawn from fixed bytes: `fuzz` is a workspace of its own,
//! and would stop building without anybody's knowledge.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::path::Path;

use arbitrary::{Arbitrary as _, Unstructured};

#[path = "../../../fuzz/src/draw.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets take it from their library")]
mod draw;
#[path = "../../../fuzz/src/evaluate.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets take it from their library")]
mod evaluate;
#[path = "../../../fuzz/src/parse.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets take it from their library")]
mod parse;

#[test]
fn every_seed_is_read_the_same_way_each_time() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/policy_parse");
    let mut count = 0;
    for seed in fs::read_dir(seeds).unwrap() {
        parse::parse(&fs::read_to_string(seed.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 10, "the seeds are found");
}

#[test]
fn what_is_drawn_contradicts_nothing() {
    const DRAWS: usize = 3_000;
    // Numbers that look random and are the same in each run (xorshift).
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut judged = 0;
    for _ in 0..DRAWS {
        let bytes: Vec<u8> = (0..128).flat_map(|_| next()).collect();
        if let Ok(draw) = draw::Draw::arbitrary(&mut Unstructured::new(&bytes)) {
            evaluate::evaluate(&draw);
            judged += 1;
        }
    }
    assert!(judged > DRAWS / 2, "{judged} of {DRAWS} could be drawn");
}
