//! The policy that the data source `aws_iam_policy_document` makes of its blocks, for plans and for sources.
//!
//! What the provider does (`HashiCorp`, data source `aws_iam_policy_document`): `Allow` and version `2012-10-17` where nothing else is said;
//! `source_policy_documents` come first, the document's own statements replace those of the same Sid, and `override_policy_documents`
//! replace both; a statement without a Sid replaces nothing.

mod merge;
mod statement;

use crate::source::Origin;
use crate::value::{Kind, List, Member, Object, Open, Presence, Symbols, Value};
use merge::Merged;
use statement::statement;

/// A document that another one includes.
#[derive(Clone, Debug)]
pub(crate) enum Included {
    /// Its JSON, read.
    Read(Value),
    /// Nothing is known of it; the symbol names its statements.
    Unknown(Open),
}

/// What the provider makes of a document.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// The policy: an object of `Version`, `Id` and `Statement`. None where an override is not known, which may replace any statement.
    pub(crate) policy: Option<Value>,
    /// What the provider refuses, and where.
    pub(crate) refused: Vec<(&'static str, Origin)>,
}

/// The policy of a document with these arguments. Unknown leaves keep their symbols, and unknown lists stay open.
pub(crate) fn render(
    arguments: &Value,
    sources: Vec<Included>,
    overrides: Vec<Included>,
    symbols: &mut Symbols,
) -> Rendered {
    let origin = arguments.origin.clone();
    let mut merged = Merged::new(origin.clone(), symbols);
    for included in sources {
        merged.source(included);
    }
    merged.own(arguments, own(arguments));
    let mut known = true;
    for included in overrides {
        known &= match included {
            Included::Read(document) => merged.replace(&document),
            Included::Unknown(_) => false,
        };
    }
    merged.finish(known)
}

/// The statements of the document's own blocks.
fn own(arguments: &Value) -> List {
    let mut statements = List::default();
    match arguments.get("statement").map(|value| &value.kind) {
        Some(Kind::Unknown(symbol)) => {
            statements.open = Some(Open {
                symbol: *symbol,
                origin: arguments.origin.clone(),
            });
        }
        Some(Kind::List(list)) => {
            statements.open.clone_from(&list.open);
            for item in &list.items {
                let mut item = item.clone();
                if let Kind::Object(_) = item.value.kind {
                    item.value = statement(&item.value);
                }
                statements.items.push(item);
            }
        }
        _ => {}
    }
    statements
}

/// An argument that is configured: neither null nor an empty list.
fn given<'v>(block: &'v Value, name: &str) -> Option<&'v Value> {
    block.get(name).filter(|value| match &value.kind {
        Kind::Null => false,
        Kind::List(list) => !list.items.is_empty() || list.open.is_some(),
        _ => true,
    })
}

fn object(members: Vec<(&str, Value)>, origin: &Origin) -> Value {
    let members = members.into_iter().map(|(key, value)| Member {
        key: key.to_owned(),
        key_origin: value.origin.clone(),
        presence: Presence::Present,
        value,
    });
    Value::new(
        Kind::Object(Object {
            members: members.collect(),
            open: None,
        }),
        origin.clone(),
    )
}
