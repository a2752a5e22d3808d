//! What can become of an answer on its way, and what that may do to verdicts.

use std::ops::Range;

use crate::bodies;
use crate::fake_aws::{Exchange, Misbehaviour, Protocol, Reply};
use crate::places::{Place, Seen};

/// What happens to one answer.
#[derive(Clone)]
pub(crate) enum Trouble {
    Denied,
    Throttled,
    ThrottledOnce,
    ServerError,
    ServerErrorOnce,
    Hang,
    Html(u16),
    /// Nothing, with this status or with its own.
    Empty(Option<u16>),
    EmptyRoot,
    CutBefore,
    CutBeforeOnce,
    /// After so many bytes, in the headers.
    CutInHeaders(usize),
    CutBody {
        bytes: usize,
        chunked: bool,
    },
    CutBodyOnce(usize),
    /// A shorter body that is framed as a whole one.
    Short(usize),
    /// Every page names the first page as the next.
    TokenRepeated,
    /// There is always a next page.
    TokenEndless,
    /// The page names no next one; what says that there is one may stay.
    TokenDropped {
        noticed: bool,
    },
    /// The items of the page before come again.
    Duplicated,
    /// The answer to another call of the kind.
    Foreign(Box<Seen>),
    WithoutMember(String),
    WithoutElement(Range<usize>),
}

/// What a trouble may do to verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// What depends on the answer is unknown, and a gap names the call.
    Unknown,
    /// Nothing: it is tried again.
    Nothing,
    /// Unknown, or as it was.
    UnknownOrSame,
    /// A whole answer that says less; nobody can tell it from a true one. It may say that something is missing, but
    /// not that something is well.
    Worse,
}

impl Trouble {
    /// Its kind, for counting.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::ThrottledOnce => "throttled once",
            Self::ServerError => "server error",
            Self::ServerErrorOnce => "server error once",
            Self::Hang => "slow",
            Self::Html(_) => "a web page",
            Self::Empty(_) => "empty",
            Self::EmptyRoot => "empty root",
            Self::CutBefore => "cut before the answer",
            Self::CutBeforeOnce => "cut once",
            Self::CutInHeaders(_) => "cut in the headers",
            Self::CutBody { .. } => "cut in the body",
            Self::CutBodyOnce(_) => "cut in the body once",
            Self::Short(_) => "short",
            Self::TokenRepeated => "token repeated",
            Self::TokenEndless => "token without end",
            Self::TokenDropped { noticed: true } => "token dropped, truncation told",
            Self::TokenDropped { noticed: false } => "token dropped",
            Self::Duplicated => "items duplicated",
            Self::Foreign(_) => "another call's answer",
            Self::WithoutMember(_) | Self::WithoutElement(_) => "a field left out",
        }
    }

    pub(crate) fn allowed(&self) -> Allowed {
        match self {
            Self::ThrottledOnce | Self::ServerErrorOnce | Self::CutBeforeOnce | Self::CutBodyOnce(_) => {
                Allowed::Nothing
            }
            Self::Duplicated | Self::TokenDropped { .. } | Self::Foreign(_) => Allowed::UnknownOrSame,
            Self::EmptyRoot | Self::WithoutMember(_) | Self::WithoutElement(_) => Allowed::Worse,
            _ => Allowed::Unknown,
        }
    }

    /// It passes after the first attempt.
    pub(crate) fn passes(&self) -> bool {
        self.allowed() == Allowed::Nothing
    }

    /// Whether it happens to this call.
    pub(crate) fn concerns(&self, place: &Place, other: &Place) -> bool {
        match self {
            Self::TokenRepeated | Self::TokenEndless => other.is_page_of(place),
            _ => other == place,
        }
    }

    /// What becomes of the answer; `turn` counts the answers that it happened to.
    pub(crate) fn befall(&self, exchange: &Exchange<'_>, turn: usize) -> Option<Misbehaviour> {
        let protocol = Protocol::of(&exchange.call.key.service);
        let original = exchange.reply;
        let with = |body: String| Misbehaviour::Answer(Reply { body, ..original.clone() });
        if self.passes() && turn > 0 {
            return None;
        }
        Some(match self {
            Self::Denied => {
                refused(protocol, if protocol == Protocol::Json { 400 } else { 403 }, "AccessDenied")
            }
            Self::Throttled | Self::ThrottledOnce => {
                let s3 = matches!(protocol, Protocol::S3 | Protocol::S3Control);
                if s3 {
                    refused(protocol, 503, "SlowDown")
                } else {
                    refused(protocol, 400, "ThrottlingException")
                }
            }
            Self::ServerError | Self::ServerErrorOnce => refused(protocol, 500, "InternalError"),
            Self::Hang => Misbehaviour::Hang,
            Self::Html(status) => {
                let page =
                    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please</body></html>";
                Misbehaviour::Answer(Reply::new(*status, "text/html", page.to_owned()))
            }
            Self::Empty(status) => {
                let status = status.unwrap_or(original.status);
                Misbehaviour::Answer(Reply { status, body: String::new(), ..original.clone() })
            }
            Self::EmptyRoot => with(bodies::empty(&original.body)),
            Self::CutBefore | Self::CutBeforeOnce => Misbehaviour::CutConnection,
            Self::CutInHeaders(bytes) => Misbehaviour::CutAnswer { reply: original.clone(), bytes: *bytes },
            Self::CutBody { bytes, chunked } => {
                Misbehaviour::CutBody { reply: original.clone(), bytes: *bytes, chunked: *chunked }
            }
            Self::CutBodyOnce(bytes) => {
                Misbehaviour::CutBody { reply: original.clone(), bytes: *bytes, chunked: false }
            }
            Self::Short(bytes) => {
                with(String::from_utf8_lossy(&original.body.as_bytes()[..*bytes]).into_owned())
            }
            Self::TokenRepeated => with(bodies::with_token(&original.body, "page-from-0")),
            Self::TokenEndless => {
                // Somebody who does not notice comes to an end here, for the test's sake.
                if turn >= ENDLESS {
                    return None;
                }
                let mut call = exchange.call.clone();
                without_page(&mut call);
                let first = (exchange.ask)(&call);
                let token = format!("page-from-0000{turn}");
                Misbehaviour::Answer(Reply { body: bodies::with_token(&first.body, &token), ..first })
            }
            Self::TokenDropped { noticed } => with(bodies::without_token(&original.body, *noticed)),
            Self::Duplicated => {
                let mut call = exchange.call.clone();
                without_page(&mut call);
                with(bodies::with_items_of(&original.body, &(exchange.ask)(&call).body)?)
            }
            Self::Foreign(other) => Misbehaviour::Answer((exchange.ask)(&other.call)),
            Self::WithoutMember(pointer) => with(bodies::without(&original.body, pointer)?),
            Self::WithoutElement(part) => {
                let body = &original.body;
                with(format!("{}{}", &body[..part.start], &body[part.end..]))
            }
        })
    }
}

/// So many pages without an end must have been noticed.
pub(crate) const ENDLESS: usize = 300;

fn refused(protocol: Protocol, status: u16, code: &str) -> Misbehaviour {
    let mut reply = Reply::new(status, protocol.content_type(), String::new());
    let message = "refused by the test";
    reply.body = match protocol {
        Protocol::Json | Protocol::RestJson => {
            let code = code.replace("AccessDenied", "AccessDeniedException");
            reply.headers.push(("x-amzn-errortype".into(), code.clone()));
            format!("{{\"__type\":\"{code}\",\"message\":\"{message}\"}}")
        }
        Protocol::S3 => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        Protocol::Query(_) | Protocol::S3Control => format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        ),
    };
    Misbehaviour::Answer(reply)
}

fn without_page(call: &mut crate::fake_aws::Call) {
    if let serde_json::Value::Object(map) = &mut call.parameters {
        for name in ["NextToken", "nextToken", "Marker", "continuation-token"] {
            map.remove(name);
        }
    }
}

/// All that can become of the answer to this call; `detail` places in the body, and other calls of the kind, at most.
pub(crate) fn all(seen: &Seen, everything: &[Seen], detail: usize) -> Vec<Trouble> {
    let body = &seen.reply.body;
    let mut troubles = vec![
        Trouble::Denied,
        Trouble::Throttled,
        Trouble::ThrottledOnce,
        Trouble::ServerError,
        Trouble::ServerErrorOnce,
        Trouble::Hang,
        Trouble::Html(200),
        Trouble::Html(502),
        Trouble::Empty(Some(200)),
        Trouble::Empty(None),
        Trouble::EmptyRoot,
        Trouble::CutBefore,
        Trouble::CutBeforeOnce,
        Trouble::CutInHeaders(9),
        Trouble::CutInHeaders(40),
        Trouble::CutBody { bytes: 0, chunked: false },
        Trouble::CutBodyOnce(body.len() / 2),
    ];
    let boundaries = bodies::spread(&bodies::boundaries(body), detail);
    let inside =
        bodies::boundaries(body).into_iter().map(|at| at + 2).filter(|at| *at < body.trim_end().len());
    let inside = bodies::spread(&inside.collect::<Vec<_>>(), detail);
    for (number, bytes) in boundaries.into_iter().chain(inside).enumerate() {
        troubles.push(Trouble::Short(bytes));
        troubles.push(Trouble::CutBody { bytes, chunked: number % 2 == 0 });
    }
    if bodies::has_token(body) {
        troubles.extend([
            Trouble::TokenRepeated,
            Trouble::TokenEndless,
            Trouble::TokenDropped { noticed: true },
            Trouble::TokenDropped { noticed: false },
        ]);
    }
    if seen.place.start > 0 {
        troubles.push(Trouble::Duplicated);
    }
    if seen.reply.status < 300 {
        let same = |other: &&Seen| {
            let (here, there) = (&seen.place, &other.place);
            (&here.service, &here.operation) == (&there.service, &there.operation)
                && !here.is_page_of(there)
                && there.start == 0
                && other.reply.status < 300
                && other.reply.body != *body
        };
        let others: Vec<Seen> = everything.iter().filter(same).cloned().collect();
        troubles.extend(bodies::spread(&others, detail).into_iter().map(|it| Trouble::Foreign(Box::new(it))));
        let members = bodies::members(body).into_iter().map(Trouble::WithoutMember);
        let elements = bodies::parts(body).into_iter().map(Trouble::WithoutElement);
        let parts: Vec<Trouble> = members.chain(elements).collect();
        troubles.extend(bodies::spread(&parts, detail * 3));
    }
    troubles
}
