//! From which folders the names of files start.

use std::path::{Path, PathBuf};

use crate::source::{SourceMap, Span};

/// From where the names of files start, by the offset in the source map from which on they do.
#[derive(Debug, Default)]
pub struct Bases(Vec<(u32, Option<PathBuf>)>);

impl Bases {
    /// The files that are added next are named from a folder, where its path is absolute.
    pub(super) fn start(&mut self, folder: &Path, sources: &SourceMap) {
        let named = folder.is_absolute().then(|| folder.to_path_buf());
        self.0.push((sources.end(), named));
    }

    /// The files that are added next are named from where the process runs.
    pub(super) fn end(&mut self, sources: &SourceMap) {
        self.0.push((sources.end(), None));
    }

    /// The folder from which the name of a place's file starts; none is where the process runs.
    pub fn of(&self, span: Span) -> Option<&Path> {
        let after = self.0.partition_point(|(from, _)| *from <= span.start);
        let (_, folder) = self.0.get(after.checked_sub(1)?)?;
        folder.as_deref()
    }
}
