//! From the values of expressions to those that all of keytrail works with, and back.

use std::collections::BTreeMap;

use super::number::Number;
use super::typed::{Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed};
use super::types::Type;
use crate::value::{Item, Kind, List, Member, Object, Presence, Text, Value};

impl From<Typed> for Value {
    /// A set becomes a list in its order, a map an object. A string that is not known stays [`Kind::Unknown`]: it may be null.
    fn from(typed: Typed) -> Self {
        let kind = match typed.data {
            Data::Null(_) => Kind::Null,
            Data::Bool(it) => Kind::Bool(it),
            Data::Number(it) => Kind::Number(it.to_string()),
            Data::Text(it) => Kind::Text(it),
            Data::Unknown(symbol, _) => Kind::Unknown(symbol),
            Data::Sequence(it) => {
                let item = |item: Element| Item {
                    presence: item.presence,
                    value: item.value.into(),
                };
                Kind::List(List {
                    items: it.items.into_iter().map(item).collect(),
                    open: it.rest,
                })
            }
            Data::Mapping(it) => {
                let member = |(key, entry): (String, Entry)| Member {
                    key,
                    key_origin: entry.key_origin,
                    presence: entry.presence,
                    value: entry.value.into(),
                };
                Kind::Object(Object {
                    members: it.entries.into_iter().map(member).collect(),
                    open: it.rest,
                })
            }
        };
        Value {
            kind,
            origin: typed.origin,
            sensitive: typed.sensitive,
        }
    }
}

impl From<Value> for Typed {
    /// A list becomes a tuple; of equal keys the last one counts; a number that is none becomes its text.
    fn from(value: Value) -> Self {
        let data = match value.kind {
            Kind::Null => Data::Null(Type::Dynamic),
            Kind::Bool(it) => Data::Bool(it),
            Kind::Number(it) => match Number::parse(&it) {
                Some(number) => Data::Number(number),
                None => Typed::string(it, value.origin.clone()).data,
            },
            Kind::Text(it) => Data::Text(it),
            Kind::Unknown(symbol) => Data::Unknown(symbol, Type::Dynamic),
            Kind::List(it) => {
                let item = |item: Item| Element {
                    presence: item.presence,
                    value: item.value.into(),
                };
                Data::Sequence(Sequence {
                    kind: SequenceKind::Tuple,
                    items: it.items.into_iter().map(item).collect(),
                    rest: it.open,
                })
            }
            Kind::Object(it) => {
                let entry = |member: Member| {
                    let entry = Entry {
                        key_origin: member.key_origin,
                        presence: member.presence,
                        value: member.value.into(),
                    };
                    (member.key, entry)
                };
                Data::Mapping(Mapping {
                    kind: MappingKind::Object,
                    entries: it
                        .members
                        .into_iter()
                        .map(entry)
                        .collect::<BTreeMap<_, _>>(),
                    rest: it.open,
                })
            }
        };
        let mut typed = Typed::new(data, value.origin);
        typed.sensitive = value.sensitive;
        typed
    }
}

/// True where a part of the value is not known, or whether it is there.
pub(super) fn has_unknown(value: &Value) -> bool {
    let sure = |presence: Presence| presence == Presence::Present;
    match &value.kind {
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
        Kind::Unknown(_) => true,
        Kind::Text(text) => text.to_literal().is_none(),
        Kind::List(list) => {
            let unknown = |item: &Item| !sure(item.presence) || has_unknown(&item.value);
            list.open.is_some() || list.items.iter().any(unknown)
        }
        Kind::Object(object) => {
            let unknown = |member: &Member| !sure(member.presence) || has_unknown(&member.value);
            object.open.is_some() || object.members.iter().any(unknown)
        }
    }
}

/// Known texts as one piece each, for whoever asks for their letters and not for the places of their parts.
pub(super) fn in_one_piece(value: &mut Value) {
    match &mut value.kind {
        Kind::Text(text) if text.parts().len() > 1 => {
            if let Some(whole) = text.to_literal() {
                let sensitive = text.is_sensitive();
                *text = Text::literal(whole, value.origin.clone());
                if sensitive {
                    *text = std::mem::take(text).into_sensitive();
                }
            }
        }
        Kind::List(list) => list
            .items
            .iter_mut()
            .for_each(|it| in_one_piece(&mut it.value)),
        Kind::Object(it) => it
            .members
            .iter_mut()
            .for_each(|it| in_one_piece(&mut it.value)),
        _ => {}
    }
}
