//! What the pages about the code say of it holds: the rooms that they name.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::MODULES;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs/src").join(name)).unwrap()
}

#[test]
fn the_page_has_every_room_once_and_no_other() {
    let page = page("architecture.md");
    let rooms: Vec<&str> = MODULES.iter().map(|(name, _)| *name).collect();
    let name = Regex::new(r"`(\w+)`").unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let mut told: Vec<&str> =
        cells.flat_map(|cell| name.captures_iter(cell).map(|found| found.get(1).unwrap().as_str())).collect();
    told.sort_unstable();
    let mut wanted = rooms.clone();
    wanted.sort_unstable();
    assert_eq!(told, wanted, "the table of rooms");

    let flow = page.lines().find(|line| line.contains(" → ")).unwrap();
    let strangers: Vec<&str> =
        flow.trim_matches('`').split(" → ").filter(|room| !rooms.contains(room)).collect();
    assert_eq!(strangers, Vec::<&str>::new(), "the flow of data");

    // `aws::signed` is a file of a room.
    let path = Regex::new(r"`([a-z_]+)::([a-z_]+)`").unwrap();
    for found in path.captures_iter(&page) {
        let file = root().join("src").join(&found[1]).join(&found[2]).with_extension("rs");
        assert!(rooms.contains(&&found[1]) && file.is_file(), "{} is no part of a room", &found[0]);
    }
}
