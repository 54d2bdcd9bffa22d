//! Keys and their effective policies.

mod build;
mod default;
mod others;
mod read;
mod source;
mod told;

use std::collections::BTreeMap;

use super::index::{At, survives};
use super::link::{KEY_TYPES, Linker};
use super::outside::{self, Elsewhere};
use super::scope::{Scopes, piece};
use super::separate;
use super::{Inputs, Tables};
use crate::input::home::{Home, Piece};
use crate::input::{Mode, Resource};
use crate::model::Key;
use crate::source::Origin;

pub(super) use read::read_json;
pub(crate) use source::{Source, restores_default};
pub(crate) use told::{configured, effective};

/// All keys of the inputs, with look-ups.
pub(crate) struct Keys {
    pub(crate) list: Vec<Key>,
    pub(crate) by_place: BTreeMap<At, usize>,
    /// Keys that no input holds, by what subjects call them.
    pub(crate) outside: BTreeMap<String, usize>,
    /// Policies of keys that no input holds.
    elsewhere: outside::Policies,
}

impl Keys {
    /// Adds a key that no input holds, as `asker` calls it, with its policy where that is known. Gives its index.
    pub(crate) fn add_outside(
        &mut self,
        name: &str,
        asker: At,
        origin: &Origin,
        (inputs, linker): (Inputs<'_>, &Linker<'_>),
        tables: &mut Tables<'_>,
    ) -> usize {
        let mut key = outside::key(name, asker.input, origin, tables);
        outside::look_up(&mut key, inputs);
        let place = |at| linker.resource(at).map(|it| (at, it));
        let (at, given) = match self.elsewhere.of(name, asker, linker, inputs) {
            Some(Elsewhere::Resource(at)) => (at, None),
            Some(Elsewhere::Given(given)) => (asker, Some(given)),
            None => (asker, None),
        };
        if (at, given.is_some()) != (asker, false)
            && let Some((at, it)) = place(at)
        {
            let builder = Builder {
                at,
                it,
                scope: Home::nowhere(),
                inputs,
                linker,
            };
            let source = if let Some(given) = given {
                key.origin = given.policy.origin.clone();
                Source::Text(given.policy.clone())
            } else {
                key.origin = it.origin.clone();
                key.policy_addresses = vec![it.address.to_string()];
                key.form = builder.form(at);
                let known = builder.attribute(at, tables);
                known.unwrap_or_else(|| builder.not_shown())
            };
            builder.read(source, &mut key, tables);
        }
        self.list.push(key);
        self.list.len() - 1
    }
}

pub(crate) fn collect(
    inputs: Inputs<'_>,
    scopes: &Scopes,
    linker: &Linker<'_>,
    tables: &mut Tables<'_>,
) -> Keys {
    let separate = separate::collect(inputs, linker);
    let aliases = aliases(inputs, linker);
    let mut keys = Keys {
        list: Vec::new(),
        by_place: BTreeMap::new(),
        outside: BTreeMap::new(),
        elsewhere: outside::Policies::default(),
    };
    for (name, at) in &separate.outside {
        keys.elsewhere.enter(name, *at, linker);
    }
    for (input, loaded) in inputs.loaded.iter().enumerate() {
        let mut places: Vec<usize> = (0..loaded.document.resources.len()).collect();
        places.retain(|at| loaded.document.resources.get(*at).is_some_and(is_key));
        places.sort_by_key(|at| {
            loaded
                .document
                .resources
                .get(*at)
                .map(|it| it.address.clone())
        });
        for resource in places {
            let (at, Some(it)) = (
                At { input, resource },
                loaded.document.resources.get(resource),
            ) else {
                continue;
            };
            let Some(index) = inputs.index.get(input) else {
                continue;
            };
            let scope = scopes.of(input, &loaded.document, index, it);
            let builder = Builder {
                at,
                it,
                scope,
                inputs,
                linker,
            };
            let mut key = builder.build(&separate, tables);
            key.aliases = aliases.get(&at).cloned().unwrap_or_default();
            keys.by_place.insert(at, keys.list.len());
            keys.list.push(key);
        }
    }
    keys
}

fn is_key(resource: &Resource) -> bool {
    resource.mode == Mode::Managed
        && survives(resource)
        && KEY_TYPES.contains(&resource.address.kind.as_str())
}

fn aliases(inputs: Inputs<'_>, linker: &Linker<'_>) -> BTreeMap<At, Vec<String>> {
    let mut map: BTreeMap<At, Vec<String>> = BTreeMap::new();
    for (input, loaded) in inputs.loaded.iter().enumerate() {
        for (resource, it) in loaded.document.resources.iter().enumerate() {
            if it.address.data || it.address.kind != "aws_kms_alias" || !survives(it) {
                continue;
            }
            let name = match piece(it, "name") {
                Some(Piece::Known(name)) => name,
                _ => it.address.to_string(),
            };
            for key in linker
                .attribute(At { input, resource }, "target_key_id")
                .keys
            {
                map.entry(key).or_default().push(name.clone());
            }
        }
    }
    for names in map.values_mut() {
        names.sort();
    }
    map
}

/// Builds one key.
struct Builder<'b, 'a> {
    at: At,
    it: &'a Resource,
    scope: Home,
    inputs: Inputs<'a>,
    linker: &'b Linker<'a>,
}

impl Key {
    /// The key with nothing of its name to be shown: it came from a sensitive value.
    pub(crate) fn into_unnamed(self) -> Self {
        Key {
            id: "(sensitive)".to_owned(),
            address: "(sensitive)".to_owned(),
            arn: self.arn.into_sensitive(),
            account: self.account.into_sensitive(),
            region: self.region.into_sensitive(),
            ..self
        }
    }
}
