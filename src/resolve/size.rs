//! A policy's text as Terraform sends it: how long it is, and whether two say the same.

use std::collections::BTreeMap;

use crate::value::{Item, Kind, Member, PartKind, Presence, Text, Value};

/// The bytes of a value as JSON without white space, as the AWS provider normalizes a policy before it sends it. What is not known, or
/// perhaps not there, counts as nothing, and of two equal keys the last one counts.
pub(super) fn least(value: &Value) -> usize {
    match &value.kind {
        Kind::Null => 4,
        Kind::Bool(it) => {
            if *it {
                4
            } else {
                5
            }
        }
        Kind::Number(it) => it.len(),
        Kind::Text(it) => 2 + text(it),
        Kind::Unknown(_) => 0,
        Kind::List(list) => {
            let there = |it: &&Item| it.presence == Presence::Present;
            let items = list.items.iter().filter(there);
            joined(items.map(|it| least(&it.value)))
        }
        Kind::Object(object) => {
            let counts = |at: usize, it: &Member| {
                let mut later = object.members.iter().skip(at + 1);
                it.presence == Presence::Present && !later.any(|other| other.key == it.key)
            };
            let members = object.members.iter().enumerate();
            let members = members.filter(|(at, it)| counts(*at, it));
            joined(members.map(|(_, it)| 3 + escaped(&it.key) + least(&it.value)))
        }
    }
}

/// What a policy says, so that two of equal texts say the same: without the order of members and items, and with one item for a list of it.
/// None where not all is known; a symbol equals itself.
pub(super) fn meaning(value: &Value) -> Option<String> {
    Some(match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(it) => format!("{:?}", it.to_string()),
        Kind::Number(it) => format!("{it:?}"),
        Kind::Unknown(_) => return None,
        Kind::Text(text) => {
            let mut known = String::new();
            for part in text.parts() {
                match &part.kind {
                    PartKind::Literal(text) => known.push_str(text),
                    PartKind::Symbol(symbol) => {
                        known.extend(["\u{0}", &format!("{symbol:?}"), "\u{0}"]);
                    }
                    PartKind::Hole(_) => return None,
                }
            }
            format!("{known:?}")
        }
        Kind::List(list) => {
            let there = |it: &Item| it.presence == Presence::Present;
            if list.open.is_some() || !list.items.iter().all(there) {
                return None;
            }
            let items: Option<Vec<String>> =
                list.items.iter().map(|it| meaning(&it.value)).collect();
            let mut items = items?;
            items.sort();
            items.dedup();
            match items.as_slice() {
                [only] => only.clone(),
                _ => format!("[{}]", items.join(",")),
            }
        }
        Kind::Object(object) => {
            let there = |it: &Member| it.presence == Presence::Present;
            if object.open.is_some() || !object.members.iter().all(there) {
                return None;
            }
            // The last of equal keys counts.
            let mut members: BTreeMap<&str, String> = BTreeMap::new();
            for member in &object.members {
                members.insert(&member.key, meaning(&member.value)?);
            }
            let members = members
                .iter()
                .map(|(key, value)| format!("{key:?}:{value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    })
}

/// Brackets, and a comma between any two.
fn joined(parts: impl Iterator<Item = usize>) -> usize {
    let (count, bytes) = parts.fold((0_usize, 0_usize), |(count, bytes), it| {
        (count + 1, bytes.saturating_add(it))
    });
    bytes.saturating_add(2 + count.saturating_sub(1))
}

fn text(text: &Text) -> usize {
    let parts = text.parts().iter().map(|part| match &part.kind {
        PartKind::Literal(text) => escaped(text),
        PartKind::Symbol(_) | PartKind::Hole(_) => 0,
    });
    parts.fold(0, usize::saturating_add)
}

fn escaped(text: &str) -> usize {
    let more = text
        .bytes()
        .filter(|it| matches!(it, b'"' | b'\\' | b'\n' | b'\r' | b'\t'));
    text.len() + more.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Origin, Span};
    use crate::value::{List, Object};

    fn value(kind: Kind) -> Value {
        Value::new(kind, Origin::new(Span { start: 0, end: 0 }))
    }

    fn known(text: &str) -> Value {
        Value::text(text, Origin::new(Span { start: 0, end: 0 }))
    }

    #[test]
    fn it_is_counted_as_json_without_white_space() {
        let item = |value| Item {
            presence: Presence::Present,
            value,
        };
        let list = value(Kind::List(List {
            items: vec![item(known("é\"")), item(value(Kind::Bool(true)))],
            open: None,
        }));
        // `["é\"",true]`
        assert_eq!(least(&list), 13);
        let member = |key: &str, value| Member {
            key: key.to_owned(),
            key_origin: Origin::new(Span { start: 0, end: 0 }),
            presence: Presence::Present,
            value,
        };
        let object = value(Kind::Object(Object {
            members: vec![
                member("a", known("lost")),
                member("a", known("kept")),
                member("b", list),
            ],
            open: None,
        }));
        // `{"a":"kept","b":["é\"",true]}`
        assert_eq!(least(&object), 30);
    }
}
