//! What uses keys, and the buckets that it delivers to, as a snapshot holds them.

use super::{Settler, copied, list, same_secrecy};
use crate::input::Resource;
use crate::input::home::text;
use crate::model::{Component, Fact, Link, LinkStatus};
use crate::resolve::bucket::Buckets;
use crate::resolve::delivery::SERVICE_LINKED;
use crate::resolve::index::At;
use crate::resolve::keys::read_json;
use crate::resolve::names::known;
use crate::value::{Kind, Member, Object, Presence, Text, Value};

impl Settler<'_, '_, '_> {
    /// A trail or an event data store.
    pub(super) fn subject(&mut self, at: At, it: &Resource) -> Option<Vec<(&'static str, Value)>> {
        let mut values = copied(
            it,
            &[
                "arn",
                "enable_logging",
                "home_region",
                "id",
                "is_multi_region_trail",
                "is_organization_trail",
                "name",
                "organization_enabled",
                "region",
                "s3_key_prefix",
            ],
        );
        values.extend(self.key_of(at, it, "kms_key_id")?);
        if it.address.kind == "aws_cloudtrail" {
            let name = self.from.bucket_name(at, it, &mut self.tables);
            let text = name.text(&it.origin);
            values.push((
                "s3_bucket_name",
                Value::new(Kind::Text(text), it.origin.clone()),
            ));
        }
        Some(values)
    }

    /// The key that a user names in an attribute: as it does, where that is known. None where the user is not in the model; nothing where it
    /// names no key.
    fn key_of(
        &mut self,
        at: At,
        it: &Resource,
        attribute: &'static str,
    ) -> Option<Vec<(&'static str, Value)>> {
        let subject = *self
            .subjects
            .get(format!("in{}:{}", at.input, it.address).as_str())?;
        let own = it.after.as_ref().and_then(|after| after.get(attribute));
        if let Some(own) = own.filter(|own| own.as_str().is_some()) {
            return Some(vec![(attribute, own.clone())]);
        }
        let named = self.named(at, it, attribute, &subject.link);
        Some(named.map(|named| (attribute, named)).into_iter().collect())
    }

    fn named(&mut self, at: At, it: &Resource, attribute: &str, link: &Link) -> Option<Value> {
        if link.status == LinkStatus::None {
            return None;
        }
        let mut names: Vec<Value> = Vec::new();
        for key in link.keys.iter().filter_map(|at| self.keys.list.get(*at)) {
            let name = if key.outside && !key.arn.is_sensitive() {
                Text::literal(key.address.clone(), it.origin.clone())
            } else {
                key.arn.clone()
            };
            let value = Value::new(Kind::Text(name), it.origin.clone());
            names.push(same_secrecy(value, it, attribute));
        }
        match names.as_slice() {
            [] => {
                let reason = link.reason.clone().unwrap_or_default();
                Some(self.unknown(at, it, attribute, &reason))
            }
            [only] if only.as_str().is_none_or(|name| name.starts_with("arn:")) => names.pop(),
            // A bare name that was found on the way was written nowhere: it is one of one.
            _ => Some(list(names, &it.origin)),
        }
    }

    /// A landing zone. Its manifest is its text or, where it is known in part, a tree with the keys that its components name; where nothing
    /// of it is known, the keys that it refers to.
    pub(super) fn landing_zone(&mut self, at: At, it: &Resource) -> Vec<(&'static str, Value)> {
        const MANIFEST: &str = "manifest_json";
        let mut values = copied(it, &["arn", "id", "region", "version"]);
        let own = it.after.as_ref().and_then(|after| after.get(MANIFEST));
        let Some(own) = own.filter(|own| !own.is_null()) else {
            return values;
        };
        if own.as_str().is_some() || own.is_sensitive() {
            values.push((MANIFEST, own.clone()));
            return values;
        }
        let tree = match &own.kind {
            Kind::Object(_) => Ok(own.clone()),
            _ => read_json(own, &mut self.tables),
        };
        if let Ok(mut tree) = tree
            && matches!(tree.kind, Kind::Object(_))
        {
            for component in Component::ALL {
                let path = [component.word(), "configurations", "kmsKeyArn"];
                if let Some(key) = member_mut(&mut tree, &path)
                    && key.as_str().is_none()
                {
                    let found = self.from.linker.inside(at, MANIFEST, key);
                    if let Some(names) = self.names(&found, it) {
                        *key = names;
                    }
                }
            }
            values.push((MANIFEST, tree));
            return values;
        }
        let found = self.from.linker.referred(at, MANIFEST);
        let names = self.names(&found, it).map(|names| match names.kind {
            Kind::List(_) => names,
            _ => list(vec![names], &it.origin),
        });
        let names = names.unwrap_or_else(|| self.unknown(at, it, MANIFEST, "known after apply"));
        values.push((MANIFEST, names));
        values
    }

    /// A delivery channel of AWS Config.
    pub(super) fn delivery_channel(
        &mut self,
        at: At,
        it: &Resource,
    ) -> Option<Vec<(&'static str, Value)>> {
        let mut values = copied(it, &["id", "name", "region", "s3_bucket_name"]);
        values.extend(self.key_of(at, it, "s3_kms_key_arn")?);
        Some(values)
    }

    /// The recorder of AWS Config: as whom Config delivers.
    pub(super) fn recorder(&self, at: At, it: &Resource) -> Vec<(&'static str, Value)> {
        let mut values = copied(it, &["id", "name", "region", "role_arn"]);
        if self.from.is_service_linked(at, it) {
            let home = self.from.scope(at, it);
            let pieces = [
                "arn:".into(),
                home.partition,
                ":iam::".into(),
                home.account,
                format!(":{SERVICE_LINKED}AWSServiceRoleForConfig")
                    .as_str()
                    .into(),
            ];
            let arn = Value::new(Kind::Text(text(&pieces, &it.origin)), it.origin.clone());
            values.retain(|(name, _)| *name != "role_arn");
            values.push(("role_arn", same_secrecy(arn, it, "role_arn")));
        }
        values
    }

    pub(super) fn bucket(&mut self, at: At, it: &Resource) -> Option<Vec<(&'static str, Value)>> {
        let name = known(it, "bucket").or_else(|| known(it, "id"));
        let is_named = name.is_some();
        let name = match name {
            Some(name) => same_secrecy(Value::text(name, it.origin.clone()), it, "bucket"),
            None => self.bucket_names.get(&at)?.clone(),
        };
        let mut values = copied(it, &["region"]);
        values.push(("bucket", name));
        let has = if is_named {
            // What encrypts it by a resource of its own says so itself.
            Buckets::inline_key(self.from.linker, at)
        } else {
            self.from
                .buckets
                .bucket_key(self.from.linker, None, Some(at))
                .0
        };
        let rule = self.rule(at, it, &has);
        let inline = Object {
            members: vec![Member {
                key: "rule".to_owned(),
                key_origin: it.origin.clone(),
                presence: Presence::Present,
                value: rule,
            }],
            open: None,
        };
        let inline = Value::new(Kind::Object(inline), it.origin.clone());
        let inline = list(vec![inline], &it.origin);
        let name = "server_side_encryption_configuration";
        values.push((name, same_secrecy(inline, it, name)));
        Some(values)
    }

    /// What encrypts a bucket, where it is known which.
    pub(super) fn encryption(
        &mut self,
        at: At,
        it: &Resource,
    ) -> Option<Vec<(&'static str, Value)>> {
        let name = match known(it, "bucket") {
            Some(name) => name,
            None => self.from.buckets.encrypted_by(at).and_then(|place| {
                let bucket = self.from.linker.resource(place)?;
                known(bucket, "bucket").or_else(|| known(bucket, "id"))
            })?,
        };
        let name = Value::text(name, it.origin.clone());
        let (has, _) = crate::resolve::bucket::of_rules(it.after.as_ref()?.get("rule"));
        let name = same_secrecy(name, it, "bucket");
        let rule = self.rule(at, it, &has);
        Some(vec![
            ("bucket", name),
            ("rule", same_secrecy(rule, it, "rule")),
        ])
    }

    /// The one thing that is asked of a bucket's encryption.
    fn rule(&mut self, at: At, it: &Resource, has: &Fact<bool>) -> Value {
        let value = match has {
            Fact::Known(known) => Value::new(Kind::Bool(*known), it.origin.clone()),
            Fact::Unknown => self.unknown(at, it, "bucket_key_enabled", "known after apply"),
        };
        let object = Object {
            members: vec![Member {
                key: "bucket_key_enabled".to_owned(),
                key_origin: it.origin.clone(),
                presence: Presence::Present,
                value,
            }],
            open: None,
        };
        list(
            vec![Value::new(Kind::Object(object), it.origin.clone())],
            &it.origin,
        )
    }
}

/// A member inside objects, where each on the way is one.
fn member_mut<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    let mut here = value;
    for name in path {
        let Kind::Object(object) = &mut here.kind else {
            return None;
        };
        let mut members = object.members.iter_mut().rev();
        here = &mut members.find(|it| it.key == *name)?.value;
    }
    Some(here)
}
