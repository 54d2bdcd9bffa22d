//! Records of resources: changes, instances of a state, deferred changes.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::attributes::{Attributes, Reading};
use super::skip;
use super::visit::{List, Members, Object, Raw, string};
use crate::address::Address;
use crate::input::Mode;
use crate::input::types::{self, Type};

/// An entry of `resource_changes`, or a resource of a state or of `planned_values`.
#[derive(Default)]
pub(in crate::plan) struct RawRecord<'de> {
    pub(in crate::plan) address: Raw<'de>,
    pub(in crate::plan) previous_address: Raw<'de>,
    /// The module instance: of the entry itself, or of the module of the state that holds it.
    pub(in crate::plan) module: Raw<'de>,
    pub(in crate::plan) name: Raw<'de>,
    pub(in crate::plan) index: Raw<'de>,
    pub(in crate::plan) deposed: Raw<'de>,
    pub(in crate::plan) action_reason: Raw<'de>,
    /// What depends on its type; boxed, as most records are passed over.
    pub(in crate::plan) parts: Option<Box<Parts<'de>>>,
    mode: Raw<'de>,
    kind: Raw<'de>,
    /// What the type and the mode say together, once both are known.
    decided: Decision,
    /// What came before the type and the mode, by its key.
    early: Vec<(Part, &'de RawValue)>,
}

/// Whether a record is kept.
#[derive(Clone, Copy, Default)]
enum Decision {
    #[default]
    Open,
    Kept(&'static Type),
    Skipped,
}

/// The values of a record: its `change`, or those of a state.
#[derive(Default)]
pub(in crate::plan) struct Parts<'de> {
    pub(in crate::plan) change: RawChange<'de>,
    pub(in crate::plan) values: Attributes<'de>,
    pub(in crate::plan) sensitive_values: Attributes<'de>,
}

/// The parts of a record that are read by its type.
#[derive(Clone, Copy)]
enum Part {
    Change,
    Values,
    Sensitive,
}

impl<'de> RawRecord<'de> {
    /// Managed or data: as the entry says, or as its address does.
    pub(in crate::plan) fn mode(&self) -> Mode {
        let data = match string(self.mode) {
            Some(mode) => mode == "data",
            None => string(self.address)
                .and_then(|address| Address::parse(&address))
                .is_some_and(|address| address.data),
        };
        if data { Mode::Data } else { Mode::Managed }
    }

    /// Its type, if it is one that is read.
    pub(in crate::plan) fn wanted_type(&self) -> Option<&'static Type> {
        if let Decision::Kept(kind) = self.decided {
            return Some(kind);
        }
        types::find(self.mode(), &string(self.kind)?)
    }

    /// Itself, if its type is read.
    pub(super) fn wanted(mut self) -> Option<Self> {
        let kind = match self.decided {
            Decision::Kept(kind) => kind,
            Decision::Skipped => return None,
            Decision::Open => self.wanted_type()?,
        };
        self.parts.get_or_insert_default();
        self.decided = Decision::Kept(kind);
        for (part, raw) in std::mem::take(&mut self.early) {
            let mut json = serde_json::Deserializer::from_str(raw.get());
            // It was read once; a `change` that is no object has no values.
            let _ = self.read(part, kind, |seed| seed.deserialize(&mut json));
        }
        Some(self)
    }

    /// Reads a part that depends on the type.
    fn part<A: MapAccess<'de>>(&mut self, part: Part, map: &mut A) -> Result<(), A::Error> {
        match self.decided {
            Decision::Kept(kind) => self.read(part, kind, |seed| map.next_value_seed(seed)),
            Decision::Skipped => skip(map),
            Decision::Open => {
                self.early.push((part, map.next_value()?));
                Ok(())
            }
        }
    }

    fn read<E>(
        &mut self,
        part: Part,
        kind: &'static Type,
        with: impl FnOnce(Slot<'_, 'de>) -> Result<(), E>,
    ) -> Result<(), E> {
        let parts = self.parts.get_or_insert_default();
        with(match part {
            Part::Change => Slot::Change(&mut parts.change, kind),
            Part::Values => Slot::Attributes(&mut parts.values, kind),
            Part::Sensitive => Slot::Attributes(&mut parts.sensitive_values, kind),
        })
    }
}

/// Where a part of a record is read to.
enum Slot<'t, 'de> {
    Change(&'t mut RawChange<'de>, &'static Type),
    Attributes(&'t mut Attributes<'de>, &'static Type),
}

impl<'de> DeserializeSeed<'de> for Slot<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Slot::Change(change, kind) => {
                Object(&mut ChangeOf { change, kind }).deserialize(deserializer)
            }
            Slot::Attributes(attributes, kind) => {
                Reading(attributes, kind).deserialize(deserializer)
            }
        }
    }
}

impl<'de> Members<'de> for RawRecord<'de> {
    const WHAT: &'static str = "an object that describes a resource";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if matches!(self.decided, Decision::Skipped) {
            return skip(map);
        }
        let slot = match key.as_ref() {
            "address" => &mut self.address,
            "previous_address" => &mut self.previous_address,
            "module_address" => &mut self.module,
            "mode" => &mut self.mode,
            "type" => &mut self.kind,
            "name" => &mut self.name,
            "index" => &mut self.index,
            "deposed" | "deposed_key" => &mut self.deposed,
            "action_reason" => &mut self.action_reason,
            "change" => return self.part(Part::Change, map),
            "values" => return self.part(Part::Values, map),
            "sensitive_values" => return self.part(Part::Sensitive, map),
            _ => return skip(map),
        };
        *slot = map.next_value()?;
        if matches!(self.decided, Decision::Open) && self.kind.is_some() && self.mode.is_some() {
            let kind = self.wanted_type();
            self.decided = kind.map_or(Decision::Skipped, Decision::Kept);
        }
        Ok(())
    }
}

/// The `change` of an entry.
#[derive(Default)]
pub(in crate::plan) struct RawChange<'de> {
    pub(in crate::plan) actions: Raw<'de>,
    pub(in crate::plan) before: Attributes<'de>,
    pub(in crate::plan) after: Attributes<'de>,
    pub(in crate::plan) after_unknown: Attributes<'de>,
    pub(in crate::plan) before_sensitive: Attributes<'de>,
    pub(in crate::plan) after_sensitive: Attributes<'de>,
    pub(in crate::plan) importing: Raw<'de>,
}

/// A `change` in the reading.
struct ChangeOf<'t, 'de> {
    change: &'t mut RawChange<'de>,
    kind: &'static Type,
}

impl<'de> Members<'de> for ChangeOf<'_, 'de> {
    const WHAT: &'static str = "an object under `change`";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let attributes = match key.as_ref() {
            "before" => &mut self.change.before,
            "after" => &mut self.change.after,
            "after_unknown" => &mut self.change.after_unknown,
            "before_sensitive" => &mut self.change.before_sensitive,
            "after_sensitive" => &mut self.change.after_sensitive,
            "actions" => {
                self.change.actions = map.next_value()?;
                return Ok(());
            }
            "importing" => {
                self.change.importing = map.next_value()?;
                return Ok(());
            }
            _ => return skip(map),
        };
        map.next_value_seed(Reading(attributes, self.kind))
    }
}

/// An entry of `deferred_changes`.
#[derive(Default)]
pub(in crate::plan) struct RawDeferred<'de> {
    pub(in crate::plan) reason: Raw<'de>,
    pub(in crate::plan) record: RawRecord<'de>,
}

impl<'de> Members<'de> for RawDeferred<'de> {
    const WHAT: &'static str = "an object that describes a deferred change";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "reason" => self.reason = map.next_value()?,
            "resource_change" => map.next_value_seed(Object(&mut self.record))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// An entry of `relevant_attributes`.
#[derive(Default)]
pub(in crate::plan) struct RawRelevant<'de> {
    pub(in crate::plan) resource: Raw<'de>,
    pub(in crate::plan) attribute: Raw<'de>,
}

impl RawRelevant<'_> {
    /// Itself, if it names a type that is read.
    pub(super) fn wanted(self) -> Option<Self> {
        let address = Address::parse(&string(self.resource)?)?;
        let mode = if address.data {
            Mode::Data
        } else {
            Mode::Managed
        };
        types::find(mode, &address.kind).map(|_| self)
    }
}

impl<'de> Members<'de> for RawRelevant<'de> {
    const WHAT: &'static str = "an object that names an attribute";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "resource" => self.resource = map.next_value()?,
            "attribute" => self.attribute = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// A module of a state with its child modules.
pub(super) struct Tree<'t, 'de> {
    found: &'t mut Vec<RawRecord<'de>>,
    address: Option<&'de RawValue>,
    /// Where this module's own resources lie in `found`: each list of `resources`.
    own: Vec<std::ops::Range<usize>>,
}

impl<'t, 'de> Tree<'t, 'de> {
    pub(super) fn new(found: &'t mut Vec<RawRecord<'de>>) -> Self {
        Tree {
            found,
            address: None,
            own: Vec::new(),
        }
    }

    /// Gives the module's address, which may stand behind them, to its own resources.
    fn finish(self) {
        for range in self.own {
            for record in self.found.get_mut(range).unwrap_or_default() {
                record.module = record.module.or(self.address);
            }
        }
    }
}

impl<'de> Members<'de> for Tree<'_, 'de> {
    const WHAT: &'static str = "an object that describes a module of a state";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "address" => self.address = map.next_value()?,
            "resources" => {
                let start = self.found.len();
                map.next_value_seed(List {
                    what: "a list under `resources`, of objects",
                    new: RawRecord::default,
                    each: |it: RawRecord<'de>| self.found.extend(it.wanted()),
                })?;
                self.own.push(start..self.found.len());
            }
            "child_modules" => map.next_value_seed(Children(self.found))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The list of child modules; null is an empty list.
struct Children<'t, 'de>(&'t mut Vec<RawRecord<'de>>);

impl<'de> DeserializeSeed<'de> for Children<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Children<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list under `child_modules`, of objects")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let mut tree = Tree::new(self.0);
            if seq.next_element_seed(Object(&mut tree))?.is_none() {
                return Ok(());
            }
            tree.finish();
        }
    }
}
