//! Percent encoding, form fields and XML, as AWS writes them.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Percent-decodes; bytes that are no UTF-8 are replaced.
pub fn percent_decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded: Vec<u8> =
        parts.next().map(|part| part.as_bytes().to_vec()).into_iter().flatten().collect();
    for part in parts {
        match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                decoded.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
            }
            None => decoded.extend_from_slice(format!("%{part}").as_bytes()),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// RFC 3986, as IAM encodes its policy documents.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes all that is written");
        }
    }
    encoded
}

/// The fields of a query string or of a form body.
pub fn form_fields(text: &str) -> Map<String, Value> {
    text.split('&')
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            (percent_decode(name), Value::String(percent_decode(&value.replace('+', " "))))
        })
        .collect()
}

/// An XML document. An object is child elements (`@name` an attribute, `#text` the text), an array repeats its
/// element, null is an empty element.
pub fn xml_document(root: &str, namespace: &str, value: &Value) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attribute = if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{namespace}\"") };
    xml_element(&mut xml, root, &attribute, value);
    xml
}

fn xml_element(xml: &mut String, name: &str, attributes: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            for item in items {
                xml_element(xml, name, attributes, item);
            }
        }
        Value::Object(children) => {
            write!(xml, "<{name}{attributes}").expect("a string takes all that is written");
            for (child, value) in children {
                if let (Some(attribute), Value::String(text)) = (child.strip_prefix('@'), value) {
                    write!(xml, " {attribute}=\"{}\"", xml_text(text))
                        .expect("a string takes all that is written");
                }
            }
            xml.push('>');
            for (child, value) in children {
                match (child.as_str(), value) {
                    ("#text", Value::String(text)) => xml.push_str(&xml_text(text)),
                    (attribute, _) if attribute.starts_with('@') => {}
                    (child, value) => xml_element(xml, child, "", value),
                }
            }
            write!(xml, "</{name}>").expect("a string takes all that is written");
        }
        scalar => {
            let text = match scalar {
                Value::String(text) => xml_text(text),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            write!(xml, "<{name}{attributes}>{text}</{name}>").expect("a string takes all that is written");
        }
    }
}

/// Escapes markup; control characters become references, as S3 writes them although XML 1.0 has no such.
fn xml_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            control if control.is_control() => {
                write!(escaped, "&#x{:X};", u32::from(control)).expect("a string takes all that is written");
            }
            other => escaped.push(other),
        }
    }
    escaped
}
