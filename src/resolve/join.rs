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
        let places = written_at(&resource.address);
        if let Some(own) = places.iter().find_map(|it| by_address.get(it)) {
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

/// Keys of one address that may be unknown in the sources, at most: each of them doubles what is looked for.
const UNKNOWN_KEYS: usize = 6;

/// Where the sources may speak of an instance: at its own address, or at one that stands for all instances of unknown number. What knows
/// more comes first.
fn written_at(address: &Address) -> Vec<Address> {
    let mut all = vec![address.clone()];
    let places = (0..=address.module.len()).rev();
    let keyed = places.filter(|at| key(&mut address.clone(), *at).is_some());
    for at in keyed.take(UNKNOWN_KEYS) {
        let mut unknown = all.clone();
        for key in unknown.iter_mut().filter_map(|it| key(it, at)) {
            *key = Key::Unknown;
        }
        all.extend(unknown);
    }
    all
}

/// The key of a module, or that of the resource behind the last one.
fn key(address: &mut Address, at: usize) -> Option<&mut Key> {
    match address.module.get_mut(at) {
        Some(step) => step.key.as_mut(),
        None => address.key.as_mut(),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::input::{Action, Mode, Whence};
    use crate::source::{Origin, Span};
    use crate::value::Object;

    /// An address in which `"?"` is a key that is not known.
    fn address(text: &str) -> Address {
        let mut address = Address::parse(text).unwrap();
        for at in 0..=address.module.len() {
            if let Some(key) =
                key(&mut address, at).filter(|key| **key == Key::Name("?".to_owned()))
            {
                *key = Key::Unknown;
            }
        }
        address
    }

    fn resource(text: &str, start: u32, deposed: Option<&str>) -> Resource {
        let origin = Origin::new(Span { start, end: start });
        Resource {
            address: address(text),
            previous: None,
            mode: Mode::Managed,
            whence: Whence::Sources,
            action: Action::NoOp,
            action_reason: None,
            deposed: deposed.map(str::to_owned),
            importing: false,
            before: None,
            after: Some(Value::new(Kind::Object(Object::default()), origin.clone())),
            ways: BTreeMap::new(),
            origin,
        }
    }

    /// Which of these places in the sources an instance of the plan comes to stand at.
    fn place(planned: &str, deposed: Option<&str>, written: &[&str]) -> Option<usize> {
        let places = written.iter().zip(1..);
        let mut sources = Document::of_sources();
        sources.resources = places.map(|(text, at)| resource(text, at, None)).collect();
        let mut plan = Document::of_sources();
        plan.resources = vec![resource(planned, 0, deposed)];
        join(&mut plan, &sources, &SourceMap::new(), &mut Symbols::new());
        let start = plan.resources.first().unwrap().origin.span().start;
        (start as usize).checked_sub(1)
    }

    #[test]
    fn an_instance_stands_where_the_sources_know_most_of_it() {
        let key = "module.a[\"x\"].aws_kms_key.k[0]";
        let any = "module.a[\"?\"].aws_kms_key.k[\"?\"]";
        let (any_key, any_module) = (
            "module.a[\"x\"].aws_kms_key.k[\"?\"]",
            "module.a[\"?\"].aws_kms_key.k[0]",
        );
        for (planned, written, expected) in [
            (key, &[any, any_module, any_key, key][..], Some(3)),
            (key, &[any, any_module, any_key], Some(2)),
            (key, &[any, any_module], Some(1)),
            (key, &[any], Some(0)),
            (key, &["module.a[\"y\"].aws_kms_key.k[\"?\"]"], None),
            (key, &["module.a[\"x\"].aws_kms_key.k"], None),
            (key, &["module.a.aws_kms_key.k[\"?\"]"], None),
            (key, &["aws_kms_key.k[\"?\"]"], None),
            ("aws_kms_key.k[0]", &["aws_kms_key.k[\"?\"]"], Some(0)),
            ("aws_kms_key.k", &["aws_kms_key.k[\"?\"]"], None),
            ("aws_kms_key.k", &["aws_kms_key.k"], Some(0)),
        ] {
            assert_eq!(
                place(planned, None, written),
                expected,
                "{planned} {written:?}"
            );
        }
        // What was left behind of an earlier replacement is not what the sources speak of.
        assert_eq!(place(key, Some("0123abcd"), &[key]), None);
    }

    #[test]
    fn of_many_keys_not_all_are_taken_for_unknown() {
        let keys = |count| -> usize {
            let modules = "module.m[0].".repeat(count);
            written_at(&address(&format!("{modules}aws_kms_key.k[0]"))).len()
        };
        assert_eq!([0, 4, 5, 6, 50].map(keys), [2, 32, 64, 64, 64]);
    }
}
