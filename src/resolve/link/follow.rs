//! From the references of an expression to what they mean, inside of one module.

use super::{DEPTH, Found, KEY_TYPES, Linker, MOST_INSTANCES, NAMES, Site, pass};
use crate::address::{Address, Key, Reference, Segment};
use crate::input::{Action, Expression};
use crate::resolve::index::At;
use crate::resolve::names::{Pairing, known, longest, pairing};
use crate::value::{Kind, Value};

impl Linker<'_> {
    pub(super) fn expression(
        &self,
        site: Site<'_>,
        expression: &Expression,
        found: &mut Found,
        depth: usize,
    ) {
        let depth = depth + 1;
        if depth > DEPTH {
            // What is not followed may be another key.
            if let Expression::References(references) = expression {
                let names = longest(references).into_iter().map(str::to_owned);
                found.open.extend(names);
            }
            return;
        }
        match expression {
            Expression::Constant(value) => {
                if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                    found.secret |= value.is_sensitive();
                    self.name(site.asker, text, found, depth);
                }
            }
            Expression::References(references) => {
                let is_key = |it: &Address| {
                    KEY_TYPES.contains(&it.kind.as_str()) || it.kind == "aws_kms_alias"
                };
                let pair = self.pair(site, references, &is_key);
                let site = Site {
                    pair: pair.as_ref(),
                    ..site
                };
                for reference in longest(references) {
                    self.reference(site, reference, found, depth);
                }
            }
            Expression::Blocks(_) | Expression::Opaque => {}
        }
    }

    pub(super) fn reference(&self, site: Site<'_>, written: &str, found: &mut Found, depth: usize) {
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
    pub(super) fn local(
        &self,
        site: Site<'_>,
        written: &str,
        name: &str,
        found: &mut Found,
        depth: usize,
    ) {
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
        let site = Site::bare(site.asker, site.input, site.module);
        self.expression(site, expression, found, depth);
    }

    pub(super) fn to_resource(
        &self,
        site: Site<'_>,
        written: &str,
        found: &mut Found,
        depth: usize,
    ) {
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
        found.unpaired |= address.key.is_none() && instances.len() > 1 && site.key.is_some();
        if address.key.is_none() && instances.len() > MOST_INSTANCES {
            found.crowd = found.crowd.max(Some(instances.len()));
            return found.open.push(written.to_owned());
        }
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
    pub(super) fn data_source(
        &self,
        at: At,
        kind: &str,
        written: &str,
        found: &mut Found,
        depth: usize,
    ) {
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
        let parts = self.resource(at).zip(self.index(at.input));
        let Some((resource, index)) = parts else {
            return Vec::new();
        };
        let site = Site {
            asker: at,
            input: at.input,
            module: &resource.address.module,
            key: resource.address.key.as_ref(),
            pair: None,
            for_each: None,
            attribute: None,
        };
        let same = |it: &Address| (it.data, &it.kind) == (address.data, &address.kind);
        let pair = self.pair(site, references, &same);
        let site = Site {
            pair: pair.as_ref(),
            ..site
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

    /// The instance key that an index takes in an expression with these references, where they tell.
    fn pair(
        &self,
        site: Site<'_>,
        references: &[String],
        wanted: &dyn Fn(&Address) -> bool,
    ) -> Option<Key> {
        let plan = &self.inputs.get(site.input)?.document;
        let flags = |name: &str| self.is_flag(site, name);
        match pairing(references, plan, site.module, &flags, wanted) {
            Pairing::Key(key) => Some(key),
            Pairing::Own => site.key.cloned(),
            Pairing::Counted => site.key.filter(|_| self.siblings_agree(site)).cloned(),
            Pairing::Any => None,
        }
    }

    /// True for a variable that is `true` or `false`, which is a condition and no index.
    fn is_flag(&self, site: Site<'_>, name: &str) -> bool {
        let is_bool = |value: &Value| matches!(value.kind, Kind::Bool(_));
        let Some((step, outer)) = site.module.split_last() else {
            let plan = self.inputs.get(site.input);
            let value = plan.and_then(|it| it.document.variables.get(name));
            return value.is_some_and(is_bool);
        };
        let module = self.index(site.input).and_then(|it| it.module(outer));
        let call = module.and_then(|it| it.calls.get(&step.name));
        match call.and_then(|it| it.expressions.get(name)) {
            Some(Expression::Constant(value)) => is_bool(value),
            _ => false,
        }
    }

    /// True where other instances of the block have a known value of the attribute, and each names the key of its own index: the
    /// expression is the same for all of them.
    fn siblings_agree(&self, site: Site<'_>) -> bool {
        let parts = self.resource(site.asker).zip(self.index(site.input));
        let (Some((asker, index)), Some(attribute)) = (parts, site.attribute) else {
            return false;
        };
        let mut any = false;
        for resource in index.instances(&asker.address) {
            let at = At {
                input: site.input,
                resource: *resource,
            };
            let Some((it, text)) = self
                .resource(at)
                .and_then(|it| Some((it, known(it, attribute)?)))
            else {
                continue;
            };
            let mut found = Found::default();
            self.name(at, text, &mut found, 0);
            let mut keys = found.keys.iter().filter_map(|at| self.resource(*at));
            let (Some(key), None) = (keys.next(), keys.next()) else {
                return false;
            };
            let last = key.address.module.last().and_then(|it| it.key.as_ref());
            if key.address.key.as_ref().or(last) != it.address.key.as_ref() {
                return false;
            }
            any = true;
        }
        any
    }

    /// The instances that a reference can mean: the one it names, the one of the referrer's own key, else all.
    pub(super) fn choose(
        &self,
        instances: &[usize],
        address: &Address,
        site: Site<'_>,
    ) -> Vec<usize> {
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
        match (&address.key, site.pair) {
            // Terraform converts an index to the kind of the keys: `k["0"]` is `k[0]`. Where it is not known which there are, one stands for all.
            (Some(key), _) => {
                let all = [Some(key.clone()), converted(key), Some(Key::Unknown)];
                let mut found = all.iter().flatten().map(of_key);
                found.find(|it| !it.is_empty()).unwrap_or_default()
            }
            // `k[each.key]`, `k[count.index]` and `k[var.which]` are listed as `k`.
            (None, Some(key)) if !of_key(key).is_empty() => of_key(key),
            _ => instances.to_vec(),
        }
    }

    /// `each.value` over modules or keys is the instance of the referrer's own key.
    pub(super) fn each(
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
                    self.output(site, &name, site.key, attribute, found, depth);
                }
                Reference::Module { .. }
                | Reference::Resource { .. }
                | Reference::Variable { .. } => {
                    let site = Site {
                        pair: site.key,
                        ..site
                    };
                    self.reference(site, reference, found, depth);
                }
                _ if found.open.iter().any(|open| open == written) => {}
                _ => found.open.push(written.to_owned()),
            }
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
