//! Inputs, read to be judged together, as one world: plans, states, snapshots and folders of sources.
//!
//! Plans are bytes, wherever they come from. [`Inputs::sources`] reads folders of the disk; for other places see
//! [`hcl::discover`](crate::hcl::discover), which takes any [`Folder`](crate::hcl::Folder).

mod bases;
mod disk;
mod sources;

pub use bases::Bases;
pub use disk::{Disk, Fenced, LARGEST, sifted};
pub use sources::{folder_of, is_sources, variable_file};

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::hcl::variable::VarArgument;
use crate::hcl::{FileTrouble, Folder as _, ModuleTree, Root};
use crate::input::{ConfigResource, Document, Given, InputKind};
use crate::plan;
use crate::resolve::{self, Loaded, Options};
use crate::snapshot;
use crate::source::{SourceMap, Span};
use crate::value::Symbols;

/// What is said of inputs from outside.
#[derive(Clone, Default)]
pub struct Settings {
    /// The only root modules under a folder; none: those that nobody calls (`--root`).
    pub roots: Vec<PathBuf>,
    /// Values of the root modules' variables, in their order (`--var`, `--var-file`).
    pub arguments: Arc<[VarArgument]>,
    /// The same of lower rank: names and values (`TF_VAR_name`).
    pub environment: Vec<(String, String)>,
    /// Accounts and Regions.
    pub given: Given,
    /// True where IAM policies, roles and users of sources are wanted, too: where a reader is named.
    pub identities: bool,
    /// Where Terraform keeps its data; none is `.terraform` in the root module (`TF_DATA_DIR`).
    pub data: Option<PathBuf>,
    /// Where the process runs.
    pub working: Option<PathBuf>,
}

impl fmt::Debug for Settings {
    /// Without the values of variables, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.environment.iter().map(|it| it.0.as_str()).collect();
        f.debug_struct("Settings")
            .field("roots", &self.roots)
            .field("arguments", &self.arguments)
            .field("environment", &names)
            .field("given", &self.given)
            .field("identities", &self.identities)
            .field("data", &self.data)
            .field("working", &self.working)
            .finish()
    }
}

/// Where the sources of a plan are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanSources<'a> {
    /// Nowhere: lines are those of the plan.
    Nowhere,
    /// The root module in this folder.
    At(&'a Path),
    /// The root module in this folder, if it has the plan's blocks.
    Perhaps(&'a Path),
}

/// What was read.
///
/// ```
/// # fn main() -> Result<(), keytrail::Error> {
/// let plan = std::fs::read("examples/missing-describe/plan.json").unwrap_or_default();
/// let mut inputs = keytrail::Inputs::new();
/// inputs.plan("plan.json", &plan)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Inputs {
    /// Accounts, variables and where Terraform keeps its data.
    pub settings: Settings,
    /// The documents, in the order in which they were given.
    pub loaded: Vec<Loaded>,
    /// Where everything was written.
    pub map: SourceMap,
    /// What has a name and no value.
    pub symbols: Symbols,
    /// From where the names of files start.
    pub bases: Bases,
    /// Places whose text must not be shown; [`Inputs::hide`] tells the map.
    secrets: Vec<Span>,
    /// What the sources were read to, which takes its time to be freed.
    trees: Vec<Root>,
}

impl Inputs {
    /// Nothing yet.
    pub fn new() -> Self {
        Inputs::default()
    }

    /// Nothing yet, with what is said from outside.
    pub fn with(settings: Settings) -> Self {
        Inputs {
            settings,
            ..Inputs::default()
        }
    }

    /// Reads a plan or a state as `terraform show -json` prints it, or a snapshot. `name` is what reports call it.
    ///
    /// # Errors
    /// Where the bytes are none of them, with what they are and what to give instead.
    pub fn plan(&mut self, name: &str, bytes: &[u8]) -> Result<&mut Self, Error> {
        self.read(name, bytes, false, |_| PlanSources::Nowhere)
    }

    /// Reads the file of a plan, a state or a snapshot, of which no more is held in memory than is asked for.
    ///
    /// # Errors
    /// Where it cannot be read, and those of [`Inputs::plan`].
    ///
    /// ```
    /// # fn main() -> Result<(), keytrail::Error> {
    /// let mut inputs = keytrail::Inputs::new();
    /// inputs.plan_file("examples/missing-describe/plan.json")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan_file(&mut self, path: impl AsRef<Path>) -> Result<&mut Self, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let unread = |why: String| Error::new(name.clone(), why);
        let text = sifted(path, self.settings.identities);
        let text = match text.map_err(|it| unread(format!("cannot read it: {}", it.kind())))? {
            Some(text) => text,
            None => Disk.read(path, LARGEST).map_err(|it| match it {
                FileTrouble::Missing => unread("there is no such file".to_owned()),
                FileTrouble::Unreadable(why) => unread(why),
            })?,
        };
        self.plan(&name, &text)
    }

    /// Reads a plan with its sources: values come from the plan, lines from the root module in `folder`.
    ///
    /// # Errors
    /// Those of [`Inputs::plan`] and of [`Inputs::sources`].
    pub fn plan_with_sources(
        &mut self,
        name: &str,
        bytes: &[u8],
        folder: &Path,
    ) -> Result<&mut Self, Error> {
        self.read(name, bytes, false, |_| PlanSources::At(folder))
    }

    /// Reads the root modules in and under a folder of the disk, and the modules that they call.
    ///
    /// Places name their files as the folder is given: from where the process runs where it is relative, from the folder itself where it is
    /// absolute ([`Inputs::bases`] tells which).
    ///
    /// # Errors
    /// Where it is no folder, or holds no configuration. What cannot be read of one is a finding.
    pub fn sources(&mut self, folder: impl AsRef<Path>) -> Result<&mut Self, Error> {
        self.bases.start(&folder_of(folder.as_ref()), &self.map);
        let roots = sources::roots(folder.as_ref(), &self.settings, &mut self.map)?;
        let first = self.loaded.len();
        let (map, symbols) = (&mut self.map, &mut self.symbols);
        for it in sources::evaluate(&roots, first, &self.settings, None, map, symbols) {
            self.secrets.extend(it.secrets);
            self.loaded.push(Loaded {
                path: it.path,
                document: it.document,
            });
        }
        self.bases.end(&self.map);
        self.trees.extend(roots.into_iter().map(|(_, root)| root));
        Ok(self)
    }

    /// [`Inputs::plan`], with sources that may hang on what the plan says. `alone` is true for the only input: no bucket of a trail of
    /// another one is kept.
    ///
    /// # Errors
    /// Those of [`Inputs::plan`] and of [`Inputs::sources`].
    pub fn read<'p>(
        &mut self,
        name: &str,
        bytes: &[u8],
        alone: bool,
        sources: impl FnOnce(&Document) -> PlanSources<'p>,
    ) -> Result<&mut Self, Error> {
        let input = self.loaded.len();
        let (map, symbols) = (&mut self.map, &mut self.symbols);
        if snapshot::is_snapshot(bytes) {
            let roots = snapshot::load(bytes, name, input, &self.settings.given, map, symbols)?;
            let roots = roots.into_iter();
            self.loaded
                .extend(roots.map(|(path, document)| Loaded { path, document }));
            return Ok(self);
        }
        let id = format!("in{input}");
        let load = if alone {
            plan::load
        } else {
            plan::load_beside_others
        };
        let mut document = load(bytes, name, &id, map, symbols)?;
        if document.kind == InputKind::Plan {
            match sources(&document) {
                PlanSources::Nowhere => {}
                PlanSources::At(folder) => self.join(&mut document, input, folder, true)?,
                PlanSources::Perhaps(folder) => {
                    if sources::has_configuration(folder) {
                        self.join(&mut document, input, folder, false)?;
                    }
                }
            }
        }
        let path = name.to_owned();
        self.loaded.push(Loaded { path, document });
        Ok(self)
    }

    /// Lays the sources of a plan under it. Those that are not `named` may be another's.
    fn join(
        &mut self,
        document: &mut Document,
        input: usize,
        folder: &Path,
        named: bool,
    ) -> Result<(), Error> {
        self.bases.start(folder, &self.map);
        let root = sources::root_of(folder, &self.settings, &mut self.map)?;
        self.bases.end(&self.map);
        let tree = root.tree.as_deref();
        if !named && !tree.is_some_and(|tree| belongs(document, tree)) {
            return Ok(());
        }
        let options = Options {
            given: self.settings.given.clone(),
            ..Options::default()
        };
        let homes = resolve::homes(input, document, &mut self.symbols, &options);
        let named = [(folder.display().to_string(), root)];
        let (map, symbols) = (&mut self.map, &mut self.symbols);
        let plan = Some((&*document, &homes));
        let all = sources::evaluate(&named, input, &self.settings, plan, map, symbols);
        for written in all {
            self.secrets.extend(written.secrets);
            document.sources = Some(written.path);
            resolve::join(document, &written.document, &self.map, &mut self.symbols);
        }
        Ok(())
    }

    /// Hides what must not be shown. To be called when everything is read.
    pub fn hide(&mut self) {
        for secret in self.secrets.drain(..) {
            self.map.hide(secret);
        }
    }

    /// Takes the trees of the sources, which nothing needs any more.
    pub fn take_trees(&mut self) -> Vec<Root> {
        std::mem::take(&mut self.trees)
    }
}

/// True where a plan was made of these sources, as far as the names of its blocks tell.
fn belongs(plan: &Document, tree: &ModuleTree) -> bool {
    let planned = &plan.configuration.root;
    let has = |it: &ConfigResource| {
        let key = (it.mode, it.kind.clone(), it.name.clone());
        tree.source.resources.contains_key(&key)
    };
    let calls = planned.calls.keys();
    let mut calls = calls.filter(|name| !tree.source.calls.contains_key(*name));
    let any = !planned.resources.is_empty() || !planned.calls.is_empty();
    any && planned.resources.iter().all(has) && calls.next().is_none()
}
