//! Comments of a text in HCL, and the lines that each speaks of. It reads no more than it must know not to take a `#` in a string or in a
//! heredoc for a comment, and to find the bracket that closes one.

use std::collections::BTreeMap;
use std::ops::Range;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// The comment with its signs.
    pub(super) whole: Range<usize>,
    /// The text between its signs.
    pub(super) text: Range<usize>,
    /// What it speaks of: the line that it ends, or else the line below, up to the bracket that closes what the line opens.
    pub(super) about: Option<Range<usize>>,
}

/// A bracket that is open, or the string that an interpolation goes back to.
enum Open {
    Bracket(usize),
    Interpolation,
}

/// A comment as it was met.
struct Met {
    whole: Range<usize>,
    text: Range<usize>,
    /// Where its line starts.
    line: usize,
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Open>,
    /// The brackets by their places, in the order in which they close.
    pairs: Vec<(usize, usize)>,
    comments: Vec<Met>,
    /// Where the lines end.
    ends: Vec<usize>,
    /// Where the lines start that hold something beside comments.
    busy: Vec<usize>,
    line: usize,
}

/// The comments of a text in order. The time is that of sorting its brackets, whatever the text.
pub(super) fn comments(text: &str) -> Vec<Comment> {
    let mut scan = Scan {
        text,
        at: 0,
        open: Vec::new(),
        pairs: Vec::new(),
        comments: Vec::new(),
        ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
        busy: Vec::new(),
        line: 0,
    };
    scan.run();
    scan.pairs.sort_unstable();
    let lines = scan.lines();
    let mut known: BTreeMap<usize, Range<usize>> = BTreeMap::new();
    let met = std::mem::take(&mut scan.comments).into_iter();
    met.zip(lines)
        .map(|(it, line)| Comment {
            whole: it.whole,
            text: it.text,
            about: line.map(|line| {
                let range = known.entry(line).or_insert_with(|| scan.from(line));
                range.clone()
            }),
        })
        .collect()
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> u8 {
        let at = self.at + ahead;
        self.text.as_bytes().get(at).copied().unwrap_or_default()
    }

    fn run(&mut self) {
        while self.at < self.text.len() {
            match (self.byte(0), self.byte(1)) {
                (b'\n', _) => {
                    self.at += 1;
                    self.line = self.at;
                }
                (b' ' | b'\t' | b'\r', _) => self.at += 1,
                (b'#', _) => self.line_comment(1),
                (b'/', b'/') => self.line_comment(2),
                (b'/', b'*') => self.block_comment(),
                (b'<', b'<') => {
                    self.mark();
                    self.heredoc();
                }
                (b'"', _) => {
                    self.mark();
                    self.at += 1;
                    self.string();
                }
                (b'{' | b'[' | b'(', _) => {
                    self.mark();
                    self.open.push(Open::Bracket(self.at));
                    self.at += 1;
                }
                (b'}' | b']' | b')', _) => {
                    self.mark();
                    let closed = self.open.pop();
                    self.at += 1;
                    match closed {
                        Some(Open::Bracket(from)) => self.pairs.push((from, self.at)),
                        Some(Open::Interpolation) => self.string(),
                        None => {}
                    }
                }
                _ => {
                    self.mark();
                    self.at += 1;
                }
            }
        }
    }

    /// Notes that the line holds something.
    fn mark(&mut self) {
        if self.busy.last() != Some(&self.line) {
            self.busy.push(self.line);
        }
    }

    fn line_comment(&mut self, signs: usize) {
        let end = self.end_of_line(self.at);
        self.comments.push(Met {
            whole: self.at..end,
            text: self.at + signs..end,
            line: self.line,
        });
        self.at = end;
    }

    fn block_comment(&mut self) {
        let body = self.rest().get(2..).unwrap_or_default();
        let (inner, signs) = match body.find("*/") {
            Some(length) => (length, 4),
            None => (body.len(), 2),
        };
        let end = self.at + inner + signs;
        let text = self.at + 2..self.at + 2 + inner;
        let line = self.line;
        let lines = self.text.get(text.clone()).unwrap_or_default();
        if let Some(last) = lines.rfind('\n') {
            self.line = text.start + last + 1;
        }
        self.comments.push(Met {
            whole: self.at..end,
            text,
            line,
        });
        self.at = end;
    }

    /// The rest of a string, up to its quote or to an interpolation, which is code again.
    fn string(&mut self) {
        loop {
            match (self.byte(0), self.byte(1), self.byte(2)) {
                (b'\\', ..) => self.at += 2,
                (b'$', b'$', b'{') | (b'%', b'%', b'{') => self.at += 3,
                (b'$' | b'%', b'{', _) => {
                    self.at += 2;
                    self.open.push(Open::Interpolation);
                    return;
                }
                (b'"', ..) => {
                    self.at += 1;
                    return;
                }
                // A string does not go over the end of its line: what follows is read as if it had ended.
                (b'\n', ..) => return,
                _ if self.at >= self.text.len() => return,
                _ => self.at += 1,
            }
        }
    }

    /// A heredoc with all of its lines; anything else that starts with `<<` is passed.
    fn heredoc(&mut self) {
        let end = self.end_of_line(self.at);
        let short = end - self.at < 256 && end < self.text.len();
        let head = self.text.get(self.at..end).filter(|_| short);
        let word = head
            .and_then(|it| it.get(2..))
            .map(|it| it.trim_start_matches('-').trim());
        let named = |it: &&str| {
            !it.is_empty()
                && it
                    .chars()
                    .all(|it| it.is_alphanumeric() || "_-".contains(it))
        };
        let (Some(word), Some(head)) = (word.filter(named), head) else {
            self.at += 2;
            return;
        };
        let word = word.to_owned();
        let mut at = self.at + head.len() + 1;
        let lines = self.text.get(at..).unwrap_or_default();
        for line in lines.split_inclusive('\n') {
            if line.trim() == word {
                // Behind the closing word the line goes on: a bracket may follow on the next one.
                let length = line.trim_end_matches(['\n', '\r']).len();
                self.line = at;
                self.at = at + length;
                return;
            }
            at += line.len();
        }
        self.at = self.text.len();
    }

    fn end_of_line(&self, at: usize) -> usize {
        let end = self.ends.partition_point(|end| *end < at);
        self.ends.get(end).copied().unwrap_or(self.text.len())
    }

    /// The line that each comment is about: its own, where that holds anything else; else the one below, or further down where other
    /// comments follow at once; none where that line is empty.
    fn lines(&self) -> Vec<Option<usize>> {
        let mut lines: Vec<Option<usize>> = Vec::new();
        // The comment below, with the line that it is about.
        let mut below: Option<(usize, Option<usize>)> = None;
        for it in self.comments.iter().rev() {
            let next = self.end_of_line(it.whole.end) + 1;
            let line = if self.busy.binary_search(&it.line).is_ok() {
                Some(it.line)
            } else if self.busy.binary_search(&next).is_ok() {
                Some(next)
            } else {
                let known = below.filter(|(at, _)| *at == next || *at == it.line);
                known.and_then(|(_, line)| line)
            };
            below = Some((it.line, line));
            lines.push(line);
        }
        lines.reverse();
        lines
    }

    /// A line, up to the bracket that closes the first that it opens and leaves open.
    fn from(&self, line: usize) -> Range<usize> {
        let end = self.end_of_line(line);
        let first = self.pairs.partition_point(|(open, _)| *open < line);
        let pairs = self.pairs.get(first..).unwrap_or_default().iter();
        let mut opened = pairs.take_while(|(open, _)| *open < end);
        let close = opened.find(|(_, close)| *close > end);
        line..close.map_or(end, |(_, close)| *close)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::string_slice, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    /// Each comment's text and what it is about.
    fn found(text: &str) -> Vec<(&str, Option<&str>)> {
        let all = comments(text).into_iter();
        all.map(|it| (text[it.text].trim(), it.about.map(|it| text[it].trim())))
            .collect()
    }

    #[test]
    fn a_comment_is_about_the_line_that_it_ends_or_the_one_below() {
        assert_eq!(
            found("# one\n// two\na = 1 # three\n/* four */ b = 2\n\n# five\n\nc = 3\n"),
            [
                ("one", Some("a = 1 # three")),
                ("two", Some("a = 1 # three")),
                ("three", Some("a = 1 # three")),
                ("four", Some("/* four */ b = 2")),
                ("five", None),
            ]
        );
        assert_eq!(found("/* a\n b */\nx = 1\n"), [("a\n b", Some("x = 1"))]);
        assert_eq!(found("# last"), [("last", None)]);
    }

    #[test]
    fn what_a_line_opens_belongs_to_it() {
        let text = "# block\nresource \"a\" \"b\" { # end\n  policy = jsonencode({ # call\n    Statement = [\n      # statement\n      {\n        Sid = \"x}\"\n      },\n      { # other\n      }]\n  })\n}\nx = 1\n";
        let found = found(text);
        let about = |name: &str| {
            found
                .iter()
                .find(|it| it.0 == name)
                .and_then(|it| it.1)
                .unwrap_or("")
        };
        assert!(about("block").starts_with("resource") && about("block").ends_with("})\n}"));
        assert_eq!(about("end"), about("block"));
        assert!(about("call").starts_with("policy") && about("call").ends_with("})"));
        assert!(about("statement").starts_with('{') && about("statement").ends_with('}'));
        assert!(about("statement").contains("Sid") && !about("statement").contains("other"));
        assert!(about("other").starts_with("{ # other") && about("other").ends_with('}'));
    }

    #[test]
    fn strings_and_heredocs_hold_no_comments() {
        for text in [
            "a = \"# no\"\n",
            "a = \"\\\" # no\"\n",
            "a = \"$${ # no\"\n",
            "a = \"${ \"# no\" } # no\"\n",
            "a = <<EOF\n# no\n // no\nEOF\n",
            "a = <<-EOF\n# no\n\tEOF\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        assert_eq!(found("a = <<EOF\n# no\nEOF\nb = 1 # yes\n").len(), 1);
        assert_eq!(found("a = \"${x # yes\n}\" # yes\n").len(), 2);
        assert_eq!(found("a = 1 << 2 # yes\n").len(), 1);
    }

    #[test]
    fn long_texts_take_no_long_time() {
        for piece in ["# a\n", "/* a */", "<<", "\"${", "{ /* a */ }", "<<A\n"] {
            let text = piece.repeat(400_000);
            assert!(comments(&text).len() <= 400_000);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z #/*\"${}%()\\[\\]<>\n\\\\é-]{0,60}") {
            for it in comments(&text) {
                prop_assert!(text.get(it.whole).is_some() && text.get(it.text).is_some());
                prop_assert!(it.about.is_none_or(|it| text.get(it).is_some()));
            }
        }
    }
}
