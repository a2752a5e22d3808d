//! Replication rules: what is copied, where to, and whose the copy is.

use aws_sdk_s3::operation::get_bucket_replication::GetBucketReplicationOutput;
use aws_sdk_s3::types as sdk;

use super::super::convert::Missing;
use crate::model::{Observed, Replication, ReplicationRule};

/// The replication of a bucket.
pub(super) fn replication(answer: GetBucketReplicationOutput) -> Result<Observed<Replication>, Missing> {
    let configuration = answer.replication_configuration.ok_or("ReplicationConfiguration")?;
    let rules = configuration.rules.into_iter().map(rule).collect::<Result<_, _>>()?;
    Ok(Observed::Known(Replication { role_arn: configuration.role, rules }))
}

#[expect(deprecated, reason = "rules of the first generation have their prefix outside the filter")]
fn rule(rule: sdk::ReplicationRule) -> Result<ReplicationRule, Missing> {
    let destination = rule.destination.ok_or("Rule.Destination")?;
    let is_set = |prefix: Option<&String>| prefix.is_some_and(|prefix| !prefix.is_empty());
    let filtered = is_set(rule.prefix.as_ref())
        || rule.filter.as_ref().is_some_and(|filter| {
            is_set(filter.prefix.as_ref())
                || filter.tag.is_some()
                || filter
                    .and
                    .as_ref()
                    .is_some_and(|and| is_set(and.prefix.as_ref()) || !and.tags().is_empty())
        });
    let delete_markers = match &rule.delete_marker_replication {
        Some(setting) => match setting.status {
            Some(sdk::DeleteMarkerReplicationStatus::Enabled) => true,
            Some(sdk::DeleteMarkerReplicationStatus::Disabled) => false,
            _ => return Err("known Rule.DeleteMarkerReplication.Status"),
        },
        // Rules of the first generation, which have no filter, replicate delete markers and cannot be told not to.
        None => rule.filter.is_none(),
    };
    Ok(ReplicationRule {
        id: rule.id,
        enabled: match rule.status {
            sdk::ReplicationRuleStatus::Enabled => true,
            sdk::ReplicationRuleStatus::Disabled => false,
            _ => return Err("known Rule.Status"),
        },
        all_objects: !filtered,
        destination_bucket_arn: destination.bucket,
        destination_account_id: destination.account,
        // Left out, the source's owner owns the replicas.
        owner_override: destination
            .access_control_translation
            .is_some_and(|translation| translation.owner == sdk::OwnerOverride::Destination),
        delete_markers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        change: impl FnOnce(sdk::builders::ReplicationRuleBuilder) -> sdk::builders::ReplicationRuleBuilder,
    ) -> ReplicationRule {
        let destination = sdk::Destination::builder().bucket("arn:aws:s3:::copy").build().unwrap();
        let builder = sdk::ReplicationRule::builder()
            .status(sdk::ReplicationRuleStatus::Enabled)
            .destination(destination);
        rule(change(builder).build().unwrap()).unwrap()
    }

    #[test]
    fn an_empty_filter_covers_every_object() {
        let empty = sdk::ReplicationRuleFilter::builder().prefix("").build();
        let read = read(|builder| builder.filter(empty));
        assert!(read.all_objects && !read.delete_markers && !read.owner_override);
    }

    #[test]
    fn a_status_that_is_not_told_is_not_off() {
        let destination = sdk::Destination::builder().bucket("arn:aws:s3:::copy").build().unwrap();
        let rule_with =
            |status| sdk::ReplicationRule::builder().status(status).destination(destination.clone());
        let markers = sdk::DeleteMarkerReplication::builder().build();
        let silent = rule_with(sdk::ReplicationRuleStatus::Enabled).delete_marker_replication(markers);
        assert_eq!(rule(silent.build().unwrap()), Err("known Rule.DeleteMarkerReplication.Status"));
        let odd = rule_with(sdk::ReplicationRuleStatus::from("Perhaps"));
        assert_eq!(rule(odd.build().unwrap()), Err("known Rule.Status"));
    }

    #[test]
    fn the_first_generation_replicates_delete_markers() {
        assert!(read(|builder| builder).delete_markers);
    }
}
