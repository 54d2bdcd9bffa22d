//! Writes a snapshot.

use serde_json::{Map, Value as Json, json};

use super::encode::Encoder;
use super::{File, Place, PutOff, Record, Root, VERSION, Waiting};
use crate::input::{Action, Deferred, Document, InputKind, Resource, Wait};
use crate::value::{Kind, Symbols, Value};

/// The text of a snapshot of inputs, each with the name that reports show, as `resolve::settle` puts them in order. It ends with a line feed.
pub fn write(inputs: &[(String, Document)], symbols: &Symbols) -> String {
    let file = File {
        keytrail_snapshot: VERSION,
        roots: inputs
            .iter()
            .map(|(path, document)| root(path, document, symbols))
            .collect(),
    };
    // Texts, numbers and maps with texts for keys: nothing in it can fail.
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

fn root(path: &str, document: &Document, symbols: &Symbols) -> Root {
    let mut encoder = Encoder::new(symbols);
    let mut resources = document.resources.iter();
    let unplanned = resources.find(|it| it.action == Action::Unplanned);
    let mut records: Vec<&Resource> = document.resources.iter().collect();
    records.sort_by(|a, b| (&a.address, a.mode).cmp(&(&b.address, b.mode)));
    let resources = records
        .into_iter()
        .filter_map(|it| record(it, document, &mut encoder))
        .collect();
    Root {
        path: path.to_owned(),
        kind: match document.kind {
            InputKind::Configuration => "configuration",
            // A snapshot of a snapshot is one of what that was made of.
            InputKind::Snapshot if !document.planned && unplanned.is_none() => "state",
            InputKind::Snapshot if !document.planned => "hcl",
            InputKind::Plan | InputKind::Snapshot => "plan",
            InputKind::State => "state",
            InputKind::Sources => "hcl",
        }
        .to_owned(),
        complete: document.complete,
        errored: document.errored,
        deferred: document.deferred.iter().map(put_off).collect(),
        resources,
        waits: document.waits.iter().map(waiting).collect(),
        symbols: encoder.described(),
        left_out: document.notes.iter().map(|it| it.message.clone()).collect(),
    }
}

fn record(it: &Resource, document: &Document, encoder: &mut Encoder<'_>) -> Option<Record> {
    let address = it.address.to_string();
    let home = document.homes.0.get(&address)?;
    let home = Place {
        account: encoder.piece(&home.account),
        region: encoder.piece(&home.region),
        partition: encoder.piece(&home.partition),
    };
    let mut values = |of: &Option<Value>| of.as_ref().map(|of| members(of, encoder));
    let (before, after) = (values(&it.before), values(&it.after));
    Some(Record {
        address,
        new: false,
        action: it
            .action
            .word()
            .filter(|word| *word != "no-op")
            .map(str::to_owned),
        importing: it.importing,
        home,
        before,
        values: after,
    })
}

/// The attributes of a resource at one time.
fn members(of: &Value, encoder: &mut Encoder<'_>) -> Map<String, Json> {
    let mut values = Map::new();
    if let Kind::Object(object) = &of.kind {
        for member in &object.members {
            let value = match (&member.value.kind, member.key.as_str()) {
                // The only lists of names are those of one key out of several.
                (
                    Kind::List(_),
                    "key_id" | "kms_key_id" | "s3_kms_key_arn" | "target_key_id" | "manifest_json",
                ) => {
                    json!({ "$one_of": encoder.value(&member.value) })
                }
                (Kind::Object(_), "manifest_json") => manifest(&member.value, encoder),
                (Kind::Null, _) => continue,
                _ => encoder.value(&member.value),
            };
            values.insert(member.key.clone(), value);
        }
    }
    sorted(values)
}

/// A manifest, of which a component may use one of several keys.
fn manifest(value: &Value, encoder: &mut Encoder<'_>) -> Json {
    let mut json = encoder.value(value);
    for component in ["centralizedLogging", "config", "backup"] {
        let key = json.pointer_mut(&format!("/{component}/configurations/kmsKeyArn"));
        if let Some(key) = key.filter(|key| key.is_array()) {
            let names = key.take();
            *key = json!({ "$one_of": names });
        }
    }
    json
}

fn put_off(it: &Deferred) -> PutOff {
    PutOff {
        address: it.address.clone(),
        reason: it.reason.clone(),
    }
}

fn waiting(it: &Wait) -> Waiting {
    Waiting {
        trail: it.trail.clone(),
        policy: it.policy.clone(),
        trail_waits: it.trail_waits,
        policy_waits: it.policy_waits,
    }
}

/// Members by name, whatever order the map keeps.
fn sorted(values: Map<String, Json>) -> Map<String, Json> {
    let mut members: Vec<(String, Json)> = values.into_iter().collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    members.into_iter().collect()
}
