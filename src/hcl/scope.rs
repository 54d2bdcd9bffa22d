//! What an evaluation is given: names, files, limits.

use std::fmt;
use std::path::{Path, PathBuf};

use super::typed::Typed;
use crate::input::Lost;
use crate::source::{Origin, SourceMap};
use crate::value::Symbols;

/// Why an expression has no value: what Terraform would say, and where.
///
/// The message never holds a value, which might be sensitive; a name or a path of the configuration it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Lower case, without a final period.
    pub message: String,
    /// What is wrong, underlined.
    pub origin: Origin,
}

impl Problem {
    /// A problem at a place.
    pub fn new(message: impl Into<String>, origin: &Origin) -> Self {
        Problem {
            message: message.into(),
            origin: origin.clone(),
        }
    }
}

/// What a reference begins with: the part that the module, and not the value, decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `var.NAME`
    Variable(String),
    /// `local.NAME`
    Local(String),
    /// `module.NAME`
    Module(String),
    /// `TYPE.NAME`
    Resource(String, String),
    /// `data.TYPE.NAME`
    Data(String, String),
    /// `ephemeral.TYPE.NAME`
    Ephemeral(String, String),
    /// `each.key`, `each.value`
    Each(String),
    /// `count.index`
    Count(String),
    /// `path.module`, `path.root`, `path.cwd`
    Path(String),
    /// `terraform.workspace`
    Terraform(String),
    /// `self`
    This,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Variable(name) => write!(f, "var.{name}"),
            Subject::Local(name) => write!(f, "local.{name}"),
            Subject::Module(name) => write!(f, "module.{name}"),
            Subject::Resource(of, name) => write!(f, "{of}.{name}"),
            Subject::Data(of, name) => write!(f, "data.{of}.{name}"),
            Subject::Ephemeral(of, name) => write!(f, "ephemeral.{of}.{name}"),
            Subject::Each(name) => write!(f, "each.{name}"),
            Subject::Count(name) => write!(f, "count.{name}"),
            Subject::Path(name) => write!(f, "path.{name}"),
            Subject::Terraform(name) => write!(f, "terraform.{name}"),
            Subject::This => f.write_str("self"),
        }
    }
}

/// What is shared by all evaluations of a run.
#[derive(Debug)]
pub struct World<'w> {
    /// The files; templates are added as they are read.
    pub sources: &'w mut SourceMap,
    /// The names of what is not known.
    pub symbols: &'w mut Symbols,
    /// How much may be done.
    pub limits: Limits,
    /// Members of objects that a later one of the same key put out.
    pub(super) lost: Vec<Lost>,
    /// How deep evaluations are nested in each other now.
    pub(super) depth: usize,
    /// What all evaluations of this root module took so far.
    spent: Spent,
    /// What those of all root modules took.
    spent_in_all: Spent,
    /// Modules of configurations that are shown.
    shown: usize,
}

/// What was done so far.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    steps: usize,
    size: usize,
    instances: usize,
}

impl Spent {
    fn add(&mut self, more: Spent) {
        self.steps = self.steps.saturating_add(more.steps);
        self.size = self.size.saturating_add(more.size);
        self.instances = self.instances.saturating_add(more.instances);
    }

    /// True where more was done than this part of what one root module may do.
    fn is_over(self, limits: Limits, part: usize) -> bool {
        self.steps > limits.all_steps / part || self.size > limits.all_size / part
    }
}

/// Where all root modules together have done as much as one may do alone, each of the others may do this part of it yet: what people write
/// takes less, and many that take more would take too long.
const PART: usize = 100;

impl<'w> World<'w> {
    /// A world with the usual limits.
    pub fn new(sources: &'w mut SourceMap, symbols: &'w mut Symbols) -> Self {
        World {
            sources,
            symbols,
            limits: Limits::default(),
            lost: Vec::new(),
            depth: 0,
            spent: Spent::default(),
            spent_in_all: Spent::default(),
            shown: 0,
        }
    }

    /// Counts what is done, over all evaluations.
    pub(super) fn spend(&mut self, steps: usize, size: usize, at: &Origin) -> Result<(), Problem> {
        let more = Spent {
            steps,
            size,
            instances: 0,
        };
        self.spent.add(more);
        self.spent_in_all.add(more);
        if self.is_spent() {
            let message = "the configuration as a whole takes too much work to be evaluated";
            return Err(Problem::new(message, at));
        }
        Ok(())
    }

    /// Another root module begins.
    pub(super) fn begin(&mut self) {
        self.spent = Spent::default();
    }

    /// How many instances of modules and resources there may be yet.
    pub(super) fn instances_left(&self) -> usize {
        let (most, own) = (self.limits.instances, self.spent.instances);
        let least = (most / PART).saturating_sub(own);
        let together = most.saturating_sub(self.spent_in_all.instances);
        most.saturating_sub(own).min(together.max(least))
    }

    /// True where a root module alone would make so many more.
    pub(super) fn is_one_too_many(&self, instances: usize) -> bool {
        self.spent.instances.saturating_add(instances) > self.limits.instances
    }

    /// How many modules of the configuration may be shown yet.
    pub(super) fn shown_left(&self) -> usize {
        let most = self.limits.shown;
        most.saturating_sub(self.shown).max(most / PART)
    }

    /// Counts modules that are shown.
    pub(super) fn spend_shown(&mut self, modules: usize) {
        self.shown = self.shown.saturating_add(modules);
    }

    /// Counts instances, of which there may be no more than are left.
    pub(super) fn spend_instances(&mut self, instances: usize) {
        let more = Spent {
            instances,
            ..Spent::default()
        };
        self.spent.add(more);
        self.spent_in_all.add(more);
    }

    /// True where nothing more may be done.
    pub(super) fn is_spent(&self) -> bool {
        let together = || self.spent_in_all.is_over(self.limits, 1);
        self.spent.is_over(self.limits, 1) || self.spent.is_over(self.limits, PART) && together()
    }
}

/// How much one evaluation may do, and all of them, so that no input makes them run or grow without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Expressions that are evaluated, each as often as a loop comes by.
    pub steps: usize,
    /// Bytes of values that are made, about.
    pub size: usize,
    /// Expressions inside each other, through locals and modules too.
    pub depth: usize,
    /// As `steps`, of all evaluations of a root module.
    pub all_steps: usize,
    /// As `size`, of all evaluations of a root module.
    pub all_size: usize,
    /// Instances of modules, resources and `dynamic` blocks of a root module: no configuration that a person writes has them.
    pub instances: usize,
    /// Modules of a configuration that are shown: one that is called by two that are called by two is shown four times.
    pub shown: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: 1_000_000,
            size: 1 << 26,
            depth: 256,
            all_steps: 1 << 22,
            all_size: 1 << 28,
            instances: 50_000,
            shown: 20_000,
        }
    }
}

/// What the names of a module stand for.
pub trait Scope {
    /// The value that a reference begins with, known or a symbol.
    ///
    /// # Errors
    /// A [`Problem`] where the module declares no such thing, or where its value has none.
    fn resolve(
        &mut self,
        subject: &Subject,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem>;

    /// A member of something that is known by its symbol alone, as the attribute of a resource. `None` where this scope has no name for it:
    /// it gets one that is made of the whole's name, and it is then not sure that there is such a member.
    ///
    /// # Errors
    /// A [`Problem`] where there is no such member, or where its value has none.
    fn member(
        &mut self,
        whole: &Typed,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Option<Typed>, Problem> {
        let _ = (whole, name, at, world);
        Ok(None)
    }

    /// A name for the module's instance, in which a call that gives a new value each time is told from the same call in another.
    fn instance(&self) -> String {
        String::new()
    }

    /// False where functions may not be called: in the default of a variable.
    fn functions(&self) -> bool {
        true
    }

    /// The files that functions may read.
    fn files(&self) -> &dyn Files;
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileTrouble {
    /// There is none of that name.
    Missing,
    /// Another reason, as a clause: `the file is a directory`.
    Unreadable(String),
}

/// The only way to files. It reads what it is told to; that it is told nothing outside [`Files::root`] is this module's duty.
pub trait Files {
    /// The real path of the folder that nothing is read outside of.
    fn root(&self) -> &Path;

    /// The folder that relative paths begin at: the root module's.
    fn base(&self) -> &Path;

    /// The same folder as reports name it; none where names of files begin there.
    fn name(&self) -> Option<&str> {
        None
    }

    /// The absolute path with every symbolic link followed.
    ///
    /// # Errors
    /// [`FileTrouble::Missing`] where there is nothing.
    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble>;

    /// The bytes of a file, which is larger than `limit` at no time.
    ///
    /// # Errors
    /// Where it is no file, too large, or cannot be read.
    fn read(&self, real: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble>;

    /// The files under a folder as relative paths with `/`, sorted; links to folders are not followed. For `fileset`.
    ///
    /// # Errors
    /// Where it is no folder or cannot be read.
    fn under(&self, real: &Path) -> Result<Vec<String>, FileTrouble>;
}
