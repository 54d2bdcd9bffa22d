//! Reads a snapshot.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::decode::{Decoder, is_special};
use super::{File, MARK, Record, Root, VERSION};
use crate::address::Address;
use crate::error::Error;
use crate::input::home::Home;
use crate::input::{Action, Document, Given, InputKind, Note};
use crate::plan;
use crate::source::{Node, Origin, SourceMap, parse_json};
use crate::value::{Kind, Symbols, Value};

/// What to do about a file that is no snapshot of this version.
const MAKE: &str = "make it again with `keytrail snapshot PLAN --output FILE`";

/// True for a file that is meant to be a snapshot: its first member is the mark of one.
pub fn is_snapshot(bytes: &[u8]) -> bool {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let inside = plain.trim_ascii_start().strip_prefix(b"{");
    let first = inside.and_then(|it| it.trim_ascii_start().strip_prefix(b"\""));
    first.is_some_and(|it| it.starts_with(MARK.as_bytes()))
}

/// Reads the bytes of a snapshot: each root that it holds, with the name that reports show.
///
/// `name` is what reports call the file; the roots are the inputs from the number `first` on. `given` is what the command line says of
/// accounts and Regions. Virtual texts that show its resources go to `map`, what is not known to `symbols`.
///
/// # Errors
/// Where the bytes are no snapshot, or one of another version; where the map is full.
pub fn load(
    bytes: &[u8],
    name: &str,
    first: usize,
    given: &Given,
    map: &mut SourceMap,
    symbols: &mut Symbols,
) -> Result<Vec<(String, Document)>, Error> {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file: File = match serde_json::from_slice(plain) {
        Ok(file) => file,
        Err(error) => return Err(broken(&error, plain, name)),
    };
    if file.keytrail_snapshot != VERSION {
        return Err(another_version(file.keytrail_snapshot.into(), name));
    }
    let mut documents = Vec::with_capacity(file.roots.len());
    let alone = file.roots.len() == 1;
    for (at, root) in file.roots.iter().enumerate() {
        let shown = match (alone, root.path.as_str()) {
            (true, _) | (_, "") => name.to_owned(),
            (false, path) => format!("{name} › {path}"),
        };
        let id = format!("in{}", first + at);
        let document = document(root, &shown, &id, given, map, symbols)?;
        documents.push((shown, document));
    }
    Ok(documents)
}

/// What is wrong, without any text of the file.
fn broken(error: &serde_json::Error, bytes: &[u8], name: &str) -> Error {
    use serde_json::error::Category;
    #[derive(serde::Deserialize)]
    struct Version {
        keytrail_snapshot: serde_json::Number,
    }
    let message = match error.classify() {
        Category::Eof => format!(
            "the snapshot ends in the middle, after {} bytes: it is truncated",
            bytes.len()
        ),
        Category::Syntax | Category::Io => {
            format!("the snapshot is not JSON, at column {}", error.column())
        }
        Category::Data => {
            let version = serde_json::from_slice::<Version>(bytes).ok();
            let version = version.and_then(|it| it.keytrail_snapshot.as_u64());
            if let Some(other) = version.filter(|it| *it != u64::from(VERSION)) {
                return another_version(other, name);
            }
            format!(
                "the snapshot has something else here than a snapshot has, at column {}",
                error.column()
            )
        }
    };
    Error::new(name, message)
        .at_line(error.line())
        .with_help(MAKE)
}

fn another_version(version: u64, name: &str) -> Error {
    let message =
        format!("the snapshot is of version {version}, and this program reads version {VERSION}");
    Error::new(name, message).with_help("make and read it with the same version of keytrail")
}

fn document(
    root: &Root,
    name: &str,
    id: &str,
    given: &Given,
    map: &mut SourceMap,
    symbols: &mut Symbols,
) -> Result<Document, Error> {
    let decoder = Decoder::new(&root.symbols, id, given, symbols);
    let changes: Vec<Json> = root
        .resources
        .iter()
        .map(|it| change(it, &decoder, symbols))
        .collect();
    let planned = json!({
        "format_version": "1.2", "complete": root.complete, "errored": root.errored, "resource_changes": changes,
    });
    let text = planned.to_string();
    let mut document = plan::load_beside_others(text.as_bytes(), name, id, map, symbols)?;
    document.kind = InputKind::Snapshot;
    document.format_version = Some(VERSION.to_string());
    document
        .notes
        .extend(root.left_out.iter().map(|left_out| Note {
            message: left_out.clone(),
        }));
    let unplanned = root.kind == "hcl";
    let mut records: BTreeMap<Address, &Record> = BTreeMap::new();
    for record in &root.resources {
        // Of one that repeats an address the first counts, as for the reader of plans.
        let address = Address::parse(&record.address);
        records.extend(
            address
                .filter(|it| !records.contains_key(it))
                .map(|it| (it, record)),
        );
    }
    for resource in &mut document.resources {
        let address = resource.address.to_string();
        let Some(record) = records.get(&resource.address) else {
            continue;
        };
        if unplanned {
            resource.action = Action::Unplanned;
        }
        if let Some(after) = &mut resource.after {
            fill(after, record, &decoder, map);
        }
        let piece = |json| decoder.piece(json, &resource.origin);
        let home = Home {
            account: piece(&record.home.account),
            region: piece(&record.home.region),
            partition: piece(&record.home.partition),
        };
        document.homes.0.insert(address, home);
    }
    Ok(document)
}

/// A record as the planned change that the reader of plans shows.
fn change(record: &Record, decoder: &Decoder, symbols: &Symbols) -> Json {
    let (mut after, mut unknown) = (Map::new(), Map::new());
    for (name, value) in &record.values {
        if value.get("$unknown").is_some() {
            unknown.insert(name.clone(), Json::Bool(true));
            continue;
        }
        let shown = match (name.as_str(), decoder.shown(value, symbols)) {
            // A policy that is known in part is shown as the JSON that it is.
            ("policy" | "assume_role_policy", tree) if !tree.is_string() => {
                Json::String(serde_json::to_string_pretty(&tree).unwrap_or_default())
            }
            (_, shown) => shown,
        };
        after.insert(name.clone(), shown);
    }
    let address = Address::parse(&record.address);
    let (mode, kind, name) = match &address {
        Some(it) if it.data => ("data", it.kind.as_str(), it.name.as_str()),
        Some(it) => ("managed", it.kind.as_str(), it.name.as_str()),
        None => ("managed", "", ""),
    };
    let actions = if record.new { ["create"] } else { ["no-op"] };
    json!({
        "address": record.address, "mode": mode, "type": kind, "name": name,
        "change": { "actions": actions, "before": null, "after": after, "after_unknown": unknown },
    })
}

/// Puts the values with symbols where the page shows them.
fn fill(after: &mut Value, record: &Record, decoder: &Decoder, map: &SourceMap) {
    let Kind::Object(object) = &mut after.kind else {
        return;
    };
    for member in &mut object.members {
        let Some(json) = record.values.get(&member.key) else {
            continue;
        };
        let tree = json.is_object() && json.get("$text").is_none();
        let is_tree = tree && member.key.ends_with("policy");
        if !is_tree && !is_special(json) {
            continue;
        }
        let at = member.value.origin.clone();
        let nodes = tree.then(|| nodes(&at, map)).flatten();
        member.value = decoder.value(json, &at, nodes.as_ref());
    }
}

/// The nodes of a policy in the text that shows it.
fn nodes(at: &Origin, map: &SourceMap) -> Option<Node> {
    let file = map.file_of(at.span());
    (map.whole(file) == at.span())
        .then(|| parse_json(map, file).ok())
        .flatten()
}
