//! Conversion of a value to a constraint, as cty's `convert.Convert` does it with the `any` and the optional attributes of the constraint.

use std::collections::BTreeMap;

use super::constant::Constant;
use super::constraint::{Constraint, Need, ObjectMember};
use super::fill::either;
use crate::hcl::expr::Run;
use crate::hcl::order;
use crate::hcl::scope::{Problem, World};
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::Presence;

const NO_COMMON_TYPE: &str = "all elements must have the same type";

impl Constraint {
    /// The value as one of this type: defaults put in, then converted.
    ///
    /// What is not known stays so, with the type as far as it follows; of an object that is not known the members have names of their own
    /// when they are asked for. Marks, places, and whether something is there are kept.
    ///
    /// # Errors
    /// Where the value does not suit the type, at the part that does not; and where it grows too large.
    pub fn apply(&self, value: Typed, world: &mut World<'_>) -> Result<Typed, Problem> {
        let file = world.sources.file_of(value.span());
        let mut scope = Constant;
        let mut run = Run::new(file, &mut scope, world);
        let value = self.fill(value, &mut run)?;
        self.convert(value, &mut run)
    }

    pub(super) fn convert(&self, value: Typed, run: &mut Run<'_, '_>) -> Result<Typed, Problem> {
        let at = value.origin.clone();
        run.spend(1, &at)?;
        match (self, &value.data) {
            (Constraint::Any, _) => Ok(value),
            (Constraint::Bool | Constraint::Number | Constraint::String, _)
            | (_, Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::Text(_)) => {
                run.convert(value, &self.ty(), &at)
            }
            (_, Data::Unknown(_, from)) => {
                let of = refined(from, &self.ty());
                run.convert(value, &of, &at)
            }
            (_, Data::Sequence(_)) => self.sequence(value, run),
            (_, Data::Mapping(_)) => self.mapping(value, run),
        }
    }

    fn sequence(&self, value: Typed, run: &mut Run<'_, '_>) -> Result<Typed, Problem> {
        let at = value.origin.clone();
        match self {
            Constraint::List(of) | Constraint::Set(of) if **of != Constraint::Any => {
                replaced(value, |data| {
                    let Data::Sequence(from) = data else {
                        return Ok(data);
                    };
                    of.items(from, matches!(self, Constraint::Set(_)), &at, run)
                })
            }
            Constraint::Tuple(items) => Constraint::tuple_of(items, value, run),
            _ => run.convert(value, &self.ty(), &at),
        }
    }

    /// A list or set of items that each are of this type, and all of one.
    fn items(
        &self,
        from: Sequence,
        set: bool,
        at: &Origin,
        run: &mut Run<'_, '_>,
    ) -> Result<Data, Problem> {
        let mut items = Vec::with_capacity(from.items.len());
        for item in from.items {
            let value = self.convert(item.value, run)?;
            items.push(Element { value, ..item });
        }
        let of = self.common(items.iter().map(|item| &item.value), set, at)?;
        for item in &mut items {
            take(&mut item.value, |value| run.convert(value, &of, at))?;
        }
        let kind = if set {
            items = order::set(items);
            SequenceKind::Set(of)
        } else {
            SequenceKind::List(of)
        };
        let rest = from.rest;
        Ok(Data::Sequence(Sequence { kind, items, rest }))
    }

    /// The type that values of this constraint have in common; they differ only where it says `any`, and in a set they may not.
    fn common<'v>(
        &self,
        values: impl Iterator<Item = &'v Typed>,
        set: bool,
        at: &Origin,
    ) -> Result<Type, Problem> {
        let own = self.ty();
        if !own.has_dynamic() {
            return Ok(own);
        }
        let types: Vec<Type> = values.map(Typed::ty).collect();
        if types.is_empty() {
            return Ok(own);
        }
        let common = Type::unify(&types);
        let common =
            common.filter(|it| !set || types.iter().all(|of| of == it || of.has_dynamic()));
        common.ok_or_else(|| Problem::new(NO_COMMON_TYPE, at))
    }

    fn tuple_of(
        wanted: &[Constraint],
        value: Typed,
        run: &mut Run<'_, '_>,
    ) -> Result<Typed, Problem> {
        let at = value.origin.clone();
        let of = || Type::Tuple(wanted.iter().map(Constraint::ty).collect());
        let Data::Sequence(from) = &value.data else {
            return run.convert(value, &of(), &at);
        };
        let unsure = from.kind == SequenceKind::Tuple && from.complete().is_none();
        if unsure {
            // Which item stands where depends on those that may be missing.
            let mut unknown = run.derive("totuple", &[&value], of(), at);
            unknown.via = value.via;
            return Ok(unknown);
        }
        if from.kind != SequenceKind::Tuple || from.items.len() != wanted.len() {
            let message = format!("a tuple of {} elements is required", wanted.len());
            return Err(Problem::new(message, &at));
        }
        replaced(value, |data| {
            let Data::Sequence(mut from) = data else {
                return Ok(data);
            };
            for (item, of) in from.items.iter_mut().zip(wanted) {
                take(&mut item.value, |value| of.convert(value, run))?;
            }
            Ok(Data::Sequence(from))
        })
    }

    fn mapping(&self, value: Typed, run: &mut Run<'_, '_>) -> Result<Typed, Problem> {
        let at = value.origin.clone();
        match self {
            Constraint::Map(of) if **of != Constraint::Any => replaced(value, |data| {
                let Data::Mapping(mut from) = data else {
                    return Ok(data);
                };
                for entry in from.entries.values_mut() {
                    take(&mut entry.value, |value| of.convert(value, run))?;
                }
                let common = of.common(from.entries.values().map(|it| &it.value), false, &at)?;
                for entry in from.entries.values_mut() {
                    take(&mut entry.value, |value| run.convert(value, &common, &at))?;
                }
                from.kind = MappingKind::Map(common);
                Ok(Data::Mapping(from))
            }),
            Constraint::Object(members) => object(members, value, run),
            _ => run.convert(value, &self.ty(), &at),
        }
    }
}

/// An object of the declared attributes alone.
fn object(
    members: &BTreeMap<String, ObjectMember>,
    value: Typed,
    run: &mut Run<'_, '_>,
) -> Result<Typed, Problem> {
    let at = value.origin.clone();
    let mut unsure = BTreeMap::new();
    if let Data::Mapping(from) = &value.data {
        for (name, member) in members {
            let may_be = |it: &Entry| matches!(it.presence, Presence::Maybe(_));
            if member.need != Need::Required && from.entries.get(name).is_some_and(may_be) {
                unsure.insert(name.clone(), either(&value, name, member, run));
            }
        }
    }
    let sensitive = value.sensitive;
    replaced(value, |data| {
        let Data::Mapping(mut from) = data else {
            return Ok(data);
        };
        let mut entries = BTreeMap::new();
        let mut rest = None;
        for (name, member) in members {
            let found = from.entries.remove(name);
            let found = found.filter(|it| it.presence != Presence::Absent);
            let mut entry = match (found, unsure.remove(name)) {
                (_, Some(unsure)) => Entry::from(unsure),
                (Some(entry), None) => entry,
                (None, None) if from.rest.is_some() => {
                    rest.clone_from(&from.rest);
                    continue;
                }
                (None, None) if member.need == Need::Required => {
                    let message = format!("attribute `{name}` is required");
                    return Err(Problem::new(message, &at));
                }
                (None, None) => Entry::from(Typed::null(at.clone()).marked(sensitive)),
            };
            take(&mut entry.value, |value| member.of.convert(value, run))?;
            entry.presence = Presence::Present;
            entries.insert(name.clone(), entry);
        }
        let kind = MappingKind::Object;
        Ok(Data::Mapping(Mapping {
            kind,
            entries,
            rest,
        }))
    })
}

/// The wanted type of what is not known, with what is known of its own type in the place of `any`.
fn refined(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (_, Type::Dynamic) => from.clone(),
        (Type::List(a) | Type::Set(a), Type::List(b)) => Type::list(refined(a, b)),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => Type::set(refined(a, b)),
        (Type::Map(a), Type::Map(b)) => Type::map(refined(a, b)),
        (Type::Object(a), Type::Object(b)) => {
            let member = |(name, to): (&String, &Type)| {
                let from = a.get(name);
                let of = from.map_or_else(|| to.clone(), |from| refined(from, to));
                (name.clone(), of)
            };
            Type::Object(b.iter().map(member).collect())
        }
        _ => to.clone(),
    }
}

/// The value with other data, and the same place, references and mark.
fn replaced(
    value: Typed,
    change: impl FnOnce(Data) -> Result<Data, Problem>,
) -> Result<Typed, Problem> {
    let data = change(value.data)?;
    Ok(Typed {
        data,
        origin: value.origin,
        via: value.via,
        sensitive: value.sensitive,
    })
}

/// Changes a value where it lies.
fn take(
    place: &mut Typed,
    change: impl FnOnce(Typed) -> Result<Typed, Problem>,
) -> Result<(), Problem> {
    let at = place.origin.clone();
    *place = change(std::mem::replace(place, Typed::null(at)))?;
    Ok(())
}
