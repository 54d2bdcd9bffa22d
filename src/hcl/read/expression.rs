//! The expression that stands in a stretch of a file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::Place;
use super::scan::{DEEPEST, Extent, Trouble, parts};
use crate::hcl::parse::{SyntaxProblem, parse_expression};
use crate::hcl::syntax::{Expr, Parsed, Part, Piece, Pieces};

/// Reads the expression in a stretch of a file.
pub(super) fn read(text: &str, extent: &Extent, place: Place) -> Result<Expr, Trouble> {
    let range = extent.range.clone();
    if range.is_empty() {
        let message = "an expression is missing here";
        return Err(Trouble::new(message, range));
    }
    let origin = place.origin(range.clone());
    let parsed = |part: Part, pieces: Pieces| {
        let (file, pieces) = (place.file, Arc::new(pieces));
        Expr::hcl(Parsed { part, file, pieces }, origin.clone())
    };
    if extent.large.is_empty() {
        match part(text, &range) {
            Ok(found) => return Ok(parsed(found, Pieces::new())),
            Err(trouble) if extent.deep.is_empty() || extent.levels > DEEPEST => {
                return Err(trouble);
            }
            Err(_) => {}
        }
    }
    let mut work = Work {
        text: text.get(range.clone()).unwrap_or_default().to_owned(),
        offset: range.start,
        pieces: BTreeMap::new(),
    };
    let mut pieces: Vec<(&Range<usize>, bool)> = Vec::new();
    pieces.extend(extent.large.iter().map(|it| (it, true)));
    pieces.extend(extent.deep.iter().map(|it| (it, false)));
    // What ends first lies inside.
    pieces.sort_by_key(|(range, _)| range.end);
    for (piece, large) in pieces {
        if large {
            work.members(piece)?;
        } else {
            work.deep(piece)?;
        }
    }
    let whole = work.part(&range)?;
    Ok(parsed(whole, work.pieces))
}

/// A stretch of a text, as an expression.
fn part(text: &str, range: &Range<usize>) -> Result<Part, Trouble> {
    let stretch = text.get(range.clone()).unwrap_or_default();
    match parse_expression(stretch) {
        Ok(expression) => Ok(Part {
            expression,
            base: range.start,
        }),
        Err(problem) => Err(moved(problem, range)),
    }
}

fn moved(problem: SyntaxProblem, range: &Range<usize>) -> Trouble {
    let at = |offset: usize| (range.start + offset).min(range.end);
    let (start, end) = (at(problem.range.start), at(problem.range.end));
    Trouble::new(problem.message, start..end)
}

/// A stretch of a file of which pieces are taken out. All ranges are those of the file.
struct Work {
    text: String,
    /// The byte of the file at which the text begins.
    offset: usize,
    pieces: Pieces,
}

impl Work {
    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        range.start.saturating_sub(self.offset)..range.end.saturating_sub(self.offset)
    }

    fn part(&self, range: &Range<usize>) -> Result<Part, Trouble> {
        let mut part = part(&self.text, &self.inside(range)).map_err(|it| self.outside(it))?;
        part.base += self.offset;
        Ok(part)
    }

    fn outside(&self, trouble: Trouble) -> Trouble {
        let range = trouble.range;
        let range = range.start + self.offset..range.end + self.offset;
        Trouble { range, ..trouble }
    }

    /// Takes out a list or an object.
    fn deep(&mut self, range: &Range<usize>) -> Result<(), Trouble> {
        let part = self.part(range)?;
        self.pieces.insert(range.start, Piece::Deep(part));
        self.blank(range);
        Ok(())
    }

    /// Takes out the members of an object. A `{ for … }` stays: it has no keys that are compared.
    fn members(&mut self, range: &Range<usize>) -> Result<(), Trouble> {
        let here = self.inside(range);
        let after = self.text.get(here.start + 1..here.end).unwrap_or_default();
        let is_loop = after
            .trim_start()
            .strip_prefix("for")
            .is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r', '#', '/']));
        if is_loop {
            return Ok(());
        }
        let mut members = Vec::new();
        for some in parts(&self.text, &here) {
            let stretch = self.text.get(some.clone()).unwrap_or_default();
            // The byte before is a brace or a separator, so that the places stay true.
            let object = format!("{{{stretch}}}");
            let begin = some.start.saturating_sub(1);
            let expression = parse_expression(&object)
                .map_err(|it| self.outside(moved(it, &(begin..some.end))))?;
            let base = begin + self.offset;
            members.push(Part { expression, base });
        }
        self.pieces.insert(range.start, Piece::Members(members));
        self.blank(range);
        Ok(())
    }

    /// Leaves the brackets alone and nothing between them.
    fn blank(&mut self, range: &Range<usize>) {
        let here = self.inside(range);
        let between = here.start + 1..here.end.saturating_sub(1);
        if self.text.is_char_boundary(between.start) && self.text.is_char_boundary(between.end) {
            let spaces = " ".repeat(between.len());
            self.text.replace_range(between, &spaces);
        }
    }
}
