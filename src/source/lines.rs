//! The lines and columns of a text, found without going over it from its start.

#[cfg(any(test, feature = "human"))]
use std::ops::Range;

/// Bytes between two places of which it is known how many code points stand before them.
const STEP: usize = 1024;

/// Where the lines of a text start, and how many code points stand before some of its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    starts: Vec<usize>,
    /// Before each [`STEP`] bytes.
    points: Vec<usize>,
}

impl Lines {
    /// Those of a text, with which alone they are to be asked.
    pub(crate) fn of(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let mut before = 0;
        let points = text.as_bytes().chunks(STEP).map(|bytes| {
            let here = before;
            before += points_of(bytes);
            here
        });
        Lines {
            points: points.collect(),
            starts,
        }
    }

    /// The number of the line that holds an offset, from 0.
    pub(crate) fn number(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|start| *start <= offset);
        after.saturating_sub(1)
    }

    /// The number of the last line.
    #[cfg(any(test, feature = "human"))]
    pub(crate) fn last(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The bytes of a line, without its end.
    #[cfg(any(test, feature = "human"))]
    pub(crate) fn range(&self, text: &str, number: usize) -> Range<usize> {
        let start = self.starts.get(number).copied().unwrap_or(text.len());
        let next = self.starts.get(number + 1);
        let end = next.map_or(text.len(), |next| next - 1);
        let line = text.get(start..end).unwrap_or_default();
        start..start + line.trim_end_matches('\r').len()
    }

    /// The code points before an offset on its line.
    pub(crate) fn column(&self, text: &str, offset: usize) -> usize {
        let start = self.starts.get(self.number(offset)).copied();
        let before = |offset| self.points_before(text, offset);
        before(offset).saturating_sub(before(start.unwrap_or(0)))
    }

    fn points_before(&self, text: &str, offset: usize) -> usize {
        let step = (offset / STEP).min(self.points.len().saturating_sub(1));
        let known = self.points.get(step).copied().unwrap_or(0);
        let rest = text.as_bytes().get(step * STEP..offset);
        known + points_of(rest.unwrap_or_default())
    }
}

/// The code points that begin in some bytes of UTF-8.
fn points_of(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn lines_and_columns_are_those_that_counting_gives() {
        let texts = [
            String::new(),
            "\n".to_owned(),
            "a\r\né\n\n".to_owned(),
            "x".repeat(STEP) + "\n",
            "日本語\n".repeat(2000) + &"é".repeat(5000),
        ];
        for text in &texts {
            let lines = Lines::of(text);
            assert_eq!(lines.last(), text.matches('\n').count());
            let offsets = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
            for offset in offsets.step_by(if text.len() > STEP { 37 } else { 1 }) {
                let (before, _) = text.split_at(offset);
                let own = before.rsplit('\n').next().unwrap_or_default();
                assert_eq!(lines.number(offset), before.matches('\n').count());
                assert_eq!(lines.column(text, offset), own.chars().count());
            }
            for (number, line) in text.split('\n').enumerate() {
                let shown = text.get(lines.range(text, number)).unwrap();
                assert_eq!(shown, line.trim_end_matches('\r'));
            }
        }
    }
}
