//! From the text of a document to a [`Document`].

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::decode::{self, Decoded, MAKE_PLAN, note};
use super::draw::Draw;
use super::identify::identify;
use super::scan::{self, Scanned, is_false, is_true, string, strings};
use super::sheet::{self, Sheet};
use super::{configuration, resource};
use crate::error::Error;
use crate::input::{Configuration, Deferred, Document, Homes, InputKind, Note, Relevant};
use crate::source::{Node, SourceMap};
use crate::value::Symbols;

/// An input in the reading: what it is called, and where its texts and symbols go.
pub(super) struct Input<'a> {
    /// As reports show it.
    pub(super) name: &'a str,
    /// What the keys of its symbols begin with.
    pub(super) id: &'a str,
    pub(super) map: &'a mut SourceMap,
    pub(super) symbols: &'a mut Symbols,
    pub(super) notes: Vec<Note>,
    /// True where other inputs are read with it, whose trails may deliver to its buckets.
    pub(super) beside_others: bool,
}

impl Input<'_> {
    /// Begins a virtual text, to be given to [`Input::add`] before the next one begins; and the input's name.
    pub(super) fn draw(&mut self, path: String) -> (Draw<'_>, &str) {
        let draw = Draw {
            sheet: Sheet::new(self.map),
            symbols: self.symbols,
            input: self.id,
            path,
            kind: None,
            fresh: false,
            policy: None,
        };
        (draw, self.name)
    }

    /// Adds a virtual text that is complete.
    pub(super) fn add(&mut self, sheet: Sheet, part: String) -> Result<(), Error> {
        if sheet.is_empty() {
            return Ok(());
        }
        sheet
            .add(self.map, self.name, part)
            .map_err(|error| Error::new(self.name, error.to_string()))
    }
}

/// Reads a value that is kept.
pub(super) fn node(raw: &RawValue, name: &str) -> Result<Node, Error> {
    crate::source::parse_json_text(raw.get(), 0)
        .map_err(|error| Error::new(name, format!("a value cannot be read: {}", error.message)))
}

/// Reads a plan, a state or a configuration from the bytes of its JSON.
///
/// `name` is what reports call the input, `id` what the keys of its symbols begin with (`in0`). Virtual texts that show its resources
/// go to `map`, the names of unknown values to `symbols`.
///
/// # Errors
/// Where the bytes are no such document, with what they are and the command that makes the right one; where the document is truncated;
/// where the map is full.
pub fn load(
    bytes: &[u8],
    name: &str,
    id: &str,
    map: &mut SourceMap,
    symbols: &mut Symbols,
) -> Result<Document, Error> {
    read(bytes, name, id, map, symbols, false)
}

/// [`load`] for a document that is read with others: it keeps every bucket, as a trail of another one may deliver to it.
///
/// # Errors
/// Those of [`load`].
pub fn load_beside_others(
    bytes: &[u8],
    name: &str,
    id: &str,
    map: &mut SourceMap,
    symbols: &mut Symbols,
) -> Result<Document, Error> {
    read(bytes, name, id, map, symbols, true)
}

fn read(
    bytes: &[u8],
    name: &str,
    id: &str,
    map: &mut SourceMap,
    symbols: &mut Symbols,
    beside_others: bool,
) -> Result<Document, Error> {
    let decoded = decode::decode(bytes, name)?;
    let mut input = Input {
        name,
        id,
        map,
        symbols,
        notes: decoded.notes.clone(),
        beside_others,
    };
    let (document, length) = parse(&decoded, name)?;
    trailing(&decoded, length, &document, &mut input)?;
    let wrapped = document
        .wrapped
        .filter(|_| identify(&document, name).is_err());
    let document = match wrapped {
        Some(raw) if raw.get().starts_with('{') => {
            input
                .notes
                .push(note("the plan was found under the key `plan`"));
            scan::document(raw.get().as_bytes())
                .map_err(|error| syntax(&error, &decoded, name))?
                .0
        }
        _ => document,
    };
    plan(&document, &mut input)
}

fn plan(document: &Scanned<'_>, input: &mut Input<'_>) -> Result<Document, Error> {
    let kind = identify(document, input.name)?;
    let format_version = string(document.format_version).map(Cow::into_owned);
    versions(format_version.as_deref(), kind, input)?;
    let configuration = match kind {
        InputKind::State => Configuration::default(),
        _ => configuration::configuration(&document.configuration, input)?,
    };
    let root = &document.configuration.root;
    let variables = match kind {
        InputKind::Plan => configuration::variables(document.variables, root, input)?,
        _ => std::collections::BTreeMap::new(),
    };
    let resources = resource::resources(document, &configuration, input)?;
    Ok(Document {
        kind,
        planned: kind == InputKind::Plan,
        terraform_version: string(document.terraform_version).map(Cow::into_owned),
        format_version,
        complete: !is_false(document.complete),
        errored: is_true(document.errored),
        resources,
        deferred: document.deferred.iter().map(deferred).collect(),
        configuration,
        variables,
        relevant: document.relevant.iter().map(relevant).collect(),
        notes: std::mem::take(&mut input.notes),
        unreadable: Vec::new(),
        lost: Vec::new(),
        differences: Vec::new(),
        remote: Vec::new(),
        missing: Vec::new(),
        sources: None,
        homes: Homes::default(),
        waits: Vec::new(),
    })
}

fn deferred(raw: &scan::RawDeferred<'_>) -> Deferred {
    let text = |raw| string(raw).unwrap_or_default();
    Deferred {
        address: sheet::plain(&text(raw.record.address)),
        reason: sheet::plain(&text(raw.reason)),
    }
}

fn relevant(raw: &scan::RawRelevant<'_>) -> Relevant {
    Relevant {
        resource: string(raw.resource).unwrap_or_default().into_owned(),
        attribute: strings(raw.attribute),
    }
}

/// Notes a version of the format that this program does not know. 0.1 was Terraform 0.12's; 1.2 has been written since Terraform 1.5.
///
/// # Errors
/// Where its first number is not known: "Reject any input which reports an unsupported major version" (Terraform, "JSON Output Format").
fn versions(version: Option<&str>, kind: InputKind, input: &mut Input<'_>) -> Result<(), Error> {
    let Some(version) = version else {
        if kind != InputKind::Configuration {
            input
                .notes
                .push(note("the document does not name the version of its format"));
        }
        return Ok(());
    };
    let known = match version.split_once('.') {
        Some(("0", minor)) => minor.parse::<u32>().is_ok(),
        Some(("1", minor)) => minor.parse::<u32>().is_ok_and(|minor| minor <= 2),
        _ => false,
    };
    let major = version.split('.').next().unwrap_or_default();
    if major.parse::<u32>().is_ok_and(|major| major > 1) {
        let message = format!(
            "it is of version {} of the format, and this program reads version 1",
            sheet::string(version)
        );
        return Err(Error::new(input.name, message)
            .with_help("use a newer keytrail, or an older Terraform to show the plan"));
    }
    if !known {
        input.notes.push(note(format!(
            "the format's version {} is not known; 1.2 is the newest one known",
            sheet::string(version)
        )));
    }
    Ok(())
}

fn parse<'d>(decoded: &'d Decoded<'_>, name: &str) -> Result<(Scanned<'d>, usize), Error> {
    scan::document(&decoded.bytes).map_err(|error| syntax(&error, decoded, name))
}

/// What `serde_json` says, without any text of the input.
fn syntax(error: &serde_json::Error, decoded: &Decoded<'_>, name: &str) -> Error {
    use serde_json::error::Category;
    let line = decoded.lines_before + error.line();
    let message = match error.classify() {
        Category::Eof => format!(
            "the file ends in the middle of its JSON document, after {} bytes: it is truncated",
            decoded.bytes.len()
        ),
        Category::Syntax | Category::Io => {
            let text = error.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default();
            format!("the JSON is broken at column {}: {reason}", error.column())
        }
        // What was found may be quoted before `expected`, and might be sensitive.
        Category::Data => {
            let text = error.to_string();
            let expected = text.rsplit("expected ").next().unwrap_or_default();
            let expected = expected.split(" at line ").next().unwrap_or_default();
            format!(
                "this is no plan: expected {expected} at column {}",
                error.column()
            )
        }
    };
    Error::new(name, message).at_line(line).with_help(MAKE_PLAN)
}

/// Looks at what follows the document: nothing, a wrapper's lines, or more that must not be passed over.
fn trailing(
    decoded: &Decoded<'_>,
    length: usize,
    document: &Scanned<'_>,
    input: &mut Input<'_>,
) -> Result<(), Error> {
    let (before, rest) = decoded
        .bytes
        .split_at_checked(length)
        .unwrap_or((&decoded.bytes, &[]));
    let rest = String::from_utf8_lossy(rest);
    let noise =
        rest.trim_start_matches(|it: char| it.is_whitespace() || matches!(it, '\0' | '\u{feff}'));
    let Some(first) = noise.chars().next() else {
        return Ok(());
    };
    let space = rest.get(..rest.len() - noise.len());
    let line = decoded.lines_before + decode::lines(before) + 1;
    if first == '{' && !document.has("@level") {
        return Err(
            Error::new(input.name, "the file holds more than one JSON document")
                .at_line(line)
                .with_help("give each plan as a file of its own"),
        );
    }
    if first == '{' {
        return Ok(()); // A log, which `identify` names.
    }
    let own_line = space.is_some_and(|space| space.contains('\n'));
    if !own_line || matches!(first, '}' | '[' | ']' | ',' | '"') {
        return Err(Error::new(
            input.name,
            "the JSON is broken: there is text after its end",
        )
        .at_line(line)
        .with_help(MAKE_PLAN));
    }
    input.notes.push(note(
        "text after the JSON document was ignored (a wrapper's output)",
    ));
    Ok(())
}
