//! The real binary, run as a user would run it, and its JSON report.

use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::organization::Organization;
use crate::{HOME, REGIONS};

/// A run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(150);

/// What a run printed, and how it ended.
pub(crate) struct Run {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) errors: String,
}

impl Run {
    /// The report that was printed.
    pub(crate) fn report(&self) -> Report {
        let json = serde_json::from_str(&self.output);
        Report(json.unwrap_or_else(|error| panic!("no report: {error}\n{}\n{}", self.output, self.errors)))
    }

    /// Standard output with every time stamp replaced: two runs differ in nothing else.
    pub(crate) fn timeless(&self) -> String {
        let stamp =
            regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)").expect("it is a pattern");
        stamp.replace_all(&self.output, "<time>").into_owned()
    }
}

/// A person's machine: nothing in its environment but an access key.
pub(crate) struct Machine {
    endpoint: String,
    keys: (String, String),
    folder: TempDir,
}

impl Machine {
    /// A machine that knows this access key.
    pub(crate) fn new(endpoint: String, keys: (&str, &str)) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        Self { endpoint, keys: (keys.0.to_owned(), keys.1.to_owned()), folder }
    }

    /// Runs a command that calls AWS, in the three regions.
    pub(crate) fn live(&self, command: &str, more: &[&str]) -> Run {
        let regions = REGIONS.join(",");
        let aws = ["--endpoint-url", &self.endpoint, "--region", HOME, "--regions", &regions];
        // What the emulator does not know it answers like a server error: again would not help.
        let role = ["--role-name", "OrganizationAccountAccessRole", "--max-attempts", "1"];
        self.run(&[&[command], &aws[..], &role[..], more].concat())
    }

    /// Runs any command.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_trailproof"))
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("AWS_ACCESS_KEY_ID", &self.keys.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.keys.1)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .timeout(LIMIT)
            .output()
            .expect("the binary starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let errors = text(&output.stderr);
        let code =
            output.status.code().unwrap_or_else(|| panic!("it crashed, or hung for {LIMIT:?}:\n{errors}"));
        Run { code, output: text(&output.stdout), errors }
    }
}

/// A JSON report.
pub(crate) struct Report(Value);

/// A verdict, or a gap, and what it is about, in the words of the expectations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule's id, or the call that did not answer: `config:DescribeDeliveryChannelStatus`.
    pub(crate) about: String,
    /// `pass`, `fail`, `not_applicable`, or `unknown:` with the operations that did not answer, comma-separated; of a
    /// gap its reason.
    pub(crate) verdict: String,
    /// The account's name, `-` where there is none.
    pub(crate) account: String,
    /// The region, `-` where there is none.
    pub(crate) region: String,
    /// The name of the thing.
    pub(crate) subject: String,
    /// What the report says of it.
    pub(crate) message: String,
}

impl Report {
    /// What it says of itself: everything in scope was read.
    pub(crate) fn is_complete(&self) -> bool {
        self.0["complete"].as_bool().expect("a report says whether it is complete")
    }

    /// A part of the report by its JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("the report has no {pointer}"))
    }

    /// Its findings, and its gaps.
    pub(crate) fn findings(&self, organization: &Organization) -> Vec<Finding> {
        let finding = |finding: &Value| {
            let subject = &finding["subject"];
            let name = if subject["name"].is_null() { &subject["id"] } else { &subject["name"] };
            Finding {
                about: text(&finding["rule_id"]),
                verdict: self.verdict(finding),
                account: account(organization, &subject["account_id"]),
                region: text(&subject["region"]),
                subject: text(name),
                message: text(&finding["message"]),
            }
        };
        let gap = |gap: &Value| Finding {
            about: format!("{}:{}", text(&gap["service"]), text(&gap["operation"])),
            verdict: text(&gap["reason"]),
            account: account(organization, &gap["account_id"]),
            region: text(&gap["region"]),
            subject: text(&gap["id"]),
            message: text(&gap["detail"]),
        };
        let findings = list(&self.0["findings"]).iter().map(finding);
        findings.chain(list(&self.0["gaps"]).iter().map(gap)).collect()
    }

    fn verdict(&self, finding: &Value) -> String {
        let verdict = text(&finding["verdict"]);
        let operation = |id: &Value| {
            let gap = list(&self.0["gaps"]).iter().find(|gap| gap["id"] == *id);
            text(&gap.unwrap_or_else(|| panic!("the report has no gap {id}"))["operation"])
        };
        let mut operations: Vec<_> = list(&finding["gaps"]).iter().map(operation).collect();
        operations.sort();
        operations.dedup();
        assert_eq!(
            verdict == "unknown",
            !operations.is_empty(),
            "unknown, and only that, has gaps: {finding}"
        );
        if verdict == "unknown" { format!("unknown:{}", operations.join(",")) } else { verdict }
    }
}

fn account(organization: &Organization, number: &Value) -> String {
    number.as_str().map_or("-", |number| organization.name_of(number)).to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

/// The text, `-` for null.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        _ => panic!("not a text: {value}"),
    }
}
