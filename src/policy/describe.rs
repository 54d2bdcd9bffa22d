//! What the cells of a symbol are, in the words of the policy and the request.

use super::automaton::Tracker;
use super::bindings::{Atom, Bound};
use super::cells::{Cell, Probe, sides};
use super::classes::{Class, residual};
use super::condition::{Family, Relation};
use super::decision::{Fixed, Word, once_each};
use super::pattern::Token;
use crate::value::{Shape, SymbolId, Symbols};

/// What each of the comparisons asks of the symbol.
pub(super) struct Asked {
    word: Word,
    /// True where it asks for the one text or value that the word shows.
    one: bool,
    /// True where another symbol in it was replaced.
    replaced: bool,
}

/// What the comparisons ask of the symbol, in the order of what [`Class::accepted`] holds; none for one that does not tell the classes apart.
pub(super) fn asked(
    id: SymbolId,
    classes: &[Class],
    probes: &[Probe<'_>],
    shape: Shape,
    symbols: &Symbols,
    names: &dyn Fn(&[Token]) -> String,
) -> Vec<Option<Asked>> {
    let trackers = probes
        .iter()
        .filter(|probe| matches!(probe.atom, Atom::Text { .. }));
    let others = probes
        .iter()
        .filter(|probe| matches!(probe.atom, Atom::Constant { .. } | Atom::Caller { .. }));
    let asked = |(at, probe): (usize, &Probe<'_>)| {
        let accepted = |class: &Class| class.accepted.get(at).copied().unwrap_or(false);
        let first = classes.first().is_some_and(accepted);
        if classes.iter().all(|class| accepted(class) == first) {
            return None;
        }
        let (word, one) = word(id, probe, shape, symbols, names);
        Some(Asked {
            word,
            one,
            replaced: probe.atom != *probe.shown,
        })
    };
    trackers.chain(others).enumerate().map(asked).collect()
}

/// What a cell is, in the words of the policy and the request.
pub(super) fn describe(id: SymbolId, class: &Class, asked: &[Option<Asked>]) -> Cell {
    let (mut within, mut not_in, mut literal) = (Vec::new(), Vec::new(), None);
    for (at, it) in asked.iter().enumerate() {
        let Some(it) = it else { continue };
        if class.accepted.get(at).copied().unwrap_or(false) {
            if it.one && !it.replaced && literal.is_none() {
                literal = Some(it.word.clone());
            }
            within.push(it.word.clone());
        } else {
            not_in.push(it.word.clone());
        }
    }
    let invented = literal.as_ref().map(|it| &it.text) != Some(&class.witness);
    if let Some(literal) = literal {
        (within, not_in) = (vec![literal], Vec::new());
    }
    // The narrowest of the patterns that hold says most of them all.
    within.sort_by_key(|word| std::cmp::Reverse(word.text.len()));
    within.truncate(1);
    not_in.retain(|words| !within.contains(words));
    once_each(&mut not_in);
    Cell {
        bound: Bound::Text(class.witness.clone()),
        fixed: Fixed {
            symbol: id,
            within,
            not_in,
            present: None,
        },
        invented,
    }
}

/// What a comparison asks of the symbol, and whether that is one text or value.
fn word(
    id: SymbolId,
    probe: &Probe<'_>,
    shape: Shape,
    symbols: &Symbols,
    names: &dyn Fn(&[Token]) -> String,
) -> (Word, bool) {
    let (text, one) = match probe.shown {
        Atom::Text {
            subject,
            pattern,
            colons,
            folded,
        } => {
            let tracker = Tracker::new(id, subject, pattern, (*colons, *folded), symbols);
            let (slice, exact) = residual(&tracker, shape);
            (names(&slice), exact && !folded)
        }
        Atom::Constant {
            family,
            request,
            policy,
        } => {
            let in_request = request
                .iter()
                .any(|token| matches!(token, Token::Symbol { id: other, .. } if *other == id));
            let other = names(if in_request { policy } else { request });
            let sign = match (family, in_request) {
                (Family::Numeric(relation) | Family::Date(relation), true) => relation.sign(),
                (Family::Numeric(relation) | Family::Date(relation), false) => {
                    relation.turned().sign()
                }
                _ => "",
            };
            (
                format!("{sign}{other}"),
                sign.is_empty() && *family != Family::Ip,
            )
        }
        other => (names(sides(other).concat().as_slice()), false),
    };
    // A number and a date can be written in several ways, and a text that was put for another symbol's is not said.
    let exact = one && matches!(probe.shown, Atom::Text { .. }) && !text.contains("${");
    (Word { text, exact }, one)
}

impl Relation {
    /// The relation as a sign before the other value.
    fn sign(self) -> &'static str {
        match self {
            Relation::Equal => "",
            Relation::Less => "< ",
            Relation::AtMost => "<= ",
            Relation::Greater => "> ",
            Relation::AtLeast => ">= ",
        }
    }

    /// The same relation seen from the other side.
    fn turned(self) -> Self {
        match self {
            Relation::Equal => Relation::Equal,
            Relation::Less => Relation::Greater,
            Relation::AtMost => Relation::AtLeast,
            Relation::Greater => Relation::Less,
            Relation::AtLeast => Relation::AtMost,
        }
    }
}
