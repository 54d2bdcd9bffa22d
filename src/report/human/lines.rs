//! A text by its lines, and the part of a line that fits.

use std::ops::Range;

use crate::report::text;
use crate::source;

/// A text and its lines.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    lines: &'a source::Lines,
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
    pub(super) fn new(text: &'a str, lines: &'a source::Lines) -> Self {
        Lines { text, lines }
    }

    /// The number of the line that holds an offset, from 0.
    pub(super) fn number(&self, offset: usize) -> usize {
        self.lines.number(offset)
    }

    /// The number of the last line.
    pub(super) fn last(&self) -> usize {
        self.lines.last()
    }

    /// The code points before an offset on its line.
    pub(super) fn column(&self, offset: usize) -> usize {
        self.lines.column(self.text, offset)
    }

    pub(super) fn is_tall(&self, range: &Range<usize>) -> bool {
        self.number(range.start) != self.number(range.end)
    }

    /// The bytes of a line, without its end.
    fn range(&self, number: usize) -> Range<usize> {
        self.lines.range(self.text, number)
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
        let near = self.near(&range, hull, frame.width);
        let line = self.text.get(near.clone()).unwrap_or_default();
        let (steps, total) = steps(line, near.start);
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
            steps.get(at).map_or(near.end, |step| step.0)
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

    /// The part of a line that decides what of it is shown: so much on both sides of the label's start, and of a label's end that is not far
    /// from it, that more would change nothing. Each character takes a column at least, and four bytes at most.
    fn near(&self, line: &Range<usize>, hull: Option<&Range<usize>>, width: usize) -> Range<usize> {
        let most = width.saturating_mul(8);
        let (from, to) = hull.map_or((line.start, line.start), |hull| (hull.start, hull.end));
        let to = to.min(from.saturating_add(most));
        let mut start = from.saturating_sub(most).max(line.start).min(line.end);
        let mut end = to.saturating_add(most).min(line.end).max(start);
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
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
        let known = source::Lines::of(&text);
        let lines = Lines::new(&text, &known);
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

    /// What a line is cut to where all of it is looked at.
    #[test]
    fn of_a_long_line_only_what_is_near_its_label_is_looked_at() {
        let filler = "aé\u{1b}日".repeat(400);
        for (before, label, after) in [
            (0, 6, 4000),
            (3000, 6, 3000),
            (4000, 6, 0),
            (10, 3900, 10),
            (2000, 2000, 2000),
            (0, 8000, 0),
            (40, 20, 40),
        ] {
            let part = |most: usize| {
                let cut = (0..=most).rev().find(|at| filler.is_char_boundary(*at));
                filler.get(..cut.unwrap().min(filler.len())).unwrap()
            };
            let text = [part(before), "[", part(label), "]", part(after)].concat();
            let known = source::Lines::of(&text);
            let lines = Lines::new(&text, &known);
            let start = part(before).len();
            let hull = start..start + part(label).len() + 2;
            for width in [10, 24, 80, 200] {
                let cut = lines.cut(0, Some(&hull), frame(width, "…"));
                let (steps, total) = steps(&text, 0);
                let column = |offset| {
                    steps
                        .iter()
                        .find(|it| it.0 >= offset)
                        .map_or(total, |it| it.1)
                };
                let columns = frame(width, "…").window(column(hull.start)..column(hull.end), total);
                let byte = |column| {
                    steps
                        .iter()
                        .find(|it| it.1 >= column)
                        .map_or(text.len(), |it| it.0)
                };
                let whole = byte(columns.start)..byte(columns.end);
                assert_eq!(
                    cut.range,
                    if total <= width { 0..text.len() } else { whole }
                );
            }
        }
    }

    #[test]
    fn columns_count_what_is_printed() {
        let text = "\u{1b}\u{1b}é needle";
        let known = source::Lines::of(text);
        let lines = Lines::new(text, &known);
        let at = text.find("needle").unwrap();
        let cut = lines.cut(0, Some(&(at..at + 6)), frame(80, "…"));
        assert_eq!(cut.text, "\\u001b\\u001bé needle");
        assert!(cut.text.ends_with("needle"));
        assert_eq!(cut.text.len() - 6, cut.offset(&lines, at));
    }

    #[test]
    fn a_tall_label_is_cut_to_its_header() {
        let text = format!("{{\n{}}}", "x\n".repeat(20));
        let known = source::Lines::of(&text);
        let lines = Lines::new(&text, &known);
        assert_eq!(lines.tighten(&(0..text.len()), 12), 0..1);
        assert_eq!(lines.tighten(&(0..6), 12), 0..5);
    }

    #[test]
    fn the_end_of_a_line_is_shown_where_the_label_is_there() {
        let text = format!("    {}needle", "a".repeat(40));
        let known = source::Lines::of(&text);
        let lines = Lines::new(&text, &known);
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
