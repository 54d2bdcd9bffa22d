//! From the JSON of a snapshot to values, each with its place in the text that shows it.

use serde_json::{Map, Value as Json};

use super::Described;
use super::encode::{NATURES, SHAPES};
use crate::input::home::{self, Piece};
use crate::input::{Given, SECRET};
use crate::source::{Node, NodeKind, Origin};
use crate::value::{
    Item, Kind, List, Member, Nature, Object, Open, Part, PartKind, Presence, Shape, Symbol,
    SymbolId, Symbols, Text, Value,
};

/// What a symbol of a snapshot is here.
#[derive(Clone)]
enum Meant {
    Symbol(SymbolId),
    /// The command line says what it is.
    Known(String),
}

/// The symbols of a root.
pub(super) struct Decoder {
    symbols: Vec<Meant>,
    /// For a number that no symbol has.
    missing: SymbolId,
}

impl Decoder {
    /// Enters the symbols of a root, of which `id` is the input's id. `given` may say what some of them are.
    pub(super) fn new(
        described: &[Described],
        id: &str,
        given: &Given,
        symbols: &mut Symbols,
    ) -> Self {
        let enter = |(at, it): (usize, &Described)| meant(it, at, id, given, symbols);
        let all = described.iter().enumerate().map(enter).collect();
        let missing = symbols.intern(Symbol {
            key: format!("{id}:snapshot:missing"),
            name: "a value".to_owned(),
            shape: Shape::Text,
            nature: Nature::Undocumented,
            reason: "the snapshot does not describe it".to_owned(),
            supply: None,
        });
        Decoder {
            symbols: all,
            missing,
        }
    }

    fn get(&self, number: &Json) -> Meant {
        let at = number.as_u64().and_then(|it| usize::try_from(it).ok());
        let found = at.and_then(|at| self.symbols.get(at));
        found.cloned().unwrap_or(Meant::Symbol(self.missing))
    }

    /// True for what was left out as sensitive.
    pub(super) fn is_secret(&self, json: &Json, symbols: &Symbols) -> bool {
        match json.get("$unknown").map(|number| self.get(number)) {
            Some(Meant::Symbol(symbol)) => symbols.get(symbol).reason == SECRET,
            _ => false,
        }
    }

    fn symbol(&self, number: &Json) -> SymbolId {
        match self.get(number) {
            Meant::Symbol(symbol) => symbol,
            Meant::Known(_) => self.missing,
        }
    }

    pub(super) fn piece(&self, json: &Json, origin: &Origin) -> Piece {
        match self.value(json, origin, None).kind {
            Kind::Unknown(symbol) => Piece::Symbol(symbol),
            Kind::Text(text) => match (text.to_literal(), text.parts()) {
                (Some(known), _) => Piece::Known(known),
                (
                    None,
                    [
                        Part {
                            kind: PartKind::Symbol(symbol),
                            ..
                        },
                    ],
                ) => Piece::Symbol(*symbol),
                _ => Piece::Text(text),
            },
            _ => Piece::Symbol(self.missing),
        }
    }

    /// The value, with the places of the nodes that show it, or all at one.
    pub(super) fn value(&self, json: &Json, at: &Origin, node: Option<&Node>) -> Value {
        let own = node.map(|node| Origin::new(node.span));
        let origin = own.as_ref().unwrap_or(at);
        let kind = match json {
            Json::Null => Kind::Null,
            Json::Bool(it) => Kind::Bool(*it),
            Json::Number(it) => Kind::Number(it.to_string()),
            Json::String(it) => Kind::Text(Text::literal(it.as_str(), origin.clone())),
            Json::Array(items) => Kind::List(self.list(items, origin, node)),
            Json::Object(members) => match special(members) {
                Some(("$unknown", number)) => match self.get(number) {
                    Meant::Symbol(symbol) => Kind::Unknown(symbol),
                    Meant::Known(text) => Kind::Text(Text::literal(text, origin.clone())),
                },
                Some(("$text", parts)) => Kind::Text(self.text(parts, origin)),
                Some(("$one_of", one)) => return self.value(one, origin, node),
                _ => Kind::Object(self.object(members, origin, node)),
            },
        };
        Value::new(kind, origin.clone())
    }

    fn text(&self, parts: &Json, origin: &Origin) -> Text {
        let part = |kind| Part {
            kind,
            origin: origin.clone(),
            sensitive: false,
        };
        let kind = |json: &Json| match json {
            Json::String(text) => PartKind::Literal(text.clone()),
            Json::Object(hole) => {
                let reason = hole.get("$hole").and_then(Json::as_str);
                PartKind::Hole(reason.unwrap_or_default().to_owned())
            }
            number => match self.get(number) {
                Meant::Symbol(symbol) => PartKind::Symbol(symbol),
                Meant::Known(text) => PartKind::Literal(text),
            },
        };
        let parts = parts.as_array().map_or(&[][..], Vec::as_slice);
        let text = Text::from_parts(parts.iter().map(|it| part(kind(it))).collect());
        match text.to_literal() {
            Some(known) => Text::literal(known, origin.clone()),
            None => text,
        }
    }

    fn list(&self, items: &[Json], origin: &Origin, node: Option<&Node>) -> List {
        let nodes = match node.map(|it| &it.kind) {
            Some(NodeKind::Array(nodes)) => nodes.as_slice(),
            _ => &[],
        };
        let mut list = List::default();
        for (at, item) in items.iter().enumerate() {
            let node = nodes.get(at);
            if let Some(("$open", number)) = item.as_object().and_then(special) {
                list.open = Some(Open {
                    symbol: self.symbol(number),
                    origin: origin.clone(),
                });
            } else {
                let (presence, item) = self.presence(item);
                let value = self.value(item, origin, node);
                list.items.push(Item { presence, value });
            }
        }
        list
    }

    fn object(&self, members: &Map<String, Json>, origin: &Origin, node: Option<&Node>) -> Object {
        let nodes = match node.map(|it| &it.kind) {
            Some(NodeKind::Object(nodes)) => nodes.as_slice(),
            _ => &[],
        };
        let mut object = Object::default();
        for (key, json) in members {
            if key == "$open" {
                object.open = Some(Open {
                    symbol: self.symbol(json),
                    origin: origin.clone(),
                });
                continue;
            }
            let key = key.strip_prefix('$').unwrap_or(key);
            let node = nodes.iter().find(|it| it.key == key);
            let (presence, json) = self.presence(json);
            object.members.push(Member {
                key: key.to_owned(),
                key_origin: node.map_or_else(|| origin.clone(), |it| Origin::new(it.key_span)),
                presence,
                value: self.value(json, origin, node.map(|it| &it.value)),
            });
        }
        object
    }

    fn presence<'j>(&self, json: &'j Json) -> (Presence, &'j Json) {
        let parts = json
            .as_object()
            .and_then(|it| it.get("$maybe").zip(it.get("value")));
        match parts {
            Some((number, value)) => (Presence::Maybe(self.symbol(number)), value),
            None => (Presence::Present, json),
        }
    }

    /// The value as a text or tree without symbols, for the page that shows it.
    pub(super) fn shown(&self, json: &Json, symbols: &Symbols) -> Json {
        let name = |number: &Json| match self.get(number) {
            Meant::Symbol(symbol) => format!("${{{}}}", symbols.get(symbol).name),
            Meant::Known(text) => text,
        };
        match json {
            Json::Array(items) => items.iter().map(|it| self.shown(it, symbols)).collect(),
            Json::Object(members) => match special(members) {
                Some(("$unknown" | "$open", number)) => Json::String(name(number)),
                Some(("$text", parts)) => {
                    let nowhere = Origin::new(crate::source::Span { start: 0, end: 0 });
                    Json::String(self.text(parts, &nowhere).show(symbols))
                }
                Some(("$one_of", one)) => self.shown(one, symbols),
                _ => {
                    let mut out = Map::new();
                    for (key, json) in members {
                        if key == "$open" {
                            continue;
                        }
                        let key = key.strip_prefix('$').unwrap_or(key);
                        let (_, json) = self.presence(json);
                        out.insert(key.to_owned(), self.shown(json, symbols));
                    }
                    Json::Object(out)
                }
            },
            plain => plain.clone(),
        }
    }
}

/// The one member of an object that stands for something that is not known.
fn special(members: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut all = members.iter();
    match (all.next(), all.next()) {
        (Some((key, json)), None) if key.starts_with('$') && !key.starts_with("$$") => {
            Some((key.as_str(), json))
        }
        _ => None,
    }
}

/// True for a value that is not plain JSON.
pub(super) fn is_special(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.iter().any(is_special),
        Json::Object(members) => {
            members.keys().any(|key| key.starts_with('$')) || members.values().any(is_special)
        }
        _ => false,
    }
}

fn meant(it: &Described, at: usize, id: &str, given: &Given, symbols: &mut Symbols) -> Meant {
    let shape = SHAPES
        .iter()
        .find(|(word, _)| *word == it.shape)
        .map(|it| it.1);
    let shape = shape.unwrap_or(Shape::Text);
    let provider = |what: &str| it.name.strip_prefix(what)?.strip_suffix(')');
    let known = match shape {
        Shape::Account if it.name == "management account" => {
            return match &given.management_account {
                Some(account) => Meant::Known(account.clone()),
                None => match home::management(symbols) {
                    Piece::Symbol(symbol) => Meant::Symbol(symbol),
                    other => Meant::Known(other.known().unwrap_or_default().to_owned()),
                },
            };
        }
        Shape::Account => provider("account(").and_then(|name| given.account(name)),
        Shape::Region => provider("region(").and_then(|name| given.region(name)),
        _ => None,
    };
    if let Some(known) = known {
        return Meant::Known(known);
    }
    let nature = NATURES
        .iter()
        .find(|(word, _)| *word == it.nature)
        .map(|it| it.1);
    Meant::Symbol(symbols.intern(Symbol {
        key: format!("{id}:snapshot:{at}"),
        name: it.name.clone(),
        shape,
        nature: nature.unwrap_or(Nature::Undocumented),
        reason: it.reason.clone(),
        supply: it.supply.clone(),
    }))
}
