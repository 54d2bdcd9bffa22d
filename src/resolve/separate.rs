//! Key policies that are resources of their own, and which keys they may be for.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{At, survives};
use super::link::{Found, Linker};
use super::{Inputs, Loaded};
use crate::input::{Action, Resource};
use crate::value::Value;

/// `aws_kms_key_policy` resources: those of a key for certain, deleted ones included, and those that may be some key's.
#[derive(Default)]
pub(crate) struct Separate {
    pub(crate) certain: BTreeMap<At, Vec<At>>,
    /// Policies of keys that no input holds, with what they call the key.
    pub(crate) outside: Vec<(String, At)>,
    possible: Vec<Possible>,
}

/// A policy resource of which the plan does not tell the key, or that the plan left out.
struct Possible {
    input: usize,
    /// The keys that it may be for; none named: any of the input.
    keys: BTreeSet<At>,
    /// False where the plan changes nothing of it, so that a policy that is known is what it set.
    changes: bool,
    why: String,
}

impl Separate {
    /// Why a key may have a separate policy that cannot be told.
    pub(crate) fn doubt(&self, key: At, known: bool) -> Option<&str> {
        let mut possible = self.possible.iter().filter(|it| {
            let meant = it.keys.is_empty() && it.input == key.input || it.keys.contains(&key);
            meant && (it.changes || !known)
        });
        possible.next().map(|it| it.why.as_str())
    }
}

pub(crate) fn collect(inputs: Inputs<'_>, linker: &Linker<'_>) -> Separate {
    let mut separate = Separate::default();
    for (input, loaded) in inputs.loaded.iter().enumerate() {
        for (resource, it) in loaded.document.resources.iter().enumerate() {
            if it.address.data || it.address.kind != "aws_kms_key_policy" || it.deposed.is_some() {
                continue;
            }
            let at = At { input, resource };
            let found = if survives(it) {
                linker.attribute(at, "key_id")
            } else {
                before(linker, at, it)
            };
            if found.keys.len() == 1 && found.open.is_empty() && found.outside.is_empty() {
                separate
                    .certain
                    .entry(found.keys.into_iter().next().unwrap_or(at))
                    .or_default()
                    .push(at);
            } else if found.keys.is_empty() && found.open.is_empty() && found.outside.len() == 1 {
                let name = found.outside.into_iter().next().filter(|_| survives(it));
                separate.outside.extend(name.map(|name| (name, at)));
            } else if found.outside.is_empty() || !found.keys.is_empty() {
                let why = format!(
                    "whether `{}` sets the key's policy cannot be told",
                    it.address
                );
                let changes = it.action != Action::NoOp;
                separate.possible.push(Possible {
                    input,
                    keys: found.keys,
                    changes,
                    why,
                });
            }
        }
        separate.add_left_out(input, loaded, inputs);
    }
    separate
}

impl Separate {
    /// Policy resources of the configuration that a plan which leaves changes out holds no instance of.
    fn add_left_out(&mut self, input: usize, loaded: &Loaded, inputs: Inputs<'_>) {
        let plan = &loaded.document;
        let Some(index) = inputs.index.get(input) else {
            return;
        };
        if plan.complete && !plan.errored && plan.deferred.is_empty() {
            return;
        }
        for name in index.unplanned("aws_kms_key_policy") {
            let why = format!("the plan leaves out `{name}`, which may set the key's policy");
            let keys = BTreeSet::new();
            self.possible.push(Possible {
                input,
                keys,
                changes: true,
                why,
            });
        }
    }
}

/// The key that a resource named before the plan takes it away.
fn before(linker: &Linker<'_>, at: At, resource: &Resource) -> Found {
    let mut found = Found::default();
    let id = resource
        .before
        .as_ref()
        .and_then(|before| before.get("key_id"))
        .and_then(Value::as_str);
    if let Some(id) = id {
        linker.name(at, id, &mut found, 0);
    }
    found
}
