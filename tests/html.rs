//! The HTML report in headless Chromium, made by the real binary and opened as a user opens it: from the disk.
//!
//! Each check is a function of `tests/html/checks.py`, driven by Playwright; whatever the page writes to its console,
//! every violation of its policy and every request beyond its own file fails the check. Screenshots and a print are
//! left in `html-screenshots/` under the target folder.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "html/browser.rs"]
mod browser;
#[path = "validators/environment.rs"]
mod environment;
#[path = "html/scenes.rs"]
mod scenes;

use crate::browser::check;
use crate::scenes::Scene;

#[test]
fn filters_leave_what_they_say() {
    check("filters", Scene::demonstration);
}

#[test]
fn the_map_is_walked_unfolded_and_picked_from() {
    check("map", Scene::demonstration);
}

#[test]
fn what_could_not_be_read_is_never_shown_as_good() {
    check("unknown", Scene::demonstration);
}

#[test]
fn hostile_names_do_not_run_and_do_not_mislead() {
    check("hostile", Scene::hostile);
}

#[test]
fn the_keyboard_reaches_everything() {
    check("keyboard", Scene::demonstration);
}

#[test]
fn a_link_to_a_finding_opens_it() {
    check("deep_link", Scene::demonstration);
}

#[test]
fn commands_are_copied() {
    check("copying", Scene::demonstration);
}

#[test]
fn it_looks_right_wide_and_narrow_light_and_dark() {
    check("looks", Scene::demonstration);
    check("looks", Scene::hostile);
}

#[test]
fn it_prints() {
    check("printing", Scene::demonstration);
}

#[test]
fn it_is_accessible() {
    check("accessible", Scene::demonstration);
}

#[test]
fn it_can_be_read_without_scripts() {
    check("without_scripts", Scene::demonstration);
}

#[test]
fn what_is_only_counted_is_in_every_number() {
    check("counted", Scene::demonstration);
}

#[test]
fn twenty_thousand_findings_stay_quick() {
    check("many", Scene::many);
}
