//! The known letters of a text in one row, what is not known between them, and the place of each.

use std::ops::Range;

use crate::source::{JsonError, Origin, SourceMap, Span, parse_json_text};
use crate::value::{Part, PartKind, Shape, Symbols, Text};

/// A text to be read.
pub(super) struct Tape<'t> {
    /// All literal parts, joined.
    pub(super) text: String,
    /// Where each literal part starts in `text`; none of them is empty.
    literals: Vec<(usize, &'t Part)>,
    /// Where in `text` each symbol or hole stands.
    holes: Vec<(usize, &'t Part)>,
    /// The text as a whole.
    whole: Origin,
}

impl<'t> Tape<'t> {
    pub(super) fn new(text: &'t Text, whole: &Origin) -> Self {
        let mut tape = Tape {
            text: String::new(),
            literals: Vec::new(),
            holes: Vec::new(),
            whole: whole.clone(),
        };
        for part in text.parts() {
            match &part.kind {
                PartKind::Literal(text) if text.is_empty() => {}
                PartKind::Literal(text) => {
                    tape.literals.push((tape.text.len(), part));
                    tape.text.push_str(text);
                }
                PartKind::Symbol(_) | PartKind::Hole(_) => {
                    tape.holes.push((tape.text.len(), part));
                }
            }
        }
        tape
    }

    /// A symbol or hole and the offset that it stands at.
    pub(super) fn hole(&self, index: usize) -> Option<(usize, &'t Part)> {
        self.holes.get(index).copied()
    }

    /// The literal part that holds a byte, and where it starts.
    fn literal(&self, at: usize) -> Option<(usize, &'t Part)> {
        let after = self.literals.partition_point(|(start, _)| *start <= at);
        self.literals.get(after.checked_sub(1)?).copied()
    }

    /// The end of the literal part that holds a byte.
    pub(super) fn literal_end(&self, at: usize) -> usize {
        let after = self.literals.partition_point(|(start, _)| *start <= at);
        self.literals
            .get(after)
            .map_or(self.text.len(), |(start, _)| *start)
    }

    /// The place of one byte: its own where the part is written as it reads, else the whole part.
    fn byte(&self, at: usize) -> Option<Span> {
        let (start, part) = self.literal(at)?;
        let own = part.origin.span();
        let PartKind::Literal(text) = &part.kind else {
            return Some(own);
        };
        if text.len() != own.len() as usize {
            return Some(own);
        }
        let shift = u32::try_from(at - start).unwrap_or(u32::MAX);
        let start = own.start.saturating_add(shift).min(own.end);
        let end = start.saturating_add(1).min(own.end);
        Some(Span { start, end })
    }

    /// The place of a range: from its first byte to its last where one file has both in this order, else to the end of the first one's part.
    pub(super) fn origin(&self, range: Range<usize>, sources: &SourceMap) -> Origin {
        let Some(first) = self.byte(range.start) else {
            return self.whole.clone();
        };
        if range.start >= self.text.len() {
            // The end of the text.
            let end = first.end;
            return Origin::new(Span { start: end, end });
        }
        if range.is_empty() {
            let start = first.start;
            return Origin::new(Span { start, end: start });
        }
        let last = self.byte(range.end.saturating_sub(1)).unwrap_or(first);
        let together = last.end >= first.end
            && last.start >= first.start
            && sources.file_of(last) == sources.file_of(first);
        if together {
            return Origin::new(first.to(last));
        }
        let part = self.literal(range.start);
        let end = part.map_or(first.end, |(_, part)| part.origin.span().end);
        Origin::new(Span {
            start: first.start,
            end: end.max(first.end),
        })
    }

    /// True where a literal part in the range must never be shown.
    pub(super) fn is_sensitive(&self, range: &Range<usize>) -> bool {
        let first = self
            .literals
            .partition_point(|(start, _)| *start <= range.start);
        let parts = self
            .literals
            .get(first.saturating_sub(1)..)
            .unwrap_or_default();
        parts
            .iter()
            .take_while(|(start, _)| *start < range.end)
            .any(|(_, part)| part.sensitive)
    }

    /// What is wrong with the text whatever its symbols stand for. None of the shapes but [`Shape::Text`] holds a quote, a bracket or a comma,
    /// so any word of the shape, which `0` is here, makes the same structure.
    pub(super) fn certain_error(
        &self,
        symbols: &Symbols,
        sources: &SourceMap,
    ) -> Option<JsonError> {
        let plain = |part: &Part| match part.kind {
            PartKind::Symbol(id) => !matches!(
                symbols.get(id).shape,
                Shape::Text | Shape::Presence | Shape::Rest
            ),
            PartKind::Literal(_) | PartKind::Hole(_) => false,
        };
        if !self.holes.iter().all(|(_, part)| plain(part)) {
            return None;
        }
        let mut text = String::with_capacity(self.text.len() + self.holes.len());
        let mut done = 0;
        for (at, _) in &self.holes {
            text.push_str(self.text.get(done..*at).unwrap_or_default());
            text.push('0');
            done = *at;
        }
        text.push_str(self.text.get(done..).unwrap_or_default());
        let error = parse_json_text(&text, 0).err()?;
        let back = |at: u32| {
            let at = at as usize;
            // The stand-in of the hole with this index is at its own offset, moved by those before it.
            let before = self
                .holes
                .iter()
                .enumerate()
                .take_while(|(index, (start, _))| start + index < at);
            at - before.count()
        };
        let range = back(error.span.start)..back(error.span.end);
        Some(JsonError {
            span: self.origin(range, sources).span(),
            ..error
        })
    }
}
