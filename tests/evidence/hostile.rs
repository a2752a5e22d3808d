//! Archives that nobody should write: paths that lead elsewhere, links, names that are two, and bombs.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use super::packing::{header, member};
use super::sandbox::Sandbox;

fn archive(sandbox: &Sandbox, tar: &[u8]) -> PathBuf {
    let path = sandbox.path("hostile.tar.zst");
    fs::write(&path, zstd::encode_all(tar, 3).unwrap()).unwrap();
    path
}

#[test]
fn paths_that_lead_elsewhere_are_refused_by_name() {
    let sandbox = Sandbox::new();
    let before = sandbox.names().len();
    let cases: [(&[u8], &str); 12] = [
        (b"/etc/passwd", "absolute"),
        (b"../outside", "leads out"),
        (b"rules/../../outside", "leads out"),
        (b"./a", "begins or ends with a dot"),
        (b"a//b", "empty"),
        (b"rules/", "empty"),
        (b"a\\..\\b", "other characters"),
        (b"c:evil", "other characters"),
        (b"Manifest.json", "other characters"),
        ("manifest\u{feff}.json".as_bytes(), "other characters"),
        ("re\u{301}port.json".as_bytes(), "other characters"),
        (b"nul.", "begins or ends with a dot"),
    ];
    for (name, why) in cases {
        let verified = sandbox.verify(&archive(&sandbox, &member(name, b"x", 0, b'0')), &[]);
        verified.failed("archive", why);
    }
    // Nothing was laid down beside the archive itself.
    assert_eq!(sandbox.names().len(), before + 1);
    assert!(!sandbox.folder().parent().unwrap().join("outside").exists());
}

#[test]
fn anything_but_plain_files_is_refused() {
    let sandbox = Sandbox::new();
    for (kind, what) in [
        (b'1', "a hard link"),
        (b'2', "a symbolic link"),
        (b'3', "a device"),
        (b'5', "a folder"),
        (b'6', "a device or a pipe"),
        (b'x', "an extended header"),
        (b'L', "an extended header"),
        (b'7', "unknown kind"),
    ] {
        sandbox.verify(&archive(&sandbox, &member(b"a", b"", 0, kind)), &[]).failed("archive", what);
    }
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let sandbox = Sandbox::new();
    let twice = [member(b"a", b"x", 0, b'0'), member(b"a", b"y", 0, b'0')].concat();
    sandbox.verify(&archive(&sandbox, &twice), &[]).failed("archive", "a stands twice");
    let unsorted = [member(b"b", b"x", 0, b'0'), member(b"a", b"y", 0, b'0')].concat();
    sandbox.verify(&archive(&sandbox, &unsorted), &[]).failed("archive", "out of order");
    let times = [member(b"a", b"x", 0, b'0'), member(b"b", b"y", 1, b'0')].concat();
    sandbox.verify(&archive(&sandbox, &times), &[]).failed("archive", "none that a bundle has");
    let mut padded = member(b"a", b"x", 0, b'0');
    *padded.last_mut().unwrap() = 1;
    sandbox.verify(&archive(&sandbox, &padded), &[]).failed("archive", "none that a bundle has");
}

#[test]
fn bombs_go_off_nowhere() {
    let sandbox = Sandbox::new();
    // A member that says that it is larger than any may be.
    let mut declared = header(b"a", 0, 0, b'0');
    declared[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = declared
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    declared[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let many: Vec<u8> = (0..5).flat_map(|_| declared.clone()).collect();
    sandbox.verify(&archive(&sandbox, &many), &[]).failed("archive", "truncated");

    // Four gigabytes of nothing, from some hundred thousand bytes.
    let path = sandbox.path("bomb.tar.zst");
    let mut encoder = zstd::Encoder::new(fs::File::create(&path).unwrap(), 3).unwrap();
    encoder.write_all(&header(b"a", 4 << 30, 0, b'0')).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..4_096).for_each(|_| encoder.write_all(&zeros).unwrap());
    encoder.finish().unwrap();
    assert!(path.metadata().unwrap().len() < 1 << 20);
    sandbox.verify(&path, &[]).failed("archive", "made to fill memory or disk");

    // More members than any bundle has.
    let tar: Vec<u8> =
        (0..20_001).flat_map(|number| header(format!("{number:05}").as_bytes(), 0, 0, b'0')).collect();
    sandbox.verify(&archive(&sandbox, &tar), &[]).failed("archive", "more than 20000 members");

    // A window of two gigabytes.
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&member(b"a", &vec![7; 1 << 20], 0, b'0')).unwrap();
    fs::write(&path, encoder.finish().unwrap()).unwrap();
    sandbox.verify(&path, &[]).failed("archive", "damaged");
}
