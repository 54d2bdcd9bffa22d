//! The `configuration` part: modules, their calls, and the blocks of the types that are read.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, MapAccess};

use super::attributes::{Attributes, Reading};
use super::skip;
use super::visit::{List, Members, Object, Raw, string};
use crate::input::Mode;
use crate::input::types::{self, Type};

/// A module.
#[derive(Default)]
pub(in crate::plan) struct RawModule<'de> {
    pub(in crate::plan) resources: Vec<RawConfigResource<'de>>,
    pub(in crate::plan) outputs: Raw<'de>,
    pub(in crate::plan) variables: Raw<'de>,
    pub(in crate::plan) calls: RawCalls<'de>,
}

impl<'de> Members<'de> for RawModule<'de> {
    const WHAT: &'static str = "an object that describes a module";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "outputs" => self.outputs = map.next_value()?,
            "variables" => self.variables = map.next_value()?,
            "module_calls" => map.next_value_seed(Object(&mut self.calls))?,
            "resources" => map.next_value_seed(List {
                what: "a list under `resources`, of objects",
                new: RawConfigResource::default,
                each: |it: RawConfigResource<'de>| self.resources.extend(it.wanted()),
            })?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The calls of a module by name.
#[derive(Default)]
pub(in crate::plan) struct RawCalls<'de>(pub(in crate::plan) Vec<(Cow<'de, str>, RawCall<'de>)>);

impl<'de> Members<'de> for RawCalls<'de> {
    const WHAT: &'static str = "an object under `module_calls`";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let mut call = RawCall::default();
        map.next_value_seed(Object(&mut call))?;
        self.0.push((key, call));
        Ok(())
    }
}

/// A call of a module.
#[derive(Default)]
pub(in crate::plan) struct RawCall<'de> {
    pub(in crate::plan) source: Raw<'de>,
    pub(in crate::plan) expressions: Raw<'de>,
    pub(in crate::plan) count: Raw<'de>,
    pub(in crate::plan) for_each: Raw<'de>,
    pub(in crate::plan) depends_on: Raw<'de>,
    pub(in crate::plan) module: RawModule<'de>,
}

impl<'de> Members<'de> for RawCall<'de> {
    const WHAT: &'static str = "an object that describes the call of a module";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.as_ref() {
            "source" => self.source = map.next_value()?,
            "expressions" => self.expressions = map.next_value()?,
            "count_expression" => self.count = map.next_value()?,
            "for_each_expression" => self.for_each = map.next_value()?,
            "depends_on" => self.depends_on = map.next_value()?,
            "module" => map.next_value_seed(Object(&mut self.module))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// A resource block.
#[derive(Default)]
pub(in crate::plan) struct RawConfigResource<'de> {
    pub(in crate::plan) mode: Raw<'de>,
    pub(in crate::plan) kind: Raw<'de>,
    pub(in crate::plan) name: Raw<'de>,
    pub(in crate::plan) provider: Raw<'de>,
    pub(in crate::plan) expressions: Attributes<'de>,
    pub(in crate::plan) count: Raw<'de>,
    pub(in crate::plan) for_each: Raw<'de>,
    pub(in crate::plan) depends_on: Raw<'de>,
    /// True where its type is not read, once that is known.
    skipped: bool,
    /// Expressions that came before the type and the mode.
    early: Raw<'de>,
}

impl RawConfigResource<'_> {
    /// Managed or data.
    pub(in crate::plan) fn mode(&self) -> Mode {
        match string(self.mode).as_deref() {
            Some("data") => Mode::Data,
            _ => Mode::Managed,
        }
    }

    fn wanted_type(&self) -> Option<&'static Type> {
        types::find(self.mode(), &string(self.kind)?)
    }

    fn wanted(mut self) -> Option<Self> {
        let kind = self.wanted_type()?;
        if let Some(raw) = self.early.take() {
            let mut json = serde_json::Deserializer::from_str(raw.get());
            // It was read once, so it can be read again.
            let _ = Reading(&mut self.expressions, kind).deserialize(&mut json);
        }
        Some(self)
    }
}

impl<'de> Members<'de> for RawConfigResource<'de> {
    const WHAT: &'static str = "an object that describes a resource block";

    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if key == "type" {
            self.kind = map.next_value()?;
            self.skipped = string(self.kind).is_none_or(|kind| !types::is_read(&kind));
            return Ok(());
        }
        if self.skipped {
            return skip(map);
        }
        if key == "expressions"
            && let (Some(_), Some(kind)) = (self.mode, self.wanted_type())
        {
            return map.next_value_seed(Reading(&mut self.expressions, kind));
        }
        let slot = match key.as_ref() {
            "mode" => &mut self.mode,
            "name" => &mut self.name,
            "provider_config_key" => &mut self.provider,
            "expressions" => &mut self.early,
            "count_expression" => &mut self.count,
            "for_each_expression" => &mut self.for_each,
            "depends_on" => &mut self.depends_on,
            _ => return skip(map),
        };
        *slot = map.next_value()?;
        Ok(())
    }
}
