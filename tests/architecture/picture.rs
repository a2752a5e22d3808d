//! The picture of the rooms in the page about the architecture: what the code imports, drawn. `UPDATE_DOCS=1 cargo test
//! --test architecture` draws it anew. What is where is worked out in [`layout`]; what a box says of its room is the
//! beginning of the room's own documentation.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "picture/layout.rs"]
mod layout;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use layout::{Layout, Measures, Place};

use super::{AT_HOME, MODULES, imports};

/// Rooms whose words all others speak. Arrows to them would hide the others: each box names those that it imports.
const SHARED: [&str; 4] = ["policy", "model", "severity", "nearest"];

const MEASURES: Measures = Measures { width: 1000, margin: 14, box_width: 218, gap: 18, clearance: 11 };
/// Between rows, where arrows cross.
const BETWEEN_ROWS: i64 = 46;
/// Of a line of text, and of the name above it.
const LINE: i64 = 15;
const NAME: i64 = 24;
/// Characters in a line, and lines, of what a room is for.
const LINE_LENGTH: usize = 29;
const LINES: usize = 3;

const HOW_TO_READ: &str = "Data flows down; an arrow points up to what a room imports. An arrow that follows from others is left out.";

const STYLE: &str = "
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; font-size: 12px; fill: #24292f; }
.name { font-size: 14px; font-weight: 600; }
.tag { font-size: 11px; text-anchor: end; }
.quiet { font-size: 10.5px; fill: #656d76; }
.page { fill: #ffffff; }
.band { fill: none; stroke: #afb8c1; stroke-dasharray: 4 4; }
.offline { fill: #eef6ff; stroke: #6c95c4; }
.shell { fill: #f6f8fa; stroke: #8c959f; }
.aws { fill: #fff1dc; stroke: #bf7a1c; stroke-width: 2; }
.arrow { fill: none; stroke: #57606a; stroke-width: 1.3; }
.head { fill: #57606a; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .quiet { fill: #9da7b3; }
  .page { fill: #0d1117; }
  .band { stroke: #484f58; }
  .offline { fill: #12243a; stroke: #4d7fb8; }
  .shell { fill: #1c2128; stroke: #768390; }
  .aws { fill: #3a2a10; stroke: #d29922; }
  .arrow { stroke: #9da7b3; }
  .head { fill: #9da7b3; }
}
";

/// The rooms that each imports, directly or through others.
type Reach<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn reach<'a>(rooms: &[&'a str], imports: &BTreeSet<(&'a str, &'a str)>) -> Reach<'a> {
    let mut reach = Reach::new();
    for room in rooms {
        let direct = imports.iter().filter(|(from, _)| from == room).map(|(_, to)| *to);
        let all = direct.flat_map(|to| reach[to].iter().copied().chain([to])).collect();
        reach.insert(room, all);
    }
    reach
}

/// Without what follows from others: where a room imports one that imports a third, it may know the third as well.
fn reduced<'a>(
    imports: &BTreeSet<(&'a str, &'a str)>,
    reach: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Vec<(&'a str, &'a str)> {
    let follows = |(from, to): &(&str, &str)| {
        imports.iter().any(|(other, through)| other == from && through != to && reach[through].contains(to))
    };
    imports.iter().filter(|arrow| !follows(arrow)).copied().collect()
}

/// What a room is for: the beginning of its documentation, as much as says it in a few lines.
fn purpose(room: &str, documentation: &str) -> Vec<String> {
    let lines = documentation.lines().map_while(|line| line.strip_prefix("//!"));
    let first: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let text = first.join(" ").replace("[`crate::", "").replace("[`", "").replace("`]", "").replace('`', "");
    let text = text.split(". ").next().unwrap().trim_end_matches('.');
    // `A baseline: ...` in the room of that name.
    let named = text.split_once(": ").filter(|(name, _)| {
        name.trim_start_matches("A ").trim_start_matches("The ").eq_ignore_ascii_case(room)
    });
    let text = named.map_or(text, |(_, text)| text);
    let clauses = |end: &str| text.split(end).next().unwrap().to_owned();
    let parts = [text.to_owned(), clauses(": "), clauses("; "), clauses(", ")];
    let lines = parts.iter().map(|part| wrapped(part)).find(|lines| lines.len() <= LINES);
    let mut lines =
        lines.unwrap_or_else(|| panic!("{room}: what is it for, in a clause of {LINES} lines? {text}"));
    for line in lines.iter_mut().take(1) {
        let rest = line.split_off(line.chars().next().map_or(0, char::len_utf8));
        *line = line.to_uppercase() + &rest;
    }
    lines
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut().filter(|line| line.len() + word.len() < LINE_LENGTH) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn documentation(room: &str) -> String {
    let file =
        if room == "policy" { "crates/policy/src/lib.rs".to_owned() } else { format!("src/{room}.rs") };
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The rooms that are as a whole at home to something.
fn at_home(what: &str) -> &'static [&'static str] {
    AT_HOME.iter().find(|(_, named, _)| *named == what).map(|(_, _, homes)| *homes).unwrap()
}

/// The room, drawn at its upper left corner.
struct Room<'a> {
    name: &'a str,
    /// `aws`, `offline` or `shell`.
    class: &'static str,
    tag: &'static str,
    purpose: Vec<String>,
    /// The shared ones that it imports.
    shared: Vec<&'a str>,
}

impl Room<'_> {
    fn height(&self) -> i64 {
        NAME + LINE * i64::try_from(self.purpose.len()).unwrap() + LINE + 7
    }

    fn draw(&self, svg: &mut String, left: i64, top: i64, height: i64) {
        let Self { name, class, tag, purpose, shared } = self;
        let (width, x) = (MEASURES.box_width, left + 10);
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
        );
        let _ = writeln!(svg, "<text class=\"name\" x=\"{x}\" y=\"{}\">{name}</text>", top + 19);
        if !tag.is_empty() {
            let _ = writeln!(
                svg,
                "<text class=\"tag\" x=\"{}\" y=\"{}\">{tag}</text>",
                left + width - 10,
                top + 19
            );
        }
        for (line, y) in purpose.iter().zip((0..).map(|line| top + NAME + LINE * line + 12)) {
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(line));
        }
        if !shared.is_empty() {
            let y = top + height - 8;
            let _ =
                writeln!(svg, "<text class=\"quiet\" x=\"{x}\" y=\"{y}\">uses {}</text>", shared.join(", "));
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn picture() -> String {
    let found = imports();
    let all: BTreeSet<(&str, &str)> = found.keys().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let rooms: Vec<&str> = MODULES.iter().map(|(name, _)| *name).collect();
    let reach = reach(&rooms, &all);
    let is_shared = |room: &&str| SHARED.contains(room);
    let boxes: Vec<&str> = rooms.iter().copied().filter(|room| !is_shared(room)).collect();
    let arrows: Vec<(&str, &str)> =
        reduced(&all, &reach).into_iter().filter(|(_, to)| !is_shared(to)).collect();
    let talks = at_home("types of the AWS SDK");
    let room = |name: &&'static str| Room {
        name,
        class: match name {
            _ if talks.contains(name) => "aws",
            _ if talks.iter().any(|aws| reach[name].contains(aws)) => "shell",
            _ => "offline",
        },
        tag: match name {
            _ if talks.contains(name) => "async, talks to AWS",
            _ if at_home("what a user sees").contains(name) => "writes to the terminal",
            &"policy" => "a crate of its own",
            _ => "",
        },
        purpose: purpose(name, &documentation(name)),
        shared: SHARED.into_iter().filter(|shared| all.contains(&(*name, *shared))).collect(),
    };
    let drawn: BTreeMap<&str, Room> = rooms.iter().map(|name| (*name, room(name))).collect();
    let layout = Layout::new(&boxes, &arrows, MEASURES);
    drawing(&drawn, &layout)
}

fn drawing<'a>(rooms: &BTreeMap<&'a str, Room<'a>>, layout: &Layout<'a>) -> String {
    let Measures { width, margin, box_width, .. } = MEASURES;
    let mut body = String::new();
    // The rooms that are shared, in a band of their own.
    let height = SHARED.iter().map(|name| rooms[name].height()).max().unwrap();
    let band = height + 44;
    let _ = writeln!(
        body,
        "<rect class=\"band\" x=\"{margin}\" y=\"{margin}\" width=\"{}\" height=\"{band}\" rx=\"8\"/>",
        width - 2 * margin
    );
    let _ = writeln!(
        body,
        "<text class=\"quiet\" x=\"{}\" y=\"{}\">Words that the others share: no arrows lead here, each box names what it uses.</text>",
        margin + 12,
        margin + 20
    );
    let step = (width - 2 * margin - 24 - box_width) / i64::try_from(SHARED.len() - 1).unwrap();
    for (name, left) in SHARED.iter().zip((0..).map(|place| margin + 12 + step * place)) {
        rooms[name].draw(&mut body, left, margin + 32, height);
    }

    // The top and the bottom of each row.
    let mut edges: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
    let mut boxes = String::new();
    let mut top = margin + band + 26;
    for row in &layout.rows {
        let named = |place: &Place<'a>| if let Place::Box(name) = place { rooms.get(name) } else { None };
        let height = row.iter().filter_map(named).map(Room::height).max().unwrap_or(0);
        for place in row {
            if let Some(room) = named(place) {
                room.draw(&mut boxes, layout.middles[place] - box_width / 2, top, height);
            }
            edges.insert(*place, (top, top + height));
        }
        top += height + BETWEEN_ROWS;
    }
    arrows(&mut body, layout, &edges);
    body.push_str(&boxes);
    let bottom = legend(&mut body, top - BETWEEN_ROWS + 24);

    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {bottom}\" width=\"{width}\" height=\"{bottom}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <!-- Generated by tests/architecture/picture.rs -->\n\
         <title id=\"title\">The rooms of Trailproof and what they import</title>\n\
         <desc id=\"description\">{}</desc>\n\
         <style>{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
         <path class=\"head\" d=\"M0 0 8 4 0 8z\"/></marker></defs>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{bottom}\" rx=\"8\"/>\n\
         {body}</svg>\n",
        description(layout)
    )
}

/// From each box up to those that it imports, straight past the rows between.
fn arrows(svg: &mut String, layout: &Layout, edges: &BTreeMap<Place, (i64, i64)>) {
    let links = layout.ways.iter().flat_map(|way| way.iter().zip(way.iter().skip(1)));
    let links: BTreeSet<(&Place, &Place)> = links.collect();
    // Where several meet a box, they stand side by side in the order of where they come from.
    let port = |place: &Place, other: &Place, is_below: bool| {
        let ends =
            links.iter().map(|(above, below)| if is_below { (*above, *below) } else { (*below, *above) });
        let ends = ends.filter(|(here, _)| *here == place).map(|(_, end)| end);
        let mut ends: Vec<(i64, &Place)> = ends.map(|end| (layout.middles[end], end)).collect();
        ends.sort_unstable();
        let (count, at) = (ends.len(), ends.iter().position(|(_, end)| *end == other).unwrap());
        let (count, at) = (i64::try_from(count).unwrap(), i64::try_from(at).unwrap());
        let step = 28.min((MEASURES.box_width - 30) / count);
        layout.middles[place] + (2 * at - (count - 1)) * step / 2
    };
    for way in &layout.ways {
        let mut path = String::new();
        // Ways are told from where they point to; they are drawn from where they begin.
        for (below, above) in way.iter().rev().zip(way.iter().rev().skip(1)) {
            let (from, to) = (port(below, above, false), port(above, below, true));
            let (start, end) = (edges[below].0, edges[above].1);
            let between = i64::midpoint(start, end);
            if path.is_empty() {
                let _ = write!(path, "M{from} {start}");
            }
            let _ = write!(path, " C{from} {between} {to} {between} {to} {end}");
            if matches!(above, Place::Passing(..)) {
                let _ = write!(path, " V{}", edges[above].0);
            }
        }
        let _ = writeln!(svg, "<path class=\"arrow\" d=\"{path}\" marker-end=\"url(#head)\"/>");
    }
}

/// Returns where the picture ends.
fn legend(svg: &mut String, top: i64) -> i64 {
    let entries = [
        ("offline", "offline: reaches no room that talks to AWS"),
        ("aws", "asynchronous: talks to AWS"),
        ("shell", "the shell: reaches AWS through others"),
    ];
    let Measures { width, margin, .. } = MEASURES;
    let step = (width - 2 * margin) / i64::try_from(entries.len()).unwrap();
    for ((class, text), left) in entries.into_iter().zip((0..).map(|place| margin + step * place)) {
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"22\" height=\"14\" rx=\"3\"/>\n\
             <text x=\"{}\" y=\"{}\">{text}</text>",
            left + 30,
            top + 11
        );
    }
    let _ = writeln!(svg, "<text class=\"quiet\" x=\"{margin}\" y=\"{}\">{HOW_TO_READ}</text>", top + 36);
    top + 36 + margin
}

/// The same for those who do not see it.
fn description(layout: &Layout) -> String {
    let ends = layout.ways.iter().filter_map(|way| Some((way.last()?, way.first()?)));
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for end in ends {
        if let (Place::Box(from), Place::Box(to)) = end {
            told.entry(from).or_default().push(to);
        }
    }
    let told: Vec<String> =
        told.iter().map(|(from, to)| format!("{from} imports {}", to.join(", "))).collect();
    format!("{}. What follows from these is left out.", told.join("; "))
}

#[test]
fn the_picture_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/architecture.svg");
    let text = picture();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let stands = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == text,
        "docs/src/architecture.svg is not current: UPDATE_DOCS=1 cargo test --test architecture"
    );
}

#[test]
fn an_arrow_that_follows_from_others_is_left_out() {
    let imports = BTreeSet::from([("b", "a"), ("c", "a"), ("c", "b"), ("d", "a"), ("d", "c")]);
    let reach = reach(&["a", "b", "c", "d"], &imports);
    assert_eq!(reach["d"], BTreeSet::from(["a", "b", "c"]));
    assert_eq!(reduced(&imports, &reach), [("b", "a"), ("c", "b"), ("d", "c")]);
}

#[test]
fn a_box_says_what_its_room_is_for() {
    let told = |room, text| purpose(room, text).join("|");
    assert_eq!(
        told("facts", "//! Facts: what rules may ask. More.\n//!\n//! And more."),
        "What rules may ask"
    );
    assert_eq!(
        told(
            "exit",
            "//! Exit codes: the same for every command and format, so that whatever reads them\n//! can act on what they say without more."
        ),
        "Exit codes"
    );
    assert_eq!(told("cli", "//! As typed. Its meaning: [`crate::settings`].\nuse x;"), "As typed");
}
