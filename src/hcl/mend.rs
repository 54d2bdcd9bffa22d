//! Rewrites what Terraform accepts and `hcl_edit` does not, byte for byte, so that every place stays what it was.
//!
//! Comments become white space, as they are for Terraform; newlines become spaces where they end nothing.
//!
//! Only the shape of an expression is read from the rewritten text; names, numbers and texts are read from the original at the same place.

use std::ops::Range;

/// What the scanner is in.
#[derive(Clone, PartialEq, Eq)]
enum Mode {
    /// Where newlines mean nothing: every bracket but that of an object, and `${ … }`.
    Free,
    /// An object, or the whole expression: a newline ends something.
    Plain,
    /// `"…"`
    Quoted,
    /// A heredoc, up to the line that is its marker.
    Heredoc(Range<usize>),
    /// A file that is a template.
    Template,
}

/// The text with what `hcl_edit` refuses written in another way, at the same length.
pub(super) fn mended(text: &str, template: bool) -> String {
    let mut scan = Scan {
        bytes: text.as_bytes().to_vec(),
        at: 0,
        modes: vec![if template {
            Mode::Template
        } else {
            Mode::Plain
        }],
    };
    while scan.at < scan.bytes.len() {
        scan.step();
    }
    String::from_utf8(scan.bytes).unwrap_or_else(|_| text.to_owned())
}

struct Scan {
    bytes: Vec<u8>,
    at: usize,
    modes: Vec<Mode>,
}

impl Scan {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn mode(&self) -> &Mode {
        self.modes.last().unwrap_or(&Mode::Plain)
    }

    fn step(&mut self) {
        match self.mode() {
            Mode::Quoted | Mode::Template => self.text(),
            Mode::Heredoc(marker) => {
                let marker = marker.clone();
                self.line(marker);
            }
            Mode::Free | Mode::Plain => self.code(),
        }
    }

    /// One step inside a template.
    fn text(&mut self) {
        let quoted = *self.mode() == Mode::Quoted;
        self.at += match self.rest() {
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => 3,
            [b'$' | b'%', b'{', ..] => {
                self.modes.push(Mode::Free);
                2
            }
            [b'\\', _, ..] if quoted => 2,
            [b'"', ..] if quoted => {
                self.modes.pop();
                1
            }
            _ => 1,
        };
    }

    /// One step inside a heredoc: up to the next mark of a template, or over its last line.
    fn line(&mut self, marker: Range<usize>) {
        let before = self.at.checked_sub(1).and_then(|it| self.bytes.get(it));
        if before != Some(&b'\n') {
            return self.text();
        }
        let name = self.bytes.get(marker).unwrap_or_default();
        let blanks = self.rest().iter().take_while(|it| b" \t".contains(it));
        let blank = blanks.count();
        let words = self.rest().get(blank..).unwrap_or_default();
        let closes = words.strip_prefix(name);
        if closes.is_some_and(|after| !after.first().copied().is_some_and(is_word)) {
            self.at += blank + name.len();
            self.modes.pop();
            self.comma();
        } else {
            self.text();
        }
    }

    /// Behind a heredoc a comma on the next line moves up, where `hcl_edit` looks for it.
    fn comma(&mut self) {
        let mut length = 0;
        loop {
            match self.rest().get(length..).unwrap_or_default() {
                [first, ..] if first.is_ascii_whitespace() => length += 1,
                rest @ [b'/', b'*', ..] => length += block_comment(rest),
                [b',', ..] => return self.blank(length),
                _ => return,
            }
        }
    }

    /// One step inside an expression.
    fn code(&mut self) {
        match self.rest() {
            [b'"', ..] => {
                self.modes.push(Mode::Quoted);
                self.at += 1;
            }
            [b'#', ..] | [b'/', b'/', ..] => {
                let end = self.rest().iter().position(|byte| *byte == b'\n');
                self.blank(end.unwrap_or(self.rest().len()));
            }
            // Whatever it holds, it ends no line.
            rest @ [b'/', b'*', ..] => self.blank(block_comment(rest)),
            [b'<', b'<', ..] => self.heredoc(),
            [b'{', inside @ ..] => {
                let mode = if begins_loop(inside) {
                    Mode::Free
                } else {
                    Mode::Plain
                };
                self.modes.push(mode);
                self.at += 1;
            }
            [b'[' | b'(', ..] => {
                self.modes.push(Mode::Free);
                self.at += 1;
            }
            [b'}' | b']' | b')', ..] => {
                if self.modes.len() > 1 {
                    self.modes.pop();
                }
                self.at += 1;
            }
            [b'\n' | b'\r', ..] if *self.mode() == Mode::Free => self.blank(1),
            [b'0'..=b'9', ..] => self.number(),
            [first, ..] if is_word(*first) => {
                let length = self
                    .rest()
                    .iter()
                    .take_while(|byte| is_word(**byte))
                    .count();
                self.at += length;
            }
            _ => self.at += 1,
        }
    }

    fn blank(&mut self, length: usize) {
        for byte in self.bytes.iter_mut().skip(self.at).take(length) {
            *byte = b' ';
        }
        self.at += length;
    }

    /// A number with an exponent that no float holds becomes zeros.
    fn number(&mut self) {
        let digits = |from: &[u8]| from.iter().take_while(|it| it.is_ascii_digit()).count();
        let rest = self.rest();
        let tail = |from: usize| rest.get(from..).unwrap_or_default();
        let mut end = digits(rest);
        let mut is_large = false;
        if let [b'.', b'0'..=b'9', ..] = tail(end) {
            end += 1 + digits(tail(end + 1));
        }
        let sign = match tail(end) {
            [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] => 2,
            [b'e' | b'E', b'0'..=b'9', ..] => 1,
            _ => 0,
        };
        if sign > 0 {
            let power = digits(tail(end + sign));
            end += sign + power;
            is_large = power > 2;
        }
        if is_large {
            for byte in self.bytes.iter_mut().skip(self.at).take(end) {
                *byte = b'0';
            }
        }
        self.at += end.max(1);
    }

    /// `<<NAME` or `<<-NAME` and the end of its line.
    fn heredoc(&mut self) {
        let rest = self.rest();
        let start = if rest.get(2) == Some(&b'-') { 3 } else { 2 };
        let name = rest.get(start..).unwrap_or_default();
        let length = name.iter().take_while(|it| is_word(**it)).count();
        let newline = match name.get(length..).unwrap_or_default() {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
        if length == 0 || newline == 0 {
            self.at += 2;
            return;
        }
        let from = self.at + start;
        self.modes.push(Mode::Heredoc(from..from + length));
        self.at = from + length + newline;
    }
}

/// The length of `/* … */`, or of all there is where nothing ends it.
fn block_comment(text: &[u8]) -> usize {
    let inside = text.get(2..).unwrap_or_default();
    let end = inside.windows(2).position(|two| two == b"*/");
    end.map_or(text.len(), |end| end + 4)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80
}

/// True where what follows a brace is `for`, behind white space and comments.
fn begins_loop(inside: &[u8]) -> bool {
    let mut words = inside.trim_ascii_start();
    loop {
        let length = match words {
            [b'#', ..] | [b'/', b'/', ..] => words.iter().position(|byte| *byte == b'\n'),
            [b'/', b'*', ..] => Some(block_comment(words)),
            _ => break,
        };
        let rest = length.and_then(|length| words.get(length..));
        words = rest.unwrap_or_default().trim_ascii_start();
    }
    let after = words.strip_prefix(b"for").and_then(<[u8]>::first);
    after.is_some_and(|it| it.is_ascii_whitespace() || matches!(it, b'#' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_refused_changes_and_nothing_moves() {
        let cases = [
            (
                "{ for k in x : k =>\n a ?\n b : c }",
                "{ for k in x : k =>  a ?  b : c }",
            ),
            ("[a, # é\n b /* \n */ + c]", "[a,       b         + c]"),
            (
                "{ a = 1 // c\n b = 2 /* \n */ }",
                "{ a = 1     \n b = 2         }",
            ),
            (
                "{ /* c */ for/**/k in x : k =>\n k }",
                "{         for    k in x : k =>  k }",
            ),
            (
                "<<X\n # ${ /* c */ a # }\n} /* \n  X/* c */ + /**/ b",
                "<<X\n # ${         a     } /* \n  X        +      b",
            ),
            (
                "\"# /* ${a /* \" } */} // \"",
                "\"# /* ${a          } // \"",
            ),
            (
                "{ for k in x : k => { a = 1\n b = 2 } # c\n}",
                "{ for k in x : k => { a = 1\n b = 2 }     }",
            ),
            (
                "{\n a = 1e400\n b = \"1e400\\\"\"\n}",
                "{\n a = 00000\n b = \"1e400\\\"\"\n}",
            ),
            (
                "{ a = <<X\n1e400\nX\n , b = 1 }",
                "{ a = <<X\n1e400\nX  , b = 1 }",
            ),
            ("a1e400 + 2.5e-3 + 1e10", "a1e400 + 2.5e-3 + 1e10"),
            (
                "\"${ {for a in b : a => \n c} }\n\"",
                "\"${ {for a in b : a =>   c} }\n\"",
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(mended(text, false), wanted);
        }
        assert_eq!(mended("\"1e400 ${1e400}", true), "\"1e400 ${00000}");
    }
}
