//! What could have no effect is not asked for: what an empty region costs, and that nothing is made of what nobody asked.

use std::collections::BTreeMap;

use serde_json::json;
use trailproof::evaluate;
use trailproof::facts::SubjectKind;
use trailproof::finding::Verdict;
use trailproof::model::{Expectations, Gap, Observed, RegionRecord};
use trailproof::rules::RuleSet;
use trailproof::snapshot::Source;

use crate::collect_support::{REGIONS, collect, collected, settings};
use crate::fake_aws::healthy::{MANAGEMENT, workload};
use crate::fake_aws::world::Region;
use crate::fake_aws::{FakeAws, Fault, Matcher};
use crate::world;

/// Where no call goes but those of the region.
const EMPTY: &str = REGIONS[1];

/// A fake with an empty region in a workload account.
fn with_empty_region() -> FakeAws {
    let fake = FakeAws::start(world());
    fake.update(|world| *world.region_mut(&workload(0), EMPTY) = Region::default());
    fake
}

/// What was asked in it, as often.
fn asked(fake: &FakeAws) -> BTreeMap<String, usize> {
    let counts = fake.counts().into_iter();
    let there = counts.filter(|(key, _)| {
        key.account == workload(0)
            && key.region == EMPTY
            && ["cloudtrail", "config", "logs"].contains(&key.service.as_str())
    });
    there.map(|(key, calls)| (key.operation, calls)).collect()
}

isolated! {
    fn an_empty_region_costs_six_calls() {
        let fake = with_empty_region();
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        assert_eq!(found.gaps(), Vec::new());
        let six = [
            // Who records nothing may begin to, and a trail or store is told by its region alone.
            "DescribeConfigurationRecorders",
            "DescribeTrails",
            "ListEventDataStores",
            // Destinations take what other accounts send, and sources send without any log group.
            "DescribeDeliverySources",
            "DescribeDestinations",
            "DescribeLogGroups",
        ];
        assert_eq!(asked(&fake), six.map(|operation| (operation.to_owned(), 1)).into());
        let expected = RegionRecord {
            delivery_channels: Observed::without_effect(),
            config_retention_days: Observed::without_effect(),
            subscription_policies: Observed::without_effect(),
            log_policies: Observed::without_effect(),
            ..RegionRecord::empty(EMPTY)
        };
        assert_eq!(found.account(&workload(0)).regions[1], expected);
    }

    fn what_was_not_asked_decides_nothing() {
        let fake = with_empty_region();
        // What is left over where nothing records and no log group is.
        fake.update(|world| {
            let region = world.region_mut(&workload(0), EMPTY);
            region.delivery_channels = vec![json!({ "name": "default", "s3BucketName": "of-a-stranger" })];
            region.resource_policies = vec![json!({
                "policyName": "open",
                "policyDocument": r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"route53.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}]}"#,
            })];
        });
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshot");
        collect(&settings(&fake, MANAGEMENT), &target, false, &|_| {}).unwrap();
        let rules = RuleSet::builtin().unwrap();
        let evaluation =
            evaluate::check(&Source::Files(vec![target]), Expectations::default(), &rules).unwrap();
        let of_region: BTreeMap<String, Verdict> = evaluation
            .findings
            .iter()
            .filter(|finding| {
                let subject = &finding.subject;
                subject.kind == SubjectKind::Region
                    && subject.account_id.as_deref() == Some(workload(0).as_str())
                    && subject.region.as_deref() == Some(EMPTY)
            })
            .map(|finding| (rules.rule(finding.rule).unwrap().id.to_string(), finding.verdict))
            .collect();
        assert_eq!(of_region["config-recorder-on"], Verdict::Fail);
        for rule in ["config-delivery", "config-delivery-central", "config-retention", "logs-resource-policy-scoped"] {
            assert_eq!(of_region[rule], Verdict::NotApplicable, "{rule}");
        }
        assert!(!of_region.values().any(|verdict| *verdict == Verdict::Unknown), "{of_region:?}");
        assert!(!evaluation.gaps.contains(&Gap::without_effect()));
    }

    fn what_follows_from_a_refused_answer_is_asked() {
        let fake = with_empty_region();
        for (service, operation) in [("config", "DescribeConfigurationRecorders"), ("logs", "DescribeLogGroups")] {
            let there = Matcher::operation(service, operation).account(&workload(0)).region(EMPTY);
            fake.fault(there, Fault::AccessDenied);
        }
        let found = collected(&fake, &settings(&fake, MANAGEMENT));
        let region = &found.account(&workload(0)).regions[1];
        assert!(region.recorders.list().is_err() && region.log_groups.list().is_err());
        assert_eq!(region.delivery_channels, Observed::Known(Vec::new()));
        assert_eq!(region.config_retention_days, Observed::Absent);
        assert_eq!(region.subscription_policies, Observed::Known(Vec::new()));
        assert_eq!(region.log_policies, Observed::Known(Vec::new()));
    }
}
