//! The text of one file to blocks and attributes.
//!
//! The shape of a body is read here, and each expression in it on its own by [`parse_expression`](super::parse_expression): what is wrong
//! with one expression or block takes nothing else of the file with it.

mod body;
mod expression;
pub(super) mod grammar;
mod json;
mod scan;
mod text;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

pub(super) use scan::Extent;
pub(super) use text::{Decoded, FileText, decoded};

use super::syntax::{Attribute, Body, Expr, Unreadable};
use crate::source::{FileId, Origin, SourceMap, Span};

/// A larger file is not read, in bytes.
pub(super) const LARGEST_FILE: usize = 64 << 20;

/// What one file says.
#[derive(Debug)]
pub(super) struct Read {
    /// Its attributes and blocks.
    pub(super) body: Body,
    /// What could not be read.
    pub(super) unreadable: Vec<Unreadable>,
}

/// A file whose places in the flat space of offsets are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) file: FileId,
    pub(super) base: u32,
}

impl Place {
    /// The place of a file.
    pub(super) fn of(file: FileId, sources: &SourceMap) -> Self {
        let base = sources.whole(file).start;
        Place { file, base }
    }

    /// The place of a range of its bytes.
    pub(super) fn origin(self, range: Range<usize>) -> Origin {
        let at = |offset: usize| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            self.base.saturating_add(offset)
        };
        let (start, end) = (at(range.start), at(range.end.max(range.start)));
        Origin::new(Span { start, end })
    }
}

/// Reads the expression of a stretch of a file; else what is wrong with it.
pub(super) fn read_expression(text: &str, extent: &Extent, place: Place) -> Result<Expr, String> {
    expression::read(text, extent, place).map_err(|trouble| trouble.message)
}

/// Reads a body from brace to brace that is well formed, its expressions when they are asked for.
pub(super) fn read_body(text: &Arc<str>, range: Range<usize>, place: Place) -> Body {
    body::read_late(text, range, place)
}

/// Reads a file of blocks. Resources that no verdict hangs on are kept only when they are asked for: before that [`grammar`] says whether
/// they are well formed.
pub(super) fn hcl(text: &Arc<str>, place: Place) -> Read {
    body::read(text, place, body::Content::Blocks)
}

/// True for a configuration without a mistake in its syntax; false where it may have one, and is to be read to know.
pub(super) fn is_sound(text: &str, json: bool) -> bool {
    if !json {
        return grammar::is_configuration(text);
    }
    json_alone(text, |file, sources| {
        self::json(text, file, sources).unreadable
    })
}

/// The same of a file with values of variables.
pub(super) fn are_sound_variables(text: &str, json: bool) -> bool {
    if !json {
        return grammar::is_variables(text);
    }
    json_alone(text, |file, sources| parse_variables(file, true, sources).1)
}

/// Reads a file of which nothing is kept; true where nothing is wrong with it.
fn json_alone(text: &str, read: impl Fn(FileId, &mut SourceMap) -> Vec<Unreadable>) -> bool {
    let mut sources = SourceMap::new();
    let file = sources.add("", text);
    file.is_ok_and(|file| read(file, &mut sources).is_empty())
}

/// Reads a `.tf.json` file.
pub(super) fn json(text: &str, file: FileId, sources: &mut SourceMap) -> Read {
    json::read(text, file, sources)
}

/// The attributes of a `.tfvars` file, or with `json` of a `.tfvars.json` file, and what could not be read in it.
///
/// Strings in a `.tfvars.json` file are templates for Terraform too, which must not refer to anything.
pub fn parse_variables(
    file: FileId,
    json: bool,
    sources: &mut SourceMap,
) -> (BTreeMap<String, Attribute>, Vec<Unreadable>) {
    let text = sources.text(file);
    let mut read = if json {
        json::read_attributes(&text, file, sources)
    } else {
        body::read(&text, Place::of(file, sources), body::Content::Attributes)
    };
    for block in &read.body.blocks {
        read.unreadable.push(Unreadable {
            message: format!(
                "`{}` is a block; only `name = value` may be here",
                block.kind
            ),
            origin: block.header.clone(),
            help: None,
        });
    }
    (read.body.attributes, read.unreadable)
}
