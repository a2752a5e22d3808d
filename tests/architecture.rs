//! The rules of the house that no compiler keeps: which module of `src` imports which, that no files go round in a
//! circle or grow too long, what is at home in one place alone, and that the pages about it say and show what is so. Tests
//! inside `src` are free.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/pages.rs"]
mod pages;
#[path = "architecture/picture.rs"]
mod picture;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Modules from left to right, with those that each may import: they all stand above it, so nothing goes round.
/// `policy`, a crate of its own, `nearest` and `frameworks` know of no others; from the snapshot on, everything is offline.
const MODULES: &[(&str, &str)] = &[
    ("nearest", ""),
    ("lock", ""),
    ("policy", ""),
    ("model", "policy"),
    ("severity", ""),
    ("plan", "model nearest"),
    ("snapshot", "model"),
    ("example", "model snapshot"),
    ("integrity", "model severity"),
    ("attestation", "integrity severity"),
    // Only these two talk to AWS.
    ("aws", "model plan policy"),
    ("collect", "aws integrity model plan policy snapshot"),
    ("facts", "attestation model nearest policy snapshot"),
    ("finding", "facts model"),
    ("frameworks", ""),
    ("rules", "facts finding frameworks model nearest severity"),
    ("evaluate", "attestation facts finding model rules snapshot"),
    ("waivers", "evaluate facts finding model nearest plan rules"),
    (
        "report",
        "attestation evaluate facts finding frameworks integrity model policy rules severity snapshot",
    ),
    ("guardrails", "facts model nearest policy report snapshot"),
    // What comes of reports: the exit code, and reports of other runs to compare with.
    ("exit", "report severity snapshot"),
    ("saved_report", "finding report severity snapshot"),
    ("baseline", "exit finding saved_report report"),
    ("diff", "exit finding report saved_report severity"),
    (
        "evidence",
        "attestation evaluate exit facts finding frameworks lock model report rules severity snapshot waivers",
    ),
    // The shell: it knows the words for every choice, and so the choices.
    ("printer", "report"),
    ("cli", "collect diff evidence exit plan printer report severity"),
    ("settings", "cli diff evidence exit model nearest plan report rules severity"),
    ("deliver", "aws facts finding model plan printer report settings"),
    ("shard", "aws model plan settings snapshot"),
    (
        "commands",
        "attestation aws baseline cli collect deliver diff evaluate evidence example exit facts finding frameworks \
         guardrails integrity lock model nearest plan printer saved_report report rules settings severity shard snapshot \
         waivers",
    ),
];

/// What is written in some places alone, why, and where: modules, or folders and files below `src`.
const AT_HOME: &[(&str, &str, &[&str])] = &[
    (r"\baws_(sdk|config|smithy|credential|types)", "types of the AWS SDK", &["aws", "collect"]),
    // The program starts the runtime and is interrupted; the library is run by whoever uses it.
    (
        r"\basync\b|\.await\b|\btokio::",
        "asynchronous code",
        &["aws", "collect", "commands/runtime", "commands/interrupt"],
    ),
    (
        r"\btokio::(runtime|signal)\b|\bblock_on\b",
        "a runtime and signals",
        &["commands/runtime", "commands/interrupt"],
    ),
    (r"(?m)(^|[^:])\bcel::", "the expression language", &["rules/cel"]),
    // The library knows no command line: its errors say what is wrong, and the commands what to do about it.
    (r#""(?:[^"\\]|\\.)*--[a-z]"#, "flags", FLAGS_ARE_NAMED),
    (r"\be?print(ln)?!|\bstd(out|err)\(\)", "what a user sees", &["printer"]),
];

/// Who names flags.
const FLAGS_ARE_NAMED: &[&str] = &[
    "cli",
    "commands",
    "main",
    "printer",
    // What the flags say, and where they contradict each other.
    "settings",
    // What a run was told stands in its snapshot and its reports by the flags that it was told with.
    "model/scope",
    "plan/scope",
    "rules/choice",
    // What people read of a report leads to what else there is of it; its pages have properties of CSS.
    "report",
    "diff/markdown",
    "diff/table",
    "evidence/verification",
    "evidence/verify",
    "guardrails/matrix/table",
    "guardrails/recommend/text",
];

/// What is added time and again, by one that is there: in which rooms, how it is called, and the files that name it.
const ADDITIONS: &[(&str, &[&str], &str, &[&str])] = &[
    (
        "a collector of what regions list",
        &["collect", "model"],
        r"\bevent_data_stores?\b|EventDataStores?",
        &[
            "collect/region",
            "collect/region/event_data_stores",
            "collect/table",
            "model/region",
            "model/region/event_data_store",
        ],
    ),
    (
        "a collector of what others name, apart from the edges that name it",
        &["collect", "model"],
        r"\bdelivery_destinations\b|GetDeliveryDestination|\bDeliveryDestination\b",
        &[
            "collect/log_destinations",
            "collect/log_destinations/delivery_destinations",
            // It checks that what deliveries name is one.
            "collect/region/deliveries",
            "collect/table",
            // The call that names buckets which receive vended logs.
            "model/flow",
            "model/stores",
            "model/stores/delivery_destination",
        ],
    ),
    (
        "a kind of subject",
        &["facts", "finding", "report", "evaluate", "rules", "commands"],
        r"\bEventDataStoreFacts\b|\bevent_data_store::|SubjectKind::EventDataStore|\bEventDataStore = ",
        &["facts", "facts/event_data_store"],
    ),
];

/// The most lines that a file of `src` has outside its tests: it is about one thing, and read at one sitting.
const LONGEST_FILE: usize = 400;

/// Texts, with characters that are quotes, so that neither hides a comment or is taken for one.
const LITERAL: &str = r##"(?s:r#".*?"#|"(?:[^"\\]|\\.)*"|'\\?"')"##;

/// A source file without comments and without its tests.
struct Source {
    /// `facts/bucket` for `src/facts/bucket.rs`, `policy/parse` for `crates/policy/src/parse.rs`.
    path: String,
    text: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap()
    }

    fn is_in(&self, place: &str) -> bool {
        self.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn sources() -> Vec<Source> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (root, of_policy) = (package.join("src"), package.join("crates/policy/src"));
    let tests = Regex::new(r"(?s)#\[cfg\(test\)\]\s+mod \w+ \{.*").unwrap();
    let test_files = Regex::new(r"#\[cfg\(test\)\]\s+(?:pub(?:\([a-z: ]+\))? )?mod (\w+);").unwrap();
    let comments = Regex::new(&format!(r"(?<literal>{LITERAL})|//[^\n]*")).unwrap();
    let mut found = Vec::new();
    files(&root, &mut found);
    files(&of_policy, &mut found);
    assert!(found.len() > 100, "the sources are found");
    let mut of_tests = BTreeSet::new();
    let mut sources = Vec::new();
    for file in &found {
        let text = fs::read_to_string(file).unwrap();
        let text = comments.replace_all(&tests.replace(&text, ""), "$literal").into_owned();
        // A crate of its own is a module among the others: `crate` is its name there.
        let (path, text) = match file.strip_prefix(&of_policy) {
            Ok(path) if path == Path::new("lib.rs") => (PathBuf::from("policy"), text),
            Ok(path) => (Path::new("policy").join(path), text),
            Err(_) => (file.strip_prefix(&root).unwrap().to_owned(), text),
        };
        let path = path.with_extension("").to_str().unwrap().replace('\\', "/");
        let is_policy = path == "policy" || path.starts_with("policy/");
        let text = if is_policy { text.replace("crate::", "crate::policy::") } else { text };
        of_tests.extend(test_files.captures_iter(&text).map(|found| format!("{path}/{}", &found[1])));
        sources.push(Source { path, text });
    }
    sources.retain(|source| !of_tests.iter().any(|tests| source.is_in(tests)));
    sources
}

#[test]
fn an_addition_is_a_file_and_a_line_in_a_few_others() {
    let sources = sources();
    for (what, rooms, called, files) in ADDITIONS {
        let called = Regex::new(called).unwrap();
        let is_named = |source: &&Source| rooms.contains(&source.module()) && called.is_match(&source.text);
        let named: BTreeSet<&str> = sources.iter().filter(is_named).map(|it| it.path.as_str()).collect();
        assert_eq!(named, files.iter().copied().collect(), "{what}");
    }
}

/// Which modules each module imports, and the files of it that do.
fn imports() -> BTreeMap<(String, String), BTreeSet<String>> {
    let import = Regex::new(r"\bcrate::([a-z]\w*)").unwrap();
    let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for source in sources() {
        let module = source.module();
        assert!(!source.text.contains("crate::{"), "{}: a `use` for each module, for this test", source.path);
        if module == "lib" || module == "main" {
            continue;
        }
        let is_known = MODULES.iter().any(|(name, _)| *name == module);
        assert!(is_known, "{module} has no row: where does it stand?");
        for imported in import.captures_iter(&source.text).map(|found| found[1].to_owned()) {
            if imported != module {
                found.entry((module.to_owned(), imported)).or_default().insert(source.path.clone());
            }
        }
    }
    found
}

#[test]
fn modules_import_only_from_their_left() {
    let found = imports();
    let mut wrong = Vec::new();
    for ((module, imported), files) in &found {
        let row = MODULES.iter().find(|(name, _)| name == module);
        if !row.is_some_and(|(_, allowed)| allowed.split(' ').any(|allowed| allowed == imported)) {
            wrong.extend(files.iter().map(|file| format!("{file} imports {imported}")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());

    let mut left = BTreeSet::new();
    for (module, allowed) in MODULES {
        for allowed in allowed.split_whitespace() {
            assert!(left.contains(allowed), "{allowed} stands right of {module}");
            let pair = ((*module).to_owned(), allowed.to_owned());
            assert!(
                found.contains_key(&pair),
                "{module} no longer imports {allowed}: take it out of the table"
            );
        }
        left.insert(*module);
    }
}

#[test]
fn no_file_is_too_long() {
    let sources = sources();
    let is_long = |source: &&Source| source.text.lines().count() > LONGEST_FILE;
    let long: Vec<&str> = sources.iter().filter(is_long).map(|source| source.path.as_str()).collect();
    assert_eq!(long, Vec::<&str>::new(), "over {LONGEST_FILE} lines: split them by what they are about");
}

#[test]
fn some_things_are_at_home_in_one_place() {
    let sources = sources();
    for (pattern, what, homes) in AT_HOME {
        let pattern = Regex::new(pattern).unwrap();
        let (at_home, elsewhere): (Vec<&Source>, Vec<&Source>) = sources
            .iter()
            .filter(|source| pattern.is_match(&source.text))
            .partition(|source| homes.iter().any(|home| source.is_in(home)));
        assert!(!at_home.is_empty(), "nobody has {what}");
        let elsewhere: Vec<&str> = elsewhere.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(elsewhere, Vec::<&str>::new(), "{what} belong in {homes:?}");
    }
}
