//! A synthetic organization of any size: the healthy example, with the small defects that real ones have.

use trailproof::example::Example;
use trailproof::model::{AccountRecord, Gap, GapPlace, GapReason, Observed};
use trailproof::snapshot::Record;

/// The regions that AWS opens by default.
pub(crate) const REGIONS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "sa-east-1",
];

/// How like each other accounts are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// Most differ in number and name alone.
    Alike,
    /// In no two regions of any two accounts are log groups called the same.
    Strangers,
}

/// The records of an organization of that many accounts, three at least: every tenth account has stopped recorders,
/// every seventh a log group that is forwarded to nobody, every fiftieth refuses a call in each region.
pub(crate) fn records(accounts: usize, regions: usize, kinship: Kinship) -> Vec<Record> {
    let names: Vec<&str> = REGIONS.into_iter().take(regions).collect();
    let mut example = Example::healthy(accounts.saturating_sub(3), &names);
    for (number, account) in example.accounts.iter_mut().enumerate() {
        if number % 10 == 9 {
            stop_recorders(account);
        }
        if number % 7 == 6 {
            forward_nothing(account);
        }
        if number % 50 == 49 {
            refuse_log_groups(account);
        }
        if kinship == Kinship::Strangers {
            name_apart(account, number);
        }
    }
    example.records()
}

fn stop_recorders(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Observed::Known(recorders) = &mut region.recorders else { continue };
        for recorder in recorders {
            if let Observed::Known(status) = &mut recorder.status {
                status.recording = false;
            }
        }
    }
}

fn forward_nothing(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Observed::Known(groups) = &mut region.log_groups else { continue };
        for group in groups.iter_mut().filter(|group| group.subscription_filters.is_some()) {
            group.subscription_filters = Some(Observed::Known(Vec::new()));
        }
    }
}

fn refuse_log_groups(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let place = GapPlace {
            account_id: Some(&account.id),
            region: Some(&region.name),
            service: "logs",
            operation: "DescribeLogGroups",
            resource: None,
        };
        let gap = Gap::new(place, GapReason::AccessDenied, "AccessDeniedException: not authorized");
        region.log_groups = Observed::Unavailable(gap.id.clone());
        account.gaps.push(gap);
    }
    account.gaps.sort();
}

fn name_apart(account: &mut AccountRecord, number: usize) {
    for (place, region) in account.regions.iter_mut().enumerate() {
        let Observed::Known(groups) = &mut region.log_groups else { continue };
        for group in groups {
            for named in [&mut group.name, &mut group.arn] {
                *named = format!("{named}-{number}-{place}");
            }
        }
    }
}
