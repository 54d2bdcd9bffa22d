//! JSON over the parts of a text: a policy with symbols in it is read as far as its structure is known.
//!
//! | a symbol or hole stands | reading |
//! |---|---|
//! | inside a string | symbolic text |
//! | inside an object key | the object is open |
//! | as the one value after a `:`, or as the whole text | an unknown value, or the value whose JSON it is |
//! | among the items of an array, or the members of an object | the array or object is open |
//! | there, as a [`Meaning::Either`] | both texts are read; each item or member may be there |
//! | there, as a [`Meaning::Each`] | its text is read once; each item or member may be there, and more |
//! | across a bracket, a quote, half a token | nothing is known of the whole |
//!
//! [`Meaning::Either`]: super::Meaning::Either
//! [`Meaning::Each`]: super::Meaning::Each

mod string;
mod structure;
mod tape;
#[cfg(test)]
mod tests;

use super::{
    Item, Kind, List, Member, Object, Open, Part, PartKind, Presence, Shape, SymbolId, Symbols,
    Text, Value,
};
use crate::source::{JSON_DEPTH, JsonError, NodeKind, Origin, SourceMap, parse_json_text};
use tape::Tape;

/// Why a text is not read as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is no JSON, whatever its symbols stand for. The span lies in the file that the wrong letter came from.
    #[error(transparent)]
    Invalid(#[from] JsonError),
    /// What is not known decides on its structure, so that nothing is known of the whole.
    #[error("{reason}")]
    Unknown {
        /// Where it stands.
        at: Origin,
        /// Why, as a clause.
        reason: String,
        /// Its name, if it has one.
        symbol: Option<SymbolId>,
    },
}

/// What symbols stand for may be read many times over; more than this many bytes of it are too much.
const LARGEST: usize = 1 << 20;

/// Reads a text, which was written at `whole`, as one JSON value.
///
/// Each node, key and string has the place of its letters. Equal keys are kept in order.
///
/// # Errors
/// [`TextError`] where the text is no JSON, or where nothing of it is known for certain.
pub fn read(
    text: &Text,
    whole: &Origin,
    sources: &SourceMap,
    symbols: &mut Symbols,
) -> Result<Value, TextError> {
    let tape = Tape::new(text, whole);
    let mut run = Run {
        sources,
        symbols,
        left: LARGEST,
    };
    let mut reader = Reader {
        tape: &tape,
        run: &mut run,
        at: 0,
        hole: 0,
    };
    match reader.whole(0) {
        Ok(value) => Ok(value),
        Err(stop) => {
            let nearest = reader.hole.saturating_sub(1);
            Err(failure(&tape, stop, nearest, whole, &run))
        }
    }
}

/// What is shared by the readers of a text and of the texts that its symbols stand for.
struct Run<'w> {
    sources: &'w SourceMap,
    symbols: &'w mut Symbols,
    /// How much more may be read of what symbols stand for.
    left: usize,
}

/// Why reading cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Here is something else than JSON has here.
    Syntax,
    /// Nested too deeply.
    Deep,
    /// What symbols stand for is too much.
    Large,
}

fn failure(
    tape: &Tape<'_>,
    stop: Stop,
    nearest: usize,
    whole: &Origin,
    run: &Run<'_>,
) -> TextError {
    if let Some(error) = tape.certain_error(run.symbols, run.sources) {
        return TextError::Invalid(error);
    }
    let Some((_, part)) = tape.hole(nearest) else {
        return TextError::Invalid(JsonError {
            message: "the text cannot be read as JSON".to_owned(),
            span: whole.span(),
        });
    };
    let symbol = match &part.kind {
        PartKind::Symbol(id) => Some(*id),
        PartKind::Literal(_) | PartKind::Hole(_) => None,
    };
    let reason = match (stop, &part.kind) {
        (Stop::Deep, _) => format!("the JSON is nested deeper than {JSON_DEPTH} levels"),
        (Stop::Large, _) => "the JSON is too large with all that may stand in it".to_owned(),
        (Stop::Syntax, _) if part.sensitive => {
            "the structure of the JSON hangs on a sensitive value that is not known".to_owned()
        }
        (Stop::Syntax, PartKind::Hole(reason)) => {
            format!("the structure of the JSON is not known: {reason}")
        }
        (Stop::Syntax, _) => {
            let of = symbol.map(|id| run.symbols.get(id));
            let (name, reason) = of.map_or(("", ""), |it| (&it.name, &it.reason));
            format!("the structure of the JSON hangs on `{name}`: {reason}")
        }
    };
    TextError::Unknown {
        at: part.origin.clone(),
        reason,
        symbol,
    }
}

/// What stands at the cursor.
enum Next<'t> {
    Byte(u8),
    Hole(&'t Part),
    End,
}

/// What comes before the cursor among the items of an array or the members of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Item,
    Comma,
    /// Something of which it is not known whether it ends with a comma.
    Loose,
}

/// An array or object that is being read.
enum Into<'i> {
    Items(&'i mut List),
    Members(&'i mut Object, &'i mut bool),
}

struct Reader<'r, 'w> {
    tape: &'r Tape<'r>,
    run: &'r mut Run<'w>,
    /// The next byte.
    at: usize,
    /// The next symbol or hole, which comes before the byte at its offset.
    hole: usize,
}

impl<'r> Reader<'r, '_> {
    fn next(&self) -> Next<'r> {
        match self.tape.hole(self.hole) {
            Some((at, part)) if at == self.at => Next::Hole(part),
            _ => match self.tape.text.as_bytes().get(self.at) {
                Some(byte) => Next::Byte(*byte),
                None => Next::End,
            },
        }
    }

    /// The known text up to the next symbol or hole.
    fn stretch(&self) -> &'r str {
        let end = self
            .tape
            .hole(self.hole)
            .map_or(self.tape.text.len(), |it| it.0);
        self.tape.text.get(self.at..end).unwrap_or_default()
    }

    fn space(&mut self) {
        while let Next::Byte(b' ' | b'\t' | b'\n' | b'\r') = self.next() {
            self.at += 1;
        }
    }

    fn origin(&self, start: usize) -> Origin {
        self.tape.origin(start..self.at, self.run.sources)
    }

    /// The whole text as one value.
    fn whole(&mut self, depth: usize) -> Result<Value, Stop> {
        self.space();
        let value = self.value(depth)?;
        self.space();
        match self.next() {
            Next::End => Ok(value),
            Next::Byte(_) | Next::Hole(_) => Err(Stop::Syntax),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        if depth > JSON_DEPTH {
            return Err(Stop::Deep);
        }
        let start = self.at;
        match self.next() {
            Next::End => Err(Stop::Syntax),
            Next::Hole(part) => self.unknown_value(part, depth),
            Next::Byte(b'"') => {
                let (text, sensitive) = self.string()?;
                Ok(self.node(Kind::Text(text), start, sensitive))
            }
            Next::Byte(b'[') => {
                self.at += 1;
                let mut list = List::default();
                let into = &mut Into::Items(&mut list);
                self.fill(into, Before::Nothing, Some(b']'), depth)?;
                Ok(self.container(Kind::List(list), start))
            }
            Next::Byte(b'{') => {
                self.at += 1;
                let (mut object, mut secret) = (Object::default(), false);
                let into = &mut Into::Members(&mut object, &mut secret);
                self.fill(into, Before::Nothing, Some(b'}'), depth)?;
                let value = self.container(Kind::Object(object), start);
                // A key has no mark of its own.
                Ok(if secret {
                    value.into_sensitive()
                } else {
                    value
                })
            }
            Next::Byte(_) => self.token(),
        }
    }

    fn node(&self, kind: Kind, start: usize, sensitive: bool) -> Value {
        let mut value = Value::new(kind, self.origin(start));
        value.sensitive = sensitive;
        value
    }

    /// An array or object, which is sensitive where its bracket is; what is in it has marks of its own.
    fn container(&self, kind: Kind, start: usize) -> Value {
        let bracket = start..start + 1;
        self.node(kind, start, self.tape.is_sensitive(&bracket))
    }

    /// A number, `true`, `false` or `null`.
    fn token(&mut self) -> Result<Value, Stop> {
        let start = self.at;
        let stretch = self.stretch();
        let is_part = |byte: &u8| is_of_token(*byte);
        let length = stretch.bytes().take_while(|byte| is_part(byte)).count();
        let token = stretch.get(..length).unwrap_or_default();
        let node = parse_json_text(token, 0).map_err(|_| Stop::Syntax)?;
        let kind = match node.kind {
            NodeKind::Null => Kind::Null,
            NodeKind::Bool(it) => Kind::Bool(it),
            NodeKind::Number(it) => Kind::Number(it),
            NodeKind::String(_) | NodeKind::Array(_) | NodeKind::Object(_) => {
                return Err(Stop::Syntax);
            }
        };
        self.at += length;
        if matches!(self.next(), Next::Hole(_)) {
            // What follows may be the other half of the token.
            return Err(Stop::Syntax);
        }
        let sensitive = self.tape.is_sensitive(&(start..self.at));
        Ok(self.node(kind, start, sensitive))
    }

    /// The items or members up to the closing bracket, or to the end where there is none.
    fn fill(
        &mut self,
        into: &mut Into<'_>,
        before: Before,
        close: Option<u8>,
        depth: usize,
    ) -> Result<Before, Stop> {
        let mut before = before;
        loop {
            self.space();
            before = match self.next() {
                Next::End if close.is_none() => return Ok(before),
                Next::End => return Err(Stop::Syntax),
                Next::Hole(part) => self.among(into, part, before, depth)?,
                Next::Byte(byte) if Some(byte) == close => {
                    self.at += 1;
                    return match before {
                        Before::Comma => Err(Stop::Syntax),
                        _ => Ok(before),
                    };
                }
                Next::Byte(b',') if matches!(before, Before::Item | Before::Loose) => {
                    self.at += 1;
                    Before::Comma
                }
                Next::Byte(_) if before == Before::Item => return Err(Stop::Syntax),
                Next::Byte(_) => {
                    self.one(into, depth + 1)?;
                    Before::Item
                }
            };
        }
    }

    /// An item or a member.
    fn one(&mut self, into: &mut Into<'_>, depth: usize) -> Result<(), Stop> {
        match into {
            Into::Items(list) => {
                let value = self.value(depth)?;
                let presence = Presence::Present;
                list.items.push(Item { presence, value });
            }
            Into::Members(object, secret) => self.member(object, secret, depth)?,
        }
        Ok(())
    }

    fn member(&mut self, object: &mut Object, secret: &mut bool, depth: usize) -> Result<(), Stop> {
        let start = self.at;
        if !matches!(self.next(), Next::Byte(b'"')) {
            return Err(Stop::Syntax);
        }
        let (key, sensitive) = self.string()?;
        let key_origin = self.origin(start);
        *secret |= sensitive;
        self.space();
        if !matches!(self.next(), Next::Byte(b':')) {
            return Err(Stop::Syntax);
        }
        self.at += 1;
        self.space();
        let value = self.value(depth)?;
        let presence = Presence::Present;
        if let Some(key) = key.to_literal() {
            object.members.push(Member {
                key,
                key_origin,
                presence,
                value,
            });
            return Ok(());
        }
        let like = key.parts().iter().find_map(|part| match &part.kind {
            PartKind::Symbol(id) => Some(*id),
            PartKind::Literal(_) | PartKind::Hole(_) => None,
        });
        let reason = "an object key is not known";
        let symbol = self.run.symbols.another(like, reason, Shape::Rest);
        let origin = key_origin;
        self.run.open(&mut object.open, Open { symbol, origin });
        Ok(())
    }
}

/// True for the letters of numbers and words.
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}
