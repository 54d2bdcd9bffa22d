//! A plan together with its sources: the values of the plan, at the places of the sources.
//!
//! The plan decides which instances there are. What it does not know has the sources' value; what both say alike stands where the sources
//! write it; where they differ the plan counts. A value that the plan knows tells what the symbols in the sources' value stand for.

use std::collections::BTreeMap;

use super::unify::{self, Bindings};
use crate::address::{Address, Key};
use crate::input::{Configuration, Difference, Document, Expression, Module, Resource};
use crate::source::SourceMap;
use crate::value::{Kind, Member, Symbols, Value};

/// Lays the places and the symbolic values of `written`, the sources, over `plan`, and keeps what they say differently.
pub fn join(plan: &mut Document, written: &Document, sources: &SourceMap, symbols: &mut Symbols) {
    let by_address: BTreeMap<&Address, &Resource> = written
        .resources
        .iter()
        .map(|it| (&it.address, it))
        .collect();
    let mut differences = Vec::new();
    let mut bindings = Bindings::default();
    for resource in &mut plan.resources {
        if resource.deposed.is_some() {
            continue;
        }
        let own = by_address.get(&resource.address).or_else(|| {
            let all = template(&resource.address);
            by_address.get(&all)
        });
        if let Some(own) = own {
            lay(
                resource,
                own,
                sources,
                symbols,
                &mut bindings,
                &mut differences,
            );
        }
    }
    bindings.settle(plan, symbols);
    providers(&mut plan.configuration, &written.configuration);
    locals(&mut plan.configuration.root, &written.configuration.root);
    plan.differences = differences;
    plan.unreadable.clone_from(&written.unreadable);
    plan.lost.clone_from(&written.lost);
    plan.remote.clone_from(&written.remote);
    plan.missing.clone_from(&written.missing);
}

/// The address that stands for all instances of unknown number.
fn template(address: &Address) -> Address {
    let unknown = |key: &Option<Key>| key.as_ref().map(|_| Key::Unknown);
    Address {
        module: address
            .module
            .iter()
            .map(|step| crate::address::Step {
                name: step.name.clone(),
                key: unknown(&step.key),
            })
            .collect(),
        key: unknown(&address.key),
        ..address.clone()
    }
}

/// What the sources know of a provider's arguments that the plan shows as references.
fn providers(plan: &mut Configuration, sources: &Configuration) {
    for (key, written) in &sources.providers {
        let Some(planned) = plan.providers.get_mut(key) else {
            continue;
        };
        for (name, expression) in &written.expressions {
            if let Some(Expression::References(_)) = planned.expressions.get(name) {
                planned.expressions.insert(name.clone(), expression.clone());
            }
        }
    }
}

/// A plan does not hold local values.
fn locals(plan: &mut Module, sources: &Module) {
    plan.locals.clone_from(&sources.locals);
    for (name, call) in &mut plan.calls {
        if let Some(written) = sources.calls.get(name) {
            locals(&mut call.module, &written.module);
        }
    }
}

fn lay(
    resource: &mut Resource,
    written: &Resource,
    sources: &SourceMap,
    symbols: &mut Symbols,
    bindings: &mut Bindings,
    differences: &mut Vec<Difference>,
) {
    let (Some(after), Some(source)) = (&mut resource.after, &written.after) else {
        return;
    };
    let address = resource.address.to_string();
    let (Kind::Object(after), Kind::Object(source)) = (&mut after.kind, &source.kind) else {
        return;
    };
    // A policy that the sources set to null is as good as none, which the plan alone cannot tell from one that is not known.
    if !source.members.iter().any(|it| it.key == "policy") {
        after
            .members
            .retain(|it| it.key != "policy" || !matches!(it.value.kind, Kind::Unknown(_)));
    }
    for member in &source.members {
        let Some(planned) = after
            .members
            .iter_mut()
            .rev()
            .find(|it| it.key == member.key)
        else {
            continue;
        };
        let taken = attribute(planned, member, sources, symbols, bindings);
        match taken {
            Taken::Source(value) => {
                stay(&mut resource.before, member, &planned.value, &value);
                planned.value = value;
                planned.key_origin = member.key_origin.clone();
                if let Some(way) = written.ways.get(&member.key) {
                    resource.ways.insert(member.key.clone(), way.clone());
                }
            }
            Taken::Plan => {}
            Taken::Differs => differences.push(Difference {
                address: address.clone(),
                attribute: member.key.clone(),
                // The name and not the value, which may be a long policy, or sensitive.
                origin: member.key_origin.clone(),
                planned: planned.value.origin.clone(),
            }),
        }
    }
    resource.origin = written.origin.clone();
}

/// What the plan does not change stands where the sources write it, before as after.
fn stay(before: &mut Option<Value>, written: &Member, planned: &Value, taken: &Value) {
    let Some(Kind::Object(before)) = before.as_mut().map(|before| &mut before.kind) else {
        return;
    };
    let old = before.members.iter_mut().find(|it| it.key == written.key);
    if let Some(old) = old.filter(|old| old.value == *planned) {
        old.value = taken.clone();
        old.key_origin = written.key_origin.clone();
    }
}

enum Taken {
    /// The sources' value, perhaps with its symbols filled in.
    Source(Value),
    Plan,
    Differs,
}

fn attribute(
    planned: &Member,
    written: &Member,
    sources: &SourceMap,
    symbols: &mut Symbols,
    bindings: &mut Bindings,
) -> Taken {
    let (plan, source) = (&planned.value, &written.value);
    let mark = |value: Value| {
        if plan.sensitive {
            value.into_sensitive()
        } else {
            value
        }
    };
    if matches!(plan.kind, Kind::Unknown(_)) {
        // A whole attribute of which the sources know no more keeps the plan's name for it.
        let refused = matches!(source.kind, Kind::Unknown(symbol) if symbols.get(symbol).key.starts_with("refused:"));
        return if refused {
            Taken::Plan
        } else {
            Taken::Source(mark(source.clone()))
        };
    }
    match unify::unify(plan, source, sources, symbols, bindings) {
        unify::Answer::Same(value) => Taken::Source(mark(value)),
        unify::Answer::Open => Taken::Plan,
        unify::Answer::Different => Taken::Differs,
    }
}
