//! The SDK's side of the table: a call that has no row is refused before it is sent, also where the credentials would
//! allow it, and an answer that is empty, cut, or holds what nobody declared is never taken for an answer.

use std::cell::RefCell;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::answers::{self, Elements};
use super::failure::Stopped;
use super::table::{ARCHIVE_TABLE, Call, TABLE};

tokio::task_local! {
    /// What the answers of the call that is under way hold beside what collectors read, by operation: credentials may be
    /// renewed within another call.
    static NOTED: RefCell<Vec<(String, Elements)>>;
}

fn note(operation: &str, elements: Elements) {
    if !elements.is_empty() {
        // Outside of a call of a collector there is nobody to tell.
        NOTED.try_with(|noted| noted.borrow_mut().push((operation.to_owned(), elements))).ok();
    }
}

/// Makes a call, and gives the elements of its answer that must not be passed over.
pub(crate) async fn noting<F: Future>(operation: &str, call: F) -> (F::Output, Elements) {
    let with_notes = async {
        let output = call.await;
        (output, NOTED.with(RefCell::take))
    };
    let (output, noted) = NOTED.scope(RefCell::default(), with_notes).await;
    let of_call = noted.into_iter().filter(|(name, _)| name == operation);
    (output, of_call.flat_map(|(_, elements)| elements).collect())
}

/// Refuses calls without a row, and empty answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guard {
    /// What a scan may call: no content of any object is among it.
    Scan,
    /// What reading the archive may call besides.
    Archive,
}

impl Guard {
    fn rows(self) -> impl Iterator<Item = &'static Call> {
        let archive: &[&Call] = match self {
            Self::Scan => &[],
            Self::Archive => ARCHIVE_TABLE,
        };
        TABLE.iter().chain(archive).copied()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "Guard"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) =
            config.load::<Metadata>().map_or(("", ""), |call| (call.service(), call.name()));
        if self.rows().any(|call| call.sdk_service == service && call.operation == operation) {
            return Ok(());
        }
        Err(Stopped::NotInTable { service: service.to_owned(), operation: operation.to_owned() }.into())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Every operation of the table answers with a document.
        Stopped::if_empty(context.response())?;
        let (service, operation) =
            config.load::<Metadata>().map_or(("", ""), |call| (call.service(), call.name()));
        note(operation, answers::inspect(service, operation, context.response())?);
        Ok(())
    }
}
