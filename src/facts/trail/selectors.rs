//! Which events a trail's event selectors record.
//!
//! Follows "Logging management events", "Logging data events" and "Logging network activity events" of the CloudTrail
//! user guide: an event is recorded if any selector takes it, and an advanced selector takes it if all of its field
//! selectors do. Several selectors together may record everything though none does alone.

use std::collections::BTreeSet;

use crate::facts::words::and;
use crate::model::{AdvancedSelector, BasicSelector, EventSelectors, FieldSelector};
use crate::policy::Arn;

/// Stands for every event source or resource that no selector names. AWS allows the character in neither.
const ANY_OTHER: &str = "\u{10ffff}";

/// Which management events are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::facts) struct ManagementEvents {
    /// Some are recorded, however few.
    pub(in crate::facts) some: bool,
    /// Events that read.
    pub(in crate::facts) reads: bool,
    /// Events that change something.
    pub(in crate::facts) writes: bool,
    /// Some of these, however few.
    pub(in crate::facts) some_writes: bool,
    /// Sources whose events are left out, reads or writes, although others are recorded: `kms.amazonaws.com`, or
    /// `prefix*` where a whole family is.
    pub(in crate::facts) excluded_sources: Vec<String>,
}

/// What is left out of the management events, in words.
pub(super) fn missing(reads: bool, writes: bool, excluded_sources: &[String]) -> Option<String> {
    let mut missing = Vec::new();
    match (reads, writes) {
        (true, true) => {}
        (false, false) => missing.push("management events".to_owned()),
        (false, true) => missing.push("read events".to_owned()),
        (true, false) => missing.push("write events".to_owned()),
    }
    if !excluded_sources.is_empty() {
        missing.push(format!("events of {}", and(excluded_sources)));
    }
    (!missing.is_empty()).then(|| missing.join(" and "))
}

impl ManagementEvents {
    /// What is left out of them, in words.
    pub(in crate::facts) fn missing(&self) -> Option<String> {
        missing(self.reads, self.writes, &self.excluded_sources)
    }

    /// Nothing is missing.
    pub(in crate::facts) fn complete(&self) -> bool {
        self.reads && self.writes && self.excluded_sources.is_empty()
    }
}

/// An event, as far as selectors look at it.
#[derive(Clone, Copy)]
struct Event<'a> {
    category: &'a str,
    read_only: bool,
    source: Option<&'a str>,
    resource_type: Option<&'a str>,
    resource: Option<&'a str>,
}

impl<'a> Event<'a> {
    fn of(category: &'a str, read_only: bool, source: &'a str) -> Self {
        Self { category, read_only, source: Some(source), resource_type: None, resource: None }
    }

    fn data(resource_type: &'a str, read_only: bool, resource: &'a str) -> Self {
        Self {
            category: "Data",
            read_only,
            source: None,
            resource_type: Some(resource_type),
            resource: Some(resource),
        }
    }
}

/// Management events. A trail without selectors records all of them, which is CloudTrail's default.
pub(in crate::facts) fn management_events(selectors: Option<&EventSelectors>) -> ManagementEvents {
    match selectors {
        None => ManagementEvents {
            some: true,
            reads: true,
            writes: true,
            some_writes: true,
            excluded_sources: Vec::new(),
        },
        Some(EventSelectors::Basic(selectors)) if selectors.is_empty() => management_events(None),
        Some(EventSelectors::Basic(selectors)) => basic_management(selectors),
        Some(EventSelectors::Advanced(selectors)) => advanced_management(selectors),
    }
}

fn basic_management(selectors: &[BasicSelector]) -> ManagementEvents {
    // What all selectors of this kind of event leave out; nothing is recorded where there is no such selector.
    let excluded = |kind: &str| {
        selectors
            .iter()
            .filter(|selector| selector.include_management_events && takes(selector, kind))
            .map(|selector| selector.excluded_management_event_sources.iter().cloned().collect())
            .reduce(|all: BTreeSet<String>, one: BTreeSet<String>| &all & &one)
    };
    let (reads, writes) = (excluded("ReadOnly"), excluded("WriteOnly"));
    let excluded_sources = reads.iter().chain(&writes).flatten().cloned().collect::<BTreeSet<_>>();
    ManagementEvents {
        some: reads.is_some() || writes.is_some(),
        reads: reads.is_some(),
        writes: writes.is_some(),
        some_writes: writes.is_some(),
        excluded_sources: excluded_sources.into_iter().collect(),
    }
}

fn takes(selector: &BasicSelector, kind: &str) -> bool {
    selector.read_write_type == "All" || selector.read_write_type == kind
}

/// Sources that stand for all: those that the selectors name in some way, and all others. Which of two trails records an
/// event, their answers for these tell.
pub(in crate::facts) fn management_sources(selectors: Option<&EventSelectors>) -> BTreeSet<String> {
    let named: BTreeSet<String> = match selectors {
        None => BTreeSet::new(),
        Some(EventSelectors::Basic(selectors)) => {
            selectors.iter().flat_map(|it| &it.excluded_management_event_sources).cloned().collect()
        }
        Some(EventSelectors::Advanced(selectors)) => {
            samples(selectors, "eventSource").into_iter().map(|(_, source)| source).collect()
        }
    };
    named.into_iter().chain([ANY_OTHER.to_owned()]).collect()
}

/// Management events of this source, reads or writes, are recorded.
pub(in crate::facts) fn records_management(
    selectors: Option<&EventSelectors>,
    source: &str,
    read_only: bool,
) -> bool {
    match selectors {
        None => true,
        Some(EventSelectors::Basic(selectors)) if selectors.is_empty() => true,
        Some(EventSelectors::Basic(selectors)) => {
            let kind = if read_only { "ReadOnly" } else { "WriteOnly" };
            selectors.iter().any(|selector| {
                selector.include_management_events
                    && takes(selector, kind)
                    && !selector.excluded_management_event_sources.iter().any(|it| it == source)
            })
        }
        Some(EventSelectors::Advanced(selectors)) => {
            let event = Event::of("Management", read_only, source);
            selectors.iter().any(|selector| takes_all(selector, event))
        }
    }
}

fn advanced_management(selectors: &[AdvancedSelector]) -> ManagementEvents {
    let recorded = |source: &str, read_only: bool| {
        let event = Event::of("Management", read_only, source);
        selectors.iter().any(|selector| takes_all(selector, event))
    };
    let reads = recorded(ANY_OTHER, true);
    let writes = recorded(ANY_OTHER, false);
    let excluded = samples(selectors, "eventSource")
        .into_iter()
        .filter(|(_, source)| (reads && !recorded(source, true)) || (writes && !recorded(source, false)))
        .map(|(label, _)| label)
        .collect::<BTreeSet<_>>();
    let takes_some = |selector: &AdvancedSelector, access: Option<&str>| {
        let of =
            |name: &'static str| selector.field_selectors.iter().filter(move |field| field.field == name);
        of("eventCategory").next().is_some()
            && of("eventCategory").all(|field| matches(field, "Management"))
            && access.is_none_or(|access| of("readOnly").all(|field| matches(field, access)))
    };
    let some = selectors.iter().any(|selector| takes_some(selector, None));
    let some_writes = selectors.iter().any(|selector| takes_some(selector, Some("false")));
    ManagementEvents { some, reads, writes, some_writes, excluded_sources: excluded.into_iter().collect() }
}

/// Values of a field, such that selectors which take all of them, and [`ANY_OTHER`], take every value there is: each
/// value, prefix and suffix that a selector names, and each prefix with each suffix. With the name for people.
fn samples(selectors: &[AdvancedSelector], field: &str) -> BTreeSet<(String, String)> {
    let fields =
        || selectors.iter().flat_map(|selector| &selector.field_selectors).filter(|it| it.field == field);
    let mut samples: BTreeSet<(String, String)> = fields()
        .flat_map(|it| it.equals.iter().chain(&it.not_equals))
        .map(|value| (value.clone(), value.clone()))
        .collect();
    let prefixes: BTreeSet<&String> =
        fields().flat_map(|it| it.starts_with.iter().chain(&it.not_starts_with)).collect();
    let suffixes: BTreeSet<&String> =
        fields().flat_map(|it| it.ends_with.iter().chain(&it.not_ends_with)).collect();
    for prefix in &prefixes {
        samples.insert((format!("{prefix}*"), (*prefix).clone()));
        samples.extend(
            suffixes.iter().map(|suffix| (format!("{prefix}*{suffix}"), format!("{prefix}{suffix}"))),
        );
    }
    samples.extend(suffixes.iter().map(|suffix| (format!("*{suffix}"), (*suffix).clone())));
    samples
}

/// The field selector takes this value.
fn matches(selector: &FieldSelector, value: &str) -> bool {
    let FieldSelector { equals, starts_with, ends_with, .. } = selector;
    let positive = equals.is_empty() && starts_with.is_empty() && ends_with.is_empty()
        || equals.iter().any(|it| it == value)
        || starts_with.iter().any(|it| value.starts_with(it.as_str()))
        || ends_with.iter().any(|it| value.ends_with(it.as_str()));
    positive
        && !selector.not_equals.iter().any(|it| it == value)
        && !selector.not_starts_with.iter().any(|it| value.starts_with(it.as_str()))
        && !selector.not_ends_with.iter().any(|it| value.ends_with(it.as_str()))
}

/// The selector takes every event that looks like this, whatever is in its other fields.
fn takes_all(selector: &AdvancedSelector, event: Event<'_>) -> bool {
    let takes = |field: &FieldSelector, value: Option<&str>| value.is_some_and(|value| matches(field, value));
    let fields = &selector.field_selectors;
    fields.iter().any(|field| field.field == "eventCategory")
        && fields.iter().all(|field| match field.field.as_str() {
            "eventCategory" => matches(field, event.category),
            "readOnly" => matches(field, if event.read_only { "true" } else { "false" }),
            "eventSource" => takes(field, event.source),
            "resources.type" => takes(field, event.resource_type),
            "resources.ARN" => takes(field, event.resource),
            // Any other condition leaves some of the events out.
            _ => false,
        })
}

/// Resource types whose data events some selector names.
pub(in crate::facts) fn data_event_types(selectors: Option<&EventSelectors>) -> BTreeSet<String> {
    match selectors {
        None => BTreeSet::new(),
        Some(EventSelectors::Basic(selectors)) => {
            selectors.iter().flat_map(|it| &it.data_resources).map(|it| it.resource_type.clone()).collect()
        }
        Some(EventSelectors::Advanced(selectors)) => named(selectors, "resources.type"),
    }
}

fn named(selectors: &[AdvancedSelector], field: &str) -> BTreeSet<String> {
    selectors
        .iter()
        .flat_map(|selector| &selector.field_selectors)
        .filter(|it| it.field == field)
        .flat_map(|it| it.equals.iter().cloned())
        .collect()
}

/// The data events of every resource of this type, reads or writes, are recorded.
pub(in crate::facts) fn records_data_events(
    selectors: Option<&EventSelectors>,
    resource_type: &str,
    read_only: bool,
) -> bool {
    match selectors {
        None => false,
        Some(EventSelectors::Basic(selectors)) => basic_data(selectors, resource_type, read_only, |value| {
            // `arn:aws:s3` and `arn:aws:lambda` are everything; so is `arn:aws:s3:::` with nothing behind it.
            Arn::parse(value).is_none_or(|arn| arn.resource.is_empty())
        }),
        Some(EventSelectors::Advanced(selectors)) => {
            let named = samples(selectors, "resources.ARN").into_iter().map(|(_, resource)| resource);
            advanced_data(selectors, resource_type, read_only, named.chain([ANY_OTHER.to_owned()]))
        }
    }
}

/// The events of all objects of this bucket, reads or writes, are recorded.
pub(in crate::facts) fn records_object_events(
    selectors: Option<&EventSelectors>,
    bucket_arn: &str,
    read_only: bool,
) -> bool {
    const OBJECT: &str = "AWS::S3::Object";
    let objects = format!("{bucket_arn}/");
    match selectors {
        None => false,
        Some(EventSelectors::Basic(selectors)) => basic_data(selectors, OBJECT, read_only, |value| {
            value == objects
                || Arn::parse(value).is_none_or(|arn| arn.resource.is_empty()) && objects.starts_with(value)
        }),
        Some(EventSelectors::Advanced(selectors)) => {
            let named: Vec<String> =
                samples(selectors, "resources.ARN").into_iter().map(|(_, resource)| resource).collect();
            let ends = named.iter().map(|end| format!("{objects}{end}"));
            let below = named.iter().filter(|resource| resource.starts_with(&objects)).cloned();
            let resources = below.chain(ends).chain([format!("{objects}{ANY_OTHER}")]);
            advanced_data(selectors, OBJECT, read_only, resources)
        }
    }
}

/// Each of these resources' events is taken by some selector.
fn advanced_data(
    selectors: &[AdvancedSelector],
    resource_type: &str,
    read_only: bool,
    mut resources: impl Iterator<Item = String>,
) -> bool {
    resources.all(|resource| {
        let event = Event::data(resource_type, read_only, &resource);
        selectors.iter().any(|selector| takes_all(selector, event))
    })
}

fn basic_data(
    selectors: &[BasicSelector],
    resource_type: &str,
    read_only: bool,
    everything: impl Fn(&str) -> bool,
) -> bool {
    let kind = if read_only { "ReadOnly" } else { "WriteOnly" };
    selectors
        .iter()
        .filter(|selector| takes(selector, kind))
        .flat_map(|selector| &selector.data_resources)
        .filter(|resource| resource.resource_type == resource_type)
        .any(|resource| resource.values.iter().any(|value| everything(value)))
}

/// Event sources whose network activity events some selector names.
pub(in crate::facts) fn network_activity_sources(selectors: Option<&EventSelectors>) -> BTreeSet<String> {
    match selectors {
        None | Some(EventSelectors::Basic(_)) => BTreeSet::new(),
        Some(EventSelectors::Advanced(selectors)) => named(selectors, "eventSource")
            .into_iter()
            .filter(|source| records_network_activity(selectors, source))
            .collect(),
    }
}

/// All of the source's network activity events are recorded, allowed and denied ones.
fn records_network_activity(selectors: &[AdvancedSelector], source: &str) -> bool {
    [true, false].into_iter().all(|read_only| {
        let event = Event::of("NetworkActivity", read_only, source);
        selectors.iter().any(|selector| takes_all(selector, event))
    })
}

#[cfg(test)]
mod tests;
