//! Bodies: attributes and blocks, and how to go on where one cannot be read.

use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use super::scan::{Extent, Trouble, extent};
use super::{Place, Read, expression, grammar};
use crate::hcl::parse::parse_expression;
use crate::hcl::syntax::{Attribute, Block, BlockBody, Body, Expr, Unreadable};
use crate::input::types;

/// What the top of a file may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Blocks: a configuration.
    Blocks,
    /// Attributes: the values of variables.
    Attributes,
}

/// Blocks inside each other, at most.
const DEEPEST: usize = 64;

/// How often a text may be gone over in vain.
const ROUNDS: usize = 4;

/// The blocks that begin a line of a file.
const TOP: &[&str] = &[
    "action",
    "check",
    "data",
    "ephemeral",
    "import",
    "list",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "run",
    "terraform",
    "variable",
];

/// Those of them that are no nested block of anything.
pub(super) const NEVER_INSIDE: &[&str] = &["module", "output", "resource", "variable"];

/// Reads a file.
pub(super) fn read(text: &Arc<str>, place: Place, content: Content) -> Read {
    let mut reader = Reader {
        text,
        place,
        at: 0,
        end: text.len(),
        attempts: text.len().saturating_mul(ROUNDS),
        unreadable: Vec::new(),
        late: false,
    };
    let body = reader.file(content);
    Read {
        body,
        unreadable: reader.unreadable,
    }
}

/// Reads a body from brace to brace that was passed before, its expressions when they are asked for.
pub(super) fn read_late(text: &Arc<str>, range: Range<usize>, place: Place) -> Body {
    let mut reader = Reader {
        text,
        place,
        at: range.start + 1,
        end: range.end,
        attempts: 0,
        unreadable: Vec::new(),
        late: true,
    };
    let mut body = Body::empty(place.origin(range));
    while let Ok(item @ (Item::Attribute(..) | Item::Block(_))) = reader.item(1) {
        reader.keep(item, &mut body);
    }
    body
}

struct Reader<'t> {
    text: &'t Arc<str>,
    place: Place,
    at: usize,
    /// Where the text ends, or the stretch of it that is looked at.
    end: usize,
    /// The bytes that may still be gone over in vain. A block that is not closed runs to the end of the file; after a few of them each ends
    /// at the next line that looks like the beginning of another.
    attempts: usize,
    unreadable: Vec<Unreadable>,
    /// True inside a body that was passed before: its expressions are read when they are asked for.
    late: bool,
}

/// One thing in a body.
enum Item {
    Attribute(String, Attribute),
    Block(Block),
    /// The body's closing brace, or the end of the text.
    End,
}

impl Reader<'_> {
    fn file(&mut self, content: Content) -> Body {
        let mut body = Body::empty(self.place.origin(0..self.text.len()));
        loop {
            self.end = self.text.len();
            self.space();
            let (from, noted) = (self.at, self.unreadable.len());
            if from >= self.end {
                return body;
            }
            if self.attempts == 0 {
                self.end = self.next_beginning(from, content);
            }
            match self.item(0) {
                Ok(Item::End) => {
                    self.note("this brace closes nothing", from..from + 1);
                    self.at = from + 1;
                }
                Ok(item) => self.keep(item, &mut body),
                Err(trouble) => {
                    // One word about what is left out as a whole.
                    self.unreadable.truncate(noted);
                    self.note(trouble.message, trouble.range);
                    self.at = self.next_beginning(from, content);
                    let vain = self.text.len() - from;
                    self.attempts = self.attempts.saturating_sub(vain);
                }
            }
        }
    }

    fn keep(&mut self, item: Item, body: &mut Body) {
        match item {
            Item::Attribute(name, attribute) => match body.attributes.entry(name) {
                Entry::Vacant(free) => {
                    free.insert(attribute);
                }
                Entry::Occupied(first) => self.unreadable.push(Unreadable {
                    message: format!("`{}` is set twice", first.key()),
                    origin: attribute.name_origin,
                    help: Some("remove one of them".to_owned()),
                }),
            },
            Item::Block(block) => body.blocks.push(block),
            Item::End => {}
        }
    }

    fn note(&mut self, message: impl Into<String>, range: Range<usize>) {
        self.unreadable.push(Unreadable {
            message: message.into(),
            origin: self.place.origin(range),
            help: None,
        });
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// Passes white space and comments; true where a newline was among them.
    fn space(&mut self) -> bool {
        let mut newline = false;
        loop {
            let rest = self.rest();
            let Some(first) = rest.chars().next() else {
                return true;
            };
            if first == '\n' {
                newline = true;
                self.at += 1;
            } else if matches!(first, ' ' | '\t' | '\r') {
                self.at += 1;
            } else if first == '#' || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(inside) = rest.strip_prefix("/*")
                && let Some(end) = inside.find("*/")
            {
                self.at += end + 4;
            } else {
                return newline;
            }
        }
    }

    /// Passes what may stand between the words of a line.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with([' ', '\t']) {
                self.at += 1;
            } else if let Some(inside) = rest.strip_prefix("/*")
                && let Some(end) = inside.find("*/")
            {
                self.at += end + 4;
            } else {
                return;
            }
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item, Trouble> {
        self.space();
        if self.rest().is_empty() || self.rest().starts_with('}') {
            return Ok(Item::End);
        }
        let from = self.at;
        // Terraform 0.11 let quoted names through in some maps; they are no harm.
        let Some(name) = self.word().or_else(|| self.label()) else {
            return Err(self.unexpected("the name of an attribute or a block"));
        };
        let name_range = from..self.at;
        self.blank();
        let rest = self.rest();
        if rest.starts_with('=') && !rest.starts_with("==") {
            self.at += 1;
            let attribute = self.attribute(name_range)?;
            return Ok(Item::Attribute(name, attribute));
        }
        self.block(name, from, depth).map(Item::Block)
    }

    fn attribute(&mut self, name: Range<usize>) -> Result<Attribute, Trouble> {
        let found = extent(self.stretch(), self.at, false)?;
        let end = found.range.end;
        let value = if self.late && !found.range.is_empty() {
            Expr::late(Arc::clone(self.text), found, self.place)
        } else {
            self.value(&found)
        };
        self.at = end.max(self.at);
        self.line_end()?;
        Ok(Attribute {
            name_origin: self.place.origin(name),
            value,
        })
    }

    fn value(&mut self, found: &Extent) -> Expr {
        match expression::read(self.text, found, self.place) {
            Ok(value) => value,
            Err(trouble) => {
                let origin = self.place.origin(found.range.clone());
                let value = Expr::broken(&trouble.message, origin);
                self.note(trouble.message, trouble.range);
                value
            }
        }
    }

    /// The text up to the end of the stretch that is looked at.
    fn stretch(&self) -> &str {
        self.text.get(..self.end).unwrap_or(self.text)
    }

    /// After an attribute or a block comes a newline, or the brace that closes a body.
    fn line_end(&mut self) -> Result<(), Trouble> {
        if self.space() || self.rest().starts_with('}') {
            return Ok(());
        }
        Err(self.unexpected("a newline"))
    }

    fn block(&mut self, kind: String, from: usize, depth: usize) -> Result<Block, Trouble> {
        let mut labels = Vec::new();
        let words = self.text.get(from..self.at).unwrap_or_default();
        let mut header = from..from + words.trim_end().len();
        loop {
            self.blank();
            if self.rest().starts_with('{') {
                break;
            }
            match self.word().or_else(|| self.label()) {
                Some(label) => labels.push(label),
                None if labels.is_empty() => {
                    return Err(self.unexpected("`=`, or `{` or a label of a block"));
                }
                None => return Err(self.unexpected("`{` or a label of a block")),
            }
            header.end = self.at;
        }
        let begins_line = self.text.get(..from).is_none_or(|it| it.ends_with('\n'));
        let top = NEVER_INSIDE.contains(&kind.as_str()) && !labels.is_empty();
        if depth > 0 && begins_line && top {
            let message = format!("`{kind}` inside another block: a `}}` is missing before it");
            return Err(Trouble::new(message, header));
        }
        if depth >= DEEPEST {
            let message = "blocks are nested too deeply to be read";
            return Err(Trouble::new(message, header));
        }
        let is_read = |kind: &String| types::is_read(kind) && !types::is_identity(kind);
        let waits = depth == 0
            && matches!(kind.as_str(), "resource" | "data")
            && !labels.first().is_some_and(is_read);
        let open = self.at;
        self.at += 1;
        let passed = waits.then(|| grammar::body(self.stretch(), self.at));
        let body = if let Some(end) = passed.flatten() {
            self.at = end;
            BlockBody::late(Arc::clone(self.text), open..end, self.place)
        } else {
            self.body(open, depth, &header)?.into()
        };
        self.line_end()?;
        Ok(Block {
            kind,
            labels,
            header: self.place.origin(header),
            body,
        })
    }

    /// The rest of a body behind its opening brace at `open`, with its closing one.
    fn body(&mut self, open: usize, depth: usize, header: &Range<usize>) -> Result<Body, Trouble> {
        let mut body = Body::empty(self.place.origin(open..open));
        loop {
            match self.item(depth + 1)? {
                Item::End if self.rest().is_empty() => {
                    return Err(Trouble::new("this block is not closed", header.clone()));
                }
                Item::End => break,
                item => self.keep(item, &mut body),
            }
        }
        self.at += 1;
        body.origin = self.place.origin(open..self.at);
        Ok(body)
    }

    /// A name.
    fn word(&mut self) -> Option<String> {
        let rest = self.rest();
        let begins = |letter: char| letter.is_alphabetic() || letter == '_';
        if !rest.starts_with(begins) {
            return None;
        }
        let goes_on = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
        let length = rest.find(|letter| !goes_on(letter)).unwrap_or(rest.len());
        let word = rest.get(..length)?.to_owned();
        self.at += length;
        Some(word)
    }

    /// A text in quotes on one line.
    fn label(&mut self) -> Option<String> {
        let inside = self.rest().strip_prefix('"')?;
        let mut escaped = false;
        let length = inside.find(|letter| {
            let ends = letter == '\n' || letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        let raw = inside.get(..length)?;
        let text = if raw.contains(['\\', '$', '%']) {
            let parsed = parse_expression(&format!("\"{raw}\"")).ok()?;
            match parsed {
                hcl_edit::expr::Expression::String(text) => text.into_value(),
                _ => return None,
            }
        } else {
            raw.to_owned()
        };
        if !inside.get(length..)?.starts_with('"') {
            return None;
        }
        self.at += length + 2;
        Some(text)
    }

    fn unexpected(&self, wanted: &str) -> Trouble {
        let found = self.rest().chars().next();
        let message = match found {
            Some('\n' | '\r') => format!("expected {wanted}, found the end of the line"),
            Some(letter) => format!("expected {wanted}, found `{}`", letter.escape_debug()),
            None => format!("expected {wanted}, found the end of the file"),
        };
        let width = found.map_or(0, char::len_utf8);
        Trouble::new(message, self.at..self.at + width)
    }

    /// The start of the next line after `from` that looks like the beginning of something at the top of a file.
    fn next_beginning(&self, from: usize, content: Content) -> usize {
        let mut at = from;
        while let Some(line) = self.text.get(at..).and_then(|rest| rest.find('\n')) {
            at += line + 1;
            let line = self.text.get(at..).unwrap_or_default();
            if begins(line, content) {
                return at;
            }
        }
        self.text.len()
    }
}

/// True where a line begins a block of [`TOP`], or an attribute where the file holds those.
fn begins(line: &str, content: Content) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    let length = line.find(|letter| !word(letter)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(length).unwrap_or_default();
    let rest = rest.trim_start_matches([' ', '\t']);
    if content == Content::Attributes {
        return !name.is_empty() && rest.starts_with('=') && !rest.starts_with("==");
    }
    TOP.contains(&name) && rest.starts_with(['"', '{'])
}
