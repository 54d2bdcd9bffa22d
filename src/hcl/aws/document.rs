//! `aws_iam_policy_document`: the policy of its blocks, as a text and, where it is not sure what is in it, as a symbol that means a policy.

use super::encode::{self, Layout};
use super::facts::{Facts, text_of};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Element, Typed};
use crate::input::document::{Included, render};
use crate::source::Origin;
use crate::value::json::{self, TextError};
use crate::value::{
    Kind, Meaning, Member, Object, Open, PartKind, Presence, Shape, SymbolId, Text, Value,
};

/// Larger documents are not made: each may hold others many times over. AWS takes no policy of a hundredth of it.
const LARGEST: usize = 4 << 20;

/// `json` and `minified_json`; none where an override is not known, which may replace any statement.
pub(super) fn special(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    let layout = match name {
        "json" => Layout::Lines,
        "minified_json" => Layout::Minified,
        _ => return Ok(None),
    };
    let Some(policy) = policy(facts)? else {
        return Ok(None);
    };
    if encode::size(&policy) > LARGEST {
        return Err(too_large(&facts.origin));
    }
    if encode::certain(&policy) {
        return Ok(Some(facts.value(encode::encode(&policy, layout))));
    }
    let sensitive = policy.sensitive;
    let symbol = facts.symbol(name, Shape::Text);
    let meaning = Meaning::Json(policy);
    facts.world.symbols.give_meaning(symbol, meaning);
    let text = Text::symbol(symbol, facts.origin.clone());
    Ok(Some(facts.value(text).marked(sensitive)))
}

fn too_large(at: &Origin) -> Problem {
    Problem::new("the policy document grows too large", at)
}

/// The policy that the provider makes of the arguments.
fn policy(facts: &mut Facts<'_, '_>) -> Result<Option<Value>, Problem> {
    let mut members = Vec::new();
    for name in ["policy_id", "version", "statement"] {
        if let Some(value) = facts.argument(name)? {
            members.push(Member {
                key: name.to_owned(),
                key_origin: value.origin.clone(),
                presence: Presence::Present,
                value: value.into(),
            });
        }
    }
    let object = Object {
        members,
        open: None,
    };
    let arguments = Value::new(Kind::Object(object), facts.origin.clone());
    let mut reader = Reader { facts, read: 0 };
    let mut sources = reader.documents("source_json")?;
    sources.extend(reader.documents("source_policy_documents")?);
    let mut overrides = reader.documents("override_json")?;
    overrides.extend(reader.documents("override_policy_documents")?);
    let rendered = render(&arguments, sources, overrides, facts.world.symbols);
    match rendered.refused.into_iter().next() {
        Some((message, at)) => Err(Problem::new(message, &at)),
        None => Ok(rendered.policy),
    }
}

/// Reads the documents that another one includes.
struct Reader<'r, 'f, 'w> {
    facts: &'r mut Facts<'f, 'w>,
    /// The bytes that were read so far.
    read: usize,
}

impl Reader<'_, '_, '_> {
    fn documents(&mut self, name: &str) -> Result<Vec<Included>, Problem> {
        let Some(value) = self.facts.argument(name)? else {
            return Ok(Vec::new());
        };
        let mut documents = Vec::new();
        match &value.data {
            Data::Sequence(list) => {
                for item in &list.items {
                    documents.extend(self.item(item, name)?);
                }
                documents.extend(list.rest.clone().map(Included::Unknown));
            }
            Data::Unknown(symbol, of) if !of.is_primitive() && !self.means(*symbol) => {
                documents.push(open(*symbol, &value));
            }
            _ => documents.extend(self.text(&value, name)?),
        }
        Ok(documents)
    }

    /// True where it is known what the text of a symbol is made of.
    fn means(&self, symbol: SymbolId) -> bool {
        self.facts.world.symbols.meaning(symbol).is_some()
    }

    fn item(&mut self, item: &Element, name: &str) -> Result<Option<Included>, Problem> {
        let included = self.text(&item.value, name)?;
        let symbol = match item.presence {
            Presence::Present => return Ok(included),
            Presence::Absent => return Ok(None),
            Presence::Maybe(symbol) => symbol,
        };
        Ok(included.map(|included| match included {
            Included::Read(document) => perhaps(document, symbol),
            unknown @ Included::Unknown(_) => unknown,
        }))
    }

    /// A document given as its text; none for null and the empty text.
    fn text(&mut self, value: &Typed, name: &str) -> Result<Option<Included>, Problem> {
        if value.is_null() {
            return Ok(None);
        }
        let Some(text) = text_of(value) else {
            let message = format!("a string of JSON is required in `{name}`");
            return Err(Problem::new(message, &value.origin));
        };
        if text
            .to_literal()
            .is_some_and(|known| known.trim().is_empty())
        {
            return Ok(None);
        }
        self.read += weight(&text);
        if self.read > LARGEST {
            return Err(too_large(&value.origin));
        }
        let world = &mut *self.facts.world;
        match json::read(&text, &value.origin, world.sources, world.symbols) {
            Ok(document) => {
                self.read += encode::size(&document);
                Ok(Some(match document.kind {
                    Kind::Unknown(symbol) => open(symbol, value),
                    _ => Included::Read(document),
                }))
            }
            Err(TextError::Invalid(_)) => {
                let message = format!("a document in `{name}` is no JSON");
                Err(Problem::new(message, &value.origin))
            }
            Err(TextError::Unknown { symbol, .. }) => {
                let symbol = symbol.unwrap_or_else(|| self.facts.symbol(name, Shape::Rest));
                Ok(Some(open(symbol, value)))
            }
        }
    }
}

fn open(symbol: SymbolId, value: &Typed) -> Included {
    Included::Unknown(Open {
        symbol,
        origin: value.origin.clone(),
    })
}

fn weight(text: &Text) -> usize {
    let parts = text.parts().iter();
    parts
        .map(|part| match &part.kind {
            PartKind::Literal(known) => known.len(),
            PartKind::Symbol(_) | PartKind::Hole(_) => 1,
        })
        .sum()
}

/// A document that is included or not: so is each of its statements.
fn perhaps(mut document: Value, symbol: SymbolId) -> Included {
    let origin = document.origin.clone();
    let unsure = Included::Unknown(Open { symbol, origin });
    let Kind::Object(object) = &mut document.kind else {
        return unsure;
    };
    // Its version and id count only if it is there.
    object.members.retain(|member| member.key == "Statement");
    for member in &mut object.members {
        let Kind::List(list) = &mut member.value.kind else {
            return unsure;
        };
        for item in &mut list.items {
            if item.presence != Presence::Present {
                return unsure;
            }
            item.presence = Presence::Maybe(symbol);
        }
    }
    Included::Read(document)
}
