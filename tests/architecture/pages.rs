//! What the pages about the code say of it holds: the rooms that they name, and the excerpts that they show.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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

/// A code block whose first line names the file that it is from.
struct Excerpt {
    file: String,
    lines: Vec<String>,
}

fn excerpts(page: &str) -> Vec<Excerpt> {
    let mut found: Vec<Excerpt> = Vec::new();
    let mut inside = false;
    let mut is_excerpt = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(info) => {
                inside = !inside;
                let file = info.split(',').find_map(|part| part.strip_prefix("from="));
                is_excerpt = inside && file.is_some();
                found.extend(file.map(|file| Excerpt { file: file.to_owned(), lines: Vec::new() }));
            }
            None if is_excerpt => found.last_mut().unwrap().lines.push(line.to_owned()),
            None => {}
        }
    }
    found
}

/// Without the indentation that all lines share.
fn flush(lines: &[&str]) -> Vec<String> {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let shared = filled.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines.iter().map(|line| line.get(shared..).unwrap_or_default().trim_end().to_owned()).collect()
}

/// Its pieces, between lines that are `…` alone, stand in the text one after the other, each line for line.
fn is_in(excerpt: &[String], text: &str) -> Result<(), String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    for piece in excerpt.split(|line| line.trim() == "…").filter(|piece| !piece.is_empty()) {
        let piece: Vec<&str> = piece.iter().map(String::as_str).collect();
        let wanted = flush(&piece);
        let rest = lines.get(from..).unwrap_or_default();
        let at = rest.windows(wanted.len()).position(|found| flush(found) == wanted);
        let Some(at) = at else { return Err(wanted.join("\n")) };
        from += at + wanted.len();
    }
    Ok(())
}

#[test]
fn excerpts_are_what_the_files_say() {
    let mut shown = BTreeSet::new();
    for entry in fs::read_dir(root().join("docs/src")).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for excerpt in excerpts(&fs::read_to_string(&path).unwrap()) {
            let text = fs::read_to_string(root().join(&excerpt.file)).unwrap_or_default();
            let (page, file) = (path.display(), &excerpt.file);
            assert_eq!(
                is_in(&excerpt.lines, &text),
                Ok(()),
                "{page}: {file} does not say this, or no longer"
            );
            shown.insert(excerpt.file);
        }
    }
    assert!(shown.len() > 10, "the page about services shows its files: {shown:?}");
}

#[test]
fn an_excerpt_is_found_line_for_line_and_in_order() {
    let text = "fn one() {\n    let a = 1;\n    let b = 2;\n}\n\nfn two() {}\n";
    let found = |excerpt: &str| {
        let lines: Vec<String> = excerpt.lines().map(str::to_owned).collect();
        is_in(&lines, text).is_ok()
    };
    assert!(found("let a = 1;\nlet b = 2;"), "whatever the indentation");
    assert!(found("fn one() {\n…\n}\n…\nfn two() {}"));
    assert!(!found("let b = 2;\n…\nlet a = 1;"));
    assert!(!found("let a = 1;\n    let b = 2;"), "which all lines share");
    assert!(!found("let a = 1"));
    let page = "```rust,from=src/a.rs\nlet a = 1;\n```\n```sh\nls\n```\n";
    let shown: Vec<(String, usize)> =
        excerpts(page).into_iter().map(|it| (it.file, it.lines.len())).collect();
    assert_eq!(shown, [("src/a.rs".to_owned(), 1)]);
}

#[test]
fn files_that_the_page_about_services_names_are_there() {
    let page = page("add-a-service.md");
    let path = Regex::new(r"`((?:src|tests|rules|scripts|docs)/[^` ]+|[A-Z]+\.md)`").unwrap();
    let named: Vec<&str> = path.captures_iter(&page).map(|found| found.get(1).unwrap().as_str()).collect();
    let lost: Vec<&str> = named.iter().copied().filter(|path| !root().join(path).exists()).collect();
    assert_eq!(lost, Vec::<&str>::new());
    assert!(named.len() > 50, "it goes file by file");
}
