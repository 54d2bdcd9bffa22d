//! Rewrites what Terraform accepts and `hcl_edit` does not, byte for byte, so that every place stays what it was.
//!
//! Only the shape of an expression is read from the rewritten text; names, numbers and texts are read from the original at the same place.

/// What the scanner is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// `{ for … }`: newlines mean nothing.
    Loop,
    /// Any other bracket, or the whole expression.
    Plain,
    /// `"…"`
    Quoted,
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

    fn mode(&self) -> Mode {
        self.modes.last().copied().unwrap_or(Mode::Plain)
    }

    fn step(&mut self) {
        match self.mode() {
            Mode::Quoted | Mode::Template => self.text(),
            Mode::Loop | Mode::Plain => self.code(),
        }
    }

    /// One step inside a template.
    fn text(&mut self) {
        let quoted = self.mode() == Mode::Quoted;
        self.at += match self.rest() {
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => 3,
            [b'$' | b'%', b'{', ..] => {
                self.modes.push(Mode::Plain);
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

    /// One step inside an expression.
    fn code(&mut self) {
        match self.rest() {
            [b'"', ..] => {
                self.modes.push(Mode::Quoted);
                self.at += 1;
            }
            [b'#', ..] | [b'/', b'/', ..] => self.comment(),
            [b'/', b'*', ..] => {
                let end = self.rest().windows(2).position(|two| two == b"*/");
                self.at += end.map_or(self.rest().len(), |end| end + 2);
            }
            [b'<', b'<', ..] => self.heredoc(),
            [b'{', inside @ ..] => {
                let mode = if begins_loop(inside) {
                    Mode::Loop
                } else {
                    Mode::Plain
                };
                self.modes.push(mode);
                self.at += 1;
            }
            [b'[' | b'(', ..] => {
                self.modes.push(Mode::Plain);
                self.at += 1;
            }
            [b'}' | b']' | b')', ..] => {
                if self.modes.len() > 1 {
                    self.modes.pop();
                }
                self.at += 1;
            }
            [b'\n' | b'\r', ..] if self.mode() == Mode::Loop => self.blank(1),
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

    /// A comment up to the end of its line; inside a loop it would comment out what follows the newline.
    fn comment(&mut self) {
        let end = self.rest().iter().position(|byte| *byte == b'\n');
        let length = end.unwrap_or(self.rest().len());
        if self.mode() == Mode::Loop {
            self.blank(length);
        } else {
            self.at += length;
        }
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

    /// Skips a heredoc. A comma on the line after its end moves up, where `hcl_edit` looks for it.
    fn heredoc(&mut self) {
        let rest = self.rest();
        let start = if rest.get(2) == Some(&b'-') { 3 } else { 2 };
        let name: Vec<u8> = rest
            .iter()
            .skip(start)
            .copied()
            .take_while(|it| is_word(*it))
            .collect();
        if name.is_empty() {
            self.at += 2;
            return;
        }
        let mut at = 0;
        let mut end = None;
        for line in rest.split_inclusive(|byte| *byte == b'\n') {
            let words = line.trim_ascii_start();
            let closes = words.strip_prefix(name.as_slice());
            if at > 0 && closes.is_some_and(|after| !after.first().copied().is_some_and(is_word)) {
                end = Some(at + line.len() - words.len() + name.len());
                break;
            }
            at += line.len();
        }
        self.at += end.unwrap_or(rest.len());
        let space = self
            .rest()
            .iter()
            .take_while(|it| it.is_ascii_whitespace())
            .count();
        if self.rest().get(space) == Some(&b',') {
            self.blank(space);
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80
}

/// True where what follows a brace is `for` and white space.
fn begins_loop(inside: &[u8]) -> bool {
    let words = inside.trim_ascii_start();
    words
        .strip_prefix(b"for")
        .and_then(<[u8]>::first)
        .is_some_and(u8::is_ascii_whitespace)
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
