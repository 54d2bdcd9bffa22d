//! The files of one folder to one module.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::merge;
use crate::hcl::read::Read;
use crate::hcl::syntax::{Block, Expr, ModuleSource, Unreadable};
use crate::input::Mode;
use crate::source::Origin;

/// Adds what a primary file says. Of two things of one name the first one stands.
pub(super) fn add(module: &mut ModuleSource, read: Read) {
    stray(module, &read);
    for block in read.body.blocks {
        let Some(block) = sound(module, block) else {
            continue;
        };
        place(module, block, Placing::First);
    }
    module.unreadable.extend(read.unreadable);
}

/// Lays an override file over what the primary files say.
pub(super) fn lay_over(module: &mut ModuleSource, read: Read) {
    stray(module, &read);
    for block in read.body.blocks {
        let Some(block) = sound(module, block) else {
            continue;
        };
        place(module, block, Placing::Over);
    }
    module.unreadable.extend(read.unreadable);
}

/// How a block comes to what is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placing {
    /// There must be none of its name.
    First,
    /// It overrides the one of its name.
    Over,
}

fn problem(message: String, origin: &Origin, help: Option<&str>) -> Unreadable {
    Unreadable {
        message,
        origin: origin.clone(),
        help: help.map(str::to_owned),
    }
}

/// An attribute has no place outside of blocks.
fn stray(module: &mut ModuleSource, read: &Read) {
    for (name, attribute) in &read.body.attributes {
        let message = format!("`{name}` is set outside of any block");
        let help = "values of variables belong into a `.tfvars` file";
        let origin = &attribute.name_origin;
        module.unreadable.push(problem(message, origin, Some(help)));
    }
}

/// The block, unless it has not the labels that its type asks for.
fn sound(module: &mut ModuleSource, block: Block) -> Option<Block> {
    let wanted = match block.kind.as_str() {
        "resource" | "data" => 2,
        "variable" | "output" | "module" | "provider" => 1,
        "locals" | "terraform" | "moved" | "import" | "removed" => 0,
        _ => return Some(block),
    };
    if block.labels.len() == wanted {
        return Some(block);
    }
    let names = [
        "no label",
        "one label, its name",
        "two labels, its type and its name",
    ];
    let wanted = names.get(wanted).copied().unwrap_or_default();
    let message = format!("a `{}` block has {wanted}", block.kind);
    let origin = &block.header;
    module.unreadable.push(problem(message, origin, None));
    None
}

fn place(module: &mut ModuleSource, block: Block, how: Placing) {
    let found = &mut module.unreadable;
    let label = |at: usize| block.labels.get(at).cloned().unwrap_or_default();
    match block.kind.as_str() {
        "resource" | "data" => {
            let mode = if block.kind == "data" {
                Mode::Data
            } else {
                Mode::Managed
            };
            let key = (mode, label(0), label(1));
            let data = if mode == Mode::Data { "data." } else { "" };
            let name = format!("`{data}{}.{}`", key.1, key.2);
            named(&mut module.resources, key, block, &name, how, found);
        }
        "variable" => {
            let name = format!("the variable `{}`", label(0));
            named(&mut module.variables, label(0), block, &name, how, found);
        }
        "output" => {
            let name = format!("the output `{}`", label(0));
            named(&mut module.outputs, label(0), block, &name, how, found);
        }
        "module" => {
            let name = format!("`module.{}`", label(0));
            named(&mut module.calls, label(0), block, &name, how, found);
        }
        "locals" => locals(module, block, how),
        "provider" => providers(module, block, how),
        "moved" => module.moved.push(block),
        "import" => module.imports.push(block),
        "removed" => module.removed.push(block),
        "terraform" if how == Placing::Over && !module.terraform.is_empty() => {
            merge::settings(&mut module.terraform, block);
        }
        "terraform" => module.terraform.push(block),
        _ => module.others.push(block),
    }
}

fn named<K: Ord>(
    all: &mut BTreeMap<K, Block>,
    key: K,
    block: Block,
    name: &str,
    how: Placing,
    found: &mut Vec<Unreadable>,
) {
    match (all.entry(key), how) {
        (Entry::Vacant(free), Placing::First) => {
            free.insert(block);
        }
        (Entry::Occupied(_), Placing::First) => {
            let message = format!("{name} is declared twice; the first one is read");
            found.push(problem(message, &block.header, Some("remove one of them")));
        }
        (Entry::Occupied(mut base), Placing::Over) => {
            merge::body(&mut base.get_mut().body, block.body.into_body());
        }
        (Entry::Vacant(_), Placing::Over) => {
            let message = format!("{name} is overridden here and declared nowhere");
            found.push(problem(message, &block.header, None));
        }
    }
}

fn locals(module: &mut ModuleSource, block: Block, how: Placing) {
    let body = block.body.into_body();
    for (name, attribute) in body.attributes {
        let exists = module.locals.contains_key(&name);
        if exists == (how == Placing::Over) {
            module.locals.insert(name, attribute);
            continue;
        }
        let (message, help) = if exists {
            let message = format!("`local.{name}` is set twice; the first one is read");
            (message, Some("remove one of them"))
        } else {
            let message = format!("`local.{name}` is overridden here and set nowhere");
            (message, None)
        };
        let origin = &attribute.name_origin;
        module.unreadable.push(problem(message, origin, help));
    }
    for inner in body.blocks {
        let message = format!("`{}` is a block; `locals` holds `name = value`", inner.kind);
        let help = format!("write `{} = {{ … }}`", inner.kind);
        let origin = &inner.header;
        module
            .unreadable
            .push(problem(message, origin, Some(&help)));
    }
}

fn providers(module: &mut ModuleSource, block: Block, how: Placing) {
    let alias = |block: &Block| block.body.get("alias").and_then(Expr::literal);
    let wanted = (block.labels.clone(), alias(&block));
    let same = module
        .providers
        .iter_mut()
        .find(|it| it.labels == wanted.0 && alias(it) == wanted.1);
    match (same, how) {
        (Some(base), Placing::Over) => merge::body(&mut base.body, block.body.into_body()),
        (Some(_), Placing::First) => {
            let message = "this provider configuration is declared twice; the first one is read";
            let help = "give one of them an `alias`";
            let origin = &block.header;
            module
                .unreadable
                .push(problem(message.to_owned(), origin, Some(help)));
        }
        // A default configuration that is not written is an empty one.
        (None, _) => module.providers.push(block),
    }
}
