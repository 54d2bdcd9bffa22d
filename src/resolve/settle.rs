//! What an input says, settled: links followed, effective policies, nothing sensitive. It is what a snapshot holds.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{At, Index, survives};
use super::keys::{self, Keys, Source};
use super::names::known;
use super::subject::{self, Subjects};
use super::{
    Inputs, Loaded, Options, Tables, bucket, identity, link, policies, scope, separate, world,
};
use crate::input::{Document, InputKind, Mode, Note, Resource};
use crate::model::{Fact, Key, Link, LinkStatus, Subject};
use crate::source::{Origin, SourceMap};
use crate::value::json::{self, TextError};
use crate::value::{
    Item, Kind, List, Member, Nature, Object, Presence, Shape, Symbol, Symbols, Text, Value,
};

/// The types that are taken over as they are: what is said of them needs no following.
const PLAIN: &[(Mode, &str)] = &[
    (Mode::Data, "aws_kms_key"),
    (Mode::Data, "aws_organizations_organization"),
];

/// Attributes of attachments that name somebody or something.
const LINKS: [&str; 9] = [
    "group",
    "groups",
    "policy_arn",
    "policy_arns",
    "role",
    "role_name",
    "roles",
    "user",
    "users",
];

/// The inputs as a snapshot holds them, one for one: what exists once they are applied, without a configuration. What an input says twice
/// as another one does is in the better of them alone. The notes of each say what was left out.
pub fn settle(
    loaded: &[Loaded],
    symbols: &mut Symbols,
    sources: &mut SourceMap,
    options: &Options,
) -> Vec<Document> {
    let (loaded, _) = world::settle(loaded);
    let loaded = &*loaded;
    let index: Vec<Index<'_>> = loaded.iter().map(|it| Index::new(&it.document)).collect();
    let inputs = Inputs {
        loaded,
        index: &index,
        options,
    };
    let scopes = scope::Scopes::new(loaded, &index, symbols, options);
    let linker = link::Linker::new(loaded, &index, &scopes);
    let buckets = bucket::Buckets::new(inputs, &linker);
    let mut tables = Tables { symbols, sources };
    let mut keys = keys::collect(inputs, &scopes, &linker, &mut tables);
    let identities = identity::Identities::new(inputs, &scopes, &linker);
    let from = Subjects {
        inputs,
        scopes: &scopes,
        linker: &linker,
        buckets: &buckets,
        identities: &identities,
    };
    let subjects = subject::collect(&from, &mut keys, &mut tables);
    let separate = separate::collect(inputs, &linker);
    let mut settler = Settler {
        from: &from,
        separate: &separate,
        keys: &keys,
        subjects: subjects.iter().map(|it| (it.id.as_str(), it)).collect(),
        bucket_names: BTreeMap::new(),
        tables,
    };
    settler.name_buckets();
    let documents = loaded.iter().enumerate();
    documents
        .map(|(input, it)| settler.document(input, &it.document))
        .collect()
}

struct Settler<'s, 'a, 't> {
    from: &'s Subjects<'s, 'a>,
    separate: &'s separate::Separate,
    keys: &'s Keys,
    subjects: BTreeMap<&'s str, &'s Subject>,
    /// What a trail calls a bucket whose name is not known, by the bucket.
    bucket_names: BTreeMap<At, Value>,
    tables: Tables<'t>,
}

impl Settler<'_, '_, '_> {
    /// A bucket without a known name bears the name that its trail has for it.
    fn name_buckets(&mut self) {
        let from = self.from;
        for (input, loaded) in from.inputs.loaded.iter().enumerate() {
            for (resource, it) in loaded.document.resources.iter().enumerate() {
                let at = At { input, resource };
                if it.mode != Mode::Managed || it.address.kind != "aws_cloudtrail" || !survives(it)
                {
                    continue;
                }
                let found = from.buckets.of_trail(from.linker, from.inputs, at, it);
                if let (Some(bucket), None) = (found.resource, found.name) {
                    let name = from.bucket_name(at, it, &mut self.tables);
                    let text = name.text(&it.origin);
                    let value = Value::new(Kind::Text(text), it.origin.clone());
                    self.bucket_names.insert(bucket, value);
                }
            }
        }
    }

    fn document(&mut self, input: usize, document: &Document) -> Document {
        let mut settled = Document {
            kind: InputKind::Snapshot,
            complete: document.complete,
            errored: document.errored,
            ..Document::of_sources()
        };
        let mut left_out = BTreeSet::new();
        for (resource, it) in document.resources.iter().enumerate() {
            let at = At { input, resource };
            if !survives(it) {
                continue;
            }
            let Some(values) = self.values(at, it) else {
                continue;
            };
            let mut object = Object::default();
            for (name, value) in values {
                let secret = holds_secret(&value);
                let value = if secret {
                    let reason = "it is sensitive, and a snapshot holds nothing that is";
                    left_out.insert(format!(
                        "`{name}` of `{}` is sensitive: the snapshot leaves it out",
                        it.address
                    ));
                    self.unknown(at, it, name, reason)
                } else {
                    value
                };
                object.members.push(Member {
                    key: name.to_owned(),
                    key_origin: it.origin.clone(),
                    presence: Presence::Present,
                    value,
                });
            }
            let home = self.from.scope(at, it);
            settled.homes.0.insert(it.address.to_string(), home);
            settled.resources.push(Resource {
                before: None,
                after: Some(Value::new(Kind::Object(object), it.origin.clone())),
                ways: BTreeMap::new(),
                previous: None,
                ..it.clone()
            });
        }
        settled.notes = left_out
            .into_iter()
            .map(|message| Note { message })
            .collect();
        settled
    }

    /// What a snapshot says of a resource; none where it does not speak of it.
    fn values(&mut self, at: At, it: &Resource) -> Option<Vec<(&'static str, Value)>> {
        let kind = it.address.kind.as_str();
        if it.mode == Mode::Managed && link::KEY_TYPES.contains(&kind) {
            let key = self.keys.by_place.get(&at)?;
            return Some(self.key(at, it, self.keys.list.get(*key)?));
        }
        Some(match (it.mode, kind) {
            (Mode::Managed, "aws_kms_alias") => self.alias(at, it),
            (Mode::Managed, "aws_kms_key_policy") => {
                let (name, _) = self
                    .separate
                    .outside
                    .iter()
                    .find(|(_, place)| *place == at)?;
                let name = Value::text(name.as_str(), it.origin.clone());
                let name = same_secrecy(name, it, "key_id");
                vec![("key_id", name), ("policy", self.policy(at, it)?)]
            }
            (Mode::Managed, "aws_cloudtrail" | "aws_cloudtrail_event_data_store") => {
                self.subject(at, it)?
            }
            (Mode::Managed, "aws_s3_bucket") => self.bucket(at, it)?,
            (Mode::Managed, "aws_s3_bucket_server_side_encryption_configuration") => {
                let name = Value::text(known(it, "bucket")?, it.origin.clone());
                let (has, _) = bucket::of_rules(it.after.as_ref()?.get("rule"));
                let name = same_secrecy(name, it, "bucket");
                vec![("bucket", name), ("rule", self.rule(at, it, &has))]
            }
            (Mode::Managed, "aws_kms_grant") => {
                let mut values = self.target(at, it, "key_id");
                values.extend(copied(
                    it,
                    &["constraints", "grantee_principal", "operations"],
                ));
                values
            }
            (_, kind) if kind.starts_with("aws_iam_") && kind != "aws_iam_policy_document" => {
                self.identity(at, it)
            }
            (mode, kind) if PLAIN.contains(&(mode, kind)) => copied(
                it,
                &[
                    "arn",
                    "customer_master_key_spec",
                    "enabled",
                    "id",
                    "key_usage",
                    "master_account_id",
                    "multi_region",
                ],
            ),
            _ => return None,
        })
    }

    fn key(&mut self, at: At, it: &Resource, key: &Key) -> Vec<(&'static str, Value)> {
        let mut values = copied(it, &["id", "key_id", "primary_key_arn", "region"]);
        let arn = Value::new(Kind::Text(key.arn.clone()), it.origin.clone());
        values.push(("arn", same_secrecy(arn, it, "arn")));
        let enabled = if it.address.kind == "aws_kms_key" {
            "is_enabled"
        } else {
            "enabled"
        };
        for (name, fact) in [(enabled, &key.enabled), ("multi_region", &key.multi_region)] {
            let value = match fact {
                Fact::Known(known) => Value::new(Kind::Bool(*known), it.origin.clone()),
                Fact::Unknown => self.unknown(at, it, name, "known after apply"),
            };
            values.push((name, value));
        }
        let text = |text: &str| Value::text(text, it.origin.clone());
        match key.symmetric {
            Fact::Known(true) => values.extend([
                ("customer_master_key_spec", text("SYMMETRIC_DEFAULT")),
                ("key_usage", text("ENCRYPT_DECRYPT")),
            ]),
            Fact::Known(false) => {
                values.extend(copied(it, &["customer_master_key_spec", "key_usage"]));
            }
            Fact::Unknown => {
                let spec = self.unknown(at, it, "customer_master_key_spec", "known after apply");
                values.push(("customer_master_key_spec", spec));
            }
        }
        values.extend(self.policy(at, it).map(|policy| ("policy", policy)));
        values
    }

    /// The effective policy of a key, or the policy of a resource that sets one; none where a new key gets AWS's default policy.
    fn policy(&mut self, at: At, it: &Resource) -> Option<Value> {
        let scopes = self.from.scopes;
        let from = (self.from.inputs, scopes, self.from.linker);
        let source = keys::effective(at, from, self.separate, &mut self.tables)?;
        let value = match source {
            Source::Default if it.action.is_new() && !it.importing => return None,
            Source::Default => {
                let home = self.from.scope(at, it);
                keys::default_policy(&home, &it.origin)
            }
            Source::Unknown(reason) => return Some(self.unknown(at, it, "policy", &reason)),
            Source::Document(value) | Source::Text(value) => value,
        };
        let text = value.to_text().filter(|text| text.to_literal().is_none());
        let Some(text) = text.filter(|_| !holds_secret(&value)) else {
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

    fn alias(&mut self, at: At, it: &Resource) -> Vec<(&'static str, Value)> {
        let mut values = copied(it, &["arn", "name", "region"]);
        values.extend(self.target(at, it, "target_key_id"));
        values
    }

    /// A role, user, group, policy or attachment of IAM: its names, and the policies that it sets.
    fn identity(&mut self, at: At, it: &Resource) -> Vec<(&'static str, Value)> {
        let mut values = copied(
            it,
            &[
                "inline_policy",
                "managed_policy_arns",
                "name",
                "path",
                "permissions_boundary",
                "policy_names",
            ],
        );
        let identities = self.from.identities;
        let mut principals = identities.principals.iter();
        let arn = principals
            .find(|it| it.at == at)
            .and_then(|it| it.arn.clone());
        let arn = arn.map(|arn| Value::text(arn, it.origin.clone()));
        match arn {
            Some(arn) => values.push(("arn", same_secrecy(arn, it, "name"))),
            None => values.extend(copied(it, &["arn"])),
        }
        for name in ["policy", "assume_role_policy"] {
            let value = it.after.as_ref().and_then(|after| after.get(name));
            if value.is_some_and(|value| !value.is_null()) {
                values.extend(self.iam_policy(at, it, name).map(|policy| (name, policy)));
            }
        }
        for name in LINKS {
            let own = it.after.as_ref().and_then(|after| after.get(name));
            let Some(own) = own.filter(|own| !own.is_null()) else {
                continue;
            };
            let names = identities.attachments().names(at, name);
            let value = match names {
                Some(names) => {
                    let text = |name: &String| Value::text(name.as_str(), it.origin.clone());
                    let all: Vec<Value> = names.iter().map(text).collect();
                    let is_list = matches!(own.kind, Kind::List(_)) || name.ends_with('s');
                    match all.as_slice() {
                        [only] if !is_list => only.clone(),
                        _ => list(all, &it.origin),
                    }
                }
                None => own.clone(),
            };
            values.push((name, same_secrecy(value, it, name)));
        }
        values
    }

    /// A policy of IAM, as a text or, where it is known in part, as a tree.
    fn iam_policy(&mut self, at: At, it: &Resource, name: &'static str) -> Option<Value> {
        let value = it.after.as_ref()?.get(name)?.clone();
        if value.as_str().is_some() || holds_secret(&value) {
            return Some(value);
        }
        let from = (self.from.inputs, self.from.linker);
        let tree = policies::tree(at, name, from, &mut self.tables);
        Some(tree.unwrap_or_else(|| self.unknown(at, it, name, "known after apply")))
    }

    /// The key that an attribute names.
    fn target(
        &mut self,
        at: At,
        it: &Resource,
        attribute: &'static str,
    ) -> Vec<(&'static str, Value)> {
        let found = self.from.linker.attribute(at, attribute);
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
        let target = match names.len() {
            0 => self.unknown(at, it, attribute, "which key it names is not known"),
            1 => names.remove(0),
            _ => one_of(names, &it.origin),
        };
        vec![(attribute, target)]
    }

    fn subject(&mut self, at: At, it: &Resource) -> Option<Vec<(&'static str, Value)>> {
        let subject = *self
            .subjects
            .get(format!("in{}:{}", at.input, it.address).as_str())?;
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
        values.extend(
            self.key_of(at, it, &subject.link)
                .map(|key| ("kms_key_id", key)),
        );
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

    fn key_of(&mut self, at: At, it: &Resource, link: &Link) -> Option<Value> {
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
            names.push(same_secrecy(value, it, "kms_key_id"));
        }
        Some(match names.len() {
            0 => {
                let reason = link.reason.clone().unwrap_or_default();
                self.unknown(at, it, "kms_key_id", &reason)
            }
            1 => names.remove(0),
            _ => one_of(names, &it.origin),
        })
    }

    fn bucket(&mut self, at: At, it: &Resource) -> Option<Vec<(&'static str, Value)>> {
        let name = known(it, "bucket").or_else(|| known(it, "id"));
        let name = match name {
            Some(name) => same_secrecy(Value::text(name, it.origin.clone()), it, "bucket"),
            None => self.bucket_names.get(&at)?.clone(),
        };
        let mut values = copied(it, &["region"]);
        values.push(("bucket", name));
        let (has, _) = self
            .from
            .buckets
            .bucket_key(self.from.linker, None, Some(at));
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
        values.push((
            "server_side_encryption_configuration",
            list(vec![inline], &it.origin),
        ));
        Some(values)
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

    fn unknown(&mut self, at: At, it: &Resource, name: &str, reason: &str) -> Value {
        let symbol = self.tables.symbols.intern(Symbol {
            key: format!("in{}:{}.{name}:{reason}", at.input, it.address),
            name: format!("{}.{name}", it.address),
            shape: Shape::Text,
            nature: Nature::Undocumented,
            reason: reason.to_owned(),
            supply: None,
        });
        Value::new(Kind::Unknown(symbol), it.origin.clone())
    }
}

/// Attributes as they stand; those that are not set are left away.
fn copied(it: &Resource, names: &[&'static str]) -> Vec<(&'static str, Value)> {
    let value = |name: &'static str| {
        let value = it.after.as_ref()?.get(name)?;
        (!value.is_null()).then(|| (name, value.clone()))
    };
    names.iter().copied().filter_map(value).collect()
}

/// A name that was worked out, as sensitive as what it was worked out of.
fn same_secrecy(value: Value, it: &Resource, attribute: &str) -> Value {
    let own = it.after.as_ref().and_then(|after| after.get(attribute));
    if own.is_some_and(holds_secret) {
        value.into_sensitive()
    } else {
        value
    }
}

fn one_of(names: Vec<Value>, origin: &Origin) -> Value {
    list(names, origin)
}

fn list(values: Vec<Value>, origin: &Origin) -> Value {
    let item = |value| Item {
        presence: Presence::Present,
        value,
    };
    let list = List {
        items: values.into_iter().map(item).collect(),
        open: None,
    };
    Value::new(Kind::List(list), origin.clone())
}

/// True where something in a value must never be shown.
fn holds_secret(value: &Value) -> bool {
    value.sensitive
        || match &value.kind {
            Kind::Text(text) => text.is_sensitive(),
            Kind::List(list) => list.items.iter().any(|it| holds_secret(&it.value)),
            Kind::Object(object) => object.members.iter().any(|it| holds_secret(&it.value)),
            _ => false,
        }
}
