//! From a reference to the keys that it can lead to: through resources, aliases, data sources, module outputs and inputs.
//!
//! A plan lists the references of an expression and not the expression, so every reference is a possible source of the value. What a plan
//! does not hold at all (locals) is bridged by the attributes that the plan says it depends on, where they leave one key.

mod follow;
mod module;
mod name;

use std::collections::{BTreeMap, BTreeSet};

use super::Loaded;
use super::index::{At, Index, survives};
use super::names::{KeyName, known, signature};
use super::scope::Scopes;
use crate::address::{Address, Key, Step};
use crate::input::{Expression, Mode, Resource, Way};
use crate::value::{Kind, Value};

/// The types of resources that are KMS keys.
pub(crate) const KEY_TYPES: &[&str] = &[
    "aws_kms_key",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_kms_replica_external_key",
];

/// Attributes of a key that name it.
const NAMES: &[&str] = &["arn", "id", "key_id"];

/// A chain of references longer than this is given up: each step of it takes some of the stack.
const DEPTH: usize = 256;

/// What references lead to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Keys of the inputs.
    pub(crate) keys: BTreeSet<At>,
    /// ARNs, ids or aliases of keys that no input holds.
    pub(crate) outside: BTreeSet<String>,
    /// What was passed on the way, in order.
    pub(crate) via: Vec<String>,
    /// The same in the sources, with places.
    pub(crate) way: Vec<Way>,
    /// References that the inputs do not explain.
    pub(crate) open: Vec<String>,
    /// True where an index takes one of several instances, and the plan does not say which.
    pub(crate) unpaired: bool,
    /// The number of keys that may be meant, where they are too many to be tried one by one.
    pub(crate) crowd: Option<usize>,
    /// True where the expression also refers to what may be the condition that decides.
    conditional: bool,
    /// True where a name of a key came from a sensitive value.
    pub(crate) secret: bool,
    /// Attributes, outputs, variables and locals that were walked through, so that no fan-out is walked twice.
    visited: BTreeSet<String>,
}

impl Found {
    /// The same way to some of the keys.
    pub(crate) fn only(&self, keys: &[At], outside: bool) -> Found {
        Found {
            keys: keys.iter().copied().collect(),
            outside: self.outside.iter().filter(|_| outside).cloned().collect(),
            via: self.via.clone(),
            way: self.way.clone(),
            open: self.open.clone(),
            secret: self.secret,
            unpaired: self.unpaired,
            crowd: self.crowd,
            conditional: false,
            visited: BTreeSet::new(),
        }
    }

    /// Notes that any of so many keys may be meant. The name that they share may be sensitive, and is not kept.
    fn any_of(&mut self, keys: usize) {
        self.crowd = self.crowd.max(Some(keys));
        self.open.push("one of several keys".to_owned());
    }

    /// Keeps the way that a value came in the sources.
    fn go(&mut self, way: Option<&Vec<Way>>) {
        for step in way.into_iter().flatten() {
            pass(self, step.text.clone());
            self.way.push(step.clone());
        }
    }
}

/// So many instances, or keys of one name, are tried where any may be meant: with one trail for each, the work grows with the square.
const MOST_INSTANCES: usize = 50;

/// A key or alias, and what it is called with its Region and account.
type Place = (At, KeyName);

/// Where an expression stands: the module instance, and the instance key of the block.
#[derive(Clone, Copy)]
struct Site<'s> {
    /// The instance whose attribute is followed.
    asker: At,
    input: usize,
    module: &'s [Step],
    key: Option<&'s Key>,
    /// The instance that `k[...]` takes, where the references tell.
    pair: Option<&'s Key>,
    /// `for_each` of the block.
    for_each: Option<&'s Expression>,
    /// The attribute that is followed, where the expression is its own.
    attribute: Option<&'s str>,
}

impl<'s> Site<'s> {
    /// That of an expression which stands in no block, such as a local value: whatever has led there.
    fn bare(asker: At, input: usize, module: &'s [Step]) -> Self {
        Site {
            asker,
            input,
            module,
            key: None,
            pair: None,
            for_each: None,
            attribute: None,
        }
    }
}

/// Follows references over all inputs.
pub(crate) struct Linker<'a> {
    inputs: &'a [Loaded],
    index: &'a [Index<'a>],
    scopes: &'a Scopes,
    by_arn: BTreeMap<String, Vec<At>>,
    by_id: BTreeMap<String, Vec<Place>>,
    aliases: BTreeMap<String, Vec<Place>>,
    /// Keys and aliases by names that are in part symbolic.
    by_text: BTreeMap<String, Vec<At>>,
}

impl<'a> Linker<'a> {
    pub(crate) fn new(inputs: &'a [Loaded], index: &'a [Index<'a>], scopes: &'a Scopes) -> Self {
        let mut linker = Linker {
            inputs,
            index,
            scopes,
            by_arn: BTreeMap::new(),
            by_id: BTreeMap::new(),
            aliases: BTreeMap::new(),
            by_text: BTreeMap::new(),
        };
        for (input, loaded) in inputs.iter().enumerate() {
            for (resource, it) in loaded.document.resources.iter().enumerate() {
                if it.mode == Mode::Managed && survives(it) {
                    linker.enter(At { input, resource }, it);
                }
            }
        }
        linker
    }

    fn enter(&mut self, at: At, resource: &Resource) {
        let is_key = KEY_TYPES.contains(&resource.address.kind.as_str());
        if is_key || resource.address.kind == "aws_kms_alias" {
            let texts = ["arn", "key_id", "id", "name"].into_iter();
            let mut texts: Vec<String> = texts
                .filter_map(|name| signature(resource.after.as_ref()?.get(name)?))
                .collect();
            texts.sort();
            texts.dedup();
            for text in texts {
                self.by_text.entry(text).or_default().push(at);
            }
        }
        let known = |name: &str| known(resource, name).map(str::to_owned);
        if is_key {
            if let Some(arn) = known("arn") {
                self.by_arn.entry(arn).or_default().push(at);
            }
            if let Some(id) = known("key_id").or_else(|| known("id")) {
                let name = KeyName::new(&id, self.place(at));
                self.by_id.entry(id).or_default().push((at, name));
            }
        } else if resource.address.kind == "aws_kms_alias"
            && let Some(name) = known("name")
        {
            let called = KeyName::new(&name, self.place(at));
            self.aliases.entry(name).or_default().push((at, called));
        }
    }

    pub(crate) fn resource(&self, at: At) -> Option<&'a Resource> {
        self.inputs
            .get(at.input)
            .and_then(|loaded| loaded.document.resources.get(at.resource))
    }

    fn index(&self, input: usize) -> Option<&'a Index<'a>> {
        self.index.get(input)
    }

    /// The keys that an attribute of an instance names: by its known value, else by the references of its expression.
    pub(crate) fn attribute(&self, at: At, name: &str) -> Found {
        let mut found = Found::default();
        self.attribute_into(at, name, &mut found, 0);
        if found.keys.is_empty() && found.outside.is_empty() {
            self.bridge(at.input, &mut found);
        }
        self.drop_known(at, name, &mut found);
        if found.keys.len() > MOST_INSTANCES {
            found.any_of(found.keys.len());
            found.keys.clear();
        }
        found
    }

    /// The keys that a text inside an attribute names, such as an ARN in a JSON document.
    pub(crate) fn inside(&self, at: At, name: &str, value: &Value) -> Found {
        let mut found = Found::default();
        let way = self.resource(at).and_then(|it| it.ways.get(name));
        let text = match &value.kind {
            Kind::Text(text) => text.to_literal(),
            _ => None,
        };
        if let Some(text) = text {
            found.secret |= value.is_sensitive();
            found.go(way);
            self.name(at, &text, &mut found, 0);
            return found;
        }
        if let Kind::List(names) = &value.kind {
            found.secret |= value.is_sensitive();
            for item in &names.items {
                self.one_name(at, &item.value, &mut found, 0);
            }
            return found;
        }
        if let Some(it) = self.symbolic(at, value, way) {
            found.go(way);
            let is_alias = |it: &Resource| it.address.kind == "aws_kms_alias";
            if self.resource(it).is_some_and(is_alias) {
                self.alias(it, &mut found, 0);
            } else {
                found.keys.insert(it);
            }
            return found;
        }
        self.referred(at, name)
    }

    /// The keys that an attribute refers to which says other things, too: what else it refers to need not lead to a key.
    pub(crate) fn referred(&self, at: At, name: &str) -> Found {
        let mut found = self.attribute(at, name);
        if !found.keys.is_empty() || !found.outside.is_empty() {
            found.via.append(&mut found.open);
        }
        found
    }

    /// A value that is not known cannot be that of a key whose ARN is, unless something else decides between them.
    fn drop_known(&self, at: At, name: &str, found: &mut Found) {
        let value = self
            .resource(at)
            .and_then(|it| it.after.as_ref())
            .and_then(|after| after.get(name));
        let unknown = value.is_some_and(|value| matches!(value.kind, Kind::Unknown(_)));
        let new = |at: &At| {
            self.resource(*at)
                .is_some_and(|it| known(it, "arn").is_none())
        };
        if unknown && !found.conditional && found.open.is_empty() && found.keys.iter().any(new) {
            found.keys.retain(new);
            found.outside.clear();
        }
    }

    fn attribute_into(&self, at: At, name: &str, found: &mut Found, depth: usize) {
        let (Some(resource), Some(index)) = (self.resource(at), self.index(at.input)) else {
            return;
        };
        let walked = format!("{}|{}.{name}", at.input, resource.address);
        if !found.visited.insert(walked) {
            return;
        }
        let value = resource.after.as_ref().and_then(|after| after.get(name));
        if let Some(text) = value.and_then(Value::as_str) {
            found.secret |= value.is_some_and(Value::is_sensitive);
            found.go(resource.ways.get(name));
            return self.name(at, text, found, depth);
        }
        if let Some(Value {
            kind: Kind::List(names),
            ..
        }) = value
        {
            found.secret |= value.is_some_and(Value::is_sensitive);
            for item in &names.items {
                self.one_name(at, &item.value, found, depth);
            }
            return;
        }
        if let Some(it) = value.and_then(|value| self.symbolic(at, value, resource.ways.get(name)))
        {
            found.go(resource.ways.get(name));
            if self
                .resource(it)
                .is_some_and(|it| it.address.kind == "aws_kms_alias")
            {
                return self.alias(it, found, depth);
            }
            found.keys.insert(it);
            return;
        }
        let block = index.config(&resource.address);
        let site = Site {
            asker: at,
            input: at.input,
            module: &resource.address.module,
            key: resource.address.key.as_ref(),
            pair: None,
            for_each: block.and_then(|block| block.for_each.as_ref()),
            attribute: Some(name),
        };
        match block.and_then(|block| block.expressions.get(name)) {
            Some(expression) => self.expression(site, expression, found, depth),
            None if value.is_some_and(|value| matches!(value.kind, Kind::Unknown(_))) => {
                found.open.push(format!("{}.{name}", resource.address));
            }
            None => {}
        }
    }

    /// A link that runs through what the plan does not hold: the one key that the plan depends on.
    fn bridge(&self, input: usize, found: &mut Found) {
        let (Some(loaded), Some(index)) = (self.inputs.get(input), self.index(input)) else {
            return;
        };
        if !found
            .open
            .iter()
            .any(|open| open.starts_with("local.") || open.starts_with("each."))
        {
            return;
        }
        let mut keys = BTreeSet::new();
        for relevant in &loaded.document.relevant {
            let names = relevant
                .attribute
                .first()
                .is_none_or(|attribute| NAMES.contains(&attribute.as_str()));
            let Some(address) = Address::parse(&relevant.resource).filter(|_| names) else {
                continue;
            };
            if !address.data && KEY_TYPES.contains(&address.kind.as_str()) {
                let instances = index.all_instances(&address).iter().copied();
                let meant = |at: &usize| {
                    address.key.is_none()
                        || loaded
                            .document
                            .resources
                            .get(*at)
                            .is_some_and(|it| it.address == address)
                };
                keys.extend(
                    instances
                        .filter(meant)
                        .map(|resource| At { input, resource }),
                );
            }
        }
        if keys.len() == 1 {
            found.via.append(&mut found.open);
            found.keys = keys;
        }
    }
}

fn pass(found: &mut Found, step: String) {
    if !found.via.contains(&step) {
        found.via.push(step);
    }
}
