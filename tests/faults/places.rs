//! The calls of a scan, one by one and page by page.

use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::fake_aws::{Call, Exchange, FakeAws, Reply};

/// A call that a scan makes, or one page of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// What is asked for, as text, without the page.
    pub(crate) asked: String,
    /// The first item of the page.
    pub(crate) start: usize,
}

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Position {
    Only,
    First,
    Middle,
    Last,
}

const TOKENS: [&str; 4] = ["NextToken", "nextToken", "Marker", "continuation-token"];
/// They differ from run to run, or say nothing of what is asked.
const LEFT_OUT: [&str; 3] = ["Policy", "RoleSessionName", "x-id"];

impl Place {
    pub(crate) fn of(call: &Call) -> Self {
        let mut asked = call.parameters.clone();
        let mut start = 0;
        if let Value::Object(map) = &mut asked {
            for name in TOKENS {
                if let Some(Value::String(token)) = map.remove(name) {
                    start = token.strip_prefix("page-from-").and_then(|it| it.parse().ok()).unwrap_or(0);
                }
            }
            map.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
        }
        let key = &call.key;
        Self {
            service: key.service.clone(),
            operation: key.operation.clone(),
            account: key.account.clone(),
            region: key.region.clone(),
            asked: asked.to_string(),
            start,
        }
    }

    /// The same call, whatever the page.
    pub(crate) fn is_page_of(&self, other: &Self) -> bool {
        Self { start: 0, ..self.clone() } == Self { start: 0, ..other.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, operation, account, region, asked, start } = self;
        let asked: String = asked.chars().take(120).collect();
        write!(formatter, "{service}:{operation} {asked} from {start} ({account} {region})")
    }
}

/// A call of the undisturbed scan, and its answer.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) place: Place,
    pub(crate) call: Call,
    pub(crate) reply: Reply,
    pub(crate) position: Position,
}

/// Notes every call that is made, once each.
#[derive(Clone, Default)]
pub(crate) struct Notebook(Arc<Mutex<Vec<(Place, Call, Reply)>>>);

impl Notebook {
    pub(crate) fn watch(&self, fake: &FakeAws) {
        let book = Arc::clone(&self.0);
        fake.tamper(move |Exchange { call, reply, .. }: &Exchange<'_>| {
            let place = Place::of(call);
            let mut book = book.lock().unwrap();
            if !book.iter().any(|(known, _, _)| *known == place) {
                book.push((place, (*call).clone(), (*reply).clone()));
            }
            None
        });
    }

    /// What was seen, in an order that does not depend on who came first.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let mut book = self.0.lock().unwrap().clone();
        book.sort_by(|(one, _, _), (other, _, _)| one.cmp(other));
        let position = |place: &Place, reply: &Reply| {
            let last = !super::bodies::has_token(&reply.body);
            match (place.start, last) {
                (0, true) => Position::Only,
                (0, false) => Position::First,
                (_, true) => Position::Last,
                (_, false) => Position::Middle,
            }
        };
        let seen = |(place, call, reply): &(Place, Call, Reply)| Seen {
            position: position(place, reply),
            place: place.clone(),
            call: call.clone(),
            reply: reply.clone(),
        };
        book.iter().map(seen).collect()
    }
}
