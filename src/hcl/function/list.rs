//! Functions of lists.

use std::borrow::Cow;

use super::Call;
use crate::hcl::expr::{Outcome, Run, equal};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Element, Sequence, SequenceKind, Typed};
use crate::hcl::types::Type;
use crate::value::Presence;

/// The argument as a sequence; `None` where it is not known at all.
fn sequence(call: &Call, at: usize) -> Result<Option<&Sequence>, Problem> {
    let value = call.value(at)?;
    match &value.data {
        Data::Sequence(it) => Ok(Some(it)),
        Data::Unknown(_, of) if !of.is_primitive() => Ok(None),
        _ => Err(call.wrong_at(at, "a list, set or tuple is required")),
    }
}

/// A sequence like another one with other items.
fn like(
    value: &Typed,
    kind: SequenceKind,
    items: Vec<Element>,
    rest: Option<crate::value::Open>,
) -> Typed {
    let data = Data::Sequence(Sequence { kind, items, rest });
    Typed {
        data,
        ..value.clone()
    }
}

/// The lists one after the other; of a list of which nothing is known follows a rest.
pub(super) fn concat(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (mut items, mut rest) = (Vec::new(), None);
    let mut of: Option<Vec<Type>> = Some(Vec::new());
    let mut sensitive = false;
    for (at, value) in call.values.iter().enumerate() {
        sensitive |= value.sensitive;
        if let Some(it) = sequence(call, at)? {
            match (&it.kind, &mut of) {
                (SequenceKind::List(kind), Some(all)) => all.push(kind.clone()),
                _ => of = None,
            }
            rest = run.either_rest(rest, it.rest.as_ref());
            items.extend(it.items.iter().cloned());
        } else {
            of = None;
            let open = run.derived_rest("concat", &[value], value.origin.clone());
            rest = run.either_rest(rest, Some(&open));
        }
    }
    let common = of.as_deref().and_then(Type::unify);
    let kind = match &common {
        Some(of) => SequenceKind::List(of.clone()),
        None => SequenceKind::Tuple,
    };
    if let Some(of) = common {
        for item in &mut items {
            item.value = run.convert(item.value.clone(), &of, &call.at)?;
        }
    }
    let data = Data::Sequence(Sequence { kind, items, rest });
    Ok(Typed::new(data, call.at.clone()).marked(sensitive))
}

/// The items of lists in lists, at any depth.
pub(super) fn flatten(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(start) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let mut rest = start.rest.clone();
    let mut items = Vec::new();
    let mut open: Vec<(Cow<'_, Element>, bool)> = Vec::new();
    open.extend(
        start
            .items
            .iter()
            .rev()
            .map(|item| (Cow::Borrowed(item), false)),
    );
    while let Some((item, maybe)) = open.pop() {
        run.spend(1, &call.at)?;
        let uncertain = maybe || item.presence != Presence::Present;
        match &item.value.data {
            Data::Sequence(it) => {
                rest = run.either_rest(rest, it.rest.as_ref());
                for inner in it.items.iter().rev() {
                    let mut inner = inner.clone();
                    if inner.presence == Presence::Present {
                        inner.presence = item.presence;
                    }
                    inner.value = inner.value.marked(item.value.sensitive);
                    open.push((Cow::Owned(inner), uncertain));
                }
            }
            // It may be a list itself.
            Data::Unknown(_, of) if !of.is_primitive() => {
                let value = &item.value;
                let after = run.derived_rest("flatten", &[value], value.origin.clone());
                rest = run.either_rest(rest, Some(&after));
            }
            _ => items.push(item.into_owned()),
        }
    }
    let value = call.value(0)?;
    Ok(like(value, SequenceKind::Tuple, items, rest))
}

/// The truth of all items, as far as it is known.
fn fold(run: &mut Run<'_, '_>, call: &Call, decides: bool) -> Outcome {
    let Some(list) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::Bool));
    };
    let sensitive = call.values.iter().any(Typed::is_sensitive);
    let mut sure = list.rest.is_none();
    for item in &list.items {
        if item.value.is_null() && !decides {
            return Ok(call.bool(false).marked(sensitive));
        }
        if item.value.is_null() {
            continue;
        }
        let known = run.condition(&item.value, &item.value.origin)?;
        match (known, item.presence) {
            (Some(it), Presence::Present) if it == decides => {
                return Ok(call.bool(decides).marked(sensitive));
            }
            (Some(it), _) if it != decides => {}
            _ => sure = false,
        }
    }
    if sure {
        return Ok(call.bool(!decides).marked(sensitive));
    }
    Ok(call.unknown(run, Type::Bool))
}

pub(super) fn alltrue(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    fold(run, call, false)
}

pub(super) fn anytrue(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    fold(run, call, true)
}

/// The strings that are neither null nor empty.
pub(super) fn compact(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(list) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::list(Type::String)));
    };
    let mut items = Vec::new();
    for item in &list.items {
        let mut item = item.clone();
        match &item.value.data {
            Data::Null(_) => continue,
            Data::Text(text) if text.to_literal().is_some_and(|it| it.is_empty()) => continue,
            Data::Unknown(..) if item.presence == Presence::Present => {
                item.presence = run.derived_presence("compact", &[&item.value]);
            }
            _ => {}
        }
        items.push(item);
    }
    let kind = SequenceKind::List(Type::String);
    Ok(like(call.value(0)?, kind, items, list.rest.clone()))
}

pub(super) fn contains(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(list) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::Bool));
    };
    let wanted = call.value(1)?;
    let sensitive = call.values.iter().any(Typed::is_sensitive);
    let mut sure = list.rest.is_none();
    for item in &list.items {
        match (equal(&item.value, wanted), item.presence) {
            (Some(true), Presence::Present) => return Ok(call.bool(true).marked(sensitive)),
            (Some(false), _) => {}
            _ => sure = false,
        }
    }
    if sure {
        return Ok(call.bool(false).marked(sensitive));
    }
    Ok(call.unknown(run, Type::Bool))
}

/// The item at an index that wraps around.
pub(super) fn element(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(list) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    if matches!(list.kind, SequenceKind::Set(_)) {
        return Err(call.wrong_at(0, "a set has no order; `tolist` makes a list of it"));
    }
    let (Some(items), true) = (list.complete(), call.value(1)?.is_known()) else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let items: Vec<&Typed> = items.collect();
    let index = usize::try_from(call.integer(1)?);
    let index = index.map_err(|_| call.wrong_at(1, "the index must not be negative"))?;
    let wrapped = index.checked_rem(items.len());
    let item = wrapped.and_then(|at| items.get(at));
    let item = item.ok_or_else(|| call.wrong("cannot use element function with an empty list"))?;
    Ok((*item).clone().marked(call.value(0)?.sensitive))
}

pub(super) fn index(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let wanted = call.value(1)?;
    let items = call.items(0)?;
    let at = items
        .iter()
        .position(|item| equal(item, wanted) == Some(true));
    let at = at.ok_or_else(|| call.wrong("item not found"))?;
    Ok(Typed::number(Number::from_usize(at), call.at.clone()))
}

/// The only item, or null.
pub(super) fn one(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    let Some(list) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let Some(items) = list.complete() else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let items: Vec<&Typed> = items.collect();
    match items.as_slice() {
        [] => Ok(Typed::null(call.at.clone()).marked(value.sensitive)),
        [only] => Ok((*only).clone().marked(value.sensitive)),
        _ => {
            let message = "must be a list, set, or tuple value with either zero or one elements";
            Err(call.wrong_at(0, message))
        }
    }
}

pub(super) fn reverse(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    let Some(list) = sequence(call, 0)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    if list.rest.is_some() {
        return Ok(call.unknown(run, Type::Dynamic));
    }
    let kind = match &list.kind {
        SequenceKind::Set(of) => SequenceKind::List(of.clone()),
        other => other.clone(),
    };
    Ok(like(
        value,
        kind,
        list.items.iter().rev().cloned().collect(),
        None,
    ))
}

/// A list of clones of known items.
fn made<'t>(call: &Call, of: Type, items: impl IntoIterator<Item = &'t Typed>) -> Typed {
    let items = items.into_iter().cloned();
    Typed::sequence(SequenceKind::List(of), items, call.at.clone())
}

/// The type of the items of a list that was converted to one.
pub(super) fn item_type(value: &Typed) -> Type {
    match value.ty() {
        Type::List(of) | Type::Set(of) => *of,
        Type::Tuple(of) => Type::unify(&of).unwrap_or(Type::Dynamic),
        _ => Type::Dynamic,
    }
}

pub(super) fn chunklist(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let size = usize::try_from(call.integer(1)?);
    let size = size.map_err(|_| call.wrong_at(1, "the size argument must be positive"))?;
    let of = item_type(call.value(0)?);
    let items = call.items(0)?;
    let size = if size == 0 { items.len().max(1) } else { size };
    let chunks = items.chunks(size);
    let chunks: Vec<Typed> = chunks
        .map(|chunk| made(call, of.clone(), chunk.iter().copied()))
        .collect();
    let kind = SequenceKind::List(Type::list(of));
    Ok(Typed::sequence(kind, chunks, call.at.clone()))
}

pub(super) fn distinct(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let mut kept: Vec<&Typed> = Vec::new();
    for item in call.items(0)? {
        run.spend(kept.len(), &call.at)?;
        if !kept.iter().any(|before| equal(before, item) == Some(true)) {
            kept.push(item);
        }
    }
    Ok(made(call, item_type(call.value(0)?), kept))
}

pub(super) fn matchkeys(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (values, keys, wanted) = (call.items(0)?, call.items(1)?, call.items(2)?);
    if values.len() != keys.len() {
        return Err(call.wrong("length of keys and values should be equal"));
    }
    let found = |key: &Typed| wanted.iter().any(|it| equal(it, key) == Some(true));
    let pairs = values.into_iter().zip(keys);
    let kept = pairs.filter(|(_, key)| found(key)).map(|(value, _)| value);
    Ok(made(call, item_type(call.value(0)?), kept))
}

pub(super) fn slice(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    let (Data::Sequence(list), items) = (&value.data, call.items(0)?) else {
        return Err(call.wrong_at(0, "a list or tuple is required"));
    };
    if matches!(list.kind, SequenceKind::Set(_)) {
        return Err(call.wrong_at(
            0,
            "cannot slice a set, because its elements do not have indices",
        ));
    }
    let bound = |at: usize| {
        usize::try_from(call.integer(at)?).map_err(|_| call.wrong_at(at, "it must not be negative"))
    };
    let range = bound(1)?..bound(2)?;
    let message = "start index must not be greater than the end index, nor the end index than the length of the list";
    let kept = items.get(range).ok_or_else(|| call.wrong(message))?;
    let kept = kept.iter().map(|item| (*item).clone());
    Ok(Typed::sequence(list.kind.clone(), kept, call.at.clone()))
}

pub(super) fn sort(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    if call.items(0)?.iter().any(|item| item.is_null()) {
        return Err(call.wrong_at(
            0,
            "given list element is null; a null string cannot be sorted",
        ));
    }
    let mut items = call.items(0)?;
    items.sort_by_key(|item| item.as_text());
    Ok(made(call, Type::String, items))
}
