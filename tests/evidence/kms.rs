//! Signing with a key of AWS KMS, over the fake server.

use serde_json::json;

use super::fake_aws::healthy::{self, SECURITY};
use super::fake_aws::world::Key;
use super::fake_aws::{FakeAws, Fault, Matcher, World};
use super::sandbox::{Run, Sandbox, data};

const REGION: &str = "eu-central-1";

fn arn(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{SECURITY}:key/{name}")
}

fn world() -> World {
    let mut world = healthy::world(3, &[REGION]);
    let key = |name: &str, spec: &str, usage: &str, algorithms: &[&str]| Key {
        region: REGION.to_owned(),
        metadata: json!({
            "Arn": arn(name), "KeyId": name, "KeySpec": spec, "KeyUsage": usage, "SigningAlgorithms": algorithms,
        }),
        rotation: json!({}),
        policy: json!({}),
        grants: Vec::new(),
    };
    world.accounts.get_mut(SECURITY).unwrap().keys.extend([
        key("signs", "ECC_NIST_P256", "SIGN_VERIFY", &["ECDSA_SHA_256"]),
        key("larger", "ECC_NIST_P384", "SIGN_VERIFY", &["ECDSA_SHA_384"]),
        key("encrypts", "RSA_2048", "ENCRYPT_DECRYPT", &[]),
    ]);
    world
}

fn export(sandbox: &Sandbox, aws: &FakeAws, key: &str) -> Run {
    // The caller's region is another than the key's.
    let arguments = ["evidence", "export", "example.snapshot", "-o", "bundle.tar.zst", "--kms-key", key];
    let mut command = sandbox.command(&arguments);
    command.args(["--max-attempts", "2"]).envs(aws.environment(SECURITY, "us-east-1"));
    Run::from(command.output().unwrap())
}

#[test]
fn a_bundle_is_signed_by_kms_and_verified_without_it() {
    let (sandbox, aws) = (Sandbox::new(), FakeAws::start(world()));
    let run = export(&sandbox, &aws, &arn("signs"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let operations: Vec<String> = aws.operations().into_iter().filter(|it| it.starts_with("kms:")).collect();
    assert_eq!(operations, ["kms:GetPublicKey", "kms:Sign"]);
    assert_eq!(aws.unexpected(), Vec::<String>::new());
    // KMS is given a digest, nothing of the bundle.
    let requests = aws.requests();
    let sign = requests.iter().find(|request| request.key.operation == "Sign").unwrap();
    assert_eq!(sign.parameters["MessageType"], "DIGEST");
    assert_eq!(sign.key.region, REGION);

    let verified = sandbox.verify_with(&sandbox.path("bundle.tar.zst"), &data("p256.pub.pem"), &[]);
    verified.passed();
    let fingerprint = verified.report["signed_by"].as_str().unwrap();
    assert!(run.stderr.contains(fingerprint), "{}", run.stderr);
    sandbox.verify(&sandbox.path("bundle.tar.zst"), &[]).failed("signature", "is not by");
}

#[test]
fn a_key_of_another_kind_or_out_of_reach_is_refused_before_the_rules_run() {
    let (sandbox, aws) = (Sandbox::new(), FakeAws::start(world()));
    let refused = |key: &str, words: &str| {
        let run = export(&sandbox, &aws, key);
        assert_eq!(run.code, Some(4), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(!sandbox.path("bundle.tar.zst").exists());
    };
    refused(&arn("larger"), "of the kind ECC_NIST_P384 for SIGN_VERIFY, not ECC_NIST_P256");
    refused(&arn("encrypts"), "of the kind RSA_2048 for ENCRYPT_DECRYPT");
    refused(&arn("absent"), "NotFoundException");
    aws.fault(Matcher::operation("kms", "Sign"), Fault::AccessDenied);
    let run = export(&sandbox, &aws, &arn("signs"));
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("cannot sign: kms:Sign"), "{}", run.stderr);
    assert!(!sandbox.path("bundle.tar.zst").exists());
}
