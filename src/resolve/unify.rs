//! A value that the plan knows, held against what the sources say of it in part: what the symbols stand for, and where each part is written.

use std::collections::BTreeMap;

use crate::input::Document;
use crate::source::{SourceMap, parse_json_text};
use crate::value::{
    Item, Kind, List, Meaning, Member, Nature, Object, Part, PartKind, Presence, Shape, Symbol,
    SymbolId, Symbols, Text, Value, json,
};

/// What the two together are.
pub(super) enum Answer {
    /// The same, at the places of the sources.
    Same(Value),
    /// Perhaps the same; nothing is won by the sources.
    Open,
    /// Surely not the same.
    Different,
}

/// What symbols stand for.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    known: BTreeMap<SymbolId, String>,
    /// Symbols that would need two values: whatever that means, nothing is concluded from it.
    torn: Vec<SymbolId>,
}

impl Bindings {
    fn add(&mut self, found: BTreeMap<SymbolId, String>) {
        for (symbol, text) in found {
            match self.known.get(&symbol) {
                Some(known) if *known != text => self.torn.push(symbol),
                _ => {
                    self.known.insert(symbol, text);
                }
            }
        }
    }

    /// Puts what was found in the place of the symbols everywhere.
    pub(super) fn settle(mut self, plan: &mut Document, symbols: &mut Symbols) {
        for symbol in &self.torn {
            self.known.remove(symbol);
        }
        if self.known.is_empty() {
            return;
        }
        for resource in &mut plan.resources {
            let sides = [&mut resource.before, &mut resource.after];
            for value in sides.into_iter().flatten() {
                fill(value, &self.known);
            }
        }
        for (symbol, text) in self.known {
            symbols.bind(symbol, text);
        }
    }
}

fn fill(value: &mut Value, known: &BTreeMap<SymbolId, String>) {
    match &mut value.kind {
        Kind::Unknown(symbol) => {
            if let Some(text) = known.get(symbol) {
                let sensitive = value.sensitive;
                *value = Value::text(text.clone(), value.origin.clone());
                if sensitive {
                    *value = value.clone().into_sensitive();
                }
            }
        }
        Kind::Text(text) => {
            let holds =
                |part: &Part| matches!(&part.kind, PartKind::Symbol(it) if known.contains_key(it));
            if text.parts().iter().any(holds) {
                *text = filled(text, known);
            }
        }
        Kind::List(list) => list
            .items
            .iter_mut()
            .for_each(|it| fill(&mut it.value, known)),
        Kind::Object(object) => {
            object
                .members
                .iter_mut()
                .for_each(|it| fill(&mut it.value, known));
        }
        _ => {}
    }
}

/// A text with what its symbols stand for; each keeps its place.
fn filled(text: &Text, known: &BTreeMap<SymbolId, String>) -> Text {
    let part = |part: &Part| match &part.kind {
        PartKind::Symbol(symbol) => match known.get(symbol) {
            Some(literal) => Part {
                kind: PartKind::Literal(literal.clone()),
                ..part.clone()
            },
            None => part.clone(),
        },
        _ => part.clone(),
    };
    Text::from_parts(text.parts().iter().map(part).collect())
}

/// What is being held against each other, and what was found so far.
struct Run<'r> {
    sources: &'r SourceMap,
    symbols: &'r mut Symbols,
    found: BTreeMap<SymbolId, String>,
}

/// Holds a known value of the plan against the sources' value of the same attribute.
pub(super) fn unify(
    plan: &Value,
    source: &Value,
    sources: &SourceMap,
    symbols: &mut Symbols,
    bindings: &mut Bindings,
) -> Answer {
    let mut run = Run {
        sources,
        symbols,
        found: BTreeMap::new(),
    };
    let (planned, text) = match (&plan.kind, &source.kind) {
        (Kind::Text(planned), Kind::Text(text)) => (planned, text),
        (Kind::Text(planned), Kind::Unknown(symbol)) => {
            let Some(literal) = planned.to_literal() else {
                return Answer::Open;
            };
            let mut found = BTreeMap::new();
            found.insert(*symbol, literal.clone());
            bindings.add(found);
            return Answer::Same(Value::text(literal, source.origin.clone()));
        }
        _ => {
            return match (scalar(plan), scalar(source)) {
                (Some(a), Some(b)) if a == b => Answer::Same(Value {
                    origin: source.origin.clone(),
                    ..plan.clone()
                }),
                (Some(_), Some(_)) => Answer::Different,
                _ => Answer::Open,
            };
        }
    };
    let Some(literal) = planned.to_literal() else {
        return Answer::Open;
    };
    if let Some(written) = text.to_literal() {
        if written == literal {
            return Answer::Same(source.clone());
        }
        let (Some(a), Some(b)) = (plain(&literal), plain(&written)) else {
            return Answer::Different;
        };
        return if same(&a, &b) {
            Answer::Same(source.clone())
        } else {
            Answer::Different
        };
    }
    if let Some(found) = run.only(text, &literal) {
        let value = Value {
            kind: Kind::Text(filled(text, &found)),
            ..source.clone()
        };
        bindings.add(found);
        return Answer::Same(value);
    }
    let (Some(planned), Ok(written)) = (
        plain(&literal),
        json::read(text, &source.origin, run.sources, run.symbols),
    ) else {
        return if run.can_be(text, &literal) {
            Answer::Open
        } else {
            Answer::Different
        };
    };
    let Some(tree) = run.tree(&planned, &written) else {
        return Answer::Different;
    };
    let symbol = run.symbols.intern(Symbol {
        key: format!("joined:{}", source.span().start),
        name: "the plan's value".to_owned(),
        shape: Shape::Text,
        nature: Nature::Undocumented,
        reason: "it is read at the places of the sources".to_owned(),
        supply: None,
    });
    run.symbols.give_meaning(symbol, Meaning::Json(tree));
    bindings.add(run.found);
    Answer::Same(Value {
        kind: Kind::Text(Text::symbol(symbol, source.origin.clone())),
        ..source.clone()
    })
}

/// A JSON text as a value; none where it is no JSON object or list.
fn plain(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    parse_json_text(text, 0)
        .ok()
        .map(|node| Value::from_json(&node))
}

fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Null => Some(String::new()),
        Kind::Bool(it) => Some(it.to_string()),
        Kind::Number(it) => Some(it.clone()),
        Kind::Text(text) => text.to_literal(),
        _ => None,
    }
}

/// What is in a list of one.
fn alone(value: &Value) -> &Value {
    match &value.kind {
        Kind::List(list) => match list.items.as_slice() {
            [only] => alone(&only.value),
            _ => value,
        },
        _ => value,
    }
}

/// Equal as JSON: the order of members means nothing, and one item is as good as a list of it.
fn same(a: &Value, b: &Value) -> bool {
    let (a, b) = (alone(a), alone(b));
    match (&a.kind, &b.kind) {
        (Kind::List(x), Kind::List(y)) => {
            x.items.len() == y.items.len()
                && x.items
                    .iter()
                    .zip(&y.items)
                    .all(|(x, y)| same(&x.value, &y.value))
        }
        (Kind::Object(x), Kind::Object(y)) => {
            let all = |from: &Object, to: &Value| {
                from.members
                    .iter()
                    .all(|it| to.get(&it.key).is_some_and(|other| same(&it.value, other)))
            };
            all(x, b) && all(y, a)
        }
        _ => scalar(a).is_some() && scalar(a) == scalar(b),
    }
}

impl Run<'_> {
    /// What the symbols of a text stand for, where only one thing fits.
    fn only(&self, text: &Text, literal: &str) -> Option<BTreeMap<SymbolId, String>> {
        let mut search = Search {
            parts: text.parts(),
            symbols: self.symbols,
            found: self.found.clone(),
            answers: Vec::new(),
            left: 20_000,
        };
        search.walk(0, literal);
        if search.left == 0 || search.answers.len() > 1 {
            return None;
        }
        search.answers.pop()
    }

    fn can_be(&self, text: &Text, literal: &str) -> bool {
        let mut search = Search {
            parts: text.parts(),
            symbols: self.symbols,
            found: BTreeMap::new(),
            answers: Vec::new(),
            left: 20_000,
        };
        search.walk(0, literal);
        search.left == 0 || !search.answers.is_empty()
    }

    /// The plan's tree at the places of the sources' one; none where they differ.
    fn tree(&mut self, plan: &Value, source: &Value) -> Option<Value> {
        match (&plan.kind, &source.kind) {
            (_, Kind::Unknown(symbol)) => {
                if let Some(text) = plan.as_str() {
                    self.found.insert(*symbol, text.to_owned());
                }
                Some(at(plan, source))
            }
            (Kind::Text(planned), Kind::Text(written)) => {
                let literal = planned.to_literal()?;
                if written.to_literal().as_deref() == Some(&literal) {
                    return Some(source.clone());
                }
                if let Some(found) = self.only(written, &literal) {
                    let text = filled(written, &found);
                    self.found = found;
                    return Some(Value {
                        kind: Kind::Text(text),
                        ..source.clone()
                    });
                }
                self.can_be(written, &literal).then(|| at(plan, source))
            }
            (Kind::List(planned), Kind::List(written)) => self.list(planned, written, source),
            (Kind::List(planned), _) if planned.items.len() == 1 => {
                let only = planned.items.first()?;
                self.tree(&only.value, source)
            }
            (_, Kind::List(written)) => {
                let planned = List {
                    items: vec![Item {
                        presence: Presence::Present,
                        value: plan.clone(),
                    }],
                    open: None,
                };
                self.list(&planned, written, source)
            }
            (Kind::Object(planned), Kind::Object(written)) => self.object(planned, written, source),
            _ => (scalar(plan).is_some() && scalar(plan) == scalar(source)).then(|| source.clone()),
        }
    }

    /// Items by position, then by content.
    fn list(&mut self, plan: &List, source: &List, whole: &Value) -> Option<Value> {
        let mut used = vec![false; source.items.len()];
        let mut items = Vec::with_capacity(plan.items.len());
        for (index, planned) in plan.items.iter().enumerate() {
            let order = std::iter::once(index).chain(0..source.items.len());
            let mut taken = None;
            for place in order {
                let free = used.get(place).is_some_and(|used| !used);
                let Some(written) = source.items.get(place).filter(|_| free) else {
                    continue;
                };
                let before = self.found.clone();
                if let Some(value) = self.tree(&planned.value, &written.value) {
                    taken = Some((place, value));
                    break;
                }
                self.found = before;
            }
            let value = match taken {
                Some((place, value)) => {
                    if let Some(it) = used.get_mut(place) {
                        *it = true;
                    }
                    value
                }
                None if source.open.is_some() => at(&planned.value, whole),
                None => return None,
            };
            items.push(Item {
                presence: Presence::Present,
                value,
            });
        }
        let left = source.items.iter().zip(used);
        let missing = left
            .into_iter()
            .any(|(item, used)| !used && item.presence == Presence::Present);
        (!missing).then(|| Value {
            kind: Kind::List(List { items, open: None }),
            ..whole.clone()
        })
    }

    fn object(&mut self, plan: &Object, source: &Object, whole: &Value) -> Option<Value> {
        let mut members = Vec::with_capacity(plan.members.len());
        for planned in &plan.members {
            let written = source.members.iter().rev().find(|it| it.key == planned.key);
            members.push(match written {
                Some(written) => Member {
                    presence: Presence::Present,
                    value: self.tree(&planned.value, &written.value)?,
                    ..written.clone()
                },
                None if source.open.is_some() => Member {
                    key_origin: whole.origin.clone(),
                    value: at(&planned.value, whole),
                    ..planned.clone()
                },
                None => return None,
            });
        }
        let mut left = source.members.iter();
        let missing = left.any(|it| {
            it.presence == Presence::Present && !plan.members.iter().any(|own| own.key == it.key)
        });
        (!missing).then(|| Value {
            kind: Kind::Object(Object {
                members,
                open: None,
            }),
            ..whole.clone()
        })
    }
}

/// A value of the plan with all its parts at one place of the sources.
fn at(plan: &Value, place: &Value) -> Value {
    let origin = || place.origin.clone();
    let kind = match &plan.kind {
        Kind::Text(text) => {
            let part = |part: &Part| Part {
                origin: origin(),
                ..part.clone()
            };
            Kind::Text(Text::from_parts(text.parts().iter().map(part).collect()))
        }
        Kind::List(list) => Kind::List(List {
            items: list
                .items
                .iter()
                .map(|it| Item {
                    presence: it.presence,
                    value: at(&it.value, place),
                })
                .collect(),
            open: list.open.clone(),
        }),
        Kind::Object(object) => Kind::Object(Object {
            members: object
                .members
                .iter()
                .map(|it| Member {
                    key_origin: origin(),
                    value: at(&it.value, place),
                    ..it.clone()
                })
                .collect(),
            open: object.open.clone(),
        }),
        other => other.clone(),
    };
    Value {
        kind,
        origin: origin(),
        sensitive: plan.sensitive || place.sensitive,
    }
}

/// Looks for what the symbols of a text can stand for; stops at the second answer.
struct Search<'s> {
    parts: &'s [Part],
    symbols: &'s Symbols,
    found: BTreeMap<SymbolId, String>,
    answers: Vec<BTreeMap<SymbolId, String>>,
    /// Steps that may still be made.
    left: usize,
}

impl Search<'_> {
    fn walk(&mut self, part: usize, rest: &str) {
        if self.left == 0 || self.answers.len() > 1 {
            return;
        }
        self.left -= 1;
        let Some(it) = self.parts.get(part) else {
            if rest.is_empty() && !self.answers.contains(&self.found) {
                self.answers.push(self.found.clone());
            }
            return;
        };
        let symbol = match &it.kind {
            PartKind::Literal(text) => {
                if let Some(rest) = rest.strip_prefix(text.as_str()) {
                    self.walk(part + 1, rest);
                }
                return;
            }
            PartKind::Symbol(symbol) => Some(*symbol),
            PartKind::Hole(_) => None,
        };
        if let Some(known) = symbol.and_then(|symbol| self.found.get(&symbol)).cloned() {
            if let Some(rest) = rest.strip_prefix(known.as_str()) {
                self.walk(part + 1, rest);
            }
            return;
        }
        let shape = symbol.map_or(Shape::Text, |symbol| self.symbols.get(symbol).shape);
        let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        for end in ends.collect::<Vec<usize>>() {
            let Some((taken, after)) = rest.split_at_checked(end) else {
                continue;
            };
            if !fits(shape, taken) {
                continue;
            }
            if let Some(symbol) = symbol {
                self.found.insert(symbol, taken.to_owned());
            }
            self.walk(part + 1, after);
            if let Some(symbol) = symbol {
                self.found.remove(&symbol);
            }
        }
    }
}

/// True where a symbol of that shape can stand for the text.
fn fits(shape: Shape, text: &str) -> bool {
    let all = |good: fn(char) -> bool| !text.is_empty() && text.chars().all(good);
    match shape {
        Shape::Account => text.len() == 12 && all(|it| it.is_ascii_digit()),
        Shape::Region => {
            text.contains('-')
                && all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
        }
        Shape::Partition => {
            text.starts_with("aws") && all(|it| it.is_ascii_lowercase() || it == '-')
        }
        Shape::Id => all(|it| it.is_ascii_alphanumeric() || it == '-'),
        Shape::Arn => {
            text.starts_with("arn:")
                && all(|it| !matches!(it, '*' | '?' | '"') && !it.is_whitespace())
        }
        Shape::Name => all(|it| !matches!(it, '*' | '?' | ':' | '"') && !it.is_whitespace()),
        Shape::Bool => matches!(text, "true" | "false"),
        Shape::Number => all(|it| it.is_ascii_digit() || matches!(it, '.' | '-')),
        Shape::Text | Shape::Time | Shape::Ip => true,
        Shape::Presence | Shape::Rest => false,
    }
}

#[cfg(test)]
mod tests;
