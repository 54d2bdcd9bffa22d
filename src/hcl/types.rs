//! Terraform's types, and which type two values have in common.

use std::collections::BTreeMap;
use std::fmt;

/// A type of Terraform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Any type: of `null`, of what is not known, and of the items of an empty list.
    Dynamic,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `tuple([T, …])`
    Tuple(Vec<Type>),
    /// `object({ name = T, … })`
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// `list(T)`
    pub fn list(of: Type) -> Self {
        Type::List(Box::new(of))
    }

    /// `set(T)`
    pub fn set(of: Type) -> Self {
        Type::Set(Box::new(of))
    }

    /// `map(T)`
    pub fn map(of: Type) -> Self {
        Type::Map(Box::new(of))
    }

    /// True for strings, numbers and booleans.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// True where any part of the type is open.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(of) | Type::Set(of) | Type::Map(of) => of.has_dynamic(),
            Type::Tuple(of) => of.iter().any(Type::has_dynamic),
            Type::Object(of) => of.values().any(Type::has_dynamic),
        }
    }

    /// The type that values of all these types convert to, as in a list or in the results of a conditional.
    ///
    /// cty's `convert.Unify`: primitives become strings, tuples a tuple or a list, objects an object or a map. `None` where there is none.
    pub fn unify<'t>(types: impl IntoIterator<Item = &'t Type>) -> Option<Type> {
        let known = |of: &&Type| **of != Type::Dynamic;
        let mut types: Vec<&Type> = types.into_iter().filter(known).collect();
        if let Some(common) = Type::same_members(&types) {
            return common;
        }
        // A string first: booleans and numbers have nothing in common but that they become strings.
        types.sort_by_key(|of| **of != Type::String);
        let Some((first, others)) = types.split_first() else {
            return Some(Type::Dynamic);
        };
        let mut others = others.iter();
        others.try_fold((*first).clone(), |common, next| common.with(next))
    }

    /// The common type of objects of the same members, or of tuples of one length: member by member. `None` where they are something else.
    #[expect(
        clippy::option_option,
        reason = "there may be no common type, and it may be another question"
    )]
    fn same_members(types: &[&Type]) -> Option<Option<Type>> {
        match types.first()? {
            Type::Object(members) => {
                let mut all = Vec::with_capacity(types.len());
                for of in types {
                    match of {
                        Type::Object(it) if it.keys().eq(members.keys()) => all.push(it),
                        _ => return None,
                    }
                }
                let common = |name: &String| {
                    let of = Type::unify(all.iter().filter_map(|it| it.get(name)))?;
                    Some((name.clone(), of))
                };
                let members: Option<BTreeMap<_, _>> = members.keys().map(common).collect();
                Some(members.map(Type::Object))
            }
            Type::Tuple(items) => {
                let mut all = Vec::with_capacity(types.len());
                for of in types {
                    match of {
                        Type::Tuple(it) if it.len() == items.len() => all.push(it),
                        _ => return None,
                    }
                }
                let common = |at: usize| Type::unify(all.iter().filter_map(|it| it.get(at)));
                let items: Option<Vec<_>> = (0..items.len()).map(common).collect();
                Some(items.map(Type::Tuple))
            }
            _ => None,
        }
    }

    fn with(&self, other: &Type) -> Option<Type> {
        use Type::{Bool, Dynamic, List, Map, Number, Object, Set, String, Tuple};
        if self == other {
            return Some(self.clone());
        }
        Some(match (self, other) {
            (Dynamic, known) | (known, Dynamic) => known.clone(),
            (Bool | Number | String, String) | (String, Bool | Number) => String,
            (Set(a), Set(b)) => Type::set(a.with(b)?),
            (Map(a), Map(b)) => Type::map(a.with(b)?),
            (List(a), List(b) | Set(b)) | (Set(b), List(a)) => Type::list(a.with(b)?),
            (Tuple(a), Tuple(b)) if a.len() == b.len() => {
                let both = a.iter().zip(b).map(|(a, b)| a.with(b));
                match both.collect::<Option<Vec<_>>>() {
                    Some(items) => Tuple(items),
                    None => return None,
                }
            }
            (Tuple(a), Tuple(b)) => Type::list(Type::unify(a.iter().chain(b))?),
            (List(of), Tuple(items)) | (Tuple(items), List(of)) => {
                Type::list(Type::unify(items.iter().chain([&**of]))?)
            }
            (Set(of), Tuple(items)) | (Tuple(items), Set(of)) => {
                Type::set(Type::unify(items.iter().chain([&**of]))?)
            }
            (Object(a), Object(b)) if a.keys().eq(b.keys()) => {
                let both = a.iter().zip(b.values());
                let both = both.map(|((name, a), b)| Some((name.clone(), a.with(b)?)));
                Object(both.collect::<Option<_>>()?)
            }
            (Object(a), Object(b)) => Type::map(Type::unify(a.values().chain(b.values()))?),
            (Map(of), Object(members)) | (Object(members), Map(of)) => {
                Type::map(Type::unify(members.values().chain([&**of]))?)
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Type {
    /// As Terraform's messages name a type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dynamic => f.write_str("dynamic"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(of) => write!(f, "list of {of}"),
            Type::Set(of) => write!(f, "set of {of}"),
            Type::Map(of) => write!(f, "map of {of}"),
            Type::Tuple(_) => f.write_str("tuple"),
            Type::Object(_) => f.write_str("object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primitives_meet_in_strings_and_tuples_in_lists() {
        let unify = |types: &[Type]| Type::unify(types);
        assert_eq!(unify(&[Type::Bool, Type::String]), Some(Type::String));
        assert_eq!(unify(&[Type::Bool, Type::Number]), None);
        assert_eq!(
            unify(&[Type::Bool, Type::Number, Type::String]),
            Some(Type::String)
        );
        let tuple = |of| Type::Tuple(vec![of]);
        assert_eq!(
            unify(&[tuple(Type::Bool), tuple(Type::Number), tuple(Type::String)]),
            Some(tuple(Type::String))
        );
        assert_eq!(unify(&[Type::Dynamic, Type::Number]), Some(Type::Number));
        assert_eq!(
            unify(&[
                Type::Tuple(vec![Type::Number]),
                Type::Tuple(vec![Type::String, Type::String])
            ]),
            Some(Type::list(Type::String))
        );
        assert_eq!(unify(&[Type::String, Type::list(Type::String)]), None);
        assert_eq!(unify(&[]), Some(Type::Dynamic));
    }
}
