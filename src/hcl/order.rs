//! The order of the items of a set, which is also in which they are the same.

use std::cmp::Ordering;
use std::fmt::Write;

use super::typed::{Data, Element, Typed};
use crate::value::{PartKind, Presence};

/// The items in Terraform's order, each once. Items that are not known stay where they are told apart by their names.
pub(super) fn set(mut items: Vec<Element>) -> Vec<Element> {
    items.sort_by(|a, b| compare(&a.value, &b.value));
    items.dedup_by(|next, kept| {
        let same = compare(&next.value, &kept.value) == Ordering::Equal;
        if same && next.presence == Presence::Present {
            kept.presence = Presence::Present;
        }
        same
    });
    items
}

/// cty orders primitives by their values and all else by a text that is the same for the same values.
fn compare(a: &Typed, b: &Typed) -> Ordering {
    match (&a.data, &b.data) {
        (Data::Number(a), Data::Number(b)) => a.cmp(b),
        (Data::Bool(a), Data::Bool(b)) => a.cmp(b),
        (Data::Text(x), Data::Text(y)) => match (x.to_literal(), y.to_literal()) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => hashed(a).cmp(&hashed(b)),
        },
        _ => rank(a)
            .cmp(&rank(b))
            .then_with(|| hashed(a).cmp(&hashed(b))),
    }
}

/// Nulls and what is not known come last.
fn rank(value: &Typed) -> u8 {
    match &value.data {
        Data::Null(_) => 2,
        Data::Unknown(..) => 1,
        _ => 0,
    }
}

/// cty's `makeSetHashBytes`.
fn hashed(value: &Typed) -> String {
    let mut out = String::new();
    hash(value, &mut out);
    out
}

fn hash(value: &Typed, out: &mut String) {
    match &value.data {
        Data::Null(_) => out.push('~'),
        Data::Unknown(id, _) => {
            let _ = write!(out, "?{id:?}");
        }
        Data::Bool(it) => out.push(if *it { 'T' } else { 'F' }),
        Data::Number(it) => {
            let _ = write!(out, "{it}");
        }
        Data::Text(it) => {
            out.push('"');
            for part in it.parts() {
                let _ = match &part.kind {
                    PartKind::Literal(text) => write!(out, "{}", text.escape_debug()),
                    PartKind::Symbol(id) => write!(out, "\"?{id:?}\""),
                    PartKind::Hole(reason) => write!(out, "\"?{reason}\""),
                };
            }
            out.push('"');
        }
        Data::Sequence(it) => {
            out.push('[');
            for item in &it.items {
                hash(&item.value, out);
                out.push(';');
            }
            out.push(']');
        }
        Data::Mapping(it) => {
            out.push('{');
            for (key, entry) in &it.entries {
                let _ = write!(out, "{key:?}:");
                hash(&entry.value, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}
