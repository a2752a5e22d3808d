//! Any bytes as a policy document.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| trailproof_fuzz::parse(text));
