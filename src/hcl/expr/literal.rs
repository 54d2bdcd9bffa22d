//! The text between the marks of a template, each piece with the place it was written at.

use std::ops::Range;

/// A run of text and the bytes of the file that it was written with: as long as the text itself, or one escape sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

impl Chunk {
    fn is_escape(&self) -> bool {
        self.range.len() != self.text.len()
    }

    /// Takes white space off the front, at most so many letters of it; true where text is left.
    fn trim_start(&mut self, most: usize) -> usize {
        let space = self
            .text
            .chars()
            .take_while(|letter| letter.is_whitespace());
        let (count, bytes) = space.take(most).fold((0, 0), |(count, bytes), letter| {
            (count + 1, bytes + letter.len_utf8())
        });
        self.range.start = if self.is_escape() && bytes > 0 {
            self.range.end
        } else {
            self.range.start + bytes
        };
        self.text.drain(..bytes);
        count
    }

    fn trim_end(&mut self) {
        let kept = self.text.trim_end().len();
        if kept < self.text.len() {
            self.range.end = if self.is_escape() {
                self.range.start
            } else {
                self.range.start + kept
            };
            self.text.truncate(kept);
        }
    }
}

/// A literal token of Terraform's scanner: in a heredoc or a file never more than a line. `~` and `<<-` work token by token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) chunks: Vec<Chunk>,
}

impl Token {
    /// Takes all white space off the front.
    pub(super) fn trim_start(&mut self) {
        for chunk in &mut self.chunks {
            chunk.trim_start(usize::MAX);
            if !chunk.text.is_empty() {
                break;
            }
        }
    }

    /// Takes all white space off the end.
    pub(super) fn trim_end(&mut self) {
        for chunk in self.chunks.iter_mut().rev() {
            chunk.trim_end();
            if !chunk.text.is_empty() {
                break;
            }
        }
    }

    /// Takes so many letters of white space off the front.
    pub(super) fn dedent(&mut self, mut most: usize) {
        for chunk in &mut self.chunks {
            most -= chunk.trim_start(most);
            if most == 0 || !chunk.text.is_empty() {
                break;
            }
        }
    }

    /// The letters of white space at the front; `None` for a blank line, which no indent is counted of.
    pub(super) fn indent(&self) -> Option<usize> {
        let letters = || self.chunks.iter().flat_map(|chunk| chunk.text.chars());
        let blank = self.ends_line() && letters().all(char::is_whitespace);
        (!blank).then(|| {
            letters()
                .take_while(|letter| letter.is_whitespace())
                .count()
        })
    }

    /// True where the token ends with a newline.
    pub(super) fn ends_line(&self) -> bool {
        self.chunks
            .last()
            .is_some_and(|last| last.text.ends_with('\n'))
    }
}

/// An escape sequence that Terraform does not know, or a newline where none may be; and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadText {
    pub(super) message: &'static str,
    pub(super) range: Range<usize>,
}

/// The tokens of raw text that starts at the byte `at` of its file. In quotes there are escape sequences and no newlines.
pub(super) fn tokens(raw: &str, at: usize, quoted: bool) -> Result<Vec<Token>, BadText> {
    if quoted {
        let chunks = decode(raw, at, true)?;
        return Ok(vec![Token { chunks }]);
    }
    let mut start = at;
    raw.split_inclusive('\n')
        .map(|line| {
            let chunks = decode(line, start, false)?;
            start += line.len();
            Ok(Token { chunks })
        })
        .collect()
}

/// The chunks of raw text.
pub(super) fn decode(raw: &str, at: usize, quoted: bool) -> Result<Vec<Chunk>, BadText> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut rest = raw;
    let mut place = at;
    while let Some(first) = rest.chars().next() {
        let (text, length) = match first {
            '$' if rest.starts_with("$${") => ("${".to_owned(), 3),
            '%' if rest.starts_with("%%{") => ("%{".to_owned(), 3),
            '\\' if quoted => escape(rest, place)?,
            '\n' if quoted => {
                return Err(BadText {
                    message: "quoted strings may not be split over multiple lines; use `\\n` or a heredoc",
                    range: place..place + 1,
                });
            }
            _ => (first.to_string(), first.len_utf8()),
        };
        let end = place + length;
        match chunks.last_mut() {
            Some(last) if text.len() == length && !last.is_escape() => {
                last.text.push_str(&text);
                last.range.end = end;
            }
            _ => chunks.push(Chunk {
                text,
                range: place..end,
            }),
        }
        rest = rest.get(length..).unwrap_or_default();
        place = end;
    }
    Ok(chunks)
}

/// The text of an escape sequence, and its length.
fn escape(rest: &str, at: usize) -> Result<(String, usize), BadText> {
    let bad = |length: usize| BadText {
        message: "this is no escape sequence; there are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uNNNN` and `\\UNNNNNNNN`",
        range: at..at + length,
    };
    let hex = |digits: usize| {
        let code = rest.get(2..2 + digits).ok_or(bad(2))?;
        let code = u32::from_str_radix(code, 16).map_err(|_| bad(2))?;
        // Go reads a lone half of a surrogate pair as the replacement character.
        let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        Ok((letter.to_string(), 2 + digits))
    };
    let plain = |text: &str| Ok((text.to_owned(), 2));
    match rest.chars().nth(1) {
        Some('n') => plain("\n"),
        Some('r') => plain("\r"),
        Some('t') => plain("\t"),
        Some('"') => plain("\""),
        Some('\\') => plain("\\"),
        Some('u') => hex(4),
        Some('U') => hex(8),
        _ => Err(bad(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(raw: &str, quoted: bool) -> Vec<(String, Range<usize>)> {
        let chunks = decode(raw, 10, quoted).unwrap();
        chunks.into_iter().map(|it| (it.text, it.range)).collect()
    }

    #[test]
    fn escapes_have_their_own_place() {
        assert_eq!(
            chunks(r#"ab\"c$${d"#, true),
            [
                ("ab".to_owned(), 10..12),
                ("\"".to_owned(), 12..14),
                ("c".to_owned(), 14..15),
                ("${".to_owned(), 15..18),
                ("d".to_owned(), 18..19),
            ]
        );
        assert_eq!(chunks(r"a\n", false), [("a\\n".to_owned(), 10..13)]);
        assert_eq!(chunks(r"\u00e9x", true)[1], ("x".to_owned(), 16..17));
        assert_eq!(decode(r"a\q", 0, true).unwrap_err().range, 1..2);
        assert_eq!(decode("a\nb", 0, true).unwrap_err().range, 1..2);
    }

    #[test]
    fn white_space_goes_and_places_stay_true() {
        let mut token = tokens("  a \n", 5, false).unwrap().remove(0);
        assert_eq!((token.indent(), token.ends_line()), (Some(2), true));
        token.trim_end();
        token.dedent(1);
        assert_eq!(token.chunks[0].text, " a");
        assert_eq!(token.chunks[0].range, 6..8);
        assert_eq!(tokens(" \n", 0, false).unwrap()[0].indent(), None);
    }
}
