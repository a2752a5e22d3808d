//! KMS: keys of the calling account, by id or ARN. Those that sign are all the same real key of P-256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{DecodePrivateKey, EncodePublicKey};
use serde_json::json;

use super::call::Call;
use super::protocol::{Answer, Failure, Protocol};
use super::session_policy::iam_action;
use super::world::{Key, World};

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let operation = call.key.operation.as_str();
    let known = ["DescribeKey", "GetKeyRotationStatus", "GetKeyPolicy", "ListGrants", "GetPublicKey", "Sign"];
    if !known.contains(&operation) {
        return Err(Failure::not_implemented("kms", operation));
    }
    let key = find(world, call)?;
    match operation {
        "GetPublicKey" => Ok(Answer::Members(public_key(key))),
        "Sign" => sign(key, call),
        "DescribeKey" => Ok(Answer::Members(json!({ "KeyMetadata": key.metadata }))),
        "GetKeyRotationStatus" => Ok(Answer::Members(key.rotation.clone())),
        "GetKeyPolicy" => {
            if call.text("PolicyName").is_some_and(|name| name != "default") {
                return Err(Failure::new(400, "NotFoundException", "No such policy exists"));
            }
            Ok(Answer::Members(json!({ "Policy": key.policy.to_string(), "PolicyName": "default" })))
        }
        _ => {
            let (page, next) =
                world.page("kms", key.grants.iter(), call.text("Marker"), call.number("Limit"))?;
            Ok(Answer::Members(json!({ "Grants": page, "Truncated": next.is_some(), "NextMarker": next })))
        }
    }
}

fn signing_key() -> SigningKey {
    let pem = include_str!("../data/evidence/p256.pem");
    SigningKey::from_pkcs8_pem(pem).expect("OpenSSL made the key")
}

fn public_key(key: &Key) -> serde_json::Value {
    let der = signing_key().verifying_key().to_public_key_der().expect("a public key has a DER form");
    json!({
        "KeyId": key.metadata["Arn"], "PublicKey": STANDARD.encode(der.as_bytes()),
        "KeySpec": key.metadata["KeySpec"], "CustomerMasterKeySpec": key.metadata["KeySpec"],
        "KeyUsage": key.metadata["KeyUsage"], "SigningAlgorithms": key.metadata["SigningAlgorithms"],
    })
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
fn sign(key: &Key, call: &Call) -> Result<Answer, Failure> {
    let invalid = |message: &str| Failure::new(400, "ValidationException", message);
    let algorithm = call.required("SigningAlgorithm")?;
    if key.metadata["KeyUsage"] != "SIGN_VERIFY" || algorithm != "ECDSA_SHA_256" {
        return Err(Failure::new(400, "InvalidKeyUsageException", "the key does not sign so"));
    }
    if call.text("MessageType") != Some("DIGEST") {
        return Err(invalid("the fake signs digests alone"));
    }
    let digest =
        STANDARD.decode(call.required("Message")?).map_err(|_| invalid("the message is no base64"))?;
    if digest.len() != 32 {
        return Err(invalid("Digest is invalid length for algorithm ECDSA_SHA_256"));
    }
    let signature: Signature = signing_key().sign_prehash(&digest).expect("a digest can be signed");
    Ok(Answer::Members(json!({
        "KeyId": key.metadata["Arn"], "Signature": STANDARD.encode(signature.to_der().as_bytes()),
        "SigningAlgorithm": algorithm,
    })))
}

fn find<'a>(world: &'a World, call: &Call) -> Result<&'a Key, Failure> {
    let id = call.required("KeyId")?;
    let account = &call.caller.account;
    let owner = if id.starts_with("arn:") { id.split(':').nth(4).unwrap_or_default() } else { account };
    if owner != account {
        let action = iam_action("kms", &call.key.operation);
        return Err(Failure::access_denied(Protocol::Json, &action, &call.caller.arn));
    }
    let keys = world.accounts.get(account).map(|account| account.keys.as_slice()).unwrap_or_default();
    let found = keys.iter().find(|key| {
        key.region == call.key.region && (key.metadata["Arn"] == id || key.metadata["KeyId"] == id)
    });
    found.ok_or_else(|| Failure::new(400, "NotFoundException", format!("Key '{id}' does not exist")))
}
