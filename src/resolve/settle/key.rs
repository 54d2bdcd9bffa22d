//! Keys, their policies and aliases, as a snapshot holds them.

use super::{Settler, copied, list, same_secrecy};
use crate::input::Resource;
use crate::model::{Fact, Key};
use crate::resolve::index::{At, survives};
use crate::resolve::keys::{self, Source};
use crate::resolve::link::Found;
use crate::value::json::{self, TextError};
use crate::value::{Kind, Value};

impl Settler<'_, '_, '_> {
    pub(super) fn key(&mut self, at: At, it: &Resource, key: &Key) -> Vec<(&'static str, Value)> {
        let mut values = copied(
            it,
            &[
                "bypass_policy_lockout_safety_check",
                "deletion_window_in_days",
                "id",
                "key_id",
                "primary_key_arn",
                "region",
            ],
        );
        let arn = Value::new(Kind::Text(key.arn.clone()), it.origin.clone());
        values.push(("arn", same_secrecy(arn, it, "arn")));
        let enabled = if it.address.kind == "aws_kms_key" {
            "is_enabled"
        } else {
            "enabled"
        };
        let facts = [
            (enabled, Some(&key.enabled)),
            ("multi_region", Some(&key.multi_region)),
            ("enable_key_rotation", key.rotation.as_ref()),
        ];
        for (name, fact) in facts {
            let value = match fact {
                None => continue,
                Some(Fact::Known(known)) => {
                    let known = Value::new(Kind::Bool(*known), it.origin.clone());
                    same_secrecy(known, it, name)
                }
                Some(Fact::Unknown) => self.unknown(at, it, name, "known after apply"),
            };
            values.push((name, value));
        }
        let text = |text: &str| Value::text(text, it.origin.clone());
        let spec = ["customer_master_key_spec", "key_usage"];
        let hidden = copied(it, &spec).iter().any(|(_, it)| it.is_sensitive());
        match key.symmetric {
            Fact::Known(true) if !hidden => values.extend([
                ("customer_master_key_spec", text("SYMMETRIC_DEFAULT")),
                ("key_usage", text("ENCRYPT_DECRYPT")),
            ]),
            Fact::Known(_) => values.extend(copied(it, &spec)),
            Fact::Unknown => {
                let spec = self.unknown(at, it, "customer_master_key_spec", "known after apply");
                values.push(("customer_master_key_spec", spec));
            }
        }
        values.extend(self.key_policy(at, it).map(|policy| ("policy", policy)));
        values
    }

    /// The policy that a key has by itself; none where a resource of its own sets it, or takes it away, and where a new key gets AWS's
    /// default policy: whoever reads the snapshot sees that for himself.
    fn key_policy(&mut self, at: At, it: &Resource) -> Option<Value> {
        let policies = self
            .separate
            .certain
            .get(&at)
            .map_or(&[][..], Vec::as_slice);
        let resource = |place: &At| self.from.linker.resource(*place);
        let live = policies
            .iter()
            .any(|place| resource(place).is_some_and(survives));
        let from = (self.from.inputs, self.from.scopes, self.from.linker);
        let own = keys::configured(at, from, &mut self.tables);
        if live {
            return own.and_then(|own| self.told(at, it, own));
        }
        let source = keys::effective(at, from, self.separate, &mut self.tables)?;
        let taken = !policies.is_empty();
        let seen = taken && own.is_none() && !matches!(source, Source::Unknown(_));
        if seen {
            return None;
        }
        self.told(at, it, source)
    }

    /// A resource that sets a key's policy.
    pub(super) fn separate_policy(
        &mut self,
        at: At,
        it: &Resource,
    ) -> Option<Vec<(&'static str, Value)>> {
        let mut values = copied(it, &["bypass_policy_lockout_safety_check", "region"]);
        values.push(self.target(at, it, "key_id"));
        let from = (self.from.inputs, self.from.scopes, self.from.linker);
        let source = keys::effective(at, from, self.separate, &mut self.tables)?;
        values.extend(self.told(at, it, source).map(|policy| ("policy", policy)));
        Some(values)
    }

    /// A policy as a text or, where it is known in part, as a tree; none where a key gets AWS's default policy.
    fn told(&mut self, at: At, it: &Resource, source: Source) -> Option<Value> {
        let value = match source {
            Source::Default => return None,
            Source::Unknown(reason) => return Some(self.unknown(at, it, "policy", &reason)),
            Source::Document(value) | Source::Text(value) => value,
        };
        let text = value.to_text().filter(|text| text.to_literal().is_none());
        let Some(text) = text.filter(|_| !value.is_sensitive()) else {
            return Some(value);
        };
        // Known in part: what can be told of its structure.
        match json::read(
            &text,
            &value.origin,
            self.tables.sources,
            self.tables.symbols,
        ) {
            Ok(tree) => Some(tree),
            Err(TextError::Unknown { reason, .. }) => Some(self.unknown(at, it, "policy", &reason)),
            Err(TextError::Invalid(_)) => {
                Some(self.unknown(at, it, "policy", "its text is not JSON"))
            }
        }
    }

    pub(super) fn alias(&mut self, at: At, it: &Resource) -> Vec<(&'static str, Value)> {
        let mut values = copied(it, &["arn", "name", "region"]);
        values.push(self.target(at, it, "target_key_id"));
        values
    }

    /// The key that an attribute names: as it does, where that is known.
    pub(super) fn target(
        &mut self,
        at: At,
        it: &Resource,
        attribute: &'static str,
    ) -> (&'static str, Value) {
        let own = it.after.as_ref().and_then(|after| after.get(attribute));
        if let Some(own) = own.filter(|own| own.as_str().is_some()) {
            return (attribute, own.clone());
        }
        let found = self.from.linker.attribute(at, attribute);
        let target = self.names(&found, it);
        let target = target
            .unwrap_or_else(|| self.unknown(at, it, attribute, "which key it names is not known"));
        (attribute, target)
    }

    /// The names of keys that were found: one, or those of which the apply takes one.
    pub(super) fn names(&self, found: &Found, it: &Resource) -> Option<Value> {
        let mut names: Vec<Value> = Vec::new();
        for place in &found.keys {
            let key = self.keys.by_place.get(place);
            let key = key.and_then(|key| self.keys.list.get(*key));
            names.extend(key.map(|key| Value::new(Kind::Text(key.arn.clone()), it.origin.clone())));
        }
        for name in &found.outside {
            let name = Value::text(name.as_str(), it.origin.clone());
            names.push(if found.secret {
                name.into_sensitive()
            } else {
                name
            });
        }
        match names.len() {
            0 => None,
            1 => names.pop(),
            _ => Some(list(names, &it.origin)),
        }
    }
}
