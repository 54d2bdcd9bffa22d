//! Reads a snapshot.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::check::{ACTIONS, check};
use super::decode::{Decoder, is_special};
use super::{File, MARK, PutOff, Record, Root, VERSION, Waiting};
use crate::address::Address;
use crate::error::Error;
use crate::input::home::Home;
use crate::input::{Action, Deferred, Document, Given, InputKind, Note, Wait};
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
    let reader = &mut serde_json::Deserializer::from_slice(plain);
    let file: File = match serde_path_to_error::deserialize(&mut *reader) {
        Ok(file) => file,
        Err(error) => return Err(broken(&error, plain, name)),
    };
    if let Err(error) = reader.end() {
        let message = format!(
            "text follows after the snapshot's end, at column {}",
            error.column()
        );
        return Err(Error::new(name, message)
            .at_line(error.line())
            .with_help(MAKE));
    }
    if file.keytrail_snapshot != VERSION {
        return Err(another_version(file.keytrail_snapshot.into(), name));
    }
    if let Err(wrong) = check(&file) {
        let message = format!("the snapshot's `{}` {}", wrong.member, wrong.why);
        return Err(Error::new(name, message).with_help(MAKE));
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
fn broken(
    error: &serde_path_to_error::Error<serde_json::Error>,
    bytes: &[u8],
    name: &str,
) -> Error {
    use serde_json::error::Category;
    #[derive(serde::Deserialize)]
    struct Version {
        keytrail_snapshot: serde_json::Number,
    }
    let (path, error) = (error.path(), error.inner());
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
            // What was found may be quoted, and is none of our business.
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            let why = match text.rsplit_once("expected ") {
                Some((_, expected)) => format!("is not what it should be: {expected}"),
                None if text.starts_with("missing field")
                    || text.starts_with("duplicate field") =>
                {
                    format!("has a {}", text.replace("field", "member"))
                }
                None => "is not what it should be".to_owned(),
            };
            let member = match path.to_string() {
                // The file itself.
                path if path == "." => "the snapshot".to_owned(),
                path => format!("the snapshot's `{path}`"),
            };
            format!("{member} {why}, at column {}", error.column())
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
    document.planned = matches!(root.kind.as_str(), "plan" | "");
    document.deferred = root.deferred.iter().map(put_off).collect();
    document.waits = root.waits.iter().map(waiting).collect();
    document.format_version = Some(VERSION.to_string());
    document
        .notes
        .extend(root.left_out.iter().map(|left_out| Note {
            message: left_out.clone(),
        }));
    let unplanned = root.kind == "hcl";
    let mut records: BTreeMap<Address, &Record> = BTreeMap::new();
    for record in &root.resources {
        let address = Address::parse(&record.address);
        records.extend(address.map(|it| (it, record)));
    }
    for resource in &mut document.resources {
        let address = resource.address.to_string();
        let Some(record) = records.get(&resource.address) else {
            continue;
        };
        if unplanned {
            resource.action = Action::Unplanned;
        }
        if let Some((after, values)) = resource.after.as_mut().zip(record.values.as_ref()) {
            fill(after, values, &decoder, map);
        }
        if let Some((before, values)) = resource.before.as_mut().zip(record.before.as_ref()) {
            fill(before, values, &decoder, map);
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

fn put_off(it: &PutOff) -> Deferred {
    Deferred {
        address: it.address.clone(),
        reason: it.reason.clone(),
    }
}

fn waiting(it: &Waiting) -> Wait {
    Wait {
        trail: it.trail.clone(),
        policy: it.policy.clone(),
        trail_waits: it.trail_waits,
        policy_waits: it.policy_waits,
    }
}

/// A record as the planned change that the reader of plans shows.
fn change(record: &Record, decoder: &Decoder, symbols: &Symbols) -> Json {
    let (mut unknown, mut sensitive) = (Map::new(), Map::new());
    let mut after = Map::new();
    for (name, value) in record.values.iter().flatten() {
        if value.get("$unknown").is_some() {
            unknown.insert(name.clone(), Json::Bool(true));
            if decoder.is_secret(value, symbols) {
                sensitive.insert(name.clone(), Json::Bool(true));
            }
        } else {
            after.insert(name.clone(), shown(name, value, decoder, symbols));
        }
    }
    let before = record.before.as_ref().map(|before| {
        let all = before.iter();
        all.map(|(name, value)| (name.clone(), shown(name, value, decoder, symbols)))
            .collect::<Map<_, _>>()
    });
    let address = Address::parse(&record.address);
    let (mode, kind, name) = match &address {
        Some(it) if it.data => ("data", it.kind.as_str(), it.name.as_str()),
        Some(it) => ("managed", it.kind.as_str(), it.name.as_str()),
        None => ("managed", "", ""),
    };
    let word = match (&record.action, record.new) {
        (Some(word), _) => word.as_str(),
        (None, true) => "create",
        (None, false) => "no-op",
    };
    let actions = ACTIONS.iter().find(|(it, _)| *it == word).map(|it| it.1);
    let after = (!matches!(word, "delete" | "forget")).then_some(after);
    let mut change = json!({
        "actions": actions, "before": before, "after": after, "after_unknown": unknown, "after_sensitive": sensitive,
    });
    if let Some(change) = change.as_object_mut().filter(|_| record.importing) {
        change.insert("importing".to_owned(), json!({}));
    }
    json!({ "address": record.address, "mode": mode, "type": kind, "name": name, "change": change })
}

/// A value as the page shows it. A document that is known in part is shown as the JSON that it is.
fn shown(name: &str, value: &Json, decoder: &Decoder, symbols: &Symbols) -> Json {
    match decoder.shown(value, symbols) {
        tree if is_document(name) && tree.is_object() => {
            Json::String(serde_json::to_string_pretty(&tree).unwrap_or_default())
        }
        shown => shown,
    }
}

fn is_document(name: &str) -> bool {
    matches!(name, "policy" | "assume_role_policy" | "manifest_json")
}

/// Puts the values with symbols where the page shows them.
fn fill(side: &mut Value, values: &Map<String, Json>, decoder: &Decoder, map: &SourceMap) {
    let Kind::Object(object) = &mut side.kind else {
        return;
    };
    for member in &mut object.members {
        let Some(json) = values.get(&member.key) else {
            continue;
        };
        let tree = json.is_object() && json.get("$text").is_none();
        let is_tree = tree && is_document(&member.key);
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
