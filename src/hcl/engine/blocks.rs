//! Nested blocks as values: a list of objects, with `dynamic` blocks unrolled.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::expand::{Each, dynamic_of};
use super::{Engine, spend};
use crate::hcl::expr::Frames;
use crate::hcl::number::Number;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::{Block, Body};
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::{Nature, Presence, Shape, Symbol};

/// Blocks inside each other deeper than this are given up.
const DEPTH: usize = 32;

/// Where a body stands, and the loops around it.
#[derive(Clone)]
pub(super) struct Around {
    pub(super) module: usize,
    pub(super) each: Rc<Each>,
    pub(super) frames: Frames,
    pub(super) depth: usize,
}

/// What a body's blocks of one name come to.
struct Collected {
    items: Vec<Element>,
}

impl Engine<'_> {
    /// The value of an argument: of the attribute, or of the nested blocks of that name; none where there is neither.
    pub(super) fn setting(
        &mut self,
        body: &Body,
        name: &str,
        around: &Around,
        world: &mut World<'_>,
    ) -> Result<Option<Typed>, Problem> {
        if let Some(attribute) = body.attributes.get(name) {
            let (module, each) = (around.module, &around.each);
            let value = self.evaluate_in(module, each, &around.frames, &attribute.value, world)?;
            let is_blocks = name_of_blocks(name);
            return Ok(Some(if is_blocks { as_blocks(value) } else { value }));
        }
        let of_name = |block: &&Block| block.kind == name || dynamic_of(block, name).is_some();
        let blocks: Vec<&Block> = body.blocks.iter().filter(of_name).collect();
        let Some(first) = blocks.first() else {
            return Ok(None);
        };
        let at = first.header.clone();
        let mut all = Collected { items: Vec::new() };
        for block in blocks {
            if block.kind == name {
                let value = self.object(&block.body, &block.header, around, world)?;
                all.items.push(Element::from(value));
            } else {
                self.dynamic(block, name, around, &mut all, world)?;
            }
        }
        let sequence = Sequence {
            kind: SequenceKind::Tuple,
            items: all.items,
            rest: None,
        };
        Ok(Some(Typed::new(Data::Sequence(sequence), at)))
    }

    /// A body as an object: attributes and nested blocks.
    fn object(
        &mut self,
        body: &Body,
        at: &Origin,
        around: &Around,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        if around.depth > DEPTH {
            return Err(Problem::new("blocks are nested too deeply", at));
        }
        let around = Around {
            depth: around.depth + 1,
            ..around.clone()
        };
        let mut entries = BTreeMap::new();
        for (name, attribute) in &body.attributes {
            if let Some(value) = self.setting(body, name, &around, world)? {
                let entry = Entry {
                    key_origin: attribute.name_origin.clone(),
                    presence: Presence::Present,
                    value,
                };
                entries.insert(name.clone(), entry);
            }
        }
        for block in &body.blocks {
            let name = match block.labels.first() {
                Some(label) if block.kind == "dynamic" => label,
                _ => &block.kind,
            };
            if entries.contains_key(name) {
                continue;
            }
            if let Some(value) = self.setting(body, name, &around, world)? {
                let entry = Entry {
                    key_origin: block.header.clone(),
                    presence: Presence::Present,
                    value,
                };
                entries.insert(name.clone(), entry);
            }
        }
        let mapping = Mapping {
            kind: MappingKind::Object,
            entries,
            rest: None,
        };
        Ok(Typed::new(Data::Mapping(mapping), at.clone()))
    }

    /// The blocks that a `dynamic` makes.
    fn dynamic(
        &mut self,
        block: &Block,
        name: &str,
        around: &Around,
        all: &mut Collected,
        world: &mut World<'_>,
    ) -> Result<(), Problem> {
        let at = &block.header;
        let content = block.body.blocks.iter().find(|it| it.kind == "content");
        let (Some(for_each), Some(content)) = (block.body.attributes.get("for_each"), content)
        else {
            let message = "a `dynamic` block needs `for_each` and a `content` block";
            return Err(Problem::new(message, at));
        };
        let iterator = block.body.attributes.get("iterator");
        let iterator = iterator
            .and_then(|it| it.value.reference())
            .unwrap_or_else(|| name.to_owned());
        let (module, each) = (around.module, &around.each);
        let collection = self.evaluate_in(module, each, &around.frames, &for_each.value, world)?;
        let (rounds, open) = rounds(&collection, at)?;
        for (key, value, presence) in rounds {
            spend(1, at, world)?;
            let item = Typed::object(
                [("key".to_owned(), key), ("value".to_owned(), value)],
                at.clone(),
            );
            let mut inside = around.clone();
            inside.frames.push((iterator.clone(), Arc::new(item)));
            let value = self.object(&content.body, &content.header, &inside, world)?;
            let value = value.marked(collection.sensitive);
            all.items.push(Element { presence, value });
        }
        if open {
            self.template(block, content, &iterator, &collection, around, all, world)?;
        }
        Ok(())
    }
}

impl Engine<'_> {
    /// The block that stands for all those of which only the collection's name is known: each may be there, with values of its own.
    #[expect(clippy::too_many_arguments, reason = "all that a block is made of")]
    fn template(
        &mut self,
        block: &Block,
        content: &Block,
        iterator: &str,
        collection: &Typed,
        around: &Around,
        all: &mut Collected,
        world: &mut World<'_>,
    ) -> Result<(), Problem> {
        let at = &block.header;
        let cause = cause(collection, world);
        let supply = cause.as_ref().and_then(|it| it.supply.clone());
        let (named, reason) = cause.map_or_else(
            || {
                let name = format!("`for_each` of `dynamic \"{iterator}\"`");
                (name, "which blocks there are is not known".to_owned())
            },
            |it| (it.name, it.reason),
        );
        let mut symbol = |what: &str, name: String, shape| {
            world.symbols.intern(Symbol {
                key: format!(
                    "in{}:dynamic:{}:{named}:{what}",
                    self.input,
                    at.span().start
                ),
                name,
                shape,
                nature: Nature::Undocumented,
                reason: reason.clone(),
                supply: supply.clone(),
            })
        };
        let key = symbol("key", format!("a key of {named}"), Shape::Text);
        let value = symbol("value", format!("an item of {named}"), Shape::Text);
        let there = symbol("there", format!("{named} has items"), Shape::Presence);
        let key = Typed::unknown(key, Type::Dynamic, at.clone());
        let value = Typed::unknown(value, Type::Dynamic, at.clone());
        let item = Typed::object(
            [("key".to_owned(), key), ("value".to_owned(), value)],
            at.clone(),
        );
        let mut inside = around.clone();
        inside.frames.push((iterator.to_owned(), Arc::new(item)));
        let value = self.object(&content.body, &content.header, &inside, world)?;
        all.items.push(Element {
            presence: Presence::Maybe(there),
            value: value.marked(collection.sensitive),
        });
        Ok(())
    }
}

/// True for the nested blocks that are read, which JSON writes as an object or as a list of objects.
fn name_of_blocks(name: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "apply_server_side_encryption_by_default",
        "assume_role",
        "condition",
        "not_principals",
        "principals",
        "rule",
        "server_side_encryption_configuration",
        "statement",
    ];
    BLOCKS.contains(&name)
}

/// One object as a list of it, in nested blocks too.
fn as_blocks(mut value: Typed) -> Typed {
    match &mut value.data {
        Data::Sequence(list) => {
            for item in &mut list.items {
                inner_blocks(&mut item.value);
            }
            value
        }
        Data::Mapping(_) => {
            inner_blocks(&mut value);
            let at = value.origin.clone();
            Typed::tuple([value], at)
        }
        _ => value,
    }
}

fn inner_blocks(value: &mut Typed) {
    if let Data::Mapping(mapping) = &mut value.data {
        for (name, entry) in &mut mapping.entries {
            if name_of_blocks(name) {
                let at = entry.value.origin.clone();
                let value = std::mem::replace(&mut entry.value, Typed::null(at));
                entry.value = as_blocks(value);
            }
        }
    }
}

/// What is not known in a collection.
fn cause(collection: &Typed, world: &World<'_>) -> Option<Symbol> {
    let symbol = match &collection.data {
        Data::Unknown(symbol, _) => *symbol,
        Data::Sequence(it) => it.rest.as_ref()?.symbol,
        Data::Mapping(it) => it.rest.as_ref()?.symbol,
        _ => return None,
    };
    Some(world.symbols.get(symbol).clone())
}

/// Key, value and presence of each round.
type Rounds = Vec<(Typed, Typed, Presence)>;

/// What a `dynamic` runs over, and whether there may be more.
fn rounds(collection: &Typed, at: &Origin) -> Result<(Rounds, bool), Problem> {
    match &collection.data {
        Data::Null(_) => Err(Problem::new("`for_each` of this `dynamic` is null", at)),
        Data::Unknown(..) => Ok((Vec::new(), true)),
        Data::Sequence(it) => {
            let is_set = matches!(it.kind, SequenceKind::Set(_));
            let rounds = it.items.iter().enumerate().map(|(index, item)| {
                let key = if is_set {
                    item.value.clone()
                } else {
                    Typed::number(Number::from_usize(index), item.value.origin.clone())
                };
                (key, item.value.clone(), item.presence)
            });
            Ok((rounds.collect(), it.rest.is_some()))
        }
        Data::Mapping(it) => {
            let rounds = it.entries.iter().map(|(key, entry)| {
                let key = Typed::string(key.clone(), entry.key_origin.clone());
                (key, entry.value.clone(), entry.presence)
            });
            Ok((rounds.collect(), it.rest.is_some()))
        }
        _ => {
            let message = "`for_each` of a `dynamic` must be a list, set or map";
            Err(Problem::new(message, at))
        }
    }
}
