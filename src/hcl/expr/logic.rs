//! Conversions, and comparisons that may have no answer.

use super::{Outcome, Run};
use crate::hcl::number::Number;
use crate::hcl::order;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::{Part, PartKind, Text};

impl Run<'_, '_> {
    /// The value as a condition; `None` where it is not known.
    pub(in crate::hcl) fn condition(
        &mut self,
        value: &Typed,
        at: &Origin,
    ) -> Result<Option<bool>, Problem> {
        match self.convert(value.clone(), &Type::Bool, at)?.data {
            Data::Bool(it) => Ok(Some(it)),
            Data::Null(_) => {
                let message =
                    "the condition value is null; conditions must either be true or false";
                Err(Problem::new(message, at))
            }
            _ => Ok(None),
        }
    }

    /// The value as a string that is not null; `None` where it is not known.
    pub(in crate::hcl) fn string_of(
        &mut self,
        value: &Typed,
        at: &Origin,
    ) -> Result<Option<String>, Problem> {
        let value = self.convert(value.clone(), &Type::String, at)?;
        not_null(&value, at)?;
        Ok(value.as_text())
    }

    /// The value as a number that is not null; `None` where it is not known.
    pub(in crate::hcl) fn number_of(
        &mut self,
        value: &Typed,
        at: &Origin,
    ) -> Result<Option<Number>, Problem> {
        let value = self.convert(value.clone(), &Type::Number, at)?;
        not_null(&value, at)?;
        match value.data {
            Data::Number(number) => Ok(Some(number)),
            _ => Ok(None),
        }
    }

    /// The parts of the text that a primitive value converts to.
    pub(in crate::hcl) fn text_parts(
        &mut self,
        value: &Typed,
        at: &Origin,
    ) -> Result<Vec<Part>, Problem> {
        let text = self.convert(value.clone(), &Type::String, at)?;
        not_null(&text, at)?;
        Ok(match text.data {
            Data::Text(text) if value.sensitive && !text.is_sensitive() => {
                text.into_sensitive().parts().to_vec()
            }
            Data::Text(text) => text.parts().to_vec(),
            Data::Unknown(symbol, _) => vec![Part {
                kind: PartKind::Symbol(symbol),
                origin: value.origin.clone(),
                sensitive: value.sensitive,
            }],
            _ => Vec::new(),
        })
    }

    /// Converts a value to a type, as Terraform does for operators, arguments and results.
    pub(in crate::hcl) fn convert(&mut self, value: Typed, to: &Type, at: &Origin) -> Outcome {
        if *to == Type::Dynamic {
            return Ok(value);
        }
        let (origin, via, sensitive) = (value.origin.clone(), value.via.clone(), value.sensitive);
        let data = match (value.data, to) {
            (Data::Null(_), to) => Data::Null(to.clone()),
            (Data::Unknown(symbol, from), to) => {
                if !possible(&from, to) {
                    return Err(mismatch(&from, to, at));
                }
                self.doubts += usize::from(&from != to);
                Data::Unknown(symbol, to.clone())
            }
            (data, Type::Dynamic)
            | (data @ Data::Text(_), Type::String)
            | (data @ Data::Number(_), Type::Number)
            | (data @ Data::Bool(_), Type::Bool) => data,
            (Data::Number(it), Type::String) => literal(it.to_string(), &origin, sensitive),
            (Data::Bool(it), Type::String) => literal(it.to_string(), &origin, sensitive),
            (Data::Text(text), Type::Number | Type::Bool) => {
                let value = Typed {
                    data: Data::Text(text),
                    origin: origin.clone(),
                    via: via.clone(),
                    sensitive,
                };
                self.read(&value, to, at)?
            }
            (Data::Sequence(it), to) => self.convert_sequence(it, to, at)?,
            (Data::Mapping(it), to) => self.convert_mapping(it, to, at)?,
            (data, to) => return Err(mismatch(&Typed::new(data, origin).ty(), to, at)),
        };
        Ok(Typed {
            data,
            origin,
            via,
            sensitive,
        })
    }

    /// A number or a boolean in a text.
    fn read(&mut self, value: &Typed, to: &Type, at: &Origin) -> Result<Data, Problem> {
        let Some(text) = value.as_text() else {
            return Ok(self
                .derive(&format!("to{to}"), &[value], to.clone(), at.clone())
                .data);
        };
        let (data, message) = if *to == Type::Number {
            let number = Number::parse(&text);
            (number.map(Data::Number), "a number is required")
        } else {
            let bool = match text.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            };
            let message =
                "a bool is required; only the strings `true` and `false` can be converted";
            (bool.map(Data::Bool), message)
        };
        data.ok_or_else(|| Problem::new(message, at))
    }

    fn convert_sequence(
        &mut self,
        from: Sequence,
        to: &Type,
        at: &Origin,
    ) -> Result<Data, Problem> {
        let (kind, of) = match to {
            Type::List(of) | Type::Set(of) => {
                let of = item_type(&from, of, at)?;
                let kind = match to {
                    Type::List(_) => SequenceKind::List(of.clone()),
                    _ => SequenceKind::Set(of.clone()),
                };
                (kind, vec![of; from.items.len()])
            }
            Type::Tuple(of) if from.kind == SequenceKind::Tuple && of.len() == from.items.len() => {
                (SequenceKind::Tuple, of.clone())
            }
            _ => {
                let from = Typed::new(Data::Sequence(from), at.clone());
                return Err(mismatch(&from.ty(), to, at));
            }
        };
        let mut items = Vec::with_capacity(from.items.len());
        for (item, of) in from.items.into_iter().zip(&of) {
            let value = self.convert(item.value, of, at)?;
            let presence = item.presence;
            items.push(Element { presence, value });
        }
        if matches!(kind, SequenceKind::Set(_)) {
            items = order::set(items);
        }
        let rest = from.rest;
        Ok(Data::Sequence(Sequence { kind, items, rest }))
    }

    fn convert_mapping(&mut self, from: Mapping, to: &Type, at: &Origin) -> Result<Data, Problem> {
        let fixed = match to {
            Type::Map(of) if !of.has_dynamic() => Some((**of).clone()),
            Type::Map(_) => {
                let types: Vec<Type> = match &from.kind {
                    MappingKind::Object => from
                        .entries
                        .values()
                        .map(|entry| entry.value.ty())
                        .collect(),
                    MappingKind::Map(of) => vec![of.clone()],
                };
                let common = Type::unify(&types).ok_or_else(|| {
                    Problem::new("all elements of a map must have the same type", at)
                })?;
                Some(common)
            }
            Type::Object(_) => None,
            _ => {
                let from = Typed::new(Data::Mapping(from), at.clone());
                return Err(mismatch(&from.ty(), to, at));
            }
        };
        let mut entries = std::collections::BTreeMap::new();
        for (key, entry) in from.entries {
            let of = match (&fixed, to) {
                (Some(of), _) => of,
                (None, Type::Object(of)) => match of.get(&key) {
                    Some(of) => of,
                    None => continue,
                },
                _ => &Type::Dynamic,
            };
            let value = self.convert(entry.value, of, at)?;
            entries.insert(key, Entry { value, ..entry });
        }
        if let Type::Object(of) = to
            && from.rest.is_none()
            && let Some(missing) = of.keys().find(|key| !entries.contains_key(*key))
        {
            let message = format!("attribute `{missing}` is required");
            return Err(Problem::new(message, at));
        }
        let rest = from.rest;
        let kind = fixed.map_or(MappingKind::Object, MappingKind::Map);
        Ok(Data::Mapping(Mapping {
            kind,
            entries,
            rest,
        }))
    }
}

/// The type of the items of a list or set that a sequence becomes.
fn item_type(from: &Sequence, wanted: &Type, at: &Origin) -> Result<Type, Problem> {
    if !wanted.has_dynamic() {
        return Ok(wanted.clone());
    }
    let types: Vec<Type> = match &from.kind {
        SequenceKind::Tuple => from.items.iter().map(|item| item.value.ty()).collect(),
        SequenceKind::List(of) | SequenceKind::Set(of) => vec![of.clone()],
    };
    Type::unify(&types).ok_or_else(|| {
        let message = "all elements of a list or set must have the same type";
        Problem::new(message, at)
    })
}

fn literal(text: String, origin: &Origin, sensitive: bool) -> Data {
    let text = Text::literal(text, origin.clone());
    Data::Text(if sensitive {
        text.into_sensitive()
    } else {
        text
    })
}

fn not_null(value: &Typed, at: &Origin) -> Result<(), Problem> {
    if value.is_null() {
        return Err(Problem::new("argument must not be null", at));
    }
    Ok(())
}

fn mismatch(from: &Type, to: &Type, at: &Origin) -> Problem {
    let message = match to {
        Type::Bool | Type::Number | Type::String => format!("{to} required, but this is a {from}"),
        _ => format!("{to} required"),
    };
    Problem::new(message, at)
}

/// True where some value of the type converts.
fn possible(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::Bool, Type::Number) | (Type::Number, Type::Bool) => false,
        (from, to) if from.is_primitive() => to.is_primitive(),
        (_, to) => !to.is_primitive(),
    }
}

/// Whether two values are equal for `==`; `None` where it is not known.
pub(in crate::hcl) fn equal(left: &Typed, right: &Typed) -> Option<bool> {
    if let (Data::Unknown(a, _), Data::Unknown(b, _)) = (&left.data, &right.data)
        && a == b
    {
        return Some(true);
    }
    match (&left.data, &right.data) {
        (Data::Unknown(..), _) | (_, Data::Unknown(..)) => None,
        (Data::Null(_), other) | (other, Data::Null(_)) => Some(matches!(other, Data::Null(_))),
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::Number(a), Data::Number(b)) => Some(a == b),
        (Data::Text(a), Data::Text(b)) => match (a.to_literal(), b.to_literal()) {
            (Some(a), Some(b)) => Some(a == b),
            _ => None,
        },
        (Data::Sequence(a), Data::Sequence(b)) => {
            let same = std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
            if !same {
                return Some(false);
            }
            let (a, b): (Vec<_>, Vec<_>) = (a.complete()?.collect(), b.complete()?.collect());
            all_equal(a.len() == b.len(), a.into_iter().zip(b))
        }
        (Data::Mapping(a), Data::Mapping(b)) => {
            let same = std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
            if !same {
                return Some(false);
            }
            let (a, b): (Vec<_>, Vec<_>) = (a.complete()?.collect(), b.complete()?.collect());
            let keys = a.iter().map(|it| it.0).eq(b.iter().map(|it| it.0));
            all_equal(keys, a.into_iter().zip(b).map(|(a, b)| (a.1, b.1)))
        }
        _ => Some(false),
    }
}

fn all_equal<'v>(
    shape: bool,
    mut pairs: impl Iterator<Item = (&'v Typed, &'v Typed)>,
) -> Option<bool> {
    if !shape {
        return Some(false);
    }
    pairs.try_fold(true, |all, (a, b)| equal(a, b).map(|it| all && it))
}
