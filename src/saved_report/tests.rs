use super::reading::{bounded, digest_of};
use super::*;

#[test]
fn a_fingerprint_is_read_as_it_is_written() {
    let text = "00ff30c40f72a1a9b5c0d1e2f3a4b5c6";
    assert_eq!(text.parse::<Fingerprint>().unwrap().to_string(), text);
    for wrong in ["", "00ff", "zz000000000000000000000000000000", "+0ff30c40f72a1a9b5c0d1e2f3a4b5c6"] {
        assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
    }
}

#[test]
fn the_digest_of_evidence_tells_values_apart() {
    let texts = [
        "[]",
        "[[]]",
        "{}",
        "null",
        "0",
        "\"0\"",
        "[\"a\",\"b\"]",
        "[\"ab\"]",
        "{\"a\":1}",
        "[\"a\",1]",
        "true",
    ];
    for (place, one) in texts.iter().enumerate() {
        for other in texts.iter().skip(place + 1) {
            assert_ne!(digest_of(one), digest_of(other), "{one} {other}");
        }
        assert_eq!(digest_of(one), digest_of(&format!(" {one} ")));
    }
}

#[test]
fn the_order_of_names_says_nothing() {
    assert_eq!(digest_of(r#"{"a":1,"b":[{"c":2,"d":3}]}"#), digest_of(r#"{"b":[{"d":3,"c":2}],"a":1}"#));
    assert_ne!(digest_of(r#"{"a":1,"b":2}"#), digest_of(r#"{"a":2,"b":1}"#));
}

#[test]
fn a_text_without_end_is_refused_before_it_fills_the_memory() {
    let mut long = b"[\"".to_vec();
    long.resize(2 << 20, b'a');
    assert!(bounded(&long).is_err());
    let many = "\"a\\\"b\",".repeat(1 << 18);
    assert_eq!(bounded(many.as_bytes()).unwrap(), many.len());
}
