//! Writes a snapshot.

use serde_json::{Map, Value as Json, json};

use super::encode::Encoder;
use super::{File, Place, Record, Root, VERSION};
use crate::input::{Document, InputKind, Resource};
use crate::value::{Kind, Symbols, Value};

/// The text of a snapshot of inputs, each with the name that reports show, as `resolve::settle` puts them in order. It ends with a line feed.
pub fn write(inputs: &[(String, InputKind, Document)], symbols: &Symbols) -> String {
    let file = File {
        keytrail_snapshot: VERSION,
        roots: inputs
            .iter()
            .map(|(path, kind, document)| root(path, *kind, document, symbols))
            .collect(),
    };
    // Texts, numbers and maps with texts for keys: nothing in it can fail.
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

fn root(path: &str, kind: InputKind, document: &Document, symbols: &Symbols) -> Root {
    let mut encoder = Encoder::new(symbols);
    let mut records: Vec<&Resource> = document.resources.iter().collect();
    records.sort_by(|a, b| (&a.address, a.mode).cmp(&(&b.address, b.mode)));
    let resources = records
        .into_iter()
        .filter_map(|it| record(it, document, &mut encoder))
        .collect();
    Root {
        path: path.to_owned(),
        kind: match kind {
            InputKind::Plan | InputKind::Snapshot => "plan",
            InputKind::State => "state",
            InputKind::Configuration => "configuration",
            InputKind::Sources => "hcl",
        }
        .to_owned(),
        complete: document.complete,
        errored: document.errored,
        resources,
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
    let mut values = Map::new();
    if let Some(Value {
        kind: Kind::Object(object),
        ..
    }) = &it.after
    {
        for member in &object.members {
            let value = match (&member.value.kind, member.key.as_str()) {
                // The only lists of names are those of one key out of several.
                (Kind::List(_), "key_id" | "kms_key_id" | "target_key_id") => {
                    json!({ "$one_of": encoder.value(&member.value) })
                }
                (Kind::Null, _) => continue,
                _ => encoder.value(&member.value),
            };
            values.insert(member.key.clone(), value);
        }
    }
    Some(Record {
        address,
        new: it.action.is_new() && !it.importing,
        home,
        values: sorted(values),
    })
}

/// Members by name, whatever order the map keeps.
fn sorted(values: Map<String, Json>) -> Map<String, Json> {
    let mut members: Vec<(String, Json)> = values.into_iter().collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    members.into_iter().collect()
}
