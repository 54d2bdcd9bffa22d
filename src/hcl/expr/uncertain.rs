//! Text of templates that is there or not: directives over what is not known.

use hcl_edit::template::ForTemplateExpr;

use super::template::Node;
use super::{Round, Run};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::{Meaning, Part, PartKind, Presence, Text};

impl Run<'_, '_> {
    /// `%{ if }` with an unknown condition: a symbol for the one text or the other.
    pub(super) fn one_of_two(
        &mut self,
        condition: &Typed,
        then: &[Node<'_>],
        other: &[Node<'_>],
        at: &Origin,
        out: &mut Vec<Part>,
    ) -> Result<(), Problem> {
        let (then, other) = (self.branch(then, at)?, self.branch(other, at)?);
        let value = self.uncertain("%{ if }", &[condition, &then, &other], at, out);
        self.mean_either(&value, "%{ if }", condition, [&then, &other], at)
    }

    /// Says of an unknown text that it is one of two. Where they are no texts there is nothing to say.
    pub(super) fn mean_either(
        &mut self,
        value: &Typed,
        what: &str,
        condition: &Typed,
        [then, other]: [&Typed; 2],
        at: &Origin,
    ) -> Result<(), Problem> {
        let (Data::Unknown(symbol, Type::String), Some(then), Some(other)) =
            (&value.data, as_text(then), as_text(other))
        else {
            return Ok(());
        };
        self.grow(then.parts(), at)?;
        self.grow(other.parts(), at)?;
        if let Presence::Maybe(presence) = self.derived_presence(what, &[condition]) {
            let meaning = Meaning::Either {
                presence,
                then,
                other,
            };
            self.world.symbols.give_meaning(*symbol, meaning);
        }
        Ok(())
    }

    /// A round of `%{ for }` that may be there.
    pub(super) fn maybe_round(
        &mut self,
        intro: &ForTemplateExpr,
        body: &[Node<'_>],
        round: Round,
        at: &Origin,
        out: &mut Vec<Part>,
    ) -> Result<(), Problem> {
        let Presence::Maybe(presence) = round.presence else {
            return Ok(());
        };
        let text = self.tried(at, |run, parts| {
            run.round(intro, body, (round.key, round.value), at, parts)
        })?;
        let there = Typed::unknown(presence, Type::Bool, at.clone());
        let value = self.uncertain("%{ for }", &[&there, &text], at, out);
        if let (Data::Unknown(symbol, _), Some(then)) = (value.data, as_text(&text)) {
            let meaning = Meaning::Either {
                presence,
                then,
                other: Text::default(),
            };
            self.world.symbols.give_meaning(symbol, meaning);
        }
        Ok(())
    }

    /// `%{ for }` over what is not known: a symbol for its text any number of times.
    pub(super) fn each(
        &mut self,
        intro: &ForTemplateExpr,
        body: &[Node<'_>],
        collection: &Typed,
        at: &Origin,
        out: &mut Vec<Part>,
    ) -> Result<(), Problem> {
        let place = collection.origin.clone();
        let of = (
            self.derive("key", &[collection], Type::Dynamic, place.clone()),
            self.derive("each", &[collection], Type::Dynamic, place),
        );
        let text = self.tried(at, |run, parts| run.round(intro, body, of, at, parts))?;
        let value = self.uncertain("%{ for }", &[collection, &text], at, out);
        if let (Data::Unknown(symbol, _), Some(body)) = (value.data, as_text(&text)) {
            let meaning = Meaning::Each { body };
            self.world.symbols.give_meaning(symbol, meaning);
        }
        Ok(())
    }

    fn branch(&mut self, nodes: &[Node<'_>], at: &Origin) -> Result<Typed, Problem> {
        self.tried(at, |run, parts| run.render(nodes, parts))
    }

    /// A text that may be needed or not. What fails here need not fail when it is known which: it is then a text that nothing is known of.
    fn tried(
        &mut self,
        at: &Origin,
        render: impl FnOnce(&mut Self, &mut Vec<Part>) -> Result<bool, Problem>,
    ) -> Result<Typed, Problem> {
        let mut parts = Vec::new();
        match render(self, &mut parts) {
            Ok(marked) => {
                let text = Typed::text(Text::from_parts(parts), at.clone());
                Ok(text.marked(marked))
            }
            Err(problem) => {
                // Beyond the limits there is no going on.
                self.spend(1, at)?;
                self.spend_size(1, at)?;
                let reason = format!("it has no value: {}", problem.message);
                Ok(self.unknowable("text", &reason, Type::String, at.clone()))
            }
        }
    }

    /// Appends a symbol for a text that depends on `of`, and gives it.
    fn uncertain(&mut self, what: &str, of: &[&Typed], at: &Origin, out: &mut Vec<Part>) -> Typed {
        let value = self.derive(what, of, Type::String, at.clone());
        if let Data::Unknown(symbol, _) = value.data {
            out.push(Part {
                kind: PartKind::Symbol(symbol),
                origin: at.clone(),
                sensitive: value.sensitive,
            });
        }
        value
    }
}

/// A text, perhaps of one symbol.
fn as_text(value: &Typed) -> Option<Text> {
    let text = match &value.data {
        Data::Text(text) => text.clone(),
        Data::Unknown(symbol, Type::String) => Text::symbol(*symbol, value.origin.clone()),
        _ => return None,
    };
    Some(if value.sensitive && !text.is_sensitive() {
        text.into_sensitive()
    } else {
        text
    })
}
