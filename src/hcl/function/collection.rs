//! Functions of maps and of collections of any kind.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::value::{PartKind, Presence};

/// The argument as a mapping; `None` where it is not known at all.
fn mapping(call: &Call, at: usize) -> Result<Option<&Mapping>, Problem> {
    match &call.value(at)?.data {
        Data::Mapping(it) => Ok(Some(it)),
        Data::Unknown(_, of) if !of.is_primitive() => Ok(None),
        _ => Err(call.wrong_at(at, "a map or object is required")),
    }
}

pub(super) fn length(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    let count = match &value.data {
        Data::Sequence(it) if let Some(items) = it.complete() => {
            // Items of a set that are not known may be the same.
            let set = matches!(it.kind, SequenceKind::Set(_)) && !value.is_known();
            let count = items.count();
            (!set || count < 2).then_some(count)
        }
        Data::Mapping(it) => it.complete().map(Iterator::count),
        Data::Text(it) => it.to_literal().map(|text| text.graphemes(true).count()),
        Data::Sequence(_) | Data::Unknown(..) => None,
        _ => {
            let message = "argument must be a string, a collection type, or a structural type";
            return Err(call.wrong_at(0, message));
        }
    };
    Ok(match count {
        Some(count) => {
            Typed::number(Number::from_usize(count), call.at.clone()).marked(value.sensitive)
        }
        None => call.unknown(run, Type::Number),
    })
}

fn sequence_of(call: &Call, kind: SequenceKind, items: Vec<Element>, of: &Mapping) -> Typed {
    let rest = of.rest.clone();
    Typed::new(
        Data::Sequence(Sequence { kind, items, rest }),
        call.at.clone(),
    )
}

pub(super) fn keys(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(map) = mapping(call, 0)? else {
        return Ok(call.unknown(run, Type::list(Type::String)));
    };
    let kind = match map.kind {
        MappingKind::Object => SequenceKind::Tuple,
        MappingKind::Map(_) => SequenceKind::List(Type::String),
    };
    let item = |(key, entry): (&String, &Entry)| Element {
        presence: entry.presence,
        value: Typed::string(key.clone(), entry.key_origin.clone()),
    };
    let items = map.entries.iter().map(item).collect();
    Ok(sequence_of(call, kind, items, map).marked(call.value(0)?.sensitive))
}

pub(super) fn values(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(map) = mapping(call, 0)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let kind = match &map.kind {
        MappingKind::Object => SequenceKind::Tuple,
        MappingKind::Map(of) => SequenceKind::List(of.clone()),
    };
    let item = |entry: &Entry| Element {
        presence: entry.presence,
        value: entry.value.clone(),
    };
    let items = map.entries.values().map(item).collect();
    Ok(sequence_of(call, kind, items, map).marked(call.value(0)?.sensitive))
}

/// The member of that key, or the default.
pub(super) fn lookup(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    if call.values.len() > 3 {
        return Err(call.wrong("it takes two or three arguments"));
    }
    let (value, key) = (call.value(0)?, call.value(1)?);
    let (Some(map), Some(name)) = (mapping(call, 0)?, key.as_text()) else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let sensitive = value.sensitive || key.sensitive;
    let of = match &map.kind {
        MappingKind::Map(of) => of.clone(),
        MappingKind::Object => Type::Dynamic,
    };
    match map
        .entries
        .get(&name)
        .map(|entry| (entry.presence, &entry.value))
    {
        Some((Presence::Present, found)) => Ok(found.clone().marked(sensitive)),
        None if map.rest.is_none() => match call.values.get(2) {
            Some(default) => Ok(run
                .convert(default.clone(), &of, &default.origin)?
                .marked(sensitive)),
            None => Err(call.wrong("lookup failed to find the key, and there is no default")),
        },
        _ => Ok(call.unknown(run, Type::Dynamic)),
    }
}

/// The maps laid over each other. What an unknown map is laid over may be anything.
pub(super) fn merge(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut rest = None;
    let mut types: Option<Vec<Type>> = Some(Vec::new());
    let mut sensitive = false;
    for (at, value) in call.values.iter().enumerate() {
        if value.is_null() {
            continue;
        }
        sensitive |= value.sensitive;
        let map = mapping(call, at)?;
        match (map.map(|map| &map.kind), &mut types) {
            (Some(MappingKind::Map(of)), Some(all)) => all.push(of.clone()),
            _ => types = None,
        }
        if map.is_none_or(|map| map.rest.is_some()) {
            for (key, entry) in &mut entries {
                let what = format!(".{key}");
                let all = [value, &entry.value];
                entry.value = run.derive(&what, &all, Type::Dynamic, call.at.clone());
            }
            let open = run.derived_rest("merge", &[value], value.origin.clone());
            rest.get_or_insert(open);
        }
        for (key, entry) in map.into_iter().flat_map(|map| &map.entries) {
            let mut entry = entry.clone();
            if let (Presence::Maybe(_), Some(before)) = (entry.presence, entries.get(key)) {
                let all = [&entry.value, &before.value];
                entry.value = run.derive("merge", &all, Type::Dynamic, call.at.clone());
                entry.presence = before.presence;
            }
            entries.insert(key.clone(), entry);
        }
    }
    let common = types.filter(|all| !all.is_empty());
    let kind = match common.and_then(|all| Type::unify(&all)) {
        Some(of) => MappingKind::Map(of),
        None => MappingKind::Object,
    };
    let mapping = Mapping {
        kind,
        entries,
        rest,
    };
    Ok(Typed::new(Data::Mapping(mapping), call.at.clone()).marked(sensitive))
}

pub(super) fn transpose(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let kind = Type::map(Type::list(Type::String));
    let value = run.convert(call.value(0)?.clone(), &kind, &call.at)?;
    let mut out: BTreeMap<String, Vec<Typed>> = BTreeMap::new();
    if let Data::Mapping(map) = &value.data {
        for (key, entry) in &map.entries {
            let Data::Sequence(list) = &entry.value.data else {
                return Err(call.wrong_at(0, "a map of lists of strings is required"));
            };
            for item in &list.items {
                let name = item.value.as_text();
                let name = name.ok_or_else(|| call.wrong_at(0, "an element is null"))?;
                let key = Typed::string(key.clone(), entry.key_origin.clone());
                out.entry(name).or_default().push(key);
            }
        }
    }
    let list = |(name, mut keys): (String, Vec<Typed>)| {
        keys.sort_by_key(Typed::as_text);
        let kind = SequenceKind::List(Type::String);
        (name, Typed::sequence(kind, keys, call.at.clone()))
    };
    let members = out.into_iter().map(list);
    let kind = MappingKind::Map(Type::list(Type::String));
    Ok(Typed::mapping(kind, members, call.at.clone()))
}

pub(super) fn zipmap(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (keys, values) = (call.value(0)?, call.value(1)?);
    let (Data::Sequence(names), Data::Sequence(items)) = (&keys.data, &values.data) else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let (Some(names), Some(all)) = (names.complete(), items.complete()) else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let (names, all): (Vec<_>, Vec<_>) = (names.collect(), all.collect());
    if names.len() != all.len() {
        let message = "number of keys does not match number of values";
        return Err(call.wrong(message));
    }
    let mut members = Vec::new();
    for (name, value) in names.into_iter().zip(all) {
        let Some(name) = name.as_text() else {
            return Ok(call.unknown(run, Type::Dynamic));
        };
        members.push((name, value.clone()));
    }
    let kind = match &items.kind {
        SequenceKind::Tuple => MappingKind::Object,
        SequenceKind::List(of) | SequenceKind::Set(of) => MappingKind::Map(of.clone()),
    };
    let sensitive = keys.is_sensitive() || values.sensitive;
    Ok(Typed::mapping(kind, members, call.at.clone()).marked(sensitive))
}

/// The first that is neither null nor the empty string, in the type that all have in common.
pub(super) fn coalesce(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let types: Vec<Type> = call.values.iter().map(Typed::ty).collect();
    let Some(common) = Type::unify(&types) else {
        return Err(call.wrong("all arguments must have the same type"));
    };
    for value in &call.values {
        match &value.data {
            Data::Null(_) => {}
            Data::Unknown(..) => return Ok(call.unknown(run, common)),
            Data::Text(text) if text.to_literal().is_some_and(|it| it.is_empty()) => {}
            Data::Text(text) => {
                let some =
                    |kind: &PartKind| matches!(kind, PartKind::Literal(it) if !it.is_empty());
                if !text.parts().iter().any(|part| some(&part.kind)) {
                    return Ok(call.unknown(run, common));
                }
                return run.convert(value.clone(), &common, &call.at);
            }
            _ => return run.convert(value.clone(), &common, &call.at),
        }
    }
    Err(call.wrong("no non-null, non-empty-string arguments"))
}

/// The first list that is not empty.
pub(super) fn coalescelist(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    for (at, value) in call.values.iter().enumerate() {
        match &value.data {
            Data::Null(_) => {}
            Data::Sequence(it) => {
                let sure = |item: &Element| item.presence == Presence::Present;
                if it.items.iter().any(sure) {
                    return Ok(value.clone());
                }
                if it.rest.is_some() || !it.items.is_empty() {
                    return Ok(call.unknown(run, Type::Dynamic));
                }
            }
            Data::Unknown(..) => return Ok(call.unknown(run, Type::Dynamic)),
            _ => return Err(call.wrong_at(at, "a list or tuple is required")),
        }
    }
    Err(call.wrong("no non-null, non-empty arguments"))
}
