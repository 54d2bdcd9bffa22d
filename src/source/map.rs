//! The map of all inputs: spans to files, lines and columns.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

use super::{Lines, Span};

/// Index of a file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// The inputs are larger than 4 GiB in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the inputs are larger than 4 GiB in all")]
pub struct TooLarge;

/// A line and a column, both from 1; columns count Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1.
    pub column: u32,
}

/// A span, resolved for people: file, places and the text between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file on disk (`plan.json`), or the name of a built-in text.
    pub file: String,
    /// The part inside that file which the places count in (`aws_kms_key.trail › policy`), where the text is virtual.
    pub part: Option<String>,
    /// Where it starts.
    pub start: Place,
    /// Where it ends, exclusive.
    pub end: Place,
    /// The text itself; empty where the file is sensitive.
    pub text: String,
}

struct File {
    name: String,
    part: Option<String>,
    base: u32,
    text: Arc<str>,
    sensitive: bool,
    /// Stretches of the text that must not be shown, ascending and apart from each other.
    hidden: Vec<Range<u32>>,
    lines: OnceLock<Lines>,
    shown: OnceLock<Displayed>,
}

impl fmt::Debug for File {
    /// Without its text, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("part", &self.part)
            .field("base", &self.base)
            .field("sensitive", &self.sensitive)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Displayed {
    /// Without the text, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Displayed").finish_non_exhaustive()
    }
}

/// A file's text as people see it, and how offsets of the read text map into it.
///
/// A policy in a plan is one long line; it is laid out anew when a label first falls in it, never before.
#[derive(Clone)]
pub struct Displayed {
    /// The text that is shown.
    pub text: Arc<str>,
    /// Runs of equal bytes: (offset in the read text, offset in the shown text), ascending.
    runs: Vec<(u32, u32)>,
    /// Stretches of the read text, and what is shown in place of each, ascending.
    hidden: Vec<(Range<u32>, Range<u32>)>,
    lines: OnceLock<Lines>,
}

/// What is shown of a file that there is not.
static NOTHING: LazyLock<Displayed> = LazyLock::new(|| Displayed::of(Arc::from(""), Vec::new()));

impl Displayed {
    fn of(text: Arc<str>, runs: Vec<(u32, u32)>) -> Self {
        Displayed {
            text,
            runs,
            hidden: Vec::new(),
            lines: OnceLock::new(),
        }
    }

    /// The lines of the shown text.
    pub(crate) fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.text))
    }

    /// What is shown in place of a byte of the read text that is hidden.
    fn cover(&self, read: u32) -> Option<&Range<u32>> {
        let at = self.hidden.partition_point(|(from, _)| from.end <= read);
        let (from, shown) = self.hidden.get(at)?;
        from.contains(&read).then_some(shown)
    }

    /// The offset in the shown text of an offset in the read text.
    pub fn offset(&self, read: u32) -> u32 {
        if let Some(shown) = self.cover(read) {
            return shown.start;
        }
        let at = self.runs.partition_point(|&(from, _)| from <= read);
        match at.checked_sub(1).and_then(|run| self.runs.get(run)) {
            Some(&(from, shown)) => {
                (shown + (read - from)).min(u32::try_from(self.text.len()).unwrap_or(u32::MAX))
            }
            None => read,
        }
    }

    /// The same for the end of something, which lies behind its last byte: layout may insert space between that and what follows.
    fn end(&self, read: u32) -> u32 {
        let Some(last) = read.checked_sub(1) else {
            return self.offset(read);
        };
        match self.cover(last) {
            Some(shown) => shown.end,
            None => self.offset(last) + 1,
        }
    }
}

/// What is shown in place of a text that must not be.
const HIDDEN: &str = "(sensitive)";

/// All texts that spans point into.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<File>,
    next: u32,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file or a built-in text under the name that reports show.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together no longer fit 32 bits.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        text: impl Into<Arc<str>>,
    ) -> Result<FileId, TooLarge> {
        self.push(name.into(), None, text.into(), false)
    }

    /// Adds a text that lies inside a file in another form: `part` names it (`aws_kms_key.trail › policy`).
    /// A `sensitive` text is never shown: locations in it have no text.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together no longer fit 32 bits.
    pub fn add_part(
        &mut self,
        name: impl Into<String>,
        part: impl Into<String>,
        text: impl Into<Arc<str>>,
        sensitive: bool,
    ) -> Result<FileId, TooLarge> {
        self.push(name.into(), Some(part.into()), text.into(), sensitive)
    }

    fn push(
        &mut self,
        name: String,
        part: Option<String>,
        text: Arc<str>,
        sensitive: bool,
    ) -> Result<FileId, TooLarge> {
        let id = FileId(u32::try_from(self.files.len()).map_err(|_| TooLarge)?);
        let base = self.next;
        let len = u32::try_from(text.len()).map_err(|_| TooLarge)?;
        // One offset more than the text, so that the empty span at its end belongs to this file and not to the next.
        self.next = base
            .checked_add(len)
            .and_then(|end| end.checked_add(1))
            .ok_or(TooLarge)?;
        self.files.push(File {
            name,
            part,
            base,
            text,
            sensitive,
            hidden: Vec::new(),
            lines: OnceLock::new(),
            shown: OnceLock::new(),
        });
        Ok(id)
    }

    /// Keeps a stretch of a file from ever being shown; its lines keep their numbers.
    pub fn hide(&mut self, span: Span) {
        let id = self.file_of(span);
        let Some(file) = self.files.get_mut(id.0 as usize) else {
            return;
        };
        let length = u32::try_from(file.text.len()).unwrap_or(u32::MAX);
        let start = span.start.saturating_sub(file.base).min(length);
        let end = span.end.saturating_sub(file.base).min(length);
        if start >= end {
            return;
        }
        let mut new = start..end;
        file.hidden.retain(|old| {
            let apart = old.end < new.start || new.end < old.start;
            if !apart {
                new = new.start.min(old.start)..new.end.max(old.end);
            }
            apart
        });
        let at = file.hidden.partition_point(|old| old.start < new.start);
        file.hidden.insert(at, new);
        file.shown = OnceLock::new();
    }

    /// The span of a byte range of a file's text, cut to the file where it reaches past its end.
    pub fn span(&self, file: FileId, range: Range<usize>) -> Span {
        let Some(file) = self.file(file) else {
            return Span { start: 0, end: 0 };
        };
        let at = |offset: usize| {
            file.base + u32::try_from(offset.min(file.text.len())).unwrap_or(u32::MAX)
        };
        Span {
            start: at(range.start),
            end: at(range.end),
        }
    }

    /// The span of a whole file.
    pub fn whole(&self, file: FileId) -> Span {
        self.span(file, 0..usize::MAX)
    }

    /// All files and their parts, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// The files that lie in a folder, each whole, in the order of the map. The folder is spelt as their names are.
    pub fn below(&self, folder: &str) -> Vec<Span> {
        let inside = |file: &&File| {
            let rest = file.name.strip_prefix(folder);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let span = |file: &File| Span {
            start: file.base,
            end: file
                .base
                .saturating_add(u32::try_from(file.text.len()).unwrap_or(u32::MAX)),
        };
        self.files.iter().filter(inside).map(span).collect()
    }

    /// The offset at which the next file that is added will start.
    pub fn end(&self) -> u32 {
        self.next
    }

    /// The text of a file, as it was read.
    pub fn text(&self, file: FileId) -> Arc<str> {
        self.file(file)
            .map_or_else(|| Arc::from(""), |file| Arc::clone(&file.text))
    }

    /// The file that a span lies in.
    pub fn file_of(&self, span: Span) -> FileId {
        let after = self.files.partition_point(|file| file.base <= span.start);
        FileId(u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// The file's name and, for a virtual text, its part.
    pub fn name(&self, file: FileId) -> (&str, Option<&str>) {
        self.file(file)
            .map_or(("", None), |file| (&file.name, file.part.as_deref()))
    }

    /// True where nothing of the file may be shown.
    pub fn is_sensitive(&self, file: FileId) -> bool {
        self.file(file).is_some_and(|file| file.sensitive)
    }

    /// The text of a file as people see it: minified JSON is laid out, everything else is itself.
    pub fn displayed(&self, id: FileId) -> &Displayed {
        let Some(file) = self.file(id) else {
            return &NOTHING;
        };
        let lay = || {
            if file.hidden.is_empty() {
                lay_out(&file.text, file.part.is_some())
            } else {
                cover(&file.text, &file.hidden)
            }
        };
        file.shown.get_or_init(lay)
    }

    /// The byte range of a span in the displayed text of its file.
    pub fn displayed_range(&self, span: Span) -> (FileId, Range<usize>) {
        let id = self.file_of(span);
        let Some(file) = self.file(id) else {
            return (id, 0..0);
        };
        let shown = self.displayed(id);
        let length = u32::try_from(file.text.len()).unwrap_or(u32::MAX);
        let (start, end) = (
            span.start.saturating_sub(file.base).min(length),
            span.end.saturating_sub(file.base).min(length),
        );
        let to = if end > start {
            shown.end(end)
        } else {
            shown.offset(end)
        };
        (id, shown.offset(start) as usize..to as usize)
    }

    /// File, lines, columns and text of a span. A sensitive file gives its name and nothing of its text.
    pub fn location(&self, span: Span) -> Location {
        let (id, range) = self.displayed_range(span);
        let (name, part) = self.name(id);
        let shown = self.displayed(id);
        let sensitive = self.is_sensitive(id);
        Location {
            file: name.to_owned(),
            part: part.map(str::to_owned),
            start: if sensitive {
                Place { line: 1, column: 1 }
            } else {
                place(&shown.text, shown.lines(), range.start)
            },
            end: if sensitive {
                Place { line: 1, column: 1 }
            } else {
                place(&shown.text, shown.lines(), range.end)
            },
            text: if sensitive {
                String::new()
            } else {
                shown.text.get(range).unwrap_or_default().to_owned()
            },
        }
    }

    /// Where a span starts and ends in the text that was read, the end exclusive. Other than in [`location`](Self::location), nothing is
    /// laid out or covered, so that the places are those of the file on disk.
    pub fn written(&self, span: Span) -> (Place, Place) {
        let Some((file, range)) = self.read(span) else {
            return (Place { line: 1, column: 1 }, Place { line: 1, column: 1 });
        };
        let lines = file.lines.get_or_init(|| Lines::of(&file.text));
        let place = |offset| place(&file.text, lines, offset);
        (place(range.start), place(range.end))
    }

    /// The text of a span as it was read. It may be sensitive.
    pub(crate) fn written_text(&self, span: Span) -> &str {
        let text = self
            .read(span)
            .and_then(|(file, range)| file.text.get(range));
        text.unwrap_or_default()
    }

    /// A span's file, and the span's bytes in it.
    fn read(&self, span: Span) -> Option<(&File, Range<usize>)> {
        let file = self.file(self.file_of(span))?;
        let at = |offset: u32| (offset.saturating_sub(file.base) as usize).min(file.text.len());
        Some((file, at(span.start)..at(span.end)))
    }

    fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }
}

fn place(text: &str, lines: &Lines, offset: usize) -> Place {
    let mut cut = offset.min(text.len());
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let from_1 = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Place {
        line: from_1(lines.number(cut)),
        column: from_1(lines.column(text, cut)),
    }
}

/// Lays minified JSON out over lines, keeping every byte outside white space and where it came from.
fn lay_out(text: &Arc<str>, is_part: bool) -> Displayed {
    let minified =
        is_part && text.trim_start().starts_with(['{', '[']) && text.trim().lines().count() <= 1;
    if !minified {
        return Displayed::of(Arc::clone(text), vec![(0, 0)]);
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut runs: Vec<(u32, u32)> = Vec::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut contiguous = false;
    let bytes = text.as_bytes();
    let next_token = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .find(|byte| !byte.is_ascii_whitespace())
            .copied()
    };
    for (at, letter) in text.char_indices() {
        if !in_string && letter.is_ascii_whitespace() {
            contiguous = false;
            continue;
        }
        let closes_something = matches!(letter, '}' | ']') && !in_string;
        if closes_something {
            depth = depth.saturating_sub(1);
            if !out.ends_with(['{', '[']) {
                new_line(&mut out, depth);
                contiguous = false;
            }
        }
        if !contiguous {
            runs.push((
                u32::try_from(at).unwrap_or(u32::MAX),
                u32::try_from(out.len()).unwrap_or(u32::MAX),
            ));
            contiguous = true;
        }
        out.push(letter);
        if in_string {
            (in_string, escaped) = (escaped || letter != '"', letter == '\\' && !escaped);
            continue;
        }
        match letter {
            '"' => in_string = true,
            '{' | '[' => {
                depth += 1;
                if !matches!(next_token(at + 1), Some(b'}' | b']')) {
                    new_line(&mut out, depth);
                    contiguous = false;
                }
            }
            ',' => {
                new_line(&mut out, depth);
                contiguous = false;
            }
            ':' => {
                out.push(' ');
                contiguous = false;
            }
            _ => {}
        }
    }
    Displayed::of(Arc::from(out), runs)
}

/// The text with stretches of it covered; whatever follows stays on its line.
fn cover(text: &Arc<str>, hidden: &[Range<u32>]) -> Displayed {
    let offset = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut out = String::with_capacity(text.len());
    let (mut runs, mut covered) = (vec![(0, 0)], Vec::new());
    let mut from = 0;
    for range in hidden {
        let (start, end) = (range.start as usize, range.end as usize);
        out.push_str(text.get(from..start).unwrap_or_default());
        let at = offset(out.len());
        out.push_str(HIDDEN);
        covered.push((range.clone(), at..offset(out.len())));
        let lines = text.get(start..end).unwrap_or_default();
        out.extend(lines.matches('\n'));
        runs.push((range.end, offset(out.len())));
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Displayed {
        hidden: covered,
        ..Displayed::of(Arc::from(out), runs)
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    // Bounded: a hostile policy of ten thousand brackets must not become a page of spaces a line.
    out.extend(std::iter::repeat_n("  ", depth.min(32)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minified_policy_is_laid_out_and_spans_follow() {
        let mut map = SourceMap::new();
        let text = r#"{"Statement":[{"Sid":"a, \"b\"","Action":["x"]}],"E":{}}"#;
        map.add("first", "0123").unwrap();
        let file = map
            .add_part("plan.json", "aws_kms_key.k › policy", text, false)
            .unwrap();
        let at = text.find("\"x\"").unwrap();
        let location = map.location(map.span(file, at..at + 3));
        assert_eq!(location.text, "\"x\"");
        assert_eq!(location.start, Place { line: 6, column: 9 });
        assert_eq!(
            &*map.displayed(file).text,
            "{\n  \"Statement\": [\n    {\n      \"Sid\": \"a, \\\"b\\\"\",\n      \"Action\": [\n        \"x\"\n      ]\n    }\n  ],\n  \"E\": {}\n}"
        );
    }

    #[test]
    fn columns_count_code_points_and_the_end_belongs_to_its_file() {
        let mut map = SourceMap::new();
        let first = map.add("a", "é\nüx").unwrap();
        map.add("b", "z").unwrap();
        let span = map.span(first, 5..6);
        assert_eq!(map.location(span).start, Place { line: 2, column: 2 });
        assert_eq!(map.file_of(map.span(first, 6..6)), first);
    }

    #[test]
    fn a_hidden_stretch_is_covered_and_lines_keep_their_numbers() {
        let mut map = SourceMap::new();
        map.add("first", "0123").unwrap();
        let text = "a = <<E\nsecret\nE\nb = sensitive(\"secret\")\nc = 1\n";
        let file = map.add("main.tf", text).unwrap();
        let at = |part: &str| text.find(part).unwrap();
        map.hide(map.span(file, 4..17));
        map.hide(map.span(file, at("\"secret\"")..at(")\n")));
        assert_eq!(
            &*map.displayed(file).text,
            "a = (sensitive)\n\n\nb = sensitive((sensitive))\nc = 1\n"
        );
        let shown = |range: Range<usize>| map.location(map.span(file, range));
        let last = shown(at("c =")..at("c =") + 5);
        assert_eq!((last.text.as_str(), last.start.line), ("c = 1", 5));
        assert_eq!(shown(8..14).text, "(sensitive)");
        assert_eq!(
            shown(at("sensitive(")..at(")\n") + 1).text,
            "sensitive((sensitive))"
        );
        assert!(!shown(0..text.len()).text.contains("secret"));
    }

    #[test]
    fn a_sensitive_text_gives_no_text() {
        let mut map = SourceMap::new();
        let file = map
            .add_part("plan.json", "k › policy", "{\"secret\":1}", true)
            .unwrap();
        assert_eq!(map.location(map.whole(file)).text, "");
    }
}
