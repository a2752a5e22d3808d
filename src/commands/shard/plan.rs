//! `shard plan`: lists the organization once, and says which shard reads which accounts.

use super::{ShardError, own_build};
use crate::cli::ShardPlanArgs;
use crate::collect::{Event, sharding};
use crate::commands::connecting;
use crate::commands::error::Error;
use crate::commands::runtime::Runtime;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::text::count;
use crate::settings::{ShardPlace, config::ConfigFile};
use crate::shard::store::{Condition, Put, Store};
use crate::shard::{PLAN, Plan};

pub(super) fn plan(args: &ShardPlanArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let place = ShardPlace::parse(&args.to)?;
    let settings = connecting::settings(&args.collecting, config);
    let runtime = Runtime::default();
    let store = Store::open(place, &settings, runtime.waiter()).map_err(ShardError::Store)?;
    let place = store.place_of(PLAN);
    // Before AWS is asked for a whole organization.
    if store.fetch(PLAN).map_err(ShardError::Store)?.is_some() {
        return Err(ShardError::PlanExists { place }.into());
    }
    let events = |event: Event| {
        if let Event::Warning(text) = event {
            printer.warn(&text);
        }
    };
    let survey = runtime.run(|stop| sharding::survey(&settings, &events, stop))??;
    let accounts = survey.header.accounts.len();
    let shards = usize::from(args.shards);
    let (plan, document) = Plan::new(own_build(), survey.header, &settings, survey.calls, shards)
        .map_err(|error| ShardError::Document { place: place.clone(), detail: error.to_string() })?;
    match store.put_document(PLAN, &document, Condition::New).map_err(ShardError::Store)? {
        Put::Taken => Err(ShardError::PlanExists { place }.into()),
        Put::Done => {
            printer.note(&format!(
                "{} in {}, numbered from 0: {place}",
                count(accounts, "account"),
                count(plan.shards(), "shard"),
            ));
            Ok(Exit::Complete)
        }
    }
}
