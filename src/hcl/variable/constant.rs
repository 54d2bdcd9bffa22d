//! Expressions that may name nothing and call nothing: defaults, and the values in files of variables.

use std::path::{Path, PathBuf};

use crate::hcl::scope::{FileTrouble, Files, Problem, Scope, Subject, World};
use crate::hcl::typed::Typed;
use crate::source::Origin;

/// A scope without names, functions and files.
pub(super) struct Constant;

impl Scope for Constant {
    fn resolve(&mut self, _: &Subject, at: &Origin, _: &mut World<'_>) -> Result<Typed, Problem> {
        Err(Problem::new("references are not allowed here", at))
    }

    fn functions(&self) -> bool {
        false
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }
}

/// Only functions read files, and there are none.
struct NoFiles;

impl Files for NoFiles {
    fn root(&self) -> &Path {
        Path::new("")
    }

    fn base(&self) -> &Path {
        Path::new("")
    }

    fn real(&self, _: &Path) -> Result<PathBuf, FileTrouble> {
        Err(FileTrouble::Missing)
    }

    fn read(&self, _: &Path, _: usize) -> Result<Vec<u8>, FileTrouble> {
        Err(FileTrouble::Missing)
    }

    fn under(&self, _: &Path) -> Result<Vec<String>, FileTrouble> {
        Err(FileTrouble::Missing)
    }
}
