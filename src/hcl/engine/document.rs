//! All instances of a root module as a [`Document`].

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::provider::Providers;
use super::{BlockName, Engine, InstanceName, configuration};
use crate::hcl::root::Evaluated;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::{Called, ModuleTree};
use crate::hcl::typed::Typed;
use crate::hcl::{aws, boundary};
use crate::input::{
    Action, Configuration, Document, MissingModule, Mode, RemoteModule, Resource, Way, Whence,
    types,
};
use crate::source::Origin;
use crate::value::{Kind, Member, Nature, Object, Presence, Shape, Symbol, Value};

/// Data sources of which a document shows nothing: what they give is in the values of whoever asks them.
const INSIDE: &[&str] = &[
    "aws_iam_policy_document",
    "aws_caller_identity",
    "aws_region",
    "aws_partition",
];

/// Ways longer than this are cut.
const WAY: usize = 12;

impl Engine<'_> {
    /// The whole root module.
    pub(in crate::hcl) fn document(mut self, world: &mut World<'_>) -> Evaluated {
        let mut resources = Vec::new();
        let mut next = vec![0];
        while let Some(module) = next.pop() {
            self.resources(module, &mut resources, world);
            let Some(tree) = self.tree(module) else {
                continue;
            };
            for (name, called) in &tree.calls {
                if !matches!(called, Called::Module { tree, .. } if self.is_wanted(tree)) {
                    continue;
                }
                match self.children(module, name, world) {
                    Ok(children) => {
                        next.extend(children.iter().flat_map(|it| it.modules.iter().copied()));
                    }
                    Err(problem) => self.note(&problem),
                }
            }
        }
        resources.sort_by(|a, b| a.address.cmp(&b.address));
        let document = Document {
            resources,
            configuration: self.configuration(world),
            variables: self.root_variables(),
            lost: std::mem::take(&mut world.lost),
            ..self.calls(world)
        };
        Evaluated {
            document,
            problems: self.problems,
            secrets: self.secrets,
        }
    }

    /// An empty document with the calls of modules that are not the user's own, or not there.
    fn calls(&self, world: &World<'_>) -> Document {
        let mut out = Document::of_sources();
        if let Some(tree) = self.tree(0) {
            let mut left = world.shown_left();
            calls(&tree, "", None, &mut left, &mut out);
        }
        out
    }

    fn root_variables(&self) -> BTreeMap<String, Value> {
        let variables = self.variables.iter();
        variables
            .map(|(name, value)| {
                let mut value = Value::from(value.clone());
                boundary::in_one_piece(&mut value);
                (name.clone(), value)
            })
            .collect()
    }

    fn configuration(&mut self, world: &mut World<'_>) -> Configuration {
        let mut out = Configuration::default();
        if let Some(tree) = self.tree(0) {
            let providers = Rc::new(Providers::of_root());
            let most = world.shown_left();
            let mut left = most;
            out.root =
                configuration::module(&tree, &providers, "", self.identities, &mut left, world);
            world.spend_shown(most - left);
        }
        let mut keys = vec!["aws".to_owned()];
        keys.extend(self.homes.keys().cloned());
        for module in &self.modules {
            for block in &module.tree.source.providers {
                let path = super::provider::bare_steps(module);
                let name = super::provider::name_of(block);
                keys.push(if path.is_empty() {
                    name
                } else {
                    format!("{path}:{name}")
                });
            }
        }
        keys.sort();
        keys.dedup();
        for key in keys {
            if let Some((provider, _)) = self.provider(&key, world) {
                out.providers.insert(key, provider);
            }
        }
        out
    }

    /// True where a module or one that it calls holds a resource of a type that is read. A tree that is called in many places is looked at once.
    fn is_wanted(&mut self, tree: &Arc<ModuleTree>) -> bool {
        let place = Arc::as_ptr(tree);
        if let Some(known) = self.wanted.get(&place) {
            return *known;
        }
        let mut own = tree.source.resources.keys();
        let wanted = own.any(|(mode, kind, _)| reads(self.identities, *mode, kind).is_some())
            || tree.calls.values().any(
                |called| matches!(called, Called::Module { tree, .. } if self.is_wanted(tree)),
            );
        self.wanted.insert(place, wanted);
        wanted
    }

    /// The instances of one module.
    fn resources(&mut self, module: usize, out: &mut Vec<Resource>, world: &mut World<'_>) {
        let Some(tree) = self.tree(module) else {
            return;
        };
        for ((mode, kind, name), block) in &tree.source.resources {
            let Some(of_type) = reads(self.identities, *mode, kind) else {
                continue;
            };
            if *mode == Mode::Data && INSIDE.contains(&kind.as_str()) {
                continue;
            }
            let name = BlockName {
                mode: *mode,
                kind: kind.clone(),
                name: name.clone(),
            };
            let expansion = match self.expansion(module, &name, &block.header, world) {
                Ok(expansion) => expansion,
                Err(problem) => {
                    self.note(&problem);
                    continue;
                }
            };
            for (key, _) in &expansion.instances {
                let of = InstanceName {
                    module,
                    block: name.clone(),
                    key: key.clone(),
                };
                out.push(self.instance(&of, of_type, &block.header, world));
            }
        }
    }

    fn instance(
        &mut self,
        of: &InstanceName,
        of_type: &types::Type,
        header: &Origin,
        world: &mut World<'_>,
    ) -> Resource {
        let mut members = Vec::new();
        let mut ways = BTreeMap::new();
        for attribute in of_type.attributes {
            let name = attribute.name;
            let value = match self.argument(of, name, world) {
                Ok(None) if aws::shown(of.block.mode, &of.block.kind).contains(&name) => {
                    match self.attribute(of, name, header, world) {
                        Ok(value) => value,
                        Err(_) => continue,
                    }
                }
                Ok(None) => continue,
                Ok(Some(value)) => value,
                Err(problem) => {
                    self.note(&problem);
                    self.refused(of, name, &problem, world)
                }
            };
            let place = self.with_block(of.module, &of.block, |block| {
                let attribute = block.body.attributes.get(name)?;
                Some((attribute.name_origin.clone(), attribute.value.origin()))
            });
            let (key_origin, origin) = place
                .flatten()
                .unwrap_or_else(|| (value.origin.clone(), value.origin.clone()));
            let way: Vec<Way> = value
                .via
                .steps()
                .take(WAY)
                .map(|step| Way {
                    text: step.text.clone(),
                    origin: step.origin.clone(),
                })
                .collect();
            if !way.is_empty() {
                ways.insert(name.to_owned(), way);
            }
            let mut value = Value::from(value);
            value.origin = origin;
            if !types::is_json(name) {
                boundary::in_one_piece(&mut value);
            }
            members.push(Member {
                key: name.to_owned(),
                key_origin,
                presence: Presence::Present,
                value,
            });
        }
        let object = Object {
            members,
            open: None,
        };
        Resource {
            address: self.address(of),
            previous: None,
            mode: of.block.mode,
            whence: Whence::Sources,
            action: Action::Unplanned,
            action_reason: None,
            deposed: None,
            importing: false,
            before: None,
            after: Some(Value::new(Kind::Object(object), header.clone())),
            ways,
            origin: header.clone(),
        }
    }

    /// What stands for a value that Terraform would refuse: unknown, with the reason.
    fn refused(
        &self,
        of: &InstanceName,
        name: &str,
        problem: &Problem,
        world: &mut World<'_>,
    ) -> Typed {
        let address = self.address(of);
        let symbol = world.symbols.intern(Symbol {
            key: format!("refused:in{}:{address}.{name}", self.input),
            name: format!("{address}.{name}"),
            shape: Shape::Text,
            nature: Nature::Undocumented,
            reason: problem.message.clone(),
            supply: None,
        });
        Typed::unknown(
            symbol,
            crate::hcl::types::Type::Dynamic,
            problem.origin.clone(),
        )
    }
}

/// `outer` is the call that leads out of the user's own configuration, once there was one: its address and header.
fn calls(
    tree: &ModuleTree,
    path: &str,
    outer: Option<(&str, &Origin)>,
    left: &mut usize,
    out: &mut Document,
) {
    for (name, called) in &tree.calls {
        let Some(block) = tree.source.calls.get(name).filter(|_| *left > 0) else {
            continue;
        };
        *left -= 1;
        let dot = if path.is_empty() { "" } else { "." };
        let module = format!("{path}{dot}module.{name}");
        match called {
            Called::Missing {
                reason,
                help,
                refused,
            } => out.missing.push(MissingModule {
                refused: *refused,
                module,
                reason: reason.clone(),
                help: help.clone(),
                call: block.header.clone(),
            }),
            Called::Module { tree, remote } => {
                let own = remote.then_some((module.as_str(), &block.header));
                let outer = outer.or(own);
                if let Some((called, call)) = outer {
                    out.remote.push(RemoteModule {
                        module: module.clone(),
                        call: call.clone(),
                        called: called.to_owned(),
                        folder: tree.source.shown.clone(),
                    });
                }
                calls(tree, &module, outer, left, out);
            }
        }
    }
}

/// The type, where it is read and wanted.
pub(super) fn reads(identities: bool, mode: Mode, kind: &str) -> Option<&'static types::Type> {
    types::find(mode, kind).filter(|_| identities || !types::is_identity(kind))
}
