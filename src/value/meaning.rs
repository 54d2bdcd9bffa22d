//! What is known of a text that has only a symbol: that it is the JSON of a value, or one of two texts, or a text any number of times.

use std::sync::Arc;

use super::{Kind, Nature, Shape, Symbol, SymbolId, Symbols, Text, Value};

/// The structure of the text that a symbol stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// The text is the JSON of this value, as `jsonencode` writes it.
    Json(Value),
    /// `%{ if }` with an unknown condition: the one text or the other.
    Either {
        /// Of shape [`Shape::Presence`]: true where it is `then`.
        presence: SymbolId,
        /// The text where the condition is true.
        then: Text,
        /// The text where it is false.
        other: Text,
    },
    /// `%{ for }` over what is not known: texts like this one, any number of times.
    Each {
        /// The text of one round, with symbols for what the loop runs over.
        body: Text,
    },
    /// Of the rest of a list: each further item is like one of the items that may be there, with values of its own for their symbols.
    Alike,
}

impl Value {
    /// The text of a string, or of a symbol, which may have a [`Meaning`]: what [`json::read`](super::json::read) takes.
    /// Its parts are sensitive where the value is.
    pub fn to_text(&self) -> Option<Text> {
        let text = match &self.kind {
            Kind::Text(text) => text.clone(),
            Kind::Unknown(symbol) => Text::symbol(*symbol, self.origin.clone()),
            _ => return None,
        };
        Some(if self.sensitive && !text.is_sensitive() {
            text.into_sensitive()
        } else {
            text
        })
    }
}

impl Symbols {
    /// Says what the text of a symbol is made of. The first meaning that is given stands.
    pub fn give_meaning(&mut self, id: SymbolId, meaning: Meaning) {
        self.meanings.entry(id).or_insert_with(|| Arc::new(meaning));
    }

    /// What the text of a symbol is made of, where that is known.
    pub fn meaning(&self, id: SymbolId) -> Option<Arc<Meaning>> {
        self.meanings.get(&id).cloned()
    }

    /// A symbol that follows from another one by the pure function that `what` names: the same for the same symbol.
    pub(super) fn derive(&mut self, what: &str, of: SymbolId, shape: Shape) -> SymbolId {
        let of = self.get(of).clone();
        let symbol = Symbol {
            key: format!("{what}:{}", of.key),
            shape,
            ..follows(of)
        };
        self.intern(symbol)
    }

    /// The opposite of a presence. The two are decided apart: this allows for more than there can be, and never for less.
    pub(super) fn opposite(&mut self, of: SymbolId) -> SymbolId {
        let of = self.get(of).clone();
        let symbol = Symbol {
            key: format!("not:{}", of.key),
            name: format!("not {}", of.name),
            ..follows(of)
        };
        self.intern(symbol)
    }

    /// What is there where both of two are.
    pub(super) fn both(&mut self, one: SymbolId, other: SymbolId) -> SymbolId {
        let (one, other) = (self.get(one).clone(), self.get(other).clone());
        let symbol = Symbol {
            // The length tells where the first key ends.
            key: format!("both:{}:{}:{}", one.key.len(), one.key, other.key),
            ..follows(other)
        };
        self.intern(symbol)
    }

    /// A symbol that equals nothing but itself, described like another one where there is one.
    pub(super) fn another(
        &mut self,
        like: Option<SymbolId>,
        reason: &str,
        shape: Shape,
    ) -> SymbolId {
        let key = format!("another:{}", self.all.len());
        let symbol = match like {
            Some(like) => Symbol {
                key,
                shape,
                ..follows(self.get(like).clone())
            },
            None => Symbol {
                key,
                name: reason.to_owned(),
                shape,
                nature: Nature::Undocumented,
                reason: reason.to_owned(),
                supply: None,
            },
        };
        self.intern(symbol)
    }
}

/// What follows from a new object's id may well equal a literal.
fn follows(of: Symbol) -> Symbol {
    Symbol {
        nature: match of.nature {
            Nature::Fresh => Nature::Undocumented,
            other => other,
        },
        ..of
    }
}
