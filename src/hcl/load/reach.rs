//! What is parsed because it is called, and which folders are roots although something seems to call them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::circle::{self, Calls};
use super::discover::is_local;
use super::folder::plain;
use super::tree::Loader;
use crate::error::Error;
use crate::hcl::syntax::{Block, Unreadable};
use crate::source::SourceMap;

impl Loader<'_> {
    /// Parses folders and those that they call, however far, and finds the circles among them.
    pub(super) fn parse_all(
        &mut self,
        mut wave: BTreeSet<PathBuf>,
        sources: &mut SourceMap,
    ) -> Result<(), Error> {
        let mut new = Calls::new();
        loop {
            wave.retain(|it| !self.parsed.contains_key(it));
            if wave.is_empty() {
                break;
            }
            self.parse(&wave, sources)?;
            let mut next = BTreeSet::new();
            for dir in wave {
                let source = self.parsed.get(&dir);
                let blocks = source.into_iter().flat_map(|it| it.calls.values());
                let called: Vec<PathBuf> =
                    blocks.filter_map(|block| self.local(&dir, block)).collect();
                next.extend(called.iter().cloned());
                new.insert(dir, called);
            }
            wave = next;
        }
        for members in self.circles.add(&new) {
            self.refuse(&members, &new);
        }
        self.calls.append(&mut new);
        Ok(())
    }

    /// Says in each folder that lies on circles that it does, all with one place.
    fn refuse(&mut self, members: &[PathBuf], calls: &Calls) {
        let chain = circle::shortest(members, calls);
        let [first, second, ..] = chain.as_slice() else {
            return;
        };
        let blocks = self.parsed.get(first).map(|it| it.calls.values());
        let is_second = |block: &&Block| self.local(first, block).as_ref() == Some(second);
        let Some(block) = blocks.into_iter().flatten().find(is_second) else {
            return;
        };
        let names: Vec<String> = chain
            .iter()
            .map(|it| match self.found.shown(it) {
                shown if shown.is_empty() => ".".to_owned(),
                shown => shown,
            })
            .collect();
        let others = members.len() + 1 - chain.len();
        let circle = Unreadable {
            message: circle::message(&names, others),
            origin: block.header.clone(),
            help: Some("remove one of the calls: a module cannot call itself".to_owned()),
        };
        for member in members {
            if let Some(source) = self.parsed.get_mut(member) {
                Arc::make_mut(source).unreadable.push(circle.clone());
            }
        }
    }

    /// The folders that a folder calls, calls in a circle left out.
    fn followed<'s>(&'s self, dir: &'s Path) -> impl Iterator<Item = &'s PathBuf> {
        let called = self.calls.get(dir).into_iter().flatten();
        called.filter(move |it| !self.circles.hold(dir, it))
    }

    /// Of folders that no root reaches those that none of the others calls. What nothing can be reached from that a verdict could hang on,
    /// calls in a circle not followed, is left out.
    pub(super) fn free(
        &mut self,
        left: &BTreeSet<PathBuf>,
        sources: &mut SourceMap,
    ) -> Result<Vec<PathBuf>, Error> {
        self.parse_all(left.clone(), sources)?;
        let mut callers: BTreeMap<&PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        let mut matter = BTreeSet::new();
        let mut next = Vec::new();
        for (dir, called) in &self.calls {
            for to in self.followed(dir) {
                callers.entry(to).or_default().push(dir);
            }
            let source = self.parsed.get(dir);
            let calls = source.map_or(0, |it| it.calls.len());
            // Whoever calls what is not here may call anything.
            if calls > called.len() || self.found.dirs.get(dir).is_none_or(|it| it.matters) {
                next.push(dir);
            }
        }
        while let Some(dir) = next.pop() {
            if matter.insert(dir) {
                next.extend(callers.get(dir).into_iter().flatten());
            }
        }
        let mut called = BTreeSet::new();
        let mut next: Vec<&PathBuf> = left.iter().filter(|it| matter.contains(it)).collect();
        while let Some(dir) = next.pop() {
            next.extend(self.followed(dir).filter(|it| called.insert(*it)));
        }
        let free = left.iter().filter(|it| matter.contains(it));
        Ok(free.filter(|it| !called.contains(it)).cloned().collect())
    }

    /// The folder of a local module, where it may be read.
    fn local(&self, dir: &Path, block: &Block) -> Option<PathBuf> {
        let source = block.body.get("source")?.literal()?;
        if !is_local(&source) {
            return None;
        }
        let path = plain(&dir.join(source));
        // Most are known, and each that is known is known by its real path.
        if self.found.dirs.contains_key(&path) && path.starts_with(&self.found.boundary) {
            return Some(path);
        }
        let real = self.folder.real(&path).ok()?;
        let inside = real.starts_with(&self.found.boundary);
        (inside && self.folder.list(&real).is_ok()).then_some(real)
    }
}
