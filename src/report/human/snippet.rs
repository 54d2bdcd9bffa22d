//! The lines around the labels of one finding, as miette reads them.
//!
//! Never a whole file: only the lines that labels touch and one on each side, made harmless, cut to the width, in an offset space of
//! their own. So labels of one finding may lie in several files, a policy of one long line prints a few columns of itself, and miette,
//! which panics past column 65,500 and scans its source once per label, meets neither.

use std::collections::BTreeSet;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::Style;
use super::lines::{Cut, Frame, Lines};
use crate::report::{Finding, text};
use crate::source::{FileId, SourceMap};

/// A label over more lines is cut to its first: the header of a block says enough.
const TALLEST: usize = 12;

/// The columns of a label's text that are given up to its place only when there is no other way.
const NARROWEST: usize = 24;

/// The snippet of one finding.
#[derive(Debug, Default)]
pub(super) struct Snippet {
    /// The labels in the snippet's own offsets.
    pub(super) labels: Vec<LabeledSpan>,
    /// Sensitive texts that labels lie in: only their names may be said.
    pub(super) hidden: Vec<String>,
    /// For each label, whether it belongs to the place to mend.
    primary: Vec<bool>,
    chunks: Vec<Chunk>,
    /// Where a label starts in the own space, and its column in the file, from 0.
    columns: Vec<(usize, usize)>,
}

/// Lines of one file that follow each other.
#[derive(Debug)]
struct Chunk {
    name: String,
    text: String,
    /// Where its text starts in the own space.
    base: usize,
    rows: Vec<Row>,
}

/// A line of a chunk.
#[derive(Debug)]
struct Row {
    /// In its file, from 0.
    number: usize,
    /// Where it starts in the own space.
    at: usize,
    /// Which part of the line is shown.
    cut: Cut,
}

/// A label in the shown text of its file.
#[derive(Debug)]
struct Mark {
    file: FileId,
    range: Range<usize>,
    text: String,
    primary: bool,
}

impl Snippet {
    /// Cuts out the lines that the finding's labels need.
    pub(super) fn of(finding: &Finding, sources: &SourceMap, style: Style) -> Self {
        let mut snippet = Snippet::default();
        let mut marks = Vec::new();
        for label in &finding.labels {
            let (file, range) = sources.displayed_range(label.span);
            if sources.is_sensitive(file) {
                snippet.hidden.push(name(sources, file));
            } else {
                marks.push(Mark {
                    file,
                    range,
                    text: text::line(&label.text),
                    primary: label.primary,
                });
            }
        }
        snippet.hidden.sort();
        snippet.hidden.dedup();
        // The file of the primary label is drawn first.
        marks.sort_by_key(|mark| !mark.primary);
        let mut files: Vec<FileId> = marks.iter().map(|mark| mark.file).collect();
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(*file));
        for file in files {
            let shown = sources.displayed(file);
            let lines = Lines::new(&shown.text, shown.lines());
            let own: Vec<Mark> = marks
                .iter()
                .filter(|mark| mark.file == file)
                .map(|mark| Mark {
                    file,
                    range: lines.tighten(&mark.range, TALLEST),
                    text: mark.text.clone(),
                    primary: mark.primary,
                })
                .collect();
            snippet.add_file(&name(sources, file), &lines, &own, style);
        }
        snippet
    }

    fn add_file(&mut self, name: &str, lines: &Lines, marks: &[Mark], style: Style) {
        let numbers: BTreeSet<usize> = marks
            .iter()
            .flat_map(|mark| {
                let first = lines.number(mark.range.start).saturating_sub(1);
                first..=(lines.number(mark.range.end) + 1).min(lines.last())
            })
            .collect();
        let tall = marks
            .iter()
            .filter(|mark| lines.is_tall(&mark.range))
            .count();
        let digits = (numbers.last().copied().unwrap_or(0) + 1).to_string().len();
        let gutter = digits + 4 + if tall > 0 { tall + 3 } else { 0 };
        let width = style.width.saturating_sub(gutter).max(NARROWEST);
        let frame = Frame {
            width,
            margin: lines.margin(numbers.iter().copied()),
            ellipsis: if style.unicode { "…" } else { "..." },
        };
        let first_chunk = self.chunks.len();
        for &number in &numbers {
            let hull = marks
                .iter()
                .filter(|mark| lines.number(mark.range.start) == number)
                .filter(|mark| !lines.is_tall(&mark.range))
                .map(|mark| mark.range.clone())
                .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            let cut = lines.cut(number, hull.as_ref(), frame);
            self.add_row(name, number, cut, first_chunk);
        }
        for mark in marks {
            self.add_label(mark, lines, width, first_chunk);
        }
    }

    /// Appends a line to the last chunk, or to a new one where it does not follow.
    fn add_row(&mut self, name: &str, number: usize, cut: Cut, first_chunk: usize) {
        let end = self
            .chunks
            .last()
            .map_or(0, |chunk| chunk.base + chunk.text.len());
        let follows = self.chunks.len() > first_chunk
            && self
                .chunks
                .last()
                .and_then(|chunk| chunk.rows.last())
                .is_some_and(|row| row.number + 1 == number);
        if !follows {
            self.chunks.push(Chunk {
                name: name.to_owned(),
                text: String::new(),
                base: end + 1,
                rows: Vec::new(),
            });
        }
        if let Some(chunk) = self.chunks.last_mut() {
            if follows {
                chunk.text.push('\n');
            }
            let at = chunk.base + chunk.text.len();
            chunk.text.push_str(&cut.text);
            // One column more, so that a label of nothing at the end of a line has something to underline.
            chunk.text.push(' ');
            chunk.rows.push(Row { number, at, cut });
        }
    }

    fn add_label(&mut self, mark: &Mark, lines: &Lines, width: usize, first_chunk: usize) {
        let row = |offset: usize| {
            let number = lines.number(offset);
            self.chunks
                .iter()
                .skip(first_chunk)
                .flat_map(|chunk| &chunk.rows)
                .find(|row| row.number == number)
        };
        let (Some(first), Some(last)) = (row(mark.range.start), row(mark.range.end)) else {
            return;
        };
        let start = first.at + first.cut.offset(lines, mark.range.start);
        let end = last.at + last.cut.offset(lines, mark.range.end);
        let length = end.saturating_sub(start).max(1);
        let before = first.cut.text.get(..start - first.at).unwrap_or_default();
        let column = if first.number == last.number {
            text::columns(before)
        } else {
            0
        };
        let room = |column: usize| width.saturating_sub(column + 4);
        self.columns.push((start, lines.column(mark.range.start)));
        let wide = first.number == last.number && length > 2;
        if wide && text::columns(&mark.text) > room(column + length / 2) {
            // The text would hang from the middle: a label of the first character carries it, one without text underlines the rest.
            let rest = first.at + first.cut.next(start - first.at);
            self.push(mark, start, rest - start, room(column));
            self.labels.push(LabeledSpan::new_with_span(
                None,
                (rest, end.saturating_sub(rest)),
            ));
            self.primary.push(mark.primary);
        } else {
            self.push(mark, start, length, room(column + length / 2));
        }
    }

    fn push(&mut self, mark: &Mark, start: usize, length: usize, room: usize) {
        let room = room.max(NARROWEST);
        let words = (!mark.text.is_empty()).then(|| text::wrap(&mark.text, room, "", ""));
        self.primary.push(mark.primary);
        self.labels.push(if mark.primary {
            LabeledSpan::new_primary_with_span(words, (start, length))
        } else {
            LabeledSpan::new_with_span(words, (start, length))
        });
    }

    /// For each label in the order that miette draws them, whether it belongs to the place to mend.
    pub(super) fn primaries(&self) -> Vec<bool> {
        let mut order: Vec<(usize, bool)> = self
            .labels
            .iter()
            .zip(&self.primary)
            .map(|(label, primary)| (label.offset(), *primary))
            .collect();
        order.sort_by_key(|(offset, _)| *offset);
        order.into_iter().map(|(_, primary)| primary).collect()
    }
}

/// `plan.json › aws_kms_key.trail › policy`
fn name(sources: &SourceMap, file: FileId) -> String {
    let (name, part) = sources.name(file);
    text::line(&part.map_or_else(|| name.to_owned(), |part| format!("{name} › {part}")))
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let chunk = self
            .chunks
            .iter()
            .find(|chunk| chunk.base <= start && end <= chunk.base + chunk.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        let at = |offset: usize| {
            chunk
                .rows
                .partition_point(|row| row.at <= offset)
                .saturating_sub(1)
        };
        let first = at(start).saturating_sub(before);
        let last = at(end.saturating_sub(1).max(start)) + after;
        let rows: Vec<&Row> = chunk
            .rows
            .iter()
            .skip(first)
            .take(last + 1 - first)
            .collect();
        let (Some(top), Some(bottom)) = (rows.first(), rows.last()) else {
            return Err(MietteError::OutOfBounds);
        };
        let from = top.at;
        let to = bottom.at + bottom.cut.text.len() + 1;
        let data = chunk
            .text
            .get(from - chunk.base..to - chunk.base)
            .ok_or(MietteError::OutOfBounds)?;
        let column = self
            .columns
            .iter()
            .find(|(offset, _)| *offset == start)
            .map_or(0, |(_, column)| *column);
        Ok(Box::new(MietteSpanContents::new_named(
            chunk.name.clone(),
            data.as_bytes(),
            (from, to - from).into(),
            top.number,
            if before == 0 { column } else { 0 },
            rows.len(),
        )))
    }
}
