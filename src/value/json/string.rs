//! Strings in quotes, with what is unknown in them.

use super::{Next, Reader, Stop};
use crate::source::{NodeKind, parse_json_text};
use crate::value::{Part, PartKind, Text};

impl Reader<'_, '_> {
    /// A string in quotes, and whether any of it is sensitive.
    pub(super) fn string(&mut self) -> Result<(Text, bool), Stop> {
        let start = self.at;
        self.at += 1;
        let mut pieces = Pieces::default();
        loop {
            match self.next() {
                Next::Hole(part) => {
                    self.hole += 1;
                    pieces.close(self);
                    pieces.parts.push(part.clone());
                }
                Next::Byte(b'"') => break,
                Next::Byte(b'\\') => self.escapes(&mut pieces)?,
                Next::Byte(0..0x20) | Next::End => return Err(Stop::Syntax),
                Next::Byte(_) => {
                    let most = self.tape.literal_end(self.at) - self.at;
                    let stretch = self.stretch();
                    let run = stretch
                        .bytes()
                        .take(most)
                        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
                        .unwrap_or(stretch.len().min(most));
                    // A letter is never in two parts.
                    let text = stretch.get(..run).ok_or(Stop::Syntax)?;
                    pieces.push(self, text, run);
                }
            }
        }
        pieces.close(self);
        self.at += 1;
        let text = Text::from_parts(pieces.parts);
        let sensitive = text.is_sensitive() || self.tape.is_sensitive(&(start..self.at));
        Ok((text, sensitive))
    }

    /// Escape sequences that follow each other, of which two may make one letter.
    fn escapes(&mut self, pieces: &mut Pieces) -> Result<(), Stop> {
        let stretch = self.stretch();
        let mut length = 0;
        while let Some(rest) = stretch.get(length..)
            && rest.starts_with('\\')
        {
            length += if rest.starts_with("\\u") { 6 } else { 2 };
        }
        let run = stretch.get(..length).ok_or(Stop::Syntax)?;
        let node = parse_json_text(&format!("\"{run}\""), 0).map_err(|_| Stop::Syntax)?;
        let NodeKind::String(text) = node.kind else {
            return Err(Stop::Syntax);
        };
        pieces.push(self, &text, length);
        Ok(())
    }
}

/// The parts of a string: what is written in one piece is one.
#[derive(Default)]
struct Pieces {
    parts: Vec<Part>,
    /// The piece that is being read, and the bytes that it was read from.
    text: String,
    start: usize,
}

impl Pieces {
    /// Takes text that the next bytes stand for. It goes on where the piece before it ends, or it is a piece of its own.
    fn push(&mut self, reader: &mut Reader<'_, '_>, text: &str, length: usize) {
        let (at, tape, sources) = (reader.at, reader.tape, reader.run.sources);
        let range = at..at + length;
        if !self.text.is_empty() {
            let before = tape.origin(at - 1..at, sources).span();
            let here = tape.origin(at..at + 1, sources).span();
            let marks = tape.is_sensitive(&(at - 1..at)) == tape.is_sensitive(&range);
            if !marks || (before.end != here.start && before != here) {
                self.close(reader);
            }
        }
        if self.text.is_empty() {
            self.start = at;
        }
        self.text.push_str(text);
        reader.at += length;
    }

    /// Ends the piece.
    fn close(&mut self, reader: &Reader<'_, '_>) {
        if self.text.is_empty() {
            return;
        }
        let range = self.start..reader.at;
        self.parts.push(Part {
            kind: PartKind::Literal(std::mem::take(&mut self.text)),
            origin: reader.tape.origin(range.clone(), reader.run.sources),
            sensitive: reader.tape.is_sensitive(&range),
        });
    }
}
