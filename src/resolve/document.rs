//! A policy document that only the apply reads: its statements are in the plan, unknown leaves apart.
//!
//! The provider builds the JSON of `aws_iam_policy_document` from its blocks (`HashiCorp`, `aws_iam_policy_document`): defaults are
//! `Allow` and version `2012-10-17`; `source_policy_documents` come first, statements of the document replace those of the same Sid, and
//! `override_policy_documents` replace both.

use std::collections::BTreeMap;

use super::index::At;
use super::link::{Linker, longest};
use crate::address::Reference;
use crate::input::{Action, Expression};
use crate::source::{Origin, SourceMap, parse_json};
use crate::value::{
    Item, Kind, List, Member, Nature, Object, Open, Presence, Shape, Symbol, Symbols, Text, Value,
};

/// The JSON of a document that is read during the apply, as a value; none where the instance is no such document.
pub(crate) struct Documents<'l, 'a> {
    pub(crate) linker: &'l Linker<'a>,
    pub(crate) index: &'l [super::index::Index<'a>],
    pub(crate) symbols: &'l mut Symbols,
    pub(crate) sources: &'l mut SourceMap,
}

/// Documents that include each other deeper than this are given up.
const DEPTH: usize = 16;

impl Documents<'_, '_> {
    /// The policy that an attribute takes from a document that is still to be read.
    pub(crate) fn of_attribute(&mut self, at: At, name: &str) -> Option<Value> {
        let resource = self.linker.resource(at)?;
        let index = self.index.get(at.input)?;
        let expression = index.config(&resource.address)?.expressions.get(name)?;
        let documents = self.pending(at, expression);
        match documents.as_slice() {
            [only] => self.render(*only, 0),
            _ => None,
        }
    }

    /// The documents that an expression refers to, where it refers to nothing else and all of them are pending.
    fn pending(&self, at: At, expression: &Expression) -> Vec<At> {
        let Some(resource) = self.linker.resource(at) else {
            return Vec::new();
        };
        let Expression::References(references) = expression else {
            return Vec::new();
        };
        let mut documents = Vec::new();
        for written in longest(references) {
            let reference = Reference::parse(written);
            // An index: it tells which instance, and is no source of the text.
            if matches!(reference, Reference::Each { key: true, .. })
                || written.starts_with("count.")
            {
                continue;
            }
            let address = reference.address(&resource.address.module);
            let Some(address) =
                address.filter(|address| address.data && address.kind == "aws_iam_policy_document")
            else {
                return Vec::new();
            };
            if reference
                .attribute()
                .is_some_and(|attribute| attribute != "json" && attribute != "minified_json")
            {
                return Vec::new();
            }
            documents.extend(self.linker.meant(at, references, &address));
        }
        let read = |at: &At| {
            self.linker
                .resource(*at)
                .is_some_and(|it| it.action == Action::Read)
        };
        if documents.iter().all(read) {
            documents
        } else {
            Vec::new()
        }
    }

    fn render(&mut self, at: At, depth: usize) -> Option<Value> {
        let resource = self.linker.resource(at)?;
        let after = resource.after.as_ref()?;
        if depth > DEPTH {
            return None;
        }
        let origin = after.origin.clone();
        let mut statements = List::default();
        for name in ["source_json", "source_policy_documents"] {
            self.include(at, name, &mut statements, depth);
        }
        let block = self
            .index
            .get(at.input)
            .and_then(|index| index.config(&resource.address));
        let written = match block.and_then(|block| block.expressions.get("statement")) {
            Some(Expression::Blocks(blocks)) => blocks.as_slice(),
            _ => &[],
        };
        match after.get("statement").map(|value| &value.kind) {
            Some(Kind::Unknown(symbol)) => {
                statements.open = Some(Open {
                    symbol: *symbol,
                    origin: origin.clone(),
                });
            }
            Some(Kind::List(list)) => {
                // Blocks of a `dynamic` are not in the configuration: then positions tell nothing.
                let written = if written.len() == list.items.len() {
                    written
                } else {
                    &[]
                };
                let own = list
                    .items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.statement(&item.value, written.get(at)));
                let own: Vec<Item> = own
                    .map(|value| Item {
                        presence: Presence::Present,
                        value,
                    })
                    .collect();
                merge(&mut statements, own);
            }
            _ => {}
        }
        let mut overriding = List::default();
        for name in ["override_json", "override_policy_documents"] {
            self.include(at, name, &mut overriding, depth);
        }
        if overriding.open.is_some() {
            // It may replace any of the statements.
            return None;
        }
        merge(&mut statements, overriding.items);
        let version = after
            .get("version")
            .filter(|version| !version.is_null())
            .cloned();
        let version = version.unwrap_or_else(|| Value::text("2012-10-17", origin.clone()));
        let statements = Value::new(Kind::List(statements), origin.clone());
        Some(object(
            vec![("Version", version), ("Statement", statements)],
            &origin,
        ))
    }

    /// The statements of the documents that another one includes; open where one of them is not known.
    fn include(&mut self, at: At, name: &str, into: &mut List, depth: usize) {
        let Some(resource) = self.linker.resource(at) else {
            return;
        };
        let Some(value) = resource
            .after
            .as_ref()
            .and_then(|after| after.get(name))
            .filter(|value| !value.is_null())
        else {
            return;
        };
        let block = self
            .index
            .get(at.input)
            .and_then(|index| index.config(&resource.address));
        let written = block.and_then(|block| block.expressions.get(name));
        let pending = written
            .map(|expression| self.pending(at, expression))
            .unwrap_or_default();
        let values: Vec<&Value> = if let Kind::List(_) = value.kind {
            value.items().collect()
        } else {
            vec![value]
        };
        let one_each = pending.len() == values.len();
        for (position, value) in values.into_iter().enumerate() {
            let document = match value.as_str() {
                Some(text) => self.read(text, &resource.address.to_string(), name),
                None if one_each => pending
                    .get(position)
                    .and_then(|document| self.render(*document, depth + 1)),
                None => None,
            };
            match document
                .as_ref()
                .and_then(|document| document.get("Statement"))
                .map(|value| &value.kind)
            {
                Some(Kind::List(list)) => {
                    merge(into, list.items.clone());
                    into.open = into.open.take().or_else(|| list.open.clone());
                }
                Some(Kind::Object(_)) => {
                    let value = document.and_then(|document| document.get("Statement").cloned());
                    merge(
                        into,
                        value
                            .map(|value| Item {
                                presence: Presence::Present,
                                value,
                            })
                            .into_iter()
                            .collect(),
                    );
                }
                _ => {
                    let symbol = self.rest(&resource.address.to_string(), name);
                    into.open = Some(Open {
                        symbol,
                        origin: value.origin.clone(),
                    });
                }
            }
        }
    }

    fn read(&mut self, text: &str, address: &str, name: &str) -> Option<Value> {
        let file = self.sources.add_part(address, name, text, false).ok()?;
        parse_json(self.sources, file)
            .ok()
            .map(|node| Value::from_json(&node))
    }

    fn rest(&mut self, address: &str, name: &str) -> crate::value::SymbolId {
        self.symbols.intern(Symbol {
            key: format!("rest:{address}.{name}"),
            name: format!("{address}.{name}"),
            shape: Shape::Rest,
            nature: Nature::Undocumented,
            reason: "known after apply".to_owned(),
            supply: None,
        })
    }

    /// One `statement` block in the policy language. `written` holds its expressions, where the configuration shows them.
    fn statement(
        &mut self,
        block: &Value,
        written: Option<&BTreeMap<String, Expression>>,
    ) -> Value {
        let origin = block.origin.clone();
        let mut members = Vec::new();
        let given = |name: &str| {
            block
                .get(name)
                .filter(|value| !value.is_null() && !is_empty_list(value))
        };
        if let Some(sid) = given("sid").filter(|sid| sid.as_str() != Some("")) {
            members.push(("Sid", sid.clone()));
        }
        members.push((
            "Effect",
            given("effect")
                .cloned()
                .unwrap_or_else(|| Value::text("Allow", origin.clone())),
        ));
        for (name, element) in [
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ] {
            if let Some(value) = given(name) {
                let expression = written.and_then(|written| written.get(name));
                members.push((element, self.named(value, &references_of(expression), None)));
            }
        }
        for (name, element) in [
            ("principals", "Principal"),
            ("not_principals", "NotPrincipal"),
        ] {
            if let Some(blocks) = given(name) {
                let nested = match written.and_then(|written| written.get(name)) {
                    Some(Expression::Blocks(nested)) => nested.as_slice(),
                    _ => &[],
                };
                members.push((element, self.principals(blocks, nested)));
            }
        }
        if let Some(blocks) = given("condition") {
            let nested = match written.and_then(|written| written.get("condition")) {
                Some(Expression::Blocks(nested)) => nested.as_slice(),
                _ => &[],
            };
            let named = self.named_conditions(blocks, nested);
            members.push(("Condition", conditions(&named)));
        }
        object(members, &origin)
    }

    /// `principals` blocks: `{"AWS": [...], "Service": [...]}`, or `"*"` for a block of type `*`.
    fn principals(&mut self, blocks: &Value, written: &[BTreeMap<String, Expression>]) -> Value {
        let mut kinds: Vec<(String, List, Origin)> = Vec::new();
        for block in blocks.items() {
            let kind = block
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("AWS")
                .to_owned();
            let identifiers = block.get("identifiers");
            let mut list = match identifiers.map(|value| &value.kind) {
                Some(Kind::List(list)) => list.clone(),
                Some(Kind::Unknown(symbol)) => List {
                    items: Vec::new(),
                    open: Some(Open {
                        symbol: *symbol,
                        origin: block.origin.clone(),
                    }),
                },
                _ => List::default(),
            };
            if kind == "*"
                && list
                    .items
                    .iter()
                    .any(|item| item.value.as_str() == Some("*"))
            {
                return Value::text("*", block.origin.clone());
            }
            self.name_unknown(&mut list, written);
            match kinds.iter_mut().find(|(known, ..)| *known == kind) {
                Some((_, all, _)) => {
                    all.items.append(&mut list.items);
                    all.open = all.open.take().or(list.open);
                }
                None => kinds.push((kind, list, block.origin.clone())),
            }
        }
        let members = kinds.into_iter().map(|(kind, list, origin)| Member {
            key: kind,
            key_origin: origin.clone(),
            presence: Presence::Present,
            value: Value::new(Kind::List(list), origin),
        });
        Value::new(
            Kind::Object(Object {
                members: members.collect(),
                open: None,
            }),
            blocks.origin.clone(),
        )
    }

    /// An unknown principal that can only come from the ARN of a resource is an ARN: it is neither `*` nor a service.
    fn name_unknown(&mut self, list: &mut List, written: &[BTreeMap<String, Expression>]) {
        let references: Vec<&str> = written
            .iter()
            .flat_map(|block| references_of(block.get("identifiers")))
            .collect();
        let arns = !references.is_empty()
            && references.iter().all(|it| {
                Reference::parse(it).attribute() == Some("arn") && !it.starts_with("var.")
            });
        for item in &mut list.items {
            item.value = self.named(&item.value, &references, arns.then_some(Shape::Arn));
        }
    }

    /// A value whose unknown leaves bear the names of what they refer to, rather than their own places. Which of several references
    /// an unknown one is cannot be said.
    fn named(&mut self, value: &Value, references: &[&str], shape: Option<Shape>) -> Value {
        let mut value = value.clone();
        match &mut value.kind {
            Kind::Unknown(symbol) if !references.is_empty() => {
                let old = self.symbols.get(*symbol).clone();
                let symbol = self.symbols.intern(Symbol {
                    key: format!("{}=named", old.key),
                    name: references.join(" or "),
                    shape: shape.unwrap_or(old.shape),
                    ..old
                });
                value.kind = Kind::Text(Text::symbol(symbol, value.origin.clone()));
            }
            Kind::List(list) => {
                for item in &mut list.items {
                    item.value = self.named(&item.value, references, shape);
                }
            }
            _ => {}
        }
        value
    }

    /// The same for `condition` blocks. They are a set, whose order is not the configuration's: operator and key tell them apart.
    fn named_conditions(
        &mut self,
        blocks: &Value,
        written: &[BTreeMap<String, Expression>],
    ) -> Value {
        let mut blocks = blocks.clone();
        let Kind::List(list) = &mut blocks.kind else {
            return blocks;
        };
        for item in &mut list.items {
            let same = |name: &str, block: &BTreeMap<String, Expression>| {
                let wanted = item.value.get(name).and_then(Value::as_str);
                matches!(block.get(name), Some(Expression::Constant(it)) if it.as_str() == wanted)
            };
            let mut found = written
                .iter()
                .filter(|it| same("test", it) && same("variable", it));
            let (Some(block), None) = (found.next(), found.next()) else {
                continue;
            };
            let references = references_of(block.get("values"));
            if let Kind::Object(object) = &mut item.value.kind {
                for member in object
                    .members
                    .iter_mut()
                    .filter(|member| member.key == "values")
                {
                    member.value = self.named(&member.value, &references, None);
                }
            }
        }
        blocks
    }
}

/// The references that an expression was written with.
fn references_of(expression: Option<&Expression>) -> Vec<&str> {
    match expression {
        Some(Expression::References(references)) => longest(references),
        _ => Vec::new(),
    }
}

/// `condition` blocks: by operator, then by key.
fn conditions(blocks: &Value) -> Value {
    let mut operators: Vec<(String, Vec<Member>, Origin)> = Vec::new();
    let mut open = None;
    for block in blocks.items() {
        let text = |name: &str| block.get(name).and_then(Value::as_str);
        let (Some(operator), Some(key)) = (text("test"), text("variable")) else {
            // An unknown operator or key: one more condition, of which nothing is known.
            let unknown =
                ["test", "variable"]
                    .into_iter()
                    .find_map(|name| match block.get(name)?.kind {
                        Kind::Unknown(symbol) => Some(symbol),
                        _ => None,
                    });
            open = open.or(unknown.map(|symbol| Open {
                symbol,
                origin: block.origin.clone(),
            }));
            continue;
        };
        let values = block
            .get("values")
            .cloned()
            .unwrap_or_else(|| Value::new(Kind::Null, block.origin.clone()));
        let at = block
            .get("variable")
            .map_or_else(|| block.origin.clone(), |value| value.origin.clone());
        let member = Member {
            key: key.to_owned(),
            key_origin: at,
            presence: Presence::Present,
            value: values,
        };
        match operators.iter_mut().find(|(known, ..)| known == operator) {
            // The provider joins the values of equal keys.
            Some((_, members, _)) => match members.iter_mut().find(|known| known.key == key) {
                Some(Member {
                    value:
                        Value {
                            kind: Kind::List(all),
                            ..
                        },
                    ..
                }) => {
                    if let Kind::List(more) = member.value.kind {
                        all.items.extend(more.items);
                        all.open = all.open.take().or(more.open);
                    }
                }
                _ => members.push(member),
            },
            None => operators.push((operator.to_owned(), vec![member], block.origin.clone())),
        }
    }
    let members = operators
        .into_iter()
        .map(|(operator, members, origin)| Member {
            key: operator,
            key_origin: origin.clone(),
            presence: Presence::Present,
            value: Value::new(
                Kind::Object(Object {
                    members,
                    open: None,
                }),
                origin,
            ),
        });
    Value::new(
        Kind::Object(Object {
            members: members.collect(),
            open,
        }),
        blocks.origin.clone(),
    )
}

/// Adds statements; one with the Sid of an earlier one takes its place.
fn merge(into: &mut List, more: Vec<Item>) {
    for item in more {
        let sid = item
            .value
            .get("Sid")
            .and_then(Value::as_str)
            .filter(|sid| !sid.is_empty())
            .map(str::to_owned);
        let same = |old: &&mut Item| {
            sid.is_some() && old.value.get("Sid").and_then(Value::as_str) == sid.as_deref()
        };
        match into.items.iter_mut().find(same) {
            Some(old) => *old = item,
            None => into.items.push(item),
        }
    }
}

fn is_empty_list(value: &Value) -> bool {
    matches!(&value.kind, Kind::List(list) if list.items.is_empty() && list.open.is_none())
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
