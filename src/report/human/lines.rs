//! A text by its lines, and the part of a line that fits.

use std::ops::Range;

use crate::report::text;

/// A text and where its lines start.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// The part of a line that is shown.
#[derive(Debug)]
pub(super) struct Cut {
    /// The shown text, harmless, with an ellipsis where something is left out.
    pub(super) text: String,
    /// Which bytes of the whole text it shows.
    range: Range<usize>,
    /// Bytes of the ellipsis before them.
    lead: usize,
}

impl Cut {
    /// The offset in the shown text of an offset in the whole text, moved into the shown part.
    pub(super) fn offset(&self, lines: &Lines, offset: usize) -> usize {
        let to = offset.clamp(self.range.start, self.range.end);
        let shown = lines.text.get(self.range.start..to).unwrap_or_default();
        self.lead + text::line(shown).len()
    }

    /// Where the character after the one at an offset of the shown text starts.
    pub(super) fn next(&self, offset: usize) -> usize {
        let letter = self.text.get(offset..).and_then(|rest| rest.chars().next());
        offset + letter.map_or(1, char::len_utf8)
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Lines { text, starts }
    }

    /// The number of the line that holds an offset, from 0.
    pub(super) fn number(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1)
    }

    /// The number of the last line.
    pub(super) fn last(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The code points before an offset on its line.
    pub(super) fn column(&self, offset: usize) -> usize {
        let line = self.range(self.number(offset));
        text::columns(self.text.get(line.start..offset).unwrap_or_default())
    }

    pub(super) fn is_tall(&self, range: &Range<usize>) -> bool {
        self.number(range.start) != self.number(range.end)
    }

    /// The bytes of a line, without its end.
    fn range(&self, number: usize) -> Range<usize> {
        let start = self.starts.get(number).copied().unwrap_or(self.text.len());
        let end = self
            .starts
            .get(number + 1)
            .map_or(self.text.len(), |next| next - 1);
        let line = self.text.get(start..end).unwrap_or_default();
        start..start + line.trim_end_matches('\r').len()
    }

    /// The range moved to whole characters, without white space at its end; its first line alone where it has more than `tallest`.
    pub(super) fn tighten(&self, range: &Range<usize>, tallest: usize) -> Range<usize> {
        let floor = |mut offset: usize| {
            offset = offset.min(self.text.len());
            while !self.text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let start = floor(range.start);
        let covered = self.text.get(start..floor(range.end)).unwrap_or_default();
        let end = start + covered.trim_end().len();
        let number = self.number(start);
        if self.number(end) >= number + tallest {
            return start..self.range(number).end.max(start);
        }
        start..end
    }

    /// The spaces that all of these lines start with.
    pub(super) fn margin(&self, numbers: impl Iterator<Item = usize>) -> usize {
        numbers
            .filter_map(|number| self.text.get(self.range(number)))
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.len() - line.trim_start_matches(' ').len())
            .min()
            .unwrap_or(0)
    }

    /// The part of a line that fits `frame`, around `hull`, the part that is labelled.
    pub(super) fn cut(&self, number: usize, hull: Option<&Range<usize>>, frame: Frame) -> Cut {
        let mut range = self.range(number);
        let line = self.text.get(range.clone()).unwrap_or_default();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        range.start += frame.margin.min(spaces);
        let line = self.text.get(range.clone()).unwrap_or_default();
        let (steps, total) = steps(line, range.start);
        if total <= frame.width {
            return Cut {
                text: text::line(line),
                range,
                lead: 0,
            };
        }
        let column = |offset: usize| {
            let at = steps.partition_point(|step| step.0 < offset);
            steps.get(at).map_or(total, |step| step.1)
        };
        let (from, to) = hull.map_or((0, 0), |hull| (column(hull.start), column(hull.end)));
        let columns = frame.window(from..to, total);
        let byte = |column: usize| {
            let at = steps.partition_point(|step| step.1 < column);
            steps.get(at).map_or(range.end, |step| step.0)
        };
        let (start, end) = (byte(columns.start), byte(columns.end));
        let lead = if start > range.start {
            frame.ellipsis
        } else {
            ""
        };
        let tail = if end < range.end { frame.ellipsis } else { "" };
        let shown = text::line(self.text.get(start..end).unwrap_or_default());
        Cut {
            text: format!("{lead}{shown}{tail}"),
            range: start..end,
            lead: lead.len(),
        }
    }
}

/// What a line is cut to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Columns.
    pub(super) width: usize,
    /// Spaces that are left out at the start of every line.
    pub(super) margin: usize,
    /// What stands where something is left out.
    pub(super) ellipsis: &'static str,
}

impl Frame {
    /// The columns to show of a line of `total` so that `label` is seen, with what surrounds it.
    fn window(self, label: Range<usize>, total: usize) -> Range<usize> {
        let mark = text::columns(self.ellipsis);
        let one_sided = self.width.saturating_sub(mark);
        let room = one_sided.saturating_sub(mark);
        let length = label.len();
        if label.end <= one_sided {
            0..one_sided
        } else if total - label.start <= one_sided {
            total - one_sided..total
        } else if length >= room {
            let start = label.start.saturating_sub(4);
            start..start + room
        } else {
            let start = (label.start - (room - length) / 2).min(total - room);
            start..start + room
        }
    }
}

/// Where each character of a line starts: its byte in the whole text, and its column once it is harmless; and the columns in all.
fn steps(line: &str, base: usize) -> (Vec<(usize, usize)>, usize) {
    let mut column = 0;
    let mut wide = String::new();
    let steps = line
        .char_indices()
        .map(|(at, letter)| {
            let step = (base + at, column);
            wide.clear();
            text::push(&mut wide, letter);
            column += text::columns(&wide);
            step
        })
        .collect();
    (steps, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: usize, ellipsis: &'static str) -> Frame {
        Frame {
            width,
            margin: 0,
            ellipsis,
        }
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!(
            "short\n{}needle{}\n",
            "a".repeat(70_000),
            "b".repeat(70_000)
        );
        let lines = Lines::new(&text);
        let at = text.find("needle").unwrap();
        let cut = lines.cut(1, Some(&(at..at + 6)), frame(40, "…"));
        assert_eq!(
            cut.text,
            format!("…{}needle{}…", "a".repeat(16), "b".repeat(16))
        );
        let offset = cut.offset(&lines, at);
        assert!(cut.text.split_at(offset).1.starts_with("needle"));
        assert_eq!(lines.column(at), 70_000);
        assert_eq!(lines.cut(1, None, frame(10, "...")).text, "aaaaaaa...");
    }

    #[test]
    fn columns_count_what_is_printed() {
        let text = "\u{1b}\u{1b}é needle";
        let lines = Lines::new(text);
        let at = text.find("needle").unwrap();
        let cut = lines.cut(0, Some(&(at..at + 6)), frame(80, "…"));
        assert_eq!(cut.text, "\\u001b\\u001bé needle");
        assert!(cut.text.ends_with("needle"));
        assert_eq!(cut.text.len() - 6, cut.offset(&lines, at));
    }

    #[test]
    fn a_tall_label_is_cut_to_its_header() {
        let text = format!("{{\n{}}}", "x\n".repeat(20));
        let lines = Lines::new(&text);
        assert_eq!(lines.tighten(&(0..text.len()), 12), 0..1);
        assert_eq!(lines.tighten(&(0..6), 12), 0..5);
    }

    #[test]
    fn the_end_of_a_line_is_shown_where_the_label_is_there() {
        let text = format!("    {}needle", "a".repeat(40));
        let lines = Lines::new(&text);
        let at = text.len() - 6;
        let all = Frame {
            margin: lines.margin(0..1),
            ..frame(46, "…")
        };
        assert_eq!(
            lines.cut(0, Some(&(at..at + 6)), all).text,
            text.trim_start()
        );
        let cut = lines.cut(0, Some(&(at..at + 6)), frame(20, "…"));
        assert_eq!(cut.text, format!("…{}needle", "a".repeat(13)));
    }
}
