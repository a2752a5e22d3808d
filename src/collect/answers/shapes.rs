//! What answers can hold, as `shapes.txt` says.
//!
//! `call SERVICE OPERATION PROTOCOL SHAPE`, and `shape NUMBER [+] MEMBER...`, and `values NUMBER VALUE...`. A member is
//! its name on the wire, `:NUMBER` of the shape below it, `:*` for anything or `=NUMBER` of the values that it can have,
//! and `[]` where there may be several. `?` before it: known, and it narrows.
//! `!` before it: an answer without it is none. `+` after a shape's number: further plain members are harmless.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Json,
    Xml,
    /// XML with a result inside an element of the operation's name.
    Query,
    /// As it is.
    Raw,
}

/// What stands below a member.
#[derive(Debug, Clone, Copy)]
pub(super) enum Below {
    /// A plain value.
    Plain,
    /// One of these.
    Word(&'static [&'static str]),
    /// Whatever it likes: names are data.
    Anything,
    Members(&'static Shape),
}

#[derive(Debug)]
pub(super) struct Shape {
    /// A plain member that is not known is harmless.
    pub(super) open: bool,
    members: Vec<Member>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    below: Declared,
    pub(super) list: bool,
    pub(super) narrows: bool,
    pub(super) required: bool,
}

/// What stands below, before shapes are looked up.
#[derive(Debug)]
enum Declared {
    Plain,
    Values(usize),
    Anything,
    Shape(usize),
}

impl Shape {
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    pub(super) fn required(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.required)
    }
}

impl Member {
    pub(super) fn below(&self) -> Below {
        match self.below {
            Declared::Plain => Below::Plain,
            Declared::Values(number) => values(number).map_or(Below::Plain, Below::Word),
            Declared::Anything => Below::Anything,
            Declared::Shape(number) => shape(number).map_or(Below::Plain, Below::Members),
        }
    }
}

type CallKey = (&'static str, &'static str);

#[derive(Debug, Default)]
struct Answers {
    calls: HashMap<CallKey, (Protocol, Option<usize>)>,
    shapes: HashMap<usize, Shape>,
    values: HashMap<usize, Vec<&'static str>>,
}

static ANSWERS: LazyLock<Answers> = LazyLock::new(|| read(include_str!("shapes.txt")));

fn shape(number: usize) -> Option<&'static Shape> {
    ANSWERS.shapes.get(&number)
}

fn values(number: usize) -> Option<&'static [&'static str]> {
    ANSWERS.values.get(&number).map(Vec::as_slice)
}

/// What the answer of a call is; the service as the SDK names it.
pub(super) fn of(service: &str, operation: &str) -> Option<(Protocol, Below)> {
    let service = service.replace(' ', "_");
    let found = ANSWERS.calls.iter().find(|((of, name), _)| *of == service && *name == operation);
    let (_, (protocol, number)) = found?;
    match number {
        None => Some((*protocol, Below::Anything)),
        Some(number) => Some((*protocol, Below::Members(shape(*number)?))),
    }
}

fn read(text: &'static str) -> Answers {
    let mut answers = Answers::default();
    for line in text.lines() {
        let mut words = line.split(' ');
        match words.next() {
            Some("call") => {
                let (Some(service), Some(operation)) = (words.next(), words.next()) else { continue };
                let protocol = match words.next() {
                    Some("json") => Protocol::Json,
                    Some("xml") => Protocol::Xml,
                    Some("query") => Protocol::Query,
                    _ => Protocol::Raw,
                };
                let number = words.next().and_then(|number| number.parse().ok());
                answers.calls.insert((service, operation), (protocol, number));
            }
            Some("shape") => {
                let Some(number) = words.next().and_then(|number| number.parse().ok()) else { continue };
                let mut words = words.peekable();
                let open = words.next_if_eq(&"+").is_some();
                answers.shapes.insert(number, Shape { open, members: words.map(member).collect() });
            }
            Some("values") => {
                let Some(number) = words.next().and_then(|number| number.parse().ok()) else { continue };
                answers.values.insert(number, words.collect());
            }
            _ => {}
        }
    }
    answers
}

fn member(word: &'static str) -> Member {
    let (narrows, word) = word.strip_prefix('?').map_or((false, word), |rest| (true, rest));
    let (required, word) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let (list, word) = word.strip_suffix("[]").map_or((false, word), |rest| (true, rest));
    if let Some((name, number)) = word.rsplit_once('=') {
        let below = number.parse().map_or(Declared::Plain, Declared::Values);
        return Member { name, below, list, narrows, required };
    }
    // An attribute's name has a colon of its own.
    let (name, below) = match word.rsplit_once(':') {
        Some((name, "*")) => (name, Declared::Anything),
        Some((name, number)) if !word.starts_with('@') => {
            (name, number.parse().map_or(Declared::Plain, Declared::Shape))
        }
        _ => (word, Declared::Plain),
    };
    Member { name, below, list, narrows, required }
}
