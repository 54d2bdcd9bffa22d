//! Override files: <https://developer.hashicorp.com/terraform/language/files/override>.

use std::collections::BTreeSet;

use crate::hcl::syntax::{Block, Body};

/// Lays one body over another: each attribute replaces the one of its name, and nested blocks of a type all those of that type. The
/// attributes of `lifecycle` are laid over each on its own.
pub(super) fn body(base: &mut Body, over: Body) {
    for (name, attribute) in over.attributes {
        // In JSON a nested block is an attribute.
        base.blocks.retain(|block| nested_type(block) != name);
        base.attributes.insert(name, attribute);
    }
    let replaced: BTreeSet<String> = over
        .blocks
        .iter()
        .map(|block| nested_type(block).to_owned())
        .filter(|kind| kind != "lifecycle")
        .collect();
    base.blocks
        .retain(|block| !replaced.contains(nested_type(block)));
    base.attributes.retain(|name, _| !replaced.contains(name));
    for block in over.blocks {
        let lifecycle = base
            .blocks
            .iter_mut()
            .find(|it| it.kind == "lifecycle" && block.kind == "lifecycle");
        match lifecycle {
            Some(existing) => existing
                .body
                .attributes
                .extend(block.body.into_body().attributes),
            None => base.blocks.push(block),
        }
    }
}

/// The type of nested blocks that a block gives: that of a `dynamic` block is its label.
fn nested_type(block: &Block) -> &str {
    match (block.kind.as_str(), block.labels.first()) {
        ("dynamic", Some(label)) => label,
        (kind, _) => kind,
    }
}

/// Lays a `terraform` block over those that there are: `required_providers` by its entries, all else as in any body.
pub(super) fn settings(base: &mut Vec<Block>, mut over: Block) {
    let mut rest = Vec::new();
    for block in std::mem::take(&mut over.body.blocks) {
        if block.kind != "required_providers" {
            rest.push(block);
            continue;
        }
        for (name, attribute) in block.body.attributes.clone() {
            let holder = base
                .iter_mut()
                .flat_map(|it| it.body.blocks.iter_mut())
                .filter(|it| it.kind == "required_providers")
                .find(|it| it.body.attributes.contains_key(&name));
            if let Some(holder) = holder {
                holder.body.attributes.insert(name, attribute);
            } else {
                let mut alone = block.clone();
                alone.body.attributes = [(name, attribute)].into();
                rest.push(alone);
            }
        }
    }
    over.body.blocks = rest;
    base.push(over);
}
