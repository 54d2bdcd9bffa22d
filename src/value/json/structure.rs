//! What a symbol or hole outside of strings makes of the structure.

use super::{Before, Into, Next, Reader, Run, Stop, is_of_token};
use crate::value::json::tape::Tape;
use crate::value::{
    Item, Kind, List, Meaning, Member, Object, Open, Part, PartKind, Presence, Shape, SymbolId,
    Text, Value,
};

/// Lists that are longer are not compared item by item.
const COMPARED: usize = 64;

impl<'r> Reader<'r, '_> {
    /// Steps over the symbol or hole; true where it surely touches no other one. No half of a token may follow it.
    fn step(&mut self) -> Result<bool, Stop> {
        let touches = |other: Option<(usize, &Part)>| other.is_some_and(|it| it.0 == self.at);
        let before = self.hole.checked_sub(1).and_then(|at| self.tape.hole(at));
        let alone = !touches(before) && !touches(self.tape.hole(self.hole + 1));
        self.hole += 1;
        match self.next() {
            Next::Byte(byte) if is_of_token(byte) || !byte.is_ascii() => Err(Stop::Syntax),
            _ => Ok(alone),
        }
    }

    /// A symbol or hole where one value stands.
    pub(super) fn unknown_value(&mut self, part: &'r Part, depth: usize) -> Result<Value, Stop> {
        let alone = self.step()?;
        let symbol = match &part.kind {
            PartKind::Symbol(id) if alone => *id,
            PartKind::Symbol(id) => return Ok(self.nameless(part, Some(*id), "")),
            PartKind::Hole(reason) => return Ok(self.nameless(part, None, reason)),
            PartKind::Literal(_) => return Err(Stop::Syntax),
        };
        match self.run.symbols.meaning(symbol).as_deref() {
            Some(Meaning::Json(value)) => self.run.copy(value, part),
            Some(Meaning::Either {
                presence,
                then,
                other,
            }) => {
                let then = self.inner(then, part, |reader| reader.whole(depth + 1))?;
                let other = self.inner(other, part, |reader| reader.whole(depth + 1))?;
                let value = self.run.either(*presence, then, other);
                let value = value.unwrap_or_else(|| {
                    let symbol = self.run.symbols.derive("json", symbol, Shape::Text);
                    Value::new(Kind::Unknown(symbol), part.origin.clone())
                });
                Ok(marked(value, part))
            }
            Some(Meaning::Each { .. } | Meaning::Alike) | None => Ok(self.named(part, symbol)),
        }
    }

    /// The value whose JSON a symbol is. Words and numbers are written as they are.
    fn named(&mut self, part: &Part, of: SymbolId) -> Value {
        let symbol = if self.run.is_one_value(of) {
            of
        } else {
            self.run.symbols.derive("json", of, Shape::Text)
        };
        marked(Value::new(Kind::Unknown(symbol), part.origin.clone()), part)
    }

    fn nameless(&mut self, part: &Part, like: Option<SymbolId>, reason: &str) -> Value {
        let symbol = self.run.symbols.another(like, reason, Shape::Text);
        marked(Value::new(Kind::Unknown(symbol), part.origin.clone()), part)
    }

    /// A symbol or hole among the items of an array or the members of an object.
    pub(super) fn among(
        &mut self,
        into: &mut Into<'_>,
        part: &'r Part,
        before: Before,
        depth: usize,
    ) -> Result<Before, Stop> {
        let alone = self.step()?;
        let symbol = match &part.kind {
            PartKind::Symbol(id) => *id,
            PartKind::Literal(_) | PartKind::Hole(_) => {
                self.rest(into, part);
                return Ok(Before::Loose);
            }
        };
        let meaning = self.run.symbols.meaning(symbol);
        match (meaning.as_deref(), &mut *into) {
            (
                Some(Meaning::Either {
                    presence,
                    then,
                    other,
                }),
                _,
            ) => {
                if !alone && [then, other].into_iter().any(has_token_at_edge) {
                    return Err(Stop::Syntax);
                }
                let (yes, after) = self.fragment(into, then, part, before, depth)?;
                let (no, or) = self.fragment(into, other, part, before, depth)?;
                let both = self.run.alternatives(*presence, yes, no);
                self.run.extend(into, both);
                Ok(if after == or { after } else { Before::Loose })
            }
            (Some(Meaning::Each { body }), _) => {
                let (round, _) = self.fragment(into, body, part, Before::Loose, depth)?;
                let presence = self.run.symbols.derive("round", symbol, Shape::Presence);
                let round = self.run.maybe(presence, round);
                self.run.extend(into, round);
                let rest = self.rest(into, part);
                self.run.symbols.give_meaning(rest, Meaning::Alike);
                Ok(Before::Loose)
            }
            (Some(Meaning::Json(_)), Into::Members(..)) => Err(Stop::Syntax),
            (Some(Meaning::Json(value)), Into::Items(list)) if alone => {
                if before == Before::Item {
                    return Err(Stop::Syntax);
                }
                let value = self.run.copy(value, part)?;
                list.items.push(present(value));
                Ok(Before::Item)
            }
            (None, Into::Items(list)) if alone && self.run.is_one_value(symbol) => {
                if before == Before::Item {
                    return Err(Stop::Syntax);
                }
                list.items.push(present(self.named(part, symbol)));
                Ok(Before::Item)
            }
            _ => {
                self.rest(into, part);
                Ok(Before::Loose)
            }
        }
    }

    /// Leaves the array or object open; gives the name of what may follow.
    fn rest(&mut self, into: &mut Into<'_>, part: &Part) -> SymbolId {
        let (what, open) = match into {
            Into::Items(list) => ("items", &mut list.open),
            Into::Members(object, secret) => {
                **secret |= part.sensitive;
                ("members", &mut object.open)
            }
        };
        let symbols = &mut *self.run.symbols;
        let symbol = match &part.kind {
            PartKind::Symbol(id) => symbols.derive(what, *id, Shape::Rest),
            PartKind::Hole(reason) => symbols.another(None, reason, Shape::Rest),
            PartKind::Literal(text) => symbols.another(None, text, Shape::Rest),
        };
        let origin = part.origin.clone();
        self.run.open(open, Open { symbol, origin });
        symbol
    }

    /// Reads a text that a symbol stands for.
    fn inner<T>(
        &mut self,
        text: &Text,
        part: &Part,
        then: impl FnOnce(&mut Reader<'_, '_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let tape = Tape::new(text, &part.origin);
        self.run.spend(1 + text.parts().len() + tape.text.len())?;
        let mut reader = Reader {
            tape: &tape,
            run: &mut *self.run,
            at: 0,
            hole: 0,
        };
        then(&mut reader)
    }

    /// The items or members in a text that a symbol stands for, of the same kind as `like`.
    fn fragment(
        &mut self,
        like: &Into<'_>,
        text: &Text,
        part: &Part,
        before: Before,
        depth: usize,
    ) -> Result<(Kind, Before), Stop> {
        if depth >= crate::source::JSON_DEPTH {
            return Err(Stop::Deep);
        }
        let (mut list, mut object, mut secret) = (List::default(), Object::default(), false);
        let is_list = matches!(like, Into::Items(_));
        let after = self.inner(text, part, |reader| {
            let mut into = if is_list {
                Into::Items(&mut list)
            } else {
                Into::Members(&mut object, &mut secret)
            };
            reader.fill(&mut into, before, None, depth + 1)
        })?;
        let kind = if is_list {
            Kind::List(list)
        } else {
            Kind::Object(object)
        };
        let mut value = Value::new(kind, part.origin.clone());
        if secret || part.sensitive {
            value = value.into_sensitive();
        }
        Ok((value.kind, after))
    }
}

impl Run<'_> {
    pub(super) fn spend(&mut self, size: usize) -> Result<(), Stop> {
        self.left = self.left.checked_sub(size).ok_or(Stop::Large)?;
        Ok(())
    }

    fn copy(&mut self, value: &Value, part: &Part) -> Result<Value, Stop> {
        self.spend(weight(value))?;
        Ok(marked(value.clone(), part))
    }

    /// True where the symbol's text is surely one JSON value that reads as it is written.
    fn is_one_value(&self, symbol: SymbolId) -> bool {
        matches!(
            self.symbols.get(symbol).shape,
            Shape::Account | Shape::Number | Shape::Bool
        )
    }

    /// Notes one more unknown rest.
    pub(super) fn open(&mut self, rest: &mut Option<Open>, more: Open) {
        *rest = Some(match rest.take() {
            Some(one) if one.symbol != more.symbol => Open {
                symbol: self.symbols.another(Some(one.symbol), "", Shape::Rest),
                origin: one.origin,
            },
            Some(one) => one,
            None => more,
        });
    }

    /// What is there where `symbol` is true and it itself is there.
    fn conditioned(&mut self, symbol: SymbolId, presence: Presence) -> Presence {
        match presence {
            Presence::Present => Presence::Maybe(symbol),
            Presence::Absent => Presence::Absent,
            Presence::Maybe(inner) => Presence::Maybe(self.symbols.both(symbol, inner)),
        }
    }

    /// Items or members that are there where `symbol` is true.
    fn maybe(&mut self, symbol: SymbolId, kind: Kind) -> Kind {
        match kind {
            Kind::List(mut list) => {
                for item in &mut list.items {
                    item.presence = self.conditioned(symbol, item.presence);
                }
                Kind::List(list)
            }
            Kind::Object(mut object) => {
                for member in &mut object.members {
                    member.presence = self.conditioned(symbol, member.presence);
                }
                Kind::Object(object)
            }
            other => other,
        }
    }

    /// The items or members of both branches, as far as they differ with a presence.
    fn alternatives(&mut self, presence: SymbolId, then: Kind, other: Kind) -> Kind {
        let opposite = self.symbols.opposite(presence);
        match (then, other) {
            (Kind::List(then), Kind::List(mut other)) => {
                let mut list = List::default();
                let compared = then.items.len().max(other.items.len()) <= COMPARED;
                for item in then.items {
                    let same = other.items.iter().position(|it| compared && *it == item);
                    let presence = if let Some(at) = same {
                        other.items.remove(at);
                        item.presence
                    } else {
                        self.conditioned(presence, item.presence)
                    };
                    list.items.push(Item { presence, ..item });
                }
                for item in other.items {
                    let presence = self.conditioned(opposite, item.presence);
                    list.items.push(Item { presence, ..item });
                }
                for open in then.open.into_iter().chain(other.open) {
                    self.open(&mut list.open, open);
                }
                Kind::List(list)
            }
            (Kind::Object(then), Kind::Object(other)) => {
                let mut object = Object::default();
                let equal = then.members == other.members;
                let (then_open, other_open) = (then.open, other.open);
                for member in then.members {
                    let presence = if equal {
                        member.presence
                    } else {
                        self.conditioned(presence, member.presence)
                    };
                    object.members.push(Member { presence, ..member });
                }
                for member in other.members.into_iter().filter(|_| !equal) {
                    let presence = self.conditioned(opposite, member.presence);
                    object.members.push(Member { presence, ..member });
                }
                for open in then_open.into_iter().chain(other_open) {
                    self.open(&mut object.open, open);
                }
                Kind::Object(object)
            }
            (then, _) => then,
        }
    }

    /// One of two whole values; none where they have nothing in common.
    fn either(&mut self, presence: SymbolId, then: Value, other: Value) -> Option<Value> {
        if then.kind == other.kind {
            return Some(then);
        }
        match (&then.kind, &other.kind) {
            (Kind::List(_), Kind::List(_)) | (Kind::Object(_), Kind::Object(_)) => {
                let sensitive = then.sensitive || other.sensitive;
                let kind = self.alternatives(presence, then.kind, other.kind);
                let mut value = Value::new(kind, then.origin);
                value.sensitive = sensitive;
                Some(value)
            }
            _ => None,
        }
    }

    /// Adds items or members to those of the same kind.
    fn extend(&mut self, into: &mut Into<'_>, more: Kind) {
        match (into, more) {
            (Into::Items(list), Kind::List(more)) => {
                list.items.extend(more.items);
                if let Some(open) = more.open {
                    self.open(&mut list.open, open);
                }
            }
            (Into::Members(object, _), Kind::Object(more)) => {
                object.members.extend(more.members);
                if let Some(open) = more.open {
                    self.open(&mut object.open, open);
                }
            }
            _ => {}
        }
    }
}

fn present(value: Value) -> Item {
    Item {
        presence: Presence::Present,
        value,
    }
}

fn marked(value: Value, part: &Part) -> Value {
    if part.sensitive {
        value.into_sensitive()
    } else {
        value
    }
}

/// True where a text that stands beside another one may be half of a token.
fn has_token_at_edge(text: &Text) -> bool {
    let edge = |part: Option<&Part>, last: bool| match part.map(|part| &part.kind) {
        Some(PartKind::Literal(text)) => {
            let byte = if last {
                text.bytes().next_back()
            } else {
                text.bytes().next()
            };
            byte.is_some_and(is_of_token)
        }
        Some(PartKind::Symbol(_) | PartKind::Hole(_)) | None => false,
    };
    edge(text.parts().first(), false) || edge(text.parts().last(), true)
}

/// About how much there is of a value.
fn weight(value: &Value) -> usize {
    1 + match &value.kind {
        Kind::Text(text) => text
            .parts()
            .iter()
            .map(|part| match &part.kind {
                PartKind::Literal(text) => 1 + text.len(),
                PartKind::Symbol(_) | PartKind::Hole(_) => 1,
            })
            .sum(),
        Kind::List(list) => list.items.iter().map(|item| weight(&item.value)).sum(),
        Kind::Object(object) => {
            let each = object.members.iter();
            each.map(|it| it.key.len() + weight(&it.value)).sum()
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => 0,
    }
}
