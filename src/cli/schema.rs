//! `keytrail schema`: the JSON Schemas of what keytrail writes and reads, offline.

use super::args::{SchemaArgs, SchemaName};
use super::world::World;
use crate::config;
use crate::error::Error;
use crate::report;

/// Runs the command.
pub(super) fn run(args: &SchemaArgs, world: &mut World) -> Result<u8, Error> {
    let schema = match args.name {
        SchemaName::Report => report::JSON_SCHEMA,
        SchemaName::Config => config::JSON_SCHEMA,
    };
    world.print(schema.as_bytes())?;
    Ok(0)
}
