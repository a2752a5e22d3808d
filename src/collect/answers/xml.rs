//! Walks an XML answer beside its shape.

use xmlparser::{ElementEnd, Token, Tokenizer};

use super::shapes::{Below, Shape};
use super::{Flaw, Walk};

/// An element that is open.
struct Frame<'a> {
    name: &'a str,
    /// Which of its name, where there may be several.
    number: Option<usize>,
    place: Place,
    /// Members so far, by name.
    seen: Vec<(&'a str, usize)>,
    /// What is written in it, where only some values are known.
    text: String,
}

#[derive(Clone, Copy)]
enum Place {
    /// Around the result of a query.
    Response,
    Known(Below),
    /// Not known, and harmless as long as nothing is in it.
    Stranger,
}

pub(super) fn walk(below: Below, query: Option<&str>, body: &[u8], walk: &mut Walk) -> Result<(), Flaw> {
    let text = std::str::from_utf8(body).map_err(|_| Flaw::Cut)?;
    let mut open: Vec<Frame<'_>> = Vec::new();
    let mut begun = false;
    for token in Tokenizer::from(text) {
        match token.map_err(|_| Flaw::Cut)? {
            Token::ElementStart { local, .. } => {
                let name = local.as_str();
                let frame = match open.last_mut() {
                    Some(_) => child(&mut open, name, below, query, walk),
                    None if begun => return Err(Flaw::Cut),
                    None => {
                        begun = true;
                        let place = if query.is_some() { Place::Response } else { Place::Known(below) };
                        Frame { name, number: None, place, seen: Vec::new(), text: String::new() }
                    }
                };
                open.push(frame);
            }
            Token::Attribute { prefix, local, .. } => attribute(&open, prefix.as_str(), local.as_str(), walk),
            Token::ElementEnd { end: ElementEnd::Empty, .. } => close(&mut open, None, walk)?,
            Token::ElementEnd { end: ElementEnd::Close(_, local), .. } => {
                close(&mut open, Some(local.as_str()), walk)?;
            }
            Token::Text { text: written } | Token::Cdata { text: written, .. } => {
                let word = |frame: &&mut Frame<'_>| matches!(frame.place, Place::Known(Below::Word(_)));
                if let Some(frame) = open.last_mut().filter(word) {
                    frame.text.push_str(written.as_str());
                }
            }
            // No service sends a document type, and one could rename what follows.
            Token::DtdStart { .. } | Token::EmptyDtd { .. } | Token::EntityDeclaration { .. } => {
                return Err(Flaw::Cut);
            }
            _ => {}
        }
    }
    if begun && open.is_empty() { Ok(()) } else { Err(Flaw::Cut) }
}

/// The path of a child of the innermost element. The root's name says nothing.
fn path(open: &[Frame<'_>], name: &str, number: Option<usize>) -> String {
    let part = |name: &str, number: Option<usize>| match number {
        Some(number) => format!("{name}[{number}]"),
        None => name.to_owned(),
    };
    let above = open.iter().skip(1).filter(|frame| !matches!(frame.place, Place::Response));
    let parts = above.map(|frame| part(frame.name, frame.number)).chain([part(name, number)]);
    parts.collect::<Vec<_>>().join(".")
}

fn child<'a>(
    open: &mut [Frame<'a>],
    name: &'a str,
    result: Below,
    query: Option<&str>,
    walk: &mut Walk,
) -> Frame<'a> {
    let frame = |number, place| Frame { name, number, place, seen: Vec::new(), text: String::new() };
    let anything = Place::Known(Below::Anything);
    let Some(parent) = open.last_mut() else { return frame(None, anything) };
    let before = if let Some((_, count)) = parent.seen.iter_mut().find(|(seen, _)| *seen == name) {
        *count += 1;
        *count - 1
    } else {
        parent.seen.push((name, 1));
        0
    };
    match parent.place {
        Place::Response if name == "ResponseMetadata" => frame(None, anything),
        Place::Response if query.is_some_and(|operation| name.strip_suffix("Result") == Some(operation)) => {
            if before > 0 {
                walk.flaw(Flaw::Twice(name.to_owned()));
            }
            frame(None, Place::Known(result))
        }
        Place::Known(Below::Anything) => frame(None, anything),
        Place::Known(Below::Members(shape)) => match shape.member(name) {
            Some(member) => {
                if before > 0 && !member.list {
                    walk.flaw(Flaw::Twice(path(open, name, None)));
                }
                let number = member.list.then_some(before);
                if member.narrows {
                    walk.element(path(open, name, number));
                }
                frame(number, Place::Known(member.below()))
            }
            None if shape.open => frame(None, Place::Stranger),
            None => {
                walk.element(path(open, name, None));
                frame(None, anything)
            }
        },
        Place::Response | Place::Known(Below::Plain | Below::Word(_)) | Place::Stranger => {
            walk.element(path(open, name, None));
            frame(None, anything)
        }
    }
}

/// Namespaces and types belong to XML itself; S3 says by one what kind of grantee it is.
fn attribute(open: &[Frame<'_>], prefix: &str, local: &str, walk: &mut Walk) {
    let of_xml = prefix == "xmlns" || prefix == "xsi" || (prefix.is_empty() && local == "xmlns");
    let harmless = match open.last().map(|frame| frame.place) {
        Some(Place::Known(Below::Anything) | Place::Response | Place::Stranger) | None => true,
        Some(Place::Known(Below::Members(Shape { open, .. }))) => *open,
        Some(Place::Known(Below::Plain | Below::Word(_))) => false,
    };
    if !of_xml && !harmless {
        let element = open.last().map_or("", |frame| frame.name);
        let above = open.get(..open.len().saturating_sub(1)).unwrap_or_default();
        walk.element(path(above, &format!("{element}@{local}"), None));
    }
}

fn close(open: &mut Vec<Frame<'_>>, name: Option<&str>, walk: &mut Walk) -> Result<(), Flaw> {
    let Some(frame) = open.pop() else { return Err(Flaw::Cut) };
    if name.is_some_and(|name| name != frame.name) {
        return Err(Flaw::Cut);
    }
    if let Place::Known(below @ Below::Word(_)) = frame.place {
        walk.value(below, &path(open, frame.name, frame.number), &frame.text);
    }
    if let Place::Known(Below::Members(shape)) = frame.place {
        let seen = |name: &str| frame.seen.iter().any(|(seen, _)| *seen == name);
        if let Some(missing) = shape.required().find(|member| !seen(member.name)) {
            open.push(frame);
            walk.flaw(Flaw::Missing(path(open, missing.name, None)));
            open.pop();
        }
    }
    Ok(())
}
