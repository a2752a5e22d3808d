//! The archive of the fake's organization, as its organization trail writes it.
#![allow(dead_code, unreachable_pub, reason = "tests and benches use a part of it")]

use serde_json::json;

use crate::digest_chain::{Archive, ChainName, Plan, keys};
use crate::fake_aws::World;
use crate::fake_aws::healthy::{
    ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, ORGANIZATION_ID, ORGANIZATION_TRAIL, SECURITY, workload,
};
use crate::fake_aws::objects::StoredObject;

pub(crate) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// The chain of the organization trail in an account's first region.
pub(crate) fn chain(account_id: &str) -> ChainName {
    ChainName {
        account_id: account_id.to_owned(),
        region: REGIONS[0].to_owned(),
        trail: ORGANIZATION_TRAIL.to_owned(),
    }
}

/// What the organization trail of the fake's organization writes.
pub(crate) fn plan() -> Plan {
    Plan {
        bucket: ARCHIVE_BUCKET.to_owned(),
        organization_id: Some(ORGANIZATION_ID.to_owned()),
        accounts: vec![MANAGEMENT.to_owned(), ARCHIVE.to_owned(), SECURITY.to_owned(), workload(0)],
        regions: REGIONS.map(str::to_owned).to_vec(),
        trails: vec![ORGANIZATION_TRAIL.to_owned()],
        hours: 8,
        ..Plan::default()
    }
}

/// Puts an archive into the fake's bucket.
pub(crate) fn fill(world: &mut World, archive: &Archive) {
    let objects = world.objects.bucket(&archive.plan.bucket);
    objects.clear();
    for (key, object) in &archive.objects {
        let stored = StoredObject {
            body: object.body.clone().into(),
            metadata: object.metadata.clone(),
            ..StoredObject::default()
        };
        objects.insert(key.clone(), stored);
    }
    for region in &archive.plan.regions {
        let key = keys::of_region(region);
        let from = archive.plan.start.timestamp() - 86_400;
        world.public_keys.insert(
            region.clone(),
            vec![json!({
                "Value": base64(&key.value), "Fingerprint": key.fingerprint(),
                "ValidityStartTime": from, "ValidityEndTime": from + 90 * 86_400,
            })],
        );
    }
}

fn base64(bytes: &[u8]) -> String {
    aws_smithy_types::base64::encode(bytes)
}
