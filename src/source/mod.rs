//! Where text was written: files, spans, origins, and JSON read with the place of every node.
//!
//! Every file has a base in one flat space of `u32` offsets, so a [`Span`] names file, start and end in eight bytes and one diagnostic can
//! label several files. Texts that no file holds (AWS's default key policy, a policy inside a plan, the command line) are files too.

mod json;
mod lines;
mod map;

pub use json::{
    DEPTH as JSON_DEPTH, JsonError, Member, Node, NodeKind, parse as parse_json,
    parse_text as parse_json_text,
};
pub(crate) use lines::Lines;
pub use map::{Displayed, FileId, Location, Place, SourceMap, TooLarge};

/// A range of bytes in the flat offset space of a [`SourceMap`]; `end` is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from the start of `self` to the end of `other`; both must lie in one file.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Length in bytes.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// True where the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Where a value was written. Two origins are always equal, so that equality of whatever carries one ignores the place.
#[derive(Clone, Debug)]
pub struct Origin {
    span: Span,
}

impl Origin {
    /// An origin at `span`.
    pub fn new(span: Span) -> Self {
        Origin { span }
    }

    /// The place itself.
    pub fn span(&self) -> Span {
        self.span
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}
