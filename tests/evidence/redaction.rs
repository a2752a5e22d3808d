//! What a redacted bundle no longer says, and that it can be verified all the same.

use trailproof::model::{Gap, GapPlace, GapReason, Observed};
use trailproof::snapshot::Record;

use super::packing::unpack;
use super::sandbox::{Sandbox, records};

/// The example, with a person in an error of AWS and in a policy.
fn with_people() -> Vec<Record> {
    let mut records = records(0);
    for record in &mut records {
        match record {
            Record::Account(account) => account.gaps.push(Gap::new(
                GapPlace {
                    account_id: Some(&account.id),
                    service: "iam",
                    operation: "GetRole",
                    resource: Some("arn:aws:iam::123456789012:role/jane.doe@example.com"),
                    ..GapPlace::default()
                },
                GapReason::AccessDenied,
                "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_x/jane.doe@example.com is not authorized",
            )),
            Record::Stores(stores) => {
                for bucket in &mut stores.buckets {
                    if let Observed::Known(policy) = &mut bucket.policy {
                        *policy = policy.replacen("\"Sid\":\"", "\"Sid\":\"john@example.com ", 1);
                    }
                }
            }
            Record::Header(_) | Record::End(_) => {}
        }
    }
    records
}

/// Everything that a bundle says, as one text.
fn text(sandbox: &Sandbox, bundle: &str) -> String {
    let pieces = unpack(&sandbox.path(bundle));
    let readable = pieces.files.into_iter().map(|(name, content)| {
        let content = if name.starts_with("snapshot/") {
            zstd::decode_all(content.as_slice()).unwrap()
        } else {
            content
        };
        String::from_utf8(content).unwrap()
    });
    let signature = super::packing::signature_files(&sandbox.path(bundle));
    let signed = signature.into_iter().map(|(_, envelope)| {
        let envelope: serde_json::Value = serde_json::from_slice(&envelope).unwrap();
        let payload = envelope["payload"].as_str().unwrap();
        let payload = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, payload).unwrap();
        String::from_utf8(payload).unwrap()
    });
    readable.chain(signed).collect()
}

/// Names and identities of the example's organization.
fn known() -> (Vec<String>, Vec<String>) {
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    for record in records(0) {
        let Record::Header(header) = record else { continue };
        let Observed::Known(organization) = header.organization else {
            panic!("the example is an organization")
        };
        ids.push(organization.id);
        for account in organization.accounts.list().unwrap() {
            // As it stands beside the number; a selector may be called the same.
            names.push(format!("\"id\":\"{}\",\"name\":\"{}\"", account.id, account.name));
            ids.push(account.id.clone());
        }
        for unit in organization.organizational_units.list().unwrap() {
            ids.push(unit.id.clone());
        }
    }
    (names, ids)
}

#[test]
fn names_and_people_are_gone_and_the_findings_are_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write_snapshot("example.snapshot", &with_people());
    let whole = sandbox.verify(&sandbox.export("whole.tar.zst", &[]), &[]);
    whole.passed();
    let said = text(&sandbox, "whole.tar.zst");
    assert!(said.contains("jane.doe@example.com") && known().0.iter().all(|name| said.contains(name)));

    let bundle = sandbox.export("names.tar.zst", &["--redact"]);
    let verified = sandbox.verify(&bundle, &[]);
    verified.passed();
    assert_eq!(verified.report["run"]["counts"], whole.report["run"]["counts"]);
    assert_eq!(verified.report["run"]["redaction"]["level"], "names");
    let note = verified.check("findings")["notes"].to_string();
    assert!(note.contains("the signer's word alone"), "{note}");

    let said = text(&sandbox, "names.tar.zst");
    let (names, ids) = known();
    for name in &names {
        assert!(!said.contains(name.as_str()), "{name}");
    }
    for gone in ["jane.doe", "john@", "is not authorized"] {
        assert!(!said.contains(gone), "{gone}");
    }
    assert!(said.contains("person-0001@redacted.invalid"));
    assert!(ids.iter().all(|id| said.contains(id)), "identities stay");
}

#[test]
fn identities_are_gone_too_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write_snapshot("example.snapshot", &with_people());
    let whole = sandbox.verify(&sandbox.export("whole.tar.zst", &[]), &[]);
    let bundle = sandbox.export("ids.tar.zst", &["--redact=identities"]);
    let verified = sandbox.verify(&bundle, &[]);
    verified.passed();
    assert_eq!(verified.report["run"]["counts"], whole.report["run"]["counts"]);
    assert_eq!(verified.report["run"]["organization"], "o-0000000001");
    let said = text(&sandbox, "ids.tar.zst");
    let (_, ids) = known();
    for id in &ids {
        assert!(
            !said.contains(id.as_str()),
            "{id} at {:?}",
            said.find(id.as_str()).map(|at| &said[at.saturating_sub(80)..at + 40])
        );
    }
    // The same again: whoever holds what was collected can tell.
    let again = sandbox.export("again.tar.zst", &["--redact=identities"]);
    assert!(std::fs::read(&bundle).unwrap() == std::fs::read(again).unwrap());
}
