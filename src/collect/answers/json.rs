//! Walks a JSON answer beside its shape.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::shapes::{Below, Shape};
use super::{Flaw, Walk};

pub(super) fn walk(below: Below, body: &[u8], walk: &mut Walk) -> Result<(), Flaw> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut path = Vec::new();
    Place { below, path: &mut path, walk }.deserialize(&mut json).map_err(|_| Flaw::Cut)?;
    json.end().map_err(|_| Flaw::Cut)
}

/// A value and what is known of it.
struct Place<'a> {
    below: Below,
    path: &'a mut Vec<String>,
    walk: &'a mut Walk,
}

impl Place<'_> {
    fn at(&self, name: &str) -> String {
        self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Whether a value that is not known could say anything: null is none, and a plain one may be harmless.
enum Stranger {
    Nothing,
    Plain,
    Structure,
}

impl<'de> serde::Deserialize<'de> for Stranger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Null => Self::Nothing,
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Self::Structure,
            _ => Self::Plain,
        })
    }
}

impl Place<'_> {
    fn members<'de, A: MapAccess<'de>>(self, shape: &'static Shape, mut map: A) -> Result<(), A::Error> {
        let mut seen: Vec<&'static str> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            // The protocol's own word on a structure's type, which readers ignore ("AWS JSON 1.1 protocol" of Smithy,
            // <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>, read 2026-11-28).
            if name == "__type" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let Some(member) = shape.member(&name) else {
                match map.next_value::<Stranger>()? {
                    Stranger::Nothing => {}
                    Stranger::Plain if shape.open => {}
                    Stranger::Plain | Stranger::Structure => self.walk.element(self.at(&name)),
                }
                continue;
            };
            if seen.contains(&member.name) {
                self.walk.flaw(Flaw::Twice(self.at(&name)));
            }
            seen.push(member.name);
            if member.narrows {
                self.walk.element(self.at(&name));
            }
            self.path.push(name);
            map.next_value_seed(Place { below: member.below(), path: self.path, walk: self.walk })?;
            self.path.pop();
        }
        if let Some(missing) = shape.required().find(|member| !seen.contains(&member.name)) {
            self.walk.flaw(Flaw::Missing(self.at(missing.name)));
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        match self.below {
            Below::Members(shape) => return self.members(shape, map),
            Below::Plain | Below::Word(_) => self.walk.element(self.path.join(".")),
            Below::Anything => {}
        }
        self.below = Below::Anything;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let last = self.path.pop().unwrap_or_default();
        for number in 0.. {
            self.path.push(format!("{last}[{number}]"));
            let item = Place { below: self.below, path: self.path, walk: self.walk };
            let more = items.next_element_seed(item)?.is_some();
            self.path.pop();
            if !more {
                break;
            }
        }
        self.path.push(last);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.walk.value(self.below, &self.path.join("."), value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
