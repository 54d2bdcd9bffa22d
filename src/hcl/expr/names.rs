//! Names for what follows from what is not known.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Run;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::{Meaning, Nature, Open, PartKind, Presence, Shape, Symbol, SymbolId, Text};

/// A name that is longer is cut.
const LONGEST_NAME: usize = 80;

impl Run<'_, '_> {
    /// The unknown result of doing `what` to `of`: the same for the same values, as `what` is a pure function.
    pub(in crate::hcl) fn derive(
        &mut self,
        what: &str,
        of: &[&Typed],
        kind: Type,
        at: Origin,
    ) -> Typed {
        self.doubts += 1;
        let symbol = self.derived_symbol(what, of, Shape::Text);
        let sensitive = of.iter().any(|value| value.is_sensitive());
        Typed::unknown(symbol, kind, at).marked(sensitive)
    }

    /// The unknown answer to whether something is there.
    pub(in crate::hcl) fn derived_presence(&mut self, what: &str, of: &[&Typed]) -> Presence {
        Presence::Maybe(self.derived_symbol(what, of, Shape::Presence))
    }

    /// The unknown rest of a collection.
    pub(in crate::hcl) fn derived_rest(&mut self, what: &str, of: &[&Typed], at: Origin) -> Open {
        let symbol = self.derived_symbol(what, of, Shape::Rest);
        Open { symbol, origin: at }
    }

    /// The rest of two lists together: of two, the one of which less is known.
    pub(in crate::hcl) fn either_rest(
        &self,
        one: Option<Open>,
        other: Option<&Open>,
    ) -> Option<Open> {
        let is_alike = |open: &Open| {
            let meaning = self.world.symbols.meaning(open.symbol);
            matches!(meaning.as_deref(), Some(Meaning::Alike))
        };
        match (one, other) {
            (Some(one), Some(other)) if is_alike(&one) => Some(other.clone()),
            (one, other) => one.or_else(|| other.cloned()),
        }
    }

    fn derived_symbol(&mut self, what: &str, of: &[&Typed], shape: Shape) -> SymbolId {
        let mut digest = Sha256::new();
        for value in of {
            self.feed(value, &mut digest);
        }
        let digest = digest
            .finalize()
            .iter()
            .fold(String::new(), |mut out, byte| {
                let _ = write!(out, "{byte:02x}");
                out
            });
        let cause = of.iter().find_map(|value| first_symbol(value));
        let cause = cause.map(|id| self.world.symbols.get(id).clone());
        let name = match &cause {
            // What more there is hangs on the same.
            Some(cause) if shape == Shape::Rest => cause.name.clone(),
            Some(cause) => follows(what, &cause.name),
            None => format!("{what}(…)"),
        };
        let key = format!("hcl:{what}:{shape:?}:{digest}");
        self.intern(key, name, shape, cause)
    }

    fn intern(
        &mut self,
        key: String,
        mut name: String,
        shape: Shape,
        cause: Option<Symbol>,
    ) -> SymbolId {
        if name.chars().count() > LONGEST_NAME {
            name = name.chars().take(LONGEST_NAME - 1).chain(['…']).collect();
        }
        let (nature, reason, supply) = match cause {
            Some(it) => (it.nature, it.reason, it.supply),
            None => (Nature::Undocumented, "not known".to_owned(), None),
        };
        // What follows from a new object's id may well equal a literal: a part of it, its length.
        let nature = match nature {
            Nature::Fresh => Nature::Undocumented,
            other => other,
        };
        self.world.symbols.intern(Symbol {
            key,
            name,
            shape,
            nature,
            reason,
            supply,
        })
    }

    /// The result of a call that gives a new value each time, or that nobody but Terraform can work out.
    pub(in crate::hcl) fn unknowable(
        &mut self,
        function: &str,
        reason: &str,
        kind: Type,
        at: Origin,
    ) -> Typed {
        self.calls += 1;
        self.doubts += 1;
        let (instance, start) = (self.scope.instance(), at.span().start);
        let symbol = self.world.symbols.intern(Symbol {
            key: format!("hcl:{instance}:{function}:{start}:{}", self.calls),
            name: format!("{function}(…)"),
            shape: Shape::Text,
            nature: Nature::Undocumented,
            reason: reason.to_owned(),
            supply: None,
        });
        Typed::unknown(symbol, kind, at)
    }

    /// Feeds all that tells a value from another one.
    fn feed(&self, value: &Typed, digest: &mut Sha256) {
        match &value.data {
            Data::Null(_) => digest.update(b"null;"),
            Data::Bool(it) => digest.update(format!("{it};")),
            Data::Number(it) => digest.update(format!("{it};")),
            Data::Text(it) => self.feed_text(it, digest),
            Data::Unknown(id, _) => digest.update(format!("?{};", self.world.symbols.get(*id).key)),
            Data::Sequence(it) => {
                digest.update(b"[");
                for item in &it.items {
                    self.feed_presence(item.presence, digest);
                    self.feed(&item.value, digest);
                }
                self.feed_rest(it.rest.as_ref(), digest);
                digest.update(b"]");
            }
            Data::Mapping(it) => {
                digest.update(b"{");
                for (key, entry) in &it.entries {
                    digest.update(format!("{key:?}:"));
                    self.feed_presence(entry.presence, digest);
                    self.feed(&entry.value, digest);
                }
                self.feed_rest(it.rest.as_ref(), digest);
                digest.update(b"}");
            }
        }
    }

    fn feed_text(&self, text: &Text, digest: &mut Sha256) {
        digest.update(b"\"");
        for part in text.parts() {
            match &part.kind {
                PartKind::Literal(text) => digest.update(text),
                PartKind::Symbol(id) => {
                    digest.update(format!("${{{}}}", self.world.symbols.get(*id).key));
                }
                PartKind::Hole(reason) => digest.update(format!("?{reason:?}")),
            }
        }
        digest.update(b"\";");
    }

    fn feed_presence(&self, presence: Presence, digest: &mut Sha256) {
        if let Presence::Maybe(id) = presence {
            digest.update(format!("maybe {};", self.world.symbols.get(id).key));
        }
    }

    fn feed_rest(&self, rest: Option<&Open>, digest: &mut Sha256) {
        if let Some(open) = rest {
            digest.update(format!("...{}", self.world.symbols.get(open.symbol).key));
        }
    }
}

/// How people are told of what `what` makes of a value.
fn follows(what: &str, cause: &str) -> String {
    const OPERATORS: [&str; 13] = [
        "==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%",
    ];
    match what {
        "each" => format!("{cause}[*]"),
        // Whether something is there is told by what decides it.
        "?" | "if" | "for" => cause.to_owned(),
        _ if what.starts_with(['.', '[']) => format!("{cause}{what}"),
        _ if OPERATORS.contains(&what) => format!("{cause} {what} …"),
        _ => format!("{what}({cause})"),
    }
}

/// The first symbol in a value, which is what people are told that it depends on.
pub(in crate::hcl) fn first_symbol(value: &Typed) -> Option<SymbolId> {
    match &value.data {
        Data::Null(_) | Data::Bool(_) | Data::Number(_) => None,
        Data::Unknown(id, _) => Some(*id),
        Data::Text(text) => text.parts().iter().find_map(|part| match part.kind {
            PartKind::Symbol(id) => Some(id),
            PartKind::Literal(_) | PartKind::Hole(_) => None,
        }),
        Data::Sequence(it) => {
            let inside = it.items.iter().find_map(|item| match item.presence {
                Presence::Maybe(id) => Some(id),
                _ => first_symbol(&item.value),
            });
            inside.or_else(|| it.rest.as_ref().map(|open| open.symbol))
        }
        Data::Mapping(it) => {
            let inside = it.entries.values().find_map(|entry| match entry.presence {
                Presence::Maybe(id) => Some(id),
                _ => first_symbol(&entry.value),
            });
            inside.or_else(|| it.rest.as_ref().map(|open| open.symbol))
        }
    }
}
