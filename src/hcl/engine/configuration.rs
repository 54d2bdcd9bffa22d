//! The configuration as a plan would show it: which expression refers to what, without evaluating it.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::document::reads;
use super::provider::{Providers, bare};
use crate::hcl::scope::World;
use crate::hcl::syntax::{Block, Body, Called, Expr, ModuleTree};
use crate::input::{Call, ConfigResource, Expression, Module};
use crate::source::SourceMap;
use crate::value::Value;

/// A module and what it calls. `path` is its path without instance keys, `left` how many modules there may be yet.
pub(super) fn module(
    tree: &ModuleTree,
    providers: &Rc<Providers>,
    path: &str,
    identities: bool,
    left: &mut usize,
    world: &World<'_>,
) -> Module {
    let source = &tree.source;
    let resources = source.resources.iter();
    let resources =
        resources.filter(|((mode, kind, _), _)| reads(identities, *mode, kind).is_some());
    let resources = resources.map(|((mode, kind, name), block)| {
        let named = block.body.get("provider").and_then(Expr::reference);
        let named = named.unwrap_or_else(|| "aws".to_owned());
        ConfigResource {
            mode: *mode,
            kind: kind.clone(),
            name: name.clone(),
            provider: Some(providers.find(&named)),
            expressions: expressions(&block.body),
            count: block.body.get("count").map(expression),
            for_each: block.body.get("for_each").map(expression),
            depends_on: depends_on(&block.body, world.sources),
        }
    });
    let mut out = Module {
        resources: resources.collect(),
        ..Module::default()
    };
    for (name, block) in &source.outputs {
        if let Some(value) = block.body.get("value") {
            out.outputs.insert(name.clone(), expression(value));
        }
    }
    for (name, local) in &source.locals {
        out.locals.insert(name.clone(), expression(&local.value));
    }
    for (name, block) in &source.variables {
        let default = block.body.get("default").and_then(Expr::literal);
        let default = default.map(|text| Value {
            sensitive: hides(block, world),
            ..Value::text(text, block.header.clone())
        });
        out.variables.insert(name.clone(), default);
    }
    for (name, block) in &source.calls {
        let Some(Called::Module { tree, .. }) = tree.calls.get(name).filter(|_| *left > 0) else {
            continue;
        };
        *left -= 1;
        let inside = bare(path, name);
        let providers = providers.of_child(&inside, &block.body, &tree.source, world.sources);
        let module = module(tree, &Rc::new(providers), &inside, identities, left, world);
        let mut call = call(block, module, world);
        for (variable, declared) in &tree.source.variables {
            if let Some(Expression::Constant(value)) = call.expressions.get_mut(variable) {
                value.sensitive |= hides(declared, world);
            }
        }
        out.calls.insert(name.clone(), call);
    }
    out
}

/// True where a variable may be sensitive: nothing is evaluated here.
fn hides(variable: &Block, world: &World<'_>) -> bool {
    let written = |it: &Expr| world.sources.location(it.origin().span()).text;
    let marks = ["sensitive", "ephemeral"];
    let marks = marks.iter().filter_map(|it| variable.body.get(it));
    marks.map(written).any(|it| it.trim() != "false")
}

fn call(block: &Block, module: Module, world: &World<'_>) -> Call {
    let own = |name: &str| {
        !matches!(
            name,
            "source" | "version" | "providers" | "count" | "for_each" | "depends_on"
        )
    };
    let inputs = block.body.attributes.iter();
    let inputs = inputs.filter(|(name, _)| own(name));
    Call {
        source: block
            .body
            .get("source")
            .and_then(Expr::literal)
            .unwrap_or_default(),
        expressions: inputs
            .map(|(name, it)| (name.clone(), expression(&it.value)))
            .collect(),
        count: block.body.get("count").map(expression),
        for_each: block.body.get("for_each").map(expression),
        depends_on: depends_on(&block.body, world.sources),
        module,
    }
}

fn depends_on(body: &Body, sources: &SourceMap) -> Vec<String> {
    let items = body.get("depends_on").map(|it| it.items(sources));
    items
        .unwrap_or_default()
        .iter()
        .filter_map(Expr::reference)
        .collect()
}

/// The arguments of a body, nested blocks included; `dynamic` ones are left out, as in a plan.
fn expressions(body: &Body) -> BTreeMap<String, Expression> {
    let mut out = BTreeMap::new();
    for (name, attribute) in &body.attributes {
        out.insert(name.clone(), expression(&attribute.value));
    }
    for block in &body.blocks {
        if block.kind == "dynamic" {
            continue;
        }
        let nested = out
            .entry(block.kind.clone())
            .or_insert_with(|| Expression::Blocks(Vec::new()));
        if let Expression::Blocks(blocks) = nested {
            blocks.push(expressions(&block.body));
        }
    }
    out
}

fn expression(written: &Expr) -> Expression {
    if let Some(text) = written.literal() {
        return Expression::Constant(Value::text(text, written.origin()));
    }
    let references = written.references();
    if references.is_empty() {
        Expression::Opaque
    } else {
        Expression::References(references)
    }
}
