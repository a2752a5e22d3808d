//! Surgery on the bodies of answers: where they can be cut, what can be left out, tokens, and items of other pages.

use std::ops::Range;

use serde_json::Value;

pub(crate) fn is_xml(body: &str) -> bool {
    body.trim_start().starts_with('<')
}

/// Where a cut leaves whole elements behind: after a tag, or after a member of JSON. The end is none of them.
pub(crate) fn boundaries(body: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let (mut text, mut escaped) = (false, false);
    for (at, byte) in body.bytes().enumerate() {
        if is_xml(body) {
            if byte == b'>' {
                found.push(at + 1);
            }
            continue;
        }
        match byte {
            b'"' if !escaped => text = !text,
            b',' | b'}' | b']' | b'{' | b'[' if !text => found.push(at + 1),
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    found.retain(|at| *at < body.trim_end().len());
    found
}

/// So many of these, evenly spread.
pub(crate) fn spread<T: Clone>(items: &[T], most: usize) -> Vec<T> {
    let count = items.len().min(most);
    (0..count).map(|number| items[number * items.len() / count].clone()).collect()
}

/// The parts that can be left out: members of JSON with their comma, elements of XML.
pub(crate) fn parts(body: &str) -> Vec<Range<usize>> {
    if is_xml(body) { elements(body) } else { Vec::new() }
}

/// Every element but the outermost.
fn elements(body: &str) -> Vec<Range<usize>> {
    let mut open: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = body[at..].find('<').map(|start| start + at) {
        let Some(end) = body[start..].find('>').map(|end| end + start + 1) else { break };
        let tag = &body[start..end];
        if tag.starts_with("</") {
            let begun = open.pop().unwrap_or_default();
            if !open.is_empty() {
                found.push(begun..end);
            }
        } else if !tag.starts_with("<?") && !tag.ends_with("/>") {
            open.push(start);
        }
        at = end;
    }
    found
}

/// The pointers of all members of objects in JSON.
pub(crate) fn members(body: &str) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                    walk(value, &pointer, found);
                    found.push(pointer);
                }
            }
            // What is left out of one item is left out of all.
            Value::Array(list) => {
                for (number, value) in list.iter().enumerate().take(1) {
                    walk(value, &format!("{pointer}/{number}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(body) {
        walk(&value, "", &mut found);
    }
    found
}

/// The body of JSON without one member.
pub(crate) fn without(body: &str, pointer: &str) -> Option<String> {
    let mut value: Value = serde_json::from_str(body).ok()?;
    let (parent, name) = pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    value.pointer_mut(parent)?.as_object_mut()?.remove(&name)?;
    Some(value.to_string())
}

const TOKEN: &str = "page-from-";

pub(crate) fn has_token(body: &str) -> bool {
    body.contains(TOKEN)
}

/// Another token where the next page's stands.
pub(crate) fn with_token(body: &str, token: &str) -> String {
    let Some(start) = body.find(TOKEN) else { return body.to_owned() };
    let end = body[start + TOKEN.len()..].find(|it: char| !it.is_ascii_digit());
    let end = end.map_or(body.len(), |end| start + TOKEN.len() + end);
    format!("{}{token}{}", &body[..start], &body[end..])
}

/// No token, and nothing that says there should be one unless it is `noticed`.
pub(crate) fn without_token(body: &str, noticed: bool) -> String {
    if is_xml(body) {
        let Some(token) = body.find(TOKEN) else { return body.to_owned() };
        let whole = elements(body).into_iter().filter(|part| part.contains(&token)).min_by_key(Range::len);
        let Some(part) = whole else { return body.to_owned() };
        let left = format!("{}{}", &body[..part.start], &body[part.end..]);
        return if noticed {
            left
        } else {
            left.replace("<IsTruncated>true</IsTruncated>", "<IsTruncated>false</IsTruncated>")
        };
    }
    let Ok(Value::Object(mut map)) = serde_json::from_str(body) else { return body.to_owned() };
    map.retain(|_, value| !value.as_str().is_some_and(|text| text.starts_with(TOKEN)));
    if !noticed && map.contains_key("Truncated") {
        map.insert("Truncated".to_owned(), Value::Bool(false));
    }
    Value::Object(map).to_string()
}

/// The items of the page before, and then this page's.
pub(crate) fn with_items_of(body: &str, before: &str) -> Option<String> {
    if is_xml(body) {
        return ["member", "Bucket"].iter().find_map(|tag| {
            let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
            let items = before.get(before.find(&open)?..before.rfind(&close)? + close.len())?;
            let at = body.find(&open)?;
            Some(format!("{}{items}{}", &body[..at], &body[at..]))
        });
    }
    let mut value: Value = serde_json::from_str(body).ok()?;
    let before: Value = serde_json::from_str(before).ok()?;
    for (name, items) in value.as_object_mut()? {
        if let (Some(items), Some(others)) = (items.as_array_mut(), before[name.as_str()].as_array()) {
            let mut all = others.clone();
            all.append(items);
            *items = all;
        }
    }
    Some(value.to_string())
}

/// A body without anything in it: `{}`, or the root alone.
pub(crate) fn empty(body: &str) -> String {
    if !is_xml(body) {
        return "{}".to_owned();
    }
    let start = body.find("<?").map_or(0, |_| body.find("?>").map_or(0, |end| end + 2));
    let root = body[start..].trim_start();
    let tag = root.split('>').next().unwrap_or_default();
    let name = tag.trim_start_matches('<').split(' ').next().unwrap_or_default();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{tag}></{name}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_cut_where_they_can_be() {
        let xml = "<?xml version=\"1.0\"?>\n<A x=\"1\"><B>1</B><B>2</B></A>";
        assert_eq!(
            elements(xml).into_iter().map(|part| &xml[part]).collect::<Vec<_>>(),
            ["<B>1</B>", "<B>2</B>"]
        );
        assert_eq!(empty(xml), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A x=\"1\"></A>");
        assert_eq!(boundaries(r#"{"a":"},","b":[1]}"#), [1, 10, 15, 17]);
        let page = r#"{"NextToken":"page-from-2","Items":[3]}"#;
        assert_eq!(with_token(page, "again"), r#"{"NextToken":"again","Items":[3]}"#);
        assert_eq!(without_token(page, true), r#"{"Items":[3]}"#);
        assert_eq!(with_items_of(r#"{"Items":[3]}"#, r#"{"Items":[1]}"#).unwrap(), r#"{"Items":[1,3]}"#);
        assert_eq!(without(page, "/Items").unwrap(), r#"{"NextToken":"page-from-2"}"#);
    }
}
