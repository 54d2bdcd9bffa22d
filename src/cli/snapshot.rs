//! `keytrail snapshot`: writes what inputs say to a small file, for another repository.

use std::path::{Path, PathBuf};

use super::args::SnapshotArgs;
use super::check::{Read, Reading, given, load};
use super::world::World;
use super::{FAILED, name_of, stdin_once};
use crate::config::Config;
use crate::error::Error;
use crate::input::Document;
use crate::load::Inputs;
use crate::resolve::{self, Options};
use crate::snapshot;
use crate::source::SourceMap;

/// Runs the command. Nothing is written where an input cannot be read whole: what the snapshot would lack, nobody would see.
pub(super) fn run(args: &SnapshotArgs, world: &mut World) -> Result<u8, Error> {
    stdin_once(args.paths.iter().map(PathBuf::as_path))?;
    let reading = Reading {
        paths: &args.paths,
        sources: &args.sources,
        given: given(&args.given),
        identities: true,
    };
    let Read { inputs, unread, .. } = load(&reading, &Config::default(), SourceMap::new(), world)?;
    let Inputs {
        loaded,
        map: mut sources,
        mut symbols,
        ..
    } = inputs;
    let mut whole = unread.is_empty();
    for it in &loaded {
        for problem in &it.document.unreadable {
            let place = sources.location(problem.origin.span());
            world.complain(
                &Error::new(place.file, problem.message.clone()).at_line(place.start.line as usize),
            );
            whole = false;
        }
    }
    if !whole {
        return Ok(FAILED);
    }
    let options = Options {
        given: reading.given,
        ..Options::default()
    };
    let settled = resolve::settle(&loaded, &mut symbols, &mut sources, &options);
    let paths = loaded.iter().map(|it| it.path.clone());
    let inputs: Vec<(String, Document)> = paths.zip(settled).collect();
    let text = snapshot::write(&inputs, &symbols);
    match args.output.as_deref() {
        Some(file) if file != Path::new("-") => std::fs::write(file, text).map_err(|error| {
            Error::new(name_of(file), format!("cannot write the snapshot: {error}"))
        })?,
        _ => world.print(text.as_bytes())?,
    }
    for (path, document) in &inputs {
        for note in &document.notes {
            world.warn(&format!(
                "note: {path}: {}\n",
                crate::report::text::line(&note.message)
            ));
        }
    }
    Ok(0)
}
