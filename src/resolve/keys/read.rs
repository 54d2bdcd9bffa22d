//! The text of a policy, read into its key.

use super::Builder;
use super::source::Source;
use crate::input::Lost;
use crate::model::{Key, PolicyState};
use crate::policy::{self, Duplicates, IssueKind, PolicyKind};
use crate::resolve::{Tables, size};
use crate::source::parse_json;
use crate::value::json::{self, TextError};
use crate::value::{Item, Kind, Member, Presence, Value};

impl Builder<'_, '_> {
    /// Reads what sets the policy into the key; the value that was read, where there is one.
    pub(super) fn read(
        &self,
        source: Source,
        key: &mut Key,
        tables: &mut Tables<'_>,
    ) -> Option<Value> {
        let read = match source {
            Source::Unknown(reason) => {
                key.state = PolicyState::Unknown(reason);
                None
            }
            Source::Default => {
                self.read_default(key, tables);
                None
            }
            Source::Document(value) => {
                key.sensitive = value.sensitive;
                Self::parse(&value, key);
                Some(value)
            }
            Source::Text(value) => {
                key.sensitive = value.is_sensitive();
                self.read_text(&value, key, tables)
            }
        };
        if key.sensitive && key.state == PolicyState::Known {
            key.state = PolicyState::Sensitive;
        }
        read
    }

    pub(super) fn parse(value: &Value, key: &mut Key) {
        key.policy_bytes = size::least(value);
        if key.policy_bytes > size::MOST_READ {
            return Self::leave(key.policy_bytes, value, key);
        }
        let (policy, issues) = policy::parse(value, PolicyKind::Key, Duplicates::Last);
        if issues
            .iter()
            .any(|issue| issue.kind == IssueKind::DuplicateKey)
        {
            key.policy_first = Some(policy::parse(value, PolicyKind::Key, Duplicates::First).0);
        }
        key.state = if policy.rejected {
            PolicyState::Invalid
        } else if holds_unknown(value) {
            PolicyState::Partial
        } else {
            PolicyState::Known
        };
        key.policy = Some(policy);
        key.issues = issues;
    }

    /// Leaves a policy alone that is so large that AWS refuses it, whatever it says.
    fn leave(bytes: usize, value: &Value, key: &mut Key) {
        key.policy_bytes = bytes;
        key.state = PolicyState::Invalid;
        key.broken = Some(size::too_large(bytes, value.span()));
    }

    /// Reads JSON: the text of a file, or one of pieces with symbols in it.
    pub(super) fn read_text(
        &self,
        value: &Value,
        key: &mut Key,
        tables: &mut Tables<'_>,
    ) -> Option<Value> {
        let bytes = value.to_text().map_or(0, |text| size::of_text(&text));
        if bytes > size::MOST_READ {
            Self::leave(bytes, value, key);
            return None;
        }
        match read_json(value, tables) {
            Ok(mut value) => {
                let input = self.inputs.loaded.get(self.at.input);
                let lost = input.map_or(&[][..], |it| it.document.lost.as_slice());
                if !lost.is_empty() {
                    restore(&mut value, lost);
                }
                Self::parse(&value, key);
                Some(value)
            }
            Err(TextError::Invalid(error)) => {
                key.state = PolicyState::Invalid;
                key.broken = Some(error);
                None
            }
            Err(TextError::Unknown { at, reason, symbol }) => {
                key.state = PolicyState::Unknown(reason.clone());
                key.unread = Some(policy::Blocker { symbol, reason, at });
                None
            }
        }
    }
}

/// Reads a JSON document that an attribute holds.
pub(in crate::resolve) fn read_json(
    value: &Value,
    tables: &mut Tables<'_>,
) -> Result<Value, TextError> {
    let file = tables.sources.file_of(value.origin.span());
    // A plan's policy is a file of its own.
    let pieces = value
        .to_text()
        .filter(|text| text.as_literal() != Some(&*tables.sources.text(file)));
    match pieces {
        Some(text) => json::read(&text, &value.origin, tables.sources, tables.symbols),
        None => parse_json(tables.sources, file)
            .map(|node| Value::from_json(&node))
            .map_err(TextError::Invalid),
    }
}

fn holds_unknown(value: &Value) -> bool {
    match &value.kind {
        Kind::Unknown(_) => true,
        Kind::Text(text) => text.to_literal().is_none(),
        Kind::List(list) => {
            let unsure = |it: &Item| it.presence != Presence::Present || holds_unknown(&it.value);
            list.open.is_some() || list.items.iter().any(unsure)
        }
        Kind::Object(object) => {
            let unsure = |it: &Member| it.presence != Presence::Present || holds_unknown(&it.value);
            object.open.is_some() || object.members.iter().any(unsure)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
    }
}

/// Puts back what Terraform drops of an object that names a key twice, before the one that counts.
fn restore(value: &mut Value, lost: &[Lost]) {
    let span = value.span();
    match &mut value.kind {
        Kind::List(items) => items
            .items
            .iter_mut()
            .for_each(|it| restore(&mut it.value, lost)),
        Kind::Object(object) => {
            for it in &mut object.members {
                restore(&mut it.value, lost);
            }
            let dropped = lost.iter().filter(|it| it.object.span() == span).rev();
            for it in dropped {
                let place = object
                    .members
                    .iter()
                    .position(|member| member.key == it.key);
                let member = Member {
                    key: it.key.clone(),
                    key_origin: it.key_origin.clone(),
                    presence: Presence::Present,
                    value: it.value.clone(),
                };
                // Each instance of the block lost it once.
                let is_same = |member: &Member| member.key_origin.span() == it.key_origin.span();
                if !object.members.iter().any(is_same) {
                    object.members.insert(place.unwrap_or(0), member);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::source::{Origin, SourceMap, Span};
    use crate::value::{List, Nature, Object, Open, Shape, Symbol, Symbols, Text};

    fn json(text: &str) -> Value {
        let mut map = SourceMap::new();
        let file = map.add("value", text).unwrap();
        Value::from_json(&parse_json(&map, file).unwrap())
    }

    fn value(kind: Kind) -> Value {
        Value::new(kind, Origin::new(Span { start: 0, end: 0 }))
    }

    #[test]
    fn a_value_is_known_where_each_part_of_it_is_known_and_surely_there() {
        let origin = Origin::new(Span { start: 0, end: 0 });
        let symbol =
            Symbols::new().intern(Symbol::for_test("x", Shape::Text, Nature::Undocumented));
        let open = || {
            Some(Open {
                symbol,
                origin: origin.clone(),
            })
        };
        let list = |presence, item: Value, open| {
            let items = vec![Item {
                presence,
                value: item,
            }];
            value(Kind::List(List { items, open }))
        };
        let object = |presence, member: Value, open| {
            let members = vec![Member {
                key: "a".to_owned(),
                key_origin: origin.clone(),
                presence,
                value: member,
            }];
            value(Kind::Object(Object { members, open }))
        };
        let (there, perhaps) = (Presence::Present, Presence::Maybe(symbol));
        let unknown = || value(Kind::Unknown(symbol));
        for (value, expected) in [
            (json(r#"{"a":["b",1,true,null,{}]}"#), false),
            (unknown(), true),
            (
                value(Kind::Text(Text::symbol(symbol, origin.clone()))),
                true,
            ),
            (list(there, json("1"), None), false),
            (list(there, unknown(), None), true),
            (list(perhaps, json("1"), None), true),
            (list(there, json("1"), open()), true),
            (object(there, json("1"), None), false),
            (object(there, unknown(), None), true),
            (object(perhaps, json("1"), None), true),
            (object(there, json("1"), open()), true),
            (object(there, list(there, unknown(), None), None), true),
        ] {
            assert_eq!(holds_unknown(&value), expected);
        }
    }
}
