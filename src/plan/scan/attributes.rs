//! The wanted attributes of an object of values or marks; all others are passed over.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::visit::KeySeed;
use crate::input::types::Type;

/// The wanted members of an object, not yet read, and what stands there where it is none.
#[derive(Default)]
pub(in crate::plan) struct Attributes<'de> {
    pub(in crate::plan) whole: Whole,
    found: Vec<(&'static str, &'de RawValue)>,
}

/// What stands in the place of values or marks.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::plan) enum Whole {
    /// Nothing, or null.
    #[default]
    Missing,
    /// An object, as it should be.
    Object,
    /// `true`: the mark counts for everything.
    True,
    /// `false`: no mark.
    False,
    /// Something that Terraform never writes there.
    Other,
}

impl<'de> Attributes<'de> {
    /// The attribute of that name; of equal names the last counts.
    pub(in crate::plan) fn get(&self, name: &str) -> Option<&'de RawValue> {
        let mut found = self.found.iter().rev();
        found.find(|it| it.0 == name).map(|it| it.1)
    }

    /// All that was found, in the order of the input.
    pub(in crate::plan) fn all(&self) -> &[(&'static str, &'de RawValue)] {
        &self.found
    }
}

/// Reads the attributes of a type into `.0`.
pub(super) struct Reading<'t, 'de>(pub(super) &'t mut Attributes<'de>, pub(super) &'static Type);

impl<'de> DeserializeSeed<'de> for Reading<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a resource")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.whole = Whole::Object;
        while let Some(key) = map.next_key_seed(KeySeed)? {
            match self.1.attribute(&key.0) {
                Some(attribute) => self.0.found.push((attribute.name, map.next_value()?)),
                None => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, mark: bool) -> Result<(), E> {
        self.0.whole = if mark { Whole::True } else { Whole::False };
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.whole = Whole::Other;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.0.whole = Whole::Other;
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.whole = Whole::Other;
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.whole = Whole::Other;
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.whole = Whole::Other;
        Ok(())
    }
}
