//! Where a finding is, as SARIF says it: a relative path for those who show files, the ARN beside it.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_sarif::sarif::{ArtifactLocation, Location, LogicalLocation, PhysicalLocation, Region};

use super::super::{Report, text};
use crate::facts::Subject;

/// The longest part of a path, in characters before encoding: two thirds of its start, a third of its end.
const LONGEST_PART: usize = 120;

/// The part of a path that stands for the organization.
pub(super) fn organization(report: &Report) -> String {
    part(report.organization.as_ref().map_or("no-organization", |(id, _)| id))
}

/// The relative path that stands for a subject.
pub(in crate::report) fn path(report: &Report, subject: &Subject) -> String {
    format!(
        "aws/{}/{}/{}/{}/{}/{}",
        organization(report),
        part(subject.account_id.as_deref().unwrap_or("no-account")),
        part(subject.region.as_deref().unwrap_or("global")),
        subject.kind.service(),
        subject.kind.as_str(),
        part(subject.name.as_deref().unwrap_or(&subject.id)),
    )
}

pub(super) fn of(report: &Report, subject: &Subject) -> Location {
    let name = subject.name.as_deref().unwrap_or(&subject.id);
    // There is no file: the region is its first character.
    let region = Region::builder().start_line(1).start_column(1).end_line(1).end_column(2).build();
    let physical = PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(path(report, subject)).build())
        .region(region)
        .build();
    let full_name = subject.arn.as_deref().unwrap_or(&subject.id);
    let logical = LogicalLocation::builder()
        .name(text::fit(name, 256))
        .fully_qualified_name(text::fit(full_name, 2_048))
        .kind("resource")
        .build();
    Location::builder().physical_location(physical).logical_locations(vec![logical]).build()
}

/// One part of a path: percent-encoded, so that a name can neither add parts nor climb out of the path.
pub(in crate::report) fn part(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let dots = name.bytes().all(|byte| byte == b'.');
    if dots {
        // Also covers the empty name; `%2E%2E` would be read as `..`.
        encoded.push('_');
    }
    for byte in shortened(name).bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn shortened(name: &str) -> Cow<'_, str> {
    let length = name.chars().count();
    if length <= LONGEST_PART {
        return Cow::Borrowed(name);
    }
    let head = name.chars().take(LONGEST_PART * 2 / 3);
    let tail = name.chars().skip(length - LONGEST_PART / 3 + 1);
    Cow::Owned(head.chain(['~']).chain(tail).collect())
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_name_stays_one_part_of_the_path() {
        assert_eq!(part("/aws/eks/blue"), "%2Faws%2Feks%2Fblue");
        assert_eq!(part(".."), "_..");
        assert_eq!(part(""), "_");
        assert_eq!(part("größe"), "gr%C3%B6%C3%9Fe");
        assert!(part(&"\u{1b}".repeat(10_000)).len() < 2_000);
    }
}
