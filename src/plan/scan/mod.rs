//! One pass over the text of a document: the records of the types that are read, their values not yet read, and nothing else.
//!
//! Everything borrows from the text. `serde_json` skips what is not kept without building it, and its limit of 128 levels bounds every
//! recursion of these visitors.

mod attributes;
mod configuration;
mod record;
mod visit;

use std::borrow::Cow;

use serde::de::{DeserializeSeed, MapAccess};

pub(super) use attributes::{Attributes, Whole};
pub(super) use configuration::{RawCall, RawConfigResource, RawModule};
use record::Tree;
pub(super) use record::{Parts, RawDeferred, RawRecord, RawRelevant};
use visit::{List, Members, Object};
pub(super) use visit::{Raw, is_false, is_true, string, strings};

/// What one pass keeps of a document, whichever it is.
#[derive(Default)]
pub(super) struct Scanned<'de> {
    /// The keys of the document itself, in order, at most [`KEYS`] of them.
    pub(super) keys: Vec<Cow<'de, str>>,
    pub(super) format_version: Raw<'de>,
    pub(super) terraform_version: Raw<'de>,
    pub(super) complete: Raw<'de>,
    pub(super) errored: Raw<'de>,
    pub(super) version: Raw<'de>,
    /// Input values of the root module.
    pub(super) variables: Raw<'de>,
    /// True where `planned_values` are to be read: only where there are no `resource_changes`, which come behind them.
    read_planned: bool,
    /// What `planned_values` holds.
    pub(super) planned: Vec<RawRecord<'de>>,
    pub(super) changes: Vec<RawRecord<'de>>,
    pub(super) deferred: Vec<RawDeferred<'de>>,
    pub(super) prior: Vec<RawRecord<'de>>,
    /// Resources of a state document.
    pub(super) state: Vec<RawRecord<'de>>,
    pub(super) configuration: RawConfiguration<'de>,
    pub(super) relevant: Vec<RawRelevant<'de>>,
    /// A whole plan inside another document.
    pub(super) wrapped: Raw<'de>,
}

/// The `configuration` part.
#[derive(Default)]
pub(super) struct RawConfiguration<'de> {
    pub(super) providers: Raw<'de>,
    pub(super) root: RawModule<'de>,
}

/// So many top-level keys are kept to say what a document is.
const KEYS: usize = 64;

impl Scanned<'_> {
    /// True where the document has that key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|it| it == key)
    }
}

impl<'de> Members<'de> for Scanned<'de> {
    const WHAT: &'static str = "an object";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "format_version" => self.format_version = map.next_value()?,
            "terraform_version" => self.terraform_version = map.next_value()?,
            "complete" => self.complete = map.next_value()?,
            "errored" => self.errored = map.next_value()?,
            "version" => self.version = map.next_value()?,
            "variables" => self.variables = map.next_value()?,
            "planned_values" if self.read_planned => {
                map.next_value_seed(Object(&mut Values(&mut self.planned)))?;
            }
            "plan" => self.wrapped = map.next_value()?,
            "resource_changes" => map.next_value_seed(List {
                what: "a list under `resource_changes`, of objects",
                new: RawRecord::default,
                each: |it: RawRecord<'de>| self.changes.extend(it.wanted()),
            })?,
            "deferred_changes" => map.next_value_seed(List {
                what: "a list under `deferred_changes`, of objects",
                new: RawDeferred::default,
                each: |it| self.deferred.push(it),
            })?,
            "relevant_attributes" => map.next_value_seed(List {
                what: "a list under `relevant_attributes`, of objects",
                new: RawRelevant::default,
                each: |it: RawRelevant<'de>| self.relevant.extend(it.wanted()),
            })?,
            "prior_state" => map.next_value_seed(Object(&mut State(&mut self.prior)))?,
            "values" => map.next_value_seed(Object(&mut Values(&mut self.state)))?,
            "configuration" => map.next_value_seed(Object(&mut self.configuration))?,
            // `tofu show -json -config` prints the configuration without anything around it.
            "provider_config" => self.configuration.providers = map.next_value()?,
            "root_module" => map.next_value_seed(Object(&mut self.configuration.root))?,
            _ => skip(map)?,
        }
        if self.keys.len() < KEYS || key == "resource_changes" {
            self.keys.push(key);
        }
        Ok(())
    }
}

impl<'de> Members<'de> for RawConfiguration<'de> {
    const WHAT: &'static str = "an object under `configuration`";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "provider_config" => self.providers = map.next_value()?,
            "root_module" => map.next_value_seed(Object(&mut self.root))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// A state inside a plan.
struct State<'t, 'de>(&'t mut Vec<RawRecord<'de>>);

impl<'de> Members<'de> for State<'_, 'de> {
    const WHAT: &'static str = "an object under `prior_state`";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "values" => map.next_value_seed(Object(&mut Values(self.0))),
            _ => skip(map),
        }
    }
}

/// The `values` of a state, or the `planned_values` of a plan.
struct Values<'t, 'de>(&'t mut Vec<RawRecord<'de>>);

impl<'de> Members<'de> for Values<'_, 'de> {
    const WHAT: &'static str = "an object under `values`";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "root_module" => map.next_value_seed(Object(&mut Tree::new(self.0))),
            _ => skip(map),
        }
    }
}

/// Reads the document at the start of `text`; gives it with the number of bytes it takes.
pub(super) fn document(text: &[u8]) -> serde_json::Result<(Scanned<'_>, usize)> {
    let (document, length) = pass(text, false)?;
    if document.has("planned_values") && !document.has("resource_changes") {
        return pass(text, true);
    }
    Ok((document, length))
}

fn pass(text: &[u8], read_planned: bool) -> serde_json::Result<(Scanned<'_>, usize)> {
    let mut document = Scanned {
        read_planned,
        ..Scanned::default()
    };
    let mut json = serde_json::Deserializer::from_slice(text);
    Object(&mut document).deserialize(&mut json)?;
    let length = json.into_iter::<serde::de::IgnoredAny>().byte_offset();
    Ok((document, length))
}

/// The members of an object, their values not yet read; nothing where it is none.
pub(super) fn members(raw: Raw<'_>) -> Vec<(Cow<'_, str>, &serde_json::value::RawValue)> {
    let mut all = All(Vec::new());
    if let Some(raw) = raw {
        let mut json = serde_json::Deserializer::from_str(raw.get());
        // The text was read before; what fails here is a value that is no object.
        if Object(&mut all).deserialize(&mut json).is_err() {
            return Vec::new();
        }
    }
    all.0
}

struct All<'de>(Vec<(Cow<'de, str>, &'de serde_json::value::RawValue)>);

impl<'de> Members<'de> for All<'de> {
    const WHAT: &'static str = "an object";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        self.0.push((key, map.next_value()?));
        Ok(())
    }
}

fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<serde::de::IgnoredAny>().map(drop)
}
