//! Where an expression ends, and what in it `hcl_edit` cannot read as a part of the whole.
//!
//! Goes over the bytes once, with a stack of what is open: strings, heredocs, brackets.

use std::ops::Range;

/// An object with more separators than this is read in parts: `hcl_edit` compares each key with all before it.
pub(super) const LARGE: usize = 512;

/// How many levels lie between two pieces that are read on their own. `hcl_edit` reads 64 levels, of which a bracket takes one or two.
const LEVELS: usize = 20;

/// More levels are not evaluated anyway.
pub(super) const DEEPEST: usize = 256;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) message: String,
    pub(super) range: Range<usize>,
}

impl Trouble {
    pub(super) fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        let message = message.into();
        Trouble { message, range }
    }
}

/// An expression's stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::hcl) struct Extent {
    /// From its first byte to its last one.
    pub(in crate::hcl) range: Range<usize>,
    /// Objects with many members, the inner ones first.
    pub(super) large: Vec<Range<usize>>,
    /// Lists and objects that lie deep, the inner ones first.
    pub(super) deep: Vec<Range<usize>>,
    /// How many levels are open at most.
    pub(super) levels: usize,
}

/// What is open.
enum Open {
    /// A bracket or `${`, its closing bracket, and the place of the opening one.
    Bracket {
        close: u8,
        at: usize,
        /// True for `{ … }` that may be an object.
        object: bool,
        separators: usize,
        /// True where it is a piece of its own.
        piece: bool,
        /// The levels between here and the piece around it.
        since: usize,
    },
    /// `"`
    Quote { at: usize, since: usize },
    /// A heredoc's marker.
    Heredoc {
        marker: Range<usize>,
        at: usize,
        since: usize,
    },
}

impl Open {
    fn since(&self) -> usize {
        match self {
            Open::Bracket { since, piece, .. } => {
                if *piece {
                    0
                } else {
                    *since
                }
            }
            Open::Quote { since, .. } | Open::Heredoc { since, .. } => *since,
        }
    }
}

/// Finds the end of the expression that begins at `start`: a newline, a comment, a closing brace, a comma where `comma` says so, or the
/// end of the text, outside of everything that the expression opens.
pub(super) fn extent(text: &str, start: usize, comma: bool) -> Result<Extent, Trouble> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: start,
        open: Vec::new(),
        comma,
        out: Extent::default(),
    };
    let mut range: Option<Range<usize>> = None;
    loop {
        let (from, outside) = (scan.at, scan.open.is_empty());
        let space = outside && scan.at_space();
        if !scan.step()? {
            let here = scan.at;
            scan.out.range = range.unwrap_or(here..here);
            return Ok(scan.out);
        }
        if !space {
            range.get_or_insert(from..from).end = scan.at;
        }
    }
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    open: Vec<Open>,
    comma: bool,
    out: Extent,
}

impl Scan<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// One step; false at the end.
    fn step(&mut self) -> Result<bool, Trouble> {
        match self.open.last() {
            Some(Open::Quote { .. }) => self.quoted(),
            Some(Open::Heredoc { .. }) => self.heredoc(),
            _ => self.code(),
        }
    }

    /// True where white space or a comment stands here, which outside of everything is no part of an expression at its ends.
    fn at_space(&self) -> bool {
        matches!(
            self.rest(),
            [b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c, ..] | [b'/', b'*', ..]
        )
    }

    fn since(&self) -> usize {
        self.open.last().map_or(0, Open::since)
    }

    fn push(&mut self, open: Open) {
        self.open.push(open);
        self.out.levels = self.out.levels.max(self.open.len());
    }

    fn bracket(&mut self, close: u8, length: usize, literal: bool) {
        let (at, since) = (self.at, self.since() + 1);
        let piece = literal && since >= LEVELS;
        let object = literal && close == b'}';
        self.push(Open::Bracket {
            close,
            at,
            object,
            separators: 0,
            piece,
            since,
        });
        self.at += length;
    }

    fn quoted(&mut self) -> Result<bool, Trouble> {
        let run = self
            .rest()
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'%' | b'\n'));
        self.at = run.map_or(self.bytes.len(), |run| self.at + run);
        match self.rest() {
            [b'"', ..] => {
                self.open.pop();
                self.at += 1;
            }
            [b'\\', b'\n', ..] | [b'\n', ..] | [] => {
                let from = match self.open.last() {
                    Some(Open::Quote { at, .. }) => *at,
                    _ => self.at,
                };
                let message = "this string is not closed on its line";
                return Err(Trouble::new(message, from..self.at));
            }
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => self.at += 3,
            [b'$' | b'%', b'{', ..] => self.bracket(b'}', 2, false),
            [b'\\', ..] => self.at += 2,
            _ => self.at += 1,
        }
        Ok(true)
    }

    /// A line of a heredoc, or the part of one up to a template's mark.
    fn heredoc(&mut self) -> Result<bool, Trouble> {
        let Some(Open::Heredoc { marker, at, .. }) = self.open.last() else {
            return Ok(true);
        };
        let (marker, began) = (marker.clone(), *at);
        let starts_line = self.at.checked_sub(1).and_then(|it| self.bytes.get(it)) == Some(&b'\n');
        let rest = self.rest();
        if rest.is_empty() {
            let name = self.bytes.get(marker.clone()).unwrap_or_default();
            let name = String::from_utf8_lossy(name);
            let message = format!("this heredoc is not closed: no line is `{name}` alone");
            return Err(Trouble::new(message, began..marker.end));
        }
        let length = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        let name = self.bytes.get(marker).unwrap_or_default();
        if starts_line && line.trim_ascii() == name {
            self.at += line.trim_ascii_end().len();
            self.open.pop();
            return Ok(true);
        }
        let mark = line
            .windows(2)
            .position(|two| matches!(two, b"${" | b"%{" | b"$$" | b"%%"));
        let Some(mark) = mark else {
            self.at += line.len() + usize::from(length.is_some());
            return Ok(true);
        };
        self.at += mark;
        match self.rest() {
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => self.at += 3,
            [_, b'{', ..] => self.bracket(b'}', 2, false),
            _ => self.at += 1,
        }
        Ok(true)
    }

    fn code(&mut self) -> Result<bool, Trouble> {
        let outside = self.open.is_empty();
        match self.rest() {
            [] => {
                return match self.open.last() {
                    Some(Open::Bracket { at, .. }) => {
                        Err(Trouble::new("this bracket is not closed", *at..*at + 1))
                    }
                    _ => Ok(false),
                };
            }
            [b'\n', ..] | [b'\r', b'\n', ..] if outside => return Ok(false),
            [b',', ..] if outside && self.comma => return Ok(false),
            [b'#', ..] | [b'/', b'/', ..] => {
                if outside {
                    return Ok(false);
                }
                let line = self.rest().iter().position(|byte| *byte == b'\n');
                self.at = line.map_or(self.bytes.len(), |line| self.at + line);
            }
            [b'/', b'*', ..] => {
                let end = self.rest().windows(2).skip(2).position(|two| two == b"*/");
                let Some(end) = end else {
                    let message = "this comment is not closed";
                    return Err(Trouble::new(message, self.at..self.at + 2));
                };
                self.at += end + 4;
            }
            [b'"', ..] => {
                let (at, since) = (self.at, self.since() + 1);
                self.push(Open::Quote { at, since });
                self.at += 1;
            }
            [b'<', b'<', ..] => self.begin_heredoc(),
            [b'{', ..] => self.bracket(b'}', 1, true),
            [b'[', ..] => {
                let literal = !self.follows_value();
                self.bracket(b']', 1, literal);
            }
            [b'(', ..] => self.bracket(b')', 1, false),
            [b'}' | b']' | b')', ..] => return self.close(),
            [b',' | b'\n', ..] => {
                if let Some(Open::Bracket { separators, .. }) = self.open.last_mut() {
                    *separators += 1;
                }
                self.at += 1;
            }
            _ => self.at += 1,
        }
        Ok(true)
    }

    /// True where a bracket here is an index.
    fn follows_value(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let last = before.trim_ascii_end().last();
        last.is_some_and(|it| it.is_ascii_alphanumeric() || b"_-])}\"*".contains(it) || *it >= 0x80)
    }

    fn close(&mut self) -> Result<bool, Trouble> {
        let found = self.bytes.get(self.at).copied().unwrap_or_default();
        let here = self.at..self.at + 1;
        let Some(open) = self.open.pop() else {
            if found == b'}' {
                return Ok(false);
            }
            let message = format!("`{}` closes nothing", char::from(found));
            return Err(Trouble::new(message, here));
        };
        let Open::Bracket {
            close,
            at,
            object,
            separators,
            piece,
            ..
        } = open
        else {
            return Ok(true);
        };
        if close != found {
            let (wanted, found) = (char::from(close), char::from(found));
            let message = format!("expected `{wanted}`, found `{found}`");
            return Err(Trouble::new(message, here));
        }
        self.at += 1;
        if object && separators > LARGE {
            self.out.large.push(at..self.at);
        } else if piece {
            self.out.deep.push(at..self.at);
        }
        Ok(true)
    }

    /// `<<NAME` or `<<-NAME` and the end of its line.
    fn begin_heredoc(&mut self) {
        let at = self.at;
        let from = at + 2 + usize::from(self.rest().get(2) == Some(&b'-'));
        let after = self.bytes.get(from..).unwrap_or_default();
        let word =
            |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte) || **byte >= 0x80;
        let length = after.iter().take_while(word).count();
        let behind = after.get(length..).unwrap_or_default();
        let ends = matches!(behind, [b'\n', ..] | [b'\r', b'\n', ..]);
        if length == 0 || !ends {
            self.at += 2;
            return;
        }
        let line = behind.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        let since = self.since() + 1;
        let marker = from..from + length;
        self.push(Open::Heredoc { marker, at, since });
        self.at = from + length + line + 1;
    }
}

/// The places at which the members of a large object are parted: after a separator, each part not longer than [`LARGE`] of them.
pub(super) fn parts(text: &str, object: &Range<usize>) -> Vec<Range<usize>> {
    let end = object.end.saturating_sub(1);
    let mut parts = Vec::new();
    let (mut from, mut at, mut count) = (object.start + 1, object.start + 1, 0);
    while at < end {
        match extent(text, at, true) {
            Ok(found) => at = found.range.end.max(at),
            Err(_) => break,
        }
        // What stops an expression: white space, a comment, or a separator.
        match text.as_bytes().get(at..end) {
            Some([b'#', ..] | [b'/', b'/', ..]) => {
                let line = text.as_bytes().get(at..end).unwrap_or_default();
                at += line
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .unwrap_or(line.len());
            }
            Some([b',' | b'\n', ..]) => {
                at += 1;
                count += 1;
                // A comma on a line of its own belongs to what is before it.
                let behind = text.get(at..end).unwrap_or_default().trim_start();
                if count >= LARGE / 4 && !behind.starts_with([',', '#', '/']) {
                    parts.push(from..at);
                    (from, count) = (at, 0);
                }
            }
            _ => at += 1,
        }
    }
    parts.push(from..end);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> String {
        let found = extent(text, 0, false).unwrap();
        text.get(found.range).unwrap().to_owned()
    }

    #[test]
    fn an_expression_ends_with_its_line() {
        for (text, wanted) in [
            ("1 # c\n", "1"),
            (" a // c", "a"),
            (" /* c */ a /* c */ // c", "a"),
            ("/* c\n */ f(/* c */) /* \n */ /**/", "f(/* c */)"),
            ("\"a}#${\"}\n\"}\" }", "\"a}#${\"}\n\"}\""),
        ] {
            let wanted = if text.starts_with('"') {
                None
            } else {
                Some(wanted)
            };
            match wanted {
                Some(wanted) => assert_eq!(end(text), wanted),
                None => assert!(extent(text, 0, false).is_err(), "{text}"),
            }
        }
        assert_eq!(end("f(\n1, # )\n2)[0] }"), "f(\n1, # )\n2)[0]");
        assert_eq!(
            end("<<-E\n a ${<<F\n}\nF\n}\n E\n b"),
            "<<-E\n a ${<<F\n}\nF\n}\n E"
        );
        assert_eq!(
            end("\"$${ %%{ ${ {a = \"}\"}.a } \\\"\"\nx"),
            "\"$${ %%{ ${ {a = \"}\"}.a } \\\"\""
        );
        assert_eq!(end("a /* \n */ + b\n"), "a /* \n */ + b");
        assert_eq!(end("1\r\n"), "1");
        assert_eq!(end("<<E\nEX\nE\r\n"), "<<E\nEX\nE");
    }

    #[test]
    fn what_is_not_closed_is_said_where_it_begins() {
        for (text, underlined) in [
            ("[1, (2]", "]"),
            ("{ a = [1,\n", "["),
            ("\"abc\n\"", "\"abc"),
            ("<<E\nx\nEE\n", "<<E"),
            ("/* x", "/*"),
        ] {
            let trouble = extent(text, 0, false).unwrap_err();
            let found = text.get(trouble.range.clone());
            assert_eq!(found, Some(underlined), "{trouble:?}");
        }
    }
}
