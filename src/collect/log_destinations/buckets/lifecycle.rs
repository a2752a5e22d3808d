//! Lifecycle rules: what deletes or moves logs, and which of them.

use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::types as sdk;
use aws_smithy_types::date_time::Format;

use crate::collect::convert::{Missing, each};
use crate::model::{LifecycleRule, Observed};

/// The rules of a bucket.
pub(super) fn rules(
    answer: GetBucketLifecycleConfigurationOutput,
) -> Result<Observed<Vec<LifecycleRule>>, Missing> {
    each(answer.rules, "Rule", rule).map(Observed::Known)
}

#[expect(deprecated, reason = "rules of the first generation have their prefix outside the filter")]
fn rule(rule: sdk::LifecycleRule) -> Result<LifecycleRule, Missing> {
    let otherwise_filtered = rule.filter.as_ref().is_some_and(|filter| {
        let and = filter.and.as_ref();
        filter.tag.is_some()
            || filter.object_size_greater_than.is_some()
            || filter.object_size_less_than.is_some()
            || and.is_some_and(|and| {
                !and.tags().is_empty()
                    || and.object_size_greater_than.is_some()
                    || and.object_size_less_than.is_some()
            })
    });
    let prefix = rule.prefix.or_else(|| {
        rule.filter.and_then(|filter| filter.prefix.or_else(|| filter.and.and_then(|and| and.prefix)))
    });
    let (expiration_days, expiration_date) = match rule.expiration {
        Some(expiration) => {
            let date = expiration.date.map(|date| date.fmt(Format::DateTime)).transpose();
            let days = expiration.days.map(i64::from);
            let date = date.map_err(|_| "readable Rule.Expiration.Date")?;
            if days.is_none() && date.is_none() && expiration.expired_object_delete_marker.is_none() {
                return Err("Rule.Expiration.Days");
            }
            (days, date)
        }
        None => (None, None),
    };
    let abort = rule.abort_incomplete_multipart_upload.map(|abort| {
        let days = abort.days_after_initiation.map(i64::from);
        days.ok_or("Rule.AbortIncompleteMultipartUpload.DaysAfterInitiation")
    });
    let noncurrent = rule.noncurrent_version_expiration.map(|expiration| {
        expiration.noncurrent_days.map(i64::from).ok_or("Rule.NoncurrentVersionExpiration.NoncurrentDays")
    });
    // A list in XML without elements is not there at all.
    let current_moves = rule.transitions.into_iter().flatten().map(|to| to.storage_class);
    let noncurrent_moves =
        rule.noncurrent_version_transitions.into_iter().flatten().map(|to| to.storage_class);
    let mut transitions: Vec<String> = current_moves
        .chain(noncurrent_moves)
        .map(|class| class.map(|class| class.as_str().to_owned()).ok_or("Rule.Transition.StorageClass"))
        .collect::<Result<_, _>>()?;
    transitions.sort_unstable();
    transitions.dedup();
    Ok(LifecycleRule {
        id: rule.id,
        enabled: match rule.status {
            sdk::ExpirationStatus::Enabled => true,
            sdk::ExpirationStatus::Disabled => false,
            _ => return Err("known Rule.Status"),
        },
        prefix,
        otherwise_filtered,
        expiration_days,
        expiration_date,
        noncurrent_expiration_days: noncurrent.transpose()?,
        abort_incomplete_upload_days: abort.transpose()?,
        transitions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_does_not_say_when_it_deletes_is_no_rule_that_keeps() {
        let builder = || sdk::LifecycleRule::builder().status(sdk::ExpirationStatus::Enabled);
        let silent = sdk::LifecycleExpiration::builder().build();
        assert_eq!(rule(builder().expiration(silent).build().unwrap()), Err("Rule.Expiration.Days"));
        let markers = sdk::LifecycleExpiration::builder().expired_object_delete_marker(true).build();
        assert!(rule(builder().expiration(markers).build().unwrap()).is_ok());
        let odd = sdk::LifecycleRule::builder().status(sdk::ExpirationStatus::from("Perhaps"));
        assert_eq!(rule(odd.build().unwrap()), Err("known Rule.Status"));
        let abort = sdk::AbortIncompleteMultipartUpload::builder().build();
        assert!(rule(builder().abort_incomplete_multipart_upload(abort).build().unwrap()).is_err());
    }

    #[test]
    fn a_prefix_is_found_wherever_the_two_generations_of_rules_put_it() {
        let and = sdk::LifecycleRuleAndOperator::builder()
            .prefix("AWSLogs/")
            .tags(sdk::Tag::builder().key("a").value("b").build().unwrap())
            .build();
        let filter = sdk::LifecycleRuleFilter::builder().and(and).build();
        let read = rule(
            sdk::LifecycleRule::builder()
                .status(sdk::ExpirationStatus::Enabled)
                .filter(filter)
                .build()
                .unwrap(),
        )
        .unwrap();
        assert_eq!((read.prefix.as_deref(), read.otherwise_filtered), (Some("AWSLogs/"), true));

        #[expect(deprecated, reason = "buckets of the first generation still have it")]
        let old = sdk::LifecycleRule::builder()
            .status(sdk::ExpirationStatus::Disabled)
            .prefix("x")
            .build()
            .unwrap();
        let read = rule(old).unwrap();
        assert_eq!(
            (read.prefix.as_deref(), read.otherwise_filtered, read.enabled),
            (Some("x"), false, false)
        );
    }
}
