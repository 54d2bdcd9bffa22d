//! The tree of modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::circle::{Calls, Circles};
use super::discover::{Discovered, Root, is_local};
use super::folder::{Folder, plain};
use super::remote::Remote;
use crate::error::Error;
use crate::hcl::syntax::{Block, Called, ModuleSource, ModuleTree, Unreadable};
use crate::source::{Origin, SourceMap};

/// Modules inside each other, at most.
const DEEPEST: usize = 32;

/// Modules inside each other in a tree that was put together of others, at most.
const HIGHEST: usize = 64;

/// Calls of modules under one root, at most, those counted once that a folder called often makes.
const MOST: usize = 20_000;

/// Terraform brings what is missing.
const INIT: &str = "run `terraform init`";

impl Discovered {
    /// Parses what the roots reach, and puts their trees together. A root from which nothing can be reached that a verdict could hang on is
    /// listed without a tree where its syntax has no mistake.
    ///
    /// Roots are in the order of their paths. A folder that only seemed to be called, by a comment or a text, is a root after all.
    ///
    /// # Errors
    /// Where all files together are larger than 4 GiB.
    pub fn load(
        mut self,
        folder: &dyn Folder,
        sources: &mut SourceMap,
    ) -> Result<Vec<Root>, Error> {
        let relevant = self.relevant(folder);
        let mut loader = Loader {
            found: self,
            folder,
            parsed: BTreeMap::new(),
            trees: BTreeMap::new(),
            trees_of_root: BTreeMap::new(),
            reached: BTreeSet::new(),
            calls: Calls::new(),
            circles: Circles::default(),
        };
        let mut roots = loader.found.roots.clone();
        let wanted = roots.iter().filter(|it| relevant.contains(*it));
        let wanted: Vec<PathBuf> = wanted.cloned().collect();
        let mut trees = loader.load(&wanted, sources)?;
        // Of folders that only seemed to be called, those are roots that are not called by others of them; so are those that are called by
        // parts of a circle alone. What lies too deep is left for another round.
        while !loader.found.explicit {
            let left = relevant
                .iter()
                .filter(|it| it.starts_with(&loader.found.given) && !loader.reached.contains(*it));
            let left: BTreeSet<PathBuf> = left.cloned().collect();
            let new = loader.free(&left, sources)?;
            if new.is_empty() {
                break;
            }
            trees.extend(loader.load(&new, sources)?);
            roots.extend(new);
        }
        for (dir, why) in std::mem::take(&mut loader.found.lost) {
            let tree = lost(&dir, &why, loader.found.shown(&dir), sources)?;
            trees.insert(dir.clone(), tree);
            roots.push(dir);
        }
        roots.sort();
        let boundary = loader.found.boundary.clone();
        let root = |dir: PathBuf| Root {
            boundary: boundary.clone(),
            shown: loader.found.shown(&dir),
            tree: trees.get(&dir).cloned(),
            dir,
        };
        Ok(roots.into_iter().map(root).collect())
    }
}

/// Folders that are parsed, and trees that are made of them.
pub(super) struct Loader<'f> {
    pub(super) found: Discovered,
    pub(super) folder: &'f dyn Folder,
    pub(super) parsed: BTreeMap<PathBuf, Arc<ModuleSource>>,
    /// Trees of folders that are the same wherever they are called.
    trees: BTreeMap<PathBuf, Made>,
    /// Those that are the same under the root at work.
    trees_of_root: BTreeMap<PathBuf, Made>,
    reached: BTreeSet<PathBuf>,
    /// What the parsed folders call.
    pub(super) calls: Calls,
    pub(super) circles: Circles,
}

/// A tree that was made.
#[derive(Clone)]
struct Made {
    tree: Arc<ModuleTree>,
    shared: Shared,
    /// Where something in it was left out for lying too deep, how deep it was made: less deep it would hold more.
    cut_at: Option<usize>,
    /// How many modules lie inside each other in it.
    height: usize,
}

/// What one call leads to.
enum Target {
    Dir {
        dir: PathBuf,
        remote: bool,
    },
    Missing {
        reason: String,
        help: String,
        refused: bool,
        shared: Shared,
    },
    /// Modules are inside each other too often, or there are too many.
    TooDeep,
}

/// Where a tree is the same as here, so that it is made once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    /// Nowhere: it depends on the calls around.
    Here,
    /// Under the same root: what was not downloaded.
    Root,
    /// Everywhere: all that it reaches are folders of the repository.
    Everywhere,
}

/// The calls around a module: its root, its folders from the root inwards, and the path of calls as `modules.json` has it.
struct Chain<'c> {
    root: &'c Path,
    remote: &'c Remote,
    dirs: Vec<PathBuf>,
    path: Vec<String>,
    made: usize,
}

impl Loader<'_> {
    fn load(
        &mut self,
        roots: &[PathBuf],
        sources: &mut SourceMap,
    ) -> Result<BTreeMap<PathBuf, Arc<ModuleTree>>, Error> {
        let remotes: Vec<Remote> = roots
            .iter()
            .map(|root| self.found.remote(root, self.folder))
            .collect();
        // All that was brought for a root that calls anything remote.
        let mut brought = BTreeSet::new();
        for (root, remote) in roots.iter().zip(&remotes) {
            let real = remote.dirs().filter_map(|it| self.folder.real(it).ok());
            brought.extend(real.filter(|it| self.found.allows(it, root)));
        }
        brought.extend(roots.iter().cloned());
        self.parse_all(brought, sources)?;
        let mut out = BTreeMap::new();
        for (root, remote) in roots.iter().zip(&remotes) {
            let mut chain = Chain {
                root,
                remote,
                dirs: Vec::new(),
                path: Vec::new(),
                made: 0,
            };
            self.trees_of_root.clear();
            if let Some(made) = self.tree(root, &mut chain) {
                out.insert(root.clone(), made.tree);
            }
        }
        Ok(out)
    }

    /// The tree of a folder.
    fn tree(&mut self, dir: &Path, chain: &mut Chain<'_>) -> Option<Made> {
        let depth = chain.dirs.len();
        let known = self.trees.get(dir).or_else(|| self.trees_of_root.get(dir));
        if let Some(known) = known
            && known.cut_at.is_none_or(|at| at <= depth)
        {
            return Some(known.clone());
        }
        self.reached.insert(dir.to_path_buf());
        let source = Arc::clone(self.parsed.get(dir)?);
        chain.dirs.push(dir.to_path_buf());
        let mut calls = BTreeMap::new();
        let (mut shared, mut cut, mut height) = (Shared::Everywhere, false, 1);
        for (name, block) in &source.calls {
            chain.path.push(name.clone());
            chain.made += 1;
            let target = self.target(dir, name, block, chain);
            chain.path.pop();
            let called = match target {
                Target::Missing {
                    reason,
                    help,
                    refused,
                    shared: wide,
                } => {
                    shared = shared.min(wide);
                    Called::Missing {
                        reason,
                        help,
                        refused,
                    }
                }
                Target::TooDeep => {
                    cut = true;
                    too_deep(name)
                }
                Target::Dir { dir, remote } => {
                    chain.path.push(name.clone());
                    let inner = self.tree(&dir, chain);
                    chain.path.pop();
                    match inner {
                        Some(inner) if inner.height < HIGHEST => {
                            shared = shared.min(if remote { Shared::Here } else { inner.shared });
                            cut |= inner.cut_at.is_some();
                            height = height.max(inner.height + 1);
                            let tree = inner.tree;
                            Called::Module { tree, remote }
                        }
                        _ => too_deep(name),
                    }
                }
            };
            calls.insert(name.clone(), called);
        }
        chain.dirs.pop();
        let made = Made {
            tree: Arc::new(ModuleTree { source, calls }),
            shared,
            cut_at: cut.then_some(depth),
            height,
        };
        match shared {
            Shared::Here => None,
            Shared::Root => self.trees_of_root.insert(dir.to_path_buf(), made.clone()),
            Shared::Everywhere => self.trees.insert(dir.to_path_buf(), made.clone()),
        };
        Some(made)
    }

    /// What a call leads to.
    fn target(&self, dir: &Path, name: &str, block: &Block, chain: &Chain<'_>) -> Target {
        let absent = |source: &str, why: &str, help: &str| {
            let (reason, help) = missing(name, source, why, help);
            Target::Missing {
                reason,
                help,
                refused: false,
                shared: Shared::Everywhere,
            }
        };
        // Terraform refuses the call wherever it runs.
        let refused = |source: &str, why: &str, help: &str| {
            let (reason, help) = missing(name, source, why, help);
            Target::Missing {
                reason,
                help,
                refused: true,
                shared: Shared::Everywhere,
            }
        };
        let Some(value) = block.body.get("source") else {
            return refused("", "has no source", "give it a `source`");
        };
        let Some(source) = value.literal() else {
            let help = "write the source as a plain text";
            return absent("", "has a source that is no plain text", help);
        };
        if chain.dirs.len() >= DEEPEST || chain.made > MOST {
            return Target::TooDeep;
        }
        let remote = !is_local(&source);
        let path = if remote {
            let Some(brought) = chain.remote.dir(&chain.path.join(".")) else {
                let shared = if chain.remote.is_empty() {
                    Shared::Root
                } else {
                    Shared::Here
                };
                // What is missing for its place among the calls may be there in another.
                let (reason, help) = missing(name, &source, "is not downloaded", INIT);
                return Target::Missing {
                    reason,
                    help,
                    refused: false,
                    shared,
                };
            };
            brought.to_path_buf()
        } else {
            plain(&dir.join(&source))
        };
        let known = self.found.dirs.contains_key(&path);
        let real = if known {
            Ok(path)
        } else {
            self.folder.real(&path)
        };
        let Ok(real) = real else {
            let why = "is not there";
            return if remote {
                absent(&source, why, INIT)
            } else {
                refused(&source, why, "check the path")
            };
        };
        let inside = if remote {
            self.found.allows(&real, chain.root)
        } else {
            real.starts_with(&self.found.boundary)
                || chain.dirs.iter().any(|it| real.starts_with(it))
        };
        if !inside {
            let help = "give keytrail a folder that holds all modules";
            return absent(
                &source,
                "lies outside of the folder given and of its repository",
                help,
            );
        }
        if self.circles.hold(dir, &real) || chain.dirs.contains(&real) {
            let help = "remove the call: a module cannot call itself";
            return absent(&source, "calls a module that it is itself a part of", help);
        }
        let holds = |it: &Arc<ModuleSource>| !is_empty(it);
        if !self.parsed.get(&real).is_some_and(holds) {
            let why = "holds no configuration";
            return if remote {
                absent(&source, why, INIT)
            } else {
                refused(&source, why, "check the path")
            };
        }
        Target::Dir { dir: real, remote }
    }
}

/// The module of a folder that could not be looked into.
fn lost(
    dir: &Path,
    why: &str,
    shown: String,
    sources: &mut SourceMap,
) -> Result<Arc<ModuleTree>, Error> {
    let file = sources
        .add(shown.clone(), "")
        .map_err(|error| Error::new(shown.clone(), error.to_string()))?;
    let mut source = ModuleSource::new(dir.to_path_buf(), shown);
    source.unreadable.push(Unreadable {
        message: format!("nothing of this folder is read: {why}"),
        origin: Origin::new(sources.whole(file)),
        help: None,
    });
    Ok(Arc::new(ModuleTree {
        source: Arc::new(source),
        calls: BTreeMap::new(),
    }))
}

fn is_empty(it: &ModuleSource) -> bool {
    it.resources.is_empty()
        && it.variables.is_empty()
        && it.locals.is_empty()
        && it.outputs.is_empty()
        && it.calls.is_empty()
        && it.providers.is_empty()
        && it.terraform.is_empty()
        && it.others.is_empty()
        && it.unreadable.is_empty()
}

/// Why a module is missing, and what to do.
fn missing(name: &str, source: &str, why: &str, help: &str) -> (String, String) {
    let source = match source {
        "" => String::new(),
        source => format!(" (source `{source}`)"),
    };
    (format!("module `{name}`{source} {why}"), help.to_owned())
}

fn too_deep(name: &str) -> Called {
    let why = "lies too deep in modules, or is one of too many";
    let (reason, help) = missing(name, "", why, "check that no module calls itself");
    Called::Missing {
        reason,
        help,
        refused: true,
    }
}
