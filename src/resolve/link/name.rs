//! From a name of a key to the key: its ARN or id, or the ARN or name of an alias.

use super::{DEPTH, Found, Linker, MOST_INSTANCES, pass};
use crate::address::Address;
use crate::input::Way;
use crate::resolve::index::At;
use crate::resolve::names::{KeyName, signature};
use crate::value::Value;

impl Linker<'_> {
    /// One of the names of which the apply takes one: a snapshot lists them.
    pub(super) fn one_name(&self, at: At, value: &Value, found: &mut Found, depth: usize) {
        match (value.as_str(), self.symbolic(at, value, None)) {
            (Some(text), _) => self.name(at, text, found, depth),
            (None, Some(it)) => {
                found.keys.insert(it);
            }
            (None, None) => found.open.push("one of several keys".to_owned()),
        }
    }

    /// The key or alias of the same input that a value names which is in part symbolic. `way` is how the sources lead to the value.
    pub(super) fn symbolic(&self, asker: At, value: &Value, way: Option<&Vec<Way>>) -> Option<At> {
        let all = self.by_text.get(&signature(value)?)?;
        let own = all.iter().filter(|at| at.input == asker.input);
        // A replica shares its primary's id, and so its ARN where one `--region` is given for both; what is written tells them apart, and an
        // id alone means the primary.
        own.min_by_key(|at| {
            let address = self.resource(**at).map(|it| &it.address);
            let is_replica = address.is_some_and(|it| it.kind.contains("replica"));
            (!address.is_some_and(|it| is_written(it, way)), is_replica)
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
        let same = all.iter().filter(|(at, it)| {
            it.is(&wanted) || at.input == asker.input && it.may_be_at(&wanted, true)
        });
        let same: Vec<At> = same.map(|(at, _)| *at).collect();
        let own: Vec<At> = same
            .iter()
            .copied()
            .filter(|at| at.input == asker.input)
            .collect();
        let chosen = if own.is_empty() { same } else { own };
        if chosen.is_empty() {
            found.outside.insert(text.to_owned());
        }
        if chosen.len() > MOST_INSTANCES {
            return found.any_of(chosen.len());
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
    pub(super) fn place(&self, at: At) -> (Option<String>, Option<String>) {
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

    /// One key in several inputs: that of the asker's own, else of whatever comes first, as all are in the order of the inputs.
    pub(super) fn first(asker: At, all: &[At]) -> Option<At> {
        all.iter().min_by_key(|at| at.input != asker.input).copied()
    }

    pub(super) fn alias(&self, at: At, found: &mut Found, depth: usize) {
        let Some(resource) = self.resource(at) else {
            return;
        };
        if depth > DEPTH {
            return found.open.push(resource.address.to_string());
        }
        pass(found, resource.address.to_string());
        self.attribute_into(at, "target_key_id", found, depth + 1);
    }
}

/// True where one of the references on the way is to the resource.
fn is_written(address: &Address, way: Option<&Vec<Way>>) -> bool {
    let start = format!("{}.{}", address.kind, address.name);
    way.into_iter().flatten().any(|it| {
        let rest = it.text.strip_prefix(&start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_keys_with_one_name_that_of_the_askers_input_is_meant() {
        let at = |(input, resource)| At { input, resource };
        for (asker, all, expected) in [
            (1, &[(0, 4), (1, 2), (1, 3), (2, 0)][..], Some((1, 2))),
            (0, &[(0, 4), (1, 2)], Some((0, 4))),
            (3, &[(0, 4), (1, 2)], Some((0, 4))),
            (3, &[], None),
        ] {
            let all: Vec<At> = all.iter().copied().map(at).collect();
            let found = Linker::first(at((asker, 9)), &all);
            assert_eq!(found, expected.map(at), "{asker} {all:?}");
        }
    }
}
