//! Steps into values: attributes and indexes.

use std::borrow::Cow;

use super::Run;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Mapping, MappingKind, Sequence, SequenceKind, Typed};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::Presence;

type Step<'v> = Result<Cow<'v, Typed>, Problem>;

impl Run<'_, '_> {
    /// `.name`
    pub(super) fn attribute<'v>(
        &mut self,
        value: Cow<'v, Typed>,
        name: &str,
        at: &Origin,
    ) -> Step<'v> {
        match &value.data {
            Data::Null(_) => {
                let message = format!(
                    "this value is null, so it does not have any attributes such as `{name}`"
                );
                Err(Problem::new(message, at))
            }
            Data::Unknown(..) => Ok(Cow::Owned(self.unknown_member(&value, name, at)?)),
            Data::Mapping(_) => self.member(value, name, at),
            Data::Sequence(_) => {
                let message = format!(
                    "this value is a list, set or tuple, which has no attribute `{name}`; an index such as `[0]` or a splat `[*]` comes first"
                );
                Err(Problem::new(message, at))
            }
            _ => {
                let message = format!(
                    "can't access attributes on a primitive-typed value ({})",
                    value.ty()
                );
                Err(Problem::new(message, at))
            }
        }
    }

    /// `[key]`
    pub(in crate::hcl) fn index<'v>(
        &mut self,
        value: Cow<'v, Typed>,
        key: &Typed,
        at: &Origin,
    ) -> Step<'v> {
        if value.is_null() || key.is_null() {
            let what = if key.is_null() { "index" } else { "value" };
            let message = format!("the {what} is null, so there is no element to get");
            return Err(Problem::new(message, at));
        }
        let found = match &value.data {
            Data::Mapping(mapping) => match self.string_of(key, &key.origin)? {
                // What is not known would be called by the key.
                Some(name)
                    if key.is_sensitive()
                        && mapping.rest.is_some()
                        && !mapping.entries.contains_key(&name) =>
                {
                    Ok(Cow::Owned(self.element_unknown(&value, key, at)))
                }
                Some(name) => self.member(value, &name, at).map_err(|problem| {
                    if key.is_sensitive() {
                        return Problem::new("there is no element with this sensitive key", at);
                    }
                    problem
                }),
                None => Ok(Cow::Owned(self.element_unknown(&value, key, at))),
            },
            Data::Sequence(sequence) => match &sequence.kind {
                SequenceKind::Set(_) => {
                    let message = "elements of a set are identified only by their value and don't have any separate index or key; `tolist` makes a list of it, `one` takes its only element";
                    Err(Problem::new(message, at))
                }
                _ => self.item(value, key, at),
            },
            Data::Unknown(..) => match known_key(key).filter(|_| !key.is_sensitive()) {
                Some(step) => Ok(Cow::Owned(self.unknown_member(&value, &step, at)?)),
                None => Ok(Cow::Owned(self.element_unknown(&value, key, at))),
            },
            _ => {
                let message = format!("this value has no indices: it is a {}", value.ty());
                Err(Problem::new(message, at))
            }
        }?;
        if key.is_sensitive() && !found.is_sensitive() {
            return Ok(Cow::Owned(found.into_owned().marked(true)));
        }
        Ok(found)
    }

    fn element_unknown(&mut self, value: &Typed, key: &Typed, at: &Origin) -> Typed {
        let kind = match &value.data {
            Data::Sequence(Sequence {
                kind: SequenceKind::List(of),
                ..
            })
            | Data::Mapping(Mapping {
                kind: MappingKind::Map(of),
                ..
            }) => of.clone(),
            _ => Type::Dynamic,
        };
        self.derive("index", &[key, value], kind, at.clone())
    }

    /// A member of something of which only the name is known: `step` is an attribute's name or an index in brackets.
    fn unknown_member(&mut self, whole: &Typed, step: &str, at: &Origin) -> Result<Typed, Problem> {
        if let Some(mut known) = self.scope.member(whole, step, at, self.world)? {
            if whole.sensitive {
                known = known.marked(true);
            }
            return Ok(known);
        }
        // The member's name holds the whole's.
        if let Data::Unknown(symbol, _) = whole.data {
            let name = self.world.symbols.get(symbol).name.len();
            self.spend_size(name, at)?;
        }
        let kind = match whole.ty() {
            Type::Object(members) => members.get(step).cloned().unwrap_or(Type::Dynamic),
            Type::Map(of) | Type::List(of) => *of,
            _ => Type::Dynamic,
        };
        let what = if step.starts_with('[') {
            format!(".{step}").replacen(".[", "[", 1)
        } else {
            format!(".{step}")
        };
        let mut member = self.derive(&what, &[whole], kind, at.clone());
        member.via = whole.via.clone();
        Ok(member)
    }

    fn member<'v>(&mut self, value: Cow<'v, Typed>, name: &str, at: &Origin) -> Step<'v> {
        let Data::Mapping(mapping) = &value.data else {
            return Ok(value);
        };
        match mapping.entries.get(name).map(|entry| entry.presence) {
            Some(Presence::Present) => return Ok(entry_of(value, name)),
            Some(Presence::Maybe(_)) => self.doubts += 1,
            None if mapping.rest.is_some() => {}
            _ => {
                let message = match mapping.kind {
                    MappingKind::Object => {
                        format!("this object does not have an attribute named `{name}`")
                    }
                    MappingKind::Map(_) => {
                        format!("this map does not have an element with the key `{name}`")
                    }
                };
                return Err(Problem::new(message, at));
            }
        }
        // It may be missing, which is an error for Terraform: where there is a value, it is this one.
        if mapping.entries.contains_key(name) {
            return Ok(entry_of(value, name));
        }
        let whole = value.into_owned();
        Ok(Cow::Owned(self.derive(
            &format!(".{name}"),
            &[&whole],
            Type::Dynamic,
            at.clone(),
        )))
    }

    fn item<'v>(&mut self, value: Cow<'v, Typed>, key: &Typed, at: &Origin) -> Step<'v> {
        let number = self.number_of(key, &key.origin)?;
        let Data::Sequence(sequence) = &value.data else {
            return Ok(value);
        };
        let Some(number) = number else {
            return Ok(Cow::Owned(self.element_unknown(&value, key, at)));
        };
        let Some(index) = number.to_usize() else {
            let message = "invalid index: a whole number that is not negative is required";
            return Err(Problem::new(message, at));
        };
        let sure = |at: &crate::hcl::typed::Element| at.presence == Presence::Present;
        let known = sequence.items.iter().take_while(|item| sure(item)).count();
        if index < known {
            return Ok(match value {
                Cow::Borrowed(Typed {
                    data: Data::Sequence(it),
                    ..
                }) if let Some(item) = it.items.get(index) => Cow::Borrowed(&item.value),
                other => item_of(other, index),
            });
        }
        if sequence.rest.is_none() && known == sequence.items.len() {
            let message = "invalid index: the given index is greater than or equal to the length of the collection";
            return Err(Problem::new(message, at));
        }
        // It may be missing, which is an error for Terraform: where there is a value, it is this one.
        if sequence.rest.is_none() && index == known && index + 1 == sequence.items.len() {
            self.doubts += 1;
            return Ok(item_of(Cow::Owned(value.into_owned()), index));
        }
        Ok(Cow::Owned(self.element_unknown(&value, key, at)))
    }
}

/// An index as it is written in a reference: `["a"]`, `[0]`.
fn known_key(key: &Typed) -> Option<String> {
    match &key.data {
        Data::Number(number) => Some(format!("[{number}]")),
        Data::Text(text) => Some(format!("[{:?}]", text.to_literal()?)),
        _ => None,
    }
}

/// The member of a mapping that has it.
fn entry_of<'v>(value: Cow<'v, Typed>, name: &str) -> Cow<'v, Typed> {
    match value {
        Cow::Borrowed(Typed {
            data: Data::Mapping(it),
            ..
        }) if let Some(entry) = it.entries.get(name) => Cow::Borrowed(&entry.value),
        Cow::Owned(mut owned) => match &mut owned.data {
            Data::Mapping(it) => match it.entries.remove(name) {
                Some(entry) => Cow::Owned(entry.value),
                None => Cow::Owned(owned),
            },
            _ => Cow::Owned(owned),
        },
        other @ Cow::Borrowed(_) => other,
    }
}

fn item_of(value: Cow<'_, Typed>, index: usize) -> Cow<'_, Typed> {
    match value {
        Cow::Owned(Typed {
            data: Data::Sequence(mut it),
            ..
        }) if index < it.items.len() => Cow::Owned(it.items.swap_remove(index).value),
        other => other,
    }
}
