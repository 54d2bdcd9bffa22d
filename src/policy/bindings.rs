//! What symbols are taken to be in one case, and the comparisons that are still open.

use std::collections::HashSet;

use super::condition::Family;
use super::pattern::{Colons, Token};
use crate::value::SymbolId;

/// What a symbol is taken to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bound {
    /// This text.
    Text(String),
    /// There, or not; for an unknown rest of a condition block, whether it holds.
    Present(bool),
    /// The unknown rest of a list is these texts.
    Rest(Vec<String>),
}

/// What the symbols are taken to be in one case.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    bound: Vec<(SymbolId, Bound)>,
}

impl Bindings {
    pub(super) fn get(&self, id: SymbolId) -> Option<&Bound> {
        self.bound
            .iter()
            .find(|(other, _)| *other == id)
            .map(|(_, bound)| bound)
    }

    pub(super) fn with(&self, id: SymbolId, bound: Bound) -> Self {
        let mut next = self.clone();
        next.bound.push((id, bound));
        next
    }

    /// The bindings without that of one symbol.
    pub(super) fn without(&self, id: SymbolId) -> Self {
        let others = self.bound.iter().filter(|(other, _)| *other != id);
        Bindings {
            bound: others.cloned().collect(),
        }
    }

    /// How many symbols are bound.
    pub(super) fn len(&self) -> usize {
        self.bound.len()
    }

    /// The symbols that are bound, in the order that they were.
    pub(super) fn symbols(&self) -> impl Iterator<Item = SymbolId> + '_ {
        self.bound.iter().map(|(id, _)| *id)
    }

    pub(super) fn text(&self, id: SymbolId) -> Option<&str> {
        match self.get(id) {
            Some(Bound::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Comparisons, each once, in their order.
pub(super) fn once(atoms: impl IntoIterator<Item = Atom>) -> Vec<Atom> {
    let atoms: Vec<Atom> = atoms.into_iter().collect();
    let mut seen = HashSet::new();
    let new: Vec<bool> = atoms.iter().map(|atom| seen.insert(atom)).collect();
    let pairs = atoms.into_iter().zip(new);
    pairs
        .filter_map(|(atom, new)| new.then_some(atom))
        .collect()
}

/// A comparison that no pass could decide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    /// Two texts.
    Text {
        /// The text that is matched.
        subject: Vec<Token>,
        /// The pattern; wildcards are not yet marked for colons.
        pattern: Vec<Token>,
        /// How wildcards meet colons.
        colons: Colons,
        /// Without regard to case.
        folded: bool,
    },
    /// Two values that are no texts.
    Constant {
        /// The operator.
        family: Family,
        /// The request's value.
        request: Vec<Token>,
        /// The policy's value.
        policy: Vec<Token>,
    },
    /// Whether something is there, or holds.
    Presence(SymbolId),
    /// Whether the unknown rest of a list holds anything.
    Follows(SymbolId),
    /// A caller of whom nothing but the name of its ARN is known, and an account that a policy names.
    Caller {
        /// The caller.
        caller: SymbolId,
        /// The policy's principal.
        principal: Vec<Token>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Nature, Shape, Symbol, Symbols};

    #[test]
    fn what_is_bound_is_counted_and_told_in_its_order() {
        let mut symbols = Symbols::new();
        let [one, other] = ["one", "other"]
            .map(|name| symbols.intern(Symbol::for_test(name, Shape::Presence, Nature::Named)));
        let none = Bindings::default();
        let both = none
            .with(other, Bound::Present(true))
            .with(one, Bound::Text("a".to_owned()));
        assert_eq!(
            [none.len(), both.len(), both.without(other).len()],
            [0, 2, 1]
        );
        assert!(both.symbols().eq([other, one]) && none.symbols().next().is_none());
        assert_eq!((both.text(one), both.text(other)), (Some("a"), None));
    }
}
