//! What is wrong with a snapshot that is JSON of the right shape. Messages name the member, and hold no text of the file.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::encode::{NATURES, SHAPES};
use super::{File, Record, Root};
use crate::address::Address;
use crate::input::types;

/// What a root can have been made of.
pub(super) const KINDS: &[&str] = &["plan", "state", "hcl", "configuration"];

/// What a plan can do with a resource, as the plan's own JSON says it.
pub(super) const ACTIONS: &[(&str, &[&str])] = &[
    ("no-op", &["no-op"]),
    ("create", &["create"]),
    ("read", &["read"]),
    ("update", &["update"]),
    ("delete", &["delete"]),
    ("replace", &["delete", "create"]),
    ("forget", &["forget"]),
    ("create-forget", &["create", "forget"]),
    ("other", &["other"]),
];

/// Something that is wrong: the member, and what is wrong with it.
pub(super) struct Wrong {
    pub(super) member: String,
    pub(super) why: String,
}

/// The first thing that is wrong.
pub(super) fn check(file: &File) -> Result<(), Wrong> {
    for (at, root) in file.roots.iter().enumerate() {
        self::root(root, &format!("roots[{at}]"))?;
    }
    Ok(())
}

fn wrong(member: String, why: impl Into<String>) -> Wrong {
    Wrong {
        member,
        why: why.into(),
    }
}

fn root(root: &Root, path: &str) -> Result<(), Wrong> {
    // A snapshot of somebody's own making need not say it.
    if !root.kind.is_empty() && !KINDS.contains(&root.kind.as_str()) {
        let why = format!("is none of {}", listed(KINDS.iter().copied()));
        return Err(wrong(format!("{path}.kind"), why));
    }
    for (at, it) in root.symbols.iter().enumerate() {
        let path = format!("{path}.symbols[{at}]");
        if !SHAPES.iter().any(|(word, _)| *word == it.shape) {
            let why = format!("is none of {}", listed(SHAPES.iter().map(|it| it.0)));
            return Err(wrong(format!("{path}.shape"), why));
        }
        if !NATURES.iter().any(|(word, _)| *word == it.nature) {
            let why = format!("is none of {}", listed(NATURES.iter().map(|it| it.0)));
            return Err(wrong(format!("{path}.nature"), why));
        }
    }
    let mut seen = BTreeSet::new();
    for (at, it) in root.resources.iter().enumerate() {
        let path = format!("{path}.resources[{at}]");
        let address = record(it, &path)?;
        if !seen.insert(address) {
            return Err(wrong(
                format!("{path}.address"),
                "is the address of another resource, too",
            ));
        }
        let symbols = root.symbols.len();
        for (name, home) in [
            ("account", &it.home.account),
            ("region", &it.home.region),
            ("partition", &it.home.partition),
        ] {
            let path = format!("{path}.home.{name}");
            let special = home.get("$text").or_else(|| home.get("$unknown"));
            if !home.is_string() && special.is_none() {
                return Err(wrong(path, "is no text"));
            }
            value(home, &path, symbols)?;
        }
        let before = it.before.iter().map(|of| ("before", of));
        for (side, of) in before.chain(it.values.iter().map(|of| ("values", of))) {
            for (name, json) in of {
                value(json, &format!("{path}.{side}{}", member(name)), symbols)?;
            }
        }
    }
    Ok(())
}

/// A resource; its address.
fn record(it: &Record, path: &str) -> Result<Address, Wrong> {
    let Some(address) = Address::parse(&it.address) else {
        return Err(wrong(
            format!("{path}.address"),
            "is no address of a resource, such as `aws_kms_key.trail`",
        ));
    };
    let mode = if address.data {
        crate::input::Mode::Data
    } else {
        crate::input::Mode::Managed
    };
    if types::find(mode, &address.kind).is_none() {
        return Err(wrong(
            format!("{path}.address"),
            "is the address of a type of resources that is not read",
        ));
    }
    let action = it.action.as_deref();
    if action.is_some_and(|action| !ACTIONS.iter().any(|(word, _)| *word == action)) {
        let why = format!("is none of {}", listed(ACTIONS.iter().map(|it| it.0)));
        return Err(wrong(format!("{path}.action"), why));
    }
    let gone = matches!(action, Some("delete" | "forget"));
    if gone && it.before.is_none() {
        return Err(wrong(
            path.to_owned(),
            "is taken away, and its member `before` is missing",
        ));
    }
    if !gone && it.values.is_none() {
        return Err(wrong(path.to_owned(), "has no member `values`"));
    }
    Ok(address)
}

/// The forms that stand for what is not known.
fn value(json: &Json, path: &str, symbols: usize) -> Result<(), Wrong> {
    let number = |json: &Json, path: String| {
        let number = json.as_u64().and_then(|it| usize::try_from(it).ok());
        if number.is_some_and(|it| it < symbols) {
            Ok(())
        } else {
            Err(wrong(path, "is the number of none of the symbols"))
        }
    };
    match json {
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                value(item, &format!("{path}[{at}]"), symbols)?;
            }
        }
        Json::Object(members) => {
            for (key, json) in members {
                let path = format!("{path}{}", member(key));
                match key.as_str() {
                    "$unknown" | "$open" | "$maybe" => number(json, path)?,
                    "$text" => text(json, &path, &number)?,
                    "$one_of" if json.is_array() => value(json, &path, symbols)?,
                    "$one_of" => return Err(wrong(path, "is no list")),
                    other if other.starts_with('$') && !other.starts_with("$$") => {
                        return Err(wrong(path, "is no form that this version knows"));
                    }
                    _ => value(json, &path, symbols)?,
                }
            }
            special(members, path)?;
        }
        _ => {}
    }
    Ok(())
}

/// What stands for a value stands alone, but for `$open` in an object.
fn special(members: &Map<String, Json>, path: &str) -> Result<(), Wrong> {
    let alone = ["$unknown", "$text", "$one_of"].iter();
    let mut alone = alone.filter(|name| members.contains_key(**name));
    if alone.next().is_some() && members.len() > 1 {
        return Err(wrong(
            path.to_owned(),
            "has members beside the form that it is",
        ));
    }
    if members.contains_key("$maybe") && (members.len() != 2 || !members.contains_key("value")) {
        return Err(wrong(
            path.to_owned(),
            "has `$maybe` and not `value` alone beside it",
        ));
    }
    Ok(())
}

/// A text with symbols in it.
fn text(
    json: &Json,
    path: &str,
    number: &dyn Fn(&Json, String) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let Some(parts) = json.as_array() else {
        return Err(wrong(path.to_owned(), "is no list"));
    };
    for (at, part) in parts.iter().enumerate() {
        let path = format!("{path}[{at}]");
        match part {
            Json::String(_) => {}
            Json::Object(hole) if hole.get("$hole").is_some_and(Json::is_string) => {}
            Json::Number(_) => number(part, path)?,
            _ => return Err(wrong(path, "is no part of a text")),
        }
    }
    Ok(())
}

/// A member in a path. A name of the user's own is not repeated.
fn member(name: &str) -> String {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
    if plain && name.len() <= 60 {
        format!(".{name}")
    } else {
        "[…]".to_owned()
    }
}

fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|it| format!("`{it}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
