//! Values of the JSON report: symbolic text as `${account(aws)}`, a sensitive value as `{"sensitive": true}`.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::policy::Word;
use crate::value::{PartKind, Symbols, Text};

/// A text as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Known, or in part symbolic.
    Text(String),
    /// Nothing of it is known: null.
    Unknown,
    /// It must never be shown.
    Sensitive,
}

impl Shown {
    /// How a text is shown; null where it is one lone symbol, which says nothing.
    pub(super) fn of(text: &Text, symbols: &Symbols) -> Self {
        let lone = matches!(text.parts(), [part] if !matches!(part.kind, PartKind::Literal(_)));
        if text.is_sensitive() {
            Shown::Sensitive
        } else if lone || text.parts().is_empty() {
            Shown::Unknown
        } else {
            Shown::Text(text.show(symbols))
        }
    }

    /// How one value of a comparison is shown: a lone symbol by its name.
    pub(super) fn operand(text: &Text, symbols: &Symbols, hidden: bool) -> Self {
        if hidden || text.is_sensitive() {
            Shown::Sensitive
        } else {
            Shown::Text(text.show(symbols))
        }
    }
}

/// Known texts, or as many marks that they are sensitive.
pub(super) fn words(values: &[Word], hidden: bool) -> Vec<Shown> {
    values
        .iter()
        .map(|value| {
            if hidden {
                Shown::Sensitive
            } else {
                Shown::Text(value.text.clone())
            }
        })
        .collect()
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Shown::Text(text) => serializer.serialize_str(text),
            Shown::Unknown => serializer.serialize_none(),
            Shown::Sensitive => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("sensitive", &true)?;
                map.end()
            }
        }
    }
}
