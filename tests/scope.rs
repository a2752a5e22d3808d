//! What was not looked at is said: in every format, in evidence, baselines and differences.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod program;

use program::Sandbox;
use serde_json::Value;
use trailproof::example::Example;
use trailproof::model::{Observed, Scope};

const STRAY: &str = "444444444444";

/// The demonstration as a narrowed scan would have read it: one region, and all accounts but one.
fn narrowed() -> Example {
    let mut example = Example::demo();
    let region = example.accounts.first().and_then(|account| account.regions.first()).unwrap().name.clone();
    let stray = stray();
    example.header.scope = Observed::Known(Scope {
        regions: vec![region.clone()],
        exclude_accounts: vec![stray.clone()],
        ..Scope::default()
    });
    example.header.accounts.retain(|id| *id != stray);
    example.accounts.retain(|account| account.id != stray);
    for account in &mut example.accounts {
        account.regions.retain(|it| it.name == region);
    }
    example
}

fn stray() -> String {
    let ids = Example::demo().header.accounts;
    ids.iter().find(|id| *id == STRAY).or(ids.last()).unwrap().clone()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write_snapshot("whole", &Example::demo().records());
    sandbox.write_snapshot("narrow", &narrowed().records());
    sandbox
}

#[test]
fn every_format_says_what_was_left_out() {
    let sandbox = sandbox();
    let stray = stray();
    let enabled = Example::demo().accounts[0].regions.len();
    for format in ["table", "json", "html", "sarif", "oscal", "markdown", "junit", "github", "ocsf", "asff"] {
        let args = ["check", "narrow", "--format", format, "--skip-rules", "org-*"];
        let run = sandbox.run(&args);
        let text = run.stdout.replace("&#45;", "-").replace('\n', " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["--regions", "--exclude-accounts", "--skip-rules", &stray] {
            assert!(text.contains(said), "{format} does not say {said}");
        }
        if !["json", "sarif"].contains(&format) {
            let said = format!("1 of {enabled} enabled regions");
            assert!(text.contains(&said), "{format} does not say {said}");
        }
        // Where nothing was left out, that is said or nothing is.
        let run = sandbox.run(&["check", "whole", "--format", format]);
        assert!(!run.stdout.contains("narrowed by"), "{format}");
    }
}

/// A suspended account is not left out by choice, and nothing is known of it: whoever reads that nothing failed sees that.
#[test]
fn every_format_names_accounts_that_cannot_be_entered() {
    let sandbox = Sandbox::empty();
    for status in ["SUSPENDED", "PENDING_CLOSURE"] {
        let mut example = Example::demo();
        let stray = stray();
        example.header.accounts.retain(|id| *id != stray);
        example.accounts.retain(|account| account.id != stray);
        let Observed::Known(organization) = &mut example.header.organization else { unreachable!() };
        let Observed::Known(accounts) = &mut organization.accounts else { unreachable!() };
        accounts.iter_mut().find(|account| account.id == stray).unwrap().status = status.to_owned();
        let name = status.to_lowercase();
        sandbox.write_snapshot(&name, &example.records());
        for format in
            ["table", "json", "html", "sarif", "oscal", "markdown", "junit", "github", "ocsf", "asff"]
        {
            let run = sandbox.run(&["check", &name, "--format", format]);
            // Markdown and what is like it escape underscores.
            let text =
                run.stdout.replace("&#45;", "-").replace(r"\\_", "_").replace(r"\_", "_").replace('\n', " ");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&stray) && text.contains(status), "{format} does not name it");
            if format == "table" {
                assert!(text.contains("2 accounts that cannot be entered, of which nothing is known"));
            }
        }
        let run = sandbox.run(&["check", &name, "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["scope"]["narrowed"], false, "nobody chose that");
    }
}

#[test]
fn the_scope_is_data() {
    let sandbox = sandbox();
    let run =
        sandbox.run(&["check", "narrow", "--format", "json", "--skip-rules", "org-*", "--severity", "low"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["schema_version"], "1.3");
    let scope = &report["scope"];
    assert_eq!((&scope["recorded"], &scope["narrowed"]), (&true.into(), &true.into()));
    let flags: Vec<&str> =
        scope["flags"].as_array().unwrap().iter().map(|flag| flag["flag"].as_str().unwrap()).collect();
    assert_eq!(flags, ["--exclude-accounts", "--regions", "--skip-rules", "--severity"]);
    let left_out = scope["accounts"]["left_out"].as_array().unwrap();
    assert!(left_out.iter().any(|account| account["id"] == stray().as_str()));
    assert_eq!(scope["regions"]["read"].as_array().unwrap().len(), 1);
    let rules = scope["rules"]["left_out"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule == "org-all-features"));
    assert!(rules.len() + usize::try_from(scope["rules"]["ran"].as_u64().unwrap()).unwrap() > 80);

    let run = sandbox.run(&["check", "whole", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["scope"]["narrowed"], false);
    assert_eq!(report["scope"]["rules"]["left_out"], Value::Array(Vec::new()));
}

/// What is in regions that were not looked at does not decide: no pass and no failure rests on it.
#[test]
fn no_verdict_of_a_narrowed_scan_is_better_than_that_of_the_whole() {
    let sandbox = sandbox();
    let verdicts = |name: &str| {
        let run = sandbox.run(&["check", name, "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|finding| {
                let text = |name: &str| finding[name].as_str().unwrap().to_owned();
                (text("fingerprint"), (text("rule_id"), text("verdict")))
            })
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (whole, narrow) = (verdicts("whole"), verdicts("narrow"));
    let better: Vec<_> = narrow
        .iter()
        .filter_map(|(fingerprint, (rule, now))| {
            let (_, before) = whole.get(fingerprint)?;
            let is_better = before == "fail" && (now == "pass" || now == "not_applicable");
            is_better.then(|| format!("{rule}: {before}, {now}"))
        })
        .collect();
    assert_eq!(better, Vec::<String>::new());
}

#[test]
fn a_difference_of_scopes_is_no_difference_of_findings() {
    let sandbox = sandbox();
    for name in ["whole", "narrow"] {
        let report = format!("json={name}.json");
        sandbox.run(&["check", name, "--format", &report]);
    }
    for (old, new) in [("whole", "narrow"), ("whole.json", "narrow.json")] {
        let run = sandbox.run(&["diff", old, new, "--format", "json"]);
        let diff: Value = serde_json::from_str(&run.stdout).unwrap();
        let of_stray = |list: &str| {
            let list = diff[list].as_array().unwrap();
            list.iter().filter(|change| change["subject"]["account_id"] == stray().as_str()).count()
        };
        assert!(of_stray("no_longer_looked_at") > 0, "{}", run.stdout);
        assert_eq!(of_stray("gone"), 0);
        let gone = diff["gone"].as_array().unwrap();
        assert!(gone.iter().all(|change| !change["now"].is_null()), "{gone:?}");
        assert_ne!(run.code, Some(0), "what is no longer looked at may still be there");
        assert!(diff["scopes"]["now"]["narrowed"].as_bool().unwrap());

        let run = sandbox.run(&["diff", new, old, "--format", "json"]);
        let diff: Value = serde_json::from_str(&run.stdout).unwrap();
        let first = diff["looked_at_first"].as_array().unwrap();
        assert!(!first.is_empty());
        let appeared = diff["appeared"].as_array().unwrap();
        assert!(appeared.iter().all(|change| !change["before"].is_null()), "{appeared:?}");
        assert_eq!(run.code, Some(1), "nobody has accepted them");
        for format in ["table", "markdown"] {
            let text = sandbox.run(&["diff", old, new, "--format", format]).stdout;
            let lower = text.to_lowercase();
            assert!(lower.contains("no longer looked at") && lower.contains("scope now"), "{format}: {text}");
        }
    }
    // Rules that were left out are named, as before.
    let run = sandbox.run(&["diff", "whole.json", "whole"]);
    assert!(!run.stdout.to_lowercase().contains("scope now"), "{}", run.stdout);
}

#[test]
fn a_baseline_is_not_gone_where_nobody_looked() {
    let sandbox = sandbox();
    sandbox.run(&["baseline", "write", "whole.baseline", "whole"]);
    sandbox.run(&["baseline", "write", "narrow.baseline", "narrow"]);
    let check = |baseline: &str, snapshot: &str| {
        sandbox.run(&["check", snapshot, "--baseline", baseline, "--fail-on-new", "--allow-incomplete"])
    };
    let run = check("whole.baseline", "narrow");
    assert!(run.stderr.contains("were not looked at"), "{}", run.stderr);
    assert!(!run.stderr.contains("are no more"), "{}", run.stderr);
    let run = check("narrow.baseline", "whole");
    assert!(run.stderr.contains("for the first time"), "{}", run.stderr);
    let run = check("whole.baseline", "whole");
    assert!(!run.stderr.contains("looked at"), "{}", run.stderr);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

/// Snapshots by a pattern: two nights, or the same one twice.
#[test]
fn what_does_not_go_together_is_refused() {
    let sandbox = sandbox();
    let mut night = Example::demo();
    night.header.taken_at += chrono::Duration::days(1);
    sandbox.write_snapshot("night", &night.records());
    for files in [["whole", "whole"], ["whole", "night"], ["whole", "narrow"]] {
        let run = sandbox.run(&["check", files[0], files[1]]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains("account 111111111111"), "{}", run.stderr);
        assert!(run.stderr.contains(files[1]), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn evidence_says_what_was_left_out() {
    let sandbox = sandbox();
    let enabled = Example::demo().accounts[0].regions.len();
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/evidence");
    let (key, public_key) = (data.join("ed25519.pem"), data.join("ed25519.pub.pem"));
    let (key, public_key) = (key.to_str().unwrap(), public_key.to_str().unwrap());
    for (name, is_narrow) in [("narrow", true), ("whole", false)] {
        let bundle = format!("{name}.tar.zst");
        let run = sandbox.run(&["evidence", "export", name, "-o", &bundle, "--key", key]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let verify = ["evidence", "verify", &bundle, "--public-key", public_key];
        let text = sandbox.run(&verify).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let left_out =
            ["--exclude-accounts", "--regions", &stray(), &format!("1 of {enabled} enabled regions")]
                .map(|said| text.contains(said));
        assert_eq!(left_out, [is_narrow; 4], "{text}");
        assert_eq!(text.contains("no account, region or rule was left out"), !is_narrow, "{text}");
        let json = sandbox.run(&[&verify[..], &["--format", "json"]].concat()).stdout;
        let verification: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(verification["run"]["scope"]["narrowed"], is_narrow);
    }
}
