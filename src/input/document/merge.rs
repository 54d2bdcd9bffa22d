//! Documents put together, statement by statement.

use std::collections::{BTreeMap, BTreeSet};

use super::{Included, Rendered, given, object};
use crate::source::Origin;
use crate::value::{
    Item, Kind, List, Nature, Part, PartKind, Presence, Shape, Symbol, Symbols, Text, Value,
};

/// A document that grows by others.
pub(super) struct Merged<'s> {
    origin: Origin,
    symbols: &'s mut Symbols,
    version: Option<Value>,
    id: Option<Value>,
    statements: List,
    /// The place of the newest statement of each Sid that is known.
    by_sid: BTreeMap<String, usize>,
    /// The places of statements whose Sid is not known.
    unnamed: Vec<(Text, usize)>,
    /// The Sids of the sources so far.
    sources: BTreeSet<String>,
    refused: Vec<(&'static str, Origin)>,
}

impl<'s> Merged<'s> {
    pub(super) fn new(origin: Origin, symbols: &'s mut Symbols) -> Self {
        Merged {
            origin,
            symbols,
            version: None,
            id: None,
            statements: List::default(),
            by_sid: BTreeMap::new(),
            unnamed: Vec::new(),
            sources: BTreeSet::new(),
            refused: Vec::new(),
        }
    }

    /// One of `source_policy_documents`. No two of them may have a Sid in common.
    pub(super) fn source(&mut self, included: Included) {
        match included {
            Included::Read(document) => {
                let statements = self.read(&document);
                let mut sids = std::mem::take(&mut self.sources);
                self.differ(
                    &statements,
                    &mut sids,
                    "two statements of `source_policy_documents` have the same Sid",
                );
                self.sources = sids;
                self.add(statements);
            }
            Included::Unknown(open) => {
                self.statements.open.get_or_insert(open);
            }
        }
    }

    /// The document's own statements, id and version.
    pub(super) fn own(&mut self, arguments: &Value, statements: List) {
        let version = given(arguments, "version").cloned();
        let version =
            version.unwrap_or_else(|| Value::text("2012-10-17", arguments.origin.clone()));
        self.head(Some(&version), given(arguments, "policy_id"));
        self.differ(
            &statements,
            &mut BTreeSet::new(),
            "two statements of this document have the same `sid`",
        );
        self.add(statements);
    }

    /// One of `override_policy_documents`; false where it may hold a statement that is not known, which may replace any other.
    pub(super) fn replace(&mut self, document: &Value) -> bool {
        let statements = self.read(document);
        let known = statements.open.is_none();
        self.add(statements);
        known
    }

    /// The statements of a document, whose id and newer version are taken over.
    fn read(&mut self, document: &Value) -> List {
        if let Kind::Unknown(symbol) = document.kind {
            return List {
                items: Vec::new(),
                open: Some(crate::value::Open {
                    symbol,
                    origin: document.origin.clone(),
                }),
            };
        }
        self.head(document.get("Version"), document.get("Id"));
        match document.get("Statement").map(|value| (&value.kind, value)) {
            Some((Kind::List(list), _)) => list.clone(),
            Some((Kind::Object(_), one)) => List {
                items: vec![Item {
                    presence: Presence::Present,
                    value: one.clone(),
                }],
                open: None,
            },
            Some((Kind::Unknown(symbol), value)) => List {
                items: Vec::new(),
                open: Some(crate::value::Open {
                    symbol: *symbol,
                    origin: value.origin.clone(),
                }),
            },
            _ => {
                if !matches!(document.kind, Kind::Object(_)) {
                    let message = "an included document is no policy";
                    self.refused.push((message, document.origin.clone()));
                }
                List::default()
            }
        }
    }

    /// The newer version wins, and the last id.
    fn head(&mut self, version: Option<&Value>, id: Option<&Value>) {
        if let Some(new) = version {
            let older = match (&self.version, new.as_str()) {
                (Some(old), Some(new)) => old.as_str().is_none_or(|old| old >= new),
                _ => false,
            };
            if !older {
                self.version = Some(new.clone());
            }
        }
        if let Some(id) = id.filter(|id| id.as_str() != Some("")) {
            self.id = Some(id.clone());
        }
    }

    /// Refuses a second statement of a Sid.
    fn differ(&mut self, statements: &List, seen: &mut BTreeSet<String>, message: &'static str) {
        for item in &statements.items {
            let Some(sid) = sid(&item.value) else {
                continue;
            };
            let sure = item.presence == Presence::Present;
            if let Some(known) = sid.to_literal().filter(|_| sure)
                && !seen.insert(known)
            {
                let at = item.value.get("Sid").unwrap_or(&item.value);
                self.refused.push((message, at.origin.clone()));
            }
        }
    }

    /// Adds the statements of one document, which differ among each other: they take the place of earlier ones alone.
    fn add(&mut self, more: List) {
        let before = self.statements.items.len();
        for item in more.items {
            self.put(item, before);
        }
        if let Some(open) = more.open {
            self.statements.open.get_or_insert(open);
        }
    }

    /// Adds a statement; one with the Sid of an earlier one takes its place.
    fn put(&mut self, item: Item, before: usize) {
        if let Kind::Unknown(symbol) = item.value.kind {
            self.statements.open.get_or_insert(crate::value::Open {
                symbol,
                origin: item.value.origin,
            });
            return;
        }
        let Some(sid) = sid(&item.value).cloned() else {
            self.statements.items.push(item);
            return;
        };
        let known = sid.to_literal();
        let same = match &known {
            Some(known) => self.by_sid.get(known).copied(),
            None => self
                .unnamed
                .iter()
                .find(|(other, _)| *other == sid)
                .map(|(_, at)| *at),
        };
        let same = same.filter(|at| *at < before);
        for at in self.perhaps_replaced(&sid, known.as_deref(), same, before) {
            self.doubt(at);
        }
        if let Some(at) = same {
            if item.presence == Presence::Present
                && let Some(old) = self.statements.items.get_mut(at)
            {
                *old = item;
                return;
            }
            self.doubt(at);
        }
        let at = self.statements.items.len();
        self.statements.items.push(item);
        match known {
            Some(known) => {
                self.by_sid.insert(known, at);
            }
            None => self.unnamed.push((sid, at)),
        }
    }

    /// Earlier statements whose Sid may turn out to be this one.
    fn perhaps_replaced(
        &self,
        sid: &Text,
        known: Option<&str>,
        same: Option<usize>,
        before: usize,
    ) -> BTreeSet<usize> {
        let unnamed = self
            .unnamed
            .iter()
            .filter(|(other, _)| may_equal(other, sid));
        let mut places: BTreeSet<usize> = unnamed.map(|(_, at)| *at).collect();
        if known.is_none() {
            let origin = &self.origin;
            let named = self.by_sid.iter().filter(|(other, _)| {
                may_equal(&Text::literal(other.as_str(), origin.clone()), sid)
            });
            places.extend(named.map(|(_, at)| *at));
        }
        if let Some(same) = same {
            places.remove(&same);
        }
        places.retain(|at| *at < before);
        places
    }

    /// A later statement may take the place of this one.
    fn doubt(&mut self, at: usize) {
        let key = format!("replaced:{}:{at}", self.origin.span().start);
        let symbol = self.symbols.intern(Symbol {
            key,
            name: "a statement is not replaced".to_owned(),
            shape: Shape::Presence,
            nature: Nature::Undocumented,
            reason: "whether another statement of the same Sid replaces it is not known".to_owned(),
            supply: None,
        });
        if let Some(item) = self.statements.items.get_mut(at)
            && item.presence == Presence::Present
        {
            item.presence = Presence::Maybe(symbol);
        }
    }

    pub(super) fn finish(self, known: bool) -> Rendered {
        let mut members = Vec::new();
        members.extend(self.version.map(|it| ("Version", it)));
        members.extend(self.id.map(|it| ("Id", it)));
        let statements = Value::new(Kind::List(self.statements), self.origin.clone());
        members.push(("Statement", statements));
        Rendered {
            policy: known.then(|| object(members, &self.origin)),
            refused: self.refused,
        }
    }
}

/// The Sid of a statement that has one.
fn sid(statement: &Value) -> Option<&Text> {
    match &statement.get("Sid")?.kind {
        Kind::Text(text) => Some(text).filter(|text| text.as_literal() != Some("")),
        _ => None,
    }
}

/// False where two texts surely differ, by how they begin or end.
fn may_equal(one: &Text, other: &Text) -> bool {
    if let (Some(one), Some(other)) = (one.to_literal(), other.to_literal()) {
        return one == other;
    }
    let (a, b) = (edge(one.parts().iter()), edge(other.parts().iter()));
    let (x, y) = (
        edge(one.parts().iter().rev()),
        edge(other.parts().iter().rev()),
    );
    let fits = |a: &str, b: &str| a.starts_with(b) || b.starts_with(a);
    let fits_end = |a: &str, b: &str| a.ends_with(b) || b.ends_with(a);
    fits(a, b) && fits_end(x, y)
}

/// The known text that a text begins or ends with.
fn edge<'t>(mut parts: impl Iterator<Item = &'t Part>) -> &'t str {
    match parts.next().map(|part| &part.kind) {
        Some(PartKind::Literal(text)) => text,
        _ => "",
    }
}
