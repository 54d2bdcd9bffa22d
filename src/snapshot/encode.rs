//! From values to the JSON of a snapshot.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value as Json, json};

use super::Described;
use crate::input::home::Piece;
use crate::source::Origin;
use crate::value::{Kind, Nature, Open, PartKind, Presence, Shape, SymbolId, Symbols, Text, Value};

/// The symbols of a root, numbered as they are met.
pub(super) struct Encoder<'s> {
    symbols: &'s Symbols,
    numbers: BTreeMap<SymbolId, usize>,
    order: Vec<SymbolId>,
}

/// Names of the shapes, as snapshots write them.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("account", Shape::Account),
    ("region", Shape::Region),
    ("partition", Shape::Partition),
    ("id", Shape::Id),
    ("arn", Shape::Arn),
    ("name", Shape::Name),
    ("text", Shape::Text),
    ("number", Shape::Number),
    ("time", Shape::Time),
    ("ip", Shape::Ip),
    ("bool", Shape::Bool),
    ("presence", Shape::Presence),
    ("rest", Shape::Rest),
];

/// Names of the natures.
pub(super) const NATURES: &[(&str, Nature)] = &[
    ("named", Nature::Named),
    ("fresh", Nature::Fresh),
    ("free", Nature::Free),
    ("undocumented", Nature::Undocumented),
];

impl<'s> Encoder<'s> {
    pub(super) fn new(symbols: &'s Symbols) -> Self {
        Encoder {
            symbols,
            numbers: BTreeMap::new(),
            order: Vec::new(),
        }
    }

    /// The symbols that were met, in the order of their numbers.
    pub(super) fn described(&self) -> Vec<Described> {
        let word = |shape| {
            SHAPES
                .iter()
                .find(|(_, it)| *it == shape)
                .map_or("text", |it| it.0)
        };
        let nature = |nature| {
            let mut all = NATURES.iter();
            all.find(|(_, it)| *it == nature)
                .map_or("undocumented", |it| it.0)
        };
        let describe = |id: &SymbolId| {
            let it = self.symbols.get(*id);
            Described {
                name: it.name.clone(),
                shape: word(it.shape).to_owned(),
                nature: nature(it.nature).to_owned(),
                reason: it.reason.clone(),
                supply: it.supply.clone(),
            }
        };
        self.order.iter().map(describe).collect()
    }

    fn number(&mut self, symbol: SymbolId) -> usize {
        let next = self.order.len();
        let number = *self.numbers.entry(symbol).or_insert(next);
        if number == next {
            self.order.push(symbol);
        }
        number
    }

    pub(super) fn piece(&mut self, piece: &Piece) -> Json {
        let nowhere = Origin::new(crate::source::Span { start: 0, end: 0 });
        self.text(&piece.text(&nowhere))
    }

    /// A text; a symbol that turned out to stand for something is written as that.
    fn text(&mut self, text: &Text) -> Json {
        let mut parts: Vec<Json> = Vec::new();
        for part in text.parts() {
            let literal = match &part.kind {
                PartKind::Literal(text) => text.clone(),
                PartKind::Symbol(symbol) => {
                    let Some(text) = self.symbols.bound(*symbol) else {
                        parts.push(json!(self.number(*symbol)));
                        continue;
                    };
                    text.to_owned()
                }
                PartKind::Hole(reason) => {
                    parts.push(json!({ "$hole": reason }));
                    continue;
                }
            };
            match parts.last_mut() {
                Some(Json::String(before)) => before.push_str(&literal),
                _ => parts.push(Json::String(literal)),
            }
        }
        match parts.as_slice() {
            [] => json!(""),
            [Json::String(only)] => json!(only),
            _ => json!({ "$text": parts }),
        }
    }

    pub(super) fn value(&mut self, value: &Value) -> Json {
        match &value.kind {
            Kind::Null => Json::Null,
            Kind::Bool(it) => json!(it),
            Kind::Number(it) => it
                .parse::<Number>()
                .map_or_else(|_| json!(it), Json::Number),
            Kind::Text(text) => self.text(text),
            Kind::Unknown(symbol) => match self.symbols.bound(*symbol) {
                Some(text) => json!(text),
                None => json!({ "$unknown": self.number(*symbol) }),
            },
            Kind::List(list) => {
                let mut items = Vec::with_capacity(list.items.len());
                for item in &list.items {
                    let value = self.value(&item.value);
                    items.extend(self.present(item.presence, value));
                }
                if let Some(Open { symbol, .. }) = &list.open {
                    items.push(json!({ "$open": self.number(*symbol) }));
                }
                Json::Array(items)
            }
            Kind::Object(object) => {
                let mut members = Map::new();
                for member in &object.members {
                    let value = self.value(&member.value);
                    if let Some(value) = self.present(member.presence, value) {
                        let extra = if member.key.starts_with('$') { "$" } else { "" };
                        members.insert(format!("{extra}{}", member.key), value);
                    }
                }
                if let Some(Open { symbol, .. }) = &object.open {
                    members.insert("$open".to_owned(), json!(self.number(*symbol)));
                }
                Json::Object(members)
            }
        }
    }

    fn present(&mut self, presence: Presence, value: Json) -> Option<Json> {
        match presence {
            Presence::Present => Some(value),
            Presence::Absent => None,
            Presence::Maybe(symbol) => {
                Some(json!({ "$maybe": self.number(symbol), "value": value }))
            }
        }
    }
}
