//! The pass over all records that fills the index. See [`super`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::aggregator_holders;
use super::gather::Gathered;
use super::plain::Plain;
use crate::facts::log_group::{Centralization, Unseen, needs};
use crate::facts::trail::role_gaps;
use crate::model::{Expectations, Gaps, Observed};
use crate::snapshot::{Group, Header, Record, SnapshotError, Survey, Wanted};

/// What records are read against.
pub(super) struct Reading<'a> {
    pub(super) survey: &'a Survey,
    pub(super) header: &'a Header,
    pub(super) expectations: &'a Expectations,
    pub(super) centralization: &'a Centralization,
}

impl Reading<'_> {
    /// Before the first record.
    fn begin(&self) -> Gathered {
        let mut gathered = Gathered::default();
        gathered.unlisted.regions_named =
            matches!(&self.header.scope, Observed::Known(scope) if !scope.regions.is_empty());
        match &self.header.organization {
            Observed::Known(organization) => {
                gathered.management_account = Some(organization.management_account_id.clone());
                gathered.aggregator_holders = aggregator_holders(organization, &mut gathered.aggregator_gaps);
            }
            Observed::Absent => {}
            Observed::Unavailable(gap) => {
                let gaps = Gaps::from(gap.clone());
                gathered.organization_trail_gaps = Some(gaps.clone());
                gathered.inventory_gaps = Some(gaps.clone());
                gathered.aggregator_gaps = Some(gaps);
            }
        }
        gathered
    }

    /// Reads all records but those between the first and the last of each group; says of which groups that was right.
    pub(super) fn read<'g>(&self, groups: &[&'g Group]) -> Result<(Gathered, Vec<&'g Group>), SnapshotError> {
        let left_out: HashSet<Arc<str>> =
            groups.iter().flat_map(|group| &group.between).map(|account| Arc::clone(&account.id)).collect();
        let firsts: HashMap<&str, &'g Group> =
            groups.iter().map(|group| (&*group.first.id, *group)).collect();
        let mut gathered = self.begin();
        let mut unseen = Unseen::new(self.expectations);
        let mut plain = Vec::new();
        for record in self.survey.records(Wanted::AllBut(&left_out)) {
            match record?.decode()? {
                Some(Record::Account(account)) => {
                    let (needed, mut gaps) = needs(self.expectations, self.centralization, &account);
                    gaps.extend(role_gaps(&account));
                    if let Some(group) = firsts.get(account.id.as_str())
                        && let Some(it) = Plain::of(&account, self.begin(), !gaps.is_empty())
                    {
                        plain.push((*group, it));
                    }
                    gathered.needs_central_destinations |= needed;
                    gathered.gaps.extend(gaps);
                    unseen.account(&account);
                    gathered.account(*account);
                }
                Some(Record::Stores(stores)) => gathered.stores(*stores),
                Some(Record::Header(_) | Record::End(_)) | None => {}
            }
        }
        gathered.unseen_log_groups.extend(unseen.gaps());
        for (group, of_first) in &plain {
            group.between.iter().for_each(|account| of_first.note(account, &mut gathered));
        }
        Ok((gathered, plain.into_iter().map(|(group, _)| group).collect()))
    }
}
