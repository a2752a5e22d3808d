//! Facts as CEL values. They borrow the facts: nothing is copied but lists of references.

use std::collections::BTreeMap;
use std::fmt::Debug;

use cel::ExecutionError;
use cel::common::traits::Indexer;
use cel::common::types::{CelBool, CelInt, CelList, CelNull, CelString, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::bounds;
use crate::facts::SubjectFacts;
use crate::facts::view::{Fact, View};
use crate::model::{GapId, Gaps};
use crate::rules::parameter::ParameterValue;

static FACTS: Type = Type::new_unspecified_type("trailproof.Facts");
/// Marks an error as a fact that could not be read. No function of this name can be called.
const UNAVAILABLE: &str = "@unavailable";

/// The error that stands for a fact that could not be read.
fn unavailable(gaps: &Gaps) -> ExecutionError {
    let ids: Vec<&str> = gaps.as_slice().iter().map(GapId::as_str).collect();
    ExecutionError::function_error(UNAVAILABLE, ids.join(" "))
}

/// The gaps of an error that stands for a fact that could not be read.
pub(super) fn gaps_of(error: &ExecutionError) -> Option<Vec<GapId>> {
    match error {
        ExecutionError::FunctionError { function, message } if function == UNAVAILABLE => {
            Some(message.split(' ').map(GapId::new).collect())
        }
        _ => None,
    }
}

fn value<'a>(fact: Fact<'a>) -> Result<Box<dyn Val + 'a>, ExecutionError> {
    Ok(match fact {
        Fact::Null => Box::new(CelNull),
        Fact::Bool(truth) => Box::new(CelBool::from(truth)),
        Fact::Int(number) => Box::new(CelInt::from(number)),
        Fact::Text(text) => Box::new(CelString::from(text)),
        Fact::Object(view) => Box::new(Source::Facts(view)),
        Fact::Unavailable(gaps) => return Err(unavailable(gaps)),
        Fact::List(facts) => {
            bounds::spend(facts.len()).map_err(|why| ExecutionError::function_error("@budget", why))?;
            // An element cannot be an error, so a list is only as readable as all of its elements.
            let mut missing: Option<Gaps> = None;
            for fact in &facts {
                if let Fact::Unavailable(gaps) = fact {
                    missing = Some(missing.map_or_else(|| (*gaps).clone(), |before| before.and(gaps)));
                }
            }
            if let Some(gaps) = missing {
                return Err(unavailable(&gaps));
            }
            let values: Vec<Box<dyn Val + 'a>> = facts.into_iter().map(value).collect::<Result<_, _>>()?;
            Box::new(CelList::from(values))
        }
    })
}

/// What fields can be selected of.
#[derive(Clone, Copy)]
enum Source<'a> {
    Facts(&'a dyn View),
    Parameters(&'a BTreeMap<String, ParameterValue>),
}

impl Debug for Source<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Facts(view) => view.schema().name,
            Self::Parameters(_) => "parameters",
        })
    }
}

impl Val for Source<'_> {
    fn get_type(&self) -> &Type {
        &FACTS
    }

    fn cel_type() -> &'static Type {
        &FACTS
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(*self)
    }
}

impl Indexer for Source<'_> {
    fn get<'b, 'w>(&'b self, field: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let source: Self = *self;
        let name = field.downcast_ref::<CelString>().map_or("", |name| name.inner());
        let fact = match source {
            Self::Facts(view) => view.field(name),
            Self::Parameters(parameters) => parameters.get(name).map(ParameterValue::fact),
        };
        let fact = fact.ok_or_else(|| ExecutionError::no_such_key(name))?;
        Ok(CowVal::Owned(value(fact)?))
    }

    fn steal<'w>(self: Box<Self>, field: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(field).map(CowVal::into_owned)
    }
}

/// The variables of one evaluation.
pub(super) struct Bindings<'a> {
    variables: Vec<(&'static str, Source<'a>)>,
    parameters: Source<'a>,
}

impl<'a> Bindings<'a> {
    pub(super) fn new(subject: &'a SubjectFacts, parameters: &'a BTreeMap<String, ParameterValue>) -> Self {
        let variables =
            subject.variables.iter().map(|(name, view)| (*name, Source::Facts(view.as_ref()))).collect();
        Self { variables, parameters: Source::Parameters(parameters) }
    }
}

impl VariableResolver for Bindings<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if name == "parameters" {
            return Some(CowVal::Borrowed(&self.parameters));
        }
        self.variables
            .iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, source)| CowVal::Borrowed(source as &(dyn Val + 'b)))
    }
}
