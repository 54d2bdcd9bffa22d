//! Parses the files of folders, each folder once.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::module;
use super::texts::Keep;
use super::tree::Loader;
use crate::error::Error;
use crate::hcl::read::{self, Place, Read};
use crate::hcl::syntax::{ModuleSource, Unreadable};
use crate::parallel;
use crate::source::{FileId, Origin, SourceMap};

/// Things that are wrong in one folder, at most, each said on its own.
const MOST_UNREADABLE: usize = 100;

impl Loader<'_> {
    /// Parses the files of folders. Every text has its place in the map before any is parsed, so that places are final from the start.
    pub(super) fn parse(
        &mut self,
        dirs: &BTreeSet<PathBuf>,
        sources: &mut SourceMap,
    ) -> Result<(), Error> {
        let new: Vec<PathBuf> = dirs.iter().cloned().collect();
        self.found.ensure(&new, Keep::All, self.folder);
        let mut files: Vec<(usize, usize, FileId)> = Vec::new();
        for (at, dir) in new.iter().enumerate() {
            let shown = self.found.shown(dir);
            let listed = self.found.dirs.get(dir).map(|it| it.files.as_slice());
            for (index, file) in listed.unwrap_or_default().iter().enumerate() {
                let name = match shown.as_str() {
                    "" => file.file.name.clone(),
                    shown => format!("{shown}/{}", file.file.name),
                };
                let text = match &file.text {
                    Some(Ok(it)) => Arc::clone(&it.text),
                    Some(Err(_)) | None => Arc::from(""),
                };
                let id = sources
                    .add(name.clone(), text)
                    .map_err(|error| Error::new(name, error.to_string()))?;
                files.push((at, index, id));
            }
        }
        let places: Vec<(usize, usize, Place)> = files
            .into_iter()
            .map(|(at, index, id)| (at, index, Place::of(id, sources)))
            .collect();
        let found = &self.found;
        let file_of = |at: usize, index: usize| {
            let dir = new.get(at).and_then(|dir| found.dirs.get(dir));
            dir.and_then(|dir| dir.files.get(index))
        };
        let mut reads: Vec<Option<Read>> = parallel::map(&places, |(at, index, place)| {
            let file = file_of(*at, *index)?;
            let text = file.text.as_ref()?.as_ref().ok()?;
            (!file.file.json && text.trouble.is_none()).then(|| read::hcl(&text.text, *place))
        });
        let mut modules: Vec<ModuleSource> = new
            .iter()
            .map(|dir| ModuleSource::new(dir.clone(), found.shown(dir)))
            .collect();
        for module in &mut modules {
            module.may_hide = false;
        }
        for ((at, index, place), read) in places.iter().zip(&mut reads) {
            let (Some(file), Some(module)) = (file_of(*at, *index), modules.get_mut(*at)) else {
                continue;
            };
            module.may_hide |= file.hides;
            let read = match (&file.text, read.take()) {
                (Some(Ok(_)), Some(read)) => read,
                (Some(Ok(text)), None) if text.trouble.is_none() => {
                    read::json(&text.text, place.file, sources)
                }
                (Some(Ok(text)), None) => {
                    let (offset, why) = text.trouble.unwrap_or_default();
                    module
                        .unreadable
                        .push(nothing_of(why, place.origin(offset..offset + 1)));
                    continue;
                }
                (text, _) => {
                    let why = text.as_ref().and_then(|it| it.as_ref().err());
                    let why = why.map_or("it was not read", String::as_str);
                    module.unreadable.push(nothing_of(why, place.origin(0..0)));
                    continue;
                }
            };
            if file.file.is_override {
                module::lay_over(module, read);
            } else {
                module::add(module, read);
            }
        }
        for (dir, mut module) in new.into_iter().zip(modules) {
            cut(&mut module.unreadable);
            self.parsed.insert(dir, Arc::new(module));
        }
        Ok(())
    }
}

/// Keeps the first of what is wrong, and how many more there are.
fn cut(unreadable: &mut Vec<Unreadable>) {
    let more = unreadable.len().saturating_sub(MOST_UNREADABLE);
    let Some(next) = unreadable.get(MOST_UNREADABLE).filter(|_| more > 0) else {
        return;
    };
    let origin = next.origin.clone();
    unreadable.truncate(MOST_UNREADABLE);
    unreadable.push(Unreadable {
        message: format!(
            "here and in {} more places of this folder something is wrong too",
            more - 1
        ),
        origin,
        help: Some("mend the places above first".to_owned()),
    });
}

fn nothing_of(why: &str, origin: Origin) -> Unreadable {
    Unreadable {
        message: format!("nothing of this file is read: {why}"),
        origin,
        help: None,
    }
}
