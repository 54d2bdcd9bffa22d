//! `keytrail init`: writes a commented `keytrail.toml`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::world::World;
use crate::config::{FILE, TEMPLATE, schema_url};
use crate::error::Error;

/// Runs the command. A file that is there is never written over.
pub(super) fn run(world: &mut World) -> Result<u8, Error> {
    let path = Path::new(FILE);
    // Editors with Taplo read the first line (its documentation, Directives).
    let schema = schema_url().map_or_else(String::new, |url| format!("#:schema {url}\n\n"));
    let text = schema + TEMPLATE;
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let written = made.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Error::new(FILE, "there is such a file already").with_help(
            "remove it first, or copy what you need from `keytrail explain keytrail.toml`",
        ),
        _ => Error::new(FILE, format!("cannot write it: {error}")),
    })?;
    world.print(format!("wrote {FILE}\n").as_bytes())?;
    Ok(0)
}
