use std::path::Path;

use super::*;
use crate::report::FormatKind;

#[test]
fn further_files_are_numbered_before_the_extension() {
    assert_eq!(file::numbered(Path::new("a/out.sarif"), 2), Path::new("a/out.2.sarif"));
    assert_eq!(file::numbered(Path::new("out"), 3), Path::new("out.3"));
}

#[test]
fn further_objects_are_numbered_before_the_extension() {
    let numbered = |key: &str| {
        object::numbered(&ObjectUri { bucket: "reports".to_owned(), key: key.to_owned() }, 2).to_string()
    };
    assert_eq!(numbered("2026/out.sarif"), "s3://reports/2026/out.2.sarif");
    assert_eq!(numbered("v1.2/out"), "s3://reports/v1.2/out.2");
    assert_eq!(numbered(".sarif"), "s3://reports/.sarif.2");
}

#[test]
fn of_a_split_document_all_files_appear_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.sarif");
    let printer = Printer::new(
        crate::printer::Verbosity::Quiet,
        crate::printer::LogFormat::Text,
        false,
        crate::printer::ColorChoice::Never,
    );
    let write = |breaks_at: usize| {
        let output = Output { kind: FormatKind::Sarif, destination: Destination::File(path.clone()) };
        let targets =
            Targets::open(vec![output], CollectSettings::default(), Waiter::new(|_| Ok(()))).unwrap();
        targets.write(&printer, |_| {
            Document::split(3, 30, 10, move |file, out| {
                if file == breaks_at {
                    return Err(io::Error::from(io::ErrorKind::StorageFull));
                }
                write!(out, "file {file}")
            })
        })
    };
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    for file in 0..3 {
        assert!(matches!(&write(file)[..], [DeliverError::File { .. }]), "file {file}");
        assert_eq!(names(), Vec::<String>::new(), "file {file} failed");
    }
    assert!(write(3).is_empty());
    assert_eq!(names(), ["out.2.sarif", "out.3.sarif", "out.sarif"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "file 0");
}
