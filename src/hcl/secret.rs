//! Where a configuration writes out what must not be shown.

use std::collections::BTreeSet;

use super::scope::World;
use super::syntax::{Block, Body, Called, Expr, ModuleSource, ModuleTree};
use super::variable::Variable;
use crate::source::Span;

/// The places of the defaults of sensitive variables, of what calls of modules give for them, and of what `sensitive` is called with.
pub(super) fn spans(tree: &ModuleTree, world: &mut World<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = vec![tree];
    while let Some(tree) = next.pop() {
        let source = &tree.source;
        if !seen.insert(&source.dir) {
            continue;
        }
        if source.may_hide {
            own(source, world, &mut found);
        }
        for (name, called) in &tree.calls {
            if let (Called::Module { tree, .. }, Some(block)) = (called, source.calls.get(name)) {
                if tree.source.may_hide {
                    given(block, tree, world, &mut found);
                }
                next.push(tree);
            }
        }
    }
    found
}

/// What a module writes out itself.
fn own(source: &ModuleSource, world: &mut World<'_>, found: &mut Vec<Span>) {
    for (name, block) in &source.variables {
        let (variable, _) = Variable::declare(name, block, world);
        found.extend(variable.secret_spans());
    }
    let blocks = source.resources.values().chain(source.outputs.values());
    let blocks = blocks.chain(source.calls.values()).chain(&source.providers);
    let blocks = blocks.chain(&source.others);
    for block in blocks.filter(|it| it.body.may_hold("sensitive")) {
        body(&block.body, world, found);
    }
    for local in source.locals.values() {
        found.extend(local.value.secret_spans(world.sources));
    }
}

fn body(of: &Body, world: &World<'_>, found: &mut Vec<Span>) {
    for attribute in of.attributes.values() {
        found.extend(attribute.value.secret_spans(world.sources));
    }
    for block in &of.blocks {
        body(&block.body, world, found);
    }
}

/// What a call writes out for the sensitive variables of a module.
fn given(call: &Block, module: &ModuleTree, world: &mut World<'_>, found: &mut Vec<Span>) {
    for (name, attribute) in &call.body.attributes {
        let Some(block) = module.source.variables.get(name) else {
            continue;
        };
        let (variable, _) = Variable::declare(name, block, world);
        if variable.is_hidden() && Expr::reference(&attribute.value).is_none() {
            found.push(attribute.value.origin().span());
        }
    }
}
