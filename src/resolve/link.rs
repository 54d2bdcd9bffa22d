//! From a reference to the keys that it can lead to: through resources, aliases, data sources, module outputs and inputs.
//!
//! A plan lists the references of an expression and not the expression, so every reference is a possible source of the value. What a plan
//! does not hold at all (locals) is bridged by the attributes that the plan says it depends on, where they leave one key.

use std::collections::{BTreeMap, BTreeSet};

use super::Loaded;
use super::index::{At, Index, survives};
use super::names::{KeyName, index_key, known, longest, looks_like_key, signature, walk};
use super::scope::Scopes;
use crate::address::{Address, Key, Reference, Segment, Step};
use crate::input::{Action, Expression, Mode, Resource, Way};
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

/// A chain of references longer than this is given up; Terraform forbids cycles, hostile input does not.
const DEPTH: usize = 64;

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
    /// True where the expression also refers to what may be the condition that decides.
    conditional: bool,
    /// True where a name of a key came from a sensitive value.
    pub(crate) secret: bool,
    /// Outputs and variables that were walked through, so that no fan-out is walked twice.
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
            ..Found::default()
        }
    }

    /// Keeps the way that a value came in the sources.
    fn go(&mut self, way: Option<&Vec<Way>>) {
        for step in way.into_iter().flatten() {
            pass(self, step.text.clone());
            self.way.push(step.clone());
        }
    }
}

/// Where an expression stands: the module instance, and the instance key of the block.
#[derive(Clone, Copy)]
struct Site<'s> {
    /// The instance whose attribute is followed.
    asker: At,
    input: usize,
    module: &'s [Step],
    key: Option<&'s Key>,
    /// `for_each` of the block.
    for_each: Option<&'s Expression>,
}

/// Follows references over all inputs.
pub(crate) struct Linker<'a> {
    inputs: &'a [Loaded],
    index: &'a [Index<'a>],
    scopes: &'a Scopes,
    by_arn: BTreeMap<String, Vec<At>>,
    by_id: BTreeMap<String, Vec<At>>,
    aliases: BTreeMap<String, Vec<At>>,
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
                self.by_id.entry(id).or_default().push(at);
            }
        } else if resource.address.kind == "aws_kms_alias"
            && let Some(name) = known("name")
        {
            self.aliases.entry(name).or_default().push(at);
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
            found.secret |= matches!(&value.kind, Kind::Text(text) if text.is_sensitive());
            found.secret |= value.sensitive;
            found.go(way);
            self.name(at, &text, &mut found, 0);
            return found;
        }
        if let Some(it) = self.symbolic(at, value) {
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
        let value = resource.after.as_ref().and_then(|after| after.get(name));
        if let Some(text) = value.and_then(Value::as_str) {
            found.secret |= value.is_some_and(|value| value.sensitive);
            found.go(resource.ways.get(name));
            return self.name(at, text, found, depth);
        }
        if let Some(Value {
            kind: Kind::List(names),
            ..
        }) = value
        {
            for item in &names.items {
                self.one_name(at, &item.value, found, depth + 1);
            }
            return;
        }
        if let Some(it) = value.and_then(|value| self.symbolic(at, value)) {
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
            for_each: block.and_then(|block| block.for_each.as_ref()),
        };
        match block.and_then(|block| block.expressions.get(name)) {
            Some(expression) => self.expression(site, expression, found, depth + 1),
            None if value.is_some_and(|value| matches!(value.kind, Kind::Unknown(_))) => {
                found.open.push(format!("{}.{name}", resource.address));
            }
            None => {}
        }
    }

    /// One of the names of which the apply takes one: a snapshot lists them.
    fn one_name(&self, at: At, value: &Value, found: &mut Found, depth: usize) {
        match (value.as_str(), self.symbolic(at, value)) {
            (Some(text), _) => self.name(at, text, found, depth),
            (None, Some(it)) => {
                found.keys.insert(it);
            }
            (None, None) => found.open.push("one of several keys".to_owned()),
        }
    }

    /// The key or alias of the same input that a value names which is in part symbolic.
    fn symbolic(&self, asker: At, value: &Value) -> Option<At> {
        let all = self.by_text.get(&signature(value)?)?;
        let own = all.iter().filter(|at| at.input == asker.input);
        // A replica shares its primary's id, and an id means the primary.
        own.min_by_key(|at| {
            let kind = self.resource(**at).map(|it| it.address.kind.as_str());
            kind.is_some_and(|kind| kind.contains("replica"))
        })
        .copied()
    }

    /// A known name of a key: its ARN or id, or the ARN or name of an alias. What fits no key of the inputs lies outside of them.
    pub(crate) fn name(&self, asker: At, text: &str, found: &mut Found, depth: usize) {
        if let Some(at) = self
            .by_arn
            .get(text)
            .and_then(|all| Self::first(asker, all))
        {
            found.keys.insert(at);
            return;
        }
        let wanted = self.key_name(asker, text);
        let is_alias = wanted.is_alias();
        let table = if is_alias { &self.aliases } else { &self.by_id };
        let all = table.get(wanted.id()).map_or(&[][..], Vec::as_slice);
        // An alias or id of another account or Region is another key. In the asker's own input what is not known counts as the same.
        let same: Vec<At> = all
            .iter()
            .copied()
            .filter(|at| {
                let it = KeyName::new(wanted.id(), self.place(*at));
                it.is(&wanted) || at.input == asker.input && it.may_be_at(&wanted, true)
            })
            .collect();
        let own: Vec<At> = same
            .iter()
            .copied()
            .filter(|at| at.input == asker.input)
            .collect();
        let chosen = if own.is_empty() { same } else { own };
        if chosen.is_empty() {
            found.outside.insert(text.to_owned());
        }
        for at in chosen {
            if is_alias {
                self.alias(at, found, depth);
            } else {
                found.keys.insert(at);
            }
        }
    }

    /// What an instance calls a key: a bare id or alias is one of its own account and Region.
    pub(crate) fn key_name(&self, asker: At, text: &str) -> KeyName {
        KeyName::new(text, self.place(asker))
    }

    /// Region and account of an instance, where they are known.
    fn place(&self, at: At) -> (Option<String>, Option<String>) {
        let parts = self
            .resource(at)
            .zip(self.inputs.get(at.input))
            .zip(self.index(at.input));
        let Some(((resource, loaded), index)) = parts else {
            return (None, None);
        };
        let scope = self.scopes.of(at.input, &loaded.document, index, resource);
        (
            scope.region.known().map(str::to_owned),
            scope.account.known().map(str::to_owned),
        )
    }

    /// One key twice in an input: in the asker's own, else in whatever comes first.
    fn first(asker: At, all: &[At]) -> Option<At> {
        all.iter()
            .min_by_key(|at| (at.input != asker.input, at.input))
            .copied()
    }

    fn alias(&self, at: At, found: &mut Found, depth: usize) {
        if depth > DEPTH {
            return;
        }
        if let Some(resource) = self.resource(at) {
            pass(found, resource.address.to_string());
        }
        self.attribute_into(at, "target_key_id", found, depth + 1);
    }

    fn expression(&self, site: Site<'_>, expression: &Expression, found: &mut Found, depth: usize) {
        if depth > DEPTH {
            return;
        }
        match expression {
            Expression::Constant(value) => {
                if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                    found.secret |= value.sensitive;
                    self.name(site.asker, text, found, depth);
                }
            }
            Expression::References(references) => {
                let plan = self.inputs.get(site.input).map(|loaded| &loaded.document);
                let key = plan.and_then(|plan| index_key(references, site.key, plan, site.module));
                let site = Site {
                    key: key.as_ref(),
                    ..site
                };
                for reference in longest(references) {
                    self.reference(site, reference, found, depth);
                }
            }
            Expression::Blocks(_) | Expression::Opaque => {}
        }
    }

    fn reference(&self, site: Site<'_>, written: &str, found: &mut Found, depth: usize) {
        match Reference::parse(written) {
            Reference::Resource { .. } => self.to_resource(site, written, found, depth),
            Reference::Module {
                name, key, output, ..
            } => {
                self.output(site, &name, key.as_ref(), output.as_deref(), found, depth);
            }
            Reference::Variable { name, path } => {
                self.variable(site, written, &name, &path, found, depth);
            }
            Reference::Each { key: false, path } => self.each(site, written, &path, found, depth),
            Reference::Local { name, .. } => self.local(site, written, &name, found, depth),
            Reference::Each { .. } | Reference::Other => {}
        }
    }

    /// A local value: sources define it, a plan does not hold it.
    fn local(&self, site: Site<'_>, written: &str, name: &str, found: &mut Found, depth: usize) {
        let module = self
            .index(site.input)
            .and_then(|index| index.module(site.module));
        let Some(expression) = module.and_then(|module| module.locals.get(name)) else {
            return found.open.push(written.to_owned());
        };
        let walked = format!("{}|{:?}|local.{name}", site.input, site.module);
        if !found.visited.insert(walked) {
            return;
        }
        pass(found, format!("local.{name}"));
        // A local stands outside of the block whose `each` it would mean.
        let site = Site {
            key: None,
            for_each: None,
            ..site
        };
        self.expression(site, expression, found, depth + 1);
    }

    fn to_resource(&self, site: Site<'_>, written: &str, found: &mut Found, depth: usize) {
        let reference = Reference::parse(written);
        let (Some(address), Some(index)) = (reference.address(site.module), self.index(site.input))
        else {
            return;
        };
        let wanted = match (address.data, address.kind.as_str()) {
            (data, kind) if KEY_TYPES.contains(&kind) && (!data || kind == "aws_kms_key") => NAMES,
            (_, "aws_kms_alias") => &["arn", "id", "name", "target_key_arn", "target_key_id"],
            _ => {
                found.conditional = true;
                return;
            }
        };
        // Terraform before 1.0 lists no attribute. A known other one (`.enabled`) is part of a condition, not the source of the value.
        if reference
            .attribute()
            .is_some_and(|attribute| !wanted.contains(&attribute))
        {
            found.conditional = true;
            return;
        }
        let instances = self.choose(index.instances(&address), &address, site);
        if instances.is_empty() && index.config(&address).is_none() {
            found.open.push(written.to_owned());
        }
        for resource in instances {
            let at = At {
                input: site.input,
                resource,
            };
            match (address.data, address.kind.as_str()) {
                (false, "aws_kms_alias") => self.alias(at, found, depth),
                (false, _) => {
                    pass(found, written.to_owned());
                    found.keys.insert(at);
                }
                (true, kind) => self.data_source(at, kind, written, found, depth),
            }
        }
    }

    /// A key or alias that is looked up: by what the look-up found, else by what it asks for.
    fn data_source(&self, at: At, kind: &str, written: &str, found: &mut Found, depth: usize) {
        let Some(resource) = self.resource(at) else {
            return;
        };
        pass(found, written.to_owned());
        let (result, asked) = if kind == "aws_kms_alias" {
            ("target_key_arn", "name")
        } else {
            ("arn", "key_id")
        };
        match known(resource, result).filter(|_| resource.action != Action::Read) {
            Some(arn) => self.name(at, arn, found, depth),
            None => self.attribute_into(at, asked, found, depth + 1),
        }
    }

    /// The instances of a block that an expression of `at` can mean, which makes these references.
    pub(crate) fn meant(&self, at: At, references: &[String], address: &Address) -> Vec<At> {
        let parts = self
            .resource(at)
            .zip(self.inputs.get(at.input))
            .zip(self.index(at.input));
        let Some(((resource, loaded), index)) = parts else {
            return Vec::new();
        };
        let own = resource.address.key.as_ref();
        let key = index_key(references, own, &loaded.document, &resource.address.module);
        let site = Site {
            asker: at,
            input: at.input,
            module: &resource.address.module,
            key: key.as_ref(),
            for_each: None,
        };
        let chosen = self.choose(index.instances(address), address, site);
        chosen
            .into_iter()
            .map(|resource| At {
                input: at.input,
                resource,
            })
            .collect()
    }

    /// The instances that a reference can mean: the one it names, the one of the referrer's own key, else all.
    fn choose(&self, instances: &[usize], address: &Address, site: Site<'_>) -> Vec<usize> {
        let resources = self
            .inputs
            .get(site.input)
            .map_or(&[][..], |loaded| loaded.document.resources.as_slice());
        let of_key = |key: &Key| {
            let all = instances.iter().copied();
            all.filter(|at| {
                resources
                    .get(*at)
                    .is_some_and(|it| it.address.key.as_ref() == Some(key))
            })
            .collect::<Vec<_>>()
        };
        match (&address.key, site.key) {
            // Terraform converts an index to the kind of the keys: `k["0"]` is `k[0]`. Where it is not known which there are, one stands for all.
            (Some(key), _) => {
                let all = [Some(key.clone()), converted(key), Some(Key::Unknown)];
                let mut found = all.iter().flatten().map(of_key);
                found.find(|it| !it.is_empty()).unwrap_or_default()
            }
            // `k[each.key]`, `k[count.index]` and `k[var.which]` are listed as `k`.
            (None, Some(key)) if instances.len() > 1 && !of_key(key).is_empty() => of_key(key),
            _ => instances.to_vec(),
        }
    }

    fn output(
        &self,
        site: Site<'_>,
        name: &str,
        key: Option<&Key>,
        output: Option<&str>,
        found: &mut Found,
        depth: usize,
    ) {
        let Some(index) = self.index(site.input) else {
            return;
        };
        let bare: Vec<Step> = site
            .module
            .iter()
            .cloned()
            .chain([Step {
                name: name.to_owned(),
                key: None,
            }])
            .collect();
        let Some(module) = index.module(&bare) else {
            found.open.push(format!("module.{name}"));
            return;
        };
        pass(
            found,
            output.map_or(format!("module.{name}"), |output| {
                format!("module.{name}.{output}")
            }),
        );
        let walked = format!(
            "{}|{:?}|{name}|{output:?}|{key:?}|{:?}",
            site.input, site.module, site.key
        );
        if !found.visited.insert(walked) {
            return;
        }
        let expressions: Vec<&Expression> = match output {
            Some(output) => module.outputs.get(output).into_iter().collect(),
            None => module.outputs.values().collect(),
        };
        let mut steps = index.module_instances(site.module, name);
        if steps.is_empty() {
            // It holds nothing of ours, but its outputs can still name a key.
            steps.push(Step {
                name: name.to_owned(),
                key: None,
            });
        }
        let own = site
            .key
            .filter(|own| steps.iter().any(|step| step.key.as_ref() == Some(*own)));
        // One that stands for all, where it is not known which there are.
        let named = key.filter(|key| steps.iter().any(|step| step.key.as_ref() == Some(*key)));
        let any = steps
            .iter()
            .find_map(|step| step.key.as_ref().filter(|it| **it == Key::Unknown));
        let key = key.map(|key| named.or(any).unwrap_or(key)).cloned();
        for step in steps {
            let chosen = key.as_ref().or(own);
            if chosen.is_some() && step.key.as_ref() != chosen {
                continue;
            }
            let path: Vec<Step> = site.module.iter().cloned().chain([step]).collect();
            let inner = Site {
                asker: site.asker,
                input: site.input,
                module: &path,
                key: None,
                for_each: None,
            };
            for expression in &expressions {
                self.expression(inner, expression, found, depth + 1);
            }
        }
    }

    fn variable(
        &self,
        site: Site<'_>,
        written: &str,
        name: &str,
        path: &[Segment],
        found: &mut Found,
        depth: usize,
    ) {
        let Some((step, outer)) = site.module.split_last() else {
            // A root variable is known: an attribute that is unknown has its value from elsewhere, and one that is known needs no link.
            let value = self
                .inputs
                .get(site.input)
                .and_then(|loaded| loaded.document.variables.get(name));
            let taken = value.and_then(|value| walk(value, path));
            if let Some(text) = taken.and_then(Value::as_str) {
                if looks_like_key(text) {
                    found.secret |= taken.is_some_and(|value| value.sensitive);
                    self.name(site.asker, text, found, depth);
                }
            } else if value.is_none() {
                found.open.push(written.to_owned());
            }
            return;
        };
        let call = self
            .index(site.input)
            .and_then(|index| index.module(outer))
            .and_then(|module| module.calls.get(&step.name));
        let Some(call) = call else {
            return found.open.push(written.to_owned());
        };
        let site = Site {
            asker: site.asker,
            input: site.input,
            module: outer,
            key: step.key.as_ref(),
            for_each: call.for_each.as_ref(),
        };
        match call.expressions.get(name) {
            Some(Expression::Constant(value)) => {
                if let Some(text) = walk(value, path)
                    .and_then(Value::as_str)
                    .filter(|text| looks_like_key(text))
                {
                    found.secret |= value.sensitive;
                    self.name(site.asker, text, found, depth);
                }
            }
            Some(Expression::Opaque) => found.open.push(written.to_owned()),
            Some(expression) => {
                let walked = format!(
                    "{}|{:?}|var.{name}|{path:?}",
                    site.input,
                    [outer, std::slice::from_ref(step)]
                );
                if !found.visited.insert(walked) {
                    return;
                }
                pass(
                    found,
                    format!(
                        "{}.{name}",
                        crate::address::module_path(&[outer, std::slice::from_ref(step)].concat())
                    ),
                );
                self.expression(site, expression, found, depth + 1);
            }
            // The default, which is known.
            None => {}
        }
    }

    /// `each.value` over modules or keys is the instance of the referrer's own key.
    fn each(
        &self,
        site: Site<'_>,
        written: &str,
        path: &[Segment],
        found: &mut Found,
        depth: usize,
    ) {
        let Some(Expression::References(references)) = site.for_each else {
            return found.open.push(written.to_owned());
        };
        let attribute = path.first().and_then(Segment::name);
        for reference in longest(references) {
            match Reference::parse(reference) {
                Reference::Module {
                    name,
                    key: None,
                    output: None,
                    ..
                } => {
                    self.output(site, &name, site.key, attribute, found, depth + 1);
                }
                Reference::Module { .. }
                | Reference::Resource { .. }
                | Reference::Variable { .. } => {
                    self.reference(site, reference, found, depth + 1);
                }
                _ if found.open.iter().any(|open| open == written) => {}
                _ => found.open.push(written.to_owned()),
            }
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

/// The same index as a key of the other kind.
fn converted(key: &Key) -> Option<Key> {
    match key {
        Key::Index(index) => Some(Key::Name(index.to_string())),
        Key::Name(name) => name.parse().ok().map(Key::Index),
        Key::Unknown => None,
    }
}

fn pass(found: &mut Found, step: String) {
    if !found.via.contains(&step) {
        found.via.push(step);
    }
}
