//! A policy document that only the apply reads: its statements are in the plan, unknown leaves apart.
//!
//! [`crate::input::document`] makes the policy of them, once what is not known bears the names that the configuration gives it.

use std::collections::BTreeMap;

use super::index::At;
use super::link::Linker;
use super::names::longest;
use crate::address::Reference;
use crate::input::document::{Included, render};
use crate::input::{Action, Expression};
use crate::source::{SourceMap, parse_json};
use crate::value::{Kind, List, Nature, Open, Shape, Symbol, Symbols, Text, Value};

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
        let mut sources = self.include(at, "source_json", depth);
        sources.extend(self.include(at, "source_policy_documents", depth));
        let mut overrides = self.include(at, "override_json", depth);
        overrides.extend(self.include(at, "override_policy_documents", depth));
        let mut after = after.clone();
        if let Kind::Object(object) = &mut after.kind {
            let statement = object.members.iter_mut().filter(|it| it.key == "statement");
            for member in statement {
                member.value = self.named_statements(at, &member.value);
            }
        }
        render(&after, sources, overrides, self.symbols).policy
    }

    /// The `statement` blocks with names for what is not known.
    fn named_statements(&mut self, at: At, blocks: &Value) -> Value {
        let mut blocks = blocks.clone();
        let Kind::List(list) = &mut blocks.kind else {
            return blocks;
        };
        let block = self.linker.resource(at).and_then(|resource| {
            let index = self.index.get(at.input)?;
            index.config(&resource.address)
        });
        // Blocks of a `dynamic` are not in the configuration: then positions tell nothing.
        let written = match block.and_then(|block| block.expressions.get("statement")) {
            Some(Expression::Blocks(written)) if written.len() == list.items.len() => {
                written.as_slice()
            }
            _ => &[],
        };
        for (at, item) in list.items.iter_mut().enumerate() {
            self.name_statement(&mut item.value, written.get(at));
        }
        blocks
    }

    /// The documents that another one includes.
    fn include(&mut self, at: At, name: &str, depth: usize) -> Vec<Included> {
        let Some(resource) = self.linker.resource(at) else {
            return Vec::new();
        };
        let value = resource.after.as_ref().and_then(|after| after.get(name));
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Vec::new();
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
        let mut included = Vec::new();
        for (position, value) in values.into_iter().enumerate() {
            let document = match value.as_str() {
                Some(text) => self.read(text, &resource.address.to_string(), name),
                None if one_each => pending
                    .get(position)
                    .and_then(|document| self.render(*document, depth + 1)),
                None => None,
            };
            let holds = document
                .as_ref()
                .is_some_and(|it| it.get("Statement").is_some());
            included.push(match document.filter(|_| holds) {
                Some(document) => Included::Read(document),
                None => Included::Unknown(Open {
                    symbol: self.rest(&resource.address.to_string(), name),
                    origin: value.origin.clone(),
                }),
            });
        }
        included
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

    /// Gives the unknown leaves of one `statement` block the names of what they refer to. `written` holds its expressions, where the
    /// configuration shows them.
    fn name_statement(
        &mut self,
        block: &mut Value,
        written: Option<&BTreeMap<String, Expression>>,
    ) {
        let Kind::Object(object) = &mut block.kind else {
            return;
        };
        let nested = |name: &str| match written.and_then(|written| written.get(name)) {
            Some(Expression::Blocks(nested)) => nested.as_slice(),
            _ => &[],
        };
        for member in &mut object.members {
            let name = member.key.as_str();
            match name {
                "actions" | "not_actions" | "resources" | "not_resources" => {
                    let expression = written.and_then(|written| written.get(name));
                    member.value = self.named(&member.value, &references_of(expression), None);
                }
                "principals" | "not_principals" => {
                    self.name_principals(&mut member.value, nested(name));
                }
                "condition" => {
                    member.value = self.named_conditions(&member.value, nested(name));
                }
                _ => {}
            }
        }
    }

    /// The same for `principals` blocks.
    fn name_principals(&mut self, blocks: &mut Value, written: &[BTreeMap<String, Expression>]) {
        let Kind::List(list) = &mut blocks.kind else {
            return;
        };
        for item in &mut list.items {
            let Kind::Object(object) = &mut item.value.kind else {
                continue;
            };
            let identifiers = object
                .members
                .iter_mut()
                .filter(|it| it.key == "identifiers");
            for member in identifiers {
                if let Kind::List(list) = &mut member.value.kind {
                    self.name_unknown(list, written);
                }
            }
        }
    }

    /// An unknown principal that can only come from the ARN of a resource, or from the account that the provider runs in, is an ARN: it is
    /// neither `*` nor a service. Data sources of a module with `depends_on` are read during the apply.
    fn name_unknown(&mut self, list: &mut List, written: &[BTreeMap<String, Expression>]) {
        let references: Vec<&str> = written
            .iter()
            .flat_map(|block| references_of(block.get("identifiers")))
            .collect();
        let arn = |it: &&str| {
            let reference = Reference::parse(it);
            let of_provider = it.starts_with("data.aws_caller_identity.")
                || it.starts_with("data.aws_partition.")
                || it.starts_with("data.aws_region.");
            !it.starts_with("var.") && (reference.attribute() == Some("arn") || of_provider)
        };
        // The partition or the Region alone is part of whatever there is.
        let whose = |it: &&str| {
            !it.starts_with("data.aws_partition.") && !it.starts_with("data.aws_region.")
        };
        let arns = references.iter().any(whose) && references.iter().all(arn);
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
