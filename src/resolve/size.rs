//! A policy's text as Terraform sends it: how long it is, and whether two say the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{JsonError, Span};
use crate::value::{Item, Kind, Member, PartKind, Presence, Text, Value};

/// Bytes of a policy that is judged, at most: twice what AWS KMS takes for a key (AWS KMS Developer Guide, Resource quotas), and more
/// than IAM takes for anybody. It bounds the time that a hostile one can take.
pub(super) const MOST_READ: usize = 64 << 10;

/// What is said of a larger one.
pub(super) fn too_large(bytes: usize, span: Span) -> JsonError {
    JsonError {
        message: format!("it has {bytes} bytes, and more than {MOST_READ} are not read"),
        span,
    }
}

/// The bytes of a JSON text without the white space between its tokens. What is not known counts as nothing.
pub(super) fn of_text(text: &Text) -> usize {
    let (mut bytes, mut quoted, mut escaped) = (0_usize, false, false);
    for part in text.parts() {
        let PartKind::Literal(text) = &part.kind else {
            escaped = false;
            continue;
        };
        for byte in text.bytes() {
            let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            bytes += usize::from(quoted || !is_space);
            quoted ^= byte == b'"' && !escaped;
            escaped = quoted && byte == b'\\' && !escaped;
        }
    }
    bytes
}

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
            // From the end, as of equal keys the last one counts.
            let mut seen = BTreeSet::new();
            let mut sizes = Vec::with_capacity(object.members.len());
            for it in object.members.iter().rev() {
                if seen.insert(it.key.as_str()) && it.presence == Presence::Present {
                    sizes.push(3 + escaped(&it.key) + least(&it.value));
                }
            }
            joined(sizes.into_iter())
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
    #![allow(clippy::unwrap_used, reason = "tests")]

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
    fn a_text_is_counted_without_the_space_between_its_tokens() {
        let text = |text: &str| of_text(&known(text).to_text().unwrap());
        assert_eq!(text(" { \"a b\" : [ 1 ,\n\t2 ] }\r\n"), 13);
        assert_eq!(text(r#""a \" b"  "#), 8);
        assert_eq!(text(r#""a \\"  "b c""#), 11);
        assert_eq!(text(""), 0);
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

    #[test]
    fn what_is_not_all_known_has_no_meaning_to_compare() {
        let origin = || Origin::new(Span { start: 0, end: 0 });
        let symbol = crate::value::Symbols::new().intern(crate::value::Symbol::for_test(
            "x",
            crate::value::Shape::Rest,
            crate::value::Nature::Undocumented,
        ));
        let open = || {
            Some(crate::value::Open {
                symbol,
                origin: origin(),
            })
        };
        let list = |presence, value, open| {
            let items = vec![Item { presence, value }];
            self::value(Kind::List(List { items, open }))
        };
        let object = |presence, value, open| {
            let members = vec![Member {
                key: "a".to_owned(),
                key_origin: origin(),
                presence,
                value,
            }];
            self::value(Kind::Object(Object { members, open }))
        };
        let unknown = || value(Kind::Unknown(symbol));
        let (there, perhaps) = (Presence::Present, Presence::Maybe(symbol));
        for (value, known) in [
            (list(there, known("x"), None), true),
            (list(there, known("x"), open()), false),
            (list(perhaps, known("x"), None), false),
            (list(there, unknown(), None), false),
            (object(there, known("x"), None), true),
            (object(there, known("x"), open()), false),
            (object(perhaps, known("x"), None), false),
            (object(there, unknown(), None), false),
        ] {
            assert_eq!(meaning(&value).is_some(), known);
        }
        // A list of one says what its item says, in whatever order others stand.
        assert_eq!(
            meaning(&list(there, known("x"), None)),
            meaning(&known("x"))
        );
        assert_ne!(meaning(&known("x")), meaning(&known("y")));
    }
}
