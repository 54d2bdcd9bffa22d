//! From the raw `configuration` part to [`Configuration`].
//!
//! A module's constants need a place that can be pointed at, so each module is written out as a virtual text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::draw::{Draw, width};
use super::overlay::lay;
use super::read::{Input, node};
use super::scan::{
    self, Raw, RawCall, RawConfigResource, RawConfiguration, RawModule, is_true, string, strings,
};
use super::sheet;
use crate::error::Error;
use crate::input::{Call, ConfigResource, Configuration, Expression, Mode, Module, Provider};
use crate::source::{Node, NodeKind, Span};
use crate::value::Value;

/// The arguments of a provider that are read; others hold credentials.
const PROVIDER: &[&str] = &["allowed_account_ids", "assume_role", "region"];

/// The arguments of a provider that select whose account it works in (`HashiCorp`, AWS provider, Authentication).
const CREDENTIALS: &[&str] = &[
    "access_key",
    "allowed_account_ids",
    "assume_role",
    "assume_role_with_web_identity",
    "profile",
    "secret_key",
    "shared_config_files",
    "shared_credentials_file",
    "shared_credentials_files",
    "token",
];

/// Names of variables or outputs that are marked sensitive.
type Hidden = BTreeSet<String>;

/// The configuration part of a document.
pub(super) fn configuration(
    raw: &RawConfiguration<'_>,
    input: &mut Input<'_>,
) -> Result<Configuration, Error> {
    Ok(Configuration {
        root: module(&raw.root, "", input)?,
        providers: providers(raw.providers, input)?,
    })
}

/// The root module's input values, in a virtual text of their own.
pub(super) fn variables(
    raw: Raw<'_>,
    root: &RawModule<'_>,
    input: &mut Input<'_>,
) -> Result<BTreeMap<String, Value>, Error> {
    let hidden = sensitive(root.variables);
    let entries = scan::members(raw);
    let width = width(entries.iter().map(|(name, _)| name.as_ref()));
    let mut values = BTreeMap::new();
    let (mut draw, name) = input.draw(String::new());
    for (variable, entry) in &entries {
        let members = scan::members(Some(entry));
        if let Some((_, value)) = members.into_iter().find(|(key, _)| key == "value") {
            draw.name(variable, 0, width);
            let value = draw.constant(&node(value, name)?, hidden.contains(variable.as_ref()), 0);
            draw.sheet.write("\n");
            values.insert(variable.clone().into_owned(), value);
        }
    }
    let sheet = draw.sheet;
    input.add(sheet, "variables".to_owned())?;
    Ok(values)
}

/// The names of the entries that are marked sensitive.
fn sensitive(entries: Raw<'_>) -> Hidden {
    let marked = |(name, entry): (std::borrow::Cow<'_, str>, &RawValue)| {
        let members = scan::members(Some(entry));
        let mark = members.into_iter().find(|(key, _)| key == "sensitive");
        mark.is_some_and(|(_, value)| is_true(Some(value)))
            .then(|| name.into_owned())
    };
    scan::members(entries)
        .into_iter()
        .filter_map(marked)
        .collect()
}

/// A module and, behind it, the modules that it calls. `path` is its address without instance keys.
fn module(raw: &RawModule<'_>, path: &str, input: &mut Input<'_>) -> Result<Module, Error> {
    let (mut draw, name) = input.draw(String::new());
    let mut out = Module {
        variables: defaults(raw.variables, &mut draw, name)?,
        ..Module::default()
    };
    let mut calls = Vec::new();
    for (call, it) in &raw.calls.0 {
        calls.push((call.as_ref(), self::call(call, it, &mut draw, name)?, it));
    }
    for it in &raw.resources {
        out.resources.extend(resource(it, &mut draw, name)?);
    }
    out.outputs = outputs(raw.outputs, &mut draw, name)?;
    let sheet = draw.sheet;
    let part = match path {
        "" => "configuration".to_owned(),
        path => format!("{} › configuration", sheet::plain(path)),
    };
    input.add(sheet, part)?;
    for (name, mut call, it) in calls {
        let dot = if path.is_empty() { "" } else { "." };
        call.module = module(&it.module, &format!("{path}{dot}module.{name}"), input)?;
        out.calls.insert(name.to_owned(), call);
    }
    Ok(out)
}

/// The input variables with their known defaults.
fn defaults(
    raw: Raw<'_>,
    draw: &mut Draw<'_>,
    name: &str,
) -> Result<BTreeMap<String, Option<Value>>, Error> {
    let hidden = sensitive(raw);
    let mut out = BTreeMap::new();
    for (variable, entry) in scan::members(raw) {
        let members = scan::members(Some(entry));
        let default = members.into_iter().find(|(key, _)| key == "default");
        let value = match default {
            Some((_, raw)) if raw.get() != "null" => {
                draw.header(&["variable", &variable]);
                draw.name("default", 1, 0);
                let value = draw.constant(&node(raw, name)?, hidden.contains(&*variable), 1);
                draw.sheet.write("\n}\n");
                Some(value)
            }
            _ => None,
        };
        out.insert(variable.into_owned(), value);
    }
    Ok(out)
}

/// A call, its module still empty.
fn call(name: &str, raw: &RawCall<'_>, draw: &mut Draw<'_>, input: &str) -> Result<Call, Error> {
    let hidden = sensitive(raw.module.variables);
    let source = string(raw.source).unwrap_or_default().into_owned();
    draw.header(&["module", name]);
    draw.name("source", 1, 0);
    draw.sheet.write(&sheet::string(&source));
    draw.sheet.write("\n");
    let call = Call {
        source,
        count: draw.optional("count", raw.count, input)?,
        for_each: draw.optional("for_each", raw.for_each, input)?,
        expressions: draw.expressions(&scan::members(raw.expressions), &hidden, input)?,
        depends_on: strings(raw.depends_on),
        module: Module::default(),
    };
    draw.sheet.write("}\n");
    Ok(call)
}

/// A resource block; none where it has no type or name.
fn resource(
    raw: &RawConfigResource<'_>,
    draw: &mut Draw<'_>,
    input: &str,
) -> Result<Option<ConfigResource>, Error> {
    let (Some(kind), Some(name)) = (string(raw.kind), string(raw.name)) else {
        return Ok(None);
    };
    let word = match raw.mode() {
        Mode::Managed => "resource",
        Mode::Data => "data",
    };
    draw.header(&[word, &kind, &name]);
    let resource = ConfigResource {
        mode: raw.mode(),
        count: draw.optional("count", raw.count, input)?,
        for_each: draw.optional("for_each", raw.for_each, input)?,
        expressions: draw.expressions(raw.expressions.all(), &Hidden::new(), input)?,
        provider: string(raw.provider).map(std::borrow::Cow::into_owned),
        depends_on: strings(raw.depends_on),
        kind: kind.into_owned(),
        name: name.into_owned(),
    };
    draw.sheet.write("}\n");
    Ok(Some(resource))
}

fn outputs(
    raw: Raw<'_>,
    draw: &mut Draw<'_>,
    input: &str,
) -> Result<BTreeMap<String, Expression>, Error> {
    let hidden = sensitive(raw);
    let mut out = BTreeMap::new();
    for (name, entry) in scan::members(raw) {
        let members = scan::members(Some(entry));
        let expression = match members.into_iter().find(|(key, _)| key == "expression") {
            Some((_, raw)) => {
                draw.header(&["output", &name]);
                draw.name("value", 1, 0);
                let value = draw.expression(&node(raw, input)?, hidden.contains(&*name), 1);
                draw.sheet.write("\n}\n");
                value
            }
            None => Expression::Opaque,
        };
        out.insert(name.into_owned(), expression);
    }
    Ok(out)
}

fn providers(raw: Raw<'_>, input: &mut Input<'_>) -> Result<BTreeMap<String, Provider>, Error> {
    let mut out = BTreeMap::new();
    let (mut draw, input_name) = input.draw(String::new());
    for (key, entry) in scan::members(raw) {
        let members = scan::members(Some(entry));
        let get = |name: &str| members.iter().find(|it| it.0 == name).map(|it| it.1);
        let text = |name: &str| string(get(name)).map(std::borrow::Cow::into_owned);
        let name = text("name").unwrap_or_else(|| key.to_string());
        let mut expressions = BTreeMap::new();
        draw.header(&["provider", &name]);
        let mut credentials = Vec::new();
        for (argument, raw) in scan::members(get("expressions")) {
            if CREDENTIALS.contains(&argument.as_ref()) {
                credentials.push((argument.to_string(), raw.get()));
            }
            if PROVIDER.contains(&argument.as_ref()) {
                let value = draw.argument(&argument, &node(raw, input_name)?, false, (1, 0));
                expressions.insert(argument.into_owned(), value);
            }
        }
        draw.sheet.write("}\n");
        let provider = Provider {
            name,
            alias: text("alias"),
            module: text("module_address").unwrap_or_default(),
            expressions,
            credentials: digest(credentials),
        };
        out.insert(key.into_owned(), provider);
    }
    let sheet = draw.sheet;
    input.add(sheet, "providers".to_owned())?;
    Ok(out)
}

/// A number that equal arguments share, and from which they cannot be read; 0 for none.
fn digest(mut arguments: Vec<(String, &str)>) -> u64 {
    arguments.sort();
    let bytes = arguments
        .iter()
        .flat_map(|(name, raw)| [name.as_bytes(), b"=", raw.as_bytes(), b";"]);
    bytes.flatten().fold(0, |hash, byte| {
        (hash ^ u64::from(*byte))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(23)
    })
}

impl Draw<'_> {
    /// Writes the header of a block: a word and its labels.
    pub(super) fn header(&mut self, words: &[&str]) -> Span {
        let start = self.sheet.here();
        for (at, word) in words.iter().enumerate() {
            if at == 0 {
                self.sheet.write(word);
            } else {
                self.sheet.write(" ");
                self.sheet.write(&sheet::string(word));
            }
        }
        let span = self.sheet.since(start);
        self.sheet.write(" {\n");
        span
    }

    /// Writes a constant.
    fn constant(&mut self, node: &Node, sensitive: bool, depth: usize) -> Value {
        match lay(Some(node), None, None) {
            Some(mut laid) => {
                laid.sensitive = sensitive;
                self.value(&laid, depth)
            }
            None => self.null(),
        }
    }

    /// `count` and `for_each`.
    fn optional(
        &mut self,
        name: &str,
        raw: Raw<'_>,
        input: &str,
    ) -> Result<Option<Expression>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        Ok(Some(self.argument(name, &node(raw, input)?, false, (1, 0))))
    }

    fn expressions<S: AsRef<str>>(
        &mut self,
        entries: &[(S, &RawValue)],
        hidden: &Hidden,
        input: &str,
    ) -> Result<BTreeMap<String, Expression>, Error> {
        let width = width(entries.iter().map(|(name, _)| name.as_ref()));
        let mut out = BTreeMap::new();
        for (name, raw) in entries {
            let name = name.as_ref();
            let sensitive = hidden.contains(name);
            let value = self.argument(name, &node(raw, input)?, sensitive, (1, width));
            out.insert(name.to_owned(), value);
        }
        Ok(out)
    }

    /// Writes `name = expression`.
    fn argument(
        &mut self,
        name: &str,
        node: &Node,
        sensitive: bool,
        (depth, width): (usize, usize),
    ) -> Expression {
        self.name(name, depth, width);
        let expression = self.expression(node, sensitive, depth);
        self.sheet.write("\n");
        expression
    }

    /// Writes an expression and gives it: terraform's `internal/command/jsonconfig/expression.go` says what each form means.
    fn expression(&mut self, node: &Node, sensitive: bool, depth: usize) -> Expression {
        let members = match &node.kind {
            NodeKind::Object(members) => members,
            NodeKind::Array(items) => {
                self.sheet.write("[");
                let blocks = items
                    .iter()
                    .map(|it| self.block(it, sensitive, depth))
                    .collect();
                self.sheet.write("]");
                return Expression::Blocks(blocks);
            }
            _ => return self.opaque(),
        };
        let get = |name: &str| members.iter().rev().find(|it| it.key == name);
        // Of a `.tf.json` file Terraform lists the text `"${aws_kms_key.k.arn}"` as a constant, and its references beside it.
        let references = match get("references").map(|it| &it.value.kind) {
            Some(NodeKind::Array(items)) => Some(items.iter().filter_map(text).collect::<Vec<_>>()),
            _ => None,
        };
        match (get("constant_value"), references) {
            (Some(constant), None) => {
                Expression::Constant(self.constant(&constant.value, sensitive, depth))
            }
            (Some(constant), Some(references)) if references.is_empty() => {
                Expression::Constant(self.constant(&constant.value, sensitive, depth))
            }
            (_, Some(references)) => {
                let first = references.first().map_or("(expression)", String::as_str);
                self.sheet.write(&sheet::plain(first));
                Expression::References(references)
            }
            (None, None) if members.is_empty() => self.opaque(),
            (None, None) => Expression::Blocks(vec![self.block(node, sensitive, depth)]),
        }
    }

    /// Writes one nested block.
    fn block(
        &mut self,
        node: &Node,
        sensitive: bool,
        depth: usize,
    ) -> BTreeMap<String, Expression> {
        let mut block = BTreeMap::new();
        self.sheet.write("{\n");
        if let NodeKind::Object(members) = &node.kind {
            let width = width(members.iter().map(|it| it.key.as_str()));
            for it in members {
                let value = self.argument(&it.key, &it.value, sensitive, (depth + 1, width));
                block.insert(it.key.clone(), value);
            }
        }
        self.indent(depth);
        self.sheet.write("}");
        block
    }

    fn opaque(&mut self) -> Expression {
        self.sheet.write("(expression)");
        Expression::Opaque
    }
}

fn text(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::String(text) => Some(text.clone()),
        _ => None,
    }
}
