//! A virtual text while it is written: what a report shows of a part of the plan, the way `terraform plan` would.

use std::borrow::Cow;

use crate::address::{push_escaped, push_printable, quote};
use crate::source::{SourceMap, Span, TooLarge};

/// A text that becomes a file of the map. Spans count from the place that the file will have, so nothing else may be added meanwhile.
pub(super) struct Sheet {
    base: u32,
    text: String,
    /// Set while nothing is written: what is not shown itself lies where this is shown.
    hidden: Option<Span>,
}

/// A sheet takes no more than this; what follows lies at the mark at its end.
const LIMIT: usize = 256 * 1024;

/// So much of a string is shown.
const STRING: usize = 160;

impl Sheet {
    /// An empty sheet, to be added to `map` next.
    pub(super) fn new(map: &SourceMap) -> Self {
        Sheet {
            base: map.end(),
            text: String::new(),
            hidden: None,
        }
    }

    /// Adds the text to the map.
    pub(super) fn add(self, map: &mut SourceMap, name: &str, part: String) -> Result<(), TooLarge> {
        map.add_part(name, part, self.text, false).map(drop)
    }

    /// True where nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes a text that holds nothing of the input, or only what was escaped.
    pub(super) fn write(&mut self, text: &str) -> Span {
        if let Some(span) = self.hidden {
            return span;
        }
        if self.text.len() + text.len() > LIMIT {
            let start = self.here();
            self.text.push_str("\n…\n");
            let span = self.since(start);
            self.hidden = Some(span);
            return span;
        }
        let start = self.here();
        self.text.push_str(text);
        self.since(start)
    }

    /// Writes so many spaces, bounded for hostile depth.
    pub(super) fn spaces(&mut self, count: usize) {
        const SPACES: &str = "                                                ";
        self.write(SPACES.get(..count).unwrap_or(SPACES));
    }

    /// The place where the next text goes.
    pub(super) fn here(&self) -> u32 {
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.base.saturating_add(length)
    }

    /// The span from `start` to here.
    pub(super) fn since(&self, start: u32) -> Span {
        self.hidden.unwrap_or(Span {
            start,
            end: self.here(),
        })
    }

    /// Runs `draw` without writing; what it draws lies at `span`.
    pub(super) fn hide(&mut self, span: Span) -> Option<Span> {
        let before = self.hidden;
        self.hidden = Some(before.unwrap_or(span));
        before
    }

    /// Undoes a [`Sheet::hide`].
    pub(super) fn show(&mut self, before: Option<Span>) {
        self.hidden = before;
    }
}

/// A string of the input in quotes, cut where it is long.
pub(super) fn string(text: &str) -> String {
    match text.char_indices().nth(STRING) {
        None => quote(text),
        Some((cut, _)) => {
            let mut out = String::from("\"");
            push_escaped(&mut out, text.get(..cut).unwrap_or_default());
            out.push_str("…\"");
            out
        }
    }
}

/// The name of an attribute: as it is where it is an identifier, else in quotes.
pub(super) fn attribute(name: &str) -> Cow<'_, str> {
    if is_identifier(name) && name.len() <= STRING {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(string(name))
    }
}

/// True for names that need no quotes.
pub(super) fn is_identifier(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !name.is_empty() && name.bytes().all(plain)
}

/// A text of the input without quotes, for a comment: an address, a reference.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().take(STRING) {
        push_printable(&mut out, letter);
    }
    out
}
