//! Visitors over serde's maps and sequences, so that each part of the document says only which members it keeps.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The text of a JSON value in the input, not yet read; none where the value is null or missing.
pub(in crate::plan) type Raw<'de> = Option<&'de RawValue>;

/// Something that is read from the members of a JSON object.
pub(super) trait Members<'de> {
    /// What it is, for the error where the input holds something else.
    const WHAT: &'static str;

    /// Takes the value of a member; every value must be taken.
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error>;
}

/// Reads an object into `.0`; null leaves it as it is.
pub(super) struct Object<'t, T>(pub(super) &'t mut T);

impl<'de, T: Members<'de>> DeserializeSeed<'de> for Object<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Members<'de>> Visitor<'de> for Object<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key_seed(KeySeed)? {
            self.0.member(key, &mut map)?;
        }
        Ok(())
    }
}

/// Reads a list of objects; each is handed to `.each`. Null is an empty list.
pub(super) struct List<T, F> {
    /// What it is, for the error where the input holds something else.
    pub(super) what: &'static str,
    /// Makes an empty item.
    pub(super) new: fn() -> T,
    /// Takes an item that was read.
    pub(super) each: F,
}

impl<'de, T: Members<'de>, F: FnMut(T)> DeserializeSeed<'de> for List<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Members<'de>, F: FnMut(T)> Visitor<'de> for List<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let mut item = (self.new)();
            if seq.next_element_seed(Object(&mut item))?.is_none() {
                return Ok(());
            }
            (self.each)(item);
        }
    }
}

/// A member's key, borrowed from the input where it has no escapes.
pub(super) struct Key<'de>(pub(super) Cow<'de, str>);

/// Reads a [`Key`].
pub(super) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// The decoded string, where the value is one.
pub(in crate::plan) fn string(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let text = raw?.get();
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(text).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

/// True where the value is `true`.
pub(in crate::plan) fn is_true(raw: Raw<'_>) -> bool {
    raw.is_some_and(|raw| raw.get() == "true")
}

/// True where the value is `false`.
pub(in crate::plan) fn is_false(raw: Raw<'_>) -> bool {
    raw.is_some_and(|raw| raw.get() == "false")
}

/// The strings of a list; whatever is no string is left out.
pub(in crate::plan) fn strings(raw: Raw<'_>) -> Vec<String> {
    let items: Vec<&RawValue> = raw
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| string(Some(item)))
        .map(Cow::into_owned)
        .collect()
}
