//! What an input says, settled: links followed, nothing sensitive, as it is once the input is applied and, where that is something else, as
//! it was before. It is what a snapshot holds.

mod key;
mod user;

use std::collections::{BTreeMap, BTreeSet};

use super::change::{earlier, is_change};
use super::index::{At, Index, survives};
use super::keys::{self, Keys};
use super::subject::{self, Subjects};
use super::{
    Inputs, Loaded, Options, Tables, bucket, identity, link, order, policies, scope, separate,
    world,
};
use crate::input::{Action, Document, Mode, Note, Resource, SECRET, Wait};
use crate::model::{Fact, Subject};
use crate::source::{Origin, SourceMap};
use crate::value::{
    Item, Kind, List, Member, Nature, Object, Presence, Shape, Symbol, Symbols, Value,
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

/// The inputs as a snapshot holds them, one for one and each of its kind, without a configuration: what exists once they are applied, and
/// what was before where a plan changes it. What an input says twice as another one does is in the better of them alone. The notes of each
/// say what was left out.
pub fn settle(
    loaded: &[Loaded],
    symbols: &mut Symbols,
    sources: &mut SourceMap,
    options: &Options,
) -> Vec<Document> {
    let world = world::settle(loaded);
    let loaded = &*world.loaded;
    let index: Vec<Index<'_>> = loaded.iter().map(|it| Index::new(&it.document)).collect();
    let inputs = Inputs {
        loaded,
        index: &index,
        options,
    };
    let scopes = scope::Scopes::new(loaded, &index, symbols, options);
    let mut tables = Tables { symbols, sources };
    let mut now = of_time(inputs, &scopes, &mut tables);
    let mut changes = loaded.iter().flat_map(|it| &it.document.resources);
    if !changes.any(is_change) {
        return now;
    }
    let old: Vec<Loaded> = loaded.iter().map(earlier).collect();
    let index: Vec<Index<'_>> = old.iter().map(|it| Index::new(&it.document)).collect();
    let before = Inputs {
        loaded: &old,
        index: &index,
        options,
    };
    let past = of_time(before, &scopes, &mut tables);
    for ((now, past), of) in now.iter_mut().zip(past).zip(loaded) {
        add_past(now, past, &of.document);
    }
    now
}

/// The inputs at one time.
fn of_time(inputs: Inputs<'_>, scopes: &scope::Scopes, tables: &mut Tables<'_>) -> Vec<Document> {
    let linker = link::Linker::new(inputs.loaded, inputs.index, scopes);
    let buckets = bucket::Buckets::new(inputs, &linker);
    let mut keys = keys::collect(inputs, scopes, &linker, tables);
    let identities = identity::Identities::new(inputs, scopes, &linker);
    let from = Subjects {
        inputs,
        scopes,
        linker: &linker,
        buckets: &buckets,
        identities: &identities,
    };
    let subjects = subject::collect(&from, &mut keys, tables);
    let orders = order::of_trails(inputs, &linker, &keys, &subjects);
    let separate = separate::collect(inputs, &linker);
    let mut settler = Settler {
        from: &from,
        separate: &separate,
        keys: &keys,
        subjects: subjects.iter().map(|it| (it.id.as_str(), it)).collect(),
        bucket_names: BTreeMap::new(),
        tables: Tables {
            symbols: &mut *tables.symbols,
            sources: &mut *tables.sources,
        },
    };
    settler.name_buckets();
    let documents = inputs.loaded.iter().enumerate();
    let mut documents: Vec<Document> = documents
        .map(|(input, it)| settler.document(input, &it.document))
        .collect();
    for it in orders {
        let Some(trail) = subjects.get(it.subject) else {
            continue;
        };
        let known = |fact| match fact {
            Fact::Known(known) => Some(known),
            Fact::Unknown => None,
        };
        if let Some(document) = documents.get_mut(trail.input) {
            document.waits.push(Wait {
                trail: trail.address.clone(),
                policy: it.policy,
                trail_waits: known(it.trail_waits),
                policy_waits: known(it.policy_waits),
            });
        }
    }
    documents
}

/// Adds what was before to what a plan changes, and what it takes away.
fn add_past(now: &mut Document, past: Document, of: &Document) {
    let changed = of.resources.iter().filter(|it| is_change(it));
    let changed: BTreeMap<_, &Resource> = changed.map(|it| (&it.address, it)).collect();
    let places = now.resources.iter().enumerate();
    let places = places.map(|(at, it)| (it.address.clone(), at));
    let places: BTreeMap<_, usize> = places.collect();
    for old in past.resources {
        let Some(change) = changed.get(&old.address) else {
            continue;
        };
        let place = places.get(&old.address);
        if let Some(it) = place.and_then(|at| now.resources.get_mut(*at)) {
            it.before = old.after;
        } else if matches!(change.action, Action::Delete | Action::Forget) {
            let address = old.address.to_string();
            if let Some(home) = past.homes.0.get(&address) {
                now.homes.0.insert(address, home.clone());
            }
            now.resources.push(Resource {
                action: change.action,
                before: old.after,
                after: None,
                ..old
            });
        }
    }
    now.notes.extend(past.notes);
    now.notes.sort_by(|a, b| a.message.cmp(&b.message));
    now.notes.dedup();
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
            kind: document.kind,
            planned: document.planned,
            complete: document.complete,
            errored: document.errored,
            deferred: document.deferred.clone(),
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
                let secret = value.is_sensitive();
                let value = if secret {
                    left_out.insert(format!(
                        "`{name}` of `{}` is sensitive: the snapshot leaves it out",
                        it.address
                    ));
                    self.unknown(at, it, name, SECRET)
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
            (Mode::Managed, "aws_kms_key_policy") => self.separate_policy(at, it)?,
            (Mode::Managed, "aws_cloudtrail" | "aws_cloudtrail_event_data_store") => {
                self.subject(at, it)?
            }
            (Mode::Managed, "aws_controltower_landing_zone") => self.landing_zone(at, it),
            (Mode::Managed, "aws_config_delivery_channel") => self.delivery_channel(at, it)?,
            (Mode::Managed, "aws_config_configuration_recorder") => self.recorder(at, it),
            (Mode::Managed, "aws_s3_bucket") => self.bucket(at, it)?,
            (Mode::Managed, "aws_s3_bucket_server_side_encryption_configuration") => {
                self.encryption(at, it)?
            }
            (Mode::Managed, "aws_kms_grant") => {
                let names = ["constraints", "grantee_principal", "operations"];
                let mut values = copied(it, &names);
                values.push(self.target(at, it, "key_id"));
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
        if value.as_str().is_some() || value.is_sensitive() {
            return Some(value);
        }
        let from = (self.from.inputs, self.from.linker);
        let tree = policies::tree(at, name, from, &mut self.tables);
        Some(tree.unwrap_or_else(|| self.unknown(at, it, name, "known after apply")))
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
    if own.is_some_and(Value::is_sensitive) {
        value.into_sensitive()
    } else {
        value
    }
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
