//! Values as Terraform's expressions know them: with sets, maps and types, which [`crate::value`] does not need.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::number::Number;
use super::types::Type;
use crate::source::{Origin, Span};
use crate::value::{Open, Part, PartKind, Presence, SymbolId, Text};

/// A value with its type, where it was written, and the references it came through.
#[derive(Clone, PartialEq)]
pub struct Typed {
    /// What it is.
    pub data: Data,
    /// Where it was written.
    pub origin: Origin,
    /// The references it came through, the last one first.
    pub via: Via,
    /// True where it must never be shown.
    pub sensitive: bool,
}

/// What a value is.
#[derive(Clone, PartialEq)]
pub enum Data {
    /// `null`
    Null(Type),
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, known or in part symbolic.
    Text(Text),
    /// A list, set or tuple.
    Sequence(Sequence),
    /// A map or object.
    Mapping(Mapping),
    /// Nothing is known but its name and perhaps its type.
    Unknown(SymbolId, Type),
}

/// A list, set or tuple; `rest` where more items may follow.
#[derive(Clone, PartialEq)]
pub struct Sequence {
    /// Which of the three.
    pub kind: SequenceKind,
    /// The items; those of a set are in Terraform's order and each is there once.
    pub items: Vec<Element>,
    /// The unknown rest.
    pub rest: Option<Open>,
}

/// Which kind of sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SequenceKind {
    /// A tuple: each item has its own type.
    Tuple,
    /// A list of one type.
    List(Type),
    /// A set of one type.
    Set(Type),
}

/// An item of a sequence.
#[derive(Clone, PartialEq)]
pub struct Element {
    /// Whether it is there.
    pub presence: Presence,
    /// The item.
    pub value: Typed,
}

/// A map or object, sorted by key; `rest` where more members may follow.
#[derive(Clone, PartialEq)]
pub struct Mapping {
    /// Which of the two.
    pub kind: MappingKind,
    /// The members.
    pub entries: BTreeMap<String, Entry>,
    /// The unknown rest.
    pub rest: Option<Open>,
}

/// Which kind of mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappingKind {
    /// An object: each member has its own type.
    Object,
    /// A map of one type.
    Map(Type),
}

/// A member of a mapping.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// Where the key was written.
    pub key_origin: Origin,
    /// Whether it is there.
    pub presence: Presence,
    /// The value.
    pub value: Typed,
}

/// A chain of references. Equality ignores it, as it does an [`Origin`].
#[derive(Clone, Debug, Default)]
pub struct Via(Option<Arc<Step>>);

#[derive(Debug)]
struct Step {
    reference: Reference,
    before: Via,
}

/// A reference in the configuration: `local.region`, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As it was written.
    pub text: String,
    /// Where.
    pub origin: Origin,
}

impl Via {
    /// The chain with one more reference.
    #[must_use]
    pub fn through(&self, reference: Reference) -> Via {
        Via(Some(Arc::new(Step {
            reference,
            before: self.clone(),
        })))
    }

    /// The references, the last one first.
    pub fn steps(&self) -> impl Iterator<Item = &Reference> {
        std::iter::successors(self.0.as_deref(), |step| step.before.0.as_deref())
            .map(|step| &step.reference)
    }
}

impl PartialEq for Via {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Drop for Step {
    /// Not recursive: a chain may be long.
    fn drop(&mut self) {
        let mut next = self.before.0.take();
        while let Some(step) = next.and_then(Arc::into_inner) {
            let mut step = step;
            next = step.before.0.take();
        }
    }
}

impl Typed {
    /// A value that is not sensitive and came through no reference.
    pub fn new(data: Data, origin: Origin) -> Self {
        Typed {
            data,
            origin,
            via: Via::default(),
            sensitive: false,
        }
    }

    /// `null` of no type.
    pub fn null(origin: Origin) -> Self {
        Typed::new(Data::Null(Type::Dynamic), origin)
    }

    /// A boolean.
    pub fn bool(value: bool, origin: Origin) -> Self {
        Typed::new(Data::Bool(value), origin)
    }

    /// A number.
    pub fn number(value: Number, origin: Origin) -> Self {
        Typed::new(Data::Number(value), origin)
    }

    /// A known string.
    pub fn string(text: impl Into<String>, origin: Origin) -> Self {
        let text = Text::literal(text, origin.clone());
        Typed::new(Data::Text(text), origin)
    }

    /// A string of parts; sensitive where one of them is.
    pub fn text(text: Text, origin: Origin) -> Self {
        let sensitive = text.is_sensitive();
        Typed {
            sensitive,
            ..Typed::new(Data::Text(text), origin)
        }
    }

    /// A value of which only the name and perhaps the type is known.
    pub fn unknown(symbol: SymbolId, of: Type, origin: Origin) -> Self {
        Typed::new(Data::Unknown(symbol, of), origin)
    }

    /// A tuple of items that are all there.
    pub fn tuple(items: impl IntoIterator<Item = Typed>, origin: Origin) -> Self {
        Typed::sequence(SequenceKind::Tuple, items, origin)
    }

    /// A sequence of items that are all there. Items of a set must be in order and different.
    pub fn sequence(
        kind: SequenceKind,
        items: impl IntoIterator<Item = Typed>,
        origin: Origin,
    ) -> Self {
        let items = items.into_iter().map(Element::from).collect();
        let rest = None;
        Typed::new(Data::Sequence(Sequence { kind, items, rest }), origin)
    }

    /// An object of members that are all there.
    pub fn object(members: impl IntoIterator<Item = (String, Typed)>, origin: Origin) -> Self {
        Typed::mapping(MappingKind::Object, members, origin)
    }

    /// A mapping of members that are all there.
    pub fn mapping(
        kind: MappingKind,
        members: impl IntoIterator<Item = (String, Typed)>,
        origin: Origin,
    ) -> Self {
        let entry = |(key, value): (String, Typed)| (key, Entry::from(value));
        let entries = members.into_iter().map(entry).collect();
        let rest = None;
        let mapping = Mapping {
            kind,
            entries,
            rest,
        };
        Typed::new(Data::Mapping(mapping), origin)
    }

    /// The value, sensitive with all its parts if `sensitive`; else as it is.
    #[must_use]
    pub fn marked(mut self, sensitive: bool) -> Self {
        if !sensitive {
            return self;
        }
        self.sensitive = true;
        match &mut self.data {
            Data::Text(text) => *text = std::mem::take(text).into_sensitive(),
            Data::Sequence(sequence) => {
                for item in &mut sequence.items {
                    item.value = item.value.clone().marked(true);
                }
            }
            Data::Mapping(mapping) => {
                for entry in mapping.entries.values_mut() {
                    entry.value = entry.value.clone().marked(true);
                }
            }
            _ => {}
        }
        self
    }

    /// True where the value or anything in it is sensitive.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
            || match &self.data {
                Data::Text(text) => text.is_sensitive(),
                Data::Sequence(it) => it.items.iter().any(|item| item.value.is_sensitive()),
                Data::Mapping(it) => it.entries.values().any(|it| it.value.is_sensitive()),
                _ => false,
            }
    }

    /// The type.
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(of) | Data::Unknown(_, of) => of.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::Text(_) => Type::String,
            Data::Sequence(it) => match &it.kind {
                SequenceKind::List(of) => Type::list(of.clone()),
                SequenceKind::Set(of) => Type::set(of.clone()),
                SequenceKind::Tuple => {
                    Type::Tuple(it.items.iter().map(|item| item.value.ty()).collect())
                }
            },
            Data::Mapping(it) => match &it.kind {
                MappingKind::Map(of) => Type::map(of.clone()),
                MappingKind::Object => Type::Object(
                    it.entries
                        .iter()
                        .map(|(key, entry)| (key.clone(), entry.value.ty()))
                        .collect(),
                ),
            },
        }
    }

    /// True for `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// The known string, if it is one and all of it is known.
    pub fn as_text(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) => text.to_literal(),
            _ => None,
        }
    }

    /// True where nothing in the value is unknown, not even whether something is there.
    pub fn is_known(&self) -> bool {
        !self.has_unknown()
    }

    fn has_unknown(&self) -> bool {
        match &self.data {
            Data::Null(_) | Data::Bool(_) | Data::Number(_) => false,
            Data::Unknown(..) => true,
            Data::Text(text) => {
                let unknown = |part: &Part| !matches!(part.kind, PartKind::Literal(_));
                text.parts().iter().any(unknown)
            }
            Data::Sequence(it) => it
                .complete()
                .is_none_or(|mut items| items.any(Typed::has_unknown)),
            Data::Mapping(it) => it
                .complete()
                .is_none_or(|mut members| members.any(|(_, value)| value.has_unknown())),
        }
    }

    /// Where it was written.
    pub fn span(&self) -> Span {
        self.origin.span()
    }

    /// About how many bytes it takes: what it costs to make another one.
    pub(super) fn weight(&self) -> usize {
        size_of::<Typed>()
            + match &self.data {
                Data::Text(text) => text.parts().iter().map(weight_of).sum(),
                Data::Sequence(it) => it.items.iter().map(|item| item.value.weight()).sum(),
                Data::Mapping(it) => {
                    let each = it.entries.iter();
                    each.map(|(key, it)| key.len() + it.value.weight()).sum()
                }
                _ => 0,
            }
    }
}

/// About how many bytes a part of a text takes.
pub(super) fn weight_of(part: &Part) -> usize {
    let text = match &part.kind {
        PartKind::Literal(text) => text.len(),
        PartKind::Symbol(_) | PartKind::Hole(_) => 0,
    };
    size_of::<Part>() + text
}

impl Sequence {
    /// The items, where it is known which ones there are.
    pub fn complete(&self) -> Option<impl Iterator<Item = &Typed>> {
        let sure = |item: &Element| item.presence == Presence::Present;
        (self.rest.is_none() && self.items.iter().all(sure))
            .then(|| self.items.iter().map(|item| &item.value))
    }
}

impl Mapping {
    /// The members, where it is known which ones there are.
    pub fn complete(&self) -> Option<impl Iterator<Item = (&String, &Typed)>> {
        let sure = |entry: &Entry| entry.presence == Presence::Present;
        (self.rest.is_none() && self.entries.values().all(sure))
            .then(|| self.entries.iter().map(|(key, entry)| (key, &entry.value)))
    }
}

impl From<Typed> for Element {
    fn from(value: Typed) -> Self {
        let presence = Presence::Present;
        Element { presence, value }
    }
}

impl From<Typed> for Entry {
    fn from(value: Typed) -> Self {
        Entry {
            key_origin: value.origin.clone(),
            presence: Presence::Present,
            value,
        }
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sensitive {
            f.write_str("(sensitive)")
        } else {
            self.data.fmt(f)
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::Null(_) => f.write_str("null"),
            Data::Bool(it) => it.fmt(f),
            Data::Number(it) => write!(f, "{it}"),
            Data::Text(it) => it.fmt(f),
            Data::Sequence(it) => {
                let mut list = f.debug_list();
                list.entries(it.items.iter().map(|item| &item.value));
                if it.rest.is_some() {
                    return list.finish_non_exhaustive();
                }
                list.finish()
            }
            Data::Mapping(it) => {
                let mut map = f.debug_map();
                map.entries(it.entries.iter().map(|(key, entry)| (key, &entry.value)));
                if it.rest.is_some() {
                    return map.finish_non_exhaustive();
                }
                map.finish()
            }
            Data::Unknown(symbol, of) => write!(f, "unknown {symbol:?} of {of}"),
        }
    }
}
