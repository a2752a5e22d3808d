//! Replication rules: what is copied, where to, and whose the copy is.

use aws_sdk_s3::operation::get_bucket_replication::GetBucketReplicationOutput;
use aws_sdk_s3::types as sdk;

use crate::collect::answers::Elements;
use crate::collect::convert::Missing;
use crate::model::{GapId, Observed, Replication, ReplicationRule};

/// The replication of a bucket. `elements` are those that the SDK dropped, `gap` stands for one that nobody knows.
pub(super) fn replication(
    answer: GetBucketReplicationOutput,
    elements: &Elements,
    gap: impl Fn(&str) -> GapId,
) -> Result<Observed<Replication>, Missing> {
    // A filter's child says which objects the rule covers; anything else could change what the rule is.
    if let Some(element) = elements.iter().find(|element| !element.contains("].Filter.")) {
        return Ok(Observed::Unavailable(gap(element)));
    }
    let configuration = answer.replication_configuration.ok_or("ReplicationConfiguration")?;
    // Both are required; the SDK takes them for empty where they are not there.
    if configuration.role.is_empty() {
        return Err("Role");
    }
    if configuration.rules.is_empty() {
        return Err("Rule");
    }
    let mut rules = Vec::new();
    for (number, found) in configuration.rules.into_iter().enumerate() {
        let mut rule = rule(found)?;
        let filter = format!("Rule[{number}].Filter.");
        for element in elements.iter().filter_map(|element| element.strip_prefix(&filter)) {
            // Whatever `Not` names is not copied. Of a child that nobody knows it could be anything.
            let excludes = matches!(element, "Not" | "And.Not");
            if excludes {
                rule.all_objects = Observed::Known(false);
                break;
            }
            if rule.all_objects == Observed::Known(true) {
                rule.all_objects = Observed::Unavailable(gap(&format!("{filter}{element}")));
            }
        }
        rules.push(rule);
    }
    Ok(Observed::Known(Replication { role_arn: configuration.role, rules }))
}

#[expect(deprecated, reason = "rules of the first generation have their prefix outside the filter")]
fn rule(rule: sdk::ReplicationRule) -> Result<ReplicationRule, Missing> {
    let destination = rule.destination.ok_or("Rule.Destination")?;
    // Required too, and empty where the SDK did not find it.
    if destination.bucket.is_empty() {
        return Err("Rule.Destination.Bucket");
    }
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
        // Beside a filter it is required (`DeleteMarkerReplication` in the S3 API reference, read 2026-11-29).
        None if rule.filter.is_some() => return Err("Rule.DeleteMarkerReplication"),
        // Rules of the first generation, which have no filter, replicate delete markers and cannot be told not to.
        None => true,
    };
    let selected = rule.source_selection_criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects);
    let encrypted_objects = match selected.map(|selected| selected.status) {
        Some(sdk::SseKmsEncryptedObjectsStatus::Enabled) => Observed::Known(true),
        Some(sdk::SseKmsEncryptedObjectsStatus::Disabled) | None => Observed::Known(false),
        Some(_) => return Err("known Rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status"),
    };
    Ok(ReplicationRule {
        id: rule.id,
        enabled: match rule.status {
            sdk::ReplicationRuleStatus::Enabled => true,
            sdk::ReplicationRuleStatus::Disabled => false,
            _ => return Err("known Rule.Status"),
        },
        all_objects: Observed::Known(!filtered),
        encrypted_objects,
        priority: rule.priority.map(i64::from).into(),
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

    fn disabled() -> sdk::DeleteMarkerReplication {
        sdk::DeleteMarkerReplication::builder().status(sdk::DeleteMarkerReplicationStatus::Disabled).build()
    }

    #[test]
    fn an_empty_filter_covers_every_object() {
        let empty = sdk::ReplicationRuleFilter::builder().prefix("").build();
        let read = read(|builder| builder.filter(empty).delete_marker_replication(disabled()));
        assert!(read.all_objects == Observed::Known(true) && !read.delete_markers && !read.owner_override);
    }

    #[test]
    fn a_rule_without_a_destination_bucket_leads_nowhere_known() {
        // As the SDK reads an answer that lacks it.
        let destination = sdk::Destination::builder().bucket("").build().unwrap();
        let builder = sdk::ReplicationRule::builder()
            .status(sdk::ReplicationRuleStatus::Enabled)
            .destination(destination);
        assert_eq!(rule(builder.build().unwrap()), Err("Rule.Destination.Bucket"));
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
    fn a_filter_that_leaves_objects_out_or_says_more_than_is_known_does_not_cover_all() {
        let read = |elements: &[&str]| {
            let destination = sdk::Destination::builder().bucket("arn:aws:s3:::copy").build().unwrap();
            let rule = sdk::ReplicationRule::builder()
                .status(sdk::ReplicationRuleStatus::Enabled)
                .filter(sdk::ReplicationRuleFilter::builder().build())
                .delete_marker_replication(disabled())
                .destination(destination)
                .build()
                .unwrap();
            let configuration = sdk::ReplicationConfiguration::builder().role("r").rules(rule);
            let answer = GetBucketReplicationOutput::builder()
                .replication_configuration(configuration.build().unwrap())
                .build();
            let elements: Elements = elements.iter().map(|&element| element.to_owned()).collect();
            replication(answer, &elements, |element| GapId::new(element)).unwrap()
        };
        let all = |elements: &[&str]| read(elements).map(|found| found.rules[0].all_objects.clone());
        assert_eq!(all(&[]), Observed::Known(Observed::Known(true)));
        for element in ["Rule[0].Filter.Not", "Rule[0].Filter.And.Not"] {
            assert_eq!(all(&[element]), Observed::Known(Observed::Known(false)));
        }
        for element in ["Rule[0].Filter.Nor", "Rule[0].Filter.And.Size", "Rule[0].Filter.Tag.Operator"] {
            let unknown = Observed::Unavailable(GapId::new(element));
            assert_eq!(all(&[element]), Observed::Known(unknown));
        }
        assert_eq!(all(&["Rule[1].Filter.Not"]), Observed::Known(Observed::Known(true)));
        assert_eq!(read(&["Rule[0].Paused"]), Observed::Unavailable(GapId::new("Rule[0].Paused")));
    }

    #[test]
    fn a_filter_without_word_of_delete_markers_does_not_keep_them_out() {
        let destination = sdk::Destination::builder().bucket("arn:aws:s3:::copy").build().unwrap();
        let tag = sdk::Tag::builder().key("kind").value("log").build().unwrap();
        let and = sdk::ReplicationRuleAndOperator::builder().prefix("AWSLogs/").tags(tag.clone()).build();
        let filter = sdk::ReplicationRuleFilter::builder;
        for filter in [filter(), filter().prefix("AWSLogs/"), filter().tag(tag), filter().and(and)] {
            let silent = sdk::ReplicationRule::builder()
                .status(sdk::ReplicationRuleStatus::Enabled)
                .destination(destination.clone())
                .filter(filter.build());
            assert_eq!(rule(silent.build().unwrap()), Err("Rule.DeleteMarkerReplication"));
        }
    }

    #[test]
    fn the_first_generation_replicates_delete_markers() {
        assert!(read(|builder| builder).delete_markers);
    }
}
