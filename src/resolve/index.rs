//! Look-ups over the inputs: instances by address, configuration blocks by address, keys by identifier.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{Address, Step, module_path};
use crate::input::{Action, ConfigResource, Document, Mode, Module, Resource};

/// An instance: the index of its input and of the resource in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At {
    /// The index of the input.
    pub(crate) input: usize,
    /// The index in [`Document::resources`].
    pub(crate) resource: usize,
}

/// The look-ups of one input.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    /// Instances that exist after the plan, by module instance and block, in the plan's order.
    blocks: BTreeMap<String, Vec<usize>>,
    /// The same by the address of their block in the configuration, without any instance key.
    bare: BTreeMap<String, Vec<usize>>,
    /// The module instances inside each module instance that hold a resource we know.
    children: BTreeMap<String, BTreeSet<Step>>,
    /// Configuration blocks by the same address.
    config: BTreeMap<String, &'a ConfigResource>,
    /// Configuration of each module, by module path without instance keys.
    modules: BTreeMap<String, &'a Module>,
}

/// True for an instance that exists once the plan is applied, and that the plan still holds.
pub(crate) fn survives(resource: &Resource) -> bool {
    resource.deposed.is_none() && !matches!(resource.action, Action::Delete | Action::Forget)
}

/// The text of a module path without instance keys.
pub(crate) fn bare_path(path: &[Step]) -> String {
    path.iter()
        .map(|step| format!("module.{}", step.name))
        .collect::<Vec<_>>()
        .join(".")
}

/// The address of a block in its module instance: all keys but the last.
fn block(address: &Address) -> String {
    Address {
        key: None,
        ..address.clone()
    }
    .to_string()
}

impl<'a> Index<'a> {
    pub(crate) fn new(plan: &'a Document) -> Self {
        let mut index = Index {
            blocks: BTreeMap::new(),
            bare: BTreeMap::new(),
            children: BTreeMap::new(),
            config: BTreeMap::new(),
            modules: BTreeMap::new(),
        };
        for (at, resource) in plan.resources.iter().enumerate() {
            if survives(resource) {
                index
                    .blocks
                    .entry(block(&resource.address))
                    .or_default()
                    .push(at);
                index
                    .bare
                    .entry(resource.address.configuration().to_string())
                    .or_default()
                    .push(at);
                for (depth, step) in resource.address.module.iter().enumerate() {
                    let outer = resource.address.module.get(..depth).unwrap_or_default();
                    index
                        .children
                        .entry(module_path(outer))
                        .or_default()
                        .insert(step.clone());
                }
            }
        }
        index.enter(&plan.configuration.root, String::new());
        index
    }

    fn enter(&mut self, module: &'a Module, path: String) {
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("{path}.")
        };
        for resource in &module.resources {
            let data = if resource.mode == Mode::Data {
                "data."
            } else {
                ""
            };
            self.config.insert(
                format!("{prefix}{data}{}.{}", resource.kind, resource.name),
                resource,
            );
        }
        for (name, call) in &module.calls {
            self.enter(&call.module, format!("{prefix}module.{name}"));
        }
        self.modules.insert(path, module);
    }

    /// The instances of a block in one module instance that exist after the plan.
    pub(crate) fn instances(&self, address: &Address) -> &[usize] {
        self.blocks.get(&block(address)).map_or(&[], Vec::as_slice)
    }

    /// The instances of a block in every instance of its module.
    pub(crate) fn all_instances(&self, address: &Address) -> &[usize] {
        self.bare
            .get(&address.configuration().to_string())
            .map_or(&[], Vec::as_slice)
    }

    /// The instances of a module call inside a module instance that hold a resource we know.
    pub(crate) fn module_instances(&self, outer: &[Step], name: &str) -> Vec<Step> {
        let inside = self.children.get(&module_path(outer)).into_iter().flatten();
        inside.filter(|step| step.name == name).cloned().collect()
    }

    /// The configuration block of an instance.
    pub(crate) fn config(&self, address: &Address) -> Option<&'a ConfigResource> {
        self.config
            .get(&address.configuration().to_string())
            .copied()
    }

    /// Blocks of a type that the configuration holds and the plan has no instance of, by address.
    pub(crate) fn unplanned(&self, kind: &str) -> impl Iterator<Item = &str> {
        let blocks = self
            .config
            .iter()
            .filter(move |(_, block)| block.kind == kind && block.mode == Mode::Managed);
        blocks
            .map(|(name, _)| name.as_str())
            .filter(|name| !self.bare.contains_key(*name))
    }

    /// The blocks of a module and of those that it calls, by address without instance keys.
    pub(crate) fn blocks_below(&self, path: &[Step]) -> impl Iterator<Item = &str> {
        let prefix = format!("{}.", bare_path(path));
        let names = self.config.keys().map(String::as_str);
        names.filter(move |name| name.starts_with(&prefix))
    }

    /// The configuration of the module at a path.
    pub(crate) fn module(&self, path: &[Step]) -> Option<&'a Module> {
        self.modules.get(&bare_path(path)).copied()
    }
}
