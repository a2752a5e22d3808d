//! Hierarchies, callers and contexts drawn from a grammar rich in the traps of the policy language.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailproof_fuzz::Draw;

fuzz_target!(|draw: Draw| trailproof_fuzz::evaluate(&draw));
