//! No files of `src` go round in a circle: where `a` needs `b` and `b` needs `a`, neither is read, tested or moved
//! without the other. A file and those in its folder are one thing in parts, and may know each other.
//!
//! What a file needs is read off its `use` declarations and the paths in its text, re-exports followed to where a name is
//! declared. Methods are not followed: what they belong to had to be named somewhere.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{LITERAL, Source, sources};

/// The root of the crate, and the program: they know everything.
const ROOTS: [&str; 2] = ["lib", "main"];

/// How far a name is followed through re-exports that may not end.
const DEEPEST: usize = 8;

/// A name that a file takes from elsewhere.
struct Import {
    /// As the file calls it.
    name: String,
    path: Vec<String>,
}

impl Import {
    fn of(path: &str) -> Self {
        let (path, alias) = path.split_once(" as ").map_or((path, None), |(path, alias)| (path, Some(alias)));
        let mut path: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = alias.map(str::trim).or(path.last().map(String::as_str)).unwrap_or_default().to_owned();
        Self { name, path }
    }
}

/// The paths of a `use` declaration, braces written out.
fn paths(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inside = rest.rsplit_once('}').unwrap().0;
    let mut depth = 0;
    let parts = inside.split(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    });
    let parts: Vec<&str> = parts.filter(|part| !part.trim().is_empty()).collect();
    let before = before.trim();
    parts.into_iter().flat_map(paths).map(|path| format!("{before}{path}")).collect()
}

/// All files, with what they import and the paths in the rest of their text.
struct Crate {
    imports: BTreeMap<String, Vec<Import>>,
    inline: BTreeMap<String, BTreeSet<String>>,
    /// What each file declares, for those that pass on all of another's.
    declared: BTreeMap<String, BTreeSet<String>>,
}

impl Crate {
    fn of(sources: &[Source]) -> Self {
        let literal = Regex::new(LITERAL).unwrap();
        let of_tests = Regex::new(r"#\[cfg\(test\)\]\s+(?:pub(?:\([a-z: ]+\))? )?use [^;]*;").unwrap();
        let declaration = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?use ([^;]+);").unwrap();
        let path = Regex::new(r"(?:^|[^\w:])((?:[a-z_]\w*::)+\w+)").unwrap();
        let item = Regex::new(r"\b(?:const|enum|fn|macro_rules!|static|struct|trait|type) (\w+)").unwrap();
        let mut found = Self { imports: BTreeMap::new(), inline: BTreeMap::new(), declared: BTreeMap::new() };
        for source in sources {
            let text = literal.replace_all(&source.text, "\"\"");
            let text = of_tests.replace_all(&text, "");
            let trees = declaration.captures_iter(&text).map(|found| paths(&found[1]));
            let imports = trees.flatten().map(|path| Import::of(&path)).collect();
            let rest = declaration.replace_all(&text, "");
            let inline = path.captures_iter(&rest).map(|found| found[1].to_owned()).collect();
            let declared = item.captures_iter(&text).map(|found| found[1].to_owned()).collect();
            found.declared.insert(source.path.clone(), declared);
            found.imports.insert(source.path.clone(), imports);
            found.inline.insert(source.path.clone(), inline);
        }
        found
    }

    fn child(&self, file: &str, name: &str) -> Option<String> {
        let child = if ROOTS.contains(&file) { name.to_owned() } else { format!("{file}/{name}") };
        self.imports.contains_key(&child).then_some(child)
    }

    /// The file that declares what a path in `file` names; `None` where it is of another crate, or of nobody's.
    fn resolve(&self, file: &str, path: &[String], depth: usize) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk("lib", rest, depth),
            "self" => self.walk(file, rest, depth),
            "super" => {
                let parent = file.rsplit_once('/').map_or("lib", |(parent, _)| parent);
                match rest.first() {
                    Some(next) if next == "super" => self.resolve(parent, rest, depth + 1),
                    _ => self.walk(parent, rest, depth),
                }
            }
            name if self.child(file, name).is_some() => self.walk(file, path, depth),
            name => {
                let import = self.imports.get(file)?.iter().find(|import| import.name == *name)?;
                // A crate's name, or the one that is asked for.
                if import.path == path {
                    return None;
                }
                let from = self.resolve(file, &import.path, depth + 1)?;
                self.walk(&from, rest, depth + 1)
            }
        }
    }

    /// From a file down a path, through what it takes from elsewhere, to the file that declares its end.
    fn walk(&self, file: &str, path: &[String], depth: usize) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        let Some((name, rest)) = path.split_first() else { return Some(file.to_owned()) };
        if let Some(child) = self.child(file, name) {
            return self.walk(&child, rest, depth);
        }
        let imports = self.imports.get(file).into_iter().flatten().filter(|import| import.name == *name);
        let mut elsewhere = imports.filter_map(|import| self.resolve(file, &import.path, depth + 1));
        if let Some(from) = elsewhere.find(|from| from != file) {
            return self.walk(&from, rest, depth + 1);
        }
        match self.passed_on_whole(file, name, depth) {
            Some(from) => self.walk(&from, path, depth + 1),
            None => Some(file.to_owned()),
        }
    }

    /// The file of which `file` passes on everything, if it knows the name.
    fn passed_on_whole(&self, file: &str, name: &str, depth: usize) -> Option<String> {
        let all = self.imports.get(file)?.iter().filter(|import| import.name == "*");
        let files = all.filter_map(|import| {
            let (_, path) = import.path.split_last()?;
            self.resolve(file, path, depth + 1)
        });
        let knows = |other: &String| {
            self.declared.get(other).is_some_and(|declared| declared.contains(name))
                || self.imports.get(other).is_some_and(|imports| imports.iter().any(|it| it.name == name))
        };
        files.filter(|other| other != file).find(knows)
    }

    /// Which files each file needs, and the names for which it does.
    fn needs(&self) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
        let mut needs = BTreeMap::new();
        for (file, imports) in &self.imports {
            let imported = imports
                .iter()
                .filter(|import| import.name != "*")
                .map(|import| (import.name.clone(), import.path.clone()));
            let inline = self.inline.get(file).into_iter().flatten();
            let inline =
                inline.map(|path| (path.clone(), path.split("::").map(str::to_owned).collect::<Vec<_>>()));
            let needed: &mut BTreeMap<String, BTreeSet<String>> = needs.entry(file.clone()).or_default();
            for (name, path) in imported.chain(inline) {
                if let Some(other) = self.resolve(file, &path, 0).filter(|other| !are_one(file, other)) {
                    needed.entry(other).or_default().insert(name);
                }
            }
        }
        needs
    }
}

/// A file and one in its folder, however deep.
fn are_one(one: &str, other: &str) -> bool {
    let holds = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    holds(one, other) || holds(other, one) || ROOTS.contains(&one) || ROOTS.contains(&other)
}

/// The circles, each with a line for every file that needs another one in it, and for what.
fn circles(sources: &[Source]) -> Vec<(BTreeSet<String>, String)> {
    let needs = Crate::of(sources).needs();
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in needs.keys() {
        let mut seen = BTreeSet::new();
        let mut left = vec![file.as_str()];
        while let Some(next) = left.pop() {
            let new = needs.get(next).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
            left.extend(new.filter(|other| seen.insert(*other)));
        }
        reached.insert(file, seen);
    }
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let mut circles: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for file in needs.keys().filter(|file| reaches(file, file)) {
        let others = needs.keys().filter(|other| reaches(file, other) && reaches(other, file));
        circles.insert(others.cloned().collect());
    }
    let told = |circle: BTreeSet<String>| {
        let mut lines = Vec::new();
        for (file, needed) in needs.iter().filter(|(file, _)| circle.contains(*file)) {
            for (other, names) in needed.iter().filter(|(other, _)| circle.contains(*other)) {
                let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                lines.push(format!("  {file} -> {other}: {names}\n"));
            }
        }
        (circle, lines.concat())
    };
    circles.into_iter().map(told).collect()
}

#[test]
fn no_files_go_round_in_a_circle() {
    let wrong: Vec<String> = circles(&sources()).into_iter().map(|(_, lines)| lines).collect();
    assert!(wrong.is_empty(), "move what is shared to a file that both may know:\n{}", wrong.join("\n"));
}

#[test]
fn a_circle_is_found_through_what_others_pass_on() {
    let source = |(path, text): (&str, &str)| Source { path: path.to_owned(), text: text.to_owned() };
    let told = |files: &[(&str, &str)]| -> Vec<String> {
        let files: Vec<Source> = files.iter().copied().map(source).collect();
        circles(&files).into_iter().map(|(_, lines)| lines).collect()
    };
    let round = [
        ("lib", "mod room; mod other;"),
        ("room", "pub use first::First; mod first; mod second;"),
        (
            "room/first",
            "use super::second; pub struct First; fn ask() { second::answer(\"crate::other::no\") }",
        ),
        ("room/second", "pub fn answer() { let deep = crate::room::First; }"),
        (
            "other",
            "use crate::room::{self, first::{First as One}}; fn known(one: One) { room::second::answer() }",
        ),
    ];
    let expected = "  room/first -> room/second: second, second::answer\n  \
                    room/second -> room/first: crate::room::First\n";
    assert_eq!(told(&round), [expected]);
    let all = [round[0], ("room", "pub use first::*; mod first; mod second;"), round[2], round[3], round[4]];
    assert_eq!(told(&all), [expected], "whether a name is passed on by itself or with all others");
    let straight = [
        round[0],
        round[1],
        round[2],
        ("room/second", "use super::super::room; pub fn answer() {}"),
        round[4],
    ];
    assert_eq!(told(&straight), Vec::<String>::new());
}
