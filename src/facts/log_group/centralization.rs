//! The organization's centralization rules: they copy log groups to a central account, without a subscription. See
//! [`super`].
//!
//! "Cross-account cross-Region log centralization" of the CloudWatch Logs user guide
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_Centralization.html>) and `CentralizationRule`
//! of the CloudWatch Observability Admin API reference, both read 2026-11-28. A copy is of what arrives after the rule was
//! made, as it is with a subscription. What the pages leave open is not decided here.

#[cfg(test)]
mod tests;
mod whole;

pub(in crate::facts) use whole::{Sources, Whole};

use std::collections::BTreeMap;

use super::expression::Expression;
use crate::facts::derived;
use crate::facts::view::Derived;
use crate::model::{
    CentralizationRule, CentralizationSettings, CentralizedLogs, Gap, GapPlace, GapReason, Gaps, LogGroup,
    Observed, Organization, Places,
};

/// Whom the organization must trust, or no rule copies anything.
const CENTRALIZER: &str = "observabilityadmin.amazonaws.com";

/// The rules that may copy log groups, and where accounts are in the organization.
#[derive(Debug)]
pub(in crate::facts) struct Centralization {
    organization_id: String,
    rules: Derived<Vec<CentralizationRule>>,
    /// What holds each account, the root first. Left empty where there is no rule.
    ways: Derived<BTreeMap<String, Derived<Vec<String>>>>,
}

/// What a rule does with a log group.
#[derive(Debug)]
pub(super) struct Duplicate<'a> {
    rule: &'a CentralizationRule,
    /// It copies every event of it, to whatever account.
    pub(super) copies: Derived<bool>,
    /// The destination's account.
    pub(super) account: Derived<&'a str>,
}

/// A log group in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) log_group: &'a LogGroup,
}

/// Why it is not known whether a rule copies a group.
#[derive(Debug)]
enum Open {
    /// The pages or this release do not say: a gap that no record holds.
    Undecided(Box<Gap>),
    Unread(Gaps),
}

impl From<Gaps> for Open {
    fn from(gaps: Gaps) -> Self {
        Self::Unread(gaps)
    }
}

type Decided<T = bool> = Result<T, Open>;

impl Centralization {
    pub(in crate::facts) fn of(organization: &Observed<Organization>) -> Self {
        let rules = rules(organization);
        let needed = rules.as_ref().is_ok_and(|rules| !rules.is_empty());
        match organization {
            Observed::Known(known) if needed => Self {
                organization_id: known.id.clone(),
                rules,
                ways: ways(known, &Places::of(organization)),
            },
            _ => Self { organization_id: String::new(), rules, ways: Ok(BTreeMap::new()) },
        }
    }

    /// What each rule does with a log group.
    pub(super) fn copies<'a>(&'a self, source: Source<'_>) -> Derived<Vec<Duplicate<'a>>> {
        let rules = self.rules.as_ref().map_err(Gaps::clone)?;
        let copy = |rule: &'a CentralizationRule| {
            let copies = self.checks(rule, source).into_iter().map(|check| {
                check.map_err(|open| match open {
                    Open::Undecided(gap) => gap.id.into(),
                    Open::Unread(gaps) => gaps,
                })
            });
            Duplicate { rule, copies: derived::all(copies), account: destination(rule) }
        };
        Ok(rules.iter().map(copy).collect())
    }

    /// The gaps that [`Self::copies`] may name of a log group and that no record holds.
    pub(super) fn undecided(&self, source: Source<'_>) -> Vec<Gap> {
        let mut undecided = Vec::new();
        for rule in self.rules.as_ref().map_or(&[][..], Vec::as_slice) {
            undecided.extend(self.checks(rule, source).into_iter().filter_map(|check| match check {
                Err(Open::Undecided(gap)) => Some(*gap),
                _ => None,
            }));
            if let Observed::Known(settings) = &rule.settings
                && settings.account_id == Observed::Absent
            {
                undecided.push(without_account(rule));
            }
        }
        undecided
    }

    /// All that must hold for the rule to copy the group.
    fn checks(&self, rule: &CentralizationRule, source: Source<'_>) -> Vec<Decided> {
        let settings = match &rule.settings {
            Observed::Known(settings) => settings,
            // It was gone before it was read.
            Observed::Absent => return vec![Ok(false)],
            Observed::Unavailable(gap) => return vec![Err(Gaps::from(gap.clone()).into())],
        };
        let judge = Judge { rule, settings, source };
        let mut checks = vec![judge.acts(), judge.region(), self.scope(&judge), judge.elsewhere()];
        match &settings.logs {
            Observed::Known(logs) => {
                checks.extend([
                    judge.selects(logs),
                    judge.data_sources(logs),
                    judge.encrypted(logs),
                    judge.class(),
                ]);
            }
            Observed::Absent => checks.push(judge.without_logs()),
            Observed::Unavailable(gap) => checks.push(Err(Gaps::from(gap.clone()).into())),
        }
        checks
    }

    /// The group's account is in the rule's scope: `OrganizationId`, `OrganizationUnitId` and `AccountId`, with `=`, `IN`
    /// and `OR`. Of the units below a unit the pages say nothing.
    fn scope(&self, judge: &Judge<'_>) -> Decided {
        let way = match self.ways.as_ref().map_err(Gaps::clone)?.get(judge.source.account) {
            // Who is not in the organization is not copied.
            None => return Ok(false),
            Some(way) => way.as_ref(),
        };
        let Some(scope) = judge.settings.scope.get()? else {
            return Err(judge.open("scope", "it says nothing of accounts"));
        };
        if scope.trim() == "*" {
            return Ok(true);
        }
        let in_units = |units: &[&str]| {
            let (parent, above) = way.ok()?.split_last()?;
            if units.contains(&parent.as_str()) {
                return Some(true);
            }
            (!above.iter().any(|unit| units.contains(&unit.as_str()))).then_some(false)
        };
        let expression = Expression::parse(scope);
        let holds = expression.as_ref().and_then(|expression| {
            expression.holds(|term| match term.key {
                _ if !term.lists() => None,
                "AccountId" => term.holds_of(judge.source.account),
                "OrganizationId" => term.holds_of(&self.organization_id),
                "OrganizationUnitId" | "OrganizationalUnitId" => in_units(term.values()),
                _ => None,
            })
        });
        match (holds, way) {
            (Some(holds), _) => Ok(holds),
            (None, Err(gaps)) if expression.is_some() => Err(gaps.clone().into()),
            (None, _) => Err(judge.open("scope", &format!("its scope cannot be evaluated: {scope}"))),
        }
    }
}

/// The rules that may act. Without the organization's trust none does, whatever there is.
fn rules(organization: &Observed<Organization>) -> Derived<Vec<CentralizationRule>> {
    let Some(organization) = organization.get()? else { return Ok(Vec::new()) };
    if !organization.trusted_services.list()?.iter().any(|service| service == CENTRALIZER) {
        return Ok(Vec::new());
    }
    organization.centralization_rules.list().map(<[_]>::to_vec)
}

fn ways(organization: &Organization, places: &Places<'_>) -> Derived<BTreeMap<String, Derived<Vec<String>>>> {
    let accounts = organization.accounts.list()?;
    let way = |id: &str, parent: &Observed<String>| {
        parent.get()?;
        let mut way = places.way(id);
        way.pop();
        if way.first().is_none_or(|first| !first.starts_with("r-")) {
            organization.organizational_units.get()?;
        }
        Ok(way.into_iter().map(str::to_owned).collect())
    };
    Ok(accounts.iter().map(|account| (account.id.clone(), way(&account.id, &account.parent_id))).collect())
}

fn open(rule: &CentralizationRule, what: &str, why: &str) -> Gap {
    let about = format!("{}: {what}", rule.arn);
    let place = GapPlace {
        service: "observabilityadmin",
        operation: "GetCentralizationRuleForOrganization",
        resource: Some(&about),
        ..GapPlace::default()
    };
    Gap::new(
        place,
        GapReason::Undecided,
        format!("whether the centralization rule {} copies log groups: {why}", rule.name),
    )
}

fn without_account(rule: &CentralizationRule) -> Gap {
    open(rule, "destination", "it names no account to copy them to")
}

fn destination(rule: &CentralizationRule) -> Derived<&str> {
    let Some(settings) = rule.settings.get()? else { return Ok("") };
    settings
        .account_id
        .get()?
        .map_or_else(|| Err(Gaps::from(without_account(rule).id)), |account| Ok(account.as_str()))
}

/// One rule and one log group.
#[derive(Debug, Clone, Copy)]
struct Judge<'a> {
    rule: &'a CentralizationRule,
    settings: &'a CentralizationSettings,
    source: Source<'a>,
}

impl Judge<'_> {
    fn open(&self, what: &str, why: &str) -> Open {
        Open::Undecided(Box::new(open(self.rule, what, why)))
    }

    /// "The rule has encountered issues and may not be replicating": what certainly keeps it from that is told apart.
    fn acts(&self) -> Decided {
        let health = self.settings.health.get()?.map_or("not told", String::as_str);
        if health == "Healthy" {
            return Ok(true);
        }
        let failure = self.settings.failure.get()?.map(String::as_str);
        if health == "Unhealthy"
            && matches!(
                failure,
                Some("TRUSTED_ACCESS_NOT_ENABLED" | "DESTINATION_ACCOUNT_NOT_IN_ORGANIZATION")
            )
        {
            return Ok(false);
        }
        let why = failure.map_or_else(String::new, |failure| format!(" ({failure})"));
        Err(self.open("health", &format!("its health is {health}{why}")))
    }

    fn region(&self) -> Decided {
        let regions = &self.settings.regions;
        if regions.iter().any(|region| region == self.source.region) {
            return Ok(true);
        }
        let is_name = |region: &String| {
            region.contains('-') && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        match regions.iter().find(|region| !is_name(region)) {
            Some(odd) => Err(self.open("regions", &format!("among its regions is {odd}"))),
            None => Ok(false),
        }
    }

    /// Whether a rule copies what is in its destination already, the pages do not say.
    fn elsewhere(&self) -> Decided {
        let account = self.settings.account_id.get()?.map(String::as_str);
        if account == Some(self.source.account) && self.settings.region == self.source.region {
            return Err(self.open("own place", "the log groups of its destination itself are not spoken of"));
        }
        Ok(true)
    }

    fn selects(&self, logs: &CentralizedLogs) -> Decided {
        let Some(groups) = logs.groups.get()? else {
            return Err(self.open("log groups", "it says nothing of log groups"));
        };
        if groups.trim() == "*" {
            return Ok(true);
        }
        let holds = Expression::parse(groups).and_then(|expression| {
            expression.holds(|term| match term.key {
                "LogGroupName" => term.holds_of(&self.source.log_group.name),
                _ => None,
            })
        });
        holds.ok_or_else(|| {
            self.open("log groups", &format!("its selection of log groups cannot be evaluated: {groups}"))
        })
    }

    /// Which sources a group's events come from is not read.
    fn data_sources(&self, logs: &CentralizedLogs) -> Decided {
        match logs.data_sources.get()?.map(|criteria| criteria.trim()) {
            None | Some("*") => Ok(true),
            Some(criteria) => Err(self.open(
                "data sources",
                &format!("it leaves out what does not meet criteria over the source of data: {criteria}"),
            )),
        }
    }

    /// A group with a key of its own may be left out, or may be copied to a group whose key does not let it in.
    fn encrypted(&self, logs: &CentralizedLogs) -> Decided {
        let strategy = logs.encrypted.as_str();
        if !matches!(strategy, "ALLOW" | "SKIP") {
            return Err(self.open("keys", &format!("its strategy for log groups with keys is {strategy}")));
        }
        // Whether groups of the destination have the customer's key where the source has one, and in any case.
        let (like_source, always) = match self.settings.encryption.get()? {
            None => (false, false),
            Some(encryption) => {
                match (encryption.strategy.as_str(), encryption.scope.get()?.map(String::as_str)) {
                    ("AWS_OWNED", _) => (false, false),
                    ("CUSTOMER_MANAGED", None | Some("ENCRYPTED_SOURCE_ONLY")) => (true, false),
                    ("CUSTOMER_MANAGED", _) => (true, true),
                    (other, _) => {
                        return Err(self.open("keys", &format!("its destination is encrypted by {other}")));
                    }
                }
            }
        };
        let has_key = || self.source.log_group.kms_key_id.get().map(|key| key.is_some());
        if strategy == "SKIP" && has_key()? {
            return Ok(false);
        }
        if always || like_source && has_key()? {
            return Err(self.open(
                "keys",
                "whether the key of its destination lets CloudWatch Logs in, and whether log groups that are there \
                 already have it, is not read",
            ));
        }
        Ok(true)
    }

    /// The pages name no class that is left out, nor say that none is.
    fn class(&self) -> Decided {
        match self.source.log_group.class.get()?.map(String::as_str) {
            None | Some("STANDARD") => Ok(true),
            Some(class) => {
                Err(self.open(class, &format!("whether it copies groups of the class {class} is not known")))
            }
        }
    }

    /// A rule for metrics alone copies no logs.
    fn without_logs(&self) -> Decided {
        match self.settings.copies_other_telemetry.get()? {
            Some(true) => Ok(false),
            Some(false) | None => Err(self.open("logs", "what it copies is not understood")),
        }
    }
}

impl Duplicate<'_> {
    /// What it does, after the group's name; `None` if it does not copy it, or may not.
    pub(super) fn describe(&self) -> Option<String> {
        let (Ok(true), Ok(account)) = (&self.copies, &self.account) else { return None };
        let region = match &self.rule.settings {
            Observed::Known(settings) => settings.region.as_str(),
            Observed::Absent | Observed::Unavailable(_) => return None,
        };
        Some(format!(
            "is copied by the centralization rule {} to account {account} in {region}",
            self.rule.name
        ))
    }
}
