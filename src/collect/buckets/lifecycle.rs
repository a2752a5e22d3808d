//! Lifecycle rules: what deletes or moves logs, and which of them.

use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::types as sdk;
use aws_smithy_types::date_time::Format;

use super::super::convert::{Missing, each};
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
            (expiration.days.map(i64::from), date.map_err(|_| "readable Rule.Expiration.Date")?)
        }
        None => (None, None),
    };
    let noncurrent = rule.noncurrent_version_expiration.map(|expiration| {
        expiration.noncurrent_days.map(i64::from).ok_or("Rule.NoncurrentVersionExpiration.NoncurrentDays")
    });
    let current_moves = rule.transitions.unwrap_or_default().into_iter().map(|to| to.storage_class);
    let noncurrent_moves =
        rule.noncurrent_version_transitions.unwrap_or_default().into_iter().map(|to| to.storage_class);
    let mut transitions: Vec<String> = current_moves
        .chain(noncurrent_moves)
        .map(|class| class.map(|class| class.as_str().to_owned()).ok_or("Rule.Transition.StorageClass"))
        .collect::<Result<_, _>>()?;
    transitions.sort_unstable();
    transitions.dedup();
    Ok(LifecycleRule {
        id: rule.id,
        enabled: rule.status == sdk::ExpirationStatus::Enabled,
        prefix,
        otherwise_filtered,
        expiration_days,
        expiration_date,
        noncurrent_expiration_days: noncurrent.transpose()?,
        abort_incomplete_upload_days: rule
            .abort_incomplete_multipart_upload
            .and_then(|abort| abort.days_after_initiation)
            .map(i64::from),
        transitions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
