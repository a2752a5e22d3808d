//! What only AWS can change, as dated data: the actions of its services with the resources that each is asked on, the
//! services that resource control policies bind, and condition keys.
//!
//! The files are made by `scripts/refresh-reference` from public packages that carry AWS's Service Authorization
//! Reference; their heads say from which and of what day. AWS adds actions and services every week, so that what is in
//! no file is not known to be anything: see [`Name`] and [`ResourceControl`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, OnceLock};

use super::glob::Glob;

pub(super) mod condition_keys;
mod resource_control;
mod single_endpoint;
#[cfg(test)]
mod tests;

pub use resource_control::{ResourceControl, resource_control};
pub use single_endpoint::only_region;

const ACTIONS: &str = include_str!("reference/actions.txt");
const RESOURCE_CONTROL: &str = include_str!("reference/resource_control.txt");
const RENTED_ADDRESSES: &str = include_str!("reference/rented_addresses.txt");

/// The data files by name, with the day on which AWS said what is in them.
pub fn dates() -> [(&'static str, &'static str); 4] {
    [
        ("actions.txt", date(ACTIONS)),
        ("condition_keys.txt", date(condition_keys::TEXT)),
        ("resource_control.txt", date(RESOURCE_CONTROL)),
        ("rented_addresses.txt", date(RENTED_ADDRESSES)),
    ]
}

/// Ranges of public addresses that cloud providers rent out to anybody. What they rent out besides, and what others do,
/// is not known.
pub(super) fn rented_addresses() -> impl Iterator<Item = &'static str> {
    RENTED_ADDRESSES.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

/// The day of the list of condition keys.
pub fn date_of_condition_keys() -> &'static str {
    date(condition_keys::TEXT)
}

/// The day of the list of actions, such as `2026-10-27`.
pub fn date_of_actions() -> &'static str {
    date(ACTIONS)
}

/// The day of the list of services that resource control policies bind.
pub fn date_of_resource_control() -> &'static str {
    date(RESOURCE_CONTROL)
}

fn date(text: &'static str) -> &'static str {
    text.lines().find_map(|line| line.strip_prefix("# date: ")).unwrap_or_default()
}

/// What is known of the name of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// There is such an action.
    Action(Action),
    /// The service has a call of this name that the reference lacks so far: likely an action, on nobody knows what.
    Unlisted,
    /// A call of the service whose permission is another action, so that no policy about this name has an effect.
    Call {
        /// The action that grants the call.
        action: &'static str,
    },
    /// The service has no action of this name, or AWS added it after the reference.
    Unknown,
    /// No service has this prefix, or AWS added it after the reference.
    UnknownService,
}

/// An action as AWS's reference has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// As AWS writes it, without the service.
    pub name: &'static str,
    /// The types of resources that it is asked on; none if only statements about every resource (`*`) are about it.
    pub resources: Vec<ResourceType>,
}

/// A type of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    /// As the reference calls it, in lower case: `trail`.
    pub name: &'static str,
    /// Its ARN without `arn:` and the partition: `cloudtrail:*:*:trail/*`.
    pattern: &'static str,
    /// What of the pattern is of another type.
    except: Option<&'static str>,
}

impl ResourceType {
    /// The ARNs of the type; `*` is any partition.
    pub fn arns(&self, partition: &str) -> Glob {
        Glob::arn(&format!("arn:{partition}:{}", self.pattern))
    }

    /// What of [`Self::arns`] is of another type, if anything.
    pub fn except(&self, partition: &str) -> Option<Glob> {
        self.except.map(|pattern| Glob::arn(&format!("arn:{partition}:{pattern}")))
    }

    /// Whether the patterns describe any such resource.
    pub(super) fn meets(&self, patterns: &[&Glob]) -> bool {
        let except = self.except("*");
        let except: Vec<&Glob> = except.iter().collect();
        !self.arns("*").covered_but(&except, patterns).is_false()
    }

    /// [`Self::meets`] where a `*` of the pattern may reach over colons.
    pub(super) fn meets_loosely(&self, pattern: &Glob) -> bool {
        let except = self.except("*").map(|except| except.without_colons());
        let except: Vec<&Glob> = except.iter().collect();
        !self.arns("*").without_colons().covered_but(&except, &[pattern]).is_false()
    }

    /// Whether it is the ARN of such a resource.
    pub fn matches(&self, arn: &str) -> bool {
        self.arns("*").matches(arn) && !self.except("*").is_some_and(|except| except.matches(arn))
    }
}

impl Action {
    /// Whether there are requests for it on a resource with this ARN, or one of this pattern of ARNs; `*` is none.
    pub fn is_asked_on(&self, resource: &str) -> bool {
        if self.resources.is_empty() {
            return resource == "*";
        }
        let described = Glob::arn(resource);
        self.resources.iter().any(|kind| kind.meets(&[&described]))
    }

    /// The types of resources in words: `trail (arn:*:cloudtrail:*:*:trail/*)`.
    pub fn resources_in_words(&self) -> String {
        let words = self.resources.iter().map(|kind| format!("{} (arn:*:{})", kind.name, kind.pattern));
        words.collect::<Vec<_>>().join(" or ")
    }
}

/// The actions of a service.
#[derive(Debug, Default)]
struct Service {
    types: Vec<ResourceType>,
    /// By name in lower case: the name, and the place of its types in `groups`.
    actions: HashMap<String, (&'static str, usize)>,
    groups: Vec<Vec<ResourceType>>,
    unlisted: Vec<&'static str>,
    calls: Vec<(&'static str, &'static str)>,
}

/// A service's part of the file, which is read when it is asked for.
#[derive(Debug)]
struct Section {
    text: &'static str,
    service: OnceLock<Service>,
}

static SERVICES: LazyLock<BTreeMap<&'static str, Section>> = LazyLock::new(|| {
    let sections = ACTIONS.split("\n[").skip(1);
    let named = sections.filter_map(|section| section.split_once("]\n"));
    named.map(|(prefix, text)| (prefix, Section { text, service: OnceLock::new() })).collect()
});

fn service(prefix: &str) -> Option<&'static Service> {
    let section = SERVICES.get(prefix.to_ascii_lowercase().as_str())?;
    Some(section.service.get_or_init(|| Service::read(section.text)))
}

impl Service {
    fn read(text: &'static str) -> Self {
        let mut this = Self::default();
        for line in text.lines() {
            if let Some((name, arns)) = line.split_once(" = ") {
                let (pattern, except) =
                    arns.split_once(" but not ").map_or((arns, None), |(all, but)| (all, Some(but)));
                this.types.push(ResourceType { name, pattern, except });
            } else if let Some((head, words)) = line.split_once(':') {
                this.list(head, words.trim_start().split(' ').filter(|word| !word.is_empty()));
            }
        }
        this
    }

    fn list(&mut self, head: &str, words: impl Iterator<Item = &'static str>) {
        match head {
            "?" => self.unlisted.extend(words),
            "!" => self.calls.extend(words.filter_map(|word| word.split_once('='))),
            types => {
                let named = |name: &str| self.types.iter().find(|kind| kind.name == name).copied();
                let place = self.groups.len();
                self.groups.push(types.split(' ').filter_map(named).collect());
                self.actions.extend(words.map(|name| (name.to_ascii_lowercase(), (name, place))));
            }
        }
    }
}

/// What is known of `service:Action`, in any case and without wildcards.
pub fn look_up(action: &str) -> Name {
    let Some((prefix, name)) = action.split_once(':') else { return Name::Unknown };
    let Some(service) = service(prefix) else { return Name::UnknownService };
    if let Some((name, place)) = service.actions.get(&name.to_ascii_lowercase()) {
        let resources = service.groups.get(*place).cloned().unwrap_or_default();
        return Name::Action(Action { name, resources });
    }
    if let Some((_, action)) = service.calls.iter().find(|(call, _)| call.eq_ignore_ascii_case(name)) {
        return Name::Call { action };
    }
    if service.unlisted.iter().any(|call| call.eq_ignore_ascii_case(name)) {
        return Name::Unlisted;
    }
    Name::Unknown
}

/// What a pattern of actions of one service matches.
#[derive(Debug, Default)]
pub(super) struct Matching {
    /// The types of resources of each action that it matches.
    pub(super) actions: Vec<&'static [ResourceType]>,
    /// It matches calls of which it is not known what permission they take.
    pub(super) unlisted: bool,
    /// A call that it matches, and the action that grants it.
    pub(super) call: Option<(&'static str, &'static str)>,
}

/// What the pattern matches, in any case; `None` where no service has its prefix.
pub(super) fn matching(pattern: &str) -> Option<Matching> {
    let (prefix, names) = pattern.split_once(':')?;
    let service = service(prefix)?;
    let glob = Glob::wildcard(names).lowercase();
    let is_meant = |name: &str| glob.matches(&name.to_ascii_lowercase());
    let actions = service.actions.iter().filter(|(name, _)| glob.matches(name));
    let types = |place: usize| service.groups.get(place).map_or(&[][..], Vec::as_slice);
    Some(Matching {
        actions: actions.map(|(_, (_, place))| types(*place)).collect(),
        unlisted: service.unlisted.iter().any(|name| is_meant(name)),
        call: service.calls.iter().find(|(call, _)| is_meant(call)).copied(),
    })
}

/// The services whose resources the actions of a service are asked on.
pub(super) fn services_of_resources(prefix: &str) -> Vec<&'static str> {
    let types = service(prefix).map_or(&[][..], |service| &service.types);
    types.iter().filter_map(|kind| kind.pattern.split(':').next()).collect()
}

/// An action of the service that differs by one slip: a letter too many, too few, another one, or two that changed
/// places. AWS tells actions apart by a plural and by a number, so that those are no slips.
pub(super) fn misspelt(pattern: &str) -> Option<String> {
    let (prefix, name) = pattern.split_once(':')?;
    let (name, open) = name.strip_suffix('*').map_or((name, false), |stem| (stem, true));
    if name.contains(['*', '?']) || name.len() < SHORTEST {
        return None;
    }
    let lowercase = name.to_ascii_lowercase();
    let mut names = actions(prefix).into_iter();
    let near = names.find(|known| {
        let known = known.to_ascii_lowercase();
        let lengths = lowercase.len().saturating_sub(1)..=lowercase.len().saturating_add(1);
        let mut parts = lengths.filter_map(|length| if open { known.get(..length) } else { Some(&known) });
        parts.any(|part| is_one_slip(&lowercase, part))
    })?;
    Some(format!("{prefix}:{near}"))
}

/// The service whose prefix differs by one slip and which has the action; wildcards are no action.
pub(super) fn misspelt_service(pattern: &str) -> Option<String> {
    let (prefix, name) = pattern.split_once(':')?;
    let lowercase = prefix.to_ascii_lowercase();
    let mut near = services().filter(|known| is_one_slip(&lowercase, known));
    near.find_map(|known| {
        let meant = format!("{known}:{name}");
        matches!(look_up(&meant), Name::Action(_)).then_some(meant)
    })
}

/// Names that are shorter resemble each other by chance.
const SHORTEST: usize = 6;

fn is_one_slip(name: &str, known: &str) -> bool {
    let (name, known) = (name.as_bytes(), known.as_bytes());
    let same = name.iter().zip(known).take_while(|(left, right)| left == right).count();
    let (Some(rest), Some(of_known)) = (name.get(same..), known.get(same..)) else { return false };
    match (rest, of_known) {
        ([], [last]) | ([last], []) => !last.is_ascii_digit() && *last != b's',
        ([_, rest @ ..], of_known) if rest == of_known => true,
        (rest, [_, of_known @ ..]) if rest == of_known => true,
        ([first, second, rest @ ..], [third, fourth, others @ ..]) => {
            let others_after_one = of_known.get(1..).unwrap_or_default();
            let rest_after_one = name.get(same + 1..).unwrap_or_default();
            (first == fourth && second == third && rest == others)
                || (rest_after_one == others_after_one && !(first.is_ascii_digit() && third.is_ascii_digit()))
        }
        ([first], [second]) => !(first.is_ascii_digit() && second.is_ascii_digit()),
        _ => false,
    }
}

/// Whether the action is asked on no resource, so that only statements about every resource are about it.
pub fn takes_no_resource(action: &str) -> bool {
    matches!(look_up(action), Name::Action(action) if action.resources.is_empty())
}

/// Prefixes that are written for others, with the right one: the names of services, and those of their models.
const MISTAKEN_PREFIXES: &[(&str, &str)] = &[
    ("accessanalyzer", "access-analyzer"),
    ("aws-config", "config"),
    ("awscloudtrail", "cloudtrail"),
    ("awsconfig", "config"),
    ("awsorganizations", "organizations"),
    ("cloud-trail", "cloudtrail"),
    ("cloudwatch-logs", "logs"),
    ("cloudwatchlogs", "logs"),
    ("eventbridge", "events"),
    ("guard-duty", "guardduty"),
    ("kinesis-firehose", "firehose"),
    ("kinesisfirehose", "firehose"),
    ("organization", "organizations"),
    ("route53-resolver", "route53resolver"),
    ("secrets-manager", "secretsmanager"),
    ("security-hub", "securityhub"),
    ("stepfunctions", "states"),
    ("vpc", "ec2"),
];

/// The prefix that is meant by one that no service has, where that is certain.
pub fn right_prefix(prefix: &str) -> Option<&'static str> {
    let (_, right) = MISTAKEN_PREFIXES.iter().find(|(mistaken, _)| mistaken.eq_ignore_ascii_case(prefix))?;
    Some(right)
}

/// The prefixes of all services, in order.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.keys().copied()
}

/// The names of a service's actions, as AWS writes them and in order: those of the reference, and of calls that it lacks.
pub fn actions(prefix: &str) -> Vec<&'static str> {
    let Some(service) = service(prefix) else { return Vec::new() };
    let names = service.actions.values().map(|(name, _)| *name);
    let mut names: Vec<_> = names.chain(service.unlisted.iter().copied()).collect();
    names.sort_unstable();
    names
}
