//! How a rule sees a fact: by name, with a type that is known before anything is collected, and with the gaps where
//! it could not be read.
//!
//! [`facts!`] declares a struct, its view and its schema at once, so that the three cannot drift apart.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::model::{Gaps, Observed};

/// A fact that was derived, or the gaps that keep it from being known.
pub type Derived<T> = Result<T, Gaps>;

/// A fact as a rule sees it.
#[derive(Debug, Clone)]
pub enum Fact<'a> {
    /// AWS says that there is none.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Fact<'a>>),
    /// Facts of a thing.
    Object(&'a dyn View),
    /// Could not be read.
    Unavailable(&'a Gaps),
}

/// The type of a fact.
#[derive(Debug, Clone, Copy)]
pub enum FactType {
    /// [`Fact::Bool`].
    Bool,
    /// [`Fact::Int`].
    Int,
    /// [`Fact::Text`].
    Text,
    /// [`Fact::List`] of one type.
    List(&'static FactType),
    /// [`Fact::Object`] with this schema.
    Object(fn() -> &'static Schema),
}

/// The facts of one kind of thing.
#[derive(Debug)]
pub struct Schema {
    /// What a rule calls the thing: `trail`.
    pub name: &'static str,
    /// What the thing is.
    pub doc: &'static str,
    /// Its facts, in the order of declaration.
    pub fields: &'static [Field],
}

impl Schema {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One fact of a schema.
#[derive(Debug)]
pub struct Field {
    /// What a rule calls it.
    pub name: &'static str,
    /// Its type.
    pub kind: FactType,
    /// It may be null: compare it with `== null` before asking for more.
    pub nullable: bool,
    /// The texts that it, or an element of it, can be, where these are known.
    pub values: Option<&'static [&'static str]>,
    /// How it follows from other facts of the same thing, where it says them in words.
    pub prose: Option<&'static Prose>,
    /// What it says.
    pub doc: &'static str,
}

/// How a fact in words follows from others of the same thing. Tests of rules are held to it, so that none is about a
/// message that the program never writes.
#[derive(Debug)]
pub struct Prose {
    /// The facts that it follows from.
    pub from: &'static [&'static str],
    /// What they make of it.
    pub says: Says,
}

/// What a fact in words says.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// This text, by the code that derives the fact.
    Text(fn(&Typed<'_>) -> Derived<Option<String>>),
    /// Nothing exactly where this holds; the words take more than these facts tell.
    NothingIf(fn(&Typed<'_>) -> Derived<bool>),
}

/// Facts of a thing by name and type; of another type they are as if there were none.
#[derive(Debug)]
pub struct Typed<'a>(pub &'a dyn View);

impl Typed<'_> {
    fn fact(&self, name: &str) -> Derived<Fact<'_>> {
        match self.0.field(name) {
            Some(Fact::Unavailable(gaps)) => Err(gaps.clone()),
            fact => Ok(fact.unwrap_or(Fact::Null)),
        }
    }

    /// A truth value.
    pub fn truth(&self, name: &str) -> Derived<bool> {
        Ok(matches!(self.fact(name)?, Fact::Bool(true)))
    }

    /// A whole number that may be null.
    pub fn number(&self, name: &str) -> Derived<Option<i64>> {
        Ok(if let Fact::Int(number) = self.fact(name)? { Some(number) } else { None })
    }

    /// A text that may be null.
    pub fn text(&self, name: &str) -> Derived<Option<String>> {
        Ok(if let Fact::Text(text) = self.fact(name)? { Some(text.into_owned()) } else { None })
    }

    /// A text that is never null.
    pub fn word(&self, name: &str) -> Derived<String> {
        Ok(self.text(name)?.unwrap_or_default())
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Derived<Vec<String>> {
        let Fact::List(facts) = self.fact(name)? else { return Ok(Vec::new()) };
        let mut texts = Vec::new();
        for fact in facts {
            match fact {
                Fact::Text(text) => texts.push(text.into_owned()),
                Fact::Unavailable(gaps) => return Err(gaps.clone()),
                _ => {}
            }
        }
        Ok(texts)
    }
}

/// Something whose facts a rule can ask for by name.
pub trait View: fmt::Debug + Send + Sync {
    /// The facts that it has.
    fn schema(&self) -> &'static Schema;
    /// One fact; `None` if the schema has no such field.
    fn field(&self, name: &str) -> Option<Fact<'_>>;
}

/// A Rust value that can be a fact.
pub trait IntoFact {
    /// Its type in a schema.
    const KIND: FactType;
    /// It may be null.
    const NULLABLE: bool = false;
    /// The fact.
    fn fact(&self) -> Fact<'_>;
}

impl IntoFact for bool {
    const KIND: FactType = FactType::Bool;
    fn fact(&self) -> Fact<'_> {
        Fact::Bool(*self)
    }
}

impl IntoFact for i64 {
    const KIND: FactType = FactType::Int;
    fn fact(&self) -> Fact<'_> {
        Fact::Int(*self)
    }
}

impl IntoFact for String {
    const KIND: FactType = FactType::Text;
    fn fact(&self) -> Fact<'_> {
        Fact::Text(Cow::Borrowed(self))
    }
}

impl IntoFact for Arc<str> {
    const KIND: FactType = FactType::Text;
    fn fact(&self) -> Fact<'_> {
        Fact::Text(Cow::Borrowed(self))
    }
}

impl<T: IntoFact> IntoFact for Arc<T> {
    const KIND: FactType = T::KIND;
    const NULLABLE: bool = T::NULLABLE;
    fn fact(&self) -> Fact<'_> {
        T::fact(self)
    }
}

impl<T: IntoFact + 'static> IntoFact for Vec<T> {
    const KIND: FactType = FactType::List(&T::KIND);
    fn fact(&self) -> Fact<'_> {
        Fact::List(self.iter().map(T::fact).collect())
    }
}

impl<T: IntoFact> IntoFact for Option<T> {
    const KIND: FactType = T::KIND;
    const NULLABLE: bool = true;
    fn fact(&self) -> Fact<'_> {
        self.as_ref().map_or(Fact::Null, T::fact)
    }
}

impl<T: IntoFact> IntoFact for Derived<T> {
    const KIND: FactType = T::KIND;
    const NULLABLE: bool = T::NULLABLE;
    fn fact(&self) -> Fact<'_> {
        match self {
            Ok(value) => value.fact(),
            Err(gaps) => Fact::Unavailable(gaps),
        }
    }
}

/// What AWS answered, copied as a derived fact: `None` where AWS said that there is none.
pub fn observed<T: Clone>(fact: &Observed<T>) -> Derived<Option<T>> {
    fact.get().map(Option::<&T>::cloned)
}

/// Declares structs of facts with their views and schemas. The documentation comments become the schema's texts. A text of
/// which all values are known is declared `name: Type = VALUES`, one that follows from others `name: Type => PROSE`.
///
/// ```
/// trailproof::facts::view::facts! {
///     /// A door.
///     pub struct DoorFacts as "door" {
///         /// Its colour.
///         colour: String,
///         /// It is locked; unknown where nobody could look.
///         locked: trailproof::facts::view::Derived<bool>,
///     }
/// }
/// use trailproof::facts::view::{Fact, View};
/// let door = DoorFacts { colour: "green".to_owned(), locked: Ok(true) };
/// assert!(matches!(door.field("locked"), Some(Fact::Bool(true))));
/// assert!(door.field("height").is_none());
/// assert_eq!(door.schema().field("colour").map(|field| field.doc.trim()), Some("Its colour."));
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __facts {
    (@values) => { None };
    (@values $values:path) => { Some($values) };
    (@prose) => { None };
    (@prose $prose:path) => { Some(&$prose) };
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident as $rule_name:literal {
            $( $(#[doc = $field_doc:literal])+ $field:ident : $kind:ty $(= $values:path)? $(=> $prose:path)?, )+
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $(#[doc = $field_doc])+ pub $field: $kind, )+
        }

        impl $name {
            /// The schema of these facts.
            pub fn schema() -> &'static $crate::facts::view::Schema {
                static SCHEMA: $crate::facts::view::Schema = $crate::facts::view::Schema {
                    name: $rule_name,
                    doc: concat!($($doc, "\n"),+),
                    fields: &[$(
                        $crate::facts::view::Field {
                            name: stringify!($field),
                            kind: <$kind as $crate::facts::view::IntoFact>::KIND,
                            nullable: <$kind as $crate::facts::view::IntoFact>::NULLABLE,
                            values: $crate::__facts!(@values $($values)?),
                            prose: $crate::__facts!(@prose $($prose)?),
                            doc: concat!($($field_doc, "\n"),+),
                        },
                    )+],
                };
                &SCHEMA
            }
        }

        impl $crate::facts::view::View for $name {
            fn schema(&self) -> &'static $crate::facts::view::Schema {
                Self::schema()
            }

            fn field(&self, name: &str) -> Option<$crate::facts::view::Fact<'_>> {
                match name {
                    $( stringify!($field) => Some($crate::facts::view::IntoFact::fact(&self.$field)), )+
                    _ => None,
                }
            }
        }

        impl $crate::facts::view::IntoFact for $name {
            const KIND: $crate::facts::view::FactType = $crate::facts::view::FactType::Object($name::schema);
            fn fact(&self) -> $crate::facts::view::Fact<'_> {
                $crate::facts::view::Fact::Object(self)
            }
        }
    )+};
}
#[doc(inline)]
pub use crate::__facts as facts;
