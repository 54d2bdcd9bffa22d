//! The instances of modules and resources, and what their names stand for.
//!
//! Everything is worked out when it is asked for and once: a resource's attribute, a local, an output. So a module may take in what another
//! of its own outputs gives, as in Terraform, and what nobody asks for costs nothing.

mod blocks;
mod configuration;
mod document;
mod expand;
mod instance;
mod provider;
mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::scope::{Files, Problem, World};
use super::syntax::{Block, Called, ModuleTree};
use super::typed::Typed;
use super::types::Type;
use crate::address::{Address, Key, Step, module_path};
use crate::input::home::Home;
use crate::input::{Document, Given, Homes, Mode, Resource};
use crate::source::{Origin, Span};
use crate::value::{Nature, Shape, Symbol, SymbolId, Value};

use expand::{Each, Expansion};
use provider::Providers;

/// What a plan of the same sources knows.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    /// The plan.
    pub(super) document: &'k Document,
    /// The homes of its provider configurations.
    pub(super) homes: &'k Homes,
}

/// All that is worked out of a root module.
pub(super) struct Engine<'e> {
    /// The number of the input.
    input: usize,
    /// True where IAM policies, roles and users are wanted, too.
    pub(super) identities: bool,
    given: &'e Given,
    files: &'e dyn Files,
    /// The values of the root module's variables.
    variables: BTreeMap<String, Typed>,
    known: Option<KnownIndex<'e>>,
    modules: Vec<Module>,
    slots: BTreeMap<(usize, Name), Slot>,
    handles: BTreeMap<SymbolId, Handle>,
    /// Attributes that no configuration sets: each reference to them is their place.
    placeless: BTreeSet<(usize, Name)>,
    homes: BTreeMap<String, Option<Home>>,
    /// What Terraform would refuse, each once.
    problems: Vec<Problem>,
    noted: BTreeSet<(Span, String)>,
    /// Whether anything that is read lies in a tree or below it.
    wanted: BTreeMap<*const ModuleTree, bool>,
    /// Where values are written that must not be shown.
    secrets: Vec<Span>,
}

/// One instance of a module.
struct Module {
    path: Vec<Step>,
    tree: Arc<ModuleTree>,
    /// The module instance that calls it, and the name of the call; none for the root.
    parent: Option<(usize, String)>,
    /// The keys of the call's instance.
    each: Rc<Each>,
    providers: Rc<Providers>,
    children: BTreeMap<String, Rc<Children>>,
    resources: BTreeMap<BlockName, Rc<Expansion>>,
}

/// The instances of a module call.
struct Children {
    expansion: Rc<Expansion>,
    /// In the order of the expansion's instances.
    modules: Vec<usize>,
}

/// A resource or data block of a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BlockName {
    mode: Mode,
    kind: String,
    name: String,
}

impl BlockName {
    /// The block in its module.
    fn block<'t>(&self, tree: &'t ModuleTree) -> Option<&'t Block> {
        let key = (self.mode, self.kind.clone(), self.name.clone());
        tree.source.resources.get(&key)
    }
}

/// An instance of a resource or data source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InstanceName {
    module: usize,
    block: BlockName,
    key: Option<Key>,
}

/// What is worked out once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Variable(String),
    Local(String),
    Output(String),
    /// As it is configured.
    Argument(BlockName, Option<Key>, String),
    /// As a reference sees it.
    Attribute(BlockName, Option<Key>, String),
}

enum Slot {
    Busy,
    Done(Result<Option<Typed>, Problem>),
}

/// What a symbol stands for that is no value itself: its members are worked out one by one.
#[derive(Clone, Debug)]
enum Handle {
    /// An instance of a module.
    Module(usize),
    /// An instance of a resource.
    Resource(InstanceName),
    /// The instances of a module call of which no key is known.
    Modules(usize, String),
    /// The instances of a resource of which no key is known.
    Resources(usize, BlockName),
}

/// A plan's instances by address.
struct KnownIndex<'k> {
    homes: &'k Homes,
    resources: BTreeMap<Address, &'k Resource>,
}

impl KnownIndex<'_> {
    /// A value that the plan knows to the last part.
    fn value(&self, address: &Address, name: &str) -> Option<&Value> {
        let after = self.resources.get(address)?.after.as_ref()?;
        after
            .get(name)
            .filter(|value| !super::boundary::has_unknown(value))
    }
}

/// That there are more instances than are made.
fn too_many(instances: usize, at: &Origin, world: &World<'_>) -> Problem {
    let most = world.limits.instances;
    let message = if world.is_one_too_many(instances) {
        format!("the configuration makes more than {most} instances")
    } else {
        format!("all root modules together make more than {most} instances: check them one by one")
    };
    Problem::new(message, at)
}

/// Counts instances that are made.
fn spend(instances: usize, at: &Origin, world: &mut World<'_>) -> Result<(), Problem> {
    if instances > world.instances_left() {
        return Err(too_many(instances, at, world));
    }
    world.spend_instances(instances);
    Ok(())
}

impl<'e> Engine<'e> {
    pub(super) fn new(
        input: usize,
        tree: Arc<ModuleTree>,
        variables: BTreeMap<String, Typed>,
        given: &'e Given,
        files: &'e dyn Files,
        known: Option<Known<'e>>,
    ) -> Self {
        let known = known.map(|known| KnownIndex {
            homes: known.homes,
            resources: known
                .document
                .resources
                .iter()
                .filter(|it| it.deposed.is_none())
                .map(|it| (it.address.clone(), it))
                .collect(),
        });
        let root = Module {
            path: Vec::new(),
            parent: None,
            each: Rc::default(),
            providers: Rc::new(Providers::of_root()),
            children: BTreeMap::new(),
            resources: BTreeMap::new(),
            tree,
        };
        Engine {
            input,
            identities: false,
            given,
            files,
            variables,
            known,
            modules: vec![root],
            slots: BTreeMap::new(),
            handles: BTreeMap::new(),
            placeless: BTreeSet::new(),
            homes: BTreeMap::new(),
            problems: Vec::new(),
            noted: BTreeSet::new(),
            wanted: BTreeMap::new(),
            secrets: Vec::new(),
        }
    }

    fn module(&self, at: usize) -> Option<&Module> {
        self.modules.get(at)
    }

    fn tree(&self, at: usize) -> Option<Arc<ModuleTree>> {
        self.module(at).map(|module| Arc::clone(&module.tree))
    }

    fn path(&self, at: usize) -> &[Step] {
        self.module(at).map_or(&[], |module| &module.path)
    }

    /// The block of an instance, or of all its instances.
    fn with_block<T>(
        &self,
        module: usize,
        name: &BlockName,
        read: impl FnOnce(&Block) -> T,
    ) -> Option<T> {
        let tree = &self.module(module)?.tree;
        name.block(tree).map(read)
    }

    fn address(&self, of: &InstanceName) -> Address {
        Address {
            module: self.path(of.module).to_vec(),
            data: of.block.mode == Mode::Data,
            kind: of.block.kind.clone(),
            name: of.block.name.clone(),
            key: of.key.clone(),
        }
    }

    /// Works something out, unless that was done before. Whatever needs itself has no value.
    fn once(
        &mut self,
        module: usize,
        name: Name,
        at: &Origin,
        world: &mut World<'_>,
        work: impl FnOnce(&mut Self, &mut World<'_>) -> Result<Option<Typed>, Problem>,
    ) -> Result<Option<Typed>, Problem> {
        let place = (module, name);
        match self.slots.get(&place) {
            Some(Slot::Done(value)) => return value.clone(),
            Some(Slot::Busy) => {
                return Err(Problem::new("this value depends on itself", at));
            }
            None => {}
        }
        self.slots.insert(place.clone(), Slot::Busy);
        let value = work(self, world);
        self.slots.insert(place, Slot::Done(value.clone()));
        value
    }

    /// Keeps what Terraform would refuse.
    fn note(&mut self, problem: &Problem) {
        let place = (problem.origin.span(), problem.message.clone());
        if self.noted.insert(place) {
            self.problems.push(problem.clone());
        }
    }

    /// A whole thing of which members are asked for: an object without a value of its own.
    fn handle(
        &mut self,
        name: String,
        handle: Handle,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Typed {
        let symbol = world.symbols.intern(Symbol {
            key: format!("whole:in{}:{name}", self.input),
            name,
            shape: Shape::Text,
            nature: Nature::Undocumented,
            reason: "only the apply can know all of it".to_owned(),
            supply: None,
        });
        let kind = match handle {
            Handle::Module(_) | Handle::Resource(_) => Type::Object(BTreeMap::new()),
            Handle::Modules(..) | Handle::Resources(..) => Type::Dynamic,
        };
        self.handles.insert(symbol, handle);
        Typed::unknown(symbol, kind, at.clone())
    }

    /// The call of a module.
    fn with_call<T>(&self, module: usize, name: &str, read: impl FnOnce(&Block) -> T) -> Option<T> {
        let tree = &self.module(module)?.tree;
        tree.source.calls.get(name).map(read)
    }

    /// What a call leads to.
    fn called(&self, module: usize, name: &str) -> Option<Called> {
        self.module(module)?.tree.calls.get(name).cloned()
    }

    /// The path of a module instance as text, with a dot behind it; empty for the root.
    fn prefix(&self, module: usize) -> String {
        let path = module_path(self.path(module));
        if path.is_empty() {
            path
        } else {
            format!("{path}.")
        }
    }
}
