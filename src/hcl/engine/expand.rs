//! `count` and `for_each`: which instances a block has, and what each is called.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{BlockName, Children, Engine, Handle, InstanceName, Module};
use crate::address::{Key, Step};
use crate::hcl::expr::{Frames, first_symbol};
use crate::hcl::number::Number;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::{Block, Body, Called};
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::input::Mode;
use crate::source::Origin;
use crate::value::{Nature, Presence, Shape, Symbol, SymbolId};

/// What `each` and `count` stand for in a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Each {
    /// `each.key`
    pub(super) key: Option<Typed>,
    /// `each.value`
    pub(super) value: Option<Typed>,
    /// `count.index`
    pub(super) index: Option<Typed>,
}

/// Which of the three ways a block is repeated in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Not at all.
    Once,
    /// By `count`.
    Count,
    /// By `for_each`.
    ForEach,
}

/// The instances of a block.
#[derive(Debug)]
pub(super) struct Expansion {
    pub(super) repeat: Repeat,
    pub(super) instances: Vec<(Option<Key>, Rc<Each>)>,
    /// The place of each key in `instances`.
    places: BTreeMap<Option<Key>, usize>,
    /// True where there may be others, or none: the last instance then stands for all of them.
    pub(super) open: bool,
}

impl Expansion {
    /// The instance of a key; the one that stands for all where there may be such a one.
    pub(super) fn find(&self, key: Option<&Key>) -> Option<usize> {
        let same = self.places.get(&key.cloned()).copied();
        same.or_else(|| self.open.then(|| self.instances.len().checked_sub(1))?)
    }
}

impl Engine<'_> {
    /// The instances of a resource or data block.
    pub(super) fn expansion(
        &mut self,
        module: usize,
        name: &BlockName,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Rc<Expansion>, Problem> {
        if let Some(known) = self.module(module).and_then(|it| it.resources.get(name)) {
            return Ok(Rc::clone(known));
        }
        let tree = self.tree(module);
        let block = tree.as_deref().and_then(|tree| name.block(tree));
        let Some(Block { body, .. }) = block else {
            let data = if name.mode == Mode::Data { "data." } else { "" };
            let message = format!(
                "this module declares no `{data}{}.{}`",
                name.kind, name.name
            );
            return Err(Problem::new(message, at));
        };
        let of = InstanceName {
            module,
            block: name.clone(),
            key: None,
        };
        let address = self.address(&of);
        let planned = self.known.as_ref().map(|known| {
            let all = known.resources.keys();
            let same =
                all.filter(|it| it.module == address.module && it.block() == address.block());
            same.filter_map(|it| it.key.clone()).collect::<Vec<Key>>()
        });
        let expansion = self.repeat(module, body, &address.to_string(), planned, world)?;
        let expansion = Rc::new(expansion);
        if let Some(it) = self.modules.get_mut(module) {
            it.resources.insert(name.clone(), Rc::clone(&expansion));
        }
        Ok(expansion)
    }

    /// The instances of a module call, made where they were not.
    pub(super) fn children(
        &mut self,
        module: usize,
        name: &str,
        world: &mut World<'_>,
    ) -> Result<Option<Rc<Children>>, Problem> {
        if let Some(known) = self.module(module).and_then(|it| it.children.get(name)) {
            return Ok(Some(Rc::clone(known)));
        }
        let Some(caller) = self.tree(module) else {
            return Ok(None);
        };
        let (Some(Called::Module { tree, .. }), Some(Block { body, .. })) =
            (caller.calls.get(name), caller.source.calls.get(name))
        else {
            return Ok(None);
        };
        let outer = self.path(module).to_vec();
        let planned = self.known.as_ref().map(|known| {
            let inside = known.resources.keys().filter_map(|it| {
                let step = it.module.get(outer.len())?;
                (it.module.starts_with(&outer) && step.name == name).then(|| step.key.clone())?
            });
            let mut keys: Vec<Key> = inside.collect();
            keys.sort();
            keys.dedup();
            keys
        });
        let label = format!("{}module.{name}", self.prefix(module));
        let expansion = Rc::new(self.repeat(module, body, &label, planned, world)?);
        let providers = self.child_providers(module, name, body, &tree.source, world);
        let mut modules = Vec::new();
        for (key, each) in &expansion.instances {
            let mut path = outer.clone();
            path.push(Step {
                name: name.to_owned(),
                key: key.clone(),
            });
            modules.push(self.modules.len());
            self.modules.push(Module {
                path,
                tree: std::sync::Arc::clone(tree),
                parent: Some((module, name.to_owned())),
                each: Rc::clone(each),
                providers: Rc::clone(&providers),
                children: BTreeMap::new(),
                resources: BTreeMap::new(),
            });
        }
        let children = Rc::new(Children { expansion, modules });
        if let Some(it) = self.modules.get_mut(module) {
            it.children.insert(name.to_owned(), Rc::clone(&children));
        }
        Ok(Some(children))
    }

    /// The instances that `count` or `for_each` of a block makes. `planned` are the keys that a plan holds.
    ///
    /// Where Terraform would refuse the number, the block is still looked at, as one of any number: what is not there passes every check.
    fn repeat(
        &mut self,
        module: usize,
        body: &Body,
        label: &str,
        planned: Option<Vec<Key>>,
        world: &mut World<'_>,
    ) -> Result<Expansion, Problem> {
        let mut expansion = Expansion {
            repeat: Repeat::Once,
            instances: Vec::new(),
            places: BTreeMap::new(),
            open: false,
        };
        if let Some(count) = body.attributes.get("count") {
            expansion.repeat = Repeat::Count;
            let made = self
                .evaluate(module, &Rc::default(), &count.value, world)
                .and_then(|value| {
                    self.count(&value, label, planned.as_deref(), &mut expansion, world)
                });
            if let Err(problem) = made {
                self.note(&problem);
                let any = self.loop_symbol(label, "count", Shape::Number, None, world);
                let any = Typed::unknown(any, Type::Number, problem.origin);
                expansion.instances.clear();
                self.count(&any, label, planned.as_deref(), &mut expansion, world)?;
            }
        } else if let Some(for_each) = body.attributes.get("for_each") {
            expansion.repeat = Repeat::ForEach;
            let made = self
                .evaluate(module, &Rc::default(), &for_each.value, world)
                .and_then(|value| {
                    self.for_each(&value, label, planned.clone(), &mut expansion, world)
                });
            if let Err(problem) = made {
                self.note(&problem);
                let any = self.loop_symbol(label, "for_each", Shape::Text, None, world);
                let any = Typed::unknown(any, Type::Dynamic, problem.origin);
                expansion.instances.clear();
                self.for_each(&any, label, planned, &mut expansion, world)?;
            }
        } else {
            expansion.instances.push((None, Rc::default()));
        }
        super::spend(expansion.instances.len(), &body.origin, world)?;
        for (place, (key, _)) in expansion.instances.iter().enumerate() {
            expansion.places.entry(key.clone()).or_insert(place);
        }
        Ok(expansion)
    }

    fn count(
        &mut self,
        value: &Typed,
        label: &str,
        planned: Option<&[Key]>,
        out: &mut Expansion,
        world: &mut World<'_>,
    ) -> Result<(), Problem> {
        let at = &value.origin;
        // How many there are would tell of it.
        if value.is_sensitive() {
            let message = "the `count` value is sensitive, which Terraform refuses";
            return Err(Problem::new(message, at));
        }
        let number = match &value.data {
            Data::Null(_) => return Err(Problem::new("the `count` value is null", at)),
            Data::Number(number) => Some(number.clone()),
            Data::Text(text) => match text.to_literal() {
                Some(text) => match Number::parse(&text) {
                    Some(number) => Some(number),
                    None => return Err(Problem::new("the `count` value is no number", at)),
                },
                None => None,
            },
            Data::Unknown(..) => None,
            _ => return Err(Problem::new("the `count` value is no number", at)),
        };
        let index = |number: Typed, key: Key| {
            let each = Each {
                index: Some(number),
                ..Each::default()
            };
            (Some(key), Rc::new(each))
        };
        let Some(number) = number else {
            for key in planned.unwrap_or_default() {
                if let Key::Index(at_index) = key {
                    let place = usize::try_from(*at_index).unwrap_or(usize::MAX);
                    let number = Typed::number(Number::from_usize(place), at.clone());
                    out.instances.push(index(number, Key::Index(*at_index)));
                }
            }
            if planned.is_none() {
                let symbol = self.loop_symbol(
                    label,
                    "count.index",
                    Shape::Number,
                    first_symbol(value),
                    world,
                );
                let number = Typed::unknown(symbol, Type::Number, at.clone());
                out.instances.push(index(number, Key::Unknown));
                out.open = true;
            }
            return Ok(());
        };
        let Some(count) = number.to_usize() else {
            let message = "the `count` value is no whole number that is not negative";
            return Err(Problem::new(message, at));
        };
        if count > world.instances_left() {
            return Err(super::too_many(count, at, world));
        }
        for place in 0..count {
            let number = Typed::number(Number::from_usize(place), at.clone());
            out.instances.push(index(number, Key::Index(place as u64)));
        }
        Ok(())
    }

    fn for_each(
        &mut self,
        value: &Typed,
        label: &str,
        planned: Option<Vec<Key>>,
        out: &mut Expansion,
        world: &mut World<'_>,
    ) -> Result<(), Problem> {
        let at = &value.origin;
        let one = |key: Typed, name: String, value: Typed| {
            let each = Each {
                key: Some(key),
                value: Some(value),
                index: None,
            };
            (Some(Key::Name(name)), Rc::new(each))
        };
        let is_set = matches!(&value.data, Data::Sequence(_));
        // Addresses would show its keys. Sensitive values of a map are no keys.
        if value.sensitive || is_set && value.is_sensitive() {
            let message = "the `for_each` value has sensitive keys, which Terraform refuses";
            return Err(Problem::new(message, at));
        }
        let mut open;
        match &value.data {
            Data::Null(_) => return Err(Problem::new("the `for_each` value is null", at)),
            Data::Mapping(it) => {
                open = it.rest.is_some();
                for (key, entry) in &it.entries {
                    let name = Typed::string(key.clone(), entry.key_origin.clone());
                    out.instances
                        .push(one(name, key.clone(), entry.value.clone()));
                }
            }
            Data::Sequence(
                it @ Sequence {
                    kind: SequenceKind::Set(_),
                    ..
                },
            ) => {
                open = it.rest.is_some();
                for item in &it.items {
                    match item.value.as_text() {
                        Some(text) => {
                            let key = item.value.clone();
                            out.instances.push(one(key.clone(), text, key));
                        }
                        None => open = true,
                    }
                }
            }
            Data::Unknown(_, Type::Dynamic | Type::Set(_) | Type::Map(_) | Type::Object(_)) => {
                open = true;
            }
            _ => {
                let message = "the `for_each` value must be a map, or a set of strings; `toset` makes a set of a list";
                return Err(Problem::new(message, at));
            }
        }
        if !open {
            return Ok(());
        }
        if let Some(planned) = planned {
            let known: BTreeSet<Option<Key>> =
                out.instances.iter().map(|(own, _)| own.clone()).collect();
            for key in planned {
                if known.contains(&Some(key.clone())) {
                    continue;
                }
                let Key::Name(name) = key else { continue };
                let symbol = self.loop_symbol(
                    &format!("{label}[{name:?}]"),
                    "each.value",
                    Shape::Text,
                    first_symbol(value),
                    world,
                );
                let value = Typed::unknown(symbol, Type::Dynamic, at.clone());
                out.instances
                    .push(one(Typed::string(name.clone(), at.clone()), name, value));
            }
            return Ok(());
        }
        let key = self.loop_symbol(label, "each.key", Shape::Text, first_symbol(value), world);
        let item = self.loop_symbol(label, "each.value", Shape::Text, first_symbol(value), world);
        let each = Each {
            key: Some(Typed::unknown(key, Type::String, at.clone())),
            value: Some(Typed::unknown(item, Type::Dynamic, at.clone())),
            index: None,
        };
        out.instances.push((Some(Key::Unknown), Rc::new(each)));
        out.open = true;
        Ok(())
    }

    /// What differs from instance to instance of a block. `cause` is what the instances hang on.
    fn loop_symbol(
        &self,
        label: &str,
        name: &str,
        shape: Shape,
        cause: Option<SymbolId>,
        world: &mut World<'_>,
    ) -> SymbolId {
        let cause = cause.map(|id| world.symbols.get(id).clone());
        let (reason, supply) = match cause {
            Some(it) => {
                let reason = format!(
                    "which instances there are hangs on `{}`: {}",
                    it.name, it.reason
                );
                (reason, it.supply)
            }
            None => ("which instances there are is not known".to_owned(), None),
        };
        world.symbols.intern(Symbol {
            key: format!("in{}:{label}:{name}", self.input),
            name: format!("{label}: {name}"),
            shape,
            nature: Nature::Undocumented,
            reason,
            supply,
        })
    }

    /// All instances of a block as one value: the one itself, a tuple, or an object. `whole` gives the value of each.
    pub(super) fn together(
        &mut self,
        expansion: &Expansion,
        label: &str,
        open: Handle,
        values: Vec<Typed>,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Typed {
        match expansion.repeat {
            Repeat::Once => values
                .into_iter()
                .next()
                .unwrap_or_else(|| Typed::null(at.clone())),
            Repeat::Count => {
                let last = values.len().saturating_sub(1);
                let maybe =
                    Presence::Maybe(self.loop_symbol(label, "count", Shape::Presence, None, world));
                let items = values
                    .into_iter()
                    .enumerate()
                    .map(|(index, value)| Element {
                        presence: if expansion.open && index == last {
                            maybe
                        } else {
                            Presence::Present
                        },
                        value,
                    });
                let sequence = Sequence {
                    kind: SequenceKind::Tuple,
                    items: items.collect(),
                    rest: None,
                };
                Typed::new(Data::Sequence(sequence), at.clone())
            }
            Repeat::ForEach if expansion.open => self.handle(label.to_owned(), open, at, world),
            Repeat::ForEach => {
                let keys = expansion.instances.iter().map(|(key, each)| (key, each));
                let entries = keys.zip(values).filter_map(|((key, each), value)| {
                    let Some(Key::Name(name)) = key else {
                        return None;
                    };
                    let origin = each.key.as_ref().map(|key| key.origin.clone());
                    let entry = Entry {
                        key_origin: origin.unwrap_or_else(|| at.clone()),
                        presence: Presence::Present,
                        value,
                    };
                    Some((name.clone(), entry))
                });
                let mapping = Mapping {
                    kind: MappingKind::Object,
                    entries: entries.collect(),
                    rest: None,
                };
                Typed::new(Data::Mapping(mapping), at.clone())
            }
        }
    }

    /// The value of an expression of a module, or of a block of it.
    pub(super) fn evaluate(
        &mut self,
        module: usize,
        each: &Rc<Each>,
        expression: &crate::hcl::syntax::Expr,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        self.evaluate_in(module, each, &Frames::new(), expression, world)
    }
}

/// The block of a `dynamic` that names what it repeats.
pub(super) fn dynamic_of<'b>(block: &'b Block, name: &str) -> Option<&'b Block> {
    (block.kind == "dynamic" && block.labels.first().is_some_and(|label| label == name))
        .then_some(block)
}
